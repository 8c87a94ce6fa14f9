"""Chairs in use through the week, in each of the scenarios that are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.labels import label
from simclinic.report.figures.style import IN_ORDER, styled
from simclinic.report.text.numbers import plain
from simclinic.report.text.words import DAYS

_DASHES = ("solid", "dash", "dot", "dashdot")
_DAYS = tuple(DAYS.values())
_HOURS = 24

Profile = Mapping[str, Any]


def chairs_compared(profiles: Mapping[str, Profile]) -> Chart | None:
    """Show mean chairs held by weekday and hour; None if no scenario has a profile.

    Parameters
    ----------
    profiles
        For each scenario the mean profile of the week, 168 rows, Monday's midnight first.
    """
    held = {
        name: np.asarray(profile["chairs_held_mean"], dtype=np.float64)
        for name, profile in profiles.items()
        if len(profile.get("chairs_held_mean", ()))
    }
    if not held:
        return None
    used = np.max(list(held.values()), axis=0) > 0.005
    hours = np.flatnonzero(used.reshape(7, _HOURS).any(axis=0))
    days = np.flatnonzero(used.reshape(7, _HOURS).any(axis=1))
    if not hours.size:
        return None
    first, last = int(hours[0]), int(hours[-1])
    rows = np.array([day * _HOURS + hour for day in days for hour in range(first, last + 1)])
    names = list(held)
    means = "; ".join(
        f"{name} {plain(float(values.sum()), 1)} chair-hours a week" for name, values in held.items()
    )
    return Chart(
        key="chairs-compared",
        title="Chairs in use through the week",
        says="Occupied chairs, mean over the hour, the measured weeks and the replications; the spread is not "
        "shown.",
        alt=f"Lines of chairs held by weekday and hour. In all: {means}.",
        drawing=_drawn(held, days, rows, first, last),
        sheet=DataSheet.of(
            ("Hour", *names),
            [
                (
                    f"{_DAYS[at // _HOURS]} {at % _HOURS}:00",
                    *(plain(float(held[name][at]), 2) for name in names),
                )
                for at in rows.tolist()
            ],
        ),
    )


def _drawn(held: Mapping[str, Any], days: Any, rows: Any, first: int, last: int) -> Drawing:  # noqa: ANN401

    span = last - first + 2  # one empty hour between days
    figure = Drawing()
    at, labels = [], []
    for number, day in enumerate(days.tolist()):
        at += [number * span + hour - first + 0.5 for hour in range(first, last + 1)] + [None]
        labels += [f"{_DAYS[day]} {hour}:00" for hour in range(first, last + 1)] + [""]
    for number, (name, values) in enumerate(held.items()):
        line = values[rows].reshape(len(days), -1).round(2)
        heights = [each for day in line.tolist() for each in (*day, None)]
        figure.add_trace(
            scatter(
                x=at,
                y=heights,
                mode="lines",
                name=label(name, 40),
                line={
                    "color": IN_ORDER[number % len(IN_ORDER)],
                    "dash": _DASHES[number % len(_DASHES)],
                    "width": 2,
                    "shape": "hvh",
                },
                text=labels,
                hovertemplate="%{text}: %{y}",
            )
        )
    middle = (last - first + 1) / 2
    figure.update_xaxes(
        title_text=f"weekday, {first}:00 to {last + 1}:00 each",
        tickvals=[number * span + middle for number in range(len(days))],
        ticktext=[_DAYS[day] for day in days.tolist()],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(title_text="chairs held", rangemode="tozero")
    return styled(figure, hovermode="closest")
