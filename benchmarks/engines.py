"""What the compiled engine saves: `python -m benchmarks engines`.

One replication of the typical clinic with both engines, in turn: the model with its three tables, and all of it,
with its random inputs and key figures. Processor time of the fastest turn; a ratio of one run is worth more than
milliseconds of two. `python -m benchmarks engines studies` times whole commands.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from simclinic.experiment.replication import Prepared
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.model.fast import compiled
from simclinic.model.fast.engine import simulate as fast
from simclinic.records import Records
from simclinic.sampling import streams
from simclinic.scenario import load

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
TURNS = 15
VARIED = ("--over", "clinic.chairs=2:4", "--over", "shifts.day.nurses=1:3")
DIFFERENT = 4  # replications in turn, so that no engine meets the same patients again at once


def engines() -> None:
    """Print the times of one replication with both engines."""
    begun = time.process_time()
    run = compiled.compiled_run()
    print(f"The engine is loaded in {time.process_time() - begun:.2f} s of processor time")
    [filled] = streams._compiled  # noqa: SLF001 (SimPy alone draws without it)
    for name in ("baseline", "busy", "growing"):
        scenario = load(SCENARIOS / f"{name}.toml")
        prepared = Prepared(scenario)
        seed = scenario.run.seed

        def inputs(number: int, prepared: Prepared = prepared, seed: int = seed) -> object:
            return prepared.sample(seed, number, antithetic=False)

        def with_simpy(draws: object, prepared: Prepared = prepared) -> Records:
            return simulate(prepared.simulated, draws, prepared.timetable)  # type: ignore[arg-type]

        def with_arrays(draws: object, prepared: Prepared = prepared) -> Records:
            records = fast(prepared.timetable, draws, run)  # type: ignore[arg-type]
            assert records is not None
            return records

        taken: dict[tuple[str, str], list[float]] = {}
        for turn in range(TURNS + 1):
            number = turn % DIFFERENT
            for engine, model, fills in (("SimPy", with_simpy, []), ("compiled", with_arrays, [filled])):
                streams._compiled[:] = fills  # noqa: SLF001
                gc.collect()
                times = _times(inputs, model, number, prepared)
                if turn:
                    for part, seconds in times.items():
                        taken.setdefault((part, engine), []).append(seconds)
        print(f"{scenario.name}, a replication:")
        for part in ("model and tables", "all in"):
            simpy, other = (min(taken[part, engine]) for engine in ("SimPy", "compiled"))
            middle = median(a / b for a, b in zip(taken[part, "SimPy"], taken[part, "compiled"], strict=True))
            print(
                f"  {part:<17} SimPy {simpy * 1e3:6.1f} ms, compiled {other * 1e3:5.1f} ms: "
                f"{simpy / other:.1f} times (median of the turns {middle:.1f})"
            )


def _times(
    inputs: Callable[[int], object], model: Callable[[object], Records], number: int, prepared: Prepared
) -> dict[str, float]:
    """Time one replication as a study makes it, and its model once more with inputs that are all drawn."""
    begun = time.process_time()
    draws = inputs(number)
    records = model(draws)
    measure(records, prepared.simulated)
    whole = time.process_time() - begun
    begun = time.process_time()
    again = model(draws)
    alone = time.process_time() - begun
    assert len(again.visits["patient"]) == len(records.visits["patient"]) > 0
    return {"all in": whole, "model and tables": alone}


def studies() -> None:
    """Print what whole commands take with both engines and one worker: two take about half as long by the clock."""
    commands = {
        "run baseline.toml --replications 30": ("run", SCENARIOS / "baseline.toml", "--replications", "30"),
        "plan baseline.toml": ("plan", SCENARIOS / "baseline.toml", *VARIED),
        "sweep studies/sensitivity.toml": ("sweep", SCENARIOS / "studies" / "sensitivity.toml"),
    }
    for said, command in commands.items():
        for engine in ("simpy", "fast"):
            with tempfile.TemporaryDirectory() as folder:
                begun, before = time.perf_counter(), _spent()
                whole = [sys.executable, "-m", "simclinic", *map(str, command)]
                options = ["--engine", engine, "--out", f"{folder}/out", "--workers", "1"]
                finished = subprocess.run(
                    [*whole, *options], check=False, capture_output=True, text=True, cwd=folder
                )
                seconds = time.perf_counter() - begun
                if finished.returncode not in (0, 1):
                    sys.exit(finished.stderr)
            print(
                f"{said} --engine {engine}: {seconds:.0f} s, processors {_spent() - before:.0f} s", flush=True
            )


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
