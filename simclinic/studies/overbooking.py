"""Whether the appointments already made fit the plan."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from simclinic.planning import Timetable
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel

_SHOWN = 5


def overbooked(scenario: Scenario, panel: Panel) -> Iterator[str]:
    """Say on which days the panel has more appointments than the plan has starts.

    Parameters
    ----------
    scenario
        Set to begin with the panel.
    panel
        Today's patients.
    """
    if scenario.booking.mode == "walk-in":
        return
    start = scenario.run.start
    promised = Counter(
        (patient.next_appointment - start).days
        if not isinstance(patient.next_appointment, dt.datetime)
        else (patient.next_appointment.date() - start).days
        for patient in panel.patients
        if patient.next_appointment is not None
    )
    grids = Timetable(scenario).grids
    told = []
    beyond = 0
    for day, count in sorted(promised.items()):
        if day >= len(grids):
            beyond += count
            continue
        grid = grids[day]
        starts = 0 if grid is None else len(grid.starts)
        if count > starts:
            date = (start + dt.timedelta(days=day)).isoformat()
            told.append(f"{count} for {starts or 'no'} starts on {date}")
    if told:
        more = f", and {len(told) - _SHOWN} more days" if len(told) > _SHOWN else ""
        yield (
            f"the panel has more appointments than the plan can start: {'; '.join(told[:_SHOWN])}{more}. "
            "A patient for whom no start is left comes on the next day that has one"
        )
    if beyond:
        yield f"{beyond} appointments of the panel lie beyond the weeks that are simulated and are left out"
