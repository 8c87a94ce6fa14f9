"""Forecasts of the booster load from today's patients and new ones, and of the week in which the clinic is full.

A forecast is a run without warm-up that begins with the patients of a panel. Its figures of a week are prediction
bands: they describe the spread of the simulated futures, not the uncertainty of a mean.

The sources disagree most about the time to relapse. A forecast of a calibrated clinic (`simclinic calibrate`) draws
its relapse distribution from the clinic's own fit; for other clinics, each relapse law of the evidence is run, and
they are shown side by side.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from simclinic.experiment import Executor
from simclinic.experiment.failure import Failure
from simclinic.measures.full import WEEKS_JUDGED, is_full, limits
from simclinic.measures.intervals import interval
from simclinic.measures.limits_broken import limits_broken
from simclinic.report.text.forecast import weeks_csv
from simclinic.report.text.stability import other_warnings
from simclinic.report.text.when_full import FEWEST, full_from
from simclinic.report.text.words import counted, listed
from simclinic.results.document import SCHEMA_VERSION, as_json
from simclinic.results.forecast import Band, ForecastDocument, Futures, RelapseForecast
from simclinic.results.full import FullLimits
from simclinic.results.kinds import FORECAST
from simclinic.scenario import Scenario, replace
from simclinic.scenario.distributions import Distribution, Lognormal
from simclinic.scenario.panel import Panel
from simclinic.store import default_folder
from simclinic.store.multi_folder import MultiScenarioFolder, multi_scenario_identity
from simclinic.store.reader import table
from simclinic.studies.advice import plan_warnings
from simclinic.studies.forecast_parts import by_role, by_visit
from simclinic.studies.held_back import asking_now_of
from simclinic.studies.multi_scenario import failures_of, run_all
from simclinic.studies.run import FinishedRun, Progress, run
from simclinic.studies.today import begin_with_panel, panel_count, start_warnings, uncertain_settings

WEEKS = 26
"""Weeks of a forecast by default: half a year."""

REPLICATIONS = 200
"""Simulated futures by default: enough to estimate a p10 and a p90."""


_RELAPSE = "relapse.days"

EVIDENCE: Mapping[str, Distribution] = {
    "relapse as in the trials": Lognormal(mu=2.70, sigma=0.63, never=0.20),
    "relapse as in the community": Lognormal(mu=3.89, sigma=0.95, never=0.28),
}
"""The relapse laws of the evidence, by their names in tables."""


@dataclass(frozen=True, slots=True)
class RelapseCase:
    """A scenario with one relapse law.

    Attributes
    ----------
    name
        Name of the relapse law in tables.
    scenario
        The clinic with this relapse law.
    """

    name: str
    scenario: Scenario


@dataclass(frozen=True)
class FinishedForecast:
    """A finished forecast.

    Attributes
    ----------
    laws
        The simulated cases, the one with the scenario's own relapse law first.
    runs
        The finished run of each case.
    document
        Output of `--json`.
    folder
        The results folder.
    """

    laws: tuple[RelapseCase, ...]
    runs: tuple[FinishedRun, ...]
    document: ForecastDocument
    folder: Path

    @cached_property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Replications that failed, with their relapse law."""
        return failures_of([law.name for law in self.laws], self.runs)


def from_today(
    scenario: Scenario,
    panel: Panel,
    *,
    weeks: int = WEEKS,
    as_of: dt.date | None = None,
    replications: int | None = None,
    seed: int | None = None,
    fixed_parameters: bool = False,
) -> Scenario:
    """Set a scenario to begin with a panel.

    Parameters
    ----------
    scenario
        The clinic.
    panel
        Today's patients.
    weeks
        Number of weeks to forecast.
    as_of
        The first day of the forecast; by default as for :func:`simclinic.studies.today.default_day`.
    replications, seed
        By default `REPLICATIONS` and the scenario's.
    fixed_parameters
        Use estimated settings as given, without drawing them anew.

    Raises
    ------
    SimclinicError
        If the panel contradicts the date.
    ScenarioError
        If a setting is not valid.
    """
    count = REPLICATIONS if replications is None else replications
    [started] = begin_with_panel(
        [scenario],
        panel,
        as_of=as_of,
        uncertain=not fixed_parameters,
        run={"weeks": weeks, "replications": count, "seed": seed},
    )
    return started


def laws(scenario: Scenario, *, own_law: bool = False, panel: Panel | None = None) -> tuple[RelapseCase, ...]:
    """Return the scenario with each relapse law of the forecast; parameters as for :func:`relapse_laws`."""
    return tuple(
        RelapseCase(name, replace(scenario, relapse={"days": law}))
        for name, law in relapse_laws(scenario, own_law=own_law, panel=panel).items()
    )


def relapse_laws(
    scenario: Scenario, *, own_law: bool = False, panel: Panel | None = None
) -> dict[str, Distribution]:
    """List relapse laws by name: the scenario's own, and those of the evidence.

    They hold for the patients of protocols that have none of their own.

    Parameters
    ----------
    scenario
        The clinic.
    own_law
        Leave out those of the evidence; they are always left out for a calibrated scenario, and where no patient
        has the scenario's law.
    panel
        Today's patients, if the simulation begins with them.
    """
    law = scenario.relapse.days
    own = next((name for name, known in EVIDENCE.items() if known == law), "relapse as in the scenario")
    given, taken = protocols_by_relapse(scenario, panel)
    if given and not taken:
        return {"relapse as in each protocol": law}
    return {own: law} if own_law or calibrated(scenario) else {own: law, **EVIDENCE}


def protocols_by_relapse(scenario: Scenario, panel: Panel | None = None) -> tuple[list[str], list[str]]:
    """List the protocols that patients have: those with a relapse law of their own, and the others."""
    mixes = (scenario.at(date).demand.protocol_mix for date in (dt.date.min, *scenario.change_dates))
    names = {name for mix in mixes for name, share in mix.items() if share}
    names |= set() if panel is None else {patient.protocol for patient in panel.patients}
    own = {name for name in names if "days" in (scenario.protocols[name].relapse or {})}
    return sorted(own), sorted(names - own)


def _keeps_its_law(scenario: Scenario, panel: Panel, *, several: bool) -> Iterator[str]:
    """Say which protocols have the same relapse law in every forecast."""
    given, taken = protocols_by_relapse(scenario, panel)
    if given and not taken:
        yield (
            "every protocol has a relapse law of its own, so the forecast is made under these alone, and not under "
            "those of the evidence"
        )
    elif given and several:
        whose = "a law of its own" if len(given) == 1 else "laws of their own"
        has = "has" if len(given) == 1 else "have"
        yield f"the relapse laws are those of {listed(taken)}; {listed(given)} {has} {whose}, the same under each"


def calibrated(scenario: Scenario) -> bool:
    """Return whether the scenario's relapse law was fitted to the clinic's own patients."""
    return any(
        setting.startswith(f"{_RELAPSE}.")
        for entry in scenario.uncertainty.values()
        for setting in entry.settings
    )


def forecast(
    scenario: Scenario,
    panel: Panel,
    *,
    own_law: bool = False,
    against: str | None = None,
    out: Path | None = None,
    arguments: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
) -> FinishedForecast:
    """Simulate futures of today's patients and of new ones, and store the results.

    Parameters
    ----------
    scenario
        The clinic, set to begin with the panel; see :func:`from_today`.
    panel
        Today's patients.
    own_law
        Only with the scenario's own relapse law.
    against
        Text that identifies the outcome of a backtest: a folder with a plain forecast, or with a backtest of
        another outcome, is not continued.
    out
        The results folder; by default one below `results/`, named after the scenario.
    arguments
        Arguments of the command, for the manifest.
    progress
        Called after each replication.
    executor
        Runs the replications; by default in this process, one after another.
    time_limit
        Seconds after which a replication counts as failed; None: no limit.

    Raises
    ------
    SimclinicError
        If the results cannot be stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    shown = laws(scenario, own_law=own_law, panel=panel)
    identity = multi_scenario_identity(FORECAST.name, [law.scenario for law in shown], panel)
    if against is not None:
        digest = hashlib.sha256(f"{identity.fingerprint} {against}".encode()).hexdigest()
        identity = dataclasses.replace(identity, fingerprint=digest)
    path = out or default_folder(scenario.name, FORECAST.name, identity.fingerprint)
    count = scenario.run.replications
    with MultiScenarioFolder(path, identity, [law.name for law in shown], arguments or {}) as folder:
        runner = partial(
            run,
            arguments=arguments or {},
            executor=executor,
            time_limit=time_limit,
            panel=panel,
            study=FORECAST.name,
        )
        runs = run_all([law.scenario for law in shown], folder, runner, progress)
        tables = [table(subfolder, "weeks", below=count) for subfolder in folder.subfolders]
        document = _document(scenario, panel, shown, runs, tables)
        folder.count(
            planned=count * len(shown),
            done=sum(_matrix(columns, "week", scenario).shape[0] for columns in tables),
            failed=sum(len(run.failures) for run in runs),
        )
        folder.finish(as_json(document), weeks_csv(document))
        return FinishedForecast(shown, runs, document, path)


Columns = Mapping[str, Any]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def _matrix(columns: Columns, name: str, scenario: Scenario) -> Matrix:
    """Read a column of the weekly tables, shape (replications, weeks)."""
    weeks = scenario.run.weeks
    values = columns.get(name)
    return np.zeros((0, weeks)) if values is None else np.asarray(values, dtype=np.float64).reshape(-1, weeks)


def _document(
    scenario: Scenario,
    panel: Panel,
    shown: Sequence[RelapseCase],
    runs: Sequence[FinishedRun],
    tables: Sequence[Columns],
) -> ForecastDocument:
    several = len(shown) > 1
    warnings = [
        *plan_warnings(scenario),
        *late_changes(scenario),
        *_keeps_its_law(scenario, panel, several=several),
        *start_warnings(scenario, panel),
    ]
    if scenario.run.replications < FEWEST:
        warnings.append(
            f"only {counted(scenario.run.replications, 'future')}: the 10–90 % bands are too narrow and too "
            f"inaccurate for planning (the default is {REPLICATIONS})"
        )
    for law, finished in zip(shown, runs, strict=True):
        warnings += [
            f"{law.name}: {warning}" if several else warning
            for warning in other_warnings(finished.document)
            if _concerns_forecasts(warning)
        ]
    forecasts = [
        _with_verdicts(law, finished, _futures(law, columns))
        for law, columns, finished in zip(shown, tables, runs, strict=True)
    ]
    return ForecastDocument(
        schema_version=SCHEMA_VERSION,
        study=FORECAST.name,
        scenario=scenario.name,
        seed=scenario.run.seed,
        replications=scenario.run.replications,
        horizon={"start": scenario.run.start.isoformat(), "warm_up_weeks": 0, "weeks": scenario.run.weeks},
        panel=panel_count(panel),
        relapse=forecasts[0]["relapse"],
        calibrated=calibrated(scenario),
        uncertain=uncertain_settings(scenario),
        currency=scenario.finance.currency,
        warnings=warnings,
        weeks=forecasts[0]["weeks"],
        total=forecasts[0]["total"],
        full_in_week=forecasts[0]["full_in_week"],
        full_from=forecasts[0]["full_from"],
        full_limits=_limits(scenario),
        laws=forecasts,
    )


def late_changes(scenario: Scenario) -> Iterator[str]:
    """Name the dated changes that come after the last week of a forecast, so that none of its weeks shows them."""
    last = last_day(scenario)
    for date in scenario.change_dates:
        if date > last:
            yield (
                f"no week of this forecast shows the change on {date.isoformat()} of "
                f"{', '.join(scenario.changes[date])}: the last one ends on {last.isoformat()}"
            )


def last_day(scenario: Scenario) -> dt.date:
    """Return the last day of the last week of a forecast."""
    return scenario.run.start + dt.timedelta(weeks=scenario.run.weeks, days=-1)


def _limits(scenario: Scenario) -> FullLimits:
    """Return the limits from which a clinic counts as full."""
    share, days = limits(scenario)
    walk_in = scenario.booking.mode == "walk-in"
    return FullLimits(
        not_served_share=share,
        booster_wait_days=days,
        weeks=WEEKS_JUDGED,
        patience_days=None if walk_in else scenario.booking.patience_days,
    )


def _concerns_forecasts(warning: str) -> bool:
    """Return whether a run's warning applies to a forecast, which does not show the yearly figures."""
    return "cannot be computed" not in warning and "could not be computed" not in warning


_COLUMNS = {
    "booster_requests": "booster_requests",
    "from_panel": "booster_requests_from_panel",
    "booster_requests_before": "booster_requests_before",
    "boosters_given": "boosters",
    "induction": "induction",
    "capacity": "starts",
    "starts_used": "starts_used",
    "asked": "asked",
    "not_served": "not_served",
    "waiting_for_series": "waiting_for_series",
    "waiting_for_booster": "waiting_for_booster",
    "ketamine_mg": "ketamine_mg",
    "revenue": "revenue",
    "margin": "margin",
}
"""Figures of a week, by column of the weekly table."""

_FIRST = ("booster_requests", "from_panel", "from_new", "boosters_given", "induction", "capacity")
"""Figures of a week that come first."""

_ADDED_UP = (
    *_FIRST,
    "booster_requests_before",
    "starts_used",
    "asked",
    "not_served",
    "nurse_hours",
    "nurse_hours_rostered",
    "ketamine_mg",
    "revenue",
    "margin",
)


def _with_verdicts(law: RelapseCase, run: FinishedRun, futures: Futures) -> RelapseForecast:
    """Add the verdicts on the mean of the futures, and the shares of futures in which a limit is broken."""
    rows = table(run.folder, "runs", below=law.scenario.run.replications)
    document = run.document
    return RelapseForecast(
        **futures,
        verdict=document["verdict"],
        verdict_reasons=document["verdict_reasons"],
        day_verdict=document["day_verdict"],
        day_verdict_reasons=document["day_verdict_reasons"],
        limits_broken=limits_broken(rows, law.scenario.targets),
        **asking_now_of(document),
    )


def _futures(law: RelapseCase, columns: Columns) -> Futures:
    """Compute the statistics of the futures under one relapse law."""
    scenario = law.scenario
    values = {name: _matrix(columns, column, scenario) for name, column in _COLUMNS.items()}
    values["from_new"] = values["booster_requests"] - values["from_panel"]
    busy = [_matrix(columns, name, scenario) for name in ("hands_on_minutes", "watch_nurse_minutes")]
    values["nurse_hours"] = (busy[0] + busy[1]) / 60.0
    values["nurse_hours_rostered"] = _matrix(columns, "nurse_minutes_rostered", scenario) / 60.0
    asked, not_served, offered, used = (
        _matrix(columns, f"{name}_ahead", scenario)
        for name in ("asked", "not_served", "starts", "starts_used")
    )
    full = is_full(asked, not_served, offered, used, limits(scenario).not_served_share)
    count = len(full)
    by_then = np.logical_or.accumulate(full, axis=1)
    first = [int(weeks.argmax()) if weeks.any() else None for weeks in full]
    starts = [
        (scenario.run.start + dt.timedelta(weeks=week)).isoformat() for week in range(scenario.run.weeks)
    ]
    when_full = full_from(first, starts, int(full[:, -1].sum()))
    names = (*_FIRST, *(name for name in values if name not in _FIRST))
    weeks: list[Any] = [
        {
            "week": week,
            "start": start,
            **{name: band(values[name][:, week]) for name in names},
            "full_probability": float(full[:, week].mean()) if count else None,
            "full_by_probability": float(by_then[:, week].mean()) if count else None,
        }
        for week, start in enumerate(starts)
    ]
    futures = Futures(
        name=law.name,
        relapse=scenario.relapse.days.written(),
        n=count,
        weeks=weeks,
        total={name: band(values[name].sum(axis=1)) for name in _ADDED_UP},
        full_in_week=None if when_full["middle"] is None else when_full["middle"]["week"],
        full_from=when_full,
    )
    column = partial(_matrix, columns, scenario=scenario)
    if roles := by_role(scenario, column, starts, band):
        futures["by_role"] = roles
    if types := by_visit(scenario, column, band):
        futures["by_visit"] = types
    return futures


def band(values: np.ndarray[Any, np.dtype[np.float64]]) -> Band:
    """Compute quantiles (by linear interpolation) and the mean with its 95 % interval over simulated futures."""
    if not len(values):
        return Band(p10=None, p50=None, p90=None, mean=None, ci=None)
    p10, p50, p90 = (float(quantile) for quantile in np.quantile(values, (0.1, 0.5, 0.9)))
    mean = interval(values)
    several = len(values) > 1
    return Band(
        p10=p10,
        p50=p50,
        p90=p90,
        mean=float(mean.mean),
        ci=[float(mean.low), float(mean.high)] if several else None,
    )
