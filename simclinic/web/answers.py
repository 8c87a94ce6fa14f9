"""What a job knows and answers: the types that pass between the process of jobs and the screens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simclinic.experiment import Executor
    from simclinic.report.figures.chart import Chart
    from simclinic.report.page import Page
    from simclinic.scenario import Scenario

Options = Mapping[str, str]
"""What a job is asked, as its screen gives it."""

_HEIGHT = 420
"""Height in pixels of a drawing that gives none."""


@dataclass(frozen=True, slots=True)
class Interim:
    """What is known while a job runs.

    Attributes
    ----------
    lines
        In words, the most important first.
    document
        As `--json` writes it, of the replications so far.
    good
        Whether it is good news; None where it is neither.
    """

    lines: Sequence[str]
    document: Mapping[str, Any]
    good: bool | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, headings, rows, and a sentence; the first cell of each row names it."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    says: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart: its anchor, title, explanation, alternative text, height in pixels, drawing as JSON, and numbers."""

    key: str
    title: str
    says: str
    alt: str
    height: int
    drawing: str
    sheet: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a job: the two pages with which its report begins, and where the rest is.

    Attributes
    ----------
    json
        What the command line prints with `--json`.
    folder
        The results folder, relative to that of the clinics.
    title, question, lines, good, warnings
        As in :class:`simclinic.report.page.Page`; `lines` is its answer.
    plans
        The table of plans, as a :class:`Sheet`; None: there is none.
    charts
        As :class:`Drawn`: the one of the first two pages.
    matters
        The assumptions that matter most: address, value, whether it was changed, and source.
    failures
        Lines about replications that failed.
    extra
        What the question's screen shows beside it.
    """

    json: str
    folder: str
    title: str
    question: str
    lines: Sequence[str]
    good: bool | None
    warnings: Sequence[str]
    plans: Mapping[str, Any] | None
    charts: Sequence[Mapping[str, Any]]
    matters: Sequence[Mapping[str, Any]]
    failures: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished study, as a question returns it.

    Attributes
    ----------
    document
        What `--json` prints.
    folder
        The results folder.
    failures
        Lines about replications that failed.
    extra
        What the question's screen shows beside the report's two pages.
    """

    document: Mapping[str, Any]
    folder: Path
    failures: Sequence[str] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Working:
    """How a question is worked on.

    Attributes
    ----------
    progress
        Called with the numbers of finished and of planned replications.
    show
        Shows what is known so far.
    say
        Says what is being done now, in lines, the most important first.
    executor
        Runs the replications.
    file
        Path of the clinic's file, as manifests name it.
    """

    progress: Callable[[int, int], None]
    show: Callable[[Interim], None]
    say: Callable[[Sequence[str]], None]
    executor: Executor
    file: str


def scenario_key(scenario: Scenario) -> str:
    """Hash a scenario with all that its answers depend on: targets, prices and data files, too."""
    from simclinic.scenario.canonical import scenario_hash
    from simclinic.scenario.tables import as_tables

    return hashlib.sha256(f"{scenario_hash(scenario)} {as_tables(scenario)!r}".encode()).hexdigest()


def front(page: Page, json: str, finished: Finished) -> Answer:
    """Take the first two pages of a report."""
    plans = page.plans
    return Answer(
        json=json,
        folder=str(finished.folder),
        title=page.title,
        question=page.question,
        lines=list(page.answer),
        good=page.good,
        warnings=list(page.warnings),
        plans=None
        if plans is None
        else asdict(Sheet(plans.title, plans.sheet.headings, plans.sheet.rows, plans.says)),
        charts=[] if page.chart is None else [drawn(page.chart)],
        matters=[asdict(each) for each in page.matters],
        failures=finished.failures,
        extra=finished.extra,
    )


def drawn(chart: Chart) -> dict[str, Any]:
    """Write a chart as screens show it: a :class:`Drawn` as a mapping."""
    sheet = asdict(Sheet(chart.title, chart.sheet.headings, chart.sheet.rows))
    height = int(chart.drawing.layout.get("height") or _HEIGHT)
    return asdict(
        Drawn(chart.key, chart.title, chart.says, chart.alt, height, chart.drawing.to_json(), sheet)
    )
