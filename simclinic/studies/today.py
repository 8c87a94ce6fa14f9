"""Studies that begin with today's patients: without a warm-up, on the day of the panel.

All scenarios of a study begin on the same day with the same patients; plans change only what happens afterwards.
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
from simclinic.scenario.panel import Panel, read_panel, scenario_contradictions, start_contradictions
from simclinic.scenario.run import RunSettings
from simclinic.studies.overbooking import overbooking_warnings

_OLD = 14
"""Days since the last date in a panel after which it is probably out of date."""


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a study.

    Attributes
    ----------
    scenarios
        The scenarios, set to begin with the panel if there is one.
    panel
        Today's patients; None: studies begin as the scenarios say.
    arguments
        Additions to the arguments of a command, for the manifest.
    """

    scenarios: tuple[Scenario, ...]
    panel: Panel | None = None
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PanelChoice:
    """Options about today's patients.

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
            One or more; patients without a protocol in the file get the usual one of the first scenario.

        Raises
        ------
        SimclinicError
            If the panel cannot be read, or contradicts a scenario.
        """
        panel = read_panel(self.path, scenarios[0])
        started = begin_with_panel(scenarios, panel, as_of=self.as_of, uncertain=self.uncertain)
        day = started[0].run.start.isoformat()
        return Start(started, panel, {"panel": self.path.name, "as_of": day, "uncertain": self.uncertain})


def begin_with_panel(
    scenarios: Sequence[Scenario],
    panel: Panel,
    *,
    as_of: dt.date | None = None,
    uncertain: bool = False,
    run: RunSettings | None = None,
) -> tuple[Scenario, ...]:
    """Set scenarios to begin with a panel, all on the same day.

    Parameters
    ----------
    scenarios
        One or more scenarios.
    panel
        Today's patients.
    as_of
        The first day; by default as for :func:`default_day`.
    uncertain
        Whether estimated settings are drawn anew in each replication; otherwise they are used as given.
    run
        Other settings of `run` to change.

    Raises
    ------
    SimclinicError
        If the panel contradicts the day or a scenario, with all contradictions.
    ScenarioError
        If a setting is not valid.
    """
    if as_of is None:
        as_of = default_day(scenarios[0], panel)
    contradictions = list(start_contradictions(panel, as_of))
    contradictions += [text for scenario in scenarios for text in scenario_contradictions(scenario, panel)]
    if contradictions:
        raise SimclinicError(*dict.fromkeys(contradictions))
    return tuple(_started(scenario, as_of, uncertain, run or {}) for scenario in scenarios)


def default_day(scenario: Scenario, panel: Panel) -> dt.date:
    """Return the first day of a study that begins with a panel, where the user gives none.

    The panel of a calibration is as of the day of that calibration. Any other is taken as the list of the morning
    on which the clinic opens for the first time after the last date in the panel's past; a day with an
    appointment counts as open. Without such a date it is the scenario's own first day.
    """
    past = panel.last_past
    if past is None:
        return scenario.run.start
    first, booked = past + dt.timedelta(days=1), panel.first_appointment
    calibrated = scenario.calibrated
    if (
        calibrated is not None
        and calibrated.patients == len(panel.patients)
        and first <= calibrated.as_of <= (booked or calibrated.as_of)
    ):
        return calibrated.as_of
    days = (first + dt.timedelta(days=number) for number in range(7))
    return next((day for day in days if day == booked or not scenario.at(day).idle(day)), first)


def _started(scenario: Scenario, day: dt.date, uncertain: bool, run: RunSettings) -> Scenario:
    return replace(
        scenario,
        run={"start": day, "begin": "empty", "warm_up_weeks": 0, **run},
        demand={"growth_from": scenario.demand.growth_from or scenario.run.start},
        uncertainty=None if uncertain else {},
    )


def panel_count(panel: Panel) -> PanelCount:
    """Count today's patients by stage."""
    count = PanelCount(
        patients=len(panel.patients),
        waiting=panel.count("waiting"),
        series=panel.count("series"),
        maintained=panel.count("maintained"),
    )
    if consults := panel.count("consult"):
        count["consult"] = consults
    return count


def panel_start(scenario: Scenario, panel: Panel) -> PanelStart:
    """Describe the start of a study whose scenario is set to begin with a panel."""
    return PanelStart(
        **panel_count(panel),
        hash=panel.fingerprint,
        as_of=scenario.run.start.isoformat(),
        uncertain=uncertain_settings(scenario),
    )


def uncertain_settings(scenario: Scenario) -> list[str]:
    """List the settings that are drawn anew in each replication of a study with a panel."""
    return sorted(setting for entry in scenario.uncertainty.values() for setting in entry.settings)


def empty_start_warnings(scenario: Scenario) -> Iterator[str]:
    """Warn that the simulation of a calibrated clinic began without its patients."""
    calibrated = scenario.calibrated
    if calibrated is None:
        return
    before = scenario.run.warm_up_weeks
    began = "an empty clinic"
    if scenario.run.begin == "steady":
        began = "the clinic to which these estimates lead after many years" + ("," if before else "")
    when = f" {counted(before, 'week')} before the first measured one" if before else ""
    yield (
        f"the simulation began with {began}{when}; at its calibration the clinic had "
        f"{counted(calibrated.patients, 'patient')} on {calibrated.as_of.isoformat()} and gave about "
        f"{plain(calibrated.boosters_per_week, 1)} boosters a week in the weeks before. --panel begins with those "
        "patients"
    )


def start_warnings(scenario: Scenario, panel: Panel) -> Iterator[str]:
    """Yield warnings about a start with a panel: about the plan, and about the panel itself."""
    yield from overbooking_warnings(scenario, panel)
    yield from panel_warnings(scenario.run.start, panel)


def panel_warnings(start: dt.date, panel: Panel) -> Iterator[str]:
    """Yield warnings about a panel that do not depend on the plan."""
    if not panel.patients:
        yield "the panel is empty: the simulated clinic begins today"
    last = panel.last_past
    if last is None:
        return
    days = (start - last).days - 1
    if days > _OLD:
        yield (
            f"the panel has no date in the {days:,} days before {start.isoformat()} (the last is "
            f"{last.isoformat()}): it is used as the list of that morning, as if no patient had come since"
        )
