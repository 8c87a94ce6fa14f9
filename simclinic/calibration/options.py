"""What somebody says about an export: the same wherever one is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What somebody says about an export.

    Attributes
    ----------
    columns
        What the export calls a column: `{"patient": "MRN"}`.
    statuses, kinds
        What words mean: `{"Attnd": "completed"}`.
    dates
        "dmy", "mdy" or "ymd", where the export leaves it open.
    as_of
        The first day that is still to come; by default the day after the last completed visit.
    infusions
        Infusions of a series; by default what most series have.
    whole_history
        Whether the export begins with the clinic's first patient, so that nobody was there before.
    timezone
        The clinic's zone ("America/New_York"), or "as-written".
    sheet
        Of a workbook, or "all".
    blank_patients
        Whose rows without a patient are: "above", "nobody".
    same_number
        Whether a number at two sites is one patient: "same-patient", "by-site".
    only
        Column and value of the rows that count: several values of a column are alternatives.
    leave_out
        Periods that count as neither demand nor silence, first and last day each.
    learn_clinic
        Whether the scenario gets the days, hours and chairs that the export shows.
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
