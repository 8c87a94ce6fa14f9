"""Results of a calibration, as tidy tables for pandas."""

from __future__ import annotations

import datetime as dt
import html
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import pandas as pd

from simclinic.api.clinic import Clinic
from simclinic.api.options import ExportOptions, TrackOptions, takes
from simclinic.api.study_results import StudyResults
from simclinic.api.temporary_folder import in_folder
from simclinic.api.today import day
from simclinic.calibration import Options
from simclinic.calibration.periods import parse_period
from simclinic.errors import SimclinicError
from simclinic.report.text.calibrate import estimate_text
from simclinic.results.calibration import CalibrateDocument
from simclinic.studies import calibrate as study


class Calibration(StudyResults):
    """The results of a calibration.

    Attributes
    ----------
    document
        What `simclinic calibrate --json` prints.
    clinic
        The calibrated scenario, to check or to simulate.
    """

    def __init__(self, finished: study.FinishedCalibration) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: CalibrateDocument = finished.document
        self.clinic = Clinic(finished.scenario)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """One row for each estimate: estimate, low, high, n, method, note."""
        return pd.DataFrame(self.document["estimates"]).set_index("parameter")

    @cached_property
    def quality(self) -> pd.DataFrame:
        """One row for each oddity of the export: what, count, lines, done."""
        return pd.DataFrame(self.document["quality"], columns=["what", "count", "lines", "done"])

    @cached_property
    def laws(self) -> pd.DataFrame:
        """One row for each distribution of return times, by "series" and "booster", the best first by AIC."""
        rows = [
            {
                "after": after,
                "law": law["law"],
                "with_never": law["never"],
                "aic": law["aic"],
                "log_likelihood": law["log_likelihood"],
                "chosen": law["chosen"],
                **law["settings"],
            }
            for after, found in self.document["returns"].items()
            for law in found["laws"]
        ]
        return pd.DataFrame(rows)

    @cached_property
    def returns(self) -> pd.DataFrame:
        """One row for each day after a series or a booster: share not returned, observed and by distribution."""
        rows = [{"after": after, **row} for after, table in self._finished.returns.items() for row in table]
        return pd.DataFrame(rows)

    @cached_property
    def panel(self) -> pd.DataFrame:
        """Today's patients, under running numbers: what `simclinic forecast` begins with."""
        panel = self._finished.result.panel
        frame = pd.DataFrame(panel.rows, columns=list(panel.columns))
        dates = ["referred_on", "last_infusion_on", "next_appointment"]
        return frame.assign(**{name: pd.to_datetime(frame[name]) for name in dates})

    def __repr__(self) -> str:
        export = self.document["export"]
        return f"<Calibration: {export['rows']:,} rows, {export['patients']:,} patients, as of {export['as_of']}>"

    def _repr_html_(self) -> str:
        warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in self.warnings)
        rows = "".join(
            f'<tr title="{html.escape(each["method"])}; {html.escape(each["note"])}">'
            f"<td>{html.escape(each['parameter'])}</td><td>{html.escape(estimate_text(each))}</td><td>{each['n']:,}</td></tr>"
            for each in self.document["estimates"]
        )
        head = "<tr><th>what was learnt</th><th>estimate (95 % interval)</th><th>n</th></tr>"
        return (
            f"<p><b>{html.escape(self.document['scenario'])}</b></p><ul>{warnings}</ul>"
            f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"
        )


def rows(only: Mapping[str, str | Sequence[str]] | None) -> tuple[tuple[str, str], ...]:
    """Return pairs of column and value."""
    return tuple(
        (column, value)
        for column, values in (only or {}).items()
        for value in ([values] if isinstance(values, str) else values)
    )


def spans(leave_out: Sequence[str | tuple[dt.date, dt.date]]) -> tuple[tuple[dt.date, dt.date], ...]:
    """Parse periods.

    Raises
    ------
    SimclinicError
        If one is not a period.
    """
    try:
        return tuple(
            parse_period(each if isinstance(each, str) else "/".join(map(str, each))) for each in leave_out
        )
    except ValueError as error:
        raise SimclinicError(f"leave_out: {error}") from None


def calibration_options(options: ExportOptions | TrackOptions, as_of: dt.date | None = None) -> Options:
    """Return the options of a calibration.

    Raises
    ------
    SimclinicError
        If a period is invalid.
    """
    given: dict[str, Any] = {
        name: value for name, value in options.items() if name in Options.__annotations__
    }
    given |= {
        "as_of": as_of,
        "only": rows(options.get("only")),
        "leave_out": spans(options.get("leave_out", ())),
    }
    return Options(**given)


@takes(ExportOptions)
def calibrate(
    export: str | os.PathLike[str],
    *,
    as_of: dt.date | str | None = None,
    out: str | os.PathLike[str] | None = None,
    **options: Unpack[ExportOptions],
) -> Calibration:
    """Turn a clinic's export of appointments into a scenario with intervals.

    Parameters
    ----------
    export
        A CSV file, a row for each appointment: patient, date, status, and perhaps kind, checked_in, left.
    base
        A scenario file, for settings that the export cannot tell; by default the typical clinic.
    columns
        What the export calls a column, such as `{"patient": "MRN"}`.
    statuses, kinds
        What words mean, such as `{"Attnd": "completed"}`; a kind can be a type of visit of the scenario:
        `{"Spravato": "esketamine"}`.
    dates
        "dmy", "mdy" or "ymd", if the order of day, month and year is unclear; "1900" or "1904", if it is unclear
        from when days are counted.
    as_of
        The first day that is still to come; by default the first day after the last completed visit on which the
        clinic is open.
    infusions
        Infusions of a series; by default what most series have.
    whole_history
        Whether the export begins with the clinic's first patient.
    timezone
        The clinic's zone, such as "America/New_York", for times in universal time; "as-written" if they are its
        own.
    sheet
        The sheet of a workbook; "all" for all.
    blank_patients
        Whose rows without a patient are, if it is unclear: "above" or "nobody".
    same_number
        Whether one number at two sites is one patient, if it is unclear: "same-patient" or "by-site".
    only
        Take only rows with these values, such as `{"Location": "North"}`; several values of a column are
        alternatives.
    leave_out
        Periods that count neither as demand nor as time without a visit, such as "2025-03-01/2025-05-15" or two
        dates.
    learn_clinic
        Whether the scenario gets the days, hours and chairs that the export shows.
    out
        A results folder, as `simclinic calibrate --out` writes it. By default results live as long as the returned
        object.

    Raises
    ------
    SimclinicError
        If the export cannot be understood, or the results cannot be written.
    """
    meaning = calibration_options(options, day(as_of, "as_of"))
    arguments = {"export": Path(export).name}

    def made(folder: Path) -> Calibration:
        return Calibration(
            study.calibrate(export, meaning, base=options.get("base"), out=folder, arguments=arguments)
        )

    return in_folder(None if out is None else Path(out), made)
