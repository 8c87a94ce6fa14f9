"""A visit in a clinic whose visits need more than chairs and nurses, or not always the same steps.

The rules are those of :mod:`simclinic.model.visit`, which is the same for other clinics and faster, and these:

- What a step claims of several roles is taken together (:mod:`simclinic.model.staff`). A role that need only be on
  the premises is waited for first.
- A step may hold another place, or none. The patient keeps the present place while waiting for the next one, if all
  visits take the places in one order; otherwise it is given back first, and the patient waits in the lobby.
- A place is cleaned when the patient has left it, beside the patient's further steps.
- Steps that this visit does not have (length NaN) are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan

from simclinic.model.clinic import Clinic
from simclinic.model.clock import Steps
from simclinic.model.people import Appointment
from simclinic.model.pools import Chairs
from simclinic.model.staff import Claims, Pool
from simclinic.model.team import Team
from simclinic.planning.visit_plans import VisitPlan
from simclinic.records import BALKED, COMPLETED


def any_visit(  # noqa: C901 (one visit reads best in one piece)
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
        Minutes of every step; NaN: this visit does not have it.
    patience
        Minutes a walk-in patient waits for the first place before leaving; None: no limit.
    """
    env, staff, team = clinic.env, clinic.staff, clinic.team
    visit = _Visit(clinic, appointment, lengths)
    visit.arrive()
    now = appointment.arrived = env.now
    opening = clinic.opening[appointment.day]
    if now > opening and appointment.day in clinic.pauses:
        opening = clinic.opens_again(appointment.day, now)
    if now <= opening:
        yield opening
        now = opening
    starts, number = visit.starts, -1
    for (place, patient, flows_on, hands, eyes, claims, on_site, after_nurses), minutes in zip(  # noqa: B905
        visit.steps, lengths
    ):
        number += 1
        if isnan(minutes):
            continue
        if not patient:
            if place in (-1, visit.place):  # a place that this visit did not use needs no cleaning
                visit.cleaning.append(number)
            continue
        if place != visit.place:
            if place < 0:
                visit.leave_place(now)
            elif not visit.take_place(place, now):
                if not (yield from visit.wait_for_place(place, now, patience)):
                    visit.depart(BALKED)
                    return
                now = env.now
        if after_nurses and not visit.begun and team.relief is not None:
            yield team.relief
            appointment.wait_hands += env.now - now
            now = env.now
        more = bool(eyes) and (not visit.watched or _is_closer(eyes, visit.watched))
        if hands or more or on_site:
            wanted = claims if more else hands
            if more and visit.watched:
                visit.stop_watching()
            if on_site or not staff.take(wanted, begun=visit.begun):
                # While a patient waits for hands alone, watching goes on.
                yield from visit.take_staff(wanted, on_site, begun=visit.begun)
                if hands or on_site:
                    appointment.wait_hands += env.now - now
                else:
                    appointment.wait_eyes += env.now - now
                now = env.now
            if more:
                visit.watched = eyes
        if visit.watched and visit.watched is not eyes:
            visit.watch_less(eyes, now)
        if not visit.begun:
            visit.begin()
        starts[number] = now
        now += minutes
        if not flows_on:
            yield now
        if hands:
            staff.give_back(hands)
        if visit.needed:
            visit.after(number)
    if not visit.cleaning:
        visit.leave_place(now)
    visit.stop_watching()
    visit.depart(COMPLETED)
    visit.leave_place(now)


def expect(clinic: Clinic, appointment: Appointment, lengths: Sequence[float]) -> None:
    """Note that a late patient is due now: roles that the visit needs stay for it, as for a patient inside."""
    assert clinic.plans is not None
    appointment.expected = True
    for role in _needed(clinic.plans.plans[appointment.plan], lengths):
        clinic.teams[role].patient_arrives()


def _needed(plan: VisitPlan, lengths: Sequence[float]) -> dict[int, int]:
    """Return the roles besides the nurses, with the last step that needs each: until then somebody of it stays."""
    return {role: number for number, role in plan.other_roles if not isnan(lengths[number])}


def _is_closer(eyes: Claims, watched: Claims) -> bool:
    """Tell whether a step claims more attention of any role than the patient has."""
    return any(shares > _shares(watched, pool) for pool, shares in eyes)


def _shares(eyes: Claims, pool: Pool) -> int:
    """Return the shares of one pool."""
    for other, shares in eyes:
        if other is pool:
            return shares
    return 0


class _Visit:
    """The state of one visit.

    Attributes
    ----------
    steps, starts
        The planned steps, and the start of each; NaN: not yet, or never.
    place, seated
        The place that the patient holds (-1: none), and whether there has been one.
    watched
        The attention that the patient has.
    cleaning
        Numbers of the steps that follow, without the patient, in the place that the patient holds.
    begun
        Whether the first step has begun.
    needed
        The roles besides the nurses that are needed still, with the last step that needs each.
    """

    __slots__ = (
        *("_appointment", "_clinic", "_lengths", "_number", "begun", "cleaning", "needed"),
        *("place", "seated", "starts", "steps", "watched"),
    )

    def __init__(self, clinic: Clinic, appointment: Appointment, lengths: Sequence[float]) -> None:
        self._clinic = clinic
        self._appointment = appointment
        self._lengths = lengths
        assert clinic.plans is not None
        plan = clinic.plans.plans[appointment.plan]
        self.steps = clinic.steps_of[appointment.plan]
        self.starts = [nan] * len(self.steps)
        appointment.starts = self.starts
        self.place = -1
        self.seated = False
        self._number = 0
        self.watched: Claims = ()
        self.cleaning: list[int] = []
        self.begun = False
        self.needed = _needed(plan, lengths) if plan.other_roles else {}

    # -- coming and going -------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Count the patient in."""
        self._clinic.team.patient_arrives()
        if not self._appointment.expected:
            for role in self.needed:
                self._clinic.teams[role].patient_arrives()

    def begin(self) -> None:
        """Note that the first step begins, and with it the visit."""
        self.begun = True
        self._clinic.team.visit_begins()
        for role in self.needed:
            self._clinic.teams[role].visit_begins()

    def after(self, number: int) -> None:
        """Note that a step has ended: roles that no later step needs may go."""
        for role in [role for role, last in self.needed.items() if last <= number]:
            del self.needed[role]
            self._clinic.teams[role].patient_leaves(begun=True)

    def depart(self, outcome: int) -> None:
        """End the visit: the patient leaves the clinic."""
        self._appointment.decided = self._clinic.env.now
        self._appointment.outcome = outcome
        self._clinic.team.patient_leaves(begun=self.begun)
        for role in self.needed:
            self._clinic.teams[role].patient_leaves(begun=self.begun)

    # -- places -----------------------------------------------------------------------------------------------

    def take_place(self, place: int, now: float) -> bool:
        """Take the next place, if one is free now."""
        if not self._clinic.keeps_place:
            self.leave_place(now)
        number = self._clinic.places[place].take()
        if number is None:
            return False
        self._sit(place, number, now)
        return True

    def wait_for_place(self, place: int, now: float, patience: float | None) -> Steps[bool]:
        """Wait for the next place; False if the patient gives up, or the waiting room is full."""
        clinic = self._clinic
        self.stop_watching()  # those who wait for a place are not watched, so that nobody waits in a circle
        number = yield from self._wait_for(clinic.places[place], None if self.seated else patience)
        if place == 0:
            self._appointment.wait_chair = clinic.env.now - now
        else:
            self._appointment.wait_for_place(place, clinic.env.now - now)
        if number is None:
            return False
        self._sit(place, number, clinic.env.now)
        return True

    def _sit(self, place: int, number: int, now: float) -> None:
        """Change to a place that has been taken."""
        if self._clinic.keeps_place:
            self.leave_place(now)
        self.place, self._number, self.seated = place, number, True
        if place == 0:
            self._appointment.chair, self._appointment.chair_from = number, now
        else:
            self._appointment.take_place(place, number, now)

    def _wait_for(self, pool: Chairs, patience: float | None) -> Steps[int | None]:
        clinic = self._clinic
        limit = None if self.seated else clinic.waiting_room
        if limit is not None and clinic.in_the_room >= limit:
            return None
        turn = pool.wait(clinic.timetable.rank(self._appointment.kind, self._appointment.plan))
        if patience is not None:
            clinic.env.at(clinic.env.now + patience, pool.leave, turn)
        lobby = self.place < 0
        clinic.in_the_room += lobby
        number: int | None = yield turn
        clinic.in_the_room -= lobby
        return number

    def leave_place(self, now: float) -> None:
        """Leave the present place, which is cleaned if that is planned; other steps without the patient follow."""
        cleaning, place, number = self.cleaning, self.place, self._number
        self.place = -1
        if not cleaning:
            if place >= 0:
                self._clinic.places[place].give_back(number)
                self._note_left(place, now)
            return
        self.cleaning = []
        if any(self.steps[each].claims or self.steps[each].on_site for each in cleaning):
            self._clinic.env.start(self._clean(cleaning, place, number))
        else:
            self._clean_alone(cleaning, place, number)

    def _note_left(self, place: int, moment: float) -> None:
        """Note when a place is free again."""
        if place == 0:
            self._appointment.chair_until = moment
        else:
            self._appointment.leave_place(place, moment)

    def _held(self, numbers: Sequence[int], place: int) -> int:
        """Return the last of some steps without the patient that holds the place just left; -1: none."""
        return max((number for number in numbers if 0 <= place == self.steps[number].place), default=-1)

    def _clean_alone(self, numbers: Sequence[int], place: int, seat: int) -> None:
        """Run steps without the patient that need no staff: they wait for nothing, so all times are known now."""
        now, last = self._clinic.env.now, self._held(numbers, place)
        free = now
        for number in numbers:
            self.starts[number] = now
            now += self._lengths[number]
            if number == last:
                free = now
        if place >= 0:
            pool = self._clinic.places[place]
            if last < 0:
                pool.give_back(seat)
            else:
                pool.give_back_at(free, seat)
            self._note_left(place, free)

    def _clean(self, numbers: Sequence[int], place: int, seat: int) -> Steps[None]:
        """Run steps without the patient, some of which need staff."""
        clinic, env, last = self._clinic, self._clinic.env, self._held(numbers, place)
        if place >= 0 and last < 0:
            clinic.places[place].give_back(seat)
            self._note_left(place, env.now)
        for number in numbers:
            step = self.steps[number]
            # The patient has left, so nobody stays between two shifts for these steps.
            yield from self.take_staff(step.claims, step.on_site, begun=False)
            self.starts[number] = env.now
            yield env.now + self._lengths[number]
            if step.claims:
                clinic.staff.give_back(step.claims)
            if number == last:
                clinic.places[place].give_back(seat)
                self._note_left(place, env.now)

    # -- staff ------------------------------------------------------------------------------------------------

    def take_staff(self, claims: Claims, on_site: Sequence[Team], *, begun: bool) -> Steps[None]:
        """Take all that is claimed, at a moment at which those who must be on the premises are there."""
        staff = self._clinic.staff
        while True:
            for team in on_site:
                while not team.is_on_site(begun=begun):
                    yield team.arrival()
            if claims and not staff.take(claims, begun=begun):
                yield staff.wait(claims, begun=begun)
            if all(team.is_on_site(begun=begun) for team in on_site):
                return
            if claims:
                staff.give_back(claims)

    def watch_less(self, eyes: Claims, now: float) -> None:
        """Change to the lighter watching of a step, from a moment on."""
        later = now > self._clinic.env.now
        for pool, shares in self.watched:
            less = shares - _shares(eyes, pool)
            if less and later:
                pool.give_back_at(now, less)
            elif less:
                pool.give_back(less)
        self.watched = eyes

    def stop_watching(self) -> None:
        """Give up all watching."""
        for pool, shares in self.watched:
            pool.give_back(shares)
        self.watched = ()
