"""The clinic itself: the only place that knows SimPy."""

from simclinic.model.plan import Plan
from simclinic.model.simulate import simulate

__all__ = ["Plan", "simulate"]
