"""A difference in one sentence: direction, size, and uncertainty.

>>> from simclinic.experiment.pairs import Difference
>>> sooner = Difference(-1.8, 1.0, (-2.4, -1.2), 14, 1e-5, 1e-4, 3.0, 1.7)
>>> verdict("access_days_mean", sooner, "USD")
'first infusion 1.8 days sooner, 95 % interval 1.2 to 2.4'

A difference counts as seen if it survives the correction for the number of figures looked at (`p_holm` below
0.05). One that would only be seen if no other figure were tested is called "perhaps".
"""

from __future__ import annotations

import math
from collections.abc import Collection

from simclinic.experiment.pairs import Difference
from simclinic.measures import KPIS
from simclinic.report.text.parts import words_of
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


def verdict(name: str, difference: Difference, currency: str, figures: Collection[str] = ()) -> str:
    """Describe a difference.

    Parameters
    ----------
    name
        Of the key figure.
    difference
        Its difference.
    currency
        What amounts are in.
    figures
        The names of all figures of the clinics, by which they show whether they have several types of visit.
    """
    if difference.mean is None:
        return f"cannot be compared: {words_of(name, KPIS[name].absent, figures)}"
    factor = 100.0 if KPIS[name].unit == "share" else 1.0
    mean = factor * difference.mean
    if difference.ci is None:
        only = "in the one replication that can be compared"
        if mean == 0:
            return f"exactly the same {only}"
        return f"{_sentence(name, mean, _places(abs(mean)), currency, figures)} {only}"
    if difference.sd == 0:
        if mean == 0 and difference.ci[0] < difference.ci[1]:
            bound = factor * max(-difference.ci[0], difference.ci[1])
            return (
                f"the same in {counted(difference.n, 'replication')}, so at most {_at_most(bound)} "
                f"{difference_unit(name, currency)} either way"
            )
        if mean == 0:
            return f"exactly the same in {counted(difference.n, 'replication')}"
        return f"{_sentence(name, mean, _places(abs(mean) / 10), currency, figures)} in every replication"
    low, high = sorted(factor * abs(bound) for bound in difference.ci)
    if difference.ci[0] <= 0 <= difference.ci[1]:
        return f"no difference seen: at most {_at_most(high)} {difference_unit(name, currency)} either way"
    places = _places((high - low) / 2)
    if round(low, places) == 0 and places < _PLACES:
        places += 1  # a difference that is clearly not zero must not read "0"
    sentence = _sentence(name, mean, places, currency, figures)
    interval = f"95 % interval {low:,.{places}f} to {high:,.{places}f}"
    if difference.p_holm is not None and difference.p_holm >= SEEN:
        return f"{PERHAPS} {sentence}, {interval}"
    return f"{sentence}, {interval}"


def _sentence(name: str, mean: float, places: int, currency: str, figures: Collection[str]) -> str:
    more, less = KPIS[name].more_less
    unit = difference_unit(name, currency)
    subject = words_of(name, KPIS[name].subject, figures)
    return f"{subject} {abs(mean):,.{places}f} {unit} {more if mean > 0 else less}"


def difference_unit(name: str, currency: str) -> str:
    """Return the unit of a difference in words, such as percentage points."""
    unit = KPIS[name].unit
    if unit in _UNITS:
        return _UNITS[unit]
    return f"{currency} a week" if unit == "currency/week" else unit.replace("currency", currency)


def _places(uncertainty: float) -> int:
    """Return the decimals for a number with this uncertainty: one digit of it, two if its first digit is small."""
    if uncertainty <= 0:
        return 0
    size = math.floor(math.log10(uncertainty))
    begins_small = uncertainty < 2.95 * 10.0**size
    return min(max(0, -size + begins_small), _PLACES)


def _at_most(bound: float) -> str:
    """Write a bound, rounded up: "at most 0.3" must not stand for 0.34."""
    places = _places(bound)
    up = math.ceil(round(bound * 10**places, 6)) / 10**places
    return f"{up:,.{places}f}"
