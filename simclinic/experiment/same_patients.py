"""What plans of a study share that have the same patients: it is computed for the first of them.

Replication 7 of each plan has the same patients with the same random numbers. Some of what is computed from them
depends neither on chairs nor on nurses, on prices or on targets: the controls, and the past of a steady start to
which competition adds the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from simclinic.past.dates import Dates
from simclinic.past.past import Competition
from simclinic.sampling.draws import Begun
from simclinic.scenario import Scenario

_PASTS = 2


@dataclass(frozen=True, slots=True)
class Patients:
    """A scenario, equal to all that have the same patients.

    Attributes
    ----------
    settings
        All that patients could depend on.
    scenario
        The scenario.
    """

    settings: tuple[object, ...]
    scenario: Scenario = field(compare=False)

    @classmethod
    def of(cls, scenario: Scenario) -> Patients:
        """Leave out chairs, nurses, prices, targets and the number of replications."""
        run = scenario.run.model_copy(update={"replications": 1})
        clinic = scenario.clinic.model_copy(update={"chairs": 1})
        referred = scenario.demand, scenario.intake, scenario.changes
        visits = scenario.protocols, scenario.booking, scenario.attendance, scenario.visit, scenario.visits
        follows = scenario.response, scenario.relapse, scenario.boosters
        return cls((run, clinic, *referred, *visits, *follows), scenario)


class Beginnings:
    """Beginnings of replications that scenarios with the same past share, for the last few pasts."""

    def __init__(self) -> None:
        self._begun: OrderedDict[tuple[Hashable, ...], Begun] = OrderedDict()

    def of(self, scenario: Scenario, dates: Dates, competition: Competition) -> Begun:
        """Return those of one past.

        Parameters
        ----------
        scenario, dates, competition
            As for :class:`simclinic.past.past.Past`.
        """
        key = Patients.of(scenario), dates.weeks, dates.by_plan, competition
        begun = self._begun.setdefault(key, Begun())
        self._begun.move_to_end(key)
        if len(self._begun) > _PASTS:
            self._begun.popitem(last=False)
        return begun
