"""The timetable as arrays: what all replications of a scenario share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Integers
from simclinic.model.fast.bits_of import words_of
from simclinic.model.fast.book import CHAINS
from simclinic.model.fast.planned_book import PlannedBook
from simclinic.model.fast.planned_visits import visits_of
from simclinic.model.fast.state import (
    NONE,
    World,
    day_t,
    protocol_t,
    rules_t,
    staffing_t,
    step_t,
)
from simclinic.model.standby import settled_before, standby_notice
from simclinic.planning.book import reserved
from simclinic.planning.roster import Duties, Present, covered
from simclinic.planning.timetable import Timetable
from simclinic.records import DAY
from simclinic.scenario import Scenario
from simclinic.scenario.boosters import BUILT_IN
from simclinic.scenario.bounds import MOST_A_DAY, MOST_EVENTS, MOST_VISITS, MOST_WAITING

Arrays = dict[str, npt.NDArray[Any]]

MOST_ROLES = 31
"""Their hands and eyes are the bits of a whole number."""

_ALL = -1


def not_covered(scenario: Scenario) -> str | None:
    """Say what in a scenario the compiled engine does not cover; None: nothing, it covers all."""
    if len(scenario.staff) > MOST_ROLES:
        return f"more than {MOST_ROLES} roles"
    if scenario.booking.rule is not None:
        return f"the booking rule {scenario.booking.rule!r} of another package"
    for laws in scenario.laws.values():
        if laws.boosters.policy not in BUILT_IN:
            return f"the booster policy {laws.boosters.policy!r} of another package"
    return None


def _bits(where: Sequence[int] | Integers) -> int:
    value = 0
    for place in where:
        value |= 1 << int(place)
    return value


class Planned:
    """The arrays of a timetable.

    Attributes
    ----------
    fixed, world
        Arrays that no run changes, and a state that has these alone.
    begins
        Arrays that a run changes, as they are at its beginning.
    width
        The most appointments of one patient at a time, and two.
    most_of_place
        By place, the largest number of any day.
    roles, steps
        Number of roles, and of the steps that a visit has at the most.
    """

    def __init__(self, timetable: Timetable) -> None:
        self._timetable = timetable
        self.fixed: Arrays = {}
        self.begins: Arrays = {}
        scenario, calendar = timetable.scenario, timetable.calendar
        self.length = len(calendar)
        boosters = [laws.boosters.infusions for laws in timetable.laws]
        self.width = max(*timetable.infusions, *boosters, 1) + 2
        self._day_words = (self.length + 7 * scenario.booking.window_weeks) // 64 + 3
        chairs = max(situation.clinic.chairs for situation in calendar.situations)
        others = () if timetable.plans is None else tuple(each.number for each in scenario.places.values())
        self.most_of_place = (chairs, *others)
        self.roles = 1 if timetable.plans is None else len(timetable.plans.roles)
        self.steps = max(len(visit.steps) for visit in scenario.visit_types.values())
        duties: dict[tuple[Duties, ...], int] = {}
        by_role = [timetable.working(role)[: calendar.simulated] for role in range(self.roles)]
        self._working = [
            (working, duties.setdefault(working, len(duties))) for working in zip(*by_role, strict=True)
        ]
        self._kinds: dict[tuple[int, tuple[int, ...], tuple[bool, ...]], tuple[int, tuple[bool, ...]]] = {}
        self._roster: Arrays | None = None
        self._staffing: list[list[tuple[float, int, int, int, int, int]]] = []
        self._cover: list[list[tuple[float, float]]] = []
        self._thin: list[bool] = []
        self._days()
        self._book()
        self._gaps()
        self._protocols()
        self._ranks()
        book = PlannedBook(timetable, self.length, self._day_words, self.width)
        self.fixed |= {**visits_of(timetable, book.plans), **book.fixed}
        self.begins |= book.begins
        self._rules(book.rules)
        self.world = World(self.fixed)

    # -- days and starts --------------------------------------------------------------------------------------

    def _days(self) -> None:
        calendar, timetable = self._timetable.calendar, self._timetable
        days = np.zeros(self.length + 1, day_t)
        nan = float("nan")
        count = self.length
        for name in ("opening", "closing"):
            days[name][:count] = [nan if each is None else each for each in getattr(calendar, name)]
        days["midnight"] = calendar.midnights
        days["is_open"][:count] = [opening is not None for opening in calendar.opening]
        days["next_open"] = calendar.next_open
        days["weekday"][:count] = calendar.weekday
        days["chairs"][:count] = [each.clinic.chairs for each in calendar.situations]
        pauses: list[tuple[float, float]] = []
        for index, spans in sorted(calendar.pauses.items()):
            days["first_pause"][index], days["n_pauses"][index] = len(pauses), len(spans)
            pauses += spans
        starts: dict[tuple[float, ...], int] = {(): 0}
        for index, grid in enumerate(timetable.grids):
            listed = () if grid is None else grid.starts
            days["grid"][index] = starts.setdefault(listed, len(starts))
            days["n_starts"][index] = len(listed)
        share = timetable.scenario.booking.booster_reserve
        days["series_limit"] = [each - reserved(each, share) for each in days["n_starts"].tolist()]
        self.fixed["days"] = days
        self.fixed["pauses"] = np.array(pauses, dtype=np.float64).reshape(-1, 2)
        self.fixed["grid_first"] = _first([len(each) for each in starts])
        self.fixed["minutes"] = np.array([minute for each in starts for minute in each], dtype=np.float64)

    def _book(self) -> None:
        days, booking = self.fixed["days"], self._timetable.scenario.booking
        numbers = days["n_starts"].tolist()
        words = max(1, -(-max(numbers) // 64))
        copies = [0, 0]  # of days, while their starts are counted
        self.begins["free"] = np.array([words_of((1 << number) - 1, words) for number in [*numbers, *copies]])
        self.begins["free_days"] = words_of(_bits(np.flatnonzero(days["n_starts"])), self._day_words)
        self.begins["series_room"] = words_of(
            _bits(np.flatnonzero(days["series_limit"] > 0)), self._day_words
        )
        self.begins["series_taken"] = np.zeros(self.length + 1, dtype=np.int64)
        self.begins["full"] = words_of(-1 if booking.max_series_starts_per_week == 0 else 0, self._day_words)
        self.begins["freed_days"] = words_of(0, self._day_words)
        self.begins["weekly"] = np.zeros(self.length // 7 + 4, dtype=np.int64)

    # -- protocols --------------------------------------------------------------------------------------------

    def _gaps(self) -> None:
        since: dict[int, int] = {}
        for name in ("preferred", "permitted", "order"):
            windows = [getattr(gaps, name) for gaps in self._timetable.gaps]
            width = max(1, *map(len, windows))
            gaps, places = np.zeros((2, len(windows), width), dtype=np.int64)
            places[:] = -1
            for protocol, window in enumerate(windows):
                for place, (gap, days) in enumerate(window):
                    gaps[protocol, place] = gap
                    if days != _ALL:
                        places[protocol, place] = since.setdefault(days, len(since))
            self.fixed[name], self.fixed[f"{name}_since"] = gaps.copy(), places.copy()
        sets = [words_of(days, self._day_words) for days in since] or [words_of(0, self._day_words)]
        self.fixed["since"] = np.array(sets)

    def _protocols(self) -> None:
        timetable = self._timetable
        protocols = np.zeros(len(timetable.gaps), protocol_t)
        weeks = [[0.0] for _ in timetable.laws]
        for code, (laws, gaps) in enumerate(zip(timetable.laws, timetable.gaps, strict=True)):
            q, schedule = protocols[code], timetable.schedules[code]
            q["check_in"] = float(laws.boosters.check_in_days * DAY)
            q["follow_up"] = float(laws.relapse.follow_up_days * DAY)
            q["lapsed"] = float(laws.boosters.lapsed_after_days * DAY)
            q["infusions"], q["least"] = timetable.infusions[code], gaps.least
            q["n_preferred"], q["n_permitted"] = len(gaps.preferred), len(gaps.permitted)
            q["n_order"] = len(gaps.order)
            q["booster_infusions"] = laws.boosters.infusions
            if schedule is not None:
                q["policy"] = 2 if schedule.on_request else 1
                q["drawn_weeks"] = bool(schedule.laws)
                weeks[code] = [schedule.weeks(course, 0) for course in range(len(laws.boosters.every_weeks))]
            q["n_weeks"] = len(weeks[code])
        self.fixed["protocols"] = protocols
        table = np.zeros((len(weeks), max(map(len, weeks))))
        for code, listed in enumerate(weeks):
            table[code, : len(listed)] = listed
        self.fixed["weeks"] = table

    # -- rules ------------------------------------------------------------------------------------------------

    def _rules(self, of_book: dict[str, int]) -> None:
        timetable, scenario = self._timetable, self._timetable.scenario
        booking, calendar = scenario.booking, timetable.calendar
        steps = (*timetable.script, *timetable.after)
        script = np.zeros(len(steps), step_t)
        for name in ("hands", "eyes", "chair", "frees_chair", "flows_on"):
            script[name] = [getattr(step, name) for step in steps]
        self.fixed["script"] = script
        rules = np.zeros(1, rules_t)
        values = {
            "end": float(7 * scenario.run.weeks * DAY),
            "cancel_notice": float(scenario.attendance.cancel_notice_days * DAY),
            "walks_in": booking.mode == "walk-in",
            "waiting_room": _or_none(booking.waiting_room),
            "has_patience": booking.mode == "walk-in" and booking.patience_minutes is not None,
            "window": 7 * booking.window_weeks,
            "prefer": booking.prefer_days,
            "release": booking.release_days,
            "reserve": bool(booking.booster_reserve),
            "weekly_cap": _or_none(booking.max_series_starts_per_week),
            "series_cap": _or_none(booking.max_patients_in_series),
            "rolling": booking.series == "rolling",
            "notice": booking.notice_days,
            "booster_notice": booking.booster_notice_days,
            "patience_days": booking.patience_days,
            "usual": timetable.usual,
            "first_day": calendar.first_day,
            "simulated": calendar.simulated,
            "length": self.length,
            "n_script": len(timetable.script),
            "n_steps": len(steps),
            "after_needs_nurse": timetable.after_needs_nurse,
            "most_waiting": MOST_WAITING,
            "most_visits": MOST_VISITS,
            "most_events": MOST_EVENTS,
            "most_a_day": MOST_A_DAY,
            "width": self.width,
            "n_protocols": len(timetable.gaps),
            "n_classes": self._n_classes,
            "wide": timetable.plans is not None,
            "n_roles": self.roles,
            "keeps_place": timetable.plans is not None and timetable.plans.keeps_place,
            **of_book,
            "standby": bool(booking.standby),
            "standby_notice": standby_notice(booking),
            "settled": settled_before(scenario),
        }
        for name, value in values.items():
            rules[name] = value
        self.begins["rules"] = rules
        words = (7 * booking.window_weeks + 64) // 64
        self.begins["sets"] = np.zeros((CHAINS + 3 * self.width, words), dtype=np.uint64)

    def _ranks(self) -> None:
        """Rank those who wait, by plan and kind: the lowest comes first."""
        timetable, booking = self._timetable, self._timetable.scenario.booking
        plans = 1 if timetable.plans is None else len(timetable.plans.plans)
        ranks = np.array([[timetable.rank(kind, plan) for kind in range(3)] for plan in range(plans)])
        found, classes = np.unique(ranks, return_inverse=True)
        self._n_classes = len(found)
        self.fixed["class_of"] = classes.reshape(ranks.shape).astype(np.int64)
        # Who comes first matters in the queue for a place only where there are no appointments.
        ranked = booking.mode == "walk-in" and bool(booking.first)
        self.fixed["line_of"] = self.fixed["class_of"] * int(ranked)

    # -- who is there -----------------------------------------------------------------------------------------

    def staffed(self, present: Integers) -> Arrays:
        """Return the arrays of the roster, with the staff present on each day, shape (days, shifts)."""
        simulated = self._timetable.calendar.simulated
        kinds = np.zeros(self.length + 1, dtype=np.int64)
        follows = (False,) * self.roles  # whether somebody of each role is on duty when the next day begins
        for index, counts in zip(range(simulated - 1, -1, -1), reversed(present.tolist()), strict=True):
            working, number = self._working[index]
            key = number, tuple(counts), follows
            kind = self._kinds.get(key)
            if kind is None:
                here = tuple([tuple([counts[duty.shift] for duty in of_role]) for of_role in working])
                self._add_kind(working, here, follows)
                begins = tuple(map(covered, working, here, (0.0,) * self.roles))
                kind = self._kinds[key] = len(self._kinds), begins
            kinds[index], follows = kind
        if self._roster is None or len(self._roster["roster_first"]) != len(self._kinds) + 1:
            self._roster = self._roster_of_kinds()
        thin = np.zeros(self.length + 1, dtype=np.int64)
        thin[:simulated] = np.array(self._thin)[kinds[:simulated]]
        return {"day_kind": kinds, "thin": thin, **self._roster}

    def _roster_of_kinds(self) -> Arrays:
        """Return the rosters of all kinds of day met so far."""
        staffing = np.zeros(sum(map(len, self._staffing)), staffing_t)
        listed = [each for kind in self._staffing for each in kind]
        for place, name in enumerate(("minute", "hands", "nurses", "leaving", "later", "role")):
            staffing[name] = [each[place] for each in listed]
        return {
            "roster_first": _first([len(kind) for kind in self._staffing]),
            "roster": staffing,
            "cover_first": _first([len(kind) for kind in self._cover]),
            "cover": np.array([each for kind in self._cover for each in kind], dtype=np.float64).reshape(
                -1, 2
            ),
        }

    def _add_kind(
        self, by_role: tuple[Duties, ...], here: tuple[Present, ...], begins: tuple[bool, ...]
    ) -> None:
        """Add a kind of day: mirror `Team.steps` of each role, and what `Team.follow` finds out about a change."""
        first, last = self._timetable.widest_hours
        changes = []
        thin = False
        for role, (working, present, follows) in enumerate(zip(by_role, here, begins, strict=True)):
            steps = self._timetable.roster.steps(working, present)
            if follows:
                steps = tuple(step for step in steps if step.minute != DAY)
            pairs = list(zip(working, present, strict=True))
            for step in steps:
                leaving = [count for duty, count in pairs if count and duty.end == step.minute]
                later = any(other.nurses for other in steps if other.minute > step.minute)
                change = (
                    step.minute,
                    step.hands,
                    step.nurses,
                    leaving[-1] if leaving else 0,
                    int(later),
                    role,
                )
                changes.append(change)
            self._cover.append([(duty.start, duty.end) for duty, count in pairs if count])
            thin |= not any(count and duty.start <= first and duty.end >= last for duty, count in pairs)
        self._staffing.append(sorted(changes, key=lambda change: change[0]))
        self._thin.append(thin)


def _or_none(value: int | None) -> int:
    return NONE if value is None else value


def _first(counts: Sequence[int]) -> Integers:
    """Return where each of several lists begins in one after another, and where the last ends."""
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.int64)


_PLANNED: WeakKeyDictionary[Timetable, Planned] = WeakKeyDictionary()


def planned(timetable: Timetable) -> Planned:
    """Return the arrays of a timetable, computed once."""
    found = _PLANNED.get(timetable)
    if found is None:
        found = _PLANNED[timetable] = Planned(timetable)
    return found
