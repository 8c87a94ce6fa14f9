"""`simclinic check`: validate scenarios before running them."""

from __future__ import annotations

import click

from simclinic.cli import options
from simclinic.cli.screen import put, show


@click.command("check")
@options.scenarios
@options.overrides
@options.as_json
def command(scenarios: tuple[str, ...], overrides: tuple[str, ...], as_json: bool) -> int:
    """Check scenarios, and show what their plans can carry on paper.

    Lists everything that is wrong with a file at once. For a valid one: how many visits can start on each weekday
    and what keeps out one more, the tightest resource of each hour, and what patients will ask for.
    """
    from simclinic.results.document import as_json as written
    from simclinic.studies.check import check

    document = check(scenarios, overrides)
    if as_json:
        put(written(document))
    else:
        from simclinic.report.text.check import check_table

        for number, checked in enumerate(document["scenarios"]):
            show(*(["-" * 40] if number else []), check_table(checked))
    return 0 if all(checked["valid"] for checked in document["scenarios"]) else 2
