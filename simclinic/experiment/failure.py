"""A replication that raised: one row of data, so that the others can go on.

The traceback is told without the folders of the machine it happened on: results are shared, and where
somebody keeps their Python is nobody's business.
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
    number
        Which replication.
    seed
        With which seed: the two together repeat it.
    error
        Kind and message, in one line; of a bound that was met the message alone.
    traceback
        Where in the program, for whoever mends it.
    """

    number: int
    seed: int
    error: str
    traceback: str

    @classmethod
    def of(cls, error: BaseException, *, number: int, seed: int) -> Failure:
        """Write down an error."""
        kind, told = type(error).__name__, " ".join(str(error).split())
        if not isinstance(error, BoundError):  # which says in plain words what has no end
            told = f"{kind}: {told}" if told else kind
        return cls(number, seed, told, told_of(error))

    @property
    def queue_without_end(self) -> bool:
        """Whether it was broken off because patients wait without bound."""
        return self.error.startswith(QueueError.HEAD)


def told_of(error: BaseException) -> str:
    """Write a traceback with paths relative to the package, the environment or the standard library."""
    written = "".join(traceback.format_exception(error))
    for root in _ROOTS:
        written = written.replace(f'"{root}/', '"').replace(f'"{root}\\', '"')
    return written
