"""The search for the cheapest plan: plans are tried until one is shown to meet all targets.

What it is and why it may stop as it likes stands in :mod:`simclinic.studies.plan`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.sequences import LEAST
from simclinic.measures import KPIS
from simclinic.measures.groups import beginning_by_type, waiting_figures
from simclinic.measures.intervals import Watched, interval
from simclinic.measures.stability import PAPER_BREAKS
from simclinic.measures.targets import VERDICT, judge_targets, targets_of, worst
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.known_cost import known_cost
from simclinic.report.text import plan as words
from simclinic.report.text.targets import asked
from simclinic.results.document import SCHEMA_VERSION, horizon
from simclinic.results.kinds import PLAN, RUN_IN_PARTS
from simclinic.results.plan import By, End, FromWeek, Gain, Objective, PlanDocument, PlanResult, Varied
from simclinic.scenario import Scenario, replace, scenario_hash
from simclinic.store.multi_folder import MultiScenarioFolder
from simclinic.store.reader import table
from simclinic.studies.advice import plan_warnings
from simclinic.studies.best_plan import choose
from simclinic.studies.certify import Found, Rule, asked_for, climb, in_order, not_on_paper, settle
from simclinic.studies.hire import MORE, from_week, parts_of, weeks_tried
from simclinic.studies.input_ends import InputEnd, ends_of
from simclinic.studies.multi_scenario import never_certain
from simclinic.studies.plan_space import Plan, Space, rungs
from simclinic.studies.run import FinishedRun, with_run_settings
from simclinic.studies.run_options import RunOptions, Settled, Step
from simclinic.studies.simulator import simulator
from simclinic.studies.today import empty_start_warnings, panel_start, panel_warnings

OBJECTIVE = "margin_per_week"
"""Figure by which plans of equal known cost are put in order."""
_MOST_AT_END = 3
"""Dearer plans that are tried at an end of an input at which the chosen plan does not hold."""
_MOST_OF_END = (1 + _MOST_AT_END) * LEAST
"""Replications there at most."""

_MONEY = ("cost_per_week", "margin_per_week")
"""Figures by which a plan is compared with doing nothing."""
_SHOWN = (
    "cost_per_week",
    "margin_per_week",
    "series_started_per_week",
    "balked_share",
    "overtime_minutes_per_day",
)
"""Figures that are reported of each plan."""


class Search:
    """A search in progress: each plan that was simulated, and what was found."""

    def __init__(
        self,
        scenario: Scenario,
        space: Space,
        folder: MultiScenarioFolder,
        options: RunOptions,
        alpha: float,
        at_most: int,
        maximise: str | None,
        *,
        by: bool,
    ) -> None:
        self.runs: dict[str, FinishedRun] = {}
        self._scenario = scenario
        self._space = space
        self._folder = folder
        self._options = options
        self._alpha = alpha
        self._maximise = maximise
        self._rungs = rungs(space.plans)
        self._shown = (*_SHOWN, *waiting_figures(scenario), *beginning_by_type(scenario))
        self._by = by
        self._parts = parts_of(scenario.run.weeks) if by else 1
        # The verdict is about all measured weeks; in every quarter, the other targets and guards say more.
        self._targets = tuple(
            target for target in targets_of(scenario, default=True) if not (by and target.figure == VERDICT)
        )
        alike = any(len(rung) > 1 for rung in self._rungs)
        self._part = alpha / (3 if maximise or alike else 2)
        plans = max(len(space.plans), 1)
        judged = sum(target.figure != VERDICT for target in self._targets)
        self._rule = Rule(
            self._targets,
            self._part / plans,
            self._part / (plans * max(judged, 1) * self._parts),
            at_most,
            self._parts,
        )
        self._guarded = options.panel is None and any(each.figure == VERDICT for each in self._targets)
        self._ruled = sum(self._ruled_out(place) for place in range(len(space.plans)))
        self._most_of_ends = 0
        self._found: dict[int, Found] = {}
        self._folders: dict[int, Path] = {}

    # -- the search -------------------------------------------------------------------------------------

    def _try(self, place: int) -> Found:
        """Simulate a plan until its targets are settled; one that paper rules out is not simulated."""
        if self._ruled_out(place):
            return self._found.setdefault(place, not_on_paper(self._targets))
        return self._simulated(place)

    def _ruled_out(self, place: int) -> bool:
        """Tell whether the verdict on a plan is "not stable" on paper alone, and so misses its guard."""
        one = self._space.plans[place]
        # Of a clinic that is meant to change the verdict says nothing on paper.
        return self._guarded and not one.scenario.meant_to_change and one.load > PAPER_BREAKS

    def _simulated(self, place: int) -> Found:
        one = self._space.plans[place]
        number, plans = len(self.runs) + 1, max(len(self._space.plans) - self._ruled, 1)
        says = f"Plan {number} of {plans} is being simulated: {one.name}{words.overloaded(one.load)}."
        self._say(says, plans - number + 1)
        found, self._folders[place] = self._settle(one.name, one, self._rule)
        self._found[place] = found
        return found

    def _settle(self, name: str, one: Plan, rule: Rule) -> tuple[Found, Path]:
        subfolder = self._folder.add(name, self._folder_hash(one.scenario))
        found, self.runs[name] = settle(
            self._measured(one.scenario), subfolder, rule, self._simulate(one.scenario, one.load)
        )
        return found, subfolder

    def _say(self, says: str, plans: int) -> None:
        """Say how far the search is; at most so many plans are still to be tried."""
        if self._options.watch is None:
            return
        weeks = self._scenario.run.weeks // self._parts
        told = {target.figure: asked(target, self._scenario, weeks) for target in self._targets}
        settled = []
        for place, found in self._found.items():
            told[VERDICT] = f"it is not stable{'' if self._was_simulated(place) else ' on paper'}"
            misses = tuple(told[each] for each in found.misses)
            settled.append(Settled(self._space.plans[place].name, found.word, misses))
        most = plans * self._rule.at_most * self._parts + self._most_of_ends
        self._options.watch(Step(says, tuple(settled), most))

    def _folder_hash(self, scenario: Scenario) -> str:
        """Hash what decides the replications of a plan; those in parts are others than those of the whole."""
        parts = f"{self._parts} parts" if self._by else ""
        return hashlib.sha256(f"{_own_hash(scenario)} {parts}".encode()).hexdigest()

    def _measured(self, scenario: Scenario) -> Scenario:
        """Return a scenario whose measured weeks are those of one part."""
        return replace(scenario, run={"weeks": scenario.run.weeks // self._parts}) if self._by else scenario

    def _simulate(self, plan: Scenario, load: float) -> Callable[[Scenario, Path], FinishedRun]:
        """Return the runner of a plan with this load on paper."""
        study = RUN_IN_PARTS[self._parts].name if self._by else None
        return simulator(plan, load, self._options, study=study, parts=self._parts)

    def _climb(self) -> list[int]:
        """Try plans, rung by rung, until one meets all targets (all of them if a figure is to be largest)."""
        for rung in self._rungs:
            certified = [place for place in rung if self._try(place).state == "confirmed"]
            if certified and not self._maximise:
                return certified
        if not self.runs and self._space.plans:  # of the plan that comes nearest on paper, figures are shown
            self._simulated(min(self._found, key=self._distance))
        return [place for place, found in self._found.items() if found.state == "confirmed"]

    def _best(self, certified: Sequence[int]) -> Objective | None:
        """Put certified plans in order, if there are several."""
        if not certified or (len(certified) == 1 and not self._maximise):
            return None
        figure = self._maximise or OBJECTIVE
        others = max(len(self._space.plans) - 1, 1)
        made = {
            place: self.runs[self._space.plans[place].name].scenario.run.replications // self._parts
            for place in certified
        }

        def figures(place: int, count: int) -> tuple[Floats, Sequence[float]]:
            one = self._space.plans[place]
            finished = self.runs[one.name]
            if count > made[place]:
                finished = self._simulate(one.scenario, one.load)(
                    with_run_settings(self._measured(one.scenario), replications=count * self._parts),
                    self._folders[place],
                )
                self.runs[one.name], made[place] = finished, count
            return self._mean(self._folders[place], figure, count), finished.pilot_effects.get(figure, ())

        begin = min(made.values())
        best = choose(
            certified,
            figures,
            beta=self._part / others,
            begin=begin,
            at_most=self._rule.at_most if self._maximise else begin,
        )
        return Objective(
            figure=figure,
            among=list(certified),
            best=best.place,
            close=list(best.close),
            certified=not best.close,
        )

    def _mean(self, folder: Path, figure: str, count: int) -> Floats:
        """Return a figure of the first replications, the mean over their parts, shape (count,)."""
        rows = count * self._parts
        columns = in_order(table(folder, "runs", below=rows), rows)
        return np.asarray(columns[figure].reshape(count, self._parts).mean(axis=1), dtype=np.float64)

    # -- when --------------------------------------------------------------------------------------------

    def _when(self, chosen: int, lead_weeks: int) -> By:
        """Look for the latest week in which the plan must come into force."""
        scenario, plan = self._scenario, self._space.plans[chosen]
        weeks = weeks_tried(scenario.run.weeks)
        rule = dataclasses.replace(
            self._rule,
            confirm=self._alpha,
            exclude=self._alpha / (len(self._targets) * self._parts * len(weeks)),
        )

        def settled(name: str, changed: Scenario, rule: Rule) -> tuple[Found, FinishedRun]:
            found, _ = self._settle(name, dataclasses.replace(plan, scenario=changed), rule)
            return found, self.runs[name]

        nothing, _ = settled("as it is", scenario, self._rule)
        named = {place: f"{plan.name} from week {weeks[place]}" for place in range(len(weeks))}
        tried = [
            (place, found)
            for place, found, _ in climb(
                len(weeks),
                lambda place: settled(named[place], from_week(scenario, plan.settings, weeks[place]), rule),
                more=MORE,
            )
        ]
        confirmed = [place for place, found in tried if found.state == "confirmed"]
        missed = [place for place, found in tried if found.state == "missed"]
        last = max(confirmed, default=None)
        return By(
            parts=self._parts,
            part_weeks=scenario.run.weeks // self._parts,
            lead_weeks=lead_weeks,
            tried=[
                FromWeek(
                    week=weeks[place],
                    date=_date(scenario, weeks[place]),
                    state=found.state,
                    misses=found.misses,
                    targets=list(found.targets),
                    replications=self.runs[named[place]].scenario.run.replications // self._parts,
                )
                for place, found in tried
            ],
            confirmed=last,
            missed=min(missed, default=None),
            advertise_by=None if last is None else _date(scenario, weeks[last] - lead_weeks),
            nothing=nothing.word,
            nothing_misses=nothing.misses,
            against_nothing={} if last is None else self._gains(named[last]),
        )

    def _gains(self, name: str) -> dict[str, Gain]:
        """Return what a plan costs and brings more than doing nothing, on the same patients."""
        names = (name, "as it is")
        count = min(self.runs[each].scenario.run.replications for each in names) // self._parts
        gains = {}
        for figure in _MONEY:
            one, other = (self._mean(self.runs[each].folder, figure, count) for each in names)
            mean, low, high = interval(one - other)
            known = math.isfinite(mean) and math.isfinite(low)
            gains[figure] = Gain(
                mean=mean if math.isfinite(mean) else None,
                ci=[low, high] if known else None,
                n=count,
                unit=KPIS[figure].unit,
            )
        return gains

    # -- both ends of the inputs -------------------------------------------------------------------------

    def _ends(self, chosen: int) -> Iterator[End]:
        """Try the chosen plan, and dearer ones if need be, with inputs at the ends of their ranges."""
        for end in ends_of(self._scenario):
            self._say(f"The answer is tried again in case {end.name}.", 0)
            self._most_of_ends -= _MOST_OF_END
            plans = self._space.plans
            state, misses = self._at_end(end.plan(plans[chosen]), end)
            dearer = range(chosen + 1, len(plans)) if state == "missed" else ()
            changed = ((place, end.plan(plans[place])) for place in dearer)
            carried = islice(((place, plan) for place, plan in changed if plan.load <= 1), _MOST_AT_END)
            enough = next((place for place, plan in carried if self._at_end(plan, end)[0] == "met"), None)
            yield End(
                address=end.address,
                name=end.name,
                usual=end.usual,
                value=end.value,
                state=state,
                misses=misses,
                enough=enough,
                replications=LEAST,
            )

    def _at_end(self, changed: Plan, end: InputEnd) -> tuple[str, list[str]]:
        """Judge a changed plan as `run` judges targets; return the worst answer, and the figures missed."""
        name = f"{changed.name} {end.address} {end.value:g}"
        subfolder = self._folder.add(name, self._folder_hash(changed.scenario))
        finished = self.runs[name] = self._simulate(changed.scenario, changed.load)(
            with_run_settings(changed.scenario, replications=LEAST), subfolder
        )
        found = judge_targets(
            self._targets,
            in_order(table(subfolder, "runs", below=LEAST), LEAST),
            verdict=finished.document["verdict"],
            watched=Watched.of(changed.scenario),
            shared=finished.pilot_effects,
        )
        return (
            worst([each.state for each in found]),
            [each.target.figure for each in found if each.state == "missed"],
        )

    # -- the document -------------------------------------------------------------------------------------

    def document(self, *, ends: bool, lead_weeks: int | None) -> PlanDocument:
        """Search, and put the document together."""
        scenario, space, panel = self._scenario, self._space, self._options.panel
        if ends and self._options.watch is not None:
            self._most_of_ends = sum(1 for _ in ends_of(scenario)) * _MOST_OF_END
        certified = self._climb()
        objective = self._best(certified)
        chosen = objective["best"] if objective else certified[0] if certified else None
        nearest = None if chosen is not None or not self._found else min(self._found, key=self._distance)
        tried = [] if chosen is None or not ends else list(self._ends(chosen))
        # A year is what a replication judges: with --by a quarter.
        weeks, currency = scenario.run.weeks // self._parts, scenario.finance.currency
        limiting = nearest if nearest is not None else chosen
        warnings = [
            *plan_warnings(scenario if limiting is None else space.plans[limiting].scenario),
            *(empty_start_warnings(scenario) if panel is None else panel_warnings(scenario.run.start, panel)),
        ]
        warnings += never_certain(self.runs.values(), "a plan with a failed replication is never certified")
        document = PlanDocument(
            schema_version=SCHEMA_VERSION,
            study=PLAN.name,
            scenario=scenario.name,
            seed=scenario.run.seed,
            horizon=horizon(scenario),
            alpha=self._alpha,
            at_most=self._rule.at_most,
            maximise=self._maximise,
            over=[Varied(address=each.address, levels=list(each.levels)) for each in space.over],
            listed=space.listed,
            overloaded=space.overloaded,
            ruled_out=sum(not self._was_simulated(place) for place in self._found),
            dearer=space.dearer,
            answer=[],
            if_inputs_differ=[],
            warnings=warnings,
            targets=[asked_for(target, scenario, weeks) for target in self._targets],
            plans=[self._result(place) for place in range(len(space.plans))],
            chosen=chosen,
            nearest=nearest,
            limited_by="" if limiting is None else _limit(space.plans[limiting].scenario),
            now=self._now(),
            known_cost_now=known_cost(scenario).per_week,
            ends=tried,
        )
        if objective is not None:
            document["objective"] = objective
        if lead_weeks is not None:
            needed = chosen is not None and document["now"] != chosen
            document["by"] = self._when(chosen, lead_weeks) if chosen is not None and needed else None
        if panel is not None:
            document["panel"] = panel_start(scenario, panel)
        document["answer"] = words.answer(document, currency)
        document["if_inputs_differ"] = list(words.if_inputs_differ(document))
        return document

    def _result(self, place: int) -> PlanResult:
        one, found = self._space.plans[place], self._found.get(place)
        finished = self.runs[one.name] if self._was_simulated(place) else None
        kpis = {} if finished is None else finished.document["kpis"]
        return PlanResult(
            name=one.name,
            settings=one.settings,
            nurse_hours=one.cost.nurse_hours,
            chair_days=one.cost.chair_days,
            known_cost=one.cost.per_week,
            load_on_paper=one.load if math.isfinite(one.load) else None,
            replications=0 if finished is None else finished.scenario.run.replications // self._parts,
            state="not tried" if found is None else found.word,
            verdict=None if finished is None else finished.document["verdict"],
            misses=[] if found is None else found.misses,
            targets=[] if found is None else list(found.targets),
            figures={name: kpis[name] for name in self._shown if name in kpis},
        )

    def _now(self) -> int | None:
        """Find the scenario as it is among the plans."""
        here = _own_hash(self._scenario)
        return next(
            (place for place, one in enumerate(self._space.plans) if _own_hash(one.scenario) == here), None
        )

    def _was_simulated(self, place: int) -> bool:
        return self._space.plans[place].name in self.runs

    def _distance(self, place: int) -> tuple[bool, int, int, float, float]:
        """Return how far a plan that was tried is from the targets; those ruled out on paper are farthest."""
        found, one = self._found[place], self._space.plans[place]
        return (
            not self._was_simulated(place),
            sum(each["state"] == "missed" for each in found.targets),
            sum(each["state"] != "met" for each in found.targets),
            one.load,
            one.cost.per_week,
        )


def _date(scenario: Scenario, week: int) -> str:
    return (scenario.run.start + dt.timedelta(weeks=week)).isoformat()


def _own_hash(scenario: Scenario) -> str:
    return scenario_hash(scenario, {"replications": 1})


def _limit(scenario: Scenario) -> str:
    """Return what is full the longest on paper; empty where nothing is."""
    return next(iter(capacity_on_paper(scenario)))["bottleneck"] or ""
