"""simclinic in a script or a notebook.

>>> import simclinic
>>> clinic = simclinic.baseline().change("shifts.day.nurses=3")
>>> clinic.scenario.shifts["day"].nurses
3
"""

from simclinic.api.backtesting import Backtest, backtest
from simclinic.api.bottlenecks import Bottleneck
from simclinic.api.calibrating import Calibration, calibrate
from simclinic.api.clinic import Clinic, baseline, load
from simclinic.api.comparison import Comparison, compare
from simclinic.api.forecasting import Forecast
from simclinic.api.intakes import Intake
from simclinic.api.plans import Plans
from simclinic.api.result import Result
from simclinic.api.sweeping import Sweep, sweep
from simclinic.api.templates import Templates
from simclinic.api.tracking import Track, track
from simclinic.measures.own import kpi
from simclinic.scenario.reserves import booking_rule
from simclinic.scenario.schedules import policy

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
    "Sweep",
    "Templates",
    "Track",
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
