"""Weekly figures against tables of two replications and three weeks, worked out by hand."""

import datetime as dt

import numpy as np
import pytest

from simclinic.report.figures.bands import MOST_POINTS, Weeks
from simclinic.report.figures.waiting import waiting
from simclinic.report.figures.weekly import weekly_visits

START = dt.date(2026, 1, 5)
TWO = {
    "week": [0, 1, 2, 0, 1, 2],
    "induction": [10, 12, 14, 20, 22, 24],
    "boosters": [1, 2, 3, 3, 4, 5],
    "starts": [40, 40, 32, 40, 40, 32],
    "waiting_for_series": [1.0, 2.0, 3.0, 3.0, 4.0, 5.0],
    "waiting_for_booster": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0],
    "programme_patients": [50.0, 51.0, 52.0, 60.0, 61.0, 62.0],
}
ONE = {name: values[:3] for name, values in TWO.items()}


def trace(shown, name):
    (result,) = [each for each in shown.figure.data if each.name == name and each.mode]
    return result


def test_visits_are_means_over_replications_on_their_dates():
    shown = weekly_visits(TWO, START)
    series = trace(shown, "series")
    assert list(series.x) == ["2026-01-05", "2026-01-12", "2026-01-19"]
    assert list(series.y) == [15, 17, 19]
    assert list(trace(shown, "boosters").y) == [2, 3, 4]
    assert list(trace(shown, "starts on offer").y) == [40, 40, 32]
    assert series.stackgroup == trace(shown, "boosters").stackgroup == "visits"


def test_the_band_of_visits_is_of_their_total_in_eight_of_ten():
    low, high = np.quantile([[11, 14, 17], [23, 26, 29]], (0.1, 0.9), axis=0)
    shown = weekly_visits(TWO, START)
    band = [each for each in shown.figure.data if each.line.width == 0]
    assert [list(each.y) for each in band] == [pytest.approx(list(high)), pytest.approx(list(low))]
    assert band[1].fill == "tonexty"


def test_the_sheet_holds_the_interval_of_the_mean():
    first = weekly_visits(TWO, START).sheet.rows[0]
    # Student's 12.706 times the standard error, which of two values is half their distance: 6
    assert first == ("2026-01-05", "15.0", "2.0", "17.0 ± 76.2", "12–22", "40.0")


def test_words_tell_what_is_drawn():
    shown = weekly_visits(TWO, START)
    assert shown.says.startswith("20.0 infusions a week on average of 37.3 starts on offer")
    assert "2 replications" in shown.says
    assert "3 weeks from 2026-01-05" in shown.alt


def test_one_replication_has_no_band_and_says_so():
    for shown in (weekly_visits(ONE, START), waiting(ONE, START)):
        assert not [each for each in shown.figure.data if each.line.width == 0]
        assert "One replication" in shown.says


def test_nobody_books_in_a_walk_in_clinic():
    shown = weekly_visits({**TWO, "starts": [0] * 6}, START)
    assert [each.name for each in shown.figure.data if each.name == "starts on offer"] == []
    assert "visits are not booked" in shown.says
    assert shown.sheet.rows[0][-1] == "none"


def test_queues_and_programme():
    shown = waiting(TWO, START)
    first = trace(shown, "for a first infusion")
    assert list(first.y) == [2, 3, 4]
    assert list(trace(shown, "for a booster").y) == [0.5, 0.5, 0.5]
    programme = trace(shown, "in the programme")
    assert list(programme.y) == [55, 56, 57]
    assert programme.yaxis != first.yaxis
    assert shown.sheet.rows[2][0] == "2026-01-19"
    assert shown.sheet.rows[2][5].startswith("57.0 ± ")
    # replications have means of 2 and 4: 3, and an interval of 12.706 × 1 about it, but never fewer than none
    assert "On average 3.0 (0.0–15.7) people wait" in shown.says


def test_long_studies_have_fewer_points_of_the_same_mean():
    weeks = 2 * MOST_POINTS + 1
    at = Weeks.of({"week": np.arange(weeks)}, START)
    band = at.band(np.arange(weeks, dtype=float))
    assert at.each == 3
    assert len(at.dates) == len(band.mean) <= MOST_POINTS
    assert list(band.mean[:2]) == [1, 4]
    assert at.dates[1] == "2026-01-26"
    assert band.mean[-1] == pytest.approx(np.arange(weeks)[3 * (len(at.dates) - 1) :].mean())


def test_consults_take_starts_too():
    """Of starts that consults take as well, visits without them look like fewer than there are."""
    shown = weekly_visits({**TWO, "infusions:talk": [3, 3, 3, 5, 5, 5]}, START, "treatments", "talk")
    assert list(trace(shown, "consults").y) == [4, 4, 4]
    assert shown.says.startswith(
        "24.0 visits a week on average of 37.3 starts on offer: 17.0 treatments of series, 3.0 boosters, "
        "4.0 consults."
    )
    assert shown.sheet.headings[3] == "Consults"
    assert shown.sheet.rows[0][3:5] == ("4.0", "21.0 ± 88.9")


def test_visits_of_several_types_are_no_infusions():
    queues = waiting(TWO, START, "treatment")
    assert "people wait for a first treatment" in queues.says
    assert queues.sheet.headings[1].startswith("for a first treatment,")
    assert " treatments a week on average" in weekly_visits(TWO, START, "treatments").says
    for shown in (queues, weekly_visits(TWO, START, "treatments")):
        assert "infusion" not in shown.says + shown.alt
