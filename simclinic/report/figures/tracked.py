"""One figure month by month: the band of the forecast, and what came."""

from __future__ import annotations

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BOOSTER, GREEN, INDUCTION, RED, faded, styled
from simclinic.report.text.track import cells, heading, month_name
from simclinic.results.track import TrackDocument, TrackedFigure

_COLOURS = {
    "new_patients": INDUCTION,
    "boosters": BOOSTER,
    "access_days": GREEN,
    "visits": BOOSTER,
    "consults": INDUCTION,
    "conversion": GREEN,
}
_CAME = "#595959"


def tracked(document: TrackDocument, figure: TrackedFigure) -> Chart:
    """Show what came in each month against the band of the forecast.

    Parameters
    ----------
    document
        What `track --json` prints.
    figure
        One of its figures that is not missing.
    """
    band = heading(document["band"])
    rows = [(month_name(each["month"]), *cells(figure, each), each["why"] or "") for each in figure["months"]]
    label = figure["label"]
    return Chart(
        key=figure["name"].replace("_", "-").replace(":", "-"),
        title=f"{label[:1].upper()}{label[1:]}: forecast and came",
        says=f"Bars are the band of the forecast ({band}), the line in each is its middle, and points are what "
        "came: filled in months that are judged, hollow in others.",
        alt=f"{figure['outside']} of {figure['judged']} judged months lie outside the band.",
        drawing=_drawn(figure, band),
        sheet=DataSheet.of(("Month", "came", "forecast", band, "lies", "not judged because"), rows),
    )


def _drawn(figure: TrackedFigure, band: str) -> Drawing:
    colour = _COLOURS[figure["name"].partition(":")[0]]
    drawing = Drawing()
    months = [each for each in figure["months"] if each["low"] is not None]
    for number, each in enumerate(months):
        name = month_name(each["month"])
        drawing.add_trace(
            scatter(
                x=[name, name],
                y=[each["low"], each["high"]],
                mode="lines",
                line={"width": 22, "color": faded(colour, 0.35)},
                name=f"forecast, {band}",
                showlegend=number == 0,
                hoverinfo="skip",
            )
        )
    drawing.add_trace(
        scatter(
            x=[month_name(each["month"]) for each in months],
            y=[each["middle"] for each in months],
            mode="markers",
            marker={"symbol": "line-ew", "size": 20, "line": {"width": 3, "color": colour}},
            name="forecast, middle",
        )
    )
    came = [each for each in figure["months"] if each["came"] is not None]
    outside = ("above", "below")
    for name, colour, shown in (
        ("came", _CAME, [each for each in came if each["place"] not in outside]),
        ("came, outside", RED, [each for each in came if each["place"] in outside]),
    ):
        drawing.add_trace(
            scatter(
                x=[month_name(each["month"]) for each in shown],
                y=[each["came"] for each in shown],
                mode="markers",
                marker={
                    "size": 11,
                    "color": colour,
                    "symbol": ["circle-open" if each["place"] is None else "circle" for each in shown],
                },
                name=name,
            )
        )
    drawing.update_xaxes(title_text="month", zeroline=False, type="category")
    drawing.update_yaxes(title_text=figure["unit"], rangemode="tozero")
    return styled(drawing, height=380)
