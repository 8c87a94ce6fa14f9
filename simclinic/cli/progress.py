"""A progress bar on stderr: for people who wait, not for files."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 2.0
"""Seconds before there is a bar: what is done sooner needs none."""


class Bar:
    """Shows how many replications are finished, if stderr is a terminal and it takes longer than two seconds."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._shown: Progress | None = None
        self._task: TaskID | None = None

    def __call__(self, done: int, planned: int) -> None:
        """Take note that so many replications are finished."""
        if self._shown is None and time.monotonic() - self._begun > PATIENCE and done < planned:
            self._show(planned)
        if self._shown is not None and self._task is not None:
            self._shown.update(self._task, completed=done)

    def _show(self, planned: int) -> None:
        if not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        self._shown = Progress(
            "Simulating",
            BarColumn(),
            MofNCompleteColumn(),
            "replications",
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._shown.start()
        self._task = self._shown.add_task("", total=planned)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._shown.stop()
