"""What the time since last contact says of a patient: against closed forms, and against plain Python."""

import math
import random

import numpy as np
import pytest
from scipy import stats

from simclinic.sampling.distributions import cdf
from simclinic.sampling.last_contact import after_last_contact, days_to_relapse, dropped_out, relapse_within
from simclinic.scenario import baseline, with_overrides
from tests.laws import only
from tests.sampling.test_streams import BOUND

EVEN = (np.arange(20_000) + 0.5) / 20_000
"""Uniform numbers without chance: shares are then known to 1 in 20,000."""


def clinic(*changes):
    return with_overrides(baseline(), changes)


def silent(scenario, course, elapsed, relapse=EVEN, report=0.5, leave=0.999999):
    relapse, report, leave = np.broadcast_arrays(np.asarray(relapse, float), report, leave)
    whole = np.full(len(relapse), course)
    return after_last_contact(
        only(scenario), whole, np.full(len(relapse), float(elapsed)), relapse, report, leave
    )


# -- closed forms --------------------------------------------------------------------------------------------

EXPONENTIAL = (
    'relapse.days={dist="exponential", mean=20}',
    'boosters.days={dist="exponential", mean=30}',
    "boosters.attrition=0.1",
)


@pytest.mark.parametrize(("course", "mean"), [(0, 20.0), (1, 30.0), (5, 30.0)])
def test_an_exponential_relapse_forgets_how_long_it_has_been(course, mean):
    scenario = clinic(*EXPONENTIAL, "boosters.self_report=1")
    days, reports, leaves = silent(scenario, course, 11.0)
    assert reports.all()
    assert not leaves.any()
    assert days.min() > 11.0
    np.testing.assert_allclose(days - 11.0, stats.expon.ppf(EVEN, scale=mean), rtol=1e-9)


def test_who_does_not_report_was_well_at_the_last_check_in_and_no_more_is_known():
    # 18 days since, asked on days 7 and 14: relapsed after day 14, perhaps already.
    scenario = clinic(*EXPONENTIAL, "boosters.self_report=0", "boosters.check_in_days=7")
    days, reports, _ = silent(scenario, 1, 18.0)
    assert not reports.any()
    np.testing.assert_allclose(days - 14.0, stats.expon.ppf(EVEN, scale=30.0), rtol=1e-9)


@pytest.mark.parametrize(
    ("elapsed", "checked"), [(6.9, 0.0), (7.0, 7.0), (7.1, 7.0), (13.99, 7.0), (35.2, 35.0)]
)
def test_the_last_check_in_is_a_whole_number_of_them_ago(elapsed, checked):
    scenario = clinic(*EXPONENTIAL, "boosters.self_report=0", "boosters.check_in_days=7")
    days, _, _ = silent(scenario, 0, elapsed)
    assert days.min() == pytest.approx(checked, abs=0.01)


def test_reporters_are_rarer_the_longer_ago_the_last_contact():
    scenario = clinic(*EXPONENTIAL, "boosters.self_report=0.6", "boosters.check_in_days=7")
    theory = 0.6 * math.exp(-18 / 30)
    share = theory / (theory + 0.4 * math.exp(-14 / 30))
    for u, expected in ((share - 1e-9, True), (share + 1e-9, False)):
        _, reports, _ = silent(scenario, 2, 18.0, relapse=[0.5], report=u)
        assert reports.tolist() == [expected]


@pytest.mark.parametrize("elapsed", [0.0, 3.0, 18.0, 60.0, 179.0])
def test_the_longer_ago_the_last_contact_the_likelier_a_patient_has_left(elapsed):
    scenario = clinic(*EXPONENTIAL, "boosters.self_report=0.6", "boosters.check_in_days=7")
    stays = 0.6 * math.exp(-elapsed / 30) + 0.4 * math.exp(-7 * (elapsed // 7) / 30)
    share = 0.1 / (0.1 + 0.9 * stays)
    for u, expected in ((share - 1e-9, True), (share + 1e-9, False)):
        _, _, leaves = silent(scenario, 1, elapsed, relapse=[0.5], leave=u)
        assert leaves.tolist() == [expected]


def test_nobody_has_left_a_programme_that_they_never_joined():
    scenario = clinic(*EXPONENTIAL, "boosters.attrition=0.9")
    assert not silent(scenario, 0, 300.0, leave=1e-12)[2].any()


def test_without_attrition_nobody_has_left():
    scenario = clinic(*EXPONENTIAL, "boosters.attrition=0")
    assert not silent(scenario, 3, 300.0, leave=1e-12)[2].any()


def test_the_longer_ago_the_last_contact_the_likelier_a_patient_never_relapses():
    distribution = 'relapse.days={dist="exponential", mean=20, never=0.3}'
    scenario = clinic(distribution, "boosters.self_report=1")
    for elapsed in (0.0, 10.0, 50.0):
        days, _, _ = silent(scenario, 0, elapsed)
        still = 0.7 * math.exp(-elapsed / 20)
        assert np.isinf(days).mean() == pytest.approx(0.3 / (0.3 + still), abs=1e-4)
        finite = days[np.isfinite(days)] - elapsed
        assert finite.mean() == pytest.approx(20.0, rel=0.01)


def test_who_could_not_have_been_silent_so_long_asks_today():
    # Everybody relapses on day 10 and says so, and nobody leaves: yet here is one after 30 days.
    scenario = clinic("relapse.days=10", "boosters.days=10", "boosters.attrition=0", "boosters.self_report=1")
    for course in (0, 2):
        days, reports, leaves = silent(scenario, course, 30.0, relapse=[0.1, 0.9])
        assert days.tolist() == [30.0, 30.0]
        assert reports.all()
        assert not leaves.any()
    # With attrition there is only one way to have been silent.
    scenario = clinic("boosters.days=10", "boosters.attrition=0.01", "boosters.self_report=1")
    assert silent(scenario, 2, 30.0, relapse=[0.1, 0.9])[2].all()


def test_courses_lengthen():
    scenario = clinic(*EXPONENTIAL, "boosters.lengthening=1.5", "boosters.self_report=1")
    course = np.array([0, 1, 2, 4])
    days = days_to_relapse(only(scenario), course, np.full(4, 0.5))
    np.testing.assert_allclose(days, math.log(2) * np.array([20, 30, 45, 30 * 1.5**3]))
    np.testing.assert_allclose(relapse_within(only(scenario), course, days), 0.5)
    days, _, _ = silent(scenario, 3, 12.0)
    np.testing.assert_allclose(days - 12.0, stats.expon.ppf(EVEN, scale=30 * 1.5**2), rtol=1e-9)


def test_a_larger_number_is_a_later_relapse():
    scenario = baseline()
    for course in (0, 3):
        days, _, _ = silent(scenario, course, 40.0)
        assert (np.diff(days[np.isfinite(days)]) >= 0).all()


# -- a clinic that forgets nobody -----------------------------------------------------------------------------


def lived(rng, scenario, course, elapsed):
    """Live some days after a course: days to relapse, reported, left; None if something was noticed."""
    rules = scenario.boosters
    left = course > 0 and rng.random() < rules.attrition
    reports = rng.random() < rules.self_report
    if course:
        days = rng.lognormvariate(math.log(28), 0.5)
    else:
        days = math.inf if rng.random() < 0.2 else rng.lognormvariate(2.70, 0.63)
    noticed = (
        days
        if reports
        else math.ceil(days / rules.check_in_days) * rules.check_in_days
        if days < math.inf
        else days
    )
    if not left and noticed <= elapsed:
        return None
    return days, reports, left


@pytest.mark.parametrize(("course", "elapsed"), [(0, 5.0), (0, 25.5), (1, 9.0), (1, 33.0), (3, 55.0)])
def test_futures_are_those_of_the_silent_ones_among_many(course, elapsed):
    scenario = baseline()
    rng = random.Random(course * 1000 + int(elapsed))
    stories = [story for _ in range(150_000) if (story := lived(rng, scenario, course, elapsed))]
    u = np.random.default_rng(7).random((3, 40_000))
    days, reports, leaves = after_last_contact(
        only(scenario), np.full(40_000, course), np.full(40_000, elapsed), *u
    )
    left = np.array([story[2] for story in stories])
    assert_same_share(leaves, left)
    stayed = [story for story in stories if not story[2]]
    assert_same_share(reports[~leaves], np.array([story[1] for story in stayed]))
    when = np.array([story[0] for story in stayed])
    assert_same_share(np.isinf(days[~leaves]), np.isinf(when))
    assert_same_share(days[~leaves] < elapsed, when < elapsed)
    mine, theirs = days[~leaves], when
    result = stats.ks_2samp(mine[np.isfinite(mine)], theirs[np.isfinite(theirs)])
    assert result.pvalue > 4.1e-5


def assert_same_share(one, two):
    """Two shares differ by chance alone."""
    both = np.concatenate((one, two)).mean()
    error = math.sqrt(both * (1 - both) * (1 / len(one) + 1 / len(two)))
    assert abs(one.mean() - two.mean()) <= BOUND * error, (one.mean(), two.mean())


def test_the_law_is_the_scenarios():
    scenario = baseline()
    np.testing.assert_allclose(
        relapse_within(only(scenario), np.zeros(3, dtype=int), np.array([5.0, 20.0, 90.0])),
        cdf(scenario.relapse.days, np.array([5.0, 20.0, 90.0])),
    )


@pytest.mark.parametrize(("silent", "due"), [(0, 0), (3, 0), (4, 1), (6, 1), (7, 2), (10, 3)])
def test_who_does_not_come_for_the_series_has_often_dropped_out(silent, due):
    """A hundred thousand series: due on day 4 (the day's end is silent), then every third day if missed."""
    scenario = with_overrides(baseline(), ["attendance.no_show=0.2", "attendance.late_cancel=0.1"])
    rng = np.random.default_rng(8)
    gone = rng.random(100_000) < 0.15
    missed = rng.geometric(0.7, gone.size) - 1
    quiet = gone | (4 + 3 * missed > silent)
    gap = (np.array([3]), np.array([4]))
    [theory] = dropped_out(scenario, np.array([0.15]), gap, np.array([silent]))
    assert theory == pytest.approx(0.15 / (0.15 + 0.85 * 0.3**due))
    seen = gone[quiet].mean()
    assert theory == pytest.approx(seen, abs=5 * np.sqrt(seen * (1 - seen) / quiet.sum()))


def test_nobody_drops_out_where_nobody_ever_does():
    scenario = with_overrides(baseline(), ['booking.mode="walk-in"'])
    gap = (np.array([3]), np.array([4]))
    assert dropped_out(scenario, np.zeros(1), gap, np.array([30])) == [0.0]
    assert dropped_out(scenario, np.full(1, 0.1), gap, np.array([30])) == [1.0]
