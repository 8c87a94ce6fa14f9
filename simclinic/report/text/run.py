"""The result of `run` as a table for the terminal, in the words of a clinic's manager.

Made from documents (see :mod:`simclinic.results.document`), and readable at 80 columns, in a terminal or in a
file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding

from simclinic.measures import GROUPS, KPIS
from simclinic.measures.at_once import AT_ONCE
from simclinic.measures.groups import part_of
from simclinic.planning.capacity import CapacityOnPaper
from simclinic.report.text.at_once import distributions, line
from simclinic.report.text.numbers import cells, count, for_people, plain
from simclinic.report.text.one_more import one_more_sentence
from simclinic.report.text.parts import in_use, label_of, part_tables
from simclinic.report.text.stability import other_warnings, verdict_lines
from simclinic.report.text.table import Console, Table, Text
from simclinic.report.text.targets import target_lines
from simclinic.report.text.words import (
    NEW_ALONE,
    bullet,
    counted,
    grouped_warnings,
    interval_words,
    period,
    resource_words,
    weekdays_text,
    with_holidays,
)
from simclinic.results.document import Figure, Horizon, PanelStart
from simclinic.results.run import RunDocument

NARROW, WIDE = 60, 110

_YEAR = 52
_FEW_WEEKS = 26
"""Measured weeks below which a series of three weeks is often still under way at the end."""


def console(columns: int) -> Console:
    """Make a console for stdout that fits a terminal of so many columns."""
    return Console(width=min(max(columns, NARROW), WIDE), highlight=False, emoji=False, markup=False)


def run_table(
    document: RunDocument,
    currency: str,
    ramp: Sequence[tuple[str, float]],
    plans: Sequence[CapacityOnPaper],
    *,
    explain: bool = False,
) -> RenderableType:
    """Show the result of `run`.

    Parameters
    ----------
    document
        Its figures.
    currency
        What amounts are in.
    ramp
        Boosters per week by simulated year: what to call it, and how many.
    plans
        What limits the plan.
    explain
        Add what each figure means, exactly.
    """
    return Group(
        *_heading(document),
        *_warnings(document),
        *notes(document.get("panel"), document["horizon"]),
        _figures(document, currency),
        *_parts(document, currency),
        *_in_use(document),
        *_at_once(document),
        *(Text(text, style="dim") for text in interval_words(document["kpis"])),
        *(_ramp(ramp) if _fills(document["horizon"]) else ()),
        *_limits(plans),
        *(_definitions(document) if explain else ()),
    )


def _heading(document: RunDocument) -> Iterator[RenderableType]:
    yield Text(document["scenario"], style="bold")
    weeks = period(document["horizon"], document.get("panel"))
    yield Text(f"{weeks}, {counted(document['replications'], 'replication')}, seed {document['seed']}")


def notes(panel: PanelStart | None, horizon: Horizon) -> Iterator[RenderableType]:
    """Set off how to read figures of a study that begins with today's patients."""
    yield from (bullet(text, "·") for text in panel_notes(panel, horizon["weeks"]))


def panel_notes(panel: PanelStart | None, weeks: int) -> Iterator[str]:
    """Say how to read figures of a study that begins with today's patients; nothing of one that does not."""
    if panel is not None:
        yield NEW_ALONE
        if weeks < _FEW_WEEKS:
            yield (
                f"Over {counted(weeks, 'week')} the share of completed series is too low, because patients who "
                "drop out end their series sooner than those who complete it."
            )
        if panel["uncertain"]:
            settings = counted(len(panel["uncertain"]), "estimated setting")
            yield (
                f"{settings} drawn anew in each replication: the 95 % intervals are of means over such draws, and "
                "the spread between replications includes the uncertainty about the clinic."
            )


def _warnings(document: RunDocument) -> Iterator[RenderableType]:
    yield Text()
    on_paper = document.get("plan_warnings", [])
    if on_paper:
        yield Text("The plan on paper:", style="bold yellow")
        yield from (bullet(warning) for warning in on_paper)
        yield Text()
    yield from target_lines(document.get("targets", ()))
    yield from verdict_lines(
        document["verdict"],
        document["verdict_reasons"],
        document["day_verdict"],
        document["day_verdict_reasons"],
    )
    others = [each for each in other_warnings(document) if each not in on_paper]
    for warning in grouped_warnings(others, document["kpis"]):
        yield bullet(warning)
    for aim in document.get("precision", ()):
        if aim["reached"]:  # an aim that was missed is among the warnings
            yield bullet(aim["told"], "±")


def _figures(document: RunDocument, currency: str) -> Table:
    table = _empty_table()
    for group in GROUPS:
        table.add_section()
        table.add_row(Text(group.upper(), style="bold"))
        for name, figure in document["kpis"].items():
            if KPIS[name].group == group and part_of(name) is None:
                table.add_row(Text(label_of(name, document["kpis"])), *_cells(figure, currency))
    return table


def _empty_table() -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("")
    table.add_column("mean", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("p10–p90", justify="right", no_wrap=True)
    table.add_column("unit")
    return table


def _parts(document: RunDocument, currency: str) -> Iterator[RenderableType]:
    """Show the figures by type of visit, role and place."""
    for each in part_tables(document):
        table = _empty_table()
        table.columns[0].header = each.title.upper()
        for heading in each.headings:
            table.add_section()
            table.add_row(Text(heading.label))
            for part, figure in heading.rows:
                table.add_row(Text(f"  {part}"), *_cells(figure, currency))
        yield Text()
        yield table
        yield from map(Text, each.notes)


def _in_use(document: RunDocument) -> Iterator[RenderableType]:
    told = in_use(document)
    if told:
        yield Text()
        yield Text(told)


def _at_once(document: RunDocument) -> Iterator[RenderableType]:
    """Say how often so many chairs are in use, patients wait, or tasks are under way."""
    lines = [line(each) for each in distributions(document)]
    if lines:
        yield Text()
        yield Text("HOW MANY AT ONCE", style="bold")
        yield from (bullet(each, "·") for each in lines)


def _cells(figure: Figure, currency: str) -> Iterator[str]:
    factor, unit = for_people(figure["unit"], currency)
    yield from cells(figure, factor)
    yield unit


def _definitions(document: RunDocument) -> Iterator[RenderableType]:
    yield Text()
    yield Text("What the figures mean", style="bold")
    for name in document["kpis"]:
        yield Padding(Text(f"{label_of(name, document['kpis'])} ({name})"), (0, 0, 0, 2))
        yield Padding(Text(KPIS[name].definition, style="dim"), (0, 0, 0, 4))
    for what in dict.fromkeys(each["what"] for each in document.get("at_once", ())):
        yield Padding(Text(f"How many at once ({what})"), (0, 0, 0, 2))
        yield Padding(Text(AT_ONCE[what], style="dim"), (0, 0, 0, 4))


def _fills(horizon: Horizon) -> bool:
    """Return whether years of boosters say something: a clinic that begins steady has them all from the first."""
    return horizon.get("begin") != "steady" or horizon["warm_up_weeks"] >= _YEAR


def _ramp(ramp: Sequence[tuple[str, float]]) -> Iterator[RenderableType]:
    if not ramp:
        return
    yield Text()
    yield Text("Boosters a week, by simulated year", style="bold")
    largest = max((boosters for _, boosters in ramp), default=0.0)
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for text, boosters in ramp:
        bar = "#" * round(30 * boosters / largest) if largest else ""
        table.add_row(text, plain(boosters, 1), Text(bar, style="cyan"))
    yield Padding(table, (0, 0, 0, 2))


def _limits(plans: Sequence[CapacityOnPaper]) -> Iterator[RenderableType]:
    for plan in plans:
        if all(day["limit"] in ("walk-in", "closed") for day in plan["weekdays"]):
            continue  # who walks in needs no start
        yield Text()
        since = f" from {plan['since']}" if len(plans) > 1 else ""
        can = f"What the plan can start{since}: {count(plan['starts_per_week'])} visits a week"
        if "with_holidays" in plan:
            every = plan["with_holidays"]
            can += f", on average {count(every['starts_per_week'])} {with_holidays(every)}"
        yield Text(can, style="bold")
        table = Table.grid(padding=(0, 2))
        for _ in range(3):
            table.add_column()
        for days, text, limit in _alike(plan):
            table.add_row(days, text, limit)
        yield Padding(table, (0, 0, 0, 2))
        more = one_more_sentence(plan)
        if more is not None:
            yield Text(f"On paper: {more[0].lower()}{more[1:]}")


def _alike(plan: CapacityOnPaper) -> Iterator[tuple[str, str, str]]:
    """List the starts of each weekday, with equal neighbouring days in one line."""
    text: list[tuple[list[str], str, str]] = []
    kinds: dict[tuple[str, int, str], float] = {}
    for day in plan["weekdays"]:
        if day["hours"] is not None:
            kind = day["weekday"], day["starts"], day["limit"]
            kinds[kind] = kinds.get(kind, 0.0) + day["of_weeks"]
    for (weekday, number, limited), of_weeks in kinds.items():
        starts = f"{counted(number, 'start')} a day" if number else "no starts"
        if not math.isclose(of_weeks, 1):
            starts += f" in {100 * of_weeks:.0f} % of weeks"
        limit = f"limited by {resource_words(limited)}"
        if text and text[-1][1:] == (starts, limit):
            text[-1][0].append(weekday)
        else:
            text.append(([weekday], starts, limit))
    for days, starts, limit in text:
        yield weekdays_text(days, " to "), starts, limit
