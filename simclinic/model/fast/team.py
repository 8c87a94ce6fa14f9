"""The nurses on duty: mirrors `model/team.py`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.clock import push
from simclinic.model.fast.pools import EYES_POOL, HANDS_POOL, announce_eyes, eyes_held, serve_nurses
from simclinic.model.fast.state import RECOUNT, RELIEF

World = Any


def on_duty(w: World, hands: int, nurses: int) -> None:
    """Mirror `Team._on_duty`."""
    of.pools(w)[HANDS_POOL].capacity = hands
    of.pools(w)[EYES_POOL].capacity = nurses * of.rules(w)[0].shares
    serve_nurses(w, HANDS_POOL)
    serve_nurses(w, EYES_POOL)


def _nurses_in_use(w: World) -> int:
    """Mirror `Team._nurses_in_use`."""
    shares = of.rules(w)[0].shares
    watching = (eyes_held(w) + shares - 1) // shares
    return int(max(of.pools(w)[HANDS_POOL].in_use, watching))


def _still_busy(w: World, nurses: int) -> int:
    """Mirror `Team._still_busy`."""
    return int(min(of.clinic(w)[0].stayed, max(_nurses_in_use(w) - nurses, 0)))


def recount(w: World) -> None:
    """Mirror `Team._recount`."""
    c = of.clinic(w)[0]
    c.recount_due = 0
    if c.between:
        if c.begun > 0:
            c.stayed = min(c.stayed, max(1, _nurses_in_use(w)))
        else:
            c.stayed = 0
        on_duty(w, c.stayed, c.stayed)


def patient_leaves(w: World, begun: bool) -> None:
    """Mirror `Team.patient_leaves` and `Team._release_nurses`."""
    c = of.clinic(w)[0]
    c.inside -= 1
    if begun:
        c.begun -= 1
    if c.between:
        if not c.recount_due:
            c.recount_due = 1
            push(w, c.now, 2, RECOUNT, 0)
    elif c.overtime and c.inside == 0:
        c.overtime = 0
        on_duty(w, 0, 0)


def follow_roster(w: World, step: int) -> None:
    """Mirror `Team.follow`."""
    c, s = of.clinic(w)[0], of.roster(w)[step]
    before = c.nurses
    c.nurses = s.nurses
    if s.nurses == 0 and before == 0:
        return
    if s.nurses > 0:
        if before == 0:
            c.stayed = 0
        elif s.nurses < before:
            c.stayed = _still_busy(w, before) + before - s.nurses
        c.overtime = 0
        if c.between:
            c.between = 0
            push(w, c.now, 1, RELIEF, 0)
        on_duty(w, s.hands, s.nurses)
    elif s.later:
        left = _still_busy(w, before) + before
        c.between = 1
        announce_eyes(w)
        c.stayed = left
        recount(w)
    elif c.inside > 0:
        c.overtime = 1
        on_duty(w, s.leaving, s.leaving)
    else:
        on_duty(w, 0, 0)


def unstaffed(w: World, row: int) -> bool:
    """Mirror `Team.unstaffed`, on a day on which nobody may be on duty at some hour."""
    v = of.visits(w)[row]
    if not of.thin(w)[v.day]:
        return False
    minute = v.appointment - of.days(w)[v.day].midnight
    kind, cover = of.day_kind(w)[v.day], of.cover(w)
    for k in range(of.cover_first(w)[kind], of.cover_first(w)[kind + 1]):
        if cover[k, 0] <= minute < cover[k, 1]:
            return False
    return True
