"""The steps of a visit's plan in one clinic: with its pools of staff instead of the numbers of roles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from simclinic.model.staff import Claims, Pool
from simclinic.model.team import Team
from simclinic.planning.visit_plans import VisitPlan


class VisitStep(NamedTuple):
    """One step, as the model reads it.

    Attributes
    ----------
    place, patient, flows_on
        As in :class:`~simclinic.planning.visit_plans.PlannedStep`.
    hands, eyes, claims
        What it claims of staff for itself, what of their attention, and both.
    on_site
        The teams of which one must be on duty.
    after_nurses
        Whether it begins a visit only when nurses are there, although it does not need them.
    """

    place: int
    patient: bool
    flows_on: bool
    hands: Claims
    eyes: Claims
    claims: Claims
    on_site: tuple[Team, ...]
    after_nurses: bool


def visit_steps(
    plan: VisitPlan, hands_of: Sequence[Pool], eyes_of: Sequence[Pool], teams: Sequence[Team]
) -> tuple[VisitStep, ...]:
    """List the steps of a plan.

    Parameters
    ----------
    plan
        The plan.
    hands_of, eyes_of, teams
        By role, its pools and its team.
    """
    found = []
    for step in plan.steps:
        hands = tuple((hands_of[role], 1) for role in step.hands)
        eyes = tuple((eyes_of[role], shares) for role, shares in step.eyes)
        found.append(
            VisitStep(
                step.place,
                step.patient,
                step.flows_on,
                hands,
                eyes,
                hands + eyes,
                tuple(teams[role] for role in step.on_site),
                plan.needs_nurses and 0 not in step.roles,
            )
        )
    return tuple(found)
