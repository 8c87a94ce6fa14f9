"""Recognition of an export's columns, by their headings and their cells.

Headings propose a role, cells decide. A number that never occurs again belongs to an appointment and not to a
patient; a name with many appointments in an hour is a clinician's. Of two columns of dates, the visits' is the
one with fewer weekdays, within working hours, on the grid of appointments, and in which bookings come after
completed visits. Where the cells do not decide, the user is asked.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simclinic.calibration import likely_words, vocabulary
from simclinic.calibration.dates import Days, parse_moment, read_days, read_times
from simclinic.calibration.grid import ExportGrid
from simclinic.calibration.headings import HALVES, NAMES, NEEDED, ranks
from simclinic.calibration.options import Options
from simclinic.calibration.prices import holds_amounts
from simclinic.calibration.text import ExportError, plain, squeezed
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

FEWEST_ROWS = 20
"""Rows from which the cells of a column can contradict its heading."""
_LOOKED_AT = 20_000
_MOSTLY = 0.6
_CLEARLY, _HARDLY = 0.1, 0.05
_CROWD = 3.0
"""Weight of a second visit on a day among the signs against a column: hardly any patient has two."""
_NEVER_AGAIN = 0.02
_SLOTS_A_DAY, _ROWS_A_DAY, _ROWS_EACH, _DAYS_A_YEAR = 2.5, 3.0, 40, 110
"""Bounds that no patient exceeds, but a clinician, a room or a payer does: times and rows a day, days a year."""
_PLANNED = 0.6
_TIMES = ("checked_in", "started", "left", "end")
_CAME_AND_WENT = ("checked_in", "started", "left")
_ALMOST = 0.9
_MOST_KINDS, _HARDLY_A_KIND, _KNOWN_SHARE = 40, 0.01, 0.1
"""Different words of a column of kinds at most, and shares of rows from which a kind, and treatments, are there."""
_ESKETAMINE = "esketamine"
_TREATMENTS = (vocabulary.INDUCTION, vocabulary.BOOSTER, vocabulary.UNSAID, _ESKETAMINE)
_FEWEST_CROSSINGS, _HARDLY_ANY = 20.0, 0.1
"""Numbers expected in two calendar periods, and the share of them below which numbers begin anew there."""
_PARTS = 0.2
"""Share of patients' days with several values from which a column does not name their kind."""
_FINER, _OFTEN = 1.25, 0.2
"""Ratio of numbers to patients, and share of patients with several, from which a number is not the patient's."""


@dataclass
class Places:
    """Places of the recognised columns.

    Attributes
    ----------
    at
        Place of each column by role; several places are read as one column.
    problems
        Problems that need the user.
    """

    at: dict[str, tuple[int, ...]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Glance:
    """A column as dates and times.

    Attributes
    ----------
    days
        The column, read.
    dated, timed
        Share of filled cells that are dates, and that have a time.
    filled
        Share of filled cells.
    """

    days: Days
    dated: float
    timed: float
    filled: float


class Recogniser:
    """Recognises the columns of a table."""

    def __init__(self, grid: ExportGrid, options: Options) -> None:
        self.grid = grid
        self.options = options
        self.named = options.columns or {}
        self.places = Places()
        self.known = {
            **vocabulary.STATUSES,
            **{plain(word): each for word, each in (options.statuses or {}).items()},
        }
        self._glances: dict[int, _Glance] = {}

    def find(self) -> Places:
        """Find all columns."""
        self._take_named()
        self._status()
        self._date()
        self._patient()
        self._others()
        self._missing()
        self._once_each()
        return self.places

    # Named by the user

    def _take_named(self) -> None:
        for name, wanted in self.named.items():
            if name not in NAMES:
                rule = (
                    f"--column {name}=...: there is no such column of an export; there are {', '.join(NAMES)}"
                )
                self._problem(rule, nearest(name, NAMES), file=False)
            elif wanted or name in NEEDED:  # an empty heading says that there is no such column
                self._take(name, wanted)

    def _take(self, name: str, wanted: str) -> None:
        candidates = self._headed(wanted)
        if len(candidates) != 1 and "+" in wanted:
            parts = [self._headed(part) for part in wanted.split("+")]
            if all(len(part) == 1 for part in parts):
                self.places.at[name] = tuple(part[0] for part in parts)
                return
        if len(candidates) == 1:
            self.places.at[name] = (candidates[0],)
            return
        rule = f"--column {name}={wanted} " + (
            "names no column" if not candidates else "names several columns"
        )
        if candidates:
            rule += f": give its number, --column {name}=#{candidates[0] + 1} for example"
        near = (
            nearest(wanted, [heading.casefold() for heading in self.grid.heading])
            if self.grid.certain
            else None
        )
        if not candidates and near is None and self.grid.certain:
            rule += self.grid.shown()
        self._problem(rule, near)

    def _headed(self, wanted: str) -> list[int]:
        headings = self.grid.heading
        wanted = wanted.strip()
        if wanted[:1] == "#" and wanted[1:].isdigit() and 1 <= int(wanted[1:]) <= len(headings):
            return [int(wanted[1:]) - 1]
        exact = [at for at, each in enumerate(headings) if each.casefold() == wanted.casefold()]
        return exact or [
            at for at, each in enumerate(headings) if squeezed(each) and squeezed(each) == squeezed(wanted)
        ]

    # By name

    def _candidates(self, *roles: str) -> list[int]:
        """Return the columns whose heading allows one of some roles, the likeliest first."""
        taken = {at for places in self.places.at.values() for at in places}
        candidates = []
        for at, heading in enumerate(self.grid.heading):
            mine = ranks(heading)
            order = [100 * number + mine[role] for number, role in enumerate(roles) if role in mine]
            if order and at not in taken:
                candidates.append((min(order), at))
        return [at for _, at in sorted(candidates)]

    def _twice(self, at: int) -> list[int]:
        """Return the columns with the same heading as another, but different cells."""
        same = squeezed(self.grid.heading[at])
        return [
            other
            for other, each in enumerate(self.grid.heading)
            if other != at and squeezed(each) == same and self.grid.column(other) != self.grid.column(at)
        ]

    def _status(self) -> None:
        if "status" in self.named:
            return
        candidates = self._candidates("status")
        if not candidates:
            return

        def known(at: int) -> float:
            cells = self.grid.column(at).counts()
            del cells[""]
            meant = sum(count for each, count in cells.items() if plain(each) in self.known)
            return meant / cells.total() if cells else -1.0

        shares = {at: known(at) for at in candidates}
        best = max(candidates, key=lambda at: (round(shares[at], 1), -candidates.index(at)))
        self._place("status", best)

    # Dates

    def glance(self, at: int) -> _Glance:
        """Read a column as dates and times, without questions."""
        if at not in self._glances:
            cells = self.grid.column(at)[:_LOOKED_AT]
            lines = range(len(cells))
            try:
                days = read_days(cells, lines, heading="", file="")
            except ExportError:
                either = (
                    read_days(cells, lines, heading="", file="", order=order) for order in ("mdy", "dmy")
                )
                days = min(either, key=lambda days: days.day.count(0))
            full = sum(map(bool, cells))
            dated = sum(map(bool, days.day)) / full if full else 0.0
            minutes = days.minute if dated >= _MOSTLY else read_times(cells, "")[0]
            timed = sum(not math.isnan(each) for each in minutes) / full if full else 0.0
            days = Days(days.day, minutes, days.order, days.mixed_styles, days.offset, days.notes)
            self._glances[at] = _Glance(days, dated, timed, full / len(cells) if cells else 0.0)
        return self._glances[at]

    def _dates(self, at: int) -> bool:
        heading = ranks(self.grid.heading[at])
        seen = self.glance(at)
        if seen.dated < _MOSTLY or seen.filled < 0.3:
            return False
        numbers = sum(
            each.replace(".", "").replace(",", "").isdigit() for each in self.grid.column(at)[:_LOOKED_AT]
        )
        # A number may count days or records: its heading must say that it is a date.
        return bool(heading) or numbers < 0.5 * len(self.grid.column(at)[:_LOOKED_AT])

    def _date(self) -> None:
        if "date" not in self.named:
            candidates = [at for at in self._candidates("date", "time") if self._dates(at)]
            # Columns that may also be the day of booking come last.
            candidates.sort(key=lambda at: "booked_on" in ranks(self.grid.heading[at]))
            if candidates:
                self._place("date", self._visits_own(candidates))
            elif by_name := [at for at in self._candidates("date") if not self._times(at)]:
                self._place("date", by_name[0])
            elif any(self._times(at) for at in self._candidates("time", "date")) and self.grid.dates_above():
                self.places.at["date"] = (len(self.grid.heading) - 1,)
        if "date" in self.places.at and "time" not in self.named:
            self._time()

    def _times(self, at: int) -> bool:
        seen = self.glance(at)
        return seen.timed >= _MOSTLY and seen.dated < _MOSTLY

    def _time(self) -> None:
        """Find the column of times, if the dates have none."""
        seen = [self.glance(at) for at in self.places.at["date"]]
        if len(seen) != 1 or any(minute > 0 for minute in seen[0].days.minute):
            return
        candidates = [
            at for at in self._candidates("time", "date") if self._times(at) or self._dummy_days(at)
        ]
        if candidates:
            self._place("time", candidates[0])
        for at in () if candidates else self._candidates("time"):
            if any(self.grid.column(at)) and not self._dates(at):
                what = f"{self.grid.heading[at]!r} holds no times"
                self.grid.quality.count(what, 1, "the dates have none")

    def _dummy_days(self, at: int) -> bool:
        """Return whether a column holds times with the same placeholder date: 1900-01-01T13:30."""
        words = [word for word in self.grid.column(at)[:_LOOKED_AT].words if word]
        days = {moment.parts for word in words if (moment := parse_moment(word)) is not None}
        return len(days) == 1 and self.glance(at).timed >= _MOSTLY

    def _visits_own(self, candidates: list[int]) -> int:
        """Choose the visits' column among several of dates; ask where cells contradict headings."""
        first = candidates[0]
        if len(self.grid) < FEWEST_ROWS:
            return first
        same = [at for at in candidates if self._same_days(first, at)]
        if len(same) > 1 and not any(minute > 0 for minute in self.glance(first).days.minute):
            first = next((at for at in same if any(m > 0 for m in self.glance(at).days.minute)), first)
        other = [at for at in range(len(self.grid.heading)) if at not in same and self._rival(at, candidates)]
        mine = self._against(first)
        for at in other:
            its = self._against(at)
            better = sum(mine) - sum(its)
            worse = max(b - a for a, b in zip(mine, its, strict=True))
            named_so = at in candidates
            if better >= _CLEARLY and worse <= _HARDLY and named_so:
                self._note_date(first, at)
                first, mine = at, its
            elif better >= _CLEARLY or (abs(better) < _CLEARLY and named_so and self._as_likely(first, at)):
                self._ask_date(first, at)
                break
            elif named_so and better < -_CLEARLY and candidates.index(at) < candidates.index(first):
                self._note_date(at, first)
        return first

    def _as_likely(self, one: int, other: int) -> bool:
        """Return whether two headings are equally likely to mean the day of a visit."""
        return ("booked_on" in ranks(self.grid.heading[one])) == (
            "booked_on" in ranks(self.grid.heading[other])
        )

    def _rival(self, at: int, candidates: Sequence[int]) -> bool:
        roles = set(ranks(self.grid.heading[at]))
        if roles and not roles & {"date", "booked_on"}:
            return False
        return (
            (at in candidates or not roles or "booked_on" in roles)
            and self._dates(at)
            and not self._birthdays(at)
        )

    def _birthdays(self, at: int) -> bool:
        days = [day for day in self.glance(at).days.day if day]
        return bool(days) and max(days) - min(days) > 25 * 365

    def _same_days(self, one: int, other: int) -> bool:
        pairs = [
            (a, b)
            for a, b in zip(self.glance(one).days.day, self.glance(other).days.day, strict=True)
            if a and b
        ]
        return bool(pairs) and sum(a == b for a, b in pairs) >= 0.98 * len(pairs)

    def _against(self, at: int) -> tuple[float, ...]:
        """Return the signs against a column being the visits': each a share, 0 without any sign."""
        days = self.glance(at).days
        dated = [n for n, day in enumerate(days.day) if day]
        if not dated:
            return 1.0, 1.0, 1.0, 1.0, 1.0
        weekdays: dict[int, int] = defaultdict(int)
        for n in dated:
            weekdays[days.day[n] % 7] += 1
        used = sum(count >= 0.01 * len(dated) for count in weekdays.values()) / 7
        minutes = [days.minute[n] for n in dated if not math.isnan(days.minute[n]) and days.offset[n] is None]
        minutes = minutes if any(minutes) else []
        night = sum(not 360 <= each <= 1320 for each in minutes) / len(minutes) if minutes else 0.0
        uneven = sum(each % 5 != 0 for each in minutes) / len(minutes) if minutes else 0.0
        return used, night, uneven, self._mixed(days, dated), self._crowded(days, dated)

    def _mixed(self, days: Days, dated: Sequence[int]) -> float:
        """Return the share of bookings before completed visits: in the visits' own column bookings come after."""
        if "status" not in self.places.at:
            return 0.0
        cells = self.grid.joined(self.places.at["status"])
        meaning = [self.known.get(plain(cells[n])) for n in dated]
        done = sorted(
            days.day[n] for n, each in zip(dated, meaning, strict=True) if each == vocabulary.COMPLETED
        )
        booked = [days.day[n] for n, each in zip(dated, meaning, strict=True) if each == vocabulary.BOOKED]
        if len(done) < FEWEST_ROWS or len(booked) < 5:
            return 0.0
        late = done[int(0.98 * (len(done) - 1))]
        return sum(day < late for day in booked) / len(booked)

    def _crowded(self, days: Days, dated: Sequence[int]) -> float:
        """Return the weighted share of second appointments of a patient on a day."""
        candidates = self._candidates("patient")
        place = self.places.at.get("patient") or (tuple(candidates[:1]) if candidates else ())
        if not place:
            return 0.0
        patient = self.grid.joined(place)
        seen: dict[tuple[str, int], int] = defaultdict(int)
        for n in dated:
            if patient[n]:
                seen[patient[n], days.day[n]] += 1
        return _CROWD * sum(count - 1 for count in seen.values()) / len(dated) if seen else 0.0

    def _note_date(self, not_this: int, this: int) -> None:
        what = (
            f"{self.grid.heading[not_this]!r} is not the day of the visit, by its weekdays, hours or bookings"
        )
        self.grid.quality.count(what, 1, f"{self.grid.heading[this]!r} is read as the date")

    def _ask_date(self, one: int, other: int) -> None:
        a, b = self.grid.heading[one], self.grid.heading[other]
        rule = (
            f"{a!r} and {b!r} both may be the day of the visit, and differ: choose one with --column "
            f'"date={a}" or --column "date={b}"'
        )
        self._problem(rule)

    # Patients

    def _patient(self) -> None:
        if "patient" in self.named:
            for at in self.places.at.get("patient", ())[:1]:
                if len(self.places.at["patient"]) == 1 and (why := self._no_patient(at)):
                    self._propose_patient(at, why)
            return
        candidates = self._candidates("patient")
        fit = [at for at in candidates if not self._no_patient(at)]
        halves = self._halves()
        if fit:
            self._place("patient", fit[0])
            if coarser := [at for at in fit[1:] if self._finer(fit[0], at)]:
                self._ask_patient(fit[0], coarser[0])
            if fit[0] != candidates[0]:
                what = f"{self.grid.heading[candidates[0]]!r} {self._no_patient(candidates[0])}"
                self.grid.quality.count(what, 1, f"{self.grid.heading[fit[0]]!r} is read as the patient")
        elif halves:
            self.places.at["patient"] = halves
            what = "no column of identifiers: " + " and ".join(repr(self.grid.heading[at]) for at in halves)
            self.grid.quality.count(what, 1, "together read as the patient")
        elif candidates:
            self._propose_patient(candidates[0], self._no_patient(candidates[0]))

    def _finer(self, one: int, other: int) -> bool:
        """Return whether many patients of one column have several numbers in another, none of them two patients."""
        a, b = self.grid.column(one)[:_LOOKED_AT], self.grid.column(other)[:_LOOKED_AT]
        pairs = {(x.casefold(), " ".join(y.casefold().split())) for x, y in zip(a, b, strict=True) if x and y}
        numbers, patients = {x for x, _ in pairs}, Counter(y for _, y in pairs)
        several = sum(count > 1 for count in patients.values())
        return (
            len(self.grid) >= FEWEST_ROWS
            and len(pairs) <= 1.02 * len(numbers)
            and len(numbers) >= _FINER * len(patients)
            and several >= _OFTEN * len(patients)
        )

    def _ask_patient(self, one: int, other: int) -> None:
        a, b = self.grid.heading[one], self.grid.heading[other]
        rule = (
            f"{a!r} and {b!r} differ: many patients of {b!r} have several numbers in {a!r}, which may be those of "
            f'cases or bills. Choose one with --column "patient={b}" or --column "patient={a}"'
        )
        self._problem(rule)

    def _halves(self) -> tuple[int, ...]:
        """Return the columns of last and first name, and of the birth date if there is one."""
        candidates = {
            HALVES[key]: at for at, each in enumerate(self.grid.heading) if (key := squeezed(each)) in HALVES
        }
        if len(candidates) < len(set(HALVES.values())):
            return ()
        return (candidates["last"], candidates["first"], *self._candidates("birth")[:1])

    def _no_patient(self, at: int) -> str:
        """Return why a column cannot be the patients'; empty if it can."""
        from simclinic.calibration.identifiers import below_merged

        looked_at = self.grid.column(at)[:_LOOKED_AT]
        days, minutes = self._when(len(looked_at))
        cells = below_merged(looked_at, days) or list(looked_at)
        rows = [n for n, each in enumerate(cells) if each and (days[n] or not any(days))]
        if len(rows) < FEWEST_ROWS:
            return ""
        values = {cells[n].casefold() for n in rows}
        if len(values) == 1:
            return "has the same value in every row"
        if any(cells[n].startswith(("Practitioner/", "Location/", "HealthcareService/")) for n in rows[:50]):
            return "names clinicians or places"
        by_day: dict[str, set[int]] = defaultdict(set)
        slots: set[tuple[str, int, float]] = set()
        pairs: set[tuple[str, int]] = set()
        for n in rows:
            value = cells[n].casefold()
            by_day[value].add(days[n] or n)
            pairs.add((value, days[n]))
            slots.add((value, days[n], minutes[n]))
        if sum(len(each) > 1 for each in by_day.values()) < _NEVER_AGAIN * len(by_day):
            return "never repeats on another day: it is an appointment's number, not a patient's"
        if period := _renumbered(list(by_day.values())) if any(days) else "":
            return f"never occurs in two calendar {period}: it is the number of a case or a bill, not a patient's"
        timed = any(minute == minute for minute in minutes)
        many = len(slots) / len(pairs) > _SLOTS_A_DAY if timed else len(rows) / len(pairs) > _ROWS_A_DAY
        span = (max(days) - min(filter(None, days)) + 1) / 365 if any(days) else 1.0
        often = sorted(len(each) for each in by_day.values())[len(by_day) // 2] / max(span, 0.1)
        if any(days) and ((many and len(rows) > _ROWS_EACH * len(by_day)) or often > _DAYS_A_YEAR):
            return "has more appointments than a patient can have"
        return ""

    def _when(self, count: int) -> tuple[list[int], list[float]]:
        if "date" not in self.places.at:
            return [0] * count, [math.nan] * count
        places = self.places.at["date"]
        days = self.glance(places[0]).days
        minutes = list(days.minute)
        if time := self.places.at.get("time") or places[1:2]:
            minutes = self.glance(time[0]).days.minute
        return days.day, minutes

    def _propose_patient(self, at: int, why: str) -> None:
        self.places.at["patient"] = (at,)  # reading continues, to find all other problems
        heading = self.grid.heading[at]
        others = [
            n
            for n, each in enumerate(self.grid.heading)
            if n != at and each and not self._no_patient(n) and self._like_patients(n)
        ]
        others.sort(key=lambda n: ("patient" not in ranks(self.grid.heading[n]), n))
        rule = f"{heading!r} {why}. "
        if others:
            rule += "Perhaps the patients' column is another: " + " or ".join(
                f'--column "patient={self.grid.heading[n]}"' for n in others[:3]
            )
        else:
            rule += f"Name the patients' column with --column patient=HEADING{self.grid.shown()}"
        self._problem(rule)

    def _like_patients(self, at: int) -> bool:
        """Return whether a column with an unknown heading may be the patients'."""
        cells = [each for each in self.grid.column(at)[:_LOOKED_AT] if each]
        taken = any(at in places for role, places in self.places.at.items() if role != "patient")
        many = len(set(cells)) >= max(5, 0.02 * len(cells))
        return (
            not taken and many and len(cells) > 0.5 * min(len(self.grid), _LOOKED_AT) and not self._dates(at)
        )

    # Other columns

    def _others(self) -> None:
        for role in (
            "checked_in",
            "left",
            "started",
            "end",
            "referred_on",
            "booked_on",
            "cancelled_on",
            "kind",
            "birth",
            "location",
            "price",
        ):
            if role in self.named:
                continue
            candidates = self._candidates(role)
            dated = role in (*_TIMES, "referred_on", "booked_on", "cancelled_on", "birth")
            held = [
                at
                for at in candidates
                if not dated or self.glance(at).timed >= _MOSTLY or self.glance(at).dated >= _MOSTLY
            ]
            if role == "price":
                held = [at for at in held if holds_amounts(self.grid.column(at))]
            if held:
                self._place(role, held[0])
                if role in (*_CAME_AND_WENT, "cancelled_on"):
                    self._join_time(role, candidates)
            elif candidates and role in ("checked_in", "left") and any(self.grid.column(candidates[0])):
                what = f"{self.grid.heading[candidates[0]]!r} holds no times"
                self.grid.quality.count(what, 1, "not used for the length of visits")
        self._cancelled_on()
        self._lengths()
        self._one_kind()
        self._ask_kind()

    def _join_time(self, role: str, candidates: Sequence[int]) -> None:
        """Join a column of dates without times and that of their times: `Check In Date` and `Check In Time`."""
        (at,) = self.places.at[role]
        if self.glance(at).dated < _MOSTLY or any(minute > 0 for minute in self.glance(at).days.minute):
            return
        if times := [other for other in candidates if other != at and self._times(other)]:
            self.places.at[role] = (at, times[0])

    def _cancelled_on(self) -> None:
        """Recognise the day of cancellation by its cells: dates in cancelled appointments only, before them."""
        if {"cancelled_on", "status", "date"} - self.places.at.keys() != {"cancelled_on"}:
            return
        if "cancelled_on" in self.named:
            return
        status = self.grid.joined(self.places.at["status"])[:_LOOKED_AT]
        cancelled = [self.known.get(plain(each)) == vocabulary.CANCELLED for each in status]
        count, due = sum(cancelled), self.glance(self.places.at["date"][0]).days.day
        if count < FEWEST_ROWS:
            return
        taken = {at for places in self.places.at.values() for at in places}
        for at, heading in enumerate(self.grid.heading):
            if at in taken or ranks(heading) or self.glance(at).dated < _MOSTLY:
                continue
            day = self.glance(at).days.day
            filled = sum(map(bool, self.grid.column(at)[:_LOOKED_AT]))
            before = sum(0 < a <= b for a, b, each in zip(day, due, cancelled, strict=True) if each)
            if before >= _ALMOST * count and filled <= (2 - _ALMOST) * count:
                self.places.at["cancelled_on"] = (at,)
                what = f"{heading!r} has dates in cancelled appointments only, before them"
                self.grid.quality.count(what, 1, "read as the day of cancellation")
                return

    def _lengths(self) -> None:
        """Use the start of treatment as a missing arrival, and a recorded end as a missing departure."""
        at, quality = self.places.at, self.grid.quality
        if "left" not in at and "end" in at and "left" not in self.named:
            minutes = [m for m in self.glance(at["end"][0]).days.minute if m == m]
            if minutes and sum(m % 5 == 0 for m in minutes) < _PLANNED * len(minutes):
                at["left"] = at.pop("end")
                quality.count(
                    f"{self.grid.heading[at['left'][0]]!r} is on no grid", 1, "read as the time of leaving"
                )
        if "checked_in" not in at and "started" in at and "left" in at and "checked_in" not in self.named:
            at["checked_in"] = at.pop("started")
            what = f"no time of arrival: {self.grid.heading[at['checked_in'][0]]!r}"
            quality.count(what, 1, "read as the beginning of the visit")

    def _one_kind(self) -> None:
        """Ignore a column of kinds with the same unknown word in every row: it distinguishes nothing."""
        if "kind" in self.named or "kind" not in self.places.at or self.options.kinds:
            return
        if self._of_parts(self.places.at["kind"]):
            heading = self.grid.heading[self.places.at.pop("kind")[0]]
            what = f"{heading!r} has several values for the same patient and day"
            self.grid.quality.count(what, 1, "not read as the kind of visit")
            return
        cells = {plain(each) for each in self.grid.joined(self.places.at["kind"]).words} - {""}
        if len(cells) == 1 and len(self.grid) >= FEWEST_ROWS and not cells & vocabulary.KINDS.keys():
            heading = self.grid.heading[self.places.at.pop("kind")[0]]
            self.grid.quality.count(
                f"{heading!r} has the same value in every row", 1, "every visit read as an infusion"
            )

    def _ask_kind(self) -> None:
        """Ask about a column whose heading is not known, if its words are kinds of visits.

        Without it consults would count as infusions, and visits of another type as those of the first.
        """
        if "kind" in self.named or "kind" in self.places.at:
            return
        taken = {at for places in self.places.at.values() for at in places}
        for at in range(len(self.grid.heading)):
            column = self.grid.column(at)
            if at in taken or not 2 <= len(column.words) <= _MOST_KINDS:
                continue
            means: Counter[str | None] = Counter()
            for word, rows in zip(column.words, np.bincount(column.codes).tolist(), strict=True):
                if plain(word):
                    known = vocabulary.KINDS.get(plain(word))
                    means[known or likely_words.likely_kind(word, (_ESKETAMINE,))] += rows
            several = sum(rows >= _HARDLY_A_KIND * means.total() for kind, rows in means.items() if kind) > 1
            treated = sum(means[kind] for kind in _TREATMENTS)
            if (
                several
                and means[None] <= (1 - _ALMOST) * means.total()
                and treated >= _KNOWN_SHARE * means.total()
                and not self._of_parts((at,))
            ):
                heading = self.grid.heading[at]
                shown = ", ".join(repr(word[:30]) for word in column.words[:3])
                self._problem(
                    f'{heading!r} seems to say what kind each visit is ({shown}): --column "kind={heading}" reads '
                    "it so; --column kind= if the column is about something else"
                )
                return

    def _of_parts(self, places: tuple[int, ...]) -> bool:
        """Return whether a column names parts of an appointment, as billing codes do, each in a row of its own."""
        if not {"patient", "date"} <= self.places.at.keys():
            return False
        patient = self.grid.joined(self.places.at["patient"])[:_LOOKED_AT]
        days, _ = self._when(len(patient))
        seen: dict[tuple[str, int], set[str]] = defaultdict(set)
        for name, day, kind in zip(patient, days, self.grid.joined(places), strict=False):
            if name and day:
                seen[name, day].add(kind)
        return sum(len(each) > 1 for each in seen.values()) > _PARTS * len(seen)

    def _place(self, role: str, at: int) -> None:
        self.places.at[role] = (at,)
        if role in (*NEEDED, "kind") and (again := self._twice(at)):
            heading = self.grid.heading[at]
            rule = (
                f"the heading {heading!r} occurs {len(again) + 1} times: rename the others, or give the column's "
                f"number, --column {role}=#{at + 1} for example"
            )
            self._problem(rule)

    def _missing(self) -> None:
        for name in NEEDED:
            if name in self.places.at or name in self.named:
                continue
            near = ""
            if name == "date":
                likely = [
                    at for at in range(len(self.grid.heading)) if self._dates(at) and not self._birthdays(at)
                ]
                likely = [at for at in likely if not any(at in places for places in self.places.at.values())]
                if likely and self.grid.certain:
                    best = min(likely, key=lambda at: sum(self._against(at)))
                    near = f' (perhaps --column "date={self.grid.heading[best]}")'
            if name == "patient" and any("patient" in ranks(each) for each in self.grid.heading):
                continue  # already reported: none of these columns is the patients'
            if name == "status" and self.grid.certain:
                marks = [each for each in self.grid.heading if vocabulary.marks(each) is not None]
                near = f' (perhaps --column "status={marks[0]}")' if marks else ""
            rule = f"no column for the {name} was found: name it with --column {name}=HEADING{near}"
            rule += self.grid.shown()
            self._problem(rule)

    def _once_each(self) -> None:
        taken: dict[int, str] = {}
        for name, places in self.places.at.items():
            for at in places:
                if at in taken and {taken[at], name} != {"date", "time"}:
                    rule = f"the column {self.grid.heading[at]!r} cannot be both {taken[at]} and {name}"
                    self._problem(rule)
                taken[at] = name

    def _problem(self, rule: str, suggestion: str | None = None, *, file: bool = True) -> None:
        self.places.problems.append(
            Problem(
                rule,
                file=self.grid.file if file else None,
                line=self.grid.heading_line or None if file else None,
                suggestion=suggestion,
            )
        )


def _renumbered(days_by_number: Sequence[set[int]]) -> str:
    """Return the calendar periods at whose beginning all numbers are new; empty if there are none.

    A patient's visits go on across the end of a month. About as many patients have visits before and after it as
    before and after a day one week earlier or later; the fewer of these two are expected, since a clinic that has
    just opened, or an export that ends soon, has few.

    >>> _renumbered([{day, day + 10} for start in range(738886, 739586, 30) for day in range(start, start + 12)])
    ''
    """
    begins = np.array([min(days) for days in days_by_number], dtype=np.int64)
    ends = np.array([max(days) for days in days_by_number], dtype=np.int64)

    def going_on(day: int) -> int:
        return int(((begins < day) & (ends >= day)).sum())

    for name, months in (("months", 1), ("quarters", 3), ("years", 12)):
        first, last = _period(int(begins.min()), months), _period(int(ends.max()), months)
        starts = [
            dt.date(at * months // 12, at * months % 12 + 1, 1).toordinal()
            for at in range(first + 1, last + 1)
        ]
        expected = sum(min(going_on(day - 7), going_on(day + 7)) for day in starts)
        if expected >= _FEWEST_CROSSINGS and sum(map(going_on, starts)) <= _HARDLY_ANY * expected:
            return name
    return ""


def _period(day: int, months: int) -> int:
    date = dt.date.fromordinal(day)
    return (12 * date.year + date.month - 1) // months
