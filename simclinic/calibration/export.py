"""The clinic's export as a table of text: encoding, delimiter, header and line numbers found, nothing interpreted.

Whatever is in a cell stays text: a cell that a spreadsheet would compute (`=1+1`) is five characters here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from simclinic.errors import Problem, SimclinicError
from simclinic.scenario.problems import nearest

MOST_BYTES = 500_000_000
"""The largest file that is read."""

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
NEEDED = ("patient", "date", "status")

NAMES: dict[str, tuple[str, ...]] = {
    "patient": (
        *(
            "patient",
            "patient id",
            "patientid",
            "mrn",
            "medical record number",
            "patient number",
            "patient no",
        ),
        *(
            "client id",
            "client",
            "clientid",
            "chart number",
            "chart no",
            "chart",
            "record number",
            "person id",
        ),
        *("person", "pid", "subject", "patient name", "client name", "id", "name"),
    ),
    "date": (
        *("date", "appointment date", "appt date", "visit date", "service date", "date of service", "dos"),
        *("appointment start", "scheduled start", "start", "start date", "start time", "starts", "date time"),
        *("datetime", "appointment date time", "scheduled date", "scheduled for", "scheduled", "appointment"),
        *("appt", "appointment time", "begin", "when", "day"),
    ),
    "status": (
        *("status", "appointment status", "appt status", "visit status", "state", "outcome", "attendance"),
        *("result",),
    ),
    "kind": (
        *(
            "kind",
            "type",
            "appointment type",
            "appt type",
            "visit type",
            "service type",
            "visit kind",
            "service",
        ),
    ),
    "checked_in": (
        *("checked in", "check in", "checkin", "check in time", "checkin time", "checked in at", "arrived"),
        *("arrived at", "arrival", "arrival time", "time in"),
    ),
    "left": (
        *(
            "left",
            "check out",
            "checkout",
            "checked out",
            "check out time",
            "checkout time",
            "checked out at",
        ),
        *("left at", "departed", "departure", "departure time", "discharged", "discharge time", "time out"),
    ),
    "started": (
        *(
            "started",
            "started at",
            "actual start",
            "actual start time",
            "treatment start",
            "treatment started",
        ),
        *("treatment start time", "infusion start", "infusion started", "infusion start time", "seated"),
        *("seated at", "roomed", "roomed at", "rooming time", "in room", "in room time", "time in chair"),
    ),
    "cancelled_on": (
        *("cancelled on", "canceled on", "cancelled at", "canceled at", "cancellation date", "cancel date"),
        *("date cancelled", "date canceled", "cancelled date", "canceled date", "cancellation time"),
        *("cancelled time", "canceled time", "cancel time", "cancellation date time", "cancelled date time"),
        *("canceled date time", "cancel date time", "cancellation", "cancelation date"),
    ),
}
"""What exports call each column, the likeliest first."""


class ExportError(SimclinicError):
    """An export that cannot be read, with every problem found.

    Attributes
    ----------
    problems
        All of them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"- {problem}" for problem in self.problems))


@dataclass(frozen=True)
class Table:
    """An export as text.

    Attributes
    ----------
    name
        The file's name, without its folder.
    columns
        For each column that is there its cells, all of one length, blanks at the ends taken off.
    headings
        What the export calls each column.
    every
        The cells of every column, by its heading as written; of headings that are there twice, the first.
    line
        The line each row begins on.
    encoding, delimiter
        As found, in words.
    empty, ragged
        Lines that hold nothing, and lines with more or fewer cells than the heading: both are left out.
    """

    name: str
    columns: Mapping[str, list[str]]
    headings: Mapping[str, str]
    every: Mapping[str, list[str]]
    line: list[int]
    encoding: str
    delimiter: str
    empty: list[int]
    ragged: list[int]


def read(path: Path, named: Mapping[str, str] | None = None) -> Table:
    """Read an export.

    Parameters
    ----------
    path
        The file: comma, semicolon, tab or bar between cells; UTF-8, UTF-16 or Windows' Latin.
    named
        What the export calls a column (`{"patient": "MRN"}`); the others are guessed. Empty: there is none.

    Raises
    ------
    ExportError
        If it is no such file, or a column that is needed is missing.
    """
    raw = _bytes(path)
    text, encoding = _decoded(raw, path.name)
    text = text.removeprefix("\ufeff")
    first_line = 1
    if told := re.match(r"sep=(.)\r?\n", text):
        delimiter, text, first_line = told[1], text[told.end() :], 2
    else:
        delimiter = _delimiter(text)
    heading, rows, lines, empty, ragged = _rows(text, delimiter, path.name, first_line)
    places = _places(heading, named or {}, path.name, first_line)
    if not rows:
        raise ExportError(
            [Problem("has a heading and no rows: nothing can be learnt from it", file=path.name)]
        )
    every: dict[str, list[str]] = {}
    for at, each in enumerate(heading):
        every.setdefault(each.strip(), [row[at].strip() for row in rows])
    return Table(
        name=path.name,
        columns={name: [row[at].strip() for row in rows] for name, at in places.items()},
        headings={name: heading[at].strip() for name, at in places.items()},
        every=every,
        line=lines,
        encoding=encoding,
        delimiter=DELIMITERS.get(delimiter, repr(delimiter)),
        empty=empty,
        ragged=ragged,
    )


def _bytes(path: Path) -> bytes:
    def refuse(rule: str) -> ExportError:
        return ExportError([Problem(rule, file=path.name or str(path))])

    try:
        if path.stat().st_size > MOST_BYTES:
            raise refuse(f"is larger than {MOST_BYTES:,} bytes")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise refuse("there is no such file") from None
    except IsADirectoryError:
        raise refuse("is a folder, not a file") from None
    except (OSError, ValueError) as error:
        raise refuse(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise refuse("is a spreadsheet's own file, not text: save it as CSV first")
    if raw.startswith((b"PAR1", b"%PDF", b"\x1f\x8b")):
        raise refuse("is no text file: export the appointments as CSV")
    return raw


def _decoded(raw: bytes, name: str) -> tuple[str, str]:
    """Turn bytes into text; which encoding it is, the bytes tell."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = [("utf-16", "UTF-16")]
    elif raw[:1000].count(0) > len(raw[:1000]) // 4:
        attempts = [("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be", "UTF-16")]
    else:
        attempts = [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")]
    for encoding, told in attempts:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, told
    raise ExportError([Problem("is no text file, or is damaged: export the appointments as CSV", file=name)])


def _delimiter(text: str) -> str:
    """Tell what stands between cells: what occurs most in the heading, outside quotes."""
    heading = text.lstrip("\r\n").partition("\n")[0]
    bare = re.sub(r'"[^"]*"', "", heading)
    return max(DELIMITERS, key=bare.count)


def _rows(
    text: str, delimiter: str, name: str, first_line: int
) -> tuple[list[str], list[list[str]], list[int], list[int], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    heading: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    empty: list[int] = []
    ragged: list[int] = []
    width, begun = 0, first_line
    try:
        for row in reader:
            line, begun = begun, reader.line_num + first_line
            if not heading:
                if any(cell.strip() for cell in row):
                    heading, width = row, len(row)
                continue
            if len(row) == width:
                if not any(row) or not any(cell.strip() for cell in row):
                    empty.append(line)
                    continue
            elif not any(cell.strip() for cell in row):
                empty.append(line)
                continue
            elif len(row) < width or any(cell.strip() for cell in row[width:]):
                ragged.append(line)
                continue
            rows.append(row)
            lines.append(line)
    except csv.Error as error:
        told = f"cannot be read as a table: {error}"
        raise ExportError([Problem(told, file=name, line=begun)]) from None
    if not heading:
        raise ExportError([Problem("is empty", file=name)])
    if not rows and ragged:
        rule = f"has {len(heading)} columns in its heading and never as many in a row"
        raise ExportError([Problem(rule, file=name, line=ragged[0])])
    return heading, rows, lines, empty, ragged


def plain(words: str) -> str:
    """Write a heading or a word of an export so that it can be looked up: small letters, single blanks."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words)
    return " ".join(re.sub(r"[^\w]+|_", " ", spread).casefold().split())


def _places(heading: list[str], named: Mapping[str, str], file: str, line: int) -> dict[str, int]:
    """Tell which column is which.

    Raises
    ------
    ExportError
        If one that was named is not there, or one that is needed was not found.
    """
    problems: list[Problem] = []
    known = [plain(each) for each in heading]
    exact = [each.strip().casefold() for each in heading]
    places: dict[str, int] = {}
    for name, wanted in named.items():
        if name not in NAMES:
            rule = f"--column {name}=...: there is no such column of an export; there are {', '.join(NAMES)}"
            problems.append(Problem(rule, suggestion=nearest(name, NAMES)))
            continue
        if not wanted and name not in NEEDED:
            continue  # somebody says that there is none, whatever a heading looks like
        found = [at for at, each in enumerate(exact) if each == wanted.strip().casefold()]
        found = found or [at for at, each in enumerate(known) if each and each == plain(wanted)]
        if len(found) == 1:
            places[name] = found[0]
        else:
            told = "names no column" if not found else "names several columns"
            near = nearest(wanted, exact) if places or _recognised(known) else None
            problems.append(
                Problem(f"--column {name}={wanted} {told}", file=file, line=line, suggestion=near)
            )
    for name, names in NAMES.items():
        if name in named:
            continue
        for each in names:
            found = [at for at, other in enumerate(known) if other == each and at not in places.values()]
            if found:
                places[name] = found[0]
                if len(found) > 1:
                    told = heading[found[0]].strip()
                    rule = f"the heading {told!r} is there {len(found)} times: rename the others"
                    problems.append(Problem(rule, file=file, line=line))
                break
    missing = [name for name in NEEDED if name not in places and name not in named]
    if missing:
        # A file without a heading begins with a patient: such a line is not repeated.
        shown = (
            f"; there are {', '.join(repr(each.strip()) for each in heading)}"
            if places
            else "; does the file begin with a line of column names?"
        )
        for name in missing:
            rule = f"no column for the {name} was found: name it with --column {name}=HEADING{shown}"
            problems.append(Problem(rule, file=file, line=line))
    taken: dict[int, str] = {}
    for name, at in places.items():
        if at in taken:
            rule = f"the column {heading[at].strip()!r} cannot be both {taken[at]} and {name}"
            problems.append(Problem(rule, file=file, line=line))
        taken[at] = name
    if problems:
        raise ExportError(problems)
    return {name: places[name] for name in NAMES if name in places}


def _recognised(known: list[str]) -> bool:
    return any(each in names for each in known for names in NAMES.values())
