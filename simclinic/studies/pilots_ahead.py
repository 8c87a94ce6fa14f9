"""Pilot runs of a steady start that are made before they are needed.

While a manager looks at a clinic, the page simulates its pilots, since the next question begins with them. What
they find follows from the scenario alone, so that an answer is the same, to the last bit, with pilots made ahead
and without.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from simclinic.experiment import Executor
from simclinic.experiment.pilot import ALONE, Helpers, with_error
from simclinic.measures.kpis import import_own
from simclinic.past.past import Competition
from simclinic.scenario import Scenario

Pilots = tuple[Competition, Mapping[str, tuple[float, ...]]]
"""What pilot runs found: what competition adds to the past, and the effects of each pilot on the key figures."""

_MOST = 8
_known: OrderedDict[Scenario, Pilots] = OrderedDict()
"""By scenario, but for the number of replications, which pilots do not depend on."""


def helpers_of(executor: Executor, modules: tuple[str, ...]) -> Helpers:
    """Return the processes of an executor that share pilots out.

    Parameters
    ----------
    executor
        Runs the replications.
    modules
        That register what the scenario uses; a worker cannot import a script that is running.
    """
    if executor.helpers == 1 or "__main__" in modules:
        return ALONE
    return Helpers(executor.helpers, executor.call, modules)


def made(scenario: Scenario) -> Pilots | None:
    """Return what the pilots of a scenario found; None if none were made ahead."""
    return _known.get(_of(scenario))


def make(scenario: Scenario, executor: Executor) -> Pilots | None:
    """Make the pilots of a scenario now, and remember what they found.

    Figures and rules of other packages may change while a program runs, so that nothing is remembered of a scenario
    that uses some.

    Parameters
    ----------
    scenario, executor
        The clinic, and what simulates it.

    Returns
    -------
    tuple or None
        None if it needs no pilots.

    Raises
    ------
    SimclinicError
        If there is no steady clinic to begin with.
    """
    if scenario.run.begin != "steady" or import_own(scenario):
        return None
    known = made(scenario) or with_error(scenario, helpers_of(executor, ()))
    remember(scenario, known)
    return known


def remember(scenario: Scenario, pilots: Pilots) -> None:
    """Remember what pilots of a scenario found, of the last few scenarios."""
    key = _of(scenario)
    _known[key] = pilots
    _known.move_to_end(key)
    if len(_known) > _MOST:
        _known.popitem(last=False)


def _of(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"run": scenario.run.model_copy(update={"replications": 1})})
