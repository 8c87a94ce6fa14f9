"""The check of scenarios: validity, and capacity on paper."""

from __future__ import annotations

from collections.abc import Sequence

from simclinic.errors import Problem, ScenarioError
from simclinic.measures.targets import targets_of
from simclinic.planning import Timetable
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.planning.lengths import planned_lengths
from simclinic.report.text.targets import asked
from simclinic.results.check import CheckDocument, Checked, FaultDocument
from simclinic.results.document import SCHEMA_VERSION
from simclinic.scenario import Scenario, load
from simclinic.studies.advice import advice

STUDY = "check"


def check(files: Sequence[str], overrides: Sequence[str] = ()) -> CheckDocument:
    """Check scenario files, each by itself.

    Parameters
    ----------
    files
        Paths of the files.
    overrides
        Texts `ADDRESS=VALUE`, applied to each scenario.
    """
    return CheckDocument(
        schema_version=SCHEMA_VERSION, study=STUDY, scenarios=[_file(file, overrides) for file in files]
    )


def _file(file: str, overrides: Sequence[str]) -> Checked:
    try:
        scenario = load(file, overrides)
    except ScenarioError as error:
        return Checked(
            file=file,
            valid=False,
            problems=[_fault(problem) for problem in error.problems],
            scenario=None,
            mode=None,
            visit_minutes=None,
            chair_minutes=None,
            demand=None,
            plans=[],
            warnings=[],
        )
    return checked(scenario, file)


def _fault(problem: Problem) -> FaultDocument:
    return FaultDocument(
        file=problem.file,
        line=problem.line,
        address=problem.address,
        rule=problem.rule,
        value=problem.value,
        suggestion=problem.suggestion,
        told=str(problem),
    )


def checked(scenario: Scenario, file: str) -> Checked:
    """Compute the capacity of a valid scenario on paper."""
    timetable = Timetable(scenario)
    lengths = planned_lengths(timetable)
    usual = next(iter(lengths.values()))
    plans, wanted = list(capacity_on_paper(scenario, timetable)), demand(scenario)
    document = Checked(
        file=file,
        valid=True,
        problems=[],
        scenario=scenario.name,
        mode=scenario.booking.mode,
        visit_minutes=usual.patient,
        chair_minutes=usual.chair,
        demand=wanted,
        plans=plans,
        warnings=list(advice(scenario, plans, wanted, timetable)),
    )
    if len(lengths) > 1:
        document["visits"] = {name: length.patient for name, length in lengths.items()}
    between = {name: (one.least, one.most) for name, one in lengths.items() if one.most > one.least}
    if between:
        document["visit_minutes_between"] = between
    targets = targets_of(scenario)
    if targets:
        document["targets"] = [
            f"{'guard' if each.guard else 'target'}: {asked(each, scenario)}" for each in targets
        ]
    return document
