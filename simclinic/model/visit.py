"""One visit: the chair, the nurse who starts the infusion, the nurse who watches, departure and cleaning.

A visit is an ordered list of steps. Chairs are given first come, first served; the patient then waits for nurses
in the chair. A hands-on step takes one nurse to its end. Watching is requested when the hands-on step has ended,
and a watched patient is watched until the next step begins, but not while waiting for a chair; a change to lighter
watching never waits. After the
patient has left, the chair may be held for cleaning. A visit has begun when its first step has: between two
shifts nurses stay for begun visits only.
"""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.people import Appointment
from simclinic.planning.timetable import VisitStep
from simclinic.records import BALKED, COMPLETED


def visit(  # noqa: C901 (one visit reads best in one piece)
    clinic: Clinic, appointment: Appointment, lengths: Sequence[float], patience: float | None = None
) -> Steps[None]:
    """Run one visit from arrival to departure.

    Parameters
    ----------
    clinic
        The clinic.
    appointment
        The row to fill in.
    lengths
        Minutes of every step, those without the patient included; more may follow, for other types of visit.
    patience
        Minutes a walk-in patient waits for a chair before leaving; None: no limit.
    """
    env, chairs, hands, eyes, team = clinic.env, clinic.chairs, clinic.hands, clinic.eyes, clinic.team
    script = clinic.scripts[appointment.plan]
    team.patient_arrives()
    now = appointment.arrived = env.now
    opening = clinic.opening[appointment.day]
    if now > opening and appointment.day in clinic.pauses:
        opening = clinic.opens_again(appointment.day, now)
    if now <= opening:
        # Wait separately for opening: patients who came before it join the queue in order of arrival, and so does
        # one who comes at opening itself.
        yield opening
        now = opening
    starts: list[float] = []
    appointment.starts = starts
    watched = seated = 0  # shares of a nurse's eyes; number of the chair
    for (hands_on, shares, chair, frees_chair, flows_on), minutes in zip(script.steps, lengths):  # noqa: B905
        if chair and not seated:
            number = chairs.take()
            if number is None:
                if watched:
                    # A patient in the lobby who held a nurse's eyes and waited for a chair, and one in the chair
                    # who waited for eyes, would wait for each other.
                    eyes.give_back(watched)
                    watched = 0
                number = yield from _wait_for_chair(
                    clinic, patience, clinic.timetable.rank(appointment.kind, appointment.plan)
                )
                appointment.wait_chair = env.now - now
                now = env.now
                if number is None:
                    _depart(clinic, appointment, BALKED)
                    return
            seated = appointment.chair = number
            appointment.chair_from = now
        if hands_on:
            if not hands.take(begun=bool(starts)):
                yield hands.wait(begun=bool(starts))
                appointment.wait_hands += env.now - now
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
                appointment.wait_eyes += env.now - now
                now = env.now
        elif shares < watched:
            # Lighter watching waits for no nurse, so the clock did not stop between the steps (`flows_on`), and
            # `now` may lie ahead of it: the shares become free then.
            eyes.give_back_at(now, watched - shares)
            watched = shares
        elif not starts and team.relief is not None:
            # The step needs no nurse, but the visit begins only when a nurse is on duty again.
            yield team.relief
            appointment.wait_hands += env.now - now
            now = env.now
        if not starts:
            team.visit_begins()
        starts.append(now)
        now += minutes
        if not flows_on:
            yield now
        if hands_on:
            hands.give_back()
        if frees_chair:
            chairs.give_back(seated)
    if watched:
        eyes.give_back(watched)
    _depart(clinic, appointment, COMPLETED)
    lengths_after = lengths[len(script.steps) :]
    if script.after_needs_nurse:
        env.start(_clean_up(clinic, appointment, script.after, lengths_after, seated))
    else:
        # No step needs the patient or a nurse, so none waits: all times are known now.
        for (_, _, _, frees_chair, _), minutes in zip(script.after, lengths_after):  # noqa: B905
            starts.append(now)
            now += minutes
            if frees_chair:
                chairs.give_back_at(now, seated)


def _depart(clinic: Clinic, appointment: Appointment, outcome: int) -> None:
    """End the visit: the patient leaves the clinic."""
    appointment.decided = clinic.env.now
    appointment.outcome = outcome
    clinic.team.patient_leaves(begun=bool(appointment.starts))


def _wait_for_chair(clinic: Clinic, patience: float | None, rank: int) -> Steps[int | None]:
    """Wait for a chair; None if the waiting room is full or patience ends first."""
    chairs, limit = clinic.chairs, clinic.waiting_room
    if limit is not None and len(chairs.queue) >= limit:
        return None
    turn = chairs.wait(rank)
    if patience is not None:
        clinic.env.at(clinic.env.now + patience, chairs.leave, turn)
    seated: int | None = yield turn
    return seated


def _clean_up(
    clinic: Clinic,
    appointment: Appointment,
    steps: Sequence[VisitStep],
    lengths: Sequence[float],
    seated: int,
) -> Steps[None]:
    """Run the steps after the patient has left, some of which need a nurse."""
    env, hands, eyes = clinic.env, clinic.hands, clinic.eyes
    assert isinstance(appointment.starts, list)
    for (hands_on, shares, _, frees_chair, _), minutes in zip(steps, lengths):  # noqa: B905
        # The patient has left, so no nurse stays between two shifts for these steps.
        if hands_on and not hands.take(begun=False):
            yield hands.wait(begun=False)
        if shares and not eyes.take(shares, begun=False):
            yield eyes.wait(shares, begun=False)
        appointment.starts.append(env.now)
        yield env.now + minutes
        if hands_on:
            hands.give_back()
        if shares:
            eyes.give_back(shares)
        if frees_chair:
            clinic.chairs.give_back(seated)
