"""Parts of the simulated weeks, measured one by one: together they are the whole."""

import numpy as np
import pytest
from scipy import stats

from simclinic.experiment import replications
from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.results.kinds import RUN_IN_PARTS
from simclinic.sampling import draw
from simclinic.scenario import baseline, replace, with_overrides
from simclinic.scenario.panel import read_panel
from simclinic.store.reader import table
from simclinic.studies.run import run
from simclinic.studies.today import begin_with_panel

WHOLE = with_overrides(
    baseline(),
    ['run.begin="empty"', "run.warm_up_weeks=8", "run.weeks=12", "clinic.closed_on=[2026-02-11]"],
)
ADDED_UP = (
    "boosters",
    "induction",
    "no_shows",
    "overtime_minutes",
    "nurse_minutes_rostered",
    "chair_days",
    "cost",
)


def of_parts(scenario, parts, seed=1, whole=0, **more):
    weeks = scenario.run.weeks // parts
    prepared = Prepared(replace(scenario, run={"weeks": weeks}), parts=parts, **more)
    return [replicate(prepared, seed, whole * parts + part) for part in range(parts)]


@pytest.mark.parametrize("whole", [0, 3])
def test_weeks_of_the_parts_are_those_of_the_whole(whole):
    [expected] = replications(WHOLE, 1, [whole])
    found = of_parts(WHOLE, 3, whole=whole)
    assert [each.number for each in found] == [3 * whole, 3 * whole + 1, 3 * whole + 2]
    for name in ADDED_UP:
        together = np.concatenate([each.weeks[name] for each in found])
        assert together == pytest.approx(expected.weeks[name]), name
    for each in found:
        assert each.kpis["boosters_per_week"] == pytest.approx(each.weeks["boosters"].mean())
        assert len(each.ramp) == 8 + 4


def test_replications_in_parts_differ():
    prepared = Prepared(replace(WHOLE, run={"weeks": 4}), parts=3)
    one, other = (replicate(prepared, 1, number) for number in (0, 3))
    assert one.kpis != other.kpis
    again = Prepared(replace(WHOLE, run={"weeks": 4}), parts=3)
    assert replicate(again, 1, 3).kpis == pytest.approx(other.kpis, nan_ok=True)


def test_a_part_is_a_run_whose_warm_up_is_all_that_came_before():
    """The records of a whole run, moved by hand to begin eight weeks later."""
    draws = draw(WHOLE, 1, 0)
    records = simulate(WHOLE, draws, Timetable(WHOLE))
    moved = records.part(8, 4)
    assert (moved.start - records.start).days == 56
    assert moved.first_day == records.first_day - 56
    figures = measure(moved, WHOLE).kpis
    ready = records.patients["ready"] / 1440 - 56
    counted = (ready >= 0) & (ready < 28)
    waits = (records.patients["first_infusion"] - records.patients["ready"])[counted] / 1440
    begun = waits[np.isfinite(waits)]
    assert len(begun) > 5
    first = records.patients["first_infusion"] / 1440 - 56
    in_window = (first >= 0) & (first < 28)
    expected = ((records.patients["first_infusion"] - records.patients["ready"])[in_window] / 1440).mean()
    assert figures["access_days_mean"] == pytest.approx(expected)
    assert figures["series_started_per_week"] == pytest.approx(in_window.sum() / 4)


def test_parts_of_a_replication_are_not_independent(tmp_path):
    """Means over the parts of each replication are what an interval may rest on."""
    scenario = replace(WHOLE, run={"weeks": 4, "replications": 12})
    found = run(scenario, out=tmp_path / "out", parts=3, study=RUN_IN_PARTS[3].name)
    figure = found.document["kpis"]["boosters_per_week"]
    columns = table(tmp_path / "out", "runs")
    means = columns["boosters_per_week"].reshape(4, 3).mean(axis=1)
    half = stats.t.ppf(0.975, 3) * means.std(ddof=1) / 2
    assert figure["mean"] == pytest.approx(means.mean())
    assert figure["ci"] == pytest.approx([max(0.0, means.mean() - half), means.mean() + half])


def test_a_study_from_today_has_parts_too():
    panel = read_panel("scenarios/data/panel.csv", baseline())
    [scenario] = begin_with_panel([replace(baseline(), run={"weeks": 8})], panel)
    prepared = Prepared(scenario, panel)
    expected = replicate(prepared, 1, 0)
    found = of_parts(scenario, 2, panel=panel)
    for name in ADDED_UP:
        together = np.concatenate([each.weeks[name] for each in found])
        assert together == pytest.approx(expected.weeks[name]), name
