"""One replication to be made: of which scenario, with which random inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel


@dataclass(frozen=True, slots=True)
class Task:
    """One replication to be made.

    Attributes
    ----------
    point
        Which of a study's scenarios, counted from 0; the study assigns the outcome by it.
    scenario
        What is simulated. Tasks of one scenario should follow each other and share one object: it travels to a
        worker once for all of them, and its plan is laid out once.
    seed, number
        All random inputs follow from them.
    antithetic
        Replications come in pairs, 2k and 2k + 1: both have draws k, the second mirrored.
    panel
        Today's patients: the simulation begins with them, and settings that the scenario says are uncertain are
        drawn anew in each replication. None: it begins with an empty clinic, and settings are as they stand.
    """

    point: int
    scenario: Scenario = field(repr=False)
    seed: int
    number: int
    antithetic: bool = False
    panel: Panel | None = field(default=None, repr=False)
