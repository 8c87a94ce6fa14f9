"""Contradictions, losses, selected rows, and periods that are left out, in small exports made by hand."""

import datetime as dt

import numpy as np
import pytest

from simclinic.calibration import ExportError, Options
from simclinic.calibration.calibrate import learn
from simclinic.calibration.codes import COMPLETED, NO_SHOW
from simclinic.calibration.courses import State
from simclinic.calibration.interpretation import interpret
from simclinic.calibration.periods import Periods, parse_period
from simclinic.calibration.rates import fit_growth
from simclinic.scenario import baseline
from tests.calibration.clinic import export, rows


def interpretation(tmp_path, text, **options):
    path = tmp_path / "visits.csv"
    path.write_text(text)
    return interpret(path, Options(**options))


def oddities(interpreted):
    return {finding.what: finding.count for finding in interpreted.quality.notes}


# -- contradictions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("completed", "no-show", 0),
        ("no-show", "completed", 0),
        ("cancelled", "completed", 0),
        ("cancelled", "no-show", 1),
    ],
)
def test_what_happened_counts(tmp_path, first, second, counts):
    text = f"patient,start,status\nann,2026-01-05 09:00,{first}\nann,2026-01-05 09:00,{second}\n"
    message = interpretation(tmp_path, text + "ben,2026-01-06 09:00,completed\n")
    assert message.visits.status[message.visits.patient == 0].tolist() == [counts]
    assert oddities(message)["appointments with two outcomes (same patient and time)"] == 1


def test_missed_at_nine_and_seen_at_eleven_are_two(tmp_path):
    text = "patient,start,status\nann,2026-01-05 09:00,no-show\nann,2026-01-05 11:00,completed\n"
    message = interpretation(tmp_path, text)
    assert message.visits.status.tolist() == [NO_SHOW, COMPLETED]
    assert oddities(message) == {}


def hundred(time):
    """Make a hundred completed visits, five of each patient."""
    return [f"p{n % 20},2026-{1 + n // 20:02d}-{5 + n % 20:02d}{time},completed" for n in range(100)]


def test_without_times_they_may_be_two(tmp_path):
    visits = [
        f"p{number % 20},2026-{1 + number // 20:02d}-{5 + number % 20:02d},completed" for number in range(100)
    ]
    missed = [line.replace("completed", "no-show") for line in visits[:10]]
    message = interpretation(tmp_path, "\n".join(["patient,date,status", *visits, *missed]) + "\n")
    assert (message.visits.status == NO_SHOW).sum() == 10
    assert oddities(message) == {"missed appointments on the day of a visit, without a time": 10}
    (warning,) = message.quality.warnings
    assert "no-shows are 9.1 % with them, and 0.0 % without" in warning
    one = interpretation(tmp_path, "\n".join(["patient,date,status", *visits, missed[0]]) + "\n")
    assert one.quality.warnings == []


def test_many_contradictions_are_weighed(tmp_path):
    visits = [
        f"p{number % 20},2026-{1 + number // 20:02d}-{5 + number % 20:02d} 09:00,completed"
        for number in range(100)
    ]
    missed = [line.replace("completed", "no-show") for line in visits[:10]]
    message = interpretation(tmp_path, "\n".join(["patient,start,status", *visits, *missed]) + "\n")
    assert (message.visits.status == NO_SHOW).sum() == 0
    (warning,) = message.quality.warnings
    assert "10 of 100 appointments occur with two outcomes" in warning
    assert "no-shows are 0.0 % by this rule, and would be 9.1 % if every row counted" in warning


def test_a_length_is_kept_wherever_it_stands(tmp_path):
    text = (
        "patient,start,status,Check In,Check Out\n"
        "ann,2026-01-05 09:00,completed,,\n"
        "ann,2026-01-05 09:00,completed,09:00,10:40\n"
    )
    assert interpretation(tmp_path, text).visits.minutes.tolist() == [100.0]


# -- lengths -------------------------------------------------------------------------------------------------


def test_a_start_tells_more_than_an_arrival(tmp_path):
    """The appointment is at nine, arrival at 8:40, the start at 9:20, departure at 11."""
    text = "patient,date,status,Arrived,Infusion Start,Departed\nann,2026-01-05 09:00,completed,08:40,09:20,11:00\n"
    assert interpretation(tmp_path, text).visits.minutes.tolist() == [100.0]
    without = text.replace("09:20", "")
    assert interpretation(tmp_path, without).visits.minutes.tolist() == [120.0]


def test_an_end_alone_counts_from_the_appointment(tmp_path):
    text = "patient,start,status,Check Out\nann,2026-01-05 09:00,completed,10:40\n"
    assert interpretation(tmp_path, text).visits.minutes.tolist() == [100.0]


def timed(minutes, known=1.0):
    """Make visits of these lengths, a share of them with times."""
    lines = ["patient,start,status,Check In,Check Out"]
    for number, length in enumerate(minutes):
        end = 540 + length
        times = f"09:00,{end // 60:02d}:{end % 60:02d}" if number < known * len(minutes) else ","
        day = f"2026-{1 + number // 20:02d}-{5 + number % 20:02d}"
        lines.append(f"p{number % 20},{day} 09:00,completed,{times}")
    return "\n".join(lines) + "\n"


def test_a_visit_that_was_left_open_is_none(tmp_path):
    lengths = [90 + number % 21 for number in range(60)] + [400]
    message = interpretation(tmp_path, timed(lengths))
    assert oddities(message) == {"visits more than 3 times as long as usual: left open": 1}
    assert np.nanmax(message.visits.minutes) == 110


def test_lengths_that_are_known_of_few_are_told(tmp_path):
    lengths = [90 + number % 21 for number in range(60)]
    (warning,) = interpretation(tmp_path, timed(lengths, known=0.4)).quality.warnings
    assert "known for only 24 of 60 visits (40 %)" in warning
    assert interpretation(tmp_path, timed(lengths, known=0.6)).quality.warnings == []


def test_planned_times_are_told(tmp_path):
    lengths = [90] * 30 + [91 + number for number in range(30)]
    (warning,) = interpretation(tmp_path, timed(lengths)).quality.warnings
    assert "50 % of the visits last exactly 90 minutes" in warning


# -- losses --------------------------------------------------------------------------------------------------


def losing(share, row):
    """Write a hundred rows, a share of them of another kind."""
    lines = [
        f"p{n % 20},2026-{1 + n // 20:02d}-{5 + n % 20:02d},completed,infusion" for n in range(100 - share)
    ]
    return "\n".join(["patient,date,status,kind", *lines, *(row.format(n) for n in range(share))]) + "\n"


@pytest.mark.parametrize(
    ("row", "message", "effect"),
    [
        (
            "p{},soon,completed,infusion",
            "rows without a valid date",
            "new patients, visits and boosters are too low",
        ),
        (
            ",2026-01-20,completed,infusion",
            "rows without a patient",
            "new patients, visits and boosters are too low",
        ),
        (
            "p{},2026-01-20,other,infusion",
            "status to be ignored",
            "where they were missed, so are the shares",
        ),
        ("p{},2026-01-20,completed,phone call", "neither an infusion nor a consult", "capacity is too large"),
    ],
)
def test_a_loss_is_weighed(tmp_path, row, message, effect):
    options = {"statuses": {"other": "ignore"}}
    heavy = interpretation(tmp_path, losing(8, row), **options)
    (heading,) = heavy.quality.heading
    assert message in heading
    assert "8 of 100 (8 %) rows, which do not count" in heading
    assert effect in heading
    light = interpretation(tmp_path, losing(4, row), **options)
    assert light.quality.heading == []
    assert [loss.rows for loss in light.quality.losses] == [4]


def test_rows_that_do_not_fit_are_a_loss(tmp_path):
    text = losing(0, "") + "".join(f"p{n},2026-01-20,completed,infusion,x\n" for n in range(8))
    (heading,) = interpretation(tmp_path, text).quality.heading
    assert "8 of 108 (7 %) rows" in heading


def test_the_heaviest_loss_comes_first(tmp_path):
    text = losing(8, "p{},soon,completed,infusion") + "".join(
        f"r{n},2026-01-20,other,infusion\n" for n in range(30)
    )
    first, second = interpretation(tmp_path, text, statuses={"other": "ignore"}).quality.heading
    assert "status to be ignored" in first
    assert "without a valid date" in second


# -- only ----------------------------------------------------------------------------------------------------

PLACES = (
    "patient,date,status,Location,Type\n"
    "ann,2026-01-05,completed,North,IV\n"
    "ben,2026-01-06,completed,South,IV\n"
    "cleo,2026-01-07,whatever,South,yoga\n"
    "dan,2026-01-04,no-show,West,IV\n"
)


def test_rows_of_one_place(tmp_path):
    """Words in other rows raise no question."""
    message = interpretation(tmp_path, PLACES, only=[("location", "north"), ("Location", "w*")])
    assert message.visits.status.tolist() == [COMPLETED, NO_SHOW]
    assert "only 2 of 4 rows count, those with 'Location' = north or w*" in message.quality.heading[0]
    both = interpretation(tmp_path, PLACES, only=[("Location", "South"), ("Type", "IV")])
    assert both.visits.line.tolist() == [3]


def test_a_place_that_is_not_there(tmp_path):
    with pytest.raises(ExportError) as error:
        interpretation(
            tmp_path, PLACES, only=[("Location", "Norht"), ("Lokation", "North"), ("patient", "an")]
        )
    message = str(error.value)
    assert "there are 'South' (2), 'North' (1), 'West' (1). Did you mean 'North'?" in message
    assert "there is no column 'Lokation'" in message
    assert "it has 4 different values" in message
    assert "ann" not in message
    with pytest.raises(ExportError, match="no row has"):
        interpretation(tmp_path, PLACES, only=[("Location", "North"), ("Type", "yoga")])


# -- periods that are left out -------------------------------------------------------------------------------


def test_periods():
    first, second = parse_period("2025-03-01/2025-03-10"), parse_period("2025-03-11/2025-03-12")
    periods = Periods.of([second, first])
    begin = dt.date(2025, 3, 1).toordinal()
    assert periods.spans == ((begin, begin + 11),)
    assert periods.next_begin(begin - 1, begin) == begin
    assert periods.next_begin(begin, begin + 30) is None
    assert periods.days_within(begin - 10, begin + 3) == 4
    assert periods.touched(begin - 7, 4).tolist() == [False, True, True, False]
    assert periods.before(begin + 5).spans == ((begin, begin + 4),)
    for wrong in ("2025-03-01", "2025-03-01/2025-02-01", "March/April"):
        if wrong == "2025-03-01":
            assert parse_period(wrong)[0] == parse_period(wrong)[1]
        else:
            with pytest.raises(ValueError, match=r"is not a period|ends before"):
                parse_period(wrong)


def test_weeks_left_out_are_no_weeks_without_starts():
    """Twelve weeks of four starts with four empty ones between them: four a week, and no trend."""
    counts = np.array([4] * 6 + [0] * 4 + [4] * 6)
    counted = counts > 0
    assert fit_growth(counts).per_week == pytest.approx(3.0)
    left_out = fit_growth(counts, counted)
    assert (left_out.per_week, left_out.weeks) == (pytest.approx(4.0), 12)
    assert fit_growth(counts[counted]).high == pytest.approx(left_out.high)
    # The trend is over the calendar, including the weeks left out.
    rising = np.round(10 * np.exp(np.arange(32) / 20)).astype(np.int64)
    sparse = np.ones(32, dtype=bool)
    sparse[10:20] = False
    assert fit_growth(rising, sparse).growth == pytest.approx(fit_growth(rising).growth, rel=0.1)


CLOSED = (dt.date(2025, 3, 3), dt.date(2025, 5, 11))


@pytest.fixture(scope="module")
def clinic():
    """Make two years of four new patients a week."""
    return rows(104, 4.0, seed=3)


def calibrated(tmp_path, made, **options):
    interpreted = interpretation(tmp_path, export(made), whole_history=True, **options)
    return learn(interpreted, baseline(), Options(whole_history=True, **options))


def without(made):
    """Remove the rows of the closed weeks."""
    first, last = (day.toordinal() for day in CLOSED)
    return [row for row in made if not first <= row[1] <= last]


def value(calibration, name):
    (result,) = (each for each in calibration.findings.estimates if each.parameter == name)
    return result.estimate


RETURNS = ("return_share after a series", "median days to return after a series")


def test_a_closed_period_is_neither_demand_nor_absence(tmp_path, clinic):
    """With the period left out, starts and returns equal those of the whole history, apart from chance."""
    whole = calibrated(tmp_path, clinic)
    silent = calibrated(tmp_path, without(clinic))
    left_out = calibrated(tmp_path, clinic, leave_out=[CLOSED])
    rate = "demand.referrals_per_week"
    assert value(silent, rate) < value(whole, rate)
    assert value(left_out, rate) == pytest.approx(value(whole, rate), rel=0.04)
    for name in RETURNS:
        (known,) = (each for each in whole.findings.estimates if each.parameter == name)
        assert known.low < value(left_out, name) < known.high
    # A patient who started in the period is not new after it.
    assert {course.patient for course in left_out.courses.cohort} <= {
        each.patient for each in whole.courses.cohort
    }
    # No patient drops out because the clinic closed.
    assert value(whole, "response.drop_out.1") == 0.0
    assert value(left_out, "response.drop_out.1") == 0.0
    assert value(silent, "response.drop_out.3") > 0.0 or any(
        course.state is State.CAME_BACK for course in silent.courses.all
    )
    assert any(course.state is State.CUT for course in left_out.courses.all)


def test_a_long_gap_is_told_with_the_option(tmp_path, clinic):
    message = calibrated(tmp_path, without(clinic)).findings.warnings
    (warning,) = (each for each in message if "there is no visit from" in each)
    first, last = CLOSED
    # The weekend before has no visits either.
    assert f"--leave-out {first - dt.timedelta(days=2)}/{last}" in warning
    options = calibrated(tmp_path, without(clinic), leave_out=[CLOSED]).findings.warnings
    assert not [each for each in options if "there is no visit from" in each]


def test_absence_does_not_count_while_closed(tmp_path):
    """A patient seen last before the period is away only for the open days."""
    made = [("old", 738000 + 7 * week, "booster") for week in range(3)]
    made += [(f"p{week}", 738000 + 7 * week, "induction") for week in range(80)]
    closed = (dt.date.fromordinal(738100), dt.date.fromordinal(738400))
    alone = [row for row in made if not 738100 <= row[1] <= 738400]
    follow_up = "not seen for more than 365 days"
    assert follow_up in calibrated(tmp_path, alone).panel.left_out
    assert follow_up not in calibrated(tmp_path, alone, leave_out=[closed]).panel.left_out
