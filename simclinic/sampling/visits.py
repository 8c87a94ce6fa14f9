"""The random inputs of visits: lengths of steps, punctuality, missed appointments, patience.

A visit is identified by its patient, its kind, and the *episode*: the number of the infusion in the series, or of
the booster. An *attempt* counts the patient's own misses of an episode. Neither depends on the clinic, so a
patient has the same visits in every scenario.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simclinic import records
from simclinic.arrays import Bools, Floats
from simclinic.sampling import distributions
from simclinic.sampling.people import People
from simclinic.sampling.referrals import Days
from simclinic.scenario import Scenario
from simclinic.scenario.attendance import Attendance
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.visit import Visit

_ATTEMPTS = 8  # misses in a row drawn beforehand
_MORE_ATTEMPTS = 64  # misses in a row drawn at a time later, when they are needed

Miss = tuple[int, bool]
"""A missed appointment: its outcome (code into `OUTCOMES`) and whether the patient rebooks."""


def absent_of(rules: Attendance, u_comes: Floats) -> tuple[Days, Days]:
    """Decide which appointments are missed.

    Parameters
    ----------
    rules, u_comes
        The clinic's shares, and a uniform number for each appointment.

    Returns
    -------
    missed, outcome
        Places of the missed ones, and the outcome of each: no-show or cancelled.
    """
    missed = np.flatnonzero(u_comes < rules.no_show + rules.late_cancel)
    return missed, np.where(u_comes[missed] < rules.no_show, records.NO_SHOW, records.CANCELLED)


class Misses(NamedTuple):
    """The misses of several visits, one after another.

    Attributes
    ----------
    row
        The visit of each miss, ascending; those of one visit in the order of its attempts.
    outcome
        Its outcome: code into `OUTCOMES`.
    again
        Whether the patient rebooks.
    """

    row: Days
    outcome: Days
    again: Bools


_NO_MISSES = Misses(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))


class Episodes:
    """Random inputs of many visits, one row per visit; rows are only added.

    Attributes
    ----------
    missed
        Of the visits that were added together, by the row of the first of them: the misses that were drawn then,
        with rows counted from there.
    """

    __slots__ = ("_count", "_minutes", "_misses", "_offset", "_patience", "missed")

    def __init__(self) -> None:
        self.missed: dict[int, Misses] = {}
        self._misses: list[list[Miss] | None] = []
        self._count = 0
        self._minutes: Floats = np.zeros((0, 0))
        self._offset: Floats = np.zeros(0)
        self._patience: Floats | None = None

    def __len__(self) -> int:
        return self._count

    def misses(self, row: int) -> list[Miss] | None:
        """Return the misses of one visit before the appointment that is attended; None: no misses."""
        if len(self._misses) < self._count:
            self._list_misses()
        return self._misses[row]

    def _list_misses(self) -> None:
        """Make the lists of the visits added since the last time."""
        known = len(self._misses)
        self._misses.extend([None] * (self._count - known))
        for first, (row, outcome, again) in self.missed.items():
            if first < known:
                continue
            for place, miss in zip(
                (first + row).tolist(), zip(outcome.tolist(), again.tolist(), strict=True), strict=True
            ):
                before = self._misses[place]
                if before is None:
                    self._misses[place] = [miss]
                else:
                    before.append(miss)

    def add(self, minutes: Floats, offset: Floats, misses: Misses, patience: Floats | None) -> None:
        """Add visits.

        Parameters
        ----------
        minutes
            Minutes of every step, complications and first-visit extra included, shape (visits, steps).
        offset
            Minutes from the appointment to the patient's arrival (negative: early).
        misses
            The misses before the appointments that are attended; rows are counted from the first of these visits.
        patience
            Walk-in: minutes the patient waits for a chair before leaving; None: no limit.
        """
        known, top = self._count, self._count + len(minutes)
        self.missed[known], self._count = misses, top
        self._minutes = _enlarged(self._minutes, top, minutes)
        self._offset = _enlarged(self._offset, top, offset)
        self._minutes[known:top], self._offset[known:top] = minutes, offset
        if patience is not None:
            kept = np.zeros(0) if self._patience is None else self._patience
            self._patience = _enlarged(kept, top, patience)
            self._patience[known:top] = patience

    def minutes(self, row: int) -> list[float]:
        """Return the minutes of every step of one visit."""
        steps: list[float] = self._minutes[row].tolist()
        return steps

    def minutes_of(self, rows: Days | slice) -> Floats:
        """Return the minutes of every step of some visits, shape (visits, steps)."""
        return self._minutes[rows]

    def offsets_of(self, rows: Days | slice) -> Floats:
        """Return the minutes from the appointment to the patient's arrival, of some visits."""
        return self._offset[rows]

    def patience_of(self, rows: Days | slice) -> Floats | None:
        """Return the minutes that walk-in patients wait for a chair, of some visits; None: no limit."""
        return None if self._patience is None else self._patience[rows]

    def offset(self, row: int) -> float:
        """Return the minutes from the appointment to the patient's arrival."""
        return self._offset.item(row)

    def patience(self, row: int) -> float | None:
        """Return the minutes that a walk-in patient waits for a chair; None: no limit."""
        return None if self._patience is None else self._patience.item(row)


def _enlarged(array: Floats, count: int, like: Floats) -> Floats:
    """Return an array with room for `count` rows shaped as those of another, and the same rows at its beginning."""
    if count <= len(array):
        return array
    larger = np.empty((max(count, 2 * len(array)), *like.shape[1:]))
    if len(array):
        larger[: len(array)] = array
    return larger


def _by_visit(attempts: list[Misses]) -> Misses:
    """Put the misses of one attempt after another in the order of visits."""
    if len(attempts) < 2:
        return attempts[0] if attempts else _NO_MISSES
    row, outcome, again = map(np.concatenate, zip(*attempts, strict=True))
    order = np.argsort(row, kind="stable")
    return Misses(row[order], outcome[order], again[order])


class VisitSampler:
    """Samples the random inputs of visits.

    Parameters
    ----------
    scenario
        The scenario.
    people
        The patients, with their random numbers.

    Attributes
    ----------
    protocol
        The protocol of each patient, on which the type of visit depends; not needed where there is one type.
    """

    def __init__(self, scenario: Scenario, people: People) -> None:
        self._scenario = scenario
        self._people = people
        self.protocol: Days = np.zeros(0, dtype=np.int64)
        types = list(scenario.visit_types)
        self._types = scenario.visit_types
        self._type_of = {
            kind: np.array([types.index(protocol.visits[place]) for protocol in scenario.protocols.values()])
            for place, kind in enumerate(("induction", "booster"))
        }
        if scenario.intake.visit is not None:
            self._type_of["consult"] = np.full(len(scenario.protocols), types.index(scenario.intake.visit))

    def add(
        self, episodes: Episodes, kind: str, patient: Days, number: Days, lifetime: Days, rebooks: float
    ) -> None:
        """Draw the random inputs of visits and append them to `episodes`.

        Parameters
        ----------
        episodes
            The random inputs of all visits of this kind.
        kind
            `induction` or `booster`.
        patient, number
            Row of the patient, and the infusion's number within its kind.
        lifetime
            The infusion's number over both kinds: complications depend on it.
        rebooks
            Probability that a patient rebooks after a miss.
        """
        minutes = self._lengths(kind, patient, number, lifetime)
        offset, patience = self._arrival(kind, patient, number)
        if self._scenario.booking.mode == "walk-in":
            episodes.add(minutes, offset, _NO_MISSES, patience)
            return
        found: list[Misses] = []
        row = np.arange(len(patient))
        for attempt in range(_ATTEMPTS):
            missed, outcome, again = self._missed(kind, patient[row], number[row], attempt, rebooks)
            row = row[missed]
            if not len(row):
                break
            found.append(Misses(row, outcome, again))
        episodes.add(minutes, offset, _by_visit(found), None)

    def consults(self, patient: Days, missed: Bools) -> Episodes:
        """Draw the random inputs of consults that are visits, one for each patient.

        Parameters
        ----------
        patient, missed
            Row of each patient, and whether the patient does not come.
        """
        episodes, first = Episodes(), np.ones_like(patient)
        rows = np.flatnonzero(missed)
        misses = Misses(rows, np.full(len(rows), records.NO_SHOW), np.zeros(len(rows), dtype=np.bool_))
        offset, patience = self._arrival("consult", patient, first)
        episodes.add(self._lengths("consult", patient, first, first), offset, misses, patience)
        return episodes

    def _arrival(self, kind: str, patient: Days, number: Days) -> tuple[Floats, Floats | None]:
        """Draw the minutes from appointment to arrival, and those that walk-in patients wait (None: no limit)."""
        scenario = self._scenario
        if scenario.booking.mode == "booked":
            u_offset = self._people.uniform([f"{kind}/punctuality"], patient, number)[0]
            return distributions.quantile(scenario.attendance.arrival_offset_minutes, u_offset), None
        patience = scenario.booking.patience_minutes
        if patience is None:
            return np.zeros(len(patient)), None
        u_patience = self._people.uniform([f"{kind}/patience"], patient, number)[0]
        return np.zeros(len(patient)), distributions.quantile(patience, u_patience)

    def _missed(
        self, kind: str, patient: Days, number: Days, attempt: Days | int, rebooks: float
    ) -> tuple[Days, Days, Bools]:
        """Draw which of the appointments are missed.

        Returns
        -------
        missed, outcome, again
            Places of the missed ones, the outcome of each (no-show, cancelled), and whether the patient rebooks.
        """
        u_shows = self._people.uniform([f"{kind}/attendance"], patient, number, attempt)[0]
        missed, outcome = absent_of(self._scenario.attendance, u_shows)
        then = attempt if isinstance(attempt, int) else attempt[missed]
        u_again = self._people.uniform([f"{kind}/rebooks"], patient[missed], number[missed], then)[0]
        return missed, outcome, u_again < rebooks

    def miss(
        self, kind: str, patient: int, number: int, misses: list[Miss] | None, attempt: int
    ) -> Miss | None:
        """Return the miss of this attempt at the infusion; None if the patient comes."""
        if misses is None:
            return None
        while attempt >= len(misses):
            if len(misses) % _MORE_ATTEMPTS != _ATTEMPTS:
                return None  # drawing stopped within a chunk: the next attempt is not missed
            more = self._more_misses(kind, patient, number, len(misses))
            if not more:
                return None
            misses += more
        return misses[attempt]

    def _more_misses(self, kind: str, patient: int, number: int, first: int) -> list[Miss]:
        """Draw the misses in a row from attempt number `first` on, at most `_MORE_ATTEMPTS`."""
        attempts = np.arange(first, first + _MORE_ATTEMPTS)
        rules = self._scenario.attendance
        rebooks = rules.rebooks if kind == "induction" else rules.rebooks_booster
        same = np.ones_like(attempts)
        missed, outcome, again = self._missed(kind, patient * same, number * same, attempts, rebooks)
        in_a_row = int((missed == np.arange(len(missed))).sum())
        return list(zip(outcome[:in_a_row].tolist(), again[:in_a_row].tolist(), strict=True))

    def _lengths(self, kind: str, patient: Days, number: Days, lifetime: Days) -> Floats:
        """Draw the minutes of every step of every visit, shape (visits, steps); NaN: the visit does not have it."""
        if len(self._types) == 1:
            [(name, visit)] = self._types.items()
            return self._lengths_of(name, visit, kind, patient, number, lifetime)
        types = self._type_of[kind][self.protocol[patient]]
        lengths = np.full((len(patient), max(len(visit.steps) for visit in self._types.values())), np.nan)
        for code, (name, visit) in enumerate(self._types.items()):
            rows = np.flatnonzero(types == code)
            if len(rows):
                lengths[rows, : len(visit.steps)] = self._lengths_of(
                    name, visit, kind, patient[rows], number[rows], lifetime[rows]
                )
        return lengths

    def _lengths_of(
        self, name_of_type: str, visit: Visit, kind: str, patient: Days, number: Days, lifetime: Days
    ) -> Floats:
        """Draw the minutes of every step of visits of one type."""
        # The usual visit has the streams that it has in a clinic without other types.
        streams = kind if name_of_type == INFUSION else f"{kind}/{name_of_type}"
        columns: dict[str, Floats] = {}
        drawn = [name for name, step in visit.steps.items() if step.minutes.dist != "constant"]
        u = dict(
            zip(
                drawn,
                self._people.uniform([f"{streams}/step/{name}" for name in drawn], patient, number),
                strict=True,
            )
        )
        nothing = np.zeros(len(patient))
        for name, step in visit.steps.items():
            columns[name] = distributions.quantile(step.minutes, u.get(name, nothing))
            if kind == "induction" and step.first_visit_extra_minutes:
                columns[name] += np.where(number == 1, step.first_visit_extra_minutes, 0.0)
        for name, complication in visit.complications.items():
            last = complication.to_infusion
            risk = np.flatnonzero(
                (lifetime >= complication.from_infusion) & (lifetime <= (np.inf if last is None else last))
            )
            u_happens = self._people.uniform([f"{streams}/complication/{name}"], patient[risk], number[risk])[
                0
            ]
            happens = risk[u_happens < complication.probability]
            u_extra = self._people.uniform(
                [f"{streams}/complication/{name}/extra"], patient[happens], number[happens]
            )[0]
            columns[complication.step][happens] += distributions.quantile(complication.extra_minutes, u_extra)
        self._leave_out(columns, visit, streams, patient, number, lifetime)
        # Row by row, so that the numbers of one visit are together in memory when the model reads them.
        return np.stack(list(columns.values()), axis=1)

    def _leave_out(
        self,
        columns: dict[str, Floats],
        visit: Visit,
        streams: str,
        patient: Days,
        number: Days,
        lifetime: Days,
    ) -> None:
        """Leave out steps that not every visit has, by chance or by the infusion's number: length NaN."""
        alternatives: dict[str, list[str]] = {}
        for name, step in visit.steps.items():
            if step.one_of is not None:
                alternatives.setdefault(step.one_of, []).append(name)
            elif step.probability < 1.0:
                u = self._people.uniform([f"{streams}/step/{name}/happens"], patient, number)[0]
                columns[name] = np.where(u < step.probability, columns[name], np.nan)
        for group, names in alternatives.items():
            u = self._people.uniform([f"{streams}/one of/{group}"], patient, number)[0]
            edges = np.cumsum([visit.steps[name].probability for name in names])
            chosen = np.minimum(np.searchsorted(edges, u, side="right"), len(names) - 1)
            for place, name in enumerate(names):
                columns[name] = np.where(chosen == place, columns[name], np.nan)
        for name, step in visit.steps.items():
            if step.from_infusion > 1 or step.to_infusion is not None:
                last = np.inf if step.to_infusion is None else step.to_infusion
                columns[name] = np.where(
                    (lifetime >= step.from_infusion) & (lifetime <= last), columns[name], np.nan
                )
