"""The front desk: it gives requests their starts, or has them wait for one.

The desk answers while the clinic is open; requests made at night or on a closed day are handled at the next
opening, in order. A request for which the open book has no start waits, and is tried again at every opening.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import nan

from simpy import Event

from simclinic.errors import QueueError
from simclinic.model.clock import Clock, Steps
from simclinic.model.people import Appointment, Appointments, Patient
from simclinic.model.standby import Standby
from simclinic.model.waiting import Request, WaitingList
from simclinic.planning.book import Book, Gaps
from simclinic.planning.timetable import Timetable
from simclinic.records import BOOSTER, CONSULT, INDUCTION, MOVED, NO_SHOW, RELEASED
from simclinic.sampling.initial_state import Progress


def _single(row: Appointment) -> tuple[str, bool, int]:
    """Return the kind of request of a single visit: whether the booster reserve is closed, and the plan."""
    return "single", row.kind != BOOSTER, row.booked_plan


class Desk:
    """The front desk: it books, rebooks and releases appointments.

    Parameters
    ----------
    env
        The clock.
    timetable
        Calendar, rules and protocols.
    book
        The free starts.
    appointments
        The rows of the visits table; each request adds one.
    most_waiting
        Largest number of requests, or of patients, that may wait at once.
    protocols
        The protocol of each patient, where visits have several plans.
    can_come
        By patient, whether they can come at short notice; empty where no list of them is kept.

    Attributes
    ----------
    third_next
        By day index, of Mondays: days to the third start on which a new series could begin.
    """

    def __init__(
        self,
        env: Clock,
        timetable: Timetable,
        book: Book,
        appointments: Appointments,
        most_waiting: int,
        protocols: Sequence[int],
        can_come: Sequence[bool] = (),
    ) -> None:
        self._env = env
        self._timetable = timetable
        self._book = book
        self._appointments = appointments
        self._plans = timetable.plans
        self._protocols = protocols
        self._most_waiting = most_waiting
        self._calendar = timetable.calendar
        self._rules = timetable.scenario.booking
        self._rolling = self._rules.series == "rolling"
        self._waiting = WaitingList(
            most_waiting,
            lambda: book.offers(env.now),
            lambda row: timetable.rank(row.kind, row.booked_plan),
        )
        self.standby = Standby(env, timetable, book, self, can_come) if can_come else None
        self._held: deque[tuple[Patient, Event]] = deque()
        self._in_series = 0
        self.third_next: dict[int, int] = {}

    # -- the desk's day -------------------------------------------------------------------------------------

    def open(self, index: int) -> None:
        """Begin an open day: try the waiting requests again, the longest waiting first."""
        self._book.begin_day(index)
        if self._calendar.weekday[index] == 0:
            self._note_third_next(index)
        self._waiting.try_again(index)
        self._release_held(index)
        if self.standby is not None:
            self.standby.begin_day(index)

    def ask(self) -> Steps[None]:
        """Wait until the desk answers: at once while the clinic is open, else at the next opening."""
        reached = self._calendar.answers(self._env.now)
        if reached > self._env.now:
            yield reached

    def _note_third_next(self, index: int) -> None:
        """Note the days to the third start on which a new series of the usual protocol could begin."""
        timetable = self._timetable
        days = self._book.third_next(
            self._env.now,
            1 if self._rolling else timetable.infusions[timetable.usual],
            timetable.gaps[timetable.usual],
            earliest=index + self._rules.notice_days,
            plans=self._plans_of(
                timetable.usual, INDUCTION, 1, 1 if self._rolling else timetable.infusions[timetable.usual]
            ),
        )
        if days is not None:
            self.third_next[index] = days

    # -- consults -------------------------------------------------------------------------------------------

    def book_consult(self, patient: Patient) -> Steps[Appointment | None]:
        """Book a consult: the first start after the notice; None if there is none within the patient's patience."""
        yield from self.ask()
        row = Appointment(patient.row, CONSULT, 1, 0, patient.asked, nan)
        assert self._plans is not None
        row.booked_plan = self._plans.number(patient.protocol, CONSULT, 1)
        now = self._env.now
        day = self._book.first_day(
            now,
            earliest=self._calendar.index(now) + self._rules.notice_days,
            latest=self._calendar.index(patient.asked) + self._rules.patience_days,
            series=True,
            plan=row.booked_plan,
        )
        if not self._try(row, day):
            return None
        self._appointments.note(row)
        return row

    def keep_consult(self, patient: Patient, today: Progress) -> Appointment:
        """Enter a consult that was booked before the simulation began."""
        row = self._row(patient.row, CONSULT, 1, 0, patient.asked, nan)
        self._enter_existing(row, today)
        return row

    # -- series ---------------------------------------------------------------------------------------------

    def book_series(self, patient: Patient) -> Steps[list[Appointment] | None]:
        """Book a new patient's series, or of a rolling series the first infusion; None if no start is in time."""
        yield from self.ask()
        cap = self._rules.max_patients_in_series
        if cap is not None:
            if self._held or self._in_series >= cap:
                turn = Event(self._env)
                self._held.append((patient, turn))
                if len(self._held) > self._most_waiting:
                    raise QueueError.waiting_for("their turn to begin a series", self._most_waiting)
                if not (yield turn):
                    return None
            else:
                self._in_series += 1
        timetable, now = self._timetable, self._env.now
        count = 1 if self._rolling else timetable.infusions[patient.protocol]
        days = self._book.chain(
            now,
            count,
            timetable.gaps[patient.protocol],
            earliest=self._calendar.index(now) + self._rules.notice_days,
            latest=self._calendar.index(patient.ready) + self._rules.patience_days,
            plans=self._plans_of(patient.protocol, INDUCTION, 1, count),
        )
        if days is None:
            self._in_series -= 1
            if self.standby is None or not self.standby.can_come(patient):
                return None
            return (yield from self.standby.hope(patient))
        return self._enter_series(patient, days)

    def _enter_series(
        self, patient: Patient, days: Sequence[int], after: float | None = None
    ) -> list[Appointment]:
        """Enter a series that begins later than a moment; None: later than now."""
        self._book.begin_series(days[0])
        return [
            self._enter(
                self._row(patient.row, INDUCTION, number, 0, patient.ready, nan),
                day,
                after if number == 1 else None,
            )
            for number, day in enumerate(days, start=1)
        ]

    def series_from(self, patient: Patient, after: float, latest: int) -> list[Appointment] | None:
        """Book a series that begins later than a moment, for a patient on standby; None if there is none."""
        cap, timetable, now = self._rules.max_patients_in_series, self._timetable, self._env.now
        if cap is not None and (self._held or self._in_series >= cap):
            return None
        count = 1 if self._rolling else timetable.infusions[patient.protocol]
        plans = self._plans_of(patient.protocol, INDUCTION, 1, count)
        earliest = self._calendar.index(after)
        if not self._book.has_start(earliest, after, plans[0] if plans else 0):
            earliest += 1
        allowed = timetable.gaps[patient.protocol]
        days = self._book.chain(now, count, allowed, earliest=earliest, latest=latest, plans=plans)
        if days is None:
            return None
        self._in_series += 1
        return self._enter_series(patient, days, after if days[0] == earliest else None)

    def exchange(self, old: Appointment, day: int, after: float) -> Appointment:
        """Exchange an appointment for a start of another day, later than a moment."""
        row = self._enter(self._row_like(old, old.number), day, after)
        row.earliest = old.earliest
        self._book.give_back(old.day, old.place, series=old.kind != BOOSTER, plan=old.booked_plan)
        old.outcome, old.decided = MOVED, self._env.now
        return row

    def try_waiting(self, today: int) -> None:
        """Try the waiting requests again."""
        self._waiting.try_again(today)

    def end_series(self) -> None:
        """Count a patient out of the series, so that a held patient may begin one."""
        self._in_series -= 1

    def _release_held(self, index: int) -> None:
        """Let held patients begin a series up to the cap; patients whose patience has ended leave (value False)."""
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

    def note_boosters(
        self, patient: Patient, course: int, count: int, requested: float, relapsed: float
    ) -> list[Appointment]:
        """Record the request for a booster course, before the desk answers.

        Parameters
        ----------
        patient, course, count
            The patient, the number of the course, and the number of infusions.
        requested, relapsed
            Moments of the request, and of the relapse that led to it.
        """
        return [
            self._row(patient.row, BOOSTER, patient.boosters + place, course, requested, relapsed)
            for place in range(1, count + 1)
        ]

    def book_boosters(self, patient: Patient, rows: list[Appointment], earliest: int) -> None:
        """Book a booster course: the first start (for several infusions: the first chain) from a day on.

        Parameters
        ----------
        patient, rows
            The patient, and the requests.
        earliest
            Index of the first acceptable day.
        """
        # A copy: `rows` shrinks as the patient attends, and the attempt may be made much later.
        allowed, requests = self._timetable.gaps[patient.protocol], tuple(rows)
        plans = tuple(row.booked_plan for row in rows)
        kind = _single(rows[0]) if len(rows) == 1 else (patient.protocol, len(rows), plans)
        self._book_or_hold(
            Request(
                requests, lambda: self._enter_boosters(requests, earliest, allowed), kind, lambda: earliest
            )
        )

    def sooner_boosters(
        self, patient: Patient, instead: Appointment, count: int, requested: float
    ) -> list[Appointment]:
        """Book the first starts after the notice if they are earlier than an appointment; else book nothing."""
        now = self._env.now
        earliest = self._calendar.index(now) + self._rules.booster_notice_days
        plans = self._plans_of(patient.protocol, BOOSTER, instead.number, count)
        days = self._booster_days(earliest, count, self._timetable.gaps[patient.protocol], plans)
        if days is None or days[0] > instead.day:
            return []
        plan = plans[0] if plans else 0
        if days[0] == instead.day and self._book.next_start(days[0], now, plan) >= instead.appointment:
            return []
        return [
            self._enter(
                self._row(instead.patient, BOOSTER, instead.number + place, instead.course, requested, nan),
                day,
            )
            for place, day in enumerate(days)
        ]

    def _enter_boosters(self, rows: tuple[Appointment, ...], earliest: int, allowed: Gaps) -> bool:
        days = self._booster_days(earliest, len(rows), allowed, self._plans_of_rows(rows))
        if days is None:
            return False
        for row, day in zip(rows, days, strict=True):
            self._enter(row, day)
        return True

    def _booster_days(
        self, earliest: int, count: int, allowed: Gaps, plans: Sequence[int]
    ) -> list[int] | None:
        now = self._env.now
        if count == 1:
            plan = plans[0] if plans else 0
            day = self._book.first_day(now, earliest=earliest, series=False, plan=plan)
            return None if day is None else [day]
        last = self._calendar.index(now) + 7 * self._rules.window_weeks
        return self._book.chain(
            now, count, allowed, earliest=earliest, latest=last, series=False, plans=plans
        )

    # -- today's patients -------------------------------------------------------------------------------------

    def book_rest(self, patient: Patient, count: int, today: Progress) -> list[Appointment]:
        """Book the remaining infusions of a series when the simulation begins: at once, without notice.

        Parameters
        ----------
        patient, count
            The patient, and the number of infusions still to come.
        today
            The patient's progress according to the panel.

        Returns
        -------
        list of Appointment
            All of them; of a rolling series only the next.
        """
        self._in_series += 1
        return self._resume(patient, INDUCTION, 0, 1 if self._rolling else count, patient.ready, today)

    def book_pending(self, patient: Patient, course: int, count: int, today: Progress) -> list[Appointment]:
        """Book a booster course that was requested before the simulation began; see :meth:`book_rest`."""
        return self._resume(patient, BOOSTER, course, count, nan, today)

    def _resume(
        self, patient: Patient, kind: int, course: int, count: int, requested: float, today: Progress
    ) -> list[Appointment]:
        """Book infusions that were agreed on before the simulation began.

        An existing appointment is kept; the others follow it, or the last infusion, at protocol gaps. If there is
        no whole chain of dates, they are booked one by one, like infusions appended to a series.
        """
        allowed, series = self._timetable.gaps[patient.protocol], kind == INDUCTION
        before = patient.given if series else patient.boosters
        rows = [
            self._row(patient.row, kind, before + place, course, requested, nan)
            for place in range(1, count + 1)
        ]
        previous, following = self._row_before(patient, today), rows
        if today.appointment is not None:
            self._enter_existing(rows[0], today)
            previous, following = rows[0], rows[1:]
        if following and previous.is_booked:
            days = self._days_after(previous.day, following, allowed, series=series)
            for row, day in zip(following, days, strict=False):
                self._enter(row, day)
        for row in following:
            if not row.is_booked:
                self._book_or_hold(self._following(row, previous, allowed))
            previous = row
        return rows

    def _row_before(self, patient: Patient, today: Progress) -> Appointment:
        """Represent the last infusion before the simulation began, which is in no table."""
        before = Appointment(patient.row, INDUCTION, patient.given, 0, nan, nan)
        if patient.given:
            before.day, before.booked = self._calendar.index(today.last), today.last
        return before

    def _enter_existing(self, row: Appointment, today: Progress) -> None:
        """Enter an appointment made before the simulation began: at its time, else as near as the day allows.

        Neither the reserve for boosters nor the window of the open book applies to it. If the day has no start
        left (the panel has more appointments than the plan has starts, or the clinic is closed), the appointment
        moves to the first free start after that day.
        """
        assert today.appointment is not None
        index, now, book = self._calendar.index(today.appointment), self._env.now, self._book
        series = row.kind != BOOSTER

        def count_series() -> bool:
            if row.kind == INDUCTION and row.number == 1:
                book.begin_series(row.day)
            return True

        if index < len(self._calendar) and book.has_start(index, now, row.booked_plan):
            near = today.appointment if today.timed else None
            row.day, row.booked = index, now
            row.place, row.appointment = book.take(index, now, series=series, near=near, plan=row.booked_plan)
            count_series()
            return

        def first_start() -> bool:
            day = book.first_day(self._env.now, earliest=index, series=series, plan=row.booked_plan)
            return self._try(row, day) and count_series()

        self._book_or_hold(Request((row,), first_start, _single(row), lambda: index))

    def _days_after(
        self, last_day: int, rows: Sequence[Appointment], allowed: Gaps, *, series: bool
    ) -> list[int]:
        """Find dates for infusions after one on `last_day`; none if there is no whole chain."""
        now = self._env.now
        today = self._calendar.index(now)
        for gap in self._book.gaps_after(last_day, allowed):
            day = last_day + gap
            if day >= today:
                days = self._chain(rows, allowed, earliest=day, latest=day, series=series)
                if days is not None:
                    return days
        latest = today + 7 * self._rules.window_weeks
        earliest = max(today, last_day + allowed.least)
        return self._chain(rows, allowed, earliest=earliest, latest=latest, series=series) or []

    def _chain(
        self, rows: Sequence[Appointment], allowed: Gaps, *, earliest: int, latest: int, series: bool
    ) -> list[int] | None:
        """Find dates within a series that has begun: the weekly cap on series starts does not apply."""
        return self._book.chain(
            self._env.now,
            len(rows),
            allowed,
            earliest=earliest,
            latest=latest,
            series=series,
            begins=False,
            plans=self._plans_of_rows(rows),
        )

    # -- changes --------------------------------------------------------------------------------------------

    def rebook(
        self, patient: Patient, missed: Appointment, ahead: list[Appointment], last_day: int | None
    ) -> Steps[None]:
        """Find a new start for a missed infusion, and insert it among the appointments ahead.

        The infusion gets the first start that keeps the least permitted gap to the infusions before and after. If
        there is none before the next appointment, the others keep their dates and this one is appended at a
        protocol gap. After a cancellation, by either side, it is on another day; after a no-show it may be later
        on the same day.

        Parameters
        ----------
        last_day
            Index of the day of the infusion before, if any.
        """
        yield from self.ask()
        allowed, series = self._timetable.gaps[patient.protocol], missed.kind != BOOSTER
        again = self._row_like(missed, missed.number)
        first = missed.day if missed.outcome == NO_SHOW else missed.day + 1
        if last_day is not None:
            first = max(first, last_day + allowed.least)
        again.earliest = first

        def first_fit() -> bool:
            now = self._env.now
            latest = ahead[0].day - allowed.least if ahead else None
            earliest = max(first, self._calendar.index(now))
            return self._try(
                again,
                self._book.first_day(
                    now, earliest=earliest, latest=latest, series=series, plan=again.booked_plan
                ),
            )

        if (not ahead or ahead[0].is_booked) and first_fit():
            ahead.insert(0, again)
            return
        self._book_or_hold(
            self._following(again, ahead[-1], allowed)
            if ahead
            else Request((again,), first_fit, _single(again), lambda: first)
        )
        ahead.append(again)

    def follow(self, patient: Patient, previous: Appointment) -> Steps[Appointment]:
        """Book the next infusion of a rolling series when the patient leaves the last one."""
        yield from self.ask()
        row = self._row_like(previous, previous.number + 1)
        self._book_or_hold(self._following(row, previous, self._timetable.gaps[patient.protocol]))
        return row

    def _following(self, row: Appointment, previous: Appointment, allowed: Gaps) -> Request:
        """Request to book a row at a protocol gap after another, once that has a date."""

        def attempt() -> bool:
            if not previous.is_booked:
                return False
            series = row.kind == INDUCTION
            now, plan = self._env.now, row.booked_plan
            return self._try(row, self._book.following(now, previous.day, allowed, series=series, plan=plan))

        return Request((row,), attempt, _single(row), lambda: previous.day + allowed.least, after=previous)

    def cancel(self, appointment: Appointment) -> None:
        """Free the start of a cancelled appointment."""
        self._book.give_back(
            appointment.day,
            appointment.place,
            series=appointment.kind != BOOSTER,
            plan=appointment.booked_plan,
        )
        if self.standby is not None:
            self.standby.freed(appointment.day)

    def release(self, ahead: list[Appointment], *, moved: bool = False) -> None:
        """Free the starts of appointments that a patient no longer needs, or has exchanged for others."""
        for appointment in ahead:
            if appointment.is_booked:
                self.cancel(appointment)
            self._waiting.release(appointment)
            appointment.outcome = MOVED if moved else RELEASED
            appointment.decided = self._env.now
        ahead.clear()

    # -- waiting requests, and rows ---------------------------------------------------------------------------

    def _book_or_hold(self, request: Request) -> None:
        """Book a request, or let it wait until an attempt at an opening succeeds."""
        if not request.attempt():
            request.rows[0].turn = Event(self._env)
            self._waiting.add(request)

    def _row(
        self, patient: int, kind: int, number: int, course: int, requested: float, relapsed: float
    ) -> Appointment:
        """Add a row to the visits table: a request, until a start is entered."""
        row = Appointment(patient, kind, number, course, requested, relapsed)
        if self._plans is not None:
            row.booked_plan = self._plans.number(self._protocols[patient], kind, number)
        self._appointments.note(row)
        return row

    def _plans_of(self, protocol: int, kind: int, first: int, count: int) -> Sequence[int]:
        """Return the plans of consecutive infusions of one kind; nothing where all visits have one plan."""
        if self._plans is None:
            return ()
        return [self._plans.number(protocol, kind, first + place) for place in range(count)]

    def _plans_of_rows(self, rows: Sequence[Appointment]) -> Sequence[int]:
        return () if self._plans is None else [row.booked_plan for row in rows]

    def _row_like(self, other: Appointment, number: int) -> Appointment:
        return self._row(other.patient, other.kind, number, other.course, other.requested, other.relapsed)

    def _try(self, row: Appointment, day: int | None) -> bool:
        if day is None:
            return False
        self._enter(row, day)
        return True

    def _enter(self, row: Appointment, day: int, after: float | None = None) -> Appointment:
        """Take the earliest free start of a day, later than now or a moment, and enter it in a request's row."""
        now = self._env.now
        row.day = day
        series = row.kind != BOOSTER
        row.place, row.appointment = self._book.take(
            day, now if after is None else after, series=series, plan=row.booked_plan
        )
        row.booked = now
        return row
