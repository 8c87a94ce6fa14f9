"""Beginning a study with today's patients: no warm-up, and the first measured day is the panel's.

All scenarios of a study begin on one day with the same patients; what a plan changes is what comes after.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simclinic.errors import SimclinicError
from simclinic.report.text.numbers import plain
from simclinic.report.text.words import counted
from simclinic.results.document import PanelCount, PanelStart
from simclinic.scenario import Scenario, replace
from simclinic.scenario.panel import Panel, begins_after, read_panel, unknown_to
from simclinic.scenario.run import RunSettings
from simclinic.studies.overbooking import overbooked

_OLD = 14
"""Days without anything in a list of patients after which it is hardly one of today."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a study begins with.

    Attributes
    ----------
    scenarios
        Set to begin with the panel, if there is one; otherwise as they were.
    panel
        Today's patients; None: an empty clinic.
    arguments
        What to add to the arguments of a command, for the manifest.
    """

    scenarios: tuple[Scenario, ...]
    panel: Panel | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PanelChoice:
    """What somebody says of today's patients.

    Attributes
    ----------
    path
        The panel file.
    as_of, uncertain
        As for :func:`beginning`.
    """

    path: Path
    as_of: dt.date | None = None
    uncertain: bool = False

    def start(self, scenarios: Sequence[Scenario]) -> Start:
        """Set scenarios to begin with these patients.

        Parameters
        ----------
        scenarios
            One or more; where the file names no protocol, the usual one of the first holds.

        Raises
        ------
        SimclinicError
            If the panel cannot be read, or does not fit.
        """
        panel = read_panel(self.path, scenarios[0])
        begun = beginning(scenarios, panel, as_of=self.as_of, uncertain=self.uncertain)
        day = begun[0].run.start.isoformat()
        return Start(begun, panel, {"panel": self.path.name, "as_of": day, "uncertain": self.uncertain})


def beginning(
    scenarios: Sequence[Scenario],
    panel: Panel,
    *,
    as_of: dt.date | None = None,
    uncertain: bool = False,
    run: RunSettings | None = None,
) -> tuple[Scenario, ...]:
    """Set scenarios to begin with a panel, all on one day.

    Parameters
    ----------
    scenarios
        One or more.
    panel
        Today's patients.
    as_of
        The first day; by default the day after the last date in the panel's past.
    uncertain
        Whether estimated settings are drawn anew in each replication; otherwise they are taken for certain.
    run
        Other settings of `run` to change.

    Raises
    ------
    SimclinicError
        If the panel contradicts the day or a scenario, with everything that does.
    ScenarioError
        If a setting cannot be.
    """
    if as_of is None:
        past = panel.last_past
        as_of = scenarios[0].run.start if past is None else past + dt.timedelta(days=1)
    wrong = list(begins_after(panel, as_of))
    wrong += [told for scenario in scenarios for told in unknown_to(scenario, panel)]
    if wrong:
        raise SimclinicError(*dict.fromkeys(wrong))
    return tuple(_begun(scenario, as_of, uncertain, run or {}) for scenario in scenarios)


def _begun(scenario: Scenario, day: dt.date, uncertain: bool, run: RunSettings) -> Scenario:
    return replace(
        scenario,
        run={"start": day, "warm_up_weeks": 0, **run},
        demand={"growth_from": scenario.demand.growth_from or scenario.run.start},
        uncertainty=None if uncertain else {},
    )


def counted_panel(panel: Panel) -> PanelCount:
    """Count today's patients by how far they have come."""
    return PanelCount(
        patients=len(panel.patients),
        waiting=panel.count("waiting"),
        series=panel.count("series"),
        maintained=panel.count("maintained"),
    )


def panel_start(scenario: Scenario, panel: Panel) -> PanelStart:
    """Say what a study of a scenario, set to begin with a panel, begins with."""
    return PanelStart(
        **counted_panel(panel),
        hash=panel.fingerprint,
        as_of=scenario.run.start.isoformat(),
        uncertain=uncertain_settings(scenario),
    )


def uncertain_settings(scenario: Scenario) -> list[str]:
    """List the settings that are drawn anew in each replication that begins with a panel."""
    return sorted(setting for entry in scenario.uncertainty.values() for setting in entry.settings)


def began_empty(scenario: Scenario) -> Iterator[str]:
    """Say that a calibrated clinic was simulated from an empty one, where its own patients were meant."""
    known = scenario.calibrated
    if known is None:
        return
    before = scenario.run.warm_up_weeks
    when = f" {counted(before, 'week')} before the first measured one" if before else ""
    yield (
        f"the simulation began with an empty clinic{when}; the clinic that was calibrated had "
        f"{counted(known.patients, 'patient')} on {known.as_of.isoformat()} and gave "
        f"about {plain(known.boosters_per_week, 1)} boosters a week in the weeks before. --panel begins with those "
        "patients"
    )


def remarks(scenario: Scenario, panel: Panel) -> Iterator[str]:
    """Say what must be known of a start with a panel: of the plan it meets, and of the panel itself."""
    yield from overbooked(scenario, panel)
    yield from of_panel(scenario.run.start, panel)


def of_panel(start: dt.date, panel: Panel) -> Iterator[str]:
    """Say what must be known of a panel, whatever the plan."""
    if not panel.patients:
        yield "the panel is empty: what is simulated is a clinic that begins today"
    last = panel.last_past
    if last is None:
        return
    days = (start - last).days - 1
    if days > _OLD:
        yield (
            f"nothing in the panel has happened in the {days:,} days before {start.isoformat()} (the last date is "
            f"{last.isoformat()}): it is taken for a list of that morning, on which nobody has come since"
        )
