"""Numbers as people read them: rounded to what they mean, with separators and a unit.

>>> row(1234.4, 1200.1, 1300.9)
['1,234', '1,200', '1,301']
>>> row(0.41, -0.003, 0.5)
['0.41', '0.00', '0.50']
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

NOTHING = "—"
"""Stands for a number there is none of."""

_UNITS: Mapping[str, tuple[float, str]] = {"share": (100.0, "%"), "1/week": (1.0, "per week")}


def decimals(largest: float) -> int:
    """Tell how many decimals a number of this size needs to be read at a glance.

    Three digits that count from 1 upwards, hundredths below, thousandths only where there is nothing else.
    """
    if largest == 0:
        return 0
    size = math.floor(math.log10(largest))
    return max(0, 2 - size) if size >= 0 else 2 if size >= -2 else 3


def plain(value: float | None, places: int) -> str:
    """Write one number."""
    if value is None or not math.isfinite(value):
        return NOTHING
    # The sum turns -0.0 into 0.0: a rounded nothing has no sign.
    return f"{round(value, places) + 0.0:,.{places}f}"


def row(*values: float | None) -> list[str]:
    """Write the numbers of one row, all with as many decimals as the largest needs."""
    known = [abs(value) for value in values if value is not None and math.isfinite(value)]
    places = decimals(max(known, default=0.0))
    return [plain(value, places) for value in values]


def short(value: float | None) -> str:
    """Write a number that stands alone."""
    return row(value)[0]


def span(low: str, high: str) -> str:
    """Write a range: "3.5–4.4", and with a minus in it "-0.1 to 0.3"."""
    if NOTHING in (low, high):
        return NOTHING
    return f"{low} to {high}" if "-" in low + high else f"{low}–{high}"


def for_people(unit: str, currency: str) -> tuple[float, str]:
    """Tell by what to multiply a figure, and what to call its unit.

    >>> for_people("share", "USD"), for_people("currency/week", "USD")
    ((100.0, '%'), (1.0, 'USD/week'))
    """
    return _UNITS.get(unit, (1.0, unit.replace("currency", currency)))


def known(figure: Mapping[str, Any], scale: float = 1.0) -> str:
    """Write a mean with its interval behind it, if there is one.

    >>> known({"mean": 0.123, "ci": [0.1, 0.15]}, 100.0), known({"mean": None, "ci": None})
    ('12.3 (10.0–15.0)', '—')
    """
    if figure["mean"] is None:
        return NOTHING
    low, high = figure["ci"] or (None, None)
    mean, *bounds = row(*(None if each is None else each * scale for each in (figure["mean"], low, high)))
    return mean if figure["ci"] is None else f"{mean} ({span(*bounds)})"
