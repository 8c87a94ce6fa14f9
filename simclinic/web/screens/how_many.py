"""*How many can we take?*: targets, and the most referrals a week that meet them all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.experiment.sequences import LEAST
from simclinic.measures import KPIS
from simclinic.measures.targets import VERDICT, Target, targets_of
from simclinic.planning.levels import carried_on_paper, levels
from simclinic.report.text.by_type import type_tables
from simclinic.report.text.intake import STATES, named
from simclinic.report.text.numbers import for_people
from simclinic.report.text.targets import in_years
from simclinic.report.text.words import counted
from simclinic.results.intake import IntakeDocument, LevelResult
from simclinic.scenario import Scenario
from simclinic.scenario.copies import with_overrides
from simclinic.scenario.overrides import target_overrides
from simclinic.studies.intake import ALPHA, AT_MOST, FIRST, LAST, STEP
from simclinic.web.answering import Form
from simclinic.web.paper import papers_of
from simclinic.web.questions import Options
from simclinic.web.questions.how_many import TARGET, share
from simclinic.web.questions.how_many import targets_of as targets_in
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes
from simclinic.web.wording import LABELS

_LABELS = {
    "access_days_p90": ("Nine in ten of all who ask begin within", "days"),
    "balked_share": ("Turned away, at most", "% of new patients"),
    "overtime_minutes_per_day": ("Open past closing, at most", "minutes a day"),
    "overtime_day_share": ("Late days, at most", "% of open days"),
    "booster_wait_days_mean": ("From asking to booster, at most", "days"),
    "wait_minutes_p90": ("Nine in ten wait on the day at most", "minutes"),
}
"""Targets in the words of a manager; other figures have their own names."""
_BOOKED = (
    "access_days_p90",
    "balked_share",
    "overtime_minutes_per_day",
    "overtime_day_share",
    "booster_wait_days_mean",
)
_WALK_IN = ("wait_minutes_p90", "balked_share", "overtime_minutes_per_day", "overtime_day_share")
_WRITTEN = re.compile(r"(-?\d{1,9}(?:\.\d{1,9})?)\s*%?(?:\s+in\s+(\d{1,3}(?:\.\d{1,9})?)\s*%?)?")
_HOW = 'must be a number, such as 10, or "10 in 80 %" for most years'
_CALLED = LABELS["how-many"]
_SEARCH = {
    "from": (_CALLED["from"], 100 * FIRST, 1.0, 100.0),
    "step": (_CALLED["step"], 100 * STEP, 1.0, 100.0),
    "at-most": (_CALLED["at-most"], AT_MOST, LEAST, 100_000),
    "alpha": (_CALLED["alpha"], 100 * ALPHA, 0.1, 49.0),
}
"""How the search goes: of each field its label, default, and least and largest value."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field for a target.

    Attributes
    ----------
    figure, label, unit
        The key figure, and what the field is called.
    at_most
        Whether the figure should be at most the limit.
    before
        What the clinic's targets say, as it is typed; empty: nothing.
    standing
        Where that comes from: "own", "guard", "usual" (for clinics without targets), or empty.
    """

    figure: str
    label: str
    unit: str
    at_most: bool
    before: str
    standing: str

    @property
    def name(self) -> str:
        """Its name in the form."""
        return f"{TARGET}{self.figure}"


def _fields(scenario: Scenario) -> Iterator[Field]:
    own = {each.figure for each in targets_of(scenario) if not each.guard}
    asked = {each.figure: each for each in targets_of(scenario, default=True) if each.figure != VERDICT}
    usual = _WALK_IN if scenario.booking.mode == "walk-in" else _BOOKED
    for figure in dict.fromkeys((*usual, *asked)):
        target = asked.get(figure)
        at_most = target is None or target.at_most
        label, unit = _LABELS.get(figure, ("", "")) if at_most else ("", "")
        if not label:
            unit = for_people(KPIS[figure].unit, scenario.finance.currency)[1]
            label = f"{KPIS[figure].label}, {'at most' if at_most else 'at least'}"
        standing = "" if target is None else "own" if figure in own else "guard" if target.guard else "usual"
        yield Field(figure, label, unit, at_most, "" if target is None else _typed(target), standing)


def _typed(target: Target) -> str:
    """Write a target as it is typed."""
    scale = 100.0 if KPIS[target.figure].unit == "share" else 1.0
    limit = f"{scale * target.limit:.10g}"
    return limit if target.years is None else f"{limit} in {100 * target.years:.10g} %"


def _read(scenario: Scenario, form: Form) -> Filled:
    fields = list(_fields(scenario))
    typed = {each.name: form.get(each.name, [each.before])[-1].strip() for each in fields}
    typed |= {name: form.get(name, [f"{usual:g}"])[-1].strip() for name, (_, usual, *_) in _SEARCH.items()}
    problems = {}
    given, kept = {}, {}
    fresh = False
    for field in fields:
        written, same = typed[field.name], _normal(typed[field.name]) == _normal(field.before)
        if not written:
            if field.standing in ("own", "guard"):
                problems[field.name] = _NEEDED[field.standing]
            fresh |= field.standing == "usual"
        elif _normal(written) is None:
            problems[field.name] = _HOW
        elif not same:
            given[field.name] = _target(field, written)
        elif field.standing == "usual":
            kept[field.name] = _target(field, written)
    if given or fresh:
        given = {name: {**kept, **given}[name] for name in typed if name in kept or name in given}
        if not given:
            problems[fields[0].name] = "give at least one target"
    if given and not problems:
        problems |= _invalid(scenario, given)
    search = dict(_read_search(typed, problems))
    return Filled(typed, problems) if problems else Filled({**given, **search})


_NEEDED = {
    "own": "is a target of the clinic's file: write another number, or take it out of the file",
    "guard": "goes with all targets: write a larger number to loosen it",
}


def _normal(written: str) -> tuple[float, float | None] | None:
    """Read what was typed as a number and a share of years."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    return float(match[1]), None if match[2] is None else float(match[2])


def _target(field: Field, written: str) -> str:
    """Write the sign and the limit of a target, as `--target` takes them after its figure."""
    match = _WRITTEN.fullmatch(written)
    assert match is not None
    unit = "%" if KPIS[field.figure].unit == "share" else ""
    years = "" if match[2] is None else f" in {match[2]}%"
    return f"{'<=' if field.at_most else '>='}{match[1]}{unit}{years}"


def _invalid(scenario: Scenario, given: Mapping[str, str]) -> dict[str, str]:
    """Say what a scenario with these targets says is wrong with them."""
    found = {}
    for name, written in given.items():
        try:
            with_overrides(scenario, target_overrides([f"{name.removeprefix(TARGET)}{written}"]))
        except ScenarioError as error:
            found[name] = error.problems[0].rule
    return found


def _read_search(typed: Mapping[str, str], problems: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the arguments of the search that are not the usual ones; what is wrong goes among the problems."""
    for name, (_, usual, least, most) in _SEARCH.items():
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,4})?)\s*%?", typed[name])
        value = float("nan") if match is None else float(match[1])
        if not least <= value <= most or (name == "at-most" and value != int(value)):
            kind = "a whole number" if name == "at-most" else "a number"
            problems[name] = f"must be {kind} from {least:g} to {most:,.10g}"
        elif value != usual:
            yield (
                name,
                {"alpha": f"{value / 100:.10g}", "at-most": f"{value:.0f}"}.get(name, f"{value:.10g}%"),
            )


def _shown(field: Field, options: Options, *, fresh: bool) -> str:
    """Return what a field of a target contains: what was asked, or what the clinic's targets say."""
    if field.name not in options:
        return "" if fresh and field.standing == "usual" else field.before
    written = options[field.name].removeprefix("<=").removeprefix(">=")
    return written.replace("%", "", 1) if KPIS[field.figure].unit == "share" else written


def _values(scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    document: IntakeDocument | None = None
    if known.answer is not None:
        document = json.loads(known.answer.json)
    elif known.interim is not None:
        document = cast("IntakeDocument", known.interim.document)
    fresh = bool(targets_in(options))
    search = [
        (name, label, _search_shown(name, options.get(name), usual))
        for name, (label, usual, *_) in _SEARCH.items()
    ]
    return {
        **_on_paper(scenario, options),
        "fields": [(each, _shown(each, options, fresh=fresh)) for each in _fields(scenario)],
        "search": search,
        "years": in_years(0.8, scenario.run.weeks),
        "searched": any(name in options for name in _SEARCH),
        "figures": [] if document is None else _figures(document, whole=known.answer is not None),
        "levels": []
        if document is None
        else [
            (f"{each['referrals']:g}", STATES[each["state"]].lower(), each["replications"])
            for each in document["levels"]
        ],
        "by_type": [] if document is None else _by_type(document, scenario.finance.currency),
    }


def _by_type(
    document: IntakeDocument, currency: str
) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """Lay figures by type of visit out: a title, the types, and the cells of each level."""
    levels = document["levels"]
    return [
        (
            f"By type of visit: {head}",
            types,
            [(f"{level['referrals']:g}", cells) for level, cells in zip(levels, rows, strict=True)],
        )
        for head, types, rows in type_tables([level.get("figures", {}) for level in levels], currency)
    ]


def _on_paper(scenario: Scenario, options: Options) -> dict[str, Any]:
    """Say what can be said before anything is simulated: the answer on paper, and what will be tried."""
    known: dict[str, Any] = {
        "papers": papers_of(scenario),
        "refused": (),
        "carried": "",
        "tried": "",
        "most": None,
    }
    try:
        full = carried_on_paper(scenario)
        rising = levels(
            scenario,
            first=share(options.get("from"), FIRST),
            step=share(options.get("step"), STEP),
            last=LAST,
        )
        at_most = int(options.get("at-most", AT_MOST))
    except ValueError:  # a field of the search is wrong, which is said beside it
        return {**known, "carried": _carried(scenario, full)}
    except SimclinicError as error:
        return {**known, "refused": error.lines}
    few = min(LEAST, at_most)
    each = f"{few} to {at_most}" if few < at_most else f"{few}"
    tried = (
        f"{counted(len(rising), 'level')} can be tried, from {rising[0].referrals:g} to {rising[-1].referrals:g} "
        f"new patients a week, {sum(level.share <= 1 + 1e-9 for level in rising)} of them up to the number on "
        f"paper. Each takes {each} replications, and the first that is shown to be too many ends the search."
    )
    return {**known, "carried": _carried(scenario, full), "tried": tried, "most": at_most * len(rising)}


def _carried(scenario: Scenario, full: float) -> str:
    now = scenario.demand.referrals_per_week
    asked = "" if now is None else f" Now {now:g} are referred."
    return (
        f"On paper the plan carries {full:.3g} new patients a week, once boosters are steady.{asked} On paper all "
        "visits have their mean length, and no target is judged: the simulation finds the number that keeps them."
    )


def _search_shown(name: str, written: str | None, usual: float) -> str:
    if written is None:
        return f"{usual:g}"
    if name == "alpha" and written.startswith("0."):
        return f"{100 * float(written):.10g}"
    return written.removesuffix("%")


def _too_many(level: LevelResult) -> str:
    """Say why a level is too many: a target, or a queue that grows without end although each target stands."""
    if any(each["state"] == "missed" and each["figure"] != VERDICT for each in level["targets"]):
        return "At least one target is shown to be missed."
    return "The clinic cannot keep up with so many: it is not stable."


def _figures(document: IntakeDocument, *, whole: bool) -> list[tuple[str, str, str]]:
    """Return the answer as a number with its range: what is enough, what is open, and what is too many."""
    levels, best, miss = document["levels"], document["confirmed"], document["missed"]
    amounts = [f"{each['referrals']:g}" for each in levels]
    so_far = "" if whole else " so far"
    open_ = amounts[(-1 if best is None else best) + 1 : miss]
    sure = f"All targets are shown to be met, with {100 * (1 - document['alpha']):g} % confidence."
    return [
        (
            "Can be taken",
            "none is shown" + so_far,
            f"{amounts[0]} a week is the lowest number that was tried.",
        )
        if best is None
        else ("Can be taken", f"up to {amounts[best]} a week{so_far}", sure),
        (
            "Open",
            f"{named(open_)} a week",
            "It is shown neither that all targets are met, nor that one is missed.",
        )
        if open_
        else ("Open", "none", "Each level that was simulated is decided."),
        ("Too many", f"none is shown up to {amounts[-1]} a week{so_far}", "No target is shown to be missed.")
        if miss is None
        else ("Too many", f"{amounts[miss]} a week", _too_many(levels[miss])),
        ("Now", f"{document['now']:g} a week", f"On paper the plan carries {document['on_paper']:.3g}."),
    ]


ROUTES = routes(QuestionScreen("how-many", "How many can we take?", "how_many.html.j2", _read, _values))
