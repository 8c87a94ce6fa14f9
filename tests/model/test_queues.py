"""Queues: who is served, against the plain rule, and that a long queue costs no more than a short one."""

import math
import random
import time
from functools import partial
from math import nan

import pytest
from simpy import Event

from simclinic.model import pools
from simclinic.model.clock import Clock
from simclinic.model.people import Appointment
from simclinic.model.waiting import Request, WaitingList
from simclinic.records import BOOSTER, RELEASED, TO_COME


def cost(prepare):
    """Time what `prepare` returns, in seconds of processor time: the best of several, each on a queue of its own.

    Calls cannot be counted instead: `sys.setprofile` makes Python 3.11.7 loop without end in code that it has
    specialised.
    """
    best = math.inf
    for _ in range(9):
        action = prepare()
        begun = time.process_time()
        action()
        best = min(best, time.process_time() - begun)
    return best


LONGER = 10
"""A queue that is a hundred times as long may make a step this many times as slow; it would be a hundred."""


class Desk:
    """A book with some starts a day, of which one kind of request may take only a part; and who waits for one."""

    def __init__(self):
        self.clock = Clock(0.0)
        self.free = {}
        self.today = 0
        self.rows = []
        self.tried = 0
        self.waiting = WaitingList(10_000, self.offers)

    def offers(self):
        return any(count for day, count in self.free.items() if day >= self.today)

    def request(self, kind, earliest, after=None):
        row = Appointment(len(self.rows), BOOSTER, 1, 0, float(len(self.rows)), nan)
        row.turn = Event(self.clock)

        def first():
            return earliest if after is None else after.day + earliest

        def attempt():
            self.tried += 1
            if after is not None and not after.is_booked:
                return False
            for day in sorted(self.free):
                if day >= max(first(), self.today) and self.free[day] > (1 if kind == "careful" else 0):
                    self.free[day] -= 1
                    row.day, row.booked = day, float(self.today)
                    return True
            return False

        self.rows.append((row, attempt))
        self.waiting.add(Request((row,), attempt, kind, first, after))
        return row

    def release(self, row):
        self.waiting.release(row)
        row.outcome = RELEASED

    def plainly(self):
        """Try every request in order, without any thought for how long it takes."""
        for row, attempt in self.rows:
            if not row.is_booked and row.outcome == TO_COME:
                attempt()


@pytest.mark.parametrize("seed", range(40))
def test_the_same_are_served_as_by_trying_everybody(seed):
    chance = random.Random(seed)
    desks = Desk(), Desk()
    for day in range(12):
        starts = {ahead: chance.randrange(3) for ahead in range(day, day + 6)}
        asked = [
            (
                chance.choice(("any", "careful")),
                chance.randrange(10),
                chance.randrange(1000) if chance.random() < 0.3 else None,
            )
            for _ in range(chance.randrange(8))
        ]
        gone = [chance.randrange(1000) for _ in range(chance.randrange(3))]
        for desk in desks:
            desk.today, desk.free = day, dict(starts)
            for kind, earliest, after in asked:
                follows = None if after is None or not desk.rows else desk.rows[after % len(desk.rows)][0]
                desk.request(kind, day + earliest - 5 if follows is None else earliest, follows)
            for one in gone:
                if desk.rows and not (row := desk.rows[one % len(desk.rows)][0]).is_booked:
                    desk.release(row)
        quick, plain = desks
        quick.waiting.try_again(day)
        plain.plainly()
        assert [(row.is_booked, row.day) for row, _ in quick.rows] == [
            (row.is_booked, row.day) for row, _ in plain.rows
        ]
        assert all(row.turn.triggered == row.is_booked for row, _ in quick.rows)
    assert quick.tried <= plain.tried


def waiting(count):
    """A desk at which so many wait, after the first of them was served."""
    desk = Desk()
    for _ in range(count + 1):
        desk.request("any", 0)
    desk.free = {0: 1}
    desk.waiting.try_again(0)
    return desk


def opening(desk, free, day=0):
    """Let this many starts be free, and open."""
    desk.tried, desk.free = 0, free
    return partial(desk.waiting.try_again, day)


@pytest.mark.parametrize("starts", [0, 2])
def test_an_opening_costs_no_more_with_a_long_queue(starts):
    short, long = (cost(lambda count=count: opening(waiting(count), {0: starts})) for count in (30, 3000))
    assert long < LONGER * short
    desk = waiting(3000)
    opening(desk, {0: starts})()
    assert [row.is_booked for row, _ in desk.rows] == [True] * (starts + 1) + [False] * (3000 - starts)


def careful(count):
    """The start of the day is kept for others: no careful request may take it, and the book is never full."""
    desk = Desk()
    for _ in range(count):
        desk.request("careful", 0)
    desk.free = {0: 1}
    desk.waiting.try_again(0)
    return desk


def test_requests_that_the_rules_keep_waiting_are_not_all_tried():
    short, long = (cost(lambda count=count: opening(careful(count), {0: 1})) for count in (30, 3000))
    assert long < LONGER * short
    desk = careful(3000)
    opening(desk, {0: 1})()
    assert desk.tried == 1


def weeks_ahead(days):
    """Every day somebody asks for a day a week ahead, and nobody is served but by the start of the last day."""
    desk = Desk()
    for day in range(days):
        desk.today = day
        desk.request("careful", day + 7)
        desk.free = {day: 1}
        desk.waiting.try_again(day)
    desk.today = days
    return desk


def test_groups_do_not_grow_with_time():
    short, long = (cost(lambda days=days: opening(weeks_ahead(days), {days: 1}, days)) for days in (20, 2000))
    assert long < LONGER * short
    desk = weeks_ahead(200)
    opening(desk, {200: 1}, 200)()
    assert desk.tried < 10


def test_a_patient_who_leaves_a_long_queue_passes_nobody(monkeypatch):
    compared = 0

    class Counted(Event):
        def __eq__(self, other):
            nonlocal compared
            compared += 1
            return self is other

        __hash__ = Event.__hash__

    monkeypatch.setattr(pools, "Event", Counted)
    clock = Clock(0.0)
    chairs = pools.Chairs(clock, 1, 10_000)
    assert chairs.take() == 1
    turns = [chairs.wait() for _ in range(1000)]
    for turn in turns[-500:]:
        chairs.leave(turn)
        assert turn.triggered
    assert compared < 500
    assert len(chairs.queue) == 500
    chairs.give_back(1)
    assert [turn.triggered for turn in turns[:500]] == [True] + [False] * 499


def between_shifts(count):
    """Nurses who stay, many who wait for a visit to begin, and one whose visit has begun."""
    hands = pools.Hands(Clock(0.0), 10_000)
    hands.capacity = 1
    assert hands.take(begun=True)
    others = [hands.wait(begun=False) for _ in range(count)]
    begun = hands.wait(begun=True)
    hands.freed = lambda: None
    return hands, others, begun


def test_nurses_who_stay_find_begun_visits_in_a_long_queue():
    def served(count):
        hands, _, _ = between_shifts(count)

        def serve():
            hands.give_back()
            hands.take(begun=True)

        return serve

    short, long = (cost(partial(served, count)) for count in (10, 1000))
    assert long < LONGER * short
    hands, others, begun = between_shifts(1000)
    hands.give_back()
    assert begun.triggered
    assert not any(turn.triggered for turn in others)


def test_nurses_on_duty_serve_in_order_whether_a_visit_has_begun_or_not():
    hands = pools.Hands(Clock(0.0), 10)
    turns = [hands.wait(begun=begun) for begun in (False, True, True, False, True)]
    for served in range(1, 6):
        hands.capacity += 1
        hands.serve()
        assert [turn.triggered for turn in turns] == [True] * served + [False] * (5 - served)
