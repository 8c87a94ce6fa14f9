"""Times of day in scenario files: `"08:00-17:00"`, `"24h"`, `"09:30"`.

>>> Span.read("08:00-17:00")
Span(start=480, end=1020)
>>> str(Span(0, 1440))
'24h'

Times are minutes after midnight. A span ends on the day it begins: a night shift is two shifts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from simclinic.scenario.section import Raw

WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Weekdays by their names in scenario files, in the order of `datetime.date.weekday()`."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAY = 1440
"""Minutes in a day."""

_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_END = rf"(?:{_TIME}|24:00)"


def _minutes(written: str) -> int:
    hours, minutes = written.split(":")
    return 60 * int(hours) + int(minutes)


def clock(minutes: int) -> str:
    """Write minutes after midnight as a time of day: 570 is "09:30"."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A span of one day: opening hours, a shift, a break.

    Attributes
    ----------
    start, end
        Minutes after midnight; 0 <= start < end <= 1440.
    """

    start: int
    end: int

    PATTERN = rf"^(?:24h|{_TIME}-{_END})$"

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.end - self.start

    def __str__(self) -> str:
        return "24h" if (self.start, self.end) == (0, DAY) else f"{clock(self.start)}-{clock(self.end)}"

    @classmethod
    def read(cls, written: object) -> Span:
        """Read `"08:00-17:00"` or `"24h"`.

        Raises
        ------
        ValueError
            If the text is neither, or the span does not end after it starts.
        """
        if isinstance(written, Span):
            return written
        if not isinstance(written, str) or re.fullmatch(cls.PATTERN, written, re.ASCII) is None:
            raise ValueError('must be hours such as "08:00-17:00" (in quotes, two digits each), or "24h"')
        if written == "24h":
            return cls(0, DAY)
        start, end = (_minutes(part) for part in written.split("-"))
        if end <= start:
            raise ValueError("must end after it starts; write a span that passes midnight as two")
        return cls(start, end)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Raw, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": cls.PATTERN, "examples": ["08:00-17:00", "24h"]}


def _read_clock(written: object) -> object:
    if not isinstance(written, str) or re.fullmatch(_TIME, written, re.ASCII) is None:
        raise ValueError('must be a time such as "09:30" (in quotes, two digits each)')
    return _minutes(written)


TimeOfDay = Annotated[
    int,
    BeforeValidator(_read_clock),
    PlainSerializer(clock),
    WithJsonSchema({"type": "string", "pattern": f"^{_TIME}$", "examples": ["09:30"]}),
]
"""A time of day, written `"09:30"`, stored in minutes after midnight."""


def by_weekday(entries: dict[Any, Any]) -> dict[Any, Any]:
    """Sort a table keyed by weekday in the order of the week."""
    return {day: entries[day] for day in WEEKDAYS if day in entries}
