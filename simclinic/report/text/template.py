"""The result of `template` as text: the answer, the templates side by side, the times of the answer."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding

from simclinic.report.text.numbers import NO_VALUE, with_interval
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted, interval_words, period, weekdays_text
from simclinic.results.template import Booked, TemplateDay, TemplateDocument

_STATES = {"holds": "holds", "open": "open", "does-not-hold": "does not hold"}
_NAME = 20
"""Columns for the name of a way to book."""


def template_table(document: TemplateDocument) -> RenderableType:
    """Show the result of `template`."""
    return Group(
        *_answer(document),
        *_ways(document),
        *_meaning(document),
        *_hours(document),
        *_times(document),
    )


def _answer(document: TemplateDocument) -> Iterator[RenderableType]:
    first, *others = document["told"]
    style = {"met": "bold green", "open": "bold yellow", "on-paper": "bold"}[document["state"]]
    yield Text(first, style=style)
    for sentence in others:
        yield Text(sentence)
    yield Text()
    yield Text(document["scenario"], style="bold")
    horizon, replications = document["horizon"], document["replications"]
    if horizon is not None and replications is not None:
        yield Text(
            f"{period(horizon, None)}, the same patients in {counted(replications, 'replication')} of each, seed "
            f"{document['seed']}"
        )
    for warning in document["warnings"]:
        yield bullet(warning)


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("", max_width=_NAME)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _ways(document: TemplateDocument) -> Iterator[RenderableType]:
    paper = _table("minutes planned", "starts a week", "proved most", "hands at once")
    for way in document["ways"]:
        paper.add_row(_name(document, way), *_on_paper(way))
    yield Text()
    yield Padding(paper, (0, 0, 0, 2))
    if document["state"] == "on-paper":
        return
    day = _table("days late, %", "begun on time, %", "wait, minutes", "the day")
    week = _table("starts used, %", "visits a week", "days to first infusion", "turned away, %")
    for way in document["ways"]:
        day.add_row(
            _name(document, way),
            _figure(way, "overtime_day_share", 100.0),
            _figure(way, "started_on_time_share", 100.0),
            _figure(way, "wait_minutes_mean"),
            _STATES.get(way["day_verdict"] or "", NO_VALUE),
        )
        week.add_row(
            _name(document, way),
            _figure(way, "slot_fill", 100.0),
            _figure(way, "infusions_per_week"),
            _figure(way, "access_days_mean"),
            _figure(way, "balked_share", 100.0),
        )
    for table in (day, week):
        yield Text()
        yield Padding(table, (0, 0, 0, 2))


def _name(document: TemplateDocument, way: Booked) -> Text:
    return Text(way["name"], style="bold" if way["name"] == document["answer"] else "")


def _on_paper(way: Booked) -> Iterator[str]:
    yield f"{way['planned_minutes']:.0f}"
    yield str(way["starts_per_week"])
    if way["most_per_week"] is None:
        yield NO_VALUE
    else:
        yield f"{way['most_per_week']}"
    peaks = [day["peak_hands"] for day in way["days"] if day["peak_hands"] is not None]
    yield str(max(peaks)) if peaks else NO_VALUE


def _figure(way: Booked, kpi: str, scale: float = 1.0) -> str:
    return NO_VALUE if way["kpis"] is None else with_interval(way["kpis"][kpi], scale)


def _meaning(document: TemplateDocument) -> Iterator[RenderableType]:
    yield Text()
    share = document["first_visit_share"]
    yield Text(
        f"On a grid of {document['grid_minutes']} minutes. Visits are planned by mean lengths and slack, with the "
        f"extra time by hand of a first visit at its share ({100 * share:.0f} % of visits). Chairs, hands and eyes "
        "are enough at every minute, breaks included.",
        style="dim",
    )
    unproved = [way["name"] for way in document["ways"] if way["settled"] is False]
    templates = [way for way in document["ways"] if way["settled"] is not None]
    if unproved:
        yield Text(
            f"Time ran out: not proved to be the best with its slack: {'; '.join(unproved)}. No template has more "
            'starts than "proved most".',
        )
    elif templates:
        yield Text(
            "Each template is proved to be the best of its slack: no other has more starts, of those with as many "
            "none needs fewer hands at once, then none ends earlier, then none begins earlier.",
            style="dim",
        )
    if document["state"] == "on-paper":
        return
    yield Text(
        f"The day holds if at most {100 * document['late_limit']:g} % of days end more than 15 minutes late and at "
        f"least {100 * document['on_time_limit']:g} % of visits begin within 15 minutes, both shown at 95 %. "
        "Templates are judged in the order of the table, and the first that does not hold ends the search. "
        "Verdicts use plain intervals of a number of replications that is fixed beforehand, and apply to a clinic "
        "that is as the scenario says.",
        style="dim",
    )
    simulated = [way["kpis"] for way in document["ways"] if way["kpis"] is not None]
    words = dict.fromkeys(word for kpis in simulated for word in interval_words(kpis))
    for word in words:
        yield Text(word, style="dim")


def _hours(document: TemplateDocument) -> Iterator[RenderableType]:
    answer = _answered(document)
    if answer is None:
        return
    texts = {"open_earlier": "opening ten minutes earlier", "close_later": "closing ten minutes later"}
    gains = [
        f"{texts[name]} would make room for {starts} starts a week"
        for name, starts in document["hours"].items()
        if starts is not None and starts > answer["starts_per_week"]
    ]
    yield Text()
    if gains:
        sentence = f"With the same shifts and {answer['name']}, {' and '.join(gains)}, instead of"
        yield Text(f"{sentence} {answer['starts_per_week']}.")
    else:
        yield Text("Ten minutes more in the morning or in the evening, with the same shifts, add no start.")


def _times(document: TemplateDocument) -> Iterator[RenderableType]:
    answer = _answered(document)
    if answer is None:
        return
    yield Text()
    yield Text(f"The starts with {answer['name']}", style="bold")
    groups: dict[tuple[str, ...], list[TemplateDay]] = {}
    for day in answer["days"]:
        groups.setdefault(tuple(day["starts"]), []).append(day)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for starts, days in groups.items():
        table.add_row(
            Text(weekdays_text([day["weekday"] for day in days])),
            Text(", ".join(_times_of(starts)) or NO_VALUE),
        )
    yield Padding(table, (0, 0, 0, 2))


def _times_of(starts: tuple[str, ...]) -> Iterator[str]:
    """Write each time once, with its number if several visits start then."""
    for start in dict.fromkeys(starts):
        count = starts.count(start)
        yield start if count == 1 else f"{count}×{start}"


def _answered(document: TemplateDocument) -> Booked | None:
    return next((way for way in document["ways"] if way["name"] == document["answer"]), None)
