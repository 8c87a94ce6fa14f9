"""The visits that are asked for on paper by type, and the starts that a day is planned to have for it."""

from __future__ import annotations

from dataclasses import replace

from simclinic.planning.demand import accepted, asked_by, consults, demand
from simclinic.planning.grid import Grid
from simclinic.planning.open_book import fill
from simclinic.planning.open_day import DayOffer, Footprints, OpenDay
from simclinic.planning.roster import Staffing
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import BOOSTER, CONSULT, INDUCTION, LIMITS
from simclinic.scenario import Scenario

_ENDLESS = 600.0  # starts for boosters of a programme that nobody leaves


def mix(scenario: Scenario, plans: VisitPlans) -> list[float]:
    """Count the starts by plan of a visit that one new patient is expected to use, in a clinic without queues.

    Returns
    -------
    list of float
        By number of the plan; if no patient is accepted, the consults of a patient who is referred.
    """
    wanted = [0.0] * len(plans.plans)
    if scenario.intake.visit is not None:
        wanted[plans.number(0, CONSULT, 1)] = consults(scenario) / (accepted(scenario) or 1.0)
        if not accepted(scenario):
            return wanted
    for place, name in enumerate(scenario.protocols):
        share = scenario.at(scenario.run.start).demand.protocol_mix.get(name, 0.0)
        if not share:
            continue
        one = asked_by(scenario, name)
        for number, starts in enumerate(one.series, start=1):
            wanted[plans.number(place, INDUCTION, number)] += share * starts
        # Claims seldom hold for boosters of some numbers only, so that one stands for all.
        boosters = _ENDLESS if one.boosters is None else one.boosters
        wanted[plans.number(place, BOOSTER, one.typical_booster)] += share * boosters
    return wanted


def asked(scenario: Scenario, plans: VisitPlans) -> list[float]:
    """Count the starts asked for a week, by plan of a visit, once boosters are steady."""
    wanted = demand(scenario)
    if wanted is None:
        return [0.0] * len(plans.plans)
    patients = wanted["series"]
    if scenario.intake.visit is not None and not patients:
        patients = wanted["referrals"]
    return [patients * starts for starts in mix(scenario, plans)]


def planned_grid(offer: DayOffer, footprints: Footprints, wanted: list[float], every: int) -> Grid:
    """Plan the starts of a day, and find by trial what limits them: the resource of which one more adds most."""
    starts = _count(offer, footprints, wanted, every)
    chairs, *others = offer.places
    gains = {"chairs": _count(replace(offer, places=(chairs + 1, *others)), footprints, wanted, every)}
    more: dict[str, list[DayOffer]] = {
        "places": _more_of(offer, "places"),
        "hands": [_staffed(offer, 0, hands=1)],
        "eyes": [_staffed(offer, 0, nurses=1)],
        "nurses": [_staffed(offer, 0, hands=1, nurses=1)],
        "other staff": _more_of(offer, "other staff"),
    }
    for name, offers in more.items():
        if offers:
            gains[name] = max((_count(one, footprints, wanted, every) for one in offers), key=len)
    best = max(gains, key=lambda name: len(gains[name]))
    if len(gains[best]) <= len(starts):
        both = replace(_staffed(offer, 0, hands=1, nurses=1), places=(chairs + 1, *others))
        best = "chairs and nurses" if len(_count(both, footprints, wanted, every)) > len(starts) else "hours"
    return Grid(tuple(float(minute) for minute, _ in starts), LIMITS.index(best))


def limiting(
    limit: str, offer: DayOffer, plans: VisitPlans, footprints: Footprints, wanted: list[float], every: int
) -> str:
    """Name the place or role that limits a day whose limit is other places or other staff.

    Returns
    -------
    str
        Such as "places:room" or "staff:therapist"; the limit as it is where one more of several adds as much.
    """
    names, prefix = (plans.places, "places") if limit == "places" else (plans.roles, "staff")
    gains = [len(_count(one, footprints, wanted, every)) for one in _more_of(offer, limit)]
    best = max(gains)
    return limit if gains.count(best) > 1 else f"{prefix}:{names[1 + gains.index(best)]}"


def _more_of(offer: DayOffer, limit: str) -> list[DayOffer]:
    """Add one of each place besides the chairs, or of each role besides nurses."""
    if limit == "other staff":
        return [_staffed(offer, role, hands=1, nurses=1) for role in range(1, len(offer.staff))]
    chairs, *others = offer.places
    return [
        replace(offer, places=(chairs, *(n + (k == at) for k, n in enumerate(others))))
        for at in range(len(others))
    ]


def _count(offer: DayOffer, footprints: Footprints, wanted: list[float], every: int) -> list[tuple[int, int]]:
    return fill(OpenDay.empty(offer, every, footprints), wanted)


def _staffed(offer: DayOffer, role: int, *, hands: int = 0, nurses: int = 0) -> DayOffer:
    """Add one of a role whenever anybody of it is on duty."""
    staff = tuple(
        Staffing(step.minute, step.hands + hands, step.nurses + nurses) if step.nurses else step
        for step in offer.staff[role]
    )
    return replace(offer, staff=(*offer.staff[:role], staff, *offer.staff[role + 1 :]))
