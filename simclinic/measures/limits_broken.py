"""In how many futures a limit is broken: what the mean over futures cannot say.

The mean over futures may keep every limit while one future in four breaks one. So a forecast counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.measures.stability import QUEUES
from simclinic.scenario.targets import Targets, bound

Columns = Mapping[str, npt.NDArray[Any]]


def limits_broken(columns: Columns, targets: Targets) -> dict[str, float | None]:
    """Give the share of futures in which each limit is broken, by the figure's name.

    Parameters
    ----------
    columns
        Key figures by name, one value for each future, NaN where one could not be computed.
    targets
        The limits.

    Returns
    -------
    dict
        Of the futures in which the figure is known; None if it is in none.
    """
    if "balked_share" not in columns:
        return {}
    most = bound(targets.queue_growth) * columns["series_started_per_week"]
    excess = {
        "balked_share": columns["balked_share"] - bound(targets.balked_share),
        **{queue: columns[queue] - most for queue in QUEUES},
        "overtime_day_share": columns["overtime_day_share"] - bound(targets.overtime_day_share),
        "started_on_time_share": bound(targets.started_on_time_share) - columns["started_on_time_share"],
    }
    return {
        name: float((known > 0).mean()) if (known := values[~np.isnan(values)]).size else None
        for name, values in excess.items()
    }
