"""The two walk-in clinics in salabim, as its manual would write them, with its default kind of process."""

from __future__ import annotations

from collections.abc import Sequence

import salabim

from benchmarks.textbook import CHAIRS, NURSES, Rows


def chairs_only(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> Rows:
    """Serve all patients, in one step; return when each arrived, began and left, in minutes."""
    env = salabim.Environment(trace=False)
    chairs = salabim.Resource("chairs", capacity=CHAIRS, env=env)
    rows: Rows = [(0.0, 0.0, 0.0)] * len(arrivals)

    class Patient(salabim.Component):
        def setup(self, number: int) -> None:
            self.number = number

        def process(self) -> None:
            arrived = env.now()
            self.request(chairs)
            began = env.now()
            self.hold(lengths[self.number][0])
            self.release(chairs)
            rows[self.number] = (arrived, began, env.now())

    _run(env, Patient, arrivals)
    return rows


def chairs_and_nurses(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> Rows:
    """Serve all patients, in four steps; return when each arrived, began the first one and left, in minutes."""
    env = salabim.Environment(trace=False)
    chairs = salabim.Resource("chairs", capacity=CHAIRS, env=env)
    nurses = salabim.Resource("nurses", capacity=NURSES, env=env)
    rows: Rows = [(0.0, 0.0, 0.0)] * len(arrivals)

    class Patient(salabim.Component):
        def setup(self, number: int) -> None:
            self.number = number

        def process(self) -> None:
            preparation, infusion, recovery, discharge = lengths[self.number]
            arrived = env.now()
            self.request(chairs)
            self.request(nurses)
            began = env.now()
            self.hold(preparation)
            self.release(nurses)
            self.hold(infusion)
            self.hold(recovery)
            self.request(nurses)
            self.hold(discharge)
            self.release(nurses)
            self.release(chairs)
            rows[self.number] = (arrived, began, env.now())

    _run(env, Patient, arrivals)
    return rows


def _run(env: salabim.Environment, patient: type[salabim.Component], arrivals: Sequence[float]) -> None:
    class Source(salabim.Component):
        def process(self) -> None:
            for number, moment in enumerate(arrivals):
                self.hold(till=moment)
                patient(number=number, env=env)

    Source(env=env)
    env.run()
