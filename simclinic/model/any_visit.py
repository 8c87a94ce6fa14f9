"""A visit in a clinic with several types of visit, roles or places.

The rules are those of :mod:`simclinic.model.visit`, which is the same for the usual clinic and faster, and these:

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
from simclinic.planning.visit_plans import PlannedStep, VisitPlan
from simclinic.records import BALKED, COMPLETED


def any_visit(
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
    env = clinic.env
    visit = _Visit(clinic, appointment, lengths)
    visit.arrive()
    now = appointment.arrived = env.now
    opening = clinic.opening[appointment.day]
    if now > opening and appointment.day in clinic.pauses:
        opening = clinic.opens_again(appointment.day, now)
    if now <= opening:
        yield opening
        now = opening
    starts = visit.starts
    for number, (step, minutes) in enumerate(zip(visit.steps, lengths, strict=False)):
        if isnan(minutes):
            continue
        if not step.patient:
            if step.place in (-1, visit.place):  # a place that this visit did not use needs no cleaning
                visit.cleaning.append(number)
            continue
        if step.place != visit.place:
            if step.place < 0:
                visit.leave_place(now)
            elif (yield from visit.go_to(step.place, now, None if visit.seated else patience)):
                now = max(now, env.now)
            else:
                visit.depart(BALKED)
                return
        if not visit.begun and clinic.team.relief is not None and visit.begins_with_nurses(step):
            yield clinic.team.relief
            appointment.wait_hands += env.now - now
            now = env.now
        more = any(shares > visit.watched.get(role, 0) for role, shares in step.eyes)
        if step.hands or more or step.on_site:
            yield from visit.claim(step, more=more, since=now)
            now = max(now, env.now)
        elif visit.watched:
            visit.watch_less(step, now)
        visit.begin()
        starts[number] = now
        now += minutes
        if not step.flows_on:
            yield now
        if step.hands:
            clinic.staff.give_back([(clinic.hands_of[role], 1) for role in step.hands])
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


class _Visit:
    """The state of one visit.

    Attributes
    ----------
    steps, starts
        The planned steps, and the start of each; NaN: not yet, or never.
    place, seated
        The place that the patient holds (-1: none), and whether there has been one.
    watched
        By role, the shares of attention that the patient has.
    cleaning
        Numbers of the steps that follow, without the patient, in the place that the patient holds.
    begun
        Whether the first step has begun.
    """

    def __init__(self, clinic: Clinic, appointment: Appointment, lengths: Sequence[float]) -> None:
        self._clinic = clinic
        self._appointment = appointment
        self._lengths = lengths
        assert clinic.plans is not None
        self._plan = clinic.plans.plans[appointment.plan]
        self.steps = self._plan.steps
        self.starts = [nan] * len(self.steps)
        appointment.starts = self.starts
        self.place = -1
        self.seated = False
        self._number = 0
        self.watched: dict[int, int] = {}
        self.cleaning: list[int] = []
        self.begun = False
        self._needed = _needed(self._plan, lengths)

    # -- coming and going -------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Count the patient in."""
        self._clinic.team.patient_arrives()
        if not self._appointment.expected:
            for role in self._needed:
                self._clinic.teams[role].patient_arrives()

    def begin(self) -> None:
        """Note that a step begins: the first one begins the visit."""
        if not self.begun:
            self.begun = True
            self._clinic.team.visit_begins()
            for role in self._needed:
                self._clinic.teams[role].visit_begins()

    def begins_with_nurses(self, step: PlannedStep) -> bool:
        """Tell whether the visit begins only when nurses are there, although a step does not need them."""
        return self._plan.needs_nurses and 0 not in step.roles

    def after(self, number: int) -> None:
        """Note that a step has ended: roles that no later step needs may go."""
        for role in [role for role, last in self._needed.items() if last <= number]:
            del self._needed[role]
            self._clinic.teams[role].patient_leaves(begun=True)

    def depart(self, outcome: int) -> None:
        """End the visit: the patient leaves the clinic."""
        self._appointment.decided = self._clinic.env.now
        self._appointment.outcome = outcome
        self._clinic.team.patient_leaves(begun=self.begun)
        for role in self._needed:
            self._clinic.teams[role].patient_leaves(begun=self.begun)
        self._needed = {}

    # -- places -----------------------------------------------------------------------------------------------

    def go_to(self, place: int, now: float, patience: float | None) -> Steps[bool]:
        """Take the next place; False if the patient gives up, or the waiting room is full."""
        clinic, pool = self._clinic, self._clinic.places[place]
        keeps = clinic.keeps_place
        if not keeps:
            self.leave_place(now)
        number = pool.take()
        if number is None:
            self.stop_watching()  # those who wait for a place are not watched, so that nobody waits in a circle
            number = yield from self._wait_for(pool, patience)
            if place == 0:
                self._appointment.wait_chair = clinic.env.now - now
            else:
                self._appointment.wait_place += clinic.env.now - now
            if number is None:
                return False
        if keeps:
            self.leave_place(max(now, clinic.env.now))
        self.place, self._number, self.seated = place, number, True
        since = max(now, clinic.env.now)
        if place == 0:
            self._appointment.chair, self._appointment.chair_from = number, since
        else:
            self._appointment.take_place(place, number, since)
        return True

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
        cleaning, self.cleaning = self.cleaning, []
        place, number, self.place = self.place, self._number, -1
        if not cleaning:
            if place >= 0:
                self._give_back(place, number, now)
            return
        self._clinic.env.start(self._clean(cleaning, place, number))

    def _give_back(self, place: int, number: int, now: float) -> None:
        self._clinic.places[place].give_back(number)
        if place == 0:
            self._appointment.chair_until = now
        else:
            self._appointment.leave_place(place, now)

    def _clean(self, numbers: Sequence[int], place: int, seat: int) -> Steps[None]:
        """Run steps without the patient."""
        clinic, env = self._clinic, self._clinic.env
        held = [number for number in numbers if 0 <= place == self.steps[number].place]
        if place >= 0 and not held:
            self._give_back(place, seat, env.now)
        for number in numbers:
            step = self.steps[number]
            claims = self._claims(step, more=True)
            # The patient has left, so nobody stays between two shifts for these steps.
            yield from self._take(step, claims, begun=False)
            self.starts[number] = env.now
            yield env.now + self._lengths[number]
            if claims:
                clinic.staff.give_back(claims)
            if held and number == held[-1]:
                self._give_back(place, seat, env.now)

    # -- staff ------------------------------------------------------------------------------------------------

    def claim(self, step: PlannedStep, *, more: bool, since: float) -> Steps[None]:
        """Wait until all that a step claims is there, and take it.

        While a patient waits for hands alone, watching goes on; before closer watching it is given up.
        """
        clinic = self._clinic
        if more:
            self.stop_watching()
        yield from self._take(step, self._claims(step, more=more), begun=self.begun)
        waited = clinic.env.now - since
        if waited > 0.0:
            if step.hands or step.on_site:
                self._appointment.wait_hands += waited
            else:
                self._appointment.wait_eyes += waited
        if more:
            self.watched = dict(step.eyes)
        else:
            self.watch_less(step, max(since, clinic.env.now))

    def _claims(self, step: PlannedStep, *, more: bool) -> list[tuple[Pool, int]]:
        clinic = self._clinic
        hands = [(clinic.hands_of[role], 1) for role in step.hands]
        return hands + [(clinic.eyes_of[role], shares) for role, shares in step.eyes] if more else hands

    def _take(self, step: PlannedStep, claims: Claims, *, begun: bool) -> Steps[None]:
        """Take all that is claimed, at a moment at which the roles that a step needs on the premises are there."""
        clinic = self._clinic
        while True:
            yield from self._present(step)
            if claims and not clinic.staff.take(claims, begun=begun):
                yield clinic.staff.wait(claims, begun=begun)
            if all(clinic.teams[role].on_duty for role in step.on_site):
                return
            if claims:
                clinic.staff.give_back(claims)

    def _present(self, step: PlannedStep) -> Steps[None]:
        """Wait until somebody is on duty of each role that a step needs on the premises."""
        for role in step.on_site:
            team = self._clinic.teams[role]
            while not team.on_duty:
                yield team.arrival()

    def watch_less(self, step: PlannedStep, now: float) -> None:
        """Change to the lighter watching of a step, from a moment on."""
        wanted = dict(step.eyes)
        clinic = self._clinic
        for role, shares in self.watched.items():
            less = shares - wanted.get(role, 0)
            if less and now > clinic.env.now:
                clinic.env.at(now, clinic.eyes_of[role].give_back, less)
            elif less:
                clinic.eyes_of[role].give_back(less)
        self.watched = wanted

    def stop_watching(self) -> None:
        """Give up all watching."""
        for role, shares in self.watched.items():
            self._clinic.eyes_of[role].give_back(shares)
        self.watched = {}
