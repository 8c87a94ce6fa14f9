"""The best template of a clinic's starts: planned with several slacks, each simulated on the same patients.

A template that is planned with more slack has fewer starts, and its days run less late. The templates and the
present ways to book are candidates. They are tried from the fullest down, each until it is shown to keep the limits
of the day, or to break one; the first that keeps them is the answer. The candidates are fixed on paper before the
first replication. Bounds are confidence sequences, which hold at every number of replications at once, and the
error probability is divided as in :mod:`simclinic.studies.plan`: one half by the candidates, the other by
candidates and limits.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from simclinic.errors import SimclinicError, Together
from simclinic.experiment.failure import Failure
from simclinic.experiment.sequences import LEAST
from simclinic.measures.targets import Target, targets_of_day
from simclinic.planning import Timetable
from simclinic.planning.assignment import places
from simclinic.planning.load import load_on_paper
from simclinic.planning.one_more import Day
from simclinic.planning.slack import USUAL, Slack, first_visit_share, slacks, visit_with
from simclinic.planning.template import SECONDS
from simclinic.planning.weekly_template import (
    derived,
    open_days,
    starts_with_hours,
    weekly_template,
)
from simclinic.report.text import template as words
from simclinic.report.text.targets import asked as asked_words
from simclinic.report.text.words import counted as in_words
from simclinic.results.document import SCHEMA_VERSION, as_json, horizon
from simclinic.results.kinds import TEMPLATE
from simclinic.results.template import Booked, SheetLine, State, TemplateDay, TemplateDocument
from simclinic.scenario import Scenario, replace, scenario_hash
from simclinic.scenario.hours import Weekday, clock
from simclinic.scenario.starts import minutes_of
from simclinic.store import Identity
from simclinic.store.multi_folder import MultiScenarioFolder
from simclinic.studies.booking_ways import Key, Way
from simclinic.studies.certify import Found, Rule, asked_for, problems_of, settle
from simclinic.studies.mixed_template import OF_MIX, Mix, add_mixed, no_mix, toml
from simclinic.studies.multi_scenario import counted, failures_of, never_certain
from simclinic.studies.plan import ALPHA, AT_MOST
from simclinic.studies.run import FinishedRun
from simclinic.studies.run_options import RunOptions, Settled, Step
from simclinic.studies.simulator import simulator
from simclinic.studies.today import empty_start_warnings

GRID = 5
"""Minutes between possible starts unless others are asked for."""
TEN = 10
"""Minutes of the question what longer hours are worth."""

HOUR = 60
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


@dataclass(frozen=True)
class FinishedTemplate:
    """A finished search for a template.

    Attributes
    ----------
    document
        Output of `--json`.
    scenario
        The scenario with the starts of the answer; None if there is none, or if it is the present way to book.
    names, runs
        The name of each way that was simulated, and its run.
    folder
        The results folder; None on paper.
    """

    document: TemplateDocument
    scenario: Scenario | None
    names: tuple[str, ...] = ()
    runs: tuple[FinishedRun, ...] = ()
    folder: Path | None = None

    @cached_property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Replications that failed, with the name of their way to book."""
        return failures_of(self.names, self.runs)


@dataclass(frozen=True, slots=True)
class Trial:
    """What was simulated of the ways to book.

    Attributes
    ----------
    found, runs
        By the starts of the way.
    """

    found: dict[Key, Found] = field(default_factory=dict)
    runs: dict[Key, FinishedRun] = field(default_factory=dict)


def template(
    scenario: Scenario,
    *,
    every: int = GRID,
    slack: str = USUAL,
    on_paper: bool = False,
    alpha: float = ALPHA,
    at_most: int = AT_MOST,
    options: RunOptions | None = None,
    seconds: float = SECONDS,
) -> FinishedTemplate:
    """Find the best template of a clinic, and store the results.

    Parameters
    ----------
    scenario
        The clinic, with its seed.
    every
        Minutes between possible starts.
    slack
        What is planned on top of mean lengths, with commas between. One alone is the answer, whatever the
        simulation says of it.
    on_paper
        Whether to leave the simulation out; nothing is stored then.
    alpha
        The probability that the answer is wrong: that it breaks a limit of the day, or that a fuller way to book
        that is excluded keeps them all.
    at_most
        Most replications of a way to book.
    options
        How to simulate and store.
    seconds
        Time after which the best template found for a day is taken.

    Raises
    ------
    SimclinicError
        With every reason why there can be no template.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    options = options or RunOptions()
    check_question(scenario, every=every, slack=slack, alpha=alpha, at_most=at_most)
    asked = slacks(slack)
    plan: _Plan | Mix
    if scenario.simple:
        plan = _Plan.of(scenario, every)
        present = _present(scenario, plan)
        made = _templates(scenario, plan, asked, seconds, options.watch)
    else:
        plan = Mix.of(scenario, every)
        present = plan.present()
        made = plan.templates(asked, seconds, options.watch)
    ways = in_order([*present, *made])
    only = next(way for way in ways if way.is_template) if len(asked) == 1 else None
    study = _Study(scenario, plan, present, ways, only, alpha, at_most, seconds)
    if on_paper:
        return FinishedTemplate(study.document(only, Trial()), _listed(scenario, only, present[0]))
    own = Identity.of(TEMPLATE.name, scenario)
    question = hashlib.sha256(json.dumps([own.fingerprint, [way.key for way in ways]]).encode()).hexdigest()
    with options.folder(own, (), question) as folder:
        folder.keep(0)
        trial = Trial()
        with counted(folder, trial.runs.values()):
            chosen = study.search(folder, options, trial)
        document = study.document(chosen, trial)
        folder.finish(as_json(document), words.ways_csv(document))
    names = tuple(next(way.name for way in ways if way.key == key) for key in trial.runs)
    runs = tuple(trial.runs.values())
    return FinishedTemplate(document, _listed(scenario, chosen, present[0]), names, runs, folder.path)


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
        """Take it from a scenario that can have a template."""
        timetable = Timetable(replace(scenario, booking={"starts": {}}))
        return cls(timetable, open_days(timetable), every)


@dataclass(frozen=True, slots=True)
class _Study:
    """The search, and its document.

    Attributes
    ----------
    present
        The ways to book without a template, the present one first.
    ways
        All ways, the fullest first.
    only
        The one that was asked for; None: the best is looked for.
    """

    scenario: Scenario
    plan: _Plan | Mix
    present: Sequence[Way]
    ways: Sequence[Way]
    only: Way | None
    alpha: float
    at_most: int
    seconds: float

    @property
    def now(self) -> Way:
        """The present way to book."""
        return self.present[0]

    @property
    def targets(self) -> tuple[Target, ...]:
        """The limits of the day."""
        return targets_of_day(self.scenario)

    @property
    def rule(self) -> Rule:
        """How a way to book is judged: half of the error for certificates, half for exclusions."""
        candidates = len({way.key for way in self.ways})
        half = self.alpha / 2
        return Rule(self.targets, half / candidates, half / (candidates * len(self.targets)), self.at_most)

    def search(self, folder: MultiScenarioFolder, options: RunOptions, trial: Trial) -> Way | None:
        """Try ways from the fullest down until one keeps the limits; then the present one, if it is less full.

        Returns
        -------
        Way or None
            The answer.
        """

        def tried(way: Way, rule: Rule) -> Found:
            if way.key not in trial.found:
                self._say(way, trial, options)
                booked = _booked(self.scenario, way)
                subfolder = folder.add(way.name, scenario_hash(booked, {"replications": 1}))
                simulate = simulator(booked, load_on_paper(booked), options)
                trial.found[way.key], trial.runs[way.key] = settle(booked, subfolder, rule, simulate)
            return trial.found[way.key]

        candidates = self.ways if self.only is None else [self.only]
        chosen = first_confirmed(candidates, lambda way: tried(way, self.rule))
        chosen = chosen if self.only is None else self.only
        # Only what the answer is compared with: as many replications as the answer has.
        most = LEAST if chosen is None else trial.runs[chosen.key].scenario.run.replications
        for way in [self.now] if self.scenario.simple else self.present:
            if way.key not in trial.found:
                tried(way, dataclasses.replace(self.rule, at_most=most))
        return chosen

    def _say(self, way: Way, trial: Trial, options: RunOptions) -> None:
        """Say how far the search is."""
        if options.watch is None:
            return
        told = {target.figure: asked_words(target, self.scenario) for target in self.targets}
        named = {each.key: each for each in reversed(self.ways)}
        settled = tuple(
            Settled(named[key].name, found.word, tuple(told[each] for each in found.misses))
            for key, found in trial.found.items()
        )
        left = sum(key not in trial.found for key in named)
        says = f"A way to book is being simulated: {way.name}, {in_words(way.count, 'start')} a week."
        options.watch(Step(says, settled, left * self.at_most))

    def document(self, chosen: Way | None, trial: Trial) -> TemplateDocument:
        """Put the document together."""
        scenario, simulated = self.scenario, bool(trial.runs)
        warnings = list(empty_start_warnings(scenario)) if simulated else []
        warnings += never_certain(
            trial.runs.values(), "a way to book with a failed replication is never certified"
        )
        of_day = {target.figure for target in self.targets}
        run = None if chosen is None else trial.runs.get(chosen.key)
        document = TemplateDocument(
            schema_version=SCHEMA_VERSION,
            study=TEMPLATE.name,
            scenario=scenario.name,
            grid_minutes=self.plan.every,
            seed=scenario.run.seed if simulated else None,
            horizon=horizon(scenario) if simulated else None,
            alpha=self.alpha,
            at_most=self.at_most,
            state=_state(chosen, trial),
            now=self.now.name,
            chosen=None if chosen is None else chosen.name,
            asked=self.only is not None,
            answer=[],
            first_visit_share=first_visit_share(scenario) if scenario.simple else None,
            targets=[asked_for(target, scenario) for target in self.targets],
            others=[]
            if run is None
            else [each for each in run.document.get("targets", ()) if each["figure"] not in of_day],
            ways=[_way(way, trial) for way in self.ways],
            hours={}
            if chosen is None or chosen.template is None or isinstance(self.plan, Mix)
            else _longer_hours(scenario, self.plan, chosen, self.seconds),
            sheet=[],
            warnings=warnings,
        )
        if chosen is not None and chosen is not self.now:
            sheet = (
                self.plan.sheet(chosen) if isinstance(self.plan, Mix) else _sheet(scenario, self.plan, chosen)
            )
            document["sheet"] = list(sheet)
        if isinstance(self.plan, Mix):
            document["asked_by_type"] = self.plan.asked_by_type()
            document["toml"] = "" if chosen is None or chosen is self.now else toml(chosen)
        document["answer"] = words.answer(document)
        return document


def in_order(ways: Sequence[Way]) -> list[Way]:
    """Put the fullest ways first; of equally full ones the present way, then the one with most slack."""
    return sorted(ways, key=lambda way: (*way.fullness, way.is_template, -way.planned_minutes))


def first_confirmed(ways: Sequence[Way], found: Callable[[Way], Found]) -> Way | None:
    """Return the first way to book that is shown to keep all limits; no later one is tried."""
    return next((way for way in ways if found(way).state == "confirmed"), None)


def check_question(scenario: Scenario | None, *, every: int, slack: str, alpha: float, at_most: int) -> None:
    """Refuse arguments that make no sense and clinics that can have no template, all at once.

    Parameters
    ----------
    scenario
        The clinic; None: not known.
    every, slack, alpha, at_most
        As for :func:`template`.

    Raises
    ------
    SimclinicError
        With everything that is wrong.
    """
    wrong = Together()
    with wrong:
        if problems := [*no_grid(every), *no_template(scenario), *problems_of(alpha, at_most)]:
            raise SimclinicError(*problems)
    with wrong:
        slacks(slack)
    wrong.end()


def no_grid(every: int) -> Iterator[str]:
    """Yield why there is no grid of so many minutes."""
    if not 0 < every <= HOUR or HOUR % every:
        yield (
            f"--grid must divide an hour, so that the times are the same in every hour: 1, 2, 3, 4, 5, 6, 10, 12, "
            f"15, 20, 30 or 60 minutes (is {every})"
        )


def no_template(scenario: Scenario | None) -> Iterator[str]:
    """Yield every reason why a clinic can have no template."""
    if scenario is None:
        return
    if scenario.booking.mode == "walk-in":
        yield f"{scenario.name!r} is a walk-in clinic: without a book there are no starts to plan"
    elif not scenario.simple:
        yield from no_mix(scenario)
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
        starts = scenario.booking.starts
        listed = {name: minutes_of(starts.get(name, grid[name])) for name in plan.days}
        ways.insert(0, Way(_LISTED, listed, visit.patient_minutes))
    return ways


def _templates(
    scenario: Scenario,
    plan: _Plan,
    asked: Sequence[Slack],
    seconds: float,
    watch: Callable[[Step], None] | None,
) -> list[Way]:
    """Return the best template with each slack; equal ones are one.

    Raises
    ------
    SimclinicError
        If no visit fits into any day.
    """
    ways: dict[Key, Way] = {}
    for number, slack in enumerate(asked, 1):
        if watch is not None:
            watch(Step(f"The fullest days are computed: {slack.name}, {number} of {len(asked)}.", (), 0))
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
    return list(ways.values())


def _whole(starts: Sequence[float]) -> tuple[int, ...]:
    return tuple(round(start) for start in starts)


def _booked(scenario: Scenario, way: Way) -> Scenario:
    """Return the scenario with the starts of a way; the derived grid is not listed."""
    if way.mixed is not None:
        return way.mixed.booked
    plain = replace(scenario, booking={"starts": {}})
    return plain if way.name == _DERIVED else _with_starts(plain, way)


def _with_starts(scenario: Scenario, way: Way) -> Scenario:
    listed = {name: [clock(start) for start in starts] for name, starts in way.starts.items()}
    return replace(replace(scenario, booking={"starts": {}}), booking={"starts": listed})


def _listed(scenario: Scenario, chosen: Way | None, now: Way) -> Scenario | None:
    """Return the scenario with the starts of the answer; None if they are the present ones."""
    if chosen is None or chosen is now:
        return None
    return _with_starts(scenario, chosen) if chosen.mixed is None else chosen.mixed.booked


def _state(chosen: Way | None, trial: Trial) -> State:
    if not trial.runs:
        return "on-paper"
    if chosen is not None:
        shown = trial.found[chosen.key].state
        return "met" if shown == "confirmed" else shown
    return "missed" if all(found.state == "missed" for found in trial.found.values()) else "open"


def _way(way: Way, trial: Trial) -> Booked:
    template, found, run = way.template, trial.found.get(way.key), trial.runs.get(way.key)
    booked = Booked(
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
        replications=0 if run is None else run.scenario.run.replications,
        state="not tried" if found is None else found.word,
        misses=[] if found is None else found.misses,
        targets=[] if found is None else list(found.targets),
        verdict=None if run is None else run.document["verdict"],
        kpis=None if run is None else {name: run.document["kpis"][name] for name in SHOWN},
    )
    if way.mixed is not None:
        add_mixed(booked, way.mixed)
        if run is not None and booked["kpis"] is not None:
            booked["kpis"] |= {
                name: run.document["kpis"][name] for name in OF_MIX if name in run.document["kpis"]
            }
    return booked


def _longer_hours(scenario: Scenario, plan: _Plan, chosen: Way, seconds: float) -> dict[str, int | None]:
    visit = visit_with(scenario, chosen.slacks[0])
    return {
        "open_earlier": starts_with_hours(plan.days, visit, plan.every, earlier=TEN, seconds=seconds),
        "close_later": starts_with_hours(plan.days, visit, plan.every, later=TEN, seconds=seconds),
    }


def _sheet(scenario: Scenario, plan: _Plan, chosen: Way) -> Iterator[SheetLine]:
    """Yield the starts of a way to book with their chairs and nurses."""
    visit = visit_with(scenario, chosen.slacks[0]) if chosen.slacks else plan.timetable.visit
    names = plan.timetable.roster.names
    for weekday, starts in chosen.starts.items():
        for place in places(visit, starts, plan.days[weekday].working):
            yield SheetLine(
                weekday=weekday,
                time=clock(round(place.start)),
                chair=place.chair,
                nurse=None if place.nurse is None else f"{names[place.nurse[0]]} {place.nurse[1]}",
                relieved=place.relieved,
            )
