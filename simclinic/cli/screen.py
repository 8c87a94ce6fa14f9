"""Output to the screen: guarded streams keep control sequences in names and paths from reaching a terminal.

`say` prints lines, `show` tables, `put` whole documents. These, and anything that writes without them (click,
warnings, a traceback), write to guarded streams, in which every character is visible. Only `show` and the progress
bar bypass the guard, for their own colours.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any

from simclinic.visible import one_line, visible

if TYPE_CHECKING:
    from rich.console import RenderableType


class GuardedBytes:
    """The byte stream below a guarded text stream, guarded too."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, written: bytes) -> int:
        """Write UTF-8, with invisible characters escaped."""
        self._stream.write(visible(bytes(written).decode(errors="surrogateescape")).encode())
        return len(written)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        return getattr(self._stream, name)


class Guarded:
    """A text stream that escapes invisible characters other than line feeds and tabs.

    Attributes
    ----------
    unguarded
        The stream behind it, for own colours and cursor movements.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        """Write a text, with invisible characters escaped."""
        self.unguarded.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, with invisible characters escaped."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> GuardedBytes:
        """The bytes behind it: click writes to them, and sometimes a text stream of its own on them."""
        return GuardedBytes(self.unguarded.buffer)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        if name in ("buffer", "detach"):  # there may be no byte stream; detaching would bypass the guard
            raise AttributeError(name)
        return getattr(self.unguarded, name)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Guard stdout and stderr; output to a stream that the caller has closed is discarded.

    A closed descriptor must not stay free: the next opened file, such as a table of results, would get its number,
    and messages would be written into that file.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    _occupy()
    with contextlib.ExitStack() as nowhere:
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:
                nothing = nowhere.enter_context(open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123
                setattr(sys, name, nothing)
        for stream in (sys.stdout, sys.stderr):
            # A terminal whose encoding lacks "–" shows "?" instead of an error.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="replace")
        sys.stdout, sys.stderr = Guarded(sys.stdout), Guarded(sys.stderr)
        try:
            yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = before


def _occupy() -> None:
    """Open the null device under each of the three standard descriptors that is free."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The system assigns the lowest free number; child processes inherit it.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def say(*lines: str, err: bool = False) -> None:
    """Print lines; a name or path in one cannot break it."""
    _write("".join(f"{one_line(line)}\n" for line in lines), sys.stderr if err else sys.stdout)


def put(text: str) -> None:
    """Print a document, such as JSON, unchanged."""
    _write(text, sys.stdout)


def show(*parts: RenderableType) -> None:
    """Print tables, as wide as the terminal; 80 columns without a terminal."""
    from simclinic.report.text.run import console

    screen = console(shutil.get_terminal_size((80, 24)).columns)
    with screen.capture() as written:
        for part in parts:
            screen.print(part)
    # rich pads lines with blanks on the right, which do not belong in a file.
    text = "".join(f"{line.rstrip()}\n" for line in written.get().split("\n")[:-1])
    _write(text, unguarded(sys.stdout) if screen.is_terminal else sys.stdout)


def unguarded(stream: Any) -> IO[str]:  # noqa: ANN401 (a stream, guarded or not)
    """Return the stream behind a guarded one, for text that has no input in it."""
    behind: IO[str] = getattr(stream, "unguarded", stream)
    return behind


def _write(text: str, stream: IO[str] | None) -> None:
    if stream is not None:
        stream.write(text)
        stream.flush()
