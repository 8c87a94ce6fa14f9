"""The nurses on duty: shifts, breaks, absence and overtime. No patient is ever left without a nurse.

Absence is known at midnight; the book is not changed. Three rules cover the end of a shift:

- Other nurses are on duty: they continue alone. Nurses who stay to finish a task are counted afterwards, by
  :mod:`simclinic.measures`.
- A later shift of the same day has not begun: as many nurses stay as the visits that have begun need, for these
  visits alone, and no visit begins.
- It was the last shift of the day, and patients are inside: the shift stays, as overtime, until the clinic is empty
  or the next shift begins.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from simpy import Event

from simclinic.model.clock import Clock
from simclinic.model.people import Appointment
from simclinic.model.pools import Eyes, Hands
from simclinic.model.staff import Pool
from simclinic.planning.roster import Duties, Present, Staffing, covered
from simclinic.planning.timetable import Timetable
from simclinic.records import DAY
from simclinic.sampling.draws import Draws

Counts: TypeAlias = npt.NDArray[np.int64]


class Team:
    """The nurses on duty over the simulated days, and the patients inside.

    Parameters
    ----------
    env
        The clock.
    timetable
        The roster.
    rostered, present
        As the attributes; see :func:`attendance`.
    hands, eyes
        The pools whose capacities follow the roster.
    role
        Number of the role.

    Attributes
    ----------
    rostered, present
        Integer arrays (days, shifts): nurses planned, and nurses not absent.
    partly_staffed
        Indices of the days on which no nurse may be on duty at some hour.
    relief
        Event between two shifts of a day, while no nurse is on duty: succeeds when the next shift begins. Else
        None.
    """

    def __init__(
        self,
        env: Clock,
        timetable: Timetable,
        rostered: Counts,
        present: Counts,
        hands: Hands | Pool,
        eyes: Eyes | Pool,
        role: int = 0,
    ) -> None:
        self._env = env
        self._timetable = timetable
        self._hands = hands
        self._eyes = eyes
        self._shares = timetable.shares[role]
        self._working = timetable.working(role)
        self.rostered, self.present = rostered, present
        counts = present.tolist()
        self._present: list[Present] = [
            tuple(counts[index][duty.shift] for duty in self._working[index])
            for index in range(timetable.calendar.simulated)
        ]
        self.relief: Event | None = None
        self._arrival: Event | None = None
        self._inside = self._begun = 0  # patients inside, and those of them whose visit has begun
        self._overtime = False  # after the day's last shift
        self._nurses = 0  # on duty by the roster
        self._stayed = 0  # upper bound on the nurses who stayed when a shift ended: those with a task then
        self._recount_due = (
            False  # whether a recount of the nurses between two shifts is scheduled for this moment
        )
        # A day on which one shift is on duty from opening to closing needs no check of each appointment.
        whole: dict[tuple[int, Present], bool] = {}
        self.partly_staffed: set[int] = set()
        for index, (working, here) in enumerate(zip(self._working, self._present, strict=False)):
            key = id(working), here
            if key not in whole:
                whole[key] = self._fully_staffed(working, here)
            if not whole[key]:
                self.partly_staffed.add(index)

    def unstaffed(self, appointment: Appointment, after: float = 0.0) -> bool:
        """Tell whether nobody is on duty so many minutes after an appointment, on a day of `partly_staffed`."""
        minute = appointment.appointment - self._timetable.calendar.midnights[appointment.day] + after
        return not covered(self._working[appointment.day], self._present[appointment.day], minute)

    def is_on_site(self, *, begun: bool) -> bool:
        """Tell whether anybody is there now for a visit; between two shifts only if it has begun."""
        return self._eyes.capacity > 0 and (begun or self.relief is None)

    def arrival(self) -> Event:
        """Return the event of somebody's coming on duty."""
        if self._arrival is None:
            self._arrival = Event(self._env)
        return self._arrival

    def _fully_staffed(self, working: Duties, present: Present) -> bool:
        """Tell whether one shift with a nurse present spans all hours the clinic could be open."""
        hours = self._timetable.widest_hours
        return any(
            count and duty.start <= hours[0] and duty.end >= hours[1]
            for duty, count in zip(working, present, strict=True)
        )

    # -- patients -------------------------------------------------------------------------------------------

    def patient_arrives(self) -> None:
        """Count a patient in."""
        self._inside += 1

    def visit_begins(self) -> None:
        """Count a visit whose first step begins."""
        self._begun += 1

    def patient_leaves(self, *, begun: bool) -> None:
        """Count a patient out; nurses who stayed only for this patient go home."""
        self._inside -= 1
        self._begun -= begun
        self._release_nurses()

    # -- shifts ---------------------------------------------------------------------------------------------

    def steps(self, index: int) -> tuple[Staffing, ...]:
        """List the changes of a day's staffing; those at its end count for the next day if a shift begins then."""
        steps = self._timetable.roster.steps(self._working[index], self._present[index])
        if self._begins_at_midnight(index + 1):
            return tuple(step for step in steps if step.minute != DAY)
        return steps

    def _begins_at_midnight(self, index: int) -> bool:
        """Tell whether a shift with a nurse present begins with a simulated day."""
        return index < len(self._present) and covered(self._working[index], self._present[index], 0.0)

    def follow(self, index: int, step: Staffing) -> None:
        """Apply a change of the roster.

        Parameters
        ----------
        index
            Index of the day.
        step
            The nurses on duty from now on.
        """
        before, self._nurses = self._nurses, step.nurses
        if not step.nurses and not before:
            return  # there is still no nurse to take over
        if step.nurses:
            if not before:
                self._stayed = 0
            elif step.nurses < before:
                self._stayed = self._still_busy(before) + before - step.nurses
            self._overtime = False
            relief, self.relief = self.relief, None
            if relief is not None:
                self._hands.freed = self._eyes.freed = None
                relief.succeed()
            self._on_duty(step.hands, step.nurses)
        elif any(later.nurses for later in self.steps(index) if later.minute > step.minute):
            self._stay_between(self._still_busy(before) + before)
        elif self._inside:
            # Overtime: a whole shift stays. If several end now, it is the one that the scenario lists last.
            leaving = [
                count
                for duty, count in zip(self._working[index], self._present[index], strict=True)
                if count and duty.end == step.minute
            ]
            self._overtime = True
            self._on_duty(leaving[-1], leaving[-1])
        else:
            self._on_duty(0, 0)

    def _nurses_in_use(self) -> int:
        """Count the nurses that patients need: the larger of hands in use and eyes in use, rounded up to nurses."""
        return max(self._hands.in_use, -(-self._eyes.held() // self._shares))

    def _still_busy(self, nurses: int) -> int:
        """Count the nurses who still have a task after their shift, in addition to those on duty."""
        return min(self._stayed, max(self._nurses_in_use() - nurses, 0))

    def _stay_between(self, left: int) -> None:
        """Keep the nurses that begun visits need; other patients wait for the next shift."""
        self.relief = Event(self._env)
        self._hands.freed = self._eyes.freed = self._release_nurses
        self._eyes.announce()
        self._stayed = left
        self._recount()

    def _recount(self, _: object = None) -> None:
        """Count the nurses who stay between two shifts; their number never rises."""
        self._recount_due = False
        if self.relief is not None:
            self._stayed = min(self._stayed, max(1, self._nurses_in_use())) if self._begun else 0
            self._on_duty(self._stayed, self._stayed)

    def _release_nurses(self) -> None:
        """Send nurses home: after the last shift when the last patient has left, between shifts when they are free.

        Between two shifts this is decided after all other events of the moment, because a nurse who becomes free
        may continue with another patient at the same moment.
        """
        if self.relief is not None:
            if not self._recount_due:
                self._recount_due = True
                self._env.at_last(self._recount)
        elif self._overtime and not self._inside:
            self._overtime = False
            self._on_duty(0, 0)

    def _on_duty(self, hands: int, nurses: int) -> None:
        self._hands.capacity = hands
        self._eyes.capacity = nurses * self._shares
        self._hands.serve()
        self._eyes.serve()
        if nurses and self._arrival is not None:
            arrival, self._arrival = self._arrival, None
            arrival.succeed()


def attendance(timetable: Timetable, draws: Draws) -> tuple[Counts, Counts]:
    """Count those rostered and present on each day, shape (days, shifts)."""
    days = timetable.calendar.simulated
    rostered = timetable.rostered[:days]
    absent = np.zeros_like(rostered)
    for shift, groups in enumerate(timetable.shift_groups):
        for nurses, probability, indices in groups:
            absent[indices, shift] = draws.absences(
                timetable.roster.names[shift], indices + timetable.calendar.first_day, nurses, probability
            )
    return rostered, rostered - absent
