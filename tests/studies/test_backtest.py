"""Forecasts held against what came, by hand."""

import datetime as dt

import numpy as np
import pytest
from scipy import stats

from simclinic.calibration import Options
from simclinic.calibration.interpretation import interpret
from simclinic.errors import SimclinicError
from simclinic.scenario import baseline
from simclinic.scenario.panel import Panel
from simclinic.studies.backtest import Past, cut_in_two, randomised_pit, score
from tests.calibration.clinic import export, rows

CUT = dt.date(2025, 7, 7)
NINE = np.arange(1.0, 10.0)[:, None]
"""Nine futures: 1, 2, ..., 9."""


def scored(came, given, before=(4,) * 8):
    past = Past(baseline(), Panel(()), np.array(before), np.array(came), ("mind this",))
    return score(past, np.asarray(given, dtype=float), CUT, baseline())


def test_on_paper():
    """p10, p50 and p90 of 1 to 9 are 1.8, 5 and 8.2."""
    result = scored([5, 0, 20], np.hstack([NINE, NINE, NINE]))
    assert [week["came"] for week in result["weeks"]] == [5, 0, 20]
    assert [week["start"] for week in result["weeks"]] == ["2025-07-07", "2025-07-14", "2025-07-21"]
    band = result["weeks"][0]["boosters"]
    assert [band["p10"], band["p50"], band["p90"]] == pytest.approx([1.8, 5.0, 8.2])
    wilson = stats.binomtest(1, 3).proportion_ci(method="wilson")
    assert (result["coverage"]["inside"], result["coverage"]["n"]) == (1, 3)
    assert result["coverage"]["ci"] == pytest.approx([wilson.low, wilson.high])
    assert result["error"] == pytest.approx({"forecast": 20 / 3, "naive": 21 / 3, "naive_per_week": 4.0})
    # The totals of the futures are 3, 6, ..., 27; eight of them are below 25.
    assert (result["total"]["came"], result["total"]["naive"]) == (25, 12.0)
    assert result["total"]["boosters"]["p50"] == 15.0
    assert 0.8 <= result["total"]["pit"] <= 0.9
    low, middle, high = (result["weeks"][at]["pit"] for at in (1, 0, 2))
    assert 0.0 <= low <= 0.1
    assert 0.4 <= middle <= 0.6
    assert 0.9 <= high <= 1.0
    assert result["warnings"] == ["mind this"]


def test_bounds_count_as_inside():
    assert scored([2], [[2.0]] * 10)["coverage"]["inside"] == 1


def test_only_the_forecast_weeks_are_scored():
    result = scored([5, 0, 20], np.hstack([NINE, NINE]))
    assert len(result["weeks"]) == 2
    assert result["total"]["came"] == 5


def test_the_simplest_guess_is_the_mean_of_eight_weeks():
    assert scored([5], NINE, before=range(8))["error"]["naive_per_week"] == 3.5


def test_nothing_simulated_is_told():
    with pytest.raises(SimclinicError, match="no future could be simulated"):
        scored([5], np.zeros((0, 1)))


@pytest.mark.parametrize("futures", [1, 50])
def test_of_right_forecasts_the_place_is_uniform_though_counts_tie(futures):
    rng = np.random.default_rng(3)
    given, came = rng.poisson(1.5, (futures, 4000)).astype(float), rng.poisson(1.5, 4000)
    assert stats.kstest(randomised_pit(given, came, seed=1), "uniform").pvalue > 0.001
    off = randomised_pit(given, rng.poisson(2.0, 4000), seed=1)
    assert stats.kstest(off, "uniform").pvalue < 1e-9


# -- cutting an export ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made():
    return rows(90, 4.0, seed=8)


def understood(folder, made):
    file = folder / "visits.csv"
    file.write_text(export(made, kinds=True))
    return interpret(file, Options(whole_history=True))


def test_weeks_are_counted_as_somebody_would(made, tmp_path):
    cut = dt.date(2025, 3, 3)
    past = cut_in_two(understood(tmp_path, made), cut, Options(whole_history=True))
    week = [(day - cut.toordinal()) // 7 for _, day, kind in made if kind == "booster"]
    last = max(day for _, day, _ in made)
    assert (last - 1) % 7 == 4  # a Friday: nobody comes at weekends, so its week is whole
    assert len(past.after) == (last + 3 - cut.toordinal()) // 7
    assert past.after.tolist() == [week.count(number) for number in range(len(past.after))]
    assert past.before.tolist() == [week.count(number) for number in range(-8, 0)]
    assert past.scenario.run.start == cut


def test_a_week_with_work_still_to_come_is_not_whole(made, tmp_path):
    cut, thursday = dt.date(2025, 3, 3), dt.date(2025, 9, 4)
    short = [row for row in made if row[1] <= thursday.toordinal()]
    assert len(cut_in_two(understood(tmp_path, short), cut, Options()).after) == 26


def test_what_came_after_is_not_seen(made, tmp_path):
    """Everybody who came after the cut comes twice as often: today's patients and the scenario are the same."""
    cut = dt.date(2025, 3, 3)
    more = made + [(who, day + 1, kind) for who, day, kind in made if day >= cut.toordinal()]
    one, other = (cut_in_two(understood(tmp_path, each), cut, Options()) for each in (made, more))
    assert one.scenario == other.scenario
    assert one.panel.patients == other.panel.patients
    assert one.before.tolist() == other.before.tolist()
    assert one.after.sum() < other.after.sum()


@pytest.mark.parametrize("cut", [dt.date(2024, 2, 20), dt.date(2025, 9, 20), dt.date(2020, 1, 1)])
def test_a_cut_must_leave_something_on_both_sides(made, tmp_path, cut):
    with pytest.raises(
        SimclinicError, match="must leave at least 8 weeks before it and one after it: the export"
    ):
        cut_in_two(understood(tmp_path, made), cut, Options())


def test_a_time_before_without_a_visit_is_told(made, tmp_path):
    missed = [("zoe", dt.date(2023, 6, 5).toordinal(), "induction")]
    file = tmp_path / "visits.csv"
    text = export(missed + made, kinds=True)
    file.write_text(text.replace("06/05/2023 09:30,Completed", "06/05/2023 09:30,No-show"))
    with pytest.raises(SimclinicError, match="no visit before it was completed"):
        cut_in_two(interpret(file, Options()), dt.date(2023, 12, 25), Options())
