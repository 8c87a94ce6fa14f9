"""What several types of visit cost, and how fast an earlier commit was: `python -m benchmarks ratios [COMMIT]`.

A ratio is the median of 15 pairs of whole replications (random inputs, model, tables, measures) that two processes
make in turn, by processor time: other work on the machine slows both.
"""

from __future__ import annotations

import io
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PAIRS = 15
TOGETHER = 3
"""Replications of a pair that are timed together."""

_WORKER = f"""
import json, sys, time
sys.path.insert(0, sys.argv[1])
import simclinic
from simclinic.experiment.replication import Prepared, replicate
from simclinic.scenario import baseline, replace
assert simclinic.__file__.startswith(sys.argv[1]), simclinic.__file__
run = {{"begin": "empty", "warm_up_weeks": 52}}
if hasattr(baseline().run, "engine"):  # earlier commits have one engine
    run["engine"] = "simpy"
clinic = replace(baseline(), run=run, **json.loads(sys.argv[2]))
prepared = Prepared(clinic)
replicate(prepared, 1, 0)
for line in sys.stdin:
    begun = time.process_time()
    for number in range({TOGETHER}):
        done = replicate(prepared, 1, {TOGETHER} * int(line) + number)
    print(time.process_time() - begun, type(done).__name__, flush=True)
"""

Settings = Mapping[str, Any]

CLINICS: Mapping[str, Settings] = {
    "the typical clinic": {},
    "22 referrals a week": {"demand": {"referrals_per_week": 22}},
    "walk-in": {"booking": {"mode": "walk-in"}},
}
"""Usual clinics: the typical one, with other settings."""


def _second(minutes: int) -> Settings:
    """Return a clinic in which half of the patients have visits of a second type, with an infusion so long."""
    typical = tomllib.loads((ROOT / "scenarios" / "baseline.toml").read_text())
    visit, protocol = typical["visit"], typical["protocols"]["twice-weekly"]
    visit["steps"]["infusion"]["minutes"] = minutes
    return {
        "visits": {"second": visit},
        "protocols": {"second": {**protocol, "visit": "second", "booster_visit": "second"}},
        "demand": {"protocol_mix": {"twice-weekly": 0.5, "second": 0.5}},
    }


class Measured(NamedTuple):
    """Seconds of a replication of each of two, and the median of the ratios, the second to the first."""

    one: float
    other: float
    ratio: float


class _Worker:
    """A process that makes replications of a clinic with the program in a folder."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(folder), json.dumps(settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=folder,
        )

    def seconds(self, turn: int) -> float:
        """Make the replications of a turn, and return the processor time of one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{turn}\n")
        self._process.stdin.flush()
        seconds, what = self._process.stdout.readline().split()
        assert what == "Replication", what
        return float(seconds) / TOGETHER

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


def measure(one: tuple[Path, Settings], other: tuple[Path, Settings]) -> Measured:
    """Measure two clinics, each a folder with a program and the clinic's settings, in turn."""
    first, second = workers = _Worker(*one), _Worker(*other)
    times = []
    for turn in range(PAIRS):
        if turn % 2:
            times.append((first.seconds(turn), second.seconds(turn)))
        else:
            times.append((second.seconds(turn), first.seconds(turn))[::-1])
    for worker in workers:
        worker.end()
    ones, others = zip(*times, strict=True)
    ratio = statistics.median(after / before for before, after in times)
    return Measured(statistics.median(ones), statistics.median(others), ratio)


def ratios(commit: str | None = None) -> None:
    """Print it."""
    print(f"A replication of two years, processor time, medians of {PAIRS} pairs")
    print(f"  {'':50} {'ms':>6} {'ms':>6}  ratio")
    for name, minutes in (("alike", 40), ("half an hour longer", 70)):
        found = measure((ROOT, {}), (ROOT, _second(minutes)))
        _row(f"one type of visit, then two: {name}", found)
    if commit is None:
        return
    packed = subprocess.run(["git", "archive", commit], check=True, capture_output=True, cwd=ROOT).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as files:
            files.extractall(folder, filter="data")
        for name, settings in CLINICS.items():
            _row(f"{commit[:7]}, then now: {name}", measure((Path(folder), settings), (ROOT, settings)))


def _row(name: str, found: Measured) -> None:
    print(f"  {name:50} {found.one * 1e3:6.0f} {found.other * 1e3:6.0f}  {found.ratio:5.2f}")
