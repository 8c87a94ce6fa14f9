"""Text of an export, each different cell kept once: a million rows of a few columns are then numbers, mostly.

What is asked of a cell is asked once of each that differs, and a column is read, cleaned or counted by its numbers.
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
"""What a file may hold: rows, cells, different texts among these, and their characters."""
MOST_COLUMNS = 4_000
_LOOK_EVERY = 256


class _Numbers(dict[str, int]):
    """Gives each text a number, the next one if it is new."""

    characters = 0

    def __missing__(self, text: str) -> int:
        self.characters += len(text)
        self[text] = number = len(self)
        return number


def check_held(rows: int = 0, cells: int = 0, texts: int = 0, characters: int = 0) -> None:
    """Refuse a table that holds more than one may."""
    for held, most, what in (
        (rows, MOST_ROWS, "rows"),
        (cells, MOST_CELLS, "cells"),
        (texts, MOST_TEXTS, "different cells"),
        (characters, MOST_CHARACTERS, "characters in different cells"),
    ):
        if held > most:
            raise NotReadError(f"has more than {most:,} {what}, the most that are read")


class Cells(Sequence[str]):
    """A column.

    Attributes
    ----------
    codes
        For each cell the place of its text in `words`.
    words
        The texts, each once, every one of which is in the column.
    """

    __slots__ = ("codes", "words")

    def __init__(self, codes: Codes, words: list[str]) -> None:
        self.codes = codes
        self.words = words

    @classmethod
    def of(cls, cells: Iterable[str]) -> Cells:
        """Make a column of its cells."""
        if isinstance(cells, Cells):
            return cells
        numbers = _Numbers()
        codes = np.fromiter(map(numbers.__getitem__, cells), dtype=np.int32)
        return cls(codes, list(numbers))

    @classmethod
    def among(cls, codes: Codes, words: Sequence[str]) -> Cells:
        """Make a column whose texts are among others."""
        there = np.zeros(len(words), dtype=bool)
        there[codes] = True
        if there.all():
            return cls(codes, list(words))
        kept = np.flatnonzero(there)
        place = np.cumsum(there, dtype=np.int32) - 1
        return cls(place[codes], [words[at] for at in kept.tolist()])

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
        """Give some of the cells."""
        return Cells.among(self.codes[which], self.words)

    def map(self, change: Callable[[str], str]) -> Cells:
        """Change every cell, asking once for each text."""
        changed = [change(word) for word in self.words]
        if changed == self.words:
            return self
        numbers = _Numbers()
        codes = np.array([numbers[word] for word in changed], dtype=np.int32)
        return Cells(codes[self.codes], list(numbers))

    def spread(self, found: Sequence[T]) -> list[T]:
        """Give every cell what was found of its text."""
        return list(map(found.__getitem__, self.codes.tolist()))

    def filled(self) -> Bools:
        """Tell which cells are not empty."""
        return np.array([bool(word) for word in self.words], dtype=bool)[self.codes]

    def firsts(self) -> npt.NDArray[np.int64]:
        """Give the first row of each text."""
        first = np.zeros(len(self.words), dtype=np.int64)
        first[self.codes[::-1]] = np.arange(len(self.codes))[::-1]
        return first

    def sizes(self) -> npt.NDArray[np.int64]:
        """Give the number of cells of each text."""
        return np.bincount(self.codes, minlength=len(self.words))

    def counts(self) -> Counter[str]:
        """Count the cells of each text, in the order in which the column has them."""
        sizes = self.sizes().tolist()
        return Counter(
            {self.words[at]: sizes[at] for at in np.argsort(self.firsts(), kind="stable").tolist()}
        )

    def written(self, cells: Mapping[int, str]) -> Cells:
        """Give the column with some cells changed."""
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
        Each one's cells.
    beside
        Other tables of the file, which count for what it may hold.

    Attributes
    ----------
    words
        All texts, each once.
    held
        Numbers of rows, cells, different texts and their characters.

    Raises
    ------
    NotReadError
        If there are more rows, cells or different texts than a table may hold.
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
        """For each cell, row by row, the place of its text in `words`."""
        return np.frombuffer(self._codes, dtype=np.int32) if self._codes else np.zeros(0, dtype=np.int32)

    @property
    def ends(self) -> npt.NDArray[np.int64]:
        """Where each row ends among the cells; 0 before the first."""
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
