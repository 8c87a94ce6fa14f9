"""The result of one section of the measures, and the three functions that reduce many values to one number.

The mean of no values is NaN, not 0, and gives no warning: without visits, there is no wait of zero minutes.

>>> mean(np.array([])), share(1, 4)
(nan, 0.25)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats

Weekly = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class SectionResult:
    """Quantities of one section, from which key figures are computed.

    Attributes
    ----------
    weeks
        Arrays of shape (weeks,) by column.
    quantities
        Values of single visits, patients or days, as arrays, and counts of such; by name.
    """

    weeks: Weekly
    quantities: Mapping[str, Any] = field(default_factory=dict)


def mean(values: npt.NDArray[Any]) -> float:
    """Return the mean; NaN without values."""
    return float(np.add.reduce(values, dtype=np.float64) / values.size) if values.size else math.nan


def p90(values: npt.NDArray[Any]) -> float:
    """Return the 90 % quantile, by linear interpolation; NaN without values."""
    return float(p90_of_columns(values)) if values.size else math.nan


def p90_of_columns(values: npt.NDArray[Any]) -> Floats:
    """Return the 90 % quantile of each column: that of `np.quantile`, in a third of the time for small arrays.

    Parameters
    ----------
    values
        Shape (n, ...), n at least 1.

    Returns
    -------
    float array of shape (...)
        NaN where a value is NaN.

    Examples
    --------
    >>> p90_of_columns(np.arange(22.0).reshape(11, 2)).tolist()
    [18.0, 19.0]
    """
    place = 0.9 * (len(values) - 1)
    below = int(place)
    above = min(below + 1, len(values) - 1)
    ordered = np.partition(values, (below, above, -1), axis=0)  # NaN comes last
    low, high, share = ordered[below], ordered[above], place - below
    between = low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)
    found: Floats = np.where(np.isnan(ordered[-1]), np.nan, between)
    return found


def without_nan(values: Floats, instead: float = 0.0) -> Floats:
    """Return the values with a number in the place of each NaN."""
    return np.where(np.isnan(values), instead, values)


def share(part: float | np.number, whole: float | np.number) -> float:
    """Return a share; NaN if the whole is 0."""
    return float(part / whole) if whole > 0 else math.nan
