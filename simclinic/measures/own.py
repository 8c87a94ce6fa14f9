"""Key figures of other packages and of scripts: functions of the records of a replication.

>>> from simclinic.measures.own import kpi
>>> @kpi("late_arrivals_share", unit="share", label="Late arrivals", definition="Visits whose patient comes late.")
... def late_arrivals_share(records, scenario):
...     return 0.25
>>> late_arrivals_share.figure.unit
'share'
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from simclinic import plugins
from simclinic.measures.kpi import GROUPS, Better, Group, Kpi, Quantities
from simclinic.plugins import PluginError, Registered
from simclinic.records import Records
from simclinic.scenario import Scenario
from simclinic.scenario.schedules import version_of
from simclinic.scenario.targets import Targets

RECORDS, SCENARIO = "records of the replication", "scenario of the replication"
"""Quantities that functions of the records are given; no weekly column has such a name."""

Function = Callable[[Records, Scenario], float]

_NAME = re.compile(r"[a-z][a-z0-9_]{1,59}")
_WORDS = 500


@dataclass(frozen=True, slots=True)
class OwnKpi:
    """A registered key figure; calling it computes it.

    Attributes
    ----------
    figure
        Its name, unit and words.
    function
        Computes it from the records of a replication and its scenario; NaN where there is none.
    """

    figure: Kpi
    function: Function

    def __call__(self, records: Records, scenario: Scenario) -> float:
        """Compute the figure of one replication.

        Raises
        ------
        PluginError
            If the function fails, or returns no number.
        """
        return self.figure.value({RECORDS: records, SCENARIO: scenario})


def kpi(
    name: str,
    *,
    unit: str,
    label: str,
    definition: str,
    group: Group = "the visit",
    better: Better | None = None,
    absent: str = "there was nothing to compute it from in the measured weeks",
    subject: str | None = None,
    more_less: tuple[str, str] = ("higher", "lower"),
    method: Literal["student", "skewed"] = "student",
    signed: bool = False,
) -> Callable[[Function], OwnKpi]:
    """Register a function of the records as a key figure.

    A scenario uses it if it names it: `clinic.change('own.kpis=["my_figure"]')`, or in its file. Then it stands in
    every table, document and report, and can be a target.

    Parameters
    ----------
    name
        Its name in files: small letters, digits and _.
    unit
        Such as "days", "minutes", "1/week" or "share"; a share lies between 0 and 1. "currency" in it stands for
        the scenario's.
    label, definition
        Its name for people, and exactly what is counted.
    group
        The question it answers: "getting in", "the visit", "the team", "boosters" or "money".
    better
        "higher" or "lower"; None if neither is good.
    absent
        Why it cannot be computed, where the function returns NaN.
    subject, more_less
        What a difference is said to be about, by default the label; and what it then is: ("later", "sooner").
    method
        Of the interval of its mean: "skewed" for waits and other figures with a long tail.
    signed
        Whether it may be below 0.

    Returns
    -------
    callable
        A decorator. The function takes the records of a replication and its scenario, and returns a number.

    Raises
    ------
    PluginError
        With everything that is wrong with the name or the words, or if the name is taken.
    """
    wrong = list(_wrong(name, unit, label, definition, group, better, method))
    if wrong:
        raise PluginError(*(f"the key figure {name!r}: {each}" for each in wrong))

    def registered(function: Function) -> OwnKpi:
        def value(q: Quantities) -> float:
            return _number(name, unit, q, function, signed=signed)

        figure = Kpi(
            name=name,
            unit=unit,
            group=group,
            label=label,
            definition=definition,
            better=better,
            absent=absent,
            value=value,
            subject=subject or label[:1].lower() + label[1:],
            more_less=more_less,
            method=method,
            signed=signed,
        )
        own = OwnKpi(figure, function)
        plugins.register(plugins.KPIS, name, Registered(own, function.__module__, version_of(function)))
        return own

    return registered


def _wrong(
    name: str, unit: str, label: str, definition: str, group: str, better: str | None, method: str
) -> list[str]:
    """List what is wrong with the name and the words of a figure."""
    wrong = []
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        wrong.append("a name consists of 2 to 60 small letters, digits and _, and begins with a letter")
    elif name in Targets.model_fields:
        wrong.append("simclinic has a figure, or a limit, of that name")
    for what, text in (("unit", unit), ("label", label), ("definition", definition)):
        if not isinstance(text, str) or not text.strip() or not text.isprintable() or len(text) > _WORDS:
            wrong.append(f"{what} must be a line of at most {_WORDS} printable characters")
    if group not in GROUPS:
        wrong.append(f"group must be one of {', '.join(GROUPS)}")
    if better not in (None, "higher", "lower"):
        wrong.append('better must be "higher", "lower" or None')
    if method not in ("student", "skewed"):
        wrong.append('method must be "student" or "skewed"')
    return wrong


def _number(name: str, unit: str, q: Quantities, function: Function, *, signed: bool) -> float:
    """Compute a figure, and check that it is a number of its unit."""
    who = f"the key figure {name!r} of {plugins.supplier(plugins.KPIS, name)}"
    try:
        found: object = function(q[RECORDS], q[SCENARIO])
    except Exception as error:
        raise PluginError(f"{who} failed: {type(error).__name__}: {error}") from error
    if isinstance(found, bool) or not isinstance(found, numbers.Real):
        raise PluginError(f"{who} returned {type(found).__name__}, not a number (NaN where there is none)")
    value = float(found)
    if math.isinf(value):
        raise PluginError(f"{who} returned {value}: return NaN where there is no figure")
    if unit == "share" and not (math.isnan(value) or 0 <= value <= 1):
        raise PluginError(f"{who} returned {value:g}: a share lies between 0 and 1")
    if not signed and value < 0:
        raise PluginError(
            f"{who} returned {value:g}: it is below 0; register it with signed=True if it may be"
        )
    return value


def own_kpi(name: str) -> Kpi:
    """Return a key figure that is registered, or that an installed package offers.

    Raises
    ------
    PluginError
        If there is none of that name, or it is no key figure.
    """
    found = plugins.load(plugins.KPIS, name)
    if not isinstance(found, OwnKpi) or found.figure.name != name:
        other = f" but {found.figure.name!r}" if isinstance(found, OwnKpi) else ""
        raise PluginError(
            f"the key figure {name!r} of {plugins.supplier(plugins.KPIS, name)} is none{other}: decorate a "
            f"function with simclinic.kpi({name!r}, ...)"
        )
    return found.figure
