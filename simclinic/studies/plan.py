"""The cheapest plan that meets all targets.

Plans are tried in the order of their known cost (rostered hours and chairs), all on the same patients. A plan is
simulated until it is shown to meet all targets, or to miss one; the search ends at the first rung of equal cost
with a plan that meets them. Bounds are confidence sequences, which hold at every number of replications at once, so
the search may look, stop and resume as it likes.

The error probability `alpha` has two halves. One is divided by the number of plans: that a plan is certified that
misses a target, which needs one wrong bound of that plan, since all its targets must be met. The other is divided
by plans and targets: that a plan is excluded that meets them all. Where plans of equal cost are compared by a
figure of the simulation, that has a third of its own. The union over plans holds under common random numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from simclinic.arrays import Floats
from simclinic.errors import SimclinicError
from simclinic.experiment.failure import Failure
from simclinic.experiment.sequences import LEAST
from simclinic.measures import KPIS
from simclinic.measures.intervals import Watched
from simclinic.measures.targets import VERDICT, judge_targets, targets_of, worst
from simclinic.past.past import Competition
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.known_cost import known_cost
from simclinic.report.text import plan as words
from simclinic.results.document import SCHEMA_VERSION, as_json, horizon
from simclinic.results.kinds import PLAN, RUN_OVERLOADED
from simclinic.results.plan import End, Objective, PlanDocument, PlanResult, Varied
from simclinic.scenario import Scenario, scenario_hash
from simclinic.store import Identity, default_folder
from simclinic.store.multi_folder import MultiScenarioFolder
from simclinic.store.reader import table
from simclinic.studies.best_plan import choose
from simclinic.studies.certify import Found, Rule, asked_for, in_order, settle
from simclinic.studies.input_ends import InputEnd, ends_of
from simclinic.studies.plan_space import Plan, Space, rungs
from simclinic.studies.run import FinishedRun, Interrupted, run, with_run_settings
from simclinic.studies.run_options import RunOptions
from simclinic.studies.today import empty_start_warnings, panel_start, panel_warnings

ALPHA = 0.05
"""Default probability that the answer is wrong."""
AT_MOST = 200
"""Default of the most replications of a plan."""
OBJECTIVE = "margin_per_week"
"""Figure by which plans of equal known cost are put in order."""
_MOST_AT_END = 3
"""Dearer plans that are tried at an end of an input at which the chosen plan does not hold."""

_SHOWN = (
    "cost_per_week",
    "margin_per_week",
    "series_started_per_week",
    "access_days_p90",
    "balked_share",
    "booster_wait_days_mean",
    "overtime_minutes_per_day",
)
"""Figures that are reported of each plan."""


@dataclass(frozen=True)
class FinishedPlan:
    """A finished search.

    Attributes
    ----------
    scenario
        The clinic, with the seed of the study.
    names, runs
        The name of each plan that was simulated, and its run.
    document
        Output of `--json`.
    folder
        The results folder.
    """

    scenario: Scenario
    names: tuple[str, ...]
    runs: tuple[FinishedRun, ...]
    document: PlanDocument
    folder: Path

    @cached_property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Replications that failed, with the name of their plan."""
        return tuple(
            (name, failure)
            for name, finished in zip(self.names, self.runs, strict=True)
            for failure in finished.failures
        )


def plan(
    scenario: Scenario,
    space: Space,
    *,
    alpha: float = ALPHA,
    at_most: int = AT_MOST,
    maximise: str | None = None,
    ends: bool = True,
    options: RunOptions | None = None,
) -> FinishedPlan:
    """Find the cheapest plan that meets all targets, and store the results.

    Parameters
    ----------
    scenario
        The clinic as it is, with its targets and its seed.
    space
        The plans, by known cost; see :func:`simclinic.studies.plan_space.space_of`.
    alpha
        The probability that the answer is wrong: that the plan named misses a target, or that a cheaper one that is
        excluded meets them all.
    at_most
        Most replications of a plan.
    maximise
        A key figure: the plan with the largest mean among all that meet the targets is named, instead of the
        cheapest.
    ends
        Whether the chosen plan is tried again with the inputs that matter most at both ends of their ranges.
    options
        How to simulate and store.

    Raises
    ------
    SimclinicError
        If an argument is invalid, or the results cannot be stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    options = options or RunOptions()
    _check(alpha, at_most, maximise)
    own = Identity.of(PLAN.name, scenario, options.panel)
    path = options.out or default_folder(scenario.name, PLAN.name, _question(own, space, scenario))
    with MultiScenarioFolder(path, own, (), options.arguments) as folder:
        search = _Search(scenario, space, folder, options, alpha, at_most, maximise)
        try:
            document = search.document(ends=ends)
        except Interrupted as stop:
            done = sum(each.scenario.run.replications for each in search.runs.values())
            folder.count(planned=done + stop.planned, done=done + stop.stored, failed=0)
            raise Interrupted(folder.path, done + stop.stored, done + stop.planned) from None
        runs = tuple(search.runs.values())
        replications = sum(each.scenario.run.replications for each in runs)
        failed = sum(len(each.failures) for each in runs)
        folder.count(planned=replications, done=replications - failed, failed=failed)
        folder.finish(as_json(document), words.plans_csv(document))
        return FinishedPlan(scenario, tuple(search.runs), runs, document, path)


def _check(alpha: float, at_most: int, maximise: str | None) -> None:
    """Refuse arguments that make no sense, all of them at once."""
    wrong = []
    if not 0 < alpha < 0.5:
        wrong.append(f"alpha must lie between 0 and 0.5 (is {alpha:g})")
    if at_most < LEAST:
        wrong.append(f"at most {at_most} replications show nothing: at least {LEAST} are needed")
    if maximise is not None and KPIS[maximise].better == "lower":
        wrong.append(
            f"less is better for {maximise} ({KPIS[maximise].label.lower()}): give it as a target, and maximise "
            "another figure"
        )
    if wrong:
        raise SimclinicError(*wrong)


def _question(own: Identity, space: Space, scenario: Scenario) -> str:
    """Hash what is asked: the clinic, its targets and the plans."""
    asked = [repr(target) for target in targets_of(scenario, default=True)]
    over = [[each.address, [repr(level) for level in each.levels]] for each in space.over]
    return hashlib.sha256(json.dumps([own.fingerprint, asked, over]).encode()).hexdigest()


class _Search:
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
    ) -> None:
        self.runs: dict[str, FinishedRun] = {}
        self._scenario = scenario
        self._space = space
        self._folder = folder
        self._options = options
        self._alpha = alpha
        self._maximise = maximise
        self._rungs = rungs(space.plans)
        self._targets = targets_of(scenario, default=True)
        alike = any(len(rung) > 1 for rung in self._rungs)
        self._part = alpha / (3 if maximise or alike else 2)
        plans = max(len(space.plans), 1)
        judged = sum(target.figure != VERDICT for target in self._targets)
        self._rule = Rule(self._targets, self._part / plans, self._part / (plans * max(judged, 1)), at_most)
        self._found: dict[int, Found] = {}
        self._folders: dict[int, Path] = {}

    # -- the search -------------------------------------------------------------------------------------

    def _try(self, place: int) -> Found:
        """Simulate a plan until its targets are settled."""
        one = self._space.plans[place]
        found, self._folders[place] = self._settle(one.name, one, self._rule)
        self._found[place] = found
        return found

    def _settle(self, name: str, one: Plan, rule: Rule) -> tuple[Found, Path]:
        subfolder = self._folder.add(name, _own_hash(one.scenario))
        found, self.runs[name] = settle(one.scenario, subfolder, rule, self._simulate(one))
        return found, subfolder

    def _simulate(self, one: Plan) -> Callable[[Scenario, Path], FinishedRun]:
        """Return the runner of a plan."""
        options = self._options
        overloaded = options.panel is None and one.scenario.run.begin == "steady" and one.load > 1

        def simulate(scenario: Scenario, subfolder: Path) -> FinishedRun:
            return run(
                scenario,
                out=subfolder,
                arguments=options.arguments,
                progress=options.progress,
                executor=options.executor,
                time_limit=options.time_limit,
                panel=options.panel,
                among=self._folder.path.parent if options.reuse else None,
                plain=True,
                # No past could have gone on like that, so no pilots look for its delay.
                study=RUN_OVERLOADED.name if overloaded else None,
                competition=(Competition(endless=True), {}) if overloaded else None,
            )

        return simulate

    def _climb(self) -> list[int]:
        """Try plans, rung by rung, until one meets all targets (all of them if a figure is to be largest)."""
        for rung in self._rungs:
            certified = [place for place in rung if self._try(place).state == "confirmed"]
            if certified and not self._maximise:
                return certified
        return [place for place, found in self._found.items() if found.state == "confirmed"]

    def _best(self, certified: Sequence[int]) -> Objective | None:
        """Put certified plans in order, if there are several."""
        if not certified or (len(certified) == 1 and not self._maximise):
            return None
        figure = self._maximise or OBJECTIVE
        others = max(len(self._space.plans) - 1, 1)
        made = {
            place: self.runs[self._space.plans[place].name].scenario.run.replications for place in certified
        }

        def figures(place: int, count: int) -> tuple[Floats, Sequence[float]]:
            one = self._space.plans[place]
            finished = self.runs[one.name]
            if count > made[place]:
                finished = self._simulate(one)(
                    with_run_settings(one.scenario, replications=count), self._folders[place]
                )
                self.runs[one.name], made[place] = finished, count
            columns = in_order(table(self._folders[place], "runs", below=count), count)
            return columns[figure], finished.pilot_effects.get(figure, ())

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

    # -- both ends of the inputs -------------------------------------------------------------------------

    def _ends(self, chosen: int) -> Iterator[End]:
        """Try the chosen plan, and dearer ones if need be, with inputs at the ends of their ranges."""
        for end in ends_of(self._scenario):
            state, misses = self._at_end(chosen, end)
            dearer = range(chosen + 1, len(self._space.plans)) if state == "missed" else ()
            carried = (place for place in dearer if end.plan(self._space.plans[place]).load <= 1)
            enough = next(
                (place for place in islice(carried, _MOST_AT_END) if self._at_end(place, end)[0] == "met"),
                None,
            )
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

    def _at_end(self, place: int, end: InputEnd) -> tuple[str, list[str]]:
        """Judge a plan at an end as `run` judges targets; return the worst answer, and the figures missed."""
        changed = end.plan(self._space.plans[place])
        name = f"{changed.name} {end.address} {end.value:g}"
        subfolder = self._folder.add(name, _own_hash(changed.scenario))
        finished = self.runs[name] = self._simulate(changed)(
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

    def document(self, *, ends: bool) -> PlanDocument:
        """Search, and put the document together."""
        scenario, space, panel = self._scenario, self._space, self._options.panel
        self._folder.keep(0)
        certified = self._climb()
        objective = self._best(certified)
        chosen = objective["best"] if objective else certified[0] if certified else None
        nearest = None if chosen is not None or not self._found else min(self._found, key=self._distance)
        tried = [] if chosen is None or not ends else list(self._ends(chosen))
        weeks, currency = scenario.run.weeks, scenario.finance.currency
        warnings = list(
            empty_start_warnings(scenario) if panel is None else panel_warnings(scenario.run.start, panel)
        )
        failed = sum(len(each.failures) for each in self.runs.values())
        if failed:
            warnings.append(
                f"{failed} replications failed: a plan with a failed replication is never certified"
            )
        limiting = nearest if nearest is not None else chosen
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
            dearer=space.dearer,
            answer=[],
            warnings=warnings,
            targets=[asked_for(target, currency, weeks) for target in self._targets],
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
        if panel is not None:
            document["panel"] = panel_start(scenario, panel)
        document["answer"] = words.answer(document, currency)
        return document

    def _result(self, place: int) -> PlanResult:
        one, found = self._space.plans[place], self._found.get(place)
        finished = None if found is None else self.runs[one.name]
        kpis = {} if finished is None else finished.document["kpis"]
        return PlanResult(
            name=one.name,
            settings=one.settings,
            nurse_hours=one.cost.nurse_hours,
            chair_days=one.cost.chair_days,
            known_cost=one.cost.per_week,
            load_on_paper=one.load if math.isfinite(one.load) else None,
            replications=0 if finished is None else finished.scenario.run.replications,
            state="not tried" if found is None else _state(found),
            verdict=None if finished is None else finished.document["verdict"],
            misses=[] if found is None else _misses(found),
            targets=[] if found is None else list(found.targets),
            figures={name: kpis[name] for name in _SHOWN if name in kpis},
        )

    def _now(self) -> int | None:
        """Find the scenario as it is among the plans."""
        here = _own_hash(self._scenario)
        return next(
            (place for place, one in enumerate(self._space.plans) if _own_hash(one.scenario) == here), None
        )

    def _distance(self, place: int) -> tuple[int, int, float, float]:
        """Return how far a plan that was tried is from the targets."""
        found, one = self._found[place], self._space.plans[place]
        return (
            sum(each["state"] == "missed" for each in found.targets),
            sum(each["state"] != "met" for each in found.targets),
            one.load,
            one.cost.per_week,
        )


def _own_hash(scenario: Scenario) -> str:
    return scenario_hash(scenario, {"replications": 1})


def _state(found: Found) -> str:
    if found.state == "confirmed":
        return "meets"
    if found.state == "missed":
        return "misses"
    return "borderline" if found.settled else "open"


def _misses(found: Found) -> list[str]:
    return [each["figure"] for each in found.targets if each["state"] == "missed"]


def _limit(scenario: Scenario) -> str:
    """Return what is full the longest on paper; empty where nothing is."""
    return next(iter(capacity_on_paper(scenario)))["bottleneck"] or ""
