"""Results of a sweep, as tidy tables for pandas."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from simclinic.api.clinic import Clinic
from simclinic.api.options import StudyOptions, takes
from simclinic.api.study_results import StudyResults
from simclinic.api.temporary_folder import in_folder
from simclinic.api.today import today
from simclinic.measures import KPIS
from simclinic.report.text.numbers import for_people
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import panel_notes
from simclinic.report.text.sweep import cells, heads, named
from simclinic.results.sweep import SweepDocument
from simclinic.store.reader import table
from simclinic.studies import sweep as study
from simclinic.studies.execution import Execution
from simclinic.studies.study_file import load_study, study_of


class Sweep(StudyResults):
    """The results of a sweep.

    Attributes
    ----------
    document
        What `simclinic sweep --json` prints.
    on
        Key figures shown in a notebook.
    """

    def __init__(self, finished: study.FinishedSweep, on: Sequence[str]) -> None:
        super().__init__(finished.folder, finished.document["warnings"])
        self._finished = finished
        self.document: SweepDocument = finished.document
        self.on = tuple(on)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row for each run: point, one column for each factor, replication, every key figure."""
        frame = pd.DataFrame(table(self.folder, "runs"))
        if frame.empty:
            return frame
        wanted = frame[frame["replication"] < self.document["replications"]]
        return wanted.sort_values(["point", "replication"], ignore_index=True)

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row for each point: factors, replications, stable (1 or 0), means and half-widths of intervals."""
        return pd.DataFrame(self._finished.table).set_index("point")

    @cached_property
    def effects(self) -> pd.DataFrame:
        """One row for each key figure and factor, by rank: what the factor does, in the design's measures."""
        return pd.DataFrame(study.effect_rows(self.document)).set_index(["kpi", "factor"])

    @cached_property
    def failures(self) -> pd.DataFrame:
        """One row for each run that failed."""
        columns = ["point", "replication", "seed", "error", "traceback"]
        rows = [
            (point, one.number, one.seed, one.error, one.traceback) for point, one in self._finished.failures
        ]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        points, replications = self.document["points"], self.document["replications"]
        return f"<Sweep {self.document['name']!r}: {points} points, {replications} replications of each>"

    def _repr_html_(self) -> str:
        name = html.escape(self.document["name"])
        notes = panel_notes(self.document.get("panel"), self.document["horizon"]["weeks"])
        warnings = "".join(f"<li>{html.escape(each)}</li>" for each in [*self.warnings, *notes])
        summary = (
            f"{self.document['points']} points, {self.document['replications']} replications of each, "
            f"seed {self.document['seed']}"
        )
        tables = "".join(self._table(figure) for figure in self.on)
        return f"<p><b>{name}</b>, {summary}</p><ul>{warnings}</ul>{tables}"

    def _table(self, name: str) -> str:
        ranked = self.document["kpis"][name]
        factor, unit = for_people(ranked["unit"], self.document["currency"])
        head = "".join(f"<th>{html.escape(text)}</th>" for text in ("", *heads(self.document)))
        body = []
        for effect in ranked["effects"]:
            row = (named(self.document, effect["factor"]), *cells(self.document, effect, factor))
            body.append(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>")
        title = html.escape(KPIS[name].definition)
        return (
            f'<p title="{title}">{html.escape(label_of(name, self.document["kpis"]))}, {html.escape(unit)}</p>'
            f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
        )


def _plain(value: Any) -> Any:  # noqa: ANN401 (whatever a notebook holds)
    """Convert a value to the types of a study file: arrays, tuples and ranges to lists, paths to text."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(inner) for inner in value]
    return os.fspath(value) if isinstance(value, os.PathLike) else value


@takes(StudyOptions)
def sweep(
    wanted: str | os.PathLike[str] | Mapping[str, Any],
    *,
    clinic: Clinic | None = None,
    on: Sequence[str] = (),
    changes: Sequence[str] = (),
    replications: int | None = None,
    **options: Unpack[StudyOptions],
) -> Sweep:
    """Simulate a design over many settings, on the same patients at every point, and rank what matters.

    Parameters
    ----------
    wanted
        A study file; or what one holds, such as `{"factors": {"clinic.chairs": [2, 3, 4]}}`: a grid unless it names
        another design.
    clinic
        The base clinic of all points, in place of the scenario that the study names.
    on
        Key figures shown in a notebook.
    changes
        Settings changed at every point, such as `"run.weeks=26"`.
    replications, seed
        By default the study's and the scenario's.
    out
        A results folder, as `simclinic sweep --out` writes it: the same call on the same folder resumes an
        interrupted sweep. By default, results exist as long as the returned object.
    workers, cluster, time_limit, mix_versions
        Execution, as for :meth:`Clinic.run`.
    panel, as_of, uncertain
        Today's patients, with whom every point begins on the same day; as for :meth:`Clinic.run`.

    Raises
    ------
    SimclinicError
        If the study or a setting is invalid, or the results cannot be written.
    """
    study.checked_kpis(on)
    scenario = None if clinic is None else clinic.scenario
    execution = Execution.of(options, replications)
    chosen: dict[str, Any] = {
        "replications": execution.number,
        "seed": execution.seed,
        "scenario": scenario,
        "today": today(options),
    }
    if isinstance(wanted, Mapping):
        points = study_of({"name": "Sweep", "design": "grid", **_plain(wanted)}, changes, **chosen)
    else:
        points = load_study(wanted, changes, **chosen)
    shown = study.checked_kpis(on, points.figures)
    arguments = {"set": list(changes), "replications": points.replications, "seed": points.seed}
    arguments |= {"mix_versions": execution.mix_versions, **points.arguments}

    def made(folder: Path) -> Sweep:
        with execution.executor() as executor:
            finished = study.sweep(
                points, out=folder, arguments=arguments, executor=executor, time_limit=execution.time_limit
            )
        return Sweep(finished, shown)

    return in_folder(execution.out, made)
