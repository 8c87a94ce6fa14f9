"""*Best template*: the start times that let most visits begin in days that keep their limits."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, cast

from fastapi.responses import Response

from simclinic.errors import SimclinicError
from simclinic.measures.targets import targets_of_day
from simclinic.planning.slack import USUAL as SLACKS
from simclinic.planning.slack import slacks
from simclinic.report.page import Block
from simclinic.report.pages.template import figures, lost, types
from simclinic.report.sheet import sheet_csv, sheet_html
from simclinic.report.text.plan import STATES
from simclinic.report.text.template import chosen_way, day_key, hours_sentence, is_mix, proof, times_of_day
from simclinic.report.text.words import counted, weekdays_text
from simclinic.results.template import TemplateDay, TemplateDocument
from simclinic.scenario import Scenario
from simclinic.studies.certify import problems_of
from simclinic.studies.clinic_files import as_written
from simclinic.studies.plan import ALPHA
from simclinic.studies.plan import AT_MOST as USUAL
from simclinic.studies.template import GRID as FIVE
from simclinic.studies.template import no_grid, no_template
from simclinic.web.answering import Asked, Form, Place, Route, missing
from simclinic.web.answers import Sheet
from simclinic.web.questions import Options
from simclinic.web.questions.template import AT_MOST, GRID, SLACK
from simclinic.web.screens.applying import writing
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes
from simclinic.web.screens.job import download, stem
from simclinic.web.targets import read_targets, target_fields, typed

QUESTION = "template"
_WHOLE = re.compile(r"\d{1,6}")
_USUAL = {GRID: str(FIVE), SLACK: SLACKS, AT_MOST: str(USUAL)}
_WRONG = "must be a whole number, such as {}"


def _read(scenario: Scenario, form: Form) -> Filled:
    given = {name: form.get(name, [""])[-1].replace(" ", "") or usual for name, usual in _USUAL.items()}
    options = {name: value for name, value in given.items() if value != _USUAL[name]}
    problems: dict[str, str] = {}
    for name in (GRID, AT_MOST):
        if not _WHOLE.fullmatch(given[name]):
            problems[name] = _WRONG.format(_USUAL[name])
    if GRID not in problems:
        wrong = list(no_grid(int(given[GRID])))
        problems |= {GRID: wrong[0].removeprefix("--grid ")} if wrong else {}
    if AT_MOST not in problems:
        wrong = list(problems_of(ALPHA, int(given[AT_MOST])))
        problems |= {AT_MOST: wrong[0]} if wrong else {}
    try:
        slacks(given[SLACK])
    except SimclinicError as error:
        problems[SLACK] = "; ".join(error.lines)
    asked, beside = read_targets(target_fields(scenario, targets_of_day(scenario))[0], form, one=False)
    return Filled(options | asked, problems | beside)


def _values(scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    fields, others = target_fields(scenario, targets_of_day(scenario))
    most = _most(scenario, options)
    document: TemplateDocument | None = None
    if known.answer is not None:
        document = cast("TemplateDocument", json.loads(known.answer.json))
    return {
        "refused": list(no_template(scenario)),
        "tried": "" if most is None else _tried(*most),
        "most": None if most is None else sum(most) * int(options.get(AT_MOST, USUAL)),
        "targets": [(field, typed(options, field)) for field in fields],
        "others": others,
        "given_more": {name: options.get(name, usual) for name, usual in _USUAL.items()},
        "more": any(name in options for name in _USUAL),
        "currency": scenario.finance.currency,
        "document": document,
        "days": None if document is None else asdict(_days(document)),
        "types": None if document is None or not is_mix(document) else _block(types(document)),
        "lost": None if document is None or not is_mix(document) else _block(lost(document)),
        "toml": "" if document is None else document.get("toml", ""),
        "side": None if document is None else _side(document),
        "proved": "" if document is None else proof(document)[1],
        "hours": "" if document is None else hours_sentence(document),
        "writes": document is not None and bool(_changes(document)),
        "settled": [] if known.interim is None else known.interim.document.get("settled", []),
        "states": STATES,
    }


def _most(scenario: Scenario, options: Options) -> tuple[int, int] | None:
    """Return how many templates and present ways to book may be simulated; None where a field is wrong."""
    try:
        int(options.get(AT_MOST, USUAL))
        asked = len(slacks(options.get(SLACK, SLACKS)))
    except (SimclinicError, ValueError):
        return None
    if not scenario.simple:  # the open book and the derived template are always compared
        return asked, 3 if scenario.booking.types == "typed" and scenario.booking.starts else 2
    return asked, 1 if asked == 1 or scenario.booking.starts is None else 2


def _tried(templates: int, present: int) -> str:
    computed = "The fullest days are computed first" + (f", with {templates} slacks" if templates > 1 else "")
    return f"{computed}; then at most {counted(templates + present, 'way')} to book are simulated."


def _days(document: TemplateDocument) -> Sheet:
    """Lay the starts of each day now and with the answer side by side; weekdays with equal ones share a row."""
    now = next(way for way in document["ways"] if way["name"] == document["now"])
    then = chosen_way(document) or now
    of_then = {day["weekday"]: day for day in then["days"]}
    alike: dict[tuple[int, tuple[str, ...]], list[str]] = {}
    for day in now["days"]:
        alike.setdefault((len(day["starts"]), day_key(of_then[day["weekday"]])), []).append(day["weekday"])
    rows = [
        (weekdays_text(days), str(count), str(len(of_then[days[0]]["starts"])), _written(of_then[days[0]]))
        for (count, _), days in alike.items()
    ]
    if then is now:
        only = [(days, count, times) for days, count, _, times in rows]
        return Sheet("Starts a day, now", ("Days", "starts", "times"), only)
    return Sheet("Starts a day, now and with this answer", ("Days", "now", "new", "new times"), rows)


def _written(day: TemplateDay) -> str:
    return times_of_day(day) if "visits" in day else ", ".join(day["starts"])


def _side(document: TemplateDocument) -> Mapping[str, Any]:
    return _block(figures(document))


def _block(block: Block) -> Mapping[str, Any]:
    return asdict(Sheet(block.title, block.sheet.headings, block.sheet.rows, block.says))


def _changes(document: Mapping[str, Any]) -> list[str]:
    way = chosen_way(cast("TemplateDocument", document))
    if way is None or way["name"] == document["now"]:
        return []
    if "asked_by_type" not in document:
        return [f"booking.starts.{day['weekday']}={as_written(day['starts'])}" for day in way["days"]]
    booking = tomllib.loads(document["toml"])["booking"]
    starts = booking.pop("starts")
    changes = [f"booking.{name}={as_written(value)}" for name, value in booking.items()]
    return [*changes, *(f"booking.starts.{day}={as_written(listed)}" for day, listed in starts.items())]


def _named(document: Mapping[str, Any]) -> str:
    return str(document["chosen"])


def _sheet(place: Place, asked: Asked) -> tuple[str, TemplateDocument] | None:
    job = place.jobs.get(asked.key)
    answer = place.jobs.answer(job) if job is not None and job.state == "finished" else None
    if job is None or answer is None or job.question != QUESTION:
        return None
    document = cast("TemplateDocument", json.loads(answer.json))
    return (stem(job.file), document) if document["sheet"] else None


_WHAT = "sheet: its answer has gone, or has no new starts"


def wall(place: Place, asked: Asked) -> Response:
    """Show the sheet for the wall, to print."""
    found = _sheet(place, asked)
    return missing(_WHAT) if found is None else Response(sheet_html(found[1]), media_type="text/html")


def kept(place: Place, asked: Asked) -> Response:
    """Send the sheet for the wall as a page."""
    found = _sheet(place, asked)
    if found is None:
        return missing(_WHAT)
    return download(sheet_html(found[1]).encode(), "text/html", f"{found[0]}-starts.html")


def rows(place: Place, asked: Asked) -> Response:
    """Send the sheet as a table."""
    found = _sheet(place, asked)
    if found is None:
        return missing(_WHAT)
    return download(sheet_csv(found[1]).encode(), "text/csv", f"{found[0]}-starts.csv")


ROUTES: tuple[Route, ...] = (
    *routes(QuestionScreen(QUESTION, "Best template", "template.html.j2", _read, _values, looks=True)),
    ("POST", f"/clinic/{{key}}/{QUESTION}/write", writing(QUESTION, _changes, _named)),
    ("GET", "/job/{key}/sheet", wall),
    ("GET", "/job/{key}/sheet.html", kept),
    ("GET", "/job/{key}/sheet.csv", rows),
)
