"""The three tables between simulation and measures: recorded events, nothing computed from them.

A simulation returns :class:`Records`: one table of patients, one of visits, one of days. They hold who came
when, and on which chair, but no statistics: :mod:`simclinic.measures` computes every figure from these tables and
the scenario. So a figure can be recomputed, audited, and tested on a table of three visits written by hand.

Times are minutes since midnight of `run.start`, as floats; the warm-up lies at negative times. NaN means "not
yet" or "never". Days are whole numbers counted from the same midnight. Arrays of one table have one length.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

DAY = 1440
"""Minutes in a day."""

WEEK = 7 * DAY
"""Minutes in a week."""

Table = dict[str, npt.NDArray[Any]]

KINDS = ("induction", "booster", "consult")
"""Purpose of a visit, by code."""

INDUCTION, BOOSTER, CONSULT = range(len(KINDS))

ORIGINS = ("referral", "panel")
"""Origin of a patient, by code: newly referred, or a patient on the day the simulation begins."""

NEW, PANEL = range(len(ORIGINS))

OUTCOMES = (
    "completed",
    "no-show",
    "cancelled",
    "clinic-cancelled",
    "released",
    "moved",
    "to come",
    "balked",
)
"""Outcome of an appointment, by code. `balked` is a walk-in patient who left the queue unserved."""

COMPLETED, NO_SHOW, CANCELLED, CLINIC_CANCELLED, RELEASED, MOVED, TO_COME, BALKED = range(len(OUTCOMES))

REASONS = (
    "still here",
    "ineligible",
    "no consult",
    "declined",
    "balked",
    "dropped out",
    "stopped early",
    "no response",
    "sustained",
    "declined boosters",
    "left programme",
)
"""Reason why a patient left, by code."""

(
    STILL_HERE,
    INELIGIBLE,
    NO_CONSULT,
    DECLINED,
    LEFT_UNSERVED,
    DROPPED_OUT,
    STOPPED_EARLY,
    NO_RESPONSE,
    SUSTAINED,
    DECLINED_BOOSTERS,
    LEFT_PROGRAMME,
) = range(len(REASONS))

LIMITS = (
    "closed",
    "listed",
    "chairs",
    "hands",
    "eyes",
    "hours",
    "chairs and nurses",
    "nurses",
    "places",
    "other staff",
    "several",
)
"""Constraint that keeps a day's grid from more starts, by code; `listed` grids come from the scenario."""

PATIENT_COLUMNS = {
    "origin": np.int8,  # code into ORIGINS
    "day": np.int32,  # identity: day of referral (panel: 0) ...
    "ordinal": np.int32,  # ... and ordinal within it (panel: the patient's number)
    "protocol": np.int8,  # index into Records.protocols
    "referred": np.float64,
    "consult_asked": np.float64,  # asked for a consult, where that is a visit; NaN: no visit
    "consulted": np.float64,  # consult attended: its end, where it is a visit
    "ready": np.float64,  # said yes: wants a first infusion from this moment on
    "first_infusion": np.float64,  # service of the first completed infusion began
    "last_infusion": np.float64,  # the patient left after the last completed infusion of the series
    "infusions": np.int16,  # of the series, given
    "series_ended": np.float64,  # completed, dropped out or stopped (NaN: not, or not yet)
    "responder": np.bool_,  # latent
    "felt_at": np.int16,  # the infusion at which a responder first feels it; 0 for the others
    "relapses": np.int32,
    "boosters": np.int32,  # booster infusions given
    "programme": np.float64,  # first booster request, or enrolment
    "reason": np.int8,  # code into REASONS
    "left": np.float64,  # NaN: still here
}
"""Columns of the patients table and their types: one row per referral (or panel patient)."""

VISIT_COLUMNS = {
    "patient": np.int32,  # row of the patients table
    "kind": np.int8,  # code into KINDS
    "number": np.int32,  # this infusion would be the patient's number-th of its kind; consults: 1
    "attempt": np.int16,  # how often the patient has missed this number before
    "course": np.int32,  # boosters: the number of the booster course; others: 0
    "requested": np.float64,  # series: ready; boosters, consults: when asked for (scheduled boosters: due)
    "relapsed": np.float64,  # the relapse this booster answers; NaN where none
    "booked": np.float64,  # when the appointment was made; NaN for a request that still waits
    "appointment": np.float64,  # its time (walk-in: the arrival)
    "outcome": np.int8,  # code into OUTCOMES
    "decided": np.float64,  # when the outcome was known
    "arrived": np.float64,
    "chair": np.float64,  # number of the chair, counted from 1; NaN before it is taken
    "chair_from": np.float64,
    "chair_free": np.float64,
    "wait_chair": np.float64,  # minutes waited for a chair,
    "wait_hands": np.float64,  # for a nurse's hands,
    "wait_eyes": np.float64,  # and for a nurse's eyes, over all steps
    "left": np.float64,  # the patient left the clinic
    "dose": np.float64,  # milligrams of ketamine, of completed visits
    "visit": np.int8,  # its type: index into Records.visit_types
}
"""Columns of the visits table: one row per appointment, in the order they were made.

Two more hold the steps: `step_start` and `step_end`, shape (visits, steps), NaN where a step was not reached, is
one of another type of visit, or was left out by chance. Where a clinic has other places than chairs, four more
hold them, shape (visits, places): `place`, `place_from`, `place_to` and `wait_place`, as `chair`, `chair_from`,
`chair_free` and `wait_chair`.
"""

DAY_COLUMNS = {
    "day": np.int32,
    "opening": np.float64,  # the first of the day; NaN on a closed day
    "closing": np.float64,  # the last of the day
    "chairs": np.int32,
    "starts": np.int32,  # on the grid (walk-in: 0)
    "limit": np.int8,  # code into LIMITS: what keeps the grid from more
    "reserved": np.int32,  # starts held for boosters until the release (by a rule: when the book opens)
    "last_out": np.float64,  # the last patient who came that day left
    "third_next": np.float64,  # Mondays: days to the third start a new series could begin on
}
"""Columns of the days table: one row per simulated date.

Four more hold the shifts, shape (days, shifts): `rostered` and `present` nurses, `shift_from` and `shift_to` in
minutes (NaN where the shift does not work that day). If any day has several spans of opening hours, two more hold
the closed times between them, shape (days, most of a day): `pause_from` and `pause_to` (NaN where a day has fewer).
"""


def open_spans(
    days: Table, rows: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """List the spans of opening hours of some open days, in order of time.

    Parameters
    ----------
    days
        The days table.
    rows
        Rows of open days, ascending.

    Returns
    -------
    begin, end
        In minutes since midnight of `run.start`.
    row
        The row of each span's day, as a whole number.
    """
    opening, closing = days["opening"][rows], days["closing"][rows]
    if "pause_from" not in days:
        return opening, closing, rows
    begin = np.column_stack((opening, days["pause_to"][rows]))
    end = np.column_stack((days["pause_from"][rows], closing))
    end = np.where(
        np.isnan(end), closing[:, np.newaxis], end
    )  # days with fewer pauses than the table has columns
    real = ~np.isnan(begin)
    return begin[real], end[real], np.repeat(rows, real.sum(axis=1))


def blank(columns: dict[str, Any], rows: int) -> Table:
    """Return a table of `rows` rows before any event: NaN for times, 0 for counts and codes."""
    return {
        name: np.full(rows, np.nan) if kind is np.float64 else np.zeros(rows, dtype=kind)
        for name, kind in columns.items()
    }


@dataclass(frozen=True, slots=True)
class Records:
    """The tables of one replication.

    Attributes
    ----------
    start
        The date whose midnight is time 0: the first measured day.
    first_day
        The first simulated day, counted from `start`: 0 or negative (the warm-up).
    days_measured
        Number of measured days, from day 0 on; the simulation ends with the last one.
    protocols, steps, shifts
        Names in the scenario's order; the tables hold their indices.
    visit_types, places
        Likewise the types of visit, and the places besides chairs.
    first_steps, first_always
        By type of visit the index of its first step, and whether every visit has that.
    patients, visits, days
        The tables; see `PATIENT_COLUMNS`, `VISIT_COLUMNS` and `DAY_COLUMNS`.
    known
        What has been computed from the tables before, by name; others find it here.
    """

    start: datetime.date
    first_day: int
    days_measured: int
    protocols: tuple[str, ...]
    steps: tuple[str, ...]
    shifts: tuple[str, ...]
    patients: Table = field(repr=False)
    visits: Table = field(repr=False)
    days: Table = field(repr=False)
    visit_types: tuple[str, ...] = ("infusion",)
    places: tuple[str, ...] = ()
    first_steps: tuple[int, ...] = (0,)
    first_always: bool = True
    known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def begun(self) -> npt.NDArray[np.float64]:
        """The moment at which each visit began, with its first step; NaN: not yet. Shape (visits,)."""
        starts = self.visits["step_start"]
        if len(self.visit_types) == 1 and self.first_always:
            first: npt.NDArray[np.float64] = starts[:, 0]
            return first
        if "begun" not in self.known:
            self.known["begun"] = np.fmin.reduce(np.ascontiguousarray(starts.T))  # faster than row by row
        begun: npt.NDArray[np.float64] = self.known["begun"]
        return begun

    @property
    def end(self) -> float:
        """The end of the simulation, in minutes since midnight of `start`."""
        return float(self.days_measured * DAY)

    def part(self, first_week: int, weeks: int) -> Records:
        """Return the same events measured in other weeks, counted from those of this record.

        What comes before is then a warm-up, and what comes after is known.
        """
        days = 7 * first_week

        def moved(table: Table, times: Iterable[str]) -> Table:
            return {**table, **{name: table[name] - float(days * DAY) for name in times if name in table}}

        moved_days = moved(self.days, _DAY_TIMES)
        return replace(
            self,
            start=self.start + datetime.timedelta(days=days),
            first_day=self.first_day - days,
            days_measured=7 * weeks,
            patients=moved(self.patients, _PATIENT_TIMES),
            visits=moved(self.visits, (*_VISIT_TIMES, *(_PLACE_TIMES if self.places else ()))),
            days={**moved_days, "day": moved_days["day"] - np.int32(days)},
        )


_PATIENT_TIMES = tuple(name for name, kind in PATIENT_COLUMNS.items() if kind is np.float64)
_LENGTHS = frozenset({"chair", "wait_chair", "wait_hands", "wait_eyes", "dose"})
_PLACE_TIMES = ("place_from", "place_to")
_VISIT_TIMES = (
    *(name for name, kind in VISIT_COLUMNS.items() if kind is np.float64 and name not in _LENGTHS),
    *("step_start", "step_end"),
)
_DAY_TIMES = ("opening", "closing", "last_out", "shift_from", "shift_to", "pause_from", "pause_to")
"""Columns that hold moments: the others hold lengths, numbers or codes."""
