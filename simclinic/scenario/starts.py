"""Listed starts: times of day, or times for one type of visit: `{ at = "08:00", visit = "esketamine" }`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag

from simclinic.scenario.hours import TimeOfDay, Weekday, by_weekday, clock
from simclinic.scenario.names import Name
from simclinic.scenario.section import Dropped, Listed, Raw, Section, TomlTable


class TypedStart(Section):
    """A start for one type of visit."""

    at: TimeOfDay
    """Time of day."""
    visit: Name
    """The type of visit: "infusion" (`[visit]`), or one of `[visits]`."""


Start: TypeAlias = int | TypedStart
"""A start: minutes after midnight, or those with a type of visit."""


def _form(written: Raw) -> str:
    return "table" if isinstance(written, dict | TypedStart) else "time"


def minute_of(start: Start) -> int:
    """Return the minutes after midnight of a start."""
    return start if isinstance(start, int) else start.at


def written(start: Start) -> str | dict[str, str]:
    """Return a start as a file has it."""
    return clock(start) if isinstance(start, int) else {"at": clock(start.at), "visit": start.visit}


def minutes_of(starts: Iterable[Start]) -> tuple[int, ...]:
    """Return the minutes after midnight of starts."""
    return tuple(minute_of(start) for start in starts)


def _listed_days(entries: dict[Weekday, tuple[Start, ...]] | None) -> dict[Weekday, tuple[Start, ...]] | None:
    return TomlTable(by_weekday(entries)) if entries else None


_Starts = Annotated[
    tuple[
        Annotated[
            Annotated[TimeOfDay, Tag("time")] | Annotated[TypedStart, Tag("table")], Discriminator(_form)
        ],
        ...,
    ],
    Field(max_length=5000),
    AfterValidator(lambda starts: tuple(sorted(starts, key=minute_of))),
    Listed,
]

Starts = Annotated[dict[Weekday, _Starts] | None, AfterValidator(_listed_days), Dropped]
"""Listed starts by weekday."""
