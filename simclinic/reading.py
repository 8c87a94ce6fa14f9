"""Bounded reading of input files: the only place that opens a file given by the user.

A path can lead to anything: a folder, an endless device, a named pipe without a writer, a file of a terabyte. So
type and size are checked before the file is opened, and again on the open file, since another may have taken its
place. A pipe of the shell, such as `<(zcat export.csv.gz)` or `/dev/stdin`, is read if the caller allows it.
"""

from __future__ import annotations

import json
import os
import select
import stat
import sys
from pathlib import Path
from typing import Any

from simclinic.errors import SimclinicError

PIPE_SECONDS = 30.0
"""Seconds without data after which reading from a pipe gives up."""

MOST_JSON_BYTES, MOST_JSON_VALUES = 100_000_000, 3_000_000
"""Size limits of a JSON document."""

_CHUNK = 1 << 20
_KINDS = (
    (stat.S_ISDIR, "is a folder, not a file"),
    (stat.S_ISCHR, "is a device, not a file: give the path of a file"),
    (stat.S_ISBLK, "is a device, not a file: give the path of a file"),
    (stat.S_ISSOCK, "is a socket, not a file: give the path of a file"),
)
_NAMED_PIPE = "is a named pipe, which may never end: save what comes out of it in a file, and give that"
_NO_PIPE = "is a pipe, which can be read only once: save what comes out of it in a file, and give that"
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a named pipe without a writer would be waited for
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotReadError(SimclinicError):
    """A file is not read because of its type or size; the message gives the reason, without the file's name."""


def read_bounded(
    path: str | os.PathLike[str], most_bytes: int, *, pipes: bool = False, remedy: str = ""
) -> bytes:
    """Read a whole file.

    Parameters
    ----------
    path
        The file.
    most_bytes
        Size limit in bytes; at most one byte beyond is taken from a pipe.
    pipes
        Whether to read from a pipe of the shell, too.
    remedy
        Advice for the message if the file is larger.

    Raises
    ------
    NotReadError
        If it is not a file, or is larger.
    OSError
        If the system cannot read it; the content may be valid.
    ValueError
        If the path is invalid.
    """
    _check(Path(path).stat(), most_bytes, pipes, remedy)  # opening some devices has side effects
    descriptor = os.open(path, _OPEN)
    try:
        status = os.fstat(descriptor)
        _check(status, most_bytes, pipes, remedy)
        parts: list[bytes] = []
        left = most_bytes + 1
        while left:
            if stat.S_ISFIFO(status.st_mode) and not select.select([descriptor], [], [], PIPE_SECONDS)[0]:
                raise NotReadError(f"is a pipe that has sent nothing for {PIPE_SECONDS:g} seconds")
            part = os.read(descriptor, min(left, max(status.st_size + 1, _CHUNK)))
            if not part:
                return b"".join(parts)
            parts.append(part)
            left -= len(part)
        raise too_large(most_bytes, remedy=remedy)
    finally:
        os.close(descriptor)


def read_beginning(path: str | os.PathLike[str], most_bytes: int) -> bytes:
    """Read the first bytes of a file, to recognise its format; arguments and errors are those of `read_bounded`."""
    _check(Path(path).stat(), sys.maxsize, pipes=False, remedy="")
    descriptor = os.open(path, _OPEN)
    try:
        _check(os.fstat(descriptor), sys.maxsize, pipes=False, remedy="")
        return os.read(descriptor, most_bytes)
    finally:
        os.close(descriptor)


def read_json(
    path: str | os.PathLike[str], most_bytes: int = MOST_JSON_BYTES, most_values: int = MOST_JSON_VALUES
) -> Any:  # noqa: ANN401  (as the file has it)
    """Read a JSON file; raises as :func:`read_bounded` and :func:`parse_json` do."""
    return parse_json(read_bounded(path, most_bytes), most_values)


def parse_json(text: str | bytes, most_values: int = MOST_JSON_VALUES) -> Any:  # noqa: ANN401
    """Parse JSON, unless it would take far more memory than its text.

    Parameters
    ----------
    text
        The text, or its bytes.
    most_values
        Limit on the number of values, lists and objects included.

    Raises
    ------
    NotReadError
        If there are more values, or they are nested too deeply.
    ValueError
        If it is not JSON.
    """
    # A value needs a comma before it, or a bracket around it.
    values = (
        text.count(",") + text.count("[") + text.count("{")
        if isinstance(text, str)
        else text.count(b",") + text.count(b"[") + text.count(b"{")
    )
    if values > most_values:
        raise NotReadError(f"is JSON of up to {values:,} values; at most {most_values:,} are read")
    try:
        return json.loads(text)
    except RecursionError:
        raise NotReadError("is JSON that is nested too deeply") from None


def why(error: NotReadError | OSError | ValueError) -> str:
    """Return the reason why a file cannot be read, without its name."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, NotReadError):
        return str(error)
    return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def too_large(most_bytes: int, held: int | None = None, *, remedy: str = "") -> NotReadError:
    """Make the error of a file that is larger than the limit in bytes."""
    has = "" if held is None else f" (it has {held:,})"
    what_to_do = f": {remedy}" if remedy else ""
    return NotReadError(f"is larger than {most_bytes:,} bytes, the most that is read{has}{what_to_do}")


def _check(status: os.stat_result, most_bytes: int, pipes: bool, remedy: str) -> None:
    for is_kind, message in _KINDS:
        if is_kind(status.st_mode):
            raise NotReadError(message)
    if stat.S_ISFIFO(status.st_mode):
        if not _is_shell_pipe(status):
            raise NotReadError(_NAMED_PIPE)
        if not pipes:
            raise NotReadError(_NO_PIPE)
    elif status.st_size > most_bytes:
        raise too_large(most_bytes, status.st_size, remedy=remedy)


def _is_shell_pipe(status: os.stat_result) -> bool:
    """Return whether a pipe has no name: its device is that of anonymous pipes, not a disk."""
    ends = os.pipe()
    try:
        return status.st_dev == os.fstat(ends[0]).st_dev
    finally:
        for end in ends:
            os.close(end)
