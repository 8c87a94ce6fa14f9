"""Controls: their expectations are exact, and they depend on nothing but the patients."""

import numpy as np
import pytest

from simclinic.experiment.controls import CONTROLS, Controls, controls_of
from simclinic.experiment.replication import Prepared, replicate
from simclinic.past.reach import reach
from simclinic.scenario import baseline, replace, with_overrides

MANY = ("demand.referrals_per_week=300", "boosters.attrition=0.3", "run.weeks=26")
"""Enough patients for an error of one in a hundred to be seen."""
CASES = {
    "typical": (),
    "scheduled": ('boosters.policy="scheduled"',),
    "drawn intervals": (
        'boosters.policy="scheduled"',
        'boosters.every_weeks=[2, {dist="uniform", low=1.5, high=3}, {dist="lognormal", median=5, sigma=0.4}]',
    ),
    "both": ('boosters.policy="both"',),
    "boosters that last longer": ("boosters.lengthening=1.3",),
    "check-ins and follow-up": (
        "relapse.follow_up_days=100",
        "boosters.self_report=0.2",
        "boosters.check_in_days=10",
    ),
    "two protocols and growth": (
        'demand.protocol_mix={"twice-weekly"=0.4, "thrice-weekly"=0.6}',
        "demand.growth_per_year=0.5",
    ),
    "from an empty clinic": ('run.begin="empty"', "run.warm_up_weeks=10"),
    "walk-in": ('booking.mode="walk-in"',),
    "a stop rule": ("response.stop_rule={after=4, sensitivity=0.9, specificity=0.6}",),
    "laws of protocols": (
        'demand.protocol_mix={"twice-weekly"=0.4, "thrice-weekly"=0.6}',
        "protocols.thrice-weekly.response={probability=0.8, drop_out=[0.2, 0.0]}",
        "protocols.thrice-weekly.relapse={days=40, follow_up_days=60}",
        'protocols.twice-weekly.boosters={policy="scheduled", every_weeks=[1, 2], uptake=0.9}',
        "protocols.twice-weekly.response.stop_rule={after=2, sensitivity=0.9, specificity=0.6}",
    ),
    "a change of demand": ('changes={"2026-03-02"={"demand.referrals_per_week"=500}}',),
}
LIMIT = 4.1


def many(case):
    return with_overrides(baseline(), [*MANY, *CASES[case]])


@pytest.mark.parametrize("case", CASES)
def test_the_mean_of_the_draws_is_the_expectation(case):
    controls = controls_of(many(case))
    drawn = np.concatenate(
        [controls.draw(3, [(at, False) for at in range(8 * of, 8 * of + 8)]) for of in range(6)]
    )
    error = drawn.std(axis=0, ddof=1) / np.sqrt(len(drawn))
    expected = controls.expected()
    assert (np.abs(drawn.mean(axis=0) - expected) < LIMIT * error).all()
    assert (error < 0.01 * expected / 1.5).all()


def test_controls_are_the_same_in_clinics_that_differ_in_chairs_nurses_and_prices(monkeypatch):
    one = with_overrides(baseline(), ["run.weeks=8"])
    other = with_overrides(
        one, ["clinic.chairs=9", "shifts.day.nurses=5", "finance.price_per_booster=1", "run.replications=3"]
    )
    address = [(4, False), (4, True)]
    alone, theirs = (Controls(each, 7 * reach(each)) for each in (one, other))
    assert (alone.draw(1, address) == theirs.draw(1, address)).all()
    assert (alone.expected() == theirs.expected()).all()
    # So they are drawn once for all of them.
    drawn, draw = [], Controls._draw
    monkeypatch.setattr(Controls, "_draw", lambda *given: drawn.append(given[2]) or draw(*given))
    for scenario, more in ((one, (5, False)), (other, (6, False))):
        found = controls_of(scenario).draw(1, [*address, more])
        assert (found == alone.draw(1, [*address, more])).all()
    assert drawn == [[*address, (5, False)], [(5, False)], [(6, False)], [(6, False)]]


@pytest.mark.parametrize(
    "changed",
    [
        "demand.referrals_per_week=9",
        "clinic.hours.mon='08:00-12:00'",
        "intake.accepts=0.6",
        'demand.protocol_mix={"thrice-weekly"=1.0}',
        "booking.notice_days=4",
        "response.probability=0.5",
        "relapse.days=20",
        "boosters.attrition=0.1",
        "run.weeks=9",
        "run.warm_up_weeks=9",
        'changes={"2026-01-19"={"demand.referrals_per_week"=3}}',
    ],
)
def test_other_patients_have_other_controls(changed):
    one = with_overrides(baseline(), ["run.weeks=8"])
    other = with_overrides(one, [changed])
    controls_of(one).draw(1, [(0, False)])
    alone = Controls(other, 7 * reach(other))
    assert controls_of(other) is not controls_of(one)
    assert (controls_of(other).draw(1, [(0, False)]) == alone.draw(1, [(0, False)])).all()


def test_replications_drawn_together_are_those_drawn_alone():
    controls = controls_of(with_overrides(baseline(), ["run.weeks=8"]))
    together = controls.draw(1, [(0, False), (7, True), (3, False)])
    for row, address in enumerate([(0, False), (7, True), (3, False)]):
        assert (together[row] == controls.draw(1, [address])[0]).all()


def test_a_replication_has_its_controls():
    scenario = replace(baseline(), run={"begin": "empty", "warm_up_weeks": 8, "weeks": 8, "replications": 5})
    prepared = Prepared(scenario, controlled=True)
    drawn = controls_of(scenario).draw(scenario.run.seed, [(number, False) for number in range(5)])
    for number in range(5):
        outcome = replicate(prepared, scenario.run.seed, number)
        assert list(outcome.controls.values()) == drawn[number].tolist()
        assert list(outcome.controls) == list(CONTROLS)
    assert np.isnan(list(replicate(Prepared(scenario), 1, 0).controls.values())).all()


def test_replayed_referrals_and_endless_programmes_have_no_controls():
    assert controls_of(with_overrides(baseline(), ["demand.referrals=[2026-01-05]"])) is None
    assert controls_of(with_overrides(baseline(), ["boosters.attrition=0", 'run.begin="empty"'])) is None


def test_a_clinic_without_queues_gives_what_the_controls_have():
    """With chairs and nurses for all, and no visit missed, controls and figures rise and fall together."""
    scenario = with_overrides(
        baseline(),
        ["clinic.chairs=30", "shifts.day.nurses=30", "attendance.no_show=0", "attendance.late_cancel=0",
         "run.weeks=26", "run.history_delay_days=0"],
    )  # fmt: skip
    prepared = Prepared(scenario, controlled=True)
    outcomes = [replicate(prepared, 5, number) for number in range(16)]
    for control, kpi in (
        ("control_boosters", "boosters_per_week"),
        ("control_induction", "induction_per_week"),
    ):
        drawn = [each.controls[control] for each in outcomes]
        assert np.corrcoef(drawn, [each.kpis[kpi] for each in outcomes])[0, 1] > 0.97


def test_the_reach_of_the_past_is_that_of_the_draws():
    """An expectation that counts more years than are drawn is too high."""
    scenario = many("typical")
    short, long = (Controls(scenario, 7 * weeks).expected() for weeks in (10, 60))
    assert short[2] < 0.9 * long[2]
