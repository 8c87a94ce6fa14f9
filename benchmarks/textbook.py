"""The two walk-in clinics as a SimPy textbook would write them: what the model is compared with.

One has twelve chairs and nothing else, the other three nurses too, who are needed for the first and the last of
four steps. Resources are requested with `with resource.request() as turn: yield turn`, lengths are the model's, and
one row per patient is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import simpy

CHAIRS, NURSES = 12, 3


Rows = list[tuple[float, float, float]]
"""When each patient arrived, began the first step, and left, in minutes."""


def chairs_only(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> Rows:
    """Serve all patients, in one step; return when each arrived, began and left, in minutes."""
    env = simpy.Environment()
    chairs = simpy.Resource(env, capacity=CHAIRS)
    rows: Rows = [(0.0, 0.0, 0.0)] * len(arrivals)

    def patient(number: int) -> Generator[simpy.Event, None, None]:
        arrived = env.now
        with chairs.request() as chair:
            yield chair
            began = env.now
            yield env.timeout(lengths[number][0])
        rows[number] = (arrived, began, env.now)

    env.process(_source(env, arrivals, patient))
    env.run()
    return rows


def chairs_and_nurses(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> Rows:
    """Serve all patients, in four steps; return when each arrived, began the first one and left, in minutes."""
    env = simpy.Environment()
    chairs = simpy.Resource(env, capacity=CHAIRS)
    nurses = simpy.Resource(env, capacity=NURSES)
    rows: Rows = [(0.0, 0.0, 0.0)] * len(arrivals)

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

    env.process(_source(env, arrivals, patient))
    env.run()
    return rows


def _source(
    env: simpy.Environment,
    arrivals: Sequence[float],
    patient: Callable[[int], Generator[simpy.Event, None, None]],
) -> Generator[simpy.Event, None, None]:
    for number, moment in enumerate(arrivals):
        yield env.timeout(moment - env.now)
        env.process(patient(number))
