"""The group of commands. Each is imported when it is called, so that help and usage errors are fast.

The module of a command imports nothing heavy; it imports its study when it runs.
"""

from __future__ import annotations

import importlib

import click

from simclinic.cli.memory_errors import limit_threads
from simclinic.cli.screen import say
from simclinic.version import VERSION

COMMANDS = (
    "init",
    "serve",
    "check",
    "run",
    "bottleneck",
    "intake",
    "plan",
    "compare",
    "sweep",
    "template",
    "calibrate",
    "forecast",
    "track",
    "results",
    "report",
    "events",
    "warm",
)
"""Commands in the order in which a newcomer needs them; each is a module of this package with `command`."""


class Commands(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"simclinic.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; during completion drop a last option that has no value yet.

        With that option click would discard the arguments before it, among them the scenario.
        """
        name, command, rest = super().resolve_command(ctx, args)
        if ctx.resilient_parsing and rest and rest[-1].startswith("-"):
            rest = rest[:-1]
        return name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with the whole first paragraph of its help."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                first = " ".join((command.help or "").partition("\n\n")[0].split())
                rows.append((name, command.short_help or first))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, "--version", prog_name="simclinic", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def simclinic_group(context: click.Context, *, debug: bool) -> None:  # noqa: ARG001 (main looks for it)
    """Simulate a ketamine infusion clinic: what it can carry, and what breaks first.

    Begin with `simclinic init my-clinic`, edit the scenario that it writes, check it with `simclinic check`, and
    run it with `simclinic run`. `simclinic serve` shows the clinics of a folder on a page in the browser.
    """
    if context.invoked_subcommand is None:
        say("To lay out clinics on a page in the browser instead: simclinic serve", "")
        say(*context.get_help().split("\n"))
        context.exit(2)
    limit_threads()
