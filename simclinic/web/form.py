"""The fields of *My clinic*: which settings are asked, what each shows, and the problem beside it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from simclinic.errors import Problem
from simclinic.report.assumptions import assumptions
from simclinic.report.text.numbers import short
from simclinic.report.text.words import DAYS, counted, several
from simclinic.scenario import Scenario
from simclinic.scenario.addresses import address, address_parts
from simclinic.scenario.distributions import typical
from simclinic.scenario.hours import WEEKDAYS
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.tables import as_tables
from simclinic.scenario.visit import Step
from simclinic.studies.clinic_files import as_law, as_override, as_written
from simclinic.web import weeks
from simclinic.web.labels import label as plain_label

_PRICES = {
    "price_per_infusion": "Price of an infusion",
    "price_per_booster": "Price of a booster",
    "price_consult": "Price of a consult",
    "nurse_hour": "Wage of a nurse, an hour",
    "chair_day": "Cost of a chair, an open day",
    "fixed_per_week": "Fixed cost, a week",
}


_NUMBERS = {
    "value": "value",
    "mean": "mean",
    "cv": "spread (share of the mean)",
    "sd": "spread (std. deviation)",
    "median": "median",
    "sigma": "spread (sigma)",
    "low": "lowest",
    "mode": "most likely",
    "high": "highest",
    "at_least": "at least",
    "at_most": "at most",
}
"""Numbers of distributions that have fields of their own; a law with others is text."""

_MAY_BE_EMPTY = ("cv", "at_least", "at_most")


def staff(role: str) -> str:
    """Head a number of people of a role, at the beginning of a label: "Nurses"."""
    people = several(role)
    return f"{people[:1].upper()}{people[1:]}"


WEEKS_A_YEAR = 365.25 / 7
_DOUBLE = 1.0
"""Growth in a year from which times are said, and not per cents."""


def growth_words(growth: float) -> str:
    """Say what a growth means.

    Parameters
    ----------
    growth
        In a year, as a share; above -1.

    >>> growth_words(0.1), growth_words(-0.05)
    ('10 % more new patients in a year', '5 % fewer new patients in a year')
    >>> growth_words(10)
    '11 times as many new patients in a year'
    """
    if growth >= _DOUBLE:
        return f"{1 + growth:.6g} times as many new patients in a year"
    return f"{100 * abs(growth):.6g} % {'more' if growth > 0 else 'fewer'} new patients in a year"


def growth_path(scenario: Scenario, growth: float, begin: dt.date, weeks: int) -> str:
    """Say what a growth means for a clinic: how many new patients a week come at first, and in the end.

    Parameters
    ----------
    scenario
        The clinic.
    growth
        As for :func:`growth_words`, instead of the clinic's own.
    begin, weeks
        The first day that is looked at, and for how long.
    """
    said = growth_words(growth)
    if scenario.demand.referrals is not None:  # replayed from a list
        return f"{said}."
    since = (begin - (scenario.demand.growth_from or scenario.run.start)).days / 7
    first, last = (
        short(scenario.demand.referrals_per_week * (1 + growth) ** (week / WEEKS_A_YEAR))
        for week in (since, since + weeks)
    )
    return f"{said}: from {first} a week at first to {last} after {counted(weeks, 'week')}."


STARTS = "starts"
"""The group of starts by type of visit."""
STEPS_OF = "steps of "
"""Beginning of the group of a further type of visit's steps."""


@dataclass(frozen=True, slots=True)
class Part:
    """A number of a distribution, as a field of the form.

    Attributes
    ----------
    name
        Of the field in the form; that of the first number is the setting's address.
    key
        The number's name in the distribution.
    label
        What it is.
    value
        As written; empty: there is none.
    """

    name: str
    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Attributes
    ----------
    address
        Of the setting; the field's name in the form.
    label
        What the field asks.
    value
        The setting's value, as :func:`simclinic.studies.clinic_files.as_written` writes it.
    before
        The value itself; None: a weekday without hours.
    group
        The heading it stands under.
    source
        What the setting means, and where its default comes from; for assumptions.
    changed
        Whether it differs from the default; for assumptions.
    parts
        The numbers of a distribution, each a field; empty: the value is one field.
    minutes
        Length of a step of the visit that is neither especially long nor short; None for other fields.
    """

    address: str
    label: str
    value: str
    before: object
    group: str
    source: str = ""
    changed: bool = False
    parts: tuple[Part, ...] = ()
    minutes: float | None = None

    @property
    def dragged(self) -> bool:
        """Whether the first number of a step is its length."""
        return bool(self.parts) and self.parts[0].key in ("value", "mean", "median")

    @property
    def days(self) -> tuple[str, ...]:
        """The weekdays of which it is a choice; empty for other fields."""
        return WEEKDAYS if self.address.startswith("shifts.") and self.address.endswith(".days") else ()

    @property
    def weeks(self) -> bool:
        """Whether it says in which weeks a shift works; `before` is the shift then."""
        return self.address.startswith("shifts.") and self.address.endswith(".weeks")


def fields(scenario: Scenario) -> list[Field]:
    """List the fields of a clinic, group by group; the last group is all other settings."""
    tables: Any = as_tables(scenario)
    asked = list(_asked(scenario, tables))
    known = {each.address for each in asked}
    known |= {address(("shifts", shift, key)) for shift in scenario.shifts for key in weeks.KEYS}
    # A key figure in a target is an address, too: it is quoted where it is no plain word.
    for each in assumptions(scenario):
        try:
            path = address_parts(each.address)
            value = _at(tables, path)
        except (KeyError, TypeError, ValueError):
            continue  # a name that no address can express: a change of it needs an editor
        name = address(path)
        # A table whose entries are asked one by one is no field besides: each would undo the other.
        again = name in known or any(other.startswith(f"{name}.") for other in known)
        if not again and name not in ("run.seed", "run.replications"):
            written = as_written(value)
            asked.append(
                Field(
                    name,
                    plain_label(name),
                    written,
                    value,
                    "assumptions",
                    each.source,
                    each.changed,
                    parts=_parts(name, value),
                )
            )
    return asked


def _asked(scenario: Scenario, tables: Any) -> Iterator[Field]:  # noqa: ANN401 (tables hold anything)
    def field(group: str, label: str, *path: str) -> Field:
        value = _at(tables, path)
        return Field(address(path), label, as_written(value), value, group)

    yield field("clinic", "Name", "name")
    yield field("clinic", "Chairs", "clinic", "chairs")
    for day in WEEKDAYS:
        hours = tables["clinic"]["hours"].get(day)
        yield Field(
            f"clinic.hours.{day}", DAYS[day], "" if hours is None else as_written(hours), hours, "hours"
        )
    for name in scenario.places:
        yield field("clinic", f"Places of the kind {name}", "places", name, "number")
    if not scenario.simple and scenario.booking.mode == "booked":
        yield field(
            "clinic",
            "Starts: for any visit that fits (open), or each for one type (typed)",
            "booking",
            "types",
        )
        days = tables["booking"].get("convert_days")
        yield Field(
            "booking.convert_days",
            "Days before which a free start may serve another type (empty: never)",
            "" if days is None else as_written(days),
            days,
            "clinic",
        )
    yield from _starts(scenario, tables)
    for name, shift in scenario.shifts.items():
        yield field(f"shift {name}", staff(shift.role), "shifts", name, "nurses")
        yield field(f"shift {name}", "Hours", "shifts", name, "hours")
        rest = tables["shifts"][name].get("break")
        yield Field(
            address(("shifts", name, "break")),
            "Break (empty: none)",
            "" if rest is None else as_written(rest),
            rest,
            f"shift {name}",
        )
        yield field(f"shift {name}", "Days", "shifts", name, "days")
        yield Field(
            address(("shifts", name, "weeks")),
            "Weeks, such as 1, 3 (of the month), or every 2 weeks from 2026-01-10 (empty: every week)",
            weeks.words(shift.in_weeks),
            tables["shifts"][name],
            f"shift {name}",
        )
    for kind, visit in scenario.visit_types.items():
        at = ("visit",) if kind == INFUSION else ("visits", kind)
        for name, step in visit.steps.items():
            group = "steps" if kind == INFUSION else f"{STEPS_OF}{kind}"
            yield _step((*at, "steps", name, "minutes"), group, name, step, _at(tables, at)["steps"][name])
    if "referrals_per_week" in tables["demand"]:
        yield field("referrals", "New patients a week", "demand", "referrals_per_week")
    yield field("referrals", "Growth in a year, as a share (0.1 is 10 %)", "demand", "growth_per_year")
    consult = scenario.visits.get(scenario.intake.visit or "")
    for name, label in _PRICES.items():
        if name == "price_consult" and consult is not None and consult.price is not None:
            continue  # the type of visit has its own
        yield field("prices", f"{label} ({scenario.finance.currency})", "finance", name)
    for kind, visit in scenario.visits.items():
        if visit.price is not None:
            yield field(
                "prices", f"Price of a visit {kind} ({scenario.finance.currency})", "visits", kind, "price"
            )
    for role in scenario.roles:
        yield field("prices", f"Wage of {role}, an hour ({scenario.finance.currency})", "roles", role, "hour")


def _starts(scenario: Scenario, tables: Any) -> Iterator[Field]:  # noqa: ANN401 (tables hold anything)
    """Yield a field for each day of a book with starts by type, with a part for each type of visit."""
    book = scenario.booking
    if book.types != "typed" or book.mode != "booked" or len(scenario.visit_types) < 2:
        return
    listed = tables["booking"].get("starts") or {}
    for day in WEEKDAYS:
        if day not in scenario.clinic.hours and day not in listed:
            continue
        where, starts = f"booking.starts.{day}", listed.get(day)
        times: dict[str, list[str]] = {kind: [] for kind in scenario.visit_types}
        for start in starts or ():
            at, kind = (start, INFUSION) if isinstance(start, str) else (start["at"], start["visit"])
            times.setdefault(kind, []).append(at)
        parts = tuple(
            Part(where if place == 0 else f"{where}/{kind}", kind, kind, ", ".join(some))
            for place, (kind, some) in enumerate(times.items())
        )
        yield Field(where, DAYS[day], as_written(starts or []), starts, STARTS, parts=parts)


def _change_of_starts(form: Mapping[str, Sequence[str]], field: Field) -> Iterator[str]:
    """Yield the override of a day's listed starts, if one of its fields has changed; an empty day is derived."""
    texts = {part.key: form.get(part.name, [part.value])[-1].strip() for part in field.parts}
    if all(texts[part.key] == part.value for part in field.parts):
        return
    starts = [
        {"at": _clock(each.strip()), "visit": kind}
        for kind, text in texts.items()
        for each in text.split(",")
        if each.strip()
    ]
    starts.sort(key=lambda start: start["at"])
    yield f"{field.address}={as_written(starts) if starts else 'false'}"


_TIME = re.compile(r"(\d{1,2})(?:[:.h](\d\d))?")


def _clock(written: str) -> str:
    """Write a time as the scenario has it: `8`, `8.00` and `8:00` are `08:00`; other text stays as it is."""
    found = _TIME.fullmatch(written)
    if found is None:
        return written
    hour, minute = found.groups(default="00")
    return f"{int(hour):02d}:{minute}"


def _step(path: tuple[str, ...], group: str, name: str, step: Step, table: Mapping[str, Any]) -> Field:
    """Return the field of a step's length; a fixed length has a spread, too, which is empty."""
    where, value = address(path), table["minutes"]
    parts = _parts(where, value)
    if not isinstance(value, Mapping):
        parts = (
            Part(where, "mean", _NUMBERS["mean"], as_written(value)),
            Part(f"{where}/cv", "cv", _NUMBERS["cv"], ""),
        )
    return Field(
        where,
        name.replace("-", " ").capitalize(),
        as_written(value),
        value,
        group,
        parts=parts,
        minutes=typical(step.minutes),
    )


def _parts(where: str, value: object) -> tuple[Part, ...]:
    """List the numbers of a distribution; none if it is no distribution, or is written as text."""
    if not isinstance(value, Mapping) or "dist" not in value:
        return ()
    numbers = {key: each for key, each in value.items() if key != "dist"}
    if not numbers or not numbers.keys() <= _NUMBERS.keys():
        return ()
    return tuple(
        Part(where if at == 0 else f"{where}/{key}", key, _NUMBERS[key], as_written(each))
        for at, (key, each) in enumerate(numbers.items())
    )


def _at(tables: Any, path: Sequence[Any]) -> Any:  # noqa: ANN401 (tables hold anything)
    for part in path:
        tables = tables[part]
    return tables


def overrides(form: Mapping[str, Sequence[str]], listed: Sequence[Field]) -> list[str]:
    """Return an override for each field that differs from the setting; fields that are not in the form stay.

    Parameters
    ----------
    form
        Values by the names of fields.
    listed
        The fields.
    """
    changes: list[str] = []
    for field in listed:
        if field.group == STARTS:
            changes += _change_of_starts(form, field)
        elif field.parts:
            changes += _change_of_law(form, field)
        elif field.address not in form:
            continue
        elif field.days:
            chosen = [day for day in WEEKDAYS if day in form[field.address]]
            if chosen != field.before:
                changes.append(f"{field.address}={as_written(chosen)}")
        elif (written := form[field.address][-1]).strip() != field.value.strip():
            if field.weeks:
                shift = str(address_parts(field.address)[1])
                changes += weeks.changes(shift, cast("Mapping[str, Any]", field.before), written)
                continue
            if field.address.startswith(("clinic.hours.", "shifts.")) and not field.address.endswith(
                ".nurses"
            ):
                written = clock_hours(written)
            changes.append(as_override(field.address, written, field.before))
    return changes


_SPAN = re.compile(r"(\d{1,2})(?:[:.h](\d\d))?\s*(?:-|–|—|to|until)\s*(\d{1,2})(?:[:.h](\d\d))?")


def clock_hours(written: str) -> str:
    """Write hours as the scenario has them: `8-17`, `8:00 – 17:00` and `8.00 to 17.00` are `08:00-17:00`.

    Text that is not plainly a span, or spans with commas between, stays as it is.

    Parameters
    ----------
    written
        What is in the field.
    """
    found = [_SPAN.fullmatch(part.strip()) for part in written.split(",")]
    if not all(found):
        return written
    spans = []
    for each in found:
        if each is not None:
            start, first, end, second = each.groups(default="00")
            spans.append(f"{int(start):02d}:{first}-{int(end):02d}:{second}")
    return ", ".join(spans)


def plain(rule: str) -> str:
    """Say a rule about a field without what concerns files alone.

    Parameters
    ----------
    rule
        What a value must be.
    """
    rule = rule.replace(" (in quotes, two digits each)", "").replace(
        "must have at least 1 entry", "choose at least one"
    )
    return re.sub(r"(\d)\.0\b(?![\d.])", r"\1", rule)


def _change_of_law(form: Mapping[str, Sequence[str]], field: Field) -> Iterator[str]:
    """Yield the override of a distribution, if one of its numbers has changed."""
    written = {part.key: form.get(part.name, [part.value])[-1].strip() for part in field.parts}
    if all(written[part.key] == part.value for part in field.parts):
        return
    first = written[field.parts[0].key]
    if first.startswith("{"):  # another law
        yield f"{field.address}={first}"
        return
    kept = {key: text for key, text in written.items() if text or key not in _MAY_BE_EMPTY}
    law = field.before["dist"] if isinstance(field.before, Mapping) else "gamma"
    if law == "gamma" and written["cv"] in ("", "0"):
        del kept["mean"]
        kept.pop("cv", None)
        if not kept:
            yield as_override(field.address, first, 0.0)
            return
        law, kept = "constant", {"value": first} | kept
    yield f"{field.address}={as_law({'dist': law} | kept)}"


def beside(problems: Sequence[Problem], listed: Sequence[Field]) -> tuple[dict[str, str], list[str]]:
    """Sort problems: those of a field by its address, and the others.

    Parameters
    ----------
    problems
        Of the scenario.
    listed
        The fields.
    """
    by_field: dict[str, str] = {}
    others: list[str] = []
    places = {field.address: field.address for field in listed}
    places |= {f"{field.address}.{part.key}": part.name for field in listed for part in field.parts}
    of_weeks = {field.address for field in listed if field.weeks}
    for where in of_weeks:
        places |= {address((*address_parts(where)[:2], key)): where for key in weeks.KEYS}
    for problem in problems:
        near = [
            place
            for place in places
            if problem.address
            and (problem.address == place or problem.address.startswith((f"{place}.", f"{place}[")))
        ]
        at = places[max(near, key=len)] if near else ""
        rule = weeks.RULE if at in of_weeks and problem.rule == weeks.NOT_READ else plain(problem.rule)
        text = rule + (f". Did you mean {problem.suggestion!r}?" if problem.suggestion else "")
        if at:
            by_field[at] = f"{by_field[at]}; {text}" if at in by_field else text
        else:
            others.append(f"{problem.address}: {text}" if problem.address else text)
    return by_field, others
