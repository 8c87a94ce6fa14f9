from tests.command_line import scenario, simclinic

__all__ = ["scenario", "simclinic"]
