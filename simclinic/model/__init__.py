"""The clinic itself: the only place that knows SimPy."""

from simclinic.model.simulate import simulate

__all__ = ["simulate"]
