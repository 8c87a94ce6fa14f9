"""What to simulate: from when, how long, how often, with which seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal, TypedDict

from pydantic import Field

from simclinic.scenario.quantities import Weeks
from simclinic.scenario.section import Dropped, Section


class Run(Section):
    """The measured period, the warm-up before it, and the replications."""

    start: Annotated[dt.date, Field(ge=dt.date(1900, 1, 1), le=dt.date(2200, 1, 1))] = dt.date(2026, 1, 5)
    """First measured day. Default: a Monday (assumed)."""
    begin: Literal["steady", "empty"] = "steady"
    """"steady": the patients of the years before are there when the simulation begins; "empty": nobody is.

    Default: steady; replayed referrals have no years before, so they begin empty (assumed)."""
    warm_up_weeks: Annotated[int, Field(ge=0, le=5200)] = 12
    """Weeks simulated before `start` and not measured, in which queues form.

    Default: 12, or patience, a series and four weeks if that is longer; from an empty clinic 0, so that its
    filling is measured; replayed referrals from the first listed one on, at most 520 (assumed)."""
    history_weeks: Annotated[int | None, Field(ge=1, le=3120), Dropped] = None
    """Steady only: how far back patients were referred, in weeks.

    Default: until all but 0.1 % of the boosters lie within it (assumed)."""
    history_delay_days: Annotated[float | None, Field(ge=0, le=365), Dropped] = None
    """Steady only: days by which competition for starts delayed visits before the simulation.

    It holds for first infusions, boosters, and consults that are visits.
    Default: as pilot runs find it."""
    weeks: Weeks = 52
    """Weeks measured. Default: a year (assumed)."""
    replications: Annotated[int, Field(ge=1, le=1_000_000)] = 30
    """How many times the period is simulated, each with other random inputs. Default: assumed."""
    seed: Annotated[int, Field(ge=0, lt=2**128)] = 1
    """All random inputs follow from it: a whole number from 0 to 2^128 - 1. Default: assumed."""
    engine: Literal["auto", "simpy", "fast"] = "auto"
    """The engine that simulates; no figure depends on it. "simpy", "fast" (compiled; extra `fast`), or "auto".

    Default: "auto", the compiled one where `simclinic warm` has compiled it and it covers the clinic (assumed)."""

    def completed(
        self, begin: Literal["steady", "empty"], warm_up_weeks: int, chosen: AbstractSet[str]
    ) -> Run:
        """Return these settings with another beginning and warm-up, of which `chosen` were set in the file."""
        values = {**dict(self), "begin": begin, "warm_up_weeks": warm_up_weeks}
        return Run.model_construct(_fields_set=set(chosen), **values)


class RunSettings(TypedDict, total=False):
    """Settings of :class:`Run` that the program itself changes or leaves out of a hash; None: as they are."""

    start: dt.date | None
    begin: Literal["steady", "empty"] | None
    history_weeks: int | None
    history_delay_days: float | None
    warm_up_weeks: int | None
    weeks: int | None
    replications: int | None
    seed: int | None
    engine: Literal["auto", "simpy", "fast"] | None
