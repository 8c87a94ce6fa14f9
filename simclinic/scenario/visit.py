"""The patient's visit: an ordered list of steps, and what may go wrong in them.

A step holds a place, a chair unless it says otherwise, and claims staff by role. `nurse = "watch"` with
`patients_per_nurse` and `chair = false` are short forms of `claims` and `place` for the usual clinic.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from simclinic.scenario.distributions import Constant, Exponential, Gamma, Lognormal, WorkTime, typical
from simclinic.scenario.names import Name, Named, Ordered
from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Amount, Minutes, Ordinal, Share
from simclinic.scenario.section import Dropped, Raw, Section, Sequence, TomlTable

MOST_STEPS = 20
"""Most steps of a visit; the typical one has five."""
LEAST_MINUTES = 1
"""Shortest typical length of all steps of a visit together, in minutes."""
CHAIR = "chair"
"""The place of a step that names no other: a treatment chair, of which `clinic.chairs` gives the number."""
NURSE = "nurse"
"""The role of shifts and claims that name no other."""
_EXACT = 1e-9


class Claim(Section):
    """What a step needs of one role: `"hands-on"`, `{ watch = 4 }`, `{ need = "on-site", to_infusion = 1 }`."""

    need: Annotated[Literal["hands-on", "on-site"] | None, Dropped] = None
    """"hands-on": one of them, for this patient alone; "on-site": one of them on duty, who may be busy."""
    watch: Annotated[Annotated[int, Field(ge=1, le=100)] | None, Dropped] = None
    """Patients whom one of them watches at once."""
    from_infusion: Ordinal = 1
    """First infusion for which the claim holds; boosters count on from the series. Default: 1."""
    to_infusion: Annotated[Ordinal | None, Dropped] = None
    """Last infusion for which the claim holds. Default: no last one."""

    @model_validator(mode="before")
    @classmethod
    def _in_a_word(cls, written: Raw) -> Raw:
        return {"need": written} if isinstance(written, str) else written

    @model_validator(mode="after")
    def _one_need(self) -> Claim:
        if (self.need is None) == (self.watch is None):
            raise ValueError(
                'must be "hands-on", "on-site", or watch = the patients whom one of them watches'
            )
        if self.to_infusion is not None and self.to_infusion < self.from_infusion:
            raise ValueError("to_infusion must not lie below from_infusion")
        return self

    def holds(self, infusion: int) -> bool:
        """Tell whether it holds for the infusion of this number, boosters counted on from the series."""
        return _holds(self, infusion)


def _holds(part: Claim | Step, infusion: int) -> bool:
    return part.from_infusion <= infusion <= (infusion if part.to_infusion is None else part.to_infusion)


class Step(Section):
    """One part of the visit: its length, and its need of staff and a place."""

    minutes: WorkTime
    """Length, in minutes."""
    first_visit_extra_minutes: Minutes = 0.0
    """Extra length on a patient's first visit, in minutes. Default: 0."""
    nurse: Literal["hands-on", "watch", "none"] = "none"
    """"hands-on": a nurse for this patient alone; "watch": a nurse for several patients; "none". Default: none."""
    patients_per_nurse: Annotated[Annotated[int, Field(ge=1, le=100)] | None, Dropped] = None
    """Patients whom one nurse watches at once; required with `nurse = "watch"`, and only permitted then."""
    claims: Named[Claim] = Field(default_factory=TomlTable)
    """Claims on roles, by name of the role; `nurse` and `patients_per_nurse` are the short form for nurses alone.

    Default: none."""
    chair: bool = True
    """Whether the step occupies the chair. Default: yes."""
    place: Annotated[Name | None, Dropped] = None
    """The place that the step occupies instead of a chair, of `[places]`. Default: the chair."""
    patient: bool = True
    """Whether the patient is present (turnover: no). Default: yes."""
    probability: Share = 1.0
    """Share of visits that have this step, drawn for each visit. Default: 1."""
    from_infusion: Ordinal = 1
    """First infusion that has this step; boosters count on from the series. Default: 1."""
    to_infusion: Annotated[Ordinal | None, Dropped] = None
    """Last infusion that has this step. Default: no last one."""
    one_of: Annotated[Name | None, Dropped] = None
    """A name that alternatives share: each visit has exactly one of these steps, by their probabilities, which add
    up to 1; all are part of the same infusions. Default: none."""

    @property
    def where(self) -> str | None:
        """The place that the step holds: the chair, or one of `[places]`; None: none."""
        return self.place or (CHAIR if self.chair else None)

    @property
    def needs(self) -> dict[str, Claim]:
        """The claims on each role, nurses first; the short form included."""
        if self.nurse == "none":
            return dict(self.claims)
        return {NURSE: _short(self.nurse, self.patients_per_nurse), **self.claims}

    def holds(self, infusion: int) -> bool:
        """Tell whether the infusion of this number, boosters counted on from the series, has the step."""
        return _holds(self, infusion)

    @property
    def always(self) -> bool:
        """Whether every visit has the step."""
        return self.probability == 1.0 and self.from_infusion == 1 and self.to_infusion is None

    @field_validator("place")
    @classmethod
    def _chair_is_no_place(cls, place: str | None) -> str | None:
        return None if place == CHAIR else place

    @model_validator(mode="after")
    def _wider(self) -> Step:
        if self.place is not None and not self.chair:
            raise ValueError("has a place, so it cannot say chair = false, too")
        if self.nurse != "none" and NURSE in self.claims:
            raise ValueError(
                "says both nurse and claims.nurse; they mean the same, so leave one out "
                f'(nurse = "{self.nurse}" may be in a file that this one extends)'
            )
        if not self.patient and any(claim.need is None for claim in self.claims.values()):
            raise ValueError("watch needs a step with the patient")
        if self.one_of is not None and not self.patient:
            raise ValueError("one_of is for steps with the patient")
        if self.to_infusion is not None and self.to_infusion < self.from_infusion:
            raise ValueError("to_infusion must not lie below from_infusion")
        return self

    @model_validator(mode="after")
    def _watching(self) -> Step:
        if self.nurse == "watch" and self.patients_per_nurse is None:
            raise ValueError('nurse = "watch" needs patients_per_nurse')
        if self.nurse != "watch" and self.patients_per_nurse is not None:
            raise ValueError('patients_per_nurse is for nurse = "watch" only')
        if self.nurse == "watch" and not self.patient:
            raise ValueError('nurse = "watch" needs a step with the patient')
        return self


@cache
def _short(nurse: Literal["hands-on", "watch"], patients_per_nurse: int | None) -> Claim:
    """Return the claim that the short form of a step stands for; it is asked for often."""
    return Claim(watch=patients_per_nurse) if nurse == "watch" else Claim(need=nurse)


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

    @property
    def plain(self) -> bool:
        """Whether visits always have the same steps, are cleaned up at the end, and claim nurses alone."""
        steps = list(self.steps.values())
        cleaned_meanwhile = any(later.patient and not step.patient for step, later in pairwise(steps))
        return not cleaned_meanwhile and not any(step.claims or not step.always for step in steps)

    @model_validator(mode="after")
    def _fit_together(self) -> Visit:
        self._clean_where_it_was_left()
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

    def _clean_where_it_was_left(self) -> None:
        """Move a step without the patient to the end of the steps in its place: it begins when that is left."""
        steps = list(self.steps.items())
        for name, step in list(steps):
            at = steps.index((name, step))
            held = [number for number, (_, other) in enumerate(steps[:at]) if other.where == step.where]
            if not step.patient and step.where and held and held[-1] < at - 1:
                steps.insert(held[-1] + 1, steps.pop(at))
        if [name for name, _ in steps] != list(self.steps):
            object.__setattr__(self, "steps", Sequence(steps))

    def _check_order(self, broken: Broken) -> None:
        present = [number for number, step in enumerate(self.steps.values()) if step.patient]
        if not any(step.where and step.patient for step in self.steps.values()):
            broken.add(
                ("steps",), "must have at least one step with the patient in a chair, or another place"
            )
            return
        if sum(step.probability * typical(step.minutes) for step in self.steps.values()) < LEAST_MINUTES:
            rule = (
                f"must together take at least {LEAST_MINUTES} minute: any number of visits without length would "
                "fit into a day"
            )
            broken.add(("steps",), rule)
        self._check_places(broken)
        held = None
        for number, (name, step) in enumerate(self.steps.items()):
            if not step.patient and number < present[-1] and (step.where is None or step.where != held):
                rule = (
                    "a step without the patient must come after the last step with the patient, or keep the place "
                    "of the step before it"
                )
                broken.add(("steps", name, "patient"), rule, step.patient)
            held = step.where
        self._check_alternatives(broken)

    def _check_places(self, broken: Broken) -> None:
        """Require that a visit holds each place once, without a break."""
        steps = list(self.steps.items())
        for place in dict.fromkeys(step.where for _, step in steps if step.where):
            held = [number for number, (_, step) in enumerate(steps) if step.where == place]
            for name, step in steps[held[0] : held[-1]]:
                if step.where != place:
                    what = "a chair" if place == CHAIR else f"the place {place!r}"
                    rule = f"a step without {what} must come before the first or after the last step with "
                    at = ("steps", name, "place" if step.place else "chair")
                    broken.add(at, rule + ("a chair" if place == CHAIR else "it"), step.place or step.chair)

    def _check_alternatives(self, broken: Broken) -> None:
        shares: dict[str, float] = {}
        first: dict[str, str] = {}
        for name, step in self.steps.items():
            if step.one_of is None:
                continue
            shares[step.one_of] = shares.get(step.one_of, 0.0) + step.probability
            other = self.steps[first.setdefault(step.one_of, name)]
            if (step.from_infusion, step.to_infusion) != (other.from_infusion, other.to_infusion):
                rule = (
                    f"the alternatives {step.one_of!r} must be part of the same infusions: from_infusion and "
                    f"to_infusion as in the step {first[step.one_of]!r}"
                )
                broken.add(("steps", name, "one_of"), rule, step.one_of)
        for name, step in self.steps.items():
            if step.one_of in shares and abs(total := shares.pop(step.one_of) - 1.0) > _EXACT:
                rule = f"the alternatives {step.one_of!r} must add up to 1, not {1 + total:.6g}"
                broken.add(("steps", name, "probability"), rule, step.probability)


class VisitType(Visit):
    """A further type of visit: its steps, and its own prices."""

    steps: Annotated[Ordered[Step], Field(min_length=1, max_length=MOST_STEPS)]
    """The steps, in order."""
    complications: Named[Complication] = Field(default_factory=TomlTable)
    """Events that may lengthen a step. Default: none."""
    price: Annotated[Amount | None, Dropped] = None
    """Price of a visit. Default: that of an infusion, of a booster or of a consult (`[finance]`)."""
    supplies: Annotated[Amount | None, Dropped] = None
    """Cost of supplies for a visit. Default: as for an infusion; of a consult: none."""
    drug: Annotated[Amount | None, Dropped] = None
    """Cost of the drug for a visit. Default: as for an infusion; of a consult: none."""


class Role(Section):
    """A kind of staff besides nurses."""

    hour: Amount
    """Wage per rostered hour."""
    on_costs: Annotated[Amount | None, Dropped] = None
    """Factor on the wage for the employer's additional costs. Default: `finance.on_costs`."""


class Place(Section):
    """Places other than treatment chairs: private rooms, consult rooms, an injection bay."""

    number: Ordinal
    """How many there are."""
