"""*A day*: one simulated day, chair by chair and in motion, from the results of *Does it cope?*."""

from __future__ import annotations

import datetime as dt
import json
import shlex
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.scenario import Scenario
from simclinic.studies.clinic_files import ClinicFile, clinic_file, read_clinic
from simclinic.studies.day import simulated_days
from simclinic.web.answering import INVALID, SEE_OTHER, Asked, Place, Route, missing, page
from simclinic.web.answers import Answer, scenario_key
from simclinic.web.jobs import Job, key_of
from simclinic.web.screens.asking import standing
from simclinic.web.screens.tabs import TITLES, tabs
from simclinic.web.wording import wording

if TYPE_CHECKING:
    from simclinic.report.pages.run import OneReplication

_QUESTION = "cope"
"""The question whose results are shown."""

_KEPT = 2
"""Replications that are kept, so that another day of the same one is drawn at once."""

_replications: dict[tuple[Path, int], OneReplication | str] = {}
_simulating = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the form says: the day (None: the busiest), the replication, and a line beside each wrong field."""

    date: dt.date | None
    replication: int
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Shown:
    """A day that is drawn: its date, the charts as :class:`simclinic.web.answers.Drawn`, and why there are none."""

    date: dt.date | None
    charts: list[dict[str, Any]]
    reason: str = ""


def show(place: Place, asked: Asked) -> Response:
    """Show a day of the present clinic; before it is simulated, the job that does so."""
    clinic = clinic_file(place.folder, asked.key)
    if clinic is None:
        return missing()
    place.jobs.warm()
    return _page(place, clinic, asked)


def ask(place: Place, asked: Asked) -> Response:
    """Simulate the clinic, as *Does it cope?* does."""
    clinic = clinic_file(place.folder, asked.key)
    if clinic is None:
        return missing()
    text = clinic.text()
    place.jobs.ask(_QUESTION, clinic, text, read_clinic(clinic, text), {})
    return RedirectResponse(f"/clinic/{asked.key}/day", SEE_OTHER)


def _page(place: Place, clinic: ClinicFile, asked: Asked) -> Response:
    common: dict[str, Any] = {"clinic": clinic, "tabs": tabs(clinic.key, "day")}
    try:
        scenario = read_clinic(clinic, clinic.text())
    except ScenarioError as error:
        lines = [str(problem) for problem in error.problems]
        return page("broken.html.j2", INVALID, title=clinic.path.name, lines=lines, kept=0, **common)
    asked_before = place.jobs.latest(_QUESTION, clinic.path.name) is not None
    # Without it nothing is looked up: the key needs a hash of the program, which takes a while the first time.
    job = place.jobs.get(key_of(_QUESTION, clinic, scenario, {})) if asked_before else None
    answer = None if job is None else place.jobs.answer(job)
    day = {} if job is None or answer is None else _day(place, job, answer, scenario, asked)
    return page(
        "day.html.j2",
        INVALID if day.get("problems") else 200,
        title=TITLES["day"],
        of=scenario.name,
        screen={"question": "day"},
        held=wording(_QUESTION),
        state=None if job is None else standing(place.jobs, job, scenario_key(scenario)),
        asks=job is None or (job.state == "finished" and answer is None),
        day=day,
        **common,
    )


def _day(place: Place, job: Job, answer: Answer, scenario: Scenario, asked: Asked) -> Mapping[str, Any]:
    """Return what the screen shows of a day; without charts if a replication must be simulated for them first."""
    count: int = json.loads(answer.json)["replications"]
    first, last = simulated_days(scenario)
    chosen = _read(asked, count, first, last)
    folder = place.folder / answer.folder
    ready = (folder, chosen.replication) in _replications or "now" in asked.query
    shown = _drawn(folder, scenario, chosen) if ready and not chosen.problems else None
    date = chosen.date if shown is None else shown.date
    given = {name: asked.query.get(name, [other])[-1] for name, other in (("date", ""), ("replication", "0"))}
    command = ["simclinic", "report", answer.folder, "--replication", str(chosen.replication)]
    return {
        "first": first,
        "last": last,
        "count": count,
        "date": date,
        "given": given if chosen.problems else {"date": date or "", "replication": chosen.replication},
        "problems": chosen.problems,
        "shown": shown,
        "now": f"/clinic/{asked.key}/day?{urlencode({**given, 'now': ''})}",
        "before": _near(asked.key, date, -1, chosen, first, last),
        "after": _near(asked.key, date, 1, chosen, first, last),
        "job": job,
        "command": shlex.join(command + ([] if date is None else ["--day", str(date)])),
    }


def _read(asked: Asked, count: int, first: dt.date, last: dt.date) -> _Chosen:
    problems = {}
    written = asked.query.get("date", [""])[-1].strip()
    date = None
    if written:
        try:
            date = dt.date.fromisoformat(written)
        except ValueError:
            problems["date"] = f"must be a date such as {first}"
        else:
            if not first <= date <= last:
                problems["date"] = f"is not simulated: must be from {first} to {last}"
    number = asked.query.get("replication", ["0"])[-1].strip() or "0"
    replication = int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else count
    if replication >= count:
        problems["replication"] = f"must be a whole number from 0 to {count - 1}"
    return _Chosen(date, replication, problems)


def _near(key: str, date: dt.date | None, days: int, chosen: _Chosen, first: dt.date, last: dt.date) -> str:
    """Return the address of the day before or after; empty if it is not simulated."""
    other = None if date is None else date + dt.timedelta(days=days)
    if other is None or not first <= other <= last:
        return ""
    return f"/clinic/{key}/day?{urlencode({'date': other, 'replication': chosen.replication})}"


def _drawn(folder: Path, scenario: Scenario, chosen: _Chosen) -> _Shown:
    from simclinic.report.figures.one_day import busiest
    from simclinic.studies.day import day_figures
    from simclinic.web.answers import drawn

    try:
        found = _replication(folder, chosen.replication)
    except SimclinicError as error:
        return _Shown(None, [], wording(_QUESTION)(" ".join(error.lines)))
    if isinstance(found, str):
        return _Shown(None, [], wording(_QUESTION)(f"{found[:1].upper()}{found[1:]}."))
    date = chosen.date or found.records.start + dt.timedelta(days=busiest(found.records))
    return _Shown(date, [drawn(chart) for chart in day_figures(found.records, scenario, chosen.date)])


def _replication(folder: Path, number: int) -> OneReplication | str:
    """Return a replication, simulated again; one at a time, and the last ones are kept."""
    from simclinic.studies.folders.run import replayed

    with _simulating:
        key = (folder, number)
        found = _replications.pop(key, None) or replayed(folder, number)
        _replications[key] = found
        while len(_replications) > _KEPT:
            del _replications[next(iter(_replications))]
        return found


ROUTES: tuple[Route, ...] = (("GET", "/clinic/{key}/day", show), ("POST", "/clinic/{key}/day", ask))
