"""Results of a study of bottlenecks, as tidy tables for pandas."""

from __future__ import annotations

import html
from functools import cached_property

import pandas as pd

from simclinic.api.study_results import StudyResults
from simclinic.report.text.bottleneck import change_rows
from simclinic.results.bottleneck import BottleneckDocument
from simclinic.studies.bottleneck import FinishedBottleneck


class Bottleneck(StudyResults):
    """What runs out first, and what one more or fewer of each does.

    Attributes
    ----------
    document
        What `simclinic bottleneck --json` prints.
    answer
        The answer in sentences.
    """

    def __init__(self, finished: FinishedBottleneck) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: BottleneckDocument = finished.document
        self.answer: list[str] = finished.document["answer"]

    @cached_property
    def changes(self) -> pd.DataFrame:
        """One row for each change and key figure: mean, difference from the plan as it is, interval, call."""
        return pd.DataFrame(change_rows(self.document)).set_index(["change", "kpi"])

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each replication that failed."""
        columns = ["plan", "replication", "seed", "error", "traceback"]
        rows = [
            (name, one.number, one.seed, one.error, one.traceback) for name, one in self._finished.failures
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        count = len(self.document["changes"])
        return f"<Bottleneck of {self.document['scenario']!r}: {count} changes>"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.answer)
