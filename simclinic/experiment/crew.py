"""Who makes the replications."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Crew:
    """Who makes the replications of a study; leaving its block sends everybody home.

    Attributes
    ----------
    size
        How many replications are made at the same time.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    @classmethod
    def here(cls) -> Self:
        """Make them one after another, in this process."""
        return cls(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Send everybody home."""
