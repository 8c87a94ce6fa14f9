"""Figures as a person says them: "about 33 %, surely above 30 %".

A mean keeps two digits that count, and more only where its bound would read the same. A sure bound is the end of
its 95 % interval, rounded away from the mean, so that what is said to be sure is never more than what was found.

>>> plainly({"mean": 0.3312, "ci": [0.3045, 0.3579]}, 100.0, "%", sure="above")
'about 33 %, surely above 30 %'
>>> plainly({"mean": 0.0, "ci": [0.0, 0.0012]}, 100.0, "%", sure="below")
'0 %, surely below 0.12 %'
>>> plainly({"mean": 0.0, "ci": [0.0, 0.000045]}, 100.0, "%", sure="below")
'0 %, surely below 0.01 %'
>>> plainly({"mean": 40.46, "ci": None}, 1.0, "days", sure="below")
'about 40 days'

Nobody says less than a hundredth: a bound is rounded up to it, and few days are minutes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from simclinic.experiment.pairs import Difference
from simclinic.measures import KPIS
from simclinic.report.text.differences import SEEN, difference_unit
from simclinic.report.text.numbers import LEAST, NO_VALUE
from simclinic.report.text.parts import label_of, words_of
from simclinic.results.compare import Differing

Side = Literal["above", "below"]

_FINER = 2
"""Digits that are added at most, so that a bound can be told from its mean."""
_HUNDRED = 100.0
_FEW_DAYS, _MINUTES = 0.1, 1440.0


def round_number(value: float, unit: str = "") -> str:
    """Write a number with two digits that count; of a share near 100 %, one digit of what is missing.

    >>> round_number(3841.0), round_number(0.4), round_number(99.64, "%"), round_number(97.3, "%")
    ('3,800', '0.4', '99.6', '97')
    """
    return _written(value, _places(value, unit))


def short_of_a_day(figure: Mapping[str, Any], scale: float, unit: str) -> tuple[float, str]:
    """Return factor and unit in which a figure is said: days in minutes, if they are few.

    >>> short_of_a_day({"mean": 0.017}, 1.0, "days"), short_of_a_day({"mean": 0.4}, 1.0, "days")
    ((1440.0, 'minutes'), (1.0, 'days'))
    """
    few = unit == "days" and figure["mean"] is not None and 0 < scale * figure["mean"] < _FEW_DAYS
    return (_MINUTES * scale, "minutes") if few else (scale, unit)


def plainly(figure: Mapping[str, Any], scale: float, unit: str, *, sure: Side) -> str:
    """Write a mean and the end of its interval in words.

    Parameters
    ----------
    figure
        `mean` and `ci`, as in documents.
    scale, unit
        Factor and name of the displayed unit.
    sure
        Which end of the interval is said.
    """
    if figure["mean"] is None:
        return NO_VALUE
    mean, interval = scale * figure["mean"], figure["ci"]
    if interval is None:
        return _about(round_number(mean, unit), unit)
    number, bound = _told_apart(mean, scale * interval[0 if sure == "above" else 1], unit, up=sure == "below")
    about = _about(number, unit)
    if not bound:
        return about
    return f"{about}, surely {sure} {bound}{' %' if unit == '%' else ''}"


def difference_plainly(
    name: str,
    difference: Differing | Difference | Mapping[str, Any],
    currency: str,
    figures: Collection[str] = (),
) -> str:
    """Write a difference in words: what changes, about how much, and by how much at least.

    Parameters
    ----------
    name
        Of the key figure.
    difference
        As in the document of a comparison.
    currency
        What amounts are in.
    figures
        The names of all figures of the clinics, by which they show whether they have several types of visit.
    """
    found: Mapping[str, Any] = difference  # type: ignore[assignment]
    kpi, unit = KPIS[name], difference_unit(name, currency)
    scale = _HUNDRED if kpi.unit == "share" else 1.0
    subject = words_of(name, kpi.subject, figures)
    if found["mean"] is None:
        return f"{label_of(name, figures).lower()} cannot be compared"
    mean, interval = scale * found["mean"], found["ci"]
    more = kpi.more_less[0] if mean > 0 else kpi.more_less[1]
    if interval is None:
        return f"{subject} {_about(round_number(abs(mean)), unit)} {more} in the one replication"
    low, high = sorted(abs(scale * end) for end in interval)
    if kpi.unit == "days" and 0 < max(abs(mean), high) < _FEW_DAYS:
        mean, low, high, unit = _MINUTES * mean, _MINUTES * low, _MINUTES * high, "minutes"
    if not interval[0] <= 0 <= interval[1] and high < LEAST:
        return f"{subject} less than {LEAST} {unit} {more}"
    if interval[0] <= 0 <= interval[1]:
        if not mean and not high:
            return f"{subject}: the same"
        return f"{subject}: no change seen, at most {_away(high, up=True)} {unit} either way"
    if found["p_holm"] is None or found["p_holm"] >= SEEN:
        return f"perhaps {subject} {_about(round_number(abs(mean)), unit)} {more}"
    number, bound = _told_apart(abs(mean), low, "", up=False)
    said = f"{subject} {_about(number, unit)} {more}"
    return f"{said}, surely more than {bound}" if bound else said


def change_plainly(
    difference: float | None,
    interval: Sequence[float] | None,
    call: str,
    unit: str,
    more_less: tuple[str, str],
) -> str:
    """Write what a change does to a figure whose name stands above it, with the whole interval.

    Parameters
    ----------
    difference, interval
        In the displayed unit.
    call
        As in :class:`simclinic.results.bottleneck.Effect`.
    unit
        Of the difference; empty where the name says it.
    more_less
        Words for a larger and for a smaller figure.

    >>> change_plainly(2.13, [1.44, 2.78], "shown", "", ("more", "fewer"))
    'about 2.1 more, surely 1.4 to 2.8'
    >>> change_plainly(-3.2, [-4.41, -1.96], "perhaps", "days", ("later", "sooner"))
    'perhaps about 3.2 days sooner, 1.9 to 4.5'
    >>> change_plainly(0.1, [-0.22, 0.43], "too close", "days", ("later", "sooner"))
    'too close to call: 0.22 days sooner to 0.43 later'
    >>> change_plainly(-0.0011, [-0.0022, 0.0003], "too close", "days", ("later", "sooner"))
    'too close to call: 3.2 minutes sooner to 0.44 later'
    >>> change_plainly(0.002, [0.001, 0.003], "shown", "%", ("more", "fewer"))
    'less than 0.01 % more'
    """
    if difference is None:
        return "cannot be compared"
    more, less = more_less
    word = more if difference > 0 else less
    if call == "same" and not difference:
        return "the same"
    if interval is None:
        return f"{_about(round_number(abs(difference)), unit)} {word} in the one replication"
    if unit == "days" and 0 < max(abs(difference), *map(abs, interval)) < _FEW_DAYS:
        difference, interval, unit = _MINUTES * difference, [_MINUTES * end for end in interval], "minutes"
    low, high = interval
    if not low <= 0 <= high and max(abs(low), abs(high)) < LEAST:
        return f"{'' if call == 'shown' else 'perhaps '}less than {LEAST} {unit}".rstrip() + f" {word}"
    if low <= 0 <= high:
        if low == high:
            return "the same"
        down, up = f"{_away(-low, up=True)} {unit}".rstrip(), _away(high, up=True)
        return f"too close to call: {down}{f' {less}' if low else ''} to {up}{f' {more}' if high else ''}"
    near, far = sorted((abs(low), abs(high)))
    perhaps, sure = ("perhaps ", "") if call != "shown" else ("", "surely ")
    if near == far:
        return f"{perhaps}{f'{round_number(near)} {unit}'.rstrip()} {word}"
    places = _places(abs(difference), "")
    for finer in range(places, places + _FINER + 1):
        number, least, most = (
            _written(abs(difference), finer),
            _away(near, finer, up=False),
            _away(far, finer, up=True),
        )
        if _value(least) < _value(number) < _value(most):
            break
    return f"{perhaps}{_about(number, unit)} {word}, {sure}{least} to {most}"


def _about(number: str, unit: str = "") -> str:
    return f"{number if number == '0' else f'about {number}'} {unit}".rstrip()


def _told_apart(mean: float, end: float, unit: str, *, up: bool) -> tuple[str, str]:
    """Write a mean and a bound, rounded away from it, with as many digits as it takes to tell them apart.

    The bound is empty where that would take more digits than anybody says.
    """
    places = _places(mean or end, unit)
    for finer in range(places, places + _FINER + 1):
        number, bound = _written(mean, finer), _away(end, finer, up=up)
        if _value(bound) > _value(number) if up else _value(bound) < _value(number):
            return number, bound
    return _written(mean, places), ""


def _value(written: str) -> float:
    return float(written.replace(",", ""))


def _away(value: float, places: int | None = None, *, up: bool) -> str:
    """Round up or down; the sum keeps a number that is whole already from moving by its own rounding error."""
    if up and 0 < value < LEAST:
        return _written(LEAST, 2)
    at = _places(value, "") if places is None else places
    size = 10.0**at
    whole = math.ceil(round(value * size, 6)) if up else math.floor(round(value * size, 6))
    return _written(whole / size, at)


def _places(value: float, unit: str) -> int:
    """Return the decimals of a number; negative: it is rounded to tens, hundreds and so on."""
    if unit == "%" and _HUNDRED / 2 < value < _HUNDRED:
        missing = _HUNDRED - value
        return max(0, -math.floor(math.log10(missing)))
    return 0 if not value else 1 - math.floor(math.log10(abs(value)))


def _written(value: float, places: int) -> str:
    text = f"{round(value, places) + 0.0:,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
