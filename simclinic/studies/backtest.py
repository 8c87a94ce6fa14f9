"""Backtests: the score of a forecast from an earlier date.

The export is cut at a date. A calibration uses the part before, a forecast is made from it, and the part after is
compared with it. Was the outcome inside the bands as often as their names say? Was the forecast closer than the
simplest guess, "as in the last eight weeks"?
"""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.calibration import Options
from simclinic.calibration.calibrate import learn
from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.courses import Courses, find_courses
from simclinic.calibration.interpretation import InterpretedExport, interpret
from simclinic.calibration.open_days import first_day_not_covered
from simclinic.calibration.quality import Quality
from simclinic.calibration.types import by_type, together
from simclinic.calibration.visits import Visits
from simclinic.errors import SimclinicError
from simclinic.experiment import Executor
from simclinic.measures.wilson import wilson
from simclinic.report.text.backtest import backtest_csv
from simclinic.report.text.calibrate import spreadsheet
from simclinic.report.text.words import counted
from simclinic.results.backtest import (
    BacktestDocument,
    BacktestTotal,
    BacktestWeek,
    BandCoverage,
    ForecastError,
)
from simclinic.results.document import SCHEMA_VERSION, as_json
from simclinic.sampling.streams import Streams
from simclinic.scenario import Scenario
from simclinic.scenario.panel import Panel, read_panel
from simclinic.store.document_folder import add_files
from simclinic.store.reader import table
from simclinic.studies.calibrate import base_scenario, calibrated_scenario, scenario_text
from simclinic.studies.forecast import FinishedForecast, band, forecast, from_today
from simclinic.studies.run import Progress

STUDY = "backtest"
DOCUMENT, SPREADSHEET = "backtest.json", "backtest.csv"
"""Files of a backtest in the folder of its forecast."""

NAIVE_WEEKS = 8
"""Weeks before the cut whose mean is the naive forecast."""

_LEAST_BEFORE = 7 * NAIVE_WEEKS

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FinishedBacktest:
    """A forecast compared with the outcome.

    Attributes
    ----------
    forecast
        The forecast as of the day of the cut.
    document
        Output of `--json`.
    """

    forecast: FinishedForecast
    document: BacktestDocument


@dataclass(frozen=True)
class Past:
    """The parts of an export before and after the cut.

    Attributes
    ----------
    scenario, panel
        The calibration of the part before the cut.
    before, after
        Boosters given in each of the last `NAIVE_WEEKS` included weeks before the cut, as known on that day, and in
        each whole week after it, up to a period that is left out.
    warnings
        Warnings of the calibration.
    """

    scenario: Scenario
    panel: Panel
    before: Counts
    after: Counts
    warnings: tuple[str, ...]


def backtest(
    path: str | os.PathLike[str],
    cut: dt.date,
    *,
    options: Options | None = None,
    base: str | os.PathLike[str] | None = None,
    weeks: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    fixed_parameters: bool = False,
    overrides: tuple[str, ...] = (),
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
) -> FinishedBacktest:
    """Calibrate on the data before a date, forecast the weeks after it, and score the forecast.

    Parameters
    ----------
    path
        The export.
    cut
        The first day that the calibration does not use.
    options
        How to read the export.
    base
        Scenario file with the settings that the export does not determine; by default the typical clinic.
    weeks
        Number of weeks to forecast; by default all whole weeks of the export from the cut on.
    replications, seed, fixed_parameters
        As for :func:`simclinic.studies.forecast.from_today`.
    overrides
        Settings of the base scenario to change, as texts `ADDRESS=VALUE`.
    out, arguments, progress, executor, time_limit
        As for :func:`simclinic.studies.forecast.forecast`.

    Raises
    ------
    SimclinicError
        If the export cannot be interpreted, the cut leaves too little data on either side, or the results cannot be
        stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    options = options or Options()
    scenario = base_scenario(base, overrides)[0]
    notice = scenario.attendance.cancel_notice_days
    export = interpret(Path(path), options, notice_days=notice, types=scenario)
    past = cut_in_two(export, cut, options, base, overrides)
    count = len(past.after) if weeks is None else weeks
    if count > len(past.after):
        raise SimclinicError(
            f"--weeks {count}: the export has {counted(len(past.after), 'whole week')} from {cut.isoformat()} on"
        )
    scenario = from_today(
        past.scenario,
        past.panel,
        weeks=count,
        as_of=cut,
        replications=replications,
        seed=seed,
        fixed_parameters=fixed_parameters,
    )
    finished = forecast(
        scenario,
        past.panel,
        own_law=True,
        against=" ".join(map(str, [STUDY, *past.before.tolist(), "|", *past.after.tolist()])),
        out=out,
        arguments=arguments,
        progress=progress,
        executor=executor,
        time_limit=time_limit,
    )
    document = score(past, _boosters_given(finished, count), cut, scenario)
    add_files(finished.folder, {DOCUMENT: as_json(document), SPREADSHEET: backtest_csv(document)})
    return FinishedBacktest(finished, document)


def _boosters_given(finished: FinishedForecast, weeks: int) -> npt.NDArray[np.float64]:
    """Read the boosters given, shape (futures, weeks)."""
    futures = finished.laws[0].scenario.run.replications
    boosters = table(finished.runs[0].folder, "weeks", columns=["boosters"], below=futures).get("boosters")
    if boosters is None:
        return np.zeros((0, weeks))
    return np.asarray(boosters, dtype=np.float64).reshape(-1, weeks)


def cut_in_two(
    export: InterpretedExport,
    cut: dt.date,
    options: Options,
    base: str | os.PathLike[str] | None = None,
    overrides: tuple[str, ...] = (),
) -> Past:
    """Cut an export at a date, and calibrate on the part before.

    Raises
    ------
    SimclinicError
        If one of the parts has too few weeks.
    """
    visits, day = export.visits, cut.toordinal()
    until = visits.left_out.next_begin(day - 1, visits.last) or first_day_not_covered(visits)
    weeks = (until - day) // 7
    if visits.left_out.hold(np.array([day])).any():
        raise SimclinicError(f"--cut {cut.isoformat()} lies in a period that --leave-out names")
    if day - visits.first < _LEAST_BEFORE or weeks < 1:
        first, last = (dt.date.fromordinal(number).isoformat() for number in (visits.first, visits.last))
        raise SimclinicError(
            f"--cut {cut.isoformat()} must leave at least {NAIVE_WEEKS} weeks before it and one after it: the "
            f"export covers {first} to {last}"
        )
    early = _only(visits, visits.day < day, day)
    if not (early.status == COMPLETED).any():
        raise SimclinicError(f"--cut {cut.isoformat()}: no visit before it was completed")
    scenario, base_text = base_scenario(base, overrides)
    quality = Quality(export.quality.warnings, export.quality.losses)
    consults = _only(export.consults, export.consults.day < day, day)
    before = replace(export, visits=early, consults=consults, quality=quality)
    calibration = learn(before, scenario, replace(options, as_of=cut))
    calibrated = calibrated_scenario(scenario_text(calibration, scenario), base_text)
    with tempfile.TemporaryDirectory(prefix="simclinic-") as folder:
        file = Path(folder) / "panel.csv"
        file.write_text(spreadsheet(calibration.panel.columns, calibration.panel.rows), encoding="utf-8")
        panel = read_panel(file, calibrated)
    usual = {group.type: group.courses.infusions for group in calibration.groups}
    courses = together(
        [
            find_courses(own, Quality(), infusions=usual.get(name), whole_history=options.whole_history)
            for name, own in by_type(visits, Quality()).items()
        ]
    )
    return Past(
        calibrated,
        panel,
        _last_boosters(calibration.courses, early, day),
        courses.boosters_by_week(day, weeks),
        tuple(calibration.findings.warnings),
    )


def _only(visits: Visits, keep: npt.NDArray[np.bool_], as_of: int) -> Visits:
    return replace(visits.only(keep), last=as_of - 1, as_of=as_of, left_out=visits.left_out.before(as_of))


def _last_boosters(courses: Courses, visits: Visits, day: int) -> Counts:
    """Count the boosters given in each of the last `NAIVE_WEEKS` weeks before a day that are not left out."""
    weeks = (day - visits.first) // 7
    begin = day - 7 * weeks
    counted = ~visits.left_out.touched(begin, weeks)
    return courses.boosters_by_week(begin, weeks)[counted][-NAIVE_WEEKS:]


def score(
    past: Past, simulated: npt.NDArray[np.float64], cut: dt.date, scenario: Scenario
) -> BacktestDocument:
    """Compare simulated futures with the outcome.

    Parameters
    ----------
    past
        The parts of the export.
    simulated
        Boosters given in the futures, shape (futures, weeks).
    cut
        The first day of the forecast.
    scenario
        The clinic.

    Raises
    ------
    SimclinicError
        If there are no futures.
    """
    weeks = simulated.shape[1]
    observed = past.after[:weeks]
    naive = float(past.before.mean())
    if not len(simulated):
        raise SimclinicError("no future could be simulated, so there is nothing to score")
    pits = randomised_pit(simulated, observed, scenario.run.seed)
    low, middle, high = np.quantile(simulated, (0.1, 0.5, 0.9), axis=0)
    inside = int(((low <= observed) & (observed <= high)).sum())
    total = simulated.sum(axis=1)
    return BacktestDocument(
        schema_version=SCHEMA_VERSION,
        study=STUDY,
        scenario=scenario.name,
        seed=scenario.run.seed,
        replications=len(simulated),
        cut=cut.isoformat(),
        warnings=list(past.warnings),
        weeks=[
            BacktestWeek(
                week=week,
                start=(cut + dt.timedelta(weeks=week)).isoformat(),
                boosters=band(simulated[:, week]),
                came=int(observed[week]),
                pit=float(pits[week]),
            )
            for week in range(weeks)
        ],
        coverage=_coverage(inside, weeks),
        error=ForecastError(
            forecast=float(np.abs(middle - observed).mean()),
            naive=float(np.abs(naive - observed).mean()),
            naive_per_week=naive,
        ),
        total=BacktestTotal(
            boosters=band(total),
            came=int(observed.sum()),
            naive=naive * weeks,
            pit=float(randomised_pit(total[:, None], observed.sum(keepdims=True), scenario.run.seed)[0]),
        ),
    )


def _coverage(inside: int, weeks: int) -> BandCoverage:
    low, high = wilson(inside, weeks)
    return BandCoverage(inside=inside, n=weeks, share=inside / weeks, ci=[low, high])


def randomised_pit(
    simulated: npt.NDArray[np.float64], observed: Counts, seed: int
) -> npt.NDArray[np.float64]:
    """Compute the randomised probability integral transform: uniform between 0 and 1 if the forecast is right.

    Ties between counts are broken at random, so that bands of small counts, which cover more than their nominal
    share, do not flatter the forecast.

    Parameters
    ----------
    simulated
        Simulated counts, shape (futures, weeks).
    observed
        The outcome, shape (weeks,).
    seed
        Seed of the random numbers that break ties.
    """
    u = Streams(seed, 0, STUDY).uniform(["pit"], np.arange(simulated.shape[1]))[0]
    below, same = (simulated < observed).sum(axis=0), (simulated == observed).sum(axis=0)
    pit: npt.NDArray[np.float64] = (below + u * (same + 1)) / (len(simulated) + 1)
    return pit
