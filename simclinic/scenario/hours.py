"""Times of day in scenario files: `"08:00-17:00"`, `"24h"`, `"08:00-12:00, 13:00-17:00"`, `"09:30"`.

>>> Span.read("08:00-17:00")
Span(start=480, end=1020)
>>> str(Span(0, 1440))
'24h'
>>> hours = Hours.read(["08:00-12:00", "13:00-17:00"])
>>> hours.minutes, str(hours)
(480, '08:00-12:00, 13:00-17:00')
>>> str(Hours.read({"hours": "09:00-13:00", "weeks": [1, 3]}))
'09:00-13:00 (1st and 3rd of the month)'

Times are minutes after midnight. A span ends on the day it begins: a night shift is two shifts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from simclinic.scenario.problems import Broken
from simclinic.scenario.section import Raw, Section
from simclinic.scenario.weeks import EVERY_WEEK, Every, OfMonth, Since, Weeks, read_weeks

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
    """A span of one day: a shift, a break, a part of the opening hours.

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
        if isinstance(written, list | tuple) or (isinstance(written, str) and "," in written):
            raise ValueError(
                'must be one span, such as "08:00-17:00": if staff go home at noon, write a shift for each span; '
                "if they stay, one shift with a break"
            )
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


@dataclass(frozen=True, slots=True)
class Hours:
    """The opening hours of a weekday: one span, or several with pauses, closed hours, between them.

    Attributes
    ----------
    spans
        In order; each begins after the one before has ended.
    weeks
        The weeks in which they hold.
    """

    spans: tuple[Span, ...]
    weeks: Weeks = EVERY_WEEK

    PATTERN = rf"^(?:24h|{_TIME}-{_END}(?: *, *{_TIME}-{_END})*)$"

    @property
    def start(self) -> int:
        """The first opening, in minutes after midnight."""
        return self.spans[0].start

    @property
    def end(self) -> int:
        """The last closing, in minutes after midnight."""
        return self.spans[-1].end

    @property
    def minutes(self) -> int:
        """Length in minutes, closed hours left out."""
        return sum(span.minutes for span in self.spans)

    @property
    def middle(self) -> float:
        """The minute after midnight at which half of the open time has passed."""
        left = self.minutes / 2
        for span in self.spans:
            if left <= span.minutes:
                return span.start + left
            left -= span.minutes
        raise AssertionError("half of the open time lies within it")

    @property
    def pauses(self) -> tuple[Span, ...]:
        """The closed hours between the spans."""
        return tuple(Span(earlier.end, later.start) for earlier, later in pairwise(self.spans))

    def open_at(self, minute: float) -> bool:
        """Tell whether a minute after midnight lies in a span; the end of a span does not."""
        return any(span.start <= minute < span.end for span in self.spans)

    def overlap(self, other: Span) -> bool:
        """Tell whether the clinic is open at any time of a span."""
        return any(span.start < other.end and other.start < span.end for span in self.spans)

    def longer(self, earlier: int = 0, later: int = 0) -> Hours:
        """Return the hours with an earlier first opening and a later last closing, both in minutes."""
        return self.reaching(self.start - earlier, self.end + later)

    def reaching(self, start: int, end: int) -> Hours:
        """Return the hours with another first opening and another last closing; pauses stay as far as they fit."""
        inner = [pause for pause in self.pauses if start < pause.start and pause.end < end]
        edges = [start, *(minute for pause in inner for minute in (pause.start, pause.end)), end]
        spans = tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))
        return Hours(spans, self.weeks)

    def written(self) -> str | dict[str, Any]:
        """Return the value of the setting: a text, or a table if the hours hold in some weeks only."""
        text = ", ".join(str(span) for span in self.spans)
        return text if self.weeks.all else {"hours": text, **self.weeks.written()}

    def __str__(self) -> str:
        text = ", ".join(str(span) for span in self.spans)
        return text if self.weeks.all else f"{text} ({self.weeks})"

    @classmethod
    def of(cls, start: int, end: int) -> Hours:
        """Return the hours of a day with one span."""
        return cls((Span(start, end),))

    @classmethod
    def read(cls, written: object) -> Hours:
        """Read one span as text, or several: as a list of texts, or as one text with commas; or a table with weeks.

        Raises
        ------
        Broken
            With everything that is wrong with the spans.
        ValidationError
            If a table is none of hours.
        """
        if isinstance(written, Hours):
            return written
        if isinstance(written, dict):
            return InSomeWeeks.model_validate(written).as_hours()
        if isinstance(written, Span):
            return cls((written,))
        listed = isinstance(written, list | tuple)
        parts: list[Any] = (
            list(written)  # type: ignore[call-overload]
            if listed
            else re.split(" *, *", written)
            if isinstance(written, str)
            else [written]
        )
        broken = Broken()
        spans: list[Span] = []
        if not parts:
            broken.add((), "must have at least one span; leave a closed weekday out")
        for place, part in enumerate(parts):
            try:
                spans.append(Span.read(part))
            except ValueError as error:
                at = (place,) if listed else ()
                several = len(parts) > 1 or listed
                broken.add(at, str(error), part if several else written)
        for earlier, later in pairwise(spans):
            if later.start <= earlier.end:
                broken.add((), _clash(earlier, later))
        broken.raise_if_any()
        return cls(tuple(spans))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Raw, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.no_info_plain_validator_function(cls.read)
        table = core_schema.no_info_after_validator_function(
            InSomeWeeks.as_hours, handler.generate_schema(InSomeWeeks)
        )
        return core_schema.tagged_union_schema(
            {"text": text, "table": table},
            lambda written: "table" if isinstance(written, dict) else "text",
            serialization=core_schema.plain_serializer_function_ser_schema(cls.written),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        assert schema["type"] == "tagged-union"
        return {
            "anyOf": [
                *cls.SPANS["anyOf"],
                handler(schema["choices"]["table"]),
            ]
        }

    SPANS: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {
                "type": "string",
                "pattern": PATTERN,
                "examples": ["08:00-17:00", "24h", "08:00-12:00, 13:00-17:00"],
            },
            {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": Span.PATTERN, "examples": ["08:00-12:00"]},
            },
        ]
    }


def _spans(written: object) -> Hours:
    """Read spans that are no table."""
    if isinstance(written, dict):
        raise ValueError('must be hours such as "08:00-17:00", or a list of them')  # noqa: TRY004 (pydantic collects this kind)
    return Hours.read(written)


class InSomeWeeks(Section):
    """Opening hours of a weekday that hold in some weeks only."""

    hours: Annotated[Any, PlainValidator(_spans), WithJsonSchema(Hours.SPANS)]
    """The hours."""
    weeks: OfMonth = None
    """Weeks of the month: `[1, 3]` is the first and third such day of the month. Default: all."""
    every: Every = None
    """Every so many weeks, counted from that of a date; needs `from`. Default: every week."""
    from_: Since = Field(default=None, alias="from")
    """A date in one of those weeks. Default: none."""

    def as_hours(self) -> Hours:
        """Return the hours.

        Raises
        ------
        Broken
            If the weeks do not fit together.
        """
        assert isinstance(self.hours, Hours)
        weeks = read_weeks({"weeks": self.weeks, "every": self.every, "from": self.from_})
        return Hours(self.hours.spans, weeks)


def _clash(earlier: Span, later: Span) -> str:
    """Say what is wrong with two spans of a day, the second of which begins before the first has ended."""
    if later.end <= earlier.start:
        return f"the spans must be in order: {later} comes before {earlier}"
    if later.start == earlier.end:
        return f"{earlier} and {later} are one span: write {Span(earlier.start, later.end)}"
    return f"the spans {earlier} and {later} overlap"


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
