"""The entry point: every outcome becomes a message and an exit status.

0 done; 1 failed; 2 wrong usage or an invalid scenario; 130, 143, 129 interrupted. A traceback is for
developers: it goes into a file, or on the screen with `--debug`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence

import click

from simclinic.cli import interrupt
from simclinic.cli.group import simclinic_group
from simclinic.cli.memory_errors import MESSAGE, shortage
from simclinic.cli.screen import guarded, say
from simclinic.errors import SimclinicError

FAILED, WRONG = 1, 2
_WRONG_PATH = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR)
"""System errors that another path solves."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit status."""
    if arguments is None:
        interrupt.install_handlers()
    given = list(sys.argv[1:] if arguments is None else arguments)
    with guarded():
        status = _status(given)
    sys.exit(status)


def _status(given: list[str]) -> int:
    try:
        status = simclinic_group.main(given, prog_name="simclinic", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        from simclinic.cli.usage_errors import lines

        say(*lines(error), err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as abort:
        # click takes an EOFError for Ctrl-D at a prompt; this program has no prompts.
        if isinstance(abort.__cause__, EOFError):
            return _internal(abort.__cause__, debug="--debug" in given)
        return _interrupted(abort)
    except SimclinicError as error:
        if error.__cause__ is not None and (what := shortage(error.__cause__)):
            return _out_of_memory(what)
        listed = [f"- {line}" for line in error.lines]
        say(*(["Error:", *listed] if len(listed) > 1 else [f"Error: {error}"]), err=True)
        return int(getattr(error, "exit_status", WRONG))
    except BrokenPipeError:
        # The reader of the output has closed it (`| head`): nothing more can be printed, or needs to be.
        _silence_stdout()
        return FAILED
    except Exception as error:  # noqa: BLE001 (the last resort: no traceback reaches a user)
        return _internal(error, debug="--debug" in given)
    return int(status or 0)


def _interrupted(abort: BaseException) -> int:
    interrupt.ignore_further()
    cause = abort if isinstance(abort, KeyboardInterrupt) else abort.__cause__
    text = str(cause) if cause is not None and str(cause) else "interrupted"
    message = text.replace("interrupted", f"interrupted{interrupt.by()}", 1)
    say(f"{message[:1].upper()}{message[1:]}.", err=True)
    return interrupt.status()


def _out_of_memory(what: str) -> int:
    say(f"Error: {MESSAGE.format(what=what)}", err=True)
    _silence_stdout()
    return FAILED


def _internal(error: Exception, *, debug: bool) -> int:
    if not debug and (what := shortage(error)):
        return _out_of_memory(what)
    if isinstance(error, OSError) and error.errno is not None:
        say(f"Error: {error.strerror}{f': {error.filename}' if error.filename else ''}", err=True)
        _silence_stdout()
        return WRONG if error.errno in _WRONG_PATH else FAILED
    message = " ".join(f"{type(error).__name__}: {error}".split())
    if debug:
        traceback.print_exception(error)
        return FAILED
    where = "run it again with --debug to see where"
    with contextlib.suppress(OSError):
        handle, path = tempfile.mkstemp(prefix="simclinic-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write("".join(traceback.format_exception(error)))
        where = f"the traceback is in {path}"
    say(f"Internal error, a mistake in simclinic itself: {message[:300]} ({where}).", err=True)
    return FAILED


def _silence_stdout() -> None:
    """Redirect stdout to the null device: the interpreter's last flush would fail again."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
