"""Figure of access against margin: every plan as a point, with the efficient (Pareto-optimal) plans marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.measures import KPIS
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import BLUE, GREY, ORANGE, error_bars, faded, styled, within
from simclinic.report.settings import setting_words
from simclinic.report.text.numbers import ends_of_point, for_people, of_point
from simclinic.report.text.parts import treatment_of
from simclinic.report.text.stability import VERDICTS, verdicts_of
from simclinic.report.text.words import counted

ACCESS, MARGIN = "access_days_mean", "margin_per_week"

MOST = 1500
"""Most plans drawn that are not efficient; of more, every second, third ... is drawn."""

_BESIDE = ("top left", "bottom right", "top right", "bottom left")
"""Positions of a plan's number, so that neighbours keep apart."""

Columns = Mapping[str, npt.NDArray[Any]]


def efficient(access: npt.NDArray[np.float64], margin: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which plans are Pareto-optimal: no other plan is better in one figure and at least equal in the other.

    Plans that lack one of the figures are never efficient; plans that are equal in both are either all efficient or
    none.
    """
    result = np.zeros(access.size, dtype=bool)
    best, last = -np.inf, np.nan
    order = np.lexsort((-margin, access))
    for at in order.tolist():
        if np.isnan(access[at]) or np.isnan(margin[at]):
            continue
        if margin[at] > best or (margin[at] == best and access[at] == last):
            result[at], best, last = True, margin[at], access[at]
    return result


def trade_off(factors: Sequence[str], points: Columns, currency: str) -> Chart | None:
    """Draw access against margin over the points of a sweep; None with fewer than two.

    Parameters
    ----------
    factors
        Addresses of the factors in which plans differ.
    points
        The table of points: factors, `verdict`, means and `…_half_width`.
    currency
        Currency of amounts.
    """
    access, margin = (np.asarray(points[name], dtype=np.float64) for name in (ACCESS, MARGIN))
    verdicts = np.array(verdicts_of(points))
    shown = verdicts == "stable"
    possible = (verdicts != "not-stable") & (verdicts != "")
    known = ~(np.isnan(access) | np.isnan(margin))
    if known.sum() < 2:
        return None
    best = efficient(np.where(possible, access, np.nan), np.where(possible, margin, np.nan))
    number = np.flatnonzero(best)[np.argsort(access[best], kind="stable")]
    others, undecided, unstable = known & shown & ~best, known & possible & ~shown & ~best, known & ~possible
    drawn = _thinned(others), _thinned(undecided), _thinned(unstable)
    left_out = int(others.sum() + undecided.sum() + unstable.sum()) - sum(map(len, drawn))
    thinned = f" {left_out:,} other points are not drawn." if left_out else ""
    open_ones = int((known & possible & ~shown).sum())
    hollow = f" Hollow: {open_ones:,} that are open or still filling." if open_ones else ""
    crosses = f" Crosses: {unstable.sum():,} that are not stable." if unstable.any() else ""
    days = f"days to first {treatment_of(points)}"
    unit = for_people(KPIS[MARGIN].unit, currency)[1]
    return Chart(
        key="trade-off",
        title="Access against margin",
        says=f"{_efficient_sentence(len(number))}{hollow}{crosses}{thinned}",
        alt=f"Scatter of {int(known.sum()):,} plans, {days} across and margin up, with "
        f"{counted(len(number), 'efficient plan')}: "
        + "; ".join(_plan(at, factors, points) for at in number[:6].tolist())
        + ".",
        drawing=_drawn(access, margin, points, number, shown, drawn, factors, (days, unit)),
        sheet=DataSheet.of(
            (
                "Plan",
                *map(setting_words, factors),
                f"{days} (95 % interval)",
                f"margin, {unit} (95 % interval)",
                "n",
                "verdict",
            ),
            [
                (
                    str(place),
                    *(_value(points[name][at]) for name in factors),
                    of_point(points, ACCESS, at),
                    of_point(points, MARGIN, at),
                    int(points["replications"][at]),
                    VERDICTS[str(verdicts[at])],
                )
                for place, at in enumerate(number.tolist(), 1)
            ],
        ),
    )


def _efficient_sentence(count: int) -> str:
    if not count:
        return "No plan is stable, so none is marked."
    return (
        f"Diamonds, numbered from the soonest access on: {counted(count, 'efficient plan')}. By the means, no "
        "other plan that may be stable is better in one of the two figures and as good in the other. Bars are 95 % "
        "intervals of each plan alone; since plans have the same patients, differences between them are known "
        "more precisely than the bars suggest."
    )


def _thinned(which: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    at = np.flatnonzero(which)
    return at[:: -(-at.size // MOST)] if at.size else at


def _value(value: Any) -> str:  # noqa: ANN401 (a level)
    plain = value.item() if hasattr(value, "item") else value
    return f"{plain:.4g}" if isinstance(plain, float) else str(plain)


def _plan(at: int, factors: Sequence[str], points: Columns) -> str:
    return ", ".join(f"{setting_words(name)} {_value(points[name][at])}" for name in factors)


def _drawn(
    access: npt.NDArray[np.float64],
    margin: npt.NDArray[np.float64],
    points: Columns,
    number: npt.NDArray[np.int64],
    shown: npt.NDArray[np.bool_],
    drawn: Sequence[npt.NDArray[np.int64]],
    factors: Sequence[str],
    axes: tuple[str, str],
) -> Drawing:

    figure = Drawing()
    for name, at, marker in (
        ("stable", drawn[0], {"symbol": "circle", "size": 7, "color": faded(BLUE, 0.6)}),
        ("open or filling", drawn[1], {"symbol": "circle-open", "size": 7, "color": faded(BLUE, 0.6)}),
        ("not stable", drawn[2], {"symbol": "x-thin-open", "size": 8, "color": GREY}),
    ):
        if at.size:
            figure.add_trace(
                scatter(
                    x=_rounded(access[at]),
                    y=_rounded(margin[at]),
                    mode="markers",
                    name=name,
                    marker=marker,
                    text=[label(_plan(each, factors, points)) for each in at.tolist()]
                    if at.size <= MOST // 5
                    else None,
                    hovertemplate="%{text}<br>%{x} days, %{y}<extra></extra>"
                    if at.size <= MOST // 5
                    else "%{x} days, %{y}<extra></extra>",
                )
            )
    if number.size:
        bars = {
            axis: error_bars(values[number], low, high, faded(ORANGE, 0.8))
            for axis, name, values in (("x", ACCESS, access), ("y", MARGIN, margin))
            for low, high in [np.array([ends_of_point(points, name, at) for at in number.tolist()]).T]
        }
        figure.add_trace(
            scatter(
                x=_rounded(access[number]),
                y=_rounded(margin[number]),
                mode="lines+markers+text",
                name="efficient",
                line={"color": ORANGE, "width": 1.5, "dash": "dot", "shape": "hv"},
                marker={
                    "symbol": ["diamond" if shown[at] else "diamond-open" for at in number.tolist()],
                    "size": 11,
                    "color": ORANGE,
                },
                text=[str(place) for place in range(1, number.size + 1)],
                textposition=[_BESIDE[place % len(_BESIDE)] for place in range(number.size)],
                hovertext=[label(_plan(each, factors, points)) for each in number.tolist()],
                hovertemplate="%{hovertext}<br>%{x} days, %{y}<extra></extra>",
                **{f"error_{axis}": {**bar, "thickness": 1, "width": 3} for axis, bar in bars.items()},
            )
        )
    spread = access[~np.isnan(access)]
    wide = spread.min() > 0 and spread.max() / spread.min() > 20
    figure.update_xaxes(
        title_text=f"{axes[0]}, mean{' (logarithmic)' if wide else ''}",
        type="log" if wide else "linear",
        zeroline=False,
        **({} if wide else within(*KPIS[ACCESS].range)),
    )
    figure.update_yaxes(title_text=f"margin, {axes[1]}", zeroline=False)
    figure = styled(figure, height=440, hovermode="closest")
    figure.update_yaxes(zeroline=False)
    figure.update_xaxes(zeroline=False)
    return figure


def _rounded(values: npt.NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.5g}") for value in values.tolist()]
