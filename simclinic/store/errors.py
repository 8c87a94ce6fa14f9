"""Errors of results folders, in words for users: a full disk, a lock, a folder of another study."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simclinic.errors import SimclinicError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BUSY = {errno.EMFILE, errno.ENFILE, errno.EIO, errno.ENOMEM}
"""Errors of the machine, whatever the folder."""


class FolderError(SimclinicError):
    """A results folder that cannot be written or read.

    Attributes
    ----------
    exit_status
        2 if another folder solves the problem (this one is read-only, or of another user); 1 if the machine failed.
    """

    def __init__(self, message: str, *, exit_status: int = 2) -> None:
        super().__init__(message)
        self.exit_status = exit_status


class OtherVersionError(FolderError):
    """A results folder that another version of the program wrote, so that it cannot be continued.

    Attributes
    ----------
    folder
        The folder.
    """

    def __init__(self, folder: Path, message: str) -> None:
        super().__init__(message)
        self.folder = folder


@contextmanager
def as_folder_errors(folder: Path) -> Iterator[None]:
    """Turn system errors about files in a folder into a FolderError that says what to do.

    Raises
    ------
    FolderError
        With the cause, and that earlier results are still there.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        if error.errno in _FULL:
            raise FolderError(
                f"{folder}: no room is left to write ({reason}). What was finished before is kept: make room "
                "and give the same command again to go on.",
                exit_status=1,
            ) from error
        if error.errno in _BUSY:
            raise FolderError(
                f"{folder}: the machine could not read or write there ({reason}). Nothing was removed: "
                "when that is mended, the same command goes on.",
                exit_status=1,
            ) from error
        if error.errno == errno.ELOOP:
            raise FolderError(
                f"{folder}: there is a link where a file or folder of results should be ({error.filename}), "
                "and links are not followed. Choose another folder with --out."
            ) from error
        raise FolderError(
            f"{folder}: cannot be used for results ({reason}). Choose another folder with --out."
        ) from error
