"""The book of a clinic with several types of visit as arrays: see `wide_book.py`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Integers
from simclinic.model.fast.bits_of import words_of
from simclinic.model.fast.state import NONE, OPEN_BOOK, TYPED_BOOK, USUAL_BOOK, start_t
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay
from simclinic.planning.timetable import Timetable
from simclinic.planning.typed_book import TypedDay
from simclinic.planning.typed_week import Template, is_staffed
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import BOOSTER

Arrays = dict[str, npt.NDArray[Any]]


class PlannedBook:
    """The arrays of a book.

    Parameters
    ----------
    timetable
        The clinic's timetable.
    length
        Days of the calendar.
    day_words, width
        Words of a set of days, and the most appointments of one patient at a time, and two.

    Attributes
    ----------
    fixed, begins
        Arrays that no run changes, and others as they are when a run begins.
    rules
        Numbers for the record of rules.
    plans
        By plan, numbers for its record.
    """

    def __init__(self, timetable: Timetable, length: int, day_words: int, width: int) -> None:
        self.fixed: Arrays = {}
        self.begins: Arrays = {}
        self.rules: dict[str, int] = {"book": USUAL_BOOK, "n_plans": 1, "n_edges": 1, "convert_days": NONE}
        self.plans: list[dict[str, int]] = []
        self._length, self._day_words = length, day_words
        self._groups(timetable, width)
        if timetable.plans is None:
            self._no_days()
        else:
            self._days(timetable, timetable.plans, timetable.footprints)

    def _no_days(self) -> None:
        """Return the arrays of a clinic with one type of visit: they are not used."""
        for name in ("planes", "fits", "fits_days", "stale_days", "used_up"):
            self.begins[name] = np.zeros((1, 1), dtype=np.uint64)
        self.begins["offer_kind"] = self.begins["fits_known"] = np.zeros(1, dtype=np.int64)
        self.begins["still_fit"] = np.zeros(1, dtype=np.uint64)
        for name, columns in (("takes", 4), ("needs", 3)):
            self.fixed[name] = np.zeros((0, columns), dtype=np.int64)
        for name in ("steps_of", "staffed"):
            self.fixed[name] = np.zeros((1, 1), dtype=np.uint64)
        for name in ("template_first", "n_template"):
            self.fixed[name] = np.zeros(1, dtype=np.int64)
        self.fixed["template"] = np.zeros(1, start_t)
        self.plans = [{}]

    # -- kinds of requests ------------------------------------------------------------------------------------

    def _groups(self, timetable: Timetable, width: int) -> None:
        """Count the kinds of requests for several boosters: by protocol, number of infusions, and plans."""
        plans = timetable.plans
        single = 2 * (1 if plans is None else len(plans.plans))
        edges = 1 if plans is None else plans.last_edge + 1
        numbers: dict[object, int] = {}
        table = np.zeros((len(timetable.gaps), width + 1, edges + 1), dtype=np.int64)
        for protocol, count, first in np.ndindex(table.shape):
            of_each = (
                ()
                if plans is None
                else tuple(plans.number(protocol, BOOSTER, first + k) for k in range(count))
            )
            table[protocol, count, first] = single + numbers.setdefault(
                (protocol, count, of_each), len(numbers)
            )
        self.fixed["group_of"] = table.ravel()
        self.rules |= {"n_edges": edges, "groups": single + len(numbers)}

    # -- days -------------------------------------------------------------------------------------------------

    def _days(self, timetable: Timetable, plans: VisitPlans, footprints: Footprints) -> None:
        booking, offers = timetable.scenario.booking, timetable.offers
        typed = timetable.templates is not None
        templates: list[Template | None] = timetable.templates or [None] * len(offers)
        number = len(plans.plans)
        kinds: dict[tuple[DayOffer, Template | None], int] = {}
        of_day = np.full(self._length + 3, -1)
        for index, (offer, template) in enumerate(zip(offers, templates, strict=True)):
            if offer is not None and (template is not None or not typed):
                of_day[index] = kinds.setdefault((offer, template), len(kinds))
        every = booking.start_every_minutes
        empty = [
            OpenDay.empty(
                offer,
                every,
                footprints,
                None if template is None else tuple(start.minute for start in template),
            )
            for offer, template in kinds
        ]
        most_starts = max([1, *(len(template or ()) for _, template in kinds)])
        words = footprints.end // 64 + 1
        self._claims(footprints)
        self._planes(footprints, empty, of_day, words, most_starts if typed else 0)
        self.fixed["steps_of"] = np.array(
            [words_of(day.steps(plan), words) for day in empty for plan in range(number)]
        ).reshape(-1, words)
        self.fixed["staffed"] = np.array(
            [words_of(is_staffed(day, plan) if typed else 0, words) for day in empty for plan in plans.plans]
        ).reshape(-1, words)
        counts = [len(template or ()) for _, template in kinds]
        self.fixed["template_first"] = np.cumsum([0, *counts])[:-1].astype(np.int64)
        self.fixed["n_template"] = np.array(counts, dtype=np.int64)
        starts = np.zeros(sum(counts) + 1, start_t)
        for place, start in enumerate(start for _, template in kinds for start in template or ()):
            starts[place] = start.minute, start.plan, start.kind, start.listed
        self.fixed["template"] = starts
        ways = 3 if typed else 1
        wide = -(-most_starts // 64) if typed else words
        found = [
            [
                TypedDay.empty(template, offer, every, footprints).own(plan, converts=False)
                if template is not None
                else day.fits(plan)
                for plan in range(number)
            ]
            for (offer, template), day in zip(kinds, empty, strict=True)
        ]
        fits = np.zeros((self._length + 3, number, ways, wide), dtype=np.uint64)
        known = np.zeros((self._length + 3, number, ways), dtype=np.int64)
        known[:, :, 0] = 1
        some = np.zeros((number, self._day_words), dtype=np.uint64)
        for plan in range(number):
            bits = 0
            for index, kind in enumerate(of_day[: self._length].tolist()):
                if kind >= 0 and found[kind][plan]:
                    bits |= 1 << index
                    fits[index, plan, 0] = words_of(found[kind][plan], wide)
            some[plan] = words_of(bits, self._day_words)
        self.begins |= {
            "offer_kind": of_day,
            "fits": fits.reshape(-1, wide),
            "fits_known": known.ravel(),
            "fits_days": some,
            "stale_days": np.zeros_like(some),
            "used_up": np.zeros(((self._length + 3) * most_starts if typed else 1, wide), dtype=np.uint64),
            "still_fit": np.zeros(wide, dtype=np.uint64),
        }
        self.rules |= {
            "book": TYPED_BOOK if typed else OPEN_BOOK,
            "n_plans": number,
            "n_fits": ways,
            "convert_days": NONE if booking.convert_days is None or not typed else booking.convert_days,
            "most_starts": most_starts,
        }
        for plan, row in enumerate(self.plans):
            row["alike"] = plan if typed else footprints.alike[plan]

    def _claims(self, footprints: Footprints) -> None:
        """List what plans take of each counter, and what must be free."""
        takes: list[tuple[int, int, int, int]] = []
        needs: list[tuple[int, int, int]] = []
        for plan in footprints.plans:
            first = len(takes), len(needs)
            for resource, start, end, amount in plan.uses:
                needs.append((footprints.counted.index((resource, amount)), start, end))
                for counter, (counted, _) in enumerate(footprints.counted):
                    if counted == resource:
                        bits = [place for place in range(amount.bit_length()) if amount >> place & 1]
                        takes += [(counter, place, start, end) for place in bits]
            self.plans.append(
                {
                    "uses": first[0],
                    "n_uses": len(takes) - first[0],
                    "need": first[1],
                    "n_needs": len(needs) - first[1],
                }
            )
        self.fixed["takes"] = np.array(takes, dtype=np.int64).reshape(-1, 4)
        self.fixed["needs"] = np.array(needs, dtype=np.int64).reshape(-1, 3)

    def _planes(
        self, footprints: Footprints, empty: list[OpenDay], of_day: Integers, words: int, beyond: int
    ) -> None:
        """Count what each day offers; see `_counter` of the open day. All numbers have as many places."""
        minutes = np.arange(64 * words)
        there = []
        for day in empty:
            offered = day.offered()
            numbers = np.zeros((len(footprints.counted), len(minutes)), dtype=np.int64)
            for counter, (resource, amount) in enumerate(footprints.counted):
                begins, amounts = zip(*offered[resource], strict=True)
                at = np.searchsorted(begins, minutes, side="right") - 1
                numbers[counter] = np.array(amounts)[at] - amount
            numbers[:, footprints.end :] = -1
            there.append(numbers)
        every = np.array(there).reshape(len(empty), len(footprints.counted), len(minutes))
        largest = max(int(np.abs(every).max(initial=0)), 1) + (beyond + 1) * footprints.heaviest
        places = largest.bit_length() + 1
        raised = every + (1 << (places - 1))
        bits = raised[:, :, None, :] >> np.arange(places)[:, None] & 1
        packed = np.packbits(bits.astype(np.uint8), axis=-1, bitorder="little").view("<u8").astype(np.uint64)
        planes = np.zeros((len(of_day), *packed.shape[1:]), dtype=np.uint64)
        planes[of_day >= 0] = packed[of_day[of_day >= 0]]
        self.begins["planes"] = planes.reshape(-1, words)
        self.rules |= {"n_counters": len(footprints.counted), "n_planes": places}
