"""Results of a run, as tidy tables for pandas."""

from __future__ import annotations

import html
from functools import cached_property

import numpy as np
import pandas as pd

from simclinic.api.study_results import StudyResults
from simclinic.experiment.warm_up import welch
from simclinic.measures import KPIS
from simclinic.report.text.numbers import cells, for_people
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import panel_notes
from simclinic.report.text.stability import HEADLINES, VERDICTS, day_sentence, other_warnings
from simclinic.report.text.summary import summary_rows
from simclinic.results.run import RunDocument
from simclinic.scenario.panel import Panel
from simclinic.store.reader import profile, table
from simclinic.studies.run import FinishedRun


class Result(StudyResults):
    """The results of a run.

    Attributes
    ----------
    document
        What `simclinic run --json` prints.
    """

    def __init__(self, run: FinishedRun, panel: Panel | None = None) -> None:
        super().__init__(run.folder, run.document["warnings"], panel)
        self._run = run
        self.document: RunDocument = run.document

    @property
    def verdict(self) -> str | None:
        """Whether the clinic is stable: "not-stable", "filling", "open" or "stable"; None without figures."""
        return self.document["verdict"]

    @property
    def verdict_reasons(self) -> list[str]:
        """Why, in plain words."""
        return self.document["verdict_reasons"]

    @property
    def day_verdict(self) -> str | None:
        """Whether the day holds: "does-not-hold", "open" or "holds"; None where nothing can be judged."""
        return self.document["day_verdict"]

    @property
    def stable(self) -> bool | None:
        """True only with the verdict "stable"; None if no replication finished."""
        return self.document["stable"]

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """One row for each key figure: label, group, unit, mean, sd, ci_low, ci_high, p10, p90, n.

        `method` and `coverage` are those of the interval, as in JSON.
        """
        rows = summary_rows(self.document["scenario"], self.document["kpis"])
        return pd.DataFrame(rows).drop(columns="scenario").set_index("kpi")

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row for each replication, every key figure."""
        return self._table("runs")

    @cached_property
    def weeks(self) -> pd.DataFrame:
        """One row for each replication and measured week."""
        return self._table("weeks")

    @cached_property
    def ramp(self) -> pd.DataFrame:
        """One row for each replication and simulated week, warm-up (negative weeks) included: boosters given."""
        return self._table("ramp")

    @cached_property
    def waits(self) -> pd.DataFrame:
        """One row for each replication and number of days waited for a first infusion: how waits ended then."""
        return self._table("waits")

    @cached_property
    def at_once(self) -> pd.DataFrame:
        """One row for each replication, what is counted, part and number: the share of time with so many."""
        return self._table("at_once")

    @cached_property
    def filling(self) -> pd.DataFrame:
        """One row for each simulated week: boosters, the mean over replications, and smoothed after Welch.

        If the curve still rises at week 0, where measurement begins, the warm-up is too short. The last half year
        has no smoothed value.
        """
        boosters = self.ramp.groupby("week")["boosters"].mean()
        smooth = welch(boosters.to_numpy(dtype=np.float64))
        smooth = np.concatenate((smooth, np.full(len(boosters) - len(smooth), np.nan)))
        return pd.DataFrame({"boosters": boosters, "smoothed": smooth}).reset_index()

    @cached_property
    def profile(self) -> pd.DataFrame:
        """One row for each weekday (0 for Monday) and hour: what is held, under way and there; means."""
        return pd.DataFrame(profile(self.folder, self._count))

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each replication that failed."""
        columns = ["replication", "seed", "error", "traceback"]
        rows = [(one.number, one.seed, one.error, one.traceback) for one in self._run.failures]
        return pd.DataFrame(rows, columns=columns)

    @property
    def _count(self) -> int:
        return self._run.scenario.run.replications

    def _table(self, name: str) -> pd.DataFrame:
        return pd.DataFrame(table(self.folder, name, below=self._count))

    def __repr__(self) -> str:
        verdict = VERDICTS[self.verdict] if self.verdict else "no figures"
        return (
            f"<Result {self.document['scenario']!r}: {self.document['replications']} replications, {verdict}>"
        )

    def _repr_html_(self) -> str:
        currency = self._run.scenario.finance.currency
        head = "".join(f"<th>{text}</th>" for text in ("", "mean", "95 % interval", "p10–p90", "unit"))
        lines = []
        for name, figure in self.document["kpis"].items():
            factor, unit = for_people(figure["unit"], currency)
            row = (label_of(name, self.document["kpis"]), *cells(figure, factor), unit)
            title = html.escape(KPIS[name].definition)
            inner = "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
            lines.append(f'<tr title="{title}">{inner}</tr>')
        on_paper = self.document.get("plan_warnings", [])
        notes = [
            *on_paper,
            HEADLINES[self.verdict] if self.verdict else "No figures: no replication was finished.",
            *(self.verdict_reasons if self.verdict != "stable" else ()),
            *(
                [day_sentence(self.day_verdict, self.document["day_verdict_reasons"])]
                if self.day_verdict
                else ()
            ),
            *(each for each in other_warnings(self.document) if each not in on_paper),
            *panel_notes(self.document.get("panel"), self.document["horizon"]["weeks"]),
        ]
        warnings = "".join(f"<li>{html.escape(each)}</li>" for each in notes)
        return (
            f"<p><b>{html.escape(self.document['scenario'])}</b>, {self.document['replications']} replications, "
            f"seed {self.document['seed']}</p><ul>{warnings}</ul>"
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        )
