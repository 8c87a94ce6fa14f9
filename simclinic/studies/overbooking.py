"""Appointments already made for which the plan has no starts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from simclinic.planning import Timetable
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel

_SHOWN = 5


def overbooking_warnings(scenario: Scenario, panel: Panel) -> Iterator[str]:
    """Warn of days on which the panel has more appointments than the plan has starts.

    Parameters
    ----------
    scenario
        A scenario that is set to begin with the panel.
    panel
        Today's patients.
    """
    if scenario.booking.mode == "walk-in":
        return
    start = scenario.run.start
    appointments = Counter(
        (patient.next_appointment - start).days
        if not isinstance(patient.next_appointment, dt.datetime)
        else (patient.next_appointment.date() - start).days
        for patient in panel.patients
        if patient.next_appointment is not None
    )
    grids = Timetable(scenario).grids
    days = []
    beyond = 0
    for day, count in sorted(appointments.items()):
        if day >= len(grids):
            beyond += count
            continue
        grid = grids[day]
        starts = 0 if grid is None else len(grid.starts)
        if count > starts:
            date = (start + dt.timedelta(days=day)).isoformat()
            days.append(f"{count} for {starts or 'no'} starts on {date}")
    if days:
        more = f", and {len(days) - _SHOWN} more days" if len(days) > _SHOWN else ""
        yield (
            f"the panel has more appointments than the plan can start: {'; '.join(days[:_SHOWN])}{more}. "
            "Patients for whom no start is left come on the next day with a free one"
        )
    if beyond:
        yield f"{beyond} appointments of the panel lie after the simulated weeks and are left out"
