"""Begun in time, of all who asked: by hand, against another way to reckon it, and against running on."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simclinic import records as r
from simclinic.experiment.replication import Prepared, replay
from simclinic.measures import measure
from simclinic.measures.access import begun, begun_in_time, decisions
from simclinic.measures.window import Window
from simclinic.records import DAY, WEEK
from simclinic.scenario import baseline, from_toml, with_overrides
from tests.measures.paper import CLINIC, at, write

SCENARIO = from_toml(CLINIC)


def patient(ready, *, begun=None, left=None, reason=r.LEFT_UNSERVED, **more):
    """A new patient, by days."""
    times = {"ready": at(ready)}
    if begun is not None:
        times["first_infusion"] = at(begun)
    if left is not None:
        times |= {"left": at(left), "reason": reason}
    return {"protocol": 0} | times | more


def share(patients, days=10.0, weeks=2):
    records = write(patients, weeks=weeks)
    return begun_in_time(records, Window.of(records), days)


DECIDED = (
    patient(0, begun=3),
    patient(1, begun=11),  # ten days, to the minute: in time
    patient(0, begun=10.5),  # too late
    patient(0, left=0),  # turned away at once
    patient(1, left=4, reason=r.DROPPED_OUT),  # gave up a missed appointment
    patient(2),  # still waits, for more than ten days
    patient(-1, begun=1),  # became ready before the weeks
    patient(1, begun=2, origin=r.PANEL),  # nobody knows since when
)


def test_who_is_turned_away_gives_up_or_waits_too_long_has_not_begun_in_time():
    assert share(DECIDED) == pytest.approx(2 / 6)


def test_the_days_are_those_of_the_target():
    records = write(DECIDED)
    assert measure(records, SCENARIO).kpis["started_within_days_share"] == pytest.approx(2 / 6)
    for target, found in (
        ('"<= 3"', 1 / 6),
        ('"<= 10.5"', 3 / 6),
        ('">= 3"', 2 / 6),
        ("{at_most=3, in=0.8}", 1 / 6),
    ):
        changed = with_overrides(SCENARIO, [f"targets.access_days_p90={target}"])
        assert measure(records, changed).kpis["started_within_days_share"] == pytest.approx(found), target


def test_who_has_waited_for_less_when_the_weeks_end_is_undecided():
    """Of four, one begins on day 0, one is turned away on day 2; of the two after day 5 one begins on day 6."""
    patients = (
        patient(0, begun=0.5),
        patient(1, left=3),
        patient(2, begun=8),
        patient(1),  # waits for more than ten days
        patient(9),  # undecided after five days
    )
    # at risk: 5, 4, 2 (the undecided one has gone on day 5)
    assert share(patients) == pytest.approx(1 / 5 + (4 / 5) * (3 / 4) * (1 / 2))


def test_what_nobody_was_followed_for_is_not_known():
    assert math.isnan(share(()))
    assert math.isnan(share((patient(-3, begun=1),)))
    one_week = (patient(2), patient(3, begun=4))
    assert math.isnan(share(one_week, weeks=1))
    assert share(one_week, weeks=1, days=5.0) == pytest.approx(1 / 2)
    assert share(one_week[1:], weeks=1) == 1.0  # nobody is left to wait


def test_what_is_left_where_the_longest_wait_goes_on_counts_as_not_begun():
    assert share((patient(9), patient(10, begun=11))) == pytest.approx(1 / 2)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 13), st.sampled_from(["begun", "left", "waits"]), st.integers(0, 14)),
        min_size=1,
    )
)
def test_it_is_what_redistribution_to_the_right_gives(people):
    """Efron's way: each undecided patient's share is divided among those who wait longer."""
    patients, known = [], []
    for ready, end, days in people:
        if end == "waits" or ready + days >= 14:
            patients.append(patient(ready))
            known.append((14 - ready, "waits"))
        else:
            patients.append(patient(ready, **{end: ready + days}))
            known.append((days, end))
    known.sort(key=lambda each: (each[0], each[1] == "waits"))
    weight, total = [1 / len(known)] * len(known), 0.0
    for place, (days, end) in enumerate(known):
        if end == "begun" and days <= 10:
            total += weight[place]
        if end == "waits" and days < 10:
            after = len(known) - place - 1
            for other in range(place + 1, len(known)):
                weight[other] += weight[place] / after
    found = share(patients)
    assert found == pytest.approx(total)


CLINICS = {
    "busy": (6, "demand.referrals_per_week=14"),
    "capped": (
        20,
        "demand.referrals_per_week=10",
        "booking.max_patients_in_series=10",
        "booking.patience_days=14",
    ),
}
"""Weeks of warm-up, after which the waiting list no longer grows, and settings."""


@pytest.mark.parametrize("name", CLINICS)
def test_it_agrees_with_running_on_until_all_are_decided(name):
    """Three weeks, so that one patient in five is undecided when they end."""
    weeks, more, count = 3, 2, 40
    warm_up, *changed = CLINICS[name]
    scenario = with_overrides(
        baseline(),
        ['run.begin="empty"', f"run.warm_up_weeks={warm_up}", f"run.weeks={weeks}", *changed],
    )
    brief, longer = Prepared(scenario), Prepared(with_overrides(scenario, [f"run.weeks={weeks + more}"]))
    gaps, naive = [], []
    for number in range(count):
        estimated = measure(replay(brief, 1, number), scenario).kpis["started_within_days_share"]
        records = replay(longer, 1, number)
        ready = records.patients["ready"]
        asked = (ready >= 0) & (ready < weeks * WEEK)
        first, ended = begun(records)[asked], decisions(records)[asked]
        assert ((ended < records.end) | (records.end - ready[asked] >= 10 * DAY)).all()
        in_time = first - ready[asked] <= 10 * DAY
        gaps.append(estimated - np.mean(in_time))
        naive.append(np.mean(in_time & (first < weeks * WEEK)) - np.mean(in_time))
    sure = 3.3 * np.std(gaps, ddof=1) / math.sqrt(count)
    assert abs(np.mean(gaps)) < sure
    assert np.mean(naive) < -1.5 * sure  # what counting the undecided as late would give
