"""The random inputs of visits, drawn when the clinic asks for them.

A draw depends on its address alone, so it may be made at any time and in any order. A clinic that is full never
gives most of the visits that it would give without queues, and drawing them all would take longer than the
simulation. Drawing each visit when it happens would take longer, too: numpy is fast for many at a time. Therefore:

- The inputs of a patient's first visits are drawn when they are first asked for, together with those of patients
  referred at about the same time. If few of those drawn were asked for, they are drawn for fewer patients.
- A patient in the booster programme gets inputs for some boosters, and then each time for as many as before.

The number of visits drawn is so bounded by the number of visits asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simclinic.sampling.referrals import Days
from simclinic.sampling.visits import Episodes, VisitSampler

_TOGETHER = 1024  # patients
_MOST_UNUSED = 32  # visits drawn for each one asked for, beyond which a series is drawn alone
_MOST_BOOSTERS_UNUSED = 4  # likewise for boosters, which are then drawn for those in the programme only
_FIRST = 16  # boosters drawn for a patient at first
_MORE = 16  # boosters drawn at a time beyond those that a clinic without queues would give


class Supply:
    """Random inputs of visits of one kind.

    Parameters
    ----------
    sampler
        Draws them.
    patients
        Rows of the patients who may come, in the order in which they are expected.
    rebooks
        Probability that a patient rebooks after a miss.

    Attributes
    ----------
    episodes
        The inputs drawn so far.
    asked, drawn
        Number of requests for a visit's inputs, and of visits whose inputs are drawn.
    expected
        Number of visits that a clinic without queues would give.
    batches
        What was drawn together, each time: patients, and of each of them the number of the first visit, its row in
        `episodes`, and how many follow one another from there.
    """

    kind: str
    most_unused: int

    def __init__(self, sampler: VisitSampler, patients: Days, rebooks: float) -> None:
        self._sampler = sampler
        self._patients = patients
        self._place = dict(zip(patients.tolist(), range(len(patients)), strict=True))
        self._waits = np.ones(len(patients), dtype=np.bool_)  # nothing is drawn for the patient yet
        self._rebooks = rebooks
        self.episodes = Episodes()
        self.asked = 0
        self.drawn = 0
        self.expected = 0
        self.batches: list[tuple[Days, Days, Days, Days]] = []

    def _together(self, patient: int) -> Days:
        """Choose the patients whose first visits are drawn now, this patient among them."""
        place = self._place.get(patient)
        if place is None:
            return np.array([patient])
        if self.drawn > self.most_unused * (self.asked + _TOGETHER):
            first, last = place, place + 1
        else:
            first = place - place % _TOGETHER
            last = first + _TOGETHER
        chosen = self._patients[first:last][self._waits[first:last]]
        self._waits[first:last] = False
        return chosen

    def _draw(self, patient: Days, number: Days, lifetime: Days) -> None:
        self._sampler.add(self.episodes, self.kind, patient, number, lifetime, self._rebooks)
        self.drawn += len(patient)


class SeriesSupply(Supply):
    """Random inputs of the visits of series.

    Parameters
    ----------
    sampler, patients, rebooks
        As for :class:`Supply`.
    infusions
        For each of the patients the number of infusions up to the end of the series.
    """

    kind = "induction"
    most_unused = _MOST_UNUSED

    def __init__(self, sampler: VisitSampler, patients: Days, rebooks: float, infusions: Days) -> None:
        super().__init__(sampler, patients, rebooks)
        self._infusions = np.zeros(int(patients.max(initial=-1)) + 1, dtype=np.int64)
        self._infusions[patients] = infusions
        self.expected = int(infusions.sum())
        self._base: dict[int, int] = {}

    def row(self, patient: int, number: int) -> int:
        """Return the row in `episodes` of an infusion of a patient's series, numbered from 1."""
        self.asked += 1
        base = self._base.get(patient)
        if base is None:
            base = self._draw_series(patient)
        return base + number

    def _draw_series(self, patient: int) -> int:
        chosen = self._together(patient)
        count = self._infusions[chosen]
        first = np.cumsum(count) - count
        top = len(self.episodes) - 1
        self.batches.append((chosen, np.ones_like(chosen), first + top + 1, count))
        self._base.update(zip(chosen.tolist(), (first + top).tolist(), strict=True))
        number = np.arange(int(count.sum())) - np.repeat(first, count) + 1
        self._draw(np.repeat(chosen, count), number, number)
        return self._base[patient]


class BoosterSupply(Supply):
    """Random inputs of booster infusions.

    Parameters
    ----------
    sampler, patients, rebooks
        As for :class:`Supply`; the patients are those who would have boosters in a clinic without queues.
    needed
        For each of these patients, how many booster infusions that would be.
    before
        For every patient the booster infusions given before the simulation began.
    infusions
        For every patient the length of the series: complications depend on the number of infusions in a lifetime.
    """

    kind = "booster"
    most_unused = _MOST_BOOSTERS_UNUSED

    def __init__(
        self,
        sampler: VisitSampler,
        patients: Days,
        rebooks: float,
        needed: Days,
        before: Days,
        infusions: Days,
    ) -> None:
        super().__init__(sampler, patients, rebooks)
        self._needed = np.zeros(len(infusions), dtype=np.int64)
        self._needed[patients] = needed
        self.expected = int(needed.sum())
        self._before = before
        self._infusions = infusions
        self._known = np.zeros(len(infusions), dtype=np.int64)  # boosters drawn for each patient
        self._rows: dict[int, list[int]] = {}  # of these, as far as batches are listed
        self._listed = 0  # batches
        # Patients who have entered the programme since, and who have asked for half of what was drawn for them.
        self._entered: dict[int, None] = {}
        self._low: dict[int, None] = {}

    def enter(self, patients: Iterable[int]) -> None:
        """Note that patients have entered the programme."""
        self._entered.update(dict.fromkeys(patients))

    def ask_soon(self, patients: Iterable[int]) -> None:
        """Note that patients have asked for half of what was drawn."""
        self._low.update(dict.fromkeys(patients))

    def row(self, patient: int, number: int) -> int:
        """Return the row in `episodes` of a patient's booster infusion, numbered from 1. There is no limit."""
        self.asked += 1
        place = number - 1 - self._before.item(patient)
        rows = self._rows.get(patient)
        if rows is None or place >= len(rows):
            self.draw(patient, number)
            self._list_rows()
            rows = self._rows[patient]
        elif place == len(rows) // 2:
            self.ask_soon((patient,))
        return rows[place]

    def draw(self, patient: int, number: int) -> None:
        """Draw boosters for a patient up to this number at least, and for others who will need them soon."""
        others = [*self._low, patient]
        self._low.clear()
        if not self._known[patient]:
            new = np.array([*self._entered, *self._together(patient).tolist()], dtype=np.int64)
            others += new[self._known[new] == 0].tolist()
            self._entered.clear()
        chosen: Days = np.unique(np.array(others))
        known = self._known[chosen]
        # As many as so far, and none beyond those needed without queues.
        added = np.maximum(np.minimum(np.maximum(known, _FIRST), self._needed[chosen] - known), 0)
        at = np.searchsorted(chosen, patient)
        least = number - self._before[patient] - known[at]
        added[at] = max(added[at] or _MORE, least)
        chosen, added, known = (each[added > 0] for each in (chosen, added, known))
        first = len(self.episodes) + np.cumsum(added) - added
        had = known + self._before[chosen]
        self.batches.append((chosen, had + 1, first, added))
        self._known[chosen] += added
        everyone: Days = np.repeat(chosen, added)
        after = np.arange(len(everyone)) + len(self.episodes) + 1 - np.repeat(first - had, added)
        self._draw(everyone, after, after + self._infusions[everyone])

    def _list_rows(self) -> None:
        """List the rows of the batches drawn since the last time."""
        for chosen, _, first, added in self.batches[self._listed :]:
            for one, begin, count in zip(chosen.tolist(), first.tolist(), added.tolist(), strict=True):
                self._rows.setdefault(one, []).extend(range(begin, begin + count))
        self._listed = len(self.batches)
