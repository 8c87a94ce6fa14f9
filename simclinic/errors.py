"""Errors that a user can cause and correct.

Every error that a user's input can cause derives from :class:`SimclinicError`; the command line prints it and
ends with status 2. A :class:`ScenarioError` carries *all* problems of a file at once, so that they can be corrected
in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simclinic.visible import one_line


class SimclinicError(Exception):
    """Base class of errors that are caused by the input, not by the program.

    Parameters
    ----------
    messages
        The problems, one line for each.

    Attributes
    ----------
    lines
        The messages, safe for a terminal: names and paths in them cannot break a line or act as control sequences.
    """

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.lines = tuple(one_line(message) for message in messages)

    def __str__(self) -> str:
        return "\n".join(f"- {line}" for line in self.lines) if len(self.lines) > 1 else "".join(self.lines)


class Together:
    """Errors of several steps, raised together at the end, so that they can be corrected in one go.

    Examples
    --------
    >>> wrong = Together()
    >>> with wrong:
    ...     raise SimclinicError("alpha must lie between 0 and 0.5")
    >>> with wrong:
    ...     raise SimclinicError("nothing may vary")
    >>> wrong.end()
    Traceback (most recent call last):
    ...
    simclinic.errors.SimclinicError: - alpha must lie between 0 and 0.5
    - nothing may vary
    """

    def __init__(self) -> None:
        self._errors: list[SimclinicError] = []

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, SimclinicError):
            return False
        self._errors.append(error)
        return True

    def __bool__(self) -> bool:
        return bool(self._errors)

    def end(self) -> None:
        """Raise what went wrong, if anything did; a single error as it was.

        Raises
        ------
        SimclinicError
            With the lines of all errors.
        """
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            raise SimclinicError(*dict.fromkeys(line for error in self._errors for line in error.lines))


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a scenario.

    Attributes
    ----------
    rule
        The rule that a valid value meets, in plain words ("must be at least 1").
    address
        Address in the scenario, as in `--set` (`shifts.day.nurses`); empty for the file as a whole.
    file, line
        File and line of the value; for an override `--set ADDRESS=VALUE` and no line.
    value
        The invalid value as written, cut to a readable length.
    suggestion
        The nearest valid name to a misspelt one.
    """

    rule: str
    address: str = ""
    file: str | None = None
    line: int | None = None
    value: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        message = ": ".join(part for part in (place, self.address, self.rule) if part)
        if self.value is not None:
            message += f" (is {self.value})"
        if self.suggestion is not None:
            message += f". Did you mean {self.suggestion!r}?"
        return message


class InputError(SimclinicError):
    """A file that cannot be used, with every problem found.

    Attributes
    ----------
    problems
        All problems, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(*map(str, self.problems))
        self.args = (self.problems,)  # pickling rebuilds the error from these


class ScenarioError(InputError):
    """A scenario that cannot be run.

    Attributes
    ----------
    problems
        Everything wrong with it, in the order of the file; each has `rule`, `address`, `file`, `line`, `value` and
        `suggestion`.
    """


class BoundError(SimclinicError):
    """A replication exceeded a bound: it would not have ended."""


class QueueError(BoundError):
    """More patients wait than the bound of a queue allows: it grows without end."""

    HEAD = "patients wait without bound"
    """Beginning of the message, by which a stored failure is recognised."""

    @classmethod
    def waiting_for(cls, what: str, most: int) -> QueueError:
        """Make the error of a queue for `what` that is longer than `most`."""
        return cls(f"{cls.HEAD}: more than {most:,} at once for {what}")
