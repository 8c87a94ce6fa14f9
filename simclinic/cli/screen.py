"""The way to the screen: everything that is shown passes through here, and a terminal obeys nothing of it.

`say` shows lines, `show` tables, `put` whole documents. All of them, and whatever writes without them (click,
warnings, a traceback), write to guarded streams, in which every character is visible. Only `show` and the progress
bar have a way past the guard, for colours of their own.
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
    """A stream of bytes, as guarded as the text stream above it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def write(self, written: bytes) -> int:
        """Write UTF-8, visibly."""
        self._stream.write(visible(bytes(written).decode(errors="surrogateescape")).encode())
        return len(written)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        return getattr(self._stream, name)


class Guarded:
    """A text stream that has no character in it that cannot be seen, but for line feeds and tabs.

    Attributes
    ----------
    unguarded
        The stream behind it, for colours and movements of our own.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.unguarded = stream

    def write(self, text: str) -> int:
        """Write a text, visibly."""
        self.unguarded.write(visible(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts, visibly."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> GuardedBytes:
        """The bytes behind it: click writes to them, and sometimes a text stream of its own on them."""
        return GuardedBytes(self.unguarded.buffer)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the stream has)
        if name in ("buffer", "detach"):  # a stream without bytes, and a way past
            raise AttributeError(name)
        return getattr(self.unguarded, name)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Guard stdout and stderr; where a stream was closed by the caller, what is written goes nowhere.

    A closed number must not be left free: the next file that is opened, a table of results perhaps, would get it,
    and every message would be written into that file.
    """
    before = sys.stdin, sys.stdout, sys.stderr
    _occupy()
    with contextlib.ExitStack() as nowhere:
        for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
            if getattr(sys, name) is None:
                nothing = nowhere.enter_context(open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123
                setattr(sys, name, nothing)
        for stream in (sys.stdout, sys.stderr):
            # A terminal that knows no "–" shows a "?" rather than ending the program.
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="replace")
        sys.stdout, sys.stderr = Guarded(sys.stdout), Guarded(sys.stderr)
        try:
            yield
        finally:
            sys.stdin, sys.stdout, sys.stderr = before


def _occupy() -> None:
    """Open the null device under each of the three standard numbers that is free."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is the one that is given; processes that are started have it too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def say(*lines: str, err: bool = False) -> None:
    """Show lines, each on a line of its own whatever names and paths stand in it."""
    _write("".join(f"{one_line(line)}\n" for line in lines), sys.stderr if err else sys.stdout)


def put(text: str) -> None:
    """Show a document, such as JSON, as it is laid out."""
    _write(text, sys.stdout)


def show(*parts: RenderableType) -> None:
    """Show tables for people, as wide as the terminal is; 80 columns where there is none."""
    from simclinic.report.text.run import console

    screen = console(shutil.get_terminal_size((80, 24)).columns)
    with screen.capture() as written:
        for part in parts:
            screen.print(part)
    # Tables are filled up with blanks to the right, which nobody wants in a file.
    text = "".join(f"{line.rstrip()}\n" for line in written.get().split("\n")[:-1])
    _write(text, unguarded(sys.stdout) if screen.is_terminal else sys.stdout)


def unguarded(stream: Any) -> IO[str]:  # noqa: ANN401 (a stream, guarded or not)
    """Give the stream behind a guarded one, for what is our own in every character."""
    behind: IO[str] = getattr(stream, "unguarded", stream)
    return behind


def _write(text: str, stream: IO[str] | None) -> None:
    if stream is not None:
        stream.write(text)
        stream.flush()
