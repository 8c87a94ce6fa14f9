"""Compare scenarios on the same patients, and say which differences are real.

Every scenario is run with the same seed, so that replication number 7 of each has the same patients with the same
random inputs; each later scenario is then held against the first, replication by replication.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from simclinic.errors import SimclinicError
from simclinic.experiment import Executor, pairs
from simclinic.experiment.failure import Failure
from simclinic.experiment.precision import MOST, Goal, GoalProgress, next_count, progress
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS, STATES
from simclinic.measures.intervals import Watched
from simclinic.report.text.compare import differences_csv
from simclinic.report.text.differences import verdict
from simclinic.report.text.stability import other_warnings
from simclinic.results.compare import Between, Compared, CompareDocument, Differing
from simclinic.results.document import SCHEMA_VERSION, as_json
from simclinic.results.kinds import COMPARE
from simclinic.scenario import Scenario, replace
from simclinic.scenario.panel import Panel
from simclinic.store import default_folder
from simclinic.store.multi_folder import MultiScenarioFolder, multi_scenario_identity
from simclinic.store.reader import table
from simclinic.studies.aims import aim
from simclinic.studies.held_back import asking_now_of
from simclinic.studies.multi_scenario import failures_of, run_all
from simclinic.studies.run import FinishedRun, Progress, run, settled
from simclinic.studies.today import began_empty, of_panel, panel_start


@dataclass(frozen=True, slots=True)
class Side:
    """One of the scenarios that are compared.

    Attributes
    ----------
    name
        Unique among them.
    scenario
        With the seed and the number of replications that hold.
    """

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class FinishedComparison:
    """A finished comparison.

    Attributes
    ----------
    sides
        The scenarios, the first being the one the others are held against.
    runs
        What became of each.
    document
        What `--json` prints.
    folder
        Where everything is kept.
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
    """Lay out what is compared.

    Parameters
    ----------
    scenarios
        One or more.
    protocols
        Names of protocols: each scenario is taken once with each, for everybody.
    replications, seed
        By default the first scenario's, for all of them.

    Raises
    ------
    SimclinicError
        If there are not at least two, or a scenario has no such protocol.
    """
    if not scenarios:
        raise SimclinicError("there is no scenario to compare")
    first = settled(scenarios[0], replications=replications, seed=seed)
    replications, seed = first.run.replications, first.run.seed
    found: list[tuple[str, Scenario]] = []
    for each in (first, *scenarios[1:]):
        scenario = settled(each, replications=replications, seed=seed)
        if not protocols:
            found.append((scenario.name, scenario))
        for protocol in protocols:
            name = protocol if len(scenarios) == 1 else f"{scenario.name}, {protocol}"
            found.append((name, _all_on(scenario, protocol)))
    if len(found) < 2:
        raise SimclinicError(
            "a comparison needs two scenarios, or two protocols of one (--protocols twice-weekly,thrice-weekly)"
        )
    return tuple(Side(name, scenario) for name, (_, scenario) in zip(_unique(found), found, strict=True))


def _unique(found: Sequence[tuple[str, Scenario]]) -> Iterator[str]:
    """Tell scenarios of one name apart: "Clinic", "Clinic (2)"."""
    taken: set[str] = set()
    for name, _ in found:
        told, count = name, 1
        while told in taken:
            count += 1
            told = f"{name} ({count})"
        taken.add(told)
        yield told


def _all_on(scenario: Scenario, protocol: str) -> Scenario:
    """Put everybody on one protocol."""
    if protocol not in scenario.protocols:
        near = difflib.get_close_matches(protocol, scenario.protocols, 1)
        meant = f" Did you mean {near[0]!r}?" if near else f" It has {', '.join(scenario.protocols)}."
        raise SimclinicError(f"{scenario.name!r} has no protocol {protocol!r}.{meant}")
    for date, changed in scenario.changes.items():
        if any(address.startswith("demand.protocol_mix") for address in changed):
            raise SimclinicError(
                f"{scenario.name!r} changes demand.protocol_mix on {date}: not everybody could be on {protocol!r}"
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
) -> FinishedComparison:
    """Simulate scenarios on the same patients, and keep the results.

    Parameters
    ----------
    sides
        What is compared; see :func:`sides`.
    kpis
        Names of the key figures to compare; by default all. The fewer, the less the correction for their number
        takes away.
    until
        How well differences should be known: goes on until each is, in every scenario against the first.
    at_most
        Replications at most, when going on.
    out
        The results folder; by default one below `results/`, named for the first scenario.
    arguments
        Of the command, for the manifest.
    progress
        Is told after each replication.
    executor
        Runs the replications; by default in this process, one after another.
    time_limit
        Seconds after which a replication counts as failed; None: never.
    panel
        Today's patients, if all scenarios are set to begin with them; see :mod:`simclinic.studies.today`.
    reuse
        Take over what results folders beside this one hold of the same scenarios, run or compared before.

    Raises
    ------
    SimclinicError
        If a key figure is unknown, or the results cannot be kept.
    Interrupted
        If somebody pressed Ctrl-C; what was finished is kept.
    """
    for name in kpis:
        if name not in KPIS:
            near = difflib.get_close_matches(name, KPIS, 1)
            raise SimclinicError(
                f"{name!r} is no key figure." + (f" Did you mean {near[0]!r}?" if near else "")
            )
    shown = [name for name in KPIS if not kpis or name in kpis]
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
        )
        count = sides[0].scenario.run.replications
        if until:
            count = next_count(0, [], at_most=at_most)
        reused: dict[int, tuple[Path, int] | None] = {}
        while True:
            current = tuple(Side(side.name, settled(side.scenario, replications=count)) for side in sides)
            found = run_all([side.scenario for side in current], folder, runner, progress)
            reused = {place: run.reused for place, run in enumerate(found)} | reused
            tables = [table(room, "runs", below=count) for room in folder.rooms]
            standings = [
                (side.name, _standing(goal, tables[0], other, _watched(current[0], side)))
                for side, other in zip(current[1:], tables[1:], strict=True)
                for goal in until
            ]
            more = next_count(count, [each for _, each in standings], at_most=at_most) if until else count
            if more == count:
                break
            count = more
        found = tuple(dataclasses.replace(each, reused=reused[place]) for place, each in enumerate(found))
        document = _document(current, found, tables, shown, standings, panel)
        folder.count(
            planned=count * len(current),
            done=sum(len(next(iter(columns.values()), ())) for columns in tables),
            failed=sum(len(one.failures) for one in found),
        )
        folder.finish(as_json(document), differences_csv(document))
        return FinishedComparison(current, found, document, path)


def _watched(first: Side, second: Side) -> tuple[Watched, Watched]:
    return Watched.of(first.scenario), Watched.of(second.scenario)


def _standing(goal: Goal, first: Columns, other: Columns, watched: tuple[Watched, Watched]) -> GoalProgress:
    """Tell how well a difference is known, by the interval that is shown."""
    one, two = pairs.matched(first, other)
    if not one:
        return GoalProgress(goal, "absent", 0, None, None, None)
    found = pairs.of_figure(goal.kpi, one, two, watched)
    half = None
    if found.ci is not None and found.mean is not None:
        half = max(found.ci[1] - found.mean, found.mean - found.ci[0])
    return progress(goal, two[goal.kpi] - one[goal.kpi], half=half)


def _document(
    sides: Sequence[Side],
    runs: Sequence[FinishedRun],
    tables: Sequence[Columns],
    shown: Sequence[str],
    standings: Sequence[tuple[str, GoalProgress]],
    panel: Panel | None,
) -> CompareDocument:
    verdicts = [found.document["verdict"] for found in runs]
    first = sides[0]
    start = first.scenario.run.start
    shared = list(_of_all(sides) if panel is None else of_panel(start, panel))
    warnings = [*shared, *_unlike(sides), *([] if panel is None else _other_plans(sides))]
    for side, found in zip(sides, runs, strict=True):
        warnings += [
            f"{side.name}: {told}"
            for told in other_warnings(found.document)
            if told not in shared and not _of_others(told, shown)
        ]
    currency = sides[0].scenario.finance.currency
    aims = [
        aim(each, name, f"difference in {each.goal.kpi}, {name}", "pairs", currency)
        for name, each in standings
    ]
    warnings += [aim["told"] for aim in aims if not aim["reached"]]
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
                verdict=found.document["verdict"],
                verdict_reasons=found.document["verdict_reasons"],
                stable=found.document["stable"],
                day_verdict=found.document["day_verdict"],
                day_verdict_reasons=found.document["day_verdict_reasons"],
                warnings=found.document["warnings"],
                kpis={name: found.document["kpis"][name] for name in shown},
                **asking_now_of(found.document),
            )
            for side, found in zip(sides, runs, strict=True)
        ],
        differences=[
            _between(first, tables[0], side, other, shown)
            for side, other in zip(sides[1:], tables[1:], strict=True)
        ],
    )
    return document if panel is None else {**document, "panel": panel_start(first.scenario, panel)}


def worst(verdicts: Sequence[str | None]) -> str | None:
    """Give the worst of several verdicts; None if one is missing."""
    return None if None in verdicts else next(state for state in STATES if state in verdicts)


def _of_others(told: str, shown: Sequence[str]) -> bool:
    """Tell whether a warning is about a key figure that is not shown."""
    name = told.split(" ", 1)[0]
    return name in KPIS and name not in shown


def _unlike(sides: Sequence[Side]) -> Iterator[str]:
    """Find scenarios that cannot be held against the first in everything."""
    first = sides[0]
    for side in sides[1:]:
        here, there = side.scenario, first.scenario
        if (here.run.start, here.run.weeks) != (there.run.start, there.run.weeks):
            yield f"{side.name} is measured over other weeks than {first.name}: the difference is also one of time"
        elif here.run.warm_up_weeks != there.run.warm_up_weeks:
            yield f"{side.name} has another warm-up than {first.name}: one of them may still be filling"
        if here.finance.currency != there.finance.currency:
            yield (
                f"amounts of {side.name} are in {here.finance.currency}, those of {first.name} in "
                f"{there.finance.currency}: their differences are no amounts of either"
            )


def _of_all(sides: Sequence[Side]) -> Iterator[str]:
    """Say once of scenarios calibrated together that they began with an empty clinic."""
    first, *others = ({*began_empty(side.scenario)} for side in sides)
    yield from first.intersection(*others)


def _other_plans(sides: Sequence[Side]) -> Iterator[str]:
    """Say what is not the same in scenarios that begin with the same patients."""
    first = sides[0]
    for side in sides[1:]:
        here, there = side.scenario, first.scenario
        if here.demand.protocol_mix != there.demand.protocol_mix:
            yield (
                f"{side.name} puts new patients on other protocols than {first.name}; today's patients go on with "
                "their own in both"
            )
        if here.uncertainty != there.uncertainty:
            yield (
                f"{side.name} and {first.name} differ in how well their settings are known (uncertainty): what is "
                "drawn for one is not what is drawn for the other"
            )


_NO_PAIR = "cannot be compared: no replication finished in both scenarios"


def _between(first: Side, one: Columns, second: Side, other: Columns, shown: Sequence[str]) -> Between:
    one, other = pairs.matched(one, other)
    if one and len(one[shown[0]]):
        currency = first.scenario.finance.currency
        found = pairs.paired(one, other, shown, _watched(first, second))
        kpis = {name: _plain(name, each, verdict(name, each, currency)) for name, each in found.items()}
    else:
        nothing = pairs.Difference(None, None, None, 0, None, None, None, None)
        kpis = {name: _plain(name, nothing, _NO_PAIR) for name in shown}
    return Between({"from": first.name, "to": second.name, "kpis": kpis})


def _plain(name: str, found: pairs.Difference, told: str) -> Differing:
    return Differing(
        mean=found.mean,
        sd=found.sd,
        ci=None if found.ci is None else list(found.ci),
        n=found.n,
        p=found.p,
        p_holm=found.p_holm,
        variance_ratio=found.variance_ratio,
        verdict=told,
        unit=KPIS[name].unit,
    )
