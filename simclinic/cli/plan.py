"""`simclinic plan`: the cheapest plan that meets all targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import complete, options, panel_options, study_report
from simclinic.cli.simulating import simulating

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.studies.execution import Execution


@click.command("plan")
@options.scenario
@click.option(
    "--over",
    "over",
    metavar="ADDRESS=LEVELS",
    multiple=True,
    shell_complete=complete.addresses,
    help="A setting that may vary, and its levels: clinic.chairs=2:6, booking.booster_reserve=0,0.1,0.2; can be "
    "given several times.",
)
@options.targets
@click.option(
    "--maximise",
    metavar="KPI",
    shell_complete=complete.figures,
    help="Name the plan with most of this figure among all that meet the targets, instead of the cheapest.",
)
@options.alpha()
@options.most_replications("of a plan")
@click.option(
    "--ends/--no-ends",
    default=True,
    help="Try the answer again with the inputs that matter most at both ends of their ranges. Default: do.",
)
@click.option(
    "--by",
    is_flag=True,
    help="With --panel: say by when the plan must be in force, so that targets are met in every quarter.",
)
@click.option(
    "--lead-weeks",
    type=int,
    metavar="N",
    default=13,
    show_default=True,
    help="With --by: weeks from an advertisement to the first day.",
)
@panel_options.all_options
@options.overrides
@options.execution
@study_report.option
@options.as_json
def command(
    scenario: str,
    over: tuple[str, ...],
    targets: tuple[str, ...],
    maximise: str | None,
    alpha: float,
    at_most: int,
    ends: bool,
    by: bool,
    lead_weeks: int,
    overrides: tuple[str, ...],
    execution: Execution,
    as_json: bool,
    no_report: bool,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Find the cheapest plan that meets all targets.

    Plans are all combinations of the levels given by --over, in the order of their known cost: rostered hours and
    chairs. Each is simulated on the same patients until it is shown to meet all targets, or to miss one; the first
    that meets them ends the search. Without targets in the scenario or by --target, 9 in 10 of all who ask should
    begin within 10 days, and in 8 years of 10 the clinic should be open past closing for at most 10 minutes a day.

    The same command on the same folder resumes an interrupted search, also with other levels, targets or --alpha.
    With --panel the simulation begins with today's patients, and targets are judged over the measured weeks; with
    --by, too, in every quarter of them, and the answer says by when the plan must be in force.
    """
    from simclinic.errors import Together
    from simclinic.scenario import load
    from simclinic.studies.plan import check_question, plan
    from simclinic.studies.plan_space import read_levels, space_of
    from simclinic.studies.run import with_run_settings

    wrong = Together()
    with wrong:
        loaded = with_run_settings(
            load(scenario, options.with_targets(overrides, targets)), seed=execution.seed
        )
        beginning = panel_options.start([loaded], given, overrides)
        [clinic] = beginning.scenarios
        space = space_of(clinic, over, beginning.panel)
    with wrong:
        read_levels(over)
    with wrong:
        check_question(
            [each.partition("=")[0].strip() for each in over],
            alpha=alpha,
            at_most=at_most,
            maximise=maximise,
            by=by,
            lead_weeks=lead_weeks,
            panel=given["panel_file"] is not None,
            weeks=None if wrong else clinic.run.weeks,
        )
    wrong.end()
    arguments = {
        "scenario": Path(scenario).name,
        "over": list(over),
        "target": list(targets),
        "set": list(overrides),
        **({"maximise": maximise} if maximise else {}),
        "alpha": alpha,
        "at_most": at_most,
        "ends": ends,
        **({"by": by, "lead_weeks": lead_weeks} if by else {}),
        "seed": clinic.run.seed,
        "mix_versions": execution.mix_versions,
    } | beginning.arguments
    with simulating(execution, arguments, beginning.panel) as how:
        finished = plan(
            clinic,
            space,
            alpha=alpha,
            at_most=at_most,
            maximise=maximise,
            ends=ends,
            by=by,
            lead_weeks=lead_weeks,
            options=how,
        )

    def table() -> RenderableType:
        from simclinic.report.text.plan import plan_table

        return plan_table(finished.document, clinic.finance.currency)

    return study_report.finish(finished, table, as_json=as_json, no_report=no_report)
