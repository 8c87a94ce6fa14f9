"""The whole scenario: one clinic, its patients, its prices, and the period to simulate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator

from simclinic.scenario.attendance import Attendance
from simclinic.scenario.beginning import completed
from simclinic.scenario.booking import Booking
from simclinic.scenario.boosters import Boosters
from simclinic.scenario.calibrated import Calibrated
from simclinic.scenario.changes import Situation, read_changes, situations, violations_after, write_changes
from simclinic.scenario.clinic import Clinic
from simclinic.scenario.demand import Demand
from simclinic.scenario.dosing import Dosing
from simclinic.scenario.finance import Finance
from simclinic.scenario.intake import Intake
from simclinic.scenario.laws import Laws, with_part
from simclinic.scenario.names import MOST_NAMED, Named
from simclinic.scenario.own import Own
from simclinic.scenario.problems import Broken
from simclinic.scenario.protocols import INFUSION, Protocol, named_types, typical_protocols
from simclinic.scenario.relapse import Relapse
from simclinic.scenario.response import Response
from simclinic.scenario.run import Run
from simclinic.scenario.section import ByName, Dropped, Frozen, Section, TomlTable
from simclinic.scenario.shifts import Shift, typical_shifts
from simclinic.scenario.targets import Targets
from simclinic.scenario.uncertainty import Uncertainty
from simclinic.scenario.visit import NURSE, Place, Role, Step, Visit, VisitType


def _one_line(written: str) -> str:
    if not written.strip():
        raise ValueError("must not be empty")
    if not written.isprintable():
        raise ValueError("must be one line of printable characters")
    return written


class Scenario(Section):
    """All inputs of a simulation, validated and frozen.

    Attributes correspond to addresses in scenario files: `scenario.clinic.chairs` is `[clinic] chairs`, and
    `scenario.shifts["day"].nurses` is `[shifts.day] nurses`.
    """

    name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
    """The name of the scenario in tables and figures."""
    description: Annotated[str, Field(max_length=20_000)] = ""
    """The question it answers."""
    run: Run = Field(default_factory=Run)
    """The measured period, the warm-up, the replications."""
    clinic: Clinic = Field(default_factory=Clinic)
    """Chairs and opening hours."""
    shifts: Named[Shift] = Field(default_factory=typical_shifts)
    """The roster, by name of the shift. Default: one shift "day" of two nurses."""
    demand: Demand = Field(default_factory=Demand)
    """New patients."""
    intake: Intake = Field(default_factory=Intake)
    """The steps from referral to booking."""
    protocols: Named[Protocol] = Field(default_factory=typical_protocols)
    """The series, by name. Default: "twice-weekly" and "thrice-weekly"."""
    booking: Booking = Field(default_factory=Booking)
    """The rules of the book."""
    attendance: Attendance = Field(default_factory=Attendance)
    """Missed appointments and punctuality."""
    visit: Visit = Field(default_factory=Visit)
    """The steps of a visit; of the type "infusion" if there are others."""
    visits: Named[VisitType] = Field(default_factory=TomlTable)
    """Further types of visit, by name. Default: none."""
    roles: Named[Role] = Field(default_factory=TomlTable)
    """Staff besides nurses, by name of the role. Default: none."""
    places: Named[Place] = Field(default_factory=TomlTable)
    """Places besides the chairs, by name. Default: none."""
    response: Response = Field(default_factory=Response)
    """Response and dropping out."""
    relapse: Relapse = Field(default_factory=Relapse)
    """The duration of a response."""
    boosters: Boosters = Field(default_factory=Boosters)
    """The booster programme."""
    dosing: Dosing = Field(default_factory=Dosing)
    """Doses."""
    finance: Finance = Field(default_factory=Finance)
    """Prices and costs."""
    targets: Targets = Field(default_factory=Targets)
    """The limits for verdicts."""
    own: Own = Field(default_factory=Own)
    """What comes from other packages, or from the script that is running."""
    changes: Annotated[
        dict[dt.date, dict[str, Any]],
        Field(max_length=MOST_NAMED),
        BeforeValidator(read_changes),
        Frozen,
        ByName,
        violations_after,
        write_changes,
    ] = Field(default_factory=TomlTable)
    """For each date, addresses in clinic, shifts or demand and their values from that date on. Default: none."""

    uncertainty: Named[Uncertainty] = Field(default_factory=TomlTable)
    """Uncertainty of estimated settings, by name; forecasts draw them anew for each replication. Default: none."""
    calibrated: Annotated[Calibrated | None, Dropped] = None
    """The state of the clinic when it was calibrated; changes no simulation. Default: not calibrated."""

    _situations: tuple[Situation, ...] = PrivateAttr(default=())
    _laws: dict[str, Laws] = PrivateAttr(default_factory=TomlTable)

    @model_validator(mode="after")
    def _fits_together(self) -> Scenario:
        if self.booking.mode == "walk-in":
            object.__setattr__(self, "intake", self.intake.without_delays())
        run = completed(
            self.run,
            self.booking,
            self.protocols.values(),
            self.demand.referrals,
            calibrated=self.calibrated is not None,
        )
        object.__setattr__(self, "run", run)
        broken = Broken()
        self._situations = situations(self.clinic, self.shifts, self.demand, self.changes, broken)
        sections = {name: getattr(self, name) for name in type(self).model_fields}
        broken.faults += violations_after(sections, self._situations, self.changes)
        broken.raise_if_any()
        self._laws = TomlTable(
            (
                name,
                Laws(
                    with_part(self.response, protocol.response),
                    with_part(self.relapse, protocol.relapse),
                    with_part(self.boosters, protocol.boosters),
                ),
            )
            for name, protocol in self.protocols.items()
        )
        return self

    @cached_property
    def visit_types(self) -> dict[str, Visit]:
        """The types of visit that its protocols and its intake name, "infusion" first."""
        named = named_types(self.protocols, self.intake)
        known: dict[str, Visit] = {INFUSION: self.visit, **self.visits}
        return {name: visit for name, visit in known.items() if name in named}

    @cached_property
    def steps(self) -> dict[str, Step]:
        """The steps of all its visits, in the order of the tables' columns; of several types by `type/step`."""
        several = len(self.visit_types) > 1
        return {
            f"{kind}/{name}" if several else name: step
            for kind, visit in self.visit_types.items()
            for name, step in visit.steps.items()
        }

    @cached_property
    def staff(self) -> tuple[str, ...]:
        """The roles that work in the clinic: nurses first, then the others by name."""
        return (NURSE, *(role for role in self.roles if role != NURSE))

    @cached_property
    def simple(self) -> bool:
        """Whether there is only `[visit]`, which always has the same steps, and needs chairs and nurses alone."""
        return list(self.visit_types) == [INFUSION] and not (self.roles or self.places) and self.visit.plain

    @property
    def laws(self) -> dict[str, Laws]:
        """What holds for the patients of each protocol, in the order of `protocols`."""
        return self._laws

    def wage(self, role: str) -> float:
        """Return what an hour of a role costs, on-costs included."""
        if role not in self.roles:
            return float(self.finance.nurse_hour * self.finance.on_costs)
        own = self.roles[role]
        return float(own.hour * (self.finance.on_costs if own.on_costs is None else own.on_costs))

    @property
    def change_dates(self) -> tuple[dt.date, ...]:
        """The dates of all changes, in order."""
        return tuple(sorted(self.changes))

    @property
    def meant_to_change(self) -> str:
        """The reason, in words, why no warm-up makes the clinic steady; empty if there is none."""
        if self.demand.referrals_file or self.demand.referrals:
            return "referrals are replayed from a list"
        if self.demand.growth_per_year:
            return "demand is meant to grow or to fall"
        if self.change_dates:
            return "the plan changes at a date"
        return ""

    def but_for_replications(self) -> Scenario:
        """Return a copy that is equal for all scenarios that differ in the number of replications alone."""
        return self.model_copy(update={"run": self.run.model_copy(update={"replications": 1})})

    def with_shifts(self, shifts: Mapping[str, Shift]) -> Scenario:
        """Return a copy with other shifts that is not validated: on paper, some visits may lack a role."""
        copy = self.model_copy(update={"shifts": TomlTable(sorted(shifts.items()))})
        copy._situations = situations(copy.clinic, copy.shifts, copy.demand, copy.changes, Broken())  # noqa: SLF001
        return copy

    def at(self, date: dt.date) -> Situation:
        """Return the clinic, the roster and the demand in force on a date."""
        known = self._situations  # pydantic takes its time to find it
        current = known[0]
        for situation in known[1:]:
            if situation.since is not None and situation.since <= date:
                current = situation
        return current


def baseline() -> Scenario:
    """Return the typical clinic: all defaults, as `scenarios/baseline.toml` spells them out.

    >>> baseline().clinic.chairs
    3
    """
    return Scenario(name="Typical clinic")
