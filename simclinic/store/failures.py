"""Failed replications in a file: one line of JSON each, in order of points and numbers.

A study of one scenario has one point, 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from simclinic.experiment import Failure
from simclinic.store.whole import write_whole

NAME = "failures.jsonl"


def write(folder: Path, failures: Mapping[tuple[int, int], Failure]) -> None:
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
    write_whole(folder / NAME, "".join(lines).encode(errors="replace"))


def read(folder: Path) -> dict[tuple[int, int], Failure]:
    """Read a folder's failures, by point and number.

    Lines that are not whole are passed over, for they will be simulated again.
    """
    found: dict[tuple[int, int], Failure] = {}
    try:
        text = (folder / NAME).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return found
    for line in text.split("\n"):
        try:
            row = json.loads(line)
            failure = Failure(int(row["replication"]), int(row["seed"]), row["error"], row["traceback"])
            found[int(row["point"]), failure.number] = failure
        except (ValueError, KeyError, TypeError):
            continue
    return found
