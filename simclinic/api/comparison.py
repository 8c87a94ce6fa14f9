"""Results of a comparison, as tidy tables for pandas."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol, Unpack

import pandas as pd

from simclinic import scenario as scenarios
from simclinic.api.options import StudyOptions, takes
from simclinic.api.study_results import StudyResults
from simclinic.api.temporary_folder import in_folder
from simclinic.api.today import start, today
from simclinic.errors import SimclinicError
from simclinic.experiment.precision import MOST
from simclinic.measures import KPIS
from simclinic.report.text.compare import difference_rows
from simclinic.report.text.numbers import for_people, row
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import panel_notes
from simclinic.report.text.summary import summary_rows
from simclinic.results.compare import CompareDocument
from simclinic.store.reader import profile, table
from simclinic.studies import compare as study
from simclinic.studies.execution import Execution
from simclinic.studies.goals import difference_goals


class HasScenario(Protocol):
    """A :class:`simclinic.Clinic`."""

    @property
    def scenario(self) -> scenarios.Scenario:
        """The checked scenario."""


class Comparison(StudyResults):
    """The results of a comparison.

    Attributes
    ----------
    document
        What `simclinic compare --json` prints.
    """

    def __init__(self, finished: study.FinishedComparison) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: CompareDocument = finished.document

    @cached_property
    def differences(self) -> pd.DataFrame:
        """One row for each scenario after the first and each key figure: difference, interval, p, verdict."""
        return pd.DataFrame(difference_rows(self.document)).set_index(["to", "kpi"])

    @cached_property
    def kpis(self) -> pd.DataFrame:
        """One row for each scenario and key figure: label, group, unit, mean, sd, ci_low, ci_high, p10, p90, n.

        `method` and `coverage` are those of the interval, as in JSON.
        """
        rows = [
            line for each in self.document["scenarios"] for line in summary_rows(each["name"], each["kpis"])
        ]
        return pd.DataFrame(rows).set_index(["scenario", "kpi"])

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row for each scenario and replication, every key figure."""
        frames = []
        for side, run in zip(self._finished.sides, self._finished.runs, strict=True):
            frame = pd.DataFrame(table(run.folder, "runs", below=run.scenario.run.replications))
            frame.insert(0, "scenario", side.name)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def profile(self) -> pd.DataFrame:
        """One row for each scenario, weekday (0 for Monday) and hour: what is held, under way and there; means."""
        frames = []
        for side, run in zip(self._finished.sides, self._finished.runs, strict=True):
            frame = pd.DataFrame(profile(run.folder, run.scenario.run.replications))
            frame.insert(0, "scenario", side.name)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each replication that failed."""
        columns = ["scenario", "replication", "seed", "error", "traceback"]
        rows = [
            (name, one.number, one.seed, one.error, one.traceback) for name, one in self._finished.failures
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        names = " against ".join(repr(side.name) for side in reversed(self._finished.sides))
        return f"<Comparison {names}: {self.document['replications']} replications>"

    def _repr_html_(self) -> str:
        notes = panel_notes(self.document.get("panel"), self.document["horizon"]["weeks"])
        warnings = "".join(f"<li>{html.escape(each)}</li>" for each in [*self.warnings, *notes])
        means = {each["name"]: each["kpis"] for each in self.document["scenarios"]}
        currency = self._finished.sides[0].scenario.finance.currency
        tables = []
        for between in self.document["differences"]:
            first, second = between["from"], between["to"]
            lines = [
                (name, means[first][name]["mean"], means[second][name]["mean"], difference["verdict"])
                for name, difference in between["kpis"].items()
            ]
            tables.append(_html(first, second, lines, currency))
        return f"<ul>{warnings}</ul>{''.join(tables)}"


def _html(
    first: str, second: str, lines: Sequence[tuple[str, float | None, float | None, str]], currency: str
) -> str:
    head = "".join(
        f"<th>{html.escape(text)}</th>" for text in ("", first, second, "unit", "what is different")
    )
    body, names = [], [name for name, *_ in lines]
    for name, one, two, verdict in lines:
        factor, unit = for_people(KPIS[name].unit, currency)
        means = row(*(None if mean is None else factor * mean for mean in (one, two)))
        inner = "".join(
            f"<td>{html.escape(cell)}</td>" for cell in (label_of(name, names), *means, unit, verdict)
        )
        body.append(f'<tr title="{html.escape(KPIS[name].definition)}">{inner}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


@takes(StudyOptions)
def compare(
    clinics: Sequence[HasScenario | str | os.PathLike[str]],
    *,
    protocols: Sequence[str] = (),
    kpis: Sequence[str] = (),
    until: Mapping[str, float] | None = None,
    at_most: int = MOST,
    replications: int | None = None,
    plain: bool = False,
    **options: Unpack[StudyOptions],
) -> Comparison:
    """Compare clinics on the same patients, each later one with the first.

    Parameters
    ----------
    clinics
        Clinics, or scenario files.
    protocols
        Names of protocols: each clinic is taken once with each, for everybody.
    kpis
        Only these key figures; by default all.
    until
        Continue until the intervals of these differences are within ± the value, in the figure's unit; `at_most`
        replications of each at most.
    replications, seed
        By default the first clinic's; not allowed with `until`.
    plain
        Leave means and differences as they are, without the adjustment for what is known of the simulated patients.
    out
        A results folder, as `simclinic compare --out` writes it. By default results live as long as the returned
        object.
    workers, cluster, time_limit, mix_versions
        Execution, as for :meth:`simclinic.Clinic.run`.
    panel, as_of, uncertain
        Today's patients, with whom all clinics begin on the same day; as for :meth:`simclinic.Clinic.run`.

    Raises
    ------
    SimclinicError
        If there is nothing to compare, a setting is invalid, or the results cannot be written.
    """
    if until and replications is not None:
        raise SimclinicError("until decides how many replications there are: leave replications out")
    if isinstance(clinics, str | os.PathLike) or hasattr(clinics, "scenario"):
        clinics = [clinics]
    loaded = [
        scenarios.load(each) if isinstance(each, str | os.PathLike) else each.scenario for each in clinics
    ]
    execution = Execution.of(options, replications)
    beginning = start(loaded, today(options))
    sides = study.sides(beginning.scenarios, protocols, replications=execution.number, seed=execution.seed)
    goals = difference_goals([f"{name}={value}" for name, value in (until or {}).items()])

    def made(folder: Path) -> Comparison:
        with execution.executor() as executor:
            finished = study.compare(
                sides,
                kpis=kpis,
                until=goals,
                at_most=at_most,
                out=folder,
                arguments={**beginning.arguments, "mix_versions": execution.mix_versions},
                executor=executor,
                time_limit=execution.time_limit,
                panel=beginning.panel,
                reuse=execution.out is not None,
                plain=plain,
            )
        return Comparison(finished)

    return in_folder(execution.out, made)
