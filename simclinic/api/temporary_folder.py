"""The folder of results in Python: one named by the user, or a temporary one that lives as long as the object."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def in_folder(out: Path | None, make: Callable[[Path], T]) -> T:
    """Make results in a folder; a temporary one is removed with the object, or if making it fails.

    Parameters
    ----------
    out
        The folder; None: a temporary one.
    make
        Makes the results in a folder.
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
