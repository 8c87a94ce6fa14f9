"""Sweeps: a design over several settings, with the same patients at every point, and a ranking of the factors.

Runs are stored when they are finished, and effects are computed from the stored runs: a sweep that was killed and
continued gives exactly the same figures as an uninterrupted one.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simclinic.errors import SimclinicError
from simclinic.experiment import Executor, Failure, SerialExecutor, Task, outcomes
from simclinic.experiment.designs import Factor, Findings, Floats, Value, mean_over_replications
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS, judge
from simclinic.measures.groups import part_of
from simclinic.measures.intervals import Watched, estimate
from simclinic.measures.kpis import import_own, own_figures
from simclinic.measures.stability import LEAST
from simclinic.measures.targets import judge_targets, target_column, targets_of
from simclinic.model.engines import engine_of
from simclinic.report.text.stability import verdict_counts
from simclinic.report.text.summary import cell
from simclinic.report.text.sweep import MOST_POINTS
from simclinic.report.text.targets import asked
from simclinic.report.text.words import counted
from simclinic.results.document import SCHEMA_VERSION, as_json, horizon
from simclinic.results.kinds import SWEEP
from simclinic.results.sweep import Effect, Ranked, SweepDocument, TargetCount, Varied
from simclinic.scenario import resolved_toml
from simclinic.scenario.problems import nearest
from simclinic.store import Identity, KpiTable, default_folder
from simclinic.store.manifest import PanelIdentity, own_of
from simclinic.store.names import slug
from simclinic.store.sweep_folder import POINT, SweepFolder
from simclinic.store.tables import encode_columns
from simclinic.studies.advice import plan_warnings
from simclinic.studies.expected import expected
from simclinic.studies.overbooking import overbooking_warnings
from simclinic.studies.run import Interrupted, Progress, with_run_settings
from simclinic.studies.sweep_points import Points, level_text
from simclinic.studies.today import empty_start_warnings, panel_start, panel_warnings, uncertain_settings

ON = (
    "boosters_per_week",
    "access_days_mean",
    "wait_minutes_mean",
    "chair_utilisation",
    "overtime_minutes_per_day",
    "margin_per_week",
)
"""Key figures that are shown by default."""
_MOST_NAMED = 5
_NUMBER = re.compile(r"[\d.,]*\d")


@dataclass(frozen=True)
class FinishedSweep:
    """A finished sweep.

    Attributes
    ----------
    points
        The simulated points.
    document
        Output of `--json`.
    table
        One row for each point: factors, number of replications, verdict, and for each key figure the mean and half
        the width of its 95 % interval.
    failures
        Runs that failed: point and failure.
    folder
        The results folder.
    stored
        Number of runs in the folder; more than were requested if an earlier sweep made more.
    repaired
        Damaged or missing files of the folder, whose runs were made again.
    """

    points: Points
    document: SweepDocument
    table: Columns
    failures: tuple[tuple[int, Failure], ...]
    folder: Path
    stored: int
    repaired: tuple[str, ...]


class FigureError(SimclinicError):
    """A key figure that does not exist."""


def checked_kpis(names: Sequence[str], figures: Sequence[str] = ()) -> tuple[str, ...]:
    """Check names of key figures, which may be joined by commas; without any, return those shown by default.

    Parameters
    ----------
    names
        The names.
    figures
        All key figures of the study, where they are known: those of other packages are shown by default.

    Raises
    ------
    FigureError
        If a name does not exist; the message suggests the most similar one.
    """
    names = [name.strip() for text in names for name in text.split(",") if name.strip()]
    for name in names:
        if name not in KPIS:
            near = nearest(name, KPIS)
            question = f" Did you mean {near!r}?" if near else ""
            raise FigureError(f"{name!r} is not a key figure.{question}")
        if figures and name not in figures:
            if part_of(name) is not None:
                raise FigureError(f"{name!r} is no figure of the scenario: it has no such part.")
            raise FigureError(f"{name!r} must be listed in own.kpis of the scenario.")
    return tuple(dict.fromkeys(names)) or (*ON, *own_figures(figures))


def sweep(
    points: Points,
    *,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
) -> FinishedSweep:
    """Simulate all points of a study and store the results.

    Parameters
    ----------
    points
        The study; see :func:`simclinic.studies.study_file.load_study`.
    out
        The results folder; by default one below `results/`, named after the study.
    arguments
        Arguments of the command, for the manifest.
    progress
        Called at the beginning and after each run.
    executor
        Makes the runs; by default in this process, one after another.
    time_limit
        Seconds after which a run counts as failed; None: no limit.

    Raises
    ------
    SimclinicError
        If the scenarios differ in their own key figures, or one of these is absent.
    FolderError
        If the results cannot be stored.
    ExecutorError
        If the executor is lost; finished runs are stored.
    Interrupted
        If the user pressed Ctrl-C; finished runs are stored.
    """
    if any(scenario.own != points.base.own for scenario in points.scenarios.values()):
        raise SimclinicError("the scenarios of a sweep must have the same own.kpis")
    import_own(points.base)
    executor = executor or SerialExecutor()
    report = progress or (lambda _done, _planned: None)
    begins = PanelIdentity.of(points.base, points.panel)
    identity = Identity(
        SWEEP.name, points.name, points.fingerprint, points.seed, begins, own_of([points.base])
    )
    path = out or default_folder(points.name, SWEEP.name, identity.fingerprint)
    planned = len(points) * points.replications
    with SweepFolder.open(
        path,
        identity,
        points.columns,
        len(points),
        _resolved(points),
        arguments or {},
        points.figures,
        engine_of(points.base),
    ) as folder:
        missing = list(folder.missing(points.replications))
        finished = planned - sum(len(numbers) for _, numbers in missing)
        report(finished, planned)
        try:
            for task, outcome in outcomes(_Tasks(points, missing), executor, time_limit=time_limit):
                folder.add(task.point, outcome)
                finished += 1
                report(finished, planned)
            folder.write()
        except KeyboardInterrupt:
            executor.shutdown()
            folder.write()
            stored = sum(number < points.replications for _, number in folder.done)
            raise Interrupted(path, stored, planned) from None
        return _finish(points, folder)


class _Tasks:
    """The missing runs, point by point; a scenario is created when it is needed."""

    def __init__(self, points: Points, missing: Sequence[tuple[int, list[int]]]) -> None:
        self._points = points
        self._missing = missing

    def __len__(self) -> int:
        return sum(len(numbers) for _, numbers in self._missing)

    def __iter__(self) -> Iterator[Task]:
        points, modules = self._points, import_own(self._points.base)
        for point, numbers in self._missing:
            scenario = points.scenario(point)
            for number in numbers:
                yield Task(point, scenario, points.seed, number, panel=points.panel, modules=modules)


def _resolved(points: Points) -> dict[str, str]:
    if len(points.scenarios) == 1:
        return {"scenario.resolved.toml": resolved_toml(with_run_settings(points.base, seed=points.seed))}
    return {
        f"scenario-{number}-{slug(name)}.resolved.toml": resolved_toml(
            with_run_settings(scenario, seed=points.seed)
        )
        for number, (name, scenario) in enumerate(points.scenarios.items(), 1)
    }


def _finish(points: Points, folder: SweepFolder) -> FinishedSweep:
    """Compute the effects of the factors, and write the summaries."""
    figures = folder.figures(points.replications)
    failed = sorted((run, failure) for run, failure in folder.failed.items() if run[1] < points.replications)
    endless = {point for (point, _), failure in failed if failure.queue_without_end}
    table = _table(points, figures, endless)
    document = _document(points, figures, table, len(failed))
    folder.finish(
        {
            "points.parquet": encode_columns(table),
            "summary.json": as_json(document).encode(),
            "summary.csv": effects_csv(document).encode(),
        }
    )
    return FinishedSweep(
        points=points,
        document=document,
        table=table,
        failures=tuple((point, failure) for (point, _), failure in failed),
        folder=folder.path,
        stored=len(folder.done),
        repaired=tuple(folder.repaired),
    )


def _table(points: Points, figures: Floats, endless: set[int]) -> Columns:
    """Tabulate the points, one row each; runs of points in `endless` were aborted: queues grow without bound."""
    finished = np.asarray((~np.isnan(figures)).any(axis=2))
    table: Columns = {POINT: np.arange(len(points)), **points.columns, "replications": finished.sum(axis=1)}
    verdicts = [
        "not-stable" if point in endless else _verdict(points, point, figures[point, finished[point]])
        for point in range(len(points))
    ]
    table["stable"] = np.array([verdict == "stable" for verdict in verdicts], dtype=np.int64)
    table["verdict"] = np.array(verdicts, dtype=np.str_)
    table |= _targets(points, figures, verdicts)
    table |= {
        "measured_weeks": np.ravel(points.watched.weeks),
        "open_days": np.ravel(points.watched.open_days),
    }
    columns = {name: figures[:, :, at] for at, name in enumerate(points.figures)}
    for name in points.figures:
        mean = estimate(KPIS[name], columns, points.watched)
        table |= {
            name: mean.mean,
            f"{name}_half_width": mean.half,
            f"{name}_low": mean.low,
            f"{name}_high": mean.high,
        }
    return table


def _targets(points: Points, figures: Floats, verdicts: Sequence[str]) -> Columns:
    """Judge the targets at each point: a column for each, empty where a point has no such target or no runs."""
    if not any(name.startswith("targets.") for name in points.columns) and not any(
        targets_of(scenario) for scenario in points.scenarios.values()
    ):
        return {}
    states: dict[str, list[str]] = {}
    for point, verdict in enumerate(verdicts):
        scenario = points.scenario(point)
        columns = {name: figures[point, :, at] for at, name in enumerate(points.figures)}
        known = ~np.isnan(figures[point]).all(axis=1)
        found = judge_targets(
            targets_of(scenario),
            {name: values[known] for name, values in columns.items()},
            verdict=verdict or None,
            watched=Watched.of(scenario),
        )
        for each in found:
            column = states.setdefault(target_column(each.target.figure), [""] * len(points))
            column[point] = each.state if verdict else ""
    return {name: np.array(column, dtype=np.str_) for name, column in states.items()}


def _target_counts(points: Points, table: Columns) -> list[TargetCount]:
    """Count the points at which each target is met, missed and open."""
    counts = []
    for target in targets_of(points.base):
        states = table[target_column(target.figure)].tolist()
        met, missed, undecided = (states.count(state) for state in ("met", "missed", "open"))
        told = asked(target, points.base)
        counts.append(
            TargetCount(
                figure=target.figure,
                at_most=target.at_most,
                limit=_finite(target.limit),
                years=target.years,
                guard=target.guard,
                by=target.by,
                met=met,
                missed=missed,
                open=undecided,
                told=f"{told}: met at {met}, missed at {missed}, open at {undecided} of "
                f"{counted(len(points), 'point')}",
            )
        )
    return counts


def _verdict(points: Points, point: int, figures: Floats) -> str:
    """Return the verdict on a point; empty without finished runs."""
    if not len(figures):
        return ""
    scenario = points.scenario(point)
    rows = KpiTable({name: figures[:, at] for at, name in enumerate(points.figures)})
    theory = expected(scenario, panel=points.panel is not None)
    return judge(rows, scenario.run.weeks, expected=theory, targets=scenario.targets).state


def _document(points: Points, figures: Floats, table: Columns, failed: int) -> SweepDocument:
    method = points.method
    findings = method.findings(points.placed, figures)
    means = mean_over_replications(figures)
    document = SweepDocument(
        schema_version=SCHEMA_VERSION,
        study=SWEEP.name,
        name=points.name,
        scenarios=list(points.scenarios),
        design=points.design,
        samples=points.samples or None,
        points=len(points),
        replications=points.replications,
        seed=points.seed,
        failed=failed,
        horizon=horizon(points.base),
        currency=points.base.finance.currency,
        warnings=[
            *_on_paper(points),
            *_from_today(points),
            *_warnings(points, table, failed),
            *_unlike(points),
            *_absent(means, points.figures),
        ],
        ranked_by=method.ranked_by,
        factors={factor.address: _varied(factor) for factor in points.factors},
        kpis={
            name: Ranked(
                unit=KPIS[name].unit,
                low=_least(means[:, at], np.fmin),
                high=_least(means[:, at], np.fmax),
                effects=_effects(points, findings, at),
            )
            for at, name in enumerate(points.figures)
        },
    )
    if found := _target_counts(points, table):
        document["targets"] = found
    return document if points.panel is None else {**document, "panel": panel_start(points.base, points.panel)}


def _warnings(points: Points, table: Columns, failed: int) -> list[str]:
    warnings = []
    if failed:
        warnings.append(
            f"{failed} of {len(points) * points.replications} runs failed and are left out, and so are effects "
            "that need them"
        )
    if points.samples < points.method.enough:
        warnings.append(
            f"samples = {points.samples} is a small number: intervals are too narrow with fewer than "
            f"{points.method.enough} samples"
        )
    if points.design == "lhs" and points.samples < len(points.factors) + 2:
        warnings.append(
            f"samples = {points.samples} is too small a number for {len(points.factors)} factors: effects are "
            f"computed with {len(points.factors) + 2} samples or more"
        )
    # A point whose runs all failed has no verdict.
    verdicts = [verdict for verdict in table["verdict"].tolist() if verdict]
    if any(verdict != "stable" for verdict in verdicts):
        warnings.append(
            f"verdicts on the {len(points)} points: {verdict_counts(verdicts)} (see `verdict` in points.parquet)"
        )
    if "not-stable" in verdicts:
        warnings.append("figures of points that are not stable depend on the number of measured weeks")
    if "open" in verdicts and points.replications < LEAST:
        warnings.append(
            f"with {counted(points.replications, 'replication')} of each point no point can be shown to be stable; "
            f"at least {LEAST} are needed"
        )
    return warnings


def _unlike(points: Points) -> Iterator[str]:
    """Warn of differences that make points hard to compare."""
    varied = {factor.address for factor in points.factors}
    scenarios = list(points.scenarios.values())
    if {"run.start", "run.weeks"} & varied or len({(one.run.start, one.run.weeks) for one in scenarios}) > 1:
        yield "not all points are measured over the same weeks: differences may also come from the time"
    empty = [one.run.warm_up_weeks for one in scenarios if one.run.begin == "empty"]
    if len(set(empty)) > 1 or (empty and "run.warm_up_weeks" in varied):
        yield "not all points have the same warm-up: some may still be filling"
    if "finance.currency" in varied or len({one.finance.currency for one in scenarios}) > 1:
        yield "not all points have the same currency: amounts cannot be compared"


def _on_paper(points: Points) -> Iterator[str]:
    """Yield what paper says of the plans of the points, each kind of warning once.

    The numbers of a warning are those of the first point that has it. Of many points, the scenarios are looked at
    as they are before anything is varied.
    """
    if len(points) > MOST_POINTS:
        for name, scenario in points.scenarios.items():
            yield from (f"{name}, before anything is varied: {each}" for each in plan_warnings(scenario))
        return
    found: dict[str, dict[int, str]] = {}
    for point in range(len(points)):
        for warning in plan_warnings(points.scenario(point)):
            found.setdefault(_NUMBER.sub("", warning), {}).setdefault(point, warning)
    for by_point in found.values():
        if len(by_point) == len(points) and len(set(by_point.values())) == 1:
            yield by_point[0]
        else:
            first, warning = next(iter(by_point.items()))
            at = ", ".join(f"{name} {level_text(value)}" for name, value in points.values(first).items())
            which = f"{len(by_point)} of {counted(len(points), 'point')}"
            yield f"on paper, at {which} ({'such as ' if len(by_point) > 1 else ''}{at}): {warning}"


def _from_today(points: Points) -> Iterator[str]:
    """Yield warnings about the start of the points, with or without today's patients."""
    panel = points.panel
    if panel is not None:
        yield from panel_warnings(points.base.run.start, panel)
    several = len(points.scenarios) > 1
    for name, scenario in points.scenarios.items():
        warnings = empty_start_warnings(scenario) if panel is None else overbooking_warnings(scenario, panel)
        yield from (f"{name}: {warning}" if several else warning for warning in warnings)
    if panel is None:
        return
    drawn = {setting for scenario in points.scenarios.values() for setting in uncertain_settings(scenario)}
    varied = [factor.address for factor in points.factors]
    both = [
        setting
        for setting in sorted(drawn)
        if any(setting == at or setting.startswith(f"{at}.") for at in varied)
    ]
    if both:
        yield f"{', '.join(both)}: both varied and uncertain, so drawn around the value of each point"
    if any(scenario.uncertainty != points.base.uncertainty for scenario in points.scenarios.values()):
        yield (
            "the scenarios differ in the uncertainty of their settings: they are simulated with different draws of "
            "them"
        )


def _absent(means: Floats, figures: Sequence[str]) -> Iterator[str]:
    """Warn of figures that cannot be computed at some points; those missing at all points are obvious."""
    missing = np.isnan(means)
    names = [name for name, gaps in zip(figures, missing.T, strict=True) if gaps.any() and not gaps.all()]
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield (
            f"cannot be computed at every point: {', '.join(names[:_MOST_NAMED])}{more}; their effects are those "
            "at the other points, and are left out if too few remain"
        )


def _varied(factor: Factor) -> Varied:
    if factor.levels:
        return Varied(levels=[_plain(level) for level in factor.levels], low=None, high=None)
    return Varied(levels=None, low=factor.low, high=factor.high)


def _plain(level: Value) -> bool | int | float | str:
    return level if isinstance(level, int | float | str) else level_text(level)


def _least(values: Floats, which: np.ufunc) -> float | None:
    return _finite(float(which.reduce(values)))


def _effects(points: Points, findings: Findings, at: int) -> list[Effect]:
    """List the effects of the factors on one key figure, the largest first."""
    ranks = findings[points.method.ranked_by][:, at]
    order = np.argsort(np.where(np.isnan(ranks), math.inf, -ranks), kind="stable")
    return [
        Effect(
            factor=points.factors[factor].address,
            measures={
                name: int(values[factor, at]) if name == "n" else _finite(float(values[factor, at]))
                for name, values in findings.items()
            },
        )
        for factor in order.tolist()
    ]


def _finite(value: float) -> float | None:
    # Adding 0.0 turns -0.0 into 0.0.
    return value + 0.0 if math.isfinite(value) else None


def effect_rows(document: SweepDocument) -> list[dict[str, object]]:
    """Tabulate the effects of each factor on each key figure, one row each, by rank."""
    return [
        {"kpi": name, "unit": ranked["unit"], "rank": rank, "factor": effect["factor"], **effect["measures"]}
        for name, ranked in document["kpis"].items()
        for rank, effect in enumerate(ranked["effects"], 1)
    ]


def effects_csv(document: SweepDocument) -> str:
    """Write the effects as CSV, with full precision."""
    out = io.StringIO()
    rows = effect_rows(document)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows[0])
    for line in rows:
        writer.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()
