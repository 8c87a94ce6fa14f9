"""What must hold between the sections of a scenario.

Each rule is a function whose parameters name the sections it looks at, and which yields what is wrong. So the
rules that can be checked are checked even where another section is broken, and all problems come at once. Rules
on clinic, shifts or demand are checked again after every change.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from simclinic.scenario.booking import Booking
from simclinic.scenario.boosters import Boosters
from simclinic.scenario.clinic import Clinic
from simclinic.scenario.demand import Demand
from simclinic.scenario.hours import clock
from simclinic.scenario.problems import Fault, nearest
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.response import Response
from simclinic.scenario.shifts import Shift
from simclinic.scenario.visit import Visit

if TYPE_CHECKING:
    from simclinic.scenario.changes import Situation

Rule = Callable[..., Iterator[Fault]]


def mix_names_protocols(demand: Demand, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """New patients are on protocols that exist."""
    for name in demand.protocol_mix:
        if name not in protocols:
            rule = "must name a protocol of this scenario"
            yield Fault(("demand", "protocol_mix", name), rule, None, nearest(name, protocols))


def clinic_opens(clinic: Clinic) -> Iterator[Fault]:
    """A clinic without any hours treats nobody."""
    if not clinic.hours:
        yield Fault(("clinic", "hours"), "the clinic is never open: name at least one weekday")


def shifts_meet_hours(clinic: Clinic, shifts: dict[str, Shift]) -> Iterator[Fault]:
    """A shift that never meets the opening hours is a slip."""
    for name, shift in shifts.items():
        opening = [clinic.hours[day] for day in shift.days if day in clinic.hours]
        if clinic.hours and not any(
            hours.start < shift.hours.end and shift.hours.start < hours.end for hours in opening
        ):
            yield Fault(("shifts", name), "this shift never works while the clinic is open")


def somebody_to_do_the_work(shifts: dict[str, Shift], visit: Visit) -> Iterator[Fault]:
    """Steps that need a nurse need one on the roster."""
    needing = [name for name, step in visit.steps.items() if step.nurse != "none"]
    if needing and not any(shift.nurses for shift in shifts.values()):
        yield Fault(("shifts",), f"no shift has a nurse, but the step {needing[0]!r} needs one")


def starts_while_open(clinic: Clinic, booking: Booking) -> Iterator[Fault]:
    """Listed starts lie within the opening hours."""
    for day, starts in (booking.starts or {}).items():
        hours = clinic.hours.get(day)
        if hours is None:
            if starts:
                yield Fault(("booking", "starts", day), "the clinic is closed on this weekday")
            continue
        for start in starts:
            if not hours.start <= start < hours.end:
                rule = f"must start within the opening hours {hours}"
                yield Fault(("booking", "starts", day), rule, clock(start))
                break


def ratios_keep_shares(response: Response, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """No protocol makes more than everybody respond."""
    for name, protocol in protocols.items():
        share = response.probability * protocol.response_ratio
        if share > 1 + 1e-12:
            rule = f"response.probability × response_ratio must be at most 1, not {share:.4g}"
            yield Fault(("protocols", name, "response_ratio"), rule, protocol.response_ratio)


def felt_within_series(response: Response, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """`felt_by` is scaled to the protocol's infusions, of which it must leave something."""
    for name, protocol in protocols.items():
        if not sum(response.felt_by[: protocol.infusions]) > 0:
            rule = f"must have a share above 0 within the {protocol.infusions} infusions of {name!r}"
            yield Fault(("response", "felt_by"), rule, list(response.felt_by))


def stop_within_series(response: Response, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """A stop rule after the last infusion stops nobody."""
    rule = response.stop_rule
    longest = max((protocol.infusions for protocol in protocols.values()), default=0)
    if rule is not None and rule.after > longest:
        yield Fault(
            ("response", "stop_rule", "after"),
            f"must be at most {longest}, the infusions of the longest protocol",
            rule.after,
        )


def courses_have_gaps(boosters: Boosters, demand: Demand, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """A booster of several infusions uses the protocol's gaps, so there must be some."""
    if boosters.infusions > 1:
        for name in demand.protocol_mix:
            if name in protocols and protocols[name].gap_days is None:
                rule = f"boosters of {boosters.infusions} infusions use the protocol's gap_days"
                yield Fault(("protocols", name), rule)


RULES: tuple[Rule, ...] = (
    mix_names_protocols,
    clinic_opens,
    shifts_meet_hours,
    somebody_to_do_the_work,
    starts_while_open,
    ratios_keep_shares,
    felt_within_series,
    stop_within_series,
    courses_have_gaps,
)


@cache
def _looks_at(rule: Rule) -> tuple[str, ...]:
    return tuple(inspect.signature(rule).parameters)


def violations(sections: Mapping[str, Any], situations: Sequence[Situation] = ()) -> list[Fault]:
    """Check every rule whose sections are there, and again after each change.

    Parameters
    ----------
    sections
        The checked sections by name; broken ones are left out.
    situations
        What holds from each date on; the first one is the scenario as it begins.
    """
    found = [fault for rule in RULES for fault in _broken(rule, sections)]
    known = {(fault.at, fault.rule) for fault in found}
    for situation in situations[1:]:
        changed = {name: getattr(situation, name) for name in ("clinic", "shifts", "demand")}
        for rule in RULES:
            if not set(_looks_at(rule)) & changed.keys():
                continue
            for fault in _broken(rule, {**sections, **changed}):
                if (fault.at, fault.rule) not in known and situation.since is not None:
                    known.add((fault.at, fault.rule))
                    where = ".".join(str(part) for part in fault.at)
                    at = ("changes", situation.since.isoformat())
                    found.append(Fault(at, f"{where}: {fault.rule}", fault.value, fault.suggestion))
    return found


def _broken(rule: Rule, sections: Mapping[str, Any]) -> Iterator[Fault]:
    names = _looks_at(rule)
    if all(name in sections for name in names):
        yield from rule(**{name: sections[name] for name in names})
