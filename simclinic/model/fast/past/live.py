"""The series, or the boosters, of many patients: mirrors `Visits.follow` and `Programme.live`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast.past import arrays as of
from simclinic.model.fast.past.programme import as_needed, by_schedule
from simclinic.model.fast.past.state import FINISHED, NEEDS_DATES
from simclinic.model.fast.past.visits import attend, walk
from simclinic.records import INDUCTION

Past = Any


def live(w: Past) -> int:
    """Follow one patient after another, from the first or from where it stopped; return what ended it."""
    r, turns = of.rules(w)[0], of.turns(w)
    while r.next < len(turns):
        me = of.lives(w)[turns[r.next]]
        if r.kind == INDUCTION:
            if r.walks_in:
                walk(w, me)
            else:
                attend(w, me, r.next)
        elif not (by_schedule(w, me, r.next) if r.scheduled else as_needed(w, me, r.next)):
            return NEEDS_DATES
        r.next += 1
    return FINISHED
