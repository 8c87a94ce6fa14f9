"""Parsing of TOML text into plain tables, with one plain sentence for each way a file can be unreadable.

`tomllib` is fast and strict, but trusts its input: it needs minutes for some small files, and others end in a
RecursionError. Size, depth and the length of dotted names are therefore bounded first.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path as FilePath
from typing import Any

from simclinic.errors import Problem, ScenarioError
from simclinic.reading import NotReadError, read_bounded, why
from simclinic.scenario.known import strange_letter

MOST_BYTES = 1_000_000
"""Size of the largest file that is read: a megabyte, a hundred times a large scenario."""

_REMEDY = "a large scenario has about ten thousand; is it the right file?"

MOST_DEPTH = 16
"""The deepest nesting of tables and lists, and the most parts of a dotted name."""

_TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+|\.|[ \t]+|.')

_DATE = re.compile(r"=\s*\d{4}-\d{1,2}-\d{1,2}\s*(#.*)?$")

_PLAIN = {
    "Cannot overwrite a value": "this name is given twice",
    "Cannot declare .* twice": "this table is declared twice",
    "Cannot mutate immutable namespace": "this table was complete before",
}


def read_text(path: FilePath, shown: str, *, most_bytes: int = MOST_BYTES, remedy: str = _REMEDY) -> str:
    """Read a text file or a pipe: UTF-8, with or without a byte-order mark, of bounded size.

    Parameters
    ----------
    path
        The file.
    shown
        Its name in error messages.
    most_bytes
        Its largest permitted size.
    remedy
        Advice for a larger file.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is too large, or has another encoding.
    """

    def refuse(rule: str, line: int | None = None) -> ScenarioError:
        return ScenarioError([Problem(rule, file=shown, line=line)])

    try:
        raw = read_bounded(path, most_bytes, pipes=True, remedy=remedy)
    except (NotReadError, OSError, ValueError) as error:
        raise refuse(why(error)) from None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse("is in UTF-16; save it as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise refuse("is not in UTF-8; save it as UTF-8", line) from None


def parse(text: str, shown: str) -> dict[str, Any]:
    """Read TOML text into dictionaries, lists, numbers, text and dates.

    Raises
    ------
    ScenarioError
        If the text is not TOML, too large or nested too deeply.
    """

    def refuse(rule: str, line: int | None = None) -> ScenarioError:
        return ScenarioError([Problem(rule, file=shown, line=line)])

    if len(text) > MOST_BYTES:
        raise refuse(f"is larger than {MOST_BYTES:,} bytes")
    line = _overlong_name(text)
    if line is not None:
        raise refuse(f"a dotted name must not have more than {MOST_DEPTH} parts", line)
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise refuse(f"is nested more than {MOST_DEPTH} levels deep") from None
    except ValueError as error:
        rule, line = _plain_words(str(error), text)
        raise refuse(rule, line) from None
    if _too_deep(tables):
        raise refuse(f"is nested more than {MOST_DEPTH} levels deep")
    return tables


def _overlong_name(text: str) -> int | None:
    """Return the line of a dotted name with too many parts, for which `tomllib` would need minutes."""
    if text.count(".") <= MOST_DEPTH:
        return None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") < MOST_DEPTH:
            continue
        dots, after_part = 0, False
        for token in _TOKEN.findall(line):
            if token == ".":  # noqa: S105  (a token of TOML)
                dots, after_part = dots + 1, False
            elif token[0] in " \t":
                continue
            elif after_part:
                dots = 0
            else:
                after_part = token[0] in "\"'_-" or token.isalnum() or len(token) > 1
                dots = dots if after_part else 0
            if dots >= MOST_DEPTH:
                return number
    return None


def _too_deep(tables: dict[str, Any]) -> bool:
    level: list[Any] = [tables]
    for _ in range(MOST_DEPTH + 1):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _plain_words(message: str, text: str) -> tuple[str, int | None]:
    """Return `tomllib`'s message in plain words, and its line."""
    if "integer string conversion" in message:
        return "is not valid TOML: a number has too many digits", None
    line = None
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if place is not None:
        message = message[: place.start()]
        line = int(place[1]) if place[1] else len(text.rstrip().split("\n"))
    plain = message[:1].lower() + message[1:]
    for pattern, words in _PLAIN.items():
        if re.match(pattern, message):
            plain = words
    if line and _DATE.search(text.split("\n")[line - 1]):
        plain += "; is the date one of the calendar, year-month-day?"
    # Word processors put in dashes and quotes, and keyboards letters, that only look like those of TOML.
    strange = strange_letter(text.split("\n")[line - 1].partition("#")[0]) if line else None
    if strange is not None:
        plain += f"; the line contains {strange}"
    return f"is not valid TOML: {plain}", line
