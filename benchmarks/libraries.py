"""The same walk-in clinics in the libraries that a user would choose between: `python -m benchmarks libraries`.

Arrivals and lengths are drawn once and given to all of them. Lengths have no atoms, so that no turn depends on
which of two simultaneous events comes first: every library must find the same moments to a rounding error.
Drawing is not timed. Garbage is collected before each turn.
"""

from __future__ import annotations

import csv
import gc
import importlib.util
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks import heap_loop, textbook
from simclinic.model import simulate
from simclinic.model.fast import compiled
from simclinic.model.fast.engine import simulate as fast
from simclinic.model.fast.state import World
from simclinic.planning import Timetable
from simclinic.records import Records
from simclinic.sampling.draws import Draws, Sampler
from simclinic.scenario import Scenario, load, replace

HERE = Path(__file__).parent
CLINICS = {"chairs_only.toml": "chairs_only", "walk_in.toml": "chairs_and_nurses"}
"""The scenarios, and the functions of the other libraries that simulate the same clinic."""
TURNS = 5
FAST = (
    "simclinic, compiled",
    "  its machine code",
    "a bare heap loop",
    "  on simclinic's clock",
)
"""What needs numba: the compiled engine, the part of it that is compiled, and the least that can be done."""
EXTRA = "pip install 'simclinic[bench]'"

Floats = npt.NDArray[np.float64]
Lengths = Sequence[tuple[float, ...]]
Timed = Callable[[], tuple[float, Floats]]
"""Simulates once: processor seconds, and when each patient arrived, began and left: (patients, 3) minutes."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a library took for a clinic.

    Attributes
    ----------
    seconds
        Processor time of the fastest turn.
    difference
        Largest difference from textbook SimPy in any patient's arrival, beginning or leaving, in minutes.
    """

    seconds: float
    difference: float


@dataclass(frozen=True, slots=True)
class Clinic:
    """A walk-in clinic, with its patients."""

    scenario: Scenario
    function: str
    timetable: Timetable
    draws: Draws
    arrivals: list[float]
    lengths: Lengths

    @classmethod
    def prepare(cls, file: str, weeks: int | None = None) -> Clinic:
        """Draw the patients of a scenario of this folder.

        Parameters
        ----------
        file
            Its name.
        weeks
            Weeks to simulate; None: as the file says.
        """
        scenario = load(HERE / file)
        if weeks is not None:
            scenario = replace(scenario, run={"weeks": weeks})
        draws = Sampler(scenario).sample(1, 0)
        order = draws.coming[np.argsort(draws.ready[draws.coming], kind="stable")]
        lengths = [draws.series.minutes(draws.series_row(row, 1)) for row in order.tolist()]
        return cls(scenario, CLINICS[file], Timetable(scenario), draws, draws.ready[order].tolist(), lengths)

    def libraries(self) -> tuple[dict[str, Timed], list[str]]:
        """Return the libraries that can simulate this clinic here, and why each of the others cannot."""
        found: dict[str, Timed] = {"textbook SimPy": self._timed(getattr(textbook, self.function))}
        missing: list[str] = []
        for name, module in (("Ciw", "ciw"), ("salabim", "salabim")):
            if importlib.util.find_spec(module) is None:
                missing.append(f"{name}: not installed ({EXTRA})")
                continue
            functions = importlib.import_module(f"benchmarks.with_{module}")
            if hasattr(functions, self.function):
                found[name] = self._timed(getattr(functions, self.function))
            else:
                missing.append(f"{name}: cannot keep a chair while waiting for a nurse")
        if has_simmer():
            found["simmer"] = self._simmer
        else:
            missing.append("simmer: needs R with the package simmer")
        found["simclinic"] = self._ours
        if compiled.is_warm():
            run = compiled.compiled_run()
            which = list(CLINICS.values()).index(self.function)
            bare, own = heap_loop.compiled()[which], heap_loop.on_own_clock()[which]
            fast = (
                lambda: self._arrays(run),
                lambda: self._arrays(run, alone=True),
                lambda: self._heap_loop(bare),
                lambda: self._heap_loop(own),
            )
            found |= dict(zip(FAST, fast, strict=True))
        else:
            missing += [f"{name}: simclinic warm compiles it (extra fast)" for name in FAST]
        return found, missing

    def _timed(self, function: Callable[[list[float], Lengths], textbook.Rows]) -> Timed:
        def timed() -> tuple[float, Floats]:
            begun = time.process_time()
            rows = function(self.arrivals, self.lengths)
            return time.process_time() - begun, np.array(rows)

        return timed

    def _ours(self) -> tuple[float, Floats]:
        begun = time.process_time()
        records = simulate(self.scenario, self.draws, self.timetable)
        return self._rows(time.process_time() - begun, records)

    def _arrays(self, run: compiled.Run, *, alone: bool = False) -> tuple[float, Floats]:
        """Simulate with the compiled engine; alone: time its machine code, without arrays and tables."""
        within = 0.0

        def timed(world: World) -> int:
            nonlocal within
            begun = time.process_time()
            ended = run(world)
            within += time.process_time() - begun
            return ended

        begun = time.process_time()
        records = fast(self.timetable, self.draws, timed)
        seconds = time.process_time() - begun
        assert records is not None
        return self._rows(within if alone else seconds, records)

    def _heap_loop(self, function: Callable[..., Floats]) -> tuple[float, Floats]:
        given = heap_loop.as_arrays(self.arrivals, self.lengths)
        begun = time.process_time()
        rows = function(*given)
        return time.process_time() - begun, rows

    def _rows(self, seconds: float, records: Records) -> tuple[float, Floats]:
        visits = records.visits
        rows = np.column_stack((visits["arrived"], visits["step_start"][:, 0], visits["left"]))
        return seconds, rows[np.argsort(rows[:, 0], kind="stable")]

    def _simmer(self) -> tuple[float, Floats]:
        with tempfile.TemporaryDirectory() as folder:
            given, found = Path(folder) / "given.csv", Path(folder) / "found.csv"
            with given.open("w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(["time", *(f"length{place + 1}" for place in range(len(self.lengths[0])))])
                writer.writerows(
                    [moment, *each] for moment, each in zip(self.arrivals, self.lengths, strict=True)
                )
            command = [
                "Rscript",
                HERE / "with_simmer.R",
                str(textbook.CHAIRS),
                str(textbook.NURSES),
                given,
                found,
            ]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            return float(printed), np.loadtxt(found, delimiter=",", skiprows=1)


def has_simmer() -> bool:
    """Tell whether R is here, with simmer."""
    if shutil.which("Rscript") is None:
        return False
    return (
        subprocess.run(["Rscript", "-e", "library(simmer)"], check=False, capture_output=True).returncode == 0
    )


def measure(libraries: dict[str, Timed], turns: int = TURNS) -> dict[str, Measured]:
    """Run all libraries in turn, several times.

    Parameters
    ----------
    libraries
        By name; the first is what the others are compared with.
    turns
        How often each runs.
    """
    seconds = dict.fromkeys(libraries, float("inf"))
    rows: dict[str, Floats] = {}
    for _ in range(turns):
        for name, run in libraries.items():
            gc.collect()
            taken, rows[name] = run()
            seconds[name] = min(seconds[name], taken)
    first = next(iter(rows.values()))
    return {name: Measured(seconds[name], difference(first, rows[name])) for name in libraries}


def difference(one: Floats, other: Floats) -> float:
    """Return the largest difference between two tables of moments, in minutes; a patient may not have left yet."""
    if one.shape != other.shape or not np.isfinite(other[:, :2]).mean() > 0.9:
        return float("inf")
    both = np.isfinite(other)
    return float(np.abs(one - other)[both].max())


def libraries(turns: int = TURNS) -> None:
    """Print what each library takes."""
    for file in CLINICS:
        clinic = Clinic.prepare(file)
        found, missing = clinic.libraries()
        measured = measure(found, turns)
        count = len(clinic.arrivals)
        fastest = measured["textbook SimPy"].seconds
        print(
            f"{clinic.scenario.name}: {count:,} patients, best of {turns}, one process, garbage collected first"
        )
        print(f"  {'':22} {'µs a patient':>12} {'÷ textbook':>11} {'largest difference, minutes':>28}")
        for name, each in measured.items():
            print(
                f"  {name:22} {each.seconds / count * 1e6:12.2f} {each.seconds / fastest:11.3f} "
                f"{each.difference:28.1e}"
            )
        for why in missing:
            print(f"  {why}")
    print("  simclinic includes its three tables; simmer runs in R, timed there")
