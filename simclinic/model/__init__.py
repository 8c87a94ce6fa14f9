"""The clinic itself: the only place that knows SimPy."""

from simclinic.model.clinic import simulate
from simclinic.model.plan import Plan

__all__ = ["Plan", "simulate"]
