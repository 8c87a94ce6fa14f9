"""The file of failed replications: one line of JSON each, ordered by point and number.

A study of one scenario has one point, 0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from simclinic.experiment import Failure
from simclinic.store.atomic import set_aside
from simclinic.store.tables import DamagedError, Digests, read_content, sha256

NAME = "failures.jsonl"


def encode(failures: Mapping[tuple[int, int], Failure]) -> bytes:
    """Encode all failures, ordered by point and number; an empty file means that there are none."""
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

    A file that neither matches its digest nor is one that the program would write is set aside; the failed
    replications are then simulated again.

    Parameters
    ----------
    folder
        The results folder.
    files
        Digests in the manifest; None for an older folder without digests, of which complete lines are read.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    try:
        content = read_content(folder / NAME)
    except DamagedError:
        set_aside(folder, NAME)
        return {}
    failures = dict(_lines(content.decode(errors="replace")))
    if files is not None and files.get(NAME) != sha256(content) and encode(failures) != content:
        set_aside(folder, NAME)
        return {}
    return failures


def _lines(text: str) -> Iterator[tuple[tuple[int, int], Failure]]:
    for line in text.split("\n"):
        try:
            row = json.loads(line)
            failure = Failure(int(row["replication"]), int(row["seed"]), row["error"], row["traceback"])
            yield (int(row["point"]), failure.number), failure
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
