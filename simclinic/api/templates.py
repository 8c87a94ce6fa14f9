"""Results of a search for the best template, as tidy tables for pandas."""

from __future__ import annotations

import html
from functools import cached_property

import pandas as pd

from simclinic.api.study_results import StudyResults
from simclinic.report.text.template import chosen_way, way_rows
from simclinic.results.template import TemplateDocument
from simclinic.scenario import Scenario
from simclinic.studies.template import FinishedTemplate


class Templates(StudyResults):
    """The fullest template of start times whose days keep their limits, and the ways to book it was chosen from.

    Attributes
    ----------
    document
        What `simclinic template --json` prints.
    answer
        The answer in sentences.
    scenario
        The scenario with the starts of the answer; None if there is none, or if it is the present way to book.
    """

    def __init__(self, finished: FinishedTemplate) -> None:
        assert finished.folder is not None
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: TemplateDocument = finished.document
        self.answer: list[str] = finished.document["answer"]
        self.scenario: Scenario | None = finished.scenario

    @property
    def starts(self) -> dict[str, list[str]] | None:
        """The start times of the answer by weekday, such as "08:15"; None if no way to book is shown to do."""
        chosen = chosen_way(self.document)
        return None if chosen is None else {day["weekday"]: list(day["starts"]) for day in chosen["days"]}

    @cached_property
    def ways(self) -> pd.DataFrame:
        """One row for each way to book and limit of the day: starts a week, state, mean, lower and upper bound."""
        return pd.DataFrame(way_rows(self.document)).set_index(["way", "figure"])

    @cached_property
    def sheet(self) -> pd.DataFrame:
        """One row for each start of the answer: weekday, time, chair, nurse, and whether she is relieved."""
        columns = ["weekday", "time", "chair", "nurse", "relieved"]
        return pd.DataFrame(self.document["sheet"], columns=columns)

    def __repr__(self) -> str:
        return f"<Templates of {self.document['scenario']!r}: {len(self.document['ways'])} ways to book>"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.answer)
