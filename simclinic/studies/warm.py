"""Compiling the second engine ahead, so that simulations can use it at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from simclinic.errors import SimclinicError
from simclinic.model.fast import compiled

Progress = Callable[[int, int], None]
"""Called with the number of compiled functions, and of all."""


class Warm(NamedTuple):
    """The compiled engine.

    Attributes
    ----------
    file
        Where its code is kept.
    seconds
        How long it took to compile it; None: it was compiled already.
    """

    file: Path
    seconds: float | None


def warm(progress: Progress | None = None) -> Warm:
    """Compile the second engine, unless that was done before on this machine.

    Parameters
    ----------
    progress
        Called after each function.

    Raises
    ------
    SimclinicError
        If numba is not installed, or the code cannot be kept.
    """
    if not compiled.available():
        raise SimclinicError('the compiled engine needs numba: pip install "simclinic[fast]"')
    file = compiled.cache_file()
    if compiled.is_warm():
        return Warm(file, None)
    why = compiled.why_not_kept()
    if why is None:
        begun = time.perf_counter()
        compiled.compiled_run(progress)
        if not compiled.is_kept():
            why = "it could not be written"
    if why is not None:
        raise SimclinicError(
            f"the compiled engine cannot be kept in {file.parent} ({why}): set SIMCLINIC_CACHE to a folder that "
            "may be written"
        )
    return Warm(file, time.perf_counter() - begun)
