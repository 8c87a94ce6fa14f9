"""Chairs occupied, hands-on tasks, patients watched and nurses present over time.

The occupancies (:class:`~simclinic.measures.occupancy.Occupancy`) that the team's figures need are computed here
once, from the steps of visits and the rosters of the days. A watched patient stays watched until the next step
begins, also while waiting for it, and at the latest until departure; only before closer watching is the old
watching given up first, and the new one then requested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simclinic.arrays import Floats, Integers
from simclinic.measures.occupancy import Occupancy, Spans
from simclinic.measures.window import Window
from simclinic.records import Records
from simclinic.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Watches:
    """Intervals in which a patient is watched, in minutes; NaN end: still watched.

    Attributes
    ----------
    weight
        The share of a nurse each takes, as whole parts of `parts`: thirds and quarters add up exactly.
    parts
        How many parts one nurse is.
    """

    begin: Floats
    end: Floats
    weight: Integers
    parts: int


@dataclass(frozen=True, slots=True)
class InUse:
    """Chairs, hands and watching in use over the measured weeks.

    Attributes
    ----------
    chairs, hands, watched
        Chairs held, hands-on tasks, and patients watched, by time.
    eyes
        Nurses needed for watching, in parts of a nurse (`watches.parts` are one nurse).
    watches
        The intervals behind `watched` and `eyes`.
    open
        Opening hours of measured days.
    chairs_open
        Chairs available, in opening hours.
    present, rostered
        Nurses present and nurses planned, by time.
    staffed
        Times at which at least one nurse is present.
    inside
        Times at which at least one patient is in the clinic.
    """

    chairs: Occupancy
    hands: Occupancy
    watched: Occupancy
    eyes: Occupancy
    watches: Watches
    open: Spans
    chairs_open: Occupancy
    present: Occupancy
    rostered: Occupancy
    staffed: Spans
    inside: Spans

    @classmethod
    def of(cls, records: Records, scenario: Scenario, window: Window) -> InUse:
        """Derive it from visits and days."""
        visits, days = records.visits, records.days
        held = window.occupancy(visits["chair_from"], visits["chair_free"])

        steps = [scenario.visit.steps[name] for name in records.steps]
        hands_on = [k for k, step in enumerate(steps) if step.nurse == "hands-on"]
        hands = window.occupancy(
            visits["step_start"][:, hands_on].ravel(), visits["step_end"][:, hands_on].ravel()
        )
        watches = watched_stretches(records, scenario)

        rows = np.flatnonzero(window.measured(days["day"]) & ~np.isnan(days["opening"]))
        opening, closing = days["opening"][rows], days["closing"][rows]
        begin, end = days["shift_from"].ravel(), days["shift_to"].ravel()
        present = days["present"].ravel()
        there = (present > 0) & (begin < end)
        came = np.flatnonzero(~(visits["left"] <= 0.0) & ~np.isnan(visits["arrived"]))
        arrived, left = visits["arrived"][came], visits["left"][came]
        return cls(
            chairs=held,
            hands=hands,
            watched=window.occupancy(watches.begin, watches.end),
            eyes=window.occupancy(watches.begin, watches.end, watches.weight),
            watches=watches,
            open=Spans(opening, closing),
            chairs_open=window.occupancy(opening, closing, days["chairs"][rows]),
            present=window.occupancy(begin, end, present),
            rostered=window.occupancy(begin, end, days["rostered"].ravel()),
            staffed=Spans.union(begin[there], end[there]),
            inside=Spans.union(arrived, np.where(np.isnan(left), window.end, left)),
        )


def watched_stretches(records: Records, scenario: Scenario) -> Watches:
    """Find when patients are watched: from the start of a `watch` step to the start of the next step."""
    visits = records.visits
    steps = [scenario.visit.steps[name] for name in records.steps]
    ratios = [step.patients_per_nurse or 1 if step.nurse == "watch" else 0 for step in steps]
    parts = math.lcm(*(ratio for ratio in ratios if ratio))
    first_chair = next((place for place, step in enumerate(steps) if step.chair), 0)
    begins: list[Floats] = [np.zeros(0)]
    ends: list[Floats] = [np.zeros(0)]
    weights: list[Integers] = [np.zeros(0, dtype=np.int64)]
    for step, (ratio, following) in enumerate(zip(ratios, [*ratios[1:], 0], strict=True)):
        if not ratio:
            continue
        rows = np.flatnonzero(~np.isnan(visits["step_start"][:, step]))
        if 0 < following < ratio and step + 1 == first_chair:
            # watched while waiting for the chair, and given up on sitting down
            seated = visits["chair_from"][rows]
            end = np.where(np.isnan(seated), visits["left"][rows], seated)
        elif step + 1 == len(steps) or 0 < following < ratio:
            end = visits["step_end"][rows, step]
        else:
            # fmin: whichever is known; turnover may begin long after the patient has gone
            end = np.fmin(visits["step_start"][rows, step + 1], visits["left"][rows])
        begins.append(visits["step_start"][rows, step])
        ends.append(end)
        weights.append(np.full(rows.size, parts // ratio))
    return Watches(np.concatenate(begins), np.concatenate(ends), np.concatenate(weights), parts)
