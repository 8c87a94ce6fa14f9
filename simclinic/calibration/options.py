"""The user's statements about an export, the same wherever one is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    """The user's statements about an export.

    Attributes
    ----------
    columns
        The export's heading of a column: `{"patient": "MRN"}`.
    statuses, kinds
        Meanings of words: `{"Attnd": "completed"}`.
    dates
        "dmy", "mdy" or "ymd" where the export leaves the order of dates open, "1900" or "1904" where it counts
        days.
    as_of
        The first future day; by default the first day after the last completed visit on which the clinic is open.
    infusions
        Infusions of a series; by default the commonest number.
    whole_history
        Whether the export begins with the clinic's first patient.
    timezone
        The clinic's time zone ("America/New_York"), or "as-written".
    sheet
        Name of a workbook's sheet, or "all".
    blank_patients
        Patient of rows without one: "above", "nobody".
    same_number
        Whether the same number at two sites is one patient: "same-patient", "by-site".
    only
        Column and value of the rows that count: several values of a column are alternatives.
    leave_out
        Periods that count as neither demand nor absence, with first and last day.
    learn_clinic
        Whether the scenario takes the days, hours and chairs that the export shows.
    """

    columns: Mapping[str, str] | None = None
    statuses: Mapping[str, str] | None = None
    kinds: Mapping[str, str] | None = None
    dates: str | None = None
    as_of: dt.date | None = None
    infusions: int | None = None
    whole_history: bool = False
    timezone: str | None = None
    sheet: str | None = None
    blank_patients: str | None = None
    same_number: str | None = None
    only: Sequence[tuple[str, str]] = ()
    leave_out: Sequence[tuple[dt.date, dt.date]] = ()
    learn_clinic: bool = False

    def for_manifest(self) -> Mapping[str, Any]:
        """Return the values as they are recorded in a manifest, without the day."""
        return {
            "columns": dict(self.columns or {}),
            "status": dict(self.statuses or {}),
            "kind": dict(self.kinds or {}),
            "dates": self.dates,
            "infusions": self.infusions,
            "whole_history": self.whole_history,
            "timezone": self.timezone,
            "sheet": self.sheet,
            "blank_patients": self.blank_patients,
            "same_number": self.same_number,
            "only": ["=".join(pair) for pair in self.only],
            "leave_out": ["/".join(map(str, pair)) for pair in self.leave_out],
            "learn_clinic": self.learn_clinic,
        }

    def words(self) -> tuple[str, ...]:
        """Return the options of `simclinic calibrate` that say the same."""
        words: list[str] = []
        for name, pairs in (("column", self.columns), ("status", self.statuses), ("kind", self.kinds)):
            for word, meaning in (pairs or {}).items():
                words += [f"--{name}", f"{word}={meaning}"]
        for name, value in (
            ("dates", self.dates),
            ("as-of", self.as_of),
            ("infusions", self.infusions),
            ("timezone", self.timezone),
            ("sheet", self.sheet),
            ("blank-patients", self.blank_patients),
            ("same-number", self.same_number),
        ):
            if value is not None:
                words += [f"--{name}", str(value)]
        for column, wanted in self.only:
            words += ["--only", f"{column}={wanted}"]
        for first, last in self.leave_out:
            words += ["--leave-out", f"{first}/{last}"]
        words += ["--whole-history"] * self.whole_history + ["--learn-clinic"] * self.learn_clinic
        return tuple(words)
