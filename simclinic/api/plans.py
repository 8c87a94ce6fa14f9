"""Results of a search for the cheapest plan, as tidy tables for pandas."""

from __future__ import annotations

import html
from functools import cached_property
from typing import Any

import pandas as pd

from simclinic.api.study_results import StudyResults
from simclinic.report.text.plan import plan_rows
from simclinic.results.plan import PlanDocument
from simclinic.studies.plan import FinishedPlan


class Plans(StudyResults):
    """The cheapest plan that meets all targets, and the plans it was chosen from.

    Attributes
    ----------
    document
        What `simclinic plan --json` prints.
    answer
        The answer in sentences.
    """

    def __init__(self, finished: FinishedPlan) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: PlanDocument = finished.document
        self.answer: list[str] = finished.document["answer"]

    @property
    def chosen(self) -> dict[str, Any] | None:
        """The settings of the plan that is the answer, by address; None if no plan is shown to meet all targets."""
        place = self.document["chosen"]
        return None if place is None else dict(self.document["plans"][place]["settings"])

    @cached_property
    def plans(self) -> pd.DataFrame:
        """One row for each plan and target: cost, state, mean, lower and upper bound."""
        return pd.DataFrame(plan_rows(self.document)).set_index(["plan", "figure"])

    def __repr__(self) -> str:
        return f"<Plans of {self.document['scenario']!r}: {len(self.document['plans'])} plans>"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.answer)
