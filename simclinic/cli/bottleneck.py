"""`simclinic bottleneck`: what runs out first, and what one more of each would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import options, panel_options, study_report
from simclinic.cli.simulating import simulating

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.studies.execution import Execution


@click.command("bottleneck")
@options.scenario
@options.targets
@panel_options.all_options
@options.overrides
@click.option(
    "--replications",
    type=int,
    metavar="N",
    help="Number of replications of each plan. Default: 10; more tell smaller differences.",
)
@options.execution
@study_report.option
@options.as_json
def command(
    scenario: str,
    targets: tuple[str, ...],
    overrides: tuple[str, ...],
    execution: Execution,
    as_json: bool,
    no_report: bool,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Say what runs out first, and what one more or fewer of each would do.

    The plan is simulated as it is and with one change at a time, on the same patients: one more nurse in each
    shift, a chair, half an hour earlier or later, a day; and one nurse or chair fewer. Changes are sorted by what
    the scenario's targets need. Two weeks of leave of one nurse are simulated as well.

    With --panel all plans begin with today's patients, on the same day and without a warm-up.
    """
    from simclinic.scenario import load
    from simclinic.studies.bottleneck import bottleneck, with_replications

    settings = options.with_targets(overrides, targets)
    loaded = with_replications(load(scenario, settings), execution.number, execution.seed)
    beginning = panel_options.start([loaded], given, overrides)
    [plan] = beginning.scenarios
    arguments = {
        "scenario": Path(scenario).name,
        "target": list(targets),
        "set": list(overrides),
        "replications": plan.run.replications,
        "seed": plan.run.seed,
        "mix_versions": execution.mix_versions,
    } | beginning.arguments
    with simulating(execution, arguments, beginning.panel) as how:
        finished = bottleneck(plan, options=how)

    def table() -> RenderableType:
        from simclinic.report.text.bottleneck import bottleneck_table

        return bottleneck_table(finished.document, plan.finance.currency)

    return study_report.finish(finished, table, as_json=as_json, no_report=no_report)
