"""Intervals: by the textbook where there is one, inside the figure's range, and never without width by chance."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from simclinic.measures import KPIS, summarise
from simclinic.measures.intervals import CONSTANT, NONE_SEEN, Watched, estimate
from simclinic.scenario import baseline, with_overrides

WEEKS, DAYS = 13, 65
WATCHED = Watched(WEEKS, DAYS)
VALUES = st.lists(st.floats(0, 1), min_size=2, max_size=30)


def summary(name, values, watched=WATCHED, **others):
    """One key figure over replications, the others as given, the same in each."""
    rows = [{name: float(value), **others} for value in values]
    return summarise(rows, watched)[name]


def names(method):
    return [kpi.name for kpi in KPIS.values() if kpi.method == method]


# -- the methods -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_skewed_is_the_wider_of_student_and_hall(seed):
    values = np.random.default_rng(seed).exponential(3.0, 10)
    low, high = summary("access_days_p90", values)["ci"]
    mean, error = values.mean(), stats.sem(values)
    skewness, n = stats.skew(values), len(values)

    def transformed(t):  # Hall 1992, of the studentised mean
        return (
            t
            + skewness * t**2 / (3 * math.sqrt(n))
            + skewness**2 * t**3 / (27 * n)
            + skewness / (6 * math.sqrt(n))
        )

    quantile = stats.t.ppf(0.975, n - 1)
    ends = [
        mean - error * optimize.brentq(lambda t, q=q: transformed(t) - q, -1e3, 1e3)
        for q in (quantile, -quantile)
    ]
    assert low == pytest.approx(max(min(mean - quantile * error, ends[0]), 0.0))
    assert high == pytest.approx(max(mean + quantile * error, ends[1]))


def test_the_skewness_of_four_says_nothing():
    values = [1.0, 1.0, 1.1, 9.0]
    student = np.mean(values) + stats.t.ppf(0.975, 3) * stats.sem(values)
    assert summary("access_days_p90", values)["ci"][1] == pytest.approx(student)


def test_skewed_covers_the_mean_of_an_exponential_where_student_does_not():
    rng = np.random.default_rng(1)
    values = rng.lognormal(0.0, 1.0, (4000, 10))
    truth = math.exp(0.5)
    means = estimate(KPIS["overtime_nurse_hours_per_week"], {"overtime_nurse_hours_per_week": values})
    covered = np.mean((means.low <= truth) & (truth <= means.high))
    plain = estimate(KPIS["margin_per_week"], {"margin_per_week": values})
    student = np.mean((plain.low <= truth) & (truth <= plain.high))
    assert student < 0.86
    assert covered > student + 0.05


def test_rare_is_clopper_and_pearson_s_where_replications_differ_no_more_than_by_chance():
    # ten replications of 65 days, one late day in each
    low, high = summary("overtime_day_share", [1 / DAYS] * 10)["ci"]
    exact = stats.binomtest(10, 10 * DAYS).proportion_ci(method="exact")
    assert [low, high] == pytest.approx([exact.low, exact.high])


def test_one_day_lost_in_ten_replications():
    low, high = summary("clinic_cancelled_share", [1 / DAYS, *[0.0] * 9])["ci"]
    exact = stats.binomtest(1, 10 * DAYS).proportion_ci(method="exact")
    assert high == pytest.approx(exact.high, rel=0.01)
    assert 0.0 <= low <= exact.low


def test_rare_counts_per_week_are_garwood_s():
    low, high = summary("stopped_responders_per_week", [2 / WEEKS] * 5)["ci"]
    weeks = 5 * WEEKS
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * 10) / 2 / weeks)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * 11) / 2 / weeks)


def test_events_that_come_in_heaps_widen_the_interval():
    """One replication in five has a bad spell of 20 days: counting days alone would be far too sure."""
    rng = np.random.default_rng(2)
    truth = 0.2 * 20 / DAYS
    values = np.where(rng.random((2000, 10)) < 0.2, 20 / DAYS, 0.0)
    means = estimate(KPIS["clinic_cancelled_share"], {"clinic_cancelled_share": values}, WATCHED)
    covered = np.mean((means.low <= truth) & (truth <= means.high))
    days = np.rint(values.sum(axis=1) * DAYS).astype(int)
    low, high = (
        stats.beta.ppf(0.025, days, 10 * DAYS - days + 1),
        stats.beta.ppf(0.975, days + 1, 10 * DAYS - days),
    )
    naive = np.mean((np.nan_to_num(low) <= truth) & (truth <= high))
    # one in nine sees no spell at all (0.8^10), and nothing can be done for those
    assert naive < 0.5
    assert covered > 0.87


# -- what is not seen --------------------------------------------------------------------------------------


def test_nobody_turned_away_is_below_three_in_the_patients():
    figure = summary("balked_share", [0.0] * 10, series_started_per_week=5.0)
    assert figure["ci"] == pytest.approx([0.0, 3 / (10 * 5 * WEEKS)])
    assert figure["method"] == NONE_SEEN


@pytest.mark.parametrize(
    ("name", "others", "units"),
    [
        ("clinic_cancelled_share", {}, DAYS),
        ("overtime_day_share", {}, DAYS),
        ("no_show_share", {"infusions_per_week": 20.0}, 20 * WEEKS),
        ("boosters_per_week", {}, WEEKS),
        ("stopped_responders_per_week", {}, WEEKS),
    ],
)
def test_none_seen_has_an_upper_end(name, others, units):
    assert summary(name, [0.0] * 8, **others)["ci"] == pytest.approx([0.0, 3 / (8 * units)])


def test_the_rule_of_three_is_wrong_once_in_twenty():
    chance_of_none = (1 - 3 / 650) ** 650
    assert summary("clinic_cancelled_share", [0.0] * 10)["ci"][1] == pytest.approx(3 / 650)
    assert chance_of_none == pytest.approx(0.05, abs=0.001)


def test_what_always_happened_may_fail_to():
    figure = summary("started_on_time_share", [1.0] * 10, infusions_per_week=20.0)
    assert figure["ci"] == pytest.approx([1 - 3 / (10 * 20 * WEEKS), 1.0])


def test_a_wait_on_its_floor_may_rise():
    low, high = summary("third_next_available_days", [2.0] * 10)["ci"]
    assert low == 2.0
    # of 130 Mondays fewer than 3 are a week worse
    assert high == pytest.approx(2 + 3 * 7 / 130)


def test_what_never_varies_and_has_no_events_says_so():
    figure = summary("cost_per_week", [8000.0] * 10)
    assert (figure["ci"], figure["method"]) == ([8000.0, 8000.0], CONSTANT)


def test_last_bits_are_no_spread():
    values = np.array([0.1 + 0.2, 0.3, 0.3, 0.3])
    assert summary("cost_per_week", values * 1e4)["method"] == CONSTANT


def test_all_turned_away_is_no_certainty():
    low, high = summary("balked_share", [1.0] * 10, series_started_per_week=0.0)["ci"]
    assert low < 0.8
    assert high == 1.0


# -- ranges ------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(VALUES)
def test_no_share_leaves_0_to_1_and_nothing_that_cannot_be_negative_is(values):
    others = {"series_started_per_week": 1.0, "infusions_per_week": 5.0, "series_completed_per_week": 1.0}
    for kpi in KPIS.values():
        figure = summary(
            kpi.name, values, **{name: each for name, each in others.items() if name != kpi.name}
        )
        low, high = figure["ci"]
        assert low <= figure["mean"] <= high
        if kpi.unit == "share":
            assert low >= 0.0
            assert high <= 1.0
        if not kpi.signed:
            assert low >= 0.0


def test_a_margin_may_be_negative():
    assert summary("margin_per_week", [-10.0, 10.0])["ci"][0] < 0


@pytest.mark.parametrize("name", names("skewed") + names("student"))
@settings(deadline=None, max_examples=20)
@given(values=st.lists(st.floats(0.2, 0.4), min_size=2, max_size=12))
def test_no_interval_is_narrower_than_student_s(name, values):
    figure = summary(name, values)
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    least, most = KPIS[name].range
    assert figure["ci"][0] <= max(np.mean(values) - half, least) + 1e-9
    assert figure["ci"][1] >= min(np.mean(values) + half, most) - 1e-9


# -- the same everywhere -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(KPIS))
def test_many_points_at_once_are_each_as_one_alone(name):
    """Sweeps reckon all their points in one go."""
    rng = np.random.default_rng(3)
    columns = {kpi: np.where(rng.random((6, 7)) < 0.3, 0.0, rng.random((6, 7))) for kpi in KPIS}
    columns[name][1] = 0.0
    columns[name][2, 3] = np.nan
    columns[name][3, 1:] = np.nan
    columns[name][4] = np.nan
    together = estimate(KPIS[name], columns, WATCHED)
    for point in range(6):
        rows = [{kpi: float(values[point, k]) for kpi, values in columns.items()} for k in range(7)]
        alone = summarise(rows, WATCHED)[name]
        ends = alone["ci"] or [math.nan, math.nan]
        assert [together.low[point], together.high[point]] == pytest.approx(ends, nan_ok=True)


def test_every_rare_figure_says_what_it_happens_at():
    assert all(KPIS[name].units is not None for name in names("rare"))
    assert "clinic_cancelled_share" in names("rare")


def test_methods_do_not_look_at_the_data():
    methods = {
        summary("overtime_day_share", values)["method"] for values in ([0.9, 0.8, 1.0], [0.0, 0.0, 1 / 65])
    }
    assert methods == {"rare"}


# -- what a replication watches ----------------------------------------------------------------------------


def test_open_days_are_those_of_the_calendar():
    year = with_overrides(baseline(), ["run.weeks=13"])
    assert Watched.of(year) == Watched(13.0, 65.0)
    closed = with_overrides(year, ['clinic.closed_on=["2026-01-06", "2026-01-10", "01-14"]'])
    # the tenth is a Saturday
    assert Watched.of(closed) == Watched(13.0, 63.0)


def test_open_days_follow_dated_changes():
    changes = 'changes={"2026-01-19" = {"clinic.hours.sat" = "08:00-12:00"}}'
    # Saturdays from the third week on
    assert Watched.of(with_overrides(baseline(), ["run.weeks=4", changes])) == Watched(4.0, 22.0, 0.0)


def test_a_mirrored_pair_watches_twice_as_long():
    assert Watched.of(with_overrides(baseline(), ["run.weeks=13"]), replications=2) == Watched(
        26.0, 130.0, 2.0
    )


def test_without_a_scenario_each_replication_is_one_unit():
    assert summarise([{"clinic_cancelled_share": 0.0}] * 10)["clinic_cancelled_share"]["ci"] == [0.0, 0.3]


def test_a_figure_that_covers_too_little_says_so():
    values = np.random.default_rng(0).exponential(1.0, 10)
    assert summary("access_days_p90", values)["coverage"] == KPIS["access_days_p90"].coverage < 0.92
    assert summary("access_days_mean", values)["coverage"] is None
    assert dataclasses.replace(KPIS["access_days_p90"], coverage=None).coverage is None


def test_starts_filled_beyond_the_plan_have_an_interval_on_both_sides():
    values = [1.02, 1.05, 1.06, 1.07]
    [low, high] = summarise([{"slot_fill": value} for value in values])["slot_fill"]["ci"]
    half = stats.t.ppf(0.975, 3) * np.std(values, ddof=1) / 2.0
    assert [low, high] == pytest.approx([1.05 - half, 1.05 + half])
    within = [0.97, 0.98, 0.99, 1.0]
    assert summarise([{"slot_fill": value} for value in within])["slot_fill"]["ci"][1] == 1.0
