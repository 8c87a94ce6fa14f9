"""What can go wrong for a user, told so that the user can mend it.

Every error that a user's input can cause derives from :class:`SimclinicError`; the command line prints it and
ends with status 2. A :class:`ScenarioError` carries *all* problems of a file at once, because mending a file one
message at a time is a waste of an afternoon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simclinic.visible import one_line


class SimclinicError(Exception):
    """Base of every error that is the input's fault and not the program's.

    Parameters
    ----------
    told
        What is wrong, one line for each problem.

    Attributes
    ----------
    lines
        The same, fit for a screen: names and paths in them cannot break a line or be taken for commands.
    """

    def __init__(self, *told: str) -> None:
        super().__init__(*told)
        self.lines = tuple(one_line(each) for each in told)

    def __str__(self) -> str:
        return "\n".join(f"- {line}" for line in self.lines) if len(self.lines) > 1 else "".join(self.lines)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a scenario.

    Attributes
    ----------
    rule
        What holds for a valid value, in plain words ("must be at least 1").
    address
        Where in the scenario, as `--set` would name it (`shifts.day.nurses`); empty for the file as a whole.
    file, line
        Where it is written; for an override `--set ADDRESS=VALUE` and no line.
    value
        The offending value as written, cut to a readable length.
    suggestion
        The nearest valid name, for a misspelt one.
    """

    rule: str
    address: str = ""
    file: str | None = None
    line: int | None = None
    value: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        told = ": ".join(part for part in (place, self.address, self.rule) if part)
        if self.value is not None:
            told += f" (is {self.value})"
        if self.suggestion is not None:
            told += f". Did you mean {self.suggestion!r}?"
        return told


class InputError(SimclinicError):
    """A file that cannot be used, with every problem found.

    Attributes
    ----------
    problems
        All of them, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*map(str, self.problems))
        self.args = (self.problems,)  # what a copy in another process is made of


class ScenarioError(InputError):
    """A scenario that cannot be run."""


class BoundError(SimclinicError):
    """A replication held more than one may: it would have gone on without end."""


class QueueError(BoundError):
    """More patients wait than ever can: the queue has no end."""

    HEAD = "patients wait without bound"
    """How the message begins, by which a kept failure is known again."""

    @classmethod
    def waiting_for(cls, what: str, most: int) -> QueueError:
        """Say what they wait for, and how many could."""
        return cls(f"{cls.HEAD}: more than {most:,} at once for {what}")
