"""Study files: the scenario, design and factors of a sweep, with a list of all problems of a wrong file.

```toml
name = "staffing grid"
scenario = "../baseline.toml"                      # relative to this file; a list is a factor by itself
replications = 20
design = "grid"                                    # or "lhs", "sobol", "morris" with samples = 64
[factors]
"clinic.chairs" = [2, 3, 4]                        # levels ...
"relapse.days.mu" = { low = 2.40, high = 3.03 }    # ... or a range
```
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from simclinic.errors import Problem, ScenarioError
from simclinic.experiment.designs import DESIGNS, Factor
from simclinic.scenario import Scenario, load, with_overrides
from simclinic.scenario.addresses import address, address_parts
from simclinic.scenario.given import refuse_scenario
from simclinic.scenario.panel import scenario_contradictions
from simclinic.scenario.parse import parse, read_text
from simclinic.scenario.positions import line_of, positions
from simclinic.scenario.problems import Path, nearest
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.tables import as_tables
from simclinic.scenario.values import shown
from simclinic.studies.sweep_points import SCENARIO, Points, as_toml
from simclinic.studies.today import PanelChoice, Start

KEYS = ("name", "scenario", "replications", "design", "samples", "factors")
MOST_POINTS = 100_000
MOST_RUNS = 1_000_000
_WITH_PANEL = dict.fromkeys(
    ("run.start", "run.begin", "run.warm_up_weeks"),
    "must not vary with --panel: every point begins with today's patients on one day (--as-of), without a warm-up",
)
"""Settings that must not vary if points begin with today's patients, and why."""

MOST_PROBLEMS = 20
"""Number of different problems of points after which checking stops."""

_NO_FACTORS = {
    "name": "is not a setting of the clinic",
    "description": "is not a setting of the clinic",
    "run.seed": "must not vary, since every point has the same patients: give --seed",
    "run.replications": "must not vary: give replications",
    "extends": "is for scenario files only",
    SCENARIO: "is not a setting of the clinic; list several files at the top: scenario = [...]",
}


def load_study(
    path: str | os.PathLike[str],
    changes: Sequence[str] = (),
    *,
    replications: int | None = None,
    seed: int | None = None,
    scenario: Scenario | None = None,
    today: PanelChoice | None = None,
) -> Points:
    """Load a study file and validate its points.

    Parameters
    ----------
    path
        The file.
    changes
        Changes of its scenarios, as texts `ADDRESS=VALUE`.
    replications, seed
        Replace those of the file and of the scenario.
    scenario
        Replaces the scenario that the file names.
    today
        The panel with which all points begin.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    file = FilePath(path)
    if file.is_dir():
        rule = (
            "is a folder; `simclinic sweep` takes a study file, which names a scenario, a design and factors"
        )
        raise ScenarioError([Problem(rule, file=str(path))])
    text = read_text(file, str(path))
    tables = parse(text, str(path))
    refuse_scenario(tables, str(path))
    return study_of(
        tables,
        changes,
        replications=replications,
        seed=seed,
        folder=file.parent,
        name=str(path),
        text=text,
        scenario=scenario,
        today=today,
    )


def study_of(
    tables: Mapping[str, Any],
    changes: Sequence[str] = (),
    *,
    replications: int | None = None,
    seed: int | None = None,
    folder: FilePath | None = None,
    name: str = "study",
    text: str | None = None,
    scenario: Scenario | None = None,
    today: PanelChoice | None = None,
) -> Points:
    """Return the points of a study that is given as tables.

    Parameters
    ----------
    tables
        Tables of a study file.
    changes, replications, seed
        As for :func:`load_study`.
    folder
        The folder to which the scenarios' paths are relative.
    name, text
        Name of the study in error messages, and its text for line numbers.
    scenario
        Replaces the scenario that the tables name.
    today
        The panel with which all points begin.

    Raises
    ------
    ScenarioError
        With every problem found.
    """
    reading = _Reading(dict(tables), name, text)
    points = reading.points(changes, replications, seed, folder or FilePath(), scenario, today)
    if points is not None and not reading.problems:
        reading.check_points(points)
    if points is None or reading.problems:
        raise ScenarioError(
            sorted(reading.problems, key=lambda problem: (problem.file != name, problem.line or 0))
        )
    return points


class _Reading:
    """A study file that is being read, and its problems."""

    def __init__(self, tables: dict[str, Any], name: str, text: str | None) -> None:
        self.tables = tables
        self.name = name
        self.problems: list[Problem] = []
        self._text = text
        self._lines: dict[Path, int] | None = None
        self._written: dict[str, Path] = {}

    def refuse(self, at: Path, rule: str, value: object = None, suggestion: str | None = None) -> None:
        """Add a problem at a place in the file."""
        self.problems.append(
            Problem(
                rule,
                address=address(at),
                file=self.name,
                line=self._line(at),
                value=None if value is None else shown(value),
                suggestion=suggestion,
            )
        )

    def _line(self, at: Path) -> int | None:
        if self._lines is None:
            self._lines = {} if self._text is None else positions(self._text)
        return line_of(at, self._lines)

    def points(
        self,
        changes: Sequence[str],
        replications: int | None,
        seed: int | None,
        folder: FilePath,
        scenario: Scenario | None,
        today: PanelChoice | None,
    ) -> Points | None:
        """Read everything; return None if there are problems."""
        for key, value in self.tables.items():
            if key not in KEYS:
                self.refuse((key,), "is not a key of a study file", value, nearest(key, KEYS))
        name = self.tables.get("name")
        if not isinstance(name, str) or not name.strip() or len(name) > 200 or not name.isprintable():
            self.refuse(("name",), "must be a name, in quotes, of at most 200 letters", name)
        scenarios = self._scenarios(changes, folder, scenario)
        base = next(iter(scenarios.values()), None)
        design = self._design()
        samples = self._samples(design)
        wanted = self._whole(("replications",), base.run.replications if base else 1, 1_000_000)
        if replications is not None:
            wanted = replications
            if not 1 <= replications <= 1_000_000:
                self.problems.append(
                    Problem("must be at least 1", file="--replications", value=shown(replications))
                )
        if seed is not None and not 0 <= seed < 2**128:
            self.problems.append(
                Problem("must be at least 0, below 2**128", file="--seed", value=shown(seed))
            )
        factors = list(
            self._factors(base, design, _NO_FACTORS if today is None else _NO_FACTORS | _WITH_PANEL)
        )
        if len(scenarios) > 1:
            which = Factor(SCENARIO, levels=tuple(scenarios))
            factors.insert(0, which)
            self._written[SCENARIO] = ("scenario",)
            self._check_order(which, ("scenario",), design)
        if self.problems or base is None or design is None:
            return None
        self._check_size(design, factors, samples, wanted)
        if self.problems:
            return None
        start = (
            today.start(list(scenarios.values())) if today is not None else Start(tuple(scenarios.values()))
        )
        return Points(
            name=str(name),
            scenarios=dict(zip(scenarios, start.scenarios, strict=True)),
            design=design,
            samples=samples,
            factors=tuple(factors),
            replications=wanted,
            seed=base.run.seed if seed is None else seed,
            panel=start.panel,
            arguments=start.arguments,
        )

    def _scenarios(
        self, changes: Sequence[str], folder: FilePath, scenario: Scenario | None
    ) -> dict[str, Scenario]:
        if scenario is not None:
            return {scenario.name: with_overrides(scenario, changes)}
        written = self.tables.get("scenario")
        files = written if isinstance(written, list) else [written]
        scenarios: dict[str, Scenario] = {}
        for number, file in enumerate(files):
            at: Path = ("scenario", number) if isinstance(written, list) else ("scenario",)
            if not isinstance(file, str) or not file.strip() or "\0" in file:
                self.refuse(at, "must be the path of a scenario file, in quotes, relative to this file", file)
                continue
            try:
                read = load(folder / file, changes)
            except ScenarioError as error:
                if all(problem.line is None and not problem.address for problem in error.problems):
                    self.refuse(at, f"the file: {error.problems[0].rule}", file)
                else:
                    self.problems += [problem for problem in error.problems if problem not in self.problems]
                continue
            if read.name in scenarios:
                self.refuse(at, f"two scenarios have the name {read.name!r}", file)
            scenarios[read.name] = read
        if not files:
            self.refuse(("scenario",), "must name at least one scenario file")
        return scenarios

    def _design(self) -> str | None:
        design = self.tables.get("design")
        if isinstance(design, str) and design in DESIGNS:
            return design
        near = nearest(design, DESIGNS) if isinstance(design, str) else None
        self.refuse(("design",), f"must be one of {', '.join(DESIGNS)}", design, near)
        return None

    def _samples(self, design: str | None) -> int:
        if design is None:
            return 0
        if not DESIGNS[design].sampled:
            if "samples" in self.tables:
                self.refuse(("samples",), "is not for a grid: its points are all combinations of levels")
            return 0
        samples = self._whole(("samples",), None, MOST_POINTS, least=2)
        if design == "sobol" and samples & (samples - 1):
            self.refuse(("samples",), "must be a power of two for Sobol indices, such as 64 or 128", samples)
        return samples

    def _whole(self, at: tuple[str], default: int | None, most: int, *, least: int = 1) -> int:
        value = self.tables.get(at[0], default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.refuse(at, f"must be a whole number from {least} to {most:,}", value)
        return least

    def _factors(
        self, base: Scenario | None, design: str | None, fixed: Mapping[str, str]
    ) -> Iterator[Factor]:
        table = self.tables.get("factors")
        if not isinstance(table, dict) or not table:
            self.refuse(("factors",), "must be a table with at least one setting and its levels or range")
            return
        known = None if base is None else as_tables(base)
        for at, written in _flat(table):
            try:
                parts = tuple(part for key in at for part in address_parts(key))
            except ValueError as error:
                self.refuse(("factors", *at), str(error))
                continue
            where = address(parts)
            if where in fixed:
                self.refuse(("factors", *at), fixed[where])
                continue
            if where in self._written:
                self.refuse(("factors", *at), "is given twice")  # with and without quotes
                continue
            self._written[where] = ("factors", *at)
            factor = self._factor(where, ("factors", *at), written, _setting(known, parts), design)
            if factor is not None:
                yield factor

    def _factor(
        self, where: str, at: Path, written: object, setting: object, design: str | None
    ) -> Factor | None:
        if isinstance(written, list):
            if not written:
                self.refuse(at, "must have at least one level")
                return None
            if len({as_toml(float(level) if _finite(level) else level) for level in written}) < len(written):
                self.refuse(at, "contains a level twice", written)
                return None
            factor = Factor(where, levels=tuple(written))
            return factor if self._check_order(factor, at, design) else None
        if not isinstance(written, dict) or set(written) != {"low", "high"}:
            self.refuse(at, "must be a list of levels, or a range { low = ..., high = ... }", written)
            return None
        low, high = written["low"], written["high"]
        if not all(_finite(bound) for bound in (low, high)) or not low < high:
            self.refuse(at, "the range must have finite numbers, low below high", [low, high])
            return None
        if design == "grid":
            self.refuse(at, "a grid needs a list of levels, not a range")
            return None
        whole = isinstance(low, int) and isinstance(high, int) and not isinstance(setting, float)
        return Factor(where, low=low, high=high, whole=whole)

    def _check_order(self, factor: Factor, at: Path, design: str | None) -> bool:
        """Refuse levels without an order, if the design needs one."""
        if design not in ("lhs", "morris"):
            return True
        if not factor.ordered:
            rule = f"{design} needs numbers, or two levels, since other levels have no order; use a grid"
            self.refuse(at, rule, list(factor.levels))
        elif len(factor.levels) < 2:
            self.refuse(at, f"{design} needs at least two levels to measure an effect", list(factor.levels))
        else:
            return True
        return False

    def _check_size(self, design: str, factors: Sequence[Factor], samples: int, replications: int) -> None:
        count = DESIGNS[design].count(factors, samples)
        if count > MOST_POINTS:
            self.refuse(("factors",), f"gives {count:,} points; at most {MOST_POINTS:,} are possible")
        elif count * replications > MOST_RUNS:
            self.refuse(
                ("replications",),
                f"gives {count * replications:,} runs of {count:,} points; at most {MOST_RUNS:,} are possible",
                replications,
            )

    def check_points(self, points: Points) -> None:
        """Check the scenario of each point."""
        problems: dict[Problem, None] = {}
        checked: set[Mapping[str, Protocol]] = set()
        for point in range(len(points)):
            try:
                scenario = points.scenario(point)
                if points.panel is not None and scenario.protocols not in checked:
                    checked.add(scenario.protocols)
                    contradictions = scenario_contradictions(scenario, points.panel)
                    if contradictions:
                        raise ScenarioError(Problem(rule, "protocols") for rule in contradictions)
            except ScenarioError as error:
                values = points.values(point)
                problems.update(dict.fromkeys(self._placed(problem, values) for problem in error.problems))
            if len(problems) >= MOST_PROBLEMS:
                break
        self.problems += problems

    def _placed(self, problem: Problem, values: Mapping[str, Any]) -> Problem:
        """Move a point's problem to the factor that caused it."""
        for where in values:
            if problem.address == where or problem.address.startswith((f"{where}.", f"{where}[")):
                return self._at(where, problem)
        if problem.file is not None and problem.file in values:
            return self._at(problem.file, problem)
        varied = ", ".join(f"{where} = {as_toml(value)}" for where, value in values.items())
        rule = f"{problem.address}: {problem.rule}" if problem.address else problem.rule
        return Problem(
            f"{rule}, at the point {varied}"[:500],
            "factors",
            self.name,
            self._line(("factors",)),
            problem.value,
        )

    def _at(self, where: str, problem: Problem) -> Problem:
        at = self._written.get(where, ("factors",))
        # A misspelt address is one problem, not one for each of its levels.
        value = problem.value if problem.suggestion is None else None
        return Problem(problem.rule, problem.address, self.name, self._line(at), value, problem.suggestion)


def _flat(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Accept `clinic.chairs = [2, 3]` without quotes, which TOML reads as nested tables."""
    for key, value in table.items():
        if isinstance(value, dict) and value and not {"low", "high"} & set(value):
            yield from _flat(value, (*above, key))
        else:
            yield (*above, key), value


def _setting(tables: object, parts: Path) -> object:
    """Return the value of a setting in the scenario; None if it does not exist."""
    for part in parts:
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
