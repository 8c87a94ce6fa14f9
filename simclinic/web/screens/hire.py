"""*When to hire*: the latest date from which more chairs or nurses must be there, from today's patients on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simclinic.results.kinds import MOST_PARTS
from simclinic.scenario import Scenario
from simclinic.scenario.addresses import address
from simclinic.studies.hire import LEAD_WEEKS, QUARTER
from simclinic.studies.learnt import Learnt
from simclinic.studies.plan import AT_MOST as USUAL
from simclinic.web.age import passed_line, today
from simclinic.web.answering import Form
from simclinic.web.form import staff
from simclinic.web.questions import Options
from simclinic.web.questions.cheapest import AT_MOST
from simclinic.web.screens.asking import Filled, Known
from simclinic.web.screens.cheapest import read_most
from simclinic.web.screens.forecast import (
    WEEKS,
    aged,
    growth_percent,
    patient_routes,
    percent_of,
    read_horizon,
    understood,
)

_MOST_MORE, _MOST_LEAD = 6, 104


@dataclass(frozen=True, slots=True)
class Most:
    """What may be hired: the name of its field, its address, what it counts, its value now, and at most."""

    name: str
    address: str
    label: str
    now: int
    most: str


def listed(scenario: Scenario, options: Options) -> list[Most]:
    """Return what may be hired, up to one more of each, or as it was asked."""
    asked = {at: str(most) for at, _, most in json.loads(options.get("over") or "[]")}
    settings = [("clinic.chairs", "Chairs", scenario.clinic.chairs, 0)]
    for name, shift in scenario.shifts.items():
        settings.append(
            (address(("shifts", name, "nurses")), f"{staff(shift.role)}, shift {name}", shift.nurses, 1)
        )
    return [
        Most(f"most-{number}", at, label, now, asked.get(at, str(now if asked else now + more)))
        for number, (at, label, now, more) in enumerate(settings)
    ]


def _read(patients: Mapping[str, str], scenario: Scenario, form: Form) -> Filled:
    problems: dict[str, str] = {}
    options = dict(patients) | read_horizon(scenario, form, problems)
    lead = form.get("lead", [str(LEAD_WEEKS)])[-1].strip()
    if not (lead.isdecimal() and int(lead) <= _MOST_LEAD):
        problems["lead"] = f"must be a whole number of weeks, at most {_MOST_LEAD}"
    over: list[tuple[str, int, Any]] = []
    for each in listed(scenario, {}):
        most = form.get(each.name, [each.most])[-1].strip()
        if not (most.isdecimal() and each.now <= int(most) <= each.now + _MOST_MORE):
            problems[each.name] = f"must be a whole number from {each.now} to {each.now + _MOST_MORE}"
            over.append((each.address, each.now, most))
        elif int(most) > each.now:
            over.append((each.address, each.now, int(most)))
    if not over:
        problems["over"] = "Say of what there may be more than now."
    if "weeks" not in problems and int(options["weeks"]) > MOST_PARTS * QUARTER:
        problems["weeks"] = f"must be at most {MOST_PARTS * QUARTER}: each quarter is judged by itself"
    options |= {"lead": lead, "over": json.dumps(over), **read_most(form, problems)}
    if not problems:
        del options["percent"]
    return Filled(options, problems)


def _values(learnt: Learnt, scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    document = None if known.answer is None else json.loads(known.answer.json)
    by = (document or {}).get("by") or {}
    return {
        "learnt": learnt,
        "aged": aged(scenario, options, dates=True),
        "passed": passed_line(by.get("advertise_by"), "by which to advertise", today()),
        "understood": understood(scenario, options),
        "weeks": options.get("weeks", WEEKS),
        "percent": percent_of(options) or growth_percent(scenario),
        "lead": options.get("lead", str(LEAD_WEEKS)),
        "listed": listed(scenario, options),
        "at_most": options.get(AT_MOST, str(USUAL)),
        "more": AT_MOST in options,
        "document": document,
    }


ROUTES = patient_routes("hire", "When to hire", "hire.html.j2", _read, _values)
