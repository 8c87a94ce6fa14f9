"""The points of a sweep: its factors, and the scenario of each point.

The scenarios of thousands of points would not fit into memory, so each is created when it is needed; only numbers
are stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from simclinic.experiment.designs import DESIGNS, Design, Factor, Floats, Value
from simclinic.measures.intervals import Watched
from simclinic.measures.kpis import figures_of
from simclinic.scenario import Scenario, scenario_hash, with_settings
from simclinic.scenario.panel import Panel

SCENARIO = "scenario"
"""Address of the factor whose levels are scenarios."""


@dataclass(frozen=True)
class Points:
    """The points of a design over the settings of a clinic.

    Attributes
    ----------
    name
        Name of the study.
    scenarios
        The scenarios that points change, by name; several if the scenario is a factor itself.
    design
        Name of the design.
    samples
        Number of samples of the design; 0 for a grid.
    factors
        The factors; the factor `scenario` comes first.
    replications, seed
        Number of replications of each point, and their common seed, so that all points have the same patients.
    panel
        Today's patients, if all points begin with them; None: they begin as the scenarios say.
    arguments
        The panel's additions to the arguments of a command, for the manifest.
    """

    name: str
    scenarios: Mapping[str, Scenario]
    design: str
    samples: int
    factors: tuple[Factor, ...]
    replications: int
    seed: int
    panel: Panel | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def method(self) -> Design:
        """The design itself."""
        return DESIGNS[self.design]

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the key figures of every point."""
        return figures_of(self.base)

    @cached_property
    def units(self) -> Floats:
        """Coordinates of the points in the unit cube, shape (points, factors)."""
        return self.method.units(self.factors, self.samples)

    @cached_property
    def placed(self) -> Floats:
        """Coordinates of the points' values for designs that fit a line through them; otherwise `units`.

        Shape (points, factors), from 0 for a factor's least value to 1 for its largest. A grid uses only the order
        of its levels.
        """
        if not self.method.sampled:
            return self.units
        columns = [
            [factor.place(unit) for unit in units.tolist()]
            for factor, units in zip(self.factors, self.units.T, strict=True)
        ]
        return np.array(columns).T

    def __len__(self) -> int:
        return len(self.units)

    def values(self, point: int) -> dict[str, Value]:
        """Return the value of each factor at a point, by address."""
        places = self.units[point].tolist()
        return {
            factor.address: factor.value(place) for factor, place in zip(self.factors, places, strict=True)
        }

    def scenario(self, point: int) -> Scenario:
        """Create the scenario of a point.

        Raises
        ------
        ScenarioError
            With every problem found; each has the address of its factor as its file.
        """
        values = self.values(point)
        base = self.scenarios[str(values.pop(SCENARIO))] if SCENARIO in values else self.base
        return with_settings(base, values)

    @property
    def base(self) -> Scenario:
        """The scenario, or the first of several."""
        return next(iter(self.scenarios.values()))

    @cached_property
    def watched(self) -> Watched:
        """Measured weeks and open days of a replication at each point, arrays of shape (points, 1).

        A scenario is created only for points that differ in settings that can change them.
        """
        deciding = [
            name for name in self.columns if name.split(".")[0] in (SCENARIO, "run", "clinic", "changes")
        ]
        alike: dict[tuple[object, ...], Watched] = {}
        watched = []
        for point in range(len(self)):
            key = tuple(self.columns[name][point].item() for name in deciding)
            if key not in alike:
                alike[key] = Watched.of(self.scenario(point))
            watched.append(alike[key])
        return Watched(
            np.array([[one.weeks] for one in watched]),
            np.array([[one.open_days] for one in watched]),
        )

    @cached_property
    def columns(self) -> dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]]:
        """The factors' values as columns, one row for each point; values that are not numbers are text."""
        rows = [self.values(point) for point in range(len(self))]
        return {factor.address: _column([row[factor.address] for row in rows]) for factor in self.factors}

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that decides the results, except the number of replications."""
        digest = hashlib.sha256()
        for name, scenario in self.scenarios.items():
            same = scenario_hash(scenario, {"replications": 1, "seed": 0})
            digest.update(f"{name}\0{same}\0".encode())
        digest.update(json.dumps([self.design, self.samples, self.seed]).encode())
        for address, values in self.columns.items():
            digest.update(f"\0{json.dumps(address)}\0{json.dumps(values.tolist())}".encode())
        if self.panel is not None:
            digest.update(f"\0{self.panel.fingerprint}".encode())
        return digest.hexdigest()


def as_toml(value: Value) -> str:
    """Write a value in one line of TOML.

    >>> as_toml({"dist": "gamma", "mean": 15, "cv": 0.3})
    '{"dist" = "gamma", "mean" = 15, "cv" = 0.3}'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(as_toml(entry) for entry in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{as_toml(key)} = {as_toml(inner)}' for key, inner in value.items())}}}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return repr(value)


def level_text(value: Value) -> str:
    """Write a level for tables: text without quotes, a mix of one protocol as its name."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1 and 1.0 in value.values():
        return str(next(iter(value)))  # a protocol mix of one protocol
    return as_toml(value)


def _column(values: list[Value]) -> np.ndarray[tuple[int], np.dtype[np.generic]]:
    kinds = {type(value) for value in values}
    if kinds == {int}:
        return np.array(values, dtype=np.int64)
    if kinds <= {int, float}:
        return np.array(values, dtype=np.float64)
    return np.array([level_text(value) for value in values], dtype=np.str_)
