"""simclinic: how much a ketamine infusion clinic can carry, and what breaks first."""

__version__ = "0.1.0"
