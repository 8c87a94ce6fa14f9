"""What came of an appointment, by its row of the export: status, columns of yes and no, when it was cancelled.

The status alone is not enough where a system closes every appointment as completed and marks the missed ones in a
column of their own, or where it does not tell a cancellation a week ahead, which costs the clinic nothing, from one
on the same day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from simclinic.calibration import vocabulary
from simclinic.calibration.answers import Answer, apply_answers, column_of, no_such_column, parse_answers
from simclinic.calibration.dates import Days
from simclinic.calibration.export import ExportTable
from simclinic.calibration.quality import Quality
from simclinic.calibration.questions import ask
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_DAY = 1440.0
_NOON = 720.0


def meanings(table: ExportTable, what: str, said: Mapping[str, str], quality: Quality) -> list[str]:
    """Tell what each row's status or kind means.

    Parameters
    ----------
    table
        The export.
    what
        "status" or "kind": a column that is there.
    said
        What somebody says words mean; see :mod:`simclinic.calibration.answers`.
    quality
        Takes note of columns of yes and no, and of answers that no row needs.

    Raises
    ------
    ExportError
        With everything that is not known.
    """
    cells, heading = table.columns[what], table.headings[what]
    allowed = vocabulary.MEANINGS[what]
    answers = parse_answers(said)
    problems = []
    for each in answers:
        if each.meaning not in allowed:
            rule = f"--{what} {each.said!r}: must mean {', '.join(allowed[:-1])} or {allowed[-1]}"
            near = nearest(each.meaning, allowed)
            problems.append(Problem(rule, value=repr(each.meaning), suggestion=near))
        if each.column and column_of(each.column, table.by_heading) is None:
            problems.append(
                no_such_column(f"--{what} {each.said!r}", each.column, table.by_heading, table.name)
            )
    found = apply_answers(cells, answers, vocabulary.known_words(what, heading), table.by_heading)
    problems += ask(cells, table.line, found, what=what, heading=heading, file=table.name)
    if problems:
        raise ExportError(problems)
    meant = [each or "" for each in found]
    if what == "status":
        _flags(table, meant, answers, quality)
    return meant


def _flags(table: ExportTable, meant: list[str], answers: list[Answer], quality: Quality) -> None:
    """Let a column of yes and no correct the status: it is more exact than a status that is set by itself."""
    mentioned = {column_of(each.column, table.by_heading) for each in answers if each.column}
    for heading, cells in table.by_heading.items():
        if heading in table.headings.values() or heading in mentioned:
            continue
        flag = vocabulary.read_flag_column(heading, cells)
        if flag is None:
            continue
        meaning, yes = flag
        changed = []
        for at, marked in enumerate(yes):
            if marked and meant[at] == vocabulary.COMPLETED:
                meant[at] = meaning
                changed.append(table.line[at])
        quality.note(f"completed visits that {heading!r} marks as {meaning}", changed, f"count as {meaning}")


def early_cancellations(
    table: ExportTable, meant: list[str], due: Days, cancelled: Days, notice_days: float, quality: Quality
) -> list[bool]:
    """Tell which cancellations came in time: earlier than the scenario's notice, so that the start was free again.

    Parameters
    ----------
    table
        The export.
    meant
        What each row's status means.
    due, cancelled
        When the appointments were, and when they were cancelled.
    notice_days
        The scenario's `attendance.cancel_notice_days`, days of 24 hours.
    quality
        Takes note.
    """
    early = [False] * len(meant)
    in_time, unknown, after, by_day = [], [], [], 0
    for at, meaning in enumerate(meant):
        if meaning != vocabulary.CANCELLED or not due.day[at]:
            continue
        line = table.line[at]
        if not cancelled.day[at]:
            unknown.append(line)
            continue
        told = cancelled.minute[at]
        lead = (due.day[at] - cancelled.day[at]) * _DAY
        # Of a day alone noon is the middle; so is the middle of the clinic's day.
        by_day += math.isnan(told)
        lead += _minute(due.minute[at]) - _minute(told)
        if lead < 0:
            after.append(line)
        early[at] = lead > notice_days * _DAY
        if early[at]:
            in_time.append(line)
    heading = table.headings["cancelled_on"]
    told_notice = f"{notice_days:g} day{'' if notice_days == 1 else 's'} (attendance.cancel_notice_days)"
    quality.note(
        f"cancellations more than {told_notice} ahead, by {heading!r}",
        in_time,
        "left out: the start was free again in time",
    )
    quality.note(f"cancellations without a date in {heading!r}", unknown, "counted as late")
    quality.note("cancellations entered after the appointment", after, "counted as late")
    quality.count("cancellations of which only the day is known", by_day, "taken to have come at noon")
    return early


def _minute(minute: float) -> float:
    return _NOON if math.isnan(minute) else minute
