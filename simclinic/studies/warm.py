"""Compiling the second engine ahead, so that simulations can use it at once."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from simclinic.errors import SimclinicError
from simclinic.model.fast import compiled

Progress = Callable[[int, int], None]
"""Called with the number of compiled functions, and of all."""

_FUNCTIONS = 230
"""About how many functions the engine has, access to its arrays included."""


class Warm(NamedTuple):
    """The compiled engine.

    Attributes
    ----------
    folder
        Where its code is kept.
    seconds
        How long it took to compile it; None: it was compiled already.
    """

    folder: Path
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
    folder = compiled.cache_folder()
    if compiled.is_warm():
        return Warm(folder, None)
    begun = time.perf_counter()
    event: Any = importlib.import_module("numba.core.event")
    count = 0

    class Listener(event.Listener):  # type: ignore[misc]
        def on_start(self, _: Any) -> None:  # noqa: ANN401 (an event of numba)
            pass

        def on_end(self, _: Any) -> None:  # noqa: ANN401 (an event of numba)
            nonlocal count
            count += 1
            if progress is not None:
                progress(min(count, _FUNCTIONS - 1), _FUNCTIONS)

    with event.install_listener("numba:compile", Listener()):
        compiled.compiled_run()
    if not compiled.is_warm():
        raise SimclinicError(
            f"the compiled engine cannot be kept in {folder}: set SIMCLINIC_CACHE to a folder that may be written"
        )
    return Warm(folder, time.perf_counter() - begun)
