"""Targets: which a scenario has, and what replications show of them."""

import math

import numpy as np
import pytest

from simclinic.errors import ScenarioError
from simclinic.measures import KPIS
from simclinic.measures.intervals import Watched
from simclinic.measures.targets import (
    DEFAULTS,
    STATES,
    VERDICT,
    Target,
    judge_targets,
    targets_of,
    worst,
)
from simclinic.report.text.targets import asked
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.figure_targets import FigureTargets
from simclinic.scenario.overrides import target_overrides
from simclinic.scenario.targets import Targets
from simclinic.studies import certify

OVERTIME = Target("overtime_minutes_per_day", at_most=True, limit=10.0)
ACCESS = Target("access_days_p90", at_most=True, limit=7.0)
GUARDS = ["balked_share", "booster_wait_days_mean", "overtime_day_share", VERDICT]


def clinic(*targets, settings=()):
    return with_overrides(baseline(), [*settings, *target_overrides(targets)])


def judged(target, values, verdict="stable", **more):
    name = target.by
    [found] = judge_targets([target], {name: np.array(values, dtype=float)}, verdict=verdict, **more)
    return found


# -- which there are ---------------------------------------------------------------------------------------


def test_every_key_figure_can_be_a_target():
    limits = {"balked_share", "overtime_day_share", "started_on_time_share"}
    assert {*FigureTargets.model_fields} | limits == {*KPIS}
    assert not limits & {*FigureTargets.model_fields}
    for name, kpi in KPIS.items():
        written = f"{name}{'>=' if name == 'started_on_time_share' else '<='}0.5"
        found = targets_of(clinic(written))
        assert found[0].figure == name, kpi
        with_percent = (
            clinic(f"{name}>=50%" if kpi.better == "higher" else f"{name}<=50%")
            if kpi.unit == "share"
            else None
        )
        assert with_percent is None or targets_of(with_percent)[0].limit == 0.5


def test_a_scenario_without_targets_has_no_guards_either():
    assert targets_of(baseline()) == ()
    assert [target.figure for target in targets_of(baseline(), default=True)] == [*DEFAULTS, *GUARDS]


def test_guards_go_with_every_target_and_have_the_limits_of_verdicts():
    scenario = clinic("overtime_minutes_per_day<=10", settings=["booking.booster_notice_days=3"])
    assert targets_of(scenario) == (
        OVERTIME,
        Target("balked_share", at_most=True, limit=0.05, guard=True),
        Target("booster_wait_days_mean", at_most=True, limit=7.0 + 3.0, guard=True),
        Target("overtime_day_share", at_most=True, limit=0.1, guard=True),
        Target(VERDICT, at_most=True, limit=math.nan, guard=True),
    )
    assert [target.guard for target in targets_of(scenario)] == [False, True, True, True, True]


def test_a_target_on_the_figure_of_a_guard_takes_its_place():
    found = targets_of(clinic("balked_share<=2%", "booster_wait_days_mean<=3"))
    assert [(target.figure, target.limit, target.guard) for target in found[:2]] == [
        ("booster_wait_days_mean", 3.0, False),
        ("balked_share", 0.02, False),
    ]
    assert [target.figure for target in found[2:]] == ["overtime_day_share", VERDICT]


def test_a_limit_of_the_verdict_that_is_the_usual_one_is_no_target():
    assert targets_of(clinic("balked_share<=5%")) == ()
    assert Targets().balked_share == "<= 0.05"


def test_years_and_means_are_read_as_written():
    [years] = targets_of(clinic("overtime_minutes_per_day<=10 in 80%"))[:1]
    assert (years.at_most, years.limit, years.years, years.goal) == (True, 10.0, 0.8, (False, 0.8))
    [least] = targets_of(clinic("margin_per_week>=-500"))[:1]
    assert (least.at_most, least.limit, least.goal) == (False, -500.0, (False, -500.0))
    [often] = targets_of(clinic("margin_per_week>=-500 in 90%"))[:1]
    assert (often.at_most, often.limit, often.years) == (False, -500.0, 0.9)


def test_the_usual_targets_are_for_scenarios_without_their_own():
    figures = [target.figure for target in targets_of(clinic("margin_per_week>=-500"), default=True)]
    assert figures == ["margin_per_week", *GUARDS]
    assert [target.figure for target in targets_of(clinic(), default=True)] == [*DEFAULTS, *GUARDS]


def test_the_usual_targets_can_be_certified_of_a_clinic_that_never_runs_late():
    usual = targets_of(clinic(), default=True)
    best = {
        target.by: np.full(200, 1.0 if target.by == "started_within_days_share" else 0.0)
        for target in usual
        if target.figure != VERDICT
    }
    # A wait for boosters varies in any clinic.
    best["booster_wait_days_mean"] = np.linspace(1.0, 2.0, 200)
    found = certify.judged(usual, best, "stable", confirm=0.0028, exclude=0.0005, effects={})
    assert found.state == "confirmed"
    assert [target.years for target in usual][:2] == [None, 0.8]
    late = best | {"overtime_minutes_per_day": np.tile([0.0, 30.0], 100)}
    assert certify.judged(usual, late, "stable", confirm=0.0028, exclude=0.0005, effects={}).misses == [
        "overtime_minutes_per_day"
    ]


def test_a_target_on_waiting_is_judged_by_all_who_asked():
    [access] = targets_of(clinic("access_days_p90<=7"))[:1]
    assert (access, access.by, access.goal) == (ACCESS, "started_within_days_share", (False, 0.9))
    # of which a least number of days is none
    [least] = targets_of(clinic("access_days_p90>=7"))[:1]
    assert least.by == "access_days_p90"


@pytest.mark.parametrize(
    ("target", "kind", "tolerance"),
    [
        (OVERTIME, "t", 0.5),
        (ACCESS, "betting", 0.01),
        (Target("overtime_minutes_per_day", True, 10.0, 0.8), "years", 0.01),
        (Target("chair_utilisation", True, 0.9), "betting", 0.01),
        (Target("margin_per_week", False, -200.0), "t", 10.0),
    ],
)
def test_each_target_has_the_sequence_of_its_values(target, kind, tolerance):
    assert target.kind == kind
    assert target.tolerance == pytest.approx(tolerance)


# -- what is shown -----------------------------------------------------------------------------------------


def test_bounds_are_one_sided_at_95_percent():
    """Student's quantile of 0.95 with four degrees of freedom is 2.1318."""
    values = [0.5, 0.6, 0.55, 0.52, 0.58]
    found = judged(Target("chair_utilisation", True, 0.9), values)
    half = 2.131847 * np.std(values, ddof=1) / math.sqrt(5)
    assert (found.mean, found.low, found.high) == pytest.approx((0.55, 0.55 - half, 0.55 + half))
    assert (found.state, found.n) == ("met", 5)


@pytest.mark.parametrize(
    ("limit", "at_most", "at_least"),
    [(0.60, "met", "missed"), (0.55, "open", "open"), (0.50, "missed", "met")],
)
def test_met_missed_and_open(limit, at_most, at_least):
    values = [0.5, 0.6, 0.55, 0.52, 0.58]
    assert judged(Target("chair_utilisation", True, limit), values).state == at_most
    assert judged(Target("chair_utilisation", False, limit), values).state == at_least


def test_waiting_is_met_only_by_those_who_begin():
    def state(shares):
        columns = {ACCESS.by: np.array(shares), "series_started_per_week": np.full(len(shares), 5.0)}
        return judge_targets([ACCESS], columns, verdict="stable", watched=Watched(52, 260))[0].state

    assert state([0.95, 0.97, 0.96, 0.95, 0.98, 0.96]) == "met"
    assert state([0.90, 0.91, 0.89, 0.92, 0.88, 0.90]) == "open"
    assert state([0.80, 0.82, 0.81, 0.83, 0.80, 0.79]) == "missed"


def test_years_count_replications_that_keep_the_limit():
    target = Target("overtime_minutes_per_day", True, 10.0, 0.8)
    kept, broken = [9.0, 10.0], [10.1, 50.0]
    assert target.values({"overtime_minutes_per_day": np.array([9.0, 10.0, 10.1, math.nan])})[
        :3
    ].tolist() == [1, 1, 0]
    found = judged(target, kept * 48 + broken * 2)
    assert (found.state, found.mean, found.n) == ("met", 0.96, 100)
    assert judged(target, kept * 25 + broken * 25).state == "missed"
    assert judged(target, kept * 40 + broken * 10).state == "open"
    assert judged(target, kept * 5).state == "open"  # ten of ten are not enough: 0.8^10 is 0.11
    assert judged(target, kept * 10).state == "met"


def test_a_year_without_the_figure_neither_keeps_the_limit_nor_breaks_it():
    columns = {"overtime_minutes_per_day": np.array([5.0, np.nan, 10.0, 12.0])}
    years = Target("overtime_minutes_per_day", at_most=True, limit=10.0, years=0.8)
    assert years.values(columns).tolist() == pytest.approx([1.0, np.nan, 1.0, 0.0], nan_ok=True)


def test_few_replications_show_nothing():
    found = judged(OVERTIME, [1.0, 1.1, 1.2, 1.3])
    assert (found.state, found.reason) == ("open", "there are too few replications, 4 of at least 5")
    assert judged(OVERTIME, [1.0, 1.1, 1.2, 1.3, 1.4]).state == "met"
    assert judged(OVERTIME, [1.0, 1.1, 1.2, 1.3, math.nan]).state == "open"


def test_a_figure_that_is_the_same_everywhere_shows_nothing():
    target = Target("wait_minutes_p90", True, 10.0)
    found = judged(target, [3.0] * 30)
    assert found.state == "open"
    assert "same in every replication" in found.reason
    # but of a share of days that no day had, the rule of three says something
    late = Target("overtime_day_share", True, 0.1)
    assert judged(late, [0.0] * 10, watched=Watched(52, 260)).state == "met"
    assert judged(late, [0.0] * 10, watched=Watched(1, 1)).state == "open"


def test_an_absent_figure_is_open_with_its_reason():
    found = judged(Target("booster_wait_days_mean", True, 3.0), [math.nan] * 10)
    assert (found.state, found.n, found.reason) == ("open", 0, KPIS["booster_wait_days_mean"].absent)


def test_a_guard_with_nothing_to_guard_is_kept():
    guard = Target("booster_wait_days_mean", True, 8.0, guard=True)
    columns = {"booster_wait_days_mean": np.full(9, np.nan), "booster_requests_per_week": np.zeros(9)}
    [found] = judge_targets([guard], columns, verdict="stable")
    assert (found.state, found.reason) == ("met", "no booster was asked for")
    columns["booster_requests_per_week"] = np.full(9, 0.1)
    [found] = judge_targets([guard], columns, verdict="stable")
    assert found.state == "open"
    late = Target("overtime_day_share", True, 0.1, guard=True)
    columns = {"overtime_day_share": np.full(9, np.nan), "infusions_per_week": np.full(9, 3.0)}
    assert judge_targets([late], columns, verdict="stable")[0].reason == "the clinic never closes"
    columns["infusions_per_week"] = np.zeros(9)
    assert judge_targets([late], columns, verdict="stable")[0].state == "open"


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("not-stable", "missed"), ("open", "met"), ("filling", "met"), ("stable", "met"), (None, "open")],
)
def test_the_guard_on_the_verdict(verdict, state):
    guard = Target(VERDICT, True, math.nan, guard=True)
    assert judge_targets([guard], {}, verdict=verdict)[0].state == state


def test_of_mirrored_pairs_only_the_pairs_are_independent():
    values = [0.4, 0.6] * 6  # pairs that cancel out
    target = Target("chair_utilisation", True, 0.55)
    assert judged(target, values).state == "open"
    spread = [0.40, 0.61, 0.41, 0.60, 0.39, 0.61, 0.42, 0.59, 0.40, 0.60]
    found = judged(target, spread, pairs=True)
    assert (found.state, found.n) == ("met", 10)
    assert judged(target, spread[:8], pairs=True).reason == "there are too few replications, 4 of at least 5"


def test_an_error_that_all_replications_share_widens_the_bounds():
    """Two pilot runs that would differ by 0.02 have a standard error of 0.01, and Student's quantile 12.71."""
    target, values = Target("chair_utilisation", True, 0.65), [0.5, 0.6, 0.55, 0.52, 0.58]
    alone, shared = judged(target, values), judged(target, values, shared={target.by: (0.0, 0.02)})
    error = 12.7062 * 0.01
    assert shared.mean == alone.mean
    assert shared.high - shared.mean == pytest.approx(math.hypot(alone.high - alone.mean, error), rel=1e-4)
    assert (alone.state, shared.state) == ("met", "open")
    assert judged(target, values, shared={"slot_fill": (0.0, 0.02)}) == alone


def test_the_worst_of_several_states():
    assert worst([]) == "met"
    assert worst(["met", "open"]) == "open"
    assert worst([*STATES]) == "missed"


# -- of parts ----------------------------------------------------------------------------------------------

WIDER = (
    'protocols.spravato={infusions=8, gap_days=[3, 4], visit="spray"}',
    "demand.protocol_mix={twice-weekly=0.5, spravato=0.5}",
    "visits.spray={steps={rest={minutes=120, claims={prescriber={watch=2}}}}}",
    "roles.prescriber={hour=150}",
    'shifts.prescriber={days=["mon"], hours="08:00-12:00", role="prescriber", number=1}',
)


def test_a_target_on_a_type_of_visit_brings_a_guard_on_its_patients_who_are_turned_away():
    found = targets_of(clinic("wait_minutes_p90:spray<=15", settings=WIDER))
    assert found[0] == Target("wait_minutes_p90:spray", at_most=True, limit=15.0)
    assert [each.figure for each in found if each.guard] == [*GUARDS[:1], "balked_share:spray", *GUARDS[1:]]
    of_role = targets_of(clinic("overtime_nurse_hours_per_week:prescriber<=1", settings=WIDER))
    assert [each.figure for each in of_role if each.guard] == GUARDS


def test_days_to_a_first_visit_of_a_type_are_judged_by_those_of_it_who_begin_in_time():
    target = targets_of(clinic("access_days_p90:spray<=7", settings=WIDER))[0]
    assert target.by == "started_within_days_share:spray"
    assert target.bound == (False, 0.9)
    assert asked(target, "USD") == "spray: at least 90 % of all who asked begin within 7 days"
    asked_for = {"series_started_per_week:spray": np.full(20, 5.0)}
    begun = {f"{target.by}": np.array([0.97, 0.98, 0.96, 0.97, 0.99] * 4)}
    assert (
        judge_targets([target], begun | asked_for, verdict="stable", watched=Watched(52.0))[0].state == "met"
    )
    few = {"series_started_per_week:spray": np.full(20, 0.02)}  # one patient a year shows nothing
    assert judge_targets([target], begun | few, verdict="stable", watched=Watched(52.0))[0].state == "open"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("wait_minutes_p90:sprai<=1", "Did you mean 'spray'"),
        ("chair_utilisation:room<=1", "the clinic has one kind of place only"),
        ("margin_per_week:spray>=1", "is no figure of a type of visit, a role or a place"),
        ("nurse_watch_utilisation:nurse<=1", "of nurses it is targets.nurse_watch_utilisation"),
        ("wait_minutes_p90:spray<=many", "must be written as"),
    ],
)
def test_a_target_on_a_part_that_is_not_there_is_refused(written, says):
    with pytest.raises(ScenarioError) as refused:
        clinic(written, settings=WIDER)
    assert says in str(refused.value)


def test_a_target_on_a_part_of_a_clinic_without_parts_is_refused():
    with pytest.raises(ScenarioError, match="one type of visit only"):
        clinic("wait_minutes_p90:infusion<=15")
