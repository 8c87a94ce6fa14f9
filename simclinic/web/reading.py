"""The process in which dropped exports are read: apart from the server, and within bounds of memory.

An export comes through a pipe and stays in memory. What goes back are headings, words and estimates; what is
written is what `simclinic calibrate` writes, in which no patient can be identified.
"""

from __future__ import annotations

import os
import signal
from importlib import import_module
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simclinic.calibration import Options
    from simclinic.calibration.held import HeldExport
    from simclinic.errors import Problem

MOST_MEMORY = 3_000_000_000
"""Bytes that reading may take, where the system can be told."""

_VERBS = ("is", "has", "holds", "unpacks", "cannot", "must")
"""First words of a rule whose subject is the file."""

_TOO_LARGE = "This file needs more memory than is allowed. Export fewer columns, or fewer years."


def read(pipe: Connection, folder: str) -> None:
    """Read exports until the other end of the pipe is closed.

    Parameters
    ----------
    pipe
        Tasks come through it, as tuples of "look" or "learn" and its arguments; outcomes go back, as tuples of
        "looked", "learnt" or "refused" and what belongs to it.
    folder
        Of the clinics: results are stored below it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir(folder)
    _bound_memory()
    for name in (
        "simclinic.calibration.look",
        "simclinic.studies.calibrate",
        "simclinic.studies.folders.calibrate",
        "simclinic.report.page",
    ):
        import_module(name)
    try:
        while True:
            what, *arguments = pipe.recv()
            outcome = _outcome(what, arguments)
            del arguments  # an export is not held here
            pipe.send(outcome)
    except (EOFError, OSError):  # the server has ended
        return


def sentence(problem: Problem) -> str:
    """Say a problem of an export as a sentence of its own."""
    verb = problem.rule.partition(" ")[0]
    text = f"{problem.file} {problem.rule}" if problem.file and verb in _VERBS else problem.rule
    return text + (f". Did you mean {problem.suggestion!r}?" if problem.suggestion else "")


def _bound_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    except (ImportError, AttributeError, ValueError, OSError):
        return  # the bounds of the reader remain


def _outcome(what: str, arguments: list[Any]) -> tuple[str, Any]:
    """Work on one task; whatever happens is an outcome."""
    from simclinic.calibration import ExportError
    from simclinic.errors import SimclinicError

    try:
        return ("looked", _look(*arguments)) if what == "look" else ("learnt", _learn(*arguments))
    except ExportError as error:
        return "refused", [sentence(problem) for problem in error.problems]
    except SimclinicError as error:
        return "refused", list(error.lines)
    except MemoryError:
        return "refused", [_TOO_LARGE]
    except Exception as error:  # noqa: BLE001 (a mistake of this program: a message, and no traceback)
        return "refused", [f"Internal error, a mistake in simclinic itself: {type(error).__name__}."]


def _look(export: HeldExport, options: Options) -> Any:  # noqa: ANN401 (a Look)
    from simclinic.calibration.look import look

    return look(export, options)


def _learn(export: HeldExport, options: Options, base: str | None) -> tuple[str, str]:
    """Calibrate as the command line does; return what `--json` prints, and the results folder."""
    from simclinic.results.document import as_json
    from simclinic.studies.calibrate import calibrate

    arguments = {
        "export": export.name,
        "scenario": base,
        **options.for_manifest(),
        "as_of": None if options.as_of is None else options.as_of.isoformat(),
    }
    finished = calibrate(export, options, base=base, arguments=arguments)
    return as_json(finished.document), str(finished.folder)
