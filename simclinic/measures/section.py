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
    return float(np.mean(values)) if values.size else math.nan


def p90(values: npt.NDArray[Any]) -> float:
    """Return the 90 % quantile, by linear interpolation; NaN without values."""
    return float(np.quantile(values, 0.9)) if values.size else math.nan


def share(part: float | np.number, whole: float | np.number) -> float:
    """Return a share; NaN if the whole is 0."""
    return float(part / whole) if whole > 0 else math.nan
