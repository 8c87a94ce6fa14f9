"""The staff on duty, by role: mirrors `model/team.py`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.clock import push
from simclinic.model.fast.pools import EYES_POOL, HANDS_POOL, serve_nurses
from simclinic.model.fast.staff import POOL_BITS, announce_eyes, eyes_held, note_freed, serve_staff
from simclinic.model.fast.state import ARRIVE, RELIEF

World = Any


def on_duty(w: World, role: int, hands: int, nurses: int) -> None:
    """Mirror `Team._on_duty`."""
    team = of.teams(w)[role]
    of.pools(w)[2 * role].capacity = hands
    of.pools(w)[2 * role + 1].capacity = nurses * of.shares(w)[role]
    if of.rules(w)[0].wide:
        serve_staff(w)
    else:
        serve_nurses(w, HANDS_POOL)
        serve_nurses(w, EYES_POOL)
    waiting = team.arrival_n - team.called
    if nurses > 0 and waiting > 0:
        team.called += waiting
        push(w, of.clinic(w)[0].now, 1, ARRIVE, role | (waiting << POOL_BITS))


def _nurses_in_use(w: World, role: int) -> int:
    """Mirror `Team._nurses_in_use`."""
    shares = of.shares(w)[role]
    watching = (eyes_held(w, 2 * role + 1) + shares - 1) // shares
    return int(max(of.pools(w)[2 * role].in_use, watching))


def _still_busy(w: World, role: int, nurses: int) -> int:
    """Mirror `Team._still_busy`."""
    return int(min(of.teams(w)[role].stayed, max(_nurses_in_use(w, role) - nurses, 0)))


def recount(w: World, role: int) -> None:
    """Mirror `Team._recount`."""
    team = of.teams(w)[role]
    team.recount_due = 0
    if team.between:
        if team.begun > 0:
            team.stayed = min(team.stayed, max(1, _nurses_in_use(w, role)))
        else:
            team.stayed = 0
        on_duty(w, role, team.stayed, team.stayed)


def patient_leaves(w: World, role: int, begun: bool) -> None:
    """Mirror `Team.patient_leaves` and `Team._release_nurses`."""
    team = of.teams(w)[role]
    team.inside -= 1
    if begun:
        team.begun -= 1
    if team.between:
        note_freed(w, role)
    elif team.overtime and team.inside == 0:
        team.overtime = 0
        on_duty(w, role, 0, 0)


def follow_roster(w: World, step: int) -> None:
    """Mirror `Team.follow`."""
    s = of.roster(w)[step]
    role = s.role
    team = of.teams(w)[role]
    before = team.nurses
    team.nurses = s.nurses
    if s.nurses == 0 and before == 0:
        return
    if s.nurses > 0:
        if before == 0:
            team.stayed = 0
        elif s.nurses < before:
            team.stayed = _still_busy(w, role, before) + before - s.nurses
        team.overtime = 0
        if team.between:
            team.between = 0
            push(w, of.clinic(w)[0].now, 1, RELIEF, role)
        on_duty(w, role, s.hands, s.nurses)
    elif s.later:
        left = _still_busy(w, role, before) + before
        team.between = 1
        announce_eyes(w, 2 * role + 1)
        team.stayed = left
        recount(w, role)
    elif team.inside > 0:
        team.overtime = 1
        on_duty(w, role, s.leaving, s.leaving)
    else:
        on_duty(w, role, 0, 0)


def _is_covered(w: World, role: int, day: int, minute: float) -> bool:
    """Mirror `covered`."""
    kind, cover = of.day_kind(w)[day] * of.rules(w)[0].n_roles + role, of.cover(w)
    for k in range(of.cover_first(w)[kind], of.cover_first(w)[kind + 1]):
        if cover[k, 0] <= minute < cover[k, 1]:
            return True
    return False


def unstaffed(w: World, row: int) -> bool:
    """Mirror `Clinic.unstaffed` and `Team.unstaffed`."""
    v = of.visits(w)[row]
    if not of.thin(w)[v.day]:
        return False
    minute = v.appointment - of.days(w)[v.day].midnight
    if not of.rules(w)[0].wide:
        return not _is_covered(w, 0, v.day, minute)
    plan, presence = of.plans(w)[v.plan], of.presence(w)
    for k in range(plan.present, plan.present + plan.n_present):
        if not _is_covered(w, presence[k, 0], v.day, minute + presence[k, 1]):
            return True
    return False
