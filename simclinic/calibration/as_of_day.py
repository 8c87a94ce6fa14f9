"""Which day an export was made on, and what a status means before and after it.

Many systems give every appointment the same status until somebody changes it: "Show" of a day to come is a booking.
And "Scheduled" of a day in the past is an appointment that nobody closed: what came of it is asked.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping

import numpy as np

from simclinic.arrays import Bools, Integers
from simclinic.calibration import vocabulary
from simclinic.calibration.answers import apply_answers, parse_answers
from simclinic.calibration.codes import BOOKED, CANCELLED, COMPLETED, NO_SHOW
from simclinic.calibration.export import ExportTable
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem

_BELIEVED = 0.5
"""Share of the completed visits that lie before this machine's day, if its clock is to be believed."""
_TIMED = 0.8
"""Share of completed visits with times from which one without is odd."""
_BY_CHANCE = 1e-8
"""Probability below which so few visits at an export's end are no chance."""
_USUAL_DAYS = 91
"""Days before, from which the usual number of visits on a weekday is taken."""
_BOOKED_AHEAD, _AHEAD_UNSURE = 84, 28
"""Days at the end that may be bookings; fewer where the export has no no-show to tell them from visits."""
_FEW, _SHARE = 5, 0.01
"""Appointments that were never closed are asked about from this number and this share of the past ones on."""
_LINES = 5


def _now() -> int:
    return dt.date.today().toordinal()


def _date(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()


def find_as_of(
    table: ExportTable, day: Integers, outcome: Integers, keep: Bools, said: dt.date | None, quality: Quality
) -> int:
    """Give the first day that is still to come, a number of the calendar.

    By default it is the day after the last completed visit. Days that are still to come on this machine's calendar
    never move it, and neither do rows at the end that look like bookings.

    Parameters
    ----------
    table
        The export.
    day, outcome, keep
        Of each row; `keep` of those that count.
    said
        What somebody says.
    quality
        Takes note.

    Raises
    ------
    ExportError
        If no visit was completed, or it cannot be told where the past ends.
    """
    done = keep & (outcome == COMPLETED)
    if said is not None:
        if not (done & (day < said.toordinal())).any():
            _ask_what_took_place(table, outcome, keep & (day < said.toordinal()))
            raise _nothing(table, f" before {said}")
        return said.toordinal()
    if not done.any():
        _ask_what_took_place(table, outcome, keep)
        raise _nothing(table, "")
    past = done & (day <= _now())
    if past.sum() < _BELIEVED * done.sum():
        past = done
    timed = _with_times(table)
    if (past & timed).sum() >= _TIMED * past.sum():
        last_timed = int(day[past & timed].max())
        beyond = past & (day > last_timed)
        if (1 - _TIMED) ** int(beyond.sum()) < _BY_CHANCE:
            told = "rows at the end that are completed, but have no times"
            quality.note(told, np.array(table.line)[beyond].tolist(), "taken for appointments to come")
            past &= ~beyond
    last = int(day[past].max())
    _ask_for_today(table, day, outcome, keep, past, last)
    return last + 1


def _nothing(table: ExportTable, before: str) -> ExportError:
    rule = f"has no completed visit{before}: nothing can be learnt from it"
    return ExportError([Problem(rule, file=table.name)])


def _with_times(table: ExportTable) -> Bools:
    """Tell which rows have a time of arrival or of leaving."""
    found = np.zeros(len(table.line), dtype=bool)
    for name in ("checked_in", "started", "left"):
        if name in table.columns:
            found |= table.columns[name].filled()
    return found


def _ask_what_took_place(table: ExportTable, outcome: Integers, keep: Bools) -> None:
    """Ask about an export in which nothing is completed, but much is booked."""
    booked = keep & (outcome == BOOKED)
    if not booked.any():
        return
    said = _words(table, booked)
    word = re.sub(r"\s+", " ", next(iter(said)))
    rule = (
        f"no row says that a visit took place; {table.headings['status']!r} says {_listed(said)} of "
        f"{int(keep.sum()):,} rows. If those of the past took place, say so, and on which day the export was made: "
        f'--status "{word}=completed" --as-of DATE; those to come stay booked.{_shares(outcome, keep, booked)}'
    )
    raise ExportError([Problem(rule, file=table.name)])


def _words(table: ExportTable, which: Bools) -> Counter[str]:
    counts = Counter(table.columns["status"][at] for at in np.flatnonzero(which).tolist())
    return Counter(dict(counts.most_common()))


def _listed(said: Mapping[str, int]) -> str:
    told = [f"{word[:40]!r} in {count:,}" for word, count in list(said.items())[:_LINES]]
    return " and ".join(told)


def _shares(outcome: Integers, keep: Bools, unclear: Bools) -> str:
    """Say how many were missed if the unclear ones were visits, were missed, or are left out."""
    missed, late = (int((keep & (outcome == code)).sum()) for code in (NO_SHOW, CANCELLED))
    n, done = int(unclear.sum()), int((keep & (outcome == COMPLETED)).sum())
    due = missed + late + done
    told = [f" As completed, no-shows are {100 * missed / (due + n):.1f} % of those due"]
    told.append(f"as no-show {100 * (missed + n) / (due + n):.1f} %")
    if done:
        told.append(f"left out {100 * missed / due:.1f} %")
    return "; ".join(told)


def _ask_for_today(
    table: ExportTable, day: Integers, outcome: Integers, keep: Bools, past: Bools, last: int
) -> None:
    """Ask for the day of the export, if its last weeks look like bookings that count as visits.

    Bookings thin out with every week, and none of them is a no-show. An export with more bookings behind its last
    visit than such rows tells them apart, and is not asked about.
    """
    from scipy import special

    beyond = int((keep & (outcome == BOOKED) & (day > last)).sum())
    no_shows = day[keep & (outcome == NO_SHOW)]
    first = int(day[past].min())
    ahead = _BOOKED_AHEAD if no_shows.size else _AHEAD_UNSURE
    begin = max(int(no_shows.max(initial=0)) + 1, last - ahead, first + 56)
    count = np.bincount(day[past] - first, minlength=last - first + 1)
    weekday = (first - 1 + np.arange(len(count))) % 7
    best, since, came, usual = 1.0, 0, 0, 0.0
    for start in range(begin, last + 1):
        before = slice(max(0, start - first - _USUAL_DAYS), start - first)
        expected = np.array(
            [count[before][weekday[before] == each].mean() for each in range(7)],
        )
        tail = np.arange(start - first, len(count))
        weeks = (first - 1 + tail) // 7
        seen = np.isin(weeks, weeks[count[tail] > 0])
        mean, total = float(expected[weekday[tail[seen]]].sum()), int(count[tail].sum())
        chance = float(special.pdtr(total, mean)) if mean > total else 1.0
        if chance < best:
            best, since, came, usual = chance, start, total, mean
    if best < _BY_CHANCE and beyond < came:
        latest = (
            f"after {_date(int(no_shows.max()))}, the last day with a no-show, and " if no_shows.size else ""
        )
        rule = (
            f"from {_date(since)} on, {came} rows count as completed visits where about {usual:.0f} are usual, and "
            "none is a no-show: they look like appointments to come. Say with --as-of DATE on which day the export "
            f"was made: {latest}probably not after {_date(since)}. --as-of {_date(last + 1)} says that all of them "
            "took place"
        )
        raise ExportError([Problem(rule, file=table.name)])


def future_as_booked(table: ExportTable, outcome: Integers, to_come: Bools, quality: Quality) -> Integers:
    """Give the outcomes, with visits "completed" on a day to come as bookings.

    Unless the export shows what became of these days: a no-show or a time of arrival among them says that it was
    made later, and then they are no bookings.
    """
    done = to_come & (outcome == COMPLETED)
    seen = (to_come & (outcome == NO_SHOW)).any() or (done & _with_times(table)).any()
    if not done.any() or seen:
        return outcome
    quality.note(
        "appointments to come whose status is that of a visit",
        np.array(table.line)[done].tolist(),
        "booked: a day to come has no visits yet",
    )
    return np.where(done, BOOKED, outcome)


def ask_about_unclosed(
    table: ExportTable,
    day: Integers,
    outcome: Integers,
    keep: Bools,
    as_of: int,
    said: Mapping[str, str] | None,
    quality: Quality,
) -> None:
    """Ask about appointments of the past that nobody closed; those of the export's own day may still have come.

    Parameters
    ----------
    table
        The export.
    day, outcome, keep
        Of each row.
    as_of
        The first day to come.
    said
        Answers for the status: a word that is said to mean "booked" is not asked about.
    quality
        Takes a warning where they are few.

    Raises
    ------
    ExportError
        If they are many.
    """
    past = keep & (day < as_of)
    unclear = past & (outcome == BOOKED) & (day < as_of - 1)
    explained = [each for each in parse_answers(said or {}) if each.meaning == vocabulary.BOOKED]
    if explained:
        by_hand = apply_answers(table.columns["status"], explained, {}, table.by_heading)
        unclear &= ~np.array([meaning is not None for meaning in by_hand])
    count = int(unclear.sum())
    if not count:
        return
    found = _words(table, unclear)
    lines = ", ".join(str(line) for line in np.array(table.line)[unclear][:_LINES].tolist())
    told = (
        f"{table.headings['status']!r} says {_listed(found)} of {int(past.sum()):,} rows before {_date(as_of)} "
        f"(lines {lines}{' and more' if count > _LINES else ''}): nobody closed them"
    )
    word = next(iter(found))
    how = (
        f'--status "{word}=completed" if they took place (those to come stay booked), no-show if nobody came, '
        "booked to leave them out"
    )
    if count >= _FEW and count >= _SHARE * past.sum():
        shares = _shares(outcome, past, unclear)
        raise ExportError([Problem(f"{told}. Say what became of them: {how}.{shares}", file=table.name)])
    quality.warn(f"{told}, and they are left out. What became of them? {how}")
