"""The random inputs as arrays, and those that Python draws when the engine asks for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.model.fast.state import (
    CONSULTING,
    IN_SERIES,
    MAINTAINED,
    NEEDS_BOOSTERS,
    NEEDS_COURSES,
    NEEDS_MISSES,
    NEEDS_SERIES,
    WAITING,
    World,
    episode_t,
    follow_t,
    progress_t,
    segment_t,
)
from simclinic.planning.timetable import Timetable
from simclinic.records import CONSULT, INDUCTION, KINDS
from simclinic.sampling.draws import Draws
from simclinic.sampling.visits import Episodes, Misses

Arrays = dict[str, npt.NDArray[Any]]

_STAGES = np.array([CONSULTING, WAITING, MAINTAINED, IN_SERIES])  # by code into `STAGES`
_ATTEMPTS, _MORE_ATTEMPTS = 8, 64  # misses in a row drawn at first, and later; as in `sampling/visits.py`


def arrays_of(draws: Draws) -> Arrays:
    """Return the inputs of patients as arrays."""
    coming, begins = draws.coming, draws.ready
    if draws.consult_row:
        asked = draws.consult_asked
        coming = np.concatenate((coming[np.isnan(asked[coming])], draws.asking))
        begins = np.where(np.isnan(asked), begins, asked)
    order = coming[np.argsort(begins[coming], kind="stable")]
    count = len(draws.day)
    consults = slice(None if draws.consult_row else 0)
    accepts = np.isfinite(draws.ready[consults])
    decided = np.where(accepts, draws.ready[consults], draws.left[consults])
    return {
        "initial": _initial(draws),
        "coming": order.astype(np.int64),
        "ready": begins[order].astype(np.float64),
        "protocol": draws.protocol[order].astype(np.int64),
        "ends_after": draws.ends,
        "end_reason": draws.reasons,
        "responder": draws.responder.astype(np.int64),
        "uptake": draws.takes_boosters.astype(np.int64),
        "can_come": draws.can_come.astype(np.int64),
        "series_first": np.full(count, -1),
        "consult_row": np.full(count, -1),
        "accepts": accepts.astype(np.int64),
        "decides": decided - draws.consulted[consults],
        "booster_segment": np.full(count, -1),
        "follow_segment": np.full(count, -1),
    }


def _initial(draws: Draws) -> npt.NDArray[Any]:
    """Return the progress of the patients who are there when the simulation begins."""
    columns = draws.progress
    table = np.zeros(len(columns["row"]), progress_t)
    for name, values in columns.items():
        table[name] = _STAGES[values.astype(np.int64)] if name == "stage" else values
    for name in ("appointment", "requested"):
        table[f"has_{name}"] = ~np.isnan(columns[name])
    for name in ("protocol", "ready"):
        table[name] = getattr(draws, name)[table["row"]]
    table["ready"][table["stage"] == CONSULTING] = np.nan
    return table


class Inputs:
    """The inputs that grow while the engine runs: those of visits, and of booster courses.

    Parameters
    ----------
    draws
        The random inputs.
    timetable
        The plan.
    steps
        Number of steps of a visit.
    """

    def __init__(self, draws: Draws, timetable: Timetable, steps: int) -> None:
        self._draws = draws
        self._timetable = timetable
        self._taken = [0, 0]  # batches of each kind
        drawn = [batch for supply in draws.supplies for batch in supply.batches]
        visits = max(1024, len(draws.consult_row) + sum(int(count.sum()) for *_, count in drawn))
        self._origin: Integers = np.zeros(visits, dtype=np.int64)  # of each episode, the row in the draws
        self._n_episodes = self._n_segments = self._n_follows = self._n_misses = 0
        self._tails = {
            "booster_segment": np.full(len(draws.day), -1),
            "follow_segment": np.full(len(draws.day), -1),
        }
        self.grown: Arrays = {
            "lengths": np.zeros((visits, steps)),
            "episodes": np.zeros(visits, episode_t),
            "segments": np.zeros(1024, segment_t),
            "follows": np.zeros(1024, follow_t),
            "misses": np.zeros((1024, 2), dtype=np.int64),
        }

    def begin(self, world: World) -> None:
        """Offer what was drawn before the run."""
        for batch in self._draws.courses_drawn:
            self._add_courses(world, *batch)
        self._take_batches(world)
        seen = np.array(list(self._draws.consult_row), dtype=np.int64)
        if len(seen):
            one = np.ones_like(seen)
            self._add_visits(world, CONSULT, seen, one, np.arange(len(seen)), one)

    def draw(self, world: World, need: int) -> None:
        """Draw what the engine asks for."""
        clinic = world.array("clinic")[0]
        patient, number = int(clinic.need_who), int(clinic.need_what)
        draws = self._draws
        series, boosters = draws.supplies
        series.asked, boosters.asked = int(clinic.asked_series), int(clinic.asked_boosters)
        if need == NEEDS_SERIES:
            draws.series_row(patient, number)
            self._take_batches(world)
        elif need == NEEDS_BOOSTERS:
            noted = world.plain["entered"][: clinic.n_entered]
            low = (noted & 1) > 0
            boosters.ask_soon((noted[low] >> 1).tolist())
            boosters.enter((noted[~low] >> 1).tolist())
            clinic.n_entered = 0
            boosters.draw(patient, number)
            self._take_batches(world)
        elif need == NEEDS_COURSES:
            draws.after_course(patient, number)
            known = np.array(draws.follows[patient][number:])
            one = np.array([patient])
            days, at_once, leaves = known.T[:, None, :]
            self._add_courses(world, one, np.array([number]), days, at_once > 0, leaves > 0)
        elif need == NEEDS_MISSES:
            self._draw_misses(world, patient, number)
        else:
            self._draw_weeks(world, patient, number)

    # -- visits -----------------------------------------------------------------------------------------------

    def _take_batches(self, world: World) -> None:
        """Offer the visits that were drawn since the last time."""
        for kind, supply in enumerate(self._draws.supplies):
            for batch in supply.batches[self._taken[kind] :]:
                self._add_visits(world, kind, *batch)
            self._taken[kind] = len(supply.batches)

    def _add_visits(
        self, world: World, kind: int, patient: Integers, number: Integers, row: Integers, count: Integers
    ) -> None:
        """Add the visits of one batch: they are in consecutive rows of the draws."""
        total = int(count.sum())
        begin = int(row[0])
        first = self._n_episodes
        self._n_episodes = top = first + total
        lengths, episodes = self._room(world, "lengths", top), self._room(world, "episodes", top)
        drawn = self._drawn(kind)
        rows = slice(begin, begin + total)
        lengths[first:top] = drawn.minutes_of(rows)
        episodes["offset"][first:top] = drawn.offsets_of(rows)
        if (patience := drawn.patience_of(rows)) is not None:
            episodes["patience"][first:top] = patience
        if top > len(self._origin):
            self._origin = np.concatenate((self._origin, np.zeros(len(lengths), dtype=np.int64)))
        self._origin[first:top] = np.arange(begin, begin + total)
        self._add_misses(world, first, total, drawn.missed[begin])
        if kind == INDUCTION:
            world.array("series_first")[patient] = row - begin + first
        elif kind == CONSULT:
            world.array("consult_row")[patient] = row - begin + first
        else:
            some = count > 0
            self._link(
                world,
                "booster_segment",
                patient[some],
                number[some],
                count[some],
                (row - begin + first)[some],
            )

    def _drawn(self, kind: int) -> Episodes:
        """Return the random inputs of the visits of a kind."""
        return (self._draws.series, self._draws.boosters, self._draws.consults)[kind]

    def _add_misses(self, world: World, first: int, total: int, drawn: Misses) -> None:
        """Offer the misses of the visits of one batch."""
        below = self._n_misses
        self._n_misses = top = below + len(drawn.row)
        misses = self._room(world, "misses", top)[below:top]
        misses[:, 0], misses[:, 1] = drawn.outcome, drawn.again
        count = np.bincount(drawn.row, minlength=total)
        episodes = self.grown["episodes"][first : first + total]
        episodes["first_miss"], episodes["n_misses"] = below + np.cumsum(count) - count, count
        episodes["more"] = count % _MORE_ATTEMPTS == _ATTEMPTS

    def _set_misses(self, world: World, place: int, misses: list[tuple[int, bool]]) -> None:
        """Offer the misses of one visit."""
        first = self._n_misses
        self._n_misses = top = first + len(misses)
        self._room(world, "misses", top)[first:top] = misses
        one = world.array("episodes")[place]
        one.first_miss, one.n_misses = first, len(misses)
        one.more = len(misses) % _MORE_ATTEMPTS == _ATTEMPTS

    def _draw_misses(self, world: World, patient: int, row: int) -> None:
        """Draw further misses of the infusion of one appointment."""
        visit = world.array("visits")[row]
        place, kind = int(visit.episode), int(visit.kind)
        drawn = self._drawn(kind)
        misses = drawn.misses(int(self._origin[place]))
        assert misses is not None
        known = len(misses)
        missed = int(world.array("patients")[patient].missed)
        self._draws.visits.miss(KINDS[kind], patient, int(visit.number), misses, missed)
        if len(misses) > known:
            self._set_misses(world, place, misses)
        else:
            world.array("episodes")[place].more = 0

    # -- boosters ---------------------------------------------------------------------------------------------

    def _draw_weeks(self, world: World, patient: int, course: int) -> None:
        """Draw the weeks to a patient's next booster."""
        clinic, one = world.array("clinic")[0], world.array("patients")[patient]
        schedule = self._timetable.schedules[int(one.protocol)]
        assert schedule is not None
        clinic.answer = self._draws.weeks_to_booster(
            patient, course, int(one.relapses), schedule, float(one.elapsed)
        )
        clinic.answered = 1

    def _add_courses(
        self, world: World, patient: Integers, course: Integers, days: Floats, at_once: Bools, leaves: Bools
    ) -> None:
        """Offer what follows some courses of each patient; arrays of shape (patients, courses)."""
        many, each = days.shape
        first = self._n_follows
        self._n_follows = top = first + many * each
        follows = self._room(world, "follows", top)[first:top]
        follows["days"], follows["at_once"], follows["leaves"] = days.ravel(), at_once.ravel(), leaves.ravel()
        row = first + each * np.arange(many)
        self._link(world, "follow_segment", patient, course, np.full(many, each), row)

    # -- lists ------------------------------------------------------------------------------------------------

    def _link(
        self, world: World, name: str, patient: Integers, first: Integers, count: Integers, row: Integers
    ) -> None:
        """Add a segment of rows to the list of each patient."""
        begin = self._n_segments
        self._n_segments = top = begin + len(patient)
        segments = self._room(world, "segments", top)
        for field, values in (("first", first), ("count", count), ("row", row), ("following", -1)):
            segments[field][begin:top] = values
        place = np.arange(begin, top)
        heads, tails = world.array(name), self._tails[name]
        before = tails[patient]
        heads[patient[before < 0]] = place[before < 0]
        segments["following"][before[before >= 0]] = place[before >= 0]
        tails[patient] = place

    def _room(self, world: World, name: str, count: int) -> npt.NDArray[Any]:
        """Return one of the arrays that grow, with room for `count` rows."""
        array = self.grown[name]
        if count > len(array):
            larger = np.zeros((max(count, 2 * len(array)), *array.shape[1:]), array.dtype)
            larger[: len(array)] = array
            array = self.grown[name] = larger
            world.set(name, array)
        return array
