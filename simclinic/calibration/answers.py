"""What somebody says words mean: one answer for a word, for many, or for some of its rows.

    Attnd                      that word
    Cancelled*                 all words that begin so
    Cancelled[Reason=ill*]     that word, where another column says so

A word is taken as it is written, signs included; small and capital letters and the signs between words (`no-show`,
`No Show`) make no difference as long as no two words of the export would become one. The closer answer wins: the
word itself, then the longest pattern; a condition on another column before none. `*` alone answers what nothing
else does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simclinic.calibration.text import plain
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_CONDITION = re.compile(r"(?s)(.*?)\[([^\[\]=]+)=([^\[\]]*)\]")
_CODE = 2
"""Characters up to which a word is a code: `a` and `A` may be two of them."""


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes
    ----------
    said
        As given.
    word
        The word or pattern.
    column, value
        The condition: what another column says; empty without one.
    meaning
        What the rows mean.
    """

    said: str
    word: str
    column: str
    value: str
    meaning: str


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.casefold()).strip() if re.search(r"\w", text) else text


def _matches(pattern: str, text: str) -> bool:
    parts = [re.escape(part) for part in _spaced(pattern).casefold().split("*")]
    return re.fullmatch("(?s)" + ".*".join(parts), _spaced(text).casefold()) is not None


def parse_answers(said: Mapping[str, str]) -> list[Answer]:
    """Take answers apart."""
    found = []
    for key, meaning in said.items():
        condition = _CONDITION.fullmatch(key)
        if condition:
            word, column, value = (part.strip() for part in condition.groups())
            found.append(Answer(key, word or "*", column, value, meaning))
        else:
            found.append(Answer(key, key.strip(), "", "", meaning))
    return found


def column_of(wanted: str, every: Mapping[str, Sequence[str]]) -> str | None:
    """Give the heading that somebody means; None if there is none, or several."""
    exact = [heading for heading in every if heading.casefold() == wanted.strip().casefold()]
    found = exact or [heading for heading in every if plain(heading) and plain(heading) == plain(wanted)]
    return found[0] if len(found) == 1 else None


def no_such_column(option: str, wanted: str, every: Mapping[str, Sequence[str]], file: str) -> Problem:
    """Say that an option names a column that is not there."""
    there = ", ".join(repr(heading) for heading in every if heading)
    return Problem(
        f"{option}: there is no column {wanted!r}; there are {there}",
        file=file,
        suggestion=nearest(wanted, every),
    )


@dataclass(frozen=True)
class WordMatcher:
    """How the words of a column answer to answers: exactly, folded, or by pattern."""

    exact: Mapping[str, str]
    folded: Mapping[str, str]
    patterns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, answers: Sequence[tuple[str, str]], cells: set[str]) -> WordMatcher:
        """Order answers, word and meaning each, for a column with these cells."""
        there = {_spaced(cell) for cell in cells}
        exact, patterns = {}, []
        for word, meaning in answers:
            if "*" in word and _spaced(word) not in there:
                patterns.append((word, meaning))
            else:
                exact[_spaced(word)] = meaning
        ways: dict[str, set[str]] = {}
        for cell in there:
            ways.setdefault(_folded(cell), set()).add(cell)
        folded: dict[str, str] = {}
        unclear = set()
        for word, meaning in exact.items():
            form = _folded(word)
            if folded.setdefault(form, meaning) != meaning:
                unclear.add(form)
            if len(form) <= _CODE and len(ways.get(form, ())) > 1:
                unclear.add(form)
        patterns.sort(key=lambda each: len(each[0].replace("*", "")), reverse=True)
        return cls(exact, {form: folded[form] for form in folded if form not in unclear}, tuple(patterns))

    def meaning(self, cell: str) -> str | None:
        """Give the meaning of a word, `*` alone left aside; None if nothing answers it."""
        found = self.exact.get(_spaced(cell)) or self.folded.get(_folded(cell))
        if found is None:
            for pattern, meaning in self.patterns:
                if pattern.strip("*") and _matches(pattern, cell):
                    return meaning
        return found

    @property
    def otherwise(self) -> str | None:
        """What `*` alone says."""
        return next((meaning for pattern, meaning in self.patterns if not pattern.strip("*")), None)


def apply_answers(
    cells: Sequence[str],
    answers: Sequence[Answer],
    known: Mapping[str, str],
    every: Mapping[str, Sequence[str]],
) -> list[str | None]:
    """Give each cell its meaning, None where nothing answers it.

    Parameters
    ----------
    cells
        The column.
    answers
        What somebody says; their conditions name columns that are there.
    known
        Words that need no answer, in small letters without signs.
    every
        All columns, for conditions.
    """
    distinct = set(cells)
    plainly = WordMatcher.of([(each.word, each.meaning) for each in answers if not each.column], distinct)
    by_cell = {cell: plainly.meaning(cell) or _usual(cell, known) or plainly.otherwise for cell in distinct}
    found = [by_cell[cell] for cell in cells]
    # The closest condition is applied last, so that it stays.
    conditional = [each for each in answers if each.column]
    for each in sorted(conditional, key=_closeness):
        heading = column_of(each.column, every)
        if heading is None:
            continue
        word = WordMatcher.of([(each.word, each.meaning)], distinct)
        value = WordMatcher.of([(each.value, each.meaning)], set(every[heading]))
        words = {cell for cell in distinct if word.meaning(cell) or word.otherwise}
        values = {cell for cell in set(every[heading]) if value.meaning(cell) or value.otherwise}
        for at, (cell, other) in enumerate(zip(cells, every[heading], strict=True)):
            if cell in words and other in values:
                found[at] = each.meaning
    return found


def _usual(cell: str, known: Mapping[str, str]) -> str | None:
    """Look a word up; one with a question mark behind it is somebody's doubt, and stays one."""
    return None if re.search(r"\w\s*\?$", cell) else known.get(plain(cell))


def _closeness(answer: Answer) -> tuple[bool, int, bool, int]:
    word, value = answer.word, answer.value
    return "*" not in word, len(word.replace("*", "")), "*" not in value, len(value.replace("*", ""))
