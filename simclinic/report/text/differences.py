"""A difference in one sentence: which way, how much, how sure.

>>> from simclinic.experiment.pairs import Difference
>>> sooner = Difference(-1.8, 1.0, (-2.4, -1.2), 14, 1e-5, 1e-4, 3.0, 1.7)
>>> verdict("access_days_mean", sooner, "USD")
'first infusion 1.8 days sooner, 95 % interval 1.2 to 2.4'

A difference counts as seen if it survives the correction for the number of figures looked at (`p_holm` below
0.05). One that would only be seen if nobody had looked at the others is called "perhaps".
"""

from __future__ import annotations

import math

from simclinic.experiment.pairs import Difference
from simclinic.measures import KPIS
from simclinic.report.text.words import counted

SEEN = 0.05
"""`p_holm` below which a difference counts as seen."""

PERHAPS = "perhaps"
"""How the verdict on a difference begins that chance may make among so many."""

_UNITS = {
    "share": "percentage points",
    "1/week": "a week",
    "patients/week": "patients a week",
    "hours/week": "hours a week",
    "mg/week": "mg a week",
}
_PLACES = 4


def verdict(name: str, found: Difference, currency: str) -> str:
    """Say what a difference comes to.

    Parameters
    ----------
    name
        Of the key figure.
    found
        Its difference.
    currency
        What amounts are in.
    """
    if found.mean is None:
        return f"cannot be compared: {KPIS[name].absent}"
    factor = 100.0 if KPIS[name].unit == "share" else 1.0
    mean = factor * found.mean
    if found.ci is None:
        only = "in the one replication that can be compared"
        if mean == 0:
            return f"exactly the same {only}"
        return f"{_told(name, mean, _places(abs(mean)), currency)} {only}"
    if found.sd == 0:
        if mean == 0 and found.ci[0] < found.ci[1]:
            room = factor * max(-found.ci[0], found.ci[1])
            return (
                f"the same in {counted(found.n, 'replication')}, so at most {_at_most(room)} "
                f"{_unit(name, currency)} either way"
            )
        if mean == 0:
            return f"exactly the same in {counted(found.n, 'replication')}"
        return f"{_told(name, mean, _places(abs(mean) / 10), currency)} in every replication"
    low, high = sorted(factor * abs(bound) for bound in found.ci)
    if found.ci[0] <= 0 <= found.ci[1]:
        return f"no difference seen: at most {_at_most(high)} {_unit(name, currency)} either way"
    places = _places((high - low) / 2)
    if round(low, places) == 0 and places < _PLACES:
        places += 1  # what surely is more than nothing should not read "0"
    told = _told(name, mean, places, currency)
    interval = f"95 % interval {low:,.{places}f} to {high:,.{places}f}"
    if found.p_holm is not None and found.p_holm >= SEEN:
        return f"{PERHAPS} {told}, {interval}"
    return f"{told}, {interval}"


def _told(name: str, mean: float, places: int, currency: str) -> str:
    more, less = KPIS[name].more_less
    return (
        f"{KPIS[name].subject} {abs(mean):,.{places}f} {_unit(name, currency)} {more if mean > 0 else less}"
    )


def _unit(name: str, currency: str) -> str:
    unit = KPIS[name].unit
    if unit in _UNITS:
        return _UNITS[unit]
    return f"{currency} a week" if unit == "currency/week" else unit.replace("currency", currency)


def _places(uncertainty: float) -> int:
    """Tell with how many decimals to write a number known to ± this: one digit of it, two if it begins small."""
    if uncertainty <= 0:
        return 0
    size = math.floor(math.log10(uncertainty))
    begins_small = uncertainty < 2.95 * 10.0**size
    return min(max(0, -size + begins_small), _PLACES)


def _at_most(bound: float) -> str:
    """Write a bound, rounded up: what is "at most 0.3" must not be 0.34."""
    places = _places(bound)
    up = math.ceil(round(bound * 10**places, 6)) / 10**places
    return f"{up:,.{places}f}"
