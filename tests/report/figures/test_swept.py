"""Figures of a sweep: marks against runs made by hand."""

import itertools

import numpy as np
import pytest
from scipy import stats

from simclinic.report.figures.levels import Swept, response
from simclinic.report.figures.sensitivity import sensitivity
from simclinic.report.figures.sweep_lines import sweep_lines
from simclinic.report.figures.sweep_map import sweep_map
from simclinic.report.figures.trade_off import efficient, trade_off
from simclinic.report.text.stability import verdicts_of

CHAIRS, NURSES, MIX = "clinic.chairs", "shifts.day.nurses", "<i>mix</i>"
LEVELS = list(itertools.product([2, 3, 10], [1, 2], ["b", "a"]))


@pytest.fixture
def points():
    """A grid of 12 points; access is 100 · chairs + 10 · nurses + mix (b: 1, a: 2), plus noise by replication."""
    chairs, nurses, mix = (np.array(column) for column in zip(*LEVELS, strict=True))
    verdict = np.full(len(LEVELS), "stable", dtype="<U10")
    verdict[[0, 2, 4]] = "not-stable", "open", "filling"
    return {CHAIRS: chairs, NURSES: nurses, MIX: mix, "verdict": verdict}


@pytest.fixture
def runs(points):
    draws = (-1.0, 0.0, 4.0)
    rows = [
        (point, replication, 100 * chairs + 10 * nurses + (1 if mix == "b" else 2) + draws[replication])
        for point, (chairs, nurses, mix) in enumerate(LEVELS)
        for replication in range(3)
    ]
    point, replication, access = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "point": point,
        "replication": replication,
        "access_days_mean": access,
        "slot_fill": np.full(len(point), np.nan),
    }


NOISE = np.array([-1.0, 0.0, 4.0])
HALF = stats.t.ppf(0.975, 2) * NOISE.std(ddof=1) / np.sqrt(3)


def test_a_map_has_a_cell_for_each_pair_of_levels(points, runs):
    shown = sweep_map((CHAIRS, NURSES), ["access_days_mean", "slot_fill"], points, runs, "USD")
    (heat,) = shown.figure.data  # nothing is known of the other one
    # chairs across, nurses up; both mixes averaged: 1.5, and noise: 1
    means = np.array([[212.5, 312.5, 1012.5], [222.5, 322.5, 1022.5]])
    assert np.array(heat.z, dtype=float) == pytest.approx((means - 212.5) / 810, abs=1e-3)
    assert [list(line) for line in heat.text] == [["212*", "312~", "1,012"], ["222?", "322", "1,022"]]
    assert shown.figure.layout.xaxis.ticktext == ("2", "3", "10")
    assert "highest 1,022 days at chairs 10, nurses of the shift day 2" in shown.alt
    assert "1 cell with *: a point there is not stable" in shown.says
    assert "1 cell with ~: a point there is still filling" in shown.says
    assert "1 cell with ?: a point there is open" in shown.says
    first, second = shown.sheet.rows[:2]
    assert first[:2] == ("2", "1")
    assert first[3:] == ("3", "not stable")
    assert first[2] == f"212 ({212.5 - HALF:.0f}–{212.5 + HALF:.0f})"
    assert second[-1] == "open"


def test_a_map_of_nothing_is_no_map(points, runs):
    assert sweep_map((CHAIRS, NURSES), ["slot_fill"], points, runs, "USD") is None


def test_lines_have_the_mean_of_each_level_with_its_interval_over_replications(points, runs):
    shown = sweep_lines("access_days_mean", [CHAIRS, MIX], points, runs, "USD", grid=True)
    chairs, mix = shown.figure.data
    assert chairs.x == (2, 3, 10)
    assert chairs.y == pytest.approx([217.5, 317.5, 1017.5])
    assert chairs.error_y.array == pytest.approx([HALF] * 3, rel=1e-3)
    assert "lines" in chairs.mode
    # text levels have no line between them, and keep the order of the study
    assert mix.mode == "markers"
    assert shown.figure.layout.xaxis2.ticktext == ("b", "a")
    assert shown.figure.layout.xaxis2.title.text == "&lt;i&gt;mix&lt;/i&gt;"
    assert [row[0] for row in shown.sheet.rows] == ["chairs"] * 3 + [MIX] * 2
    assert "chairs: 218 days at 2, 1,018 at 10" in shown.alt


def test_a_replication_that_lacks_a_point_does_not_count(points, runs):
    keep = ~((runs["point"] == 0) & (runs["replication"] == 2))
    swept = Swept.of(points, {name: values[keep] for name, values in runs.items()}, "access_days_mean")
    result = response(swept, points[CHAIRS], grid=True)
    assert result.n == [2, 3, 3]
    assert result.mean[0] == pytest.approx(216.5 - 0.5)


def test_values_of_a_range_are_sorted_into_slices():
    values = np.linspace(0.0, 1.0, 40)[::-1]
    at, number = np.divmod(np.arange(80), 2)
    runs = {"point": at, "replication": number, "access_days_mean": 2 * values[at] + number}
    result = response(Swept.of({"x": values}, runs, "access_days_mean"), values, grid=False)
    assert len(result.at) == 8
    assert result.n == [5] * 8
    assert result.at == sorted(result.at)
    assert result.mean == pytest.approx(2 * np.array(result.at) + 0.5)
    assert not result.levels


def test_lines_of_nothing_are_no_figure(points, runs):
    assert sweep_lines("slot_fill", [CHAIRS], points, runs, "USD", grid=True) is None
    assert sweep_lines("access_days_mean", [], points, runs, "USD", grid=True) is None


MEASURES = {
    "grid": lambda size: {
        "effect": -size,
        "effect_low": -size - 1,
        "effect_high": -size + 1,
        "share": size / 10,
        "n": 5,
    },
    "lhs": lambda size: {
        "effect": -size,
        "effect_low": -size - 1,
        "effect_high": -size + 1,
        "share": size / 10,
        "n": 5,
    },
    "sobol": lambda size: {
        "total": size / 10,
        "total_low": size / 10 - 0.1,
        "total_high": size / 10 + 0.1,
        "first": size / 20,
        "first_low": None,
        "first_high": None,
        "n": 5,
    },
    "morris": lambda size: {
        "mu_star": size,
        "mu_star_low": size - 1,
        "mu_star_high": size + 1,
        "mu": -size,
        "sigma": 0.1,
        "n": 5,
    },
}


def swept(design, sizes):
    nothing = dict.fromkeys(MEASURES[design](1.0))
    effects = [
        {"factor": f"f{at}", "measures": nothing if size is None else MEASURES[design](size)}
        for at, size in enumerate(sizes)
    ]
    factors = {each["factor"]: {"levels": [1, 2], "low": None, "high": None} for each in effects}
    kpis = {"access_days_mean": {"unit": "days", "low": 1.0, "high": 9.0, "effects": effects}}
    return {"design": design, "factors": factors, "kpis": kpis, "currency": "USD"}


@pytest.mark.parametrize(
    ("design", "values", "half"),
    [("grid", [-6, -0.5], 1), ("lhs", [-6, -0.5], 1), ("sobol", [0.6, 0.05], 0.1), ("morris", [6, 0.5], 1)],
)
def test_bars_have_each_designs_measure_and_its_interval(design, values, half):
    shown = sensitivity(swept(design, [6.0, 0.5, None]), "access_days_mean")
    bars = shown.figure.data[0]
    assert bars.type == "bar"
    assert list(bars.x) == pytest.approx(values)
    assert list(bars.error_x.array) == pytest.approx([half] * 2)
    assert list(bars.error_x.arrayminus) == pytest.approx([half] * 2)
    # that an interval holds 0 is seen without colour
    assert list(bars.marker.pattern.shape) == ["", "/"]
    assert "Hatched" in shown.says
    # the first is on top, and the one of which nothing is known is in the numbers
    low, high = shown.figure.layout.yaxis.range
    assert low > high
    assert [row[0].partition(",")[0] for row in shown.sheet.rows] == ["f0", "f1", "f2"]
    assert len(shown.figure.data) == (2 if design == "sobol" else 1)


def test_of_many_factors_those_that_matter_most_are_drawn():
    shown = sensitivity(swept("morris", [40.0 - at for at in range(33)]), "access_days_mean")
    assert len(shown.figure.data[0].x) == 12
    assert len(shown.sheet.rows) == 33
    assert "21 factors that matter less" in shown.says


def test_bars_of_nothing_are_no_figure():
    assert sensitivity(swept("grid", [None, None]), "access_days_mean") is None
    assert sensitivity(swept("grid", []), "access_days_mean") is None


def test_efficient_is_what_nothing_beats():
    access = np.array([1.0, 2.0, 2.0, 3.0, 3.0, 4.0, np.nan, 1.0])
    margin = np.array([5.0, 7.0, 6.0, 7.0, 9.0, 8.0, 99.0, 5.0])
    best = efficient(access, margin)
    by_hand = [
        not any(
            (a <= access[at] and m >= margin[at]) and (a < access[at] or m > margin[at])
            for a, m in zip(access, margin, strict=True)
        )
        and not np.isnan(access[at])
        for at in range(len(access))
    ]
    assert best.tolist() == by_hand == [True, True, False, False, True, False, False, True]


@pytest.fixture
def plans():
    access, margin = np.array([1.0, 2.0, 2.5, 0.5]), np.array([5.0, 7.0, 6.0, 9.0])
    return {
        CHAIRS: np.array([2, 3, 4, 5]),
        "verdict": np.array(["stable", "open", "stable", "not-stable"]),
        "replications": np.array([4, 4, 4, 4]),
        "access_days_mean": access,
        "margin_per_week": margin,
        "access_days_mean_half_width": np.array([0.1, 0.2, 0.3, np.nan]),
        "margin_per_week_half_width": np.array([1.0, 2.0, 3.0, np.nan]),
    }


def test_plans_stable_and_not_and_the_efficient_ones_are_marked(plans):
    shown = trade_off([CHAIRS], plans, "USD")
    marks = {trace.name: list(zip(trace.x, trace.y, strict=True)) for trace in shown.figure.data}
    # the best of all is not stable, so it is none to choose
    assert marks == {
        "stable": [(2.5, 6.0)],
        "not stable": [(0.5, 9.0)],
        "efficient": [(1.0, 5.0), (2.0, 7.0)],
    }
    symbols = {trace.name: trace.marker.symbol for trace in shown.figure.data}
    # what is not shown to be stable is drawn hollow
    assert symbols == {
        "stable": "circle",
        "not stable": "x-thin-open",
        "efficient": ("diamond", "diamond-open"),
    }
    assert shown.sheet.rows[0] == ("1", "2", "1.00 (0.90–1.10)", "5.00 (4.00–6.00)", "4", "stable")
    assert "Hollow: 1 that are open or still filling" in shown.says
    assert "chairs 2; chairs 3" in shown.alt
    assert "2 efficient plans. By the means, no other plan that may be stable is better" in shown.says


def test_an_open_plan_that_is_not_efficient_is_drawn_hollow(plans):
    shown = trade_off(
        [CHAIRS], plans | {"verdict": np.array(["stable", "stable", "filling", "not-stable"])}, "USD"
    )
    (hollow,) = [trace for trace in shown.figure.data if trace.name == "open or filling"]
    assert (hollow.x, hollow.y, hollow.marker.symbol) == ((2.5,), (6.0,), "circle-open")


def test_tables_of_before_had_no_verdict():
    """What was called stable then was only not refuted."""
    before = {"stable": np.array([1, 0, 0]), "replications": np.array([2, 2, 0])}
    assert verdicts_of(before) == ["open", "not-stable", ""]


def test_thousands_of_plans_are_thinned_with_a_note(plans):
    many = {name: np.tile(values, 2000) for name, values in plans.items()}
    shown = trade_off([CHAIRS], many, "USD")
    drawn = sum(len(trace.x) for trace in shown.figure.data if trace.name != "efficient")
    assert drawn <= 3000
    assert f"{4000 - drawn:,} other points are not drawn" in shown.says
    assert len(shown.figure.to_json()) < 500_000


def test_no_plan_stable_or_known(plans):
    shown = trade_off([CHAIRS], plans | {"verdict": np.full(4, "not-stable")}, "USD")
    assert "No plan is stable" in shown.says
    assert trade_off([CHAIRS], plans | {"margin_per_week": np.full(4, np.nan)}, "USD") is None
