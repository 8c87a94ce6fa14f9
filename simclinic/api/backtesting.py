"""Results of a backtest, as a tidy table for pandas."""

from __future__ import annotations

import datetime as dt
import html
import os
from functools import cached_property
from pathlib import Path
from typing import Unpack

import pandas as pd

from simclinic.api.calibrating import calibration_options
from simclinic.api.forecasting import Forecast
from simclinic.api.options import BacktestOptions, takes
from simclinic.api.study_results import StudyResults
from simclinic.api.temporary_folder import in_folder
from simclinic.api.today import day
from simclinic.errors import SimclinicError
from simclinic.report.text.backtest import score_sentences
from simclinic.report.text.numbers import plain, span
from simclinic.results.backtest import BacktestDocument
from simclinic.studies import backtest as study
from simclinic.studies.execution import Execution


class Backtest(StudyResults):
    """A forecast from a past date, compared with the observed weeks.

    Attributes
    ----------
    document
        What `simclinic forecast --backtest --json` prints.
    forecast
        The forecast itself.
    """

    def __init__(self, finished: study.FinishedBacktest) -> None:
        super().__init__(finished.forecast.folder, finished.document["warnings"])
        self.document: BacktestDocument = finished.document
        self.forecast = Forecast(finished.forecast)

    @cached_property
    def weeks(self) -> pd.DataFrame:
        """One row for each week: start, p10, p50, p90, mean, came, naive, pit."""
        rows = [
            {
                "week": week["week"],
                "start": week["start"],
                "p10": week["boosters"]["p10"],
                "p50": week["boosters"]["p50"],
                "p90": week["boosters"]["p90"],
                "mean": week["boosters"]["mean"],
                "came": week["came"],
                "naive": self.document["error"]["naive_per_week"],
                "pit": week["pit"],
            }
            for week in self.document["weeks"]
        ]
        frame = pd.DataFrame(rows).set_index("week")
        frame["start"] = pd.to_datetime(frame["start"])
        return frame

    def __repr__(self) -> str:
        coverage = self.document["coverage"]
        return (
            f"<Backtest {self.document['scenario']!r}, cut at {self.document['cut']}: {coverage['inside']} of "
            f"{coverage['n']} weeks inside the 80 % band>"
        )

    def _repr_html_(self) -> str:
        notes = "".join(
            f"<li>{html.escape(each)}</li>" for each in [*self.warnings, *score_sentences(self.document)]
        )
        head = "".join(f"<th>{name}</th>" for name in ("week", "from", "forecast (10–90 %)", "came"))
        body = []
        for week in self.document["weeks"]:
            band = week["boosters"]
            forecast = f"{plain(band['p50'], 0)} ({span(plain(band['p10'], 0), plain(band['p90'], 0))})"
            cells = (str(week["week"]), week["start"], forecast, str(week["came"]))
            body.append(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>")
        return (
            f"<p><b>{html.escape(self.document['scenario'])}</b></p><ul>{notes}</ul>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )


@takes(BacktestOptions)
def backtest(
    export: str | os.PathLike[str],
    *,
    cut: dt.date | str,
    weeks: int | None = None,
    replications: int | None = None,
    fixed_parameters: bool = False,
    **options: Unpack[BacktestOptions],
) -> Backtest:
    """Calibrate on the data before a date, forecast the rest, and compare it with the outcome.

    Parameters
    ----------
    export, base, columns, statuses, kinds, dates, infusions, whole_history, timezone
        As for :func:`simclinic.calibrate`.
    sheet, blank_patients, same_number, only, leave_out, learn_clinic
        As for :func:`simclinic.calibrate`.
    cut
        The first day that the calibration does not use, a date or text such as "2025-07-07".
    weeks
        Number of weeks to forecast; by default all whole weeks of the export from the cut on.
    replications, seed, fixed_parameters, workers, cluster, time_limit, mix_versions
        As for :meth:`simclinic.Clinic.forecast`.
    out
        A results folder, as `simclinic forecast --out` writes it. By default results live as long as the returned
        object.

    Raises
    ------
    SimclinicError
        If the export cannot be read, the cut leaves too little on either side, or the results cannot be written.
    """
    begins = day(cut, "cut")
    if begins is None:
        raise SimclinicError("cut must be a date such as 2026-03-04")
    execution = Execution.of(options, replications)
    meaning = calibration_options(options)

    def made(folder: Path) -> Backtest:
        with execution.executor() as executor:
            finished = study.backtest(
                export,
                begins,
                options=meaning,
                base=options.get("base"),
                weeks=weeks,
                replications=execution.number,
                seed=execution.seed,
                fixed_parameters=fixed_parameters,
                out=folder,
                arguments={
                    "backtest": Path(export).name,
                    "cut": begins.isoformat(),
                    "mix_versions": execution.mix_versions,
                },
                executor=executor,
                time_limit=execution.time_limit,
            )
        return Backtest(finished)

    return in_folder(execution.out, made)
