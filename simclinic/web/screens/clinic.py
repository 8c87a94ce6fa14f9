"""*My clinic*: the settings of a clinic, and the answer on paper after each change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.report.text.words import DAYS
from simclinic.scenario.addresses import address
from simclinic.scenario.protocols import INFUSION
from simclinic.studies.check import checked
from simclinic.studies.clinic_files import (
    ClinicFile,
    changed_text,
    changes_kept,
    clinic_file,
    fingerprint,
    new_shift,
    read_clinic,
    save,
    undo,
)
from simclinic.web.answering import CONFLICT, INVALID, SEE_OTHER, Asked, Form, Place, Route, missing, page
from simclinic.web.form import STEPS_OF, Field, beside, fields, overrides
from simclinic.web.paper import papers
from simclinic.web.screens.tabs import tabs
from simclinic.web.wording import sentence, wording

_CHANGED = "The file has changed since this page was opened, so nothing was saved. Open it again."
_NEW_SHIFT = "new-shift"
"""The field with the name of a new shift."""


def clinic(place: Place, asked: Asked) -> Response:
    """Show a clinic: its settings, and the answer on paper."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    text = found.text()
    place.jobs.expect(found, text)
    return _clinic(found, text, {}, {}, [])


def change(place: Place, asked: Asked) -> Response:
    """Change settings of a clinic, or show every problem beside its field and change nothing."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    text = found.text()
    if _stale(asked, text):
        return _clinic(found, text, asked.form, {}, [_CHANGED], CONFLICT)
    listed = fields(read_clinic(found, text))
    return _changed(found, text, overrides(asked.form, listed), listed, asked.form)


def _changed(
    clinic: ClinicFile, text: str, changes: list[str], listed: list[Field], form: Form, anchor: str = ""
) -> Response:
    if changes:
        try:
            after = changed_text(text, changes, folder=clinic.path.parent, name=str(clinic.path))
        except ScenarioError as error:
            problems, others = beside(error.problems, listed)
            return _clinic(clinic, text, form, problems, others, INVALID)
        save(clinic, after)
    return RedirectResponse(f"/clinic/{clinic.key}{anchor}", SEE_OTHER)


def shifts(place: Place, asked: Asked) -> Response:
    """Add a shift, or remove one."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    text = found.text()
    if _stale(asked, text):
        return _clinic(found, text, {}, {}, [_CHANGED], CONFLICT)
    scenario = read_clinic(found, text)
    if "remove" in asked.form:
        name = asked.last("remove")
        if name not in scenario.shifts:
            return missing("shift in this clinic. It may have been removed")
        change = f"{address(('shifts', name))}=false"
    else:
        try:
            _, change = new_shift(scenario, asked.last(_NEW_SHIFT))
        except SimclinicError as error:
            return _clinic(found, text, asked.form, {_NEW_SHIFT: str(error)}, [], INVALID)
    return _changed(found, text, [change], fields(scenario), {}, "#shifts-title")


def _stale(asked: Asked, text: str) -> bool:
    """Return whether a form was filled in about another text of the file."""
    return asked.last("version") != fingerprint(text)


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
        types=[kind for kind in scenario.visit_types if kind != INFUSION],
        roles=[*scenario.roles],
        steps_of=STEPS_OF,
        given=form,
        weekdays=DAYS,
        problems=problems,
        labels={field.address: field.label for field in listed},
        others=others,
        papers=papers(document),
        warnings=[wording("")(sentence(line)) for line in document["warnings"]],
        **common,
    )


ROUTES: tuple[Route, ...] = (
    ("GET", "/clinic/{key}", clinic),
    ("POST", "/clinic/{key}", change),
    ("POST", "/clinic/{key}/shifts", shifts),
    ("POST", "/clinic/{key}/undo", take_back),
)
