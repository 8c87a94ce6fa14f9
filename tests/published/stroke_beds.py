"""Beds of a stroke service: how often would an admission find all of them taken?

Source: Monks and others, "A modelling tool for capacity planning in acute and community stroke services", BMC
Health Services Research 16 (2016), 530, table 2; parameters as in the Python package pydesrap_stroke
(github.com/pythonhealthdatascience/pydesrap_stroke).

The published model has beds for everybody and counts those in use once a day; the probability of delay at c beds
is P(N = c) / P(N <= c) of that count. Patients do not meet, so each kind is simulated alone, and the beds in use
are the sum. Transfers to rehabilitation leave the acute ward as a Poisson process: with beds for everybody they do.
"""

import zlib
from collections.abc import Iterator

import numpy as np
from scipy import stats

from simclinic.records import DAY
from tests.analytic.theory import erlang
from tests.published.figure import Figure, Sums, System, records, scenario

Kinds = dict[str, tuple[float, float, float]]
"""By kind of patient: admissions a day, and mean and standard deviation of the stay in days."""

ACUTE: Kinds = {
    "stroke": (0.87 / 1.2, 7.4, 8.61),
    "stroke, early discharge": (0.13 / 1.2, 4.6, 4.8),
    "TIA": (1 / 9.3, 1.8, 2.3),
    "neurological": (1 / 3.6, 4.0, 5.0),
    "other": (1 / 3.2, 3.8, 5.2),
}
REHABILITATION: Kinds = {
    "stroke": (0.6 * (0.24 / 1.2 + 1 / 21.8), 28.4, 27.2),
    "stroke, early discharge": (0.4 * (0.24 / 1.2 + 1 / 21.8), 30.3, 23.1),
    "TIA": (0.01 / 9.3, 18.7, 23.5),
    "neurological": (0.11 / 3.6 + 1 / 31.7, 27.6, 28.4),
    "other": (0.05 / 3.2 + 1 / 28.6, 16.1, 14.1),
}
WITH_MORTALITY: Kinds = {
    **ACUTE,
    "stroke": (0.24 / 1.2, 7.4, 8.61),
    "stroke, neither": (0.63 / 1.2, 7.0, 8.7),
}
"""The acute ward as the Python package has it: who goes neither to rehabilitation nor home early stays 7.0 days."""

DELAYS = {
    "acute": (ACUTE, {9: 0.19, 10: 0.14, 11: 0.09, 12: 0.06, 13: 0.04, 14: 0.02}),
    "rehabilitation": (REHABILITATION, {10: 0.20, 12: 0.11, 13: 0.08, 14: 0.05, 15: 0.03, 16: 0.02}),
}
"""Kinds of patient, and the published probability of delay by beds."""
IN_PYTHON = {9: 0.18, 10: 0.13, 11: 0.08, 12: 0.06, 13: 0.03, 14: 0.02}
"""The acute ward in the Python package."""


def load(kinds: Kinds) -> float:
    """Beds in use, on average."""
    return sum(rate * stay for rate, stay, _ in kinds.values())


def delay(kinds: Kinds, beds: int) -> float:
    """P(N = c) / P(N <= c) of a Poisson number: Erlang's formula B, whatever the law of stays."""
    return erlang.erlang_b(beds, load(kinds))


def minutes_in_use(stays: list[tuple[np.ndarray, np.ndarray]], end: float, most: int = 100) -> np.ndarray:
    """Count the minutes from 0 to the end in which 0, 1, 2 ... beds are in use.

    Parameters
    ----------
    stays
        Times of arriving and of leaving (NaN: not yet), for each kind.
    """
    come = np.clip(np.concatenate([arrived for arrived, _ in stays]), 0.0, end)
    gone = np.concatenate([left for _, left in stays])
    gone = np.clip(np.where(np.isnan(gone), end, gone), 0.0, end)
    times = np.concatenate((come, gone))
    order = np.argsort(times, kind="stable")
    inside = np.cumsum(np.repeat([1, -1], len(come))[order])
    lasts = np.diff(np.append(times[order], end))
    return np.bincount(np.maximum(inside, 0), lasts, most)


def _sums(ward: str, count: int) -> Iterator[Sums]:
    kinds, beds = DELAYS[ward]
    made = []
    for kind, (rate, mean, sd) in kinds.items():
        distribution = f"{{dist='lognormal', mean={mean * DAY}, sd={sd * DAY}}}"
        settings = (f"demand.referrals_per_week={7 * rate}", f"visit.steps.visit.minutes={distribution}")
        one = scenario("stroke-beds", *settings)
        # Another seed for each kind: with the same one all of them would have the same draws.
        made.append(records(one, count, zlib.crc32(f"{ward}, {kind}".encode())))
    for together in zip(*made, strict=True):
        end = together[0].end
        stays = [(one.visits["arrived"], one.visits["left"]) for one in together]
        minutes = minutes_in_use([(come[come < end], left[come < end]) for come, left in stays], end)
        mean = (minutes @ np.arange(len(minutes)), minutes.sum())
        yield [mean, *((minutes[c], minutes[: c + 1].sum()) for c in beds)]


def _ward(name: str) -> System:
    kinds, published = DELAYS[name]
    figures = [Figure(f"{name}, beds in use", "", load(kinds))]
    figures += [
        Figure(f"{name}, delay with {beds} beds", f"{printed:.2f}", delay(kinds, beds))
        for beds, printed in published.items()
    ]
    return System(name, lambda: figures, 40, lambda count: _sums(name, count))


BEDS = [_ward(name) for name in DELAYS]

READINGS = (
    "acute beds", "printed", "patients without a bed go elsewhere", "unlimited beds: that many in use, or more",
    "patients without a bed wait",
)  # fmt: skip


def readings() -> list[tuple[str, ...]]:
    """Set the printed delays of the acute ward beside three exact probabilities that might be meant."""
    kinds, published = DELAYS["acute"]
    return [
        (
            str(beds),
            f"{printed:.2f}",
            f"{delay(kinds, beds):.3f}",
            f"{stats.poisson.sf(beds - 1, load(kinds)):.3f}",
            f"{erlang.erlang_c(beds, load(kinds)):.3f}",
        )
        for beds, printed in published.items()
    ]
