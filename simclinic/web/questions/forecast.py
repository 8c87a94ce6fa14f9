"""*Forecast*: `simclinic forecast --panel`; and, where something changes, the difference from doing nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simclinic.errors import SimclinicError
from simclinic.scenario import Scenario, with_overrides
from simclinic.web.answers import Finished, Interim, Options, Working

if TYPE_CHECKING:
    from simclinic.scenario.panel import Panel
    from simclinic.studies.forecast import FinishedForecast

AGAINST = ("margin_per_week", "cost_per_week", "boosters_per_week", "balked_share", "access_days_mean")
"""Figures that are compared with doing nothing."""

PAIRS = 100
"""Pairs of futures that are compared."""

_FIRST = (10, 50)
"""Futures after which a forecast is shown, before there are enough to plan by."""

_CHANGED = "The list of today's patients has changed since this was asked. Ask again."


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    words = ["forecast", file, "--panel", options["panel"], "--weeks", options["weeks"]]
    for override in overrides(options):
        words += ["--set", override]
    return words


def growth(options: Options) -> list[str]:
    """Return the override of the growth; none if it is that of the clinic."""
    return [f"demand.growth_per_year={options['growth']}"] if options.get("growth") else []


def overrides(options: Options) -> list[str]:
    """Return the overrides of a job: growth, and one for each date on which something changes."""
    by_date: dict[str, list[str]] = {}
    for date, address, value in _dated(options):
        by_date.setdefault(date, []).append(f'"{address}" = {value}')
    changes = [f'changes."{date}"={{{", ".join(settings)}}}' for date, settings in sorted(by_date.items())]
    return [*growth(options), *changes]


def _dated(options: Options) -> list[tuple[str, str, str]]:
    """Return the dated changes: date, address, and value as in a scenario file."""
    return [tuple(each) for each in json.loads(options.get("changes") or "[]")]


def digest(panel: Path) -> str:
    """Return a short hash of a list of patients, since it may be replaced under its name."""
    from simclinic.reading import read_bounded
    from simclinic.scenario.panel import MOST_BYTES

    return hashlib.sha256(read_bounded(panel, MOST_BYTES)).hexdigest()[:16]


def panel_of(scenario: Scenario, options: Options) -> Panel:
    """Read the patients of a job.

    Raises
    ------
    SimclinicError
        If they cannot be read, or have changed since.
    """
    from simclinic.scenario.panel import read_panel

    path = Path(options["panel"])
    if not path.is_file() or digest(path) != options["patients"]:
        raise SimclinicError(_CHANGED)
    return read_panel(path, scenario)


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Forecast as the command does, then compare with doing nothing."""
    from simclinic.report.pages.forecast import answer_lines, is_calm
    from simclinic.report.text.words import failed_in_folders
    from simclinic.studies.forecast import REPLICATIONS, calibrated, forecast, from_today, last_day, laws

    settings = overrides(options)
    clinic = with_overrides(scenario, settings)
    panel = panel_of(clinic, options)
    beginning = from_today(clinic, panel, weeks=int(options["weeks"]))
    last = last_day(beginning)
    changes = any(dt.date.fromisoformat(date) <= last for date, *_ in _dated(options))
    futures = REPLICATIONS * len(laws(beginning, own_law=calibrated(clinic), panel=panel))
    more = 2 * PAIRS if changes else 0

    seen = 0

    def progress(done: int, _planned: int) -> None:
        """Count what is finished; the first futures of one law are counted again when the others follow."""
        nonlocal seen
        seen = max(seen, done)
        working.progress(seen, futures + more)

    def made(count: int) -> FinishedForecast:
        begun = from_today(clinic, panel, weeks=int(options["weeks"]), replications=count)
        return forecast(
            begun,
            panel,
            own_law=calibrated(clinic),
            arguments={
                "scenario": working.file,
                "fixed_parameters": False,
                "mix_versions": False,
                "set": settings,
                "panel": Path(options["panel"]).name,
                "own_law": False,
                "as_of": begun.run.start.isoformat(),
                "weeks": begun.run.weeks,
                "replications": begun.run.replications,
                "seed": begun.run.seed,
            },
            progress=progress,
            executor=working.executor,
        )

    for count in _FIRST:
        document = made(count).document
        working.show(Interim(list(answer_lines(document)), document, is_calm(document)))
    finished = made(REPLICATIONS)
    against: list[str] = []
    if changes:
        nothing = with_overrides(scenario, growth(options))
        against = _against(nothing, clinic, panel, options, working, futures)
    return Finished(
        finished.document,
        finished.folder,
        list(failed_in_folders(finished.failures, finished.folder)),
        {"against": against, "pairs": PAIRS},
    )


def _shifted(working: Working, before: int, planned: int) -> Callable[[int, int], None]:
    return lambda done, _planned: working.progress(before + done, planned)


def _against(
    nothing: Scenario, changed: Scenario, panel: Panel, options: Options, working: Working, before: int
) -> list[str]:
    """Compare with doing nothing, on the same patients; say each difference."""
    from simclinic.report.text.plainly import difference_plainly
    from simclinic.studies.compare import compare, sides
    from simclinic.studies.forecast import from_today

    compared: Sequence[Any] = sides(
        [
            from_today(each, panel, weeks=int(options["weeks"]), replications=PAIRS)
            for each in (nothing, changed)
        ]
    )
    finished = compare(
        compared,
        kpis=AGAINST,
        arguments={"scenarios": [working.file, working.file], "set": overrides(options)},
        progress=_shifted(working, before, before + 2 * PAIRS),
        executor=working.executor,
        panel=panel,
    )
    [between] = finished.document["differences"]
    currency = changed.finance.currency
    lines = [difference_plainly(name, between["kpis"][name], currency) for name in AGAINST]
    return [f"{line[:1].upper()}{line[1:]}." for line in lines]
