"""The first day of a study that begins with today's patients: nobody is lost on the closed days before it."""

import datetime as dt

import numpy as np
import pytest

from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import PANEL
from simclinic.sampling.draws import Sampler
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient
from simclinic.studies.today import begin_with_panel, default_day

FRIDAY = dt.date(2026, 1, 2)
SATURDAY, SUNDAY, MONDAY, TUESDAY = (FRIDAY + dt.timedelta(days=days) for days in (1, 2, 3, 4))
SATURDAYS = 'changes."2026-01-03"={"clinic.hours.sat"="09:00-13:00"}'
CALIBRATED = "calibrated={{as_of={day}, patients={patients}, boosters_per_week=8}}"


def patient(key, last=FRIDAY, *, booked=None, stage="maintained", boosters=2, asked=None):
    given = 3 if stage == "series" else 6
    boosters = 0 if stage == "series" else boosters
    return PanelPatient(key, stage, "twice-weekly", given, boosters, None, last, booked, asked)


def day(patients, *overrides):
    return default_day(with_overrides(baseline(), overrides), Panel(tuple(patients)))


@pytest.mark.parametrize(
    ("last", "overrides", "first"),
    [
        (FRIDAY, (), MONDAY),
        (SATURDAY, (), MONDAY),
        (FRIDAY - dt.timedelta(days=1), (), FRIDAY),
        (MONDAY, (), TUESDAY),
        (FRIDAY, ('clinic.hours.sat="09:00-13:00"',), SATURDAY),
        (FRIDAY, ("clinic.hours.mon=false",), TUESDAY),
        (FRIDAY, ("demand.weekday_weights={mon=1, sun=1}",), SUNDAY),
        (FRIDAY, ("demand.weekday_weights={mon=1, sun=0}",), MONDAY),
        (FRIDAY, ("demand.referrals=[2026-01-04]",), SUNDAY),
        (FRIDAY, ("demand.referrals=[2026-01-04T09:30:00]",), SUNDAY),
        (FRIDAY, ("clinic.closed_on=[2026-01-05]",), MONDAY),  # patients may be referred on a holiday
        (FRIDAY, ("run.start=2025-12-01", SATURDAYS), SATURDAY),
        (None, (), dt.date(2026, 1, 5)),  # no date: the scenario's own first day
        (None, ("run.start=2026-03-07",), dt.date(2026, 3, 7)),
    ],
)
def test_the_first_open_day_after_the_last_date(last, overrides, first):
    waiting = PanelPatient(1, "waiting", "twice-weekly", 0, 0, None, None, None)
    assert day([patient(1, last) if last else waiting], *overrides) == first


@pytest.mark.parametrize("booked", [SATURDAY, SUNDAY, dt.datetime(2026, 1, 4, 9, 30), MONDAY, TUESDAY])
def test_a_day_with_an_appointment_is_not_passed_over(booked):
    on = booked.date() if isinstance(booked, dt.datetime) else booked
    assert day([patient(1), patient(2, booked=booked)]) == min(on, MONDAY)


def test_a_request_at_the_weekend_moves_the_day_but_not_beyond_monday():
    assert day([patient(1), patient(2, asked=SUNDAY)]) == MONDAY


@pytest.mark.parametrize(
    ("as_of", "patients", "booked", "first"),
    [
        (SATURDAY, 2, None, SATURDAY),  # given by the user: it stays
        (dt.date(2026, 1, 20), 2, None, dt.date(2026, 1, 20)),  # the clinic was shut in between
        (dt.date(2026, 1, 20), 2, TUESDAY, MONDAY),  # the list cannot be of the 20th: a visit is due before
        (FRIDAY, 2, None, MONDAY),  # the list is of a later day than the calibration
        (SATURDAY, 3, None, MONDAY),  # the list of another day has other patients
    ],
)
def test_the_list_of_a_calibration_is_of_its_day(as_of, patients, booked, first):
    given = CALIBRATED.format(day=as_of, patients=patients)
    assert day([patient(1), patient(2, booked=booked)], given) == first


def came(as_of, replication):
    """Return the day of each patient's first appointment, and whether the patient came."""
    [begun] = begin_with_panel([with_overrides(baseline(), QUIET)], TODAY, as_of=as_of)
    records = simulate(begun, Sampler(begun, TODAY).sample(1, replication), Timetable(begun))
    visits, of = records.visits, np.flatnonzero(records.patients["origin"] == PANEL)
    theirs = np.flatnonzero(np.isin(visits["patient"], of) & np.isfinite(visits["appointment"]))
    order = theirs[np.argsort(-visits["appointment"][theirs])]
    columns = (visits[name][order].tolist() for name in ("patient", "appointment", "outcome"))
    first = {  # the last that is entered is the earliest
        who - of[0]: (as_of + dt.timedelta(minutes=minute), outcome)
        for who, minute, outcome in zip(*columns, strict=True)
    }
    return {who: came for who, came in first.items() if came[0] < MONDAY + dt.timedelta(weeks=6)}


QUIET = ("run.weeks=7", "demand.referrals_per_week=0.0001", "clinic.chairs=12", "shifts.day.nurses=9")
"""Nobody new, and room for everybody, so that no patient's day depends on another's."""
TODAY = Panel(
    tuple(
        patient(
            7 * key,
            FRIDAY - dt.timedelta(days=3 if key % 9 == 0 else key % 41),
            stage="series" if key % 9 == 0 else "maintained",
            booked=None if key % 4 else MONDAY + dt.timedelta(days=key % 5),
        )
        for key in range(160)
    )
)


@pytest.mark.parametrize("replication", range(3))
def test_nobody_is_lost_on_the_closed_days(replication):
    """A forecast from Monday has the same visits as one from Saturday: relapses of the weekend wait in both."""
    monday, saturday = (came(day, replication) for day in (MONDAY, SATURDAY))
    assert len(monday) > 80
    assert monday == saturday
