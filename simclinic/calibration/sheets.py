"""Tables of text from a file of any supported format.

Supported are delimited text, Excel workbooks, tables of web pages saved as `.xls`, and JSON (FHIR, or plain
objects). Another format is named in the error, with what to do.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import itertools
import re
import zipfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from simclinic.calibration.cells import Rows
from simclinic.calibration.held import HeldExport, Source
from simclinic.calibration.sheet import Refuse, Sheet, refuser
from simclinic.calibration.text import ExportError
from simclinic.errors import Problem
from simclinic.reading import NotReadError, read_bounded, why

MOST_BYTES = 250_000_000
"""The largest file that is read: some three million appointments."""

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", "^": "caret"}
_SAMPLE = 200_000
_MOST_LINE, _MOST_WIDE = 2_000_000, 100_000
"""Characters of a line, and delimiters between two rows, beyond which a file is no table of appointments."""
_MOST_ENTRIES = 5_000
"""Files in a zip archive."""
_SMALLER = "export fewer columns, or fewer years"
_PLAIN = f"save its table as CSV (UTF-8), or {_SMALLER}"
_SAVE = "save it as CSV (UTF-8), or as .xlsx, and read that"


def read_sheets(path: Source, count_headings: Callable[[Sequence[str]], int]) -> list[Sheet]:
    """Read all tables of a file.

    Parameters
    ----------
    path
        The file, or its content.
    count_headings
        Counts the known headings in a row, which shows the delimiter.

    Raises
    ------
    ExportError
        If there is no such file, or its format is not supported, with the format's name and what to do.
    """
    refuse = refuser(path)
    try:
        raw = (
            path.content
            if isinstance(path, HeldExport)
            else read_bounded(path, MOST_BYTES, pipes=True, remedy=_SMALLER)
        )
    except (NotReadError, OSError, ValueError) as error:
        raise refuse(why(error)) from None
    digest = hashlib.sha256(raw)
    try:
        return [replace(sheet, digest=digest) for sheet in _sheets(raw, path.name, count_headings, refuse)]
    except NotReadError as error:
        raise refuse(f"{error}: {_SMALLER}") from None


def _sheets(
    raw: bytes, name: str, count_headings: Callable[[Sequence[str]], int], refuse: Refuse
) -> list[Sheet]:
    head = raw[:4096]
    if head.startswith(b"PK\x03\x04"):
        return _archive(raw, refuse)
    if unsupported := _foreign(raw):
        raise refuse(unsupported)
    encoding, encoding_name = _encoding(raw, name)
    start = "".join(itertools.islice(_parts(raw, encoding), 1)).removeprefix("\ufeff")
    web, start = "<table" in start.casefold(), start[:4096].lstrip().casefold()
    if start.startswith(("<!doctype html", "<html", "<table", "<head", "<body", "<meta")) or (
        start.startswith("<") and web
    ):
        from simclinic.calibration import web_page

        try:
            return web_page.read_web_page(_parts(raw, encoding), encoding_name, refuse)
        except NotReadError as error:
            raise refuse(f"{error}: {_PLAIN}") from None
    if unsupported := _foreign_text(start):
        raise refuse(unsupported)
    if start.startswith(("{", "[")):
        from simclinic.calibration import fhir

        return [fhir.read_fhir(_whole(raw, encoding), encoding_name, refuse)]
    return [_delimited(raw, encoding, encoding_name, name, count_headings)]


def _whole(raw: bytes, encoding: str) -> str:
    return raw.decode(encoding).removeprefix("\ufeff")


def _foreign(raw: bytes) -> str | None:
    """Describe an unsupported binary format, and what to do; None for any other."""
    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            return (
                f"is an Excel workbook with a password: open it in Excel, take the password off, and {_SAVE}"
            )
        return f"is an Excel workbook of before 2007 (.xls): open it in a spreadsheet, {_SAVE}"
    for begin, what in (
        (b"%PDF", "is a PDF, a picture of a report: export the appointments as CSV or Excel instead"),
        (b"PAR1", "is a Parquet file: export the appointments as CSV"),
        (b"\x1f\x8b", "is compressed with gzip: unpack it first (gunzip), then read what is inside"),
        (b"7z\xbc\xaf", "is a 7z archive: unpack it first, then read the file inside"),
        (b"Rar!", "is a RAR archive: unpack it first, then read the file inside"),
        (b"SQLite format 3", "is an SQLite database: export the table of appointments as CSV"),
        (b"\x00\x01\x00\x00Standard ", "is an Access database: export the table of appointments as CSV"),
        (b"\x89PNG", "is a picture: export the appointments as CSV or Excel"),
        (b"\xff\xd8\xff", "is a picture: export the appointments as CSV or Excel"),
        (b"{\\rtf", "is a text document (RTF): export the appointments as CSV or Excel"),
    ):
        if raw.startswith(begin):
            return what
    return None


def _foreign_text(start: str) -> str | None:
    """Describe an unsupported text format, and what to do; None for any other."""
    if start.startswith(("msh|", "fhs|", "bhs|")):
        return "holds HL7 v2 messages, which are no table: export the appointments as CSV, or as FHIR (JSON)"
    if start.startswith("begin:vcalendar"):
        return "is a calendar (iCalendar) without patients and outcomes: export the appointments as CSV"
    if start.startswith("mime-version:"):
        return f"is a web archive (MHTML) that calls itself a spreadsheet: open it in Excel, {_SAVE}"
    if start.startswith("<"):
        if "urn:schemas-microsoft-com:office:spreadsheet" in start or "mso-application" in start:
            return f"is an Excel 2003 XML spreadsheet: open it in Excel, {_SAVE}"
        if "http://hl7.org/fhir" in start:
            return "is FHIR as XML: export it as JSON, which is read"
        if "clinicaldocument" in start:
            return "is a clinical document (C-CDA), one patient's record: export the appointments as CSV"
        return "is XML: export the appointments as CSV, Excel (.xlsx) or FHIR (JSON)"
    return None


def _archive(raw: bytes, refuse: Refuse) -> list[Sheet]:
    """Read a workbook; refuse any other zip archive, with its kind."""
    if raw.count(b"PK\x01\x02") > _MOST_ENTRIES:  # the signature of an entry in the archive's directory
        raise refuse(
            f"is an archive of more than {_MOST_ENTRIES:,} files: unpack it, then read what is inside"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as file:
            names = file.namelist()
            kind = ""
            if "mimetype" in names:
                with file.open("mimetype") as entry:
                    kind = entry.read(100).decode("ascii", "replace")
    except (zipfile.BadZipFile, KeyError, RuntimeError, OSError, NotImplementedError):
        raise refuse(f"is a damaged workbook or archive: open it in a spreadsheet, and {_SAVE}") from None
    if "xl/workbook.bin" in names:
        raise refuse(f"is a binary Excel workbook (.xlsb): open it in Excel, {_SAVE}")
    if any(name.startswith("xl/") for name in names):
        from simclinic.calibration import workbook

        try:
            return workbook.read_workbook(raw, refuse)
        except NotReadError as error:
            raise refuse(f"{error}: {_PLAIN}") from None
    if "opendocument" in kind:
        raise refuse(f"is an OpenDocument file (.ods): open it in LibreOffice, {_SAVE}")
    if "Index/Document.iwa" in names or any(name.endswith(".iwa") for name in names):
        raise refuse("is a Numbers file: export it from Numbers as CSV")
    if any(name.startswith("word/") for name in names):
        raise refuse("is a Word document: export the appointments as CSV or Excel")
    inside = next((name for name in names if not name.endswith("/")), "nothing")
    shown = "one file" if len(names) == 1 else f"{len(names)} files"
    kind = Path(inside).suffix or "no ending"
    raise refuse(
        f"is a zip archive of {shown} (the first ends in {kind}): unpack it, then read what is inside"
    )


def _encoding(raw: bytes, name: str) -> tuple[str, str]:
    """Detect the encoding of bytes: its codec and its name."""
    if raw.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        attempts = [("utf-32", "UTF-32")]
    elif raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = [("utf-16", "UTF-16")]
    elif raw[:1000].count(0) > len(raw[:1000]) // 4:
        attempts = [("utf-16-le" if raw[1:2] == b"\0" else "utf-16-be", "UTF-16")]
    else:
        attempts = [("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1")]
    for encoding, encoding_name in attempts:
        try:
            if any("\0" in part for part in _parts(raw, encoding)):
                break
        except UnicodeDecodeError:
            continue
        return encoding, encoding_name
    raise ExportError([Problem("is no text file, or is damaged: export the appointments as CSV", file=name)])


def _parts(raw: bytes, encoding: str) -> Iterator[str]:
    """Decode bytes part by part, so that the whole text is never in memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for at in range(0, len(raw), _SAMPLE):
        yield decoder.decode(raw[at : at + _SAMPLE], final=at + _SAMPLE >= len(raw))


def _delimited(
    raw: bytes, encoding: str, encoding_name: str, name: str, count_headings: Callable[[Sequence[str]], int]
) -> Sheet:
    text = io.TextIOWrapper(io.BytesIO(raw), encoding=encoding, newline="")
    sample = text.read(_SAMPLE)
    begin = 1 if sample.startswith("\ufeff") else 0
    first_line = 1
    if declared := re.match(r"sep=(.)\r?\n", sample[begin:]):
        delimiter, begin, first_line = declared[1], begin + declared.end(), 2
    else:
        delimiter = _delimiter(sample[begin:], count_headings)
    text.seek(0)
    text.read(begin)
    wide = 0

    def bounded() -> Iterator[str]:
        nonlocal wide
        while line := text.readline(_MOST_LINE + 1):
            wide += line.count(delimiter)
            if len(line) > _MOST_LINE or wide > _MOST_WIDE:
                raise NotReadError("has rows that are too long for a table of appointments")
            yield line

    reader = csv.reader(bounded(), delimiter=delimiter)
    lines = array("q")
    begun = first_line

    def numbered() -> Iterator[list[str]]:
        nonlocal begun, wide
        for row in reader:
            wide = 0
            lines.append(begun)
            yield row
            begun = reader.line_num + first_line

    try:
        rows = Rows(numbered())
    except csv.Error as error:
        rule = f"cannot be read as a table: {error}"
        raise ExportError([Problem(rule, file=name, line=begun)]) from None
    return Sheet(rows, lines, "delimited text", encoding_name, DELIMITERS.get(delimiter, repr(delimiter)))


def _delimiter(text: str, count_headings: Callable[[Sequence[str]], int]) -> str:
    """Choose the delimiter: the one with most known headings in a line, else the one with the most even rows."""
    sample = text[:_SAMPLE]

    def merit(delimiter: str) -> tuple[int, float, int]:
        rows = []
        try:
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if any(cell.strip() for cell in row):
                    rows.append(row)
                if len(rows) == 200:
                    break
        except csv.Error:
            return 0, 0.0, 0
        named = max((count_headings(row) for row in rows[:60]), default=0)
        (width, count), *_ = Counter(map(len, rows)).most_common(1) or [(1, 0)]
        even = count / len(rows) if rows and width > 1 else 0.0
        return (named if named > 1 else 0), even, width

    return max(DELIMITERS, key=merit)
