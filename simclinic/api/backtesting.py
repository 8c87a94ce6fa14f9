"""How good a forecast would have been, as a tidy table for pandas."""

from __future__ import annotations

import datetime as dt
import html
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import pandas as pd

from simclinic.api.calibrating import rows, spans
from simclinic.api.forecasting import Forecast
from simclinic.api.reported import Reported
from simclinic.api.today import day
from simclinic.calibration import Options
from simclinic.errors import SimclinicError
from simclinic.experiment import executor_for
from simclinic.report.text.backtest import scores_told
from simclinic.report.text.numbers import plain, span
from simclinic.results.backtest import BacktestDocument
from simclinic.studies import backtest as study


class Backtest(Reported):
    """A forecast as it would have been made some time ago, held against what came.

    Attributes
    ----------
    document
        What `simclinic forecast --backtest --json` prints.
    forecast
        The forecast itself.
    """

    def __init__(self, found: study.Backtest) -> None:
        super().__init__(found.forecast.folder, found.document["warnings"])
        self.document: BacktestDocument = found.document
        self.forecast = Forecast(found.forecast)

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
        told = "".join(
            f"<li>{html.escape(each)}</li>" for each in [*self.warnings, *scores_told(self.document)]
        )
        head = "".join(f"<th>{name}</th>" for name in ("week", "from", "forecast (10–90 %)", "came"))
        body = []
        for week in self.document["weeks"]:
            band = week["boosters"]
            foretold = f"{plain(band['p50'], 0)} ({span(plain(band['p10'], 0), plain(band['p90'], 0))})"
            cells = (str(week["week"]), week["start"], foretold, str(week["came"]))
            body.append(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>")
        return (
            f"<p><b>{html.escape(self.document['scenario'])}</b></p><ul>{told}</ul>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )


def backtest(
    export: str | os.PathLike[str],
    *,
    cut: dt.date | str,
    base: str | os.PathLike[str] | None = None,
    columns: Mapping[str, str] | None = None,
    statuses: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    dates: str | None = None,
    infusions: int | None = None,
    whole_history: bool = False,
    timezone: str | None = None,
    sheet: str | None = None,
    blank_patients: str | None = None,
    same_number: str | None = None,
    only: Mapping[str, str | Sequence[str]] | None = None,
    leave_out: Sequence[str | tuple[dt.date, dt.date]] = (),
    learn_clinic: bool = False,
    weeks: int | None = None,
    replications: int | None = None,
    seed: int | None = None,
    fixed: bool = False,
    out: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    time_limit: float | None = None,
    mix_versions: bool = False,
) -> Backtest:
    """Calibrate on what came before a date, forecast the rest, and hold it against what came.

    Parameters
    ----------
    export, base, columns, statuses, kinds, dates, infusions, whole_history, timezone, sheet, blank_patients,
    same_number, only, leave_out, learn_clinic
        As for :func:`simclinic.calibrate`.
    cut
        The first day that the calibration does not see, a date or such as "2025-07-07".
    weeks
        How many to forecast; by default all whole ones that the export has from the cut on.
    replications, seed, fixed, workers, cluster, time_limit, mix_versions
        As for :meth:`simclinic.Clinic.forecast`.
    out
        A results folder, as `simclinic forecast --out` writes it. By default results live as long as the returned
        object.

    Raises
    ------
    SimclinicError
        If the export cannot be understood, the cut leaves too little on either side, or the results cannot be kept.
    """
    begins = day(cut, "cut")
    if begins is None:
        raise SimclinicError("cut must be a date such as 2026-03-04")
    options = Options(
        columns,
        statuses,
        kinds,
        dates,
        None,
        infusions,
        whole_history,
        timezone,
        sheet,
        blank_patients,
        same_number,
        only=rows(only),
        leave_out=spans(leave_out),
        learn_clinic=learn_clinic,
    )
    folder = Path(out) if out is not None else Path(tempfile.mkdtemp(prefix="simclinic-"))
    try:
        with executor_for(workers, cluster) as executor:
            found = Backtest(
                study.backtest(
                    export,
                    begins,
                    options=options,
                    base=base,
                    weeks=weeks,
                    replications=replications,
                    seed=seed,
                    fixed=fixed,
                    out=folder,
                    arguments={
                        "backtest": Path(export).name,
                        "cut": begins.isoformat(),
                        "mix_versions": mix_versions,
                    },
                    executor=executor,
                    time_limit=time_limit,
                )
            )
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if out is None:
        weakref.finalize(found, shutil.rmtree, folder, ignore_errors=True)
    return found
