"""The best template of a clinic's starts: planned with several slacks, each simulated on the same patients.

A template that is planned with more slack has fewer starts, and its days run less late. All are simulated beside
the present grid. Those with fewest starts are judged first, each at 95 %, and the first that is not shown to keep
the limits of the day ends the search. The order is fixed on paper before the first replication, so the chance that
the answer breaks a limit does not grow with the number of templates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simclinic.errors import SimclinicError
from simclinic.experiment import Executor
from simclinic.planning import Timetable
from simclinic.planning.assignment import places
from simclinic.planning.one_more import Day
from simclinic.planning.slack import USUAL, Slack, first_visit_share, slacks, visit_with
from simclinic.planning.template import SECONDS
from simclinic.planning.weekly_template import (
    WeeklyTemplate,
    derived,
    open_days,
    starts_with_hours,
    weekly_template,
)
from simclinic.results.compare import Compared
from simclinic.results.document import SCHEMA_VERSION, horizon
from simclinic.results.template import Booked, SheetLine, State, TemplateDay, TemplateDocument
from simclinic.scenario import Scenario, replace
from simclinic.scenario.hours import Weekday, clock
from simclinic.scenario.targets import bound
from simclinic.studies.compare import FinishedComparison, Side, compare
from simclinic.studies.run import Progress

STUDY = "template"
GRID = 5
"""Minutes between possible starts unless others are asked for."""
TEN = 10
"""Minutes of the question what longer hours are worth."""
HOLDS = "holds"
"""The verdict on the day that an answer needs."""

HOUR = 60
FULL = 0.9
"""Share of starts used below which days run less late than full ones would."""
SHOWN = (
    "slot_fill",
    "infusions_per_week",
    "access_days_mean",
    "balked_share",
    "wait_minutes_mean",
    "started_on_time_share",
    "overtime_day_share",
)
"""Key figures of each way to book in the document."""

_DERIVED = "derived grid"
_LISTED = "listed starts"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to book.

    Attributes
    ----------
    name
        Unique.
    starts
        By open weekday, in minutes after midnight.
    planned_minutes
        From the start until the patient leaves.
    template
        None of the present ways.
    slacks
        Those with which this template is the best one.
    """

    name: str
    starts: dict[Weekday, tuple[int, ...]]
    planned_minutes: float
    template: WeeklyTemplate | None = None
    slacks: tuple[Slack, ...] = ()

    @property
    def count(self) -> int:
        """Starts a week."""
        return sum(map(len, self.starts.values()))


@dataclass(frozen=True, slots=True)
class FinishedTemplate:
    """A finished search for a template.

    Attributes
    ----------
    document
        Output of `--json`.
    scenario
        The scenario with the starts of the answer; None if there is none.
    comparison
        The simulations; None on paper.
    """

    document: TemplateDocument
    scenario: Scenario | None
    comparison: FinishedComparison | None


def template(
    scenario: Scenario,
    *,
    every: int = GRID,
    slack: str = USUAL,
    on_paper: bool = False,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    seconds: float = SECONDS,
) -> FinishedTemplate:
    """Find the best template of a clinic.

    Parameters
    ----------
    scenario
        The clinic, with its seed and number of replications.
    every
        Minutes between possible starts.
    slack
        What is planned on top of mean lengths, with commas between. One alone is the answer, whatever the
        simulation says of it.
    on_paper
        Whether to leave the simulation out.
    out, arguments, progress, executor, time_limit
        As for :func:`simclinic.studies.compare.compare`.
    seconds
        Time after which the best template found for a day is taken.

    Raises
    ------
    SimclinicError
        With every reason why there can be no template.
    """
    asked = slacks(slack)
    plan = _Plan.of(scenario, every)
    present = _present(scenario, plan)
    ways = _templates(scenario, plan, asked, seconds)
    comparison = None
    if not on_paper:
        comparison = compare(
            _sides(scenario, [*present, *ways]),
            out=out,
            arguments=arguments,
            progress=progress,
            executor=executor,
            time_limit=time_limit,
        )
    found = _found([*present, *ways], comparison)
    chosen = ways[0] if len(asked) == 1 else _chosen(ways, found)
    document = TemplateDocument(
        schema_version=SCHEMA_VERSION,
        study=STUDY,
        scenario=scenario.name,
        grid_minutes=every,
        seed=None if comparison is None else scenario.run.seed,
        replications=None if comparison is None else scenario.run.replications,
        horizon=None if comparison is None else horizon(scenario),
        late_limit=bound(scenario.targets.overtime_day_share),
        on_time_limit=bound(scenario.targets.started_on_time_share),
        state=_state(chosen, found),
        now=present[0].name,
        answer=None if chosen is None else chosen.name,
        told=list(_told(present[0], ways, chosen, found)),
        first_visit_share=first_visit_share(scenario),
        ways=[_way(way, found.get(way.name)) for way in (*present, *ways)],
        hours={} if chosen is None else _longer_hours(scenario, plan, chosen, seconds),
        sheet=[] if chosen is None else list(_sheet(scenario, plan, chosen)),
        warnings=[] if comparison is None else comparison.document["warnings"],
    )
    if comparison is not None:
        document["folder"] = str(comparison.folder)
    return FinishedTemplate(document, None if chosen is None else _booked(scenario, chosen), comparison)


@dataclass(frozen=True, slots=True)
class _Plan:
    """The week for which a template is wanted.

    Attributes
    ----------
    timetable
        Of the scenario without listed starts.
    days
        The plan of each open weekday.
    every
        Minutes between possible starts.
    """

    timetable: Timetable
    days: dict[Weekday, Day]
    every: int

    @classmethod
    def of(cls, scenario: Scenario, every: int) -> _Plan:
        """Take it from a scenario.

        Raises
        ------
        SimclinicError
            With every reason why there can be no template.
        """
        problems = list(_problems(scenario, every))
        if problems:
            raise SimclinicError(*problems)
        timetable = Timetable(replace(scenario, booking={"starts": {}}))
        return cls(timetable, open_days(timetable), every)


def _problems(scenario: Scenario, every: int) -> Iterator[str]:
    """Yield every reason why there can be no template."""
    if not 0 < every <= HOUR or HOUR % every:
        yield (
            f"--grid must divide an hour, so that the times are the same in every hour: 1, 2, 3, 4, 5, 6, 10, 12, "
            f"15, 20, 30 or 60 minutes (is {every})"
        )
    if scenario.booking.mode == "walk-in":
        yield f"{scenario.name!r} is a walk-in clinic: without a book there are no starts to plan"
    for date, changed in scenario.changes.items():
        plans = sorted({address.split(".")[0] for address in changed} & {"clinic", "shifts"})
        if plans:
            yield (
                f"changes.{date} changes {' and '.join(plans)}: a template is for one plan, so leave the change "
                "out, or make a scenario for each"
            )


def _present(scenario: Scenario, plan: _Plan) -> list[Way]:
    """Return the ways to book without a template, the present one first."""
    visit, step = plan.timetable.visit, scenario.booking.start_every_minutes
    grid = {name: _whole(starts) for name, starts in derived(plan.days, visit, step).items()}
    ways = [Way(_DERIVED, grid, visit.patient_minutes)]
    if scenario.booking.starts is not None:
        listed = {name: scenario.booking.starts.get(name, grid[name]) for name in plan.days}
        ways.insert(0, Way(_LISTED, listed, visit.patient_minutes))
    return ways


def _templates(scenario: Scenario, plan: _Plan, asked: Sequence[Slack], seconds: float) -> list[Way]:
    """Return the best template with each slack, those with fewest starts first; equal ones are one.

    Raises
    ------
    SimclinicError
        If no visit fits into any day.
    """
    ways: dict[tuple[tuple[int, ...], ...], Way] = {}
    for slack in asked:
        visit = visit_with(scenario, slack)
        found = weekly_template(plan.days, visit, plan.every, seconds=seconds)
        starts = {name: _whole(day.starts) for name, day in found.days.items()}
        key = tuple(starts.values())
        known = ways.get(key)
        if known is None:
            ways[key] = Way(slack.name, starts, visit.patient_minutes, found, (slack,))
        else:
            name = f"{known.name}, {slack.name}"
            ways[key] = dataclasses.replace(known, name=name, slacks=(*known.slacks, slack))
    if not any(way.count for way in ways.values()):
        shortest = min(way.planned_minutes for way in ways.values())
        raise SimclinicError(
            f"no visit can start on any day: a planned visit takes {shortest:.0f} minutes until the patient "
            "leaves, and no start has that time before closing with a chair and the nurses on duty whom it needs"
        )
    return sorted(ways.values(), key=lambda way: (way.count, -way.planned_minutes))


def _whole(starts: Sequence[float]) -> tuple[int, ...]:
    return tuple(round(start) for start in starts)


def _booked(scenario: Scenario, way: Way) -> Scenario:
    """Return the scenario with the starts of a way; the derived grid is not listed."""
    if way.name == _DERIVED:
        return replace(scenario, booking={"starts": {}})
    listed = {name: [clock(start) for start in starts] for name, starts in way.starts.items()}
    return replace(replace(scenario, booking={"starts": {}}), booking={"starts": listed})


def _sides(scenario: Scenario, ways: Sequence[Way]) -> list[Side]:
    """Return what is simulated: equal starts once."""
    different = {tuple(way.starts.values()): way for way in reversed(ways)}
    return [Side(way.name, _booked(scenario, way)) for way in ways if way in different.values()]


def _found(ways: Sequence[Way], comparison: FinishedComparison | None) -> dict[str, Compared]:
    """Return the figures of each way by its name."""
    if comparison is None:
        return {}
    simulated = {each["name"]: each for each in comparison.document["scenarios"]}
    of_starts = {tuple(way.starts.values()): simulated[way.name] for way in ways if way.name in simulated}
    return {way.name: of_starts[tuple(way.starts.values())] for way in ways}


def _chosen(ways: Sequence[Way], found: Mapping[str, Compared]) -> Way | None:
    """Choose the last template before the first that is not shown to keep the limits of the day."""
    chosen = None
    for way in ways:
        if way.name not in found or found[way.name]["day_verdict"] != HOLDS:
            break
        chosen = way
    return chosen


def _state(chosen: Way | None, found: Mapping[str, Compared]) -> State:
    if not found:
        return "on-paper"
    return "met" if chosen is not None and found[chosen.name]["day_verdict"] == HOLDS else "open"


def _told(now: Way, ways: Sequence[Way], chosen: Way | None, found: Mapping[str, Compared]) -> Iterator[str]:
    """Say the answer in sentences."""
    if not found:
        most = ways[-1] if chosen is None else chosen
        if most.count > now.count:
            yield f"On paper, {_starts(most)} fit with {most.name}, instead of {now.count} with the {now.name}."
        else:
            yield f"On paper, {_starts(most)} fit with {most.name}: no more than the {now.count} of the {now.name}."
        yield "Nothing was simulated: how late the days run is not known."
        return
    kept = found[now.name]["day_verdict"] == HOLDS
    if chosen is None:
        yield "Open: no template is shown to keep the limits of the day."
        yield f"The one with fewest starts is that with {ways[0].name}: {_reasons(found[ways[0].name])}."
        yield (
            f"The {now.name}, with {_starts(now)}, is shown to keep them."
            if kept
            else f"Nor is the {now.name}, with {_starts(now)}. More slack, or more replications, may show it."
        )
        return
    shown = found[chosen.name]
    if shown["day_verdict"] != HOLDS:
        yield f"Open: the template with {chosen.name} is not shown to keep the limits of the day."
    elif kept and chosen.count <= now.count:
        yield (
            f"Keep the {now.name}: it has {_starts(now)} and keeps the limits of the day, and no fuller template "
            "is confirmed."
        )
    elif chosen.count < now.count:
        yield (
            f"Book by the template with {chosen.name}. It has {_starts(chosen)}, fewer than the {now.count} of the "
            f"{now.name}, which is not shown to keep the limits of the day."
        )
    else:
        yield f"Book by the template with {chosen.name}: {_starts(chosen)} instead of {now.count}."
    yield f"With {chosen.name}, {_reasons(shown)}."
    used = shown["kpis"]["slot_fill"]["mean"]
    if used is not None and used < FULL:
        yield (
            f"At this demand {100 * used:.0f} % of its starts are used. Full days run later: raise "
            "demand.referrals_per_week to see them."
        )
    yield from _new_patients(now, shown, found[now.name])


def _new_patients(now: Way, chosen: Compared, present: Compared) -> Iterator[str]:
    """Say what the template does to new patients: fewer starts make them wait, or leave."""
    days, days_now, turned, turned_now = (
        each["kpis"][kpi]["mean"]
        for kpi in ("access_days_mean", "balked_share")
        for each in (chosen, present)
    )
    if days is None or days_now is None or turned is None or turned_now is None:
        return
    yield (
        f"New patients wait {days:.1f} days for the first infusion, with the {now.name} {days_now:.1f}; "
        f"{100 * turned:.1f} % of them are turned away, with the {now.name} {100 * turned_now:.1f} %."
    )


def _starts(way: Way) -> str:
    return f"{way.count} starts a week"


def _reasons(found: Compared) -> str:
    return ", and ".join(found["day_verdict_reasons"])


def _way(way: Way, found: Compared | None) -> Booked:
    template = way.template
    return Booked(
        name=way.name,
        slacks=[slack.key for slack in way.slacks],
        planned_minutes=way.planned_minutes,
        starts_per_week=way.count,
        most_per_week=None if template is None else template.most,
        settled=None if template is None else template.settled,
        days=[
            TemplateDay(
                weekday=name,
                starts=[clock(start) for start in starts],
                most=None if template is None else template.days[name].most,
                peak_hands=None if template is None else template.days[name].peak_hands,
            )
            for name, starts in way.starts.items()
        ],
        verdict=None if found is None else found["verdict"],
        day_verdict=None if found is None else found["day_verdict"],
        day_verdict_reasons=[] if found is None else found["day_verdict_reasons"],
        kpis=None if found is None else {name: found["kpis"][name] for name in SHOWN},
    )


def _longer_hours(scenario: Scenario, plan: _Plan, chosen: Way, seconds: float) -> dict[str, int | None]:
    visit = visit_with(scenario, chosen.slacks[0])
    return {
        "open_earlier": starts_with_hours(plan.days, visit, plan.every, earlier=TEN, seconds=seconds),
        "close_later": starts_with_hours(plan.days, visit, plan.every, later=TEN, seconds=seconds),
    }


def _sheet(scenario: Scenario, plan: _Plan, chosen: Way) -> Iterator[SheetLine]:
    """Yield the starts of a template with their chairs and nurses."""
    visit, names = visit_with(scenario, chosen.slacks[0]), plan.timetable.roster.names
    for weekday, starts in chosen.starts.items():
        for place in places(visit, starts, plan.days[weekday].working):
            yield SheetLine(
                weekday=weekday,
                time=clock(round(place.start)),
                chair=place.chair,
                nurse=None if place.nurse is None else f"{names[place.nurse[0]]} {place.nurse[1]}",
                relieved=place.relieved,
            )
