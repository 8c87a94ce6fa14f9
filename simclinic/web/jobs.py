"""Long work behind the page: a queue of jobs, of which one runs at a time in a process of its own.

A job asks one question about a clinic. It is kept in `.simclinic/jobs/`, its results folder is the one that the
command line would use, and its name is a hash of the question and of the resolved scenario. So an answer is found
again by asking the same question; a job that was stopped, or whose server ended, goes on where it was.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field, fields
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from simclinic import reading
from simclinic.child_processes import signals_blocked, start_resource_tracker
from simclinic.program import code_version
from simclinic.scenario import Scenario
from simclinic.store.atomic import write_atomically
from simclinic.studies.clinic_files import KEPT, ClinicFile
from simclinic.web.answers import Answer, Interim, scenario_key
from simclinic.web.questions import AS_IT_IS, QUESTIONS, SAME_WEEKS, Options
from simclinic.web.work import AHEAD, JOB, READY, work

if TYPE_CHECKING:
    from simclinic.studies.made_ahead import Ahead

State = Literal["waiting", "running", "stopped", "finished", "refused"]

ENDED: tuple[State, ...] = ("stopped", "finished", "refused")

ENOUGH = 10
"""Replications from which the time of others follows."""

IDLE_SECONDS = 120.0
"""Time without a job after which a fresh process takes the place of one that has worked, and takes more memory."""

_LOOK_SECONDS = 0.2
_SETTLED_SECONDS = 0.3
"""Time without another change of a clinic after which its pilots are made."""
_MOST_AHEAD = 8
_AGAIN_SECONDS = 5.0
"""Time after which a job that was asked to stop is asked again."""
_KILL_SECONDS = 20.0
"""Time after which it is killed; what it has stored is kept."""
_END_SECONDS = 2.0
"""The same when the server ends, which no job may hold up."""
_KILLED = (
    "The process of this job ended by itself: the system may have stopped it for want of memory. What was finished "
    "is kept; the job can go on."
)


@dataclass(slots=True)
class Job:
    """A question about a clinic.

    Attributes
    ----------
    key
        Its name in addresses: a hash of the question and of the scenario.
    question
        One of :data:`simclinic.web.questions.QUESTIONS`.
    file
        Name of the clinic's file.
    text
        Of the file, when it was asked.
    scenario
        Hash of the resolved scenario.
    options
        What was asked, as the question's screen gives it.
    state
        How it stands.
    asked
        When, in seconds since 1970.
    done, planned
        Numbers of replications.
    lines
        Why it was refused or stopped.
    interim
        What is known so far, while it runs.
    now
        What it is doing, in lines.
    pace
        Seconds that a replication took, with all that goes with it; 0: not known.
    begun, before
        When its first replications were begun, in seconds of `time.monotonic`, and how many were finished then.
    change
        Grows with every change, for those who watch it.
    """

    key: str
    question: str
    file: str
    text: str
    scenario: str
    options: dict[str, str]
    state: State = "waiting"
    asked: float = 0.0
    done: int = 0
    planned: int = 0
    pace: float = 0.0
    lines: list[str] = field(default_factory=list)
    interim: Interim | None = None
    now: list[str] = field(default_factory=list)
    begun: float = 0.0
    before: int = 0
    change: int = 0

    @property
    def seconds_left(self) -> float | None:
        """How long it is still likely to run; None if nothing tells yet."""
        made = self.done - self.before
        if self.state != "running" or made < 1 or not self.planned:
            return None
        return (time.monotonic() - self.begun) / made * max(self.planned - self.done, 0)


_STORED = tuple(
    each.name for each in fields(Job) if each.name not in ("interim", "now", "begun", "before", "change")
)


class Jobs:
    """The jobs of a folder.

    Parameters
    ----------
    folder
        The folder of the clinics.

    Attributes
    ----------
    folder
        The same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = folder / KEPT / "jobs"
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._asked_to_stop: float | None = None
        self._more = threading.Event()
        self._process: _Process | None = None
        self._closed = False
        self._expected: tuple[str, str] | None = None
        self._due = 0.0
        self._made: OrderedDict[tuple[str, str], tuple[str, Ahead]] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._jobs = {job.key: job for job in self._stored()}

    def _stored(self) -> list[Job]:
        found = []
        for path in sorted(self._place.glob("*.json")) if self._place.is_dir() else []:
            # A file that cannot be read, or is no job: the same question makes it anew.
            with contextlib.suppress(
                OSError, ValueError, TypeError, KeyError, AttributeError, reading.NotReadError
            ):
                job = Job(**reading.read_json(path))
                if not _is_whole(job) or path.name != f"{job.key}.json":
                    continue
                if job.state not in ENDED:
                    job.state = "stopped"
                found.append(job)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs, in a few seconds; finished replications are kept."""
        with self._lock:
            if not self._closed:
                self._asked_to_stop = None  # a job that was asked to stop before has no more time than others
            self._closed = True
            self._waiting.clear()
            self._more.set()
            thread = self._thread
            self._stop_running()
        if thread is not None:
            thread.join()

    @property
    def busy(self) -> bool:
        """Whether a job runs or waits."""
        with self._lock:
            return self._running is not None or bool(self._waiting)

    def get(self, key: str) -> Job | None:
        """Find a job; None if there is none."""
        return self._jobs.get(key)

    def latest(self, question: str, file: str) -> Job | None:
        """Return the job of a clinic that was asked last; None if there is none."""
        with self._lock:
            found = [job for job in self._jobs.values() if (job.question, job.file) == (question, file)]
        return max(found, key=lambda job: job.asked, default=None)

    def pace(self, file: str) -> float | None:
        """Return how many seconds a replication took when a clinic was simulated last; None if it never was."""
        with self._lock:
            found = [job for job in self._jobs.values() if job.file == file and job.question in SAME_WEEKS]
        return max(found, key=lambda job: (job.pace > 0, job.asked)).pace or None if found else None

    def recent(self, most: int | None = None) -> list[Job]:
        """List the jobs that were asked last, the latest first; by default all."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.asked, reverse=True)[:most]

    def ahead(self, job: Job) -> int:
        """Return how many jobs run before a waiting one."""
        with self._lock:
            running = self._running is not None
            return list(self._waiting).index(job) + running if job in self._waiting else 0

    def ask(self, question: str, clinic: ClinicFile, text: str, scenario: Scenario, options: Options) -> Job:
        """Ask a question; the same question about the same scenario is the same job, with its answer if it has one.

        Parameters
        ----------
        question
            One of :data:`simclinic.web.questions.QUESTIONS`.
        clinic, text, scenario
            The clinic's file, its text, and the scenario in it.
        options
            What is asked, checked by the question's screen.
        """
        key = key_of(question, clinic, scenario, options)
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                job = self._jobs[key] = Job(
                    key, question, clinic.path.name, text, scenario_key(scenario), dict(options)
                )
            job.asked = time.time()
            if job.state != "finished" or not self._answer_path(job).is_file():
                self._queue(job)
            self._keep(job)
        return job

    def go_on(self, job: Job) -> None:
        """Put a stopped job into the queue again."""
        with self._lock:
            self._queue(job)

    def _queue(self, job: Job) -> None:
        if self._closed or job is self._running or job in self._waiting:
            return
        job.lines, job.now, job.interim = [], [], None
        self._waiting.append(job)
        self._set(job, "waiting")
        self._begin()

    def stop(self, job: Job) -> None:
        """Stop a job; finished replications are kept, and it can go on."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)
                self._set(job, "stopped")
            elif job is self._running:
                self._stop_running()

    def _stop_running(self) -> None:
        if self._running is not None and self._asked_to_stop is None:
            self._asked_to_stop = time.monotonic()
            if self._process is not None:
                self._process.interrupt()

    def answer(self, job: Job) -> Answer | None:
        """Read the answer of a job; None if it is not finished, or the answer cannot be read."""
        if job.state != "finished":
            return None
        with contextlib.suppress(OSError, ValueError, TypeError, reading.NotReadError):
            return Answer(**reading.read_json(self._answer_path(job)))
        return None

    def warm(self) -> None:
        """Start the process of jobs, if there is none, so that the next one begins at once."""
        with self._lock:
            if not self._closed:
                self._begin()

    def expect(self, clinic: ClinicFile, text: str) -> None:
        """Start the process of jobs, and make what the next question about a clinic begins with.

        Parameters
        ----------
        clinic, text
            The clinic's file, and its text.
        """
        wish = (clinic.path.name, text)
        with self._lock:
            if self._closed:
                return
            if self._is_wanted(wish):
                self._expected, self._due = wish, time.monotonic() + _SETTLED_SECONDS
            self._begin()

    def _is_wanted(self, wish: tuple[str, str]) -> bool:
        """Tell whether the next question about a clinic begins with something that is not made yet."""
        answered = ((job.file, job.text) for job in self._jobs.values() if job.state == "finished")
        return (wish not in self._made or self._made[wish][1].first is None) and wish not in answered

    def _begin(self) -> None:
        self._more.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Run one job after another, until the server ends; its process is always there."""
        while not self._closed:
            process = self._living()
            with self._lock:
                seconds = IDLE_SECONDS if self._expected is None else max(0.0, self._due - time.monotonic())
            more = self._more.wait(seconds)
            with self._lock:
                wish, job = self._next()
            if job is not None:
                self._run(job, self._living())
            elif wish is not None:
                self._make_ahead(wish, self._living())
            elif not more and process.used:
                process.end()
        if self._process is not None:
            self._process.end()

    def _living(self) -> _Process:
        """Return the process of jobs; another one if it has ended."""
        if self._process is None or not self._process.alive:
            self._process = _Process(self.folder)
        return self._process

    def _next(self) -> tuple[tuple[str, str] | None, Job | None]:
        """Take what is to be done now: a job, or else pilots that are likely to be needed."""
        if self._closed:
            return None, None
        if self._waiting:
            job = self._running = self._waiting.popleft()
            self._asked_to_stop = None
            job.begun, job.before, job.done, job.planned = time.monotonic(), 0, 0, 0
            self._set(job, "running")
            return None, job
        self._more.clear()
        if self._expected is None or time.monotonic() < self._due:
            return None, None
        wish, self._expected = self._expected, None
        return (wish if self._is_wanted(wish) else None), None

    def _make_ahead(self, wish: tuple[str, str], process: _Process) -> None:
        """Have pilots made, or then first replications, unless something else is wanted meanwhile.

        A job of the same clinic waits for them. Between the two it goes first.
        """
        file, text = wish
        process.send((AHEAD, str(self.folder / file), text, *self._made.get(wish, ("", None))))
        stopped: float | None = None
        while True:
            message = process.message(_LOOK_SECONDS / 4)
            if message is not None:
                break
            with self._lock:
                other = self._closed or self._expected not in (None, wish)
                for job in [*self._waiting][:1]:
                    other = other or (job.file, job.text) != wish or job.question not in AS_IT_IS
            if other and stopped is None:
                stopped = time.monotonic()
                process.interrupt()
            elif stopped is not None and time.monotonic() - stopped > (
                _END_SECONDS if self._closed else _AGAIN_SECONDS
            ):
                process.kill()
        if message[0] == READY and message[2] is not None:
            with self._lock:
                self._made[wish] = message[1:]
                while len(self._made) > _MOST_AHEAD:
                    self._made.popitem(last=False)
                if self._expected is None:
                    self._expected, self._due = wish, time.monotonic()
                    self._more.set()

    def _run(self, job: Job, process: _Process) -> None:
        """Run a job, and take over what its process says about it."""
        key, ahead = self._made.get((job.file, job.text), ("", None))
        known = ahead if key == job.scenario else None
        process.send(
            (JOB, job.question, str(self.folder / job.file), job.text, job.scenario, job.options, known)
        )
        asked_again = False
        while True:
            message = process.message(_LOOK_SECONDS)
            waited = time.monotonic() - (self._asked_to_stop or time.monotonic())
            if message is None:
                if waited > (_END_SECONDS if self._closed else _KILL_SECONDS):
                    process.kill()
                elif waited > _AGAIN_SECONDS and not asked_again:
                    asked_again = True
                    process.interrupt()
                continue
            what, *values = message
            with self._lock:
                if what == "progress":
                    if not job.planned and not job.done:
                        # What comes before the first one, such as computing templates, tells nothing of the others.
                        job.before, job.begun = values[0], time.monotonic()
                    job.done, job.planned = values
                    job.change += 1
                elif what == "interim":
                    job.interim = values[0]
                    job.change += 1
                elif what == "now":
                    job.now = values[0]
                    job.change += 1
                elif what == "answer":
                    self._write(self._answer_path(job), json.dumps(values[0]))
                    job.interim = None
                    self._running = None  # from now on it can be asked again
                    self._set(job, "finished")
                    return
                else:
                    # One that was killed because it did not stop in time did as it was told.
                    job.lines = [] if self._asked_to_stop and values[0] == [_KILLED] else values[0]
                    state: State = "refused" if what == "refused" else "stopped"
                    self._running = None
                    self._set(job, state)
                    return

    def _set(self, job: Job, state: State) -> None:
        if job.state == "running" and (made := job.done - job.before) >= ENOUGH:
            job.pace = (time.monotonic() - job.begun) / made
        job.state = state
        job.change += 1
        self._keep(job)

    def _keep(self, job: Job) -> None:
        self._write(
            self._place / f"{job.key}.json", json.dumps({name: getattr(job, name) for name in _STORED})
        )

    def _answer_path(self, job: Job) -> Path:
        return self._place / "answers" / f"{job.key}.json"

    def _write(self, path: Path, text: str) -> None:
        # A disk that is full takes away what a restart would find again; the page goes on.
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path.parent, path.name, text.encode())


@cache
def _code() -> str:
    """Return the version of the program: an answer of before an update is asked for anew."""
    return code_version()


def _is_whole(job: Job) -> bool:
    """Tell whether a job that was read from a file is one that this program could have written."""
    texts = (job.key, job.question, job.file, job.text, job.scenario, job.state, *job.lines)
    texts += (*job.options, *job.options.values())
    numbers = (job.asked, job.done, job.planned, job.pace)
    return (
        isinstance(job.lines, list)
        and isinstance(job.options, dict)
        and all(isinstance(text, str) for text in texts)
        and all(isinstance(number, int | float) for number in numbers)
        and job.question in QUESTIONS
    )


def key_of(question: str, clinic: ClinicFile, scenario: Scenario, options: Options) -> str:
    """Name the job of a question; see :meth:`Jobs.ask`."""
    parts = [_code(), question, clinic.path.name, scenario_key(scenario), sorted(options.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


class _Process:
    """The process in which jobs run: warm, so that a job does not wait for imports.

    Parameters
    ----------
    folder
        Where it works, so that results folders are those of the command line there.

    Attributes
    ----------
    used
        Whether it was given a job.
    """

    def __init__(self, folder: Path) -> None:
        self.used = False
        self._pipe: Connection
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=work, args=(theirs, str(folder)), name="simclinic-jobs")
        start_resource_tracker()  # first, because starting it unblocks Ctrl-C
        # While it imports what it needs, Ctrl-C would end it with a traceback on the terminal of the server.
        with signals_blocked():
            self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def send(self, job: object) -> None:
        """Give it a job."""
        self.used = True
        with contextlib.suppress(OSError):  # it has ended: the next message says so
            self._pipe.send(job)

    def message(self, seconds: float) -> tuple[Any, ...] | None:
        """Wait for its next message; None if none comes in time. An end that nobody asked for is a message, too."""
        try:
            if self._pipe.poll(seconds):
                message: tuple[Any, ...] = self._pipe.recv()
                return message
        except (OSError, EOFError):
            # Its pipe may close a moment before it has ended; the next job needs another process.
            self._process.kill()
            self._process.join(_KILL_SECONDS)
            return ("stopped", [_KILLED])
        return None

    def interrupt(self) -> None:
        """Send it what Ctrl-C sends."""
        if self._process.pid is not None and self.alive:
            with contextlib.suppress(OSError):
                os.kill(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self) -> None:
        """Let it end, in seconds."""
        self._pipe.close()
        self._process.join(_END_SECONDS)
        if self.alive:
            self._process.kill()
            self._process.join()
