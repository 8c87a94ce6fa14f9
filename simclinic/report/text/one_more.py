"""The gain on paper from one more chair or nurse, in a sentence and in a table."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import RenderableType
from rich.padding import Padding

from simclinic.planning.capacity import CapacityOnPaper
from simclinic.planning.one_more import OneMore
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import weekdays_text
from simclinic.scenario.shifts import in_shift

_MOST_LISTED = 4  # gains that fit into a sentence
_LEAST = 0.05  # gains below round to nothing


def one_more_sentence(plan: CapacityOnPaper) -> str | None:
    """Say how much one more of each adds in a week; None if the plan has no such figures."""
    more, open_days = plan["one_more"], [day for day in plan["weekdays"] if day["hours"] is not None]
    listed = list(dict.fromkeys(day["weekday"] for day in open_days if day["limit"] == "listed"))
    if listed and (more is None or _all_listed(plan)):
        return "The starts are a list: one more chair or nurse adds none unless more are listed."
    if more is None:
        return None
    walk_in = plan["visits_at_most"] is not None
    what = "visit" if walk_in else "start"
    gains = sorted(_gains(more), key=lambda gain: -gain[1])
    without = f" {weekdays_text(listed)} left out, where the starts are a list." if listed else ""
    both, nurses = more["chair_and_nurses"], _nurses(more)
    if not gains[0][1]:
        together = f"a chair and a {nurses} together add {_a_week(both, what) if both else 'none either'}"
        if "staff" in more or "places" in more:
            each = ", ".join(name for name, _ in _gains(more))
            return f"One more of each ({each}) adds no {what}; {together}.{without}"
        return f"Neither one more chair nor one more nurse adds a {what}; {together}.{without}"
    # With many roles and places, those that add nothing share a clause.
    idle = [name for name, gain in gains if gain < _LEAST] if len(gains) > _MOST_LISTED else []
    first, *others = [gain for gain in gains if gain[0] not in idle][:_MOST_LISTED]
    sentences = [f"One more {first[0]} adds {'at most ' if walk_in else ''}{_a_week(first[1], what)}"]
    sentences += [f"one more {name} {_number(gain)}" for name, gain in others]
    if idle:
        sentences.append(
            f"one more {' or '.join((', '.join(idle[:-1]), idle[-1]) if idle[:-1] else idle)} none"
        )
    if both > sum(gain for _, gain in gains):  # each is short of the other
        sentences.append(f"a chair and a {nurses} together {_number(both)}")
    return f"{', '.join(sentences)}.{without}"


def one_more_table(plan: CapacityOnPaper) -> Iterator[RenderableType]:
    """Show what one more of each adds, for days that are alike and for the week."""
    week = plan["one_more"]
    if week is None or _all_listed(plan):
        return
    days = dict(_alike(plan))
    adds = "visits it adds at most" if plan["visits_at_most"] is not None else "starts it adds on paper"
    yield Text(f"One more of each: {adds}", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("")
    for name in days:
        table.add_column(name, justify="right")
    table.add_column("week", justify="right")
    several = len(week["nurses"]) > 1
    weeks, by_day = dict(_rows(week)), [dict(_rows(each, several=several)) for each in days.values()]
    for name, gain in weeks.items():
        table.add_row(name, *(_number(row.get(name, 0)) for row in by_day), _number(gain))
    yield Padding(table, (0, 0, 0, 2))


def _all_listed(plan: CapacityOnPaper) -> bool:
    return all(day["limit"] in ("closed", "listed") for day in plan["weekdays"])


def _gains(more: OneMore, *, several: bool = False) -> Iterator[tuple[str, float]]:
    """List each resource that can be added, with its gain; `several`: the week has more shifts than this day."""
    for shift, gain in more["nurses"].items():
        yield (f"nurse{in_shift(shift)}" if several or len(more["nurses"]) > 1 else "nurse"), gain
    for role, shifts in more.get("staff", {}).items():
        for shift, gain in shifts.items():
            yield (role if len(shifts) == 1 else f"{role}{in_shift(shift)}"), gain
    yield "chair", more["chair"]
    yield from more.get("places", {}).items()


def _rows(more: OneMore, *, several: bool = False) -> Iterator[tuple[str, float]]:
    yield from sorted(_gains(more, several=several), key=lambda gain: gain[0] != "chair")
    if more["hands"]:
        yield "hands alone, all day", more["hands"]
    if more["eyes"]:
        yield "eyes alone, all day", more["eyes"]
    yield f"chair and {_nurses(more, several=several)}", more["chair_and_nurses"]


def _nurses(more: OneMore, *, several: bool = False) -> str:
    return "nurse in each shift" if several or len(more["nurses"]) > 1 else "nurse"


def _alike(plan: CapacityOnPaper) -> Iterator[tuple[str, OneMore]]:
    """Take days together to which one more of each adds the same."""
    groups: list[tuple[OneMore, list[str]]] = []
    for day in plan["weekdays"]:
        more = day["one_more"]
        if more is None or day["variant"]:
            continue
        alike = next((names for known, names in groups if known == more), None)
        if alike is None:
            groups.append((more, [day["weekday"]]))
        else:
            alike.append(day["weekday"])
    for more, names in groups:
        yield weekdays_text(names), more


def _number(gain: float) -> str:
    if gain < _LEAST:
        return "none"
    return f"{gain:,.1f}".removesuffix(".0")


def _a_week(gain: float, what: str) -> str:
    number = _number(gain)
    return f"{number} {what}{'' if number == '1' else 's'} a week"
