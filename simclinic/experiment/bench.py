"""Where replications are made: a place with the plans of the last few scenarios at hand."""

from __future__ import annotations

from collections import OrderedDict

from simclinic.experiment.failure import Failure
from simclinic.experiment.limit import TimeLimitError, limited
from simclinic.experiment.replication import Outcome, Prepared, replicate
from simclinic.experiment.task import Task
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel

_AT_HAND = 8


class Bench:
    """Makes replications one after another, and keeps what scenarios have worked out."""

    def __init__(self) -> None:
        self._prepared: OrderedDict[tuple[Scenario, Panel | None], Prepared] = OrderedDict()

    def make(self, task: Task, time_limit: float | None = None) -> Outcome:
        """Make a replication.

        Parameters
        ----------
        task
            Which.
        time_limit
            Seconds after which it counts as failed; None: never.
        """
        try:
            with limited(time_limit):
                prepared = self._prepare(task.scenario, task.panel)
                return replicate(prepared, task.seed, task.number, antithetic=task.antithetic)
        except TimeLimitError as error:
            # It came before the replication had begun or after it had ended.
            return Failure.of(error, number=task.number, seed=task.seed)

    def _prepare(self, scenario: Scenario, panel: Panel | None) -> Prepared:
        key = scenario, panel
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = Prepared(scenario, panel)
            if len(self._prepared) > _AT_HAND:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end(key)
        return prepared
