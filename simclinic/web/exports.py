"""Exports that were dropped on the page: held in the server's memory for a while, and never written.

Each has a random name. It is forgotten when its patients are kept, when the user says so, after
:data:`KEPT_SECONDS`, when others need the place, and when the server ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import secrets
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from simclinic.errors import SimclinicError
from simclinic.web.reading import read

if TYPE_CHECKING:
    from simclinic.calibration import Options
    from simclinic.calibration.held import HeldExport
    from simclinic.calibration.look import Look

MOST_HELD = 2
"""Exports that are held at a time; each is at most as large as a request may be."""

KEPT_SECONDS = 1800.0
"""How long an export is held after its last use."""

READ_SECONDS = 180.0
"""The longest time that a task may take."""

MOST_WAITING = 4
"""Tasks that are read or wait to be read at a time; more are refused, so that other screens are still answered."""

IDLE_SECONDS = 120.0
"""Time without an export after which the process that reads ends."""

_SLOW = (
    "Reading this file takes longer than {seconds:.0f} seconds, so it was stopped. Export fewer columns, or fewer "
    "years."
)
_BUSY = "Other exports are being read. Try again in a minute."
_ENDED = (
    "Reading this file ended by itself: it may need more memory than there is. Export fewer columns, or "
    "fewer years."
)


@dataclass(slots=True)
class Held:
    """An export that is held.

    Attributes
    ----------
    key
        Its random name.
    export
        Name and content of the file.
    file
        Name of the clinic's file for which it was dropped; None: for a new clinic.
    options
        What the user has said about it.
    look
        What is recognised in it.
    lines
        Why it could not be read or learnt from.
    step
        "columns", "words" or "learnt".
    answer, folder
        What `calibrate --json` prints, and its results folder, once it is learnt.
    version
        Fingerprint of the clinic's file when it was learnt.
    used
        When it was used last, in seconds of `time.monotonic`.
    """

    key: str
    export: HeldExport
    file: str | None
    options: Options
    look: Look
    lines: list[str] = field(default_factory=list)
    step: str = "columns"
    answer: str = ""
    folder: str = ""
    version: str = ""
    used: float = 0.0


class Exports:
    """The exports that are held, and the process that reads them.

    Parameters
    ----------
    folder
        The folder of the clinics.
    kept_seconds, read_seconds
        Bounds of time; see :data:`KEPT_SECONDS` and :data:`READ_SECONDS`.
    """

    def __init__(
        self, folder: Path, *, kept_seconds: float = KEPT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self._folder = folder
        self._kept_seconds = kept_seconds
        self._read_seconds = read_seconds
        self._lock = threading.Lock()
        self._held: dict[str, Held] = {}
        self._reading = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._reader: _Reader | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def take(self, export: HeldExport, file: str | None) -> Held:
        """Look at an export, and hold it.

        Parameters
        ----------
        export
            Name and content of the file.
        file
            Name of the clinic's file; None: for a new clinic.

        Raises
        ------
        SimclinicError
            If it is no table of appointments at all.
        """
        from simclinic.calibration import Options

        options = Options(columns={}, statuses={}, kinds={})  # as on the command line
        held = Held(secrets.token_urlsafe(16), export, file, options, self._look(export, options))
        held.used = time.monotonic()
        with self._lock:
            self._forget_old()
            while len(self._held) >= MOST_HELD:
                del self._held[min(self._held, key=lambda key: self._held[key].used)]
            self._held[held.key] = held
        return held

    def get(self, key: str) -> Held | None:
        """Find an export; None if it is not held any more."""
        with self._lock:
            self._forget_old()
            held = self._held.get(key)
            if held is not None:
                held.used = time.monotonic()
        return held

    def forget(self, key: str) -> None:
        """Forget an export."""
        with self._lock:
            self._held.pop(key, None)
            self._forget_old()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget all exports, and end the process that reads them."""
        with self._lock:
            self._closed = True
            self._held.clear()
            if self._timer is not None:
                self._timer.cancel()
            reader = self._reader
        if reader is not None:
            reader.kill()  # first: what waits for it holds the lock
        with self._reading:
            self._end_reader()

    def _forget_old(self) -> None:
        """Forget what was not used for long, and come back when that may be so again."""
        now = time.monotonic()
        for key in [key for key, held in self._held.items() if now - held.used > self._kept_seconds]:
            del self._held[key]
        if self._timer is not None:
            self._timer.cancel()
        wait = min(self._kept_seconds, IDLE_SECONDS) + 0.1
        self._timer = threading.Timer(wait, self._when_idle)
        self._timer.daemon = True
        self._timer.start()

    def _when_idle(self) -> None:
        with self._lock:
            self._forget_old()
            idle = not self._held
            if idle and self._timer is not None:
                self._timer.cancel()
        if idle and self._reading.acquire(blocking=False):
            try:
                self._end_reader()
            finally:
                self._reading.release()

    def look(self, held: Held, options: Options) -> None:
        """Look at an export again, with other statements of the user.

        Raises
        ------
        SimclinicError
            If it cannot be read so; the statements of before are kept.
        """
        held.look = self._look(held.export, options)
        held.options = options

    def _look(self, export: HeldExport, options: Options) -> Look:
        found: Look = self._ask("look", export, options)
        return found

    def learn(self, held: Held, base: str | None) -> None:
        """Calibrate on an export, and write what `simclinic calibrate` writes.

        Parameters
        ----------
        held
            The export.
        base
            The clinic's file, whose settings hold where the export does not determine them; None: the typical
            clinic.

        Raises
        ------
        SimclinicError
            If that is not possible.
        """
        held.answer, held.folder = self._ask("learn", held.export, held.options, base)

    def warm(self) -> None:
        """Start the process that reads, so that the first export does not wait for imports."""
        with self._lock:
            self._forget_old()
        if self._reading.acquire(blocking=False):
            try:
                self._reader_alive()
            finally:
                self._reading.release()

    def _ask(self, *task: object) -> Any:  # noqa: ANN401 (what the task returns)
        if not self._places.acquire(blocking=False):
            raise SimclinicError(_BUSY)
        try:
            with self._reading:
                outcome = self._reader_alive().ask(task, self._read_seconds)
                if outcome is None or outcome[0] == "ended":
                    self._end_reader()
                    raise SimclinicError(
                        _SLOW.format(seconds=self._read_seconds) if outcome is None else _ENDED
                    )
        finally:
            self._places.release()
        if outcome[0] == "refused":
            raise SimclinicError(*outcome[1])
        return outcome[1]

    def _reader_alive(self) -> _Reader:
        if self._closed:
            raise SimclinicError("The server has ended.")
        if self._reader is None or not self._reader.alive:
            self._end_reader()
            self._reader = _Reader(self._folder)
        return self._reader

    def _end_reader(self) -> None:
        if self._reader is not None:
            self._reader.end()
            self._reader = None


class _Reader:
    """The process that reads."""

    def __init__(self, folder: Path) -> None:
        self._pipe: Connection
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(
            target=read, args=(theirs, str(folder)), name="simclinic-exports", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.is_alive()

    def ask(self, task: object, seconds: float) -> tuple[str, Any] | None:
        """Give it a task and wait for the outcome; None: it takes too long."""
        try:
            self._pipe.send(task)
            if self._pipe.poll(seconds):
                outcome: tuple[str, Any] = self._pipe.recv()
                return outcome
        except (OSError, EOFError):
            return "ended", None
        return None

    def kill(self) -> None:
        """End it at once; who waits for it hears so."""
        self._process.kill()

    def end(self) -> None:
        """End it at once, and clean up."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._process.kill()
        self._process.join()
