"""What needs no clock: the timetable that all replications share, and what a clinic can carry on paper."""

from simclinic.planning.timetable import Timetable

__all__ = ["Timetable"]
