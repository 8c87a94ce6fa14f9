"""Key figures by type of visit, by role and by place: those of a part of the clinic, under the same definitions.

Their names are `FIGURE:PART`, such as `wait_minutes_mean:esketamine`. A clinic with one type of visit, nurses and
chairs has none.

>>> figure_of("wait_minutes_mean:esketamine", KPIS).label
'Wait on the day, mean: esketamine'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from simclinic.measures.access import access
from simclinic.measures.in_use import InUse, of_role
from simclinic.measures.kpi import Kpi
from simclinic.measures.occupancy import Spans
from simclinic.measures.staffing import staffing
from simclinic.measures.visits import visits
from simclinic.measures.window import Window
from simclinic.records import Records, Table, open_spans
from simclinic.scenario import Scenario

BY_SERIES = ("access_days_mean", "access_days_p90", "balked_share")
"""Figures of the patients whose series is of a type."""
BY_VISIT = (
    "infusions_per_week",
    "wait_minutes_mean",
    "wait_minutes_p90",
    "started_on_time_share",
    "visit_minutes_mean",
    "no_show_share",
    "clinic_cancelled_share",
)
"""Figures of the visits of a type."""
BY_ROLE = ("nurse_hands_on_utilisation", "nurse_watch_utilisation", "overtime_nurse_hours_per_week")
"""Figures of the staff of a role."""
BY_PLACE = ("chair_utilisation",)
"""Figures of the places of a kind."""

_WORDS = {
    "infusions_per_week": "Visits",
    "nurse_hands_on_utilisation": "Time hands-on",
    "nurse_watch_utilisation": "Time watching",
    "overtime_nurse_hours_per_week": "Overtime",
    "chair_utilisation": "In use",
}


def group_figures(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of a scenario's figures by type of visit, role and place."""
    if scenario.simple:
        return ()
    names = []
    if len(scenario.visit_types) > 1:
        series = {protocol.visit for protocol in scenario.protocols.values()}
        for kind in scenario.visit_types:
            names += [f"{figure}:{kind}" for figure in (BY_SERIES if kind in series else ())]
            names += [f"{figure}:{kind}" for figure in BY_VISIT]
    names += [f"{figure}:{role}" for role in scenario.staff[1:] for figure in BY_ROLE]
    names += [f"{figure}:{place}" for place in scenario.places for figure in BY_PLACE]
    return tuple(names)


def figure_of(name: str, known: Mapping[str, Kpi]) -> Kpi:
    """Return a figure of a part: that of the whole clinic, with the part's name in its words."""
    base, _, part = name.partition(":")
    whole = known[base]
    label = _WORDS.get(base, whole.label)
    return replace(
        whole,
        name=name,
        label=f"{label}: {part}",
        definition=f"As {base}, of {part} alone. {whole.definition}",
        subject=f"{part}: {whole.subject}",
    )


def by_group(records: Records, scenario: Scenario, window: Window) -> dict[str, dict[str, object]]:
    """Measure the parts of a clinic.

    Returns
    -------
    dict
        By part, the quantities from which its figures are computed.
    """
    found: dict[str, dict[str, object]] = {}
    if scenario.simple:
        return found
    if len(scenario.visit_types) > 1:
        for kind, name in enumerate(scenario.visit_types):
            part = _of_type(records, scenario, kind)
            sections = (access(part, scenario, window), visits(part, window))
            found[name] = {
                key: value for each in sections for key, value in {**each.weeks, **each.quantities}.items()
            }
    for role in scenario.staff[1:]:
        part = of_role(records, scenario, role)
        found[role] = dict(staffing(part, InUse.of(part, scenario, window, role), window).weeks)
    for place, (name, rule) in enumerate(scenario.places.items()):
        found[name] = _place(records, window, place, rule.number)
    return found


def _of_type(records: Records, scenario: Scenario, kind: int) -> Records:
    """Keep the visits of one type, and of the patients those whose series is of it."""
    table: Table = records.visits
    rows = np.flatnonzero(table["visit"] == kind)
    name = list(scenario.visit_types)[kind]
    here = np.array([protocol.visit == name for protocol in scenario.protocols.values()])
    others = ~here[records.patients["protocol"]]
    patients = dict(records.patients)
    for column in ("ready", "first_infusion"):
        patients[column] = np.where(others, np.nan, patients[column])
    patients["reason"] = np.where(others, 0, patients["reason"])
    return replace(
        records, visits={column: values[rows] for column, values in table.items()}, patients=patients
    )


def _place(records: Records, window: Window, place: int, number: int) -> dict[str, object]:
    """Measure how much of the time on offer the places of a kind are held."""
    days = records.days
    rows = np.flatnonzero(window.measured(days["day"]) & ~np.isnan(days["opening"]))
    opening, closing, row = open_spans(days, rows)
    held = window.occupancy(
        records.visits["place_from"][:, place], records.visits["place_to"][:, place]
    ).inside(Spans(opening, closing), window.edges)
    offered = np.diff(window.occupancy(opening, closing, np.full(len(row), number)).until(window.edges))
    return {"chair_minutes_held": held, "chair_minutes": offered}
