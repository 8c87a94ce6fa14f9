"""The user's answers on the meaning of words: for one word, for many, or for some of its rows.

    Attnd                      this word
    Cancelled*                 all words that begin with it
    Cancelled[Reason=ill*]     this word, in rows with that value in another column

A word counts as it is written, punctuation included; case and the signs between words (`no-show`, `No Show`)
make no difference unless two words of the export would become one. The most specific answer wins: the word
itself, then the longest pattern; an answer with a condition before one without. `*` alone applies to all other
words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simclinic.calibration.text import plain
from simclinic.errors import Problem
from simclinic.scenario.problems import nearest

_CONDITION = re.compile(r"(?s)(.*?)\[([^\[\]=]+)=([^\[\]]*)\]")
CODE = 2
"""Characters up to which a word is a code, so that `a` and `A` may differ."""


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes
    ----------
    text
        The answer as given.
    word
        The word or pattern.
    column, value
        The condition: another column and its value; empty without one.
    meaning
        Meaning of the rows.
    """

    text: str
    word: str
    column: str
    value: str
    meaning: str


def _spaced(text: str) -> str:
    return " ".join(text.split())


def folded_word(text: str) -> str:
    """Fold a word: case and the signs between words make no difference."""
    return re.sub(r"[\s_-]+", " ", text.casefold()).strip() if re.search(r"\w", text) else text


def _matches(pattern: str, text: str) -> bool:
    parts = [re.escape(part) for part in _spaced(pattern).casefold().split("*")]
    return re.fullmatch("(?s)" + ".*".join(parts), _spaced(text).casefold()) is not None


def parse_answers(texts: Mapping[str, str]) -> list[Answer]:
    """Parse answers, given as meanings by word, pattern or condition."""
    answers = []
    for text, meaning in texts.items():
        condition = _CONDITION.fullmatch(text)
        if condition:
            word, column, value = (part.strip() for part in condition.groups())
            answers.append(Answer(text, word or "*", column, value, meaning))
        else:
            answers.append(Answer(text, text.strip(), "", "", meaning))
    return answers


def column_of(wanted: str, every: Mapping[str, Sequence[str]]) -> str | None:
    """Return the heading that a user's name for it matches; None if none does, or several."""
    exact = [heading for heading in every if heading.casefold() == wanted.strip().casefold()]
    matches = exact or [heading for heading in every if plain(heading) and plain(heading) == plain(wanted)]
    return matches[0] if len(matches) == 1 else None


def no_such_column(option: str, wanted: str, every: Mapping[str, Sequence[str]], file: str) -> Problem:
    """Report that an option names a column that does not exist."""
    there = ", ".join(repr(heading) for heading in every if heading)
    return Problem(
        f"{option}: there is no column {wanted!r}; there are {there}",
        file=file,
        suggestion=nearest(wanted, every),
    )


@dataclass(frozen=True)
class WordMatcher:
    """Matches words of a column with answers: exactly, regardless of case and signs, or by pattern.

    Attributes
    ----------
    exact, folded
        Meanings by word as written, and by its folded form.
    patterns
        Pattern and meaning, the longest first.
    """

    exact: Mapping[str, str]
    folded: Mapping[str, str]
    patterns: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, answers: Sequence[tuple[str, str]], cells: set[str]) -> WordMatcher:
        """Sort answers, each a word and its meaning, for a column with these cells."""
        there = {_spaced(cell) for cell in cells}
        exact, patterns = {}, []
        for word, meaning in answers:
            if "*" in word and _spaced(word) not in there:
                patterns.append((word, meaning))
            else:
                exact[_spaced(word)] = meaning
        spellings: dict[str, set[str]] = {}
        for cell in there:
            spellings.setdefault(folded_word(cell), set()).add(cell)
        folded: dict[str, str] = {}
        unclear = set()
        for word, meaning in exact.items():
            form = folded_word(word)
            if folded.setdefault(form, meaning) != meaning:
                unclear.add(form)
            if len(form) <= CODE and len(spellings.get(form, ())) > 1:
                unclear.add(form)
        patterns.sort(key=lambda pair: len(pair[0].replace("*", "")), reverse=True)
        return cls(exact, {form: folded[form] for form in folded if form not in unclear}, tuple(patterns))

    def meaning(self, cell: str) -> str | None:
        """Return the meaning of a word, regardless of `*` alone; None if no answer applies."""
        match = self.exact.get(_spaced(cell)) or self.folded.get(folded_word(cell))
        if match is None:
            for pattern, meaning in self.patterns:
                if pattern.strip("*") and _matches(pattern, cell):
                    return meaning
        return match

    @property
    def otherwise(self) -> str | None:
        """Meaning of `*` alone; None without it."""
        return next((meaning for pattern, meaning in self.patterns if not pattern.strip("*")), None)


def apply_answers(
    cells: Sequence[str],
    answers: Sequence[Answer],
    known: Mapping[str, str],
    every: Mapping[str, Sequence[str]],
) -> list[str | None]:
    """Return the meaning of each cell, None where no answer applies.

    Parameters
    ----------
    cells
        The column.
    answers
        The user's answers; columns in their conditions exist.
    known
        Meanings of words that need no answer, by normalised word.
    every
        All columns by heading, for conditions.
    """
    distinct = set(cells)
    matcher = WordMatcher.of(
        [(answer.word, answer.meaning) for answer in answers if not answer.column], distinct
    )
    by_cell = {cell: matcher.meaning(cell) or _usual(cell, known) or matcher.otherwise for cell in distinct}
    meanings = [by_cell[cell] for cell in cells]
    # The most specific condition is applied last, so that it prevails.
    conditional = [answer for answer in answers if answer.column]
    for answer in sorted(conditional, key=_specificity):
        heading = column_of(answer.column, every)
        if heading is None:
            continue
        word = WordMatcher.of([(answer.word, answer.meaning)], distinct)
        value = WordMatcher.of([(answer.value, answer.meaning)], set(every[heading]))
        words = {cell for cell in distinct if word.meaning(cell) or word.otherwise}
        values = {cell for cell in set(every[heading]) if value.meaning(cell) or value.otherwise}
        for at, (cell, other) in enumerate(zip(cells, every[heading], strict=True)):
            if cell in words and other in values:
                meanings[at] = answer.meaning
    return meanings


def _usual(cell: str, known: Mapping[str, str]) -> str | None:
    """Look a word up; a word with a question mark is in doubt and stays unknown."""
    return None if re.search(r"\w\s*\?$", cell) else known.get(plain(cell))


def _specificity(answer: Answer) -> tuple[bool, int, bool, int]:
    word, value = answer.word, answer.value
    return "*" not in word, len(word.replace("*", "")), "*" not in value, len(value.replace("*", ""))
