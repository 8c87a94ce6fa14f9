"""An export interpreted: patients, days and outcomes of its appointments as numbers.

Dates are read, words are given their meaning, and rows that cannot be right are left out and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simclinic.arrays import Bools, Integers
from simclinic.calibration import as_of_day, losses, outcomes, vocabulary
from simclinic.calibration.cells import Cells
from simclinic.calibration.codes import (
    BOOKED,
    CANCELLED,
    COMPLETED,
    CONSULT,
    FOLLOW_UP,
    IGNORED,
    IN_TIME,
    NO_INFUSION,
    NO_SHOW,
    STATUS,
)
from simclinic.calibration.dates import Days, read_days
from simclinic.calibration.duplicates import without_duplicates
from simclinic.calibration.export import ExportTable, read_export
from simclinic.calibration.held import Source
from simclinic.calibration.losses import LostRows
from simclinic.calibration.options import Options
from simclinic.calibration.periods import Periods
from simclinic.calibration.prices import amounts, prices_of_visits
from simclinic.calibration.quality import Quality
from simclinic.calibration.text import ExportError
from simclinic.calibration.types import read_kind, visit_types
from simclinic.calibration.visit_lengths import minutes_of_visits
from simclinic.calibration.visits import Visits
from simclinic.errors import Problem
from simclinic.scenario import Scenario
from simclinic.scenario.protocols import INFUSION

_FAR, _FEW = 366, 0.02
"""Days from all other dates, and the largest share of visits, up to which such a date is a typing error."""


@dataclass(frozen=True)
class InterpretedExport:
    """An export, interpreted.

    Attributes
    ----------
    visits
        Its appointments for infusions and other treatment.
    consults
        Its appointments for consults, of the same patients and days; their kind is CONSULT or FOLLOW_UP.
    quality
        The report on its quality.
    table
        The table of text, with encoding, delimiter and headings.
    date_order
        The order of day, month and year, in words.
    rows, patients
        Numbers of rows and of patients in the file.
    has_kind, has_times
        Whether there is a column of kinds, and whether there are check-in and check-out.
    """

    visits: Visits
    consults: Visits
    quality: Quality
    table: ExportTable
    date_order: str
    rows: int
    patients: int
    has_kind: bool
    has_times: bool


def interpret(
    path: Source,
    options: Options,
    *,
    notice_days: float = 1.0,
    base: Scenario | None = None,
    types: Scenario | None = None,
) -> InterpretedExport:
    """Read an export and interpret its rows.

    Parameters
    ----------
    path, options
        The export, and the user's statements about it.
    notice_days
        Days of 24 hours: earlier cancellations are in time, where the export dates them.
    base
        The clinic's scenario. With it, closed days after the last visit belong to the export, unless the user gives
        the as-of day.
    types
        The scenario with the types of visit that a kind may mean, if it is not `base`.

    Raises
    ------
    ExportError
        If a column is missing, a word unknown, or dates cannot be read; with all problems.
    """
    table = read_export(path, options)
    columns, lines, quality, days = table.columns, table.line, table.quality, table.days
    problems = list(table.problems)
    status: list[str] = []
    kinds: list[str] = [vocabulary.UNSAID] * len(lines)
    typed = base if types is None else types
    named = {INFUSION: INFUSION} if typed is None else visit_types(typed)
    for what, answers in (("status", options.statuses), ("kind", options.kinds)):
        if what not in columns:
            if answers:
                problems.append(
                    Problem(f"--{what} needs a column for the {what}: there is none", file=table.name)
                )
            continue
        if what == "kind" and typed is not None and typed.intake.visit is not None:
            own = typed.intake.visit
            answers = {
                word: vocabulary.CONSULT if meaning == own else meaning
                for word, meaning in (answers or {}).items()
            }
        try:
            meanings = outcomes.meanings(table, what, answers or {}, quality, list(named))
        except ExportError as error:
            problems += error.problems
            continue
        if what == "status":
            status = meanings
        else:
            kinds = meanings
    if problems or days is None:
        raise ExportError(problems)
    if "cancelled_on" in columns:
        status = _without_early_cancellations(table, days, status, notice_days, quality)
    codes = {meaning: read_kind(meaning, named) for meaning in set(kinds)}
    stated = np.array([codes[meaning] for meaning in kinds], dtype=np.int64).reshape(-1, 2)
    return _assemble(table, days, status, stated, named, quality, options, base)


def _without_early_cancellations(
    table: ExportTable, days: Days, status: list[str], notice_days: float, quality: Quality
) -> list[str]:
    """Mark cancellations that came in time."""
    cancelled = read_days(
        table.columns["cancelled_on"],
        table.line,
        heading=table.headings["cancelled_on"],
        file=table.name,
        order="ymd",
    )
    early = outcomes.early_cancellations(table, status, days, cancelled, notice_days, quality)
    return [
        vocabulary.IN_TIME if in_time else meaning for in_time, meaning in zip(early, status, strict=True)
    ]


def _assemble(
    table: ExportTable,
    days: Days,
    status: list[str],
    stated: Integers,
    types: Mapping[str, str],
    quality: Quality,
    options: Options,
    base: Scenario | None,
) -> InterpretedExport:
    """Leave out rows that do not count, settle the as-of day, and sort the others into visits."""
    patients, patient = _numbered(table.columns["patient"])
    day = np.array(days.day, dtype=np.int64)
    minute = np.array(days.minute)
    outcome = np.array([STATUS[meaning] for meaning in status], dtype=np.int64)
    kind, of_type = stated.T
    line = np.array(table.line, dtype=np.int64)
    keep = np.ones(len(line), dtype=bool)

    def leave_out(what: str, which: Bools, effect: str = "") -> None:
        lost = which & keep
        quality.note(what, line[lost].tolist(), "left out")
        before = np.unique(patient[keep & (patient >= 0)]).size
        keep[which] = False
        if effect:
            gone = before - np.unique(patient[keep & (patient >= 0)]).size
            done = outcome == COMPLETED
            counts = (int(lost.sum()), len(line), int((lost & done).sum()), int(done.sum()), gone, patients)
            quality.lose(LostRows(what, *counts, effect))

    if days.mixed_styles:
        quality.count("dates in several styles, all of them unambiguous", 1, "each read in its own style")
    leave_out("rows without a valid date", day == 0, losses.TOO_FEW)
    leave_out("rows without a patient", patient < 0, losses.TOO_FEW)
    leave_out("appointments with a status to be ignored", outcome == IGNORED, losses.IF_VISITS)
    leave_out(
        "appointments of a kind that is neither an infusion nor a consult",
        kind == NO_INFUSION,
        losses.OTHER_KIND,
    )
    leave_out("dates more than a year from all others", _far(day, keep, outcome), losses.TOO_FEW)
    keep[outcome == IN_TIME] = False
    periods = Periods.of(options.leave_out)
    in_period = keep & periods.hold(day) & (outcome != BOOKED)
    leave_out("appointments in a period that is left out", in_period)
    as_of = as_of_day.find_as_of(table, day, outcome, keep, options.as_of, quality)
    if options.as_of is None and base is not None:
        as_of = as_of_day.first_open_day(as_of, day, outcome, keep, periods, base)
    future = day >= as_of
    outcome = as_of_day.future_as_booked(table, outcome, keep & future, quality)
    leave_out(
        "visits completed, or missed, on a future day",
        future & np.isin(outcome, (COMPLETED, NO_SHOW)),
    )
    leave_out("future appointments that are already cancelled", future & (outcome == CANCELLED))
    as_of_day.ask_about_unclosed(table, day, outcome, keep, as_of, options.statuses, quality)
    leave_out(
        "past appointments without an outcome (still booked)", ~future & (outcome == BOOKED), losses.IF_VISITS
    )
    consult = np.isin(kind, (CONSULT, FOLLOW_UP))
    if not (keep & ~future & ~consult & (outcome == COMPLETED)).any():
        rule = "has no completed visit that is an infusion, since all are consults: nothing can be estimated"
        raise ExportError([Problem(rule, file=table.name)])
    referred = _referred(table, patient)
    done = keep & (outcome == COMPLETED)
    price = np.full(len(line), np.nan)
    if "price" in table.columns:
        paid = amounts(Cells.of(table.columns["price"]))
        for which in (done & ~consult, done & consult):
            own = prices_of_visits(paid, patient, day, which, quality)
            price = np.where(which, own, price)
    table.release("started", "checked_in", "left")
    alike = [done & ~consult & (of_type == each) for each in range(len(types))]
    minutes = minutes_of_visits(table, minute, (*alike, done & consult), quality)
    table.release()
    order = np.lexsort((line, np.nan_to_num(minute, nan=0.0), day, patient))
    order = order[keep[order]]
    every = Visits(
        patient=patient[order],
        day=day[order],
        status=outcome[order],
        kind=kind[order],
        type=of_type[order],
        due=minute[order],
        minutes=minutes[order],
        price=price[order],
        line=line[order],
        first=int(day[keep & ~future].min()),
        last=as_of - 1,
        as_of=as_of,
        left_out=periods.before(as_of),
        seen=_first_seen(patient, day, in_period & (outcome == COMPLETED)),
        referred=referred,
        types=types,
    )
    treated = _first_seen(patient, day, in_period & (outcome == COMPLETED) & ~consult)
    visits = replace(every.only(~consult[order]), seen=treated)
    return InterpretedExport(
        visits=without_duplicates(visits, quality),
        consults=without_duplicates(every.only(consult[order]), quality),
        quality=quality,
        table=table,
        date_order=days.order,
        rows=table.rows,
        patients=patients,
        has_kind="kind" in table.columns,
        has_times="left" in table.columns,
    )


def _first_seen(patient: Integers, day: Integers, which: Bools) -> dict[int, int]:
    """Return the first day on which each patient has one of these rows."""
    first: dict[int, int] = {}
    for number, seen in zip(patient[which].tolist(), day[which].tolist(), strict=True):
        first[number] = min(seen, first.get(number, seen))
    return first


def _referred(table: ExportTable, patient: Integers) -> dict[int, tuple[int, ...]]:
    """Return the days on which each patient was referred, where the export has them."""
    if "referred_on" not in table.columns:
        return {}
    heading, cells = table.headings["referred_on"], table.columns["referred_on"]
    days = read_days(cells, table.line, heading=heading, file=table.name, order="ymd").day
    found: dict[int, set[int]] = {}
    for number, day in zip(patient.tolist(), days, strict=True):
        if number >= 0 and day:
            found.setdefault(number, set()).add(day)
    return {number: tuple(sorted(referrals)) for number, referrals in found.items()}


def _numbered(cells: Sequence[str]) -> tuple[int, Integers]:
    """Give patients numbers in order of appearance; -1 for an empty cell.

    Returns
    -------
    tuple
        The number of patients, and each row's patient.
    """
    column = Cells.of(cells)
    numbers: dict[str, int] = {}
    by_text = np.empty(len(column.words), dtype=np.int64)
    for place in np.argsort(column.firsts(), kind="stable").tolist():
        name = " ".join(column.words[place].casefold().split())
        by_text[place] = numbers.setdefault(name, len(numbers)) if name else -1
    return len(numbers), by_text[column.codes]


def _far(day: Integers, keep: Bools, outcome: Integers) -> Bools:
    """Find days that only a typing error explains, such as 1926 or 2062."""
    seen = keep & (outcome == COMPLETED)
    if not seen.any():
        return np.zeros(len(day), dtype=bool)
    days, counts = np.unique(day[seen], return_counts=True)
    clusters = np.split(np.arange(len(days)), np.flatnonzero(np.diff(days) >= _FAR) + 1)
    sizes = np.array([counts[cluster].sum() for cluster in clusters])
    main = int(sizes.argmax())
    far = np.zeros(len(day), dtype=bool)
    low, high = days[clusters[main][0]], days[clusters[main][-1]]
    for number, cluster in enumerate(clusters):
        if number != main and sizes[number] <= _FEW * counts.sum():
            far |= (day >= days[cluster[0]]) & (day <= days[cluster[-1]]) & seen
        elif number != main:
            low, high = min(low, days[cluster[0]]), max(high, days[cluster[-1]])
    # Appointments that were not completed may lie in the clinic's future, but not far beyond it.
    beyond: Bools = ~seen & ((day < low - _FAR) | (day > high + 2 * _FAR))
    return far | beyond
