"""How well the clinic's own figures are known: what a calibration leaves open.

A rate counted in an export is not the true rate. Each entry names settings that were estimated together, and
the covariance of their errors; a forecast draws the settings anew for every replication, so that its bands are
as wide as the knowledge is thin.

```toml
[uncertainty.no-show]
settings = ["attendance.no_show"]
scale = ["logit"]
covariance = [[0.004]]
```

The true value, on the scale, is normal around the setting. An address may end in a number that
picks an entry of a list, counted from 1: `response.drop_out.2` is the share who drop out after infusion 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from simclinic.scenario.addresses import address_parts
from simclinic.scenario.problems import Broken
from simclinic.scenario.quantities import Real
from simclinic.scenario.section import Listed, Section

SECTIONS = ("demand", "attendance", "response", "relapse", "boosters")
"""Where uncertain settings lie: in what happens to patients, not in what the clinic decides."""

Scale = Literal["identity", "log", "logit"]

_MOST = 12  # settings estimated together


class Uncertainty(Section):
    """Settings estimated together, and how their errors go together."""

    settings: Annotated[tuple[str, ...], Listed, Field(min_length=1, max_length=_MOST)]
    """Addresses of settings that are decimal numbers, in demand, attendance, response, relapse or boosters."""
    scale: Annotated[tuple[Scale, ...], Listed, Field(min_length=1, max_length=_MOST)]
    """For each, on which scale its error is normal: "identity", "log" (above 0) or "logit" (between 0 and 1)."""
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
            if parts[0] not in SECTIONS:
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
            broken.add(("covariance",), "must be symmetric, and no combination may vary less than not at all")
        broken.raise_if_any()
        return self


def _is_covariance(rows: tuple[tuple[float, ...], ...]) -> bool:
    """Tell whether a matrix is symmetric and positive semidefinite, by Cholesky's factor."""
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
    """Give the lower triangle L with L Lᵀ = the covariance; directions without variance stay without.

    Raises
    ------
    ValueError
        If some combination had a negative variance.
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
    """Find a setting in a scenario's tables: the table or list that holds it, and its key there.

    None if there is no such setting.
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
    """Tell whether a setting is a number that the scale can be applied to."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return scale == "identity" or (value > 0 and (scale == "log" or value < 1))
