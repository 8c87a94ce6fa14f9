"""What a question about a clinic begins with, made before it is asked: pilot runs and the first replications.

While a manager looks at a clinic, the page simulates its pilots, and then its first replications, since the next
question begins with them. They follow from the scenario alone, so that an answer is the same, to the last bit, with
them and without. A second call of :func:`make` goes on where the first one ended, so that a job that is asked
meanwhile waits for one of the two at most.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from simclinic.experiment import Executor, Task, outcomes
from simclinic.experiment.pilot import ALONE, Helpers, with_error
from simclinic.experiment.replication import Replication
from simclinic.measures.kpis import import_own
from simclinic.past.past import Competition
from simclinic.scenario import Scenario

Pilots = tuple[Competition, Mapping[str, tuple[float, ...]]]
"""What pilot runs found: what competition adds to the past, and the effects of each pilot on the key figures."""

FIRST = 6
"""Replications that are made ahead: of two, an interval is too wide to say much."""

_LEAST = 2
_LONG = 1.0
"""Seconds after which no more than `_LEAST` of them are waited for."""


class Ahead(NamedTuple):
    """What was made ahead of a scenario.

    Attributes
    ----------
    pilots
        What its pilots found; None: it needs none.
    first
        Its first replications, in order; None: not made yet.
    """

    pilots: Pilots | None = None
    first: tuple[Replication, ...] | None = None


_MOST = 8
_known: OrderedDict[Scenario, Ahead] = OrderedDict()
"""By scenario, but for the number of replications, on which neither depends."""


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
    return _ahead(scenario).pilots


def is_begun(scenario: Scenario) -> bool:
    """Tell whether first replications of a scenario were made ahead."""
    return bool(_ahead(scenario).first)


def first_of(scenario: Scenario, competition: Competition | None) -> tuple[Replication, ...]:
    """Return the first replications that were made ahead; none if they begin with another past.

    Parameters
    ----------
    scenario
        The clinic.
    competition
        What competition adds to the past of a steady start; None: it begins empty.
    """
    ahead = _ahead(scenario)
    theirs = None if ahead.pilots is None else ahead.pilots[0]
    return (ahead.first or ()) if theirs == competition else ()


def make(scenario: Scenario, executor: Executor) -> Ahead | None:
    """Make the pilots of a scenario now, or its first replications if it needs no pilots or has them.

    Figures and rules of other packages may change while a program runs, so that nothing is made of a scenario that
    uses some.

    Parameters
    ----------
    scenario, executor
        The clinic, and what simulates it.

    Returns
    -------
    Ahead or None
        All that has been made of it; None: nothing can be.

    Raises
    ------
    SimclinicError
        If there is no steady clinic to begin with.
    """
    if import_own(scenario):
        return None
    ahead = _ahead(scenario)
    if ahead.pilots is None and scenario.run.begin == "steady":
        ahead = Ahead(with_error(scenario, helpers_of(executor, ())))
    elif ahead.first is None:
        competition = None if ahead.pilots is None else ahead.pilots[0]
        ahead = ahead._replace(first=_first(scenario, competition, executor))
    remember(scenario, ahead)
    return ahead


def _first(
    scenario: Scenario, competition: Competition | None, executor: Executor
) -> tuple[Replication, ...]:
    """Simulate the first replications: fewer if they take long, and up to one that fails.

    A queue without bound ends a replication after many seconds, for which a question asked meanwhile would wait.
    """
    if competition is not None and competition.endless:
        return ()
    tasks = [
        Task(0, scenario, scenario.run.seed, number, competition=competition, controlled=True)
        for number in range(FIRST)
    ]
    begun, found = time.monotonic(), dict[int, Replication]()
    for task, outcome in outcomes(tasks, executor, soon=len(tasks)):
        if not isinstance(outcome, Replication):
            break
        found[task.number] = outcome
        if time.monotonic() - begun > _LONG and all(number in found for number in range(_LEAST)):
            break
    return tuple(found[number] for number in takewhile(found.__contains__, range(FIRST)))


def remember(scenario: Scenario, ahead: Ahead) -> None:
    """Remember what was made ahead of a scenario, of the last few scenarios."""
    key = scenario.but_for_replications()
    _known[key] = ahead
    _known.move_to_end(key)
    if len(_known) > _MOST:
        _known.popitem(last=False)


def _ahead(scenario: Scenario) -> Ahead:
    return _known.get(scenario.but_for_replications(), Ahead())
