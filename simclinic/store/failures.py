"""Failed replications in a file: one line of JSON each, in order of their numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from simclinic.experiment import Failure
from simclinic.store.whole import write_whole

NAME = "failures.jsonl"


def write(folder: Path, failures: Mapping[int, Failure]) -> None:
    """Write all failures; a file without a line says that there are none."""
    lines = [
        json.dumps(
            {
                "point": 0,  # a study of one scenario has one point
                "replication": failure.number,
                "seed": failure.seed,
                "error": failure.error,
                "traceback": failure.traceback,
            },
            ensure_ascii=False,
        )
        + "\n"
        for _, failure in sorted(failures.items())
    ]
    write_whole(folder / NAME, "".join(lines).encode(errors="replace"))


def read(folder: Path) -> dict[int, Failure]:
    """Read a folder's failures; lines that are not whole are passed over, for they will be simulated again."""
    found: dict[int, Failure] = {}
    try:
        text = (folder / NAME).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return found
    for line in text.splitlines():
        try:
            row = json.loads(line)
            failure = Failure(int(row["replication"]), int(row["seed"]), row["error"], row["traceback"])
        except (ValueError, KeyError, TypeError):
            continue
        found[failure.number] = failure
    return found
