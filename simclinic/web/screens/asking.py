"""A screen that asks a question about a clinic: its form, the job behind it, and the answer.

Every such screen looks alike, and all of them work alike: :func:`routes` makes the addresses of one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError
from simclinic.report.settings import setting_words
from simclinic.report.text.words import counted
from simclinic.scenario import Scenario
from simclinic.studies.clinic_files import ClinicFile, clinic_file, read_clinic
from simclinic.web.answering import INVALID, SEE_OTHER, Asked, Form, Place, Route, missing, page
from simclinic.web.answers import Answer, Interim, scenario_key
from simclinic.web.jobs import ENDED, ENOUGH, Job, Jobs
from simclinic.web.questions import SEARCHES, UNTIL_KNOWN, Options, command
from simclinic.web.screens.tabs import tabs
from simclinic.web.wording import wording

_MINUTE, _HOUR = 60.0, 3600.0
_FEW_HOURS = 2 * _HOUR
"""Time that is said in minutes."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled in.

    Attributes
    ----------
    options
        What the job is asked.
    problems
        A line beside each wrong field, by its name; not empty: nothing is asked.
    """

    options: Options
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuestionScreen:
    """A screen that asks one question.

    Attributes
    ----------
    question
        One of :data:`simclinic.web.questions.QUESTIONS`: the end of its address, too.
    title
        What the screen is called.
    template
        Its template, which extends `question.html.j2`.
    read
        Reads its form.
    values
        What its template shows besides, made from the scenario, the answer (None: not yet there), and the options
        of the job that is shown or the form that was refused.
    at_once
        Whether the page asks by itself when there is no answer.
    looks
        Whether what the form would ask is shown while it is filled in.
    """

    question: str
    title: str
    template: str
    read: Callable[[Scenario, Form], Filled]
    values: Callable[[Scenario, Known, Options], Mapping[str, Any]]
    at_once: bool = False
    looks: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a question: what a running job has shown so far, and the answer of a finished one."""

    interim: Interim | None = None
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands, as a screen shows it.

    Attributes
    ----------
    job
        The job.
    said
        In a sentence.
    share
        Of its replications that are finished, in per cent; None if that cannot be said.
    runs
        Whether it runs or waits.
    goes_on
        Whether it can go on.
    changed
        Whether the clinic has changed since it was asked.
    command
        The same on the command line.
    asked
        When it was asked.
    """

    job: Job
    said: str
    share: int | None
    runs: bool
    goes_on: bool
    changed: bool
    command: str
    asked: str


def standing(jobs: Jobs, job: Job, now: str) -> Standing:
    """Say how a job stands.

    Parameters
    ----------
    jobs
        Of the folder.
    job
        One of them.
    now
        Key of the scenario as it is now.
    """
    changed = job.scenario != now
    return Standing(
        job,
        _said(jobs, job),
        min(100, round(100 * job.done / job.planned)) if job.planned else None,
        job.state not in ENDED,
        # A stopped job is about the text that it was asked about.
        job.state == "stopped" and not changed,
        changed,
        command(job.question, job.file, job.options),
        when(job),
    )


def when(job: Job) -> str:
    """Write when a job was asked."""
    return datetime.fromtimestamp(job.asked).astimezone().strftime("%Y-%m-%d %H:%M")


def _said(jobs: Jobs, job: Job) -> str:
    searches = job.question in SEARCHES
    made = f"{job.done:,} of {job.planned:,} replications" if job.planned else ""
    if searches and made:
        made = counted(job.done, "replication")
    if job.done and not job.planned:  # nobody knows how many are needed
        made = counted(job.done, "replication")
    if job.state == "waiting":
        ahead = jobs.ahead(job)
        return f"Waiting for {counted(ahead, 'other job')} to end." if ahead else "Begins."
    if job.state == "running":
        if not made or (searches and not job.done):
            return "Begins."
        left = job.seconds_left
        done = f"{made} {'is' if searches and job.done == 1 else 'are'} finished"
        if job.question in UNTIL_KNOWN:
            done = done.replace(" of ", " of at least ")
            return done + ("." if left is None else f"; at least about {_time(left)} left.")
        if not searches:
            return done + ("." if left is None else f"; about {_time(left)} left.")
        if left is None or job.done < ENOUGH:
            return f"{done}."
        return f"{done}; at most about {_time(left)} left, less if an answer comes before."
    if job.state == "stopped":
        return f"Stopped{f': {made} are finished and kept' if made else ''}."
    return "This cannot be answered." if job.state == "refused" else f"Answered from {made}."


def bound(jobs: Jobs, question: str, file: str, most: int | None) -> str:
    """Say how long a job that has not begun may take: so many replications, those of a search at most.

    Parameters
    ----------
    jobs
        Of the folder: an answer about the clinic tells how long a replication takes.
    question, file
        What is asked, and the name of the clinic's file.
    most
        Replications; None: that cannot be said.
    """
    about = "at most about" if question in SEARCHES else "about"
    if not most:
        return ""
    pace = jobs.pace(file)
    if pace is None:
        return f"How long that takes is said when {ENOUGH} replications are finished."
    return f"That takes {about} {_time(most * pace)}, at the pace of the last answer about this clinic."


def _time(seconds: float) -> str:
    if seconds < _MINUTE:
        return counted(max(1, round(seconds)), "second")
    if seconds < _FEW_HOURS:
        return counted(round(seconds / _MINUTE), "minute")
    return counted(round(seconds / _HOUR), "hour")


def routes(screen: QuestionScreen) -> tuple[Route, ...]:
    """Make the addresses of a screen: one shows it, one asks, and one may show what a form would ask."""

    def show(place: Place, asked: Asked) -> Response:
        clinic = clinic_file(place.folder, asked.key)
        if clinic is None:
            return missing()
        place.jobs.expect(clinic, clinic.text())
        job = place.jobs.get(asked.query.get("job", [""])[-1])
        if job is None or (job.question, job.file) != (screen.question, clinic.path.name):
            job = place.jobs.latest(screen.question, clinic.path.name)
        return _shown(screen, place, clinic, job)

    def ask(place: Place, asked: Asked) -> Response:
        clinic = clinic_file(place.folder, asked.key)
        if clinic is None:
            return missing()
        text = clinic.text()
        scenario = read_clinic(clinic, text)
        filled = screen.read(scenario, asked.form)
        if filled.problems:
            return _shown(screen, place, clinic, _behind(place, clinic, asked), filled)
        job = place.jobs.ask(screen.question, clinic, text, scenario, filled.options)
        return RedirectResponse(f"/clinic/{asked.key}/{screen.question}?job={job.key}", SEE_OTHER)

    def look(place: Place, asked: Asked) -> Response:
        clinic = clinic_file(place.folder, asked.key)
        if clinic is None:
            return missing()
        filled = screen.read(read_clinic(clinic, clinic.text()), asked.form)
        return _shown(screen, place, clinic, _behind(place, clinic, asked), filled)

    def _behind(place: Place, clinic: ClinicFile, asked: Asked) -> Job | None:
        """Find the job whose answer stands below the form."""
        job = place.jobs.get(asked.last("job"))
        return (
            job
            if job is not None and (job.question, job.file) == (screen.question, clinic.path.name)
            else None
        )

    address = f"/clinic/{{key}}/{screen.question}"
    both: tuple[Route, ...] = (("GET", address, show), ("POST", address, ask))
    return (*both, ("POST", f"{address}/look", look)) if screen.looks else both


def _shown(
    screen: QuestionScreen, place: Place, clinic: ClinicFile, job: Job | None, filled: Filled | None = None
) -> Response:
    common = {"clinic": clinic, "tabs": tabs(clinic.key, screen.question)}
    text = clinic.text()
    try:
        scenario = read_clinic(clinic, text)
    except ScenarioError as error:
        lines = [str(problem) for problem in error.problems]
        return page("broken.html.j2", INVALID, title=clinic.path.name, lines=lines, kept=0, **common)
    known = Known()
    if job is not None:
        known = Known(job.interim, place.jobs.answer(job))
    options = filled.options if filled is not None else job.options if job is not None else {}
    state = None if job is None else standing(place.jobs, job, scenario_key(scenario))
    values = screen.values(scenario, known, options)
    return page(
        screen.template,
        INVALID if filled is not None and filled.problems else 200,
        title=screen.title,
        of=scenario.name,
        screen=screen,
        state=state,
        asks=screen.at_once and filled is None and (state is None or state.changed),
        known=known,
        given=options,
        problems={} if filled is None else filled.problems,
        held=wording(screen.question),
        bound=bound(place.jobs, screen.question, clinic.path.name, values.get("most")),
        words=setting_words,
        **common,
        **values,
    )


def lines_of(known: Known) -> Sequence[str]:
    """Return the answer in words, as far as it is known."""
    if known.answer is not None:
        return known.answer.lines
    return [] if known.interim is None else known.interim.lines
