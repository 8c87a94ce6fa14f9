"""*Start*: the clinics of the folder, and a new one by six questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError
from simclinic.report.text.words import DAYS, several
from simclinic.scenario.hours import WEEKDAYS
from simclinic.studies.clinic_files import ClinicFile, clinic_files, new_clinic, read_clinic
from simclinic.studies.trash import deleted
from simclinic.web.answering import INVALID, SEE_OTHER, Asked, Place, Route, page
from simclinic.web.form import clock_hours, plain
from simclinic.web.screens.asking import when
from simclinic.web.screens.job import address
from simclinic.web.screens.tabs import TITLES
from simclinic.web.wording import wording

_QUESTIONS = {
    "name": "",
    "chairs": "3",
    "nurses": "2",
    "hours": "08:00-17:00",
    "referrals": "10",
}
"""Fields of a new clinic, and what they contain at first."""

_MOST_ANSWERS = 8
"""Questions that are listed."""

_ASKED = {
    "name": "name",
    "clinic.chairs": "chairs",
    "shifts.day.nurses": "nurses",
    "shifts.day.days": "days",
    "shifts": "nurses",
    "clinic.hours": "hours",
    "demand.referrals_per_week": "referrals",
}
"""Questions by the settings that they ask."""


def start(place: Place, _asked: Asked) -> Response:
    """Show the clinics of the folder, and the six questions."""
    return _start(place, _QUESTIONS, WEEKDAYS[:5], {}, [])


def new(place: Place, asked: Asked) -> Response:
    """Write a new clinic from six answers."""
    given = {name: asked.last(name) for name in _QUESTIONS}
    days = tuple(day for day in WEEKDAYS if day in asked.form.get("days", []))
    try:
        path = new_clinic(place.folder, days=days, **(given | {"hours": clock_hours(given["hours"])}))
    except ScenarioError as error:
        problems: dict[str, str] = {}
        others = []
        for problem in error.problems:
            field = next((field for at, field in _ASKED.items() if problem.address.startswith(at)), "")
            if field and field not in problems:
                problems[field] = plain(problem.rule)
            elif not field:
                others.append(f"{problem.address}: {problem.rule}")
        return _start(place, given, days, problems, others)
    key = next(each.key for each in clinic_files(place.folder) if each.path.name == path.name)
    return RedirectResponse(f"/clinic/{key}", SEE_OTHER)


def _start(
    place: Place,
    given: Mapping[str, str],
    days: tuple[str, ...],
    problems: Mapping[str, str],
    others: list[str],
) -> Response:
    listed = [(clinic, *_summary(clinic)) for clinic in clinic_files(place.folder)]
    return page(
        "start.html.j2",
        INVALID if problems or others else 200,
        title="My clinics",
        folder=str(place.folder),
        clinics=listed,
        answers=_answers(place),
        deleted=deleted(place.folder),
        given=given,
        days=days,
        weekdays=DAYS,
        problems=problems,
        others=others,
    )


class Recent(NamedTuple):
    """A question that was asked: its screen, the clinic, when, how it stands, and the first line of its answer."""

    address: str
    title: str
    file: str
    asked: str
    state: str
    line: str


def _answers(place: Place) -> list[Recent]:
    """List the questions that were asked last."""
    listed = []
    for job in place.jobs.recent(_MOST_ANSWERS):
        answer = place.jobs.answer(job)
        listed.append(
            Recent(
                address(place, job),
                TITLES[job.question],
                job.file,
                when(job),
                "" if answer is not None else job.state,
                wording(job.question)(answer.lines[0]) if answer is not None and answer.lines else "",
            )
        )
    return listed


def _summary(clinic: ClinicFile) -> tuple[str, str]:
    """Return the name of a clinic and one line about it."""
    try:
        scenario = read_clinic(clinic, clinic.text())
    except ScenarioError as error:
        count = len(error.problems)
        return clinic.path.name, f"not valid: {count} problem{'' if count == 1 else 's'}"
    people: dict[str, int] = {}
    for shift in scenario.shifts.values():
        people[shift.role] = people.get(shift.role, 0) + shift.nurses
    team = "; ".join(f"{several(role)}: {number}" for role, number in people.items())
    chairs = scenario.clinic.chairs
    shifts = f"{len(scenario.shifts)} shift{'' if len(scenario.shifts) == 1 else 's'}"
    return scenario.name, f"{clinic.path.name}; chairs: {chairs}; {team} in {shifts}"


ROUTES: tuple[Route, ...] = (("GET", "/", start), ("POST", "/new", new))
