"""Many replications of a clinic, each with other luck, who makes them, and what becomes of those that fail."""

from simclinic.experiment.crew import Crew, CrewError
from simclinic.experiment.driver import Task, outcomes
from simclinic.experiment.failure import Failure
from simclinic.experiment.replication import Outcome, Prepared, Replication, relive, replicate, replications

__all__ = [
    "Crew",
    "CrewError",
    "Failure",
    "Outcome",
    "Prepared",
    "Replication",
    "Task",
    "outcomes",
    "relive",
    "replicate",
    "replications",
]
