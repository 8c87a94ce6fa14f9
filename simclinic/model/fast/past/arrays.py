"""Access to the arrays of the state, one function for each; see :mod:`simclinic.model.fast.past.state`."""

# ruff: noqa: ANN401, D103

from __future__ import annotations

from typing import Any


def rules(w: Any) -> Any:
    return w.rules


def opening(w: Any) -> Any:
    return w.opening


def closing(w: Any) -> Any:
    return w.closing


def next_open(w: Any) -> Any:
    return w.next_open


def pauses(w: Any) -> Any:
    return w.pauses


def least(w: Any) -> Any:
    return w.least


def preferred(w: Any) -> Any:
    return w.preferred


def plan_of(w: Any) -> Any:
    return w.plan_of


def minutes(w: Any) -> Any:
    return w.minutes


def first_extra(w: Any) -> Any:
    return w.first_extra


def next_bookable(w: Any) -> Any:
    return w.next_bookable


def mean_start(w: Any) -> Any:
    return w.mean_start


def last_start(w: Any) -> Any:
    return w.last_start


def following(w: Any) -> Any:
    return w.following


def dates_of(w: Any) -> Any:
    return w.dates_of


def courses(w: Any) -> Any:
    return w.courses


def keys(w: Any) -> Any:
    return w.keys


def mirrored(w: Any) -> Any:
    return w.mirrored


def which(w: Any) -> Any:
    return w.which


def identity(w: Any) -> Any:
    return w.identity


def after_days(w: Any) -> Any:
    return w.after_days


def reports(w: Any) -> Any:
    return w.reports


def leaves(w: Any) -> Any:
    return w.leaves


def weeks(w: Any) -> Any:
    return w.weeks


def lives(w: Any) -> Any:
    return w.lives


def turns(w: Any) -> Any:
    return w.turns


def ahead(w: Any) -> Any:
    return w.ahead


def waits(w: Any) -> Any:
    return w.waits
