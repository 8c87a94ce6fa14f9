"""Results of a search for the most referrals, as tidy tables for pandas."""

from __future__ import annotations

import html
from functools import cached_property

import pandas as pd

from simclinic.api.study_results import StudyResults
from simclinic.report.text.intake import level_rows
from simclinic.results.intake import IntakeDocument, LevelResult
from simclinic.studies.intake import FinishedIntake


class Intake(StudyResults):
    """The most referrals a week that meet all targets.

    Attributes
    ----------
    document
        What `simclinic intake --json` prints.
    answer
        The answer in sentences.
    """

    def __init__(self, finished: FinishedIntake) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: IntakeDocument = finished.document
        self.answer: list[str] = finished.document["answer"]

    @property
    def confirmed(self) -> float | None:
        """Referrals a week of the highest level that is confirmed; None if none is."""
        return self._referrals(self.document["confirmed"])

    @property
    def missed(self) -> float | None:
        """Referrals a week of the lowest level that is shown to miss a target; None if none is."""
        return self._referrals(self.document["missed"])

    def _referrals(self, place: int | None) -> float | None:
        levels: list[LevelResult] = self.document["levels"]
        return None if place is None else levels[place]["referrals"]

    @cached_property
    def levels(self) -> pd.DataFrame:
        """One row for each level and target: referrals, series, state, mean, lower and upper bound."""
        return pd.DataFrame(level_rows(self.document)).set_index(["referrals", "figure"])

    def __repr__(self) -> str:
        return f"<Intake of {self.document['scenario']!r}: {len(self.document['levels'])} levels>"

    def _repr_html_(self) -> str:
        return "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.answer)
