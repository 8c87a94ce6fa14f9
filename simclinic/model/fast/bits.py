"""Sets of days and of starts as bits of 64-bit words: what `planning/book.py` does with integers of any length."""

from __future__ import annotations

from typing import Any

import numpy as np

Words = Any

ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_64 = np.uint64(64)
_32, _16, _8, _4 = np.uint64(32), np.uint64(16), np.uint64(8), np.uint64(4)
_LOW32, _LOW16, _LOW8 = np.uint64(0xFFFFFFFF), np.uint64(0xFFFF), np.uint64(0xFF)
_LOW4, _LOW2 = np.uint64(0xF), np.uint64(0x3)


def low_bit(word: Any) -> int:  # noqa: ANN401
    """Return the place of the lowest bit of a word that is not 0."""
    place = 0
    if word & _LOW32 == ZERO:
        place += 32
        word = word >> _32
    if word & _LOW16 == ZERO:
        place += 16
        word = word >> _16
    if word & _LOW8 == ZERO:
        place += 8
        word = word >> _8
    if word & _LOW4 == ZERO:
        place += 4
        word = word >> _4
    if word & _LOW2 == ZERO:
        place += 2
        word = word >> TWO
    if word & ONE == ZERO:
        place += 1
    return place


def count_bits(words: Words) -> int:
    """Return the number of bits in a set."""
    count = 0
    for k in range(len(words)):
        word = words[k]
        while word != ZERO:
            word &= word - ONE
            count += 1
    return count


def has(words: Words, bit: int) -> bool:
    """Tell whether a bit is in a set."""
    found: bool = (words[bit >> 6] >> np.uint64(bit & 63)) & ONE != ZERO
    return found


def put(words: Words, bit: int) -> None:
    """Add a bit to a set."""
    words[bit >> 6] |= ONE << np.uint64(bit & 63)


def drop(words: Words, bit: int) -> None:
    """Remove a bit from a set."""
    words[bit >> 6] &= ~(ONE << np.uint64(bit & 63))


def shift(words: Words, by: int, into: Words) -> None:
    """Write `words >> by` into another set; `by` is 0 or more."""
    whole, part = by >> 6, np.uint64(by & 63)
    n = len(words)
    for k in range(len(into)):
        word = ZERO
        if k + whole < n:
            word = words[k + whole]
            if part != ZERO:
                word = word >> part
                if k + whole + 1 < n:
                    word |= words[k + whole + 1] << (_64 - part)
        into[k] = word


def keep_from(words: Words, first: int) -> None:
    """Mirror `_from` of the book."""
    for k in range(len(words)):
        low = first - (k << 6)
        if low >= 64:
            words[k] = ZERO
        elif low > 0:
            words[k] = words[k] >> np.uint64(low) << np.uint64(low)


def keep_until(words: Words, last: int) -> None:
    """Mirror `_until` of the book."""
    for k in range(len(words)):
        high = last - (k << 6)
        if high < 0:
            words[k] = ZERO
        elif high < 63:
            words[k] &= (TWO << np.uint64(high)) - ONE


def lowest(words: Words) -> int:
    """Mirror `_lowest` of the book; -1: the set is empty."""
    for k in range(len(words)):
        if words[k] != ZERO:
            return (k << 6) + low_bit(words[k])
    return -1


def lowest_from(words: Words, first: int) -> int:
    """Return the lowest bit from `first` on; -1: there is none."""
    k = first >> 6
    if k >= len(words):
        return -1
    word = words[k] >> np.uint64(first & 63) << np.uint64(first & 63)
    while word == ZERO:
        k += 1
        if k >= len(words):
            return -1
        word = words[k]
    return (k << 6) + low_bit(word)
