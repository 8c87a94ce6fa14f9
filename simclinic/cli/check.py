"""`simclinic check`: validate scenarios before running them."""

from __future__ import annotations

import click

from simclinic.cli import options
from simclinic.cli.screen import put, show


@click.command("check")
@options.scenarios
@options.overrides
@options.targets
@options.as_json
def command(
    scenarios: tuple[str, ...], overrides: tuple[str, ...], targets: tuple[str, ...], as_json: bool
) -> int:
    """Check scenarios, and show the capacity of their plans on paper.

    All problems of a file are listed at once. For a valid scenario, the output shows how many visits can start on
    each weekday and what prevents one more, the scarcest resource of each hour, and the visits that patients
    will ask for.
    """
    from simclinic.results.document import as_json as written
    from simclinic.studies.check import check

    document = check(scenarios, options.with_targets(overrides, targets))
    if as_json:
        put(written(document))
    else:
        from simclinic.report.text.check import check_table

        for number, checked in enumerate(document["scenarios"]):
            show(*(["-" * 40] if number else []), check_table(checked))
    return 0 if all(checked["valid"] for checked in document["scenarios"]) else 2
