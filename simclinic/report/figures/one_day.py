"""Layout of one day: patients in chairs, nurses' hands-on tasks, patients watched, and nurses on duty.

Times are minutes since the day's own midnight; a visit that goes on from the day before begins at negative ones.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.measures.in_use import watched_stretches
from simclinic.measures.occupancy import Occupancy, Spans
from simclinic.measures.overtime import after_other_shifts, before_midnight, ends_of
from simclinic.records import CANCELLED, CLINIC_CANCELLED, DAY, KINDS, NO_SHOW, Records
from simclinic.scenario import Scenario

HOUR = 60
_LONGEST = 14


@dataclass(frozen=True, slots=True)
class Stairs:
    """A number that changes at moments: `level[k]` holds from `time[k]` on; before the first it is 0."""

    time: Floats
    level: Floats

    @classmethod
    def of(cls, begin: Floats, end: Floats, weight: Floats | None = None) -> Stairs:
        """Add up stretches of time, each with its weight (one, if left out)."""
        each = np.ones(begin.size) if weight is None else weight
        time, place = np.unique(np.concatenate((begin, end)), return_inverse=True)
        change = np.zeros(time.size)
        np.add.at(change, place, np.concatenate((each, -each)))
        return cls(time, np.cumsum(change).round(9))

    def at(self, moments: Floats) -> Floats:
        """Return the level at moments."""
        return np.append(0.0, self.level)[np.searchsorted(self.time, moments, side="right")]

    @property
    def highest(self) -> float:
        """The highest level."""
        return float(self.level.max(initial=0.0))


@dataclass(frozen=True, slots=True)
class TaskBar:
    """A step of a visit that is drawn as a bar.

    Attributes
    ----------
    row
        Of the visits table.
    step
        Index of the step.
    begin, end
        Minutes.
    lane
        Counted from 1: the lowest that was free, for tasks are not told by which nurse.
    """

    row: int
    step: int
    begin: float
    end: float
    lane: int


@dataclass(frozen=True, slots=True)
class OneDay:
    """A day of a replication.

    Attributes
    ----------
    records, scenario
        What it is taken from.
    date, midnight
        Which day, and its midnight in minutes since that of `run.start`.
    opening, closing
        None on a closed day.
    chairs
        There.
    came
        Rows of the visits of which something falls on the day, in order of arrival.
    missed
        Rows of appointments of the day that came to nothing.
    low, high
        From when to when there is something to see.
    hands
        Hands-on tasks.
    elsewhere
        Steps that hold no chair.
    nurses
        Nurses there, those who stay after their shift included.
    free_hands
        Nurses there and not on a break.
    watching
        What watching takes, in nurses.
    watched
        Patients watched.
    """

    records: Records
    scenario: Scenario
    date: dt.date
    midnight: float
    opening: float | None
    closing: float | None
    chairs: int
    came: tuple[int, ...]
    missed: tuple[int, ...]
    low: float
    high: float
    hands: tuple[TaskBar, ...]
    elsewhere: tuple[TaskBar, ...]
    nurses: Stairs
    free_hands: Stairs
    watching: Stairs
    watched: Stairs

    @classmethod
    def of(cls, records: Records, scenario: Scenario, date: dt.date | None = None) -> OneDay:
        """Lay a day out; the busiest of the measured ones, if none is named.

        Raises
        ------
        ValueError
            If the day is not simulated.
        """
        day = busiest(records) if date is None else (date - records.start).days
        if not records.first_day <= day < records.days_measured:
            raise ValueError(f"{date} is not simulated")
        midnight, row = float(day * DAY), day - records.first_day
        visits, days = records.visits, records.days
        opening, closing = (float(days[name][row]) - midnight for name in ("opening", "closing"))
        out = np.fmax(visits["left"], visits["chair_free"])
        still_on = ~(np.where(np.isnan(out), records.end, out) <= midnight)
        there = np.flatnonzero((visits["arrived"] < midnight + DAY) & still_on)
        came = there[np.argsort(visits["arrived"][there], kind="stable")]
        due = (visits["appointment"] >= midnight) & (visits["appointment"] < midnight + DAY)
        lost = due & np.isnan(visits["arrived"]) & np.isin(visits["outcome"], _MISSED)
        shifts, free_hands = _on_duty(records, scenario, day)
        finish = np.where(np.isnan(out[came]), min(records.end, midnight + DAY), out[came]) - midnight
        known = [
            *(each for each in (opening, closing) if not math.isnan(each)),
            *shifts.time.tolist(),
            *np.clip(visits["arrived"][came] - midnight, 0.0, None).tolist(),
            *finish.tolist(),
        ]
        high = math.ceil(max(known, default=17 * HOUR) / HOUR) * HOUR
        if closing >= DAY:  # round the clock: what comes then is the next day's
            high = DAY
        return cls(
            records=records,
            scenario=scenario,
            date=records.start + dt.timedelta(days=day),
            midnight=midnight,
            opening=None if math.isnan(opening) else opening,
            closing=None if math.isnan(closing) else closing,
            chairs=int(days["chairs"][row]),
            came=tuple(came.tolist()),
            missed=tuple(np.flatnonzero(lost).tolist()),
            low=max(0.0, math.floor(min(known, default=8 * HOUR) / HOUR) * HOUR),
            high=high,
            hands=_tasks(records, scenario, came, midnight, hands_on=True),
            elsewhere=_tasks(records, scenario, came, midnight, hands_on=False),
            nurses=shifts,
            free_hands=free_hands,
            watching=_watched(records, scenario, midnight, in_nurses=True),
            watched=_watched(records, scenario, midnight, in_nurses=False),
        )

    def minute(self, column: str, row: int) -> float:
        """Give a time of a visit."""
        return float(self.records.visits[column][row]) - self.midnight

    def who(self, row: int) -> str:
        """Say whose visit it is: "patient 12, booster 3"."""
        visits = self.records.visits
        return f"patient {visits['patient'][row]}, {self.what(row)}"

    def what(self, row: int) -> str:
        """Name the purpose of a visit: "booster 3", "infusion 2"."""
        visits = self.records.visits
        kind = KINDS[visits["kind"][row]]
        return f"{'infusion' if kind == 'induction' else kind} {visits['number'][row]}"


_MISSED = (NO_SHOW, CANCELLED, CLINIC_CANCELLED)


def busiest(records: Records) -> int:
    """Find the measured day on which most patients came; of several the first."""
    arrived = records.visits["arrived"]
    measured = arrived[(arrived >= 0) & (arrived < records.end)]
    return int(np.bincount((measured // DAY).astype(np.int64), minlength=records.days_measured).argmax())


def clock(minute: float) -> str:
    """Write a time of the day; one after midnight goes on counting.

    >>> clock(485.9), clock(1500.0)
    ('08:05', '25:00')
    """
    whole = math.floor(minute + 1e-6)
    return f"{whole // HOUR:02d}:{whole % HOUR:02d}"


def folded(name: str) -> str:
    """Shorten the name of a step so that it fits a legend.

    >>> folded("preparation"), folded("a-very-long-preparation")
    ('preparation', 'a-very-long-p…')
    """
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def lanes(begin: Sequence[float], end: Sequence[float]) -> list[int]:
    """Give each stretch, in order of their beginning, the lowest lane that is free then; counted from 1.

    There are never more lanes than stretches at once.

    >>> lanes([0, 5, 10], [10, 20, 15])
    [1, 2, 1]
    """
    busy: list[float] = []
    given = []
    for start, finish in zip(begin, end, strict=True):
        free = next((place for place, until in enumerate(busy) if until <= start + 1e-9), len(busy))
        busy[free : free + 1] = [finish]
        given.append(free + 1)
    return given


def _tasks(
    records: Records, scenario: Scenario, came: npt.NDArray[np.int64], midnight: float, *, hands_on: bool
) -> tuple[TaskBar, ...]:
    """Gather the hands-on steps of visits, or those that hold no chair, in lanes."""
    visits, tasks = records.visits, []
    for place, name in enumerate(records.steps):
        step = scenario.visit.steps[name]
        if (step.nurse == "hands-on") if hands_on else not step.chair:
            begin = visits["step_start"][came, place]
            end = visits["step_end"][came, place]
            end = np.where(np.isnan(end), records.end, end)
            real = np.isfinite(begin) & (end > midnight) & (begin < midnight + 2 * DAY)
            tasks += [
                (start - midnight, finish - midnight, row, place)
                for start, finish, row in zip(
                    begin[real].tolist(), end[real].tolist(), came[real].tolist(), strict=True
                )
            ]
    tasks.sort()
    places = lanes([each[0] for each in tasks], [each[1] for each in tasks])
    return tuple(
        TaskBar(row, step, begin, end, lane)
        for (begin, end, row, step), lane in zip(tasks, places, strict=True)
    )


def _watched(records: Records, scenario: Scenario, midnight: float, *, in_nurses: bool) -> Stairs:
    watches = watched_stretches(records, scenario)
    end = np.where(np.isnan(watches.end), records.end, watches.end)
    near = (end > midnight) & (watches.begin < midnight + 2 * DAY)
    weight = watches.weight[near] / watches.parts if in_nurses else None
    return Stairs.of(watches.begin[near] - midnight, end[near] - midnight, weight)


def _on_duty(records: Records, scenario: Scenario, day: int) -> tuple[Stairs, Stairs]:
    """Count nurses on duty, and those not on a break, from the day before to the day after."""
    days, visits = records.days, records.visits
    midnight, begins, ends, counts = float(day * DAY), [], [], []
    breaks: list[tuple[float, float, float]] = []
    for other in range(max(day - 1, records.first_day), min(day + 2, records.days_measured)):
        row = other - records.first_day
        shifts = scenario.at(records.start + dt.timedelta(days=other)).shifts
        for place, name in enumerate(records.shifts):
            count = int(days["present"][row, place])
            if not count or not days["shift_from"][row, place] < days["shift_to"][row, place]:
                continue
            begins.append(float(days["shift_from"][row, place]) - midnight)
            ends.append(float(days["shift_to"][row, place]) - midnight)
            counts.append(float(count))
            pause = shifts[name].break_
            if pause is not None:
                first = count if shifts[name].break_together else math.ceil(count / 2)
                since, long = (other - day) * DAY + float(pause.start), float(pause.minutes)
                breaks.append((since, since + long, -float(first)))
                breaks.append((since + long, since + 2 * long, float(first - count)))
    begin, end, nurse = np.array(begins), np.array(ends), np.array(counts)
    there = Spans.union(begin, end)
    out = np.where(np.isnan(visits["left"]), records.end, visits["left"])
    inside = (
        np.isfinite(visits["arrived"]) & (out > midnight - DAY) & (visits["arrived"] < midnight + 2 * DAY)
    )
    patients = Spans.union(visits["arrived"][inside] - midnight, out[inside] - midnight)
    emptied = ends_of(patients, there.end)
    following = np.append(there.begin[1:], np.inf) if there.begin.size else emptied
    until = np.minimum(emptied, following)
    stay = _staying(records, scenario, midnight, Occupancy(begin, end, nurse))
    relieved = before_midnight(there.end, following)
    for finish, later in zip(there.end[~relieved].tolist(), until[~relieved].tolist(), strict=True):
        if later > finish:  # the day's last shift stays until nobody is inside
            last = int(np.flatnonzero(end == finish)[-1])
            begin, end = np.append(begin, finish), np.append(end, later)
            nurse = np.append(nurse, nurse[last])
    begin, end, nurse = (np.append(*both) for both in zip((begin, end, nurse), stay, strict=True))
    nurses = Stairs.of(begin, end, nurse)
    pauses = np.array(breaks).reshape(-1, 3)
    hands = Stairs.of(
        np.append(begin, pauses[:, 0]), np.append(end, pauses[:, 1]), np.append(nurse, pauses[:, 2])
    )
    seen = Spans.union(begin[(end > 0) & (begin < DAY)], end[(end > 0) & (begin < DAY)])
    if not seen.begin.size:
        return Stairs(np.zeros(0), np.zeros(0)), Stairs(np.zeros(0), np.zeros(0))
    return _cut(nurses, seen.end[-1]), _cut(hands, seen.end[-1])


def _staying(
    records: Records, scenario: Scenario, midnight: float, present: Occupancy
) -> tuple[Floats, Floats, Floats]:
    """Find nurses who stay after shifts other than the day's last: begin, end, nurses."""
    visits = records.visits
    by_hand = [
        place for place, name in enumerate(records.steps) if scenario.visit.steps[name].nurse == "hands-on"
    ]
    start, stop = (visits[name][:, by_hand].ravel() for name in ("step_start", "step_end"))
    watches = watched_stretches(records, scenario)

    def near(begin: Floats, end: Floats, weight: npt.NDArray[np.int64] | None = None) -> Occupancy:
        end = np.where(np.isnan(end), records.end, end)
        real = (end > begin) & (end > midnight - DAY) & (begin < midnight + 2 * DAY)
        return Occupancy(
            begin[real] - midnight, end[real] - midnight, None if weight is None else weight[real]
        )

    return after_other_shifts(
        present,
        near(start, stop),
        near(watches.begin, watches.end, watches.weight),
        watches.parts,
        begun=(visits["step_start"][:, 0] - midnight, visits["left"] - midnight),
        horizon=records.end - midnight,
    )


def _cut(stairs: Stairs, high: float) -> Stairs:
    """Keep the steps of a day: from its midnight to `high`."""
    keep = (stairs.time > 0.0) & (stairs.time <= high)
    start = stairs.at(np.zeros(1))
    time, level = stairs.time[keep], stairs.level[keep]
    return Stairs(np.append(0.0, time), np.append(start, level)) if start[0] else Stairs(time, level)
