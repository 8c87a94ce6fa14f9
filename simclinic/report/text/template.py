"""The result of `template`: the answer in sentences, the ways to book side by side, rows for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding

from simclinic.report.text.intake import letter, level_cell, named, scale_of, unit_of
from simclinic.report.text.numbers import NO_VALUE, row, with_interval
from simclinic.report.text.plan import STATES, STYLES
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.targets import target_label
from simclinic.report.text.words import bullet, counted, interval_words, period, weekdays_text
from simclinic.results.template import Booked, TemplateDay, TemplateDocument

COLUMNS = (
    *("way", "starts_per_week", "planned_minutes", "replications", "state"),
    *("figure", "target", "target_state", "mean", "lower", "upper"),
)
FULL = 0.9
"""Share of starts used below which days run less late than full ones would."""

MIX_MEANS = (
    "On a grid of {} minutes. Visits of each type are planned by mean lengths and slack, with the extra time by "
    "hand of a first visit at its share. Places, hands and eyes of every role are enough at every minute, breaks "
    "included. Room is that of the visits for which it is least; visits of one type that need other roles at some "
    "infusions count apart. Of an open book it is that of a week filled from opening on."
)

_NAME = 20
"""Columns for the name of a way to book."""
_ANSWERS = {"met": "bold green", "missed": "bold red", "open": "bold yellow", "on-paper": "bold"}


# -- sentences ----------------------------------------------------------------------------------------------------


def answer(document: TemplateDocument) -> list[str]:
    """Give the answer in sentences."""
    chosen = chosen_way(document)
    if document["state"] == "on-paper":
        return list(_paper(document))
    if chosen is None:
        return list(_none(document))
    said = list(_asked_for(document, chosen) if document["asked"] else _best(document, chosen))
    return [*said, *_demand(document, chosen)]


def _paper(document: TemplateDocument) -> Iterator[str]:
    now = _now(document)
    if is_mix(document):
        best = chosen_way(document) or next(way for way in document["ways"] if way["slacks"])
        said = ", ".join(f"{each['name']} {_room(each)}" for each in document["ways"] if not each["slacks"])
        yield f"On paper, {_the(best)} has {_starts(best)} ({_by_type(best)}); without a template: {said}."
        yield "Nothing was simulated: how late the days run, and how long patients wait, is not known."
        return
    most = chosen_way(document) or next(way for way in document["ways"] if way["slacks"])
    if most["starts_per_week"] > now["starts_per_week"]:
        more = f", instead of {now['starts_per_week']} with the {now['name']}."
    else:
        more = f": no more than the {now['starts_per_week']} of the {now['name']}."
    yield f"On paper, {_starts(most)} fit with {most['name']}{more}"
    yield "Nothing was simulated: how late the days run is not known."


def _best(document: TemplateDocument, chosen: Booked) -> Iterator[str]:
    now = _now(document)
    fuller = before(document, chosen)
    if chosen is now:
        yield f"Keep the {now['name']}: it has {_starts(now)}, and its days keep their limits."
    else:
        yield f"Book by {_the(chosen)}: {_starts(chosen)}, {_against(chosen, now)}."
    yield f"With it, {_kept(document, chosen)}."
    sure = f"With {100 * (1 - document['alpha']):g} % confidence it keeps the limits of the day"
    rests = f"this covers the {_listed(document)} listed, if the inputs are right"
    undecided = [way for way in fuller if way["state"] != "misses"]
    if not fuller:
        yield f"{sure}, and no other way to book listed is fuller; {rests}."
        return
    if undecided:
        names = named([_the(way) for way in undecided])
        more = "; --at-most allows more replications" if any(w["state"] == "open" for w in undecided) else ""
        yield f"{sure}. No fuller way is shown to do, but not all are excluded ({names}{more}); {rests}."
    else:
        many = (
            "the fuller one does not" if len(fuller) == 1 else f"none of the {len(fuller)} fuller ones does"
        )
        yield f"{sure} and {many}; {rests}."
    last = fuller[-1]
    named_ways = [last] if now is last or now not in fuller else [last, now]
    for way in named_ways:
        if way["misses"]:
            yield f"{_capital(_the(way))}, with {_starts(way)}, misses {missed(document, way)}."


def _asked_for(document: TemplateDocument, chosen: Booked) -> Iterator[str]:
    now, sure = (
        _now(document),
        f"with {100 * (1 - document['alpha']):g} % confidence, if the inputs are right",
    )
    offers = f"{_the(chosen)}: {_starts(chosen)}, {_against(chosen, now)}"
    if document["state"] == "met":
        yield f"Book by {offers}."
        yield f"With it, {_kept(document, chosen)}: it keeps the limits of the day, {sure}."
    elif document["state"] == "missed":
        yield f"Do not book by {offers}."
        yield f"It misses {missed(document, chosen)}, {sure}."
    else:
        yield f"Open: {_the(chosen)} is not shown to keep the limits of the day, nor to break one."
        yield f"With it, {_kept(document, chosen)}. {_more(document)}"


def _none(document: TemplateDocument) -> Iterator[str]:
    undecided = [way for way in document["ways"] if way["state"] in ("open", "borderline")]
    sure = f"with {100 * (1 - document['alpha']):g} % confidence, if the inputs are right"
    least = document["ways"][-1]
    if undecided:
        yield "Open: no way to book is shown to keep the limits of the day."
        yield f"Not excluded: {named([_the(way) for way in undecided])}. {_more(document)}"
    else:
        yield f"None of the {_listed(document)} listed keeps the limits of the day, {sure}."
    if least["misses"]:
        yield (
            f"{_capital(_the(least))}, with the fewest starts ({_starts(least)}), misses "
            f"{missed(document, least)}. More slack may do, such as --slack 30,40,50."
        )


def _more(document: TemplateDocument) -> str:
    return f"After {counted(document['at_most'], 'replication')} it is open; --at-most allows more."


def _kept(document: TemplateDocument, way: Booked) -> str:
    """Say what was found of each limit of the day, with the bound that decides."""
    said = []
    for asked, found in zip(document["targets"], way["targets"], strict=True):
        if found["mean"] is None:
            continue
        factor, unit = scale_of(asked, "")
        towards = asked["at_most"] != (found["state"] == "missed")
        bound = found["upper"] if towards else found["lower"]
        mean, edge = row(factor * found["mean"], None if bound is None else factor * bound)
        surely = "" if bound is None else f" (surely {'below' if towards else 'above'} {edge} {unit})"
        if asked["in_years"]:
            said.append(f"{mean} {unit} of replications keep “{asked['told']}”{surely}")
        else:
            what = _WORDS.get(asked["figure"], f"{target_label(asked).lower()}: {{}}")
            said.append(what.format(f"{mean} {unit}") + surely)
    return named(said)


_WORDS = {
    "overtime_day_share": "{} of days run late",
    "started_on_time_share": "{} of visits begin at most 15 minutes late",
}
"""What is found of the two limits of the day, in words."""


def missed(document: TemplateDocument, way: Booked) -> str:
    """Name the limits that a way to book misses, each with its mean."""
    said = []
    for asked, found in zip(document["targets"], way["targets"], strict=True):
        if found["state"] == "missed" and found["mean"] is not None:
            factor, unit = scale_of(asked, "")
            of = " of replications" if asked["in_years"] else ""
            said.append(f"“{asked['told']}” ({row(factor * found['mean'])[0]} {unit}{of})")
    return named(said)


def _demand(document: TemplateDocument, chosen: Booked) -> Iterator[str]:
    """Say what the answer does to patients at this demand, and what of that is not judged."""
    now, kpis = _now(document), chosen["kpis"]
    if kpis is None or now["kpis"] is None:
        return
    used = kpis["slot_fill"]["mean"]
    if used is not None and used < FULL:
        yield (
            f"At this demand {100 * used:.0f} % of its starts are used. Full days run later: raise "
            "demand.referrals_per_week to see them."
        )
    days, turned = kpis["access_days_mean"]["mean"], kpis["balked_share"]["mean"]
    days_now, turned_now = now["kpis"]["access_days_mean"]["mean"], now["kpis"]["balked_share"]["mean"]
    if days is None or turned is None or days_now is None or turned_now is None:
        return
    if chosen is not now:
        treatment = "infusion" if document["first_visit_share"] is not None else "treatment"
        away = (
            f"{100 * turned:.1f} % of them are turned away, with the {now['name']} {100 * turned_now:.1f} %"
        )
        if turned == turned_now == 0:
            away = "in the simulation nobody is turned away"
        yield (
            f"New patients wait {days:.1f} days for the first {treatment}, with the {now['name']} {days_now:.1f}; "
            f"{away}."
        )
    yield from _beside(document, chosen)
    if chosen["verdict"] == "not-stable":
        yield "At this demand a queue grows with it without end: the clinic is not stable."
    for state, said in (("missed", "is shown to miss"), ("open", "is not shown to meet")):
        figures = [
            f"“{each['told']}”" for each in document["others"] if each["state"] == state and not each["guard"]
        ]
        if figures:
            yield f"Of the other targets, which are judged one by one at 95 %, it {said} {named(figures)}."


def _beside(document: TemplateDocument, chosen: Booked) -> Iterator[str]:
    """Say what the other ways without a template do to patients, where there are several types of visit."""
    others = [way for way in tried(document) if not way["slacks"] and way not in (chosen, _now(document))]
    for way in others if is_mix(document) else ():
        kpis = way["kpis"]
        if kpis is None:
            continue
        days, turned = kpis["access_days_mean"]["mean"], kpis["balked_share"]["mean"]
        if days is not None and turned is not None:
            yield (
                f"With the {way['name']} they would wait {days:.1f} days, and {100 * turned:.1f} % would be turned "
                "away; the intervals are below."
            )


def _the(way: Booked) -> str:
    return f"the template with {way['name']}" if way["slacks"] else f"the {way['name']}"


def _against(way: Booked, now: Booked) -> str:
    if "carries" in way:
        return f"{_by_type(way)}; with the {now['name']} {_starts(now)}"
    if way["starts_per_week"] == now["starts_per_week"]:
        return f"as many as with the {now['name']}"
    return f"instead of {now['starts_per_week']} with the {now['name']}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _starts(way: Booked) -> str:
    room = f" with {_room(way)}" if "carries" in way else ""
    return counted(way["starts_per_week"], "start") + " a week" + room


def _room(way: Booked) -> str:
    return f"room for {100 * way['carries']:.0f} % of what is asked for"


def _by_type(way: Booked) -> str:
    return ", ".join(f"{name} {number}" for name, number in way["by_type"].items())


def is_mix(document: TemplateDocument) -> bool:
    """Tell whether the clinic has several types of visit, roles or places."""
    return "asked_by_type" in document


def _listed(document: TemplateDocument) -> str:
    count = len(document["ways"])
    return "one way to book" if count == 1 else f"{count} ways to book"


def _now(document: TemplateDocument) -> Booked:
    return next(way for way in document["ways"] if way["name"] == document["now"])


def chosen_way(document: TemplateDocument) -> Booked | None:
    """Return the answer; None if there is none."""
    return next((way for way in document["ways"] if way["name"] == document["chosen"]), None)


def before(document: TemplateDocument, chosen: Booked) -> list[Booked]:
    """List the ways to book that were tried before the answer, and are fuller."""
    place = document["ways"].index(chosen)
    return [way for way in document["ways"][:place] if fullness(way) > fullness(chosen)]


def fullness(way: Booked) -> tuple[float, int]:
    """Return what orders ways to book, the fullest last."""
    return round(way.get("carries", 0.0), 6), way["starts_per_week"]


# -- the tables ---------------------------------------------------------------------------------------------------


def template_table(document: TemplateDocument) -> RenderableType:
    """Show the result of `template`."""
    return Group(
        *_heading(document),
        *_ways(document),
        *_meaning(document),
        *_hours(document),
        *_times(document),
        *_toml(document),
    )


def _heading(document: TemplateDocument) -> Iterator[RenderableType]:
    first, *others = document["answer"]
    yield Text(first, style=_ANSWERS[document["state"]])
    for sentence in others:
        yield Text(sentence)
    yield Text()
    yield Text(document["scenario"], style="bold")
    horizon = document["horizon"]
    if horizon is not None:
        yield Text(
            f"{period(horizon, None)}, seed {document['seed']}; all ways to book have the same patients",
            style="dim",
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
    if is_mix(document):
        yield Text()
        yield Padding(_types(document), (0, 0, 0, 2))
    if document["state"] == "on-paper":
        return
    yield Text()
    yield Text("Limits of the day", style="bold")
    for number, asked in enumerate(document["targets"], 1):
        yield Text(f"  {letter(number)}  {asked['told']}")
    day = _table(
        "the day",
        *(f"{letter(number)}, {unit_of(asked, '')}" for number, asked in enumerate(document["targets"], 1)),
        "n",
    )
    treatment = "infusion" if document["first_visit_share"] is not None else "treatment"
    of_week = "visits a week" if treatment == "infusion" else "treatments a week"
    begin = f"days to first {treatment}"
    week = _table("wait, minutes", "starts used, %", of_week, begin, "turned away, %")
    for way in tried(document):
        day.add_row(
            _name(document, way),
            Text(STATES[way["state"]], style=STYLES[way["state"]]),
            *(
                level_cell(asked, found, "")
                for asked, found in zip(document["targets"], way["targets"], strict=True)
            ),
            str(way["replications"]),
        )
        week.add_row(
            _name(document, way),
            _figure(way, "wait_minutes_mean"),
            _figure(way, "slot_fill", 100.0),
            _figure(way, "infusions_per_week"),
            _figure(way, "access_days_mean"),
            _figure(way, "balked_share", 100.0),
        )
    for table in (day, week):
        yield Text()
        yield Padding(table, (0, 0, 0, 2))
    left = len(document["ways"]) - len(tried(document))
    if left:
        yield Text(
            f"{counted(left, 'less full way')} to book {'was' if left == 1 else 'were'} not tried.",
            style="dim",
        )


def _types(document: TemplateDocument) -> Table:
    """Compare the starts of each type that are asked for and offered a week."""
    asked = document["asked_by_type"]
    table = _table("room for, %", "at most, %", *asked)
    table.add_row(Text("asked for", style="dim"), "", "", *(f"{some:.1f}" for some in asked.values()))
    for way in document["ways"]:
        table.add_row(
            _name(document, way), *room_cells(way), *(str(way["by_type"].get(name, 0)) for name in asked)
        )
    return table


def room_cells(way: Booked) -> tuple[str, str]:
    """Write how much of what is asked for a way has room for, and the bound of that."""
    most = way["most_carried"]
    return f"{100 * way['carries']:.0f}", NO_VALUE if most is None else f"{100 * most:.0f}"


def tried(document: TemplateDocument) -> list[Booked]:
    """List the ways to book that were simulated."""
    return [way for way in document["ways"] if way["state"] != "not tried"]


def _name(document: TemplateDocument, way: Booked) -> Text:
    return Text(way["name"], style="bold" if way["name"] == document["chosen"] else "")


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
    yield Text(_planned(document["grid_minutes"], share), style="dim")
    unproved, said = proof(document)
    if said:
        yield Text(said, style="" if unproved else "dim")
    if document["state"] == "on-paper":
        return
    yield Text(
        "Means, with the bound that decides: < is surely below, > surely above. ! missed, ~ borderline, ? open. n: "
        "replications. The fullest are tried first, and the first that is shown to keep all limits ends the "
        f"search. Bounds hold at every number of replications; the error of {100 * document['alpha']:g} % is "
        "divided by ways to book and limits. The guarantee covers the ways listed and is conditional on the "
        "inputs. Other figures have 95 % intervals.",
        style="dim",
    )
    simulated = [way["kpis"] for way in document["ways"] if way["kpis"] is not None]
    words = dict.fromkeys(word for kpis in simulated for word in interval_words(kpis))
    for word in words:
        yield Text(word, style="dim")


def _planned(every: int, share: float | None) -> str:
    if share is None:
        return MIX_MEANS.format(every)
    return (
        f"On a grid of {every} minutes. Visits are planned by mean lengths and slack, with the extra time by hand "
        f"of a first visit at its share ({100 * share:.0f} % of visits). Chairs, hands and eyes are enough at "
        "every minute, breaks included."
    )


def proof(document: TemplateDocument) -> tuple[list[str], str]:
    """Name the templates that are not proved to be the best with their slack, and say what is proved."""
    unproved = [way["name"] for way in document["ways"] if way["settled"] is False]
    if unproved:
        return unproved, (
            f"Time ran out: not proved to be the best with its slack: {'; '.join(unproved)}. No template has more "
            + ('room than "at most".' if is_mix(document) else 'starts than "proved most".')
        )
    if all(way["settled"] is None for way in document["ways"]):
        return [], ""
    if is_mix(document):
        return [], (
            "Each template is proved to be one of the best of its slack: no other has room for more of what is "
            "asked for, and of those with as much room none has more starts."
        )
    return [], (
        "Each template is proved to be the best of its slack: no other has more starts, of those with as many "
        "none needs fewer hands at once, then none ends earlier, then none begins earlier."
    )


def _hours(document: TemplateDocument) -> Iterator[RenderableType]:
    said = hours_sentence(document)
    if said:
        yield Text()
        yield Text(said)


def hours_sentence(document: TemplateDocument) -> str:
    """Say what ten minutes more are worth; empty if that was not computed."""
    chosen = chosen_way(document)
    if chosen is None or not document["hours"]:
        return ""
    texts = {"open_earlier": "opening ten minutes earlier", "close_later": "closing ten minutes later"}
    gains = [
        f"{texts[name]} would make room for {starts} starts a week"
        for name, starts in document["hours"].items()
        if starts is not None and starts > chosen["starts_per_week"]
    ]
    if not gains:
        return "Ten minutes more in the morning or in the evening, with the same shifts, add no start."
    sentence = f"With the same shifts and {chosen['name']}, {' and '.join(gains)}, instead of"
    return f"{sentence} {chosen['starts_per_week']}."


def _times(document: TemplateDocument) -> Iterator[RenderableType]:
    chosen = chosen_way(document)
    if chosen is None:
        return
    yield Text()
    yield Text(f"The starts with {_the(chosen)}", style="bold")
    groups: dict[tuple[str, ...], list[TemplateDay]] = {}
    for day in chosen["days"]:
        groups.setdefault(day_key(day), []).append(day)
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for days in groups.values():
        table.add_row(
            Text(weekdays_text([day["weekday"] for day in days])), Text(times_of_day(days[0]) or NO_VALUE)
        )
    yield Padding(table, (0, 0, 0, 2))


def _toml(document: TemplateDocument) -> Iterator[RenderableType]:
    if document.get("toml"):
        yield Text()
        yield Text("What the scenario says then", style="bold")
        for line in document["toml"].splitlines():
            yield Text(line)


def day_key(day: TemplateDay) -> tuple[str, ...]:
    """Return what days with equal starts have in common."""
    return (*day["starts"], *day.get("visits", ()))


def times_of_day(day: TemplateDay) -> str:
    """Write the times of a day, each once; of several types of visit, type by type."""
    visits = day.get("visits", [])
    if len(set(visits)) <= 1:
        return ", ".join(_times_of(tuple(day["starts"])))
    by_type: dict[str, list[str]] = {}
    for start, visit in zip(day["starts"], visits, strict=True):
        by_type.setdefault(visit, []).append(start)
    return "; ".join(f"{visit} {', '.join(_times_of(tuple(starts)))}" for visit, starts in by_type.items())


def _times_of(starts: tuple[str, ...]) -> Iterator[str]:
    """Write each time once, with its number if several visits start then."""
    for start in dict.fromkeys(starts):
        count = starts.count(start)
        yield start if count == 1 else f"{count}×{start}"


# -- rows ---------------------------------------------------------------------------------------------------------


def way_rows(document: TemplateDocument) -> list[dict[str, object]]:
    """Lay the limits of all ways to book out flat, by `COLUMNS`; a way that was not tried has one row."""
    told = {each["figure"]: each["told"] for each in document["targets"]}
    rows: list[dict[str, object]] = []
    nothing: Sequence[object] = (None,) * 6
    for way in document["ways"]:
        first = (
            way["name"],
            way["starts_per_week"],
            way["planned_minutes"],
            way["replications"],
            way["state"],
        )
        found: list[Sequence[object]] = [
            (each["figure"], told[each["figure"]], each["state"], each["mean"], each["lower"], each["upper"])
            for each in way["targets"]
        ] or [nothing]
        rows += [dict(zip(COLUMNS, (*first, *each), strict=True)) for each in found]
    return rows


def ways_csv(document: TemplateDocument) -> str:
    """Write the limits of all ways to book, one row each, numbers in full."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in way_rows(document):
        rows.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()
