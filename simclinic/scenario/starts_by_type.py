"""Rules for starts that are each for one type of visit."""

from __future__ import annotations

from collections.abc import Iterator

from simclinic.scenario.booking import Booking
from simclinic.scenario.clinic import Clinic
from simclinic.scenario.distributions import typical
from simclinic.scenario.hours import clock
from simclinic.scenario.intake import Intake
from simclinic.scenario.problems import Fault, nearest
from simclinic.scenario.protocols import INFUSION, Protocol, named_types
from simclinic.scenario.starts import Start, TypedStart, minute_of
from simclinic.scenario.visit import CHAIR, Place, Role, Step, Visit, VisitType

_SHORTEST = 0.5
"""Share of the typical length to which every visit might shorten; visits that overlap even then are a mistake."""


def starts_have_types(
    booking: Booking,
    protocols: dict[str, Protocol],
    intake: Intake,
    visits: dict[str, VisitType],
    roles: dict[str, Role],
    places: dict[str, Place],
) -> Iterator[Fault]:
    """Require that listed starts say which type of visit they are for, and that there are such visits."""
    known = _types(protocols, intake, visits)
    wide = len(known) > 1 or roles or places
    if booking.starts and wide and booking.types == "open" and booking.mode == "booked":
        rule = (
            'starts are listed for a book with starts by type: add types = "typed". Without a list the book offers '
            "every start at which a visit fits"
        )
        yield Fault(("booking", "starts"), rule)
    for day, starts in (booking.starts or {}).items():
        for start in dict.fromkeys(starts):
            at = ("booking", "starts", day)
            if isinstance(start, TypedStart) and start.visit not in known:
                having = "a protocol" if intake.visit is None else "a protocol, or the consult,"
                rule = f"must name a type of visit that {having} has"
                yield Fault(at, rule, _written(start), nearest(start.visit, known))
            elif not isinstance(start, TypedStart) and len(known) > 1 and INFUSION not in known:
                rule = (
                    'must say which type of visit it is for, as in { at = "08:00", visit = "'
                    + known[0]
                    + '" }'
                )
                yield Fault(at, rule, _written(start))


def types_fit_the_book(booking: Booking) -> Iterator[Fault]:
    """Refuse starts by type without a book, and conversions of starts without types."""
    if booking.types == "typed" and booking.mode == "walk-in":
        yield Fault(
            ("booking", "types"), 'is for mode = "booked" only: a walk-in clinic has no starts', "typed"
        )
    if booking.convert_days is not None and booking.types == "open":
        rule = (
            'is for types = "typed" only: in an open book any start takes any visit that fits, however many days '
            "before"
        )
        yield Fault(("booking", "convert_days"), rule, booking.convert_days)


def starts_do_not_overlap(
    clinic: Clinic,
    booking: Booking,
    protocols: dict[str, Protocol],
    intake: Intake,
    visit: Visit,
    visits: dict[str, VisitType],
    places: dict[str, Place],
) -> Iterator[Fault]:
    """Refuse listed starts of a typed book whose visits overlap in a place however short they are.

    Deliberate overbooking is a matter of minutes, or a start listed twice, which counts once here; visits that
    overlap though each takes half of its typical length are a mistake.
    """
    if booking.types == "open":
        return
    known = _types(protocols, intake, visits)
    kinds: dict[str, Visit] = {INFUSION: visit, **visits}
    there = {CHAIR: clinic.chairs, **{name: place.number for name, place in places.items()}}
    for day, starts in (booking.starts or {}).items():
        spans: list[tuple[str, float, float, Start]] = []
        for start in dict.fromkeys(starts):
            name = start.visit if isinstance(start, TypedStart) else INFUSION if len(known) > 1 else known[0]
            if name in known:
                spans += [
                    (place, begin, end, start) for place, begin, end in _held(kinds[name], minute_of(start))
                ]
        for place, number in there.items():
            held = [(begin, end, start) for of, begin, end, start in spans if of == place]
            for begin, _, start in held:
                at_once = sum(first <= begin < last for first, last, _ in held)
                if at_once > number:
                    what = "chair" if place == CHAIR else place
                    rule = (
                        f"overlaps other visits: {at_once} would be in a {what} at once, and there "
                        f"{'is' if number == 1 else 'are'} {number}, though each took half of its typical length"
                    )
                    yield Fault(("booking", "starts", day), rule, _written(start))
                    break


def _types(protocols: dict[str, Protocol], intake: Intake, visits: dict[str, VisitType]) -> list[str]:
    """List the types of visit that protocols have, and that of the consult, "infusion" first."""
    named = named_types(protocols, intake)
    return [name for name in (INFUSION, *visits) if name in named]


def _held(visit: Visit, start: int) -> Iterator[tuple[str, float, float]]:
    """Yield the places that a visit of any infusion holds, with moments, if it takes half of its typical length."""
    clock = float(start)
    spans: dict[str, tuple[float, float]] = {}
    for step in visit.steps.values():
        end = clock + (_SHORTEST * step.probability * typical(step.minutes) if _any_infusion(step) else 0.0)
        if step.where is not None and end > clock:
            spans[step.where] = spans.get(step.where, (clock, end))[0], end
        clock = end
    yield from ((place, begin, end) for place, (begin, end) in spans.items())


def _any_infusion(step: Step) -> bool:
    return step.from_infusion == 1 and step.to_infusion is None


def _written(start: Start) -> str:
    if isinstance(start, TypedStart):
        return f"{clock(start.at)} {start.visit}"
    return clock(start)
