"""The walk-in clinic as a SimPy textbook would write it, and the yardstick for our own model.

Twelve chairs, three nurses, five arrivals an hour; preparation 15 minutes with a nurse, infusion 40, recovery
lognormal, discharge 10 with a nurse. Resources are asked for with `with resource.request() as turn: yield turn`,
draws are read from the same numbers as the model's, and one row per patient is kept.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

import simpy

CHAIRS, NURSES = 12, 3


def run(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> list[tuple[float, float, float]]:
    """Serve everyone; gives (arrived, first step began, left) by patient, in minutes."""
    env = simpy.Environment()
    chairs = simpy.Resource(env, capacity=CHAIRS)
    nurses = simpy.Resource(env, capacity=NURSES)
    rows: list[tuple[float, float, float]] = [(0.0, 0.0, 0.0)] * len(arrivals)

    def patient(number: int) -> Generator[simpy.Event, None, None]:
        preparation, infusion, recovery, discharge = lengths[number]
        arrived = env.now
        with chairs.request() as chair:
            yield chair
            with nurses.request() as nurse:
                yield nurse
                began = env.now
                yield env.timeout(preparation)
            yield env.timeout(infusion)
            yield env.timeout(recovery)
            with nurses.request() as nurse:
                yield nurse
                yield env.timeout(discharge)
        rows[number] = (arrived, began, env.now)

    def source() -> Generator[simpy.Event, None, None]:
        for number, moment in enumerate(arrivals):
            yield env.timeout(moment - env.now)
            env.process(patient(number))

    env.process(source())
    env.run()
    return rows
