"""What a study has found is written into the clinic's file, or into a copy of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi.responses import RedirectResponse, Response

from simclinic.studies.clinic_files import (
    as_override,
    changed_text,
    clinic_file,
    clinic_files,
    copy_clinic,
    read_clinic,
    save,
)
from simclinic.web.answering import CONFLICT, SEE_OTHER, Asked, Place, Screen, missing, page
from simclinic.web.answers import scenario_key

_CHANGED = "The clinic has changed since this was asked. Ask again for the clinic as it is now."
_NOTHING = "This answer changes nothing in the clinic."


def writing(
    question: str,
    changes: Callable[[Mapping[str, Any]], Sequence[str]],
    name: Callable[[Mapping[str, Any]], str],
) -> Screen:
    """Return the screen that writes an answer, as one change that can be undone.

    Parameters
    ----------
    question
        Whose answers.
    changes
        Makes the overrides `ADDRESS=VALUE` of an answer's document; none: there is nothing to write.
    name
        What a copy is called, after the name of the clinic.
    """

    def write(place: Place, asked: Asked) -> Response:
        clinic = clinic_file(place.folder, asked.key)
        job = place.jobs.get(asked.last("job"))
        if clinic is None or job is None or (job.question, job.file) != (question, clinic.path.name):
            return missing()
        answer = place.jobs.answer(job)
        text = clinic.text()
        scenario = read_clinic(clinic, text)
        if answer is None or scenario_key(scenario) != job.scenario:
            return page("problem.html.j2", CONFLICT, title="Nothing was written", lines=[_CHANGED])
        document = json.loads(answer.json)
        overrides = list(changes(document))
        if not overrides:
            return page("problem.html.j2", CONFLICT, title="Nothing was written", lines=[_NOTHING])
        if asked.last("into") != "copy":
            save(clinic, changed_text(text, overrides, folder=clinic.path.parent, name=str(clinic.path)))
            return RedirectResponse(f"/clinic/{clinic.key}", SEE_OTHER)
        named = as_override("name", f"{scenario.name}, {name(document)}", "")
        path = copy_clinic(clinic, [named, *overrides])
        [key] = [each.key for each in clinic_files(place.folder) if each.path.name == path.name]
        return RedirectResponse(f"/clinic/{key}", SEE_OTHER)

    return write
