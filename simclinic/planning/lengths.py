"""How long a planned visit takes, by type, where visits have several plans."""

from __future__ import annotations

from typing import NamedTuple

from simclinic.planning.mix import mix
from simclinic.planning.timetable import Timetable


class PlannedLength(NamedTuple):
    """Minutes of a type of visit: without first-visit extra or complications, averaged over what is asked for.

    Attributes
    ----------
    patient
        Until the patient leaves.
    least, most
        The same, of the shortest and the longest plan that is asked for.
    chair
        In a chair.
    """

    patient: float
    least: float
    most: float
    chair: float


def planned_lengths(timetable: Timetable) -> dict[str, PlannedLength]:
    """Compute the planned lengths of visits, by type.

    Parameters
    ----------
    timetable
        Of the clinic.
    """
    plans = timetable.plans
    if plans is None:
        visit = timetable.visit
        chair = sum(claim.end - claim.start for claim in visit.chair)
        [name] = timetable.scenario.visit_types
        return {
            name: PlannedLength(visit.patient_minutes, visit.patient_minutes, visit.patient_minutes, chair)
        }
    asked = mix(timetable.scenario, plans)
    found = {}
    for kind, name in enumerate(plans.types):
        known = [(plan, asked[number]) for number, plan in enumerate(plans.plans) if plan.kind == kind]
        # A type that nobody asks for still has its length.
        known = [one for one in known if one[1] > 0] or [(plan, 1.0) for plan, _ in known]
        total = sum(share for _, share in known)
        minutes = [plan.patient_minutes for plan, _ in known]
        found[name] = PlannedLength(
            sum(share * plan.patient_minutes for plan, share in known) / total,
            min(minutes),
            max(minutes),
            sum(share * plan.chair_minutes for plan, share in known) / total,
        )
    return found
