"""What a study of several plans is simulated with: processes, a progress bar, and the options of its runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simclinic.scenario.panel import Panel
    from simclinic.studies.execution import Execution
    from simclinic.studies.run_options import RunOptions


@contextmanager
def simulating(
    execution: Execution, arguments: Mapping[str, Any], panel: Panel | None = None
) -> Iterator[RunOptions]:
    """Yield the options of a study's runs, with processes and a progress bar that end with the block.

    Parameters
    ----------
    execution
        How the study is executed.
    arguments
        Arguments of the command, for the manifest.
    panel
        Today's patients with whom the study begins.
    """
    from simclinic.cli.progress import Bar
    from simclinic.studies.run_options import RunOptions

    with execution.executor() as executor, Bar() as bar:
        yield RunOptions(
            out=execution.out,
            arguments=arguments,
            progress=bar,
            executor=executor,
            time_limit=execution.time_limit,
            panel=panel,
        )
