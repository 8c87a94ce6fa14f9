"""Patients of the past, followed one by one by compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.model.fast.past.live import live
from simclinic.model.fast.past.state import (
    BEGINS,
    ENDED,
    FINISHED,
    FOLLOWS,
    NEEDS_DATES,
    STREAMS,
    Past,
    life_t,
    rules_t,
)
from simclinic.past.codes import NONE
from simclinic.past.dates import Dates
from simclinic.past.following import Added, Follow
from simclinic.past.states import States
from simclinic.past.visits import Runs, Visits
from simclinic.records import BOOSTER, DAY, INDUCTION
from simclinic.sampling.intervals import weeks_to_next
from simclinic.sampling.outcomes import after_courses
from simclinic.sampling.people import PeopleOfMany
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws
from simclinic.scenario.schedules import Schedule, schedule_of

Run = Callable[[Past], int]
"""Runs the compiled code on a state, and returns what ended that."""

_TOGETHER = 4096  # courses drawn at a time
_LEAST, _MOST = 8, 64  # courses of each patient drawn at a time
_LOW = np.uint64(0xFFFFFFFF)

Arrays = dict[str, npt.NDArray[Any]]


def followed(run: Run = live) -> Follow:
    """Return what follows patients by compiled code, or as Python runs it."""

    def follow(
        scenario: Scenario, dates: Dates, people: PeopleOfMany, states: States, added: Added
    ) -> OneByOne:
        return OneByOne(run, scenario, dates, people, states, added)

    return follow


class OneByOne:
    """Follows each patient from beginning to end; it is a :class:`~simclinic.past.following.Following`.

    Parameters
    ----------
    run
        Compiled, or as Python runs it.
    scenario, dates, people, states, added
        See :data:`~simclinic.past.following.Follow`.
    """

    def __init__(
        self, run: Run, scenario: Scenario, dates: Dates, people: PeopleOfMany, states: States, added: Added
    ) -> None:
        self._run = run
        self._dates = dates
        self._people = people
        self._states = states
        # Dates of courses are added to it when they are needed.
        self._calendar = {name: np.ascontiguousarray(each) for name, each in dates.arrays().items()}
        visits = Visits(scenario, dates, people, added.turned_away, added.longer_days)
        self._rebooks = visits.rebooks
        rules = self._rules = np.zeros(1, rules_t)
        attendance, booking = scenario.attendance, scenario.booking
        rules["begins"], rules["end_of_days"] = dates.begins, (dates.first_day + dates.days) * DAY
        rules["cancel_notice"] = visits.notice
        rules["missed"] = attendance.no_show + attendance.late_cancel
        rules["no_show"] = attendance.no_show
        rules["turned_away"], rules["delay"] = added.turned_away, added.delay_days
        rules["walks_in"] = booking.mode == "walk-in"
        rules["n_protocols"] = len(dates.least)
        rules["first_day"], rules["days"], rules["last_edge"] = dates.first_day, dates.days, dates.last_edge
        rules["n_pauses"] = self._calendar["pauses"].shape[1]
        rules["window"], rules["booster_notice"] = booking.window_weeks, booking.booster_notice_days
        keys = people.streams.keys(STREAMS)
        identity = np.stack((people.day, people.ordinal)).astype(np.int64, copy=False)
        self._world = Past(
            {
                **self._calendar,
                "minutes": visits.minutes,
                "rules": rules,
                "keys": np.ascontiguousarray(keys.transpose(1, 2, 0)).reshape(len(STREAMS), -1),
                "mirrored": people.streams.antithetic,
                "which": people.which,
                "identity": identity.view(np.uint64) & _LOW,
            }
        )

    def series(
        self,
        rows: Integers,
        ahead: npt.NDArray[np.int64],
        since: Floats,
        remaining: Integers,
        ends_after: Integers,
    ) -> Runs:
        """Follow series to their end, or to the end of the past."""
        lives = self._lives(rows)
        lives["since"], lives["remaining"], lives["ends_after"] = since, remaining, ends_after
        lives["first"] = lives["last"] = lives["moment"] = np.nan
        self._begin(INDUCTION, "induction", lives, np.ascontiguousarray(ahead))
        self._follow(np.arange(len(rows)), {})
        lives = self._world.plain["lives"]
        end, moment, first, last = (lives[name].copy() for name in ("end", "moment", "first", "last"))
        return Runs(end.astype(np.int8), moment, lives["given"].copy(), lives["missed"].copy(), first, last)

    def programme(self, laws: Laws, rows: Integers, uptake: Bools) -> None:
        """Follow patients with the same laws from the end of a series that helped."""
        states, boosters = self._states, laws.boosters
        states.last[rows] = states.last_infusion[rows]
        schedule = schedule_of(boosters)
        if schedule is not None:
            rows = rows[uptake]
        lives = self._lives(rows)
        lives["missed"], lives["last"] = states.missed[rows], states.last[rows]
        for name in ("relapse", "programme", "asked", "appointment"):
            lives[name] = np.nan
        lives["phase"] = FOLLOWS if schedule is None else BEGINS
        if schedule is None:
            lives["declines"] = ~uptake
        rules = self._rules
        rules["check_in"], rules["follow_up"] = (
            boosters.check_in_days * DAY,
            laws.relapse.follow_up_days * DAY,
        )
        rules["infusions"], rules["scheduled"] = boosters.infusions, schedule is not None
        rules["on_request"] = schedule is not None and schedule.on_request
        self._begin(BOOSTER, "booster", lives, np.zeros((1, self._dates.most), dtype=np.int64))
        turns, drawn, width = np.arange(len(rows)), 0, 1
        while len(turns):
            rules["first_course"], rules["n_courses"] = drawn, width
            waits = self._follow(turns, self._draw(laws, schedule, rows[turns], drawn, width))
            states.waits.append((waits[0], waits[1]))
            drawn += width
            turns = turns[lives["phase"][turns] != ENDED]
            width = min(max(_TOGETHER // max(len(turns), 1), _LEAST), _MOST)
        self._note(rows, lives)

    def _lives(self, rows: Integers) -> npt.NDArray[Any]:
        """Return records of patients, without any progress."""
        lives = np.zeros(len(rows), life_t)
        lives["row"], lives["protocol"] = rows, self._states.protocol[rows]
        return lives

    def _begin(self, kind: int, name: str, lives: npt.NDArray[Any], ahead: npt.NDArray[np.int64]) -> None:
        """Begin to follow patients through visits of a kind."""
        self._rules["kind"], self._rules["rebooks"] = kind, self._rebooks[name]
        self._world.set("lives", lives)
        self._world.set("ahead", ahead)

    def _follow(self, turns: Integers, drawn: Arrays) -> Floats:
        """Follow some of the patients as far as their random inputs reach; return waits, shape (2, n)."""
        world, rules = self._world, self._rules
        rules["next"] = rules["n_waits"] = 0
        world.set("turns", turns)
        for name, array in drawn.items():
            world.set(name, array)
        # A patient can complete each of the courses that were drawn.
        waits = np.zeros((2, len(turns) * int(rules["n_courses"][0])))
        world.set("waits", waits)
        while (ended := self._run(world)) != FINISHED:
            assert ended == NEEDS_DATES
            self._add_dates(int(rules["need_length"][0]), int(rules["need_number"][0]))
        return waits[:, : int(rules["n_waits"][0])]

    def _draw(self, laws: Laws, schedule: Schedule | None, rows: Integers, first: int, width: int) -> Arrays:
        """Draw what follows the next courses of patients, and when they are due."""
        shape = len(rows), width
        several, course = np.repeat(rows, width), np.tile(first + np.arange(width), len(rows))
        days, reports, leaves = after_courses(laws, self._people, several, course)
        drawn: Arrays = {"after_days": days, "reports": reports, "leaves": leaves}
        if schedule is not None:
            # No policy that is covered depends on relapses.
            drawn["weeks"] = weeks_to_next(schedule, self._people, several, course, np.zeros_like(course))
        return {name: array.reshape(shape) for name, array in drawn.items()}

    def _add_dates(self, length: int, number: int) -> None:
        """Find the dates of courses of a length, and add them to those of the calendar."""
        calendar = self._calendar
        table, known = self._dates.course(length, number), calendar["courses"]
        more = np.full((table.shape[0] * table.shape[1], known.shape[1]), NONE)
        more[:, :length] = table.reshape(-1, length)
        calendar["dates_of"][length, number] = len(known) // len(more)
        calendar["courses"] = np.concatenate((known, more))
        self._world.set("courses", calendar["courses"])

    def _note(self, rows: Integers, lives: npt.NDArray[Any]) -> None:
        """Note in the states how far patients of the programme have come."""
        states = self._states
        for name, found in (
            ("boosters", "given"),
            ("missed", "missed"),
            ("course", "course"),
            ("relapses", "relapses"),
            ("last", "last"),
            ("relapse", "relapse"),
            ("programme", "programme"),
            ("requested", "asked"),
            ("appointment", "appointment"),
        ):
            getattr(states, name)[rows] = lives[found]
        states.stay(rows[lives["stays"] > 0])
