"""A replication that raised an error: one row of data, so that the others continue.

The traceback leaves out the folders of the machine: results are shared, and its paths are private.
"""

from __future__ import annotations

import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

from simclinic.errors import BoundError, QueueError

_ROOTS = tuple(
    dict.fromkeys(
        str(root)
        for root in (
            Path(__file__).resolve().parents[2],
            *(Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")),
        )
    )
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A replication that could not be finished.

    Attributes
    ----------
    number, seed
        Number of the replication and the experiment's seed: the two reproduce it.
    error
        Type and message, in one line; of a bound that was exceeded, the message alone.
    traceback
        Where in the program, for developers.
    """

    number: int
    seed: int
    error: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException, *, number: int, seed: int) -> Failure:
        """Record an error."""
        kind, message = type(error).__name__, " ".join(str(error).split())
        if not isinstance(error, BoundError):  # its message is complete without the type
            message = f"{kind}: {message}" if message else kind
        return cls(number, seed, message, relative_traceback(error))

    @property
    def queue_without_end(self) -> bool:
        """Whether it was stopped because a queue grew without bound."""
        return self.error.startswith(QueueError.HEAD)


def relative_traceback(error: BaseException) -> str:
    """Format a traceback with paths relative to the package, the environment or the standard library."""
    text = "".join(traceback.format_exception(error))
    for root in _ROOTS:
        text = text.replace(f'"{root}/', '"').replace(f'"{root}\\', '"')
    return text
