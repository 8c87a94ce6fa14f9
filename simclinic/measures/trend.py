"""Growth of weekly figures.

A straight line is fitted to weekly figures by least squares. For a backlog these are exact time-averages of each
week, not its size at one midnight: the average uses every hour of the week, so that the slope varies less.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats


def slope(series: npt.NDArray[np.number]) -> Floats:
    """Fit a line to weekly figures.

    Parameters
    ----------
    series
        Shape (..., weeks).

    Returns
    -------
    Float array of shape (...)
        Growth per week in the figures' unit; NaN for fewer than two weeks.
    """
    weeks = series.shape[-1]
    if weeks < 2:
        return np.full(series.shape[:-1], np.nan)
    week = np.arange(weeks) - (weeks - 1) / 2
    return np.asarray(series @ week / (week @ week), dtype=np.float64)
