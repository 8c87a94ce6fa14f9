"""Numbers for readers: rounded to significant digits, with separators and a unit.

>>> row(1234.4, 1200.1, 1300.9)
['1,234', '1,200', '1,301']
>>> row(0.41, -0.003, 0.5)
['0.41', '0.00', '0.50']
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from simclinic.measures.intervals import CONSTANT, NONE_SEEN

NO_VALUE = "—"
"""Shown in place of a missing number."""

LEAST = 0.01
"""The smallest bound that is said, in the displayed unit; what is below it is below this, too."""

_UNITS: Mapping[str, tuple[float, str]] = {"share": (100.0, "%"), "1/week": (1.0, "per week")}


def decimals(largest: float) -> int:
    """Return how many decimals a number of this size needs to be read at a glance.

    Three digits that count from 1 upwards, hundredths below, thousandths only where there is nothing else.
    """
    if largest == 0:
        return 0
    size = math.floor(math.log10(largest))
    return max(0, 2 - size) if size >= 0 else 2 if size >= -2 else 3


def plain(value: float | None, places: int) -> str:
    """Write one number; negative places round to tens, hundreds and so on."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    # The sum turns -0.0 into 0.0: a rounded nothing has no sign.
    return f"{round(value, places) + 0.0:,.{max(0, places)}f}"


def row(*values: float | None) -> list[str]:
    """Write the numbers of one row, all with as many decimals as the largest needs."""
    finite = [abs(value) for value in values if value is not None and math.isfinite(value)]
    places = decimals(max(finite, default=0.0))
    return [plain(value, places) for value in values]


def short(value: float | None) -> str:
    """Write a single number."""
    return row(value)[0]


def amounts(*values: float | None) -> list[str]:
    """Write the sums of money of one row: three digits of the largest, for nobody knows or says more of them.

    >>> amounts(1234567.0, -98765.0, None)
    ['1,230,000', '-100,000', '—']
    >>> amounts(431.2, 98.4)
    ['431', '98']
    """
    finite = [abs(value) for value in values if value is not None and math.isfinite(value)]
    largest = max(finite, default=0.0)
    places = min(0, 2 - math.floor(math.log10(largest))) if largest else 0
    return [plain(value, places) for value in values]


def count(number: float) -> str:
    """Write a number of things, or a mean of such numbers.

    >>> count(1200), count(48.375)
    ('1200', '48.4')
    """
    return str(number) if isinstance(number, int) else short(number)


def span(low: str, high: str) -> str:
    """Write a range: "3.5–4.4", and with a minus in it "-0.1 to 0.3"."""
    if NO_VALUE in (low, high):
        return NO_VALUE
    return f"{low} to {high}" if "-" in low + high else f"{low}–{high}"


def for_people(unit: str, currency: str) -> tuple[float, str]:
    """Return the scale factor and the name of a unit for display.

    >>> for_people("share", "USD"), for_people("currency/week", "USD")
    ((100.0, '%'), (1.0, 'USD/week'))
    """
    return _UNITS.get(unit, (1.0, unit.replace("currency", currency)))


ROUGH = "rough"
"""Marks an interval that covers less than it should, by the table in docs/background/intervals.md."""


def with_interval(figure: Mapping[str, Any], scale: float = 1.0) -> str:
    """Write a mean with its interval behind it, if there is one.

    >>> with_interval({"mean": 0.123, "ci": [0.1, 0.15]}, 100.0), with_interval({"mean": None, "ci": None})
    ('12.3 (10.0–15.0)', '—')
    >>> with_interval({"mean": 0.0, "ci": [0.0, 0.0046], "method": "none seen"}, 100.0)
    '0 (below 0.46)'
    >>> with_interval({"mean": 0.0, "ci": [0.0, 0.000031], "method": "none seen"}, 100.0)
    '0 (below 0.01)'
    """
    mean, interval, _ = cells(figure, scale)
    return mean if interval == NO_VALUE else f"{mean} ({interval})"


def cells(figure: Mapping[str, Any], scale: float = 1.0) -> tuple[str, str, str]:
    """Write a key figure: its mean, its interval in words where numbers alone would mislead, and p10 to p90.

    An event never seen is "below" a bound, a figure that never varied is "always the same", and an interval
    that covers too little is "rough".
    """
    low, high = figure["ci"] or (None, None)
    values = (figure["mean"], low, high, figure.get("p10"), figure.get("p90"))
    mean, *bounds = row(*(None if value is None else scale * value for value in values))
    method, spread = figure.get("method"), span(bounds[2], bounds[3])
    if method == NONE_SEEN and figure["mean"] in (low, high) and low is not None and high is not None:
        if figure["mean"] == 0:
            bound = f"{LEAST:g}" if scale * high <= LEAST else _up(scale * high)
            return "0", f"below {bound}", span("0", "0")
        if high == 1:
            return mean, f"above {_up(scale * high - scale * low, whole=scale)}", spread
    if method == CONSTANT:
        return mean, "always the same", spread
    interval = span(bounds[0], bounds[1])
    return mean, interval if figure.get("coverage") is None else f"{interval} {ROUGH}", spread


def of_point(points: Mapping[str, Any], name: str, at: int, scale: float = 1.0) -> str:
    """Write a key figure of a sweep's point, with its interval; older tables hold only its half-width."""
    mean, (low, high) = float(points[name][at]), ends_of_point(points, name, at)
    if math.isnan(mean):
        return NO_VALUE
    method = NONE_SEEN if mean in (low, high) and low < high else None
    return with_interval(
        {"mean": mean, "ci": None if math.isnan(low) else (low, high), "method": method}, scale
    )


def ends_of_point(points: Mapping[str, Any], name: str, at: int) -> tuple[float, float]:
    """Return the ends of the interval of a key figure at a sweep's point; NaN if there is none."""
    if f"{name}_low" in points:
        return float(points[f"{name}_low"][at]), float(points[f"{name}_high"][at])
    mean, half = float(points[name][at]), float(points[f"{name}_half_width"][at])
    return mean - half, mean + half


def _up(bound: float, *, whole: float = 0.0) -> str:
    """Write a bound, or the whole less it, with two significant digits, rounded away from the estimate."""
    places = max(0, 1 - math.floor(math.log10(bound)))
    away = math.ceil(round(bound * 10**places, 6)) / 10**places
    return f"{whole - away if whole else away:,.{places}f}"
