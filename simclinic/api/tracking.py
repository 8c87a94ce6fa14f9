"""A forecast against what came, as a tidy table for pandas."""

from __future__ import annotations

import datetime as dt
import html
import os
from functools import cached_property
from pathlib import Path
from typing import Unpack

import pandas as pd

from simclinic.api.calibrating import calibration_options
from simclinic.api.options import TrackOptions, takes
from simclinic.api.today import day
from simclinic.report.pages.track import track_page_html
from simclinic.report.text.track import cells, heading, month_name
from simclinic.results.track import TrackDocument
from simclinic.studies import track as study
from simclinic.studies.template_file import write_new


class Track:
    """A forecast compared with what came.

    Attributes
    ----------
    document
        What `simclinic track --json` prints.
    """

    def __init__(self, document: TrackDocument) -> None:
        self.document = document

    @property
    def answer(self) -> str:
        """What came of the forecast, in words."""
        return " ".join(self.document["answer"])

    @property
    def warnings(self) -> list[str]:
        """What to know before reading a figure."""
        return self.document["warnings"]

    @cached_property
    def months(self) -> pd.DataFrame:
        """One row for each figure and month: start, end, weeks, came, n, low, middle, high, place, why."""
        rows = [
            {
                "figure": figure["name"],
                "month": each["month"],
                **{name: month[name] for name in ("start", "end", "weeks")},
                **{name: each[name] for name in ("came", "n", "low", "middle", "high", "place", "why")},
            }
            for figure in self.document["figures"]
            for month, each in zip(self.document["months"], figure["months"], strict=False)
        ]
        frame = pd.DataFrame(rows).set_index(["figure", "month"])
        return frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the comparison as a page; return its path.

        Raises
        ------
        SimclinicError
            If the file exists, or cannot be written.
        """
        write_new(Path(path), track_page_html(self.document))
        return Path(path)

    def __repr__(self) -> str:
        judged = max(figure["judged"] for figure in self.document["figures"])
        anew = ", ".join(self.document["learn_anew"]) or "nothing"
        return f"<Track {self.document['scenario']!r}, {judged} months judged: to learn anew: {anew}>"

    def _repr_html_(self) -> str:
        notes = "".join(
            f"<li>{html.escape(each)}</li>" for each in [*self.document["answer"], *self.warnings]
        )
        parts = [f"<p><b>{html.escape(self.document['scenario'])}</b></p><ul>{notes}</ul>"]
        for figure in self.document["figures"]:
            if figure["missing"] is not None:
                parts.append(
                    f"<p>{html.escape(figure['label'])}: missing: {html.escape(figure['missing'])}</p>"
                )
                continue
            head = "".join(
                f"<th>{name}</th>"
                for name in ("month", "came", "forecast", heading(self.document["band"]), "")
            )
            rows = [(month_name(each["month"]), *cells(figure, each)) for each in figure["months"]]
            body = "".join(
                f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows
            )
            parts.append(
                f"<p>{html.escape(figure['label'])}</p><table><thead><tr>{head}</tr></thead>"
                f"<tbody>{body}</tbody></table>"
            )
        return "".join(parts)


@takes(TrackOptions)
def track(
    forecast: str | os.PathLike[str],
    export: str | os.PathLike[str],
    *,
    as_of: dt.date | str | None = None,
    law: str | None = None,
    band: float = study.BAND,
    same_clinic: bool = False,
    **options: Unpack[TrackOptions],
) -> Track:
    """Compare a forecast with what came, month by month.

    Parameters
    ----------
    forecast
        A results folder of a forecast: the `folder` of :meth:`simclinic.Clinic.forecast` with `out`.
    export
        An export of appointments that includes the weeks of the forecast.
    as_of
        The first day that is still to come; by default the day after the last completed visit.
    law
        The relapse law of the forecast that is compared; by default the scenario's own.
    band
        Share of futures within the band: 0.8 or 0.9.
    same_clinic
        Whether the export is of the clinic of the forecast, although it looks different.
    columns, statuses, kinds, dates, infusions, whole_history, timezone
        As for :func:`simclinic.calibrate`.
    sheet, blank_patients, same_number, only, leave_out, learn_clinic
        As for :func:`simclinic.calibrate`.

    Raises
    ------
    SimclinicError
        If the folder holds no forecast, the export cannot be understood, or the two do not belong together.
    """
    meaning = calibration_options(options, day(as_of, "as_of"))
    return Track(study.track(forecast, export, meaning, law=law, band=band, same_clinic=same_clinic))
