"""Starts that are kept for boosters: a scenario's own share, or a booking rule of another package.

A rule is a function of the weekday, of how many days ahead the day is, and of how many starts it has. It returns
how many of them no series may take yet. A booster may take any start.
"""

from __future__ import annotations

import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass

from simclinic import plugins
from simclinic.plugins import PluginError, Registered
from simclinic.scenario.booking import Booking
from simclinic.scenario.hours import WEEKDAYS
from simclinic.scenario.schedules import version_of

Rule = Callable[[str, int, int], int]
"""Starts kept for boosters, from the weekday ("mon"), the days ahead (0: today), and the starts of the day."""

_NAME = re.compile(r"[a-z][a-z0-9-]{1,59}")


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A registered booking rule.

    Attributes
    ----------
    name
        As scenarios name it.
    rule
        Its function.
    """

    name: str
    rule: Rule

    def __call__(self, weekday: int, ahead: int, starts: int) -> int:
        """Return how many starts of a day are kept for boosters.

        Parameters
        ----------
        weekday
            0 for Monday.
        ahead
            Days from the day of booking.
        starts
            Starts of the day.

        Raises
        ------
        PluginError
            If the function fails, or returns no number of starts of the day.
        """
        who = f"the booking rule {self.name!r} of {plugins.supplier(plugins.BOOKING, self.name)}"
        at = f"for {WEEKDAYS[weekday]}, {ahead} days ahead, of {starts} starts"
        try:
            found: object = self.rule(WEEKDAYS[weekday], ahead, starts)
        except Exception as error:
            raise PluginError(f"{who} failed {at}: {type(error).__name__}: {error}") from error
        if isinstance(found, bool) or not isinstance(found, numbers.Integral):
            raise PluginError(f"{who} returned {type(found).__name__} {at}, not a whole number of starts")
        kept = int(found)
        if not 0 <= kept <= starts:
            raise PluginError(f"{who} returned {kept} {at}: it must be 0 to {starts}")
        return kept


def booking_rule(name: str) -> Callable[[Rule], OwnRule]:
    """Register a booking rule: a function that says how many starts of a day are kept for boosters.

    A scenario uses it by its name: `booking.rule = "my-rule"`. It replaces `booking.booster_reserve` and
    `booking.release_days`.

    Parameters
    ----------
    name
        Small letters, digits and -.

    Returns
    -------
    callable
        A decorator. The function takes the weekday ("mon"), the days from the day of booking (0: today) and the
        number of starts of the day, and returns how many of them no series may take yet. It must return the same
        for the same arguments.

    Raises
    ------
    PluginError
        If the name is no name, or is taken.
    """
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise PluginError(
            f"the booking rule {name!r}: a name consists of 2 to 60 small letters, digits and -, and begins with a "
            "letter"
        )

    def registered(rule: Rule) -> OwnRule:
        own = OwnRule(name, rule)
        plugins.register(plugins.BOOKING, name, Registered(own, rule.__module__, version_of(rule)))
        return own

    return registered


def rule_of(booking: Booking) -> OwnRule | None:
    """Return the booking rule of another package or of a script; None if a scenario has none.

    Raises
    ------
    PluginError
        If there is none of that name, or it is no rule.
    """
    name = booking.rule
    if name is None:
        return None
    found = plugins.load(plugins.BOOKING, name)
    if not isinstance(found, OwnRule) or found.name != name:
        raise PluginError(
            f"the booking rule {name!r} of {plugins.supplier(plugins.BOOKING, name)} is none: decorate a function "
            f"with simclinic.booking_rule({name!r})"
        )
    return found
