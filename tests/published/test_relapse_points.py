"""The two relapse laws reproduce what was published, as closely as the studies' sizes allow."""

import numpy as np
import pytest
from scipy import stats

from tests.docs.pages import ROOT
from tests.published.points import LEVEL, laws, meant_for, passing_medians, point_level, points, relapsed

POINTS = pytest.mark.parametrize("point", points(), ids=str)


def test_the_laws_are_the_published_ones():
    trials, community = laws()["trials"], laws()["community"]
    assert (trials.mu, trials.sigma, trials.never) == (2.70, 0.63, 0.20)
    assert (community.mu, community.sigma, community.never) == (3.89, 0.95, 0.28)
    # the median over all responders, those who never relapse included: 18 and 79 days
    assert relapsed(trials, 18.2) == pytest.approx(0.5, abs=0.005)
    assert relapsed(community, 79.0) == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize(
    "point", [point for point in points() if point.law in laws()], ids=lambda point: f"{point.law}: {point}"
)
def test_a_law_allows_the_points_it_is_meant_for(point):
    least, most = point.interval(point_level())
    assert least <= relapsed(laws()[point.law], point.day) <= most


@POINTS
def test_a_point_outside_a_law_says_why(point):
    if not all(point.inside(law) for law in laws().values()):
        assert point.why


def test_points_that_the_fit_has_not_seen_are_there():
    """Otherwise the laws would only be held against themselves."""
    for name in laws():
        assert any(point.fit == "not used" for point in meant_for(name))
    assert all(point.fit == "not used" for point in points() if point.law == "neither")


@pytest.mark.parametrize(("name", "other"), [("trials", "community"), ("community", "trials")])
def test_the_points_tell_the_laws_apart(name, other):
    """What the intervals allow is not everything: each law fails at the other's studies."""
    missed = [str(point) for point in meant_for(name) if not point.inside(laws()[other])]
    assert missed


@pytest.mark.parametrize("name", ["trials", "community"])
def test_a_law_three_times_as_fast_or_slow_does_not_pass(name):
    least, most = passing_medians(name)
    median = np.exp(laws()[name].mu)
    assert median / 3 < least < median < most < median * 3


def test_the_level_is_shared_out_over_the_points_held():
    held = sum(point.law in laws() for point in points())
    assert 1 - point_level() == pytest.approx((1 - LEVEL) / held)


@POINTS
def test_intervals_are_exact(point):
    """At its ends an interval leaves the tail on one side that the level says, by counting patients."""
    level = point_level()
    least, most = point.interval(level)
    tail, n = (1 - level) / 2, point.n
    # at least `lowest` patients relapsed by the day, if the share were `least`
    assert stats.binom.sf(point.lowest - 1, n, least) == pytest.approx(tail)
    # at most `highest` (rank: before the day one less) relapsed, if it were `most`
    before = point.highest if point.kind == "count" else point.highest - 1
    assert stats.binom.cdf(before, n, most) == pytest.approx(tail)


@POINTS
def test_points_are_written_consistently(point):
    assert point.kind in ("count", "rank")
    assert point.law in ("trials", "community", "neither")
    assert point.fit in ("used", "overlaps", "not used")
    assert point.standing in ("seen", "recalled", "assumed")
    assert 1 <= point.lowest <= point.highest <= point.n - (point.kind == "count")
    assert point.published
    assert point.source


def test_shares_published_as_percentages_are_these_counts():
    counts = {str(point): 100 * point.highest / point.n for point in points()}
    for name, percent in {
        "Glue 2024 (placebo), day 84": 70.6,
        "Glue 2024 (180 mg), day 84": 42.9,
        "McInnes 2022, day 28": 20.0,
        "McInnes 2022, day 56": 40.0,
        "KetECT 2022 (remitters), day 365": 70.0,
        "ELEKT-D 2023, day 180": 34.5,
    }.items():
        assert counts[name] == pytest.approx(percent, abs=0.6), name


def test_evidence_leads_to_the_page():
    assert "(relapse.md)" in (ROOT / "docs/background/evidence.md").read_text(encoding="utf-8")
