"""Print how fast the simulator is: `python -m benchmarks`.

`python -m benchmarks scaling` tells what several workers bring, `python -m benchmarks pairing` what it is worth to
compare on the same patients, `python -m benchmarks forecast` how long a forecast takes.

Machines differ and are noisy, so everything is measured in one process, several times in turn, and the best of
each is given; ratios from one run are worth more than microseconds from two.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import textbook
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.sampling.draws import Sampler
from simclinic.scenario import Scenario, load

HERE = Path(__file__).parent
TURNS = 7


def best(*tasks: Callable[[], object]) -> list[float]:
    """Run tasks in turn and give the shortest time of each, in seconds."""
    times = [float("inf")] * len(tasks)
    for _ in range(TURNS):
        for place, task in enumerate(tasks):
            begun = time.perf_counter()
            task()
            times[place] = min(times[place], time.perf_counter() - begun)
    return times


def baseline() -> None:
    """One replication of the typical clinic, five simulated years: luck, model, measures."""
    scenario = load(HERE.parent / "scenarios" / "baseline.toml")
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    timetable.book()
    draws = sampler.sample(1, 0)
    records = simulate(scenario, draws, timetable)
    sample, model, figures = best(
        lambda: sampler.sample(1, 0),
        lambda: simulate(scenario, draws, timetable),
        lambda: measure(records, scenario),
    )
    appointments = len(records.visits["appointment"])
    years = (scenario.run.warm_up_weeks + scenario.run.weeks) / 52
    total = sample + model + figures
    print(f"The typical clinic: {years:.0f} years, {appointments:,} appointments, one core")
    for name, seconds in (("luck", sample), ("model", model), ("measures", figures), ("together", total)):
        print(f"  {name:<9} {seconds / appointments * 1e6:6.1f} µs an appointment")
    print(f"  {total / years * 1e3:.0f} ms a clinic-year; 30 replications take {30 * total:.1f} s")


def walk_in() -> None:
    """Time the walk-in clinic beside the same clinic in textbook SimPy, equal patient by patient."""
    scenario = load(HERE / "walk_in.toml")
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    draws = sampler.sample(1, 0)
    order = draws.coming[np.argsort(draws.ready[draws.coming], kind="stable")]
    arrivals = draws.ready[order].tolist()
    lengths = [draws.series.minutes(draws.series_row(row, 1)) for row in order.tolist()]
    difference = _difference(scenario, timetable, sampler, arrivals, lengths)
    book, ours = best(
        lambda: textbook.run(arrivals, lengths),
        lambda: simulate(scenario, draws, timetable),
    )
    count = len(arrivals)
    print(f"The walk-in clinic: {count:,} patients, largest difference {difference:g} minutes")
    print(f"  textbook SimPy  {book / count * 1e6:6.1f} µs a patient")
    print(f"  simclinic       {ours / count * 1e6:6.1f} µs a patient, its three tables included")
    print(f"  simclinic takes {ours / book:.2f} of the textbook's time")


def _difference(
    scenario: Scenario,
    timetable: Timetable,
    sampler: Sampler,
    arrivals: list[float],
    lengths: list[tuple[float, ...]],
) -> float:
    """Largest difference between the two in anybody's arrival, start or leaving, in minutes."""
    visits = simulate(scenario, sampler.sample(1, 0), timetable).visits
    ours = np.column_stack((visits["arrived"], visits["step_start"][:, 0], visits["left"]))
    theirs = np.array(textbook.run(arrivals, lengths))
    both = np.isfinite(ours)  # whoever is still inside at the end has not left ours
    return float(np.abs(ours - theirs)[both].max())


def start_up() -> None:
    """How long `simclinic --help` takes to answer."""
    command = [sys.executable, "-m", "simclinic", "--help"]
    (seconds,) = best(lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"simclinic --help answers in {seconds:.2f} s")


def main(arguments: list[str]) -> None:
    """Print what is asked for."""
    if not arguments:
        baseline()
        walk_in()
        start_up()
    elif arguments == ["scaling"]:
        from benchmarks.scaling import scaling

        scaling()
    elif arguments == ["pairing"]:
        from benchmarks.pairing import pairing

        pairing()
    elif arguments == ["forecast"]:
        from benchmarks import forecast

        forecast.told()
    else:
        sys.exit("usage: python -m benchmarks [scaling | pairing | forecast]")


if __name__ == "__main__":
    main(sys.argv[1:])
