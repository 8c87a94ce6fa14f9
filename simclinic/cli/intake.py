"""`simclinic intake`: the most referrals a week that meet all targets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import options, panel_options, study_report
from simclinic.cli.simulating import simulating

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.studies.execution import Execution


def _share(_: click.Context, parameter: click.Parameter, written: str) -> float:
    """Read a share: `5%`, or `0.05`."""
    try:
        value = float(written.strip().removesuffix("%"))
    except ValueError:
        raise click.BadParameter(f"{written!r} is not a share such as {parameter.default}") from None
    return value / 100 if written.strip().endswith("%") else value


@click.command("intake")
@options.scenario
@options.targets
@click.option(
    "--from",
    "first",
    metavar="SHARE",
    callback=_share,
    default="50%",
    show_default=True,
    help="The first level, as a share of the referrals that the plan carries on paper.",
)
@click.option(
    "--step",
    metavar="SHARE",
    callback=_share,
    default="5%",
    show_default=True,
    help="From one level to the next, as a share of the same.",
)
@options.alpha(
    "Chance that the confirmed level is too high, and that the one said to miss a target does not."
)
@options.most_replications("at a level")
@panel_options.all_options
@options.overrides
@options.execution
@study_report.option
@options.as_json
def command(
    scenario: str,
    targets: tuple[str, ...],
    first: float,
    step: float,
    alpha: float,
    at_most: int,
    overrides: tuple[str, ...],
    execution: Execution,
    as_json: bool,
    no_report: bool,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Find the most referrals a week that meet all targets.

    Levels of referrals rise from half of what the plan carries on paper. Each is simulated until all targets are
    shown to be met, or one to be missed; the first that is not confirmed ends the search. The answer is the highest
    level confirmed, and the lowest shown to miss a target. Without targets in the scenario or by --target, 9 in 10
    of all who ask should begin within 10 days, and in 8 years of 10 the clinic should be open past closing for at
    most 10 minutes a day.

    With --panel the simulation begins with today's patients, and targets are judged over the measured weeks.
    """
    from simclinic.errors import Together
    from simclinic.scenario import load
    from simclinic.studies.intake import check_question, intake
    from simclinic.studies.run import with_run_settings

    wrong = Together()
    with wrong:
        loaded = with_run_settings(
            load(scenario, options.with_targets(overrides, targets)), seed=execution.seed
        )
        beginning = panel_options.start([loaded], given, overrides)
        [plan] = beginning.scenarios
    with wrong:
        check_question(first, step, alpha, at_most)
    wrong.end()
    arguments = {
        "scenario": Path(scenario).name,
        "target": list(targets),
        "set": list(overrides),
        "from": first,
        "step": step,
        "alpha": alpha,
        "at_most": at_most,
        "seed": plan.run.seed,
        "mix_versions": execution.mix_versions,
    } | beginning.arguments
    with simulating(execution, arguments, beginning.panel) as how:
        finished = intake(
            plan,
            first=first,
            step=step,
            alpha=alpha,
            at_most=at_most,
            options=how,
        )

    def table() -> RenderableType:
        from simclinic.report.text.intake import intake_table

        return intake_table(finished.document, plan.finance.currency)

    return study_report.finish(finished, table, as_json=as_json, no_report=no_report)
