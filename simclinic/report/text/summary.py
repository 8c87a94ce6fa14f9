"""The summary of key figures as a spreadsheet reads it.

A text cell that begins with = + - @ or a tab is a formula to a spreadsheet, and a scenario's name may come from
anywhere: such a cell gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

from simclinic.measures import KPIS
from simclinic.report.text.parts import label_of
from simclinic.results.document import Figure
from simclinic.results.run import RunDocument

COLUMNS = (
    "scenario",
    "kpi",
    "label",
    "group",
    "unit",
    "mean",
    "sd",
    "ci_low",
    "ci_high",
    "p10",
    "p90",
    "n",
    "method",
    "coverage",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""The wide ones are signs of formulas, too, in some spreadsheets."""


def cell(value: object) -> object:
    """Make a cell safe: text that reads as a formula gets an apostrophe, numbers are left alone."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def summary_csv(document: RunDocument) -> str:
    """Write the key figures, one row each, numbers in full."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in summary_rows(document["scenario"], document["kpis"]):
        rows.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()


def summary_rows(scenario: str, kpis: Mapping[str, Figure]) -> list[dict[str, object]]:
    """Lay the key figures out flat, by `COLUMNS`."""
    rows: list[dict[str, object]] = []
    for name, figure in kpis.items():
        low, high = figure["ci"] or (None, None)
        values = (
            *(
                scenario,
                name,
                label_of(name, kpis),
                KPIS[name].group,
                figure["unit"],
                figure["mean"],
                figure["sd"],
            ),
            *(low, high, figure["p10"], figure["p90"], figure["n"]),
            *(figure.get("method"), figure.get("coverage")),
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows
