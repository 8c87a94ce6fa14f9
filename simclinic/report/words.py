"""Words that several tables share."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from simclinic.measures import KPIS
from simclinic.report.documents import Horizon, PanelCount
from simclinic.report.table import Table

DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
"""Weekdays for people, by their names in scenarios."""

LIMITS = {
    "hands": "nurses' hands",
    "eyes": "nurses' eyes",
    "nurses": "nurses",
    "hours": "opening hours",
    "listed": "the listed starts",
    "chairs and nurses": "chairs and nurses together",
    "walk-in": "nothing: no book",
}
"""What limits a plan, in words; whatever is not here is its own word."""


_MISSING = " cannot be computed: "


def counted(count: int, what: str) -> str:
    """Count things: "1 week", "2 weeks"."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


NEW_ALONE = (
    "Days to a first infusion, the share turned away, and how series went are of new patients alone; everything "
    "else counts today's patients too."
)
"""What figures leave today's patients out, where a study begins with them."""


def begins_with(panel: PanelCount) -> str:
    """Say with which patients a study begins: "175 patients (waiting 0, in series 8, maintained 167)"."""
    return (
        f"{counted(panel['patients'], 'patient')} (waiting {panel['waiting']}, in series {panel['series']}, "
        f"maintained {panel['maintained']})"
    )


def period(horizon: Horizon, panel: PanelCount | None) -> str:
    """Say which weeks are measured, and what came before: a warm-up, today's patients, or nothing."""
    weeks = f"{counted(horizon['weeks'], 'week')} from {horizon['start']}"
    if panel is not None:
        return f"{weeks}, beginning with {begins_with(panel)}"
    before = counted(horizon["warm_up_weeks"], "week")
    return f"{weeks} after {before} of warm-up" if horizon["warm_up_weeks"] else weeks


def bullet(told: str, sign: str = "!") -> RenderableType:
    """Set one remark off."""
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True)
    line.add_column()
    line.add_row(Text(sign, style="yellow"), Text(told))
    return line


def gathered(warnings: Sequence[str]) -> list[str]:
    """Say once what several figures are missing for; scripts get a line for each."""
    told: dict[str, list[str]] = {}
    for warning in warnings:
        name, missing, reason = warning.partition(_MISSING)
        told.setdefault(f"{missing}{reason}" if missing else warning, []).append(name)
    return [
        what
        if not what.startswith(_MISSING)
        else f"{KPIS[names[0]].label if len(names) == 1 else f'{len(names)} figures'}{what}"
        for what, names in told.items()
    ]
