"""*Forecast*: boosters and starts from today's patients on, with growth and with changes from dates on."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from fastapi.responses import Response

from simclinic.errors import ScenarioError
from simclinic.report.settings import setting_words
from simclinic.report.text.words import counted
from simclinic.scenario import Scenario, with_overrides
from simclinic.studies.clinic_files import as_override, as_written, clinic_file, read_clinic
from simclinic.studies.learnt import Learnt, learnt_of
from simclinic.web.age import age_lines, today
from simclinic.web.answering import Asked, Form, Place, Route, missing, page
from simclinic.web.form import growth_path, staff
from simclinic.web.questions import Options
from simclinic.web.questions.forecast import digest, overrides
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes
from simclinic.web.screens.tabs import tabs

WEEKS, MOST_WEEKS = "26", 520
_ROWS, _MOST_ROWS = 3, 24
_HUNDRED = 100.0
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")


class Row(NamedTuple):
    """A row of the time line: a date, the setting that changes, its new value, and the problem beside it."""

    date: str
    what: str
    value: str
    problem: str


def changeable(scenario: Scenario) -> dict[str, str]:
    """Return what can change from a date on, by address, and what it is called."""
    found = {"clinic.chairs": "Chairs"}
    for name, shift in scenario.shifts.items():
        found[f"shifts.{name}.nurses"] = f"{staff(shift.role)}, shift {name}"
        found[f"shifts.{name}.hours"] = f"Hours, shift {name}"
    if scenario.demand.referrals_per_week is not None:
        found["demand.referrals_per_week"] = "New patients a week"
    return found


def patients_in(place: Place, learnt: Learnt) -> dict[str, str]:
    """Return the options of a job that say who today's patients are."""
    return {"panel": learnt.panel.as_posix(), "patients": digest(place.folder / learnt.panel)}


def read_horizon(scenario: Scenario, form: Form, problems: dict[str, str]) -> dict[str, str]:
    """Read horizon and growth of a form."""
    weeks = form.get("weeks", [WEEKS])[-1].strip()
    if not (weeks.isdecimal() and 1 <= int(weeks) <= MOST_WEEKS):
        problems["weeks"] = f"must be a whole number of weeks from 1 to {MOST_WEEKS}"
    percent = form.get("percent", [""])[-1].strip()
    growth = ""
    if percent and percent != growth_percent(scenario):
        growth = percent
        try:
            growth = f"{float(percent) / _HUNDRED:.6g}"
            with_overrides(scenario, [f"demand.growth_per_year={growth}"])
        except ValueError:
            problems["percent"] = "must be a number, such as 10 for 10 % more in a year, or -5 for 5 % fewer"
        except ScenarioError:
            problems["percent"] = "must lie above -100 and not above 10,000: 10 is 10 % more in a year"
    return {"weeks": weeks, "growth": growth, "percent": percent}


def aged(scenario: Scenario, options: Options, *, dates: bool) -> list[str]:
    """Say how old the list of patients is, if it is old; `dates`: whether the answer names days to act."""
    calibrated, weeks = scenario.calibrated, options.get("weeks", WEEKS)
    if calibrated is None or not weeks.isdecimal():
        return []
    return list(age_lines(calibrated.as_of, int(weeks), today(), dates=dates))


def understood(scenario: Scenario, options: Options) -> str:
    """Say how the growth was understood; empty where it is none, or no number."""
    try:
        percent = float(percent_of(options) or growth_percent(scenario))
        weeks = int(options.get("weeks", WEEKS))
    except ValueError:
        return ""
    if not percent or percent <= -_HUNDRED:
        return ""
    begin = scenario.run.start if scenario.calibrated is None else scenario.calibrated.as_of
    return growth_path(scenario, percent / _HUNDRED, begin, weeks)


def growth_percent(scenario: Scenario) -> str:
    """Write the growth of a clinic in per cent."""
    return f"{_HUNDRED * scenario.demand.growth_per_year:.6g}"


def _read(patients: Mapping[str, str], scenario: Scenario, form: Form) -> Filled:
    problems: dict[str, str] = {}
    options = dict(patients) | read_horizon(scenario, form, problems)
    names, changes = changeable(scenario), []
    rows = [
        tuple(part.strip() for part in row)
        for row in zip(*(form.get(name, []) for name in ("date", "what", "value")), strict=False)
    ]
    for date, what, value in rows[:_MOST_ROWS]:
        if not date and not value:
            continue
        changes.append((date, what, value))
        wrong = _wrong(scenario, names, date, what, value)
        if wrong:
            problems[f"row-{len(changes) - 1}"] = wrong
    typed = json.dumps(changes)
    if not problems:
        written = [(date, what, _written(what, value)) for date, what, value in changes]
        options["changes"] = json.dumps(written) if written else ""
        try:
            with_overrides(scenario, overrides(options))
        except ScenarioError as error:
            problems["changes"] = "; ".join(problem.rule for problem in error.problems)
    if problems:
        return Filled(options | {"changes": typed}, problems)
    return Filled({name: value for name, value in options.items() if name != "percent"})


def _wrong(scenario: Scenario, names: Mapping[str, str], date: str, what: str, value: str) -> str:
    """Say what is wrong with a row; empty if nothing is."""
    try:
        dt.date.fromisoformat(date)
    except ValueError:
        return "The date must be written as 2026-06-01."
    if what not in names:
        return "Choose what changes."
    if not value:
        return "The new value is missing."
    if not what.endswith(".hours") and not _NUMBER.fullmatch(value):
        return f"{names[what]}: must be a number."
    row = json.dumps([(date, what, _written(what, value))])
    try:
        with_overrides(scenario, overrides({"changes": row}))
    except ScenarioError as error:
        return f"{names[what]}: {error.problems[0].rule}."
    return ""


def _written(what: str, value: str) -> str:
    """Write a value as in a scenario file."""
    before = "" if what.endswith(".hours") else 0
    written: str = as_override(what, value, before).partition("=")[2]
    return written


def _values(learnt: Learnt, scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    document: Mapping[str, Any] | None = None
    if known.answer is not None:
        document = json.loads(known.answer.json)
    elif known.interim is not None:
        document = known.interim.document
    return {
        "learnt": learnt,
        "weeks": options.get("weeks", WEEKS),
        "percent": percent_of(options) or growth_percent(scenario),
        "aged": aged(scenario, options, dates=False),
        "understood": understood(scenario, options),
        "names": changeable(scenario),
        "rows": rows_of(options),
        "dated": [_dated(date, settings, scenario) for date, settings in sorted(scenario.changes.items())],
        "against": [] if known.answer is None else known.answer.extra.get("against", []),
        "pairs": 0 if known.answer is None else known.answer.extra.get("pairs", 0),
        "used": [] if document is None else list(_used(document)),
        "futures": "" if document is None else counted(document["replications"], "future"),
    }


def _dated(date: dt.date, settings: Mapping[str, Any], scenario: Scenario) -> str:
    """Say what changes on a date in the clinic's file: "2026-03-01: Chairs: 4"."""
    names = changeable(scenario)
    written = ", ".join(
        f"{names.get(address) or setting_words(address)}: {value if isinstance(value, str) else as_written(value)}"
        for address, value in settings.items()
    )
    return f"{date.isoformat()}: {written}"


def percent_of(options: Options) -> str:
    """Return the growth of a form or of a job in per cent; empty if it is the clinic's."""
    if options.get("percent"):
        return options["percent"]
    return f"{_HUNDRED * float(options['growth']):.6g}" if options.get("growth") else ""


def rows_of(options: Options) -> list[Row]:
    """Return the rows of the time line, and some empty ones."""
    rows = [
        Row(date, what, str(value).strip('"'), "")
        for date, what, value in json.loads(options.get("changes") or "[]")
    ]
    return rows + [Row("", "", "", "")] * max(_ROWS - len(rows), 1)


def _used(document: Mapping[str, Any]) -> Sequence[str]:
    """Say for each relapse law how many starts are used of those on offer, at first and at last."""
    lines = []
    for law in document["laws"]:
        weeks = [week for week in law["weeks"] if week["capacity"]["mean"]]
        if not law["n"] or not weeks:
            continue
        spans = (weeks[: _quarter(weeks)], weeks[-_quarter(weeks) :])
        shares = [
            sum(week["starts_used"]["mean"] for week in span) / sum(week["capacity"]["mean"] for week in span)
            for span in spans
        ]
        which = f" ({law['name']})" if len(document["laws"]) > 1 else ""
        lines.append(
            f"Starts used of those on offer{which}: {100 * shares[0]:.0f} % on average in the first "
            f"{_weeks(spans[0])}, {100 * shares[1]:.0f} % in the last {_weeks(spans[1])}."
        )
    return lines


def _weeks(span: Sequence[Any]) -> str:
    return "week" if len(span) == 1 else f"{len(span)} weeks"


def _quarter(weeks: Sequence[Any]) -> int:
    return max(1, len(weeks) // 4)


ReadWith = Callable[[Mapping[str, str], Scenario, Form], Filled]
ValuesWith = Callable[[Learnt, Scenario, Known, Options], Mapping[str, Any]]


def patient_routes(
    question: str, title: str, template: str, read: ReadWith, values: ValuesWith
) -> tuple[Route, ...]:
    """Make the addresses of a screen about today's patients: one shows it, one asks.

    Parameters
    ----------
    question, title, template
        As of :class:`simclinic.web.screens.asking.QuestionScreen`.
    read, values
        As there, with the options that name the patients, and with what the clinic has learnt, before the others.
    """

    def routes_of(place: Place, asked: Asked) -> tuple[Route, ...] | Response:
        clinic = clinic_file(place.folder, asked.key)
        if clinic is None:
            return missing()
        text = clinic.text()
        try:
            scenario = read_clinic(clinic, text)
            learnt = learnt_of(clinic, text)
        except ScenarioError:  # the screen shows the problems
            return routes(QuestionScreen(question, title, template, lambda *_: Filled({}), lambda *_: {}))
        if learnt is None:
            return page(
                "nopatients.html.j2",
                title=title,
                of=scenario.name,
                clinic=clinic,
                tabs=tabs(clinic.key, question),
            )
        patients = patients_in(place, learnt)
        return routes(
            QuestionScreen(question, title, template, partial(read, patients), partial(values, learnt))
        )

    def answering(number: int, place: Place, asked: Asked) -> Response:
        found = routes_of(place, asked)
        return found if isinstance(found, Response) else found[number][2](place, asked)

    address = f"/clinic/{{key}}/{question}"
    return ("GET", address, partial(answering, 0)), ("POST", address, partial(answering, 1))


ROUTES = patient_routes("forecast", "Forecast", "forecast.html.j2", _read, _values)
