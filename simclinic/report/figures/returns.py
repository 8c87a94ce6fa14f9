"""Patients still away by day: the observed share with its interval, and the fitted laws.

A law that leaves the shaded band for long should not be believed; beyond the last return seen nothing holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BLUE, GREEN, GREY, RED, faded, styled
from simclinic.report.text.calibrate import after
from simclinic.report.text.numbers import NO_VALUE, span
from simclinic.results.calibration import LawDocument, Returns

_COLOURS = {"lognormal": BLUE, "weibull": RED, "loglogistic": GREEN}
_NAMES = {"lognormal": "lognormal", "weibull": "Weibull", "loglogistic": "log-logistic"}
_MOST = 400
"""Days drawn; of more, every second or third."""
_IN_SHEET = 15

Rows = Sequence[Mapping[str, float | None]]


def column(law: LawDocument) -> str:
    """Name the column of a law in the table by day."""
    return f"{law['law']}{'_never' if law['never'] else ''}"


def named(law: LawDocument) -> str:
    """Name a fitted law for readers."""
    return f"{_NAMES[law['law']]}{', some never' if law['never'] else ''}"


def returns(kind: str, rows: Rows, result: Returns) -> Chart | None:
    """Show how soon patients come back; None if no patient could.

    Parameters
    ----------
    kind
        "series" or "booster", perhaps with a type of visit: after what.
    rows
        By day: `day`, `at_risk`, `away`, `away_low`, `away_high`, and one column for each law.
    result
        How often it was looked at, and the laws, the best first.
    """
    if not rows or not result["n"]:
        return None
    used = next((law for law in result["laws"] if law["chosen"]), None)
    drawn = list(_thinned(rows))
    chosen = (
        f"No distribution {'is used: the scenario keeps a schedule' if result['laws'] else 'was fitted'}."
        if used is None
        else f"Thick: the distribution that is used ({named(used)}). It should run inside the band; solid lines "
        "include a share that never comes back, dotted ones do not."
    )
    return Chart(
        key=f"returns-{kind.replace('/', '-')}",
        title=f"{after(kind)}: share still away",
        says="Grey steps: the observed share of patients still away by day (Kaplan and Meier's estimate), with its "
        f"95 % interval; {result['returns']:,} of {result['n']:,} came back so far. {chosen} Beyond the last "
        "observed return no data support any of them.",
        alt=f"Steps of the share still away over {_whole(rows[-1]['day'])} days, with their band, and "
        f"{len(result['laws'])} fitted distributions. {_sentence(rows)}",
        drawing=_drawn(drawn, result["laws"]),
        sheet=_sheet(rows, used),
    )


def _thinned(rows: Rows) -> Rows:
    step = -(-len(rows) // _MOST)
    return [*rows[::step], *(rows[-1:] if (len(rows) - 1) % step else [])]


def _whole(value: float | None) -> str:
    return NO_VALUE if value is None else f"{value:.0f}"


def _sentence(rows: Rows) -> str:
    parts = []
    for day in (28, 84, 365):
        at = next((row for row in rows if row["day"] == day), None)
        if at is not None and at["away"] is not None:
            parts.append(f"{100 * at['away']:.0f} % after {day} days")
    return f"Still away: {', '.join(parts)}." if parts else ""


def _sheet(rows: Rows, used: LawDocument | None) -> DataSheet:
    step = max(1, len(rows) // _IN_SHEET)
    lines = []
    for row in rows[::step]:
        low, high = row["away_low"], row["away_high"]
        lines.append(
            (
                _whole(row["day"]),
                _percent(row["away"]),
                NO_VALUE if low is None or high is None else f"{span(_share(low), _share(high))} %",
                _whole(row["at_risk"]),
                *(() if used is None else (_percent(row[column(used)]),)),
            )
        )
    law = () if used is None else (f"by the distribution used: {named(used)}",)
    return DataSheet.of(("Day", "still away, observed", "95 % interval", "n still observed", *law), lines)


def _share(value: float) -> str:
    return f"{100 * value:.0f}"


def _percent(value: float | None) -> str:
    return NO_VALUE if value is None else f"{_share(value)} %"


def _drawn(rows: Rows, laws: Sequence[LawDocument]) -> Drawing:

    days = [row["day"] for row in rows]

    def line(name: str) -> list[float | None]:
        return [None if (value := row[name]) is None else round(value, 4) for row in rows]

    figure = Drawing()
    for low in (False, True):
        figure.add_trace(
            scatter(
                x=days,
                y=line("away_low" if low else "away_high"),
                mode="lines",
                line={"width": 0, "shape": "hv"},
                fill="tonexty" if low else None,
                fillcolor=faded(GREY, 0.3),
                hoverinfo="skip",
                name="its 95 % interval",
                showlegend=low,
            )
        )
    for law in sorted(laws, key=lambda law: (law["chosen"], law["law"], law["never"])):
        heights = line(column(law))
        if any(height is not None for height in heights):
            figure.add_trace(
                scatter(
                    x=days,
                    y=heights,
                    mode="lines",
                    line={
                        "color": _COLOURS[law["law"]],
                        "width": 3.5 if law["chosen"] else 1.2,
                        "dash": "solid" if law["never"] else "dot",
                    },
                    name=f"{named(law)}{' (used)' if law['chosen'] else ''}",
                    hovertemplate="%{x} days: %{y:.0%}",
                )
            )
    figure.add_trace(
        scatter(
            x=days,
            y=line("away"),
            mode="lines",
            line={"color": GREY, "width": 2, "shape": "hv"},
            name="as seen (Kaplan-Meier)",
            hovertemplate="%{x} days: %{y:.0%}",
        )
    )
    figure.update_xaxes(title_text="days after the last infusion", rangemode="tozero")
    figure.update_yaxes(title_text="share still away", range=[0, 1.02], tickformat=".0%")
    return styled(figure, height=460, hovermode="closest")


def as_rows(table: Sequence[Mapping[str, Any]], kind: str) -> list[dict[str, float | None]]:
    """Read the rows of one kind from `returns.csv`."""
    return [
        {name: float(value) if value else None for name, value in row.items() if name != "after"}
        for row in table
        if row["after"] == kind
    ]
