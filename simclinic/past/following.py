"""How the patients of the past are followed: all together, one infusion after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Bools, Floats, Integers
from simclinic.past.dates import Dates
from simclinic.past.programme import Programme
from simclinic.past.states import States
from simclinic.past.visits import Runs, Visits
from simclinic.sampling.people import PeopleOfMany
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws


class Added(NamedTuple):
    """What competition adds to the visits of the past.

    Attributes
    ----------
    turned_away
        Share of walk-in visits that end without an infusion, because the patient leaves the queue.
    longer_days
        Days by which a visit ends later than one of mean length at the mean time of day; negative: sooner.
    delay_days
        Days by which a booster that is booked comes later.
    """

    turned_away: float
    longer_days: float
    delay_days: float


class Following(Protocol):
    """Follows patients through their series and boosters, without competition for starts."""

    def series(
        self,
        rows: Integers,
        ahead: npt.NDArray[np.int64],
        since: Floats,
        remaining: Integers,
        ends_after: Integers,
    ) -> Runs:
        """Follow series to their end, or to the end of the past; see :class:`~simclinic.past.visits.Visits`."""
        ...

    def programme(self, laws: Laws, rows: Integers, uptake: Bools) -> None:
        """Follow patients with the same laws; see :meth:`simclinic.past.programme.Programme.live`.

        Parameters
        ----------
        laws
            Those of these patients.
        rows, uptake
            The patients, whose series helped, and whether each takes up boosters, shape (n,).
        """
        ...


Follow: TypeAlias = Callable[[Scenario, Dates, PeopleOfMany, States, Added], Following]
"""Begins to follow patients: in a clinic, by its calendar, with their random numbers and states."""


class Together:
    """Follows all patients together, with arrays that have a place for each; it is a :class:`Following`.

    Parameters
    ----------
    scenario, dates, people, states, added
        See :data:`Follow`.
    """

    def __init__(
        self, scenario: Scenario, dates: Dates, people: PeopleOfMany, states: States, added: Added
    ) -> None:
        self._clinic = scenario, dates, people
        self._states = states
        self._delay = added.delay_days
        self._visits = Visits(scenario, dates, people, added.turned_away, added.longer_days)

    def series(
        self,
        rows: Integers,
        ahead: npt.NDArray[np.int64],
        since: Floats,
        remaining: Integers,
        ends_after: Integers,
    ) -> Runs:
        """Follow series to their end, or to the end of the past."""
        _, _, people = self._clinic
        none = np.zeros_like(rows)

        def comes(some: Integers, number: Integers, attempt: Integers) -> Floats:
            u: Floats = people.uniform(["induction/attendance"], some, number, attempt)[0]
            return u

        return self._visits.follow(
            "induction",
            rows,
            self._states.protocol[rows],
            ahead,
            since,
            none,
            none,
            remaining,
            ends_after,
            comes,
        )

    def programme(self, laws: Laws, rows: Integers, uptake: Bools) -> None:
        """Follow patients with the same laws from the end of a series that helped."""
        scenario, dates, people = self._clinic
        Programme(scenario, laws, dates, people, self._visits, self._states, self._delay).live(rows, uptake)
