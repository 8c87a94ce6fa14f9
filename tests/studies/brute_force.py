"""Whether a plan truly meets its targets, by many replications with patients of their own."""

import numpy as np

from simclinic.experiment import replications
from simclinic.measures.targets import targets_of

SEED = 99
COUNT = 400


def meets_all(scenario):
    """Tell whether the means of many replications keep all limits; a figure that nobody has breaks none."""
    targets = [target for target in targets_of(scenario) if target.figure != "verdict"]
    rows = [each.kpis for each in replications(scenario, SEED, range(COUNT))]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return all(_holds(target, columns) for target in targets)


def _holds(target, columns):
    values = target.values(columns)
    known = values[np.isfinite(values)]
    at_most, limit = target.goal
    return not known.size or bool(known.mean() <= limit if at_most else known.mean() >= limit)
