"""Requests that wait for an appointment, in the order in which they were made.

At each opening the desk tries them again, those who come first by the clinic's rule, and the longest waiting first.
Nearly all of a long queue must go on waiting,
and trying each of them would cost ever more. Requests of one kind differ only in the earliest day that they accept,
and while they are tried the book only loses starts. So if a request finds no start, neither does a later one of its
kind for the same earliest day. Days up to today count as the same. The requests of a kind and day form a group; of
each only the first are tried, until one finds no start.

A request that follows another infusion has no earliest day before that infusion has one, and is not tried until
then.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from simclinic.errors import QueueError
from simclinic.model.people import Appointment
from simclinic.records import TO_COME

Attempt: TypeAlias = Callable[[], bool]
"""Tries to book now; returns whether it succeeded."""

_TODAY = -1
"""Stands for every earliest day that has come."""


class Request:
    """A request that waits.

    Parameters
    ----------
    rows
        The appointments that are booked together; the first one waits.
    attempt
        Books them, if that is possible now.
    kind
        Requests of one kind find a start, or none, by the same rules, except for the earliest day.
    earliest
        Returns the index of the earliest acceptable day, once it is known.
    after
        The appointment without whose day it is not known, if any.
    """

    __slots__ = ("after", "attempt", "earliest", "group", "kind", "number", "rows")

    def __init__(
        self,
        rows: tuple[Appointment, ...],
        attempt: Attempt,
        kind: Hashable,
        earliest: Callable[[], int],
        after: Appointment | None = None,
    ) -> None:
        self.rows = rows
        self.attempt = attempt
        self.kind = kind
        self.earliest = earliest
        self.after = after
        self.number = 0, 0
        self.group: _Group = kind, _TODAY

    def __lt__(self, other: Request) -> bool:
        return self.number < other.number


_Group: TypeAlias = tuple[Hashable, int]
"""The kind of its requests, and their earliest day."""


class WaitingList:
    """The requests that wait.

    Parameters
    ----------
    most
        Largest number of them.
    offers
        Tells whether any start is free in the open window.
    rank
        Returns the rank of the visit of an appointment; requests of a lower rank come first.
    """

    def __init__(
        self,
        most: int,
        offers: Callable[[], bool],
        rank: Callable[[Appointment], int] = lambda _: 0,
    ) -> None:
        self._most = most
        self._offers = offers
        self._rank = rank
        self._groups: dict[_Group, list[Request]] = {}  # heaps
        self._unknown: dict[Appointment, list[Request]] = {}  # by the appointment that they follow
        self._joined = 0
        self._count = 0  # those released since the last opening included
        self._released = 0

    def add(self, request: Request) -> None:
        """Let a request wait.

        Raises
        ------
        QueueError
            If too many wait.
        """
        self._joined += 1
        request.number = self._rank(request.rows[0]), self._joined
        self._count += 1
        if request.after is None or request.after.is_booked:
            self._enter(request)
        else:
            self._unknown.setdefault(request.after, []).append(request)
        if self._count > self._most:
            raise QueueError.waiting_for("an appointment", self._most)

    def release(self, row: Appointment) -> None:
        """Note that an appointment is to be released: if it waits, it is forgotten at the next opening."""
        if row.turn is not None and not row.turn.triggered and row.outcome == TO_COME:
            self._released += 1

    def try_again(self, today: int) -> None:
        """Try the requests again at an opening.

        Parameters
        ----------
        today
            Index of the day.
        """
        self._count -= self._released
        self._released = 0
        # Once the book is full no further request is tried: a day serves only a few of a long queue.
        if not self._count or not self._offers():
            return
        self._merge(today)
        heads = [group[0] for group in self._groups.values()]
        heapify(heads)
        while heads:
            request = heappop(heads)
            group = self._groups.get(request.group)
            if group is None or group[0] is not request:
                continue  # one that has waited longer came in before it
            served = request.rows[0].outcome == TO_COME
            if served and not request.attempt():
                continue  # nor would any other of the group find a start
            heappop(group)
            if group:
                heappush(heads, group[0])
            else:
                del self._groups[request.group]
            if served:
                self._serve(request, heads)
                if not self._offers():
                    return

    def _serve(self, request: Request, heads: list[Request]) -> None:
        """Let a booked request go on, and try those that follow one of its appointments after it."""
        turn = request.rows[0].turn
        assert turn is not None
        turn.succeed()
        self._count -= 1
        for row in request.rows:
            for following in self._unknown.pop(row, ()):
                if self._enter(following)[0] is following:
                    heappush(heads, following)

    def _enter(self, request: Request) -> list[Request]:
        """Put a request whose earliest day is known into its group, and return that."""
        request.group = request.kind, request.earliest()
        group = self._groups.setdefault(request.group, [])
        heappush(group, request)
        return group

    def _merge(self, today: int) -> None:
        """Merge the groups whose earliest day has come."""
        for kind, day in [(kind, day) for kind, day in self._groups if _TODAY < day <= today]:
            group = self._groups.setdefault((kind, _TODAY), [])
            for request in self._groups.pop((kind, day)):
                request.group = kind, _TODAY
                heappush(group, request)
