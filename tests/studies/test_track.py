"""A forecast against what came: hand-made futures and exports, and chances that follow from theory."""

import copy
import csv
import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from simclinic.calibration import Options
from simclinic.calibration.interpretation import interpret
from simclinic.calibration.what_came import WhatCame, clinic_before, what_came
from simclinic.cli.calibrate import command
from simclinic.cli.export_options import calibration_options
from simclinic.errors import SimclinicError
from simclinic.report.text.track import cells
from simclinic.scenario import baseline, load, replace
from simclinic.studies.chance_misses import in_a_row, quantiles, runs, side, sides_by_chance
from simclinic.studies.track import StoredForecast, held_against, track

MONDAY = dt.date(2026, 1, 5)
WEEKS = 13
"""Four weeks begin in January, four in February, five in March."""


# -- chance --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("band", [0.8, 0.9])
def test_a_future_is_held_against_all_others(band):
    rng = np.random.default_rng(1)
    futures = rng.poisson(8.0, size=(41, 3)).astype(float)
    futures[5, 1] = futures[9, 1] = np.nan
    expected = np.zeros(futures.shape)
    for month in range(3):
        for future in range(41):
            value = futures[future, month]
            if not np.isnan(value):
                others = np.delete(futures[:, month], future)
                low, high = np.nanquantile(others, quantiles(band))
                expected[future, month] = side(value, low, high)
    assert (sides_by_chance(futures, band) == expected).all()
    assert np.abs(expected).sum() > 10


def test_a_fifth_of_right_forecasts_lies_outside_and_two_in_a_row_are_as_frequent_as_theory_says():
    # Continuous and independent: each month is above with 0.1 and below with 0.1. The chance of no two in a row on
    # one side follows from a chain with the states inside, above, below.
    months, n = 6, 4000
    futures = np.random.default_rng(2).standard_normal((n, months))
    sides = sides_by_chance(futures, 0.8)
    assert np.abs(sides).mean() == pytest.approx(0.2, abs=4 * np.sqrt(0.2 * 0.8 / (n * months)))
    state = np.array([0.8, 0.1, 0.1])
    for _ in range(months - 1):
        state = np.array([0.8 * state.sum(), 0.1 * (state[0] + state[2]), 0.1 * (state[0] + state[1])])
    theory = 1.0 - state.sum()
    assert 0.08 < theory < 0.1
    assert in_a_row(sides).mean() == pytest.approx(theory, abs=4 * np.sqrt(theory * (1 - theory) / n))


def test_an_edge_of_the_band_lies_inside():
    assert [side(value, 2.0, 5.0) for value in (1.9, 2.0, 3.0, 5.0, 5.1)] == [-1, 0, 0, 0, 1]


def test_only_the_same_side_counts_as_in_a_row():
    sides = np.array([[1, 1, 0], [1, -1, 1], [0, -1, -1], [1, 0, 1], [-1, -1, -1]], dtype=np.int8)
    assert in_a_row(sides).tolist() == [True, False, True, False, True]
    assert in_a_row(sides, 3).tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("sides", "found"),
    [
        ([1, 1, 0, -1, -1, -1], [(0, 1), (3, 5)]),
        ([1, -1, 1, 0], []),
        ([0, 1, 1, -1], [(1, 2)]),
        ([0, 0, 0], []),
        ([1], []),
    ],
)
def test_runs_are_the_longest_stretches_on_one_side(sides, found):
    assert runs(sides) == found


# -- months --------------------------------------------------------------------------------------------------


def forecast_of(futures, scenario=None, **columns):
    """A stored forecast with the same number a week in all figures, from a list of futures' numbers a week."""
    scenario = scenario or baseline()
    weekly = np.repeat(np.array(futures, dtype=float)[:, None], WEEKS, axis=1)
    document = {
        "horizon": {"start": MONDAY.isoformat(), "weeks": WEEKS, "warm_up_weeks": 0},
        "uncertain": ["x"],
    }
    values = {
        "series_started": weekly,
        "boosters": weekly,
        "referral_days": 5 * weekly,
        "new_started": weekly,
    }
    return StoredForecast(Path("results"), document, "law", Path("scenario.toml"), scenario, values | columns)


def came_of(begun, boosters=None, *, weeks=WEEKS, **other):
    none = np.zeros(WEEKS, dtype=bool)
    ordinal = MONDAY.toordinal()
    return WhatCame(
        **{
            "begun": np.array(begun),
            "boosters": np.array(begun if boosters is None else boosters),
            "referral_days": 5.0 * np.array(begun),
            "referred": np.array(begun),
            "before": none,
            "after": np.arange(WEEKS) >= weeks,
            "left_out": none,
            "since": ordinal - 400,
            "first": ordinal - 500,
            "until": ordinal + 7 * weeks,
            "has_referrals": True,
        }
        | other
    )


FUTURES = [*range(1, 102)]
"""A week has 11 to 91 in eight of ten futures: exactly the tenth and the ninetieth percentile."""


def figures(came, forecast=None, *, has_kind=True, band=0.8):
    months, shown, chance = held_against(forecast or forecast_of(FUTURES), came, has_kind=has_kind, band=band)
    return months, {each["name"]: each for each in shown}, chance


def test_a_month_holds_the_weeks_that_begin_in_it_and_adds_them_up():
    months, shown, _ = figures(came_of([1, 2, 3, 4, *[0] * 4, *[1] * 5]))
    assert [(each["month"], each["weeks"], each["start"], each["end"]) for each in months] == [
        ("2026-01", 4, "2026-01-05", "2026-02-01"),
        ("2026-02", 4, "2026-02-02", "2026-03-01"),
        ("2026-03", 5, "2026-03-02", "2026-04-05"),
    ]
    new = shown["new_patients"]["months"]
    assert [each["came"] for each in new] == [10, 0, 5]
    assert [(each["low"], each["middle"], each["high"]) for each in new] == [
        (4 * 11, 4 * 51, 4 * 91),
        (4 * 11, 4 * 51, 4 * 91),
        (5 * 11, 5 * 51, 5 * 91),
    ]
    # 90 %: the 5th and the 95th percentile
    _, wider, _ = figures(came_of([50] * WEEKS), band=0.9)
    assert (wider["boosters"]["months"][0]["low"], wider["boosters"]["months"][0]["high"]) == (4 * 6, 4 * 96)


def test_two_months_in_a_row_on_one_side_are_found_for_the_figure_that_has_them():
    above, inside = [92] * WEEKS, [91] * WEEKS
    _, shown, chance = figures(came_of(above, inside))
    assert shown["boosters"]["in_a_row"] == []
    [run] = shown["new_patients"]["in_a_row"]
    assert (run["side"], run["months"]) == ("above", ["2026-01", "2026-02", "2026-03"])
    assert (shown["new_patients"]["outside"], shown["new_patients"]["judged"]) == (3, 3)
    assert shown["new_patients"]["total"]["place"] == "above"
    # A future is constant, so it is outside in all months or in none. Held against the others alone, the one on the
    # edge of the band is outside, too: the eleven highest and the eleven lowest.
    assert run["chance"] == shown["new_patients"]["chance"] == pytest.approx(22 / 101)
    assert shown["new_patients"]["expected_outside"] == pytest.approx(3 * 22 / 101)
    # The three figures agree in each future, so that any of them is no more frequent than one.
    assert chance == pytest.approx(22 / 101)


def test_a_month_that_is_not_judged_interrupts_a_row():
    gap = np.zeros(WEEKS, dtype=bool)
    gap[5] = True  # in February
    months, shown, _ = figures(came_of([92] * WEEKS, left_out=gap))
    new = shown["new_patients"]
    assert [each["place"] for each in new["months"]] == ["above", None, "above"]
    assert months[1]["why"] == "a part of it is left out (--leave-out)"
    assert (new["in_a_row"], new["chance"], new["months"][1]["came"]) == ([], 0.0, None)


def test_months_on_opposite_sides_are_no_row():
    _, shown, _ = figures(came_of([*[92] * 4, *[10] * 4, *[92] * 5]))
    assert [each["place"] for each in shown["boosters"]["months"]] == ["above", "below", "above"]
    assert shown["boosters"]["in_a_row"] == []


@pytest.mark.parametrize(("weeks", "judged"), [(3, 0), (4, 1), (7, 1), (8, 2), (12, 2), (13, 3)])
def test_a_month_that_the_export_covers_in_part_is_named_and_not_judged(weeks, judged):
    months, shown, chance = figures(came_of([92] * WEEKS, weeks=weeks))
    assert [each["why"] is None for each in months] == [number < judged for number in range(3)]
    assert shown["boosters"]["judged"] == judged
    assert (chance is None) == (judged == 0)
    last = dt.date(2026, 1, 4) + dt.timedelta(weeks=weeks)
    assert all(each["why"] == f"the export ends on {last}" for each in months[judged:])
    assert all(each["came"] is None for each in shown["boosters"]["months"][judged:])


def test_new_patients_cannot_be_told_from_earlier_ones_where_the_export_begins_late():
    late = came_of([92] * WEEKS, since=MONDAY.toordinal() + 1)
    for has_kind, boosters in ((True, 3), (False, 2)):
        _, shown, _ = figures(late, has_kind=has_kind)
        assert shown["new_patients"]["judged"] == 2
        assert shown["boosters"]["judged"] == boosters
    assert "before 2026-01-06" in shown["new_patients"]["months"][0]["why"]
    _, shown, _ = figures(came_of([92] * WEEKS, since=MONDAY.toordinal()), has_kind=False)
    assert (shown["new_patients"]["judged"], shown["boosters"]["judged"]) == (3, 3)


def test_access_is_a_mean_over_patients_and_not_over_weeks():
    days, patients = np.zeros(WEEKS), np.zeros(WEEKS, dtype=int)
    days[:2], patients[:2] = (10, 2), (1, 9)
    _, shown, _ = figures(came_of([50] * WEEKS, referral_days=days, referred=patients))
    access = shown["access_days"]["months"]
    assert (access[0]["came"], access[0]["n"], access[0]["middle"]) == (12 / 10, 10, 5.0)
    assert (access[0]["place"], access[1]["came"], access[1]["place"]) == ("below", None, None)
    assert access[1]["why"] == "no patient referred since the forecast began started in it"


def test_access_is_missing_or_not_judged_where_it_cannot_be_compared():
    _, shown, _ = figures(came_of([50] * WEEKS, has_referrals=False))
    assert "--column referred_on=HEADING" in shown["access_days"]["missing"]
    assert (shown["access_days"]["judged"], shown["boosters"]["judged"]) == (0, 3)
    neutral = replace(baseline(), intake={"days_to_consult": 0, "days_to_decide": 0})
    _, shown, _ = figures(came_of([50] * WEEKS), forecast_of(FUTURES, neutral))
    assert shown["access_days"]["judged"] == 0
    assert shown["access_days"]["months"][0]["came"] == 5.0
    assert "intake.days_to_consult" in shown["access_days"]["months"][0]["why"]
    older = forecast_of(FUTURES)
    del older.futures["new_started"]
    _, shown, _ = figures(came_of([50] * WEEKS), older)
    assert "earlier version" in shown["access_days"]["missing"]


def wide():
    return load(Path(__file__).parents[2] / "scenarios" / "iv-and-esketamine.toml")


def test_each_type_of_visit_is_compared_by_itself():
    """All new patients together are as forecast: too few with infusions, and too many with esketamine."""
    weekly = np.repeat(np.array(FUTURES, dtype=float)[:, None], WEEKS, axis=1)
    kinds = {
        f"{column}:{kind}": weekly
        for column in ("series_started", "infusions")
        for kind in ("infusion", "esketamine")
    }
    came = came_of(
        [50] * WEEKS,
        begun_of={"infusion": np.full(WEEKS, 5), "esketamine": np.full(WEEKS, 95)},
        given_of={"infusion": np.full(WEEKS, 50), "esketamine": np.full(WEEKS, 95)},
    )
    _, shown, _ = figures(came, forecast_of(FUTURES, wide(), **kinds))
    sides = {name: {each["place"] for each in figure["months"]} for name, figure in shown.items()}
    assert sides["new_patients"] == sides["boosters"] == sides["visits:infusion"] == {"inside"}
    assert sides["new_patients:infusion"] == {"below"}
    assert sides["new_patients:esketamine"] == sides["visits:esketamine"] == {"above"}
    assert shown["boosters"]["unit"] == "visits"
    assert shown["visits:esketamine"]["settings"] == ["protocols.esketamine"]
    # Before new patients are certain, visits are known; without a column of kinds, neither is.
    late = dataclasses.replace(came, since=MONDAY.toordinal() + 400)
    _, shown, _ = figures(late, forecast_of(FUTURES, wide(), **kinds))
    assert (shown["new_patients:infusion"]["judged"], shown["visits:infusion"]["judged"]) == (0, 3)
    _, shown, _ = figures(came, forecast_of(FUTURES, wide(), **kinds), has_kind=False)
    assert "--column kind=HEADING" in shown["visits:infusion"]["missing"]


def test_of_a_type_three_months_in_a_row_count():
    """Visits of esketamine lie above in two months, and then in three."""
    weekly = np.repeat(np.array(FUTURES, dtype=float)[:, None], WEEKS, axis=1)
    kinds = {
        f"{column}:{kind}": weekly
        for column in ("series_started", "infusions")
        for kind in ("infusion", "esketamine")
    }
    usual = {"infusion": np.full(WEEKS, 50), "esketamine": np.full(WEEKS, 50)}
    for weeks, found in ((8, []), (WEEKS, [3])):
        given = {**usual, "esketamine": np.where(np.arange(WEEKS) < weeks, 95, 50)}
        came = came_of([50] * WEEKS, begun_of=usual, given_of=given)
        _, shown, chance = figures(came, forecast_of(FUTURES, wide(), **kinds))
        rows = shown["visits:esketamine"]["in_a_row"]
        assert [len(each["months"]) for each in rows] == found
    # A future that is outside is so in all its weeks: every second month in a row is a third, too.
    assert shown["visits:esketamine"]["chance"] == shown["boosters"]["chance"] == chance


def test_with_one_type_of_visit_nothing_is_compared_by_type():
    _, shown, _ = figures(came_of([50] * WEEKS))
    assert list(shown) == ["new_patients", "boosters", "access_days"]
    consults = load(Path(__file__).parents[2] / "scenarios" / "consult-days.toml")
    _, shown, _ = figures(came_of([50] * WEEKS), forecast_of(FUTURES, consults))
    assert list(shown) == [
        "new_patients",
        "boosters",
        "access_days",
        "consults:consult",
        "conversion:consult",
    ]
    assert shown["access_days"]["label"] == "days from referral to first visit"
    assert shown["access_days"]["judged"] == 3


def test_consults_and_how_many_begin_after_them_are_compared():
    """As many come to a consult as in the middle future, where half of them begin; but four in five begin."""
    consults = load(Path(__file__).parents[2] / "scenarios" / "consult-days.toml")
    weekly = np.repeat(np.array(FUTURES, dtype=float)[:, None], WEEKS, axis=1)
    half = (
        np.full(weekly.shape, 50.0) + np.arange(-50, 51)[:, None] / 10
    )  # begin, of 100 at a consult: 45 to 55
    forecast = forecast_of(FUTURES, consults, consults=np.full(weekly.shape, 100.0), series_started=half)
    came = came_of([80] * WEEKS, consults=np.full(WEEKS, 100))
    _, shown, _ = figures(came, forecast)
    assert [each["place"] for each in shown["consults:consult"]["months"]] == ["inside"] * 3
    rows = shown["conversion:consult"]
    assert [(each["came"], each["n"], each["place"]) for each in rows["months"]] == [
        (0.8, 400, "above"),
        (0.8, 400, "above"),
        (0.8, 500, "above"),
    ]
    assert rows["months"][0]["middle"] == pytest.approx(0.5)
    assert cells(rows, rows["months"][0])[:3] == ("80 %", "50 %", "46–54 %")
    assert rows["settings"] == ["intake.accepts"]
    assert [len(each["months"]) for each in rows["in_a_row"]] == [3]
    # An export without consults shows neither, and says so; one that begins late cannot tell new patients.
    _, shown, _ = figures(came_of([80] * WEEKS), forecast)
    for name in ("consults:consult", "conversion:consult"):
        assert "has no consults (--kind NAME=consult" in shown[name]["missing"]
    late = dataclasses.replace(came, since=MONDAY.toordinal() + 400)
    assert figures(late, forecast)[1]["consults:consult"]["judged"] == 0


def test_no_days_before_the_consult_were_learnt():
    learnt = replace(
        baseline(),
        intake={"days_to_consult": 0},
        calibrated={"as_of": MONDAY, "patients": 1, "boosters_per_week": 1.0},
    )
    _, shown, _ = figures(came_of([50] * WEEKS), forecast_of(FUTURES, learnt))
    assert shown["access_days"]["judged"] == 0
    assert "as calibrate writes it" in shown["access_days"]["months"][0]["why"]


# -- exports -------------------------------------------------------------------------------------------------


def write(path, rows, columns=("patient", "date", "status", "kind")):
    with path.open("w", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(columns)
        sheet.writerows(rows)
    return path


def on(weeks, day=0):
    return (MONDAY + dt.timedelta(weeks=weeks, days=day)).isoformat()


def course(patient, weeks, *boosters, **referred):
    """A series of two infusions in a week, and boosters."""
    visits = [(weeks, 0, "induction"), (weeks, 3, "induction"), *((week, 1, "booster") for week in boosters)]
    return [[patient, on(week, day), "completed", kind, *referred.values()] for week, day, kind in visits]


def test_what_came_is_counted_by_weeks_of_the_forecast(tmp_path):
    rows = [
        *course("ann", -40, -3, 0, 6),
        *course("bob", 0, 5, 6),
        *course("cleo", 1),
        *course("dan", 1),
        *course("eve", 6),
        ["eve", on(9), "completed", "booster"],
        *([f"old{n}", on(week, n), "completed", "booster"] for n in range(3) for week in range(-40, 9)),
    ]
    options = Options(whole_history=True, as_of=MONDAY + dt.timedelta(weeks=9, days=1))
    export = interpret(write(tmp_path / "visits.csv", rows), options)
    came = what_came(export, options, baseline(), MONDAY.toordinal(), 13)
    assert came.begun.tolist() == [1, 2, 0, 0, 0, 0, 1, *[0] * 6]
    assert came.boosters.tolist() == [4, 3, 3, 3, 3, 4, 5, 3, 3, 1, 0, 0, 0]
    assert came.before.tolist() == [False] * 13
    assert came.after.tolist() == [False] * 9 + [True] * 4
    assert not came.has_referrals
    # 30 patients would be needed to say so in the real one; here the patients before are three and Ann.
    seen = clinic_before(export, options, baseline(), MONDAY.toordinal(), 4)
    assert (seen.patients, seen.boosters) == (4, 3 * 4 + 1)
    assert (
        clinic_before(export, options, baseline(), (MONDAY - dt.timedelta(weeks=20)).toordinal(), 4) is None
    )


def test_scheduled_boosters_are_told_from_the_series_by_their_schedule(tmp_path):
    """Eight visits in four weeks, then weekly: eight boosters each, whatever the kinds say."""
    rows = [
        [
            f"s{number}",
            (MONDAY + dt.timedelta(weeks=number - 30, days=day)).isoformat(),
            "completed",
            "Spravato",
        ]
        for number in range(14)
        for day in (*(7 * week + more for week in range(4) for more in (0, 3)), *range(31, 31 + 56, 7))
    ]
    rows += [[f"i{number}", on(number % 4, number % 3), "completed", "Ketamine"] for number in range(8)]
    options = Options(
        whole_history=True, kinds={"Spravato": "esketamine"}, as_of=MONDAY + dt.timedelta(weeks=5)
    )
    export = interpret(write(tmp_path / "visits.csv", rows), options, types=wide())
    came = what_came(export, options, wide(), MONDAY.toordinal() - 7 * 31, 36)
    assert came.boosters.sum() == 14 * 8
    assert came.begun_of["esketamine"].tolist() == [0, *[1] * 14, *[0] * 21]
    assert came.begun_of["infusion"][31:].tolist() == [2, 2, 2, 2, 0]
    assert came.given_of["esketamine"].sum() == 14 * 16
    assert came.given_of["infusion"].sum() == 8
    # All were seen in the half year before the export ends, but those who have left the schedule are no patients.
    seen = clinic_before(export, options, wide(), MONDAY.toordinal() + 35, 4)
    assert seen.patients == 8


def test_consults_that_came_are_the_first_ones_of_new_patients(tmp_path):
    rows = [
        ["ann", on(0), "completed", "consult"],
        ["ann", on(1), "completed", "consult"],  # again, before she begins
        *course("ann", 2),
        ["ann", on(4), "completed", "consult"],  # a follow-up
        ["bob", on(0, 1), "no-show", "consult"],
        ["bob", on(1, 1), "completed", "consult"],
        ["cleo", on(3), "cancelled", "consult"],
        ["dan", on(-1), "completed", "consult"],  # before the forecast
        *course("dan", 1),
        *course("eve", 3),  # without one
        *course("old", -40, 5),
    ]
    options = Options(whole_history=True, as_of=MONDAY + dt.timedelta(weeks=6))
    consults = load(Path(__file__).parents[2] / "scenarios" / "consult-days.toml")
    export = interpret(write(tmp_path / "visits.csv", rows), options, types=consults)
    came = what_came(export, options, consults, MONDAY.toordinal(), 6)
    assert came.consults.tolist() == [1, 1, 0, 0, 0, 0]
    assert came.begun.tolist() == [0, 1, 1, 1, 0, 0]
    without = interpret(write(tmp_path / "none.csv", course("eve", 3)), options, types=consults)
    assert what_came(without, options, consults, MONDAY.toordinal(), 6).consults is None


def test_days_from_referral_are_of_patients_referred_since_the_forecast_began(tmp_path):
    columns = ("patient", "date", "status", "kind", "Referral Date")
    rows = [
        *course("ann", -40, 0, referred=on(-41)),
        *course("bob", 1, referred=on(0)),  # seven days
        *course("cleo", 1, referred=on(-1)),  # referred before the forecast began
        *course("dan", 2, referred=on(1, 3)),  # four days
        *course("eve", 2, referred=""),
        ["dan", on(8), "completed", "booster", on(7)],  # referred again, after the series
        ["dan", on(-30), "no-show", "induction", on(-33)],  # referred before, and never came
        ["fay", on(3), "no-show", "induction", on(2)],  # never came
    ]
    options = Options(whole_history=True)
    export = interpret(write(tmp_path / "visits.csv", rows, columns), options)
    assert export.table.headings["referred_on"] == "Referral Date"
    came = what_came(export, options, baseline(), MONDAY.toordinal(), 4)
    assert came.referral_days.tolist() == [0, 7, 4, 0]
    assert came.referred.tolist() == [0, 1, 1, 0]
    assert came.begun.tolist() == [0, 2, 2, 0]
    assert came.has_referrals


# -- whole ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("band", [0.0, 1.0, 80.0, float("nan")])
def test_a_band_is_a_share(band, tmp_path):
    with pytest.raises(SimclinicError, match="must be a share"):
        track(tmp_path, tmp_path / "visits.csv", band=band)


def test_options_are_written_as_the_command_line_takes_them():
    options = Options(
        columns={"patient": "MRN"},
        statuses={"Cancelled[Reason=a b]": "ignore"},
        kinds={"Ket": "infusion"},
        dates="dmy",
        as_of=dt.date(2026, 5, 1),
        infusions=6,
        whole_history=True,
        timezone="as-written",
        sheet="all",
        blank_patients="above",
        same_number="by-site",
        only=(("Site", "North"), ("Site", "South")),
        leave_out=((dt.date(2025, 3, 1), dt.date(2025, 5, 15)),),
        learn_clinic=True,
    )
    # A copy, because click keeps the help option of the first context in the command.
    context = copy.copy(command).make_context("calibrate", ["visits.csv", *options.words()])
    given = {name: value for name, value in context.params.items() if name in Options.__annotations__}
    as_of = given.pop("as_of")
    assert dataclasses.replace(calibration_options(given), as_of=as_of) == options
    assert Options().words() == ()
