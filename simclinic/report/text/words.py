"""Phrases that several tables share."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from simclinic.experiment.failure import Failure
from simclinic.measures import KPIS
from simclinic.measures.adjusted import METHOD
from simclinic.measures.intervals import CONSTANT, NONE_SEEN
from simclinic.planning.capacity import WithHolidays
from simclinic.report.text.parts import label_of
from simclinic.report.text.table import Table, Text
from simclinic.results.document import Horizon, PanelCount

DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
"""Weekdays for people, by their names in scenarios."""

LIMITS = {
    "hands": "nurses' hands",
    "eyes": "nurses' eyes",
    "nurses": "nurses",
    "hours": "opening hours",
    "listed": "the listed starts",
    "chairs and nurses": "chairs and nurses together",
    "several": "several resources together",
    "walk-in": "nothing: no book",
}
"""What limits a plan, in words; a limit that is not listed is shown by its name."""


def resource_words(name: str) -> str:
    """Name what limits a plan.

    >>> resource_words("eyes"), resource_words("places:room"), resource_words("hands:prescriber")
    ("nurses' eyes", 'room', 'prescriber: hands')
    >>> resource_words("staff:prescriber")
    'prescriber'
    >>> resource_words("several:room and nurses")
    'room and nurses together'
    """
    what, _, part = name.partition(":")
    if not part:
        return LIMITS.get(name, name)
    if what == "several":
        return f"{part} together"
    return part if what in ("places", "staff") else f"{part}: {what}"


def setting_text(value: object) -> str:
    """Write the value of a setting in a table: weekdays as people do.

    >>> setting_text(["mon", "tue", "wed"]), setting_text(("tue", "thu")), setting_text(3)
    ('Mon–Wed', 'Tue, Thu', '3')
    """
    if isinstance(value, list | tuple) and value and all(each in DAYS for each in value):
        return weekdays_text(sorted(value, key=[*DAYS].index))
    return str(value)


_MISSING = re.compile(r"(\w+)( (?:cannot|could not) be computed\b.*)", re.DOTALL)


def counted(count: int, what: str) -> str:
    """Count things: "1 week", "2 weeks"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def several(role: str) -> str:
    """Name several of a role or of a kind of place.

    >>> several("prescriber"), several("staff")
    ('prescribers', 'staff')
    """
    return role if role.endswith(("s", "staff")) else f"{role}s"


def with_holidays(days: WithHolidays) -> str:
    """Say how many days are left out of a capacity with holidays: "with 10 of 260 days closed"."""
    return f"with {days['closed']:,} of {counted(days['usual'], 'day')} closed"


def listed(items: Sequence[str]) -> str:
    """List things in a sentence: "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def quoted(name: str) -> str:
    """Write a name in a sentence: in quotation marks if a comma or a full stop in it would end a part of that."""
    return f"“{name}”" if re.search(r"[,;:.]", name) else name


def simulated_again(parts: int, folder: object) -> str:
    """Say how many parts of a results folder were damaged or missing."""
    were = "was" if parts == 1 else "were"
    return f"{counted(parts, 'part')} of {folder} {were} damaged or missing, and simulated again."


def failed_in_folders(failures: Sequence[tuple[str, Failure]], folder: object) -> Iterator[str]:
    """Say how many replications of several scenarios failed, and where to look; nothing if none did.

    Parameters
    ----------
    failures
        The failed replications, with the name of the scenario of each.
    folder
        The results folder of the study.
    """
    if failures:
        name, first = failures[0]
        yield (
            f"{len(failures)} replications failed; the first was number {first.number} of {name}: {first.error}. "
            f"See failures.jsonl in the folders below {folder}."
        )


NEW_ALONE = (
    "Days to begin, the share turned away, and figures of series are of new patients only; all other "
    "figures include today's patients."
)
"""Which figures leave today's patients out, in a study that begins with them."""


def begins_with(panel: PanelCount) -> str:
    """Say with which patients a study begins: "175 patients (waiting 0, in series 8, maintained 167)"."""
    booked = f"booked for a consult {panel['consult']}, " if "consult" in panel else ""
    return (
        f"{counted(panel['patients'], 'patient')} ({booked}waiting {panel['waiting']}, "
        f"in series {panel['series']}, maintained {panel['maintained']})"
    )


def first_day(written: str) -> str:
    """Write the first day of weeks: with the weekday, unless it is a Monday, "Thursday, 2026-01-08"."""
    return dated(written) if dt.date.fromisoformat(written).weekday() else written


def dated(written: str) -> str:
    """Write a day with its weekday: "Monday, 2026-01-05"."""
    return f"{dt.date.fromisoformat(written):%A}, {written}"


def from_heading(written: str) -> str:
    """Head a column with the first days of weeks, the first of which begins on this day: "from", "from Thu"."""
    day = dt.date.fromisoformat(written)
    return f"from {day:%a}" if day.weekday() else "from"


def start_sentence(horizon: Horizon, panel: PanelCount | None) -> str:
    """Say which weeks are measured if the simulation does not begin with an empty clinic; else say nothing."""
    return "" if panel is None and "begin" not in horizon else f" {period(horizon, panel)}."


def period(horizon: Horizon, panel: PanelCount | None) -> str:
    """Say which weeks are measured, and what came before: a warm-up, today's patients, or nothing."""
    weeks = f"{counted(horizon['weeks'], 'week')} from {first_day(horizon['start'])}"
    if panel is not None:
        return f"{weeks}, beginning with {begins_with(panel)}"
    before = counted(horizon["warm_up_weeks"], "week")
    measured = f"{weeks} after {before} of warm-up" if horizon["warm_up_weeks"] else weeks
    return f"{measured}, beginning with a steady clinic" if horizon.get("begin") == "steady" else measured


def weekdays_text(names: Sequence[str], to: str = "–") -> str:
    """Name weekdays shortly, only three neighbours and more as a span: "Mon–Fri", "Mon, Wed, Fri"."""
    week = list(DAYS)
    runs: list[list[str]] = []
    for name in names:
        if runs and week.index(name) == week.index(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    text = [
        f"{DAYS[run[0]]}{to}{DAYS[run[-1]]}" if len(run) > 2 else ", ".join(DAYS[name] for name in run)
        for run in runs
    ]
    return ", ".join(text)


def bullet(text: str, sign: str = "!") -> RenderableType:
    """Format one remark as a list item."""
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column()
    line.add_row(Text(sign, style="yellow"), Text(text))
    return line


def grouped_warnings(warnings: Sequence[str], figures: Iterable[str]) -> list[str]:
    """Merge warnings that give the same reason for several missing figures of a clinic; scripts get a line each."""
    text: dict[str, list[str]] = {}
    for warning in warnings:
        missing = _MISSING.fullmatch(warning)
        if missing is not None and missing[1] in KPIS:
            text.setdefault(missing[2], []).append(missing[1])
        else:
            text.setdefault(warning, [])
    return [
        f"{label_of(names[0], figures) if len(names) == 1 else f'{len(names)} figures' if names else ''}{what}"
        for what, names in text.items()
    ]


def interval_words(kpis: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Explain the words in place of an interval, or beside one, as far as they occur."""
    figures = kpis.values()
    if any(figure.get("method") == METHOD for figure in figures):
        yield (
            "Means of counts, use and money are adjusted: what is known of the simulated patients by chance "
            "is taken off (--plain: without)."
        )
    if any(figure.get("method") == NONE_SEEN for figure in figures):
        yield (
            "Below (or above) a bound: no exception was seen in any replication, but one may still happen; "
            "the bound covers that with 95 % confidence."
        )
    if any(figure.get("method") == CONSTANT for figure in figures):
        yield "Always the same: equal in every replication, so no interval can be computed."
    rough = [each for figure in figures if (each := figure.get("coverage")) is not None]
    if rough:
        yield (
            f"Rough: the figure lies at a bound in most replications, so its 95 % interval contains the mean less "
            f"often than it should (in {100 * min(rough):.0f} of 100 cases with 10 replications, where it was "
            "measured). More replications remedy this."
        )
