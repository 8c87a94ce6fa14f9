"""*Plans*: up to five clinics side by side, copied, renamed, compared, and kept as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi.responses import RedirectResponse, Response

from simclinic.errors import ScenarioError
from simclinic.report.settings import setting_words
from simclinic.report.text.words import counted
from simclinic.scenario import Scenario
from simclinic.scenario.shifts import in_shift
from simclinic.studies.clinic_files import (
    ClinicFile,
    as_override,
    changed_text,
    changes_kept,
    clinic_file,
    clinic_files,
    copy_clinic,
    read_clinic,
    save,
)
from simclinic.web.answering import INVALID, SEE_OTHER, Asked, Place, Route, missing, page
from simclinic.web.answers import scenario_key
from simclinic.web.jobs import Job
from simclinic.web.screens.asking import Known, standing
from simclinic.web.screens.job import download, stem
from simclinic.web.wording import wording

QUESTION = "compare"
MOST = 5
"""Plans that are laid side by side."""


def plans(place: Place, asked: Asked) -> Response:
    """Show the plans of the folder, and the comparison that was asked for last."""
    place.jobs.warm()
    job = place.jobs.get(asked.query.get("job", [""])[-1])
    if job is None or job.question != QUESTION:
        job = next((each for each in place.jobs.recent() if each.question == QUESTION), None)
    return _plans(place, job)


def _plans(place: Place, job: Job | None, problem: str = "", pinned: Sequence[str] | None = None) -> Response:
    read = [(clinic, _scenario(clinic)) for clinic in clinic_files(place.folder)]
    now = {clinic.path.name: "" if found is None else scenario_key(found) for clinic, found in read}
    compared = [] if job is None else [job.file, *job.options["others"].splitlines()]
    state, known = None, Known()
    if job is not None:
        keys = [job.scenario, *job.options["keys"].splitlines()]
        changed = [now.get(name) for name in compared] != keys
        state = standing(place.jobs, job, "" if changed else job.scenario)
        known = Known(job.interim, place.jobs.answer(job))
    return page(
        "plans.html.j2",
        INVALID if problem else 200,
        title="Plans side by side",
        plans=[(clinic, found, _line(found), changes_kept(clinic)) for clinic, found in read],
        pinned=[clinic.key for clinic, _ in read if clinic.path.name in compared]
        if pinned is None
        else pinned,
        most=MOST,
        problem=problem,
        state=state,
        asks=False,
        known=known,
        held=wording(QUESTION),
        words=setting_words,
    )


def _scenario(clinic: ClinicFile) -> Scenario | None:
    try:
        return read_clinic(clinic, clinic.text())
    except ScenarioError:
        return None


def _line(scenario: Scenario | None) -> str:
    if scenario is None:
        return "not valid: open it to see why"
    shifts = ", ".join(
        f"{counted(each.nurses, each.role)}{in_shift(name)}" for name, each in scenario.shifts.items()
    )
    return f"{counted(scenario.clinic.chairs, 'chair')}; {shifts}"


def compare(place: Place, asked: Asked) -> Response:
    """Compare the plans that are pinned; the first listed is what the others are compared with."""
    pinned = asked.form.get("pin", [])
    found: list[tuple[ClinicFile, Any]] = [
        (clinic, _scenario(clinic)) for clinic in clinic_files(place.folder) if clinic.key in pinned
    ]
    first = asked.last("first")
    found.sort(key=lambda each: each[0].key != first)
    if not 2 <= len(found) <= MOST:
        problem = f"Pin two to {MOST} plans to compare them: {len(found) or 'none'} is pinned."
        return _plans(place, None, problem.replace("5 is", "5 are"), pinned)
    wrong = [clinic.path.name for clinic, scenario in found if scenario is None]
    if wrong:
        return _plans(place, None, f"Not valid: {', '.join(wrong)}. Open it to see why.", pinned)
    (base, scenario), *others = found
    options = {
        "others": "\n".join(clinic.path.name for clinic, _ in others),
        "keys": "\n".join(scenario_key(each) for _, each in others),
    }
    job = place.jobs.ask(QUESTION, base, base.text(), scenario, options)
    return RedirectResponse(f"/plans?job={job.key}", SEE_OTHER)


def copy(place: Place, asked: Asked) -> Response:
    """Copy a plan."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    copy_clinic(found)
    return RedirectResponse("/plans", SEE_OTHER)


def rename(place: Place, asked: Asked) -> Response:
    """Give a plan another name; its file keeps its own."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    override = as_override("name", asked.last("name"), "")
    save(found, changed_text(found.text(), [override], folder=found.path.parent, name=str(found.path)))
    return RedirectResponse("/plans", SEE_OTHER)


def file(place: Place, asked: Asked) -> Response:
    """Send the file of a clinic."""
    found = clinic_file(place.folder, asked.key)
    if found is None:
        return missing()
    return download(found.text().encode(), "application/toml", f"{stem(found.path.name)}.toml")


ROUTES: tuple[Route, ...] = (
    ("GET", "/plans", plans),
    ("POST", "/plans", compare),
    ("POST", "/clinic/{key}/copy", copy),
    ("POST", "/clinic/{key}/rename", rename),
    ("GET", "/clinic/{key}/file.toml", file),
)
