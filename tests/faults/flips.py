"""Single bits of a folder's files, flipped one at a time and flipped back."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np


def flips(
    folder: Path, count: int, seed: int
) -> Iterator[tuple[str, contextlib.AbstractContextManager[None]]]:
    """Choose bits, as many in each file; gives the file's name, and a block in which the bit is flipped."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and file.stat().st_size]
    random = np.random.default_rng(seed)
    for each in range(count):
        file = files[each % len(files)]
        place = int(random.integers(8 * file.stat().st_size))
        yield file.relative_to(folder).as_posix(), _flipped(file, place)


@contextlib.contextmanager
def _flipped(file: Path, place: int) -> Iterator[None]:
    content = file.read_bytes()
    harmed = bytearray(content)
    harmed[place // 8] ^= 1 << place % 8
    file.write_bytes(harmed)
    try:
        yield
    finally:
        file.write_bytes(content)
