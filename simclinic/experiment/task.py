"""One replication to be made: of which scenario, with which luck."""

from __future__ import annotations

from dataclasses import dataclass, field

from simclinic.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Task:
    """One replication to be made.

    Attributes
    ----------
    point
        Which of a study's scenarios, counted from 0: whoever asked finds its outcome by it.
    scenario
        What is simulated. Tasks of one scenario should follow each other and share one object: it travels to a
        worker once for all of them, and its plan is laid out once.
    seed, number
        All luck follows from them.
    antithetic
        Replications come in pairs, 2k and 2k + 1: both have luck k, the second mirrored.
    """

    point: int
    scenario: Scenario = field(repr=False)
    seed: int
    number: int
    antithetic: bool = False
