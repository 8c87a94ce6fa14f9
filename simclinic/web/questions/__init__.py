"""The questions that the page answers by simulation, each in a module of its own.

A module has two functions. `answer(scenario, options, working)` calls the study of the command line and returns a
:class:`simclinic.web.answers.Finished`; it runs in the process of jobs. `command(file, options)` writes the command
that gives the same answer, as a list of words.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from simclinic.web.answers import Options

__all__ = ["AS_IT_IS", "QUESTIONS", "SAME_WEEKS", "SEARCHES", "UNTIL_KNOWN", "Options", "command", "module"]

QUESTIONS = ("cope", "one-more", "how-many", "compare", "cheapest", "template", "forecast", "hire")
"""Their names: also the ends of the addresses of their screens."""

SEARCHES = ("how-many", "cheapest", "template", "hire")
"""Those that try candidates until one will do: what they plan is the most that they may need."""

UNTIL_KNOWN = ("cope",)
"""Those that go on until figures are known well enough: what they plan is the least that they need."""

SAME_WEEKS = ("cope", "one-more", "how-many", "compare", "cheapest", "template")
"""Those whose replications are of the weeks that the clinic's file says."""

AS_IT_IS = ("cope", "one-more")
"""Those that simulate the clinic as it is first."""


def module(question: str) -> Any:  # noqa: ANN401 (a module of this package)
    """Import the module of a question."""
    found: ModuleType = import_module(f"{__name__}.{question.replace('-', '_')}")
    return found


def command(question: str, file: str, options: Options) -> str:
    """Write the command that gives the same answer, for a shell in the folder of the clinics."""
    import shlex

    return shlex.join(["simclinic", *module(question).command(file, options)])
