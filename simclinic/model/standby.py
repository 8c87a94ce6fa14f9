"""The standby list: starts that come free are offered to patients who can come at short notice.

A start comes free when an appointment is cancelled, given up or moved. While the desk is open it is offered at
once, otherwise at the next opening, if it is far enough ahead for those on standby:

1. to the requests that wait for an appointment, in their order;
2. to new patients on standby for whom the book had no series within their patience: they wait on the list until
   their patience ends, instead of going elsewhere, and get a series that begins with this or another start;
3. to patients on standby who have a later appointment, in the order of asking (those who come first by the clinic's
   rule before the others): their next infusion is moved to the start, if the gaps to the infusions before and
   after stay permitted. The start that they leave is offered in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Protocol

from simpy import Event

from simclinic.model.clock import Clock, Steps
from simclinic.model.people import Appointment, Patient
from simclinic.planning.book import Book
from simclinic.planning.timetable import Timetable
from simclinic.records import BOOSTER, INDUCTION
from simclinic.scenario import Scenario
from simclinic.scenario.booking import Booking

_HOUR = 60.0
_CLOSE = 1e-6  # minutes


class Enters(Protocol):
    """What the list needs of the front desk."""

    def try_waiting(self, today: int) -> None:
        """Try the waiting requests again."""

    def series_from(self, patient: Patient, after: float, latest: int) -> list[Appointment] | None:
        """Book a series that begins later than a moment; None if there is none."""

    def exchange(self, old: Appointment, day: int, after: float) -> Appointment:
        """Exchange an appointment for a start of another day, later than a moment."""


class _Movable:
    """The next appointment of a patient on standby, until it is settled."""

    __slots__ = ("ahead", "appointment", "last_day", "patient", "turn")

    def __init__(
        self, patient: Patient, appointment: Appointment, ahead: Sequence[Appointment], last_day: int | None
    ) -> None:
        self.patient = patient
        self.appointment = appointment
        self.ahead = ahead
        self.last_day = last_day
        self.turn: Event | None = None


class Standby:
    """The list of patients who can come at short notice.

    Parameters
    ----------
    env, timetable, book, desk
        The clock, the clinic's rules, its book, and the desk that enters appointments.
    can_come
        By row of the patient, whether the patient can come at short notice.
    """

    def __init__(
        self, env: Clock, timetable: Timetable, book: Book, desk: Enters, can_come: Sequence[bool]
    ) -> None:
        self._env = env
        self._timetable = timetable
        self._book = book
        self._desk = desk
        self._can_come = can_come
        self._notice = standby_notice(timetable.scenario.booking)
        self._settled = settled_before(timetable.scenario)
        self._movable: dict[int, _Movable] = {}
        self._hoping: list[tuple[Patient, Event]] = []
        self._free: set[int] = set()  # days on which starts have come free
        self._due = False

    def can_come(self, patient: Patient) -> bool:
        """Tell whether a patient can come at short notice."""
        return self._can_come[patient.row]

    # -- patients on the list -----------------------------------------------------------------------------------

    def settle(
        self, patient: Patient, appointment: Appointment, ahead: Sequence[Appointment], last_day: int | None
    ) -> Steps[Appointment]:
        """Wait until a patient's next appointment is settled; it may be moved until then.

        Parameters
        ----------
        patient, appointment
            The patient, and the appointment.
        ahead, last_day
            The appointments after it, and the index of the day of the infusion before, if any.

        Returns
        -------
        Appointment
            The one that the patient has in the end.
        """
        entry = _Movable(patient, appointment, ahead, last_day)
        self._movable[patient.row] = entry
        while (until := entry.appointment.appointment - self._settled) > self._env.now:
            entry.turn = Event(self._env)
            self._env.at(until, _wake, entry.turn)
            yield entry.turn
        del self._movable[patient.row]
        return entry.appointment

    def hope(self, patient: Patient) -> Steps[list[Appointment] | None]:
        """Wait for a series, until patience ends; None: there was none."""
        turn = Event(self._env)
        self._hoping.append((patient, turn))
        rows: list[Appointment] | None = yield turn
        return rows

    # -- starts that come free ----------------------------------------------------------------------------------

    def freed(self, day: int) -> None:
        """Note that a start of a day has come free; it is offered after all other events of the moment."""
        self._free.add(day)
        if not self._due:
            self._due = True
            self._env.at_last(self.offer)

    def offer(self, _: object = None) -> None:
        """Offer the starts that have come free, if the desk is open; otherwise they are offered when it opens."""
        self._due = False
        now, calendar = self._env.now, self._timetable.calendar
        opens = calendar.answers(now)
        if opens > now:
            if calendar.in_pause(now):
                self._due = True  # whatever else comes free in the pause is offered then, too
                self._env.at(opens, self.offer)
            return
        if self._free:
            self._desk.try_waiting(calendar.index(now))
        self._offer_to_hoping()
        while self._free:
            day = min(self._free)
            moved = self._move_to(day)
            if moved is None:
                self._free.discard(day)
            else:
                self._free.add(moved)

    def begin_day(self, index: int) -> None:
        """Begin an open day: those whose patience has ended go elsewhere, and what came free is offered."""
        for patient, turn in self._hoping:
            if self._latest(patient) < index:
                turn.succeed(None)
        self._hoping = [(patient, turn) for patient, turn in self._hoping if not turn.triggered]
        self.offer()

    def _latest(self, patient: Patient) -> int:
        rules, calendar = self._timetable.scenario.booking, self._timetable.calendar
        return calendar.index(patient.ready) + rules.patience_days

    def _offer_to_hoping(self) -> None:
        """Book series for new patients on the list, in the order of asking."""
        for patient, turn in self._hoping:
            rows = self._desk.series_from(patient, self._env.now + self._notice, self._latest(patient))
            if rows is not None:
                turn.succeed(rows)
        self._hoping = [(patient, turn) for patient, turn in self._hoping if not turn.triggered]

    def _move_to(self, day: int) -> int | None:
        """Move the next infusion of the first patient who can use a start of a day; return the day it leaves."""
        soonest = self._env.now + self._notice
        for entry in sorted(self._movable.values(), key=self._order):
            row = entry.appointment
            if row.day > day and self._fits(entry, day) and self._has_start(row, day, soonest):
                self._move(entry, day, soonest)
                return row.day
        return None

    def _order(self, entry: _Movable) -> tuple[int, float, int]:
        row = entry.appointment
        asked = row.requested if not isnan(row.requested) else -float("inf")
        return self._timetable.rank(row.kind, row.booked_plan), asked, row.patient

    def _has_start(self, row: Appointment, day: int, soonest: float) -> bool:
        series = row.kind != BOOSTER
        open_to_it = self._book.first_day(
            self._env.now, earliest=day, latest=day, series=series, plan=row.booked_plan
        )
        return open_to_it is not None and self._book.has_start(day, soonest, row.booked_plan)

    def _fits(self, entry: _Movable, day: int) -> bool:
        """Tell whether an infusion may be given on an earlier day."""
        row, allowed = entry.appointment, self._timetable.gaps[entry.patient.protocol]
        if day < row.earliest:
            return False
        if row.kind == INDUCTION and entry.last_day is None:
            if self._timetable.scenario.booking.max_series_starts_per_week is not None:
                return False  # the week of the start has a cap of its own
        elif entry.last_day is not None and day - entry.last_day < allowed.least:
            return False
        # A scheduled booster is not given before it is due.
        if self._timetable.calendar.midnights[day + 1] <= row.requested:
            return False
        if not entry.ahead or not entry.ahead[0].is_booked:
            return True
        return entry.ahead[0].day - day in self._book.gaps_after(day, allowed)

    def _move(self, entry: _Movable, day: int, soonest: float) -> None:
        old = entry.appointment
        entry.appointment = self._desk.exchange(old, day, soonest)
        assert entry.turn is not None
        if not entry.turn.triggered:
            entry.turn.succeed()


def standby_notice(rules: Booking) -> float:
    """Return the minutes ahead of which a start is offered; the book offers those later, so one exactly then is."""
    return rules.standby_notice_hours * _HOUR - _CLOSE


def settled_before(scenario: Scenario) -> float:
    """Return the minutes before an appointment from which on the patient cancels or comes, and is not moved."""
    return max(standby_notice(scenario.booking), scenario.attendance.cancel_notice_days * 24 * _HOUR)


def _wake(turn: Event) -> None:
    if not turn.triggered:
        turn.succeed()
