"""*Cheapest plan*: ranges of chairs and nurses, targets, and the cheapest plan that meets them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from simclinic.errors import ScenarioError
from simclinic.report.text.plan import STATES, missed, money, on_paper
from simclinic.report.text.words import counted
from simclinic.results.plan import PlanDocument
from simclinic.scenario import Scenario, with_settings
from simclinic.scenario.addresses import address
from simclinic.scenario.shifts import in_shift
from simclinic.studies.certify import problems_of
from simclinic.studies.clinic_files import as_written
from simclinic.studies.plan import ALPHA
from simclinic.studies.plan import AT_MOST as USUAL
from simclinic.studies.plan_space import MOST, MOST_TRIED
from simclinic.web.answering import Form, Route
from simclinic.web.form import staff
from simclinic.web.questions import Options
from simclinic.web.questions.cheapest import AT_MOST, FROM, RESERVE, TO
from simclinic.web.screens.applying import writing
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes
from simclinic.web.targets import read_targets, target_fields, typed

QUESTION = "cheapest"
_WHOLE = re.compile(r"\d{1,6}")
_AROUND = ((1, 2), (1, 1), (0, 1), (0, 0))
"""How many fewer and more than now a form begins with; the first that makes few plans."""
_FEW = 100
_MOST_SHOWN = 8
"""Cheaper plans that are named with the answer."""


@dataclass(frozen=True, slots=True)
class Range:
    """A setting that may vary: the name of its fields, its address, what it counts, its value, and its ends."""

    name: str
    address: str
    label: str
    now: int
    first: str
    last: str


def ranges(scenario: Scenario, options: Options) -> list[Range]:
    """Return the settings that may vary, with ends around the present values, or as they were asked."""
    several = len(scenario.shifts) > 1
    settings = [("clinic.chairs", "Chairs", scenario.clinic.chairs)]
    for name, shift in scenario.shifts.items():
        label = f"{staff(shift.role)}{in_shift(name) if several else ' in the shift'}"
        settings.append((address(("shifts", name, "nurses")), label, shift.nurses))
    below, above = next(ends for ends in _AROUND if (1 + sum(ends)) ** len(settings) <= _FEW or not any(ends))
    return [
        Range(
            f"range{number}",
            at,
            label,
            now,
            options.get(at + FROM, str(max(now - below, 1))),
            options.get(at + TO, str(max(now + above, 1))),
        )
        for number, (at, label, now) in enumerate(settings)
    ]


def _read(scenario: Scenario, form: Form) -> Filled:
    options: dict[str, str] = {}
    problems: dict[str, str] = {}
    listed = ranges(scenario, {})
    for each in listed:
        first, last = (
            form.get(f"{each.name}-{end}", [usual])[-1].strip()
            for end, usual in (("from", each.first), ("to", each.last))
        )
        options |= {each.address + FROM: first, each.address + TO: last}
        if not (_WHOLE.fullmatch(first) and _WHOLE.fullmatch(last)):
            problems[each.name] = "must be two whole numbers, such as 2 and 4"
        elif int(first) > int(last):
            problems[each.name] = "the first must not be larger than the second"
    reserve = form.get("reserve", [""])[-1].replace(" ", "").strip(",")
    if reserve and has_reserve(scenario):
        options[RESERVE] = reserve
        if not all(re.fullmatch(r"\d{1,2}(\.\d{1,3})?|100", each) for each in reserve.split(",")):
            problems["reserve"] = "must be per cents with commas between, such as 0, 10, 20"
    options |= read_most(form, problems)
    asked, beside = read_targets(target_fields(scenario)[0], form, one=True)
    if not problems and plans_asked(options) > MOST:
        problems["plans"] = (
            f"These are {plans_asked(options):,} plans; at most {MOST:,} can be compared. Make a range narrower."
        )
    if not problems:
        problems |= _not_valid(scenario, listed, options)
    return Filled(options | asked, problems | beside)


def read_most(form: Form, problems: dict[str, str]) -> dict[str, str]:
    """Read the most replications of a plan, unless they are the usual ones; what is wrong goes to the problems."""
    most = form.get(AT_MOST, [""])[-1].strip()
    if most in ("", str(USUAL)):
        return {}
    if not _WHOLE.fullmatch(most):
        problems[AT_MOST] = f"must be a whole number, such as {USUAL}"
    elif wrong := list(problems_of(ALPHA, int(most))):
        problems[AT_MOST] = wrong[0]
    return {AT_MOST: most}


def _not_valid(scenario: Scenario, listed: Sequence[Range], options: Options) -> dict[str, str]:
    """Return a line beside each range with an end that the clinic cannot have."""
    problems = {}
    for end in (FROM, TO):
        try:
            with_settings(scenario, {each.address: int(options[each.address + end]) for each in listed})
        except ScenarioError as error:
            for problem in error.problems:
                near = next((each.name for each in listed if problem.address == each.address), "plans")
                problems[near] = problem.rule
    return problems


def plans_asked(options: Options) -> int:
    """Return how many plans the ranges make."""
    levels = [
        int(options[name.removesuffix(FROM) + TO]) - int(first) + 1
        for name, first in options.items()
        if name.endswith(FROM)
    ]
    return math.prod(levels) * len(options.get(RESERVE, "0").split(","))


def has_reserve(scenario: Scenario) -> bool:
    """Return whether starts can be kept for boosters."""
    return scenario.booking.mode == "booked" and scenario.booking.rule is None


def _counted(options: Options) -> str:
    try:
        count = plans_asked(options)
    except ValueError:
        return ""
    if count < 1 or count > MOST:
        return ""
    if count > MOST_TRIED:
        return (
            f"That makes {count:,} plans. The {MOST_TRIED} cheapest of those that can carry on paper what is asked "
            "of them may be simulated."
        )
    return f"That makes {counted(count, 'plan')}."


def _most(ranges: Options, options: Options) -> int | None:
    """Return how many replications the search may need at most, without those at both ends of inputs."""
    try:
        plans = plans_asked({**ranges, RESERVE: options.get(RESERVE, "0")})
        return min(plans, MOST_TRIED) * int(options.get(AT_MOST, USUAL)) if 0 < plans <= MOST else None
    except ValueError:  # a field is wrong, which is said beside it
        return None


@dataclass(frozen=True, slots=True)
class Cheaper:
    """A cheaper plan than the answer: its name, what it saves a week, its state, and why it is not the answer."""

    name: str
    saves: str
    state: str
    why: str


def _cheaper(document: PlanDocument) -> Iterator[Cheaper]:
    """Yield the plans that are cheaper than the answer, the nearest first."""
    chosen = document["chosen"]
    if chosen is None:
        return
    cost = document["plans"][chosen]["known_cost"]
    for each in reversed(document["plans"][:chosen]):
        saves = cost - each["known_cost"]
        if saves <= 1e-6 or each["state"] == "not tried":
            continue
        why = {
            "borderline": "It lies so near to a limit that more replications would not tell.",
            "open": f"It is not decided after {counted(each['replications'], 'replication')}.",
        }.get(each["state"], f"It {missed(document, each['misses'])}{' on paper' if on_paper(each) else ''}.")
        yield Cheaper(each["name"], money(saves), STATES[each["state"]].lower(), why)


def _values(scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    fields, others = target_fields(scenario)
    listed = ranges(scenario, options)
    now = {
        each.address + end: value for each in listed for end, value in ((FROM, each.first), (TO, each.last))
    }
    document: PlanDocument | None = None
    if known.answer is not None:
        document = cast("PlanDocument", json.loads(known.answer.json))
    cheaper = [] if document is None else list(_cheaper(document))
    return {
        "ranges": listed,
        "targets": [(field, typed(options, field)) for field in fields],
        "others": others,
        "reserve": options.get(RESERVE, "").replace(",", ", ") if has_reserve(scenario) else None,
        "release_days": scenario.booking.release_days,
        "at_most": options.get(AT_MOST, str(USUAL)),
        "more": AT_MOST in options,
        "plans": _counted({**now, RESERVE: options[RESERVE]} if RESERVE in options else now),
        "most": _most(now, options),
        "currency": scenario.finance.currency,
        "document": document,
        "cheaper": cheaper[:_MOST_SHOWN],
        "cheaper_left": len(cheaper[_MOST_SHOWN:]),
        "writes": document is not None and bool(_changes(document)),
        "settled": [] if known.interim is None else known.interim.document.get("settled", []),
        "states": STATES,
    }


def _changes(document: Mapping[str, Any]) -> list[str]:
    chosen = document["chosen"]
    if chosen is None or chosen == document["now"]:
        return []
    settings = document["plans"][chosen]["settings"]
    return [f"{at}={as_written(value)}" for at, value in settings.items()]


def _named(document: Mapping[str, Any]) -> str:
    return str(document["plans"][document["chosen"]]["name"])


ROUTES: tuple[Route, ...] = (
    *routes(QuestionScreen(QUESTION, "Cheapest plan", "cheapest.html.j2", _read, _values, looks=True)),
    ("POST", f"/clinic/{{key}}/{QUESTION}/write", writing(QUESTION, _changes, _named)),
)
