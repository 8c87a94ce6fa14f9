"""The command line: each command parses, calls a study, and shows what it found."""

from simclinic.cli.main import main

__all__ = ["main"]
