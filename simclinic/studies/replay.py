"""Replay of one replication, with every patient and visit.

Results folders store only figures of a replication; the same scenario, seed and number give the same tables again.
"""

from __future__ import annotations

from simclinic.experiment import Prepared, replication
from simclinic.records import Records
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel


def replay(
    scenario: Scenario, number: int, *, antithetic: bool = False, panel: Panel | None = None
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
        The patients at the beginning; None: an empty clinic.
    """
    return replication.replay(Prepared(scenario, panel), scenario.run.seed, number, antithetic=antithetic)
