"""A paediatric clinic: a receptionist whom babies and children share, and specialists of their own.

Source: Ciw's fourth tutorial, "Multiple Classes of Customer" (github.com/CiwPython/Ciw at 05f1727,
docs/Tutorial/tutorial_iv.rst). Babies come once an hour and children twice, at random. The clinic begins empty; the
printed figures are means over `TRIALS` runs of the mean wait of each. A patient counts at a station who came to it
from the third to the 27th hour and left it before the 30th.
"""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy import sparse, stats

from tests.published.figure import NOT_KNOWN, Figure, Sums, System, errors_off, records, scenario

HOUR = 60.0
FROM, TO, END = 3 * HOUR, 27 * HOUR, 30 * HOUR
TRIALS = 16

KINDS = {"baby": (1.0, 15.0, 2), "child": (2.0, 10.0, 3)}
"""By kind of patient: arrivals an hour, mean minutes of registration, and specialists."""
APPOINTMENT = 60.0

PRINTED = {
    "babies at the reception": 0.298488,
    "children at the reception": 0.261834,
    "babies for a specialist": 0.268752,
    "children for a specialist": 0.284763,
}
"""Mean waits, in hours."""


@cache
def exact(kind: str, most: tuple[int, int] = (60, 60)) -> tuple[float, float]:
    """Return the mean waits for the reception and for a specialist, in hours, of all who come in the 24 hours.

    A Markov chain, from an empty clinic: who is at the reception (nobody, or one of two kinds, and how many wait
    behind; their kinds are drawn when they come to it), and how many of one kind are at the specialists.

    Parameters
    ----------
    most
        How many are let in at the reception and at the specialists: so many that hardly any are turned away.
    """
    _, _, servers = KINDS[kind]
    arrivals = sum(rate for rate, _, _ in KINDS.values())
    share = [rate / arrivals for rate, _, _ in KINDS.values()]
    serve = [HOUR / minutes for _, minutes, _ in KINDS.values()]
    leave = HOUR / APPOINTMENT
    mine = list(KINDS).index(kind)
    desk = [(0, 0), *((n, c) for n in range(1, most[0] + 1) for c in (0, 1))]
    place = {state: at for at, state in enumerate(desk)}
    width = most[1] + 1
    rows, columns, rates = [], [], []

    def move(here: tuple[int, int], m: int, there: tuple[int, int], then: int, rate: float) -> None:
        rows.append(place[here] * width + m)
        columns.append(place[there] * width + then)
        rates.append(rate)

    for n, c in desk:
        for m in range(width):
            if n == 0:
                for who in (0, 1):
                    move((0, 0), m, (1, who), m, arrivals * share[who])
            elif n < most[0]:
                move((n, c), m, (n + 1, c), m, arrivals)
            if n:
                then = min(m + (c == mine), most[1])
                if n == 1:
                    move((n, c), m, (0, 0), then, serve[c])
                else:
                    for who in (0, 1):
                        move((n, c), m, (n - 1, who), then, serve[c] * share[who])
            if m:
                move((n, c), m, (n, c), m - 1, min(m, servers) * leave)
    size = len(desk) * width
    moves = sparse.csr_array((rates, (rows, columns)), (size, size))
    out = moves.sum(axis=1)
    fastest = float(out.max())
    chain = (moves / fastest + sparse.diags_array(1.0 - out / fastest)).T.tocsr()
    # The mean of the state's probabilities over the window, by uniformization.
    state = np.zeros(size)
    state[0] = 1.0
    steps = np.arange(int(fastest * TO / HOUR + 8 * math.sqrt(fastest * TO / HOUR)))
    weights = stats.poisson.sf(steps, fastest * TO / HOUR) - stats.poisson.sf(steps, fastest * FROM / HOUR)
    mean = np.zeros(size)
    for weight in weights:
        mean += weight * state
        state = chain @ state
    mean = (mean / mean.sum()).reshape(len(desk), width)
    ahead = sum(part / rate for part, rate in zip(share, serve, strict=True))
    at_desk = np.array([0.0 if n == 0 else 1 / serve[c] + (n - 1) * ahead for n, c in desk])
    flow = np.array([serve[c] if n and c == mine else 0.0 for n, c in desk]) @ mean
    found = np.maximum(np.arange(width) - servers + 1, 0) / (servers * leave)
    return float(at_desk @ mean.sum(axis=1)), float(flow @ found / flow.sum())


def _sums(count: int) -> Iterator[Sums]:
    for one in records(scenario("paediatric-clinic"), count):
        visits = one.visits
        column = {name: at for at, name in enumerate(one.steps)}
        pooled, as_printed = [], []
        for station in ("reception", "specialist"):
            for kind in KINDS:
                mine = visits["visit"] == one.visit_types.index(kind)
                step = "registration" if station == "reception" else "appointment"
                begin, end = (
                    visits[name][:, column[f"{kind}/{step}"]] for name in ("step_start", "step_end")
                )
                asked = (
                    visits["arrived"]
                    if step == "registration"
                    else visits["step_end"][:, column[f"{kind}/lobby"]]
                )
                looked = mine & (asked > FROM) & (asked < TO)
                waits = (begin - asked) / HOUR
                pooled.append((float(waits[looked].sum()), float(looked.sum())))
                as_printed.append((float(waits[looked & (end <= END)].mean()), 1.0))
        yield [cell for pair in zip(pooled, as_printed, strict=True) for cell in pair]


def _figures() -> list[Figure]:
    waits = {kind: exact(kind) for kind in KINDS}
    theory = [waits["baby"][0], waits["child"][0], waits["baby"][1], waits["child"][1]]
    return [
        figure
        for (name, printed), known in zip(PRINTED.items(), theory, strict=True)
        for figure in (
            Figure(f"mean wait of {name} (hours), over all", "", known),
            Figure(f"mean over runs of the run's mean wait of {name} (hours)", f"{printed:.4f}", NOT_KNOWN),
        )
    ]


CLINIC = [System("paediatric clinic", _figures, 2000, _sums)]


def far_off(count: int) -> dict[str, float]:
    """Tell by how many standard errors each printed figure is off, with the chance of 16 runs and of ours."""
    as_printed = (one[1::2] for one in _sums(count))
    return dict(zip(PRINTED, errors_off(list(PRINTED.values()), TRIALS, as_printed).tolist(), strict=True))
