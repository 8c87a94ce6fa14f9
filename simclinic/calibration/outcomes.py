"""Outcomes of appointments, from the status, from yes/no columns, and from the date of cancellation.

The status alone is not enough where a system closes every appointment as completed and marks missed ones in
another column, or where it does not distinguish a cancellation a week ahead, which costs the clinic nothing,
from one on the same day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from simclinic.calibration import likely_words, vocabulary
from simclinic.calibration.answers import Answer, apply_answers, column_of, no_such_column, parse_answers
from simclinic.calibration.dates import Days
from simclinic.calibration.export import ExportTable
from simclinic.calibration.quality import Quality
from simclinic.calibration.questions import ask
from simclinic.calibration.text import ExportError, plain
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_DAY = 1440.0
_NOON = 720.0
_FEWEST_BY_REASON = 5
"""Cancellations that another column calls no-shows, from which the user is asked."""


def meanings(
    table: ExportTable, what: str, texts: Mapping[str, str], quality: Quality, types: Sequence[str] = ()
) -> list[str]:
    """Return the meaning of each row's status or kind.

    Parameters
    ----------
    table
        The export.
    what
        "status" or "kind", a column of the export.
    texts
        The user's answers; see :mod:`simclinic.calibration.answers`.
    quality
        Receives notes on yes/no columns.
    types
        The types of visit that a kind may mean.

    Raises
    ------
    ExportError
        With all unknown words.
    """
    cells, heading = table.columns[what], table.headings[what]
    allowed = vocabulary.meanings(what, types)
    answers = parse_answers(texts)
    problems = []
    for answer in answers:
        if answer.meaning not in allowed:
            rule = f"--{what} {answer.text!r}: must mean {', '.join(allowed[:-1])} or {allowed[-1]}"
            if what == "kind" and len(allowed) == len(vocabulary.MEANINGS[what]):
                rule += (
                    "; another type of visit must be that of a protocol: give a scenario that has one with "
                    "--scenario, such as scenarios/iv-and-esketamine.toml"
                )
            near = nearest(answer.meaning, allowed)
            problems.append(Problem(rule, value=repr(answer.meaning), suggestion=near))
        if answer.column and column_of(answer.column, table.by_heading) is None:
            problems.append(
                no_such_column(f"--{what} {answer.text!r}", answer.column, table.by_heading, table.name)
            )
    found = apply_answers(cells, answers, known_words(table, what, types), table.by_heading)
    problems += ask(cells, table.line, found, what=what, heading=heading, file=table.name, types=types)
    if what == "status":
        problems += _missed_by_reason(table, found, answers)
    if problems:
        raise ExportError(problems)
    result = [meaning or "" for meaning in found]
    if what == "status":
        _apply_flags(table, result, answers, quality)
    return result


def known_words(table: ExportTable, what: str, types: Sequence[str] = ()) -> Mapping[str, str]:
    """Return the meanings of words that need no answer in an export.

    A plain "Cancelled" beside a "Late Cancel" may be a cancellation in time, which is asked about, unless a column
    says when appointments were cancelled.
    """
    words = vocabulary.known_words(what, table.headings[what], types)
    if what != "status" or "cancelled_on" in table.columns:
        return words
    there = set(table.columns[what])
    late = any(likely_words.is_late(cell) for cell in there)
    plain_ones = {plain(cell) for cell in there if not likely_words.is_late(cell)}
    return {
        word: meaning
        for word, meaning in words.items()
        if not (late and meaning == vocabulary.CANCELLED and word in plain_ones)
    }


def _missed_by_reason(
    table: ExportTable, found: Sequence[str | None], answers: Sequence[Answer]
) -> list[Problem]:
    """Ask about cancellations that another column calls no-shows, as systems do that have one status for both."""
    mentioned = {column_of(answer.column, table.by_heading) for answer in answers if answer.column}
    problems = []
    for heading, cells in table.by_heading.items():
        if heading in table.headings.values() or heading in mentioned:
            continue
        missed = {cell for cell in set(cells) if vocabulary.STATUSES.get(plain(cell)) == vocabulary.NO_SHOW}
        rows = [
            at
            for at, (cell, meaning) in enumerate(zip(cells, found, strict=True))
            if cell in missed and meaning == vocabulary.CANCELLED
        ]
        if len(rows) < _FEWEST_BY_REASON:
            continue
        status, word = table.columns["status"][rows[0]], cells[rows[0]]
        rule = (
            f"{heading!r} says {word!r} in {len(rows):,} rows whose {table.headings['status']!r} means a "
            f'cancellation: --status "{status}[{heading}={word}]=no-show" counts them as no-shows, =cancelled '
            "as cancellations"
        )
        problems.append(Problem(rule, file=table.name, line=table.line[rows[0]]))
    return problems


def _apply_flags(table: ExportTable, status: list[str], answers: list[Answer], quality: Quality) -> None:
    """Let yes/no columns correct the status in place: they are more exact than a status that a system sets."""
    mentioned = {column_of(answer.column, table.by_heading) for answer in answers if answer.column}
    for heading, cells in table.by_heading.items():
        if heading in table.headings.values() or heading in mentioned:
            continue
        flag = vocabulary.read_flag_column(heading, cells)
        if flag is None:
            continue
        meaning, yes = flag
        changed = []
        if likely_words.is_late(heading) and any(
            marked and status[at] == vocabulary.CANCELLED for at, marked in enumerate(yes)
        ):
            early = [at for at, marked in enumerate(yes) if not marked and status[at] == vocabulary.CANCELLED]
            for at in early:
                status[at] = vocabulary.IN_TIME
            lines = [table.line[at] for at in early]
            quality.note(
                f"cancellations that {heading!r} does not mark", lines, "left out: they were in time"
            )
        for at, marked in enumerate(yes):
            if marked and status[at] == vocabulary.COMPLETED:
                status[at] = meaning
                changed.append(table.line[at])
        quality.note(f"completed visits that {heading!r} marks as {meaning}", changed, f"count as {meaning}")


def early_cancellations(
    table: ExportTable, status: list[str], due: Days, cancelled: Days, notice_days: float, quality: Quality
) -> list[bool]:
    """Find cancellations in time: earlier than the scenario's notice, so that the start could be booked again.

    Parameters
    ----------
    table
        The export.
    status
        Meaning of each row's status.
    due, cancelled
        Times of the appointments, and of their cancellations.
    notice_days
        The scenario's `attendance.cancel_notice_days`, days of 24 hours.
    quality
        Receives notes.
    """
    early = [False] * len(status)
    in_time, unknown, after, by_day = [], [], [], 0
    for at, meaning in enumerate(status):
        if meaning != vocabulary.CANCELLED or not due.day[at]:
            continue
        line = table.line[at]
        if not cancelled.day[at]:
            unknown.append(line)
            continue
        minute = cancelled.minute[at]
        lead = (due.day[at] - cancelled.day[at]) * _DAY
        # Noon is the middle of a day, and about that of the clinic's day.
        by_day += math.isnan(minute)
        lead += _or_noon(due.minute[at]) - _or_noon(minute)
        if lead < 0:
            after.append(line)
        early[at] = lead > notice_days * _DAY
        if early[at]:
            in_time.append(line)
    heading = table.headings["cancelled_on"]
    notice = f"{notice_days:g} day{'' if notice_days == 1 else 's'} (attendance.cancel_notice_days)"
    quality.note(
        f"cancellations more than {notice} ahead, by {heading!r}",
        in_time,
        "left out: the start was free again in time",
    )
    quality.note(f"cancellations without a date in {heading!r}", unknown, "counted as late")
    quality.note("cancellations entered after the appointment", after, "counted as late")
    quality.count("cancellations of which only the day is known", by_day, "assumed at noon")
    return early


def _or_noon(minute: float) -> float:
    return _NOON if math.isnan(minute) else minute
