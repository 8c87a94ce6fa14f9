"""Planning without a clock: the timetable that all replications share; capacity and demand on paper."""

from simclinic.planning.timetable import Timetable

__all__ = ["Timetable"]
