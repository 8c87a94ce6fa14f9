"""The front desk: who gets which start, and who has to wait for one.

The desk answers while the clinic is open; a request that comes at night or on a Sunday is dealt with at the next
opening, in order. Requests for which the open book holds nothing wait, and are tried again at every opening.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from math import nan
from typing import TYPE_CHECKING, Any

from simpy import Event

from simclinic.model.book import Gaps, Slot
from simclinic.model.people import Appointment, Patient
from simclinic.records import BOOSTER, INDUCTION, MOVED, RELEASED

if TYPE_CHECKING:
    from simclinic.model.clinic import Clinic

Attempt = Callable[[], list[Slot] | None]
"""Tries to book now; None if there is nothing."""


class Desk:
    """Books, rebooks and releases.

    Parameters
    ----------
    clinic
        Whose book and rules these are.
    """

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic
        self._env = clinic.env
        self._book = clinic.book
        self._calendar = clinic.plan.calendar
        self._rules = clinic.plan.scenario.booking
        self._rolling = self._rules.series == "rolling"
        self._waiting: deque[tuple[Attempt, Event]] = deque()
        self._held: deque[tuple[Patient, Event]] = deque()
        self._in_series = 0
        self.third_next: dict[int, int] = {}

    # -- the desk's day -------------------------------------------------------------------------------------

    def open(self, index: int) -> None:
        """Begin an open day: those who have waited longest come first."""
        if self._calendar.weekday[index] == 0:
            self._note_third_next(index)
        if self._waiting:
            still: deque[tuple[Attempt, Event]] = deque()
            for attempt, answer in self._waiting:
                slots = attempt()
                if slots is None:
                    still.append((attempt, answer))
                else:
                    answer.succeed(slots)
            self._waiting = still
        self._release_held(index)

    def ask(self) -> Generator[float | Event, Any, None]:
        """Reach the desk: at once while the clinic is open, else at the next opening."""
        reached = self._calendar.answers(self._env.now)
        if reached > self._env.now:
            yield reached

    def _note_third_next(self, index: int) -> None:
        """Note the days to the third start on which a new series of the usual protocol could begin."""
        plan = self._clinic.plan
        days = self._book.third_next(
            self._env.now,
            1 if self._rolling else plan.infusions[plan.usual],
            plan.gaps[plan.usual],
            earliest=index + self._rules.notice_days,
        )
        if days is not None:
            self.third_next[index] = days

    # -- series ---------------------------------------------------------------------------------------------

    def book_series(self, patient: Patient) -> Generator[float | Event, Any, list[Appointment] | None]:
        """Book a new patient's series, all of it or (rolling) its first infusion; None: nothing in time."""
        yield from self.ask()
        cap = self._rules.max_patients_in_series
        if cap is not None:
            if self._held or self._in_series >= cap:
                turn = Event(self._env)
                self._held.append((patient, turn))
                if not (yield turn):
                    return None
            else:
                self._in_series += 1
        plan, now = self._clinic.plan, self._env.now
        days = self._book.chain(
            now,
            1 if self._rolling else plan.infusions[patient.protocol],
            plan.gaps[patient.protocol],
            earliest=self._calendar.index(now) + self._rules.notice_days,
            latest=self._calendar.index(patient.ready) + self._rules.patience_days,
        )
        if days is None:
            self._in_series -= 1
            return None
        self._book.begin_series(days[0])
        booked = []
        for number, day in enumerate(days, start=1):
            entry = self._row(patient.row, INDUCTION, number, 0, patient.ready, nan)
            self._enter(entry, self._take(day, INDUCTION))
            booked.append(entry)
        return booked

    def end_series(self) -> None:
        """Count a patient out of the series, so that a held one may follow."""
        self._in_series -= 1

    def _release_held(self, index: int) -> None:
        """Let held patients in as far as the cap goes; who has lost patience leaves (value False)."""
        cap = self._rules.max_patients_in_series
        while self._held:
            patient, turn = self._held[0]
            latest = self._calendar.index(patient.ready) + self._rules.patience_days
            if latest < index + self._rules.notice_days:
                turn.succeed(value=False)
            elif cap is not None and self._in_series < cap:
                self._in_series += 1
                turn.succeed(value=True)
            else:
                return
            self._held.popleft()

    # -- boosters -------------------------------------------------------------------------------------------

    def book_boosters(
        self, patient: Patient, course: int, count: int, requested: float, relapsed: float, earliest: int
    ) -> Generator[float | Event, Any, list[Appointment]]:
        """Book a booster course: the first start (for several infusions: the first chain) from a day on.

        Parameters
        ----------
        patient, course, count
            Whose, which course, how many infusions.
        requested, relapsed
            For the record: when it was asked for, and the relapse it answers.
        earliest
            Index of the first day that would do.
        """
        allowed = self._clinic.plan.gaps[patient.protocol]
        booked = [
            self._row(patient.row, BOOSTER, patient.boosters + place, course, requested, relapsed)
            for place in range(1, count + 1)
        ]
        slots = yield from self._find(lambda: self._first_boosters(earliest, count, allowed))
        for entry, slot in zip(booked, slots, strict=True):
            self._enter(entry, slot)
        return booked

    def sooner_booster(self, patient: Patient, count: int, before: float) -> list[Slot] | None:
        """Take the first starts after the notice if they begin before a moment; else take nothing."""
        now = self._env.now
        earliest = self._calendar.index(now) + self._rules.booster_notice_days
        slots = self._first_boosters(earliest, count, self._clinic.plan.gaps[patient.protocol])
        if slots is not None and slots[0].minute >= before:
            for slot in slots:
                self._book.give_back(slot, series=False)
            return None
        return slots

    def _first_boosters(self, earliest: int, count: int, allowed: Gaps) -> list[Slot] | None:
        now = self._env.now
        if count == 1:
            day = self._book.first_day(now, earliest=earliest, series=False)
            return None if day is None else [self._book.take(day, now, series=False)]
        last = self._calendar.index(now) + 7 * self._rules.window_weeks
        days = self._book.chain(now, count, allowed, earliest=earliest, latest=last, series=False)
        return None if days is None else [self._book.take(day, now, series=False) for day in days]

    # -- changes --------------------------------------------------------------------------------------------

    def rebook(
        self, patient: Patient, missed: Appointment, ahead: list[Appointment], last_day: int | None
    ) -> Generator[float | Event, Any, None]:
        """Find a missed infusion a new start, and put it where it belongs among those ahead.

        It goes to the first start that keeps the permitted least gap to the infusions before and after. If there
        is none before the next one, the others keep their dates and it is appended at a protocol gap.

        Parameters
        ----------
        last_day
            Index of the day of the infusion before, if any.
        """
        yield from self.ask()
        allowed, series = self._clinic.plan.gaps[patient.protocol], missed.kind == INDUCTION

        def first_fit() -> list[Slot] | None:
            now = self._env.now
            earliest = self._calendar.index(now)
            if last_day is not None:
                earliest = max(earliest, last_day + allowed.least)
            latest = None
            if ahead:
                assert ahead[0].slot is not None
                latest = ahead[0].slot.day - allowed.least
            day = self._book.first_day(now, earliest=earliest, latest=latest, series=series)
            return None if day is None else [self._take(day, missed.kind)]

        again = self._row_like(missed, missed.number)
        slots = first_fit()
        if slots is not None or not ahead:
            ahead.insert(0, again)
        else:
            assert ahead[-1].slot is not None
            first_fit = self._follow(allowed, ahead[-1].slot.day, missed.kind)
            ahead.append(again)
        if slots is None:
            slots = yield from self._find(first_fit)
        self._enter(again, slots[0])

    def follow(self, patient: Patient, seen: Appointment, last_day: int) -> Generator[float | Event, Any, Appointment]:
        """Book the next infusion of a rolling series, on leaving the last one."""
        yield from self.ask()
        following = self._row_like(seen, seen.number + 1)
        slots = yield from self._find(self._follow(self._clinic.plan.gaps[patient.protocol], last_day, seen.kind))
        self._enter(following, slots[0])
        return following

    def _follow(self, allowed: Gaps, last_day: int, kind: int) -> Attempt:
        def attempt() -> list[Slot] | None:
            day = self._book.following(self._env.now, last_day, allowed, series=kind == INDUCTION)
            return None if day is None else [self._take(day, kind)]

        return attempt

    def cancel(self, appointment: Appointment) -> None:
        """Free the start of an appointment that will not take place."""
        assert appointment.slot is not None
        self._book.give_back(appointment.slot, series=appointment.kind == INDUCTION)

    def release(self, ahead: list[Appointment], *, moved: bool = False) -> None:
        """Free all starts a patient no longer needs (or has exchanged for others)."""
        for appointment in ahead:
            self.cancel(appointment)
            appointment.outcome = MOVED if moved else RELEASED
            appointment.decided = self._env.now
        ahead.clear()

    def exchange(self, old: Appointment, slots: list[Slot], requested: float) -> list[Appointment]:
        """Enter the starts that a patient takes instead of an appointment."""
        booked = []
        for place, slot in enumerate(slots):
            entry = self._row(old.patient, old.kind, old.number + place, old.course, requested, old.relapsed)
            self._enter(entry, slot)
            booked.append(entry)
        return booked

    # -- waiting and writing down ---------------------------------------------------------------------------

    def _find(self, attempt: Attempt) -> Generator[float | Event, Any, list[Slot]]:
        """Book as soon as the book allows: now, or at an opening to come."""
        slots = attempt()
        if slots is None:
            answer = Event(self._env)
            self._waiting.append((attempt, answer))
            slots = yield answer
        return slots

    def _take(self, day: int, kind: int) -> Slot:
        return self._book.take(day, self._env.now, series=kind == INDUCTION)

    def _row(
        self, patient: int, kind: int, number: int, course: int, requested: float, relapsed: float
    ) -> Appointment:
        """Begin a row of the records: a request, until a start is entered."""
        row = Appointment(patient, kind, number, course, requested, relapsed)
        self._clinic.appointments.append(row)
        return row

    def _row_like(self, other: Appointment, number: int) -> Appointment:
        return self._row(other.patient, other.kind, number, other.course, other.requested, other.relapsed)

    def _enter(self, row: Appointment, slot: Slot) -> None:
        """Enter a start in a request's row."""
        row.slot = slot
        row.booked = self._env.now
        row.appointment = slot.minute
