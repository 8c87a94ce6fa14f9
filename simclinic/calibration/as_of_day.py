"""The as-of day of an export, and the meaning of a status before and after it.

Many systems give every appointment the same status until a user changes it: "Show" on a future day is a
booking, and "Scheduled" on a past day is an appointment that was never closed, whose outcome the user is asked
for.
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
from simclinic.calibration.open_days import REGULAR, worked_shares
from simclinic.calibration.periods import Periods
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem
from simclinic.scenario import Scenario

_BELIEVED = 0.5
"""Share of completed visits on or before this machine's date from which its clock is trusted."""
_TIMED = 0.8
"""Share of completed visits with times from which a completed visit without is suspect."""
_BY_CHANCE = 1e-8
"""Probability below which so few visits at an export's end are not due to chance."""
_USUAL_DAYS = 91
"""Preceding days from which the usual number of visits on a weekday is computed."""
_BOOKED_AHEAD, _AHEAD_UNSURE = 84, 28
"""Days at the end that may be bookings; fewer without no-shows, which distinguish visits from bookings."""
_WEEKS, _VISITS = 8, 50
"""Weeks and visits from which a weekday without any visit is closed, whatever the base scenario says."""
_FEW, _SHARE = 5, 0.01
"""Number of appointments never closed, and share of past appointments, from which the user is asked."""
_LINES = 5


def _now() -> int:
    return dt.date.today().toordinal()


def _date(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()


def find_as_of(
    table: ExportTable, day: Integers, outcome: Integers, keep: Bools, given: dt.date | None, quality: Quality
) -> int:
    """Find the first future day of an export, an ordinal.

    Without a given day it is the day after the last completed visit. Visits on days that are in the future for this
    machine do not move it, and neither do rows at the end that look like bookings.

    Parameters
    ----------
    table
        The export.
    day, outcome, keep
        Day and outcome of each row, and whether it counts.
    given
        The as-of day that the user gives; None without one.
    quality
        Receives notes.

    Raises
    ------
    ExportError
        If no visit was completed, or the end of the past cannot be determined.
    """
    done = keep & (outcome == COMPLETED)
    if given is not None:
        if not (done & (day < given.toordinal())).any():
            _ask_for_outcomes(table, outcome, keep & (day < given.toordinal()))
            raise _nothing(table, f" before {given}")
        return given.toordinal()
    if not done.any():
        _ask_for_outcomes(table, outcome, keep)
        raise _nothing(table, "")
    past = done & (day <= _now())
    if past.sum() < _BELIEVED * done.sum():
        past = done
    timed = _with_times(table)
    if (past & timed).sum() >= _TIMED * past.sum():
        last_timed = int(day[past & timed].max())
        beyond = past & (day > last_timed)
        if (1 - _TIMED) ** int(beyond.sum()) < _BY_CHANCE:
            what = "rows at the end that are completed, but have no times"
            quality.note(what, np.array(table.line)[beyond].tolist(), "read as future appointments")
            past &= ~beyond
    last = int(day[past].max())
    _ask_for_as_of(table, day, outcome, keep, past, last)
    return last + 1


def first_open_day(
    as_of: int,
    day: Integers,
    outcome: Integers,
    keep: Bools,
    left_out: Periods,
    base: Scenario,
) -> int:
    """Find the first day on or after the as-of day on which the clinic is open, an ordinal.

    Weeks that begin on the day after a Friday's visits would run from Saturday to Friday. The
    closed days up to the next opening belong to the export: it shows all that happened on them. A day with any
    appointment is open, and so is a weekday that is regularly worked, holidays included. Another weekday is closed
    if the base scenario is idle on it, or if the scenario opens on it and an export of some length has no visit on
    it.

    Parameters
    ----------
    as_of
        The day after the last completed visit.
    day, outcome, keep
        Day and outcome of each row, and whether it counts.
    left_out
        Periods that do not count.
    base
        The base scenario.

    Returns
    -------
    int
        `as_of` itself if no day of the week after it is open.
    """
    done = keep & (outcome == COMPLETED) & (day < as_of)
    first = int(day[keep & (day < as_of)].min())
    visited = np.bincount(day[done] - first, minlength=as_of - first) > 0
    counted = ~left_out.hold(first + np.arange(as_of - first))
    shares = worked_shares(visited, counted, first)
    enough = int(counted.sum()) >= 7 * _WEEKS and int(done.sum()) >= _VISITS
    for number in range(as_of, as_of + 7):
        share = float(shares[(number - 1) % 7])
        date = dt.date.fromordinal(number)
        situation = base.at(date)
        never = enough and share == 0.0 and situation.clinic.usual(date) is not None
        closed = never or (share < REGULAR and situation.idle(date))
        if not closed or (keep & (day == number)).any():
            return number
    return as_of


def _nothing(table: ExportTable, before: str) -> ExportError:
    rule = f"has no completed visit{before}, so that nothing can be estimated from it"
    return ExportError([Problem(rule, file=table.name)])


def _with_times(table: ExportTable) -> Bools:
    """Return whether each row has a time of arrival, start or departure."""
    timed = np.zeros(len(table.line), dtype=bool)
    for name in ("checked_in", "started", "left"):
        if name in table.columns:
            timed |= table.columns[name].filled()
    return timed


def _ask_for_outcomes(table: ExportTable, outcome: Integers, keep: Bools) -> None:
    """Ask about an export in which rows are booked, but none is completed."""
    booked = keep & (outcome == BOOKED)
    if not booked.any():
        return
    counts = _words(table, booked)
    word = re.sub(r"\s+", " ", next(iter(counts)))
    rule = (
        f"no row says that a visit took place; {table.headings['status']!r} says {_listed(counts)} of "
        f"{int(keep.sum()):,} rows. If the past ones took place, say so, and give the day on which the export was "
        f'made: --status "{word}=completed" --as-of DATE; future ones stay booked.{_shares(outcome, keep, booked)}'
    )
    raise ExportError([Problem(rule, file=table.name)])


def _words(table: ExportTable, which: Bools) -> Counter[str]:
    counts = Counter(table.columns["status"][at] for at in np.flatnonzero(which).tolist())
    return Counter(dict(counts.most_common()))


def _listed(counts: Mapping[str, int]) -> str:
    return " and ".join(f"{word[:40]!r} in {count:,}" for word, count in list(counts.items())[:_LINES])


def _shares(outcome: Integers, keep: Bools, unclear: Bools) -> str:
    """Describe the share of no-shows if the unclear rows are completed, are no-shows, or are left out."""
    missed, late = (int((keep & (outcome == code)).sum()) for code in (NO_SHOW, CANCELLED))
    n, done = int(unclear.sum()), int((keep & (outcome == COMPLETED)).sum())
    due = missed + late + done
    parts = [f" As completed, no-shows are {100 * missed / (due + n):.1f} % of those due"]
    parts.append(f"as no-show {100 * (missed + n) / (due + n):.1f} %")
    if done:
        parts.append(f"left out {100 * missed / due:.1f} %")
    return "; ".join(parts)


def _ask_for_as_of(
    table: ExportTable, day: Integers, outcome: Integers, keep: Bools, past: Bools, last: int
) -> None:
    """Ask for the as-of day if the last weeks look like bookings that count as visits.

    Bookings thin out from week to week, and none of them is a no-show. An export with more bookings after its last
    visit than there are such rows distinguishes the two, and raises no question.
    """
    from simclinic.ufuncs import special

    beyond = int((keep & (outcome == BOOKED) & (day > last)).sum())
    no_shows = day[keep & (outcome == NO_SHOW)]
    first = int(day[past].min())
    ahead = _BOOKED_AHEAD if no_shows.size else _AHEAD_UNSURE
    begin = max(int(no_shows.max(initial=0)) + 1, last - ahead, first + 56)
    count = np.bincount(day[past] - first, minlength=last - first + 1)
    weekday = (first - 1 + np.arange(len(count))) % 7
    best, since, observed, usual = 1.0, 0, 0, 0.0
    for start in range(begin, last + 1):
        before = slice(max(0, start - first - _USUAL_DAYS), start - first)
        expected = np.array(
            [count[before][weekday[before] == number].mean() for number in range(7)],
        )
        tail = np.arange(start - first, len(count))
        weeks = (first - 1 + tail) // 7
        seen = np.isin(weeks, weeks[count[tail] > 0])
        mean, total = float(expected[weekday[tail[seen]]].sum()), int(count[tail].sum())
        chance = float(special.pdtr(total, mean)) if mean > total else 1.0
        if chance < best:
            best, since, observed, usual = chance, start, total, mean
    if best < _BY_CHANCE and beyond < observed:
        latest = (
            f"after {_date(int(no_shows.max()))}, the last day with a no-show, and " if no_shows.size else ""
        )
        rule = (
            f"from {_date(since)} on, {observed} rows count as completed visits where about {usual:.0f} are usual, "
            "and none is a no-show: they look like future appointments. Give the day on which the export was made "
            f"with --as-of DATE: {latest}probably not after {_date(since)}. If all of them took place, use "
            f"--as-of {_date(last + 1)}"
        )
        raise ExportError([Problem(rule, file=table.name)])


def future_as_booked(table: ExportTable, outcome: Integers, to_come: Bools, quality: Quality) -> Integers:
    """Return the outcomes, with visits "completed" on a future day as bookings.

    A no-show or a time of arrival on these days shows that the export was made later; then they are no
    bookings, and nothing changes.
    """
    done = to_come & (outcome == COMPLETED)
    seen = (to_come & (outcome == NO_SHOW)).any() or (done & _with_times(table)).any()
    if not done.any() or seen:
        return outcome
    quality.note(
        "future appointments with the status of a visit",
        np.array(table.line)[done].tolist(),
        "booked: a future day has no visits yet",
    )
    return np.where(done, BOOKED, outcome)


def ask_about_unclosed(
    table: ExportTable,
    day: Integers,
    outcome: Integers,
    keep: Bools,
    as_of: int,
    given: Mapping[str, str] | None,
    quality: Quality,
) -> None:
    """Ask about past appointments that were never closed; on the export's last day they may still take place.

    Parameters
    ----------
    table
        The export.
    day, outcome, keep
        Day and outcome of each row, and whether it counts.
    as_of
        The first future day.
    given
        The user's answers for the status: a word that is said to mean "booked" raises no question.
    quality
        Receives a warning where they are few.

    Raises
    ------
    ExportError
        If they are many.
    """
    past = keep & (day < as_of)
    unclear = past & (outcome == BOOKED) & (day < as_of - 1)
    explained = [answer for answer in parse_answers(given or {}) if answer.meaning == vocabulary.BOOKED]
    if explained:
        by_hand = apply_answers(table.columns["status"], explained, {}, table.by_heading)
        unclear &= ~np.array([meaning is not None for meaning in by_hand])
    count = int(unclear.sum())
    if not count:
        return
    counts = _words(table, unclear)
    lines = ", ".join(str(line) for line in np.array(table.line)[unclear][:_LINES].tolist())
    message = (
        f"{table.headings['status']!r} says {_listed(counts)} of {int(past.sum()):,} rows before {_date(as_of)} "
        f"(lines {lines}{' and more' if count > _LINES else ''}): these appointments were never closed"
    )
    word = next(iter(counts))
    remedy = (
        f'--status "{word}=completed" if they took place (future ones stay booked), no-show if the patients '
        "did not come, booked to leave them out"
    )
    if count >= _FEW and count >= _SHARE * past.sum():
        shares = _shares(outcome, past, unclear)
        raise ExportError([Problem(f"{message}. Give their outcome: {remedy}.{shares}", file=table.name)])
    quality.warn(f"{message}, and they are left out. To give their outcome: {remedy}")
