"""Requests that wait for an appointment: mirrors `model/waiting.py`.

The requests of a group that found no start are passed over for the rest of the opening; the others are tried in
their order. There are as many lists as ranks, so that a list is in the order of joining.
"""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.book import offers
from simclinic.model.fast.clock import push
from simclinic.model.fast.requests import attempt, earliest_of, group_of
from simclinic.model.fast.state import FOLLOWING, NONE, TURN
from simclinic.records import TO_COME

World = Any

TODAY = -1


def book_or_hold(w: World, row: int, what: int, a: int, count: int) -> None:
    """Mirror `Desk._book_or_hold` and `WaitingList.add`.

    `what` is the kind of attempt; `a` and `count` are what it needs: the earliest day and the number of boosters,
    the appointment that is followed (NONE: an earlier infusion, on day `count`), or the first day.
    """
    if attempt(w, row, what, a, count):
        return
    c, v = of.clinic(w)[0], of.visits(w)[row]
    v.turn = 1
    rank = of.class_of(w)[v.booked_plan, v.kind]
    n = of.n_waiting(w)[rank]
    if c.waiting_count >= of.rules(w)[0].most_waiting or n >= of.waiting(w).shape[1]:
        c.error = 1
        return
    c.waiting_count += 1
    q = of.waiting(w)[rank, n]
    q.row, q.what, q.a, q.count = row, what, a, count
    q.group = group_of(w, row, what, count)
    q.known = 1
    if what == FOLLOWING and a != NONE and not is_booked(w, a):
        q.known = 0
    else:
        q.day = earliest_of(w, row, what, a, count)
    of.n_waiting(w)[rank] = n + 1


def is_booked(w: World, row: int) -> bool:
    """Mirror `Appointment.is_booked`."""
    booked = of.visits(w)[row].booked
    return bool(booked == booked)


def note_release(w: World, row: int) -> None:
    """Mirror `WaitingList.release`."""
    v = of.visits(w)[row]
    if v.turn == 1 and v.outcome == TO_COME:
        of.clinic(w)[0].released += 1


def _found_none(w: World, group: int, day: int) -> bool:
    """Tell whether a request of this group has found no start at this opening."""
    tried = of.tried(w)
    place = day + 1
    return bool(0 <= place < tried.shape[1] and tried[group, place] == of.clinic(w)[0].stamp)


def _note_none(w: World, group: int, day: int) -> None:
    tried = of.tried(w)
    place = day + 1
    if 0 <= place < tried.shape[1]:
        tried[group, place] = of.clinic(w)[0].stamp


def _move(q: Any, to: Any) -> None:  # noqa: ANN401
    """Copy a request."""
    to.row, to.what, to.a, to.count = q.row, q.what, q.a, q.count
    to.group, to.day, to.known = q.group, q.day, q.known


def _make_known(w: World, q: Any) -> None:  # noqa: ANN401
    """Mirror `WaitingList._enter`, of a request whose predecessor has a day now."""
    if not q.known and is_booked(w, q.a):
        q.known = 1
        q.day = earliest_of(w, q.row, q.what, q.a, q.count)
        if of.visits(w)[q.a].booked == of.clinic(w)[0].now and q.day >= 0:
            q.known = 2  # at this opening: it joins the group of today at the next one


def try_again(w: World, today: int) -> None:
    """Mirror `WaitingList.try_again`."""
    c = of.clinic(w)[0]
    c.waiting_count -= c.released
    c.released = 0
    if c.waiting_count == 0 or not offers(w):
        return
    c.stamp += 1
    full = False
    for rank in range(len(of.n_waiting(w))):
        n, kept = of.n_waiting(w)[rank], 0
        waiting = of.waiting(w)[rank]
        for k in range(n):
            q = waiting[k]
            keep = True
            if not full:
                if of.visits(w)[q.row].outcome != TO_COME:
                    continue
                _make_known(w, q)
                if q.known == 2:
                    q.known = 1
                elif TODAY < q.day <= today:
                    q.day = TODAY
                if q.known and not _found_none(w, q.group, q.day):
                    if attempt(w, q.row, q.what, q.a, q.count):
                        of.visits(w)[q.row].turn = 2
                        push(w, c.now, 1, TURN, q.row)
                        c.waiting_count -= 1
                        full = not offers(w)
                        keep = False
                    else:
                        _note_none(w, q.group, q.day)
            if keep:
                if kept < k:
                    _move(q, waiting[kept])
                kept += 1
        of.n_waiting(w)[rank] = kept
