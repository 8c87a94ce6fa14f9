"""When boosters are due: by a scenario's own schedule, or by a booster policy of another package.

A policy is a function of what a clinic knows of a patient when a booster course (or the series) ends: how many
courses the patient has had, and how many relapses. It returns the weeks to the next course. So it is the same in
the simulation, in the years before it, and on paper.

>>> from simclinic.scenario import baseline, replace
>>> tapers = replace(baseline(), boosters={"policy": "scheduled", "every_weeks": [2, 4]})
>>> [schedule_of(tapers.boosters).weeks(courses, 0) for courses in range(3)]
[2.0, 4.0, 4.0]
"""

from __future__ import annotations

import hashlib
import inspect
import marshal
import math
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simclinic import plugins
from simclinic.arrays import Floats, Integers
from simclinic.plugins import PluginError, Registered
from simclinic.scenario.boosters import BUILT_IN, LEAST_WEEKS, MOST_WEEKS, Boosters
from simclinic.scenario.distributions import AnyDistribution, typical

Rule = Callable[[int, int], float]
"""Weeks to the next booster course, from the courses so far (0 after the series) and the relapses so far."""

LEAST, MOST = float(LEAST_WEEKS), float(MOST_WEEKS)
"""Bounds of the weeks to a booster."""

_NAME = re.compile(r"[a-z][a-z0-9-]{1,59}")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When boosters are due.

    Attributes
    ----------
    weeks
        Weeks to the next course, from the courses and the relapses so far; a typical value where they are drawn.
    on_request
        Whether patients may come earlier, after a relapse.
    shortest
        The fewest weeks between two courses.
    laws
        For each number of courses so far the distribution from which the weeks to the next course are drawn, None
        where they are fixed; the last repeats. Empty: all are fixed.
    """

    weeks: Rule
    on_request: bool
    shortest: float
    laws: tuple[AnyDistribution | None, ...] = ()

    def law(self, courses: int) -> AnyDistribution | None:
        """Return the distribution of the weeks to the next course; None: they are fixed."""
        return self.laws[min(courses, len(self.laws) - 1)] if self.laws else None

    def weeks_of(self, courses: Integers, relapses: Integers) -> Floats:
        """Compute the weeks of many patients, shape (n,)."""
        pairs, place = np.unique(np.stack((courses, relapses)), axis=1, return_inverse=True)
        found = [self.weeks(course, relapse) for course, relapse in pairs.T.tolist()]
        return np.array(found, dtype=np.float64)[place.reshape(-1)]


@dataclass(frozen=True, slots=True)
class OwnPolicy:
    """A registered booster policy.

    Attributes
    ----------
    name
        As scenarios name it.
    rule
        Its function.
    on_request
        Whether patients may come earlier, after a relapse.
    """

    name: str
    rule: Rule
    on_request: bool

    def __call__(self, courses: int, relapses: int) -> float:
        """Return the weeks to the next course.

        Raises
        ------
        PluginError
            If the function fails, or returns no number of weeks.
        """
        who = f"the booster policy {self.name!r} of {plugins.supplier(plugins.POLICIES, self.name)}"
        after = f"after {courses} courses and {relapses} relapses"
        try:
            found: object = self.rule(courses, relapses)
        except Exception as error:
            raise PluginError(f"{who} failed {after}: {type(error).__name__}: {error}") from error
        if isinstance(found, bool) or not isinstance(found, numbers.Real):
            raise PluginError(f"{who} returned {type(found).__name__} {after}, not a number of weeks")
        weeks = float(found)
        if math.isnan(weeks) or not LEAST <= weeks <= MOST:
            raise PluginError(f"{who} returned {weeks:g} {after}: it must be {LEAST:g} to {MOST:g} weeks")
        return weeks


def policy(name: str, *, on_request: bool) -> Callable[[Rule], OwnPolicy]:
    """Register a booster policy: a function that says when a patient's next booster is due.

    A scenario uses it by its name: `boosters.policy = "my-policy"`.

    Parameters
    ----------
    name
        Small letters, digits and -.
    on_request
        Whether patients may come earlier, after a relapse.

    Returns
    -------
    callable
        A decorator. The function takes the number of booster courses that a patient has had (0 after the series)
        and the number of relapses so far, and returns the weeks to the next course, from 1 to 520. It must return
        the same for the same numbers.

    Raises
    ------
    PluginError
        If the name is no name, or is taken.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise PluginError(
            f"the booster policy {name!r}: a name consists of 2 to 60 small letters, digits and -, and begins with "
            "a letter"
        )
    if name in BUILT_IN:
        raise PluginError(f"the booster policy {name!r}: simclinic has a policy of that name")

    def registered(rule: Rule) -> OwnPolicy:
        own = OwnPolicy(name, rule, on_request)
        plugins.register(plugins.POLICIES, name, Registered(own, rule.__module__, version_of(rule)))
        return own

    return registered


def version_of(function: Callable[..., object]) -> str:
    """Return an identifier of a function's code: a hash of its source, or of its byte code without one."""
    try:
        code = inspect.getsource(function).encode()
    except (OSError, TypeError):
        compiled = getattr(function, "__code__", None)
        code = repr(function).encode() if compiled is None else marshal.dumps(compiled)
    return f"source {hashlib.sha256(code).hexdigest()[:12]}"


def own_policy(name: str) -> OwnPolicy:
    """Return a booster policy that is registered, or that an installed package offers.

    Raises
    ------
    PluginError
        If there is none of that name, or it is no policy.
    """
    found = plugins.load(plugins.POLICIES, name)
    if not isinstance(found, OwnPolicy) or found.name != name:
        raise PluginError(
            f"the booster policy {name!r} of {plugins.supplier(plugins.POLICIES, name)} is none: decorate a "
            f"function with simclinic.policy({name!r}, ...)"
        )
    return found


def schedule_of(boosters: Boosters) -> Schedule | None:
    """Return when boosters are due; None if patients come as needed.

    Raises
    ------
    PluginError
        If the policy of another package cannot be used.
    """
    if boosters.policy == "as-needed":
        return None
    if boosters.policy in BUILT_IN:
        laws = tuple(_limited(each) for each in boosters.every_weeks)
        weeks = [each if isinstance(each, int) else typical(each) for each in boosters.every_weeks]
        shortest = [
            each if isinstance(each, int) else max(LEAST, each.lowest) for each in boosters.every_weeks
        ]

        def by_list(courses: int, _: int) -> float:
            return float(weeks[min(courses, len(weeks) - 1)])

        return Schedule(by_list, boosters.policy == "both", float(min(shortest)), laws if any(laws) else ())
    own = own_policy(boosters.policy)
    return Schedule(own, own.on_request, LEAST)


def _limited(law: int | AnyDistribution) -> AnyDistribution | None:
    """Limit a distribution of weeks; None for a number."""
    if isinstance(law, int):
        return None
    least = LEAST if law.at_least is None else max(law.at_least, LEAST)
    most = MOST if law.at_most is None else min(law.at_most, MOST)
    limited: AnyDistribution = law.model_copy(
        update={"at_least": min(least, MOST), "at_most": max(most, LEAST)}
    )
    return limited
