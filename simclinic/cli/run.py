"""`simclinic run`: simulate a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import complete, options, reported, today
from simclinic.cli.screen import put, say, show

if TYPE_CHECKING:
    from simclinic.scenario import Scenario
    from simclinic.studies.execution import Execution
    from simclinic.studies.run import FinishedRun


@click.command("run")
@options.scenario
@today.options
@options.overrides
@options.replications_or_auto
@click.option(
    "--precision",
    metavar="P",
    help="With --replications auto: how well to know the mean, ± 5% of it, or ± 0.5 in the figure's unit. "
    "Default: 5%.",
)
@click.option(
    "--on",
    metavar="KPI,KPI",
    multiple=True,
    shell_complete=complete.figures,
    help="With --replications auto: which means. Default: access_days_mean, chair_utilisation, boosters_per_week.",
)
@options.at_most
@click.option(
    "--antithetic",
    is_flag=True,
    help="Simulate in mirrored pairs: the second's luck is the first's reversed.",
)
@options.execution
@reported.option
@options.as_json
@click.option("--explain", is_flag=True, help="Add what each figure counts, exactly.")
def command(
    scenario: str,
    overrides: tuple[str, ...],
    precision: str | None,
    on: tuple[str, ...],
    at_most: int,
    antithetic: bool,
    execution: Execution,
    as_json: bool,
    no_report: bool,
    explain: bool,
    **given: Unpack[today.Given],
) -> int:
    """Simulate a scenario and show how the clinic does.

    The figures go to stdout, and with everything behind them into a results folder. The same command on the same
    folder goes on where it stopped; more replications extend it.

    With --panel it begins with today's patients, without a warm-up.
    """
    from simclinic.cli.progress import Bar
    from simclinic.results.document import as_json as written
    from simclinic.scenario import load
    from simclinic.studies.aims import means
    from simclinic.studies.precise import run_until
    from simclinic.studies.run import run, settled

    auto = execution.replications == "auto"
    if not auto and (precision is not None or on):
        raise click.UsageError("--precision and --on go with --replications auto.")
    names = [name.strip() for several in on for name in several.split(",") if name.strip()]
    goals = means(precision or "5%", names) if auto else []
    begun = today.start(
        [settled(load(scenario, overrides), replications=execution.number, seed=execution.seed)],
        given,
        overrides,
    )
    [settings] = begun.scenarios
    arguments = {
        "scenario": Path(scenario).name,
        "set": list(overrides),
        "replications": "auto" if goals else settings.run.replications,
        "seed": settings.run.seed,
        "mix_versions": execution.mix_versions,
    } | begun.arguments
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
                panel=begun.panel,
            )

        if not goals:
            found = made(settings)
        else:
            found = run_until(settings, goals, made, at_most=at_most, antithetic=antithetic)
    where = reported.reported(found.folder, no_report=no_report, panel=begun.panel)
    if as_json:
        put(written(found.document))
    else:
        _show(found, where, explain=explain)
    for told in _remarks(found):
        say(told, err=True)
    return 1 if found.failures else 0


def _show(found: FinishedRun, where: Sequence[str], *, explain: bool) -> None:
    from simclinic.report.text.run import run_table

    ramp = [(year.told, year.boosters_per_week) for year in found.ramp]
    table = run_table(found.document, found.scenario.finance.currency, ramp, found.plans(), explain=explain)
    show(table)
    say("", *where)


def _remarks(found: FinishedRun) -> list[str]:
    told = []
    if found.mended:
        told.append(f"{found.mended} damaged part(s) of {found.folder} were simulated again.")
    if found.held > found.document["replications"]:
        told.append(
            f"{found.folder} holds {found.held} replications from before; shown are the first "
            f"{found.document['replications']}."
        )
    if found.failures:
        first = found.failures[0]
        told.append(
            f"{len(found.failures)} of {found.document['replications']} replications failed; the first was number "
            f"{first.number}: {first.error}. See {found.folder / 'failures.jsonl'}."
        )
    return told
