"""What is learnt: estimates with their intervals, settings for the scenario, and how unsure these are together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Estimate:
    """One figure learnt from the export.

    Attributes
    ----------
    parameter
        Address of a setting; for figures that are no setting a name that is no address.
    estimate, low, high
        The figure and its 95 % interval; None where there is none.
    n
        Of how many.
    method
        How it was made.
    note
        What else must be known, and whether it went into the scenario.
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
        Part by part.
    value
        As TOML has it.
    comment
        Where it comes from.
    """

    address: tuple[str, ...]
    value: object
    comment: str


@dataclass(frozen=True)
class JointUncertainty:
    """How unsure some settings are together: on their scales normal, around what is written.

    Attributes
    ----------
    name
        Of the entry.
    settings
        Addresses.
    scale
        For each "identity", "log" or "logit".
    covariance
        On these scales.
    """

    name: str
    settings: tuple[str, ...]
    scale: tuple[str, ...]
    covariance: npt.NDArray[np.float64]


@dataclass
class Findings:
    """Everything learnt, gathered room by room.

    Attributes
    ----------
    estimates, settings, uncertainty
        See there.
    warnings
        What must be known before using the scenario.
    cannot_tell
        What the export does not show.
    base_kept
        Settings that the export cannot give, and that stay the base scenario's.
    """

    estimates: list[Estimate] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    uncertainty: list[JointUncertainty] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cannot_tell: list[str] = field(default_factory=list)
    base_kept: list[str] = field(default_factory=list)

    def set(self, address: str, value: object, comment: str) -> None:
        """Set a setting of the scenario; `address` has no dots in its parts."""
        self.settings.append(Setting(tuple(address.split(".")), value, comment))


def rounded(value: float, digits: int = 5) -> float:
    """Round to so many digits that count, so that a file can be read."""
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def source(n: int, low: float | None, high: float | None, what: str = "") -> str:
    """Say where a setting comes from: export, n, interval."""
    told = f"export, n = {n:,}"
    if low is not None and high is not None:
        told += f", 95 % {rounded(low, 3):g} to {rounded(high, 3):g}"
    return f"{told}; {what}" if what else told
