"""The comparison of a forecast with what came as text and for spreadsheets."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType

from simclinic.measures.wilson import wilson
from simclinic.report.text.calibrate import spreadsheet
from simclinic.report.text.numbers import NO_VALUE, plain, row, span
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted, first_day
from simclinic.results.track import MonthFigure, Outside, Sum, TrackDocument, TrackedFigure, needed

_NUMBERS = {2: "Two", 3: "Three"}
COLUMNS = ("figure", "month", "start", "end", "weeks", "came", "n", "low", "middle", "high", "place", "why")
"""Columns of the spreadsheet."""


def month_name(month: str) -> str:
    """Name a month: "March 2026" for "2026-03"."""
    return f"{dt.date.fromisoformat(f'{month}-01'):%B %Y}"


def answer(document: TrackDocument) -> list[str]:
    """Say in words what came of the forecast, and what to do."""
    judged = [figure for figure in document["figures"] if figure["judged"]]
    if not judged:
        return [_nothing_yet(document)]
    sentences = [
        f"{_capital(figure['label'])}: {_run(run, figure, document['forecast']['futures'])}"
        for figure in judged
        for run in figure["in_a_row"]
    ]
    if document["learn_anew"]:
        sentences.append(
            f"Learn anew, by calibrating on this export: {', '.join(document['learn_anew'])}. The command is below."
        )
        if {"new_patients", "boosters"} <= {figure["name"] for figure in judged if figure["in_a_row"]}:
            sentences.append("Boosters follow new patients: look at the new patients first.")
    else:
        of_types = [figure for figure in judged if ":" in figure["name"]]
        whole = [figure["label"] for figure in judged if figure not in of_types]
        names = (
            f"{_listed(whole)} lie{'' if len(whole) > 1 else 's'} in no two months in a row" if whole else ""
        )
        if of_types:
            names += f"{', and ' if whole else ''}no figure of a type of visit lies in three,"
        sentences.append(
            f"As forecast: {names} on the same side of the band. No setting needs to be learnt anew."
        )
    return [*sentences, _by_chance(document)]


def _nothing_yet(document: TrackDocument) -> str:
    months = [each for each in document["months"] if each["why"] is not None]
    first = months[0] if months else document["months"][0]
    return (
        f"Nothing can be judged yet. The first month is {month_name(first['month'])} ({first['start']} to "
        f"{first['end']}), and {first['why'] or 'no figure can be judged in it'}."
    )


def _run(run: Outside, figure: TrackedFigure, futures: int) -> str:
    judged = [each["month"] for each in figure["months"] if each["place"] is not None]
    after = len(judged) - 1 - judged.index(run["months"][-1])
    since = f" The {counted(after, 'month')} judged since did not go on so." if after else ""
    return (
        f"{counted(len(run['months']), 'month')} in a row {run['side']} the band "
        f"({', '.join(month_name(month) for month in run['months'])}); by chance in "
        f"{share_of(run['chance'], futures)}.{since}"
    )


def _by_chance(document: TrackDocument) -> str:
    chance = document["chance"] or 0.0
    futures, alarms = document["forecast"]["futures"], round(chance * document["forecast"]["futures"])
    most = max(figure["judged"] for figure in document["figures"])
    if most < 2:
        return "Only one month can be judged so far: two in a row cannot be seen yet."
    text = (
        f"If the forecast is right, chance alone gives two months in a row in some figure{of_a_type(document)} in "
        f"{alarms} of {futures} "
        f"futures ({100 * chance:.0f} %) over the {counted(most, 'month')} judged."
    )
    if document["learn_anew"]:
        text += (
            f" {'Such rows' if of_a_type(document) else 'Two in a row'} are a reason to look, not a proof."
        )
    return text


def of_a_type(document: TrackDocument) -> str:
    """Add what counts in figures of types of visit, if there are any."""
    return (
        ", or three in one of a type of visit,"
        if any(":" in each["name"] for each in document["figures"])
        else ""
    )


def share_of(share: float, futures: int) -> str:
    """Say a share of the futures; of none, with the upper end of its 95 % interval."""
    count = round(share * futures)
    if count:
        return f"{count} of {futures} futures ({100 * share:.0f} %)"
    return f"none of {futures} futures (at most {math.ceil(100 * wilson(0, futures)[1])} %)"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def track_table(document: TrackDocument) -> RenderableType:
    """Show what came against what was forecast."""
    return Group(*_parts(document))


def _parts(document: TrackDocument) -> Iterator[RenderableType]:
    forecast, export = document["forecast"], document["export"]
    for sentence in document["answer"]:
        yield Text(sentence)
    yield Text()
    yield Text(document["scenario"], style="bold")
    yield Text(
        f"Forecast of {counted(forecast['weeks'], 'week')} from {first_day(forecast['start'])} "
        f"({counted(forecast['futures'], 'future')}, {forecast['law']}); {export['file']} covers "
        f"{export['first']} to {export['last']}"
    )
    others = [law for law in forecast["laws"] if law != forecast["law"]]
    if others:
        yield Text(f"Other relapse laws of the forecast (--law): {', '.join(others)}")
    for warning in document["warnings"]:
        yield bullet(warning)
    for figure in document["figures"]:
        yield Text()
        yield Text(_capital(figure["label"]), style="bold")
        if figure["missing"] is not None:
            yield bullet(f"missing: {figure['missing']}", "-")
            continue
        yield _table(document, figure)
        for note in figure_notes(document, figure):
            yield bullet(note, "-")
    yield Text()
    for note in notes(document):
        yield bullet(note, "-")


def heading(band: float) -> str:
    """Name a band by its quantiles: "10–90 %"."""
    return f"{50 * (1 - band):.0f}–{50 * (1 + band):.0f} %"


def cells(figure: TrackedFigure, row_of: MonthFigure | Sum) -> tuple[str, str, str, str]:
    """Write what came, the middle of the forecast, its band, and where what came lies."""
    values = (row_of["came"], row_of["middle"], row_of["low"], row_of["high"])
    if figure["unit"] == "share":
        came, middle, low, high = (NO_VALUE if value is None else f"{100 * value:.0f} %" for value in values)
        low = low.removesuffix(" %")
    else:
        whole = figure["unit"] != "days"
        came, middle, low, high = [plain(value, 0) for value in values] if whole else row(*values)
    place = row_of["place"]
    return (
        came,
        middle,
        span(low, high),
        "not judged" if place is None else "" if place == "inside" else place,
    )


def _table(document: TrackDocument, figure: TrackedFigure) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Month", no_wrap=True)
    for name in ("weeks", "came", "forecast", heading(document["band"])):
        table.add_column(name, justify="right")
    table.add_column("")
    for month, each in zip(document["months"], figure["months"], strict=True):
        table.add_row(month_name(each["month"]), str(month["weeks"]), *cells(figure, each))
    if figure["total"] is not None and figure["judged"] > 1:
        table.add_row("all judged", "", *cells(figure, figure["total"]))
    return table


def figure_notes(document: TrackDocument, figure: TrackedFigure) -> Iterator[str]:
    """Say how many months lie outside, how many would by chance, and which are not judged."""
    if figure["judged"]:
        yield (
            f"{figure['outside']} of {counted(figure['judged'], 'judged month')} outside the band; by chance "
            f"{figure['expected_outside']:.1f}. {_NUMBERS[needed(figure['name'])]} in a row on the same side by "
            "chance: "
            f"{share_of(figure['chance'] or 0.0, document['forecast']['futures'])}"
        )
    whole = {month["month"] for month in document["months"] if month["why"] is not None}
    reasons: dict[str, list[str]] = {}
    for each in figure["months"]:
        if each["why"] is not None and each["month"] not in whole:
            reasons.setdefault(each["why"], []).append(month_name(each["month"]))
    for why, months in reasons.items():
        yield f"not judged: {', '.join(months)}: {why}"
    opposite = [
        (one["month"], other["month"])
        for one, other in zip(figure["months"], figure["months"][1:], strict=False)
        if {one["place"], other["place"]} == {"above", "below"}
    ]
    for one, other in opposite:
        yield (
            f"{month_name(one)} and {month_name(other)} lie on opposite sides: no setting explains both, so this "
            "is no reason to learn one anew"
        )


def notes(document: TrackDocument) -> Iterator[str]:
    """Say how to read the tables."""
    open_months = [month for month in document["months"] if month["why"] is not None]
    reasons: dict[str, list[str]] = {}
    for month in open_months:
        reasons.setdefault(str(month["why"]), []).append(month_name(month["month"]))
    for why, months in reasons.items():
        yield f"not judged: {', '.join(months)}: {why}"
    yield (
        "a month holds the weeks of the forecast that begin in it; what came is counted over the same days"
    )
    yield (
        f"of right forecasts {100 * (1 - document['band']):.0f} months in 100 lie outside the band, or fewer where "
        "counts are small"
    )
    yield (
        "an export of appointments shows new patients when they begin, not referrals: new patients who began stand "
        "for them"
    )


def track_csv(document: TrackDocument) -> str:
    """Write all figures for a spreadsheet, a row for each month."""
    rows = [
        {
            "figure": figure["name"],
            **{name: month[name] for name in ("start", "end", "weeks")},
            **{name: each[name] for name in ("month", "came", "n", "low", "middle", "high", "place", "why")},
        }
        for figure in document["figures"]
        for month, each in zip(document["months"], figure["months"], strict=False)
    ]
    return spreadsheet(list(COLUMNS), rows)
