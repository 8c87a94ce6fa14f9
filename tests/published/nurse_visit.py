"""A nurse visit, the example of two teaching packages: pydesrap_mms (Python) and rdesrap_mms (R), M/M/5 by default.

Source: the output tables of github.com/pythonhealthdatascience/pydesrap_mms and rdesrap_mms (Heather and others).
31 replications of 30 days after 27 days of warm-up.
"""

from collections.abc import Iterator

import numpy as np

from simclinic.records import DAY
from tests.analytic.theory import erlang
from tests.published.figure import Figure, Sums, System, arrived_between, records, scenario

WEEK = 10080.0
EVERY = 4.0
"""Minutes between two patients, on average."""
NURSES = 5
WAITS = {
    8: (0.15, 0.14, 0.15, 0.16),
    9: (0.28, 0.26, 0.29, 0.29),
    10: (0.49, 0.47, 0.51, 0.52),
    11: (0.82, 0.78, 0.85, 0.88),
    12: (1.32, 1.27, 1.38, 1.44),
    13: (2.10, 2.01, 2.19, 2.16),
    14: (3.28, 3.13, 3.43, 3.44),
    15: (5.12, 4.88, 5.37, 5.33),
}
"""By minutes of a consultation, in minutes: Python's mean wait, its 95 % interval, and R's mean wait."""
ARRIVALS = (10755.161290322581, 10721.100177638484, 10789.222403006679)
"""Patients in 30 days, in the Python package's own run: mean and 95 % interval. One every 4 minutes is 10,800."""
CONSULTATION = 9.977252688905901
"""Minutes of a consultation in that run, where 10 are meant."""
IN_USE = {
    3: (0.66, 0.55, 0.47, 0.42),
    4: (0.50, 0.41, 0.35, 0.31),
    5: (0.40, 0.33, 0.28, 0.25),
    6: (0.33, 0.28, 0.24, 0.21),
    7: (0.29, 0.24, 0.20, 0.18),
}
"""By minutes between two patients: the share of nurses' time in use that Python prints, of 5, 6, 7 and 8 nurses."""


def expected_wait(minutes: float) -> float:
    """Mean wait by Erlang's formula, in minutes."""
    return erlang.mean_wait(1 / EVERY, minutes, NURSES)


def expected_wait_as_drawn(minutes: float) -> float:
    """Mean wait by Erlang's formula at the load that the Python package really drew, not the one it meant."""
    return erlang.mean_wait(ARRIVALS[0] / (30 * DAY), minutes * CONSULTATION / 10, NURSES)


def _visits(count: int, *overrides: str) -> Iterator[tuple[dict[str, np.ndarray], float]]:
    """Give the measured visits of each replication, and over how many minutes they came."""
    for made in records(scenario("nurse-visit", *overrides), count):
        end = made.end - DAY  # some who come on the last day are not done by its end
        yield arrived_between(made, 0.0, end), end


def _wait(minutes: int) -> System:
    def sums(count: int) -> Iterator[Sums]:
        for visits, _ in _visits(count, f"visit.steps.visit.minutes.mean={minutes}"):
            yield [(visits["wait_hands"].sum(), len(visits["wait_hands"]))]

    python, low, high, r = WAITS[minutes]
    printed = f"{python:.2f} ({low:.2f} to {high:.2f}); {r:.2f}"
    name = f"mean wait, consultation of {minutes} (min)"
    return System(name, lambda: [Figure(name, printed, expected_wait(minutes))], 20, sums)


def _in_use(every: int, nurses: int) -> System:
    def sums(count: int) -> Iterator[Sums]:
        settings = (f"demand.referrals_per_week={WEEK / every}", f"shifts.always.nurses={nurses}")
        for visits, span in _visits(count, *settings):
            busy = (visits["step_end"] - visits["step_start"]).sum()
            yield [(busy, nurses * span)]

    printed = f"{IN_USE[every][nurses - NURSES]:.2f}"
    name = f"in use, one every {every} min, {nurses} nurses"
    return System(name, lambda: [Figure(name, printed, 10 / every / nurses)], 10, sums)


WAIT = [_wait(minutes) for minutes in WAITS]
USE = [_in_use(every, nurses) for every in IN_USE for nurses in range(5, 9)]

READINGS = ("consultation (min)", "printed in Python", "exact, 10,800 patients", "exact, as many as came")


def readings() -> list[tuple[str, ...]]:
    """Set the printed intervals beside Erlang's formula, at the load meant and at the load drawn."""
    return [
        (
            str(minutes),
            f"{python:.2f} ({low:.2f} to {high:.2f})",
            f"{expected_wait(minutes):.3f}",
            f"{expected_wait_as_drawn(minutes):.3f}",
        )
        for minutes, (python, low, high, _) in WAITS.items()
    ]
