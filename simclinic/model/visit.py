"""A visit: the chair, the nurse who starts the infusion, the nurse who watches, the way out.

A visit is an ordered list of steps. Chairs go first come, first served, and the patient then waits in the chair.
A hands-on step takes one nurse until its end. Watching is asked for once hands are free again, and a watched
patient stays watched until the next step begins; going over to lighter watching never waits. When the patient has
gone, the chair may still be held for cleaning.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

from simpy import Event

from simclinic.model.people import Appointment
from simclinic.records import BALKED, COMPLETED

if TYPE_CHECKING:
    from simclinic.model.clinic import Clinic


def visit(
    clinic: Clinic, seen: Appointment, day: int, lengths: Sequence[float], patience: float | None = None
) -> Generator[float | Event, Any, None]:
    """Be in the clinic, from the arrival (now) until the patient leaves.

    Parameters
    ----------
    clinic
        Where.
    seen
        The row to fill in; `arrived` stands there already.
    day
        Index of the day whose opening hours count: nobody is served before opening.
    lengths
        Minutes of every step, those without the patient included.
    patience
        Minutes a walk-in patient waits for a chair before leaving; None: as long as it takes.
    """
    env, plan, chairs, hands, eyes = clinic.env, clinic.plan, clinic.chairs, clinic.hands, clinic.eyes
    clinic.inside += 1
    now = env.now
    opening = plan.calendar.opening[day]
    if opening is not None and now < opening:
        # Two waits, so that whoever came first before opening is also first in the queue at opening.
        yield opening
        now = opening
    times = seen.times
    watched = 0
    seated = 0  # the number of the chair, once there is one
    last_chair = plan.last_chair
    for place, (hands_on, shares, chair) in enumerate(plan.steps):
        if chair and not seated:
            taken = chairs.take()
            if taken is None:
                taken = yield from _queue(clinic, patience)
                seen.wait_chair = env.now - now
                now = env.now
                if taken is None:
                    _go(clinic, seen, now, BALKED)
                    return
            seated = seen.chair = taken
            seen.chair_from = now
        if hands_on:
            if not hands.take(1):
                yield hands.wait(1)
                seen.wait_hands += env.now - now
                now = env.now
            if watched:
                eyes.give_back(watched)
                watched = 0
        elif shares > watched:
            if watched:
                eyes.give_back(watched)
            watched = shares
            if not eyes.take(shares):
                yield eyes.wait(shares)
                seen.wait_eyes += env.now - now
                now = env.now
        elif shares < watched:
            # Going over to lighter watching waits for nobody, so the step before did not even stop the clock.
            eyes.give_back_at(now, watched - shares)
            watched = shares
        times.append(now)
        now += lengths[place]
        if not plan.flows_on[place]:
            yield now
        times.append(now)
        if hands_on:
            hands.give_back(1)
        if place == last_chair:
            seen.chair_free = now
            chairs.give_back(seated)
    if watched:
        eyes.give_back(watched)
    _go(clinic, seen, now, COMPLETED)
    if plan.after:
        if plan.after_needs_nurse:
            env.live(_tidy(clinic, seen, lengths[len(plan.steps) :], seated))
        else:
            _tidy_alone(clinic, seen, lengths[len(plan.steps) :], seated)


def _go(clinic: Clinic, seen: Appointment, now: float, outcome: int) -> None:
    """Leave the clinic; the last one out sends those on overtime home."""
    seen.left = seen.decided = now
    seen.outcome = outcome
    clinic.inside -= 1
    if not clinic.inside:
        clinic.team.go_home()


def _queue(clinic: Clinic, patience: float | None) -> Generator[float | Event, Any, int | None]:
    """Wait for a chair; None if the waiting room is full or patience ends first."""
    chairs, room = clinic.chairs, clinic.waiting_room
    if room is not None and len(chairs.queue) >= room:
        return None
    turn = chairs.wait()
    if patience is not None:
        clinic.env.at(clinic.env.now + patience, chairs.leave, turn)
    seated: int | None = yield turn
    return seated


def _tidy(
    clinic: Clinic, seen: Appointment, lengths: Sequence[float], seated: int
) -> Generator[float | Event, Any, None]:
    """Steps without the patient that need a nurse."""
    env, hands, eyes = clinic.env, clinic.hands, clinic.eyes
    first = len(clinic.plan.steps)
    for place, ((hands_on, shares, _), minutes) in enumerate(zip(clinic.plan.after, lengths, strict=True)):
        if hands_on and not hands.take(1):
            yield hands.wait(1)
        if shares and not eyes.take(shares):
            yield eyes.wait(shares)
        seen.times.append(env.now)
        yield env.now + minutes
        seen.times.append(env.now)
        if hands_on:
            hands.give_back(1)
        if shares:
            eyes.give_back(shares)
        if first + place == clinic.plan.last_chair:
            seen.chair_free = env.now
            clinic.chairs.give_back(seated)


def _tidy_alone(clinic: Clinic, seen: Appointment, lengths: Sequence[float], seated: int) -> None:
    """Steps without patient or nurse: nobody waits for anything, so their times are known already."""
    now = seen.left
    last = clinic.plan.last_chair - len(clinic.plan.steps)
    for place, minutes in enumerate(lengths):
        seen.times.append(now)
        now += minutes
        seen.times.append(now)
        if place == last:
            seen.chair_free = now
            clinic.chairs.give_back_at(now, seated)
