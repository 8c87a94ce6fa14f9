"""The team through the days: shifts begin and end, breaks come, somebody is ill, nobody leaves a patient alone.

Who is absent is known at midnight; the book stands. When the last shift would go home while a patient is inside,
it stays, as overtime, until the clinic is empty or the next shift comes.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from simpy import Event

from simclinic.model.people import Appointment
from simclinic.model.roster import Duties, Present, covered

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
        self._overtime = False
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
            for step in plan.roster.steps(working, present):
                moment = midnight + step.minute
                if opens <= moment:
                    yield opens
                    clinic.desk.open(index)
                    opens = inf
                if moment > env.now:
                    yield moment
                self._set(step.hands, step.nurses, working, present, step.minute)
            if opens < inf:
                yield opens
                clinic.desk.open(index)

    def _set(self, hands: int, nurses: int, working: Duties, present: Present, minute: float) -> None:
        if nurses == 0 and self._overtime:
            return  # still nobody to take over
        self._overtime = False
        if nurses == 0 and self._clinic.inside:
            # The last shift that has anybody stays; of several that end now, the one named last.
            leaving = [
                count for duty, count in zip(working, present, strict=True) if count and duty.end == minute
            ]
            if leaving:
                self._overtime = True
                hands = nurses = leaving[-1]
        self._on_duty(hands, nurses)

    def go_home(self) -> None:
        """End the overtime: the last patient has left."""
        if self._overtime:
            self._overtime = False
            self._on_duty(0, 0)

    def _on_duty(self, hands: int, nurses: int) -> None:
        clinic = self._clinic
        clinic.hands.capacity = hands
        clinic.eyes.capacity = nurses * self._plan.visit.eyes_per_nurse
        clinic.hands.serve()
        clinic.eyes.serve()
