"""Random inputs of visits are drawn when they are asked for: the same ones, and few that are not asked for."""

import numpy as np
import pytest

from simclinic.model import simulate
from simclinic.records import BOOSTER
from simclinic.sampling import supply
from simclinic.sampling.draws import Sampler
from simclinic.sampling.visits import Episodes
from simclinic.scenario import baseline, with_overrides

FULL = with_overrides(
    baseline(),
    [
        'run.begin="empty"',
        "run.warm_up_weeks=0",
        "clinic.chairs=1",
        "demand.referrals_per_week=30",
        "boosters.attrition=0.0",
        "boosters.days={dist='exponential', mean=10}",
        "attendance.no_show=0.2",
    ],
)
"""One chair for the patients of ten, who stay in the booster programme: most of what they need is never given."""


@pytest.fixture
def few(monkeypatch):
    """Draw for few patients together, so that a small clinic shows what a large one does."""
    monkeypatch.setattr(supply, "_TOGETHER", 16)


def lived(weeks, *overrides):
    scenario = with_overrides(FULL, [f"run.weeks={weeks}", *overrides])
    draws = Sampler(scenario).sample(1, 0)
    return draws, simulate(scenario, draws)


@pytest.mark.usefixtures("few")
def test_visits_drawn_follow_those_asked_for():
    drawn, needed = [], []
    for weeks in (52, 208):
        draws, records = lived(weeks)
        for each in (draws._series_supply, draws._booster_supply):
            assert each.drawn == len(each.episodes)
            assert each.drawn <= each.most_unused * (each.asked + 16) + 16 * 16
        boosters = draws._booster_supply
        given = np.isfinite(records.visits["arrived"]) & (records.visits["kind"] == BOOSTER)
        assert 50 < given.sum() <= boosters.asked
        drawn.append(boosters.drawn / boosters.asked)
        needed.append(boosters._needed.sum() / boosters.asked)
    # The queue grows, and with it what a clinic without queues would give for each booster; what is drawn does not.
    assert needed[1] > 1.2 * needed[0]
    assert drawn[1] < 1.05 * drawn[0]
    assert drawn[1] < needed[1] / 5


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("overrides", [(), ("boosters.infusions=2",), ("demand.referrals_per_week=3",)])
def test_every_visit_has_the_inputs_of_its_own_address(overrides):
    draws, records = lived(40, *overrides)
    compared = 0
    for supplied, kind in ((draws._series_supply, "induction"), (draws._booster_supply, "booster")):
        code = kind == "booster"
        here = (records.visits["kind"] == code) & np.isfinite(records.visits["arrived"])
        pairs = {
            *zip(
                records.visits["patient"][here].tolist(), records.visits["number"][here].tolist(), strict=True
            )
        }
        for patient, number in sorted(pairs):
            row = supplied.row(patient, number)
            alone, before = Episodes(), int(draws.infusions[patient]) if code else 0
            who, which = np.array([patient]), np.array([number])
            draws.visits.add(alone, kind, who, which, which + before, supplied._rebooks)
            assert supplied.episodes.minutes(row) == alone.minutes(0)
            assert supplied.episodes.offset(row) == alone.offset(0)
            assert supplied.episodes.misses(row) == alone.misses(0)
            compared += 1
    assert compared > 100


def test_a_clinic_without_queues_draws_what_it_needs():
    draws, _ = lived(80, "demand.referrals_per_week=2", "boosters.attrition=0.1", "clinic.chairs=5")
    supplied = draws._booster_supply
    assert supplied.asked > 50
    assert supplied.drawn <= supplied._needed.sum()


def test_patients_expected_at_about_the_same_time_are_drawn_for_together():
    draws = Sampler(with_overrides(FULL, ["run.weeks=4"])).sample(1, 0)
    coming = draws.coming.tolist()
    assert len(coming) > 3
    draws.series_row(coming[2], 1)
    assert len(draws.series) == sum(draws.ends_after[one] or int(draws.infusions[one]) for one in coming)
