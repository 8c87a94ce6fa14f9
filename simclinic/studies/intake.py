"""The most referrals a week that meet all targets.

Levels of referrals rise in steps that are fixed before the first run. At each level, replications are added until
all targets are shown to be met, one is shown to be missed, or no more are allowed. The first level that is not
confirmed ends the search for the highest one that is: a fixed sequence of tests, so that each may use the whole
error probability, and the chance that the confirmed level is too high is at most `alpha`. All targets must be met,
so the error is not divided by their number either. (Maurer, W., Hothorn, L. and Lehmacher, W. 1995, Multiple
comparisons in drug clinical trials, in: Biometrie in der chemisch-pharmazeutischen Industrie 6.)

The search then goes on upwards until a level is shown to miss a target. Any level and target might be that one, so
these tests divide `alpha` by both numbers.

Bounds hold at every number of replications at once (:mod:`simclinic.experiment.sequences`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from simclinic.errors import SimclinicError
from simclinic.measures.groups import beginning_by_type
from simclinic.measures.targets import Target, targets_of
from simclinic.planning.levels import Level, carried_on_paper, levels
from simclinic.report.text import intake as words
from simclinic.results.document import SCHEMA_VERSION, as_json, horizon
from simclinic.results.intake import IntakeDocument, LevelResult
from simclinic.results.kinds import INTAKE
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel
from simclinic.store.multi_folder import multi_scenario_identity
from simclinic.studies.advice import plan_warnings
from simclinic.studies.certify import MORE, Found, Rule, asked_for, climb, problems_of, settle
from simclinic.studies.multi_scenario import FinishedStudy, counted, never_certain
from simclinic.studies.run import FinishedRun
from simclinic.studies.run_options import RunOptions, Step
from simclinic.studies.simulator import simulate
from simclinic.studies.today import empty_start_warnings, panel_start, panel_warnings

ALPHA = 0.05
"""Default chance that the confirmed level is too high, and that the level said to miss a target does not."""
FIRST, STEP, LAST = 0.5, 0.05, 2.0
"""Default of the first level and of the step, and the last level, as shares of what the plan carries on paper."""
AT_MOST = 200
"""Default of the most replications at a level."""


class FinishedIntake(FinishedStudy[IntakeDocument]):
    """A finished search for the most referrals; a plan is a level."""


def intake(
    scenario: Scenario,
    *,
    first: float = FIRST,
    step: float = STEP,
    alpha: float = ALPHA,
    at_most: int = AT_MOST,
    options: RunOptions | None = None,
    show: Callable[[IntakeDocument], None] | None = None,
) -> FinishedIntake:
    """Find the most referrals a week that meet all targets, and store the results.

    Parameters
    ----------
    scenario
        The clinic, with its targets and its seed.
    first, step
        The first level and the step, as shares of what the plan carries on paper.
    alpha
        The chance that the confirmed level is too high, and that the level said to miss a target does not.
    at_most
        Most replications at a level.
    options
        How to simulate and store; progress is that at a level.
    show
        Called after each level with the results so far. A level that is confirmed then stays so.

    Raises
    ------
    SimclinicError
        If an argument is invalid, no number of referrals can be looked for, or the results cannot be stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    options = options or RunOptions()
    check_question(first, step, alpha, at_most)
    targets = targets_of(scenario, default=True)
    rising = levels(scenario, first=first, step=step, last=LAST)
    plans = [level.scenario for level in rising]
    names = [f"{level.referrals:g} a week" for level in rising]
    identity = multi_scenario_identity(INTAKE.name, [plans[0], plans[-1]], options.panel)
    runs: list[FinishedRun] = []
    rule = Rule(targets, confirm=alpha, exclude=alpha / (len(targets) * len(rising)), at_most=at_most)
    runner = partial(simulate, options=options)
    with options.folder(identity, names) as folder:
        folder.keep(0)

        results: list[LevelResult] = []

        def found(level: int) -> tuple[Found, FinishedRun]:
            """Simulate a level until it is settled."""
            folder.keep(level + 1)
            if options.watch is not None:
                most = at_most * _levels_left(results, level, len(rising))
                options.watch(Step(words.being_tried(rising[level].referrals, level), (), most))
            return settle(plans[level], folder.subfolders[level], rule, runner)

        def known() -> IntakeDocument:
            """Put together what is known after the levels so far."""
            return _document(scenario, rising, targets, results[:], runs, alpha, at_most, options.panel)

        with counted(folder, runs):
            for place, shown, finished in climb(len(rising), found):
                runs.append(finished)
                results.append(_result(rising[place], shown, finished, [each.by for each in targets]))
                if show is not None:
                    document = known()
                    show({**document, "answer": words.so_far(document)})
        document = known()
        folder.finish(as_json(document), words.levels_csv(document))
        return FinishedIntake(scenario, tuple(names[: len(runs)]), tuple(runs), document, folder.path)


def _levels_left(results: Sequence[LevelResult], level: int, levels: int) -> int:
    """Return how many levels may still be simulated at most, with the one at this place."""
    stopped = next((place for place, each in enumerate(results) if each["state"] != "confirmed"), None)
    last = levels if stopped is None else min(levels, stopped + MORE + 1)
    return last - level


def check_question(first: float, step: float, alpha: float, at_most: int) -> None:
    """Refuse arguments that make no sense, all of them at once.

    Parameters
    ----------
    first, step, alpha, at_most
        As for :func:`intake`.

    Raises
    ------
    SimclinicError
        With everything that is wrong.
    """
    wrong = []
    if not 0.01 <= step <= 1:
        wrong.append(
            f"the step must be from 1 % to 100 % of what the plan carries on paper (is {100 * step:g} %)"
        )
    if not 0.01 <= first <= 1:
        wrong.append(
            f"the first level must be from 1 % to 100 % of what the plan carries on paper (is {100 * first:g} %)"
        )
    wrong += problems_of(alpha, at_most)
    if wrong:
        raise SimclinicError(*wrong)


def _result(level: Level, shown: Found, finished: FinishedRun, decided_by: Sequence[str]) -> LevelResult:
    result = LevelResult(
        share=round(level.share, 9),
        referrals=level.referrals,
        series=level.series,
        replications=finished.scenario.run.replications,
        state=shown.state,
        verdict=finished.document["verdict"],
        targets=list(shown.targets),
    )
    kpis = finished.document["kpis"]
    if of_types := beginning_by_type(finished.scenario, *decided_by):
        result["figures"] = {name: kpis[name] for name in of_types if name in kpis}
    return result


def _document(
    scenario: Scenario,
    rising: Sequence[Level],
    targets: Sequence[Target],
    results: list[LevelResult],
    runs: Sequence[FinishedRun],
    alpha: float,
    at_most: int,
    panel: Panel | None,
) -> IntakeDocument:
    confirmed = [place for place, each in enumerate(results) if each["state"] == "confirmed"]
    missed = [place for place, each in enumerate(results) if each["state"] == "missed"]
    warnings = [
        *plan_warnings(scenario),
        *(empty_start_warnings(scenario) if panel is None else panel_warnings(scenario.run.start, panel)),
    ]
    warnings += never_certain(runs, "a level with a failed replication is never confirmed")
    document = IntakeDocument(
        schema_version=SCHEMA_VERSION,
        study=INTAKE.name,
        scenario=scenario.name,
        seed=scenario.run.seed,
        horizon=horizon(scenario),
        alpha=alpha,
        at_most=at_most,
        now=scenario.demand.referrals_per_week,
        on_paper=carried_on_paper(scenario),
        answer=[],
        warnings=warnings,
        targets=[asked_for(target, scenario) for target in targets],
        levels=results,
        confirmed=max(confirmed, default=None),
        missed=min(missed, default=None),
    )
    document["answer"] = words.answer(document, len(results) == len(rising))
    return document if panel is None else {**document, "panel": panel_start(scenario, panel)}
