"""Rules between the sections of a scenario.

Each rule is a function that yields faults, and whose parameters are the sections it needs. Rules whose sections are
valid are therefore checked even if another section is invalid, and all problems are reported at once.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from simclinic.scenario.attendance import Attendance
from simclinic.scenario.booking import Booking
from simclinic.scenario.boosters import Boosters
from simclinic.scenario.bounds import MOST_NURSE_SHIFTS, MOST_REFERRED, referred
from simclinic.scenario.clinic import Clinic
from simclinic.scenario.demand import Demand
from simclinic.scenario.distributions import typical
from simclinic.scenario.hours import DAY, WEEKDAYS, Hours, Span, clock
from simclinic.scenario.intake import Intake
from simclinic.scenario.laws import Part, with_part
from simclinic.scenario.own import Own
from simclinic.scenario.part_targets import RoleTargets
from simclinic.scenario.problems import Fault, Path, nearest
from simclinic.scenario.protocols import INFUSION, Protocol, named_types
from simclinic.scenario.relapse import Relapse
from simclinic.scenario.response import Response
from simclinic.scenario.run import Run
from simclinic.scenario.shifts import Shift
from simclinic.scenario.starts import minute_of
from simclinic.scenario.starts_by_type import starts_do_not_overlap, starts_have_types, types_fit_the_book
from simclinic.scenario.tables import as_tables
from simclinic.scenario.targets import Targets
from simclinic.scenario.uncertainty import SECTIONS, Uncertainty, in_domain, setting_at
from simclinic.scenario.visit import (
    CHAIR,
    NURSE,
    Claim,
    Complication,
    Place,
    Role,
    Step,
    Visit,
    VisitType,
)

Rule = Callable[..., Iterator[Fault]]


def mix_names_protocols(demand: Demand, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """Require that the protocol mix names existing protocols."""
    for name in demand.protocol_mix:
        if name not in protocols:
            rule = "must name a protocol of this scenario"
            yield Fault(("demand", "protocol_mix", name), rule, None, nearest(name, protocols))


def targets_of_own_figures(targets: Targets, own: Own) -> Iterator[Fault]:
    """Require that targets on figures of other packages name figures that the scenario uses."""
    for name in targets.own:
        if name not in own.kpis:
            rule = "must name a key figure of own.kpis"
            yield Fault(("targets", "own", name), rule, None, nearest(name, own.kpis))


def targets_of_parts(
    targets: Targets,
    protocols: dict[str, Protocol],
    intake: Intake,
    visits: dict[str, VisitType],
    roles: dict[str, Role],
    places: dict[str, Place],
) -> Iterator[Fault]:
    """Require that targets on parts name types of visit, roles and places of the clinic."""
    named = named_types(protocols, intake)
    known = [name for name in (INFUSION, *visits) if name in named]
    others = [name for name in roles if name != NURSE]
    for table, what, there in (
        ("visits", "a type of visit that a protocol or the consult has", known if len(known) > 1 else []),
        ("roles", "a role", [NURSE, *others] if others else []),
        ("places", "a place", list(places)),
    ):
        for name, section in getattr(targets, table).items():
            at = ("targets", table, name)
            if not there:
                yield Fault(at, f"the clinic has one {_KINDS[table]} only: set targets of the whole clinic")
            elif name not in there:
                yield Fault(at, f"must name {what}", None, nearest(name, there))
            elif name == NURSE and table == "roles":
                for figure in set(RoleTargets.model_fields) - {"cost_per_week"}:
                    if getattr(section, figure) is not None:
                        yield Fault((*at, figure), f"of nurses it is targets.{figure}")


_KINDS = {"visits": "type of visit", "roles": "role", "places": "kind of place"}


def clinic_opens(clinic: Clinic) -> Iterator[Fault]:
    """Require opening hours on at least one weekday."""
    if not clinic.hours:
        yield Fault(("clinic", "hours"), "the clinic is never open: name at least one weekday")


def shifts_meet_hours(clinic: Clinic, shifts: dict[str, Shift]) -> Iterator[Fault]:
    """Require that every shift overlaps the opening hours; otherwise it is a mistake."""
    for name, shift in shifts.items():
        meet = {
            day: hours.weeks.meet(shift.in_weeks, WEEKDAYS.index(day))
            for day, hours in clinic.hours.items()
            if day in shift.days and hours.overlap(shift.hours)
        }
        if clinic.hours and not any(meet.values()):
            why = f": on {', '.join(meet)} they have different weeks" if meet else ""
            yield Fault(("shifts", name), f"this shift never works while the clinic is open{why}")


def visits_exist(
    protocols: dict[str, Protocol], intake: Intake, visits: dict[str, VisitType]
) -> Iterator[Fault]:
    """Require that protocols and the consult name types of visit that there are, and that each type is named."""
    known = (INFUSION, *visits)
    named: set[str | None] = {*named_types(protocols, intake)}
    for name, protocol in protocols.items():
        for key in ("visit", "booster_visit"):
            written = getattr(protocol, key)
            if written is not None and written not in known:
                rule, meant = (
                    'must be "infusion" (which is [visit]), or a type of visit in [visits]',
                    nearest(written, known),
                )
                yield Fault(("protocols", name, key), rule, written, meant)
                named.add(meant)
    if intake.visit is not None and intake.visit not in known:
        named.add(nearest(intake.visit, visits))
    for name in visits:
        if name == INFUSION:
            yield Fault(("visits", name), "the type 'infusion' is [visit]: give this one another name")
        elif name not in named:
            rule = f"no protocol has this type of visit: name it, as in [protocols.NAME] visit = {name!r}"
            rule += f", or in [intake] visit = {name!r} if it is the consult"
            yield Fault(("visits", name), rule.replace("'", '"'))


def consult_is_a_visit(
    protocols: dict[str, Protocol], intake: Intake, visits: dict[str, VisitType]
) -> Iterator[Fault]:
    """Require that the consult has a type of visit of its own, whose steps do not depend on infusions."""
    name = intake.visit
    if name is None:
        return
    if name == INFUSION:
        rule = "[visit] is an infusion, and a consult is none: describe it in [visits.consult], and name that"
        yield Fault(("intake", "visit"), rule, name)
        return
    if name not in visits:
        rule = "must be a type of visit in [visits]"
        yield Fault(("intake", "visit"), rule, name, nearest(name, visits))
        return
    having = [of for of, protocol in protocols.items() if name in protocol.visits]
    if having:
        rule = f"is the type of visit of protocols.{having[0]}: a consult needs a type of its own in [visits]"
        yield Fault(("intake", "visit"), rule, name)
        return
    for step, of in visits[name].steps.items():
        at = ("visits", name, "steps", step)
        yield from _of_any_number(at, of)
        for role, claim in of.claims.items():
            yield from _of_any_number((*at, "claims", role), claim)
        if of.first_visit_extra_minutes:
            rule = "every consult is a patient's first: add these to minutes"
            yield Fault((*at, "first_visit_extra_minutes"), rule, of.first_visit_extra_minutes)
    for complication, rules in visits[name].complications.items():
        yield from _of_any_number(("visits", name, "complications", complication), rules)


def _of_any_number(at: Path, part: Step | Claim | Complication) -> Iterator[Fault]:
    """Refuse what holds for some infusions only, in a visit that is none."""
    for key, usual in (("from_infusion", 1), ("to_infusion", None)):
        written = getattr(part, key)
        if written != usual:
            yield Fault((*at, key), "a consult is no infusion, and has no number: leave this out", written)


def roles_exist(
    shifts: dict[str, Shift], roles: dict[str, Role], visit: Visit, visits: dict[str, VisitType]
) -> Iterator[Fault]:
    """Require that shifts and claims name roles that there are, and that each role has a shift."""
    known = (NURSE, *roles)
    meant = set()  # what is probably misspelt elsewhere is told there
    for name, shift in shifts.items():
        if shift.role not in known:
            rule = f"must be {NURSE!r}, or a role in [roles]"
            yield Fault(("shifts", name, "role"), rule, shift.role, nearest(shift.role, known))
            meant.add(nearest(shift.role, known))
    for at, step in _steps(visit, visits):
        for role in step.claims:
            if role not in known:
                rule = f"must be {NURSE!r}, or a role in [roles]"
                yield Fault((*at, "claims", role), rule, None, nearest(role, known))
    for role in roles:
        if role == NURSE:
            yield Fault(
                ("roles", role), "nurses are there without being named; their wage is finance.nurse_hour"
            )
        elif role not in meant and not any(shift.role == role and shift.nurses for shift in shifts.values()):
            yield Fault(("roles", role), f'no shift has anybody of this role: a shift needs role = "{role}"')


def places_exist(places: dict[str, Place], visit: Visit, visits: dict[str, VisitType]) -> Iterator[Fault]:
    """Require that steps name places that there are, and that each place is used."""
    held = set()  # what is probably misspelt in a step is told there
    for at, step in _steps(visit, visits):
        held.add(step.where)
        if step.place is not None and step.place not in places:
            rule, meant = 'must be "chair", or a place in [places]', nearest(step.place, (CHAIR, *places))
            yield Fault((*at, "place"), rule, step.place, meant)
            held.add(meant)
    for name in places:
        if name == CHAIR:
            yield Fault(
                ("places", name), "chairs are there without being named; their number is clinic.chairs"
            )
        elif name not in held:
            yield Fault(("places", name), f'no step is in this place: a step needs place = "{name}"')


def _steps(visit: Visit, visits: dict[str, VisitType]) -> Iterator[tuple[Path, Step]]:
    """List all steps, and where they stand in the scenario."""
    for at, kind in _kinds(visit, visits):
        for name, step in kind.steps.items():
            yield (*at, "steps", name), step


def _kinds(visit: Visit, visits: dict[str, VisitType]) -> Iterator[tuple[Path, Visit]]:
    """List all types of visit, and where they stand in the scenario."""
    yield ("visit",), visit
    yield from ((("visits", name), kind) for name, kind in visits.items())


def somebody_to_do_the_work(
    shifts: dict[str, Shift],
    protocols: dict[str, Protocol],
    intake: Intake,
    visit: Visit,
    visits: dict[str, VisitType],
) -> Iterator[Fault]:
    """Require a nurse on the roster, if a step needs one."""
    named = named_types(protocols, intake)
    used = [kind for name, kind in {INFUSION: visit, **visits}.items() if name in named]
    needing = [name for kind in used for name, step in kind.steps.items() if NURSE in step.needs]
    if needing and not any(shift.nurses for shift in shifts.values() if shift.role == NURSE):
        yield Fault(("shifts",), f"no shift has a nurse, but the step {needing[0]!r} needs one")


def claims_can_be_met(
    clinic: Clinic,
    shifts: dict[str, Shift],
    roles: dict[str, Role],
    booking: Booking,
    visit: Visit,
    visits: dict[str, VisitType],
) -> Iterator[Fault]:
    """Require a day on which all roles that a step claims are on duty while the clinic is open.

    In a book they must be there together for as long as the step takes, after the steps before it, though each step
    took half of its typical length. A listed start needs them at the beginning, and only on-site roles to the end.
    """
    days = _kinds_of_days(clinic, shifts)
    staffed = {shift.role for shift in shifts.values() if shift.nurses}
    for kind_at, kind in _kinds(visit, visits):
        before = 0.0
        for name, step in kind.steps.items():
            claimed = [role for role in step.needs if role in (NURSE, *roles) and role in staffed]
            at, together = (*kind_at, "steps", name, "claims"), " and ".join(claimed)
            there = [(hours, _together(working, claimed)) for hours, working in days]
            length = _SHORTEST * typical(step.minutes)
            if booking.starts and all(step.needs[role].need != "on-site" for role in claimed):
                length = 0.0
            be = "is" if len(claimed) == 1 else "are together"
            if not step.claims or not claimed:
                pass
            elif not any(hours.overlap(span) for hours, spans in there for span in spans):
                rule = f"{together} {be} never on duty while the clinic is open: no visit has this step"
                yield Fault(at, rule)
            elif booking.mode == "booked" and not any(
                (begin := max(span.start, hours.start + before)) + length <= min(span.end, hours.end)
                and begin < span.end  # at the end of a shift nobody is there for a step that takes no time
                for hours, spans in there
                for span in spans
            ):
                rule = (
                    f"{together} {be} never on duty for as long as this step "
                    "takes, after the steps before it: no visit with it can be booked"
                )
                yield Fault(at, rule)
            if step.patient and step.always and step.one_of is None:
                before += _SHORTEST * typical(step.minutes)


_SHORTEST = 0.5
"""Share of the typical length to which every step might shorten."""


def _kinds_of_days(clinic: Clinic, shifts: dict[str, Shift]) -> list[tuple[Hours, list[Shift]]]:
    """List the kinds of open days: the hours, and the shifts that work."""
    found: dict[object, tuple[Hours, list[Shift]]] = {}
    for date, hours in _open_dates(clinic, shifts).items():
        working = {
            name: shift
            for name, shift in shifts.items()
            if shift.nurses and WEEKDAYS[date.weekday()] in shift.days and shift.in_weeks.hold(date)
        }
        found[hours.spans, tuple(working)] = hours, list(working.values())
    return list(found.values())


def _together(working: list[Shift], roles: list[str]) -> list[Span]:
    """List the spans of a day in which somebody of each role is on duty."""
    spans = [Span(0, DAY)]
    for role in roles:
        edges = sorted((shift.hours for shift in working if shift.role == role), key=lambda span: span.start)
        merged: list[Span] = []
        for span in edges:
            if merged and span.start <= merged[-1].end:
                merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
            else:
                merged.append(span)
        spans = [
            Span(max(one.start, other.start), min(one.end, other.end))
            for one in spans
            for other in merged
            if max(one.start, other.start) < min(one.end, other.end)
        ]
    return spans


def those_first_exist(booking: Booking, visits: dict[str, VisitType]) -> Iterator[Fault]:
    """Require that those who come first are series, boosters or types of visit."""
    known = ("booster", "series", INFUSION, *visits)
    for place, written in enumerate(booking.first):
        if written not in known:
            rule = 'must be "booster", "series" or a type of visit'
            yield Fault(("booking", "first", place), rule, written, nearest(written, known))


def _open_dates(clinic: Clinic, shifts: dict[str, Shift]) -> dict[dt.date, Hours]:
    """List the open dates of a week, or of ten years if weeks differ, with their hours; holidays are open."""
    weeks = [
        *(hours.weeks for hours in clinic.hours.values()),
        *(shift.in_weeks for shift in shifts.values()),
    ]
    days = 7 if all(each.all for each in weeks) else 7 * 520
    dates = (dt.date(2024, 1, 1) + dt.timedelta(days=day) for day in range(days))
    return {date: hours for date in dates if (hours := clinic.usual(date)) is not None}


def starts_while_open(clinic: Clinic, booking: Booking) -> Iterator[Fault]:
    """Require that listed starts lie within the opening hours."""
    for day, starts in (booking.starts or {}).items():
        hours = clinic.hours.get(day)
        if hours is None:
            if starts:
                yield Fault(("booking", "starts", day), "the clinic is closed on this weekday")
            continue
        for start in starts:
            if not hours.open_at(minute_of(start)):
                rule = f"must lie within the opening hours {hours}"
                yield Fault(("booking", "starts", day), rule, clock(minute_of(start)))
                break


def referrals_have_a_bound(run: Run, demand: Demand) -> Iterator[Fault]:
    """Refuse more referrals than can be simulated: a typing error, or too much growth."""
    expected = referred(run, demand)
    if demand.referrals is None and expected > MOST_REFERRED:
        weeks = run.warm_up_weeks + run.weeks
        growth = " with growth_per_year" if demand.growth_per_year else ""
        number = f"{expected:,.0f}" if expected < 1e15 else "more than can be counted"
        rule = (
            f"gives {number} referrals in {weeks:,} simulated weeks{growth}; at most {MOST_REFERRED:,} can be "
            "simulated: set fewer a week, or fewer weeks"
        )
        yield Fault(("demand", "referrals_per_week"), rule, demand.referrals_per_week)


def shifts_have_a_bound(run: Run, shifts: dict[str, Shift]) -> Iterator[Fault]:
    """Refuse more shifts of nurses than can be simulated."""
    weeks = run.warm_up_weeks + run.weeks
    worked = weeks * sum(len(shift.days) * shift.nurses for shift in shifts.values())
    if worked > MOST_NURSE_SHIFTS:
        rule = (
            f"nurses work {worked:,} shifts in {weeks:,} simulated weeks; at most {MOST_NURSE_SHIFTS:,} can be "
            "simulated: set fewer nurses, or fewer weeks"
        )
        yield Fault(("shifts",), rule)


def ratios_keep_shares(response: Response, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """Require that no protocol has a response probability above 1."""
    for name, protocol in protocols.items():
        share = with_part(response, protocol.response).probability * protocol.response_ratio
        if share > 1 + 1e-12:
            rule = f"response.probability × response_ratio must be at most 1, not {share:.4g}"
            yield Fault(("protocols", name, "response_ratio"), rule, protocol.response_ratio)


def felt_within_series(response: Response, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """Require a share above 0 within each protocol's infusions, to which `felt_by` is scaled."""
    for name, protocol in protocols.items():
        felt_by = with_part(response, protocol.response).felt_by
        if not sum(felt_by[: protocol.infusions]) > 0:
            rule = f"must have a share above 0 within the {protocol.infusions} infusions of {name!r}"
            yield Fault(_given_at(name, protocol.response, "response", "felt_by"), rule, list(felt_by))


def stop_within_series(response: Response, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """Refuse a stop rule after the last infusion, where it has no effect."""
    rule = response.stop_rule
    lengths = {
        name: each.infusions for name, each in protocols.items() if "stop_rule" not in (each.response or {})
    }
    longest = max(lengths.values(), default=0)
    if rule is not None and lengths and rule.after > longest:
        yield Fault(
            ("response", "stop_rule", "after"),
            f"must be at most {longest}, the infusions of the longest protocol",
            rule.after,
        )
    for name in protocols.keys() - lengths.keys():
        own, infusions = with_part(response, protocols[name].response).stop_rule, protocols[name].infusions
        if own is not None and own.after > infusions:
            at = ("protocols", name, "response", "stop_rule", "after")
            yield Fault(at, f"must be at most {infusions}, the infusions of the protocol", own.after)


def courses_have_gaps(boosters: Boosters, demand: Demand, protocols: dict[str, Protocol]) -> Iterator[Fault]:
    """Require gaps in the protocol, if a booster has several infusions, since it uses them."""
    for name in demand.protocol_mix:
        if name in protocols and protocols[name].gap_days is None:
            infusions = with_part(boosters, protocols[name].boosters).infusions
            if infusions > 1:
                rule = f"boosters of {infusions} infusions use the protocol's gap_days"
                yield Fault(("protocols", name), rule)


def _given_at(name: str, part: Part | None, section: str, setting: str) -> Path:
    """Return the place at which a setting that holds for a protocol is given: by itself, or by the scenario."""
    return ("protocols", name, section, setting) if setting in (part or {}) else (section, setting)


def uncertain_settings_exist(
    uncertainty: dict[str, Uncertainty],
    demand: Demand,
    intake: Intake,
    attendance: Attendance,
    response: Response,
    relapse: Relapse,
    boosters: Boosters,
    protocols: dict[str, Protocol],
) -> Iterator[Fault]:
    """Require that uncertain settings are existing decimal numbers, fit their scale, and are in one entry only."""
    sections = (demand, intake, attendance, response, relapse, boosters)
    tables = as_tables(
        dict(zip(SECTIONS, sections, strict=True)) | {"protocols": protocols} if uncertainty else {}
    )
    named: dict[str, str] = {}
    for name, entry in uncertainty.items():
        for place, (setting, scale) in enumerate(zip(entry.settings, entry.scale, strict=True)):
            at = ("uncertainty", name, "settings", place)
            location = setting_at(tables, setting)
            if location is None:
                yield Fault(at, "must be the address of an existing setting, down to a number", setting)
                continue
            value = location[0][location[1]]
            if not isinstance(value, float):
                yield Fault(at, "must be the address of a decimal number", setting)
            elif not in_domain(value, scale):
                bounds = "above 0" if scale == "log" else "between 0 and 1"
                yield Fault(at, f"has the scale {scale!r}, so {setting} must lie {bounds}", value)
            if setting in named:
                yield Fault(at, f"is already in uncertainty.{named[setting]}", setting)
            named[setting] = name


NAMING: tuple[Rule, ...] = (
    mix_names_protocols,
    visits_exist,
    consult_is_a_visit,
    roles_exist,
    places_exist,
    targets_of_parts,
    shifts_meet_hours,
    claims_can_be_met,
    starts_have_types,
    types_fit_the_book,
    starts_while_open,
    those_first_exist,
)
"""Rules on what parts of a clinic say of each other; the numbers within a part do not matter to them."""

RULES: tuple[Rule, ...] = (
    *NAMING,
    targets_of_own_figures,
    clinic_opens,
    starts_do_not_overlap,
    somebody_to_do_the_work,
    referrals_have_a_bound,
    shifts_have_a_bound,
    ratios_keep_shares,
    felt_within_series,
    stop_within_series,
    courses_have_gaps,
    uncertain_settings_exist,
)


def violations(sections: Mapping[str, Any], rules: Iterable[Rule] = RULES) -> list[Fault]:
    """Check every rule whose sections are available.

    Parameters
    ----------
    sections
        The valid sections by name; invalid ones are left out.
    rules
        The rules.
    """
    faults: list[Fault] = []
    for rule in rules:
        names = tuple(inspect.signature(rule).parameters)
        if all(name in sections for name in names):
            faults.extend(rule(**{name: sections[name] for name in names}))
    return faults
