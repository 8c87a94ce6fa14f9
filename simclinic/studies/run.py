"""The run of a scenario.

Each replication is stored when it is finished; figures are then computed from the stored results. A study that was
interrupted, continued or extended therefore gives exactly the same figures as an uninterrupted one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from simclinic.arrays import Floats
from simclinic.errors import QueueError, SimclinicError
from simclinic.experiment import Executor, Failure, SerialExecutor, Task, outcomes
from simclinic.experiment.antithetic import group_means
from simclinic.experiment.controls import CONTROLS, controls_of
from simclinic.experiment.pilot import with_error
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS, judge, judge_day, summarise
from simclinic.measures.adjusted import adjust
from simclinic.measures.groups import PLACE, ROLE, VISIT, group_names
from simclinic.measures.intervals import Watched
from simclinic.measures.kpis import figures_of, import_own
from simclinic.measures.shared_error import widen
from simclinic.measures.targets import judge_targets, targets_of
from simclinic.past.past import Competition
from simclinic.past.reach import reach
from simclinic.planning.capacity import CapacityOnPaper, capacity_on_paper
from simclinic.report.text.summary import summary_csv
from simclinic.report.text.targets import result
from simclinic.report.text.words import counted
from simclinic.results.document import SCHEMA_VERSION, Figure, PlainFigure, as_json, horizon, no_figure
from simclinic.results.kinds import KINDS, RUN, RUN_IN_PAIRS, Kind
from simclinic.results.run import RunDocument
from simclinic.scenario import Scenario, replace
from simclinic.scenario.bounds import MOST_WAITING
from simclinic.scenario.panel import Panel
from simclinic.store import Identity, KpiTable, RunFolder, default_folder
from simclinic.store.reader import table
from simclinic.studies.advice import plan_warnings
from simclinic.studies.at_once import at_once_of
from simclinic.studies.closed_doors import closed_hours_warning
from simclinic.studies.expected import expected
from simclinic.studies.held_back import asking_now, asking_now_sentence, is_capped
from simclinic.studies.made_ahead import Pilots, first_of, helpers_of, is_begun, made
from simclinic.studies.not_rostered import not_rostered_warning
from simclinic.studies.ramp import Year, by_year
from simclinic.studies.separate_starts import separate_starts_warning
from simclinic.studies.today import empty_start_warnings, panel_start, start_warnings

WITHOUT_END = f"{QueueError.HEAD}: more than {MOST_WAITING:,} waited at once"
"""Reason of the verdict *not stable*, if replications were aborted because of a queue without bound."""

_LEAST_SEEN = 2
"""Replications from which on the figures so far are shown at all."""
_LOOK_EVERY = 1.0
"""Least seconds between two looks."""

Progress = Callable[[int, int], None]
"""Called with the number of finished and of planned replications."""


class Interrupted(KeyboardInterrupt):
    """The user pressed Ctrl-C; finished replications are stored.

    Attributes
    ----------
    folder
        The results folder.
    stored, planned
        Numbers of replications.
    """

    def __init__(self, folder: Path, stored: int, planned: int) -> None:
        super().__init__(f"interrupted: {stored} of {planned} replications are kept in {folder}")
        self.folder = folder
        self.stored = stored
        self.planned = planned


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A finished study.

    Attributes
    ----------
    scenario
        The scenario, with the seed and the number of replications that were used.
    document
        Output of `--json`.
    ramp
        Boosters per week in each simulated year.
    failures
        Replications that failed.
    folder
        The results folder.
    stored
        Number of replications in the folder; more than were requested if an earlier study made more.
    repaired
        Number of damaged parts of the folder that were simulated again.
    reused
        Another folder of the same study and the number of replications reused from it; None: none.
    pilot_effects
        Effect of each pilot run of a steady start on the key figures; empty without pilot runs.
    competition
        What competition for starts added to the past of a steady start; None: without one.
    """

    scenario: Scenario
    document: RunDocument
    ramp: tuple[Year, ...]
    failures: tuple[Failure, ...]
    folder: Path
    stored: int
    repaired: int
    reused: tuple[Path, int] | None = None
    pilot_effects: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    competition: Competition | None = None

    def plans(self) -> list[CapacityOnPaper]:
        """Compute the capacity on paper of each plan in force in the measured weeks."""
        return list(capacity_on_paper(self.scenario))


def with_run_settings(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
) -> Scenario:
    """Return a scenario with another number of replications, or seed; None leaves them.

    Raises
    ------
    ScenarioError
        If one of them is not valid.
    """
    return replace(scenario, run={"replications": replications, "seed": seed})


def run(
    scenario: Scenario,
    *,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    antithetic: bool = False,
    panel: Panel | None = None,
    study: str | None = None,
    among: Path | None = None,
    plain: bool = False,
    competition: Pilots | None = None,
    parts: int = 1,
    look: Callable[[RunDocument], None] | None = None,
) -> FinishedRun:
    """Simulate a scenario and store the results.

    Parameters
    ----------
    scenario
        The scenario, with its seed and number of replications; see :func:`settled`.
    out
        The results folder; by default one below `results/`, named after the scenario.
    arguments
        Arguments of the command, for the manifest.
    progress
        Called at the beginning and after each replication.
    executor
        Runs the replications; by default in this process, one after another.
    time_limit
        Seconds after which a replication counts as failed; None: no limit.
    antithetic
        Make replications in mirrored pairs; see :mod:`simclinic.experiment.antithetic`.
    panel
        Today's patients, with whom each replication begins, with new draws of uncertain settings; see
        :func:`simclinic.studies.today.beginning`.
    study
        Name of the study, if the run is part of another one.
    among
        Folder of other results folders, from which replications of the same study are reused; None: no reuse.
    plain
        Leave means as they are, without the adjustment by control variates.
    competition
        What competition adds to the past of a steady start, and the effects of the pilots that found it; give the
        run a `study` of its own then. None: it is found by pilot runs of the scenario.
    parts
        How many times the measured weeks are simulated one after another; each is a replication of its own, see
        :class:`simclinic.experiment.Task`. The run needs a `study` of its own for each number.
    look
        Called now and then with the document of the first replications, as far as they are finished.

    Raises
    ------
    SimclinicError
        If the number of antithetic replications is odd, or if there is no steady clinic to begin with.
    FolderError
        If the results cannot be stored.
    ExecutorError
        If the executor is lost; finished replications are stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    modules = import_own(scenario)
    steady = panel is None and scenario.run.begin == "steady"
    if steady:
        reach(scenario)  # says so if there is no steady clinic to begin with
    planned, seed = scenario.run.replications, scenario.run.seed
    if antithetic and planned % 2:
        raise SimclinicError(f"antithetic replications come in pairs: {planned} is not an even number")
    study = study or (RUN_IN_PAIRS if antithetic else RUN).name
    executor = executor or SerialExecutor()
    report = progress or (lambda _done, _planned: None)
    path = out or default_folder(scenario.name, study, Identity.of(study, scenario, panel).fingerprint)
    with RunFolder.open(path, study, scenario, arguments or {}, panel, among) as folder:
        missing = folder.missing(planned)
        begun = panel is None and not (antithetic or modules) and parts == 1 and is_begun(scenario)
        if not begun:
            report(planned - len(missing), planned)
        looks = None if look is None else _Looks(folder, planned, 2 if antithetic else parts)

        def look_again() -> None:
            if look is not None and looks is not None and (count := looks.due()):
                folder.write()
                look(_document(folder, scenario, count, plain=plain))
                looks.looked()

        try:
            added = (
                _competition(folder, scenario, competition, executor, modules) if steady and missing else None
            )
            if begun:
                missing = _without_first(folder, scenario, added, missing)
                report(planned - len(missing), planned)
            look_again()
            tasks = [
                Task(0, scenario, seed, number, antithetic, panel, added, panel is None, parts, modules)
                for number in missing
            ]
            soon = 0 if look is None else sum(number < _LEAST_SEEN for number in missing)
            finished = outcomes(tasks, executor, time_limit=time_limit, soon=soon)
            for more, (_, outcome) in enumerate(finished, 1):
                folder.add(outcome)
                report(planned - len(missing) + more, planned)
                look_again()
            folder.write()
        except KeyboardInterrupt:
            executor.shutdown()
            folder.write()
            _finish(folder, scenario, plain=plain)
            if look is not None and looks is not None and (count := looks.last()):
                look(_document(folder, scenario, count, plain=plain))
            raise Interrupted(path, sum(number < planned for number in folder.done), planned) from None
        document = _finish(folder, scenario, plain=plain)
        if len(folder.done) + len(folder.failed) > planned:
            document = _document(folder, scenario, planned, plain=plain)
        return FinishedRun(
            scenario=scenario,
            document=document,
            ramp=by_year(folder.ramp(planned), scenario.run.warm_up_weeks),
            failures=tuple(failure for number, failure in sorted(folder.failed.items()) if number < planned),
            folder=path,
            stored=len(folder.done),
            repaired=len(folder.repaired),
            reused=folder.reused,
            pilot_effects=folder.pilot_effects,
            competition=folder.known_competition,
        )


class _Looks:
    """Decides when the figures so far are worth a look: after two replications, then now and then.

    Only the first replications in an unbroken row are looked at. Those that are finished already, of any numbers,
    would be the quick ones.

    Parameters
    ----------
    folder
        Where they are stored.
    planned
        How many there will be.
    together
        How many belong together, such as mirrored pairs.
    """

    def __init__(self, folder: RunFolder, planned: int, together: int) -> None:
        self._folder, self._planned, self._together = folder, planned, together
        self._row = self._seen = 0
        self._begun = self._next = -math.inf

    def due(self) -> int:
        """Return how many replications are to be looked at now; 0: none."""
        count = self.last()
        if not count:
            return 0
        self._begun = time.monotonic()
        if self._begun < self._next:
            return 0
        self._seen = count
        return count

    def last(self) -> int:
        """Return how many replications in a row are finished and were not looked at; 0: none, or too few."""
        folder = self._folder
        while self._row in folder.done or self._row in folder.failed:
            self._row += 1
        count = self._row - self._row % self._together
        return count if _LEAST_SEEN <= count < self._planned and count != self._seen else 0

    def looked(self) -> None:
        """Say that a look is over; looks take a tenth of the time at most."""
        now = time.monotonic()
        self._next = now + max(_LOOK_EVERY, 10 * (now - self._begun))


def _competition(
    folder: RunFolder,
    scenario: Scenario,
    given: Pilots | None,
    executor: Executor,
    modules: tuple[str, ...],
) -> Competition:
    """Return what competition adds to the past of a steady start; it is found once for each folder."""

    def find() -> Pilots:
        return given or made(scenario) or with_error(scenario, helpers_of(executor, modules))

    return folder.competition(find)


def _without_first(
    folder: RunFolder, scenario: Scenario, competition: Competition | None, missing: list[int]
) -> list[int]:
    """Store the replications that were made ahead, and return the numbers of the others."""
    for outcome in first_of(scenario, competition):
        if outcome.number in missing:
            folder.add(outcome)
    return [number for number in missing if number not in folder.done]


def _finish(folder: RunFolder, scenario: Scenario, *, plain: bool) -> RunDocument:
    """Write the folder's summaries of all its replications."""
    count = max((*folder.done, *folder.failed), default=-1) + 1
    document = _document(folder, scenario, count, plain=plain)
    folder.finish(as_json(document), summary_csv(document))
    return document


def away(columns: Columns, scenario: Scenario) -> Floats | None:
    """Return the distances of controls from their expectations, shape (replications, controls); None without.

    Parameters
    ----------
    columns
        The table of runs.
    scenario
        The scenario of which they are replications.
    """
    controls = np.stack([columns[name] for name in CONTROLS], axis=1) if CONTROLS[0] in columns else None
    if controls is None or not len(controls) or np.isnan(controls).any():
        return None
    known = controls_of(scenario)
    return None if known is None else controls - known.expected()


def _document(folder: RunFolder, scenario: Scenario, count: int, *, plain: bool) -> RunDocument:
    """Summarise the replications with a number below `count`."""
    rows = folder.rows(count)
    failed = sum(number < count for number in folder.failed)
    finished = len(rows) + failed
    panel = folder.panel
    kind = KINDS[folder.identity.study]
    watched = Watched.of(scenario)
    figures, judged, boosters = summarise(rows, watched), rows, folder.boosters(count)
    runs = table(folder.path, "runs", below=count)
    together = 2 if kind.pairs else kind.parts  # replications that are not independent of each other
    if together > 1:
        runs = group_means(runs, together)
        judged = KpiTable({name: values for name, values in runs.items() if name in KPIS})
        whole = not failed and len(boosters) % together == 0
        boosters = boosters.reshape(-1, together, scenario.run.weeks).mean(axis=1) if whole else boosters[:0]
        watched = Watched.of(scenario, replications=together)
        for name, figure in summarise(judged, watched).items():
            figures[name]["mean"], figures[name]["ci"] = figure["mean"], figure["ci"]
            figures[name]["method"], figures[name]["coverage"] = figure["method"], figure["coverage"]
    distances = None if plain or failed or panel is not None else away(runs, scenario)
    unadjusted = {} if distances is None else adjust(figures, runs, distances)
    for each in (figures, unadjusted):
        widen(each, folder.pilot_effects)
    competition = folder.known_competition
    theory = expected(
        scenario,
        panel=panel is not None,
        competition=competition,
    )
    targets, weeks = scenario.targets, scenario.run.weeks
    endless = sum(number < count and one.queue_without_end for number, one in folder.failed.items())
    without_end = f"{WITHOUT_END} in {endless} of {counted(finished, 'replication')}" if endless else ""
    verdict = judge(
        judged,
        weeks,
        expected=theory,
        targets=targets,
        boosters=boosters,
        without_end=without_end,
        effects=folder.pilot_effects,
    )
    judged_at_all = bool(len(rows)) or bool(endless)
    day = judge_day(judged, watched, targets)
    warnings = list(verdict.warnings)
    if panel is None:
        warnings[:0] = empty_start_warnings(scenario)
    elif not kind.today:  # a forecast adds these warnings itself, once for all relapse laws
        warnings += start_warnings(scenario, panel)
    paid = None if kind.today else closed_hours_warning(scenario)
    if paid is not None:
        warnings.append(paid)
    now = None
    if (
        kind.parts == 1
        and len(rows)
        and not endless
        and verdict.waiting_list != "level"
        and is_capped(scenario)
    ):
        waits = table(folder.path, "waits", below=count)
        now = asking_now(waits, scenario, grows=verdict.waiting_list == "grows", together=together)
    if now is not None:
        warnings.append(asking_now_sentence(now, _finite(figures["balked_share"])["mean"], scenario))
    if judged_at_all and verdict.state != "stable":
        warnings += verdict.reasons
    paper = _paper(kind, scenario)
    warnings[:0] = paper
    if failed:
        warnings.insert(0, f"{failed} of {finished} replications failed and are left out")
    kpis = {name: _finite(figure) for name, figure in figures.items()} or {
        name: no_figure(name) for name in figures_of(scenario)
    }
    told = separate_starts_warning(kpis, scenario), not_rostered_warning(kpis, scenario)
    warnings += [each for each in told if each is not None]
    for name, figure in unadjusted.items():
        assert figure["mean"] is not None and figure["ci"] is not None  # noqa: PT018 (for the type checker)
        kpis[name]["plain"] = PlainFigure(mean=figure["mean"], ci=figure["ci"])
    document = RunDocument(
        schema_version=SCHEMA_VERSION,
        study=folder.identity.study,
        scenario=scenario.name,
        seed=scenario.run.seed,
        replications=finished,
        horizon=horizon(scenario),
        verdict=verdict.state if judged_at_all else None,
        verdict_reasons=list(verdict.reasons) if judged_at_all else [],
        stable=verdict.state == "stable" if judged_at_all else None,
        day_verdict=day.state if day else None,
        day_verdict_reasons=list(day.reasons) if day else [],
        warnings=warnings,
        kpis=kpis,
    )
    _add_parts(document, scenario, paper)
    if len(rows):
        numbers = table(folder.path, "at_once", below=count)
        document["at_once"] = at_once_of(numbers, scenario, together, count)
    if now is not None:
        document["balked_share_now"] = now
    if asked := targets_of(scenario):
        found = judge_targets(
            asked,
            rows.columns,
            verdict=verdict.state if judged_at_all else None,
            watched=Watched.of(scenario),
            pairs=kind.pairs,
            shared=folder.pilot_effects,
        )
        document["targets"] = [result(each, scenario) for each in found]
    return document if panel is None else {**document, "panel": panel_start(scenario, panel)}


def _paper(kind: Kind, scenario: Scenario) -> tuple[str, ...]:
    """Return the warnings of the plan on paper; a forecast adds them itself, once for all relapse laws."""
    return () if kind.today else plan_warnings(scenario)


def _add_parts(document: RunDocument, scenario: Scenario, paper: Sequence[str]) -> None:
    """Add what paper says, if anything, and the key figures by part, where the clinic has several."""
    if paper:
        document["plan_warnings"] = list(paper)
    kpis = document["kpis"]
    by_part = {
        key: {part: {name: kpis[own] for name, own in names.items()} for part, names in parts.items()}
        for key, parts in group_names(scenario).items()
    }
    if VISIT in by_part:
        document["by_visit"] = by_part[VISIT]
    if ROLE in by_part:
        document["by_role"] = by_part[ROLE]
    if PLACE in by_part:
        document["by_place"] = by_part[PLACE]


def _finite(figure: Mapping[str, Any]) -> Figure:
    """Copy a figure, with None for values that are not finite."""

    def finite(value: float | None) -> float | None:
        return value if value is not None and math.isfinite(value) else None

    ci = figure["ci"]
    return Figure(
        mean=finite(figure["mean"]),
        sd=finite(figure["sd"]),
        ci=None if ci is None or not np.isfinite(ci).all() else [float(bound) for bound in ci],
        p10=finite(figure["p10"]),
        p90=finite(figure["p90"]),
        n=figure["n"],
        unit=figure["unit"],
        method=figure["method"],
        coverage=figure["coverage"],
    )
