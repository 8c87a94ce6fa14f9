"""What every test of the command line has at hand."""

from tests.command_line import scenario, simclinic

__all__ = ["scenario", "simclinic"]
