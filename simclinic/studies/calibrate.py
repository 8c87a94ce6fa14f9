"""Calibrate: from a clinic's export to a scenario folder.

Everything is read and learnt first; then the folder is written, file by file, each whole. Nothing in it names a
patient: rows of the export show as line numbers, patients as running numbers.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
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
from simclinic.calibration.interpretation import InterpretedExport
from simclinic.calibration.panel import COLUMNS as PANEL
from simclinic.calibration.return_fits import Fit
from simclinic.calibration.scenario_file import BASE, scenario_toml
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
"""Weeks of the scenario: half a year to come."""

LOAD_WEEKS = 13
"""Weeks before the as-of day whose boosters are counted: a quarter of a year."""

Progress = Callable[[int, int], None]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class FinishedCalibration:
    """A finished calibration.

    Attributes
    ----------
    found
        What was learnt.
    scenario
        The calibrated scenario.
    document
        What `--json` prints.
    returns
        For "series" and "booster" one row for each day: Kaplan and Meier's estimate, and every law.
    folder
        Where everything is kept.
    """

    found: CalibrationResult
    scenario: Scenario
    document: CalibrateDocument
    returns: dict[str, Rows]
    folder: Path

    def commands(self) -> list[str]:
        """Say what to type next."""
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
    """Give the base scenario, and the text of a file that holds all of it.

    Parameters
    ----------
    path
        A scenario file; None: the typical clinic, as `simclinic init` writes it.
    overrides
        Settings to change in it, `ADDRESS=VALUE` each.

    Raises
    ------
    ScenarioError
        If it is not valid.
    """
    if path is None and not overrides:
        text = resources.files("simclinic.studies").joinpath("scenario.toml").read_text(encoding="utf-8")
        return from_toml(text, name=BASE), text
    scenario = with_overrides(baseline(), overrides) if path is None else load(path, overrides)
    return scenario, resolved_toml(scenario)


def calibrate(
    path: str | os.PathLike[str],
    options: Options | None = None,
    *,
    base: str | os.PathLike[str] | None = None,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> FinishedCalibration:
    """Turn an export into a scenario with intervals, and keep everything in a folder.

    Parameters
    ----------
    path
        The export.
    options
        What somebody says about it.
    base
        The scenario file whose settings hold where the export tells nothing; by default the typical clinic.
    out
        The results folder; by default one below `results/`, named for the export.
    arguments
        Of the command, for the manifest.
    progress
        Is told how far it is.

    Raises
    ------
    ExportError
        If the export cannot be read.
    ScenarioError
        If the base scenario is not valid.
    FolderError
        If the results cannot be kept.
    """
    options = options or Options()
    scenario, base_text = base_scenario(base)
    found = learn(Path(path), scenario, options, progress)
    text = scenario_text(found, scenario)
    calibrated = calibrated_scenario(text, base_text)
    tables = {name: _by_day(found, name) for name in found.curves}
    document = _document(found, calibrated, scenario)
    fingerprint = _fingerprint(found.export, scenario, options)
    identity = Identity(CALIBRATE.name, calibrated.name, fingerprint, calibrated.run.seed)
    folder = out or default_folder(Path(path).stem, CALIBRATE.name, fingerprint)
    files = {
        BASE: base_text,
        "scenario.toml": text,
        "panel.csv": spreadsheet(PANEL, found.panel.rows),
        "quality.csv": spreadsheet(QUALITY, document["quality"]),
        "estimates.csv": spreadsheet(ESTIMATES, document["estimates"]),
        "returns.csv": _returns_csv(tables),
        "summary.json": as_json(document),
    }
    with DocumentFolder(folder, identity, arguments or {}) as writer:
        writer.finish(files)
    report(folder)
    return FinishedCalibration(found, calibrated, document, tables, folder)


def scenario_text(found: CalibrationResult, base: Scenario) -> str:
    """Write what was learnt as a scenario file that extends the base."""
    visits, findings = found.export.visits, found.findings
    as_of = dt.date.fromordinal(visits.as_of)
    run = [
        Setting(("run", "start"), as_of, "the first day still to come"),
        Setting(("run", "warm_up_weeks"), 0, "today's patients come from panel.csv"),
        Setting(("run", "weeks"), WEEKS, "weeks to look ahead"),
    ]
    known = [
        Setting(("calibrated", "as_of"), as_of, "the first day still to come"),
        Setting(("calibrated", "patients"), len(found.panel.rows), "today's patients, in panel.csv"),
        _booster_load(found),
    ]
    name = f"{base.name}, calibrated as of {as_of}"[:200]
    described = (
        f"From an export of {len(visits.day):,} appointments, {dt.date.fromordinal(visits.first)} to "
        f"{dt.date.fromordinal(visits.last)}. Figures and intervals: estimates.csv."
    )
    heading = [
        "Written by simclinic calibrate: what an export of appointments tells about this clinic.",
        "Each line says where it comes from; everything else is the base scenario's.",
        *findings.cannot_tell,
    ]
    settings = [*known, *run, *findings.settings, *_known_anew(findings, base)]
    return scenario_toml(name, described, settings, findings.uncertainty, heading)


def _booster_load(found: CalibrationResult) -> Setting:
    """Count the boosters a week that the clinic gave of late."""
    visits = found.export.visits
    weeks = max(1, min(LOAD_WEEKS, (visits.as_of - visits.first) // 7))
    given = found.courses.boosters_by_week(visits.as_of - 7 * weeks, weeks)
    of = f"export, {given.sum():,} in the last {weeks} week{'' if weeks == 1 else 's'}"
    return Setting(("calibrated", "boosters_per_week"), rounded(float(given.mean()), 3), of)


def _known_anew(findings: Findings, base: Scenario) -> Iterator[Setting]:
    """Drop what the base scenario says about how sure settings are that have been learnt anew.

    A clinic that calibrates again, on the scenario of the last time, is as unsure as the new export leaves it.
    """
    written = [setting.address for setting in findings.settings]
    again = {entry.name for entry in findings.uncertainty}
    for name, entry in base.uncertainty.items():
        parts = [tuple(map(str, address_parts(each))) for each in entry.settings]
        if name not in again and any(part[: len(each)] == each for part in parts for each in written):
            yield Setting(("uncertainty", name), False, "the base scenario's: learnt anew")


def calibrated_scenario(text: str, base_text: str) -> Scenario:
    """Read the scenario that was written, before anybody sees it: what it says must be valid.

    Parameters
    ----------
    text
        As :func:`scenario_text` writes it.
    base_text
        The base scenario's file.

    Raises
    ------
    ScenarioError
        If it is not.
    """
    with tempfile.TemporaryDirectory(prefix="simclinic-") as place:
        (Path(place) / BASE).write_text(base_text, encoding="utf-8")
        return from_toml(text, folder=place, name="the calibrated scenario")


def _column(fit: Fit) -> str:
    return f"{fit.family}{'_never' if fit.cure else ''}"


def _by_day(found: CalibrationResult, name: str) -> Rows:
    """Lay out Kaplan and Meier's estimate and every law, one row for each day."""
    curve, laws = found.curves[name], found.return_fits[name]
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


def _document(found: CalibrationResult, calibrated: Scenario, base: Scenario) -> CalibrateDocument:
    export, findings, panel = found.export, found.findings, found.panel
    visits = export.visits
    count = {code: int((visits.status == code).sum()) for code in (COMPLETED, NO_SHOW, CANCELLED, BOOKED)}
    return CalibrateDocument(
        schema_version=SCHEMA_VERSION,
        study=CALIBRATE.name,
        scenario=calibrated.name,
        base=base.name,
        export=ExportRead(
            file=export.table.name,
            rows=export.rows,
            patients=len(set(visits.patient.tolist())),
            completed=count[COMPLETED],
            no_show=count[NO_SHOW],
            cancelled=count[CANCELLED],
            booked=count[BOOKED],
            first=dt.date.fromordinal(visits.first).isoformat(),
            last=dt.date.fromordinal(visits.last).isoformat(),
            as_of=dt.date.fromordinal(visits.as_of).isoformat(),
            format=export.table.format,
            encoding=export.table.encoding,
            delimiter=export.table.delimiter,
            columns=dict(export.table.headings),
            dates=export.date_order or "year first, or month named",
            open_weekdays=[WEEKDAYS[day] for day in found.open_days.weekdays],
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
                        chosen=fit is laws.chosen,
                    )
                    for fit in laws.fits
                ],
            )
            for name, laws in found.return_fits.items()
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
    """Hash everything that decides the results: the export's bytes, what was said about it, the base scenario."""
    said = asdict(replace(options, as_of=dt.date.fromordinal(export.visits.as_of)))
    said = {
        name: value
        for name, value in said.items()
        if value or name not in ("only", "leave_out", "learn_clinic")
    }
    digest = export.table.digest.copy()
    digest.update(json.dumps(said, sort_keys=True, default=str).encode())
    digest.update(scenario_hash(base).encode())
    return digest.hexdigest()
