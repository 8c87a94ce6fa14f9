"""Triage, the first station of a treatment centre: arrivals at a rate that changes by the hour, M(t)/M/1.

Source: treat-sim (Monks and others, github.com/pythonhealthdatascience/stars-treat-sim), after exercise 13 of
Nelson, "Foundations and methods of stochastic simulation" (2013). The figures are of two printed runs of 50 days
each, the second one that of version 3.0.0.
"""

from collections.abc import Iterator

from tests.analytic.theory.profile import HOUR, DailyQueue
from tests.published.figure import NOT_KNOWN, Figure, Sums, System, arrived_between, records, scenario

OPEN = 19 * HOUR
"""Minutes by which the published utilisation is divided."""
LENGTH = 3.0
WAITS = {1: (34.6, 35.24), 2: (1.09, 1.33)}
"""By bays: the mean wait in minutes that two printed runs of `DAYS` days have."""
DAYS = 50


def rates() -> tuple[float, ...]:
    """Arrivals per minute, by the hour."""
    return tuple(rate / HOUR for rate in scenario("triage").demand.hour_weights)


def _sums(bays: int, count: int) -> Iterator[Sums]:
    for made in records(scenario("triage", f"clinic.chairs={bays}"), count):
        visits = arrived_between(made, 0.0, made.end)
        waited = visits["wait_chair"]
        busy = (visits["step_end"] - visits["step_start"]).sum()
        yield [(len(waited), 1), (waited.sum(), len(waited)), (waited.mean(), 1), (busy, bays * OPEN)]


def _figures(bays: int, which: str, use: str) -> list[Figure]:
    patients = sum(rates()) * HOUR
    waits = "; ".join(f"{wait:.3g}" for wait in WAITS[bays])
    mean_wait = DailyQueue(rates(), LENGTH, bays).mean_wait()
    return [
        Figure(f"patients a day, {which}", "227.8; 227.7", patients),
        Figure(f"mean wait over all patients, {which} (min)", "", mean_wait),
        Figure(f"mean over days of the day's mean wait, {which} (min)", waits, NOT_KNOWN),
        Figure(f"in use, 19 hours a day, {which}", use, patients * LENGTH / OPEN / bays),
    ]


def _with(bays: int, which: str, use: str) -> System:
    return System(which, lambda: _figures(bays, which, use), 1000, lambda count: _sums(bays, count))


TRIAGE = [_with(1, "one bay", "0.60; 0.61"), _with(2, "two bays", "0.30; 0.30")]
