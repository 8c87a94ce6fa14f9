"""The roster: shifts of nurses."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from simclinic.scenario.hours import Span, Weekday
from simclinic.scenario.names import Name
from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Count, Share
from simclinic.scenario.section import Dropped, Listed, Raw, Section, TomlTable, Unique
from simclinic.scenario.visit import NURSE
from simclinic.scenario.weeks import Every, OfMonth, Since, Weeks, read_weeks


def in_shift(name: str) -> str:
    """Say in which shift, whatever its name: a shift is often called like a day, "saturday".

    >>> f"one more nurse{in_shift('saturday')}"
    'one more nurse in the shift saturday'
    """
    return f" in the shift {name}"


class Shift(Section):
    """A number of nurses, or of others of one role, who work the same hours on the same weekdays."""

    days: Annotated[tuple[Weekday, ...], Listed, Unique, Field(min_length=1)]
    """Weekdays of the shift."""
    hours: Span
    """Working hours."""
    nurses: Count
    """Number of nurses; of another role, `number` says the same."""
    role: Name = NURSE
    """The role: nurses, or one of `[roles]`. Default: nurse."""
    break_: Annotated[Span | None, Dropped] = Field(default=None, alias="break")
    """The nurses' break; it occupies a nurse's hands, not eyes, and begins after the task in progress.

    Nurses take it in two waves: the larger half in this span, the others directly after it. Default: none."""
    break_together: bool = False
    """Whether all nurses take the break in the same span, instead of two waves. Default: no."""
    absence: Share = 0.0
    """Probability that a nurse is away for the whole shift, per nurse and day. Default: 0."""
    weeks: OfMonth = None
    """Weeks of the month: `[1, 3]` is the first and third of each weekday in the month. Default: all."""
    every: Every = None
    """Every so many weeks, counted from that of a date; needs `from`. Default: every week."""
    from_: Since = Field(default=None, alias="from")
    """A date in one of those weeks. Default: none."""

    @model_validator(mode="before")
    @classmethod
    def _number(cls, table: Raw) -> Raw:
        if isinstance(table, dict) and "number" in table:
            if "nurses" in table:
                raise ValueError("says both nurses and number; they mean the same")
            return {("nurses" if key == "number" else key): value for key, value in table.items()}
        return table

    @property
    def break_end(self) -> int | None:
        """The end of the last wave of the break, in minutes after midnight; None without a break."""
        if self.break_ is None:
            return None
        second_wave = not self.break_together and self.nurses > 1
        return self.break_.end + (self.break_.minutes if second_wave else 0)

    @property
    def in_weeks(self) -> Weeks:
        """The weeks in which the shift works."""
        return read_weeks({"weeks": self.weeks, "every": self.every, "from": self.from_})

    @model_validator(mode="after")
    def _fits_together(self) -> Shift:
        broken = Broken()
        if self.break_ is not None and self.break_end is not None:
            if self.break_.start < self.hours.start or self.break_.end > self.hours.end:
                broken.add((), f"the break {self.break_} must lie within the shift's hours {self.hours}")
            elif self.break_end > self.hours.end:
                wave = f"the second wave of the break {self.break_}"
                broken.add((), f"{wave} must end within the shift's hours {self.hours}")
        try:
            read_weeks({"weeks": self.weeks, "every": self.every, "from": self.from_})
        except Broken as other:
            broken.faults += other.faults
        broken.raise_if_any()
        return self


def typical_shifts() -> dict[str, Shift]:
    """Return the roster of the typical clinic: two nurses, from half an hour before opening until after closing."""
    day = Shift.model_validate(
        {
            "days": ("mon", "tue", "wed", "thu", "fri"),
            "hours": Span(450, 1050),
            "nurses": 2,
            "break": Span(720, 750),
            "absence": 0.03,
        }
    )
    return TomlTable({"day": day})
