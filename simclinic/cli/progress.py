"""A progress bar on stderr, shown only on a terminal."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

from simclinic.cli.screen import unguarded

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 2.0
"""Seconds before the bar appears."""


class Bar:
    """Shows the number of finished replications and the time left.

    It appears if stderr is a terminal and the work takes longer than two seconds. A timer shows it, since the first
    replication may take longer than that.

    Parameters
    ----------
    doing, what
        Texts: the activity, and what is counted.
    """

    def __init__(self, doing: str = "Simulating", what: str = "replications") -> None:
        self._doing, self._what = doing, what
        self._done = self._planned = 0
        self._shown: Progress | None = None
        self._task: TaskID | None = None
        self._turn = threading.Lock()
        self._timer = threading.Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __call__(self, done: int, planned: int) -> None:
        """Update the number of finished replications."""
        with self._turn:
            self._done, self._planned = done, planned
            if self._shown is not None and self._task is not None:
                self._shown.update(self._task, completed=done, total=planned)

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        with self._turn:
            if self._timer.finished.is_set() or self._done >= self._planned > 0:
                return
            shown = Progress(
                self._doing,
                BarColumn(),
                MofNCompleteColumn(),
                f"{self._what},",
                TimeRemainingColumn(),
                TextColumn("left"),
                console=Console(file=unguarded(sys.stderr)),
                transient=True,
                redirect_stdout=False,  # rich's redirection would bypass the guarded streams
                redirect_stderr=False,
            )
            shown.start()
            self._task = shown.add_task("", total=self._planned or None, completed=self._done)
            self._shown = shown

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._turn:
            if self._shown is not None:
                self._shown.stop()
