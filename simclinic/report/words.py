"""Words that several tables share."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simclinic.measures import KPIS

DAYS = {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"}
"""Weekdays for people, by their names in scenarios."""

LIMITS = {
    "hands": "nurses' hands",
    "eyes": "nurses' eyes",
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
