"""The fields of *My clinic*: which settings are asked, what each shows, and the problem beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simclinic.errors import Problem
from simclinic.report.assumptions import assumptions
from simclinic.report.text.words import DAYS
from simclinic.scenario import Scenario
from simclinic.scenario.addresses import address, address_parts
from simclinic.scenario.hours import WEEKDAYS
from simclinic.scenario.tables import as_tables
from simclinic.studies.clinic_files import as_override, as_written

_PRICES = {
    "price_per_infusion": "Price of an infusion",
    "price_per_booster": "Price of a booster",
    "price_consult": "Price of a consult",
    "nurse_hour": "Wage of a nurse, an hour",
    "chair_day": "Cost of a chair, an open day",
    "fixed_per_week": "Fixed cost, a week",
}


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
    """

    address: str
    label: str
    value: str
    before: object
    group: str
    source: str = ""
    changed: bool = False

    @property
    def days(self) -> tuple[str, ...]:
        """The weekdays of which it is a choice; empty for other fields."""
        return WEEKDAYS if self.address.startswith("shifts.") and self.address.endswith(".days") else ()


def fields(scenario: Scenario) -> list[Field]:
    """List the fields of a clinic, group by group; the last group is all other settings."""
    tables: Any = as_tables(scenario)
    asked = list(_asked(scenario, tables))
    known = {each.address for each in asked}
    # A key figure in a target is an address, too: it is quoted where it is no plain word.
    for each in assumptions(scenario):
        try:
            path = address_parts(each.address)
            value = _at(tables, path)
        except (KeyError, TypeError, ValueError):
            continue  # a name that no address can express: a change of it needs an editor
        name = address(path)
        if name not in known and name not in ("run.seed", "run.replications"):
            asked.append(
                Field(name, name, as_written(value), value, "assumptions", each.source, each.changed)
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
        yield Field(f"clinic.hours.{day}", DAYS[day], hours or "", hours, "hours")
    for name in scenario.shifts:
        yield field(f"shift {name}", "Nurses", "shifts", name, "nurses")
        yield field(f"shift {name}", "Hours", "shifts", name, "hours")
        yield field(f"shift {name}", "Days", "shifts", name, "days")
    for name in scenario.visit.steps:
        yield field("steps", name.replace("-", " ").capitalize(), "visit", "steps", name, "minutes")
    if "referrals_per_week" in tables["demand"]:
        yield field("referrals", "New patients a week", "demand", "referrals_per_week")
    yield field("referrals", "Growth in a year, as a share", "demand", "growth_per_year")
    for name, label in _PRICES.items():
        yield field("prices", f"{label} ({scenario.finance.currency})", "finance", name)


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
    changes = []
    for field in listed:
        if field.address not in form:
            continue
        if field.days:
            chosen = [day for day in WEEKDAYS if day in form[field.address]]
            if chosen != field.before:
                changes.append(f"{field.address}={as_written(chosen)}")
        elif (written := form[field.address][-1]).strip() != field.value.strip():
            changes.append(as_override(field.address, written, field.before))
    return changes


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
    for problem in problems:
        near = [
            field.address
            for field in listed
            if problem.address
            and (
                problem.address == field.address
                or problem.address.startswith((f"{field.address}.", f"{field.address}["))
            )
        ]
        text = problem.rule + (f". Did you mean {problem.suggestion!r}?" if problem.suggestion else "")
        if near:
            at = max(near, key=len)
            by_field[at] = f"{by_field[at]}; {text}" if at in by_field else text
        else:
            others.append(f"{problem.address}: {text}" if problem.address else text)
    return by_field, others
