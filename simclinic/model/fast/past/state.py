"""The state of patients of the past as arrays; see :mod:`simclinic.model.fast.state`."""

from __future__ import annotations

from typing import ClassVar

from simclinic.model.fast.state import LIVE, Kinds, World, kinds_of, records_of

# Where a patient of the booster programme stands.
BEGINS, FOLLOWS, IS_DUE, REQUESTS, ENDED = range(5)

# What the compiled code asks Python for, and how its run ends.
FINISHED, NEEDS_DATES = range(2)

# Whose random numbers they are: the places of their streams, in this order for series and then for boosters.
ATTENDS, REBOOKS, TURNED_AWAY, DELAY = range(4)
STREAMS = tuple(
    f"{kind}/{name}"
    for kind in ("induction", "booster")
    for name in ("attendance", "rebooks", "turned away", "delay")
)

rules_t = records_of(
    "begins end_of_days cancel_notice missed no_show rebooks turned_away delay check_in follow_up",
    "kind walks_in n_protocols first_day days last_edge n_pauses window booster_notice infusions scheduled "
    "on_request first_course n_courses next need_length need_number n_waits",
)
life_t = records_of(
    "since moment first last requested relapsed relapse programme asked appointment",
    "row protocol given missed remaining ends_after end course relapses phase declines at_once stays",
)

ARRAYS: dict[str, tuple[str, int]] = {
    "rules": ("rules_t", 1),
    # the calendar
    "opening": ("f8", 1),
    "closing": ("f8", 1),
    "next_open": ("i8", 1),
    "pauses": ("f8", 2),
    "least": ("i8", 1),  # by protocol
    "preferred": ("i8", 1),
    "plan_of": ("i8", 2),  # kind and protocol, number
    "minutes": ("f8", 1),  # by plan
    "first_extra": ("f8", 1),
    "next_bookable": ("i8", 2),  # by plan
    "mean_start": ("f8", 2),
    "last_start": ("f8", 2),
    "following": ("i8", 2),  # plan and protocol, days
    "dates_of": ("i8", 2),  # length and number of the first infusion: place among the dates of courses, or -1
    "courses": ("i8", 2),  # place, protocol and day, infusions
    # random numbers
    "keys": ("u8", 2),  # stream, both words of each replication
    "mirrored": ("b1", 1),
    "which": ("i8", 1),
    "identity": ("u8", 2),
    "after_days": ("f8", 2),  # patients, courses
    "reports": ("b1", 2),
    "leaves": ("b1", 2),
    "weeks": ("f8", 2),
    # the patients
    "lives": ("life_t", 1),
    "turns": ("i8", 1),  # those who are followed now
    "ahead": ("i8", 2),  # appointments to come
    "waits": ("f8", 2),
}
"""Every array of the state: the type of its elements, and its number of dimensions."""


class Past(World):
    """The arrays of the state, as attributes and as addresses."""

    kinds: ClassVar[Kinds] = kinds_of(ARRAYS, globals())
    what: ClassVar[int] = LIVE
