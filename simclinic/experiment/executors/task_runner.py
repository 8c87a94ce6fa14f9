"""Runs tasks one after another, and keeps the prepared scenarios of the last few."""

from __future__ import annotations

import importlib
from collections import OrderedDict

from simclinic.experiment.executors.limit import TimeLimitError, limited
from simclinic.experiment.failure import Failure
from simclinic.experiment.pilot import FEW_PAIRS
from simclinic.experiment.replication import Outcome, Prepared, replicate
from simclinic.experiment.same_patients import Beginnings
from simclinic.experiment.task import Task
from simclinic.past.past import Competition
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel

_CACHE_SIZE = 8


class TaskRunner:
    """Runs tasks one after another. A scenario is prepared once for all of its tasks that follow each other."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[Scenario, Panel | None, Competition | None, bool, int], Prepared] = (
            OrderedDict()
        )
        self._beginnings = Beginnings()

    def run(self, task: Task, time_limit: float | None = None, row: int | None = None) -> Outcome:
        """Run a replication.

        Parameters
        ----------
        task
            The replication.
        time_limit
            Seconds after which it counts as failed; None: never.
        row
            How many replications in a row, from this one on, are run here; None: not known.
        """
        try:
            with limited(time_limit):
                prepared = self._prepare(task)
                prepared.row = row
                return replicate(prepared, task.seed, task.number, antithetic=task.antithetic)
        except TimeLimitError as error:
            # The limit was reached before the replication had begun or after it had ended.
            return Failure.of(error, number=task.number, seed=task.seed)

    def _prepare(self, task: Task) -> Prepared:
        # A search that adds replications goes on with the same clinic.
        key = task.scenario.but_for_replications(), task.panel, task.competition, task.controlled, task.parts
        prepared = self._cache.get(key)
        if prepared is None:
            for module in task.modules:
                importlib.import_module(module)
            prepared = self._cache[key] = Prepared(
                task.scenario,
                task.panel,
                task.competition,
                pilot_pairs=FEW_PAIRS,
                controlled=task.controlled,
                parts=task.parts,
                beginnings=self._beginnings,
            )
            if len(self._cache) > _CACHE_SIZE:
                self._cache.popitem(last=False)
        prepared.planned = task.scenario.run.replications
        self._cache.move_to_end(key)
        return prepared
