"""Prices: the mean price of an infusion, a booster, and a visit of each other type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simclinic.arrays import Bools, Floats
from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.estimates import Estimate, Findings, rounded, source
from simclinic.calibration.rates import mean_interval
from simclinic.calibration.types import Group
from simclinic.calibration.visits import Visits
from simclinic.scenario.protocols import INFUSION

_FEWEST = 10


def learn(groups: Sequence[Group], visits: Visits, findings: Findings) -> None:
    """Estimate the mean price of visits, where the export has prices."""
    if np.isnan(visits.price).all():
        return
    boosters = _boosters(groups, visits)
    for at, name in enumerate(visits.types):
        mine = visits.type == at
        if name == INFUSION:
            learn_price("finance.price_per_infusion", visits.price[mine & ~boosters], findings)
            learn_price("finance.price_per_booster", visits.price[mine & boosters], findings)
        else:
            learn_price(f"visits.{name}.price", visits.price[mine], findings)


def _boosters(groups: Sequence[Group], visits: Visits) -> Bools:
    """Tell which appointments are completed boosters."""
    done = np.flatnonzero(visits.status == COMPLETED)
    patients, begins, counts = np.unique(visits.patient[done], return_index=True, return_counts=True)
    ends = dict(zip(patients.tolist(), (begins + counts).tolist(), strict=True))
    found = np.zeros(len(visits.patient), dtype=np.bool_)
    for group in groups:
        for course in group.courses.all:
            end = ends[course.patient]
            found[done[end - course.boosters : end]] = True
    return found


def learn_price(address: str, prices: Floats, findings: Findings) -> None:
    """Write the mean of some prices of visits, of which NaN are unknown."""
    prices = prices[~np.isnan(prices)]
    n = len(prices)
    if n < _FEWEST:
        findings.base_kept.append(f"{address}: {n} visits with a price, at least {_FEWEST} are needed")
        return
    mean, (low, high) = float(prices.mean()), mean_interval(prices)
    findings.estimates.append(
        Estimate(
            address, mean, low, high, n, "mean, Student", "of completed visits, in the scenario's currency"
        )
    )
    findings.set(address, rounded(mean), source(n, low, high, "mean price of a completed visit"))
