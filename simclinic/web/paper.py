"""The answer on paper, as the screen *My clinic* shows it: what `simclinic check` computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from simclinic.planning.capacity import CapacityOnPaper, Hour
from simclinic.report.text.numbers import short
from simclinic.report.text.one_more import one_more_sentence
from simclinic.report.text.words import DAYS, resource_words, with_holidays
from simclinic.results.check import Checked
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.studies.check import checked as check

_LEVELS = 5
"""Shades of the heat map."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of the heat map: the use of the scarcest resource, and a shade from 0 to 5; empty when closed."""

    text: str = ""
    shade: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One plan on paper.

    Attributes
    ----------
    since
        The date from which the plan is in force; empty if it is the only one.
    answer
        Asked against offered, in a sentence.
    good
        Whether less is asked for than offered; None where this cannot be compared, or `check` has warnings.
    more
        What one more chair or nurse adds; empty if that is not computed.
    days
        Of each open day: its name, hours, starts, first and last start, and what limits them. A walk-in clinic has
        no starts, so it has no rows.
    hours
        Hours of the heat map.
    map
        Rows of the heat map: the day's name, and a cell for each hour; none for a walk-in clinic.
    scarce
        What the heat map shows the scarcest of, in words.
    differs
        Whether a weekday differs from week to week; the heat map shows the day with most starts.
    types
        Of each type of visit, where there are several: its name, starts asked for and offered a week.
    template
        Where each start is for one type: the day, the type, and its times.
    """

    since: str
    answer: str
    good: bool | None
    more: str
    days: list[tuple[str, str, int, str, str, str]]
    hours: list[int]
    map: list[tuple[str, list[Cell]]]
    scarce: str = "chairs, nurses' hands and nurses' eyes"
    differs: bool = False
    types: Sequence[tuple[str, str, str]] = ()
    template: Sequence[tuple[str, str, str]] = ()


@lru_cache(maxsize=8)
def papers_of(scenario: Scenario) -> Sequence[Paper]:
    """Describe each plan of a scenario, once: a page that follows a job is made again and again."""
    return papers(check(scenario, scenario.name))


def papers(checked: Checked) -> list[Paper]:
    """Describe each plan of a valid scenario."""
    several = len(checked["plans"]) > 1
    listed = []
    for plan in checked["plans"]:
        cells = {
            (hour["weekday"], hour["hour"]): _cell(hour) for hour in plan["hours"] if not hour["variant"]
        }
        hours = sorted({hour["hour"] for hour in plan["hours"]})
        span = list(range(hours[0], hours[-1] + 1)) if hours else []
        asked = None if checked["demand"] is None else checked["demand"]["starts"]
        holidays = plan.get("with_holidays", plan)
        offered: float = holidays["starts_per_week"]
        noun = "starts a week"
        booked = checked["mode"] == "booked"
        if not booked:
            offered, noun = holidays["visits_at_most"] or 0.0, "visits a week"
            cells = {}  # without a book there is no start to take
        if "with_holidays" in plan:
            noun += f", {with_holidays(plan['with_holidays'])},"
        listed.append(
            Paper(
                since=plan["since"] if several else "",
                answer=_answer(asked, f"{'' if booked else 'at most '}{_count(offered)} {noun}", offered),
                good=None if asked is None else _good(asked, offered, warned=bool(checked["warnings"])),
                more=one_more_sentence(plan) or "",
                days=[
                    (
                        DAYS[day["weekday"]],
                        _weeks(day["hours"], day["of_weeks"]),
                        day["starts"],
                        day["first_start"] or "none",
                        day["last_start"] or "none",
                        resource_words(day["limit"]),
                    )
                    for day in plan["weekdays"]
                    if booked and day["hours"] is not None
                ],
                hours=span,
                map=[
                    (DAYS[day], [cells.get((day, hour), Cell()) for hour in span])
                    for day in WEEKDAYS
                    if any(at == day for at, _ in cells)
                ],
                scarce=_scarce(plan),
                differs=any(hour["variant"] for hour in plan["hours"]),
                types=[
                    (
                        name,
                        "without end" if each["asked"] is None else short(each["asked"]),
                        short(each["offered"]),
                    )
                    for name, each in plan.get("by_visit", {}).items()
                ],
                template=list(_template(plan)),
            )
        )
    return listed


def _scarce(plan: CapacityOnPaper) -> str:
    """List the resources of the heat map, in words."""
    others = next((hour["others"] for hour in plan["hours"] if hour.get("others")), {})
    named = ["chairs", "nurses' hands", "nurses' eyes", *map(resource_words, others)]
    return f"{', '.join(named[:-1])} and {named[-1]}"


def _template(plan: CapacityOnPaper) -> Iterator[tuple[str, str, str]]:
    """List the starts of each day by type of visit, where each is for one."""
    for day in plan["weekdays"]:
        by_type: dict[str, list[str]] = {}
        for start in day.get("template", ()):
            by_type.setdefault(start["visit"], []).append(start["at"])
        named = _weeks(DAYS[day["weekday"]], day["of_weeks"])
        yield from ((named, kind, ", ".join(times)) for kind, times in by_type.items())


def _weeks(words: str, share: float) -> str:
    """Write the name or the hours of a day, with the share of weeks in which it is so."""
    return words if share == 1 else f"{words}, {100 * share:.0f} % of weeks"


def _good(asked: float, offered: float, *, warned: bool) -> bool | None:
    if asked > offered:
        return False
    return None if warned else True


def _answer(asked: float | None, offers: str, offered: float) -> str:
    if asked is None:
        return f"The plan offers {offers}. What patients ask for cannot be said on paper."
    if offered <= 0:
        return (
            f"Patients ask for {short(asked)} visits a week once boosters are steady; the plan offers none."
        )
    share = f"{100 * (asked / offered):.0f} %"
    return (
        f"Patients ask for {short(asked)} of the {offers} that the plan offers ({share}), once boosters are steady"
        f"{'' if asked <= offered else ': more than there are'}."
    )


def _count(offered: float) -> str:
    return f"{offered:,}" if isinstance(offered, int) else short(offered)


def _cell(hour: Hour) -> Cell:
    """Show the use of the resource that is used most."""
    uses = {"chairs": hour["chairs"], "nurses' hands": hour["hands"], "nurses' eyes": hour["eyes"]}
    uses |= {resource_words(name): use for name, use in hour.get("others", {}).items()}
    if any(use["offered"] <= 0 and use["used"] > 0 for use in uses.values()):
        return Cell("over", _LEVELS, "needed, and nobody there")
    shares = {name: use["used"] / use["offered"] for name, use in uses.items() if use["offered"] > 0}
    if not shares:
        return Cell()
    most = max(shares, key=lambda name: shares[name])
    share = shares[most]
    return Cell(f"{100 * share:.0f} %", min(_LEVELS, round(share * _LEVELS)), most)


def busiest(paper: Paper) -> str:
    """Say which hour of full days needs most, and of what; empty if nothing is used."""
    used = [
        (cell.shade, _percent(cell.text), day, hour, cell)
        for day, cells in paper.map
        for hour, cell in zip(paper.hours, cells, strict=True)
        if cell.text
    ]
    if not used:
        return ""
    _, _, day, hour, cell = max(used, key=lambda each: each[:2])
    at = f"{day} from {hour:02d}:00 to {hour + 1:02d}:00"
    if cell.text == "over":
        return f"Somebody is needed and nobody is there: {at}."
    return f"Fullest, if every start is taken: {cell.title}, {at} ({cell.text})."


def _percent(text: str) -> float:
    return float("inf") if text == "over" else float(text.removesuffix(" %"))
