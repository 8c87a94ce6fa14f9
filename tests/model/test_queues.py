"""Queues: who is served, against the plain rule, and that a long queue costs no more than a short one."""

import random
import sys
from math import nan

import pytest
from simpy import Event

from simclinic.model import pools
from simclinic.model.clock import Clock
from simclinic.model.people import Appointment
from simclinic.model.waiting import Request, WaitingList
from simclinic.records import BOOSTER, RELEASED, TO_COME


def operations(action, *arguments):
    """Count the calls that an action makes, of functions in C and steps of generators included."""
    count = 0

    def note(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        action(*arguments)
    finally:
        sys.setprofile(None)
    return count


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


@pytest.mark.parametrize("starts", [0, 2])
def test_an_opening_costs_no_more_with_a_long_queue(starts):
    short, long = waiting(30), waiting(3000)
    for desk in (short, long):
        desk.free = {0: starts}
    cost = [operations(desk.waiting.try_again, 0) for desk in (short, long)]
    assert cost[1] < 2 * cost[0]
    assert [row.is_booked for row, _ in long.rows] == [True] * (starts + 1) + [False] * (3000 - starts)


def test_requests_that_the_rules_keep_waiting_are_not_all_tried():
    # The start of the day is kept for others: no careful request may take it, and the book is never full.
    tried = []
    for count in (30, 3000):
        desk = Desk()
        for _ in range(count):
            desk.request("careful", 0)
        desk.free = {0: 1}
        desk.waiting.try_again(0)
        tried.append(operations(desk.waiting.try_again, 0))
        assert desk.tried == 2
    assert tried[1] < 2 * tried[0]


def test_groups_do_not_grow_with_time():
    # Every day somebody asks for a day a week ahead, and nobody is served but by the start of the last day.
    cost = []
    for days in (20, 200):
        desk = Desk()
        for day in range(days):
            desk.today = day
            desk.request("careful", day + 7)
            desk.free = {day: 1}
            desk.waiting.try_again(day)
        desk.today, desk.tried, desk.free = days, 0, {days: 1}
        cost.append(operations(desk.waiting.try_again, days))
        assert desk.tried < 10
    assert cost[1] < 2 * cost[0]


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


def test_nurses_who_stay_find_begun_visits_in_a_long_queue():
    cost = []
    for count in (10, 1000):
        hands = pools.Hands(Clock(0.0), 10_000)
        hands.capacity = 1
        assert hands.take(begun=True)
        others = [hands.wait(begun=False) for _ in range(count)]
        begun = hands.wait(begun=True)
        hands.freed = lambda: None  # between two shifts
        cost.append(operations(hands.give_back))
        assert begun.triggered
        assert not any(turn.triggered for turn in others)
        cost[-1] += operations(lambda hands=hands: hands.take(begun=True))
    assert cost[1] < 2 * cost[0]


def test_nurses_on_duty_serve_in_order_whether_a_visit_has_begun_or_not():
    hands = pools.Hands(Clock(0.0), 10)
    turns = [hands.wait(begun=begun) for begun in (False, True, True, False, True)]
    for served in range(1, 6):
        hands.capacity += 1
        hands.serve()
        assert [turn.triggered for turn in turns] == [True] * served + [False] * (5 - served)
