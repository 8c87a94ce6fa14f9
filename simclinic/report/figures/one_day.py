"""Layout of one day: patients in chairs, nurses' hands-on tasks, patients watched, and nurses on duty.

Times are minutes since midnight of the day; a visit that began on the day before has negative times.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.measures.in_use import needs_hands, of_role, tasks, watched_stretches
from simclinic.measures.occupancy import Occupancy, Spans
from simclinic.measures.overtime import after_other_shifts, before_midnight, ends_of
from simclinic.records import CANCELLED, CLINIC_CANCELLED, DAY, KINDS, NO_SHOW, Records, open_spans
from simclinic.report.figures.style import IN_ORDER, lighter
from simclinic.scenario import Scenario

HOUR = 60
_LONGEST = 14
LONGEST_OF_TYPE = 26
"""Most letters in a legend of the name of a step, with its type of visit."""


@dataclass(frozen=True, slots=True)
class StepFunction:
    """A step function of time: `level[k]` from `time[k]` on, and 0 before the first time."""

    time: Floats
    level: Floats

    @classmethod
    def of(cls, begin: Floats, end: Floats, weight: Floats | None = None) -> StepFunction:
        """Add up intervals of time, each with its weight (by default 1)."""
        weights = np.ones(begin.size) if weight is None else weight
        time, place = np.unique(np.concatenate((begin, end)), return_inverse=True)
        change = np.zeros(time.size)
        np.add.at(change, place, np.concatenate((weights, -weights)))
        return cls(time, np.cumsum(change).round(9))

    def at(self, moments: Floats) -> Floats:
        """Return the levels at some moments."""
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
        Row of the visits table.
    step
        Index of the step.
    begin, end
        Times, in minutes.
    lane
        Lane of the drawing, counted from 1: the lowest free one, since records do not say which nurse does a task.
    """

    row: int
    step: int
    begin: float
    end: float
    lane: int


@dataclass(frozen=True, slots=True)
class Staff:
    """What the staff of one role does on a day.

    Attributes
    ----------
    role
        Its name.
    hands
        Hands-on tasks.
    on_duty
        Number on duty, with those who stay after their shift.
    free_hands
        Those on duty and not on a break.
    watching
        How many are needed for watching.
    watched
        Patients whom they watch.
    """

    role: str
    hands: tuple[TaskBar, ...]
    on_duty: StepFunction
    free_hands: StepFunction
    watching: StepFunction
    watched: StepFunction

    @property
    def lanes(self) -> int:
        """Lanes that their tasks need in a drawing."""
        return max(1, int(self.free_hands.highest), *(task.lane for task in self.hands), 1)

    @classmethod
    def of(
        cls,
        records: Records,
        scenario: Scenario,
        day: int,
        present: npt.NDArray[np.int64],
        role: str,
    ) -> Staff:
        """Take it from the records of a day, of the visits that are there."""
        midnight = float(day * DAY)
        own = of_role(records, scenario, role)
        on_duty, free_hands = _on_duty(own, scenario, day, role)
        return cls(
            role,
            _tasks(records, scenario, present, midnight, role),
            on_duty,
            free_hands,
            _watched(records, scenario, midnight, role, in_people=True),
            _watched(records, scenario, midnight, role, in_people=False),
        )


@dataclass(frozen=True, slots=True)
class OneDay:
    """A day of a replication.

    Attributes
    ----------
    records, scenario
        Records of the replication, and its scenario.
    date, midnight
        The day, and its midnight in minutes since that of `run.start`.
    opening, closing
        First opening and last closing; None on a closed day.
    pauses
        Begin and end of the closed times between them.
    chairs
        Number of chairs.
    came
        Rows of the visits that take place on the day, also in part, in order of arrival.
    missed
        Rows of the day's appointments without a visit.
    low, high
        Range of the time axis.
    elsewhere
        Steps without a chair or another place.
    staff
        Each role, nurses first.
    """

    records: Records
    scenario: Scenario
    date: dt.date
    midnight: float
    opening: float | None
    closing: float | None
    pauses: tuple[tuple[float, float], ...]
    chairs: int
    present: tuple[int, ...]
    missed: tuple[int, ...]
    low: float
    high: float
    elsewhere: tuple[TaskBar, ...]
    staff: tuple[Staff, ...]

    @classmethod
    def of(cls, records: Records, scenario: Scenario, date: dt.date | None = None) -> OneDay:
        """Return the layout of a day; by default the busiest measured one.

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
        rows = np.flatnonzero((visits["arrived"] < midnight + DAY) & still_on)
        present = rows[np.argsort(visits["arrived"][rows], kind="stable")]
        due = (visits["appointment"] >= midnight) & (visits["appointment"] < midnight + DAY)
        lost = due & np.isnan(visits["arrived"]) & np.isin(visits["outcome"], _MISSED)
        staff = tuple(Staff.of(records, scenario, day, present, role) for role in scenario.staff)
        finish = np.where(np.isnan(out[present]), min(records.end, midnight + DAY), out[present]) - midnight
        shown = [
            *(time for time in (opening, closing) if not math.isnan(time)),
            *(time for each in staff for time in each.on_duty.time.tolist()),
            *np.clip(visits["arrived"][present] - midnight, 0.0, None).tolist(),
            *finish.tolist(),
        ]
        high = math.ceil(max(shown, default=17 * HOUR) / HOUR) * HOUR
        if closing >= DAY:  # open round the clock: the rest belongs to the next day
            high = DAY
        return cls(
            records=records,
            scenario=scenario,
            date=records.start + dt.timedelta(days=day),
            midnight=midnight,
            opening=None if math.isnan(opening) else opening,
            closing=None if math.isnan(closing) else closing,
            pauses=_pauses(records, row, midnight),
            chairs=int(days["chairs"][row]),
            present=tuple(present.tolist()),
            missed=tuple(np.flatnonzero(lost).tolist()),
            low=max(0.0, math.floor(min(shown, default=8 * HOUR) / HOUR) * HOUR),
            high=high,
            elsewhere=_tasks(records, scenario, present, midnight, None),
            staff=staff,
        )

    @property
    def nurses(self) -> StepFunction:
        """Nurses on duty, with those who stay after their shift."""
        return self.staff[0].on_duty

    @property
    def free_hands(self) -> StepFunction:
        """Nurses on duty and not on a break."""
        return self.staff[0].free_hands

    @property
    def watching(self) -> StepFunction:
        """Nurses needed for watching."""
        return self.staff[0].watching

    @property
    def watched(self) -> StepFunction:
        """Patients whom nurses watch."""
        return self.staff[0].watched

    @property
    def hands(self) -> tuple[TaskBar, ...]:
        """Tasks of nurses' hands."""
        return self.staff[0].hands

    def held(self, place: int) -> tuple[Floats, Floats, Floats]:
        """Return who holds which place of a kind besides chairs: its number, from when until when, by `present`."""
        visits, rows = self.records.visits, list(self.present)
        until = visits["place_to"][rows, place]
        return (
            visits["place"][rows, place],
            visits["place_from"][rows, place] - self.midnight,
            np.where(np.isnan(until), self.records.end, until) - self.midnight,
        )

    def minute(self, column: str, row: int) -> float:
        """Return a time of a visit, in minutes since midnight."""
        return float(self.records.visits[column][row]) - self.midnight

    def label(self, row: int) -> str:
        """Return the patient and the purpose of a visit: "patient 12, booster 3"."""
        visits = self.records.visits
        return f"patient {visits['patient'][row]}, {self.purpose(row)}"

    def purpose(self, row: int) -> str:
        """Return the purpose of a visit: "booster 3", "infusion 2"."""
        visits = self.records.visits
        kind = KINDS[visits["kind"][row]]
        text = f"{'infusion' if kind == 'induction' else kind} {visits['number'][row]}"
        if len(self.records.visit_types) == 1:
            return text
        name = self.records.visit_types[visits["visit"][row]]
        return f"{name} {visits['number'][row]}" if kind == "induction" else f"{text} ({name})"


_MISSED = (NO_SHOW, CANCELLED, CLINIC_CANCELLED)


def _pauses(records: Records, row: int, midnight: float) -> tuple[tuple[float, float], ...]:
    begin, end, _ = open_spans(records.days, np.array([row]))
    return tuple(zip((end - midnight).tolist()[:-1], (begin - midnight).tolist()[1:], strict=True))


def busiest(records: Records) -> int:
    """Return the measured day with the most arrivals; the first of several."""
    arrived = records.visits["arrived"]
    measured = arrived[(arrived >= 0) & (arrived < records.end)]
    return int(np.bincount((measured // DAY).astype(np.int64), minlength=records.days_measured).argmax())


def clock(minute: float) -> str:
    """Write a time of the day; hours after midnight are counted on.

    >>> clock(485.9), clock(1500.0)
    ('08:05', '25:00')
    """
    whole = math.floor(minute + 1e-6)
    return f"{whole // HOUR:02d}:{whole % HOUR:02d}"


def folded(name: str, longest: int = _LONGEST) -> str:
    """Shorten the name of a step so that it fits a legend.

    >>> folded("preparation"), folded("a-very-long-preparation")
    ('preparation', 'a-very-long-p…')
    """
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def lanes(begin: Sequence[float], end: Sequence[float]) -> list[int]:
    """Assign to each interval, in order of their beginnings, the lowest free lane, counted from 1.

    There are never more lanes than simultaneous intervals.

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
    records: Records,
    scenario: Scenario,
    present: npt.NDArray[np.int64],
    midnight: float,
    role: str | None,
) -> tuple[TaskBar, ...]:
    """Return the steps of visits that need the hands of a role, or (None) hold no place, in lanes."""
    visits, bars = records.visits, []
    for place, name in enumerate(records.steps):
        step = scenario.steps[name]
        chosen = (
            np.full(len(present), step.where is None)
            if role is None
            else needs_hands(records, scenario, place, role)[present]
        )
        if chosen.any():
            begin = np.where(chosen, visits["step_start"][present, place], np.nan)
            end = visits["step_end"][present, place]
            end = np.where(np.isnan(end), records.end, end)
            real = np.isfinite(begin) & (end > midnight) & (begin < midnight + 2 * DAY)
            bars += [
                (start - midnight, finish - midnight, row, place)
                for start, finish, row in zip(
                    begin[real].tolist(), end[real].tolist(), present[real].tolist(), strict=True
                )
            ]
    bars.sort()
    places = lanes([task[0] for task in bars], [task[1] for task in bars])
    return tuple(
        TaskBar(row, step, begin, end, lane)
        for (begin, end, row, step), lane in zip(bars, places, strict=True)
    )


def _watched(
    records: Records, scenario: Scenario, midnight: float, role: str, *, in_people: bool
) -> StepFunction:
    watches = watched_stretches(records, scenario, role)
    end = np.where(np.isnan(watches.end), records.end, watches.end)
    near = (end > midnight) & (watches.begin < midnight + 2 * DAY)
    weight = watches.weight[near] / watches.parts if in_people else None
    return StepFunction.of(watches.begin[near] - midnight, end[near] - midnight, weight)


def _on_duty(records: Records, scenario: Scenario, day: int, role: str) -> tuple[StepFunction, StepFunction]:
    """Return the staff of a role on duty, and those not on a break, from the day before to the day after.

    The records are those of the role.
    """
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
    stay = _staying(records, scenario, midnight, Occupancy(begin, end, nurse), role)
    relieved = before_midnight(there.end, following)
    for finish, later in zip(there.end[~relieved].tolist(), until[~relieved].tolist(), strict=True):
        if later > finish:  # the day's last shift stays until the last patient has left
            last = int(np.flatnonzero(end == finish)[-1])
            begin, end = np.append(begin, finish), np.append(end, later)
            nurse = np.append(nurse, nurse[last])
    begin, end, nurse = (np.append(*both) for both in zip((begin, end, nurse), stay, strict=True))
    nurses = StepFunction.of(begin, end, nurse)
    pauses = np.array(breaks).reshape(-1, 3)
    hands = StepFunction.of(
        np.append(begin, pauses[:, 0]), np.append(end, pauses[:, 1]), np.append(nurse, pauses[:, 2])
    )
    seen = Spans.union(begin[(end > 0) & (begin < DAY)], end[(end > 0) & (begin < DAY)])
    if not seen.begin.size:
        return StepFunction(np.zeros(0), np.zeros(0)), StepFunction(np.zeros(0), np.zeros(0))
    return _cut(nurses, seen.end[-1]), _cut(hands, seen.end[-1])


def _staying(
    records: Records, scenario: Scenario, midnight: float, present: Occupancy, role: str
) -> tuple[Floats, Floats, Floats]:
    """Return the staff who stay after shifts other than the day's last: begin, end, how many."""
    visits = records.visits
    start, stop = tasks(records, scenario, role)
    watches = watched_stretches(records, scenario, role)

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
        begun=(records.begun - midnight, visits["left"] - midnight),
        horizon=records.end - midnight,
    )


def _cut(steps: StepFunction, high: float) -> StepFunction:
    """Restrict a step function to a day, from midnight to `high`."""
    keep = (steps.time > 0.0) & (steps.time <= high)
    start = steps.at(np.zeros(1))
    time, level = steps.time[keep], steps.level[keep]
    return (
        StepFunction(np.append(0.0, time), np.append(start, level)) if start[0] else StepFunction(time, level)
    )


def step_colours(records: Records) -> list[str]:
    """Return a colour for each step: of several types of visit, each has its own, lighter step by step."""
    if len(records.visit_types) == 1:
        return [IN_ORDER[step % (len(IN_ORDER) - 1)] for step in range(len(records.steps))]
    ends = (*records.first_steps[1:], len(records.steps))
    return [
        lighter(IN_ORDER[kind % (len(IN_ORDER) - 1)], 0.7 * number / max(1, end - begin - 1))
        for kind, (begin, end) in enumerate(zip(records.first_steps, ends, strict=True))
        for number in range(end - begin)
    ]
