"""*My clinic*: the settings of a clinic, and the answer on paper after each change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError
from simclinic.report.text.words import DAYS
from simclinic.studies.check import checked
from simclinic.studies.clinic_files import (
    ClinicFile,
    changed_text,
    changes_kept,
    clinic_file,
    fingerprint,
    read_clinic,
    save,
    undo,
)
from simclinic.web.answering import CONFLICT, INVALID, SEE_OTHER, Asked, Form, Place, Route, missing, page
from simclinic.web.form import beside, fields, overrides
from simclinic.web.paper import papers
from simclinic.web.screens.tabs import tabs


def clinic(place: Place, asked: Asked) -> Response:
    """Show a clinic: its settings, and the answer on paper."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    place.jobs.warm()
    return _clinic(found, found.text(), {}, {}, [])


def change(place: Place, asked: Asked) -> Response:
    """Change settings of a clinic, or show every problem beside its field and change nothing."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    text = found.text()
    if asked.last("version") != fingerprint(text):
        said = "The file has changed since this page was opened, so nothing was saved. Open it again."
        return _clinic(found, text, asked.form, {}, [said], CONFLICT)
    listed = fields(read_clinic(found, text))
    changes = overrides(asked.form, listed)
    if changes:
        try:
            after = changed_text(text, changes, folder=found.path.parent, name=str(found.path))
        except ScenarioError as error:
            problems, others = beside(error.problems, listed)
            return _clinic(found, text, asked.form, problems, others, INVALID)
        save(found, after)
    return RedirectResponse(f"/clinic/{asked.key}", SEE_OTHER)


def take_back(place: Place, asked: Asked) -> Response:
    """Undo the last change of a clinic."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    undo(found)
    return RedirectResponse(f"/clinic/{asked.key}", SEE_OTHER)


def _clinic(
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
        return page("broken.html.j2", INVALID, title=clinic.path.name, lines=lines, **common)
    document = checked(scenario, str(clinic.path))
    listed = fields(scenario)
    groups: dict[str, list[Any]] = {}
    for field in listed:
        groups.setdefault(field.group, []).append(field)
    return page(
        "clinic.html.j2",
        status,
        title=scenario.name,
        tabs=tabs(clinic.key, ""),
        groups=groups,
        given=form,
        weekdays=DAYS,
        problems=problems,
        others=others,
        papers=papers(document),
        warnings=document["warnings"],
        **common,
    )


ROUTES: tuple[Route, ...] = (
    ("GET", "/clinic/{key}", clinic),
    ("POST", "/clinic/{key}", change),
    ("POST", "/clinic/{key}/undo", take_back),
)
