"""The team through the days: shifts begin and end, breaks come, somebody is ill, nobody leaves a patient alone.

Who is absent is known at midnight; the book stands. When the day's last shift would go home while a patient is
inside, it stays, as overtime, until the clinic is empty or the next shift comes. When a shift ends and the next of
the same day has not begun, as many stay as the visits that have begun need, for these visits alone, and no visit
begins. When a shift ends and others are on duty, these go on by themselves; those who stay to finish what they have
in hand are found afterwards, by :mod:`simclinic.measures`.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from simpy import Event

from simclinic.model.people import Appointment
from simclinic.model.roster import Duties, Present, Step, covered
from simclinic.records import DAY

if TYPE_CHECKING:
    from simclinic.model.clinic import Clinic


class Team:
    """Nurses on duty over the simulated days.

    Parameters
    ----------
    clinic
        Whose pools of hands and eyes follow the roster.

    Attributes
    ----------
    rostered, present
        Integer arrays (days, shifts): planned, and really there.
    thin
        Indices of the days on which nobody may be there at some hour.
    relief
        Between two shifts of a day, while nobody is on duty: happens when the next one begins. None at other times.
    """

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._plan = clinic.plan
        calendar, roster = self._plan.calendar, self._plan.roster
        self.rostered, self.present = self._attendance()
        present = self.present.tolist()
        self._present: list[Present] = [
            tuple(present[index][duty.shift] for duty in roster.working[index])
            for index in range(calendar.simulated)
        ]
        self.relief: Event | None = None
        self._overtime = False  # after the day's last shift
        self._nurses = 0  # on duty by the roster
        self._stayed = 0  # at most so many stayed when a shift ended; not more than there is still in hand
        self._looks = False  # whether those who stay between two shifts will be counted again at this moment
        # A day on which somebody is there from opening to closing needs no second look.
        whole: dict[tuple[Duties, Present], bool] = {}
        self.thin: set[int] = set()
        for index, key in enumerate(zip(roster.working, self._present, strict=False)):
            if key not in whole:
                whole[key] = self._whole_day(*key)
            if not whole[key]:
                self.thin.add(index)

    def _attendance(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        plan, luck = self._plan, self._clinic.luck
        days = plan.calendar.simulated
        rostered = plan.rostered[:days]
        absent = np.zeros_like(rostered)
        for shift, groups in enumerate(plan.shift_groups):
            for nurses, probability, indices in groups:
                absent[indices, shift] = luck.absences(
                    plan.roster.names[shift], indices + plan.calendar.first_day, nurses, probability
                )
        return rostered, rostered - absent

    def deserted(self, seen: Appointment) -> bool:
        """Tell whether nobody is on duty when an appointment starts, on one of the `thin` days."""
        since_midnight = seen.appointment - self._plan.calendar.midnights[seen.day]
        return not covered(self._plan.roster.working[seen.day], self._present[seen.day], since_midnight)

    def _whole_day(self, working: Duties, present: Present) -> bool:
        """Tell whether one shift that has anybody spans any hours the clinic could be open."""
        hours = self._plan.widest_hours
        return any(
            count and duty.start <= hours[0] and duty.end >= hours[1]
            for duty, count in zip(working, present, strict=True)
        )

    # -- the days -------------------------------------------------------------------------------------------

    def work(self) -> Generator[float | Event, Any, None]:
        """Live through every simulated day: chairs at midnight, shifts, breaks, the desk at opening."""
        clinic, plan = self._clinic, self._plan
        calendar, env = plan.calendar, clinic.env
        chairs = clinic.chairs.capacity
        for index in range(calendar.simulated):
            midnight = calendar.midnights[index]
            there = calendar.situations[index].clinic.chairs
            if there != chairs:
                yield midnight
                chairs = clinic.chairs.capacity = there
                clinic.chairs.serve()
            opening = calendar.opening[index]
            opens = inf if opening is None else opening
            working, present = plan.roster.working[index], self._present[index]
            steps = plan.roster.steps(working, present)
            for place, step in enumerate(steps):
                if step.minute == DAY and self._begins_at_midnight(index + 1):
                    continue  # those who go and those who come at midnight are taken together
                moment = midnight + step.minute
                if opens <= moment:
                    yield opens
                    clinic.desk.open(index)
                    opens = inf
                if moment > env.now:
                    yield moment
                later = any(then.nurses for then in steps[place + 1 :])
                self._set(step, working, present, later=later)
            if opens < inf:
                yield opens
                clinic.desk.open(index)

    def _begins_at_midnight(self, index: int) -> bool:
        """Tell whether somebody's shift begins with a simulated day."""
        return index < len(self._present) and covered(
            self._plan.roster.working[index], self._present[index], 0.0
        )

    def _set(self, step: Step, working: Duties, present: Present, *, later: bool) -> None:
        """Follow the roster.

        Parameters
        ----------
        step
            Who is on duty from now on.
        working, present
            The shifts of the day, and who is there.
        later
            Whether anybody is on duty later that day.
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
                self._clinic.hands.freed = self._clinic.eyes.freed = None
                relief.succeed()
            self._on_duty(step.hands, step.nurses)
        elif later:
            self._stay_between(self._still_here(before) + before)
        elif self._clinic.inside:
            # The last shift that has anybody stays; of several that end now, the one named last.
            leaving = [
                count
                for duty, count in zip(working, present, strict=True)
                if count and duty.end == step.minute
            ]
            self._overtime = True
            self._on_duty(leaving[-1], leaving[-1])
        else:
            self._on_duty(0, 0)

    def _claimed(self) -> int:
        """Count the nurses whom patients claim: hands in use, or watched shares rounded up, whichever is more."""
        shares = self._plan.visit.eyes_per_nurse
        return max(self._clinic.hands.in_use, -(-self._clinic.eyes.held() // shares))

    def _still_here(self, nurses: int) -> int:
        """Count those whose shift is over and who have something in hand, beside those on duty."""
        return min(self._stayed, max(self._claimed() - nurses, 0))

    def _stay_between(self, left: int) -> None:
        """Let those stay whom visits that have begun need; the others wait for the next shift."""
        clinic = self._clinic
        self.relief = Event(clinic.env)
        clinic.hands.freed = clinic.eyes.freed = self.see_off
        clinic.eyes.announce()
        self._stayed = left
        self._look_again()

    def _look_again(self, _: object = None) -> None:
        """Count those who stay between two shifts; there are never more than before."""
        self._looks = False
        if self.relief is not None:
            self._stayed = min(self._stayed, max(1, self._claimed())) if self._clinic.begun else 0
            self._on_duty(self._stayed, self._stayed)

    def see_off(self) -> None:
        """Send nurses home, after the last shift when the last patient has left, between two when they are free.

        Between two shifts that is decided when everything has happened that happens at this moment: a nurse who is
        free goes on with a patient who waits for her.
        """
        if self.relief is not None:
            if not self._looks:
                self._looks = True
                self._clinic.env.at_last(self._look_again)
        elif self._overtime and not self._clinic.inside:
            self._overtime = False
            self._on_duty(0, 0)

    def _on_duty(self, hands: int, nurses: int) -> None:
        clinic = self._clinic
        clinic.hands.capacity = hands
        clinic.eyes.capacity = nurses * self._plan.visit.eyes_per_nurse
        clinic.hands.serve()
        clinic.eyes.serve()
