"""Replications: their number, the executors that run them, and their failures."""

from simclinic.experiment.executors import (
    Executor,
    ExecutorError,
    ProcessExecutor,
    SerialExecutor,
    executor_for,
)
from simclinic.experiment.failure import Failure
from simclinic.experiment.replication import Outcome, Prepared, Replication, replay, replicate, replications
from simclinic.experiment.runner import outcomes
from simclinic.experiment.task import Task

__all__ = [
    "Executor",
    "ExecutorError",
    "Failure",
    "Outcome",
    "Prepared",
    "ProcessExecutor",
    "Replication",
    "SerialExecutor",
    "Task",
    "executor_for",
    "outcomes",
    "replay",
    "replicate",
    "replications",
]
