"""Targets as fields of a form: a clinic's own, the usual ones, and the guards that go with them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from simclinic.measures import KPIS
from simclinic.measures.groups import part_of
from simclinic.measures.targets import IN_TIME, VERDICT, Target, targets_of
from simclinic.report.text.numbers import for_people
from simclinic.report.text.targets import asked, in_years
from simclinic.scenario import Scenario
from simclinic.scenario.addresses import address
from simclinic.scenario.part_targets import path_of
from simclinic.scenario.targets import Targets

if TYPE_CHECKING:
    from simclinic.web.answering import Form
    from simclinic.web.questions import Options

PREFIX = "target."
"""Beginning of the names of these fields."""

_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,9})?")

Kind = Literal["own", "usual", "guard"]


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field for the limit of one key figure.

    Attributes
    ----------
    figure
        The key figure.
    label, hint, unit
        What it asks, in how many years, and what the number counts.
    value
        The limit as it is.
    at_most
        Whether the figure should be at most the limit.
    years
        Share of years that should keep the limit, in per cent; empty: the mean over years should.
    kind
        The clinic's own target, one that is usual where a clinic has none, or a guard.
    needed
        Whether a limit must stand there.
    """

    figure: str
    label: str
    hint: str
    unit: str
    value: str
    at_most: bool
    years: str
    kind: Kind
    needed: bool

    @property
    def name(self) -> str:
        """Of the field."""
        return f"{PREFIX}{self.figure}"

    def written(self, number: str) -> str:
        """Write the limit as `--target` takes it after the figure."""
        percent, years = "%" if self.unit == "%" else "", f" in {self.years}%" if self.years else ""
        return f"{'<=' if self.at_most else '>='}{number}{percent}{years}"


def target_fields(
    scenario: Scenario, targets: Sequence[Target] | None = None
) -> tuple[list[TargetField], list[str]]:
    """Return a field for each target, and in words those that only the clinic's file can change.

    Parameters
    ----------
    scenario
        The clinic.
    targets
        Its targets; None: all, or the usual ones if it has none.
    """
    own = {target.figure for target in targets_of(scenario)}
    fields, others = [], []
    for target in targets_of(scenario, default=True) if targets is None else targets:
        if target.figure == VERDICT or target.figure in scenario.targets.own:
            others.append(asked(target, scenario))
        else:
            fields.append(_field(target, scenario, own=target.figure in own))
    return fields, others


def _field(target: Target, scenario: Scenario, *, own: bool) -> TargetField:
    kpi = KPIS[target.figure]
    factor, unit = for_people(kpi.unit, scenario.finance.currency)
    if target.by != target.figure:
        label = f"{100 * IN_TIME:g} % of all who ask begin within"
        if part := part_of(target.figure):
            label = f"{part[1]}: {label}"
    else:
        label = f"{kpi.label}: {'at most' if target.at_most else 'at least'}"
    kind: Kind = "guard" if target.guard else "own" if own else "usual"
    return TargetField(
        figure=target.figure,
        label=label,
        hint="" if target.years is None else f"In {in_years(target.years, scenario.run.weeks)}.",
        unit=unit,
        value=f"{factor * target.limit:.10g}",
        at_most=target.at_most,
        years="" if target.years is None else f"{100 * target.years:.10g}",
        kind=kind,
        needed=kind == "guard" or getattr(Targets(), target.figure, None) is not None,
    )


def read_targets(
    fields: Sequence[TargetField], form: Form, *, one: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Read the fields.

    Parameters
    ----------
    fields, form
        The fields, and what they contain.
    one
        Whether there must be at least one target; else the usual ones would be taken in its place.

    Returns
    -------
    options
        What differs from the clinic, by the names of fields: limits as `--target` takes them, and an empty text for
        a target that is left out. The usual targets are there in any case, so that none is silently added.
    problems
        A line beside each wrong field.
    """
    options, problems, stay = {}, {}, 0
    for field in fields:
        text = form.get(field.name, [field.value])[-1].strip()
        wrong = _wrong(field, text)
        same = not wrong and text != "" and float(text) == float(field.value)
        if wrong:
            problems[field.name] = wrong
        elif text:
            stay += field.kind != "guard" or not same
        if wrong or (not text and field.kind == "own"):
            options[field.name] = field.written(text) if text else ""
        elif text and (field.kind == "usual" or not same):
            options[field.name] = field.written(text)
    if one and not stay and fields and not problems:
        first = next((field for field in fields if field.kind != "guard"), fields[0])
        problems[first.name] = "at least one target is needed"
    return options, problems


def _wrong(field: TargetField, text: str) -> str:
    """Say what is wrong with the text in a field; empty if nothing is."""
    if not text:
        return "must have a limit" if field.needed else ""
    if not _NUMBER.fullmatch(text):
        return "must be a number, such as 10 or 2.5"
    return "" if field.unit != "%" or 0 <= float(text) <= 100 else "must be from 0 to 100 %"


def typed(options: Options, field: TargetField) -> str:
    """Return what stands in a field, of the options of a job or of a form that was refused."""
    text = options.get(field.name)
    if text is None:
        # The usual targets are always written, so one that is missing was left out.
        left_out = field.kind == "usual" and any(name.startswith(PREFIX) for name in options)
        return "" if left_out else field.value
    return text[2:].removesuffix(f" in {field.years}%").removesuffix("%")


def target_arguments(options: Mapping[str, str]) -> list[str]:
    """Write the options of the command line."""
    found = [(name.removeprefix(PREFIX), value) for name, value in options.items() if name.startswith(PREFIX)]
    dropped = [
        word
        for figure, value in found
        if not value
        for word in ("--set", f"{address(path_of(figure) or ('targets', figure))}=false")
    ]
    return [
        *dropped,
        *(word for figure, value in found if value for word in ("--target", f"{figure}{value}")),
    ]


def target_changes(options: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return what `--set` and what `--target` is given."""
    words = target_arguments(options)
    pairs = list(zip(words[::2], words[1::2], strict=True))
    return [word for what, word in pairs if what == "--set"], [
        word for what, word in pairs if what == "--target"
    ]
