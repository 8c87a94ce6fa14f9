"""Weeks between scheduled boosters that are drawn from a distribution."""

import numpy as np
import pytest

from simclinic.errors import ScenarioError
from simclinic.planning.booster_load import courses_by_day
from simclinic.planning.demand import programme
from simclinic.sampling.intervals import by_day, mean_weeks, weeks_to_next
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.schedules import schedule_of
from tests.laws import only

LIMIT = 4.1


class Same:
    """People whose random numbers are given."""

    def __init__(self, u):
        self.u = np.asarray(u, dtype=np.float64)

    def uniform(self, names, rows, numbers):
        assert names == ["booster interval"]
        return [self.u]


def scheduled(weeks, *changes):
    return with_overrides(
        baseline(), ['boosters.policy="scheduled"', f"boosters.every_weeks={weeks}", *changes]
    )


def drawn(weeks, u, courses=0, elapsed=0.0):
    schedule = schedule_of(scheduled(weeks).boosters)
    u = np.asarray(u, dtype=np.float64)
    rows = np.arange(len(u))
    return weeks_to_next(schedule, Same(u), rows, np.full(len(u), courses), rows * 0, elapsed)


def test_an_interval_is_a_quantile():
    assert drawn('{dist="uniform", low=4, high=6}', [0.0, 0.25, 0.5]).tolist() == [4.0, 4.5, 5.0]


def test_a_list_tapers_into_a_distribution():
    taper = '[1, 2, {dist="uniform", low=4, high=6}]'
    assert [drawn(taper, [0.5], courses).tolist() for courses in range(5)] == [
        [1.0],
        [2.0],
        [5.0],
        [5.0],
        [5.0],
    ]


def test_an_interval_has_at_least_a_week_and_at_most_ten_years():
    assert drawn('{dist="uniform", low=0, high=6}', [0.01]).tolist() == [1.0]
    assert drawn('{dist="exponential", mean=400}', [0.999]).tolist() == [520.0]


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(0.0, 5.0), (3.0, 5.0), (5.0, 5.5), (5.5, 5.75), (9.0, 6.0)]
)
def test_what_has_passed_is_left_out(elapsed, expected):
    """The middle of what is left of four to six weeks; if all of it has passed, the booster is overdue."""
    assert drawn('{dist="uniform", low=4, high=6}', [0.5], elapsed=elapsed) == pytest.approx([expected])


def test_the_days_on_paper_are_those_of_the_distribution():
    schedule = schedule_of(scheduled('{dist="uniform", low=4, high=6}').boosters)
    days = by_day(schedule, 0, 60)
    assert days.sum() == pytest.approx(1.0)
    assert days[28] == pytest.approx(0.5 / 14)
    assert days[29:42] == pytest.approx(np.full(13, 1 / 14))
    assert days[42] == pytest.approx(0.5 / 14)
    assert mean_weeks(schedule, 7) == 5.0
    assert programme(only(scheduled('{dist="uniform", low=4, high=6}'))).weeks_between == 5.0


def test_courses_by_day_are_those_of_every_path():
    """One week, then two or three weeks at random, a tenth leave after each: followed path by path."""
    scenario = scheduled(
        '[1, {dist="empirical", values=[2, 3]}]', "boosters.uptake=0.8", "boosters.attrition=0.1"
    )
    expected = np.zeros(80)
    paths = {7: 0.8}
    while paths:
        later = {}
        for day, share in paths.items():
            expected[day] += share
            for step in (14, 21):
                if day + step < 80:
                    later[day + step] = later.get(day + step, 0.0) + 0.9 * share / 2
        paths = later
    assert courses_by_day(only(scenario), 80, 1) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("weeks", "rule"),
    [
        ('{dist="uniform", low=600, high=700}', "every_weeks: must typically be 1 to 520 weeks"),
        ('{dist="uniform", low=0, high=1}', "every_weeks: must typically be 1 to 520 weeks"),
        ('[4, {dist="uniform", low=6, high=4}]', "every_weeks[1]"),
        ('{dist="uniform", low=4, high=6, never=0.1}', "never is for times to relapse only"),
        ('"four"', "every_weeks"),
        ("4.5", "every_weeks"),
    ],
)
def test_a_wrong_interval_is_named(weeks, rule):
    with pytest.raises(ScenarioError, match="every_weeks") as caught:
        scheduled(weeks)
    assert rule in str(caught.value)
