"""Key figures of many replications, which come as rows and are computed with as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simclinic.arrays import Floats


def column(rows: Sequence[Mapping[str, float]], name: str) -> Floats:
    """Return a key figure of all replications, shape (replications,).

    Parameters
    ----------
    rows
        The key figures of each replication. A table that keeps them by column (`columns`) is not read row by row.
    name
        The key figure.
    """
    columns = getattr(rows, "columns", None)
    return np.array([row[name] for row in rows] if columns is None else columns[name], dtype=np.float64)
