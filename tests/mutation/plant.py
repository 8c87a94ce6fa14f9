"""Plants bugs into a copy of the package, one at a time, and sees whether the tests notice."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.mutation.mutant import Mutant

HOUSE = Path(__file__).parents[2]
PATIENCE = 300
"""Seconds after which a mutant that runs for ever counts as caught."""


class Verdict(NamedTuple):
    """What became of a mutant: whether it was caught, by what, in how many seconds."""

    caught: bool
    by: str
    seconds: float


@contextmanager
def copy() -> Iterator[Path]:
    """Copy the package and its tests to a folder that vanishes."""
    with tempfile.TemporaryDirectory(prefix="simclinic-mutants-") as folder:
        place = Path(folder)
        leave_out = shutil.ignore_patterns("__pycache__", ".hypothesis")
        for name in ("simclinic", "tests", "scenarios", "docs/examples"):
            shutil.copytree(HOUSE / name, place / name, ignore=leave_out)
        shutil.copy(HOUSE / "pyproject.toml", place)
        yield place


def check(place: Path, tests: tuple[str, ...]) -> Verdict:
    """Run some tests in a copy."""
    begun = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider"]
    command += [f"tests/{name}" for name in tests]
    if all("::" in name for name in tests):
        command += ["-m", "long or not long"]  # a single test is meant, however long it takes
    try:
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return Verdict(caught=True, by="it never ends", seconds=time.perf_counter() - begun)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"pytest could not run: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    by = failed[0].split("::")[-1].split(" - ")[0] if failed else ""
    return Verdict(done.returncode == 1, by, time.perf_counter() - begun)


def imported_from(place: Path) -> Path:
    """Tell where a copy's tests import the package from: it must be the copy."""
    process = subprocess.run(
        [sys.executable, "-c", "import simclinic; print(simclinic.__file__)"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(process.stdout.strip()).parents[1]


def plant(place: Path, mutant: Mutant) -> Verdict:
    """Plant a bug, run its tests, and mend it again.

    Raises
    ------
    ValueError
        If the mutant's text does not stand in its file exactly once.
    """
    file = place / "simclinic" / mutant.file
    sound = file.read_text(encoding="utf-8")
    if sound.count(mutant.right) != 1:
        result = sound.count(mutant.right)
        raise ValueError(f"{mutant.name!r}: its text stands {result} times in {mutant.file}, not once")
    file.write_text(sound.replace(mutant.right, mutant.wrong), encoding="utf-8")
    try:
        return check(place, mutant.tests)
    finally:
        file.write_text(sound, encoding="utf-8")
