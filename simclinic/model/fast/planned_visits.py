"""The plans of visits as arrays, where a clinic has several types of visit, roles or places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.model.fast.state import plan_t, planned_step_t, type_t
from simclinic.planning.timetable import Timetable
from simclinic.planning.visit_plans import VisitPlan, VisitPlans
from simclinic.records import BOOSTER, CONSULT, INDUCTION

Arrays = dict[str, npt.NDArray[Any]]
Pairs = list[tuple[int, int]]


def visits_of(timetable: Timetable, booked: Sequence[dict[str, int]]) -> Arrays:
    """Return the arrays; of a clinic with one type of visit and nurses alone, empty ones.

    Parameters
    ----------
    timetable
        The clinic's timetable.
    booked
        By plan, more numbers for its record: what the book takes for it.
    """
    made = _Lists()
    if timetable.plans is not None:
        for plan, more in zip(timetable.plans.plans, booked, strict=True):
            made.add(plan, more)
    return {
        "shares": np.array(timetable.shares, dtype=np.int64),
        **made.arrays(),
        **_types(timetable, timetable.plans),
    }


class _Lists:
    """Plans, steps, and what they claim, one after another."""

    def __init__(self) -> None:
        self._plans: list[dict[str, int]] = []
        self._steps: list[dict[str, int]] = []
        self._claims: Pairs = []
        self._others: Pairs = []
        self._presence: Pairs = []
        self._sites: list[int] = []

    def add(self, plan: VisitPlan, more: dict[str, int]) -> None:
        """Add a plan."""
        self._plans.append(
            {
                "kind": plan.kind,
                "first": plan.first,
                "n_steps": len(plan.steps),
                "first_step": len(self._steps),
                "needs_nurses": plan.needs_nurses,
                "others": len(self._others),
                "n_others": len(plan.other_roles),
                "present": len(self._presence),
                "n_present": len(plan.present),
                "needs_others": bool(plan.other_roles),
                **more,
            }
        )
        self._others += plan.other_roles
        self._presence += plan.present
        for step in plan.steps:
            self._steps.append(
                {
                    "place": step.place,
                    "patient": step.patient,
                    "flows_on": step.flows_on,
                    "claim": len(self._claims),
                    "n_hands": len(step.hands),
                    "n_eyes": len(step.eyes),
                    "site": len(self._sites),
                    "n_sites": len(step.on_site),
                    "needs_staff": bool(step.hands or step.eyes or step.on_site),
                    "after_nurses": plan.needs_nurses and 0 not in step.roles,
                }
            )
            self._claims += [(2 * role, 1) for role in step.hands]
            self._claims += [(2 * role + 1, shares) for role, shares in step.eyes]
            self._sites += step.on_site

    def arrays(self) -> Arrays:
        """Return them as arrays."""
        plans, steps = np.zeros(max(len(self._plans), 1), plan_t), np.zeros(len(self._steps), planned_step_t)
        for array, rows in ((plans, self._plans), (steps, self._steps)):
            for place, row in enumerate(rows):
                for name, value in row.items():
                    array[name][place] = value
        return {
            "plans": plans,
            "plan_steps": steps,
            "claims": _pairs(self._claims),
            "sites": np.array(self._sites, dtype=np.int64),
            "others": _pairs(self._others),
            "presence": _pairs(self._presence),
        }


def _pairs(listed: Pairs) -> npt.NDArray[np.int64]:
    return np.array(listed, dtype=np.int64).reshape(-1, 2)


def _types(timetable: Timetable, plans: VisitPlans | None) -> Arrays:
    """Return the types of visit: from which numbers of infusions on they have which plans."""
    protocols = len(timetable.gaps)
    kinds = (INDUCTION, BOOSTER) if timetable.scenario.intake.visit is None else (INDUCTION, BOOSTER, CONSULT)
    visit_of = np.zeros((protocols, len(kinds)), dtype=np.int64)
    if plans is None:
        return {"types": np.zeros(1, type_t), "edges": np.zeros(0, dtype=np.int64), "visit_of": visit_of}
    types = np.zeros(len(plans.types), type_t)
    edges: list[int] = []
    for kind, (of_type, first) in enumerate(plans.by_type):
        types[kind] = len(edges), len(of_type), first
        edges += of_type
    for protocol in range(protocols):
        visit_of[protocol] = [plans.type_of(protocol, kind) for kind in kinds]
    return {"types": types, "edges": np.array(edges, dtype=np.int64), "visit_of": visit_of}
