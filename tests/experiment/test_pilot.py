"""Pilot runs: their own error is as large as stated, and it is in every interval."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import special, stats

from simclinic.errors import QueueError
from simclinic.experiment import pairs, pilot
from simclinic.measures import shared_error, summarise
from simclinic.scenario import baseline, replace

KPI = "boosters_per_week"
STEADY = {"begin": "steady", "history_weeks": 80, "warm_up_weeks": 2, "weeks": 26, "replications": 1}


def pilots(scenario, seed):
    other = replace(scenario, run={"seed": seed})
    return pilot.with_error(other)


@pytest.fixture(scope="module")
def several():
    """What pilots with different seeds find, where a key figure changes by 1 with each day of delay."""
    scenario = replace(baseline(), run=STEADY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pilot, "WEEKS", 13)
        response = pilot._Pilots._sensitivity
        patch.setattr(pilot._Pilots, "_sensitivity", lambda *args: ({KPI: 1.0}, response(*args)[1]))
        patch.setattr(pilot, "measure", lambda *_: SimpleNamespace(kpis={KPI: 0.0}))
        return [pilots(scenario, seed) for seed in range(24)]


def test_the_stated_error_is_the_spread_between_pilots(several):
    """F test of the variance of the delay between sets of pilots against the mean variance that each states."""
    delays = np.array([competition.booster_delay_days for competition, _ in several])
    stated = np.mean([np.var(effects[KPI], ddof=1) / len(effects[KPI]) for _, effects in several])
    low, high = stats.f.ppf([0.001, 0.999], len(several) - 1, len(several) * (2 * pilot.PAIRS - 1))
    assert low < delays.var(ddof=1) / stated < high


def test_a_slope_is_what_a_longer_delay_changes_by_the_day(monkeypatch):
    """A key figure of 20 + 0.3 for each day of delay, and waits that follow a tenth of it."""

    def simulated(self, competition, numbers=()):
        delay = competition.booster_delay_days
        waits = 2.0 + 0.1 * delay + np.array([0.5, -0.5, 0.2, -0.2, 0.0, 0.0])
        count = len(numbers or self._numbers)
        kpis = [{KPI: 20 + 0.3 * delay}] * 2
        return pilot._Round(competition, 0.0, 1.0 + delay, waits, waits, waits[:count], np.zeros(count), kpis)

    monkeypatch.setattr(pilot._Pilots, "_round", simulated)
    monkeypatch.setattr(pilot._Pilots, "_delay", lambda *_: 1.0)
    _, effects = pilots(replace(baseline(), run=STEADY), 1)
    # A wait that is longer by 0.9 days means a delay that is longer by one: the simulated waits follow it, too.
    assert effects[KPI] == pytest.approx(0.3 / 0.9 * np.array([0.5, -0.5, 0.2, -0.2, 0.0, 0.0]))


@pytest.mark.parametrize(
    ("response", "expected"),
    [(0.5, 3.0 + 0.4 / 0.5), (1.0, 3.4), (1e-12, 3.4), (0.0, 3.4), (-1e-12, 3.4)],
    ids=["half", "whole", "hardly any", "none", "the other way"],
)
def test_the_next_delay_follows_waits_only_where_they_follow_it(monkeypatch, response, expected):
    """Boosters of the past wait 2 days with a delay of 3, and should wait 2.4."""

    def waited(self, competition):
        return 2.0 + response * (competition.booster_delay_days - 3.0)

    monkeypatch.setattr(pilot._Pilots, "_booster_past", waited)
    scenario = replace(baseline(), run=STEADY)
    found = pilot._Pilots(scenario, 1)
    assert found._delay(pilot.Competition(booster_delay_days=3.0), 2.4, 2.0) == pytest.approx(expected)


def test_effects_sum_to_nothing(several):
    for _, effects in several:
        assert all(len(values) == 2 * pilot.PAIRS for values in effects.values())
        assert sum(effects[KPI]) == pytest.approx(0.0, abs=1e-9)
        assert max(map(abs, effects[KPI])) > 0.0


def test_half_width_is_student_s():
    effects = (0.3, -0.1, -0.2)
    error = math.sqrt((0.09 + 0.01 + 0.04) / 2 / 3)
    assert shared_error.half_width(effects) == pytest.approx(special.stdtrit(2, 0.975) * error)
    assert shared_error.half_width(()) == shared_error.half_width((0.5,)) == 0.0


def test_intervals_contain_the_shared_error():
    figures = summarise([{KPI: value} for value in (18.0, 20.0, 21.0)])
    mean, (low, high) = figures[KPI]["mean"], figures[KPI]["ci"]
    shared = shared_error.half_width((0.3, -0.1, -0.2))
    shared_error.widen(figures, {KPI: (0.3, -0.1, -0.2)})
    assert figures[KPI]["mean"] == mean
    assert figures[KPI]["ci"] == pytest.approx(
        [mean - math.hypot(mean - low, shared), mean + math.hypot(high - mean, shared)]
    )


def test_an_interval_stays_within_the_range_of_its_figure():
    figures = summarise([{"balked_share": value} for value in (0.01, 0.02, 0.0)])
    shared_error.widen(figures, {"balked_share": (0.5, -0.2, -0.3)})
    assert figures["balked_share"]["ci"][0] == 0.0


def test_equal_pilots_add_nothing_to_a_difference():
    one, other = {KPI: (0.2, -0.2)}, {KPI: (0.3, -0.3)}
    assert shared_error.between(one, one)[KPI] == (0.0, 0.0)
    assert shared_error.between(one, other)[KPI] == pytest.approx((0.1, -0.1))
    assert shared_error.between({}, other)[KPI] == (0.3, -0.3)
    assert shared_error.between(one, {})[KPI] == (-0.2, 0.2)


def test_pilots_of_a_clinic_near_saturation_are_more_than_those_of_the_other():
    """The error of the difference is that of both means: 24 pilots of one clinic, the first six patients shared."""
    draws = np.random.default_rng(1)
    few, many, errors = [], [], []
    for _ in range(1000):
        of_patients = draws.normal(size=24)
        one, other = of_patients[:6] + draws.normal(size=6), 2.0 * of_patients + draws.normal(size=24)
        effects = shared_error.between({KPI: tuple(one)}, {KPI: tuple(other)})[KPI]
        few.append(len(effects))
        many.append(shared_error.half_width(effects))
        errors.append(other.mean() - one.mean())
    assert set(few) == {6}
    back = shared_error.between({KPI: tuple(other)}, {KPI: tuple(one)})[KPI]
    assert back == pytest.approx([-each for each in effects])
    # The first and the third, the second and the fourth of four are a group each.
    assert shared_error.between({KPI: (1.0, 2.0)}, {KPI: (4.0, 1.0, 6.0, 3.0)})[KPI] == (4.0, 0.0)
    # Student's interval of six values holds the error in 95 of 100 cases.
    held = np.mean(np.abs(errors) <= many)
    assert held == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 1000))


def test_a_difference_is_tested_with_the_shared_error():
    one = {KPI: np.array([18.0, 20.0, 21.0, 19.5])}
    other = {KPI: np.array([18.5, 20.4, 21.6, 20.0])}
    plain = pairs.paired(one, other)[KPI]
    wider = pairs.paired(one, other, effects={KPI: (1.0, -1.5, 0.5)})[KPI]
    half = math.hypot(plain.ci[1] - plain.mean, shared_error.half_width((1.0, -1.5, 0.5)))
    assert wider.ci == pytest.approx((wider.mean - half, wider.mean + half))
    # an interval at 95 % and a test at 5 % agree
    assert plain.p < 0.05 < wider.p
    assert (wider.ci[0] > 0) == (wider.p < 0.05)
    assert wider.sd == plain.sd


def test_a_given_delay_needs_no_pilot(monkeypatch):
    monkeypatch.setattr(pilot, "_Pilots", lambda *_: pytest.fail("the delay is given"))
    competition, effects = pilots(replace(baseline(), run={**STEADY, "history_delay_days": 1.5}), 1)
    assert (competition.first_delay_days, competition.booster_delay_days) == (1.5, 1.5)
    assert effects == {}


def test_a_queue_without_bound_ends_the_pilots_and_not_the_study(monkeypatch):
    def queues(*_):
        raise QueueError.waiting_for("a chair", 10)

    monkeypatch.setattr(pilot, "simulate", queues)
    competition, effects = pilots(replace(baseline(), run=STEADY), 1)
    assert competition.endless
    assert effects == {}


def test_no_pilot_runs_where_far_more_is_asked_for_than_can_start(monkeypatch):
    monkeypatch.setattr(pilot, "simulate", lambda *_: pytest.fail("hopeless on paper"))
    crowded = replace(baseline(), run=STEADY, demand={"referrals_per_week": 60.0})
    competition, effects = pilots(crowded, 1)
    assert competition.endless
    assert effects == {}


@pytest.mark.parametrize("count", [2, 4])
def test_what_pilots_find_does_not_depend_on_who_simulates_which(monkeypatch, count):
    """Equal to the last bit, key figures and all."""
    monkeypatch.setattr(pilot, "WEEKS", 8)
    monkeypatch.setattr(pilot, "ROUNDS", 1)
    scenario = replace(baseline(), run=STEADY)
    shared = pilot.Helpers(count, lambda function, shares: [*reversed([*map(function, shares[::-1])])])
    assert pilot.with_error(scenario, shared) == pilot.with_error(scenario)
