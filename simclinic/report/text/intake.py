"""The result of `intake`: the answer in sentences, a table of the levels, and rows for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType

from simclinic.measures import KPIS
from simclinic.measures.targets import VERDICT
from simclinic.report.text.by_type import type_tables
from simclinic.report.text.numbers import NO_VALUE, for_people, row, short, with_interval
from simclinic.report.text.run import notes
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.targets import target_label
from simclinic.report.text.words import bullet, period
from simclinic.results.intake import Asked, AtLevel, IntakeDocument, LevelResult

COLUMNS = (
    *("share", "referrals", "series", "replications", "state", "figure", "target", "target_state"),
    *("mean", "lower", "upper"),
)
STATES = {"confirmed": "confirmed", "missed": "MISSED", "open": "open"}
"""States of a level in tables."""

STYLES = {"confirmed": "green", "missed": "bold red", "open": "yellow"}
_MARKS = {"met": "", "missed": " !", "borderline": " ~", "open": " ?"}
_MOST_NAMED = 3
_FEW = 20
"""Replications of which even a figure with some spread may have no bounds yet."""


# -- sentences ----------------------------------------------------------------------------------------------------


def being_tried(referrals: float, place: int) -> str:
    """Say which level is being simulated, by its place from 0.

    >>> being_tried(9.5, 0)
    'The lowest level is being simulated: 9.5 referrals a week.'
    >>> being_tried(10.5, 1)
    'Level 2 is being simulated: 10.5 referrals a week.'
    """
    level = f"Level {place + 1}" if place else "The lowest level"
    return f"{level} is being simulated: {referrals:g} referrals a week."


def answer(document: IntakeDocument, whole: bool) -> list[str]:
    """Give the answer in sentences.

    Parameters
    ----------
    document
        The results.
    whole
        Whether every level was simulated.
    """
    levels, best, miss = document["levels"], document["confirmed"], document["missed"]
    sure = f"with {100 * (1 - document['alpha']):g} % confidence"
    said = []
    if best is None:
        first = levels[0]
        more = "--from begins lower"
        if first["state"] == "open":
            more = f"--at-most allows more replications than {first['replications']}, and {more}"
        said.append(
            f"Not even {_amount(first)}, {100 * first['share']:g} % of what the plan carries on paper, are shown "
            f"to meet all targets; {more}."
        )
    else:
        said.append(f"Up to {_amount(levels[best])} meet all targets, {sure}.")
    if miss is not None:
        between = [
            each for each in levels[(-1 if best is None else best) + 1 : miss] if each["state"] == "open"
        ]
        amounts = named([f"{each['referrals']:g}" for each in between])
        middle = f"; {'below' if best is None else 'between them'} it is open ({amounts})"
        said.append(
            f"{_capital(_amount(levels[miss]))} {_what(document, levels[miss])}{middle if between else ''}."
        )
    elif best is not None and whole:
        said.append("No higher level was tried.")
    else:
        said.append(
            f"No level up to {_amount(levels[-1])} is shown to miss a target with {document['at_most']} "
            "replications: --at-most allows more."
        )
    stopped = levels[0 if best is None else min(best + 1, len(levels) - 1)]
    if stopped["state"] == "open":
        said += without_spread(document["targets"], stopped["targets"], stopped["replications"])
    if best is not None:
        said += types_beyond(document, levels[best])
    said.append(_now(document))
    return said


def types_beyond(document: IntakeDocument, level: LevelResult) -> Iterator[str]:
    """Say which types of visit are beyond the limit of a target that all patients together keep."""
    figures = level.get("figures", {})
    named = {each["figure"] for each in document["targets"]}
    for asked in document["targets"]:
        limit = asked["limit"]
        if limit is None or asked["in_years"]:
            continue
        for name, figure in figures.items():
            base, _, kind = name.partition(":")
            own = f"{asked['figure']}:{kind}"
            if base != asked["by"] or own in named or figure["ci"] is None or figure["mean"] is None:
                continue
            low, high = figure["ci"]
            if low <= limit if asked["at_most"] else high >= limit:
                continue
            factor, unit = for_people(KPIS[base].unit, "")
            value = with_interval(figure, factor)
            yield (
                f"“{asked['told']}” holds for all patients together, not for {kind}: {value} {unit} at "
                f"{level['referrals']:g} a week. A target on {own} asks for it."
            )


def so_far(document: IntakeDocument) -> list[str]:
    """Say what is known while levels are simulated."""
    levels, best = document["levels"], document["confirmed"]
    if document["missed"] is not None:
        return answer(document, whole=False)
    sure = f"with {100 * (1 - document['alpha']):g} % confidence"
    if best is None:
        first = f"{_amount(levels[0])} are not shown to meet all targets"
        return [f"So far: {first}. Whether higher levels are shown to miss one is being simulated."]
    said = f"So far: up to {_amount(levels[best])} meet all targets, {sure}."
    if best == len(levels) - 1:
        return [said, "The next level is being simulated."]
    more = named([f"{each['referrals']:g}" for each in levels[best + 1 :]])
    return [said, f"It is open for {more}; whether more are shown to miss a target is being simulated."]


def without_spread(targets: Sequence[Asked], found: Sequence[AtLevel], replications: int) -> Iterator[str]:
    """Say which targets stay open whatever the number of replications, and what to ask instead.

    That is so where the figure is the same in most replications, and where some have none.

    Parameters
    ----------
    targets, found
        The targets, and what was found of them.
    replications
        Their number; of few, nothing is known in any case.
    """
    for asked, each in zip(targets, found, strict=True):
        known = each["upper"] if asked["at_most"] else each["lower"]
        if each["state"] == "open" and each.get("absent"):
            yield (
                f"“{asked['told']}” stays open: {each['absent']} of {replications} replications have no such "
                "figure."
            )
        elif each["state"] == "open" and each["mean"] is not None and known is None and replications > _FEW:
            sign = "<=" if asked["at_most"] else ">="
            yield (
                f"More replications cannot show “{asked['told']}”: the figure is the same in most of them, so its "
                f"spread says nothing. Ask for most years: --target '{asked['by']}{sign}{asked['limit']:g} in 80%'."
            )


def _amount(level: LevelResult) -> str:
    return f"{level['referrals']:g} referrals a week ({short(level['series'])} series)"


def _what(document: IntakeDocument, level: LevelResult) -> str:
    """Say which targets a level misses, and whether the clinic is not stable with it."""
    told = {each["figure"]: each["told"] for each in document["targets"]}
    states = {each["figure"]: each["state"] for each in level["targets"]}
    missed = [told[figure] for figure, state in states.items() if state == "missed" and figure != VERDICT]
    names = [f"{each[:1].lower()}{each[1:]}" for each in missed[:_MOST_NAMED]]
    unstable = states.get(VERDICT) == "missed"
    if not names:
        return "are more than the clinic can keep up with: it is not stable"
    said = f"are shown to miss the target{'' if len(names) == 1 else 's'}: {'; '.join(names)}"
    return f"{said}, and the clinic is not stable" if unstable else said


def _now(document: IntakeDocument) -> str:
    """Compare the confirmed level with the referrals of the scenario."""
    now, best, miss = document["now"], document["confirmed"], document["missed"]
    levels, paper = document["levels"], f"{document['on_paper']:.3g}"
    text = f"Now {now:g} are referred a week; on paper the plan carries {paper}."
    if best is not None and levels[best]["referrals"] >= now:
        return f"{text} So {round(levels[best]['referrals'] - now, 6):g} more a week fit."
    if miss is not None and levels[miss]["referrals"] <= now:
        return f"{text} That is too many."
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def named(items: Sequence[str]) -> str:
    """List names: "A, B and C"; names with commas of their own are kept apart.

    >>> named(["A", "B", "C"]), named(["2 chairs, 1 nurse", "3 chairs, 1 nurse"])
    ('A, B and C', '2 chairs, 1 nurse; and 3 chairs, 1 nurse')
    """
    if len(items) < 2:
        return "".join(items)
    between, last = ("; ", "; and ") if any(", " in each for each in items) else (", ", " and ")
    return f"{between.join(items[:-1])}{last}{items[-1]}"


# -- the table ----------------------------------------------------------------------------------------------------


def intake_table(document: IntakeDocument, currency: str) -> RenderableType:
    """Show the result of `intake`: the answer, the levels, the proof."""
    return Group(
        *_heading(document),
        Text(),
        *_levels(document, currency),
        *_types(document, currency),
        *_proof(document),
    )


def _heading(document: IntakeDocument) -> Iterator[RenderableType]:
    yield Text(document["scenario"], style="bold")
    yield Text()
    for sentence in document["answer"]:
        yield Text(sentence)
    yield Text()
    yield Text(
        f"{period(document['horizon'], document.get('panel'))}, seed {document['seed']}; the patients of each "
        "level contain those of the level below",
        style="dim",
    )
    for warning in document["warnings"]:
        yield bullet(warning)
    yield from notes(document.get("panel"), document["horizon"])


def _levels(document: IntakeDocument, currency: str) -> Iterator[RenderableType]:
    yield Text("Targets and guards", style="bold")
    for number, each in enumerate(document["targets"], 1):
        kind = "guard" if each["guard"] else "target"
        yield Text(f"  {letter(number)}  {each['told']} ({kind})")
    yield Text()
    table = Table(box=box.SIMPLE, pad_edge=False, padding=0, show_edge=False)
    table.add_column("referrals a week", justify="right", width=9)
    table.add_column("series", justify="right", width=6)
    table.add_column("", width=9)
    for number, asked in enumerate(document["targets"], 1):
        unit = unit_of(asked, currency)
        table.add_column(f"{letter(number)}, {unit}" if unit else letter(number), justify="right")
    table.add_column("n", justify="right")
    for level in document["levels"]:
        cells = [
            level_cell(asked, found, currency)
            for asked, found in zip(document["targets"], level["targets"], strict=True)
        ]
        table.add_row(
            f"{level['referrals']:g}",
            short(level["series"]),
            Text(STATES[level["state"]], style=STYLES[level["state"]]),
            *cells,
            str(level["replications"]),
        )
    yield table
    yield Text(
        "Means, with the bound that decides: < is surely below, > surely above. ! missed, ~ borderline, ? open. n: "
        "replications.",
        style="dim",
    )


def _types(document: IntakeDocument, currency: str) -> Iterator[RenderableType]:
    levels = document["levels"]
    for head, types, rows in type_tables([level.get("figures", {}) for level in levels], currency):
        yield Text()
        yield Text(f"By type of visit: {head}", style="bold")
        table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
        for each in ("referrals a week", *types):
            table.add_column(each, justify="right")
        for level, cells in zip(levels, rows, strict=True):
            table.add_row(f"{level['referrals']:g}", *cells)
        yield table


def letter(number: int) -> str:
    """Return the letter that stands for a target in tables."""
    return chr(ord("A") + number - 1) if number <= 26 else str(number)


def unit_of(asked: Asked, currency: str) -> str:
    """Return the unit of what decides a target; empty for the verdict."""
    return "" if asked["limit"] is None else scale_of(asked, currency)[1]


def scale_of(asked: Asked, currency: str) -> tuple[float, str]:
    """Return the scale factor and the unit of what decides a target."""
    return for_people("share" if asked["in_years"] else KPIS[asked["by"]].unit, currency)


def decided_by(asked: Asked) -> str:
    """Name what decides a target, for an axis or a heading."""
    if asked["in_years"]:
        return "replications that keep the limit"
    return target_label(asked)


def level_cell(asked: Asked, found: AtLevel, currency: str) -> str:
    """Write a target at a level: its mean, the bound that decides, and a mark unless it is met."""
    if asked["limit"] is None:
        return {"met": "holds", "missed": "not stable !"}.get(found["state"], "?")
    if found["mean"] is None:
        return NO_VALUE
    factor, _ = scale_of(asked, currency)
    towards = asked["at_most"] != (found["state"] == "missed")
    bound = found["upper"] if towards else found["lower"]
    mean, edge = row(factor * found["mean"], None if bound is None else factor * bound)
    known = "" if bound is None else f" {'<' if towards else '>'}{edge}"
    return f"{mean}{known}{_MARKS[found['state']]}"


def _proof(document: IntakeDocument) -> Iterator[RenderableType]:
    yield Text()
    yield Text(
        f"Levels were fixed before the first run and rise; each is tested at {100 * document['alpha']:g} %, and "
        "the first that is not confirmed ends the sequence. Bounds hold at every number of replications. The "
        "guarantee is conditional on the inputs.",
        style="dim",
    )


# -- rows ---------------------------------------------------------------------------------------------------------


def level_rows(document: IntakeDocument) -> list[dict[str, object]]:
    """Lay the targets of all levels out flat, by `COLUMNS`."""
    told = {each["figure"]: each["told"] for each in document["targets"]}
    return [
        dict(
            zip(
                COLUMNS,
                (
                    *(
                        level["share"],
                        level["referrals"],
                        level["series"],
                        level["replications"],
                        level["state"],
                    ),
                    *(each["figure"], told[each["figure"]], each["state"]),
                    *(each["mean"], each["lower"], each["upper"]),
                ),
                strict=True,
            )
        )
        for level in document["levels"]
        for each in level["targets"]
    ]


def levels_csv(document: IntakeDocument) -> str:
    """Write the targets of all levels, one row each, numbers in full."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in level_rows(document):
        rows.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()
