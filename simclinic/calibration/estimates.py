"""Results of a calibration: estimates with intervals, settings for the scenario, and their joint uncertainty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from simclinic.scenario.laws import NAMES


@dataclass(frozen=True)
class Estimate:
    """One quantity estimated from the export.

    Attributes
    ----------
    parameter
        Address of a setting; for other quantities a name that is no address.
    estimate, low, high
        The estimate and its 95 % interval; None where there is none.
    n
        Sample size.
    method
        Method of estimation.
    note
        Remarks, and whether the estimate is written to the scenario.
    """

    parameter: str
    estimate: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    note: str = ""


@dataclass(frozen=True)
class Setting:
    """One line of the scenario.

    Attributes
    ----------
    address
        Its parts.
    value
        Value in TOML.
    comment
        Source of the value.
    """

    address: tuple[str, ...]
    value: object
    comment: str


@dataclass(frozen=True)
class JointUncertainty:
    """Joint uncertainty of some settings: normal on their scales, around the values written.

    Attributes
    ----------
    name
        Name of the entry.
    settings
        Addresses.
    scale
        Scale of each setting: "identity", "log" or "logit".
    covariance
        Covariance on these scales, shape (settings, settings).
    """

    name: str
    settings: tuple[str, ...]
    scale: tuple[str, ...]
    covariance: npt.NDArray[np.float64]


@dataclass
class Findings:
    """Everything learnt from an export, collected subject by subject.

    Attributes
    ----------
    estimates, settings, uncertainty
        Estimates, lines of the scenario, and their joint uncertainty.
    warnings
        Sentences to read before using the scenario.
    cannot_tell
        Sentences on what the export does not show.
    base_kept
        Settings that the export does not determine and that keep the base scenario's value, with the reason.
    """

    estimates: list[Estimate] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    uncertainty: list[JointUncertainty] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cannot_tell: list[str] = field(default_factory=list)
    base_kept: list[str] = field(default_factory=list)

    def set(self, address: str, value: object, comment: str) -> None:
        """Add a line of the scenario; no part of `address` contains a dot."""
        self.settings.append(Setting(tuple(address.split(".")), value, comment))

    def add(self, other: Findings, label: str, protocols: Sequence[str]) -> None:
        """Add what was learnt of the patients of one type of visit.

        Parameters
        ----------
        other
            What was learnt of them.
        label
            Ending for names that are no addresses; empty if there are no other patients.
        protocols
            The protocols for which their laws hold; empty: for all that do not say otherwise.
        """
        there = {setting.address for setting in self.settings}
        for setting in other.settings:
            for address in _readdressed(setting.address, protocols):
                if address not in there:
                    self.settings.append(replace(setting, address=address))
        for each in other.estimates:
            first = ".".join(_readdressed(tuple(each.parameter.split(".")), protocols)[0])
            self.estimates.append(
                replace(each, parameter=first if "." in first else f"{each.parameter}{label}")
            )
        for entry in other.uncertainty:
            # What several protocols share is uncertain as one.
            parts = [_readdressed(tuple(address.split(".")), protocols) for address in entry.settings]
            copies = len(parts[0])
            self.uncertainty.append(
                replace(
                    entry,
                    name=f"{entry.name}-{label.strip(' ()')}" if protocols else entry.name,
                    settings=tuple(".".join(part[at]) for at in range(copies) for part in parts),
                    scale=entry.scale * copies,
                    covariance=np.tile(entry.covariance, (copies, copies)),
                )
            )
        head = f"{label.strip(' ()')}: " if label else ""
        self.warnings += [f"{head}{warning}" for warning in other.warnings]
        self.base_kept += [f"{head}{kept}" for kept in other.base_kept]
        self.cannot_tell += [each for each in other.cannot_tell if each not in self.cannot_tell]


def _readdressed(address: tuple[str, ...], protocols: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the addresses at which a law is written: for some protocols, or as it is."""
    if not protocols or address[0] not in NAMES:
        return [address]
    return [("protocols", name, *address) for name in protocols]


def rounded(value: float, digits: int = 5) -> float:
    """Round to significant digits, to keep the file readable."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def source(n: int, low: float | None, high: float | None, what: str = "") -> str:
    """Write the source of a setting as a comment: export, n, interval."""
    comment = f"export, n = {n:,}"
    if low is not None and high is not None:
        comment += f", 95 % {rounded(low, 3):g} to {rounded(high, 3):g}"
    return f"{comment}; {what}" if what else comment
