"""Ways to book: what the search for the best template chooses from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from simclinic.planning.slack import Slack
from simclinic.planning.typed_template import TypedTemplate
from simclinic.planning.weekly_template import WeeklyTemplate
from simclinic.scenario import Scenario
from simclinic.scenario.hours import Weekday

Key: TypeAlias = tuple[tuple[object, ...], ...]
"""What makes ways to book the same."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """What a way to book has where visits have several plans.

    Attributes
    ----------
    booked
        The scenario that books in this way.
    visits
        By open weekday, the type of visit of each start; in an open book, as a full week would be.
    plans
        Likewise the number of the plan.
    carries
        Share of what is asked for that it has room for, of the plan for which that is least.
    template
        None of ways without one.
    """

    booked: Scenario
    visits: dict[Weekday, tuple[str, ...]]
    plans: dict[Weekday, tuple[int, ...]]
    carries: float
    template: TypedTemplate | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way to book.

    Attributes
    ----------
    name
        Unique.
    starts
        By open weekday, in minutes after midnight.
    planned_minutes
        From the start until the patient leaves; of several types, the mean of those asked for.
    template
        None of the present ways, and of several types of visit.
    slacks
        Those with which this template is the best one.
    mixed
        What it has where visits have several plans; else None.
    """

    name: str
    starts: dict[Weekday, tuple[int, ...]]
    planned_minutes: float
    template: WeeklyTemplate | None = None
    slacks: tuple[Slack, ...] = ()
    mixed: Mixed | None = None

    @property
    def is_template(self) -> bool:
        """Whether it is a template that was found."""
        return bool(self.slacks)

    @property
    def count(self) -> int:
        """Starts a week."""
        return sum(map(len, self.starts.values()))

    @property
    def fullness(self) -> tuple[float, int]:
        """What orders ways, the fullest first: what is carried, if visits have several plans; starts a week."""
        return (0.0 if self.mixed is None else -round(self.mixed.carries, 6)), -self.count

    @property
    def key(self) -> Key:
        """Its starts, and their types: ways with equal ones are the same."""
        starts: Key = tuple(self.starts.values())
        if self.mixed is None:
            return starts
        return ((self.mixed.booked.booking.types,), *starts, *self.mixed.visits.values())
