"""The figures of one replication, measured from its three tables.

The sections follow the patient pathway: access, the series, the visit, boosters, the team, money. Most figures are
sums over the weekly table, so that the table and the key figures cannot disagree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from simclinic.arrays import Integers
from simclinic.measures.access import access
from simclinic.measures.at_once import WAITING, at_once, average
from simclinic.measures.boosters import boosters, ramp
from simclinic.measures.full import served
from simclinic.measures.groups import ROLE, VISIT, by_group, part_of, roles_in_use, weekly_columns
from simclinic.measures.in_use import InUse, of_role
from simclinic.measures.kpis import KPIS, figures_of
from simclinic.measures.money import money, pay
from simclinic.measures.not_rostered import NOT_ROSTERED, has_roles_by_number, not_rostered
from simclinic.measures.own import RECORDS, SCENARIO
from simclinic.measures.profile import profile
from simclinic.measures.section import Weekly
from simclinic.measures.separate_starts import has_separate_starts, separate_starts
from simclinic.measures.series import series
from simclinic.measures.staffing import staffing
from simclinic.measures.visits import delayed, visits
from simclinic.measures.waits import waits
from simclinic.measures.weeks import WEEKS, weekly
from simclinic.measures.window import Window
from simclinic.planning.timetable import Timetable
from simclinic.records import Records
from simclinic.scenario import Scenario
from simclinic.scenario.targets import target_minutes
from simclinic.scenario.visit import CHAIR, NURSE


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one replication.

    Attributes
    ----------
    kpis
        Every key figure of :data:`~simclinic.measures.kpis.KPIS`, in its order, and the scenario's own; NaN where
        there is none.
    weeks
        One row for each measured week; see :data:`~simclinic.measures.weeks.WEEKS`.
    profile
        One row for each weekday and hour; see :data:`~simclinic.measures.profile.PROFILE`.
    ramp
        Boosters completed in every simulated week, warm-up included, from the first simulated day on.
    waits
        How new patients' waits end, by days waited; see :func:`~simclinic.measures.waits.waits`.
    at_once
        Shares of time with so many in use or waiting; see :func:`~simclinic.measures.at_once.at_once`.
    """

    kpis: dict[str, float]
    weeks: Weekly = field(repr=False)
    profile: Weekly = field(repr=False)
    ramp: Integers = field(repr=False)
    waits: Weekly = field(repr=False)
    at_once: Weekly = field(repr=False)

    @property
    def reasons(self) -> dict[str, str]:
        """Return the reason, in plain words, for each key figure that could not be computed."""
        return {name: KPIS[name].absent for name, value in self.kpis.items() if math.isnan(value)}


def measure(records: Records, scenario: Scenario, timetable: Timetable | None = None) -> Measured:
    """Compute every figure of one replication.

    Parameters
    ----------
    records
        The three tables of the replication.
    scenario
        The scenario that was simulated.
    timetable
        That of the simulation; None: it is computed where figures need it.

    Raises
    ------
    ValueError
        If the measured days are not whole weeks.
    """
    window = Window.of(records)
    nurses = of_role(records, scenario, NURSE)
    in_use = InUse.of(nurses, scenario, window)
    sections = [
        access(records, scenario, window),
        series(records, scenario, window),
        visits(records, window),
        boosters(records, window),
        served(records, scenario, window),
        staffing(nurses, in_use, window),
    ]
    counted = weekly(sections, window)
    roles = roles_in_use(records, scenario, window)
    numbers = at_once(records, scenario, window, in_use, roles)
    parts = by_group(records, scenario, window, roles, numbers)
    quantities: dict[str, Any] = {}
    if has_separate_starts(scenario):
        lost = separate_starts(records, scenario, timetable or _timetable(records, scenario))
        for kind, each in zip(scenario.visit_types, lost, strict=True):
            parts[VISIT, kind] |= each
        quantities |= {name: sum(each[name] for each in lost) for name in lost[0]}
    if has_roles_by_number(scenario):
        quantities[NOT_ROSTERED] = not_rostered(records, scenario, window)
    priced = money(counted, scenario, parts)
    columns = counted | priced.weeks
    quantities |= columns
    for section in sections:
        quantities |= section.quantities
    quantities |= {
        RECORDS: records,
        SCENARIO: scenario,
        "delayed": delayed(records, window, target_minutes(scenario.targets)),
        "queue_length": average(numbers, WAITING, CHAIR),
    }
    if len(scenario.staff) > 1:
        parts[ROLE, NURSE] = {**counted}
        for role in scenario.staff:
            parts[ROLE, role]["cost"] = pay(role, parts[ROLE, role], scenario)
    return Measured(
        kpis={
            name: KPIS[name].value(quantities if (part := part_of(name)) is None else parts[part])
            for name in figures_of(scenario)
        },
        weeks={name: columns[name] for name in WEEKS}
        | {name: parts[part][column] for name, (part, column) in weekly_columns(scenario).items()},
        profile=profile(
            records, in_use, window, roles, {name: place.number for name, place in scenario.places.items()}
        ),
        ramp=ramp(records),
        waits=waits(records, scenario),
        at_once=numbers,
    )


def _timetable(records: Records, scenario: Scenario) -> Timetable:
    """Compute the timetable of a simulation, which may have gone on after the measured weeks."""
    weeks = (int(records.days["day"].max(initial=-1)) + 1) // 7
    return Timetable(scenario.model_copy(update={"run": scenario.run.model_copy(update={"weeks": weeks})}))
