"""The process in which jobs run, one after another, with the studies of the command line.

It waits for a job, says how far it is, and answers. Ctrl-C stops a job in good order, as on the command line: what
is finished is stored. Between jobs Ctrl-C is ignored, since the server that started this process ends it.
"""

from __future__ import annotations

import os
import signal
from dataclasses import asdict
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simclinic.program import code_version
from simclinic.web.answers import Answer, Finished, Options, Working, front, scenario_key

if TYPE_CHECKING:
    from simclinic.experiment import Executor
    from simclinic.scenario import Scenario

_EVERY_JOB = (
    "simclinic.studies.precise",
    "simclinic.studies.goals",
    "simclinic.report.pages.run",
    "simclinic.studies.folders.report",
    "simclinic.studies.folders.run",
    "simclinic.studies.replay",
    "simclinic.web.questions.cope",
    "tomlkit",
    "simclinic.store.reader",
)
"""What every job needs."""

_CHANGED = (
    "A file that this clinic rests on has changed since the question was asked. Ask again, so that the answer is "
    "about the clinic as it is now."
)


def work(pipe: Connection, folder: str) -> None:
    """Run jobs until the other end of the pipe is closed.

    Parameters
    ----------
    pipe
        Jobs come through it, as tuples of a question, the path of the clinic's file, its text, the hash of its
        scenario, and options; answers go back.
    folder
        Of the clinics: results are stored below it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir(folder)
    _warm()
    try:
        while True:
            job = pipe.recv()
            pipe.send(_outcome(pipe, *job))
    except (EOFError, OSError):  # the server has ended
        return


def _warm() -> None:
    """Import what every job needs."""
    from simclinic.experiment.executors import processors
    from simclinic.experiment.executors.processes import start_ahead

    if processors() > 1:
        start_ahead()
    for name in _EVERY_JOB:
        import_module(name)
    code_version()  # for manifests


def _outcome(
    pipe: Connection, question: str, file: str, text: str, key: str, options: Options
) -> tuple[Any, ...]:
    """Work on one job; whatever happens is a message."""
    from simclinic.errors import SimclinicError
    from simclinic.experiment.executors import executor_for, processors

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # All processors from the first replication on: workers start at once, see _warm.
        with executor_for(processors()) as executor:
            answer = _answer(pipe, executor, question, file, text, key, options)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return ("answer", asdict(answer))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return ("stopped", [])
    except SimclinicError as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return ("refused", list(error.lines))
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 (a mistake of this program: a message, and no traceback)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return ("refused", [f"Internal error, a mistake in simclinic itself: {type(error).__name__}."])


def _answer(
    pipe: Connection,
    executor: Executor,
    question: str,
    file: str,
    text: str,
    key: str,
    options: Options,
) -> Answer:
    from simclinic.errors import SimclinicError
    from simclinic.results.document import as_json
    from simclinic.scenario import from_toml
    from simclinic.store.errors import OtherVersionError
    from simclinic.studies.folders.report import page_of
    from simclinic.web.questions import module

    scenario: Scenario = from_toml(text, folder=Path(file).parent, name=file)
    if scenario_key(scenario) != key:
        raise SimclinicError(_CHANGED)
    working = Working(
        progress=lambda done, planned: pipe.send(("progress", done, planned)),
        show=lambda interim: pipe.send(("interim", interim)),
        executor=executor,
        file=Path(file).name,
    )
    try:
        finished: Finished = module(question).answer(scenario, options, working)
    except OtherVersionError as other:
        _put_aside(other.folder)
        finished = module(question).answer(scenario, options, working)
    page = page_of(finished.folder)
    return front(page, as_json(finished.document), finished)


def _put_aside(folder: Path) -> None:
    """Rename a results folder that a version of before an update wrote, so that the question can be asked anew."""
    number = 1
    while (other := folder.with_name(f"{folder.name}-before-update-{number}")).exists():
        number += 1
    folder.rename(other)
