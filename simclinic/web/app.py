"""The screens, as addresses of a web application: each reads files, calls a study, and fills a template."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.requests import Request
from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.report.templates import template, text_of
from simclinic.report.text.words import DAYS
from simclinic.scenario.hours import WEEKDAYS
from simclinic.studies.check import checked
from simclinic.studies.clinic_files import (
    ClinicFile,
    changed_text,
    changes_kept,
    clinic_file,
    clinic_files,
    fingerprint,
    new_clinic,
    read_clinic,
    save,
    undo,
)
from simclinic.version import VERSION
from simclinic.web.form import beside, fields, overrides
from simclinic.web.paper import papers

_PACKAGE = "simclinic.web"
_SEE_OTHER, _NOT_FOUND, _CONFLICT, _INVALID = 303, 404, 409, 422
_MOST_FIELDS = 2000

Form = Mapping[str, list[str]]

_QUESTIONS = {
    "name": "",
    "chairs": "3",
    "nurses": "2",
    "hours": "08:00-17:00",
    "referrals": "10",
}
"""Fields of a new clinic, and what they contain at first."""

_ASKED = {
    "name": "name",
    "clinic.chairs": "chairs",
    "shifts.day.nurses": "nurses",
    "shifts.day.days": "days",
    "clinic.hours": "hours",
    "demand.referrals_per_week": "referrals",
}
"""Questions by the settings that they ask."""


def application(folder: Path) -> FastAPI:
    """Make the application of the clinics in a folder; put :class:`simclinic.web.guard.Guard` before it."""
    app = FastAPI(title="simclinic", docs_url=None, redoc_url=None, openapi_url=None)
    screens = _Screens(folder)
    for path, method, screen in (
        ("/", "GET", screens.start),
        ("/new", "POST", screens.new),
        ("/clinic/{key}", "GET", screens.clinic),
        ("/clinic/{key}", "POST", screens.change),
        ("/clinic/{key}/undo", "POST", screens.take_back),
    ):
        app.add_api_route(path, _answering(screen), methods=[method], response_model=None)
    app.add_api_route("/alive", _alive, methods=["GET"], response_model=None)
    for name, kind in (("page.css", "text/css"), ("page.js", "text/javascript")):
        app.add_api_route(f"/{name}", _sending(name, kind), methods=["GET"], response_model=None)
    return app


async def _alive() -> Response:
    """Answer the open page, which asks once a minute so that the server stays."""
    return Response(status_code=204)


def _sending(name: str, kind: str) -> Callable[[], Awaitable[Response]]:
    """Return the answer with a file of this package."""

    async def answer() -> Response:
        return Response(text_of(_PACKAGE, name), media_type=kind)

    return answer


def _answering(screen: Callable[[str, Form], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Return the answer with a screen, for the form of a request; a problem of the input is a screen, too."""

    async def answer(request: Request) -> Response:
        try:
            form = _read_form(await request.body())
            return await run_in_threadpool(screen, str(request.path_params.get("key", "")), form)
        except SimclinicError as error:
            return _page("problem.html.j2", _INVALID, title="This cannot be done", lines=error.lines)

    return answer


def _read_form(body: bytes) -> Form:
    """Read a form as browsers send it.

    Raises
    ------
    SimclinicError
        If it is none.
    """
    try:
        return parse_qs(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise SimclinicError(
            "The form cannot be read: it is no UTF-8 text, or has too many fields."
        ) from None


def _page(name: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 (what a template takes)
    text = template(_PACKAGE, name).render(version=VERSION, **values)
    # A name of a file that is no UTF-8 is shown by its codes.
    body = text.encode(errors="backslashreplace")
    return Response(body, status_code=status, media_type="text/html; charset=utf-8")


class _Screens:
    """The screens of one folder.

    Parameters
    ----------
    folder
        The folder of the clinics.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, _key: str, _form: Form) -> Response:
        """Show the clinics of the folder, and the six questions."""
        return self._start(_QUESTIONS, WEEKDAYS[:5], {}, [])

    def _start(
        self, given: Mapping[str, str], days: tuple[str, ...], problems: Mapping[str, str], others: list[str]
    ) -> Response:
        listed = [(clinic, *self._summary(clinic)) for clinic in clinic_files(self._folder)]
        return _page(
            "start.html.j2",
            _INVALID if problems or others else 200,
            title="My clinics",
            folder=str(self._folder),
            clinics=listed,
            given=given,
            days=days,
            weekdays=DAYS,
            problems=problems,
            others=others,
        )

    def _summary(self, clinic: ClinicFile) -> tuple[str, str]:
        """Return the name of a clinic and one line about it."""
        try:
            scenario = read_clinic(clinic, clinic.text())
        except ScenarioError as error:
            count = len(error.problems)
            return clinic.path.name, f"not valid: {count} problem{'' if count == 1 else 's'}"
        nurses = sum(shift.nurses for shift in scenario.shifts.values())
        chairs = scenario.clinic.chairs
        shifts = f"{len(scenario.shifts)} shift{'' if len(scenario.shifts) == 1 else 's'}"
        return scenario.name, f"{clinic.path.name}; chairs: {chairs}; nurses: {nurses} in {shifts}"

    def new(self, _key: str, form: Form) -> Response:
        """Write a new clinic from six answers."""
        given = {name: form.get(name, [""])[-1] for name in _QUESTIONS}
        days = tuple(day for day in WEEKDAYS if day in form.get("days", []))
        try:
            path = new_clinic(self._folder, days=days, **given)
        except ScenarioError as error:
            problems: dict[str, str] = {}
            others = []
            for problem in error.problems:
                asked = next((field for at, field in _ASKED.items() if problem.address.startswith(at)), "")
                if asked and asked not in problems:
                    problems[asked] = problem.rule
                elif not asked:
                    others.append(f"{problem.address}: {problem.rule}")
            return self._start(given, days, problems, others)
        key = next(each.key for each in clinic_files(self._folder) if each.path.name == path.name)
        return RedirectResponse(f"/clinic/{key}", _SEE_OTHER)

    def clinic(self, key: str, _form: Form) -> Response:
        """Show a clinic: its settings, and the answer on paper."""
        found = clinic_file(self._folder, key)
        return _missing() if found is None else self._clinic(found, found.text(), {}, {}, [])

    def change(self, key: str, form: Form) -> Response:
        """Change settings of a clinic, or show every problem beside its field and change nothing."""
        found = clinic_file(self._folder, key)
        if found is None:
            return _missing()
        text = found.text()
        if form.get("version", [""])[-1] != fingerprint(text):
            said = "The file has changed since this page was opened, so nothing was saved. Open it again."
            return self._clinic(found, text, form, {}, [said], _CONFLICT)
        listed = fields(read_clinic(found, text))
        changes = overrides(form, listed)
        if changes:
            try:
                after = changed_text(text, changes, folder=found.path.parent, name=str(found.path))
            except ScenarioError as error:
                problems, others = beside(error.problems, listed)
                return self._clinic(found, text, form, problems, others, _INVALID)
            save(found, after)
        return RedirectResponse(f"/clinic/{key}", _SEE_OTHER)

    def take_back(self, key: str, _form: Form) -> Response:
        """Undo the last change of a clinic."""
        found = clinic_file(self._folder, key)
        if found is None:
            return _missing()
        undo(found)
        return RedirectResponse(f"/clinic/{key}", _SEE_OTHER)

    def _clinic(
        self,
        clinic: ClinicFile,
        text: str,
        form: Form,
        problems: Mapping[str, str],
        others: list[str],
        status: int = 200,
    ) -> Response:
        common = {"clinic": clinic, "kept": changes_kept(clinic), "version_of": fingerprint(text)}
        try:
            scenario = read_clinic(clinic, text)
        except ScenarioError as error:
            lines = [str(problem) for problem in error.problems]
            return _page("broken.html.j2", _INVALID, title=clinic.path.name, lines=lines, **common)
        document = checked(scenario, str(clinic.path))
        listed = fields(scenario)
        groups: dict[str, list[Any]] = {}
        for field in listed:
            groups.setdefault(field.group, []).append(field)
        return _page(
            "clinic.html.j2",
            status,
            title=scenario.name,
            groups=groups,
            given=form,
            weekdays=DAYS,
            problems=problems,
            others=others,
            papers=papers(document),
            warnings=document["warnings"],
            **common,
        )


def _missing() -> Response:
    line = "There is no such clinic in the folder. Its file may have been renamed or removed."
    return _page("problem.html.j2", _NOT_FOUND, title="Not found", lines=[line])
