"""What every test of a fault has at hand: the command line, and an end of what it started."""

import pytest

from tests.command_line import scenario, simclinic
from tests.faults.processes import end_all

__all__ = ["nobody_is_left", "scenario", "simclinic"]


@pytest.fixture(autouse=True)
def nobody_is_left():
    yield
    end_all()
