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

from simclinic.experiment.executors import executor_for, processors
from simclinic.program import code_version
from simclinic.web.answers import Answer, Finished, Options, Working, front, scenario_key

if TYPE_CHECKING:
    from simclinic.experiment import Executor
    from simclinic.scenario import Scenario
    from simclinic.studies.made_ahead import Ahead

JOB, AHEAD, READY = "job", "ahead", "ready"

_REST_SECONDS = 20.0
"""Time without a job after which workers end, which take more memory than this process."""

_EVERY_JOB = (
    "simclinic.studies.precise",
    "simclinic.studies.goals",
    "simclinic.report.pages.run",
    "simclinic.studies.folders.report",
    "simclinic.studies.folders.run",
    "simclinic.studies.replay",
    "simclinic.web.questions.cope",
    "tomlkit",
    "pyarrow.parquet",
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
        Jobs come through it, as tuples of :data:`JOB`, a question, the path of the clinic's file, its text, the
        hash of its scenario, options, and what was made ahead of it (None: nothing); answers go back. A tuple of
        :data:`AHEAD`, path, text, hash and what was made asks for the next thing to be made ahead.
    folder
        Of the clinics: results are stored below it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # what came before is forgotten
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGHUP})
    os.chdir(folder)
    _warm()
    # All processors from the first replication on: workers start at once, see _warm.
    executor = executor_for(processors())
    try:
        while True:
            if not pipe.poll(_REST_SECONDS):
                executor.shutdown()
            what, *job = pipe.recv()
            pipe.send(_ahead(executor, *job) if what == AHEAD else _outcome(pipe, executor, *job))
    except (EOFError, OSError):  # the server has ended
        executor.shutdown()


def _warm() -> None:
    """Import what every job needs."""
    from simclinic.experiment.executors.processes import start_ahead

    if processors() > 1:
        start_ahead()
    for name in _EVERY_JOB:
        import_module(name)
    code_version()  # for manifests


def _ahead(executor: Executor, file: str, text: str, key: str, ahead: Ahead | None) -> tuple[Any, ...]:
    """Make the pilots or first replications of a clinic; whatever happens, the job that needs them says so."""
    from simclinic.scenario import from_toml
    from simclinic.studies.made_ahead import make, remember

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        scenario = from_toml(text, folder=Path(file).parent, name=file)
        now = scenario_key(scenario)
        if ahead is not None and key == now:
            remember(scenario, ahead)
        found = make(scenario, executor)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except (KeyboardInterrupt, Exception):  # noqa: BLE001
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        executor.shutdown()
        return (READY, "", None)
    return (READY, now, found)


def _outcome(
    pipe: Connection,
    executor: Executor,
    question: str,
    file: str,
    text: str,
    key: str,
    options: Options,
    ahead: Ahead | None,
) -> tuple[Any, ...]:
    """Work on one job; whatever happens is a message."""
    from simclinic.errors import SimclinicError

    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        answer = _answer(pipe, executor, question, file, text, key, options, ahead)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return ("answer", asdict(answer))
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        executor.shutdown()
        return ("stopped", [])
    except SimclinicError as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        executor.shutdown()
        return ("refused", list(error.lines))
    except (EOFError, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 (a mistake of this program: a message, and no traceback)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        executor.shutdown()
        return ("refused", [f"Internal error, a mistake in simclinic itself: {type(error).__name__}."])


def _answer(
    pipe: Connection,
    executor: Executor,
    question: str,
    file: str,
    text: str,
    key: str,
    options: Options,
    ahead: Ahead | None,
) -> Answer:
    from simclinic.errors import SimclinicError
    from simclinic.results.document import as_json
    from simclinic.scenario import from_toml
    from simclinic.store.errors import OtherVersionError
    from simclinic.studies.folders.report import page_of
    from simclinic.studies.made_ahead import remember
    from simclinic.web.questions import module

    scenario: Scenario = from_toml(text, folder=Path(file).parent, name=file)
    if scenario_key(scenario) != key:
        raise SimclinicError(_CHANGED)
    if ahead is not None:
        remember(scenario, ahead)
    working = Working(
        progress=lambda done, planned: pipe.send(("progress", done, planned)),
        show=lambda interim: pipe.send(("interim", interim)),
        say=lambda lines: pipe.send(("now", list(lines))),
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
