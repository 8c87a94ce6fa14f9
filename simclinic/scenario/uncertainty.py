"""Uncertainty of settings that were estimated by a calibration.

A rate estimated from an export is not the true rate. Each entry names settings that were estimated together, and
the covariance of their errors. A forecast draws these settings anew for every replication, so that its bands
include the uncertainty of the estimates.

```toml
[uncertainty.no-show]
settings = ["attendance.no_show"]
scale = ["logit"]
covariance = [[0.004]]
```

On its scale, the true value is normally distributed around the setting. An address may end in the position of an
entry in a list, counted from 1: `response.drop_out.2` is the share of patients who drop out after infusion 2. What
a protocol gives itself can be uncertain, too: `protocols.spravato.boosters.attrition`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from simclinic.scenario.addresses import address_parts
from simclinic.scenario.laws import in_part
from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Real
from simclinic.scenario.section import Listed, Section

SECTIONS = ("demand", "intake", "attendance", "response", "relapse", "boosters")
"""Sections that may have uncertain settings: those about patients, not those about the clinic's decisions."""

Scale = Literal["identity", "log", "logit"]

_MOST = 12  # settings estimated together


class Uncertainty(Section):
    """Settings that were estimated together, and the covariance of their errors."""

    settings: Annotated[tuple[str, ...], Listed, Field(min_length=1, max_length=_MOST)]
    """Addresses of settings that are decimal numbers, in demand, intake, attendance, response, relapse or
    boosters, or of such settings that a protocol gives itself."""
    scale: Annotated[tuple[Scale, ...], Listed, Field(min_length=1, max_length=_MOST)]
    """Scale on which each setting's error is normal: "identity", "log" (above 0) or "logit" (between 0 and 1)."""
    covariance: Annotated[
        tuple[Annotated[tuple[Real, ...], Listed, Field(max_length=_MOST)], ...],
        Listed,
        Field(min_length=1, max_length=_MOST),
    ]
    """Covariance of the errors on those scales: as many rows and columns as there are settings."""

    @field_validator("settings")
    @classmethod
    def _addresses(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        for each in written:
            parts = address_parts(each)
            if (in_part(parts) or parts)[0] not in SECTIONS:
                raise ValueError(f"must lie in {', '.join(SECTIONS[:-1])} or {SECTIONS[-1]}, not {each!r}")
        if len(set(written)) < len(written):
            raise ValueError("must name each setting once")
        return written

    @model_validator(mode="after")
    def _fits(self) -> Uncertainty:
        count = len(self.settings)
        broken = Broken()
        if len(self.scale) != count:
            broken.add(("scale",), f"must have one scale for each of the {count} settings")
        if len(self.covariance) != count or any(len(row) != count for row in self.covariance):
            broken.add(("covariance",), f"must be {count} rows of {count} numbers")
        elif not _is_covariance(self.covariance):
            broken.add(("covariance",), "must be symmetric and positive semidefinite")
        broken.raise_if_any()
        return self


def _is_covariance(rows: tuple[tuple[float, ...], ...]) -> bool:
    """Return whether a matrix is symmetric and positive semidefinite, by Cholesky factorization."""
    count = len(rows)
    largest = max(abs(rows[at][at]) for at in range(count))
    slack = 1e-9 * largest
    if any(abs(rows[a][b] - rows[b][a]) > slack for a in range(count) for b in range(a)):
        return False
    try:
        factor(rows)
    except ValueError:
        return False
    return True


def factor(rows: tuple[tuple[float, ...], ...]) -> list[list[float]]:
    """Return the lower triangular L with L Lᵀ = the covariance, which may be singular.

    Raises
    ------
    ValueError
        If the matrix is not positive semidefinite.
    """
    count = len(rows)
    slack = 1e-9 * max(abs(rows[at][at]) for at in range(count))
    lower = [[0.0] * count for _ in range(count)]
    for a in range(count):
        for b in range(a + 1):
            rest = rows[a][b] - sum(lower[a][k] * lower[b][k] for k in range(b))
            if a == b:
                if rest < -slack:
                    raise ValueError("not a covariance")
                lower[a][a] = math.sqrt(max(rest, 0.0))
            elif lower[b][b] > 0.0:
                lower[a][b] = rest / lower[b][b]
            elif abs(rest) > slack:
                raise ValueError("not a covariance")
    return lower


def setting_at(tables: Mapping[str, Any], address: str) -> tuple[Any, str | int] | None:
    """Locate a setting in a scenario's tables.

    Returns
    -------
    tuple or None
        The table or list that contains the setting, and its key or position there; None if there is no such
        setting.
    """
    holder: Any = tables
    *way, last = address_parts(address)
    for part in way:
        holder = _into(holder, str(part))
        if holder is None:
            return None
    if isinstance(holder, list):
        place = int(last) - 1 if str(last).isdecimal() else -1
        return (holder, place) if 0 <= place < len(holder) else None
    return (holder, str(last)) if isinstance(holder, dict) and last in holder else None


def _into(holder: Any, part: str) -> Any:  # noqa: ANN401 (tables hold anything)
    return holder.get(part) if isinstance(holder, dict) else None


def in_domain(value: object, scale: Scale) -> bool:
    """Return whether a setting is a number in the domain of the scale."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return scale == "identity" or (value > 0 and (scale == "log" or value < 1))
