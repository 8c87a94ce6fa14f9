"""Booking: the rules for appointments, and walk-in mode."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from simclinic import plugins
from simclinic.scenario.distributions import Duration
from simclinic.scenario.names import Name
from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Count, Days, Share
from simclinic.scenario.section import Dropped, Listed, Section, Unique
from simclinic.scenario.starts import Starts


def _known(rule: str) -> str:
    if not plugins.known(plugins.BOOKING, rule):
        raise ValueError(plugins.absent(plugins.BOOKING, rule))
    return rule


class Booking(Section):
    """The rules of the book."""

    mode: Literal["booked", "walk-in"] = "booked"
    """"booked": every patient has an appointment; "walk-in": no appointments, first come, first served.

    Default: booked."""
    series: Literal["whole", "rolling"] = "whole"
    """"whole": all infusions of a series are booked at once; "rolling": the next one is booked after each visit.

    Default: whole (assumed)."""
    notice_days: Days = 2
    """Fewest days from the request to a first infusion, or to a consult that is a visit.

    Default: assumed (range 1-7)."""
    booster_notice_days: Days = 1
    """Fewest days from the request to a booster. Default: assumed (range 0-3)."""
    window_weeks: Annotated[int, Field(ge=1, le=520)] = 12
    """How far ahead the book is open, in weeks. Default: assumed (range 4-26)."""
    patience_days: Days = 42
    """Longest wait for a first infusion, or a consult that is a visit, in days, before the patient goes elsewhere.

    Default: assumed (range 14-90)."""
    prefer_days: Days = 7
    """Days that a series may start later so that it gets the preferred gaps. Default: assumed (range 0-14)."""
    start_every_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """Spacing of the grid of start times, in minutes from opening. Default: assumed."""
    booster_reserve: Share = 0.0
    """Share of a day's starts that is reserved for boosters until `release_days` before. Default: none."""
    release_days: Days = 3
    """Days before a date from which series may take its reserved starts, too. Default: assumed."""
    rule: Annotated[Annotated[str, AfterValidator(_known)] | None, Dropped] = None
    """Name of a booking rule of another package, instead of `booster_reserve` and `release_days`. Default: none."""
    types: Literal["open", "typed"] = "open"
    """"open": any start takes any visit that fits; "typed": each start is for one type of visit.

    For clinics with several types of visit, other roles or places. Default: open (assumed)."""
    convert_days: Annotated[Days | None, Dropped] = None
    """Typed only: days before a date from which a free start may serve another type whose planned visit fits.

    Default: a start serves its own type only (assumed; range 0-7)."""
    starts: Starts = None
    """Start times by weekday, instead of the derived grid; a time listed twice starts two visits.

    With `types = "typed"` each may have a type of visit: `{ at = "08:00", visit = "esketamine" }`.
    Default: the grid is derived from chairs, nurses and steps, also on weekdays that are left out."""
    max_series_starts_per_week: Annotated[Count | None, Dropped] = None
    """Most new series that may begin in a week. Default: no limit."""
    max_patients_in_series: Annotated[Count | None, Dropped] = None
    """Most patients who may be in a series at once. Default: no limit."""
    standby: Share = 0.0
    """Share of patients who can come at short notice, drawn once for each: they are offered starts that come free.

    Default: no list is kept (assumed)."""
    standby_notice_hours: Annotated[float, Field(ge=0, le=720)] = 24.0
    """Fewest hours of notice that they need. Default: a day (assumed; range 2-48)."""
    first: Annotated[tuple[Name, ...], Listed, Unique, Field(max_length=100)] = ()
    """Who comes first among those who wait: "booster", "series", or types of visit, in order; then all others.

    They wait for an appointment; in walk-in mode, for a chair or another place.
    Default: in the order of asking (assumed)."""
    patience_minutes: Annotated[Duration | None, Dropped] = None
    """Walk-in only: minutes after which a patient leaves the queue unserved. Default: nobody leaves."""
    waiting_room: Annotated[Count | None, Dropped] = None
    """Walk-in only: places in the waiting room; a patient who finds it full leaves. Default: no limit."""

    @model_validator(mode="after")
    def _queue_needs_walk_in(self) -> Booking:
        broken = Broken()
        if self.rule is not None and (self.mode == "walk-in" or self.booster_reserve):
            broken.add(
                ("rule",), 'rule is for mode = "booked", and replaces booster_reserve: set only one of them'
            )
        if self.mode == "booked":
            for name in ("patience_minutes", "waiting_room"):
                if getattr(self, name) is not None:
                    rule = f'{name} is for mode = "walk-in" only: a patient with an appointment is served'
                    broken.add((name,), rule)
        elif self.standby:
            rule = 'standby is for mode = "booked" only: a walk-in clinic has no appointments'
            broken.add(("standby",), rule)
        broken.raise_if_any()
        return self
