"""Calibration: a clinic's export of appointments turned into a scenario, with an interval for each estimate.

The steps, each in its own modules: the export is read (`sheets`, `export`, `dates`, `vocabulary`) and
interpreted (`interpretation`, `open_days`); each patient's course of treatment is recognised (`courses`); times
to return follow from it (`returns`), and distributions are fitted to them (`return_fits`, `kaplan_meier`).
Settings with their intervals (`settings`), today's patients (`panel`) and the scenario file (`scenario_file`)
are the results.
"""

from simclinic.calibration.calibrate import CalibrationResult, calibrate
from simclinic.calibration.options import Options
from simclinic.calibration.text import ExportError

__all__ = ["CalibrationResult", "ExportError", "Options", "calibrate"]
