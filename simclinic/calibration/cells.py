"""Dictionary-encoded text of an export: each distinct cell is stored once, and rows hold its number.

A function of a cell is evaluated once for each distinct text, so that large columns are read, cleaned and
counted by their numbers.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar, overload

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Codes
from simclinic.reading import NotReadError

T = TypeVar("T")

MOST_ROWS, MOST_CELLS, MOST_TEXTS, MOST_CHARACTERS = 5_000_000, 30_000_000, 2_750_000, 250_000_000
"""Largest numbers of rows, cells, distinct texts, and characters of these, in a file that is read."""
MOST_COLUMNS = 4_000
_LOOK_EVERY = 256


class _Numbers(dict[str, int]):
    """Numbers texts: a new text gets the next number."""

    characters = 0

    def __missing__(self, text: str) -> int:
        self.characters += len(text)
        self[text] = number = len(self)
        return number


def check_held(rows: int = 0, cells: int = 0, texts: int = 0, characters: int = 0) -> None:
    """Refuse a table that is larger than the limits."""
    for held, most, what in (
        (rows, MOST_ROWS, "rows"),
        (cells, MOST_CELLS, "cells"),
        (texts, MOST_TEXTS, "different cells"),
        (characters, MOST_CHARACTERS, "characters in different cells"),
    ):
        if held > most:
            raise NotReadError(f"has more than {most:,} {what}, the most that are read")


class Cells(Sequence[str]):
    """A column of text.

    Attributes
    ----------
    codes
        Index of each cell's text in `words`, shape (rows,).
    words
        The distinct texts, all of which occur in the column.
    """

    __slots__ = ("codes", "words")

    def __init__(self, codes: Codes, words: list[str]) -> None:
        self.codes = codes
        self.words = words

    @classmethod
    def of(cls, cells: Iterable[str]) -> Cells:
        """Make a column from its cells."""
        if isinstance(cells, Cells):
            return cells
        numbers = _Numbers()
        codes = np.fromiter(map(numbers.__getitem__, cells), dtype=np.int32)
        return cls(codes, list(numbers))

    @classmethod
    def among(cls, codes: Codes, words: Sequence[str]) -> Cells:
        """Make a column from indices into texts of which some may not occur."""
        there = np.zeros(len(words), dtype=bool)
        there[codes] = True
        if there.all():
            return cls(codes, list(words))
        used = np.flatnonzero(there)
        place = np.cumsum(there, dtype=np.int32) - 1
        return cls(place[codes], [words[at] for at in used.tolist()])

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Cells: ...
    def __getitem__(self, at: int | slice) -> str | Cells:
        if isinstance(at, slice):
            return Cells.among(self.codes[at], self.words)
        return self.words[int(self.codes[at])]

    def __iter__(self) -> Iterator[str]:
        return map(self.words.__getitem__, self.codes.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def take(self, which: npt.NDArray[np.intp] | Bools) -> Cells:
        """Return some of the cells."""
        return Cells.among(self.codes[which], self.words)

    def map(self, change: Callable[[str], str]) -> Cells:
        """Apply a function to every cell; it is called once for each distinct text."""
        changed = [change(word) for word in self.words]
        if changed == self.words:
            return self
        numbers = _Numbers()
        codes = np.array([numbers[word] for word in changed], dtype=np.int32)
        return Cells(codes[self.codes], list(numbers))

    def spread(self, values: Sequence[T]) -> list[T]:
        """Return for each cell the value that belongs to its text."""
        return list(map(values.__getitem__, self.codes.tolist()))

    def filled(self) -> Bools:
        """Return whether each cell is filled."""
        return np.array([bool(word) for word in self.words], dtype=bool)[self.codes]

    def firsts(self) -> npt.NDArray[np.int64]:
        """Return the first row of each text."""
        first = np.zeros(len(self.words), dtype=np.int64)
        first[self.codes[::-1]] = np.arange(len(self.codes))[::-1]
        return first

    def sizes(self) -> npt.NDArray[np.int64]:
        """Return the number of cells of each text."""
        return np.bincount(self.codes, minlength=len(self.words))

    def counts(self) -> Counter[str]:
        """Count the cells of each text, in order of first appearance."""
        sizes = self.sizes().tolist()
        return Counter(
            {self.words[at]: sizes[at] for at in np.argsort(self.firsts(), kind="stable").tolist()}
        )

    def written(self, cells: Mapping[int, str]) -> Cells:
        """Return the column with some cells changed."""
        codes, more = self.codes.copy(), _Numbers()
        for at, text in cells.items():
            codes[at] = len(self.words) + more[text]
        numbers = _Numbers()
        same = np.array([numbers[word] for word in [*self.words, *more]], dtype=np.int32)
        return Cells.among(same[codes], list(numbers))


class Rows(Sequence[list[str]]):
    """Rows of any width.

    Parameters
    ----------
    rows
        The cells of each row.
    beside
        Other tables of the file, which count towards its limits.

    Attributes
    ----------
    words
        The distinct texts.
    held
        Numbers of rows, cells, distinct texts and their characters.

    Raises
    ------
    NotReadError
        If the tables together exceed the limits.
    """

    def __init__(self, rows: Iterable[Sequence[str]] = (), *, beside: Sequence[Rows] = ()) -> None:
        others = [sum(held) for held in zip(*(each.held for each in beside), strict=True)] or [0] * 4
        numbers = _Numbers()
        self._codes, self._ends = array("i"), array("q", [0])
        for row in rows:
            self._codes.extend(map(numbers.__getitem__, row))
            self._ends.append(len(self._codes))
            if not len(self) % _LOOK_EVERY or len(row) > _LOOK_EVERY:
                if len(row) > MOST_COLUMNS:
                    raise NotReadError(f"has more than {MOST_COLUMNS:,} columns, the most that are read")
                check_held(*map(sum, zip(others, self._holding(numbers), strict=True)))
        self.held: tuple[int, int, int, int] = self._holding(numbers)
        check_held(*map(sum, zip(others, self.held, strict=True)))
        self.words = list(numbers)

    def _holding(self, numbers: _Numbers) -> tuple[int, int, int, int]:
        return len(self), len(self._codes), len(numbers), numbers.characters

    @property
    def codes(self) -> Codes:
        """Index of each cell's text in `words`, row by row."""
        return np.frombuffer(self._codes, dtype=np.int32) if self._codes else np.zeros(0, dtype=np.int32)

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """End of each row among the cells, after a leading 0."""
        return np.frombuffer(self._ends, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: int | slice) -> list[str] | list[list[str]]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        at = range(len(self))[at]
        return [self.words[code] for code in self._codes[self._ends[at] : self._ends[at + 1]]]
