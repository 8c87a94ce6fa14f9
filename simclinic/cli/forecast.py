"""`simclinic forecast`: boosters per week from today's patients and new ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import click

from simclinic.cli import export_options, options, panel_options, study_report
from simclinic.cli.screen import put, say, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from simclinic.studies.execution import Execution
    from simclinic.studies.forecast import FinishedForecast

_NOT_WITH_BACKTEST = {"panel_file": "--panel", "as_of": "--as-of", "own_law": "--own-law"}
"""Options of a forecast that do not apply to a backtest, by the name of their parameter."""


@click.command("forecast")
@click.argument("scenario", required=False, type=click.Path())
@panel_options.panel
@click.option(
    "--weeks",
    type=click.IntRange(1, 520),
    metavar="N",
    help="Number of weeks. Default: 26; with --backtest all weeks of the export after --cut.",
)
@panel_options.as_of
@click.option(
    "--fixed-parameters",
    is_flag=True,
    help="Use estimated settings as given: bands then show chance only, not the uncertainty of the estimates.",
)
@click.option(
    "--own-law",
    is_flag=True,
    help="Use only the scenario's own relapse law. Default: those of the evidence, too, unless the scenario is "
    "calibrated.",
)
@click.option(
    "--backtest",
    "visits",
    type=click.Path(),
    metavar="VISITS.csv",
    help="Test an earlier forecast: cut this export at --cut, calibrate on the part before, and compare the "
    "forecast with the part after. SCENARIO, if given, has the settings that the export does not determine.",
)
@click.option(
    "--cut",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="With --backtest: the first day that the calibration does not use.",
)
@export_options.all_options
@options.overrides
@click.option("--replications", type=int, metavar="N", help="Number of simulated futures. Default: 200.")
@options.execution
@study_report.option
@options.as_json
def command(
    scenario: str | None,
    panel_file: Path | None,
    weeks: int | None,
    as_of: dt.datetime | None,
    fixed_parameters: bool,
    own_law: bool,
    visits: str | None,
    cut: dt.datetime | None,
    overrides: tuple[str, ...],
    execution: Execution,
    as_json: bool,
    no_report: bool,
    **export_arguments: Unpack[export_options.ExportArguments],
) -> int:
    """Forecast boosters per week from today's patients and new ones, and when the clinic will be full.

    Every figure of a week is a band over simulated futures. Without a fit to the clinic's own patients (`simclinic
    calibrate`), both relapse laws of the evidence are shown, since they are the largest source of uncertainty.

    With --backtest, a forecast is made as of --cut and compared with the outcome.
    """
    from simclinic.cli.progress import Bar

    _check_combination(click.get_current_context())
    given: dict[str, Any] = {
        "scenario": None if scenario is None else Path(scenario).name,
        "weeks": weeks,
        "fixed_parameters": fixed_parameters,
        "mix_versions": execution.mix_versions,
        "set": list(overrides),
        "replications": execution.number,
        "seed": execution.seed,
    }
    document: Mapping[str, Any]
    shown: RenderableType
    if visits is not None and cut is not None:
        from simclinic.report.text.backtest import backtest_table
        from simclinic.studies.backtest import backtest

        with execution.executor() as executor, Bar() as bar:
            tested = backtest(
                visits,
                cut.date(),
                options=export_options.calibration_options(export_arguments),
                base=scenario,
                weeks=weeks,
                replications=execution.number,
                seed=execution.seed,
                fixed_parameters=fixed_parameters,
                overrides=overrides,
                out=execution.out,
                arguments=given
                | {"backtest": Path(visits).name, "cut": cut.date().isoformat()}
                | dict(export_options.for_manifest(export_arguments)),
                progress=bar,
                executor=executor,
                time_limit=execution.time_limit,
            )
        finished, document, shown = tested.forecast, tested.document, backtest_table(tested.document)
    else:
        assert scenario is not None
        assert panel_file is not None
        from simclinic.report.text.forecast import forecast_table
        from simclinic.scenario import load
        from simclinic.scenario.panel import read_panel
        from simclinic.studies.forecast import WEEKS, calibrated, forecast, from_today

        clinic = load(scenario, overrides)
        panel = read_panel(panel_file, clinic)
        beginning = from_today(
            clinic,
            panel,
            weeks=WEEKS if weeks is None else weeks,
            as_of=None if as_of is None else as_of.date(),
            replications=execution.number,
            seed=execution.seed,
            fixed_parameters=fixed_parameters,
        )
        panel_options.warn_unread_columns(panel.unread, panel_file.name)
        run = beginning.run
        with execution.executor() as executor, Bar() as bar:
            finished = forecast(
                beginning,
                panel,
                own_law=own_law or calibrated(clinic),
                out=execution.out,
                arguments=given
                | {"panel": panel_file.name, "own_law": own_law, "as_of": run.start.isoformat()}
                | {"weeks": run.weeks, "replications": run.replications, "seed": run.seed},
                progress=bar,
                executor=executor,
                time_limit=execution.time_limit,
            )
        document, shown = finished.document, forecast_table(finished.document)
    return _report(finished, document, shown, as_json=as_json, no_report=no_report)


def _report(
    finished: FinishedForecast,
    document: Mapping[str, Any],
    shown: RenderableType,
    *,
    as_json: bool,
    no_report: bool,
) -> int:
    """Print the results and the place of the folder; return the exit status."""
    from simclinic.report.text.words import failed_in_folders, simulated_again
    from simclinic.results.document import as_json as written

    where = study_report.write_report(finished.folder, no_report=no_report)
    if as_json:
        put(written(document))
    else:
        show(shown)
        say("", *where)
    for run in finished.runs:
        if run.repaired:
            say(simulated_again(run.repaired, run.folder), err=True)
    for line in failed_in_folders(finished.failures, finished.folder):
        say(line, err=True)
    return 1 if finished.failures else 0


def _check_combination(context: click.Context) -> None:
    """Check that the options can be combined.

    Raises
    ------
    click.UsageError
        If they cannot; the message names each option that does not fit.
    """
    given = context.params
    if given["visits"] is None:
        if given["cut"] is not None:
            raise click.UsageError("--cut needs an export to cut: --backtest VISITS.csv.")
        alone = [option for name, option in export_options.NAMES.items() if given[name]]
        if alone:
            raise click.UsageError(
                f"{', '.join(alone)}: only with --backtest, for an export of appointments."
            )
        if given["scenario"] is None:
            raise click.UsageError("Missing argument 'SCENARIO'; only --backtest does without.")
        if given["panel_file"] is None:
            raise click.UsageError("Missing option '--panel'; only --backtest does without.")
        return
    if given["cut"] is None:
        raise click.UsageError(
            "--backtest needs --cut DATE, the first day that the calibration does not use."
        )
    refused = [option for name, option in _NOT_WITH_BACKTEST.items() if given[name]]
    if refused:
        raise click.UsageError(
            f"{', '.join(refused)}: not with --backtest, which takes today's patients, the day and the law from "
            "the export."
        )
