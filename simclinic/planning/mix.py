"""The visits that are asked for on paper by type, and the starts that a day is planned to have for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations

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
    """Plan the starts of a day, and find by trial what limits them: the resource of which one more adds most.

    If no single one adds any, it is a chair together with a nurse, else several; if one more of everything adds
    none either, the opening hours.
    """
    starts = _count(offer, footprints, wanted, every)
    gains = {"chairs": _count(_with(offer, [0]), footprints, wanted, every)}
    more: dict[str, list[DayOffer]] = {
        "places": _more_of(offer, "places"),
        "hands": [_staffed(offer, 0, hands=1)],
        "eyes": [_staffed(offer, 0, nurses=1)],
        "nurses": [_with(offer, [len(offer.places)])],
        "other staff": _more_of(offer, "other staff"),
    }
    for name, offers in more.items():
        if offers:
            gains[name] = max((_count(one, footprints, wanted, every) for one in offers), key=len)
    best = max(gains, key=lambda name: len(gains[name]))
    if len(gains[best]) <= len(starts):
        several = {
            "chairs and nurses": _with(offer, [0, len(offer.places)]),
            "several": _with(offer, range(len(offer.places) + len(offer.staff))),
        }
        best = next(
            (
                name
                for name, more in several.items()
                if len(_count(more, footprints, wanted, every)) > len(starts)
            ),
            "hours",
        )
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


def limiting_together(
    offer: DayOffer, plans: VisitPlans, footprints: Footprints, wanted: list[float], every: int
) -> str:
    """Name the two places or roles that limit a day together.

    Returns
    -------
    str
        Such as "several:room and nurses", of equal pairs the first; "several" if no two add any start.
    """
    names = ["chairs", *plans.places[1:], "nurses", *plans.roles[1:]]

    def count(more: tuple[int, ...]) -> int:
        return len(_count(_with(offer, more), footprints, wanted, every))

    best = max(combinations(range(len(names)), 2), key=count)
    return f"several:{' and '.join(names[one] for one in best)}" if count(best) > count(()) else "several"


def _with(offer: DayOffer, more: Iterable[int]) -> DayOffer:
    """Add one of each of some resources: first the places are numbered, then the roles."""
    for one in more:
        if one < len(offer.places):
            offer = replace(offer, places=tuple(n + (k == one) for k, n in enumerate(offer.places)))
        else:
            offer = _staffed(offer, one - len(offer.places), hands=1, nurses=1)
    return offer


def _more_of(offer: DayOffer, limit: str) -> list[DayOffer]:
    """Add one of each place besides the chairs, or of each role besides nurses."""
    places, roles = len(offer.places), len(offer.staff)
    those = range(places + 1, places + roles) if limit == "other staff" else range(1, places)
    return [_with(offer, [one]) for one in those]


def _count(offer: DayOffer, footprints: Footprints, wanted: list[float], every: int) -> list[tuple[int, int]]:
    return fill(OpenDay.empty(offer, every, footprints), wanted)


def _staffed(offer: DayOffer, role: int, *, hands: int = 0, nurses: int = 0) -> DayOffer:
    """Add one of a role whenever anybody of it is on duty."""
    staff = tuple(
        Staffing(step.minute, step.hands + hands, step.nurses + nurses) if step.nurses else step
        for step in offer.staff[role]
    )
    return replace(offer, staff=(*offer.staff[:role], staff, *offer.staff[role + 1 :]))
