"""One replication to be run: its scenario and its random inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

from simclinic.past.past import Competition
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel


@dataclass(frozen=True, slots=True)
class Task:
    """One replication to be run.

    Attributes
    ----------
    point
        Index of the scenario within the study; the study assigns the outcome by it.
    scenario
        The scenario. Tasks of one scenario should follow each other and share one object: it is then sent to a
        worker once for all of them, and its timetable is computed once.
    seed, number
        All random inputs follow from them.
    antithetic
        Replications come in pairs, 2k and 2k + 1: both have draws k, the second mirrored.
    panel
        Today's patients: the simulation begins with them, and uncertain settings are drawn anew in each
        replication. None: it begins as the scenario says, and settings are as given.
    competition
        What competition for starts adds to the past of a steady start; None: the worker finds it by pilot runs.
    controlled
        Whether controls are drawn, too; see :mod:`simclinic.experiment.controls`.
    parts
        How many times the measured weeks are simulated one after another; each is a replication of its own, so that
        numbers 4k to 4k + 3 are the quarters of the same simulated year.
    modules
        Modules that a worker imports first, because they register what the scenario uses.
    """

    point: int
    scenario: Scenario = field(repr=False)
    seed: int
    number: int
    antithetic: bool = False
    panel: Panel | None = field(default=None, repr=False)
    competition: Competition | None = None
    controlled: bool = False
    parts: int = 1
    modules: tuple[str, ...] = ()
