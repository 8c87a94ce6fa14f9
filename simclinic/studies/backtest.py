"""How good a forecast would have been, made some months ago.

The export is cut at a date. A calibration sees what came before, a forecast is made from it, and what came after is
held against it: was it inside the bands as often as they promise, and was the forecast nearer than the simplest
guess, "as in the last eight weeks"?
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
from simclinic.calibration.open_days import find_open_days
from simclinic.calibration.panel import COLUMNS
from simclinic.calibration.quality import Quality
from simclinic.calibration.rates import wilson
from simclinic.calibration.visits import Visits
from simclinic.errors import SimclinicError
from simclinic.experiment import Executor
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
"""Weeks before the cut whose mean is the simplest guess."""

_LEAST_BEFORE = 7 * NAIVE_WEEKS

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FinishedBacktest:
    """A forecast held against what came.

    Attributes
    ----------
    forecast
        As it would have been made on the day of the cut.
    document
        What `--json` prints.
    """

    forecast: FinishedForecast
    document: BacktestDocument


@dataclass(frozen=True)
class Past:
    """An export cut in two.

    Attributes
    ----------
    scenario, panel
        What a calibration makes of the part before the cut.
    before, after
        Boosters given in each of the last `NAIVE_WEEKS` weeks before the cut that count, as they looked then, and
        in each whole week after it, up to a period that is left out.
    warnings
        Of the calibration.
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
    """Calibrate on what came before a date, forecast the rest, and score it.

    Parameters
    ----------
    path
        The export.
    cut
        The first day that the calibration does not see.
    options
        What somebody says about the export.
    base
        Scenario file whose settings hold where the export tells nothing; by default the typical clinic.
    weeks
        How many to forecast; by default all whole ones the export has from the cut on.
    replications, seed, fixed_parameters
        As for :func:`simclinic.studies.forecast.from_today`.
    overrides
        Settings of the base scenario to change, `ADDRESS=VALUE` each.
    out, arguments, progress, executor, time_limit
        As for :func:`simclinic.studies.forecast.forecast`.

    Raises
    ------
    SimclinicError
        If the export cannot be understood, the cut leaves too little on either side, or the results cannot be kept.
    Interrupted
        If somebody pressed Ctrl-C; what was finished is kept.
    """
    said = options or Options()
    notice = base_scenario(base, overrides)[0].attendance.cancel_notice_days
    past = cut_in_two(interpret(Path(path), said, notice_days=notice), cut, said, base, overrides)
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
    found = forecast(
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
    document = score(past, _given(found, count), cut, scenario)
    add_files(found.folder, {DOCUMENT: as_json(document), SPREADSHEET: backtest_csv(document)})
    return FinishedBacktest(found, document)


def _given(found: FinishedForecast, weeks: int) -> npt.NDArray[np.float64]:
    """Read the boosters given in each future and week."""
    futures = found.laws[0].scenario.run.replications
    boosters = table(found.runs[0].folder, "weeks", columns=["boosters"], below=futures).get("boosters")
    if boosters is None:
        return np.zeros((0, weeks))
    return np.asarray(boosters, dtype=np.float64).reshape(-1, weeks)


def cut_in_two(
    understood: InterpretedExport,
    cut: dt.date,
    options: Options,
    base: str | os.PathLike[str] | None = None,
    overrides: tuple[str, ...] = (),
) -> Past:
    """Cut an export at a date, and calibrate on the part before.

    Raises
    ------
    SimclinicError
        If there are not some weeks on either side.
    """
    visits, day = understood.visits, cut.toordinal()
    until = visits.left_out.next_begin(day - 1, visits.last) or _worked_until(visits)
    weeks = (until - day) // 7
    if visits.left_out.hold(np.array([day])).any():
        raise SimclinicError(f"--cut {cut.isoformat()} lies in a period that --leave-out names")
    if day - visits.first < _LEAST_BEFORE or weeks < 1:
        first, last = (dt.date.fromordinal(each).isoformat() for each in (visits.first, visits.last))
        raise SimclinicError(
            f"--cut {cut.isoformat()} must leave at least {NAIVE_WEEKS} weeks before it and one after it: the "
            f"export covers {first} to {last}"
        )
    early = _only(visits, visits.day < day, day)
    if not (early.status == COMPLETED).any():
        raise SimclinicError(f"--cut {cut.isoformat()}: no visit before it was completed")
    scenario, base_text = base_scenario(base, overrides)
    known = understood.quality
    seen = replace(understood, visits=early, quality=Quality(known.warnings, known.losses))
    found = learn(seen, scenario, replace(options, as_of=cut))
    calibrated = calibrated_scenario(scenario_text(found, scenario), base_text)
    with tempfile.TemporaryDirectory(prefix="simclinic-") as place:
        file = Path(place) / "panel.csv"
        file.write_text(spreadsheet(COLUMNS, found.panel.rows), encoding="utf-8")
        panel = read_panel(file, calibrated)
    whole = find_courses(
        visits, Quality(), infusions=found.courses.infusions, whole_history=options.whole_history
    )
    return Past(
        calibrated,
        panel,
        _last_boosters(found.courses, early, day),
        whole.boosters_by_week(day, weeks),
        tuple(found.findings.warnings),
    )


def _worked_until(visits: Visits) -> int:
    """Give the first day after the export on which there is regularly work.

    An export that ends on a Friday is of the whole week, if nobody comes at weekends.
    """
    worked = find_open_days(visits).weekdays
    return next(
        (day for day in range(visits.last + 1, visits.last + 7) if (day - 1) % 7 in worked), visits.last + 7
    )


def _only(visits: Visits, keep: npt.NDArray[np.bool_], as_of: int) -> Visits:
    return replace(visits.only(keep), last=as_of - 1, as_of=as_of, left_out=visits.left_out.before(as_of))


def _last_boosters(found: Courses, visits: Visits, day: int) -> Counts:
    """Count the boosters given in each of the last `NAIVE_WEEKS` weeks before a day, as far as the weeks count."""
    weeks = (day - visits.first) // 7
    begin = day - 7 * weeks
    counted = ~visits.left_out.touched(begin, weeks)
    return found.boosters_by_week(begin, weeks)[counted][-NAIVE_WEEKS:]


def score(past: Past, given: npt.NDArray[np.float64], cut: dt.date, scenario: Scenario) -> BacktestDocument:
    """Hold simulated futures against what came.

    Parameters
    ----------
    past
        The export cut in two.
    given
        Boosters given, shape (futures, weeks).
    cut, scenario
        When the forecast begins, and the clinic.
    """
    weeks = given.shape[1]
    came = past.after[:weeks]
    naive = float(past.before.mean())
    if not len(given):
        raise SimclinicError("no future could be simulated, so there is nothing to score")
    pits = randomised_pit(given, came, scenario.run.seed)
    low, middle, high = np.quantile(given, (0.1, 0.5, 0.9), axis=0)
    inside = int(((low <= came) & (came <= high)).sum())
    total = given.sum(axis=1)
    return BacktestDocument(
        schema_version=SCHEMA_VERSION,
        study=STUDY,
        scenario=scenario.name,
        seed=scenario.run.seed,
        replications=len(given),
        cut=cut.isoformat(),
        warnings=list(past.warnings),
        weeks=[
            BacktestWeek(
                week=week,
                start=(cut + dt.timedelta(weeks=week)).isoformat(),
                boosters=band(given[:, week]),
                came=int(came[week]),
                pit=float(pits[week]),
            )
            for week in range(weeks)
        ],
        coverage=_coverage(inside, weeks),
        error=ForecastError(
            forecast=float(np.abs(middle - came).mean()),
            naive=float(np.abs(naive - came).mean()),
            naive_per_week=naive,
        ),
        total=BacktestTotal(
            boosters=band(total),
            came=int(came.sum()),
            naive=naive * weeks,
            pit=float(randomised_pit(total[:, None], came.sum(keepdims=True), scenario.run.seed)[0]),
        ),
    )


def _coverage(inside: int, weeks: int) -> BandCoverage:
    low, high = wilson(inside, weeks)
    return BandCoverage(inside=inside, n=weeks, share=inside / weeks, ci=[low, high])


def randomised_pit(given: npt.NDArray[np.float64], came: Counts, seed: int) -> npt.NDArray[np.float64]:
    """Say where what came lies among the simulated futures: uniform between 0 and 1 if the forecast is right.

    Counts tie, and a tie is broken by chance; so a band on small counts, which covers more than its name, does not
    flatter the forecast.

    Parameters
    ----------
    given
        Simulated counts, shape (futures, weeks).
    came
        What came, shape (weeks,).
    seed
        Of the chance that breaks ties.
    """
    u = Streams(seed, 0, STUDY).uniform(["pit"], np.arange(given.shape[1]))[0]
    below, same = (given < came).sum(axis=0), (given == came).sum(axis=0)
    found: npt.NDArray[np.float64] = (below + u * (same + 1)) / (len(given) + 1)
    return found
