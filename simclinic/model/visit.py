"""A visit: the chair, the nurse who starts the infusion, the nurse who watches, the way out.

A visit is an ordered list of steps. Chairs go first come, first served, and the patient then waits in the chair.
A hands-on step takes one nurse until its end. Watching is asked for once hands are free again, and a watched
patient stays watched until the next step begins; going over to lighter watching never waits. When the patient has
gone, the chair may still be held for cleaning. A visit has begun when its first step has: between two shifts
nurses may stay for those that have, and none begins.
"""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.people import Appointment
from simclinic.records import BALKED, COMPLETED


def visit(  # noqa: C901 (one visit reads best in one piece)
    clinic: Clinic, seen: Appointment, lengths: Sequence[float], patience: float | None = None
) -> Steps[None]:
    """Run one visit from arrival to departure.

    Parameters
    ----------
    clinic
        Where.
    seen
        The row to fill in.
    lengths
        Minutes of every step, those without the patient included.
    patience
        Minutes a walk-in patient waits for a chair before leaving; None: as long as it takes.
    """
    env, chairs, hands, eyes, team = clinic.env, clinic.chairs, clinic.hands, clinic.eyes, clinic.team
    team.patient_arrives()
    now = seen.arrived = env.now
    opening = clinic.opening[seen.day]
    if now <= opening:
        # Two waits: the patient who came first, before opening or just then, is first in the queue at opening.
        yield opening
        now = opening
    starts: list[float] = []
    seen.starts = starts
    watched = seated = 0  # shares of a nurse's eyes; number of the chair
    for (hands_on, shares, chair, rises, flows_on), minutes in zip(clinic.timetable.script, lengths):  # noqa: B905
        if chair and not seated:
            taken = chairs.take()
            if taken is None:
                taken = yield from _queue(clinic, patience)
                seen.wait_chair = env.now - now
                now = env.now
                if taken is None:
                    if watched:
                        eyes.give_back(watched)
                    _go(clinic, seen, BALKED)
                    return
            seated = seen.chair = taken
            seen.chair_from = now
        if hands_on:
            if not hands.take(begun=bool(starts)):
                yield hands.wait(begun=bool(starts))
                seen.wait_hands += env.now - now
                now = env.now
            if watched:
                eyes.give_back(watched)
                watched = 0
        elif shares > watched:
            if watched:
                eyes.give_back(watched)
            watched = shares
            if not eyes.take(shares, begun=bool(starts)):
                yield eyes.wait(shares, begun=bool(starts))
                seen.wait_eyes += env.now - now
                now = env.now
        elif shares < watched:
            # Going over to lighter watching waits for no nurse, so the step before did not even stop the clock.
            eyes.give_back_at(now, watched - shares)
            watched = shares
        elif not starts and team.relief is not None:
            # The step needs no nurse, but the visit begins only when a nurse is on duty again.
            yield team.relief
            seen.wait_hands += env.now - now
            now = env.now
        if not starts:
            team.visit_begins()
        starts.append(now)
        now += minutes
        if not flows_on:
            yield now
        if hands_on:
            hands.give_back()
        if rises:
            chairs.give_back(seated)
    if watched:
        eyes.give_back(watched)
    _go(clinic, seen, COMPLETED)
    timetable = clinic.timetable
    if timetable.after_needs_nurse:
        env.start(_tidy(clinic, seen, lengths[len(timetable.script) :], seated))
    else:
        # Neither patient nor nurse is needed: no step waits for anything, so the times are known already.
        for (_, _, _, rises, _), minutes in zip(
            timetable.after, lengths[len(timetable.script) :], strict=True
        ):
            starts.append(now)
            now += minutes
            if rises:
                chairs.give_back_at(now, seated)


def _go(clinic: Clinic, seen: Appointment, outcome: int) -> None:
    """End the visit; the patient leaves the clinic."""
    seen.decided = clinic.env.now
    seen.outcome = outcome
    clinic.team.patient_leaves(begun=bool(seen.starts))


def _queue(clinic: Clinic, patience: float | None) -> Steps[int | None]:
    """Wait for a chair; None if the waiting room is full or patience ends first."""
    chairs, room = clinic.chairs, clinic.waiting_room
    if room is not None and len(chairs.queue) >= room:
        return None
    turn = chairs.wait()
    if patience is not None:
        clinic.env.at(clinic.env.now + patience, chairs.leave, turn)
    seated: int | None = yield turn
    return seated


def _tidy(clinic: Clinic, seen: Appointment, lengths: Sequence[float], seated: int) -> Steps[None]:
    """Run the steps after the patient has left, some of which need a nurse."""
    env, hands, eyes = clinic.env, clinic.hands, clinic.eyes
    assert isinstance(seen.starts, list)
    for (hands_on, shares, _, rises, _), minutes in zip(clinic.timetable.after, lengths, strict=True):
        # The patient has left: no nurse stays between two shifts to begin this.
        if hands_on and not hands.take(begun=False):
            yield hands.wait(begun=False)
        if shares and not eyes.take(shares, begun=False):
            yield eyes.wait(shares, begun=False)
        seen.starts.append(env.now)
        yield env.now + minutes
        if hands_on:
            hands.give_back()
        if shares:
            eyes.give_back(shares)
        if rises:
            clinic.chairs.give_back(seated)
