"""What every type of visit claims, step by step: for the model, and in whole minutes for the book.

A visit's *plan* depends on its type and on the number of the infusion, because a claim may hold for some infusions
only. Resources are numbered: the chairs, the other places, and for each role its hands and its eyes. Planned steps
take their mean length times their probability. The book counts in whole minutes, so a claim is rounded outwards.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from simclinic.records import BOOSTER
from simclinic.sampling.distributions import mean
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR, Claim, Step, Visit

_CLOSE = 1e-6  # minutes


class PlannedStep(NamedTuple):
    """One step, as the model reads it.

    Attributes
    ----------
    place
        Number of the place it holds; -1: none.
    patient
        Whether the patient is present.
    hands
        Roles of which it takes one for itself.
    eyes
        Roles that watch, each with the shares of attention it takes.
    on_site
        Roles of which one must be on duty.
    flows_on
        Whether the next step of the patient follows without a request.
    """

    place: int
    patient: bool
    hands: tuple[int, ...]
    eyes: tuple[tuple[int, int], ...]
    on_site: tuple[int, ...]
    flows_on: bool

    @property
    def roles(self) -> frozenset[int]:
        """The roles that it needs."""
        return frozenset((*self.hands, *(role for role, _ in self.eyes), *self.on_site))


class Use(NamedTuple):
    """Part of a planned visit: from `start` to `end`, whole minutes after it begins, it takes `amount`."""

    resource: int
    start: int
    end: int
    amount: int


class VisitPlan(NamedTuple):
    """The plan of a visit of one type, for some infusions.

    Attributes
    ----------
    kind
        Number of the type.
    first
        The column of its first step in the tables.
    steps
        In order.
    uses
        What it takes of each resource.
    present
        Pairs of a role and the planned minute from which one of it must be on duty.
    on_site
        Stretches (role, start, end) for which one of a role must be on duty.
    patient_minutes
        When the patient leaves.
    chair_minutes
        From taking a chair to leaving it to the next patient, cleaning included.
    other_roles
        Pairs of the number of a step with the patient and a role besides the nurses that it needs.
    needs_nurses
        Whether it begins only when nurses are there.
    """

    kind: int
    first: int
    steps: tuple[PlannedStep, ...]
    uses: tuple[Use, ...]
    present: tuple[tuple[int, int], ...]
    on_site: tuple[tuple[int, int, int], ...]
    patient_minutes: float
    chair_minutes: float
    other_roles: tuple[tuple[int, int], ...]
    needs_nurses: bool


class VisitPlans:
    """The plans of all types of visit of a clinic.

    Parameters
    ----------
    scenario
        The clinic.

    Attributes
    ----------
    types, places, roles
        Names, by number; the chair is the first place, and nurses are the first role.
    shares
        By role, the shares into which the attention of one of them is divided.
    plans
        All plans.
    last_edge
        The greatest number of an infusion from which on other claims hold; at least 1.
    by_type
        By type, the numbers of infusions from which on other claims hold, and the number of the first's plan.
    keeps_place
        Whether a patient keeps the present place while waiting for the next: if no type of visit takes the places
        in another order.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.types = tuple(scenario.visit_types)
        self.places = (CHAIR, *(place for place in scenario.places if place != CHAIR))
        self.roles = scenario.staff
        steps = scenario.steps.values()
        self.shares = [
            math.lcm(
                *(
                    claim.watch
                    for step in steps
                    for name, claim in step.needs.items()
                    if name == role and claim.watch
                )
            )
            for role in self.roles
        ]
        self.keeps_place = keeps_place(scenario)
        self.plans: list[VisitPlan] = []
        starts: dict[str, tuple[list[int], list[int]]] = {}
        self.last_edge = 1
        first = 0
        for kind, (name, visit) in enumerate(scenario.visit_types.items()):
            edges = sorted({1} | _edges(visit))
            self.last_edge = max(self.last_edge, edges[-1])
            starts[name] = edges, list(range(len(self.plans), len(self.plans) + len(edges)))
            self.plans += [self._plan(kind, first, visit, edge) for edge in edges]
            first += len(visit.steps)
        # By kind: series, boosters and, where it is a visit, the consult.
        consult = () if scenario.intake.visit is None else (scenario.intake.visit,)
        self.by_type = [(edges, numbers[0]) for edges, numbers in starts.values()]
        self._by_protocol = [
            tuple(starts[name] for name in (*protocol.visits, *consult))
            for protocol in scenario.protocols.values()
        ]
        # Where the infusion's number decides nothing: these are asked for several times a visit.
        self._one_plan = [
            [plans[0] if len(edges) == 1 else None for edges, plans in kinds] for kinds in self._by_protocol
        ]
        self._series = [protocol.infusions for protocol in scenario.protocols.values()]

    def number(self, protocol: int, kind: int, number: int) -> int:
        """Return the number of a visit's plan.

        Parameters
        ----------
        protocol
            Index of the patient's protocol.
        kind, number
            Series, booster or consult, and the infusion's number within its kind; boosters count on from the
            series.
        """
        one = self._one_plan[protocol][kind]
        if one is not None:
            return one
        edges, plans = self._by_protocol[protocol][kind]
        lifetime = number + (self._series[protocol] if kind == BOOSTER else 0)
        return plans[bisect_right(edges, lifetime) - 1]

    def type_of(self, protocol: int, kind: int) -> int:
        """Return the number of the type of visit of a protocol's series, boosters or consults."""
        return self.plans[self._by_protocol[protocol][kind][1][0]].kind

    def hands(self, role: int) -> int:
        """Return the number of a resource: the hands of a role."""
        return len(self.places) + 2 * role

    def eyes(self, role: int) -> int:
        """Return the number of a resource: the eyes of a role, in shares."""
        return len(self.places) + 2 * role + 1

    def _plan(self, kind: int, first: int, visit: Visit, infusion: int) -> VisitPlan:
        """Lay out a visit of mean lengths for the infusion of a number."""
        written = list(visit.steps.values())
        steps = [self._step(step, infusion) for step in written]
        held = [place for place, step in enumerate(written) if step.holds(infusion)]
        for place, following in pairwise(held):
            always = written[following].probability == 1.0
            steps[place] = steps[place]._replace(
                flows_on=always and _flows_on(steps[place], steps[following])
            )
        claimed: list[tuple[int, float, float, int]] = []
        on_site: list[tuple[int, int, int]] = []
        # A visit that needs nurses at all, or nobody, begins when nurses are there.
        roles = frozenset[int]().union(*(steps[place].roles for place in held))
        present: dict[int, int] = {0: 0} if 0 in roles or not roles else {}
        on_site += [(0, 0, 1)] * len(present)
        places: dict[int, tuple[float, float]] = {}
        clock = patient_minutes = 0.0
        beside = 0.0  # cleaning of the place just left, beside the patient's next steps
        last = max(place for place in held if written[place].patient)
        for at in held:
            step, here = steps[at], written[at]
            beside_patient = not step.patient and at < last
            start = max(clock, beside) if beside_patient else clock
            end = start + _chance([written[place] for place in held], here) * mean(here.minutes)
            if not beside_patient:
                clock = end
            beside = max(beside, end) if not step.patient else end
            if step.patient:
                patient_minutes = end
            if step.place >= 0:
                begun, ended = places.get(step.place, (start, end))
                places[step.place] = begun, max(end, ended)
            low, high = math.floor(start + _CLOSE), math.ceil(end - _CLOSE)
            for role in step.roles:
                present.setdefault(role, low)
            if high <= low:  # a step that takes no time needs its roles at its minute, and occupies nobody
                on_site += [(role, low, low + 1) for role in step.roles]
                continue
            claimed += [(self.hands(role), start, end, 1) for role in step.hands]
            claimed += [(self.eyes(role), start, end, shares) for role, shares in step.eyes]
            on_site += [(role, low, high) for role in step.on_site]
        # A place is planned for at least a minute, so that no day takes visits without end.
        claimed += [
            (place, start, max(end, math.floor(start + _CLOSE) + 1.0), 1)
            for place, (start, end) in places.items()
        ]
        uses = _in_minutes(claimed)
        chair = places.get(self.places.index(CHAIR), (0.0, 0.0))
        others = [
            (number, role) for number, step in enumerate(steps) if step.patient for role in step.roles if role
        ]
        return VisitPlan(
            kind,
            first,
            tuple(steps),
            uses,
            tuple(present.items()),
            tuple(on_site),
            patient_minutes,
            chair[1] - chair[0],
            tuple(others),
            needs_nurses=0 in present,
        )

    def _step(self, step: Step, infusion: int) -> PlannedStep:
        needs = {self.roles.index(role): claim for role, claim in step.needs.items() if claim.holds(infusion)}
        return PlannedStep(
            -1 if step.where is None else self.places.index(step.where),
            step.patient,
            tuple(role for role, claim in needs.items() if claim.need == "hands-on"),
            tuple((role, self.shares[role] // claim.watch) for role, claim in needs.items() if claim.watch),
            tuple(role for role, claim in needs.items() if claim.need == "on-site"),
            flows_on=False,
        )


def _in_minutes(claimed: Sequence[tuple[int, float, float, int]]) -> tuple[Use, ...]:
    """Round claims outwards to whole minutes: of each resource the most that is needed at once within each minute.

    A step that ends within the minute in which the next begins does not add to that one; cleaning beside a
    patient's step does.
    """
    uses: list[Use] = []
    for resource in dict.fromkeys(resource for resource, *_ in claimed):
        mine = [claim[1:] for claim in claimed if claim[0] == resource]
        moments = sorted({moment for start, end, _ in mine for moment in (start, end)})
        stretches: list[tuple[int, int, int]] = []
        for begin, end in pairwise(moments):
            middle = (begin + end) / 2.0
            amount = sum(units for start, until, units in mine if start < middle < until)
            stretches.append((math.floor(begin + _CLOSE), math.ceil(end - _CLOSE), amount))
        minutes = sorted({minute for low, high, _ in stretches for minute in (low, high)})
        for begin, end in pairwise(minutes):  # two stretches may share the minute in which one ends
            amount = max((units for low, high, units in stretches if low <= begin < high), default=0)
            if uses and uses[-1][::2] == (resource, begin) and uses[-1].amount == amount:
                uses[-1] = uses[-1]._replace(end=end)
            elif amount:
                uses.append(Use(resource, begin, end, amount))
    return tuple(uses)


def _chance(steps: Sequence[Step], step: Step) -> float:
    """Return the share of visits that have a step: of cleaning a place, at most those that hold it."""
    if step.patient or step.where is None:
        return step.probability
    holding = [other for other in steps if other.patient and other.where == step.where]
    groups: dict[object, float] = {}  # alternatives exclude one another, other steps are drawn independently
    for number, other in enumerate(holding):
        key = number if other.one_of is None else other.one_of
        groups[key] = groups.get(key, 0.0) + other.probability
    return step.probability * (1.0 - math.prod(1.0 - min(share, 1.0) for share in groups.values()))


def _edges(visit: Visit) -> set[int]:
    """List the numbers of infusions from which on other steps are taken, or other claims hold."""
    parts: list[Step | Claim] = list(visit.steps.values())
    for step in visit.steps.values():
        parts += step.claims.values()
    return {part.from_infusion for part in parts} | {
        part.to_infusion + 1 for part in parts if part.to_infusion is not None
    }


def _flows_on(step: PlannedStep, then: PlannedStep) -> bool:
    before, after = dict(step.eyes), dict(then.eyes)
    return (
        step.patient
        and then.patient
        and step.place == then.place
        and not (step.hands or then.hands or then.on_site)
        and all(role in then.roles for role in step.roles if role)  # a role may leave when the step has ended
        and all(shares <= before.get(role, 0) for role, shares in after.items())
    )


def keeps_place(scenario: Scenario) -> bool:
    """Tell whether patients keep a place while waiting for the next: every visit goes through them in one order."""
    after: dict[str, set[str]] = {}
    for visit in scenario.visit_types.values():
        steps = [step for step in visit.steps.values() if step.patient]
        for number, step in enumerate(steps):
            for then in steps[number + 1 :]:
                alternatives = step.one_of is not None and step.one_of == then.one_of
                if step.where and then.where and step.where != then.where and not alternatives:
                    after.setdefault(step.where, set()).add(then.where)
                if then.always:
                    break  # no visit goes from this step to a later one
    waiting = dict(after)
    while waiting:
        free = [place for place in waiting if not waiting[place] & waiting.keys()]
        if not free:
            return False
        for place in free:
            del waiting[place]
    return True
