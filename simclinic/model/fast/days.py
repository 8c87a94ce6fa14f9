"""The days of the clinic: mirrors `model/days.py`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.model.fast.clock import push
from simclinic.model.fast.desk import open_desk
from simclinic.model.fast.pools import serve_chairs
from simclinic.model.fast.staff import serve_staff
from simclinic.model.fast.standby import begin_standby
from simclinic.model.fast.state import DAYS, INF
from simclinic.model.fast.team import follow_roster

World = Any

_BEGINS, _MIDNIGHT, _NEXT, _OPENS_BEFORE, _MOMENT, _OPENS_AFTER = range(6)


def _begin_steps(w: World) -> None:
    """Begin the changes of a day's staffing."""
    c = of.clinic(w)[0]
    day = of.days(w)[c.day]
    c.opens = day.opening if day.is_open else INF
    c.day_step = of.roster_first(w)[of.day_kind(w)[c.day]]
    c.day_phase = _NEXT


def _open(w: World, index: int) -> None:
    """Mirror `Desk.open`, the standby list included."""
    open_desk(w, index)
    if of.rules(w)[0].standby:
        begin_standby(w, index)


def run_days(w: World) -> None:
    """Mirror `days`, up to its next wait."""
    c = of.clinic(w)[0]
    while c.day < of.rules(w)[0].simulated:
        day = of.days(w)[c.day]
        if c.day_phase == _BEGINS:
            if day.chairs != of.places(w)[0].capacity:
                c.day_phase = _MIDNIGHT
                push(w, day.midnight, 0, DAYS, 0)
                return
            _begin_steps(w)
        elif c.day_phase == _MIDNIGHT:
            of.places(w)[0].capacity = day.chairs
            serve_chairs(w, 0)
            _begin_steps(w)
        end = of.roster_first(w)[of.day_kind(w)[c.day] + 1]
        while c.day_step < end:
            moment = day.midnight + of.roster(w)[c.day_step].minute
            if c.day_phase == _NEXT and c.opens <= moment:
                c.day_phase = _OPENS_BEFORE
                push(w, c.opens, 0, DAYS, 0)
                return
            if c.day_phase == _OPENS_BEFORE:
                _open(w, c.day)
                c.opens = INF
            if c.day_phase != _MOMENT and moment > c.now:
                c.day_phase = _MOMENT
                push(w, moment, 0, DAYS, 0)
                return
            following = c.day_step + 1
            several = of.rules(w)[0].n_roles > 1
            if several:
                again = following < end and of.roster(w)[following].minute == of.roster(w)[c.day_step].minute
                c.changing = 1 if again else 0
            follow_roster(w, c.day_step)
            if several:
                serve_staff(w)
            c.day_step = following
            c.day_phase = _NEXT
        if c.day_phase == _OPENS_AFTER:
            _open(w, c.day)
        elif c.opens < INF:
            c.day_phase = _OPENS_AFTER
            push(w, c.opens, 0, DAYS, 0)
            return
        c.day += 1
        c.day_phase = _BEGINS
