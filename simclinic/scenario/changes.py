"""Changes at a date: a nurse hired in March, a fourth chair in June.

```toml
[changes."2026-06-01"]
"clinic.chairs" = 4
"shifts.day.nurses" = 3
```

Only the clinic, the shifts and the demand can change. Changes accumulate: settings that June does not name stay as
March left them. The sections in force on a date form a :class:`Situation`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import PlainSerializer, TypeAdapter, ValidationError

from simclinic.scenario.addresses import address as address_of
from simclinic.scenario.addresses import address_parts
from simclinic.scenario.clinic import Clinic
from simclinic.scenario.demand import Demand
from simclinic.scenario.draft import Draft, Layer
from simclinic.scenario.hours import WEEKDAYS, Weekday
from simclinic.scenario.names import Named
from simclinic.scenario.problems import Broken, Fault, Path, nearest
from simclinic.scenario.rules import violations
from simclinic.scenario.shifts import Shift
from simclinic.scenario.tables import as_tables
from simclinic.scenario.wording import faults_of

KINDS: dict[str, Any] = {"clinic": Clinic, "shifts": Named[Shift], "demand": Demand}
CHANGEABLE = tuple(KINDS)
"""The sections that may change during a simulation."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The sections in force from a date on.

    Attributes
    ----------
    clinic, shifts, demand
        As in the scenario, with all changes up to that date.
    since
        The date; None for the scenario as it begins.
    """

    clinic: Clinic
    shifts: dict[str, Shift]
    demand: Demand
    since: dt.date | None = None

    def idle(self, date: dt.date) -> bool:
        """Return whether nothing happens on a date: no opening hours on it, and nobody is referred.

        Patients may be referred on a holiday, so a holiday is not idle.
        """
        demand = self.demand
        if self.clinic.usual(date) is not None or self.referral_weights(date).get(WEEKDAYS[date.weekday()]):
            return False
        listed = demand.referrals or ()
        return not any((day.date() if isinstance(day, dt.datetime) else day) == date for day in listed)

    def referral_weights(self, date: dt.date) -> Mapping[Weekday, float]:
        """Return the weights by which a week's referrals spread over its weekdays, in the week of a date.

        Without weekday weights all days of that week (Monday to Sunday) on which the clinic usually opens weigh the
        same; if there is none, all weekdays that have hours.
        """
        hours = self.clinic.hours
        if self.demand.weekday_weights:
            return self.demand.weekday_weights
        if all(each.weeks.all for each in hours.values()):
            return dict.fromkeys(hours, 1.0)
        monday = date - dt.timedelta(days=date.weekday())
        opens: dict[Weekday, float] = {
            name: 1.0
            for day, name in enumerate(WEEKDAYS)
            if self.clinic.usual(monday + dt.timedelta(days=day)) is not None
        }
        return opens or dict.fromkeys(hours, 1.0)


def read_changes(table: object) -> object:
    """Check the form of `changes`: dates, and addresses of settings that may change."""
    if not isinstance(table, dict):
        return table
    broken = Broken()
    read = _read(table, broken)
    broken.raise_if_any()
    return read


def well_formed(table: object) -> dict[dt.date, dict[str, Any]]:
    """Return the changes whose dates and addresses are as they must be, so that their values can be checked."""
    return _read(table, Broken()) if isinstance(table, dict) else {}


def _read(table: dict[Any, Any], broken: Broken) -> dict[dt.date, dict[str, Any]]:
    read: dict[dt.date, dict[str, Any]] = {}
    for written, values in table.items():
        try:
            date = written if isinstance(written, dt.date) else dt.date.fromisoformat(written)
        except (TypeError, ValueError):
            broken.add((str(written),), 'must be named by a date, such as [changes."2026-06-01"]')
            continue
        if not isinstance(values, dict):
            broken.add((written,), "must be a table of addresses and values", values)
            continue
        read[date] = {}
        for address, value in _flat(values).items():
            faults = len(broken.faults)
            _check_address(address, (written, address), broken)
            if len(broken.faults) == faults:
                read[date][address] = value
    return read


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Accept `clinic.chairs = 4` without quotes, which TOML reads as nested tables."""
    flat: dict[str, Any] = {}
    for section, value in values.items():
        if section in ("clinic", "demand") and isinstance(value, dict):
            flat.update({f"{section}.{field}": inner for field, inner in value.items()})
        elif section == "shifts" and isinstance(value, dict):
            flat.update({f"shifts.{name}": shift for name, shift in value.items()})
        else:
            flat[section] = value
    return flat


def _check_address(address: str, at: Path, broken: Broken) -> None:
    try:
        parts = address_parts(address)
    except ValueError as error:
        broken.add(at, str(error))
        return
    if parts[0] not in CHANGEABLE:
        rule = "only clinic, shifts and demand can change from a date on"
        broken.faults.append(Fault(at, rule, None, nearest(parts[0], CHANGEABLE)))
    elif len(parts) < 2:
        broken.add(at, "must name what changes, such as clinic.chairs")
    elif parts[:2] in (("demand", "referrals_file"), ("demand", "referrals")):
        broken.add(at, "replayed referrals have dates of their own and cannot change from a date on")


def situations(
    clinic: Clinic,
    shifts: dict[str, Shift],
    demand: Demand,
    changes: Mapping[dt.date, Mapping[str, Any]],
    broken: Broken,
) -> tuple[Situation, ...]:
    """Return the situation from each date on, in order; faults are added to `broken`."""
    result = [Situation(clinic, shifts, demand)]
    if not changes:
        return tuple(result)
    tables = as_tables({"clinic": clinic, "shifts": shifts, "demand": demand})
    told: set[tuple[Path, str]] = set()
    for date in sorted(changes):
        draft = Draft(tables)
        for address, value in changes[date].items():
            draft.put(address_parts(address), value, Layer(address))
        below = ("changes", date.isoformat())
        faults = [
            Fault((*below, layer.name), fault.rule, fault.value, fault.suggestion)
            for layer, fault in draft.faults
        ]
        situation = _validated(draft, date, faults, below, list(changes[date]), told)
        broken.faults.extend(faults)
        if situation is not None:
            result.append(situation)
        tables = draft.tables
    return tuple(result)


def _validated(
    draft: Draft,
    date: dt.date,
    faults: list[Fault],
    below: Path,
    addresses: list[str],
    told: set[tuple[Path, str]],
) -> Situation | None:
    """Validate the sections from a date on; what is wrong since an earlier date has been told there."""
    now = [address_parts(address) for address in addresses]
    told -= {each for each in told if any(each[0][: len(parts)] == parts for parts in now)}
    parts: dict[str, Any] = {}
    for section, kind in KINDS.items():
        try:
            parts[section] = TypeAdapter(kind).validate_python(draft.tables[section])
        except ValidationError as error:
            invalid = faults_of(error, draft.tables[section], KINDS[section], (section,))
            new = [each for fault in invalid if ((each := fault.below((section,))).at, each.rule) not in told]
            told.update((fault.at, fault.rule) for fault in new)
            faults.extend(_placed(fault, below, addresses) for fault in new)
    return Situation(**parts, since=date) if len(parts) == len(CHANGEABLE) else None


def _placed(fault: Fault, below: Path, addresses: list[str]) -> Fault:
    """Move a fault of the changed clinic to the change that caused it."""
    at, rule = below, f"{address_of(fault.at)}: {fault.rule}"
    for address in addresses:
        parts = address_parts(address)
        shared = min(len(parts), len(fault.at))
        if parts[:shared] == fault.at[:shared]:
            within = fault.at[shared:]  # the part of the change's own value that is missing or wrong
            return Fault((*below, address, *within), fault.rule, fault.value, fault.suggestion)
        if parts[:2] == fault.at[:2]:  # another part of the same entry
            at = (*below, address)
    return Fault(at, rule, fault.value, fault.suggestion)


def violations_after(
    sections: Mapping[str, Any],
    situations: Sequence[Situation],
    changes: Mapping[dt.date, Mapping[str, Any]],
) -> list[Fault]:
    """Check the rules between sections at the beginning of the scenario and again after each change."""
    faults = violations(sections)
    reported = {(fault.at, fault.rule) for fault in faults}
    for situation in situations[1:]:
        assert situation.since is not None
        below = ("changes", situation.since.isoformat())
        now = {section: getattr(situation, section) for section in CHANGEABLE}
        for fault in violations({**sections, **now}):
            if (fault.at, fault.rule) not in reported:
                reported.add((fault.at, fault.rule))
                faults.append(_placed(fault, below, list(changes[situation.since])))
    return faults


write_changes = PlainSerializer(
    lambda changes: {date.isoformat(): dict(values) for date, values in sorted(changes.items())}
)
"""Serializes changes with the date as text, since keys of TOML are text."""
