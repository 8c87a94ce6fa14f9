"""Warm-up check: boosters in every simulated week, warm-up included, and the level at which they settle."""

from __future__ import annotations

import math

import numpy as np

from simclinic.arrays import Floats
from simclinic.experiment.warm_up import LEAST_WEEKS, Cut, approach, mser5, welch
from simclinic.measures.intervals import interval
from simclinic.measures.stability import FILLED
from simclinic.report.figures.bands import MOST_POINTS, Columns
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.style import BOOSTER, GREY, RED, faded, styled
from simclinic.report.text.numbers import plain, with_interval
from simclinic.report.text.words import counted

_YEAR = 52


def warm_up(ramp: Columns, warm_up_weeks: int, *, steady: bool) -> Chart | None:
    """Show Welch's curve of weekly boosters, and the cut that MSER-5 proposes.

    Parameters
    ----------
    ramp
        Boosters in each simulated week: `week` (negative in the warm-up) and `boosters`, all replications one
        after another.
    warm_up_weeks
        How many weeks are warm-up.
    steady
        Whether the clinic is to become steady: not one whose demand or plan is meant to change.

    Returns
    -------
    Shown or None
        None if there are no boosters, or fewer weeks than can say anything.
    """
    week = np.unique(np.asarray(ramp["week"])) if len(ramp.get("week", ())) else np.zeros(0)
    if week.size < LEAST_WEEKS:
        return None
    table = np.asarray(ramp["boosters"], dtype=np.float64).reshape(-1, week.size)
    mean = table.mean(axis=0)
    if not mean.any():
        return None
    cut, smooth = mser5(mean), welch(mean, min(26, week.size // 4))
    measured = interval(table[:, warm_up_weeks:].mean(axis=1))
    level = with_interval(
        {"mean": measured.mean, "ci": None if math.isnan(measured.low) else (measured.low, measured.high)}
    )
    cutoff = _cutoff(cut, week.size, warm_up_weeks)
    fitted = (
        _fitted(mean, warm_up_weeks)
        if steady
        else " This clinic is meant to change, so its curve does not have to become level."
    )
    n = len(table)
    return Chart(
        key="warm-up",
        title="Check: was the warm-up long enough?",
        says=f"Boosters given in each simulated week, mean over {counted(n, 'replication')}, and Welch's moving "
        f"mean; {level} a week in the measured weeks. {cutoff}.{fitted} A curve that still rises at its right-hand "
        "end is a programme still filling.",
        alt=f"Line of weekly boosters from week {int(week[0])} to {int(week[-1])} with its moving mean; measuring "
        f"begins at week 0. {cutoff}.",
        drawing=_drawn(week, mean, smooth, cut.weeks),
        sheet=_sheet(week, table),
    )


def _cutoff(cut: Cut, weeks: int, warm_up_weeks: int) -> str:
    """Describe the cut that MSER-5 proposes."""
    if cut.at_limit:
        return f"MSER-5 would cut off {cut.weeks} of {weeks} weeks or more; it never considers more than half"
    against = (
        f"the warm-up of {warm_up_weeks} is longer"
        if cut.weeks <= warm_up_weeks
        else f"the warm-up of {warm_up_weeks} is shorter, so measuring may have begun too early"
    )
    return f"MSER-5 would cut off the first {cut.weeks} of {weeks} simulated weeks: {against}"


def _fitted(mean: Floats, warm_up_weeks: int) -> str:
    """Say how full the programme is in the measured weeks, by the curve of a load that fills up."""
    curve = approach(mean)
    if curve.reached(FILLED) > mean.size or curve.level <= 0:
        return " There are too few weeks to estimate the final load."
    share = 100 * float(mean[warm_up_weeks:].mean()) / curve.level
    return f" By a curve fitted to all weeks, the measured weeks have {plain(share, 0)} % of the final load."


def _sheet(week: Floats, table: Floats) -> DataSheet:
    """Return the years: means with their intervals."""
    rows = []
    split = int(np.count_nonzero(week < 0))
    for begin, end in ((0, split), (split, week.size)):
        for first in range(begin, end, _YEAR):
            last = min(first + _YEAR, end)
            estimated = interval(table[:, first:last].mean(axis=1))
            half = plain(estimated.high - estimated.mean, 2)
            rows.append(
                (
                    f"{int(week[first])} to {int(week[last - 1])}",
                    "measured" if begin == split else "warm-up",
                    plain(estimated.mean, 2),
                    half,
                )
            )
    return DataSheet.of(("Weeks", "part", "Boosters a week", "± (95 %)"), rows)


def _drawn(week: Floats, mean: Floats, smooth: Floats, cut: int) -> Drawing:

    thin = max(1, math.ceil(week.size / (2 * MOST_POINTS)))
    figure = Drawing(
        *[
            scatter(
                x=week[::thin].tolist(),
                y=mean[::thin].round(2).tolist(),
                name="each week" if thin == 1 else f"every {thin}th week",
                mode="lines",
                line={"color": faded(BOOSTER, 0.55), "width": 1},
            ),
            scatter(
                x=week[: smooth.size : thin].tolist(),
                y=smooth[::thin].round(2).tolist(),
                name="moving mean (Welch)",
                mode="lines",
                line={"color": BOOSTER, "width": 3},
            ),
        ]
    )
    top = 1.05 * float(mean.max())
    marks = (
        (week[0] + cut, "MSER-5 cuts here", RED, "dot"),
        (0, "measuring begins", GREY, "dash"),
    )
    for at, name, colour, dash in marks:
        figure.add_trace(
            scatter(
                x=[float(at)] * 2,
                y=[0, round(top, 2)],
                mode="lines",
                name=name,
                line={"color": colour, "width": 2, "dash": dash},
                hovertemplate=f"{name}: week %{{x}}<extra></extra>",
            )
        )
    figure.update_xaxes(title_text="week (0: the first measured)")
    figure.update_yaxes(title_text="boosters a week", rangemode="tozero")
    return styled(figure, height=400)
