"""The patient's visit: an ordered list of steps, and what may go wrong in them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simclinic.scenario.distributions import Constant, Exponential, Gamma, Lognormal, WorkTime, typical
from simclinic.scenario.names import Named, Ordered
from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Minutes, Ordinal, Share
from simclinic.scenario.section import Dropped, Raw, Section, Sequence, TomlTable

MOST_STEPS = 20
"""Most steps of a visit; the typical one has five."""
LEAST_MINUTES = 1
"""Shortest typical length of all steps of a visit together, in minutes."""


class Step(Section):
    """One part of the visit: its length, and its need of a nurse and a chair."""

    minutes: WorkTime
    """Length, in minutes."""
    first_visit_extra_minutes: Minutes = 0.0
    """Extra length on a patient's first visit, in minutes. Default: 0."""
    nurse: Literal["hands-on", "watch", "none"] = "none"
    """"hands-on": a nurse for this patient alone; "watch": a nurse for several patients; "none". Default: none."""
    patients_per_nurse: Annotated[Annotated[int, Field(ge=1, le=100)] | None, Dropped] = None
    """Patients whom one nurse watches at once; required with `nurse = "watch"`, and only permitted then."""
    chair: bool = True
    """Whether the step occupies the chair. Default: yes."""
    patient: bool = True
    """Whether the patient is present (turnover: no). Default: yes."""

    @model_validator(mode="after")
    def _watching(self) -> Step:
        if self.nurse == "watch" and self.patients_per_nurse is None:
            raise ValueError('nurse = "watch" needs patients_per_nurse')
        if self.nurse != "watch" and self.patients_per_nurse is not None:
            raise ValueError('patients_per_nurse is for nurse = "watch" only')
        if self.nurse == "watch" and not self.patient:
            raise ValueError('nurse = "watch" needs a step with the patient')
        return self


class Complication(Section):
    """An event that lengthens a step, with a probability that depends on the infusion's number."""

    step: str
    """The step it lengthens."""
    probability: Share
    """Probability per infusion."""
    from_infusion: Ordinal = 1
    """First infusion at which it can happen; boosters count on from the series. Default: 1."""
    to_infusion: Annotated[Ordinal | None, Dropped] = None
    """Last infusion at which it can happen. Default: no last one."""
    extra_minutes: WorkTime
    """Extra length of the step, in minutes."""

    @model_validator(mode="after")
    def _in_order(self) -> Complication:
        if self.to_infusion is not None and self.to_infusion < self.from_infusion:
            raise ValueError("to_infusion must not lie below from_infusion")
        return self


def typical_steps() -> dict[str, Step]:
    """Return the steps of the typical visit, about 110 minutes in the chair.

    Preparation 15 minutes (vitals, scale, IV) and 20 more on the first visit: clinics' pages (assumed).
    Infusion 40 minutes: Murrough 2013 (seen); two patients per nurse (assumed: no figure for ketamine,
    1.7-3.6 for chemotherapy). Recovery: lognormal with median 32 and sigma 0.32, at least 30, from
    readiness for discharge after esketamine (assumed; range 15-120); four patients per nurse (assumed).
    Discharge and turnover 10 minutes (assumed).
    """
    return Sequence(
        {
            "preparation": Step(
                minutes=Gamma(mean=15.0, cv=0.3), first_visit_extra_minutes=20.0, nurse="hands-on"
            ),
            "infusion": Step(minutes=Constant(value=40.0), nurse="watch", patients_per_nurse=2),
            "recovery": Step(
                minutes=Lognormal(median=32.0, sigma=0.32, at_least=30.0),
                nurse="watch",
                patients_per_nurse=4,
            ),
            "discharge": Step(minutes=Gamma(mean=10.0, cv=0.3), nurse="hands-on"),
            "turnover": Step(minutes=Constant(value=10.0), patient=False),
        }
    )


def typical_complications() -> dict[str, Complication]:
    """Return the complications of the typical visit.

    Severe hypertension: 23 events in 2,342 infusions, 43 % of them in the first three (seen; split
    derived); 30 more minutes (assumed). Prolonged recovery: 3.5 %, the upper bound for esketamine (seen);
    exponential with a mean of 45 minutes (assumed).
    """
    return TomlTable(
        {
            "prolonged-recovery": Complication(
                step="recovery", probability=0.035, extra_minutes=Exponential(mean=45.0)
            ),
            "severe-hypertension-early": Complication(
                step="infusion",
                probability=0.024,
                from_infusion=1,
                to_infusion=3,
                extra_minutes=Constant(value=30.0),
            ),
            "severe-hypertension-later": Complication(
                step="infusion", probability=0.0067, from_infusion=4, extra_minutes=Constant(value=30.0)
            ),
        }
    )


class Visit(Section):
    """The visit, from a patient's arrival until the chair is free again."""

    steps: Annotated[Ordered[Step], Field(max_length=MOST_STEPS)] = Field(default_factory=typical_steps)
    """The steps, in order. Default: preparation, infusion, recovery, discharge, turnover."""
    complications: Named[Complication] = Field(default_factory=typical_complications)
    """Events that may lengthen a step.

    Default: severe hypertension and prolonged recovery; none if the file defines its own steps."""

    @model_validator(mode="before")
    @classmethod
    def _own_steps_own_complications(cls, table: Raw) -> Raw:
        # The default complications refer to the default steps.
        if isinstance(table, dict) and "steps" in table and "complications" not in table:
            return {**table, "complications": {}}
        return table

    @model_validator(mode="after")
    def _fit_together(self) -> Visit:
        broken = Broken()
        self._check_order(broken)
        for name, complication in self.complications.items():
            step = self.steps.get(complication.step)
            at = ("complications", name, "step")
            if step is None:
                broken.add(at, "must name a step of the visit", complication.step, self.steps)
            elif not step.patient:
                broken.add(at, "must name a step in which the patient is present", complication.step)
        broken.raise_if_any()
        return self

    def _check_order(self, broken: Broken) -> None:
        in_chair = [number for number, step in enumerate(self.steps.values()) if step.chair]
        present = [number for number, step in enumerate(self.steps.values()) if step.patient]
        if not any(step.chair and step.patient for step in self.steps.values()):
            broken.add(("steps",), "must have at least one step with the patient in a chair")
            return
        if sum(typical(step.minutes) for step in self.steps.values()) < LEAST_MINUTES:
            rule = (
                f"must together take at least {LEAST_MINUTES} minute: any number of visits without length would "
                "fit into a day"
            )
            broken.add(("steps",), rule)
        for number, (name, step) in enumerate(self.steps.items()):
            if not step.chair and in_chair[0] < number < in_chair[-1]:
                rule = "a step without a chair must come before the first or after the last step with a chair"
                broken.add(("steps", name, "chair"), rule, step.chair)
            if not step.patient and number < present[-1]:
                rule = "a step without the patient must come after the last step with the patient"
                broken.add(("steps", name, "patient"), rule, step.patient)
