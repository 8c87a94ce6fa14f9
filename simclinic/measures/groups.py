"""Key figures by type of visit, by role and by place: those of a part of the clinic, under the same definitions.

Their names are `FIGURE:PART`, such as `wait_minutes_mean:esketamine`. A clinic with one type of visit, nurses and
chairs has none. A type of visit, a role and a place may have one name: the figure says which of them is meant.

>>> figure_of("wait_minutes_mean:esketamine", KPIS).label
'Wait on the day, mean: esketamine'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from simclinic.measures.access import access, begun_in_time, turned_away_at_consult
from simclinic.measures.at_once import WAITING, average
from simclinic.measures.in_use import InUse, of_role
from simclinic.measures.kpi import Kpi
from simclinic.measures.occupancy import Spans
from simclinic.measures.section import Weekly
from simclinic.measures.separate_starts import has_separate_starts
from simclinic.measures.staffing import staffing
from simclinic.measures.visits import delayed, given, visits
from simclinic.measures.window import Window
from simclinic.records import Records, Table, open_spans
from simclinic.scenario import Scenario
from simclinic.scenario.targets import target_days, target_minutes
from simclinic.scenario.visit import CHAIR, NURSE

BY_SERIES = (
    "series_started_per_week",
    "access_days_mean",
    "access_days_p90",
    "started_within_days_share",
    "balked_share",
)
"""Figures of the patients whose series is of a type, or who ask for a consult of it."""
BY_VISIT = (
    "infusions_per_week",
    "wait_minutes_mean",
    "wait_minutes_p90",
    "waited_share",
    "delayed_share",
    "started_on_time_share",
    "visit_minutes_mean",
    "no_show_share",
    "clinic_cancelled_share",
)
"""Figures of the visits of a type."""
BY_TYPED_VISIT = ("separate_starts_patients_per_week",)
"""Likewise, of a clinic whose starts are by type."""
BY_ROLE = ("nurse_hands_on_utilisation", "nurse_watch_utilisation", "overtime_nurse_hours_per_week")
"""Figures of the staff of a role; those of nurses have no part in their names."""
PAY = "cost_per_week"
"""What the staff of a role is paid; of nurses, too, since the whole cost holds other things."""
BY_PLACE = (
    "chair_utilisation",
    "waited_for_chair_minutes_mean",
    "waited_for_chair_minutes_p90",
    "queue_length_mean",
)
"""Figures of the places of a kind; those of chairs have no part in their names."""

Parts = Mapping[tuple[str, str], Mapping[str, Any]]
"""Quantities by what a part is (`VISIT`, `ROLE` or `PLACE`) and its name."""
VISIT, ROLE, PLACE = "by_visit", "by_role", "by_place"
"""What a part is: a type of visit, a role or a place; also the keys in documents."""

_KIND = {
    **dict.fromkeys((*BY_SERIES, *BY_VISIT, *BY_TYPED_VISIT), VISIT),
    **dict.fromkeys((*BY_ROLE, PAY), ROLE),
    **dict.fromkeys(BY_PLACE, PLACE),
}
_WORDS = {
    "infusions_per_week": "Visits",
    "series_started_per_week": "First visits",
    "access_days_mean": "Days to first visit, mean",
    "access_days_p90": "Days to first visit, 9 in 10 within",
    PAY: "Pay",
    "nurse_hands_on_utilisation": "Time hands-on",
    "nurse_watch_utilisation": "Time watching",
    "overtime_nurse_hours_per_week": "Overtime",
    "chair_utilisation": "In use",
    "waited_for_chair_minutes_mean": "Waited for one, mean",
    "waited_for_chair_minutes_p90": "Waited for one, 9 in 10 within",
    "queue_length_mean": "Waiting for one, at once",
}
_ABSENT = {
    **dict.fromkeys(("access_days_mean", "access_days_p90"), "nobody had a first visit of this type"),
    **dict.fromkeys(
        (
            "wait_minutes_mean",
            "wait_minutes_p90",
            "waited_share",
            "delayed_share",
            "started_on_time_share",
            "visit_minutes_mean",
        ),
        "no visit of this type was completed",
    ),
    **dict.fromkeys(("no_show_share", "clinic_cancelled_share"), "no appointment of this type was due"),
    **dict.fromkeys(
        ("nurse_hands_on_utilisation", "nurse_watch_utilisation"), "nobody of the role was present"
    ),
    **dict.fromkeys(("waited_for_chair_minutes_mean", "waited_for_chair_minutes_p90"), "no visit held one"),
}
"""Why a figure of a part cannot be computed, where that is said of the part alone."""
_USE = {
    "infusions_per_week": "no visit of the type {!r} took place",
    "chair_utilisation": "nobody was in the place {!r}",
}
"""Figures that are 0 where a part is not in use at all, and what to say then."""
_CONSULT = " Of consults: of the patients who ask for one, from that moment on."
_DEFINITIONS = {
    PAY: "Rostered hours of {part} (breaks and absence paid) and overtime, with on-costs.",
    "waited_for_chair_minutes_mean": "Minutes waited for {part}, of visits that held it.",
    "waited_for_chair_minutes_p90": "The 90 % quantile of the minutes waited for {part}, of visits that held it.",
    "queue_length_mean": "Time-average number of patients who wait for {part}, within opening hours.",
}


def waiting_figures(scenario: Scenario) -> tuple[str, ...]:
    """Return the key figures of waiting, of a clinic with a book or of one without."""
    booked = ("access_days_p90", "booster_wait_days_mean")
    return ("wait_minutes_mean",) if scenario.booking.mode == "walk-in" else booked


def beginning_by_type(scenario: Scenario, *more: str) -> tuple[str, ...]:
    """Return the figures by type of visit of waiting, of series begun and of patients turned away.

    Parameters
    ----------
    scenario
        The clinic; nothing if it has one type.
    more
        Further figures.
    """
    wanted = dict.fromkeys((*waiting_figures(scenario), "series_started_per_week", "balked_share", *more))
    types = group_names(scenario).get(VISIT, {}).values()
    return tuple(names[each] for each in wanted for names in types if each in names)


def group_names(scenario: Scenario) -> dict[str, dict[str, dict[str, str]]]:
    """Return the key figures of each part of a clinic.

    Returns
    -------
    dict
        By `VISIT`, `ROLE` and `PLACE`, and by the name of the part: the names of its key figures, by that of the
        same figure of the whole clinic. What the clinic has one of is left out.
    """
    names: dict[str, dict[str, dict[str, str]]] = {}
    if len(scenario.visit_types) > 1:
        firsts = {*(protocol.visit for protocol in scenario.protocols.values()), scenario.intake.visit}
        of_visits = (*BY_VISIT, *BY_TYPED_VISIT) if has_separate_starts(scenario) else BY_VISIT
        names[VISIT] = {
            kind: {name: f"{name}:{kind}" for name in (*(BY_SERIES if kind in firsts else ()), *of_visits)}
            for kind in scenario.visit_types
        }
    if len(scenario.staff) > 1:
        names[ROLE] = {
            role: {
                **{name: name if role == NURSE else f"{name}:{role}" for name in BY_ROLE},
                PAY: f"{PAY}:{role}",
            }
            for role in scenario.staff
        }
    if scenario.places:
        names[PLACE] = {
            place: {name: name if place == CHAIR else f"{name}:{place}" for name in BY_PLACE}
            for place in (CHAIR, *scenario.places)
        }
    return names


def group_figures(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of a scenario's figures by type of visit, role and place."""
    return tuple(
        name
        for parts in group_names(scenario).values()
        for figures in parts.values()
        for name in figures.values()
        if ":" in name
    )


WEEKLY = {
    VISIT: ("infusions", "series_started"),
    ROLE: (
        "nurse_minutes_rostered",
        "nurse_minutes_present",
        "hands_on_minutes",
        "watch_nurse_minutes",
        "overtime_nurse_minutes",
    ),
}
"""Columns of the weekly table that each type of visit and each role has, too; those of nurses have no part."""


def weekly_columns(scenario: Scenario) -> dict[str, tuple[tuple[str, str], str]]:
    """Return the columns of the weekly table by part, `COLUMN:PART`.

    Returns
    -------
    dict
        By the name of the column: what the part is and its name, and the quantity of the part.
    """
    names = group_names(scenario)
    columns = {
        f"{column}:{part}": ((kind, part), column)
        for kind, of_kind in WEEKLY.items()
        for part in names.get(kind, ())
        if (kind, part) != (ROLE, NURSE)
        for column in of_kind
    }
    return columns | {f"cost:{role}": ((ROLE, role), "cost") for role in names.get(ROLE, ())}


def figure_of(name: str, known: Mapping[str, Kpi]) -> Kpi:
    """Return a figure of a part: that of the whole clinic, with the part's name in its words."""
    if part_of(name) is None:
        raise KeyError(name)
    base, _, part = name.partition(":")
    whole = known[base]
    label = _WORDS.get(base, whole.label)
    definition = f"As {base}, of {part} alone. {whole.definition}{_CONSULT if base in BY_SERIES else ''}"
    if base in _DEFINITIONS:
        definition = _DEFINITIONS[base].format(part=part)
    return replace(
        whole,
        name=name,
        label=f"{label}: {part}",
        definition=definition,
        absent=f"{_ABSENT[base]} in the measured weeks" if base in _ABSENT else whole.absent,
        # Of a role or a place, "nurses' time" and "chairs in use" would name the wrong ones.
        subject=f"{part}: {label[0].lower() + label[1:] if base in _WORDS else whole.subject}",
    )


def part_of(name: str) -> tuple[str, str] | None:
    """Tell of which part a figure is: what that is, and its name; None for a figure of the whole clinic.

    >>> part_of("chair_utilisation:room"), part_of("chair_utilisation")
    (('by_place', 'room'), None)
    """
    base, colon, part = name.partition(":")
    return (_KIND[base], part) if colon and base in _KIND else None


def unused(means: Mapping[str, float | None]) -> dict[tuple[str, str], str]:
    """Find the types of visit that nobody had and the places that nobody held, with a sentence on each.

    Parameters
    ----------
    means
        Key figures by name: means over replications, or the most in any of them.

    Returns
    -------
    dict
        Sentences by what the part is, and its name.

    Examples
    --------
    >>> unused({"infusions_per_week:spray": 0.0, "infusions_per_week:infusion": 30.0})
    {('by_visit', 'spray'): "no visit of the type 'spray' took place"}
    """
    found = {}
    for name, mean in means.items():
        base, _, part = name.partition(":")
        if part and mean == 0 and base in _USE:
            found[_KIND[base], part] = _USE[base].format(part)
    return found


def by_group(
    records: Records, scenario: Scenario, window: Window, roles: Mapping[str, InUse], numbers: Weekly
) -> dict[tuple[str, str], dict[str, Any]]:
    """Measure the parts of a clinic.

    Parameters
    ----------
    records, scenario, window
        The tables, the clinic and the measured weeks.
    roles
        What roles besides nurses do; see :func:`roles_in_use`.
    numbers
        How many at once; see :func:`simclinic.measures.at_once.at_once`.

    Returns
    -------
    dict
        By what a part is, and its name: the quantities from which its figures are computed.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    if scenario.simple:
        return found
    if len(scenario.visit_types) > 1:
        for kind, name in enumerate(scenario.visit_types):
            part = _of_type(records, scenario, kind)
            sections = (access(part, scenario, window), visits(part, window))
            found[VISIT, name] = {
                key: value for each in sections for key, value in {**each.weeks, **each.quantities}.items()
            }
            found[VISIT, name]["infusions"] = window.count(part.visits["left"][given(part, window)])
            days = target_days(scenario.targets, scenario.targets.visits.get(name))
            found[VISIT, name]["begun_in_time"] = begun_in_time(part, window, days)
            minutes = target_minutes(scenario.targets, scenario.targets.visits.get(name))
            found[VISIT, name]["delayed"] = delayed(part, window, minutes)
    for role, in_use in roles.items():
        found[ROLE, role] = dict(staffing(of_role(records, scenario, role), in_use, window).weeks)
    for place, (name, rule) in enumerate(scenario.places.items()):
        found[PLACE, name] = {
            **_place(records, window, place, rule.number),
            "queue_length": average(numbers, WAITING, name),
        }
    return found


def roles_in_use(records: Records, scenario: Scenario, window: Window) -> dict[str, InUse]:
    """Follow what the roles besides nurses do, by name."""
    return {
        role: InUse.of(of_role(records, scenario, role), scenario, window, role)
        for role in scenario.staff[1:]
    }


def _of_type(records: Records, scenario: Scenario, kind: int) -> Records:
    """Keep the visits of one type, and of the patients those whose series is of it, or who ask for that consult.

    A consult is to these patients what a first infusion is to others, and asking for it what being ready is.
    """
    table: Table = records.visits
    rows = np.flatnonzero(table["visit"] == kind)
    name = list(scenario.visit_types)[kind]
    here = np.array([protocol.visit == name for protocol in scenario.protocols.values()])
    patients = dict(records.patients)
    of_type = {column: values.take(rows, axis=0) for column, values in table.items()}
    others = ~here[patients["protocol"]]
    if name == scenario.intake.visit:
        others = ~turned_away_at_consult(records)
        begun = np.full(len(others), np.nan)
        np.fmax.at(begun, of_type["patient"], records.begun[rows])
        patients["ready"], patients["first_infusion"] = patients["consult_asked"], begun
    else:
        for column in ("ready", "first_infusion"):
            patients[column] = np.where(others, np.nan, patients[column])
    patients["reason"] = np.where(others, 0, patients["reason"])
    patients["consult_asked"] = np.full(len(others), np.nan)
    part = replace(records, visits=of_type, patients=patients)
    part.known["begun"] = records.begun[rows]
    return part


def _place(records: Records, window: Window, place: int, number: int) -> dict[str, Any]:
    """Measure how much of the time on offer the places of a kind are held."""
    days = records.days
    rows = np.flatnonzero(window.measured(days["day"]) & ~np.isnan(days["opening"]))
    opening, closing, row = open_spans(days, rows)
    held = window.occupancy(
        records.visits["place_from"][:, place], records.visits["place_to"][:, place]
    ).inside(Spans(opening, closing), window.edges)
    offered = np.diff(window.occupancy(opening, closing, np.full(len(row), number)).until(window.edges))
    visits = records.visits
    used = given(records, window) & ~np.isnan(visits["place_from"][:, place])
    return {
        "chair_minutes_held": held,
        "chair_minutes": offered,
        "waited_for_chair": visits["wait_place"][used, place],
    }
