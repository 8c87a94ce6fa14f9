"""`simclinic run`: simulate a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import complete, options, panel_options, study_report
from simclinic.cli.screen import put, say, show

if TYPE_CHECKING:
    from simclinic.scenario import Scenario
    from simclinic.studies.execution import Execution
    from simclinic.studies.run import FinishedRun


@click.command("run")
@options.scenario
@panel_options.all_options
@options.overrides
@options.targets
@options.replications_or_auto
@click.option(
    "--precision",
    metavar="P",
    help="With --replications auto: half-width of the means' 95 % intervals, such as 5% of the mean, or 0.5 in the "
    "figure's unit. Default: 5%.",
)
@click.option(
    "--on",
    metavar="KPI,KPI",
    multiple=True,
    shell_complete=complete.figures,
    help="With --replications auto: key figures to which --precision applies. Default: access_days_mean, "
    "chair_utilisation, boosters_per_week.",
)
@options.at_most
@click.option(
    "--antithetic",
    is_flag=True,
    help="Simulate in antithetic pairs: the second replication has the mirrored random inputs of the first.",
)
@options.plain
@options.execution
@study_report.option
@options.as_json
@click.option("--explain", is_flag=True, help="Add the exact definition of each figure.")
def command(
    scenario: str,
    overrides: tuple[str, ...],
    targets: tuple[str, ...],
    precision: str | None,
    on: tuple[str, ...],
    at_most: int,
    antithetic: bool,
    plain: bool,
    execution: Execution,
    as_json: bool,
    no_report: bool,
    explain: bool,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Simulate a scenario and show how the clinic performs.

    The key figures are printed, and stored with all details in a results folder. The same command on the same
    folder resumes an interrupted run; with more replications it extends the run.

    With --panel the simulation begins with today's patients, without a warm-up.
    """
    from simclinic.cli.progress import Bar
    from simclinic.results.document import as_json as written
    from simclinic.scenario import load
    from simclinic.studies.goals import mean_goals
    from simclinic.studies.precise import run_until
    from simclinic.studies.run import run, with_run_settings

    auto = execution.replications == "auto"
    if not auto and (precision is not None or on):
        raise click.UsageError("--precision and --on go with --replications auto.")
    names = [name.strip() for several in on for name in several.split(",") if name.strip()]
    goals = mean_goals(precision or "5%", names) if auto else []
    settled = options.with_targets(overrides, targets)
    beginning = panel_options.start(
        [with_run_settings(load(scenario, settled), replications=execution.number, seed=execution.seed)],
        given,
        overrides,
    )
    [settings] = beginning.scenarios
    arguments = {
        "scenario": Path(scenario).name,
        "set": list(overrides),
        **({"target": list(targets)} if targets else {}),
        "replications": "auto" if goals else settings.run.replications,
        "seed": settings.run.seed,
        "mix_versions": execution.mix_versions,
    } | beginning.arguments
    with execution.executor() as executor, Bar() as bar:

        def made(settings: Scenario) -> FinishedRun:
            return run(
                settings,
                out=execution.out,
                arguments=arguments,
                progress=bar,
                executor=executor,
                time_limit=execution.time_limit,
                antithetic=antithetic,
                panel=beginning.panel,
                plain=plain,
            )

        if not goals:
            finished = made(settings)
        else:
            finished = run_until(settings, goals, made, at_most=at_most, antithetic=antithetic)
    where = study_report.write_report(finished.folder, no_report=no_report, panel=beginning.panel)
    if as_json:
        put(written(finished.document))
    else:
        _show(finished, where, explain=explain)
    for line in _remarks(finished):
        say(line, err=True)
    return 1 if finished.failures else 0


def _show(finished: FinishedRun, where: Sequence[str], *, explain: bool) -> None:
    from simclinic.report.text.run import run_table

    ramp = [(year.label, year.boosters_per_week) for year in finished.ramp]
    table = run_table(
        finished.document, finished.scenario.finance.currency, ramp, finished.plans(), explain=explain
    )
    show(table)
    say("", *where)


def _remarks(finished: FinishedRun) -> list[str]:
    from simclinic.report.text.words import simulated_again

    lines = []
    if finished.repaired:
        lines.append(simulated_again(finished.repaired, finished.folder))
    if finished.stored > finished.document["replications"]:
        lines.append(
            f"{finished.folder} contains {finished.stored} replications of earlier commands; the first "
            f"{finished.document['replications']} are shown."
        )
    if finished.failures:
        first = finished.failures[0]
        lines.append(
            f"{len(finished.failures)} of {finished.document['replications']} replications failed; the first was "
            f"number {first.number}: {first.error}. See {finished.folder / 'failures.jsonl'}."
        )
    return lines
