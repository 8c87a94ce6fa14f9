"""Parameter draws: settings drawn from the uncertainty of their calibration.

A forecast of a calibrated clinic has two sources of uncertainty: chance, and the estimated settings. Every
replication therefore has its own parameter draw, around the estimates with their covariance.
"""

from __future__ import annotations

import copy
import math
from functools import cached_property
from typing import Any

import numpy as np
from pydantic import ValidationError

from simclinic.errors import Problem, ScenarioError
from simclinic.sampling.streams import Streams
from simclinic.scenario import Scenario
from simclinic.scenario.tables import as_tables
from simclinic.scenario.uncertainty import factor, setting_at
from simclinic.ufuncs import special

_KIND = "parameter"


class ParameterDraws:
    """Samples the settings that a scenario declares as uncertain.

    Parameters
    ----------
    scenario
        The scenario with the estimated settings.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @cached_property
    def _tables(self) -> dict[str, Any]:
        tables: dict[str, Any] = as_tables(self.scenario)
        del tables["uncertainty"]  # a parameter draw has none
        return tables

    @cached_property
    def _factors(self) -> dict[str, list[list[float]]]:
        return {name: factor(entry.covariance) for name, entry in self.scenario.uncertainty.items()}

    def draw(self, seed: int, replication: int, *, antithetic: bool = False) -> Scenario:
        """Draw the scenario of one replication; without uncertainty it is the scenario itself.

        Parameters
        ----------
        seed, replication
            As for the random inputs of patients.
        antithetic
            Mirror the errors.

        Raises
        ------
        ScenarioError
            If a drawn setting lies outside what a scenario allows.
        """
        if not self.scenario.uncertainty:
            return self.scenario
        streams = Streams(seed, replication, _KIND, antithetic=antithetic)
        tables = copy.deepcopy(self._tables)
        for name, entry in self.scenario.uncertainty.items():
            # A stream for each setting of each entry: an additional entry changes no other draw.
            u = streams.uniform(
                [f"{name}/{setting}" for setting in entry.settings], np.zeros(1, dtype=np.int64)
            )
            normal = special.ndtri(u[:, 0]).tolist()
            lower = self._factors[name]
            for place, (setting, scale) in enumerate(zip(entry.settings, entry.scale, strict=True)):
                error = sum(lower[place][k] * normal[k] for k in range(place + 1))
                location = setting_at(tables, setting)
                assert location is not None, "the scenario was checked"
                holder, key = location
                holder[key] = _moved(holder[key], error, scale)
        try:
            return Scenario.model_validate(tables)
        except ValidationError as error:
            raise ScenarioError(
                Problem(f"drawn from its uncertainty: {each['msg']}", ".".join(map(str, each["loc"])))
                for each in error.errors()
            ) from None


def _moved(value: float, error: float, scale: str) -> float:
    """Move a value by an error on a scale."""
    if scale == "identity":
        return value + error
    if scale == "log":
        return value * math.exp(error)
    odds = value / (1.0 - value) * math.exp(error)
    return odds / (1.0 + odds)
