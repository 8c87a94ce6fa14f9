"""Comparison of scenarios on the same patients, with tests of the differences.

Every scenario is run with the same seed, so that replication 7 of each has the same patients with the same random
inputs. Each later scenario is then compared with the first, replication by replication.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypedDict

from simclinic.arrays import Floats
from simclinic.errors import SimclinicError
from simclinic.experiment import Executor, pairs
from simclinic.experiment.failure import Failure
from simclinic.experiment.precision import MOST, Goal, GoalProgress, next_count, progress
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS, STATES
from simclinic.measures.groups import part_of
from simclinic.measures.intervals import Watched
from simclinic.measures.kpis import figures_of, why_absent
from simclinic.measures.shared_error import Effects, between
from simclinic.report.text.compare import differences_csv
from simclinic.report.text.differences import verdict
from simclinic.report.text.stability import other_warnings
from simclinic.results.compare import Between, Compared, CompareDocument, Differing
from simclinic.results.document import SCHEMA_VERSION, TargetResult, as_json
from simclinic.results.kinds import COMPARE
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario, replace
from simclinic.scenario.panel import Panel
from simclinic.store import default_folder
from simclinic.store.multi_folder import MultiScenarioFolder, multi_scenario_identity
from simclinic.store.reader import table
from simclinic.studies.goals import check_goals, goal_result
from simclinic.studies.held_back import asking_now_of
from simclinic.studies.multi_scenario import failures_of, run_all
from simclinic.studies.run import FinishedRun, Progress, away, run, with_run_settings
from simclinic.studies.today import empty_start_warnings, panel_start, panel_warnings


@dataclass(frozen=True, slots=True)
class Side:
    """One of the scenarios that are compared.

    Attributes
    ----------
    name
        Unique name in the comparison.
    scenario
        The scenario, with the seed and the number of replications of the comparison.
    """

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class FinishedComparison:
    """A finished comparison.

    Attributes
    ----------
    sides
        The scenarios; the others are compared with the first.
    runs
        The finished run of each.
    document
        Output of `--json`.
    folder
        The results folder.
    """

    sides: tuple[Side, ...]
    runs: tuple[FinishedRun, ...]
    document: CompareDocument
    folder: Path

    @cached_property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Replications that failed, with the name of their scenario."""
        return failures_of([side.name for side in self.sides], self.runs)


def sides(
    scenarios: Sequence[Scenario],
    protocols: Sequence[str] = (),
    *,
    replications: int | None = None,
    seed: int | None = None,
) -> tuple[Side, ...]:
    """Return the scenarios to compare.

    Parameters
    ----------
    scenarios
        One or more scenarios.
    protocols
        Names of protocols: each scenario is run once with each, for all patients.
    replications, seed
        For all scenarios; by default those of the first.

    Raises
    ------
    SimclinicError
        If there are fewer than two, or a scenario has no such protocol.
    """
    if not scenarios:
        raise SimclinicError("there is no scenario to compare")
    first = with_run_settings(scenarios[0], replications=replications, seed=seed)
    replications, seed = first.run.replications, first.run.seed
    named: list[tuple[str, Scenario]] = []
    for given in (first, *scenarios[1:]):
        scenario = with_run_settings(given, replications=replications, seed=seed)
        if not protocols:
            named.append((scenario.name, scenario))
        for protocol in protocols:
            name = protocol if len(scenarios) == 1 else f"{scenario.name}, {protocol}"
            named.append((name, _all_on(scenario, protocol)))
    if len(named) < 2:
        raise SimclinicError(
            "a comparison needs two scenarios, or two protocols of one (--protocols twice-weekly,thrice-weekly)"
        )
    return tuple(Side(name, scenario) for name, (_, scenario) in zip(_unique(named), named, strict=True))


def _unique(named: Sequence[tuple[str, Scenario]]) -> Iterator[str]:
    """Make names unique: "Clinic", "Clinic (2)"."""
    taken: set[str] = set()
    for name, _ in named:
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name} ({count})"
        taken.add(unique)
        yield unique


def _all_on(scenario: Scenario, protocol: str) -> Scenario:
    """Give all patients one protocol."""
    if protocol not in scenario.protocols:
        near = difflib.get_close_matches(protocol, scenario.protocols, 1)
        meant = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(scenario.protocols)}."
        raise SimclinicError(f"{scenario.name!r} has no protocol {protocol!r}.{meant}")
    for date, changed in scenario.changes.items():
        if any(address.startswith("demand.protocol_mix") for address in changed):
            raise SimclinicError(
                f"{scenario.name!r} changes demand.protocol_mix on {date}: not all patients could be on "
                f"{protocol!r}"
            )
    return replace(scenario, demand={"protocol_mix": {protocol: 1.0}})


def compare(
    sides: Sequence[Side],
    *,
    kpis: Sequence[str] = (),
    until: Sequence[Goal] = (),
    at_most: int = MOST,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    panel: Panel | None = None,
    reuse: bool = True,
    plain: bool = False,
) -> FinishedComparison:
    """Simulate scenarios on the same patients, and store the results.

    Parameters
    ----------
    sides
        The scenarios; see :func:`sides`.
    kpis
        Names of the key figures to compare; by default all. The correction for their number is smaller for fewer.
    until
        Precision goals of the differences: replications are added until each is reached in every scenario.
    at_most
        Most replications, with `until`.
    out
        The results folder; by default one below `results/`, named after the first scenario.
    arguments
        Arguments of the command, for the manifest.
    progress
        Called after each replication.
    executor
        Runs the replications; by default in this process, one after another.
    time_limit
        Seconds after which a replication counts as failed; None: no limit.
    panel
        Today's patients, if all scenarios are set to begin with them; see :mod:`simclinic.studies.today`.
    reuse
        Reuse replications of the same scenarios from results folders beside this one.
    plain
        Leave means and differences as they are, without the adjustment by control variates.

    Raises
    ------
    SimclinicError
        If a key figure is unknown, or the results cannot be stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    for name in kpis:
        if name not in KPIS:
            near = difflib.get_close_matches(name, KPIS, 1)
            raise SimclinicError(
                f"{name!r} is not a key figure." + (f" Did you mean {near[0]!r}?" if near else "")
            )
    for side in sides:
        check_goals(until, side.scenario)
    of_each = [figures_of(side.scenario) for side in sides]
    every = [name for name in of_each[0] if all(name in names for names in of_each)]
    if unused := [name for name in kpis if name not in every]:
        if part_of(unused[0]) is not None:
            raise SimclinicError(next(why for side in sides if (why := why_absent(unused[0], side.scenario))))
        raise SimclinicError(f"{unused[0]!r} must be listed in own.kpis of every scenario that is compared")
    shown = [name for name in every if not kpis or name in kpis]
    identity = multi_scenario_identity(COMPARE.name, [side.scenario for side in sides], panel)
    path = out or default_folder(sides[0].scenario.name, COMPARE.name, identity.fingerprint)
    with MultiScenarioFolder(path, identity, [side.name for side in sides], arguments or {}) as folder:
        runner = partial(
            run,
            arguments=arguments or {},
            executor=executor,
            time_limit=time_limit,
            panel=panel,
            among=path.parent if reuse else None,
            plain=plain,
        )
        count = sides[0].scenario.run.replications
        if until:
            count = next_count(0, [], at_most=at_most)
        reused: dict[int, tuple[Path, int] | None] = {}
        while True:
            current = tuple(
                Side(side.name, with_run_settings(side.scenario, replications=count)) for side in sides
            )
            runs = run_all([side.scenario for side in current], folder, runner, progress)
            reused = {place: run.reused for place, run in enumerate(runs)} | reused
            tables = [table(subfolder, "runs", below=count) for subfolder in folder.subfolders]
            standings = [
                (side.name, _standing(goal, tables[0], other, _watched(current[0], side)))
                for side, other in zip(current[1:], tables[1:], strict=True)
                for goal in until
            ]
            more = next_count(count, [each for _, each in standings], at_most=at_most) if until else count
            if more == count:
                break
            count = more
        runs = tuple(dataclasses.replace(run, reused=reused[place]) for place, run in enumerate(runs))
        document = _document(current, runs, tables, shown, standings, panel, plain=plain or panel is not None)
        folder.count(
            planned=count * len(current),
            done=sum(len(next(iter(columns.values()), ())) for columns in tables),
            failed=sum(len(run.failures) for run in runs),
        )
        folder.finish(as_json(document), differences_csv(document))
        return FinishedComparison(current, runs, document, path)


def _watched(first: Side, second: Side) -> tuple[Watched, Watched]:
    return Watched.of(first.scenario), Watched.of(second.scenario)


def _standing(goal: Goal, first: Columns, other: Columns, watched: tuple[Watched, Watched]) -> GoalProgress:
    """Return the precision of a difference, by the interval that is shown."""
    one, two = pairs.matched(first, other)
    if not one:
        return GoalProgress(goal, "absent", 0, None, None, None)
    difference = pairs.of_figure(goal.kpi, one, two, watched)
    half = None
    if difference.ci is not None and difference.mean is not None:
        half = max(difference.ci[1] - difference.mean, difference.mean - difference.ci[0])
    return progress(goal, two[goal.kpi] - one[goal.kpi], half=half)


def _document(
    sides: Sequence[Side],
    runs: Sequence[FinishedRun],
    tables: Sequence[Columns],
    shown: Sequence[str],
    standings: Sequence[tuple[str, GoalProgress]],
    panel: Panel | None,
    *,
    plain: bool,
) -> CompareDocument:
    verdicts = [run.document["verdict"] for run in runs]
    first = sides[0]
    start = first.scenario.run.start
    shared = list(_of_all(sides) if panel is None else panel_warnings(start, panel))
    warnings = [*shared, *_unlike(sides), *([] if panel is None else _other_plans(sides))]
    for side, finished in zip(sides, runs, strict=True):
        warnings += [
            f"{side.name}: {warning}"
            for warning in other_warnings(finished.document)
            if warning not in shared and not _of_others(warning, shown)
        ]
    currency = sides[0].scenario.finance.currency
    aims = [
        goal_result(each, name, f"difference in {each.goal.kpi}, {name}", "pairs", currency)
        for name, each in standings
    ]
    warnings += [goal_result["told"] for goal_result in aims if not goal_result["reached"]]
    pilots = [between(runs[0].pilot_effects, run.pilot_effects) for run in runs[1:]]
    document = CompareDocument(
        schema_version=SCHEMA_VERSION,
        study=COMPARE.name,
        seed=first.scenario.run.seed,
        replications=first.scenario.run.replications,
        horizon=runs[0].document["horizon"],
        verdict=worst(verdicts),
        stable=None if None in verdicts else worst(verdicts) == "stable",
        warnings=warnings,
        until=aims,
        scenarios=[
            Compared(
                name=side.name,
                scenario=side.scenario.name,
                verdict=run.document["verdict"],
                verdict_reasons=run.document["verdict_reasons"],
                stable=run.document["stable"],
                day_verdict=run.document["day_verdict"],
                day_verdict_reasons=run.document["day_verdict_reasons"],
                warnings=run.document["warnings"],
                kpis={name: run.document["kpis"][name] for name in shown},
                **asking_now_of(run.document),
                **targets_in(run.document),
            )
            for side, run in zip(sides, runs, strict=True)
        ],
        differences=[
            _between(first, tables[0], side, other, shown, effects, plain=plain)
            for side, effects, other in zip(sides[1:], pilots, tables[1:], strict=True)
        ],
    )
    return document if panel is None else {**document, "panel": panel_start(first.scenario, panel)}


class _Targets(TypedDict, total=False):
    targets: list[TargetResult]


def targets_in(document: RunDocument) -> _Targets:
    """Return the targets in a run's document, if it has any, for another document."""
    return {"targets": document["targets"]} if "targets" in document else {}


def worst(verdicts: Sequence[str | None]) -> str | None:
    """Return the worst of several verdicts; None if one is missing."""
    return None if None in verdicts else next(state for state in STATES if state in verdicts)


def _of_others(warning: str, shown: Sequence[str]) -> bool:
    """Return whether a warning is about a key figure that is not shown."""
    name = warning.split(" ", 1)[0]
    return name in KPIS and name not in shown


def _unlike(sides: Sequence[Side]) -> Iterator[str]:
    """Warn of scenarios that are not comparable with the first in everything."""
    first = sides[0]
    for side in sides[1:]:
        here, there = side.scenario, first.scenario
        if (here.run.start, here.run.weeks) != (there.run.start, there.run.weeks):
            yield (
                f"{side.name} is measured over other weeks than {first.name}: differences may also come from the "
                "time"
            )
        elif "steady" not in (here.run.begin, there.run.begin) and (
            here.run.warm_up_weeks != there.run.warm_up_weeks
        ):
            yield f"{side.name} has another warm-up than {first.name}: one of them may still be filling"
        if here.run.begin != there.run.begin:
            yield (
                f"{side.name} begins with another clinic than {first.name} (run.begin): differences may also come "
                "from the start"
            )
        if here.finance.currency != there.finance.currency:
            yield (
                f"amounts of {side.name} are in {here.finance.currency}, those of {first.name} in "
                f"{there.finance.currency}: their differences are amounts in neither"
            )


def _of_all(sides: Sequence[Side]) -> Iterator[str]:
    """Warn once of an empty start, if it is the same for all scenarios."""
    first, *others = ({*empty_start_warnings(side.scenario)} for side in sides)
    yield from first.intersection(*others)


def _other_plans(sides: Sequence[Side]) -> Iterator[str]:
    """Warn of differences between scenarios that begin with the same patients."""
    first = sides[0]
    for side in sides[1:]:
        here, there = side.scenario, first.scenario
        if here.demand.protocol_mix != there.demand.protocol_mix:
            yield (
                f"{side.name} gives new patients other protocols than {first.name}; today's patients keep "
                "theirs in both"
            )
        if here.uncertainty != there.uncertainty:
            yield (
                f"{side.name} and {first.name} differ in the uncertainty of their settings: they are simulated "
                "with different draws of them"
            )


def _away(first: Side, one: Columns, second: Side, other: Columns) -> tuple[Floats, Floats] | None:
    """Return how far the controls of both scenarios lie from their expectations; None without."""
    here, there = away(one, first.scenario), away(other, second.scenario)
    return None if here is None or there is None else (here, there)


_NO_PAIR = "cannot be compared: no replication finished in both scenarios"


def _between(
    first: Side,
    one: Columns,
    second: Side,
    other: Columns,
    shown: Sequence[str],
    effects: Effects,
    *,
    plain: bool,
) -> Between:
    one, other = pairs.matched(one, other)
    if one and len(one[shown[0]]):
        currency = first.scenario.finance.currency
        distances = None if plain else _away(first, one, second, other)
        differences = pairs.paired(one, other, shown, _watched(first, second), effects, distances)
        kpis = {
            name: _plain(name, each, verdict(name, each, currency, one)) for name, each in differences.items()
        }
    else:
        nothing = pairs.Difference(None, None, None, 0, None, None, None, None)
        kpis = {name: _plain(name, nothing, _NO_PAIR) for name in shown}
    return Between({"from": first.name, "to": second.name, "kpis": kpis})


def _plain(name: str, difference: pairs.Difference, verdict: str) -> Differing:
    return Differing(
        mean=difference.mean,
        sd=difference.sd,
        ci=None if difference.ci is None else list(difference.ci),
        n=difference.n,
        p=difference.p,
        p_holm=difference.p_holm,
        variance_ratio=difference.variance_ratio,
        verdict=verdict,
        unit=KPIS[name].unit,
    )
