"""Usage errors on the command line, with suggestions of what was probably meant.

The options of each command are read from the commands themselves.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

import click

from simclinic.cli.group import COMMANDS, simclinic_group

_SYNONYMS = {
    "simulate": "run",
    "start": "init",
    "new": "init",
    "validate": "check",
    "predict": "forecast",
    "fit": "calibrate",
    "list": "results",
    "show": "results",
    "log": "events",
    "diff": "compare",
    "html": "report",
}
"""Synonyms of commands, which are not spelt alike."""


def lines(error: click.ClickException) -> Iterator[str]:
    """Yield the usage of the command and the message; click itself would drop some characters."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        yield from context.get_usage().split("\n")
        yield f"Try '{context.command_path} --help' for help."
        yield ""
    yield f"Error: {with_suggestion(error).format_message()}"


def with_suggestion(error: click.ClickException) -> click.ClickException:
    """Return the error of a wrong command or option with a suggestion; other errors are unchanged."""
    if isinstance(error, click.exceptions.NoSuchCommand):
        return click.UsageError(_command(error.command_name), error.ctx)
    if isinstance(error, click.NoSuchOption) and error.option_name.startswith("--"):
        return click.UsageError(_option(error), error.ctx)
    if isinstance(error, click.UsageError) and error.message.startswith("Got unexpected extra argument"):
        return click.UsageError(_argument(error), error.ctx)
    return error


def _command(written: str) -> str:
    lower = written.lower()
    meant = _SYNONYMS.get(lower) or next(
        iter(difflib.get_close_matches(lower, COMMANDS, 1, 0.6)),
        next((name for name in COMMANDS if len(lower) > 1 and name.startswith(lower)), None),
    )
    if meant is not None:
        return f"No such command '{written}'. Did you mean '{meant}'?"
    if "." in written or "/" in written:
        return f"No such command '{written}'. A command comes before files: simclinic run {written}"
    return f"No such command '{written}'. The commands are {_joined(COMMANDS)}."


def _option(error: click.NoSuchOption) -> str:
    """Suggest the nearest option of this command, and name the commands that have the written one."""
    written = error.option_name
    message = f"No such option '{written}'."
    context = error.ctx
    if context is None:
        return message
    mine = list(_options(context.command))
    others = [name for name in COMMANDS if written in _options(_named(context, name))]
    if others:
        here = context.command.name if context.parent is not None else None
        if here is None:
            have = "have" if len(others) > 1 else "has"
            return f"{message} It comes after a command: {_joined(others)} {have} it."
        near = _near(written, mine)[:1]
        if near and near[0].startswith(written):
            have = "have" if len(others) > 1 else "has"
            return f"{message} Did you mean '{near[0]}'? {_joined(others)} {have} '{written}'."
        return (
            f"{message} '{here}' does not have it; {_joined(others)} {'do' if len(others) > 1 else 'does'}."
        )
    near = _near(written, mine)
    if near:
        return f"{message} Did you mean {' or '.join(repr(name) for name in near)}?"
    near = _near(
        written, dict.fromkeys(each for name in COMMANDS for each in _options(_named(context, name)))
    )
    if near:
        having = [name for name in COMMANDS if near[0] in _options(_named(context, name))]
        return f"{message} Did you mean '{near[0]}'? {_joined(having)} {'have' if len(having) > 1 else 'has'} it."
    return message


def _argument(error: click.UsageError) -> str:
    """Name the commands that take several scenarios, if this one takes only one."""
    context = error.ctx
    if context is None or not any(each.name == "scenario" for each in context.command.params):
        return error.message
    several = [name for name in COMMANDS if any(each.nargs == -1 for each in _named(context, name).params)]
    message = error.message.rstrip(".")
    return f"{message}. '{context.command.name}' takes one scenario; {_joined(several)} take several."


def _near(written: str, options: Iterable[str]) -> list[str]:
    """Find options spelt alike, leading dashes ignored."""
    bare = {option.lstrip("-"): option for option in options}
    name = written.lstrip("-").lower()
    longer = [option for option in bare if len(name) > 1 and option.startswith(name)]
    close = difflib.get_close_matches(name, bare, 2, 0.7)
    return [bare[option] for option in dict.fromkeys([*longer, *close])][:2]


def _options(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from (
                name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("--")
            )


def _named(context: click.Context, name: str) -> click.Command:
    command = simclinic_group.get_command(context, name)
    assert command is not None
    return command


def _joined(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
