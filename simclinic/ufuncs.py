"""Scipy's special functions, without the rest of their package.

`scipy.special` prepares for other array libraries, and loads numpy's test framework and Fortran interface for that:
a fifth of the processor time of a short run. The functions that are used here are all in one of its modules, which
is loaded alone. They are the same objects. Where scipy is built otherwise, the whole package is loaded.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

_PACKAGE = "scipy.special"


def _loaded() -> ModuleType:
    """Load the module of the functions, with nothing in place of its package, unless that is there already."""
    spec = None if _PACKAGE in sys.modules else importlib.util.find_spec(_PACKAGE)
    if spec is not None and spec.submodule_search_locations is not None:
        empty = ModuleType(_PACKAGE)
        empty.__path__ = list(spec.submodule_search_locations)
        sys.modules[_PACKAGE] = empty
        try:
            return importlib.import_module(f"{_PACKAGE}._ufuncs")
        except ImportError:
            pass
        finally:
            del sys.modules[_PACKAGE]
    return importlib.import_module(_PACKAGE)


if TYPE_CHECKING:
    from scipy import special
else:
    special = _loaded()

__all__ = ["special"]
