"""simclinic: how much demand a ketamine infusion clinic can carry, and which resource runs out first.

>>> import simclinic
>>> clinic = simclinic.load("baseline.toml")
>>> result = clinic.run(replications=30)
>>> result.kpis

Heavy packages, such as pandas, are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simclinic.errors import ScenarioError, SimclinicError
from simclinic.version import VERSION

if TYPE_CHECKING:
    from simclinic.api import (
        Backtest,
        Bottleneck,
        Calibration,
        Clinic,
        Comparison,
        Forecast,
        Intake,
        Plans,
        Result,
        Sweep,
        Templates,
        Track,
        backtest,
        baseline,
        booking_rule,
        calibrate,
        compare,
        kpi,
        load,
        policy,
        sweep,
        track,
    )

__version__ = VERSION
__all__ = [
    "Backtest",
    "Bottleneck",
    "Calibration",
    "Clinic",
    "Comparison",
    "Forecast",
    "Intake",
    "Plans",
    "Result",
    "ScenarioError",
    "SimclinicError",
    "Sweep",
    "Templates",
    "Track",
    "__version__",
    "backtest",
    "baseline",
    "booking_rule",
    "calibrate",
    "compare",
    "kpi",
    "load",
    "policy",
    "sweep",
    "track",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        from simclinic import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
