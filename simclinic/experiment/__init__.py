"""Many replications of a clinic, each with other luck, and what becomes of those that fail."""

from simclinic.experiment.failure import Failure
from simclinic.experiment.replication import Outcome, Prepared, Replication, replicate, replications

__all__ = ["Failure", "Outcome", "Prepared", "Replication", "replicate", "replications"]
