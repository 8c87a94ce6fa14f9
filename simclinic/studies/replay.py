"""Replay of one replication, with every patient and visit.

Results folders store only figures of a replication; the same scenario, seed and number give the same tables again.
"""

from __future__ import annotations

from simclinic.experiment import Prepared, replication
from simclinic.past.past import Competition
from simclinic.records import Records
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel


def replay(
    scenario: Scenario,
    number: int,
    *,
    antithetic: bool = False,
    panel: Panel | None = None,
    competition: Competition | None = None,
) -> Records:
    """Simulate one replication.

    Parameters
    ----------
    scenario
        The scenario, with its seed.
    number
        Number of the replication, counted from 0.
    antithetic
        Whether replications are mirrored pairs: 2k and 2k + 1 use draws k, the second mirrored.
    panel
        The patients at the beginning; None: it begins as the scenario says.
    competition
        What competition adds to the past of a steady start; None: it is found by pilot runs.
    """
    prepared = Prepared(scenario, panel, competition)
    return replication.replay(prepared, scenario.run.seed, number, antithetic=antithetic)
