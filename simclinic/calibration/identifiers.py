"""Repair of identifiers that spreadsheets and systems have changed.

A spreadsheet writes long numbers as 1.0182E+12, which merges patients; it drops leading zeros, adds `.0`, and
leaves cells below a merged one empty. Certain repairs are made and reported, with the number of patients
concerned; uncertain ones are refused. No identifier is ever shown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from simclinic.calibration.cells import Cells
from simclinic.calibration.quality import Quality
from simclinic.errors import Problem

_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,3})", re.IGNORECASE)
_FLOAT = re.compile(r"(\d+)[.,]0+")
_SEPARATED = re.compile(r"\d+(?:[-./ ]\d+)+")
_LETTERED = re.compile(r"[^\W\d_]{1,6}[-_:# ]*(\d{3,})")
_GROUPED = re.compile(r"\d{1,3}(?:[, ]\d{3})+")
_NOBODY = re.compile(
    r"(?:n/?a|none|null|nan|unknown|anonymous|-+|\?+|\.+|0{4,}|#n/a|#ref!|#value!|tbd|no patient|not "
    r"assigned|unassigned"
    r"|(?:zz+ ?)?test[ ,-]*(?:patient|client|zz+)?|(?:patient|client)[ ,-]*test|zz+[ ,-]?test\b.*)",
    re.IGNORECASE,
)
_BLOCK = re.compile(
    r"(?:blocked|block|lunch|break|on hold|hold|admin|(?:staff |team )?(?:meeting|huddle)|huddle|closed|holiday"
    r"|unavailable|vacation|out of office|do not (?:book|schedule|use)|time off|pto|day off|training|reserved"
    r"|conference|(?:provider|doctor|md|rn) out|mittag\w*|pause|teamsitzung|besprechung|gesperrt|urlaub|feiertag"
    r"|fermé|réunion|congés?|férié|almuerzo|comida|reunión|descanso|bloqueado|cerrado|feriado|pausa|pranzo|riunione"
    r"|ferie|chiuso|almoço|reunião|férias|overleg|vergadering|vakantie|gesloten|möte|stängt)"
    r"(?: time| break| off)?(?:\s*[-:–].*)?",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub)?[ -]?totals?|sum|count|page|printed|generated|exported|report|end "
    r"of|records?|rows?|number of|"
    r"filters?|run (?:on|by|date)|summe|gesamt|notes?)\b",
    re.IGNORECASE,
)
_DIGITS_KEPT = 15
"""Significant digits that a spreadsheet stores."""
_FEWEST, _MERGED, _DOUBT = 10, 0.2, 0.05
_SHARED = 0.1
_MANY = 3.0
"""Multiples of a patient's mean number of rows from which a word among numbers is probably no patient."""


def is_total(row: Sequence[str]) -> bool:
    """Return whether the first words of a row without a date are those of a total or a remark."""
    return bool(_TOTAL.match(next((cell for cell in row if cell.strip()), "").strip()))


def is_nobody(cell: str) -> bool:
    """Return whether a cell means no patient: empty, unknown, a block in the book."""
    return not cell or bool(_NOBODY.fullmatch(cell)) or is_block(cell)


def is_block(cell: str) -> bool:
    """Return whether a cell names a block in the book: lunch, a meeting, a day off."""
    return bool(_BLOCK.fullmatch(cell))


def below_merged(cells: Sequence[str], days: Sequence[int]) -> list[str] | None:
    """Fill the cells below merged ones; None if they are not certainly below merged ones.

    They are if the first row has a patient, every patient has a single run of rows, days ascend (or descend) within
    runs, and step back from one run to the next.
    """
    cells = list(cells)
    dated = [n for n, day in enumerate(days) if day]
    blank = [n for n in dated if not cells[n]]
    if len(blank) < _FEWEST or len(blank) < _MERGED * len(dated):
        return None
    filled, last, first_row = list(cells), "", True
    runs: list[list[int]] = []
    seen: set[str] = set()
    for n, cell in enumerate(cells):
        if cell and cell != last:
            if cell.casefold() in seen:
                return None
            seen.add(cell.casefold())
            last = cell
            runs.append([])
        if not last and days[n] and first_row:
            return None
        if days[n]:
            first_row = False
            filled[n] = last
            runs[-1].append(days[n])
    steps = [b - a for run in runs for a, b in pairwise(run)]
    between = [b[0] - a[-1] for a, b in pairwise(runs) if a and b]
    if not steps:
        return None
    up = sum(step >= 0 for step in steps) / len(steps)
    down = sum(step <= 0 for step in steps) / len(steps)
    if up >= 0.98:
        back = any(step < 0 for step in between)
    elif down >= 0.98:
        back = any(step > 0 for step in between)
    else:
        return None
    return filled if back or len(runs) < 3 else None


@dataclass(frozen=True)
class Patients:
    """A column of patients, repaired.

    Attributes
    ----------
    cells
        Its cells; empty where a row has no patient.
    problems
        Problems that cannot be repaired.
    """

    cells: Cells
    problems: list[Problem]


def read_patients(
    cells: Cells,
    days: Sequence[int],
    lines: Sequence[int],
    statuses: Cells,
    quality: Quality,
    *,
    heading: str,
    file: str,
    blanks: str | None,
) -> Patients:
    """Read a column of patients.

    Parameters
    ----------
    cells, days, lines
        The column, the day of each row (0 if it has none), and its line.
    statuses
        Status of each row, as written.
    quality
        Receives notes on repairs.
    heading, file
        The column's heading and the file's name, for errors.
    blanks
        Value of `--blank-patients`: "above", "nobody", or None.
    """
    problems: list[Problem] = []
    column = cells.map(lambda cell: "" if is_nobody(cell) else cell)
    _warn_of_names(column, days, lines, quality, heading)
    words = {status for cell, status in zip(column, statuses, strict=True) if cell}
    blank = [n for n, cell in enumerate(cells) if not cell and days[n]]
    meant = [n for n in blank if statuses[n] in words or not is_nobody(statuses[n])]
    if len(blank) - len(meant) >= _MERGED * sum(map(bool, days)):
        meant = [n for n in blank if not is_block(statuses[n])]  # the statuses may be merged as well
    rest = set(meant)
    own = [day if cell or n in rest else 0 for n, (cell, day) in enumerate(zip(column, days, strict=True))]
    dated = sum(map(bool, own))
    if meant and blanks != "nobody":
        filled = _below(column) if blanks == "above" else below_merged(column, own)
        if filled is not None:
            column = column.written({n: filled[n] for n in meant})
            count = len({filled[n] for n in meant})
            what = f"rows without a patient below one that has one (merged cells), of {count:,} patients"
            quality.note(what, [lines[n] for n in meant], "read as the patient above")
        elif len(meant) >= _FEWEST and len(meant) >= _DOUBT * dated:
            rule = (
                f"{heading!r} is empty in {len(meant):,} of {dated:,} rows that have a date, and it is unclear "
                "to which patients they belong (merged cells are empty in an export): export it without merged "
                "cells, or use --blank-patients above (the patient above) or --blank-patients nobody (leave "
                "them out)"
            )
            problems.append(Problem(rule, file=file, line=lines[meant[0]]))
    column, more = _numbers(column, lines, quality, heading, file)
    return Patients(column, problems + more)


def _warn_of_names(
    column: Cells, days: Sequence[int], lines: Sequence[int], quality: Quality, heading: str
) -> None:
    """Warn of words among numbers that have so many visits that they may be blocks in the book, or placeholders."""
    words = [word for word in column.words if word]
    odd = {word for word in words if not any(map(str.isdigit, word))}
    if not odd or len(odd) > _DOUBT * len(words):
        return
    rows: dict[str, list[int]] = defaultdict(list)
    for n, cell in enumerate(column):
        if cell in odd and days[n]:
            rows[cell].append(lines[n])
    usual = len(column) / len(words)
    many = sorted(
        line for found in rows.values() if len(found) >= max(_FEWEST, _MANY * usual) for line in found
    )
    if many:
        quality.warn(
            f"{heading!r} holds numbers, but words in {len(many):,} rows (lines "
            f"{', '.join(map(str, many[:3]))} and more), each of them more often than a patient: if they are "
            "blocks in the book and no patients, take these rows out of the file. They count as patients"
        )


def _below(cells: Sequence[str]) -> list[str]:
    filled, last = [], ""
    for cell in cells:
        last = cell or last
        filled.append(last)
    return filled


def _numbers(
    column: Cells, lines: Sequence[int], quality: Quality, heading: str, file: str
) -> tuple[Cells, list[Problem]]:
    """Repair numbers that a spreadsheet has changed; refuse those with lost digits."""
    different = {cell for cell in column.words if cell}
    lost = {
        cell
        for cell in different
        if (match := _SCIENTIFIC.fullmatch(cell)) and len(match[2] or "") < int(match[3])
    }
    cut = {
        cell
        for cell in different
        if cell.isdigit() and len(cell) > _DIGITS_KEPT and not cell[_DIGITS_KEPT:].strip("0")
    }
    export = f"export it again with {heading!r} as text, or name another column with --column patient=HEADING"
    if lost:
        rows = [n for n, cell in enumerate(column) if cell in lost]
        rule = (
            f"{heading!r} is in scientific notation (as 1.23E+12) in {len(rows):,} rows, {len(lost):,} "
            "different ones: a spreadsheet has cut the numbers, so that several patients may have become one. "
            f"Their digits are lost: {export}"
        )
        return column, [Problem(rule, file=file, line=lines[rows[0]])]
    if len(cut) > 5 and len(cut) == sum(len(cell) > _DIGITS_KEPT for cell in different):
        rows = [n for n, cell in enumerate(column) if cell in cut]
        rule = (
            f"{heading!r} has numbers of more than 15 digits, all of which end in zeros, in {len(rows):,} rows, "
            f"{len(cut):,} different ones: a spreadsheet keeps 15 digits, so that several patients may have "
            f"become one. Their digits are lost: {export}"
        )
        return column, [Problem(rule, file=file, line=lines[rows[0]])]
    repaired: dict[str, str] = {}
    forms = defaultdict(set)
    for cell in different:
        new = cell
        if match := _SCIENTIFIC.fullmatch(cell):
            new = (match[1] + (match[2] or ""))[: int(match[3]) + 1]
            forms["in scientific notation, with all digits"].add(new)
        elif match := _FLOAT.fullmatch(cell):
            new = match[1]
            forms["with a decimal (as 123.0)"].add(new)
        elif _GROUPED.fullmatch(cell):
            new = re.sub(r"\D", "", cell)
            forms["with separated thousands (as 1,234)"].add(new)
        repaired[cell] = new
    for form, numbers in forms.items():
        quality.count(f"patients whose number is written {form}", len(numbers), "read as the whole number")
    column = column.map(lambda cell: repaired.get(cell, cell))
    return _zeros(_separators(column, quality, heading), lines, quality, heading, file)


def _separators(column: Cells, quality: Quality, heading: str) -> Cells:
    """Unify numbers that differ only by separators, and warn of those that differ by letters before them.

    Systems write one number as 100-482 and 100482. Where a number has separators at several places, 1-23 and 12-3
    are two patients. Letters may be a site's, so that A100482 and 100482 may be two.
    """
    bare = {cell for cell in column.words if cell.isdigit()}
    shapes: dict[str, set[str]] = defaultdict(set)
    for cell in column.words:
        if _SEPARATED.fullmatch(cell):
            shapes[re.sub(r"\D", "", cell)].add(cell)
    same = {forms.pop(): number for number, forms in shapes.items() if number in bare and len(forms) == 1}
    if len(same) > 1:
        what = "patients whose number is written with and without separators (as 100-482)"
        quality.count(what, len(same), "read as one patient each")
        column = column.map(lambda cell: same.get(cell, cell))
    lettered = [cell for cell in column.words if (match := _LETTERED.fullmatch(cell)) and match[1] in bare]
    if len(lettered) >= max(_FEWEST, _DOUBT * len(column.words)):
        quality.warn(
            f"{len(lettered):,} numbers in {heading!r} are also there with letters before them (as AB123 and 123), "
            "and count as other patients: if they are the same ones, new patients and drop-out are too high, and "
            "returns too few. Write them alike in the file"
        )
    return column


def _zeros(
    column: Cells, lines: Sequence[int], quality: Quality, heading: str, file: str
) -> tuple[Cells, list[Problem]]:
    """Unify numbers that differ only by leading zeros, if their full length is certain."""
    numbers = {cell for cell in column.words if cell.isdigit()}
    by_value: dict[str, set[str]] = defaultdict(set)
    for cell in numbers:
        by_value[cell.lstrip("0") or "0"].add(cell)
    both = {value: forms for value, forms in by_value.items() if len(forms) > 1}
    if not both:
        return column, []
    padded = {len(cell) for cell in numbers if cell.startswith("0")}
    if len(padded) > 1 or any(len(cell) > max(padded) for cell in numbers):
        first = next(n for n, cell in enumerate(column) if any(cell in forms for forms in both.values()))
        rule = (
            f"{heading!r}: the numbers of {len(both):,} patients differ from others by leading zeros only, and "
            "are padded to different lengths, so that it is unclear whether they are the same patients: export "
            "it again as text, or name another column with --column patient=HEADING"
        )
        return column, [Problem(rule, file=file, line=lines[first])]
    quality.count(
        "patients whose number is written with and without leading zeros",
        len(both),
        "read as one patient each",
    )
    width = max(padded)
    return column.map(lambda cell: cell.zfill(width) if cell.isdigit() else cell), []


def separate_sites(
    column: Cells,
    sites: Sequence[str],
    births: Sequence[str] | None,
    lines: Sequence[int],
    quality: Quality,
    *,
    heading: str,
    place: str,
    file: str,
    same_number: str | None,
) -> Patients:
    """Distinguish patients with the same number at different sites.

    Parameters
    ----------
    column, sites
        Patient and site of each row.
    births
        Birth dates, which show whether it is the same patient; None if there are none.
    lines, heading, place, file
        For errors: the rows' lines, the headings of patients and sites, and the file's name.
    quality
        Receives notes.
    same_number
        Value of `--same-number`: "same-patient", "by-site", or None.
    """
    where: dict[str, set[str]] = defaultdict(set)
    for cell, site in zip(column, sites, strict=True):
        if cell and site:
            where[cell].add(site)
    shared = {cell for cell, sites_of in where.items() if len(sites_of) > 1}
    names = {site for site in sites if site}
    if not shared or len(names) < 2 or len(names) > max(3, 0.2 * len(where)):
        return Patients(column, [])
    apart = same_number == "by-site"
    if same_number is None and births is not None:
        born: dict[tuple[str, str], set[str]] = defaultdict(set)
        for cell, site, birth in zip(column, sites, births, strict=True):
            if cell in shared and birth:
                born[cell, site].add(birth)
        differ = {
            cell
            for cell in shared
            if len({frozenset(born[cell, site]) for site in where[cell] if born[cell, site]}) > 1
        }
        if differ:
            done = "read as different patients, since their birth dates differ"
            quality.count(f"patients whose number is another's at another {place!r}", len(differ), done)
        pairs = zip(column, sites, strict=True)
        column = Cells.of(f"{cell} @ {site}" if cell in differ else cell for cell, site in pairs)
        return Patients(column, [])
    # A few patients change sites; if many do, each site may have numbers of its own.
    if same_number is None and len(shared) > max(_SHARED * len(where), 3):
        first = next(n for n, cell in enumerate(column) if cell in shared)
        rule = (
            f"{len(shared):,} numbers in {heading!r} occur at more than one {place!r}: use --same-number "
            "same-patient if patients go to several sites, or --same-number by-site if each site numbers its "
            "patients by itself"
        )
        return Patients(column, [Problem(rule, file=file, line=lines[first])])
    done = "read as different patients, by --same-number" if apart else "read as the same patient"
    quality.count(f"patients whose number occurs at more than one {place!r}", len(shared), done)
    if apart:
        pairs = zip(column, sites, strict=True)
        column = Cells.of(f"{cell} @ {site}" if cell and site else cell for cell, site in pairs)
    return Patients(column, [])
