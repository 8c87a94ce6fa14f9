"""A call centre whose callers give up: Erlang-A, M/M/50+M.

Source: Garnett, Mandelbaum and Reiman, "Designing a call center with impatient customers", Manufacturing & Service
Operations Management 4 (2002), 208-227: 48 calls a minute of a minute each, patience of 2 minutes on average.
"""

from collections.abc import Iterator

from simclinic.records import BALKED, DAY
from tests.analytic.theory.birth_death import Queue
from tests.published.figure import Figure, Sums, System, arrived_between, records, scenario

SLOWER = 40
"""The scenario has fewer calls, each so many times as long: a queue does not know its unit of time."""
AGENTS = 50
EXACT = Queue(rate=48.0, length=1.0, chairs=AGENTS, patience=2.0)


def _sums(count: int) -> Iterator[Sums]:
    for made in records(scenario("impatient-callers"), count):
        begin, end = float(DAY), made.end - DAY
        visits = arrived_between(made, begin, end)
        gave_up = visits["outcome"] == BALKED
        busy = (visits["step_end"] - visits["step_start"])[~gave_up].sum()
        seconds = visits["wait_chair"].sum() / SLOWER * 60
        yield [
            (100 * gave_up.sum(), len(gave_up)),
            (seconds, len(gave_up)),
            (100 * busy, AGENTS * (end - begin)),
        ]


FIGURES = [
    Figure("give up (%)", "3.1", 100 * EXACT.gave_up),
    Figure("mean wait (seconds)", "3.7", 60 * EXACT.mean_wait),
    Figure("agents in use (%)", "93", 100 * EXACT.utilisation),
]
CALLERS = [System("impatient callers", lambda: FIGURES, 64, _sums)]
