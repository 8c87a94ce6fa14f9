"""`simclinic compare`: differences between scenarios, with intervals and verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from simclinic.cli import complete, options, panel_options, study_report
from simclinic.cli.screen import put, say, show

if TYPE_CHECKING:
    from simclinic.studies.compare import FinishedComparison
    from simclinic.studies.execution import Execution


@click.command("compare")
@options.scenarios
@click.option(
    "--protocols",
    metavar="A,B",
    shell_complete=complete.protocols,
    help="Compare protocols of the scenario: all patients on the first, all on the second ...",
)
@click.option(
    "--until",
    metavar="KPI=VALUE",
    multiple=True,
    shell_complete=complete.wanted,
    help="Add replications until the difference is known to ± VALUE, in the figure's unit; can be given several "
    "times.",
)
@options.at_most
@click.option(
    "--kpis",
    metavar="KPI,KPI",
    shell_complete=complete.figures,
    help="Compare only these key figures. Default: all.",
)
@panel_options.all_options
@options.overrides
@options.targets
@options.replications
@options.plain
@options.execution
@study_report.option
@options.as_json
@click.option("--explain", is_flag=True, help="Explain how to read the differences.")
def command(
    scenarios: tuple[str, ...],
    protocols: str | None,
    until: tuple[str, ...],
    at_most: int,
    kpis: str | None,
    overrides: tuple[str, ...],
    targets: tuple[str, ...],
    plain: bool,
    execution: Execution,
    as_json: bool,
    no_report: bool,
    explain: bool,
    **given: Unpack[panel_options.PanelArguments],
) -> int:
    """Compare scenarios, or protocols of one, on the same patients.

    Each later scenario is compared with the first, replication by replication; all use the seed and the number of
    replications of the first. Differences have 95 % intervals and a verdict that is corrected for the number of
    figures compared.

    With --panel all scenarios begin with today's patients, on the same day and without a warm-up.
    """
    from simclinic.cli.progress import Bar
    from simclinic.results.document import as_json as written
    from simclinic.scenario import load
    from simclinic.studies.compare import compare, sides
    from simclinic.studies.goals import difference_goals

    if until and execution.replications is not None:
        raise click.UsageError("--until decides how many replications there are: leave --replications out.")
    aims = difference_goals(until)
    settled = options.with_targets(overrides, targets)
    beginning = panel_options.start([load(scenario, settled) for scenario in scenarios], given, overrides)
    compared = sides(
        beginning.scenarios,
        _names(protocols),
        replications=execution.number,
        seed=execution.seed,
    )
    arguments = {
        "scenarios": [Path(scenario).name for scenario in scenarios],
        "protocols": _names(protocols),
        "kpis": _names(kpis),
        "until": list(until),
        "set": list(overrides),
        **({"target": list(targets)} if targets else {}),
        "replications": None if until else compared[0].scenario.run.replications,
        "seed": compared[0].scenario.run.seed,
        "mix_versions": execution.mix_versions,
    } | beginning.arguments
    with execution.executor() as executor, Bar() as bar:
        finished = compare(
            compared,
            kpis=_names(kpis),
            until=aims,
            at_most=at_most,
            out=execution.out,
            arguments=arguments,
            progress=bar,
            executor=executor,
            time_limit=execution.time_limit,
            panel=beginning.panel,
            plain=plain,
        )
    where = study_report.write_report(finished.folder, no_report=no_report)
    if as_json:
        put(written(finished.document))
    else:
        _show(finished, where, explain=explain)
    for line in _remarks(finished):
        say(line, err=True)
    return 1 if finished.failures else 0


def _names(written: str | None) -> list[str]:
    return [name.strip() for name in (written or "").split(",") if name.strip()]


def _show(finished: FinishedComparison, where: Sequence[str], *, explain: bool) -> None:
    from simclinic.report.text.compare import compare_table

    currency = finished.sides[0].scenario.finance.currency
    show(compare_table(finished.document, currency, explain=explain))
    say("", *where)


def _remarks(finished: FinishedComparison) -> list[str]:
    from simclinic.report.text.words import failed_in_folders, simulated_again

    lines = [
        f"{run.reused[1]} replications of {side.name} are taken from {run.reused[0]}."
        for side, run in zip(finished.sides, finished.runs, strict=True)
        if run.reused and finished.folder not in run.reused[0].parents
    ]
    lines += [simulated_again(run.repaired, run.folder) for run in finished.runs if run.repaired]
    lines += failed_in_folders(finished.failures, finished.folder)
    return lines
