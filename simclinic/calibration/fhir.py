"""FHIR: appointments and encounters as JSON, in a bundle, in a list, or one to a line (NDJSON).

Other JSON that is a list of objects is read as a table whose columns are the objects' keys.
"""

from __future__ import annotations

import itertools
import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from simclinic.calibration.cells import Rows, check_held
from simclinic.calibration.sheet import Refuse, Sheet
from simclinic.reading import NotReadError, parse_json

_COLUMNS = (
    "patient",
    "start",
    "end",
    "status",
    "type",
    "arrived",
    "left",
    "created",
    "location",
    "birth date",
)
_DEEPEST = 6
MOST_VALUES = 10_000_000
"""Keys and values of a JSON file: those of some 400,000 appointments."""


def read_fhir(text: str, encoding: str, refuse: Refuse) -> Sheet:
    """Read JSON as a table.

    Raises
    ------
    ExportError
        If it is no JSON, contains neither appointments nor encounters nor a list of objects, or is only the
        first page of several.
    """
    objects, lines, lists = _objects(text, refuse)
    resources: list[tuple[int, Mapping[str, Any]]] = []
    missing = 0
    for line, resource in zip(lines, objects, strict=True):
        if resource.get("resourceType") == "Bundle":
            missing += _missing(resource)
            entries = [
                entry.get("resource") for entry in resource.get("entry") or [] if isinstance(entry, dict)
            ]
            offset = len(resources)
            resources += [
                (line if lists else offset + at, entry)
                for at, entry in enumerate(entries, 1)
                if isinstance(entry, dict)
            ]
        else:
            resources.append((line, resource))
    if missing:
        raise refuse(
            f"is one page of a FHIR search: {missing:,} more are on the server (relation `next`). Fetch all "
            "pages, and put them into one file: a JSON list of the bundles, or one resource to a line (NDJSON)"
        )
    kinds = Counter(str(resource["resourceType"]) for _, resource in resources if "resourceType" in resource)
    if not kinds:
        return _plain_objects(resources, encoding, refuse)
    rows, numbers, notes = _appointments(resources, kinds, refuse)
    return Sheet(Rows([list(_COLUMNS), *rows]), [0, *numbers], "FHIR", encoding, notes=notes)


def _objects(text: str, refuse: Refuse) -> tuple[list[dict[str, Any]], list[int], bool]:
    """Return the objects of a file, the line (or place) of each, and whether there are several documents."""
    try:
        whole = parse_json(text, MOST_VALUES)
    except NotReadError as error:
        raise refuse(f"{error}: export one page, or fewer years, or as CSV") from None
    except ValueError as error:
        return _by_line(text, str(error), refuse)
    if isinstance(whole, dict) and "resourceType" not in whole:
        inner = [
            value
            for value in whole.values()
            if isinstance(value, list) and value and isinstance(value[0], dict)
        ]
        if len(inner) == 1:
            whole = inner[0]
    objects = whole if isinstance(whole, list) else [whole]
    if not objects or not all(isinstance(one, dict) for one in objects):
        raise refuse("is JSON, but no list of appointments: export them as CSV, or as a FHIR bundle")
    return objects, list(range(1, len(objects) + 1)), isinstance(whole, list)


def _by_line(text: str, error: str, refuse: Refuse) -> tuple[list[dict[str, Any]], list[int], bool]:
    objects, lines = [], []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
        except (ValueError, RecursionError):
            reason = error if number == 1 else f"line {number} is no JSON object"
            raise refuse(f"begins like JSON but cannot be read as JSON: {reason}") from None
        if not isinstance(one, dict):
            raise refuse(f"has one JSON document to a line (NDJSON), but line {number} is no object")
        objects.append(one)
        lines.append(number)
    return objects, lines, True


def _missing(bundle: Mapping[str, Any]) -> int:
    """Return how many entries of a search are on pages that the file does not contain."""
    links = [link.get("relation") for link in bundle.get("link") or [] if isinstance(link, dict)]
    if "next" not in links:
        return 0
    held = len(bundle.get("entry") or [])
    total = bundle.get("total")
    return max(1, total - held) if isinstance(total, int) else 1


def _appointments(
    resources: list[tuple[int, Mapping[str, Any]]], kinds: Counter[str], refuse: Refuse
) -> tuple[list[list[str]], list[int], list[tuple[str, int, str]]]:
    births = {
        f"Patient/{resource.get('id')}": str(resource.get("birthDate") or "")
        for _, resource in resources
        if resource.get("resourceType") == "Patient"
    }
    visits = [(line, resource) for line, resource in resources if resource.get("resourceType") == "Encounter"]
    booked = [
        (line, resource) for line, resource in resources if resource.get("resourceType") == "Appointment"
    ]
    if not visits and not booked:
        shown = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(5))
        raise refuse(f"is FHIR, but holds no Appointment and no Encounter ({shown}): export one of these")
    notes = [
        ("FHIR: " + ", ".join(f"{n:,} {kind}" for kind, n in kinds.most_common()), 1, "read by resource")
    ]
    rows, numbers = [], []
    visit_of = {}
    for _, visit in visits:
        for reference in _listed(visit.get("appointment")):
            visit_of[_reference(reference)] = visit
    for line, resource in booked:
        visit = visit_of.get(f"Appointment/{resource.get('id')}", {})
        period = _period(visit)
        patient = _participant(resource, "Patient") or _reference(resource.get("subject"))
        rows.append(
            [
                patient,
                str(resource.get("start") or ""),
                str(resource.get("end") or ""),
                str(resource.get("status") or ""),
                _words(resource.get("appointmentType")) or _words(resource.get("serviceType")),
                str(period.get("start") or ""),
                str(period.get("end") or ""),
                str(resource.get("created") or ""),
                _participant(resource, "Location"),
                births.get(patient, ""),
            ]
        )
        numbers.append(line)
    for line, resource in visits if not booked else []:
        period = _period(resource)
        patient = _reference(resource.get("subject"))
        place = [_reference(one.get("location")) for one in _listed(resource.get("location"))]
        begin, end = str(period.get("start") or ""), str(period.get("end") or "")
        rows.append(
            [
                patient,
                begin,
                end,
                str(resource.get("status") or ""),
                _words(resource.get("type")),
                begin,
                end,
                "",
                *place[:1],
            ]
            + [""] * (1 - len(place[:1]))
            + [births.get(patient, "")]
        )
        numbers.append(line)
    if booked and visits:
        alone = sum(not _listed(visit.get("appointment")) for _, visit in visits)
        if alone:
            notes.append(
                ("FHIR encounters that name no appointment", alone, "left out: the appointments are read")
            )
    return rows, numbers, notes


def _listed(value: object) -> list[Mapping[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _period(encounter: Mapping[str, Any]) -> Mapping[str, Any]:
    period = encounter.get("actualPeriod") or encounter.get("period")
    return period if isinstance(period, dict) else {}


def _reference(value: object) -> str:
    """Return the target of a reference, without the server's address."""
    if not isinstance(value, dict):
        return ""
    if isinstance(reference := value.get("reference"), str):
        return (
            "/".join(reference.split("/")[-2:])
            if "_history" not in reference
            else reference.split("/_history")[0]
        )
    identifier = value.get("identifier")
    if isinstance(identifier, dict) and identifier.get("value"):
        return str(identifier["value"])
    return ""


def _participant(appointment: Mapping[str, Any], kind: str) -> str:
    for each in _listed(appointment.get("participant")):
        actor = each.get("actor")
        reference = _reference(actor)
        if reference.startswith(f"{kind}/") or (isinstance(actor, dict) and actor.get("type") == kind):
            return reference
    return ""


def _words(value: object) -> str:
    for each in _listed(value):
        if each.get("text"):
            return str(each["text"])
        for code in _listed(each.get("coding")):
            if code.get("display") or code.get("code"):
                return str(code.get("display") or code["code"])
        if inner := _words(each.get("concept")):
            return inner
    return ""


def _plain_objects(resources: list[tuple[int, Mapping[str, Any]]], encoding: str, refuse: Refuse) -> Sheet:
    headings: dict[str, int] = {}
    for _, each in resources:
        for key, _ in _flattened(each):
            headings.setdefault(key, len(headings))
        check_held(cells=len(resources) * len(headings))
    if len(resources) < 2 or len(headings) < 2:
        raise refuse("is JSON, but no list of appointments: export them as CSV, or as a FHIR bundle")
    rows = (
        [flat.get(key, "") for key in headings] for flat in (dict(_flattened(each)) for _, each in resources)
    )
    lines = array("q", (0, *(line for line, _ in resources)))
    return Sheet(Rows(itertools.chain([list(headings)], rows)), lines, "JSON", encoding)


def _flattened(value: object, at: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _flattened(inner, f"{at}.{key}" if at else str(key), depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for number, inner in enumerate(value):
            yield from _flattened(inner, at if len(value) == 1 else f"{at}.{number}", depth + 1)
    elif value is not None:
        yield at, str(value)
