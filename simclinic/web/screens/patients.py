"""*My patients*: the export of appointments is dropped here, and what was learnt from it is shown."""

from __future__ import annotations

from fastapi.responses import RedirectResponse, Response

from simclinic.calibration.held import HeldExport
from simclinic.errors import ScenarioError, SimclinicError
from simclinic.report.text.learnt import learnt_lines, read_line, today_line
from simclinic.studies.clinic_files import (
    ClinicFile,
    changes_kept,
    clinic_file,
    clinic_files,
    fingerprint,
    read_clinic,
)
from simclinic.studies.learnt import dropped_clinic, learnt_of
from simclinic.web.answering import INVALID, SEE_OTHER, Asked, Place, Route, missing, page
from simclinic.web.screens.export import in_page_words
from simclinic.web.screens.job import download, stem
from simclinic.web.screens.tabs import tabs

_LONGEST_NAME = 120


def patients(place: Place, asked: Asked) -> Response:
    """Show what is known of the clinic's own patients, and where to drop an export."""
    clinic = clinic_file(place.folder, asked.key)
    if clinic is None:
        return missing()
    place.exports.warm()
    return _shown(clinic, [])


def _shown(clinic: ClinicFile, lines: list[str]) -> Response:
    common = {"clinic": clinic, "tabs": tabs(clinic.key, "patients"), "kept": changes_kept(clinic)}
    text = clinic.text()
    try:
        scenario = read_clinic(clinic, text)
        learnt = learnt_of(clinic, text)
    except ScenarioError as error:
        problems = [str(problem) for problem in error.problems]
        return page("broken.html.j2", INVALID, title=clinic.path.name, lines=problems, **common)
    document = None if learnt is None else learnt.document
    return page(
        "patients.html.j2",
        INVALID if lines else 200,
        title="My patients",
        of=scenario.name,
        learnt=learnt,
        version_of=fingerprint(text),
        document=document,
        read="" if document is None else read_line(document),
        today="" if document is None else today_line(document),
        six=[] if document is None else learnt_lines(document),
        unknown=[]
        if document is None
        else [in_page_words(each) for each in (*document["cannot_tell"], *document["kept"])],
        warnings=[] if document is None else [in_page_words(each) for each in document["warnings"]],
        lines=[in_page_words(line) for line in lines],
        **common,
    )


def drop(place: Place, asked: Asked) -> Response:
    """Take an export for a clinic."""
    clinic = clinic_file(place.folder, asked.key)
    if clinic is None:
        return missing()
    try:
        held = place.exports.take(_export(asked), clinic.path.name)
    except SimclinicError as error:
        return _shown(clinic, list(error.lines))
    return RedirectResponse(f"/export/{held.key}", SEE_OTHER)


def drop_at_start(place: Place, asked: Asked) -> Response:
    """Take a scenario, which becomes a clinic, or an export for a new clinic."""
    name = _name(asked)
    if name.casefold().endswith(".toml"):
        path = dropped_clinic(place.folder, name, asked.body)
        key = next(each.key for each in clinic_files(place.folder) if each.path.name == path.name)
        return RedirectResponse(f"/clinic/{key}", SEE_OTHER)
    held = place.exports.take(_export(asked), None)
    return RedirectResponse(f"/export/{held.key}", SEE_OTHER)


def _export(asked: Asked) -> HeldExport:
    if not asked.body:
        raise SimclinicError("The file is empty.")
    return HeldExport(_name(asked), asked.body)


def _name(asked: Asked) -> str:
    """Return the name of a dropped file: a name for messages and results, never a path."""
    name = asked.query.get("name", [""])[-1].replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in name if letter.isprintable())
    return printable[-_LONGEST_NAME:].lstrip(".-") or "export"


def report(place: Place, asked: Asked) -> Response:
    """Send the report on what was learnt."""
    from simclinic.report.page import render
    from simclinic.studies.folders.report import page_of

    clinic = clinic_file(place.folder, asked.key)
    learnt = None if clinic is None else learnt_of(clinic, clinic.text())
    if clinic is None or learnt is None:
        return missing("clinic that has learnt from an export")
    return download(
        render(page_of(learnt.folder)).encode(), "text/html", f"{stem(clinic.path.name)}-patients.html"
    )


ROUTES: tuple[Route, ...] = (
    ("GET", "/clinic/{key}/patients", patients),
    ("POST", "/clinic/{key}/patients", drop),
    ("GET", "/clinic/{key}/patients/report.html", report),
    ("POST", "/drop", drop_at_start),
)
