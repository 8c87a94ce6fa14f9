"""Figures of a comparison: marks against hand-made differences."""

import numpy as np
import pytest

from simclinic.measures import KPIS
from simclinic.report.figures.chairs_compared import chairs_compared
from simclinic.report.figures.forest import (
    BETTER,
    NEITHER,
    ONCE,
    PERHAPS,
    SURE,
    UNSEEN,
    WORSE,
    certainty,
    direction,
    forest,
    scale_of,
)
from simclinic.report.figures.pairs import paired_replications
from simclinic.report.figures.style import GREEN, GREY, RED
from tests.report.figures.differing import between, compared, differing, figure


@pytest.fixture
def differences():
    return between(
        access_days_mean=differing("access_days_mean", -2.0, [-3.0, -1.0], p_holm=0.001),
        wait_minutes_mean=differing("wait_minutes_mean", 1.0, [0.1, 1.9], p_holm=0.2),
        chair_utilisation=differing("chair_utilisation", 0.01, [-0.02, 0.04], p_holm=1.0),
        backlog_growth_per_week=differing("backlog_growth_per_week", 0.004, [-0.01, 0.018], p_holm=1.0),
        margin_per_week=differing("margin_per_week", 90_000.0, [80_000.0, 100_000.0], p_holm=0.0),
        boosters_per_week=differing("boosters_per_week", None, None, n=0),
    )


@pytest.fixture
def first():
    return compared(
        access_days_mean=8.0,
        wait_minutes_mean=10.0,
        chair_utilisation=0.5,
        backlog_growth_per_week=figure("backlog_growth_per_week", 0.001, [-0.01, 0.01]),
        margin_per_week=1000.0,
        boosters_per_week=figure("boosters_per_week", None),
    )


def drawn(shown):
    """Marks by the name of their trace: x, and the bar's ends."""
    marks = {}
    for trace in shown.figure.data:
        low = (
            [None] * len(trace.x)
            if trace.error_x.array is None
            else np.subtract(trace.x, trace.error_x.arrayminus)
        )
        high = [None] * len(trace.x) if trace.error_x.array is None else np.add(trace.x, trace.error_x.array)
        marks[trace.name] = list(zip(trace.x, low, high, strict=True))
    return marks


def test_differences_are_in_per_cent_of_the_first_with_their_intervals(differences, first):
    (shown,) = forest(differences, first, "USD")
    marks = drawn(shown)
    assert marks[f"{SURE}, {BETTER}"] == [(-25.0, -37.5, -12.5)]
    assert marks[f"{PERHAPS}, {WORSE}"] == [(10.0, 1.0, 19.0)]
    assert marks[UNSEEN] == [(2.0, -4.0, 8.0)]


def test_what_is_nine_times_as_much_does_not_squeeze_the_others(differences, first):
    (shown,) = forest(differences, first, "USD")
    beyond = next(trace for trace in shown.figure.data if trace.name == "beyond the scale")
    assert list(beyond.text) == ["+9,000 %"]
    assert list(beyond.marker.symbol) == ["triangle-right"]
    assert shown.figure.layout.xaxis.range[1] < 200


def test_all_plans_are_on_one_scale(differences, first):
    other = between(access_days_mean=differing("access_days_mean", 6.0, [5.0, 7.0], p_holm=0.001))
    limit = scale_of([differences, other], first)
    ranges = [
        list(shown.figure.layout.xaxis.range)
        for each in (differences, other)
        for shown in forest(each, first, "USD", 1, limit)
    ]
    assert ranges == [[-1.06 * limit, 1.06 * limit]] * 2
    assert limit > 100 * 7.0 / 8.0


def test_colours_say_which_way_and_forms_how_sure(differences, first):
    assert (
        direction("access_days_mean", differing("access_days_mean", -2.0, [-3.0, -1.0], p_holm=0.001))
        == BETTER
    )
    assert (
        direction("margin_per_week", differing("margin_per_week", -2.0, [-3.0, -1.0], p_holm=0.001)) == WORSE
    )
    assert direction("margin_per_week", differing("margin_per_week", 2.0, [1.0, 3.0], p_holm=0.2)) == BETTER
    assert (
        direction("boosters_per_week", differing("boosters_per_week", 2.0, [1.0, 3.0], p_holm=0.01))
        == NEITHER
    )
    assert direction("margin_per_week", differing("margin_per_week", 2.0, [-1.0, 5.0], p_holm=1.0)) == ""
    (shown,) = forest(differences, first, "USD")
    colours = {
        trace.name: trace.marker.color for trace in shown.figure.data if trace.name and trace.marker.color
    }
    assert colours[f"{SURE}, {BETTER}"] == GREEN
    assert colours[f"{PERHAPS}, {WORSE}"] == RED
    assert colours[UNSEEN] == GREY
    assert list(colours["beyond the scale"]) == [GREEN]


def test_a_difference_from_about_zero_has_its_own_unit(differences, first):
    (shown,) = forest(differences, first, "USD")
    written = next(trace for trace in shown.figure.data if trace.mode == "text")
    assert [text.strip() for text in written.text] == ["0.00 (-0.01 to 0.02)"]
    (row,) = [row for row in shown.sheet.rows if row[0] == KPIS["backlog_growth_per_week"].label]
    assert row[3] == "—"


def test_every_figure_is_in_the_sheet_and_known_without_colour(differences, first):
    (shown,) = forest(differences, first, "USD")
    rows = {row[0]: row for row in shown.sheet.rows}
    assert len(rows) == 6
    assert rows[KPIS["access_days_mean"].label][1:] == (
        "-2.00 (-3.00 to -1.00)",
        "days",
        "-25.0 (-37.5 to -12.5)",
        "10",
        SURE,
    )
    assert rows[KPIS["chair_utilisation"].label][1:3] == ("1.00 (-2.00 to 4.00)", "percentage points")
    assert rows[KPIS["boosters_per_week"].label][-1] == "cannot be compared"
    symbols = {
        trace.name: trace.marker.symbol for trace in shown.figure.data if trace.error_x.array is not None
    }
    assert len(set(symbols.values())) == len(symbols) == 3
    assert KPIS["access_days_mean"].label in shown.alt


def test_seen_means_after_holm():
    assert certainty(differing("access_days_mean", 1.0, [0.5, 1.5], p_holm=0.04)) == SURE
    assert certainty(differing("access_days_mean", 1.0, [0.5, 1.5], p_holm=0.06)) == PERHAPS
    assert certainty(differing("access_days_mean", 1.0, [-0.5, 2.5], p_holm=1.0)) == UNSEEN
    assert certainty(differing("access_days_mean", 0.0, [0.0, 0.0], p_holm=1.0)) == UNSEEN
    assert certainty(differing("access_days_mean", 1.0, None)) == ONCE


def test_one_replication_has_points_without_bars(first):
    (shown,) = forest(between(access_days_mean=differing("access_days_mean", 2.0, None, n=1)), first, "USD")
    assert drawn(shown) == {ONCE: [(25.0, 25.0, 25.0)]}
    assert shown.sheet.rows[0][1] == "2.00"


def test_nothing_to_compare_gives_no_figure(first):
    nothing = between(boosters_per_week=differing("boosters_per_week", None, None, n=0))
    assert list(forest(nothing, first, "USD")) == []


def test_all_figures_are_shared_out_over_sheets_of_paper():
    kpis = {name: differing(name, 1.0, [0.5, 1.5], p_holm=0.01) for name in KPIS}
    shown = list(forest(between(**kpis), compared(**dict.fromkeys(KPIS, 10.0)), "USD"))
    assert len({each.key for each in shown}) == len(shown) > 1
    assert sum(len(each.sheet.rows) for each in shown) == len(KPIS)
    assert all(each.figure.layout.height < 1000 for each in shown)


def test_replications_are_points_and_the_diagonal_is_one_line():
    one = {
        "access_days_mean": np.array([1.0, 2.0, np.nan, 4.0]),
        "chair_utilisation": np.array([0.5, 0.6, 0.7, 0.8]),
    }
    two = {
        "access_days_mean": np.array([2.0, 1.0, 5.0, 5.0]),
        "chair_utilisation": np.array([0.5, 0.6, 0.7, 0.8]),
    }
    differences = between(
        access_days_mean=differing("access_days_mean", 0.3, [0.0, 1.0], ratio=3.21),
        chair_utilisation=differing("chair_utilisation", 0.0, [0.0, 0.0], ratio=None),
    )
    shown = paired_replications(differences, one, two, "USD")
    points = [trace for trace in shown.figure.data if trace.mode == "markers"]
    lines = [trace for trace in shown.figure.data if trace.mode == "lines"]
    assert [list(zip(each.x, each.y, strict=True)) for each in points] == [
        [(1.0, 2.0), (2.0, 1.0), (4.0, 5.0)],
        [(50.0, 50.0), (60.0, 60.0), (70.0, 70.0), (80.0, 80.0)],
    ]
    assert all(each.x == each.y for each in lines)
    assert len(lines) == 2
    assert shown.sheet.rows[0][2:] == ("3.2", "2", "1", "3")
    assert shown.sheet.rows[1][2:] == ("—", "0", "0", "4")
    titles = [each.text for each in shown.figure.layout.annotations]
    assert "ratio 3.2" in titles[0]
    assert "ratio" not in titles[1]


def test_names_are_shown_letter_by_letter():
    values = {"access_days_mean": np.array([1.0, 2.0])}
    shown = paired_replications(
        between(access_days_mean=differing("access_days_mean", 0.3, [0.0, 1.0])), values, values, "USD"
    )
    assert shown.figure.layout.xaxis.title.text == "Old &lt;b&gt;plan&lt;/b&gt;"
    assert "<b>plan" not in shown.figure.to_json().replace("\\u003c", "<")


@pytest.mark.parametrize(
    "values", [{}, {"access_days_mean": np.array([1.0])}, {"access_days_mean": np.full(3, np.nan)}]
)
def test_too_few_pairs_give_no_figure(values):
    differences = between(access_days_mean=differing("access_days_mean", None, None, n=0))
    assert paired_replications(differences, values, values, "USD") is None


def test_chairs_of_open_hours_are_drawn_day_by_day():
    held = np.zeros(168)
    held[8:12] = [1.0, 2.0, 3.0, 1.5]  # Monday
    held[48 + 9 : 48 + 11] = [2.5, 0.5]  # Wednesday
    shown = chairs_compared({"One": {"chairs_held_mean": held}, "Two": {"chairs_held_mean": 2 * held}})
    one, two = shown.figure.data
    assert one.y == (1.0, 2.0, 3.0, 1.5, None, 0.0, 2.5, 0.5, 0.0, None)
    assert [each for each in two.y if each] == [2.0, 4.0, 6.0, 3.0, 5.0, 1.0]
    assert one.line.dash != two.line.dash
    assert shown.figure.layout.xaxis.ticktext == ("Mon", "Wed")
    assert shown.sheet.rows[1] == ("Mon 9:00", "2.00", "4.00")
    assert "One 10.5 chair-hours a week" in shown.alt


def test_an_empty_week_gives_no_figure():
    assert chairs_compared({}) is None
    assert chairs_compared({"One": {}}) is None
    assert chairs_compared({"One": {"chairs_held_mean": np.zeros(168)}}) is None
