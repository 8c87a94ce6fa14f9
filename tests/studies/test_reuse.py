"""Runs that are finished are not simulated again when they are compared."""

import pytest

import simclinic.studies.run as studies
from simclinic.scenario import baseline, with_overrides
from simclinic.store import manifest
from simclinic.studies.compare import compare, sides
from simclinic.studies.run import run
from tests.model.small import clinic
from tests.planning.test_wide_week import HANDS, TWO_DAYS

SMALL = ['run.begin="empty"', "run.warm_up_weeks=1", "run.weeks=2", "run.replications=3"]


@pytest.fixture
def first():
    return with_overrides(baseline(), [*SMALL, "name=First"])


@pytest.fixture
def second():
    return with_overrides(baseline(), [*SMALL, "name=Second", "clinic.chairs=4"])


@pytest.fixture
def simulated(monkeypatch):
    """Note the replications that are really simulated."""
    made = []
    outcomes = studies.outcomes

    def noted(tasks, *arguments, **named):
        made.extend((task.scenario.name, task.number) for task in tasks)
        return outcomes(tasks, *arguments, **named)

    monkeypatch.setattr(studies, "outcomes", noted)
    return made


def compared(out, first, second, **more):
    return compare(sides([first, second]), out=out, **more)


def test_finished_runs_are_taken_and_say_the_same(first, second, simulated, tmp_path):
    afresh = compared(tmp_path / "elsewhere" / "compared", first, second)
    place = tmp_path / "results"
    run(first, out=place / "a")
    run(second, out=place / "b")
    simulated.clear()
    result = compared(place / "compared", first, second, kpis=["slot_fill"])
    assert simulated == []
    assert [each.reused for each in result.runs] == [(place / "a", 3), (place / "b", 3)]
    assert list(result.document["scenarios"][0]["kpis"]) == ["slot_fill"]
    whole = compared(place / "compared", first, second)
    assert whole.document == afresh.document
    for mine, other in zip(whole.runs, afresh.runs, strict=True):
        files = sorted(path.relative_to(other.folder) for path in other.folder.glob("*/part-*.parquet"))
        assert files
        assert all((mine.folder / file).read_bytes() == (other.folder / file).read_bytes() for file in files)


def test_runs_of_a_clinic_with_roles_and_types_of_visit_are_found_again(simulated, tmp_path):
    """Their tables have figures by type, role and place, which belong to no other clinic."""
    wide = clinic(TWO_DAYS, HANDS, {"run": {"replications": 2}, "booking": {"types": "typed"}})
    run(wide, out=tmp_path / "a")
    simulated.clear()
    again = run(wide, out=tmp_path / "a")
    assert simulated == []
    assert run(wide, out=tmp_path / "b", among=tmp_path).document == again.document
    assert simulated == []


def test_only_what_is_missing_is_simulated(first, second, simulated, tmp_path):
    run(with_overrides(first, ["run.replications=2"]), out=tmp_path / "a")
    simulated.clear()
    compared(tmp_path / "compared", first, second)
    assert simulated == [("First", 2), ("Second", 0), ("Second", 1), ("Second", 2)]


def test_a_run_of_more_replications_gives_those_that_are_asked_for(first, second, simulated, tmp_path):
    run(with_overrides(first, ["run.replications=5"]), out=tmp_path / "a")
    result = compared(tmp_path / "compared", first, second)
    assert result.document["replications"] == 3
    assert result.document == compared(tmp_path / "other" / "compared", first, second).document


def test_another_comparison_gives_what_both_hold(first, second, simulated, tmp_path):
    third = with_overrides(first, ["name=Third", "clinic.chairs=2"])
    compared(tmp_path / "one", first, second)
    simulated.clear()
    compared(tmp_path / "two", first, third)
    assert {name for name, _ in simulated} == {"Third"}


@pytest.mark.parametrize("change", ["run.seed=7", "clinic.chairs=5", "run.weeks=3"])
def test_other_luck_or_another_clinic_is_another_study(first, second, simulated, tmp_path, change):
    run(with_overrides(first, [change]), out=tmp_path / "a")
    simulated.clear()
    compared(tmp_path / "compared", first, second)
    assert len(simulated) == 6


def test_mirrored_runs_and_another_version_are_left(first, second, simulated, tmp_path):
    run(with_overrides(first, ["run.replications=4"]), out=tmp_path / "a", antithetic=True)
    run(second, out=tmp_path / "b")
    known = manifest.read(tmp_path / "b")
    manifest.write(tmp_path / "b", known | {"code_version": "0.0+older"})
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / manifest.NAME).write_text("{ damaged")
    simulated.clear()
    result = compared(tmp_path / "compared", first, second)
    assert len(simulated) == 6
    assert [each.reused for each in result.runs] == [None, None]


def test_damaged_parts_stay_where_they_are(first, second, simulated, tmp_path):
    run(first, out=tmp_path / "a")
    (part,) = (tmp_path / "a" / "weeks").glob("part-*.parquet")
    part.write_bytes(part.read_bytes()[:-40])
    simulated.clear()
    result = compared(tmp_path / "compared", first, second)
    assert len(simulated) == 6
    assert result.runs[0].repaired == 0


def test_without_reuse_nothing_is_taken(first, second, simulated, tmp_path):
    run(first, out=tmp_path / "a")
    simulated.clear()
    compared(tmp_path / "compared", first, second, reuse=False)
    assert len(simulated) == 6
