"""The team through the days: shifts begin and end, breaks come, a nurse is ill, no patient is left alone.

Absence is known at midnight; the book stands. If a patient is inside when the day's last shift ends, the shift
stays, as overtime, until the clinic is empty or the next shift comes. When a shift ends and the next of the same
day has not begun, as many nurses stay as the visits that have begun need, for these visits alone, and no visit
begins. When a shift ends and other nurses are on duty, these go on by themselves; nurses who stay to finish a task
are found afterwards, by :mod:`simclinic.measures`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from simpy import Event

from simclinic.model.clock import Clock
from simclinic.model.people import Appointment
from simclinic.model.pools import Eyes, Hands
from simclinic.planning.roster import Duties, Present, Staffing, covered
from simclinic.planning.timetable import Timetable
from simclinic.records import DAY
from simclinic.sampling.draws import Draws


class Team:
    """Nurses on duty over the simulated days, and the patients they must not leave alone.

    Parameters
    ----------
    env
        The clock.
    timetable, draws
        The roster, and the absences.
    hands, eyes
        The pools that follow the roster.

    Attributes
    ----------
    rostered, present
        Integer arrays (days, shifts): nurses planned, and nurses not absent.
    thin
        Indices of the days on which nobody may be on duty at some hour.
    relief
        Between two shifts of a day, while nobody is on duty: succeeds when the next shift begins. Else None.
    """

    def __init__(self, env: Clock, timetable: Timetable, draws: Draws, hands: Hands, eyes: Eyes) -> None:
        self._env = env
        self._timetable = timetable
        self._hands = hands
        self._eyes = eyes
        calendar, roster = timetable.calendar, timetable.roster
        self.rostered, self.present = _attendance(timetable, draws)
        present = self.present.tolist()
        self._present: list[Present] = [
            tuple(present[index][duty.shift] for duty in roster.working[index])
            for index in range(calendar.simulated)
        ]
        self.relief: Event | None = None
        self._inside = self._begun = 0  # patients inside, and those of them whose visit has begun
        self._overtime = False  # after the day's last shift
        self._nurses = 0  # on duty by the roster
        self._stayed = 0  # at most so many stayed when a shift ended; not more than still have a task
        self._looks = (
            False  # whether the nurses who stay between two shifts will be counted again at this moment
        )
        # A day on which somebody is on duty from opening to closing needs no second look.
        whole: dict[tuple[Duties, Present], bool] = {}
        self.thin: set[int] = set()
        for index, key in enumerate(zip(roster.working, self._present, strict=False)):
            if key not in whole:
                whole[key] = self._whole_day(*key)
            if not whole[key]:
                self.thin.add(index)

    def deserted(self, seen: Appointment) -> bool:
        """Tell whether nobody is on duty when an appointment starts, on one of the `thin` days."""
        since_midnight = seen.appointment - self._timetable.calendar.midnights[seen.day]
        return not covered(self._timetable.roster.working[seen.day], self._present[seen.day], since_midnight)

    def _whole_day(self, working: Duties, present: Present) -> bool:
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
        """Count a patient out; nurses who stayed for this patient alone go home."""
        self._inside -= 1
        self._begun -= begun
        self._see_off()

    # -- shifts ---------------------------------------------------------------------------------------------

    def steps(self, index: int) -> tuple[Staffing, ...]:
        """Give the changes of a day's roster; those at its end belong to the next day if a shift begins with it."""
        steps = self._timetable.roster.steps(self._timetable.roster.working[index], self._present[index])
        if self._begins_at_midnight(index + 1):
            return tuple(step for step in steps if step.minute != DAY)
        return steps

    def _begins_at_midnight(self, index: int) -> bool:
        """Tell whether somebody's shift begins with a simulated day."""
        return index < len(self._present) and covered(
            self._timetable.roster.working[index], self._present[index], 0.0
        )

    def follow(self, index: int, step: Staffing) -> None:
        """Follow a change of the roster.

        Parameters
        ----------
        index
            The day.
        step
            Who is on duty from now on.
        """
        before, self._nurses = self._nurses, step.nurses
        if not step.nurses and not before:
            return  # still nobody to take over
        if step.nurses:
            if not before:
                self._stayed = 0
            elif step.nurses < before:
                self._stayed = self._still_here(before) + before - step.nurses
            self._overtime = False
            relief, self.relief = self.relief, None
            if relief is not None:
                self._hands.freed = self._eyes.freed = None
                relief.succeed()
            self._on_duty(step.hands, step.nurses)
        elif any(later.nurses for later in self.steps(index) if later.minute > step.minute):
            self._stay_between(self._still_here(before) + before)
        elif self._inside:
            # The last shift with a nurse present stays; of several that end now, the one named last.
            leaving = [
                count
                for duty, count in zip(
                    self._timetable.roster.working[index], self._present[index], strict=True
                )
                if count and duty.end == step.minute
            ]
            self._overtime = True
            self._on_duty(leaving[-1], leaving[-1])
        else:
            self._on_duty(0, 0)

    def _claimed(self) -> int:
        """Count the nurses whom patients claim: hands in use, or watched shares rounded up, whichever is more."""
        shares = self._timetable.visit.eyes_per_nurse
        return max(self._hands.in_use, -(-self._eyes.held() // shares))

    def _still_here(self, nurses: int) -> int:
        """Count the nurses whose shift is over and who still have a task, beside those on duty."""
        return min(self._stayed, max(self._claimed() - nurses, 0))

    def _stay_between(self, left: int) -> None:
        """Keep the nurses that visits in progress need; the others wait for the next shift."""
        self.relief = Event(self._env)
        self._hands.freed = self._eyes.freed = self._see_off
        self._eyes.announce()
        self._stayed = left
        self._look_again()

    def _look_again(self, _: object = None) -> None:
        """Count the nurses who stay between two shifts; there are never more than before."""
        self._looks = False
        if self.relief is not None:
            self._stayed = min(self._stayed, max(1, self._claimed())) if self._begun else 0
            self._on_duty(self._stayed, self._stayed)

    def _see_off(self) -> None:
        """Send nurses home: after the last shift when the last patient has left, between two when they are free.

        Between two shifts that is decided after everything else that happens at this moment: a nurse who is free
        goes on with a patient who waits for her.
        """
        if self.relief is not None:
            if not self._looks:
                self._looks = True
                self._env.at_last(self._look_again)
        elif self._overtime and not self._inside:
            self._overtime = False
            self._on_duty(0, 0)

    def _on_duty(self, hands: int, nurses: int) -> None:
        self._hands.capacity = hands
        self._eyes.capacity = nurses * self._timetable.visit.eyes_per_nurse
        self._hands.serve()
        self._eyes.serve()


def _attendance(timetable: Timetable, draws: Draws) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count the nurses rostered and present on each day, by shift."""
    days = timetable.calendar.simulated
    rostered = timetable.rostered[:days]
    absent = np.zeros_like(rostered)
    for shift, groups in enumerate(timetable.shift_groups):
        for nurses, probability, indices in groups:
            absent[indices, shift] = draws.absences(
                timetable.roster.names[shift], indices + timetable.calendar.first_day, nurses, probability
            )
    return rostered, rostered - absent
