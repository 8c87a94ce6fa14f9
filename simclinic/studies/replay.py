"""One replication once more, with every patient and visit: results folders hold its figures only.

Nothing is lost by that, for the same scenario, seed and number give the same tables again.
"""

from __future__ import annotations

from simclinic.experiment import Prepared, relive
from simclinic.records import Records
from simclinic.scenario import Scenario


def replay(scenario: Scenario, number: int, *, antithetic: bool = False) -> Records:
    """Simulate one replication.

    Parameters
    ----------
    scenario
        With the seed that holds.
    number
        Which, counted from 0.
    antithetic
        Whether replications are mirrored pairs: 2k and 2k + 1 have luck k, the second mirrored.
    """
    return relive(Prepared(scenario), scenario.run.seed, number, antithetic=antithetic)
