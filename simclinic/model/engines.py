"""Which engine simulates: SimPy's, or the compiled one. The tables do not depend on it."""

from __future__ import annotations

from typing import NamedTuple

from simclinic.errors import SimclinicError
from simclinic.model.fast import compiled
from simclinic.model.fast.timetable import not_covered
from simclinic.model.simulate import simulate as with_simpy
from simclinic.past.following import Follow, Together
from simclinic.planning.timetable import Timetable
from simclinic.records import Records
from simclinic.sampling.draws import Draws
from simclinic.scenario import Scenario


class Engine(NamedTuple):
    """The engine of a scenario.

    Attributes
    ----------
    name
        "simpy" or "fast".
    reason
        Why it is not the other one; empty if it was asked for by name.
    """

    name: str
    reason: str = ""


def engine_of(scenario: Scenario) -> Engine:
    """Choose the engine of a scenario: the one that it asks for, as far as that covers it.

    "auto" takes the compiled engine only where it is compiled already.

    Raises
    ------
    SimclinicError
        If it asks for the compiled engine, and numba is not installed.
    """
    asked = scenario.run.engine
    if asked == "simpy":
        return Engine("simpy")
    if asked == "fast" and not compiled.available():
        raise SimclinicError('run.engine = "fast" needs numba: pip install "simclinic[fast]", or use "auto"')
    beyond = not_covered(scenario)
    if beyond is not None:
        return Engine("simpy", f"the compiled engine does not cover {beyond}")
    if asked == "fast":
        return Engine("fast")
    if compiled.is_warm():
        return Engine("fast", "it is compiled already")
    return Engine("simpy", "the other engine is not compiled: simclinic warm compiles it")


def followed_by(scenario: Scenario) -> Follow:
    """Return what follows patients of the past with the engine of a scenario."""
    if engine_of(scenario).name == "fast":
        from simclinic.model.fast.past.one_by_one import followed

        return followed(compiled.compiled_run())
    return Together


def simulate(scenario: Scenario, draws: Draws, timetable: Timetable) -> Records:
    """Simulate one replication with the engine of its scenario.

    A run that the compiled engine refuses, for example because it exceeds a bound, is made with SimPy's.

    Parameters
    ----------
    scenario, draws, timetable
        As for :func:`simclinic.model.simulate.simulate`.
    """
    if engine_of(scenario).name == "fast":
        from simclinic.model.fast.engine import simulate as with_arrays

        records = with_arrays(timetable, draws, compiled.compiled_run())
        if records is not None:
            return records
    return with_simpy(scenario, draws, timetable)
