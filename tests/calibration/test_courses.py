"""Series, boosters and returns of hand-written patients, with results computed on paper."""

import datetime as dt
from collections import Counter

import numpy as np
import pytest

from simclinic.calibration import Options, calibrate
from simclinic.calibration.courses import State, find_courses
from simclinic.calibration.interpretation import interpret
from simclinic.calibration.open_days import find_open_days
from simclinic.calibration.return_fits import fit_distribution
from simclinic.calibration.returns import return_times
from simclinic.calibration.settings.series import drop_outs
from simclinic.calibration.what_came import what_came
from simclinic.sampling.referrals import Referrals
from simclinic.scenario import baseline, from_toml, resolved_toml, with_overrides
from simclinic.studies.calibrate import calibrated_scenario, scenario_text
from tests.calibration.clinic import MU, MU_BOOSTER, NEVER, NEVER_BOOSTER, SIGMA, THREE, export, rows

AS_OF = dt.date(2026, 3, 2)


def written(tmp_path, text):
    path = tmp_path / "visits.csv"
    path.write_text(text)
    return path


def learnt(tmp_path, text, base=None, **words):
    return calibrate(written(tmp_path, text), base or baseline(), Options(**words))


@pytest.fixture
def three(tmp_path):
    return learnt(tmp_path, THREE, whole_history=True, as_of=AS_OF)


def estimate(result, parameter):
    [each] = [each for each in result.findings.estimates if each.parameter == parameter]
    return each


def setting(result, address):
    return {".".join(each.address): each.value for each in result.findings.settings}[address]


def day(date):
    return dt.date.fromisoformat(date).toordinal()


# -- three patients ------------------------------------------------------------------------------------------


def test_three_courses(three):
    ann, ben, cleo = three.courses.all
    assert three.courses.infusions == 3
    assert (ann.series, ann.boosters, ann.state) == (3, 1, State.COMPLETE)
    assert (ben.series, ben.boosters, ben.state) == (3, 0, State.COMPLETE)
    assert (cleo.series, cleo.boosters, cleo.state) == (1, 0, State.DROPPED_OUT)
    assert ann.gaps == [3, 4]
    assert ben.gaps == [7, 3]


LATER = 2.0 / 24.0


def test_times_of_day_count(tmp_path):
    """Two visits end at 10:00 and 17:00; the last start is at about 16:00."""
    result = learnt(
        tmp_path,
        "patient,date,status,checked_in,left\n"
        "ann,2026-01-05 08:00,completed,2026-01-05 07:50,2026-01-05 10:00\n"
        "ben,2026-01-05 16:00,completed,2026-01-05 16:00,2026-01-05 17:00\n"
        "ann,2026-01-26 13:00,completed,2026-01-26 13:00,2026-01-26 15:00\n"
        "ben,2026-01-26 14:00,completed,2026-01-26 14:00,2026-01-26 16:00\n"
        "ann,2026-02-16 15:00,completed,2026-02-16 15:00,2026-02-16 16:00\n",
        infusions=1,
        whole_history=True,
    )
    assert sorted(result.return_fits["series"].durations.by.tolist()) == [21 - 1 / 24, 21 + 6 / 24]
    assert result.return_fits["booster"].durations.by.tolist() == [21 + 1 / 24, np.inf, np.inf]


def test_three_returns(three):
    """Mondays and Tuesdays are worked; a return on a Monday may have been requested since the Tuesday before.

    Without times of day a day's last start counts as two hours after the end of a visit.
    """
    assert three.open_days.weekdays == (0, 1)
    after, by = three.return_fits["series"].durations.after, three.return_fits["series"].durations.by
    assert after.tolist() == [22.0 + LATER, day("2026-02-24") - day("2026-01-16") + LATER]
    assert by.tolist() == [28.0 + LATER, np.inf]
    again = three.return_fits["booster"].durations
    assert again.after.tolist() == [day("2026-02-24") - day("2026-02-09") + LATER]
    assert again.still_away == 1


def test_three_estimates(three):
    starts = estimate(three, "demand.referrals_per_week")
    assert (starts.n, starts.estimate) == (3, pytest.approx(3 / 8))
    assert drop_outs(three.courses, three.export.visits) == [(1, 3), (0, 2)]
    assert estimate(three, "attendance.no_show").estimate == pytest.approx(0.1)
    assert estimate(three, "gaps within gap_days").estimate == pytest.approx(3 / 4)
    missed = estimate(three, "missed series appointments with another within 14 days")
    assert (missed.estimate, missed.n) == (0.5, 2)
    assert setting(three, "response.drop_out") == [pytest.approx(1.5 / 4), pytest.approx(0.5 / 3, rel=1e-4)]


def test_three_panel(three):
    assert three.panel.stages == {"series": 0, "maintained": 2}
    assert three.panel.left_out == {"dropped out of the series": 1}
    assert three.panel.rows[0] == {
        "patient": "P0001",
        "stage": "maintained",
        "referred_on": "2026-01-05",
        "protocol": "twice-weekly",
        "infusions_done": 3,
        "last_infusion_on": "2026-02-09",
        "boosters_done": 1,
        "next_appointment": None,
        "stays": None,
    }


def test_the_rate_grows_from_now_on_wherever_the_base_counted_from(tmp_path):
    """The rate estimated from the export is the current one and already includes growth of earlier years."""
    base = from_toml('name = "Grown"\n[demand]\ngrowth_from = 2023-03-02\ngrowth_per_year = 0.3\n')
    result = learnt(tmp_path, THREE, base=base, whole_history=True, as_of=AS_OF)
    rate = estimate(result, "demand.referrals_per_week").estimate
    scenario = calibrated_scenario(scenario_text(result, base), resolved_toml(base))
    first_year = (
        Referrals(with_overrides(scenario, ["run.weeks=52", "run.warm_up_weeks=0"]))
        .means.reshape(52, 7)
        .sum(axis=1)
    )
    assert first_year[0] == pytest.approx(rate, rel=0.01)
    assert first_year[-1] == pytest.approx(1.3 * rate, rel=0.01)


def test_too_few_returns_keep_the_base_distribution(three):
    addresses = {".".join(each.address) for each in three.findings.settings}
    assert "relapse.days: fewer than 5 returns" in three.findings.base_kept
    kept = {"relapse.days", "boosters.days", "response.probability", "boosters.uptake", "boosters.attrition"}
    assert not kept & addresses
    assert not {"relapse.follow_up_days", "booking.booster_notice_days", "boosters.self_report"} & addresses
    assert {each.name for each in three.findings.uncertainty} == {"referrals", "drop-out-1", "drop-out-2"}
    assert any("at least 5 are needed" in warning for warning in three.findings.warnings)


# -- one rule at a time --------------------------------------------------------------------------------------


def visits(*days, patient="p", status="completed", kind=None):
    return [f"{patient},{date},{status}" + (f",{kind}" if kind else "") for date in days]


def made(tmp_path, *lines, kinds=False, **words):
    heading = "patient,date,status" + (",kind" if kinds else "")
    text = "\n".join([heading, *(line for part in lines for line in part)]) + "\n"
    return learnt(tmp_path, text, **{"whole_history": True, "infusions": 3} | words)


def only(result):
    [course] = result.courses.all
    return course


def test_a_series_goes_on_for_two_weeks_and_no_longer(tmp_path):
    on = only(made(tmp_path, visits("2026-01-05", "2026-01-19", "2026-02-02"), as_of=AS_OF))
    assert (on.series, on.state) == (3, State.COMPLETE)
    off = only(made(tmp_path, visits("2026-01-05", "2026-01-20", "2026-02-03"), as_of=AS_OF))
    assert (off.series, off.boosters, off.state) == (1, 2, State.CAME_BACK)


def test_what_comes_after_the_usual_number_is_a_booster(tmp_path):
    result = made(tmp_path, visits("2026-01-05", "2026-01-08", "2026-01-12", "2026-01-15"), as_of=AS_OF)
    assert (only(result).series, only(result).boosters) == (3, 1)
    assert result.courses.longer == 1


def test_under_way_or_dropped_out(tmp_path):
    for as_of, state in ((dt.date(2026, 1, 23), State.IN_SERIES), (dt.date(2026, 1, 24), State.DROPPED_OUT)):
        result = made(tmp_path, visits("2026-01-05", "2026-01-08"), as_of=as_of)
        assert only(result).state is state
    booked = visits("2026-02-09", status="booked")
    result = made(tmp_path, visits("2026-01-05", "2026-01-08"), booked, as_of=dt.date(2026, 1, 24))
    assert only(result).state is State.IN_SERIES
    # Whether the series continues is open, so it does not count yet.
    assert drop_outs(result.courses, result.export.visits) == [(0, 1), (0, 0)]
    assert result.panel.rows[0]["next_appointment"] == "2026-02-09"
    assert result.panel.rows[0]["stage"] == "series"


def test_dropping_out_counts_once_two_weeks_have_passed(tmp_path):
    """A patient who continues shows at once, one who drops out later; both count from the same day."""
    lines = visits("2026-01-05", "2026-01-08", patient="on"), visits("2026-01-05", patient="off")
    late = made(tmp_path, *lines, as_of=dt.date(2026, 1, 21))
    assert drop_outs(late.courses, late.export.visits)[0] == (1, 2)
    early = made(tmp_path, *lines, as_of=dt.date(2026, 1, 19))
    assert drop_outs(early.courses, early.export.visits)[0] == (0, 0)


def test_kinds_go_before_gaps(tmp_path):
    result = (
        visits("2026-01-05", "2026-01-08", "2026-01-30", patient="a", kind="induction"),
        visits("2026-02-02", patient="a", kind="booster"),
        visits("2026-01-06", patient="b", kind="booster"),
        visits("2026-02-03", patient="b", kind="booster"),
        visits("2026-01-09", patient="c", kind="induction"),
        visits("2026-01-12", patient="c", kind="booster"),
    )
    actual = made(tmp_path, *result, kinds=True, as_of=AS_OF)
    a, b, c = actual.courses.all
    assert (a.series, a.boosters, a.state) == (3, 1, State.COMPLETE)
    assert (b.series, b.boosters, b.state, b.cohort) == (0, 2, State.UNSEEN, False)
    assert (c.series, c.boosters, c.state) == (1, 1, State.CAME_BACK)
    assert actual.return_fits["booster"].durations.n == 4
    assert actual.return_fits["series"].durations.by.tolist() == [3.0 + LATER, 3.0 + LATER]


def test_a_second_series_is_told(tmp_path):
    result = (
        visits("2026-01-05", "2026-01-08", "2026-01-12", kind="induction"),
        visits("2026-04-13", "2026-04-16", kind="induction"),
    )
    actual = made(tmp_path, *result, kinds=True)
    assert (only(actual).series, only(actual).boosters) == (3, 2)
    assert ("patients with a second series", 1) in [(f.what, f.count) for f in actual.export.quality.notes]


def test_a_missed_appointment_is_the_return_if_the_visit_follows_soon(tmp_path):
    series = visits("2026-01-05", "2026-01-08", "2026-01-12")
    missed = visits("2026-02-02", status="no-show")
    soon = made(tmp_path, series, missed, visits("2026-02-16"), as_of=AS_OF)
    assert soon.return_fits["series"].durations.by.tolist() == [21.0 + LATER]
    late = made(tmp_path, series, missed, visits("2026-02-17"), as_of=AS_OF)
    assert late.return_fits["series"].durations.by.tolist() == [36.0 + LATER]
    never = made(tmp_path, series, missed, as_of=AS_OF)
    assert never.return_fits["series"].durations.still_away == 1


def test_twice_or_three_times_a_week(tmp_path):
    twice = [visits("2026-01-05", "2026-01-08", "2026-01-12", patient=f"t{n}") for n in range(3)]
    thrice = [visits("2026-01-05", "2026-01-07", "2026-01-09", patient="w")]
    result = made(tmp_path, *twice, *thrice)
    assert setting(result, "demand.protocol_mix") == {"thrice-weekly": 0.25, "twice-weekly": 0.75}
    protocol = "[protocols.ours]\ninfusions = 4\ngap_days = [3, 4]\n[demand.protocol_mix]\nours = 1.0\n"
    base = from_toml(f'name = "One"\n{protocol}')
    result = made(tmp_path, *twice, *thrice, base=base)
    assert setting(result, "demand.protocol_mix") == {"ours": 1.0}
    assert {row["protocol"] for row in result.panel.rows} == {"ours"}


def test_open_days_are_those_worked(tmp_path):
    """Mondays and Thursdays, ten appointments each: an empty Monday was closed, a Wednesday never open."""
    begin = dt.date(2026, 1, 5)
    lines = []
    for week in range(12):
        for weekday in (0, 3):
            date = begin + dt.timedelta(weeks=week, days=weekday)
            if (week, weekday) != (5, 0):
                lines += [f"p{n},{date},completed" for n in range(10)]
    text = "patient,date,status\n" + "\n".join(lines) + "\n"
    days = find_open_days(interpret(written(tmp_path, text), Options()).visits)
    assert days.weekdays == (0, 3)
    assert days.open.sum() == 23
    empty = begin + dt.timedelta(weeks=5)
    assert not days.open[empty.toordinal() - days.first]
    thursday = empty + dt.timedelta(days=3)
    before = begin + dt.timedelta(weeks=4, days=3)
    assert days.before[thursday.toordinal() - days.first] == before.toordinal()


def test_weeks_without_a_visit_are_told(tmp_path):
    result = made(tmp_path, visits("2026-01-05", "2026-01-08", "2026-02-02"))
    notes = {each.what: each for each in result.export.quality.notes}
    gap = notes["whole weeks without a visit (lines: the first after such a gap)"]
    assert (gap.count, gap.lines) == (3, (4,))


def test_visits_on_closed_days_are_told(tmp_path):
    result = made(tmp_path, visits("2026-01-05", "2026-01-10"))
    notes = {each.what: each for each in result.export.quality.notes}
    assert notes["visits on days on which the base scenario is closed"].lines == (3,)


# -- the edges of the export ---------------------------------------------------------------------------------


def test_patients_from_before_are_left_out_of_starts(tmp_path):
    """Patients treated in the half year before the export are not taken for new ones."""
    everybody = rows(130, 4.0, seed=1)
    cut = min(row[1] for row in everybody) + 7 * 52
    seen = [row for row in everybody if row[1] >= cut]
    new = {row[0] for row in everybody} - {row[0] for row in everybody if row[1] < cut}
    result = learnt(tmp_path, export(seen))
    cohort = {course.patient for course in result.courses.cohort}
    names = list(dict.fromkeys(line.partition(",")[0] for line in export(seen).splitlines()[1:]))
    taken = {names[number] for number in cohort}
    # Fewer than one in fifty of those counted as new were treated before.
    assert len(taken - new) < 0.02 * len(taken)
    assert (
        estimate(result, "demand.referrals_per_week").low
        < 4.0
        < estimate(result, "demand.referrals_per_week").high
    )
    [notes] = [each for each in result.export.quality.notes if "may have been there" in each.what]
    assert notes.count == len(result.courses.all) - len(cohort)
    naive = learnt(tmp_path, export(seen), whole_history=True)
    mistaken = {names[course.patient] for course in naive.courses.cohort} - new
    assert len(mistaken) > 20
    # Earlier patients seem to start in the first months, so that new patients seem to decrease.
    assert any("new patients change by -" in warning for warning in naive.findings.warnings)
    assert not any("new patients change by" in warning for warning in result.findings.warnings)


@pytest.mark.parametrize("kinds", [False, True])
def test_the_distributions_that_made_it_are_found(tmp_path, kinds):
    made_by_law = rows(104, 6.0, seed=2)
    result = learnt(tmp_path, export(made_by_law, kinds=kinds))
    for laws, mu, never in (
        (result.return_fits["series"], MU, NEVER),
        (result.return_fits["booster"], MU_BOOSTER, NEVER_BOOSTER),
    ):
        law = fit_distribution(laws.durations, "lognormal", cure=True)
        for name, value in (("mu", mu), ("never", never)):
            low, high = law.interval(name)
            half = (high - low) / 2
            # Intervals are two standard errors wide; a deviation of four is not due to chance.
            assert low - half < value < high + half
    assert result.return_fits["series"].chosen.cure
    assert (
        abs(
            fit_distribution(result.return_fits["series"].durations, "lognormal", cure=True).settings["sigma"]
            - SIGMA
        )
        < 0.1
    )
    assert result.courses.infusions == 6
    assert Counter(course.state for course in result.courses.cohort)[State.DROPPED_OUT] <= 2
    uncertain = {each.name: each for each in result.findings.uncertainty}
    assert {"return-after-series", "return-after-booster", "referrals", "drop-out-5"} <= uncertain.keys()
    settings = uncertain["return-after-series"].settings
    assert settings[-1] == "relapse.days.never"
    assert uncertain["return-after-series"].covariance.shape == (3, 3)


def test_uncertainty_of_the_base_is_replaced_by_that_of_the_export(tmp_path):
    base = from_toml(
        """name = "Unsure"
        [uncertainty.missing]
        settings = ["attendance.no_show"]
        scale = ["logit"]
        covariance = [[9.0]]
        [uncertainty.coming-back]
        settings = ["boosters.uptake", "boosters.days.sigma"]
        scale = ["logit", "log"]
        covariance = [[1.0, 0.0], [0.0, 1.0]]
        [uncertainty.telling]
        settings = ["response.stop_rule.specificity"]
        scale = ["logit"]
        covariance = [[1.0]]
        [uncertainty.length]
        settings = ["boosters.lengthening"]
        scale = ["log"]
        covariance = [[1.0]]
        [response.stop_rule]
        after = 3
        sensitivity = 0.9
        specificity = 0.5
        """
    )
    result = learnt(tmp_path, export(rows(60, 3.0, seed=9)), base=base, whole_history=True)
    scenario = calibrated_scenario(scenario_text(result, base), resolved_toml(base))
    assert set(scenario.uncertainty) == {entry.name for entry in result.findings.uncertainty}
    assert scenario.uncertainty["no-show"].covariance[0][0] < 9.0
    few = learnt(tmp_path, THREE, base=base, whole_history=True, as_of=AS_OF)
    kept = calibrated_scenario(scenario_text(few, base), resolved_toml(base))
    assert {"missing", "coming-back", "length"} <= set(kept.uncertainty)


def test_factors_of_the_product_are_not_counted_twice(tmp_path):
    result = learnt(tmp_path, export(rows(80, 5.0, seed=3)))
    neutral = {
        "response.probability": 1.0,
        "boosters.uptake": 1.0,
        "boosters.attrition": 0.0,
        "boosters.lengthening": 1.0,
        "boosters.self_report": 1.0,
        "booking.booster_notice_days": 0,
        "booking.notice_days": 0,
        "intake.contraindicated": 0.0,
        "intake.consult_no_show": 0.0,
        "intake.accepts": 1.0,
        "intake.days_to_consult": 0,
        "intake.days_to_decide": 0,
        "attendance.rebooks": 1.0,
    }
    assert {address: setting(result, address) for address in neutral} == neutral
    assert setting(result, "relapse.follow_up_days") >= 365


def test_visits_lengths_move_the_recovery(tmp_path):
    """If all visits take two hours, recovery takes the rest after preparation, infusion and discharge."""
    lines = ["patient,date,status,check-in,check-out"]
    for number in range(40):
        dates = ("2026-01-05", "2026-01-08", "2026-01-12")
        lines += [f"p{number},{date},completed,09:00,11:00" for date in dates]
    result = learnt(tmp_path, "\n".join(lines), whole_history=True, infusions=3)
    law = setting(result, "visit.steps.recovery.minutes")
    # One visit of three is a first one (20 minutes more); the early complication (0.024 × 30) is on all three,
    # prolonged recovery is 0.035 × 45.
    others = 15 + 40 + 10 + 20 / 3 + 0.024 * 30 + 0.035 * 45
    assert law["mean"] == pytest.approx(120 - others, rel=1e-3)
    short = [line.replace("11:00", "09:20") for line in lines]
    result = learnt(tmp_path, "\n".join(short), whole_history=True, infusions=3)
    assert any("shorter than the base scenario's steps" in warning for warning in result.findings.warnings)


@pytest.mark.parametrize(
    ("lines", "notes"),
    [
        ([visits("2026-01-05")], "only 1 patient certainly started"),
        ([visits("2026-01-05", "2026-01-08", "2026-01-12")], "there is none yet"),
        (
            [visits("2026-01-05", "2026-01-08", "2026-01-12", patient=p) for p in "abcdefg"],
            "0 of 7 came back",
        ),
    ],
)
def test_exports_with_little_in_them(tmp_path, lines, notes):
    as_of = None if "none yet" in notes else AS_OF
    result = made(tmp_path, *lines, as_of=as_of, infusions=3 if "0 of" in notes else None)
    assert any(notes in warning for warning in result.findings.warnings)
    assert "no-shows" in " ".join(result.findings.warnings) or len(result.export.visits.day) < 20


def every_four_weeks(weeks):
    """Write twenty patients of earlier years who come for a booster every four weeks, one new each weekday."""
    return [
        (f"p{first:02d}", day("2026-01-05") + at, "booster")
        for first in range(28)
        if first % 7 < 5
        for at in range(first, 7 * weeks, 28)
    ]


@pytest.mark.parametrize(("weeks", "new"), [(6, 10), (12, 0)])
def test_a_short_export_takes_earlier_patients_for_new_ones_and_says_so(tmp_path, weeks, new):
    """Nobody is new. A third of six weeks is less than the four weeks between visits, a third of twelve is not."""
    path = written(tmp_path, export(every_four_weeks(weeks)))
    result = calibrate(path, baseline(), Options())
    assert len(result.courses.cohort) == new
    told = [each for each in result.findings.warnings if "too short to tell new patients" in each]
    assert len(told) == (new > 0)
    if new:
        assert "10 patients count as new" in told[0]
        assert "first 14 days" in told[0]
        assert "10 of the 10 have one visit so far" in told[0]
    base = baseline()
    came = what_came(interpret(path, Options(), base=base), Options(), base, day("2026-01-05"), weeks)
    assert came.since == day("2026-02-02")


def test_courses_of_nobody_new(tmp_path):
    """If all patients may be earlier ones, there are no starts and no first returns, and a note says so."""
    result = learnt(tmp_path, THREE, as_of=dt.date(2026, 2, 10))
    assert result.courses.cohort == []
    assert estimate(result, "demand.referrals_per_week").n == 0


def test_returns_of_courses_made_by_hand(tmp_path):
    result = interpret(written(tmp_path, THREE), Options(as_of=AS_OF))
    some = find_courses(result.visits, result.quality, infusions=3, whole_history=True)
    first, again = return_times(some, result.visits, find_open_days(result.visits))
    assert (first.n, first.returns, again.n, again.returns) == (2, 1, 1, 0)
