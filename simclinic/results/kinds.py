"""The registry of kinds of study: each is declared once, with its document, its folder and its views.

Other code asks a :class:`Kind` for its properties and never tests its name, so a new kind is a new entry. Text and
pages belong to layers above this one, so an entry names their module, which is imported when needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simclinic.results.bottleneck import BottleneckDocument
from simclinic.results.calibration import CalibrateDocument
from simclinic.results.compare import CompareDocument
from simclinic.results.forecast import ForecastDocument
from simclinic.results.intake import IntakeDocument
from simclinic.results.plan import PlanDocument
from simclinic.results.run import RunDocument
from simclinic.results.sweep import SweepDocument
from simclinic.results.template import TemplateDocument

_MEANS = (
    "Means have 95 % intervals (Student's, over replications); p10 and p90 are quantiles over replications."
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of study that keeps a results folder.

    Attributes
    ----------
    name
        Name in manifests and documents.
    command
        Command that makes such a study.
    document
        Type of its `summary.json`.
    view_module
        Module with `text(held)` and `page(folder, manifest, options)`: the table and the report of a folder.
    aim, intervals
        Descriptions of the study and of its intervals, for the reporting checklist.
    tables
        Whether its replications lie in tables in its own folder; otherwise in folders below it, or nowhere.
    varies
        What its scenarios differ in: nothing, whole scenarios, or settings of one.
    pairs
        Whether replications come in mirrored pairs.
    today
        Whether it always begins with today's patients.
    parts
        How many times its measured weeks follow each other; each is a replication of its own.
    days
        Whether its report shows a simulated day.
    simulates
        Whether it simulates anything.
    other
        Description of another study of this kind, for the message that refuses its folder.
    """

    name: str
    command: str
    document: type
    view_module: str
    aim: str = ""
    intervals: str = _MEANS
    tables: bool = False
    varies: Literal["", "scenarios", "settings"] = ""
    pairs: bool = False
    today: bool = False
    parts: int = 1
    days: bool = False
    simulates: bool = True
    other: str = ""


_FOLDERS = "simclinic.studies.folders"

RUN = Kind(
    "run",
    "run",
    RunDocument,
    f"{_FOLDERS}.run",
    aim="one scenario, simulated as it stands",
    tables=True,
    days=True,
)
RUN_IN_PAIRS = Kind(
    "run-antithetic",
    "run",
    RunDocument,
    f"{_FOLDERS}.run",
    aim="one scenario, simulated in mirrored pairs of replications",
    intervals="Intervals are Student's, 95 %, over the means of pairs.",
    tables=True,
    pairs=True,
    days=True,
)
COMPARE = Kind(
    "compare",
    "compare",
    CompareDocument,
    f"{_FOLDERS}.compare",
    aim="scenarios compared with the first on the same patients",
    intervals="Intervals of differences are paired Student's, 95 %, over replications with the same patients; "
    "verdicts allow for the number of figures by Holm's method.",
    varies="scenarios",
)
BOTTLENECK = Kind(
    "bottleneck",
    "bottleneck",
    BottleneckDocument,
    f"{_FOLDERS}.bottleneck",
    aim="what runs out first, and one more or fewer of each on the same patients",
    intervals="Intervals of differences are paired Student's, 95 %, over replications with the same patients; "
    "a difference is called shown after Holm's correction for all differences in the table.",
    varies="scenarios",
)
RUN_ON_SAME_PAST = Kind(
    "run-same-past",
    "bottleneck",
    RunDocument,
    f"{_FOLDERS}.run",
    aim="one scenario that begins with the patients of the years before under another",
    tables=True,
    days=True,
)
INTAKE = Kind(
    "intake",
    "intake",
    IntakeDocument,
    f"{_FOLDERS}.intake",
    aim="the most referrals a week that meet all targets, by levels that rise",
    intervals="Bounds are one-sided confidence sequences, which hold at every number of replications at once.",
    varies="scenarios",
)
PLAN = Kind(
    "plan",
    "plan",
    PlanDocument,
    f"{_FOLDERS}.plan",
    aim="the cheapest plan that meets all targets",
    intervals="Bounds are one-sided confidence sequences, which hold at every number of replications at once.",
    varies="scenarios",
)
TEMPLATE = Kind(
    "template",
    "template",
    TemplateDocument,
    f"{_FOLDERS}.template",
    aim="the fullest template of start times whose days keep their limits",
    intervals="Bounds are one-sided confidence sequences, which hold at every number of replications at once.",
    varies="scenarios",
)
RUN_OVERLOADED = Kind(
    "run-overloaded",
    "plan",
    RunDocument,
    f"{_FOLDERS}.run",
    aim="one scenario of which more is asked on paper than it can carry; it begins as if nobody had waited before",
    tables=True,
    days=True,
)
MOST_PARTS = 20
"""Most parts that are measured one by one: quarters of five years."""
RUN_IN_PARTS = {
    parts: Kind(
        f"run-in-{parts}-parts",
        "plan",
        RunDocument,
        f"{_FOLDERS}.run",
        aim="one scenario, each part of the simulated weeks measured by itself",
        tables=True,
        parts=parts,
    )
    for parts in range(1, MOST_PARTS + 1)
}
"""Runs whose weeks are measured in parts, by their number."""
SWEEP = Kind(
    "sweep",
    "sweep",
    SweepDocument,
    f"{_FOLDERS}.sweep",
    aim="a design over many settings, every point with the same patients",
    intervals="Effects of settings have 95 % intervals: Student's for grids and Latin hypercubes, bootstrap for "
    "Sobol and Morris designs.",
    varies="settings",
)
FORECAST = Kind(
    "forecast",
    "forecast",
    ForecastDocument,
    f"{_FOLDERS}.forecast",
    aim="boosters per week, beginning with today's patients",
    intervals="Bands are the 10th, 50th and 90th percentiles over simulated futures.",
    tables=True,
    today=True,
)
CALIBRATE = Kind(
    "calibrate",
    "calibrate",
    CalibrateDocument,
    f"{_FOLDERS}.calibrate",
    simulates=False,
    other="a calibration on another export, or with other options",
)

KINDS = {
    each.name: each
    for each in (
        RUN,
        RUN_IN_PAIRS,
        COMPARE,
        BOTTLENECK,
        RUN_ON_SAME_PAST,
        INTAKE,
        PLAN,
        TEMPLATE,
        RUN_OVERLOADED,
        *RUN_IN_PARTS.values(),
        SWEEP,
        FORECAST,
        CALIBRATE,
    )
}
"""Every kind of study with a results folder, by name."""


def kind_of(manifest: Mapping[str, object]) -> Kind | None:
    """Return the kind of study of a manifest or document; None for a kind unknown to this program."""
    return KINDS.get(str(manifest.get("study")))
