"""Where results of a script or a notebook lie: in a named folder, or in one that goes with the object."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def kept(out: Path | None, make: Callable[[Path], T]) -> T:
    """Make results in a folder; one that nobody named is removed with the object, or if making it fails.

    Parameters
    ----------
    out
        The folder; None: a temporary one.
    make
        Makes the object in a folder.
    """
    if out is not None:
        return make(out)
    folder = Path(tempfile.mkdtemp(prefix="simclinic-"))
    try:
        made = make(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(made, shutil.rmtree, folder, ignore_errors=True)
    return made
