"""Words that several tables share."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

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
