"""Sets of any length as words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def words_of(value: int, words: int) -> npt.NDArray[np.uint64]:
    """Write the bits of an integer as words; of -1, all ones."""
    content = (value & ((1 << 64 * words) - 1)).to_bytes(8 * words, "little")
    return np.frombuffer(content, dtype="<u8").astype(np.uint64)
