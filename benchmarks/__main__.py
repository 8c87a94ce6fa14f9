"""Print how fast the simulator is: `python -m benchmarks`.

`python -m benchmarks libraries` times other libraries on the same walk-in clinics, `answers` says what an answer
costs, `scaling` what several workers bring, `pairing` what it is worth to compare on the same patients,
`forecast` how long a forecast takes, `page` how soon the page answers, `engines [studies]` what the compiled engine
saves, and `ratios [COMMIT]` what several types of visit cost, and how fast an earlier commit was.

Machines differ and are noisy, so everything is measured in one process, several times in turn, and the best of
each is given; ratios from one run are worth more than microseconds from two.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import libraries
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.sampling.draws import Sampler
from simclinic.scenario import load, replace

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
    """One replication of the typical clinic, five simulated years: draws, model, measures."""
    scenario = replace(
        load(HERE.parent / "scenarios" / "baseline.toml"), run={"begin": "empty", "warm_up_weeks": 208}
    )
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
    for name, seconds in (("draws", sample), ("model", model), ("measures", figures), ("together", total)):
        print(f"  {name:<9} {seconds / appointments * 1e6:6.1f} µs an appointment")
    print(f"  {total / years * 1e3:.0f} ms a clinic-year; 30 replications take {30 * total:.1f} s")


def start_up() -> None:
    """How long `simclinic --help` takes to answer."""
    command = [sys.executable, "-m", "simclinic", "--help"]
    (seconds,) = best(lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"simclinic --help answers in {seconds:.2f} s")


def main(arguments: list[str]) -> None:
    """Print what is asked for."""
    if not arguments:
        baseline()
        libraries.libraries()
        start_up()
    elif arguments == ["libraries"]:
        libraries.libraries()
    elif arguments == ["page"]:
        from benchmarks import page

        page.page()
    elif arguments == ["answers"]:
        from benchmarks import answers

        answers.printed()
    elif arguments == ["scaling"]:
        from benchmarks.scaling import scaling

        scaling()
    elif arguments == ["pairing"]:
        from benchmarks.pairing import pairing

        pairing()
    elif arguments == ["forecast"]:
        from benchmarks import forecast

        forecast.told()
    elif arguments in (["engines"], ["engines", "studies"]):
        from benchmarks import engines

        engines.studies() if arguments[1:] else engines.engines()
    elif arguments[:1] == ["ratios"] and len(arguments) <= 2:
        from benchmarks.ratios import ratios

        ratios(*arguments[1:])
    else:
        sys.exit(
            "usage: python -m benchmarks "
            "[libraries | answers | scaling | pairing | forecast | page | engines [studies] | ratios [COMMIT]]"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
