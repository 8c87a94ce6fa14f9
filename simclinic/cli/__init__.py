"""The command line: each command parses its arguments, calls a study and prints the results."""

from simclinic.cli.main import main

__all__ = ["main"]
