"""Antithetic replications: pairs in which the second mirrors the random inputs of the first.

Replications 2k and 2k + 1 have the same random inputs, the second mirrored: every share u becomes 1 - u, so that
long visits become short and busy weeks quiet. Where a figure responds to the inputs in one direction, the errors of
the two partly cancel, and the mean of a pair is closer to the truth than that of two independent replications. The
two of a pair are not independent, so intervals are computed from the means of pairs.
"""

from __future__ import annotations

import numpy as np

from simclinic.experiment.replication import Columns


def pair_means(columns: Columns, by: str = "replication") -> Columns:
    """Average the two replications of each pair.

    Parameters
    ----------
    columns
        Key figures, one row for each replication.
    by
        The column with their numbers.

    Returns
    -------
    dict
        One row for each pair of which both are there; NaN where one of them has no figure.
    """
    return group_means(columns, 2, by)


def group_means(columns: Columns, size: int, by: str = "replication") -> Columns:
    """Average replications that belong together: those with numbers 0 to size - 1, and so on.

    Parameters
    ----------
    columns, by
        As for :func:`pair_means`.
    size
        Replications of a group.

    Returns
    -------
    dict
        One row for each group of which all are there; NaN where one of them has no figure.
    """
    if not columns:
        return {}
    numbers = np.asarray(columns[by])
    groups, members = np.unique(numbers // size, return_counts=True)
    whole = np.isin(numbers // size, groups[members == size])
    order = np.argsort(numbers[whole])
    return {
        name: values[whole][order].reshape(-1, size).mean(axis=1)
        for name, values in columns.items()
        if name != by
    }
