"""Calibration: a clinic's own appointments turned into a scenario, and how sure each figure in it is.

From text to a scenario, one room after the other: the export is read (`export`, `dates`, `words`), understood
(`understand`, `opening`), each patient's way recognised (`courses`, `returns`), and from that come rates
(`rates`), laws of coming back (`laws`, `kaplan_meier`), the settings with their intervals (`estimates`),
today's patients (`panel`), and the scenario file (`scenario_file`).
"""

from simclinic.calibration.calibrate import Learned, calibrate
from simclinic.calibration.options import Options
from simclinic.calibration.text import ExportError

__all__ = ["ExportError", "Learned", "Options", "calibrate"]
