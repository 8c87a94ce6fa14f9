"""*My clinic*: the settings of a clinic, and the answer on paper after each change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.report.text.words import DAYS
from simclinic.report.text.words import listed as listed_words
from simclinic.scenario import Scenario
from simclinic.scenario.addresses import address
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.visit import NURSE
from simclinic.studies.check import checked
from simclinic.studies.clinic_files import (
    ClinicFile,
    changed_text,
    changes_kept,
    clinic_file,
    clinic_files,
    fingerprint,
    new_shift,
    read_clinic,
    save,
    undo,
)
from simclinic.studies.trash import delete, put_back
from simclinic.web.answering import CONFLICT, INVALID, SEE_OTHER, Asked, Form, Place, Route, missing, page
from simclinic.web.form import STEPS_OF, Field, beside, fields, growth_path, overrides
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
    return _clinic(found, text, {}, {}, [], added=asked.query.get("added", [""])[-1])


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
    scenario, added = read_clinic(found, text), ""
    if "remove" in asked.form:
        name = asked.last("remove")
        if name not in scenario.shifts:
            return missing("shift in this clinic. It may have been removed")
        change = f"{address(('shifts', name))}=false"
    else:
        try:
            added, change = new_shift(scenario, asked.last(_NEW_SHIFT))
        except SimclinicError as error:
            return _clinic(found, text, asked.form, {_NEW_SHIFT: str(error)}, [], INVALID)
    then = f"?{urlencode({'added': added})}" if added else ""
    return _changed(found, text, [change], fields(scenario), {}, f"{then}#shifts-title")


def _stale(asked: Asked, text: str) -> bool:
    """Return whether a form was filled in about another text of the file."""
    return asked.last("version") != fingerprint(text)


class _Added(NamedTuple):
    """A shift that has just been added, and what it has taken over."""

    name: str
    says: str


def _added(scenario: Scenario, name: str) -> _Added:
    """Say what a shift that has just been added has taken over from the last one of the other nurses."""
    nurses = [other for other, shift in scenario.shifts.items() if shift.role == NURSE]
    others = [other for other in nurses if other != name]
    if name not in nurses or not others:
        return _Added("", "")
    like, shift = others[-1], scenario.shifts[name]
    if shift != scenario.shifts[like].model_copy(update={"nurses": 1}):
        return _Added("", "")
    taken = ["the days", f"the hours {shift.hours}"]
    if not shift.in_weeks.all:
        taken.append(f"the weeks ({shift.in_weeks})")
    taken.append("no break" if shift.break_ is None else f"the break {shift.break_}")
    taken.append(f"an absence of {100 * shift.absence:g} %")
    return _Added(
        name,
        f"This shift has one nurse, and is otherwise like the shift {like}: it has taken over "
        f"{listed_words(taken)}. "
        "The absence is below, under “Assumptions”.",
    )


def _understood(scenario: Scenario) -> str:
    """Say how the growth of new patients was understood; empty without one."""
    growth, run = scenario.demand.growth_per_year, scenario.run
    return growth_path(scenario, growth, run.start, run.weeks) if growth else ""


def throw_away(place: Place, asked: Asked) -> Response:
    """Delete a clinic: its file goes into the trash, from which it can be put back."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    delete(found)
    return RedirectResponse("/#deleted-title", SEE_OTHER)


def restore(place: Place, asked: Asked) -> Response:
    """Put a deleted clinic back."""
    path = put_back(place.folder, asked.key)
    if path is None:
        return missing("deleted clinic")
    key = next(each.key for each in clinic_files(place.folder) if each.path.name == path.name)
    return RedirectResponse(f"/clinic/{key}", SEE_OTHER)


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
    added: str = "",
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
        understood=_understood(scenario),
        given=form,
        weekdays=DAYS,
        problems=problems,
        labels={field.address: field.label for field in listed},
        others=others,
        stale=status == CONFLICT,
        added=_added(scenario, added),
        papers=papers(document),
        warnings=[wording("")(sentence(line)) for line in document["warnings"]],
        **common,
    )


ROUTES: tuple[Route, ...] = (
    ("GET", "/clinic/{key}", clinic),
    ("POST", "/clinic/{key}", change),
    ("POST", "/clinic/{key}/shifts", shifts),
    ("POST", "/clinic/{key}/undo", take_back),
    ("POST", "/clinic/{key}/delete", throw_away),
    ("POST", "/deleted/{key}", restore),
)
