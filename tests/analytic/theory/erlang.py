"""Erlang's formulae: the queue with exponential lengths and chairs for everybody in order of arrival (M/M/c).

`rate` is arrivals per minute, `length` the mean length of a visit in minutes, `chairs` a whole number.

Source: Erlang 1917; Gross and Harris, Fundamentals of Queueing Theory, chapter 2.
"""

import math


def erlang_b(chairs: int, load: float) -> float:
    """Share turned away when nobody may wait; `load` is mean length times rate."""
    inverse = 1.0
    for k in range(1, chairs + 1):
        inverse = 1.0 + inverse * k / load
    return 1.0 / inverse


def erlang_c(chairs: int, load: float) -> float:
    """Share that must wait when everybody may; `load` is below `chairs`."""
    lost = erlang_b(chairs, load)
    return chairs * lost / (chairs - load * (1.0 - lost))


def utilisation(rate: float, length: float, chairs: int) -> float:
    return rate * length / chairs


def mean_wait(rate: float, length: float, chairs: int) -> float:
    """Mean wait of all, in minutes."""
    return erlang_c(chairs, rate * length) * length / (chairs - rate * length)


def wait_tail(rate: float, length: float, chairs: int, minutes: float) -> float:
    """Share of all that wait longer than `minutes`."""
    return erlang_c(chairs, rate * length) * math.exp(-(chairs / length - rate) * minutes)
