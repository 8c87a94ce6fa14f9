"""Questions about unknown words of an export, asked all at once, with the effect of each answer.

    'Status' says 'Rescheduled' in 371 of 2,814 rows (lines 10, 17, 21 and more), which is not known ...

Words that begin alike, as `Cancelled - ill` and `Cancelled - car trouble`, are one question with one answer.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simclinic.calibration import likely_words, vocabulary
from simclinic.calibration.text import plain
from simclinic.errors import Problem

MOST = 40
"""Questions asked at most."""
_LINES = 5
_BEHIND = re.compile(r"\s*(?:[:;,(/|–—]|-+(?=\s)|\.(?=\s|$)).*", re.DOTALL)


@dataclass(frozen=True)
class Group:
    """Words that one answer settles: the pattern that names them, their number, and their lines."""

    pattern: str
    different: int
    lines: list[int]


def ask(
    cells: Sequence[str],
    lines: Sequence[int],
    meanings: Sequence[str | None],
    *,
    what: str,
    heading: str,
    file: str,
    types: Sequence[str] = (),
) -> list[Problem]:
    """Ask about the words without a known meaning.

    Parameters
    ----------
    cells, lines
        The column, and the line of each cell.
    meanings
        Meaning of each cell; None where it is unknown.
    what
        "status" or "kind".
    heading, file
        The column's heading and the file's name, for the messages.
    types
        The types of visit that a kind may mean.
    """
    unknown: dict[str, list[int]] = {}
    for cell, line, meaning in zip(cells, lines, meanings, strict=True):
        if meaning is None:
            unknown.setdefault(cell, []).append(line)
    if not unknown:
        return []
    groups = list(grouped(unknown, {cell for cell, meaning in zip(cells, meanings, strict=True) if meaning}))
    counts = Counter(meaning for meaning in meanings if meaning is not None)
    problems = [
        _question(
            group,
            counts,
            len(cells),
            what=what,
            heading=heading,
            file=file,
            alone=len(groups) == 1,
            allowed=list(vocabulary.meanings(what, types)),
        )
        for group in groups[:MOST]
    ]
    if len(groups) > MOST:
        rule = f"{len(groups) - MOST:,} more words are not known: is {heading!r} the right column?"
        problems.append(Problem(rule, file=file))
    return problems


def grouped(unknown: Mapping[str, list[int]], known: set[str]) -> Iterator[Group]:
    """Group words with the same beginning, unless their pattern would match a known word.

    Parameters
    ----------
    unknown
        The words without a known meaning, and their lines.
    known
        The words with one.
    """
    heads: dict[str, list[str]] = {}
    for cell in unknown:
        head = _BEHIND.sub("", cell).strip()
        heads.setdefault(head.casefold() if re.search(r"\w", head) else cell, []).append(cell)
    for cells in itertools.chain.from_iterable(map(_apart, heads.values())):
        head = _BEHIND.sub("", cells[0]).strip()
        others = any(
            cell.casefold().startswith(head.casefold()) and cell.casefold() != head.casefold()
            for cell in known
        )
        if len(cells) > 1 and not others:
            lines = sorted(line for cell in cells for line in unknown[cell])
            yield Group(f"{head}*", len(cells), lines)
        else:
            for cell in cells:
                yield Group(cell, 1, unknown[cell])


def _apart(cells: list[str]) -> Iterator[list[str]]:
    """Divide words with the same beginning: `Cancelled - no show` has another meaning than `Cancelled - ill`."""
    missed = [cell for cell in cells if _NO_SHOW.search(cell)]
    if len(missed) == len(cells):
        yield cells
        return
    yield [cell for cell in cells if cell not in missed]
    yield from ([cell] for cell in missed)


_NO_SHOW = re.compile(
    r"\bno[ -]?shows?\b|\bdid (?:not|n.t) (?:attend|arrive|show|come)|\bDNA\b", re.IGNORECASE
)


def _question(
    group: Group,
    counts: Mapping[str, int],
    rows: int,
    *,
    what: str,
    heading: str,
    file: str,
    alone: bool,
    allowed: list[str],
) -> Problem:
    likely = likely_meaning(group.pattern, what, heading, allowed)
    if likely in allowed:
        allowed.insert(0, allowed.pop(allowed.index(likely)))
    n = len(group.lines)
    shown = f"{group.pattern[:40]!r}" if group.pattern else "an empty cell"
    if group.different > 1:
        shown = f"{group.different} different words that begin with {group.pattern[:-1][:40]!r}"
    places = ", ".join(map(str, group.lines[:_LINES]))
    more = f" and {n - _LINES:,} more" if n > _LINES else ""
    be = "are" if group.different > 1 else "is"
    rule = f"{heading!r} says {shown} in line{'s' if n > 1 else ''} {places}{more}, which {be} not known"
    if n > 1:
        rule += f" ({n:,} of {rows:,} rows, {_percent(n, rows)} %)"
    rule += f': give its meaning with --{what} "{group.pattern[:40]}={allowed[0]}"'
    if group.different > 1:
        rule += " (one answer for all of them)"
    rule += f", or {', '.join(allowed[1:-1])} or {allowed[-1]}"
    if what == "kind":
        rule += "; --column kind= if the column is about something else"
    else:
        rule += effects(n, counts, alone=alone)
        if (
            likely == vocabulary.IGNORE
            and vocabulary.STATUSES.get(plain(group.pattern)) == vocabulary.CANCELLED
        ):
            rule += (
                ". The column has another word for late ones: if these were in time, use ignore, since the start "
                "could be booked again; with cancelled they count as late, too"
            )
        elif likely == vocabulary.IGNORE and "cancel" in group.pattern.casefold():
            rule += ". Use ignore if the start could be booked again; with cancelled they count as late"
        elif likely == vocabulary.IGNORE:
            rule += (
                ". An appointment that was moved occurs again on its new day: with ignore only that one counts, "
                "with cancelled it was given up too late for another patient"
            )
    return Problem(rule, file=file)


def likely_meaning(pattern: str, what: str, heading: str, allowed: Sequence[str] = ()) -> str | None:
    """Return the probable meaning of a word, to be offered first; None if nothing suggests one that is allowed."""
    known = vocabulary.known_words(what, heading).get(plain(pattern))
    if what != "status":
        return known or likely_words.likely_kind(pattern, allowed)
    if known == vocabulary.CANCELLED and pattern[-1:] not in ("?", "*") and not likely_words.is_late(pattern):
        return vocabulary.IGNORE  # it is asked about beside a word for late ones
    return known or likely_words.likely_flag(heading, pattern) or likely_words.likely_status(pattern)


def _percent(count: int, of: int) -> str:
    """Return a percentage with two digits, and all of them as 100."""
    return f"{100 * count / of:.2g}" if 200 * count < 199 * of else f"{100 * count / of:.0f}"


def effects(n: int, counts: Mapping[str, int], *, alone: bool) -> str:
    """Describe the effect of each answer on the shares of missed appointments.

    Parameters
    ----------
    n
        Rows with the word.
    counts
        Rows of each known meaning.
    alone
        Whether no other word is asked about.
    """
    done, missed, late = (
        counts.get(meaning, 0) for meaning in (vocabulary.COMPLETED, vocabulary.NO_SHOW, vocabulary.CANCELLED)
    )
    due = done + missed + late
    if not due or n < 2:
        return ""

    def shares(more_missed: int, more_late: int, of: int) -> str:
        no_shows, cancellations = 100 * (missed + more_missed) / of, 100 * (late + more_late) / of
        return f"{no_shows:.1f} % and {cancellations:.1f} %"

    others = "" if alone else ", if the other words asked about are left out,"
    return (
        f". Of the appointments due, no-shows and late cancellations{others} are {shares(0, 0, due + n)} with "
        f"completed, {shares(n, 0, due + n)} with no-show, {shares(0, n, due + n)} with cancelled, "
        f"{shares(0, 0, due)} with booked (in the future) or ignore"
    )
