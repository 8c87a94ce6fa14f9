"""The measures on what the model really writes: identities that hold on every path."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import KPIS, WEEKS, measure
from simclinic.model import simulate
from simclinic.sampling import draw
from simclinic.scenario import baseline, load, with_overrides

VERIFICATION = Path(__file__).parents[2] / "scenarios" / "verification"

SETTINGS = {
    "typical": [],
    "crowded": ["demand.referrals_per_week=25"],
    "two shifts": [
        'shifts.late={days=["mon", "wed"], hours="12:00-18:00", nurses=1}',
        "shifts.day.absence=0.3",
    ],
    "scheduled boosters": ['boosters.policy="scheduled"'],
    "walk-in, round the clock": [
        'booking.mode="walk-in"',
        *(f'clinic.hours.{day}="24h"' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")),
        'shifts.day.days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"]',
        'shifts.day.hours="24h"',
        "booking.waiting_room=0",
    ],
}


@pytest.fixture(scope="module", params=SETTINGS)
def replication(request):
    scenario = with_overrides(
        baseline(),
        [
            'run.begin="empty"',
            "run.warm_up_weeks=26",
            "run.weeks=13",
            "run.start=2026-01-08",
            *SETTINGS[request.param],
        ],
    )
    records = simulate(scenario, draw(scenario, 7, 0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return records, scenario, measure(records, scenario)


def test_every_figure_is_there_in_order(replication):
    _, _, measured = replication
    assert list(measured.kpis) == list(KPIS)
    assert list(measured.weeks) == list(WEEKS)
    assert all(type(value) is float for value in measured.kpis.values())
    assert all(column.shape == (13,) for column in measured.weeks.values())
    assert measured.ramp.shape == (39,)
    assert measured.ramp[26:].sum() == measured.weeks["boosters"].sum()


def test_shares_are_shares(replication):
    _, _, measured = replication
    for name, kpi in KPIS.items():
        if kpi.unit == "share" and name not in measured.reasons:
            assert 0.0 <= measured.kpis[name] <= 1.0 + 1e-12, name


def test_nobody_watches_or_works_more_than_there_are(replication):
    records, scenario, measured = replication
    assert (measured.profile["chairs_held_p90"] <= scenario.clinic.chairs + 1e-9).all()
    most = records.days["present"].sum(axis=1).max()
    assert (measured.profile["hands_on_p90"] <= most + 1e-9).all()


def test_little_holds_on_the_path(replication):
    records, _, measured = replication
    people, end = records.patients, records.end
    gone = np.fmin(people["first_infusion"], people["left"])
    spent = np.clip(np.where(np.isnan(gone), end, gone), 0, end) - np.clip(people["ready"], 0, end)
    assert measured.kpis["waiting_for_series_mean"] * end == pytest.approx(np.nansum(spent))
    left = np.where(np.isnan(people["left"]), end, people["left"])
    spent = np.clip(left, 0, end) - np.clip(people["programme"], 0, end)
    assert measured.kpis["programme_patients_mean"] * end == pytest.approx(np.nansum(spent))


def test_profile_holds_the_same_minutes_as_the_visits(replication):
    records, _, measured = replication
    visits, end = records.visits, records.end
    free = np.where(np.isnan(visits["chair_free"]), end, visits["chair_free"])
    held = np.nansum(np.clip(free, 0, end) - np.clip(visits["chair_from"], 0, end))
    assert measured.profile["chairs_held_mean"].sum() * 60 * 13 == pytest.approx(held)


def test_a_booster_comes_after_it_is_asked_for(replication):
    records, _, measured = replication
    weeks = measured.weeks
    given = records.visits["outcome"] == r.COMPLETED
    assert weeks["boosters"].sum() <= np.sum(given & (records.visits["kind"] == 1))
    assert weeks["infusions"].sum() == weeks["induction"].sum() + weeks["boosters"].sum()
    assert (weeks["series_completed"] <= weeks["series_ended"]).all()
    assert (weeks["responders"] <= weeks["series_completed"]).all()
    assert (weeks["balked"] <= weeks["ready"]).all()


def test_a_queue_that_never_ends_is_served_at_full_speed():
    """One chair, visits of exactly 30 minutes, three come in an hour: 336 a week leave, whoever still waits."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    scenario = with_overrides(
        load(VERIFICATION / "constant-lengths.toml"),
        [
            "demand.referrals_per_week=504",
            "run.weeks=2",
            'run.begin="empty"',
            "run.warm_up_weeks=1",
            "run.seed=3",
        ],
    )
    assert all(day in scenario.clinic.hours for day in days)
    kpis = measure(simulate(scenario, draw(scenario, 3, 0)), scenario).kpis
    # within a visit: one is under way at both ends
    assert kpis["infusions_per_week"] == pytest.approx(336, abs=0.51)
    assert kpis["series_started_per_week"] == pytest.approx(336, abs=0.51)
    # somebody who leaves in the second week has waited for all who came before: a third of the time since opening
    assert kpis["wait_minutes_mean"] == pytest.approx(2 * 7 * 1440 / 3, rel=0.1)
