"""Results of a forecast, as tidy tables for pandas."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from simclinic.api.study_results import StudyResults
from simclinic.api.temporary_folder import in_folder
from simclinic.api.today import day
from simclinic.report.text.forecast import FIGURES, full_sentence
from simclinic.report.text.numbers import plain, span
from simclinic.report.text.when_full import share_text
from simclinic.results.forecast import Band, ForecastDocument, RelapseForecast
from simclinic.scenario import Scenario
from simclinic.scenario.panel import read_panel
from simclinic.store.reader import table
from simclinic.studies import forecast as study
from simclinic.studies.execution import Execution

_SHOWN = ("booster_requests", "from_panel", "from_new", "boosters_given", "induction", "capacity")


class Forecast(StudyResults):
    """The results of a forecast.

    Attributes
    ----------
    document
        What `simclinic forecast --json` prints.
    """

    def __init__(self, finished: study.FinishedForecast) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: ForecastDocument = finished.document

    @property
    def full_in_week(self) -> dict[str, int | None]:
        """For each relapse law the week from which the middle one of the futures is full; None: later than all."""
        return {law["name"]: law["full_in_week"] for law in self.document["laws"]}

    @cached_property
    def full_from(self) -> pd.DataFrame:
        """One row for each relapse law: futures, how many are full, and the first days of the weeks from which.

        `middle` is the median over futures, `earliest` and `latest` are the 10th and 90th percentile; NaT is later
        than the last week, or, with fewer than 40 futures, not known.
        """
        rows = []
        for law in self.document["laws"]:
            full_from = law["full_from"]
            bounds = full_from["range"] or {"earliest": None, "latest": None}
            weeks = {
                "middle": full_from["middle"],
                "earliest": bounds["earliest"],
                "latest": bounds["latest"],
            }
            days = {name: pd.NaT if at is None else pd.Timestamp(at["start"]) for name, at in weeks.items()}
            counts = {name: full_from[name] for name in ("futures", "full", "full_at_end")}
            rows.append({"law": law["name"], **counts, **days})
        return pd.DataFrame(rows).set_index("law")

    @cached_property
    def weeks(self) -> pd.DataFrame:
        """One row for each relapse law, week and figure: start, p10, p50, p90, mean, ci_low, ci_high."""
        rows = [
            {"law": law["name"], "week": week["week"], "figure": name, "start": week["start"], **_row(band)}
            for law in self.document["laws"]
            for week in law["weeks"]
            for name, band in _bands(week)
        ]
        frame = pd.DataFrame(rows).set_index(["law", "week", "figure"])
        frame["start"] = pd.to_datetime(frame["start"])
        return frame

    @cached_property
    def full(self) -> pd.DataFrame:
        """One row for each relapse law and week: share of futures that are full in it, and that have been."""
        rows = [
            {
                "law": law["name"],
                "week": week["week"],
                "full_probability": week["full_probability"],
                "full_by_probability": week["full_by_probability"],
            }
            for law in self.document["laws"]
            for week in law["weeks"]
        ]
        return pd.DataFrame(rows).set_index(["law", "week"]).astype(float)

    @cached_property
    def total(self) -> pd.DataFrame:
        """One row for each relapse law and figure, over all weeks: p10, p50, p90, mean, ci_low, ci_high."""
        rows = [
            {"law": law["name"], "figure": name, **_row(band)}
            for law in self.document["laws"]
            for name, band in law["total"].items()
        ]
        return pd.DataFrame(rows).set_index(["law", "figure"])

    @cached_property
    def futures(self) -> pd.DataFrame:
        """One row for each relapse law, simulated future and week: the counts behind the bands."""
        frames = []
        for law, run in zip(self._finished.laws, self._finished.runs, strict=True):
            frame = pd.DataFrame(table(run.folder, "weeks", below=law.scenario.run.replications))
            frame.insert(0, "law", law.name)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each future that failed."""
        columns = ["law", "replication", "seed", "error", "traceback"]
        rows = [
            (name, one.number, one.seed, one.error, one.traceback) for name, one in self._finished.failures
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        weeks, panel = self.document["horizon"]["weeks"], self.document["panel"]["patients"]
        return (
            f"<Forecast {self.document['scenario']!r}: {weeks} weeks, {panel} patients today, "
            f"{self.document['replications']} futures>"
        )

    def _repr_html_(self) -> str:
        warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        name = html.escape(self.document["scenario"])
        laws = "".join(_html(law) for law in self.document["laws"])
        return f"<p><b>{name}</b></p><ul>{warnings}</ul>{laws}"


def _bands(week: Any) -> Iterator[tuple[str, Band]]:  # noqa: ANN401 (a typed dictionary read by name)
    for name in FIGURES:
        yield name, week[name]


def _row(band: Band) -> dict[str, float | None]:
    low, high = band["ci"] or (None, None)
    return {
        "p10": band["p10"],
        "p50": band["p50"],
        "p90": band["p90"],
        "mean": band["mean"],
        "ci_low": low,
        "ci_high": high,
    }


def _html(law: RelapseForecast) -> str:
    heads = ("week", "from", *(name.replace("_", " ") for name in _SHOWN), "full")
    head = "".join(f"<th>{text}</th>" for text in heads)
    body = []
    for week in law["weeks"]:
        bands = dict(_bands(week))
        chance = week["full_probability"]
        cells = [str(week["week"]), week["start"]]
        cells += [
            f"{plain(bands[name]['p50'], 0)} ({span(plain(bands[name]['p10'], 0), plain(bands[name]['p90'], 0))})"
            for name in _SHOWN
        ]
        cells.append(share_text(chance))
        body.append(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>")
    sentence = html.escape(full_sentence(law))
    return f"<p>{sentence}</p><table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def forecast(
    scenario: Scenario,
    panel: Path,
    execution: Execution,
    *,
    weeks: int,
    as_of: dt.date | str | None,
    fixed_parameters: bool,
    own_law: bool,
) -> Forecast:
    """Forecast; see :meth:`simclinic.Clinic.forecast`."""
    patients = read_panel(panel, scenario)
    beginning = study.from_today(
        scenario,
        patients,
        weeks=weeks,
        as_of=day(as_of, "as_of"),
        replications=execution.number,
        seed=execution.seed,
        fixed_parameters=fixed_parameters,
    )
    arguments = {
        "panel": panel.name,
        "weeks": weeks,
        "as_of": beginning.run.start.isoformat(),
        "replications": beginning.run.replications,
        "seed": beginning.run.seed,
        "mix_versions": execution.mix_versions,
    }

    def made(folder: Path) -> Forecast:
        with execution.executor() as executor:
            finished = study.forecast(
                beginning,
                patients,
                own_law=own_law or study.calibrated(scenario),
                out=folder,
                arguments=arguments,
                executor=executor,
                time_limit=execution.time_limit,
            )
        return Forecast(finished)

    return in_folder(execution.out, made)
