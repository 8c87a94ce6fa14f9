"""The hash of a scenario: the same for the same settings, however the file was written."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from simclinic.scenario.laws import NAMES
from simclinic.scenario.run import RunSettings
from simclinic.scenario.scenario import Scenario
from simclinic.scenario.section import Raw
from simclinic.scenario.tables import as_tables
from simclinic.scenario.targets import DAYS, MINUTES, Targets, bound, target_days, target_minutes

_DECIDES_NOTHING = ("calibrated", "targets")
"""Sections that change no simulation and, except for two limits, no table."""


def scenario_hash(scenario: Scenario, run: RunSettings | None = None) -> str:
    """Compute the SHA-256 of a scenario, in hexadecimal.

    Every setting counts, replayed referrals included, and so does the order of steps. Comments, the order of other
    tables, whether defaults are written out, and the spelling of changes do not count. Neither do sections that
    only affect verdicts and warnings, nor whether a protocol repeats what the scenario says of all.

    Parameters
    ----------
    scenario
        The scenario.
    run
        Settings that replace the scenario's own in `run`: studies that differ in nothing else have the same hash.
    """
    tables = as_tables(scenario)
    tables["run"] |= run or {}
    del tables["run"]["engine"]  # all engines give the same tables
    for name in _DECIDES_NOTHING:
        tables.pop(name, None)
    if not scenario.own.kpis:  # a scenario without any is the one that it was before there were any
        del tables["own"]
    late = bound(scenario.targets.booster_wait_days)
    if late != bound(Targets().booster_wait_days):  # the weekly table counts boosters that are too late
        tables["targets"] = {"booster_wait_days": late}
    in_time = target_days(scenario.targets)
    if in_time != DAYS:  # one key figure counts patients who begin in time
        tables["targets"] = tables.get("targets", {}) | {"access_days_p90": in_time}
    in_minutes = target_minutes(scenario.targets)
    if in_minutes != MINUTES:  # another one counts patients who wait for longer
        tables["targets"] = tables.get("targets", {}) | {"wait_minutes_p90": in_minutes}
    for name, laws in scenario.laws.items():
        for section, whole in zip(NAMES, laws, strict=True):
            tables["protocols"][name].pop(section, None)
            if whole != getattr(scenario, section):
                tables["protocols"][name][section] = as_tables(whole)
    by_visit = {name: target_days(scenario.targets, visit) for name, visit in scenario.targets.visits.items()}
    if own_days := {name: days for name, days in by_visit.items() if days != in_time}:
        tables["targets"] = tables.get("targets", {}) | {"visits": own_days}
    waits = {name: target_minutes(scenario.targets, visit) for name, visit in scenario.targets.visits.items()}
    if own_minutes := {name: minutes for name, minutes in waits.items() if minutes != in_minutes}:
        tables["targets"] = tables.get("targets", {}) | {"visit_minutes": own_minutes}
    for visit in (tables["visit"], *tables.get("visits", {}).values()):
        visit["steps"] = list(visit["steps"].items())
    tables["changes"] = [
        {
            "since": date,
            **as_tables({"clinic": now.clinic, "shifts": now.shifts, "demand": now.demand}),
        }
        for date in scenario.change_dates
        for now in [scenario.at(date)]
    ]
    canonical = json.dumps(_plain(tables), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: Raw) -> Raw:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return value + 0.0  # -0.0 equals 0.0
    return value
