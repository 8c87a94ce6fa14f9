"""The calibration study: from a clinic's export to a scenario folder.

The folder is written after all estimates are complete. It does not identify patients: rows of the export appear as
line numbers, patients as running numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from simclinic.calibration import CalibrationResult, Options
from simclinic.calibration import calibrate as learn
from simclinic.calibration.codes import BOOKED, CANCELLED, COMPLETED, NO_SHOW
from simclinic.calibration.estimates import Findings, Setting, rounded
from simclinic.calibration.held import HeldExport
from simclinic.calibration.interpretation import InterpretedExport
from simclinic.calibration.return_fits import Fit
from simclinic.calibration.scenario_file import BASE, scenario_toml
from simclinic.calibration.visits import Visits
from simclinic.report.text.calibrate import ESTIMATES, QUALITY, spreadsheet
from simclinic.results.calibration import (
    CalibrateDocument,
    Estimated,
    ExportRead,
    LawDocument,
    Lost,
    Returns,
    TodayDocument,
)
from simclinic.results.document import SCHEMA_VERSION, as_json
from simclinic.results.kinds import CALIBRATE
from simclinic.scenario import (
    WEEKDAYS,
    Scenario,
    baseline,
    from_toml,
    load,
    resolved_toml,
    scenario_hash,
    with_overrides,
)
from simclinic.scenario.addresses import address_parts
from simclinic.store import Identity, default_folder
from simclinic.store.document_folder import DocumentFolder
from simclinic.studies.folders.report import report

WEEKS = 26
"""Measured weeks of the scenario: half a year."""

LOAD_WEEKS = 13
"""Weeks before the as-of day from which the booster load is computed: a quarter of a year."""

_EARLIER = re.compile(r", calibrated as of \d{4}-\d{2}-\d{2}$")
"""What an earlier calibration added to the name of the clinic."""

Progress = Callable[[int, int], None]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class FinishedCalibration:
    """A finished calibration.

    Attributes
    ----------
    result
        The estimates.
    scenario
        The calibrated scenario.
    document
        Output of `--json`.
    returns
        For "series" and "booster", one row for each day: the Kaplan-Meier estimate, and every fitted distribution.
    folder
        The results folder.
    """

    result: CalibrationResult
    scenario: Scenario
    document: CalibrateDocument
    returns: dict[str, Rows]
    folder: Path

    def commands(self) -> list[str]:
        """List the commands to use next."""
        scenario = _quoted(self.folder / "scenario.toml")
        panel = _quoted(self.folder / "panel.csv")
        return [
            f"simclinic check {scenario}",
            f"simclinic forecast {scenario} --panel {panel}",
            f"simclinic run {scenario} --panel {panel}",
        ]


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)


def base_scenario(path: str | os.PathLike[str] | None, overrides: Sequence[str] = ()) -> tuple[Scenario, str]:
    """Return the base scenario, and its text as a complete scenario file.

    Parameters
    ----------
    path
        A scenario file; None: the typical clinic, as `simclinic init` writes it.
    overrides
        Settings to change in it, as texts `ADDRESS=VALUE`.

    Raises
    ------
    ScenarioError
        If the scenario is not valid.
    """
    if path is None and not overrides:
        text = resources.files("simclinic.studies").joinpath("scenario.toml").read_text(encoding="utf-8")
        return from_toml(text, name=BASE), text
    scenario = with_overrides(baseline(), overrides) if path is None else load(path, overrides)
    return scenario, resolved_toml(scenario)


def calibrate(
    path: str | os.PathLike[str] | HeldExport,
    options: Options | None = None,
    *,
    base: str | os.PathLike[str] | None = None,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> FinishedCalibration:
    """Estimate a scenario with uncertainty from an export, and store everything in a folder.

    Parameters
    ----------
    path
        The export, or its content.
    options
        How to read the export.
    base
        Scenario file with the settings that the export does not determine; by default the typical clinic.
    out
        The results folder; by default one below `results/`, named after the export.
    arguments
        Arguments of the command, for the manifest.
    progress
        Called with the progress.

    Raises
    ------
    ExportError
        If the export cannot be read.
    ScenarioError
        If the base scenario is not valid.
    FolderError
        If the results cannot be stored.
    """
    options = options or Options()
    scenario, base_text = base_scenario(base)
    source = path if isinstance(path, HeldExport) else Path(path)
    result = learn(source, scenario, options, progress)
    text = scenario_text(result, scenario)
    calibrated = calibrated_scenario(text, base_text)
    tables = {name: _by_day(result, name) for name in result.curves}
    document = _document(result, calibrated, scenario)
    fingerprint = _fingerprint(result.export, scenario, options)
    identity = Identity(CALIBRATE.name, calibrated.name, fingerprint, calibrated.run.seed)
    folder = out or default_folder(Path(source.name).stem, CALIBRATE.name, fingerprint)
    files = {
        BASE: base_text,
        "scenario.toml": text,
        "panel.csv": spreadsheet(result.panel.columns, result.panel.rows),
        "quality.csv": spreadsheet(QUALITY, document["quality"]),
        "estimates.csv": spreadsheet(ESTIMATES, document["estimates"]),
        "returns.csv": _returns_csv(tables),
        "summary.json": as_json(document),
    }
    with DocumentFolder(folder, identity, arguments or {}) as writer:
        writer.finish(files)
    report(folder)
    return FinishedCalibration(result, calibrated, document, tables, folder)


def scenario_text(result: CalibrationResult, base: Scenario) -> str:
    """Write the estimates as a scenario file that extends the base."""
    visits, findings = result.export.visits, result.findings
    as_of = dt.date.fromordinal(visits.as_of)
    run = [
        Setting(("run", "start"), as_of, "the first day after the data"),
        Setting(("run", "weeks"), WEEKS, "weeks to look ahead"),
    ]
    state = [
        Setting(("calibrated", "as_of"), as_of, "the first day after the data"),
        Setting(("calibrated", "patients"), len(result.panel.rows), "today's patients, in panel.csv"),
        _booster_load(result),
    ]
    # The name of the shipped scenario would be wrong over a clinic's own data.
    whose = "Our clinic" if base.name == baseline().name else base.name
    name = f"{_EARLIER.sub('', whose)}, calibrated as of {as_of}"[:200]
    consults = len(result.export.consults.day)
    more = f" and {consults:,} for consults" if consults else ""
    description = (
        f"From an export of {len(visits.day):,} appointments{more}, {dt.date.fromordinal(visits.first)} to "
        f"{dt.date.fromordinal(visits.last)}. Figures and intervals: estimates.csv."
    )
    heading = [
        "Written by simclinic calibrate from an export of appointments.",
        "Each line gives its source; all other settings are those of the base scenario.",
        *findings.cannot_tell,
    ]
    settings = [*state, *run, *findings.settings, *_dropped_uncertainty(findings, base)]
    return scenario_toml(name, description, settings, findings.uncertainty, heading)


def _last_visit(visits: Visits) -> dt.date:
    return dt.date.fromordinal(int(visits.day[visits.status == COMPLETED].max()))


def _booster_load(result: CalibrationResult) -> Setting:
    """Return the boosters that the clinic recently gave per week."""
    visits = result.export.visits
    weeks = max(1, min(LOAD_WEEKS, (visits.as_of - visits.first) // 7))
    given = result.courses.boosters_by_week(visits.as_of - 7 * weeks, weeks)
    of = f"export, {given.sum():,} in the last {weeks} week{'' if weeks == 1 else 's'}"
    return Setting(("calibrated", "boosters_per_week"), rounded(float(given.mean()), 3), of)


def _dropped_uncertainty(findings: Findings, base: Scenario) -> Iterator[Setting]:
    """Drop the base scenario's uncertainty of settings that have been estimated again.

    The base may be the result of an earlier calibration, whose uncertainty the new export replaces.
    """
    estimated = [setting.address for setting in findings.settings]
    kept = {entry.name for entry in findings.uncertainty}
    for name, entry in base.uncertainty.items():
        parts = [tuple(map(str, address_parts(address))) for address in entry.settings]
        if name not in kept and any(part[: len(above)] == above for part in parts for above in estimated):
            yield Setting(("uncertainty", name), False, "the base scenario's: estimated again")


def calibrated_scenario(text: str, base_text: str) -> Scenario:
    """Read and validate a calibrated scenario before it is written into the folder.

    Parameters
    ----------
    text
        Text from :func:`scenario_text`.
    base_text
        Text of the base scenario's file.

    Raises
    ------
    ScenarioError
        If the scenario is not valid.
    """
    with tempfile.TemporaryDirectory(prefix="simclinic-") as folder:
        (Path(folder) / BASE).write_text(base_text, encoding="utf-8")
        return from_toml(text, folder=folder, name="the calibrated scenario")


def _column(fit: Fit) -> str:
    return f"{fit.family}{'_never' if fit.cure else ''}"


def _by_day(result: CalibrationResult, name: str) -> Rows:
    """Tabulate the Kaplan-Meier estimate and every fitted distribution, one row for each day."""
    curve, laws = result.curves[name], result.return_fits[name]
    fits = {_column(fit): fit.away(curve.day) for fit in sorted(laws.fits, key=_column)}
    return [
        {
            "day": int(day),
            "at_risk": int(curve.at_risk[at]),
            "returned": int(curve.returned[at]),
            "away": _finite(float(curve.away[at])),
            "away_low": _finite(float(curve.low[at])),
            "away_high": _finite(float(curve.high[at])),
            **{column: _finite(float(values[at])) for column, values in fits.items()},
        }
        for at, day in enumerate(curve.day)
    ]


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _returns_csv(tables: Mapping[str, Rows]) -> str:
    columns = ["after", "day", "at_risk", "returned", "away", "away_low", "away_high"]
    for rows in tables.values():
        columns += [name for name in rows[0] if name not in columns]
    rows = [
        {"after": after, **dict.fromkeys(columns[1:]), **each}
        for after, rows in tables.items()
        for each in rows
    ]
    return spreadsheet(columns, rows)


def _document(result: CalibrationResult, calibrated: Scenario, base: Scenario) -> CalibrateDocument:
    export, findings, panel = result.export, result.findings, result.panel
    visits = export.visits
    by_schedule = {
        group.key(what)
        for group in result.groups
        for what in ("series", "booster")
        if group.schedule is not None and group.scheduled
    }
    count = {code: int((visits.status == code).sum()) for code in (COMPLETED, NO_SHOW, CANCELLED, BOOKED)}
    return CalibrateDocument(
        schema_version=SCHEMA_VERSION,
        study=CALIBRATE.name,
        scenario=calibrated.name,
        base=base.name,
        export=ExportRead(
            file=export.table.name,
            rows=export.rows,
            patients=len({*visits.patient.tolist(), *export.consults.patient.tolist()}),
            completed=count[COMPLETED],
            no_show=count[NO_SHOW],
            cancelled=count[CANCELLED],
            booked=count[BOOKED],
            consults=int((export.consults.status == COMPLETED).sum()),
            first=dt.date.fromordinal(visits.first).isoformat(),
            last=dt.date.fromordinal(visits.last).isoformat(),
            as_of=dt.date.fromordinal(visits.as_of).isoformat(),
            last_visit=_last_visit(visits).isoformat(),
            format=export.table.format,
            encoding=export.table.encoding,
            delimiter=export.table.delimiter,
            columns=dict(export.table.headings),
            dates=export.date_order or "year first, or month named",
            open_weekdays=[WEEKDAYS[day] for day in result.open_days.weekdays],
        ),
        warnings=list(findings.warnings),
        losses=[
            Lost(
                what=each.what,
                rows=each.rows,
                of_rows=each.of_rows,
                visits=each.visits,
                of_visits=each.of_visits,
                patients=each.patients,
                of_patients=each.of_patients,
                heavy=each.heavy,
                effect=each.effect,
            )
            for each in export.quality.losses
        ],
        quality=[
            {"what": each.what, "count": each.count, "lines": list(each.lines), "done": each.done}
            for each in export.quality.notes
        ],
        estimates=[
            Estimated(
                parameter=each.parameter,
                estimate=_number(each.estimate),
                low=_number(each.low),
                high=_number(each.high),
                n=each.n,
                method=each.method,
                note=each.note,
            )
            for each in findings.estimates
        ],
        returns={
            name: Returns(
                n=laws.durations.n,
                returns=laws.durations.returns,
                laws=[
                    LawDocument(
                        law=fit.family,
                        never=fit.cure,
                        settings=fit.settings,
                        log_likelihood=fit.log_likelihood,
                        aic=fit.aic,
                        certain=fit.covariance is not None,
                        chosen=fit is laws.chosen and name not in by_schedule,
                    )
                    for fit in laws.fits
                ],
            )
            for name, laws in result.return_fits.items()
        },
        panel=TodayDocument(
            series=panel.stages["series"], maintained=panel.stages["maintained"], left_out=panel.left_out
        ),
        kept=list(findings.base_kept),
        cannot_tell=list(findings.cannot_tell),
        uncertainty=[entry.name for entry in findings.uncertainty],
    )


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _fingerprint(export: InterpretedExport, base: Scenario, options: Options) -> str:
    """Hash everything that decides the results: the export's bytes, the options, the base scenario."""
    values = asdict(replace(options, as_of=dt.date.fromordinal(export.visits.as_of)))
    # Options that were added later count only if they are set.
    values = {
        name: value
        for name, value in values.items()
        if value or name not in ("only", "leave_out", "learn_clinic")
    }
    digest = export.table.digest.copy()
    digest.update(json.dumps(values, sort_keys=True, default=str).encode())
    digest.update(scenario_hash(base).encode())
    return digest.hexdigest()
