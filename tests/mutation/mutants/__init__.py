"""Bugs that somebody could make, each as one change of the package's text, and the tests that must notice.

There is a module for each package. A mutant whose text is gone is an error, not a success: a change of the line
changes the mutant, too.
"""

from importlib import import_module
from pkgutil import iter_modules

MUTANTS = tuple(
    mutant for area in iter_modules(__path__) for mutant in import_module(f"{__name__}.{area.name}").MUTANTS
)
