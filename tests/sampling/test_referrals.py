"""Referrals: Poisson by inversion, with weekdays, hours, months and growth; or a list replayed."""

import datetime

import numpy as np
import pytest
from scipy import stats

from simclinic.records import DAY
from simclinic.sampling.referrals import Referrals, poisson_quantile
from simclinic.sampling.streams import Streams
from tests.model.small import MONDAY, clinic
from tests.sampling.test_streams import BOUND, z_of_chi2


def referrals(*texts, seed=1, replication=0, **more):
    scenario = clinic(*texts, **more)
    return Referrals(scenario).draw(Streams(seed, replication, "referral"))


def rate(per_week, *, weeks=52, warm_up=0, more=""):
    return f"[run]\nweeks = {weeks}\nwarm_up_weeks = {warm_up}\n[demand]\nreferrals_per_week = {per_week}\n{more}"


# -- Poisson by inversion ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mean", [1e-6, 0.01, 0.3, 1.0, 2.06, 7.5, 40.0, 300.0, 5000.0])
def test_counts_are_the_least_that_reach_u(mean):
    rng = np.random.default_rng(4)
    u = np.concatenate((rng.random(4000), [2.0**-53, 1e-12, 1 - 1e-12, 1 - 2.0**-53]))
    counts = poisson_quantile(u, np.full(u.shape, mean))
    np.testing.assert_array_equal(counts, stats.poisson.ppf(u, mean))


def test_counts_at_the_very_steps():
    # P(N <= k) >= u must hold with equality, too: on the steps themselves, where rounding could add one.
    mean = 2.06
    steps = stats.poisson.cdf(np.arange(12), mean)
    counts = poisson_quantile(steps, np.full(12, mean))
    assert (np.abs(counts - np.arange(12)) <= 1).all()
    below, above = (
        poisson_quantile(steps * (1 - 1e-9), np.full(12, mean)),
        poisson_quantile(np.minimum(steps * (1 + 1e-9), 1 - 1e-16), np.full(12, mean)),
    )
    assert (below[:8] == np.arange(8)).all()
    assert (above[:8] == np.arange(1, 9)).all()


def test_nobody_comes_at_rate_zero():
    assert poisson_quantile(np.array([0.01, 0.5, 1 - 1e-16]), np.zeros(3)).tolist() == [0, 0, 0]
    day, _, _ = referrals(rate(0.0))
    assert len(day) == 0


def test_counts_rise_with_the_rate_one_patient_at_a_time():
    rng = np.random.default_rng(11)
    u = rng.random(3000)
    means = np.linspace(0.0, 6.0, 601)
    counts = np.array([poisson_quantile(u, np.full(u.shape, mean)) for mean in means])
    assert (np.diff(counts, axis=0) >= 0).all()


def test_daily_counts_are_poisson():
    # 400 weeks of five weekdays at 3 a day.
    day, _, _ = referrals(rate(15.0, weeks=400))
    counts = np.bincount(day, minlength=2800).reshape(400, 7)
    assert (counts[:, 5:] == 0).all()
    seen = np.bincount(np.minimum(counts[:, :5].ravel(), 9), minlength=10)
    distribution = stats.poisson.pmf(np.arange(9), 3.0)
    expected = 2000 * np.append(distribution, 1 - distribution.sum())
    assert abs(z_of_chi2(seen, expected)) < BOUND
    for lag in (1, 5):  # days, and weeks, are independent
        centred = counts[:, :5].ravel() - 3.0
        assert abs((centred[:-lag] * centred[lag:]).sum() / (3.0 * np.sqrt(2000 - lag))) < BOUND


# -- The rate over weeks, months and years -----------------------------------------------------------------


def means(*texts):
    scenario = clinic(*texts)
    made = Referrals(scenario)
    return {int(day): float(mean) for day, mean in zip(made.days, made.means, strict=True)}


def test_the_week_is_shared_equally_by_the_open_days():
    per_day = means(rate(10.0))
    assert [per_day[k] for k in range(7)] == pytest.approx([2, 2, 2, 2, 2, 0, 0], abs=1e-15)


def test_weekday_weights_are_ratios_and_may_name_closed_days():
    per_day = means(rate(12.0, more="weekday_weights = { mon = 3, wed = 2, sun = 1 }"))
    assert [per_day[k] for k in range(7)] == pytest.approx([6, 0, 4, 0, 0, 0, 2], abs=1e-15)


def test_month_factors_have_a_mean_of_one():
    factors = [1, 1, 1, 1, 1, 1, 4, 1, 1, 1, 1, 10]  # sum 24: each counts half
    per_day = means(rate(10.0, more=f"month_factors = {factors}"))

    def on(month, day):
        return per_day[(datetime.date(2026, month, day) - MONDAY).days]

    assert on(6, 30) == pytest.approx(1.0)
    assert on(7, 1) == pytest.approx(4.0)
    assert on(7, 31) == pytest.approx(4.0)
    assert on(12, 1) == pytest.approx(10.0)
    assert on(11, 30) == pytest.approx(1.0)


def test_growth_begins_with_the_measured_time():
    per_day = means(rate(10.0, weeks=208, warm_up=104, more="growth_per_year = 0.21"))
    assert all(per_day[day] == pytest.approx(2.0, rel=1e-14) for day in range(-728, 0) if day % 7 < 5)
    assert per_day[0] == pytest.approx(2.0, rel=1e-14)
    # A Tuesday after exactly two years of 365.25 days: 730.5, so one half day before and after straddle it.
    assert per_day[730] < 2.0 * 1.21**2 < per_day[731]
    assert per_day[731] / per_day[0] == pytest.approx(1.21 ** (731 / 365.25), rel=1e-12)


def test_shrinking_demand():
    per_day = means(rate(10.0, weeks=60, more="growth_per_year = -0.5"))
    assert per_day[364] == pytest.approx(2.0 * 0.5 ** (364 / 365.25), rel=1e-12)


def test_a_dated_change_of_demand_holds_from_its_date_on():
    per_day = means(rate(10.0), '[changes."2026-01-14"]\n"demand.referrals_per_week" = 20.0')
    assert [per_day[k] for k in (7, 8, 9, 10)] == pytest.approx([2, 2, 4, 4])


# -- Who stays when the rate moves -------------------------------------------------------------------------


def test_a_higher_rate_keeps_everybody_who_was_there():
    low = set(zip(*(part.tolist() for part in referrals(rate(8.0))), strict=True))
    high = set(zip(*(part.tolist() for part in referrals(rate(11.0))), strict=True))
    assert low < high
    assert len(high) - len(low) == pytest.approx(3 * 52, abs=BOUND * np.sqrt(3 * 52))


def test_a_longer_warm_up_moves_nobody():
    short = list(zip(*(part.tolist() for part in referrals(rate(8.0, warm_up=4))), strict=True))
    long = list(zip(*(part.tolist() for part in referrals(rate(8.0, warm_up=30))), strict=True))
    assert len(long) > len(short)
    assert long[-len(short) :] == short


def test_ordinals_count_within_the_day_and_minutes_lie_in_it():
    day, ordinal, minute = referrals(rate(40.0))
    assert (np.diff(day) >= 0).all()
    for one in np.unique(day):
        assert ordinal[day == one].tolist() == list(range((day == one).sum()))
    assert (np.floor(minute / DAY) == day).all()


# -- Times of day ------------------------------------------------------------------------------------------


def test_without_weights_they_come_evenly_over_the_opening_hours():
    day, _, minute = referrals(
        rate(400.0), '[clinic.hours]\nmon = "08:00-12:00"\ntue = "10:00-18:00"\nsat = "24h"'
    )
    for weekday, (opening, closing) in {0: (480, 720), 1: (600, 1080), 5: (0, 1440)}.items():
        times = minute[day % 7 == weekday] % DAY
        assert times.min() >= opening
        assert times.max() < closing
        cells = ((times - opening) / (closing - opening) * 20).astype(int)
        assert abs(z_of_chi2(np.bincount(cells, minlength=20), len(times) / 20)) < BOUND


def test_hour_weights():
    weights = [0] * 6 + [3, 0, 1] + [0] * 14 + [2]
    _, _, minute = referrals(rate(300.0, more=f"hour_weights = {weights}"))
    hours = np.bincount((minute % DAY // 60).astype(int), minlength=24)
    assert hours[np.array(weights) == 0].sum() == 0
    share = hours[[6, 8, 23]] / hours.sum()
    np.testing.assert_allclose(share, [3 / 6, 1 / 6, 2 / 6], atol=BOUND * 0.5 / np.sqrt(hours.sum()))
    for hour in (6, 8, 23):  # flat within the hour
        within = minute[minute % DAY // 60 == hour] % 60
        cells = np.bincount((within / 6).astype(int), minlength=10)
        assert abs(z_of_chi2(cells, len(within) / 10)) < BOUND


def test_referrals_reach_a_clinic_on_a_day_it_is_closed_if_the_weights_say_so():
    day, _, minute = referrals(rate(100.0, more="weekday_weights = { sun = 1 }"))
    assert (day % 7 == 6).all()
    times = minute % DAY
    assert times.min() < 60  # over all the day: there are no opening hours
    assert times.max() > 1380


# -- Replayed ----------------------------------------------------------------------------------------------


def test_replayed_to_the_minute():
    day, ordinal, minute = referrals(
        referrals=["2026-01-07 09:30:30", "2026-01-05 10:00", "2026-01-05 08:15", "2026-01-05 08:15"]
    )
    assert day.tolist() == [0, 0, 0, 2]
    assert ordinal.tolist() == [0, 1, 2, 0]
    assert minute.tolist() == [495.0, 495.0, 600.0, 2 * 1440 + 570.5]


def test_replayed_outside_the_simulated_time_is_left_out():
    day, _, _ = referrals(
        "[run]\nwarm_up_weeks = 1\nweeks = 1",
        referrals=["2025-12-28 23:59", "2025-12-29 00:00", "2026-01-11 23:59", "2026-01-12 00:00"],
    )
    assert day.tolist() == [-7, 6]


def test_a_date_without_a_time_gets_one_of_its_day():
    text = "[demand]\nreferrals = [2026-01-05, 2026-01-05, 2026-01-05T09:00:00, 2026-01-10]"
    day, ordinal, minute = referrals(text)
    assert day.tolist() == [0, 0, 0, 5]
    assert ordinal.tolist() == [0, 1, 2, 0]
    assert minute[2] == 540.0
    assert (minute[:2] >= 480).all()
    assert (minute[:2] < 1020).all()
    assert minute[0] != minute[1]
    _, _, other = referrals(text, seed=2)
    assert other[2] == 540.0
    assert other[0] != minute[0]
    _, _, again = referrals(text)
    np.testing.assert_array_equal(again, minute)
