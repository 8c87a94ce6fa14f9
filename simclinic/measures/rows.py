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
    # Where no replication has finished, there are no columns either.
    return np.array(columns[name] if columns else [row[name] for row in rows], dtype=np.float64)
