"""Failed replications in a file: one line of JSON each, in order of points and numbers.

A study of one scenario has one point, 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from simclinic.experiment import Failure
from simclinic.store.tables import Damaged, Digests, content_of, sha256
from simclinic.store.whole import set_aside

NAME = "failures.jsonl"


def encode(failures: Mapping[tuple[int, int], Failure]) -> bytes:
    """Write all failures, by point and number; a file without a line says that there are none."""
    lines = [
        json.dumps(
            {
                "point": point,
                "replication": failure.number,
                "seed": failure.seed,
                "error": failure.error,
                "traceback": failure.traceback,
            },
            ensure_ascii=False,
        )
        + "\n"
        for (point, _), failure in sorted(failures.items(), key=lambda entry: entry[0])
    ]
    return "".join(lines).encode(errors="replace")


def read(folder: Path, files: Digests | None) -> dict[tuple[int, int], Failure]:
    """Read a folder's failures, by point and number.

    A file that is neither as the manifest says nor one that the program would write is set aside: what failed will
    be simulated again.

    Parameters
    ----------
    folder
        The results folder.
    files
        The digests that the manifest holds; None of a folder of before there were any, whose whole lines are read.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        content = content_of(folder / NAME)
    except Damaged:
        set_aside(folder, NAME)
        return {}
    found = dict(_lines(content.decode(errors="replace")))
    if files is not None and files.get(NAME) != sha256(content) and encode(found) != content:
        set_aside(folder, NAME)
        return {}
    return found


def _lines(text: str) -> Iterator[tuple[tuple[int, int], Failure]]:
    for line in text.split("\n"):
        try:
            row = json.loads(line)
            failure = Failure(int(row["replication"]), int(row["seed"]), row["error"], row["traceback"])
            yield (int(row["point"]), failure.number), failure
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
