"""The folder of results in Python: one named by the user, or a temporary one that lives as long as the object."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from simclinic.scenario.panel import Panel
    from simclinic.studies.execution import Execution
    from simclinic.studies.run_options import RunOptions

T = TypeVar("T")


def in_folder(out: Path | None, make: Callable[[Path], T]) -> T:
    """Make results in a folder; a temporary one is removed with the object, or if making it fails.

    Parameters
    ----------
    out
        The folder; None: a temporary one.
    make
        Makes the results in a folder.
    """
    if out is not None:
        return make(out)
    folder = Path(tempfile.mkdtemp(prefix="simclinic-"))
    try:
        made = make(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
    return made


def simulated(
    execution: Execution,
    arguments: Mapping[str, Any],
    make: Callable[[RunOptions], T],
    panel: Panel | None = None,
) -> T:
    """Simulate a study of several plans in a folder; see :func:`in_folder`.

    Parameters
    ----------
    execution
        How the study is executed.
    arguments
        Arguments of the call, for the manifest.
    make
        Simulates it with these options, and makes the results.
    panel
        Today's patients with whom the study begins.
    """
    from simclinic.studies.run_options import RunOptions

    def made(folder: Path) -> T:
        with execution.executor() as executor:
            return make(
                RunOptions(
                    out=folder,
                    arguments={**arguments, "mix_versions": execution.mix_versions},
                    executor=executor,
                    time_limit=execution.time_limit,
                    panel=panel,
                    reuse=execution.out is not None,
                )
            )

    return in_folder(execution.out, made)
