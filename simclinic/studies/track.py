"""Tracking: what came, month by month, against what was forecast.

The futures of the forecast are in its results folder, by week. A month holds the weeks of the forecast that begin
in it, and what came is counted over the same days, so that the two are comparable to the day. A month outside the
band proves little: one in five is, if the forecast is right. Two in a row on the same side are a reason to learn
the setting anew; how often chance alone does that is computed from the forecast's own futures.
"""

from __future__ import annotations

import datetime as dt
import math
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np

from simclinic.arrays import Floats
from simclinic.calibration import Options
from simclinic.calibration.interpretation import InterpretedExport, interpret
from simclinic.calibration.what_came import SEEN_WITHIN, WhatCame, clinic_before, what_came
from simclinic.errors import SimclinicError
from simclinic.report.text.track import answer
from simclinic.report.text.when_full import FEWEST
from simclinic.report.text.words import counted
from simclinic.results.document import SCHEMA_VERSION
from simclinic.results.forecast import ForecastDocument
from simclinic.results.kinds import FORECAST, kind_of
from simclinic.results.track import (
    Month,
    MonthFigure,
    Outside,
    Place,
    Side,
    Sum,
    TrackDocument,
    TrackedExport,
    TrackedFigure,
    TrackedForecast,
    needed,
)
from simclinic.scenario import Scenario, load
from simclinic.scenario.distributions import Constant
from simclinic.scenario.intake import DELAYS
from simclinic.scenario.problems import nearest
from simclinic.store import FolderError
from simclinic.store.manifest import RESOLVED, require_own
from simclinic.store.reader import table
from simclinic.studies.calibrate import LOAD_WEEKS
from simclinic.studies.chance_misses import in_a_row, quantiles, runs, side, sides_by_chance
from simclinic.studies.folders.stored import manifest_of, summary_of

STUDY = "track"

BAND = 0.8
"""Share of futures within the band, as forecasts show it."""

OTHER, UNLIKE, ENOUGH = 3.0, 1.25, 10
"""Ratios of a clinic before the forecast to that of the export, from which it is another one, and from which a
warning says that they differ; and the number that the larger must have."""

_PLACES: Mapping[int, Place] = {-1: "below", 0: "inside", 1: "above"}
_SIDES: Mapping[int, Side] = {-1: "below", 1: "above"}


class _Figure(NamedTuple):
    """A figure that is compared.

    Attributes
    ----------
    name, label, unit
        In the document, for people, and its unit.
    columns
        Of the weekly table: what is added up, and what it is divided by, if anything.
    settings
        Settings to learn anew.
    """

    name: str
    label: str
    unit: str
    columns: tuple[str, ...]
    settings: tuple[str, ...]


FIGURES = (
    _Figure(
        "new_patients",
        "new patients who began",
        "patients",
        ("series_started",),
        ("demand.referrals_per_week", "demand.growth_per_year"),
    ),
    _Figure("boosters", "boosters given", "infusions", ("boosters",), ("relapse.days", "boosters.days")),
    _Figure(
        "access_days",
        "days from referral to first infusion",
        "days",
        ("referral_days", "new_started"),
        ("clinic.chairs", "clinic.hours", "shifts"),
    ),
)
"""The figures, in order."""


@dataclass(frozen=True)
class StoredForecast:
    """A stored forecast under one relapse law.

    Attributes
    ----------
    folder, document
        The results folder, and its summary.
    law
        Name of the relapse law.
    scenario_file, scenario
        The clinic with this law.
    futures
        Columns of the weekly table that are compared, each of shape (futures, weeks); an older folder lacks some.
    """

    folder: Path
    document: ForecastDocument
    law: str
    scenario_file: Path
    scenario: Scenario
    futures: Mapping[str, Floats]

    @property
    def start(self) -> dt.date:
        """The first day."""
        return dt.date.fromisoformat(self.document["horizon"]["start"])

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return self.document["horizon"]["weeks"]

    @property
    def count(self) -> int:
        """Number of futures."""
        return max((len(values) for values in self.futures.values()), default=0)


def track(
    folder: str | os.PathLike[str],
    path: str | os.PathLike[str],
    options: Options | None = None,
    *,
    law: str | None = None,
    band: float = BAND,
    same_clinic: bool = False,
) -> TrackDocument:
    """Compare a forecast with what came.

    Parameters
    ----------
    folder
        A results folder of `simclinic forecast`.
    path
        An export of appointments that includes the weeks of the forecast.
    options
        How to read the export.
    law
        The relapse law of the forecast that is compared; by default the scenario's own.
    band
        Share of futures within the band.
    same_clinic
        Whether the export is of the clinic of the forecast, even if they look different.

    Raises
    ------
    SimclinicError
        If the folder holds no forecast, the export cannot be read, nothing of it lies in the forecast's weeks, or
        it seems to be of another clinic.
    """
    if not 0.5 <= band < 1.0:
        raise SimclinicError(f"band is {band:g}: must be a share from 0.5 to below 1, such as 0.8 or 0.9")
    options = options or Options()
    forecast = stored_forecast(Path(folder), law)
    notice = forecast.scenario.attendance.cancel_notice_days
    export = interpret(Path(path), options, notice_days=notice, types=forecast.scenario)
    begin = forecast.start.toordinal()
    came = what_came(export, options, forecast.scenario, begin, forecast.weeks)
    _check_time(forecast, came)
    warnings = [
        *_same_clinic(forecast, export, options, same_clinic=same_clinic),
        *_cautions(forecast),
        *export.quality.heading,
    ]
    months, figures, chance = held_against(forecast, came, has_kind=export.has_kind, band=band)
    anew = [setting for figure in figures if figure["in_a_row"] for setting in figure["settings"]]
    document = TrackDocument(
        schema_version=SCHEMA_VERSION,
        study=STUDY,
        scenario=forecast.document["scenario"],
        forecast=TrackedForecast(
            folder=forecast.folder.name,
            start=forecast.start.isoformat(),
            weeks=forecast.weeks,
            futures=forecast.count,
            law=forecast.law,
            laws=[each["name"] for each in forecast.document["laws"]],
        ),
        export=TrackedExport(file=export.table.name, first=_date(came.first), last=_date(export.visits.last)),
        band=band,
        answer=[],
        warnings=warnings,
        months=months,
        figures=figures,
        chance=chance,
        learn_anew=anew,
        command=_command(path, options, forecast, anew) if anew else None,
    )
    document["answer"] = answer(document)
    return document


def stored_forecast(folder: Path, law: str | None) -> StoredForecast:
    """Read a forecast's folder.

    Raises
    ------
    SimclinicError
        If it holds no finished forecast, or no such law.
    """
    manifest = manifest_of(folder)
    require_own(folder, manifest)
    if kind_of(manifest) is not FORECAST:
        study = manifest.get("study", "unknown")
        raise FolderError(
            f"{folder}: holds the results of a study of another kind ({study}), not of `simclinic forecast`"
        )
    summary = summary_of(folder)
    if "laws" not in summary:
        raise FolderError(f"{folder}: contains one relapse law of a forecast; give the folder above it.")
    document = cast("ForecastDocument", summary)
    subfolders: dict[str, str] = manifest["scenarios"]
    name = law or document["laws"][0]["name"]
    if name not in subfolders:
        rule = (
            f"--law {name}: the forecast has no such relapse law; it has {', '.join(map(repr, subfolders))}"
        )
        near = nearest(name, list(subfolders))
        raise SimclinicError(rule + (f". Did you mean {near!r}?" if near else ""))
    inner = folder / subfolders[name]
    scenario, weeks = load(inner / RESOLVED), document["horizon"]["weeks"]
    names = sorted({column for figure in figures_of(scenario) for column in figure.columns})
    columns = table(inner, "weeks", columns=names, below=document["replications"])
    futures = {}
    for column in names:
        values = np.asarray(columns.get(column, ()), dtype=np.float64)
        if values.size and values.size % weeks == 0:
            futures[column] = values.reshape(-1, weeks)
    found = StoredForecast(folder, document, name, inner / RESOLVED, scenario, futures)
    if not found.count:
        raise FolderError(f"{folder}: no future of the forecast is stored in it.", exit_status=1)
    return found


def held_against(
    forecast: StoredForecast, came: WhatCame, *, has_kind: bool, band: float
) -> tuple[list[Month], list[TrackedFigure], float | None]:
    """Hold what came against a forecast.

    Parameters
    ----------
    forecast, came
        The two, of the same weeks.
    has_kind
        Whether the export says of which kind each visit is.
    band
        Share of futures within the band.

    Returns
    -------
    months, figures
        As in the document.
    chance
        Share of the futures with months in a row outside in some figure; None if no month is judged.
    """
    months, weeks_of = _months(forecast, came)
    figures = figures_of(forecast.scenario)
    compared = [_compared(figure, forecast, came, has_kind, months, weeks_of, band) for figure in figures]
    alarms = [each for _, each in compared if each is not None]
    chance = float(np.logical_or.reduce(alarms).mean()) if alarms else None
    return months, [figure for figure, _ in compared], chance


def _date(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()


def _check_time(forecast: StoredForecast, came: WhatCame) -> None:
    """Check that the export covers a part of the forecast's weeks."""
    begin = forecast.start.toordinal()
    end = begin + 7 * forecast.weeks
    if came.until <= begin:
        raise SimclinicError(
            f"the export ends on {_date(came.until - 1)}, before the forecast begins ({forecast.start}): nothing "
            "of what was forecast has come yet. Give an export made later"
        )
    if came.first >= end:
        raise SimclinicError(
            f"the export begins on {_date(came.first)}, after the forecast has ended ({_date(end - 1)}): give one "
            "that includes the weeks of the forecast"
        )


def _same_clinic(
    forecast: StoredForecast, export: InterpretedExport, options: Options, *, same_clinic: bool
) -> list[str]:
    """Compare the clinic before the forecast with that of the export; return warnings.

    Raises
    ------
    SimclinicError
        If the two can hardly be the same clinic, and the user does not say so.
    """
    base = forecast.scenario
    seen = clinic_before(export, options, base, forecast.start.toordinal(), LOAD_WEEKS)
    if seen is None:
        return [
            (
                f"the export begins less than {SEEN_WITHIN} days before the forecast: whether it is of the same "
                "clinic was not checked"
            )
        ]
    patients = forecast.document["panel"]["patients"]
    what = f"{seen.patients:,} patients seen in the {SEEN_WITHIN} days before {forecast.start}"
    pairs = [(seen.patients, patients, f"{what}; the forecast began with {patients:,}", OTHER)]
    calibrated = forecast.scenario.calibrated
    learnt = calibrated and clinic_before(export, options, base, calibrated.as_of.toordinal(), LOAD_WEEKS)
    if calibrated and learnt:
        before = round(LOAD_WEEKS * calibrated.boosters_per_week)
        what = f"{learnt.boosters:,} boosters in the {LOAD_WEEKS} weeks before {calibrated.as_of}"
        pairs.append((learnt.boosters, before, f"{what}; the calibration saw {before:,}", UNLIKE))
    warnings = []
    for mine, its, seen_text, unlike in pairs:
        if max(mine, its) < ENOUGH or max(mine, its) <= unlike * min(mine, its):
            continue
        text = f"the export shows {seen_text}"
        if max(mine, its) > OTHER * min(mine, its) and not same_clinic:
            raise SimclinicError(
                f"{text}: it seems to be the export of another clinic, or to be read in another way than before. "
                "If it is the right one, add --same-clinic"
            )
        warnings.append(f"{text}: is it the same clinic, and read with the same options as before?")
    return warnings


def _cautions(forecast: StoredForecast) -> list[str]:
    """Say what makes months miss their bands more often than stated."""
    warnings = []
    if not forecast.document["uncertain"]:
        warnings.append(
            "the forecast used its settings as given, so its bands show chance alone: months miss them more often "
            "than is stated here, even if the settings are as good as they can be"
        )
    if forecast.count < FEWEST:
        warnings.append(
            f"only {counted(forecast.count, 'future')}: bands, and the chance of two months in a row, are rough"
        )
    return warnings


def _months(forecast: StoredForecast, came: WhatCame) -> tuple[list[Month], list[list[int]]]:
    """Return the months of the forecast, and the numbers of the weeks of each."""
    by_month: dict[str, list[int]] = {}
    for week in range(forecast.weeks):
        begin = forecast.start + dt.timedelta(weeks=week)
        by_month.setdefault(f"{begin:%Y-%m}", []).append(week)
    months = []
    for name, weeks in by_month.items():
        begin = forecast.start + dt.timedelta(weeks=weeks[0])
        end = forecast.start + dt.timedelta(weeks=weeks[-1] + 1, days=-1)
        why = None
        if came.before[weeks].any():
            why = f"the export begins on {_date(came.first)}"
        elif came.after[weeks].any():
            why = f"the export ends on {_date(came.until - 1)}"
        elif came.left_out[weeks].any():
            why = "a part of it is left out (--leave-out)"
        months.append(
            Month(month=name, start=begin.isoformat(), end=end.isoformat(), weeks=len(weeks), why=why)
        )
    return months, list(by_month.values())


def _compared(
    figure: _Figure,
    forecast: StoredForecast,
    came: WhatCame,
    has_kind: bool,
    months: Sequence[Month],
    weeks_of: Sequence[list[int]],
    band: float,
) -> tuple[TrackedFigure, np.ndarray[Any, np.dtype[np.bool_]] | None]:
    """Compare one figure; also return which futures have months in a row outside."""
    missing = _missing(figure, forecast, came, has_kind=has_kind)
    if missing is not None:
        return _without(figure, missing), None
    observed = {
        "series_started": came.begun,
        "boosters": came.boosters,
        "referral_days": came.referral_days,
        "new_started": came.referred,
        **({} if came.consults is None else {"consults": came.consults}),
        **{f"series_started:{kind}": begun for kind, begun in came.begun_of.items()},
        **{f"infusions:{kind}": given for kind, given in came.given_of.items()},
    }
    observed = {name: observed.get(name, np.zeros_like(came.begun)) for name in figure.columns}
    simulated = np.column_stack(
        [_of_month([forecast.futures[name] for name in figure.columns], weeks) for weeks in weeks_of]
    )
    actual = [
        float(_of_month([observed[name][None, :] for name in figure.columns], weeks)[0]) for weeks in weeks_of
    ]
    rows, sides = [], []
    for at, (month, weeks) in enumerate(zip(months, weeks_of, strict=True)):
        why = month["why"] or _not_judged(
            figure, forecast, came, has_kind, weeks, actual[at], simulated[:, at]
        )
        low, middle, high = _quantiles(simulated[:, at], band)
        where = None if why is not None else side(actual[at], low, high)
        sides.append(where)
        known = month["why"] is None and math.isfinite(actual[at])
        rows.append(
            MonthFigure(
                month=month["month"],
                came=actual[at] if known else None,
                n=int(observed[figure.columns[-1]][weeks].sum()) if known else None,
                low=_finite(low),
                middle=_finite(middle),
                high=_finite(high),
                place=None if where is None else _PLACES[where],
                why=why,
            )
        )
    judged = np.array([where is not None for where in sides], dtype=np.bool_)
    by_chance = np.where(judged, sides_by_chance(simulated, band), 0).astype(np.int8)
    alarms = in_a_row(by_chance, needed(figure.name))
    found = [
        Outside(
            side=_SIDES[sides[first] or 0],
            months=[row["month"] for row in rows[first : last + 1]],
            chance=float(in_a_row(by_chance, last - first + 1).mean()),
        )
        for first, last in runs([where or 0 for where in sides], needed(figure.name))
    ]
    whole = [week for weeks, at in zip(weeks_of, judged, strict=True) if at for week in weeks]
    return (
        TrackedFigure(
            name=figure.name,
            label=figure.label,
            unit=figure.unit,
            missing=None,
            months=rows,
            total=_total(figure, forecast, observed, whole, band) if whole else None,
            judged=int(judged.sum()),
            outside=sum(bool(where) for where in sides),
            expected_outside=float(np.abs(by_chance).sum(axis=1).mean()),
            in_a_row=found,
            chance=float(alarms.mean()) if judged.any() else None,
            settings=list(figure.settings),
        ),
        alarms if judged.any() else None,
    )


def _of_month(columns: Sequence[Any], weeks: list[int]) -> Floats:
    """Add up weeks, shape (futures,); of two columns return the ratio of their sums, NaN for a divisor of 0."""
    sums = [np.asarray(values[:, weeks].sum(axis=1), dtype=np.float64) for values in columns]
    if len(sums) == 1:
        return sums[0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(sums[1] > 0, sums[0] / sums[1], np.nan))


def _quantiles(values: Floats, band: float) -> tuple[float, float, float]:
    there = values[~np.isnan(values)]
    if not there.size:
        return math.nan, math.nan, math.nan
    first, last = quantiles(band)
    low, middle, high = np.quantile(there, (first, 0.5, last)).tolist()
    return low, middle, high


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _missing(figure: _Figure, forecast: StoredForecast, came: WhatCame, *, has_kind: bool) -> str | None:
    """Say why a figure cannot be compared at all; None if it can."""
    if not set(figure.columns) <= forecast.futures.keys():
        return "the forecast was made by an earlier version, which did not store it: forecast again"
    if ":" in figure.name and not has_kind:
        return "the export has no column with the kind of visit (--column kind=HEADING names one)"
    if "consults" in figure.columns and came.consults is None:
        return "the export has no consults (--kind NAME=consult says which rows are)"
    if figure.name == "access_days" and not came.has_referrals:
        return "the export has no column with the days of referral (--column referred_on=HEADING names one)"
    return None


def figures_of(scenario: Scenario) -> list[_Figure]:
    """List the figures that are compared: those of the whole clinic, and of each of several types of visit.

    >>> from simclinic.scenario import load
    >>> [each.name for each in figures_of(load("scenarios/iv-and-esketamine.toml"))][2:5]
    ['access_days', 'new_patients:infusion', 'new_patients:esketamine']
    """
    if len(scenario.visit_types) == 1:
        return list(FIGURES)
    protocols = scenario.protocols
    having = {
        kind: [name for name, protocol in protocols.items() if kind in protocol.visits]
        for kind in scenario.visit_types
    }
    treated = [kind for kind, names in having.items() if names]
    consult = scenario.intake.visit
    consults = [] if consult is None else _of_consults(consult)
    whole = [
        figure._replace(
            label=figure.label.replace("infusion", "visit"), unit=figure.unit.replace("infusion", "visit")
        )
        for figure in FIGURES
    ]
    if len(treated) == 1:
        return [*whole, *consults]
    series = {protocol.visit for protocol in protocols.values()}
    mix = ("demand.protocol_mix", "demand.referrals_per_week")
    return [
        *whole,
        *consults,
        *(
            _Figure(
                f"new_patients:{kind}",
                f"new patients who began: {kind}",
                "patients",
                (f"series_started:{kind}",),
                mix,
            )
            for kind in treated
            if kind in series
        ),
        *(
            _Figure(
                f"visits:{kind}",
                f"visits given: {kind}",
                "visits",
                (f"infusions:{kind}",),
                tuple(f"protocols.{name}" for name in having[kind]),
            )
            for kind in treated
        ),
    ]


def _of_consults(kind: str) -> list[_Figure]:
    """List the figures of a consult that is a visit: how many new patients come to it, and how many begin."""
    return [
        _Figure(
            f"consults:{kind}",
            "new patients who came to a consult",
            "patients",
            ("consults",),
            ("demand.referrals_per_week", "intake.consult_no_show"),
        ),
        _Figure(
            f"conversion:{kind}",
            "new patients who began, for each who came to a consult",
            "share",
            ("series_started", "consults"),
            ("intake.accepts",),
        ),
    ]


def _without(figure: _Figure, missing: str) -> TrackedFigure:
    return TrackedFigure(
        name=figure.name,
        label=figure.label,
        unit=figure.unit,
        missing=missing,
        months=[],
        total=None,
        judged=0,
        outside=0,
        expected_outside=None,
        in_a_row=[],
        chance=None,
        settings=list(figure.settings),
    )


def _not_judged(
    figure: _Figure,
    forecast: StoredForecast,
    came: WhatCame,
    has_kind: bool,
    weeks: list[int],
    actual: float,
    simulated: Floats,
) -> str | None:
    """Say why a figure is not judged in a month that the export covers; None if it is."""
    begin = forecast.start.toordinal() + 7 * weeks[0]
    known = figure.name.startswith("visits:") or (figure.name == "boosters" and has_kind)
    if begin < came.since and not known:
        return f"before {_date(came.since)} the export does not tell new patients from earlier ones"
    if figure.name == "access_days":
        intake, learnt = forecast.scenario.intake, forecast.scenario.calibrated is not None
        none = [getattr(intake, delay) == Constant(value=0.0) for delay in DELAYS]
        if learnt and none[0] and (intake.visit is not None or not all(none)):
            return (
                "the forecast has no days between referral and consult (intake.days_to_consult is 0, as calibrate "
                "writes it without a column of referrals), and the export has"
            )
        if intake.visit is None and all(none):
            return (
                "the forecast has no days between referral and being ready for a start (intake.days_to_consult and "
                "intake.days_to_decide are 0, as calibrate writes them), and the export has"
            )
        if math.isnan(actual):
            return "no patient referred since the forecast began started in it"
    if (~np.isnan(simulated)).sum() < len(simulated) / 2:
        return "fewer than half of the futures have a figure for it"
    return None


def _total(
    figure: _Figure, forecast: StoredForecast, observed: Mapping[str, Any], weeks: list[int], band: float
) -> Sum:
    """Compare all judged months together."""
    came = float(_of_month([observed[name][None, :] for name in figure.columns], weeks)[0])
    low, middle, high = _quantiles(
        _of_month([forecast.futures[name] for name in figure.columns], weeks), band
    )
    return Sum(
        came=_finite(came),
        low=_finite(low),
        middle=_finite(middle),
        high=_finite(high),
        place=_PLACES[side(came, low, high)],
    )


def _command(
    path: str | os.PathLike[str], options: Options, forecast: StoredForecast, anew: Sequence[str]
) -> str:
    """Write the command that learns the settings anew; the forecast's scenario gives what no export shows."""
    learning = options.learn_clinic or any(setting.startswith(("clinic.", "shifts")) for setting in anew)
    words = ["simclinic", "calibrate", str(path), *replace(options, learn_clinic=learning).words()]
    words += ["--scenario", str(forecast.scenario_file)]
    return shlex.join(words)
