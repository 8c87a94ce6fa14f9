"""The theory itself, held against published tables, textbook results and sums done another way.

What the simulator is measured by must not be wrong in the simulator's favour: nothing here runs a simulation.
"""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from tests.analytic.theory import birth_death, erlang, profile, renewal, single_chair
from tests.analytic.theory.chairs_and_nurses import Clinic

# -- Erlang ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chairs", "load", "lost"),
    # Traffic that a table of Erlang's formula B lists for a loss of 1 %, 2 % and 5 %, to three digits.
    [(1, 0.0101, 0.01), (5, 1.36, 0.01), (10, 4.46, 0.01), (20, 12.0, 0.01), (5, 1.66, 0.02),
     (10, 5.08, 0.02), (20, 13.2, 0.02), (5, 2.22, 0.05), (10, 6.22, 0.05), (20, 15.2, 0.05)],
)  # fmt: skip
def test_erlang_b_meets_the_published_table(chairs, load, lost):
    digit = 10.0 ** (math.floor(math.log10(load)) - 2)
    assert erlang.erlang_b(chairs, load - digit / 2) < lost < erlang.erlang_b(chairs, load + digit / 2)


def test_one_chair_is_the_textbook_queue():
    rate, length = 0.7 / 30, 30.0
    assert erlang.erlang_c(1, 0.7) == pytest.approx(0.7, rel=1e-14)
    assert erlang.mean_wait(rate, length, 1) == pytest.approx(0.7 / 0.3 * 30.0, rel=1e-14)
    assert erlang.wait_tail(rate, length, 1, 100.0) == pytest.approx(
        0.7 * math.exp(-0.3 / 30 * 100), rel=1e-14
    )


def test_two_chairs_by_hand():
    # rho = 0.75: C = 2 rho^2 / (1 + rho) = 0.642857, Lq = C rho / (1 - rho).
    assert erlang.erlang_c(2, 1.5) == pytest.approx(9 / 14, rel=1e-14)
    assert erlang.mean_wait(1.5, 1.0, 2) == pytest.approx(9 / 14 * 3 / 1.5, rel=1e-14)


def test_the_tail_integrates_to_the_mean():
    rate, length, chairs = 0.08, 40.0, 4
    area, _ = integrate.quad(lambda t: erlang.wait_tail(rate, length, chairs, t), 0, np.inf)
    assert area == pytest.approx(erlang.mean_wait(rate, length, chairs), rel=1e-9)


# -- Birth and death ---------------------------------------------------------------------------------------


def test_without_limits_it_is_erlang_c():
    queue = birth_death.Queue(rate=0.08, length=40.0, chairs=4)
    assert queue.utilisation == pytest.approx(0.8, rel=1e-12)
    assert queue.p_wait == pytest.approx(erlang.erlang_c(4, 3.2), rel=1e-12)
    assert queue.mean_wait == pytest.approx(erlang.mean_wait(0.08, 40.0, 4), rel=1e-12)
    assert queue.offered_tail(25.0) == pytest.approx(erlang.wait_tail(0.08, 40.0, 4, 25.0), rel=1e-10)


def test_without_places_it_is_erlang_b():
    queue = birth_death.Queue(rate=0.1, length=40.0, chairs=4, places=0)
    assert queue.blocked == pytest.approx(erlang.erlang_b(4, 4.0), rel=1e-13)
    assert queue.p_wait == pytest.approx(0.0, abs=1e-15)
    assert queue.offered_tail(0.0) == 0.0


def test_one_chair_with_places_by_hand():
    # M/M/1/3, rho = 1/2: p = (8, 4, 2, 1) / 15; L = 11/15, Lq = 4/15.
    queue = birth_death.Queue(rate=0.5, length=1.0, chairs=1, places=2)
    assert queue.probabilities == pytest.approx(np.array([8, 4, 2, 1]) / 15, rel=1e-13)
    assert queue.mean_wait == pytest.approx((4 / 15) / (0.5 * 14 / 15), rel=1e-13)
    # Found 1: one visit to go; found 2: two.
    tail = (4 * math.exp(-2.0) + 2 * math.exp(-2.0) * 3.0) / 15
    assert queue.offered_tail(2.0) == pytest.approx(tail, rel=1e-12)


def test_patience_as_long_as_visits_makes_the_number_inside_poisson():
    # Then everybody leaves at the same rate, waiting or served: M/M/infinity.
    queue = birth_death.Queue(rate=0.1, length=30.0, chairs=2, patience=30.0)
    assert queue.probabilities[:12] == pytest.approx(stats.poisson.pmf(np.arange(12), 3.0), rel=1e-12)
    served = 0.1 * (1.0 - queue.gave_up)
    assert queue.utilisation == pytest.approx(served * 30.0 / 2, rel=1e-12)


def test_patients_who_give_up_are_those_whose_offered_wait_is_longer_than_their_patience():
    queue = birth_death.Queue(rate=0.12, length=30.0, chairs=3, patience=45.0)
    gave_up, _ = integrate.quad(
        lambda t: queue.offered_tail(t) * math.exp(-t / 45.0) / 45.0, 0.0, 600.0, epsrel=1e-10, limit=200
    )
    # P(V > T), T the patience: the integral of P(V > t) over the distribution of T.
    assert gave_up == pytest.approx(queue.gave_up, rel=1e-5)


# -- One chair ---------------------------------------------------------------------------------------------


def test_exponential_lengths_give_the_exponential_queue():
    assert single_chair.mean_wait(0.02, 30.0, 1.0) == pytest.approx(
        erlang.mean_wait(0.02, 30.0, 1), rel=1e-14
    )
    second = single_chair.second_moment_of_wait(0.02, (30.0, 1800.0, 6 * 27000.0))
    assert second == pytest.approx(2 * 0.6 / (0.4 / 30) ** 2, rel=1e-12)


def test_constant_lengths_wait_half_as_long():
    assert single_chair.mean_wait(0.02, 30.0, 0.0) == pytest.approx(0.5 * erlang.mean_wait(0.02, 30.0, 1))


def test_the_tail_of_constant_lengths_integrates_to_the_mean():
    assert single_chair.constant_wait_tail(0.02, 30.0, 0.0) == pytest.approx(0.6)
    cells = [
        integrate.quad(lambda t: single_chair.constant_wait_tail(0.02, 30.0, t), k * 30.0, (k + 1) * 30.0)[0]
        for k in range(14)
    ]
    assert sum(cells) == pytest.approx(single_chair.mean_wait(0.02, 30.0, 0.0), rel=1e-5)


def test_the_tail_on_the_lattice_meets_the_known_ones():
    exponential = single_chair.wait_tail(0.02, 30.0, lambda x: -30.0 * np.expm1(-x / 30.0), 75.0)
    assert exponential == pytest.approx(erlang.wait_tail(0.02, 30.0, 1, 75.0), rel=1e-5)
    constant = single_chair.wait_tail(0.02, 30.0, lambda x: np.minimum(x, 30.0), 75.0)
    assert constant == pytest.approx(single_chair.constant_wait_tail(0.02, 30.0, 75.0), rel=1e-5)


# -- Chairs and nurses -------------------------------------------------------------------------------------


def test_a_nurse_for_every_chair_and_no_watching_is_a_queue_with_two_phase_visits():
    # Four chairs and four nurses, hardly used: nobody waits for hands, and the chairs are a loss-free M/G/4.
    clinic = Clinic(rate=0.01, chairs=4, nurses=4, preparation=15.0, infusion=40.0)
    assert clinic.mean_wait_for_hands == pytest.approx(0.0, abs=1e-12)
    assert clinic.chair_utilisation == pytest.approx(0.01 * 55.0 / 4, rel=1e-10)
    assert clinic.p_wait_for_chair == pytest.approx(erlang.erlang_c(4, 0.55), rel=0.02)


def test_one_chair_is_pollaczek_khinchine_with_three_phases():
    clinic = Clinic(rate=0.01, chairs=1, nurses=1, preparation=15.0, infusion=30.0, discharge=5.0, eyes=1)
    cv = math.sqrt(15.0**2 + 30.0**2 + 5.0**2) / 50.0
    assert clinic.mean_wait_for_chair == pytest.approx(single_chair.mean_wait(0.01, 50.0, cv), rel=1e-9)
    assert clinic.chair_utilisation == pytest.approx(0.5, rel=1e-9)


def test_very_many_chairs_make_the_nurse_a_queue_of_her_own():
    clinic = Clinic(rate=0.04, chairs=60, nurses=1, preparation=15.0, infusion=1.0, places=2)
    assert clinic.mean_wait_for_hands == pytest.approx(erlang.mean_wait(0.04, 15.0, 1), rel=1e-6)


def test_eyes_for_as_many_as_chairs_never_keep_anyone_waiting():
    settings = {
        "rate": 0.03,
        "chairs": 3,
        "nurses": 1,
        "preparation": 12.0,
        "infusion": 40.0,
        "discharge": 8.0,
    }
    free, watched = Clinic(**settings), Clinic(**settings, eyes=3)
    assert watched.mean_wait_for_eyes == 0.0
    assert watched.mean_wait_for_chair == pytest.approx(free.mean_wait_for_chair, rel=1e-10)
    scarce = Clinic(**settings, eyes=2)
    assert scarce.mean_wait_for_eyes > 0.5
    assert scarce.mean_wait_for_chair > free.mean_wait_for_chair


WHOLE = {"preparation": 12.0, "infusion": 40.0, "recovery": 30.0, "discharge": 8.0, "turnover": 10.0}


def test_chair_minutes_are_steps_and_waits():
    clinic = Clinic(rate=0.015, chairs=3, nurses=1, **WHOLE, eyes=4, heavy=2)
    held = 100.0 + clinic.mean_wait_for_hands + clinic.mean_wait_for_eyes
    assert clinic.cut_off < 1e-12
    assert clinic.chair_utilisation == pytest.approx(0.015 * held / 3, rel=1e-9)


def test_one_chair_is_pollaczek_khinchine_with_five_phases():
    clinic = Clinic(rate=0.005, chairs=1, nurses=1, **WHOLE, eyes=4, heavy=2)
    cv = math.sqrt(sum(mean**2 for mean in WHOLE.values())) / 100.0
    assert clinic.mean_wait_for_chair == pytest.approx(single_chair.mean_wait(0.005, 100.0, cv), rel=1e-9)


def test_a_recovery_watched_as_heavily_is_a_longer_infusion_to_the_others():
    settings = {"rate": 0.015, "chairs": 3, "nurses": 1, "eyes": 4, "heavy": 2}
    light, heavy = Clinic(**settings, **WHOLE), Clinic(**settings, **WHOLE, light=2)
    assert heavy.mean_wait_for_eyes > 1.2 * light.mean_wait_for_eyes > 0.1
    # Two of four shares all along, whether in two phases or in one: only the length varies more in one, and waits
    # grow with (1 + cv^2) / 2, roughly.
    one_step = Clinic(**settings, **(WHOLE | {"infusion": 70.0, "recovery": 0.0}))
    assert 0.75 < heavy.mean_wait_for_eyes / one_step.mean_wait_for_eyes < 1.0


# -- The day -----------------------------------------------------------------------------------------------

STEEP = np.array([0, 0, 0, 0, 0, 0, 1, 4, 9, 9, 6, 4, 2, 3, 5, 4, 3, 1, 0, 0, 0, 0, 0, 0]) / 1000.0


def test_a_flat_day_is_erlang():
    queue = profile.DailyQueue(rates=(0.05,) * 24, length=40.0, chairs=3)
    assert queue.cut_off < 1e-12
    assert queue.mean_wait() == pytest.approx(erlang.mean_wait(0.05, 40.0, 3), rel=1e-9)
    assert queue.p_wait() == pytest.approx(erlang.erlang_c(3, 2.0), rel=1e-9)


def test_a_day_with_very_many_chairs_is_the_queue_without_limits():
    rates = STEEP * 4
    queue = profile.DailyQueue(rates=tuple(rates), length=40.0, chairs=40, places=1)
    inside = [float(hour @ np.arange(42)) for hour in queue.hours]
    limited = lambda x: -40.0 * np.expm1(-x / 40.0)  # noqa: E731
    for h in (7, 10, 15):
        exact, _ = integrate.quad(lambda t: profile.occupancy(rates, limited, t), 60.0 * h, 60.0 * (h + 1))
        assert inside[h] == pytest.approx(exact, rel=1e-8)


def test_everybody_who_comes_goes_within_the_day():
    # Patients in = patients out over one period, or the "periodic" state is not periodic.
    queue = profile.DailyQueue(rates=tuple(STEEP * 10), length=30.0, chairs=2)
    busy = sum(float(hour @ np.minimum(np.arange(113), 2)) for hour in queue.hours)
    assert busy / 30.0 == pytest.approx(STEEP.sum() * 600.0, rel=1e-8)


def test_constant_lengths_inside_are_the_arrivals_of_the_last_minutes():
    constant = lambda x: np.minimum(x, 90.0)  # noqa: E731
    assert profile.occupancy(STEEP, constant, 600.0) == pytest.approx(60.0 * 0.009 + 30.0 * 0.009, rel=1e-12)
    # Just after midnight those of yesterday evening count: none with this profile, all with a flat one.
    assert profile.occupancy(STEEP, constant, 30.0) == pytest.approx(0.0, abs=1e-15)
    assert profile.occupancy(np.full(24, 0.01), constant, 30.0) == pytest.approx(0.9, rel=1e-12)


# -- Renewals ----------------------------------------------------------------------------------------------


def exponential(mean: float, never: float = 0.0) -> renewal.TimeDistribution:
    return renewal.TimeDistribution(lambda x: np.exp(-x / mean), lambda x: -mean * np.expm1(-x / mean), never)


def from_scipy(distribution, never: float = 0.0) -> renewal.TimeDistribution:
    """Limited mean by quadrature of the survival function: it owes nothing to a closed form."""
    nodes, weights = np.polynomial.legendre.leggauss(12)

    def limited_mean(x):
        # From each knot to the next; in ever smaller pieces at the origin, where a distribution may be steep.
        knots = np.unique(np.concatenate(([0.0], np.geomspace(1e-6, 0.1, 60), x[x > 0])))
        width = np.diff(knots)
        inside = knots[:-1, None] + 0.5 * width[:, None] * (nodes + 1.0)
        area = np.concatenate(([0.0], np.cumsum(0.5 * width * (distribution.sf(inside) @ weights))))
        return np.where(x > 0, area[np.searchsorted(knots, np.maximum(x, 0.0))], x)

    return renewal.TimeDistribution(distribution.sf, limited_mean, never)


def programme(**changes) -> renewal.Programme:
    settings = {
        "rate": 1.0, "relapse": exponential(20.0), "booster": exponential(20.0), "check_in": 7.0,
        "self_report": 1.0, "follow_up": 900.0, "uptake": 1.0, "attrition": 0.2, "visit": 0.0, "step": 0.05,
        "horizon": 1000.0,
    }  # fmt: skip
    return renewal.Programme(**(settings | changes))


def test_exponential_gaps_make_requests_a_thinned_poisson_process():
    # Renewal density (1/20) exp(-0.2 x / 20): of all convolution powers, each 0.8 of the one before.
    case = programme()
    lags = np.arange(case.cells) * case.step
    density = np.exp(-0.2 * lags / 20.0) / 20.0
    assert case.requests[1:8000] / case.step == pytest.approx(density[1:8000], rel=1e-5)
    assert case.requests.sum() == pytest.approx(5.0, rel=1e-4)
    assert case.requests_per_patient == pytest.approx(5.0, rel=1e-12)


def test_the_variance_of_exponential_gaps_in_closed_form():
    # Pairs: 2 rate E[n] integral over v of (W - v) 0.8/20 exp(-v/100) dv.
    window = 28.0
    pairs = 0.04 * (100.0 * window - 1e4 * (1.0 - math.exp(-window / 100.0)))
    exact = 5.0 * (window + 2.0 * pairs)
    assert programme().variance(0.0, window) == pytest.approx(exact, rel=1e-4)
    assert programme().mean(0.0, window) == pytest.approx(5.0 * window, rel=1e-12)


def test_a_clinic_that_opened_yesterday_has_no_history():
    # Requests in (0, w] of a clinic opened at 0, exponential gaps: rate * integral of (1 - e^(-x/100)) * 5.
    case, window = programme(), 50.0
    exact = 5.0 * (window - 100.0 * (1.0 - math.exp(-window / 100.0)))
    assert case.mean(0.0, window, opened=0.0) == pytest.approx(exact, rel=1e-4)
    assert case.mean(800.0, 850.0, opened=0.0) == pytest.approx(case.mean(800.0, 850.0), rel=1e-3)
    assert case.variance(800.0, 850.0, opened=0.0) == pytest.approx(case.variance(800.0, 850.0), rel=1e-3)
    nothing_before = case.variance(0.0, window, opened=0.0)
    assert case.variance(0.0, window, opened=-5.0) > nothing_before > exact


def test_check_ins_alone_are_a_lattice_and_geometric():
    # Exponential relapses noticed at weekly check-ins: a geometric number of weeks; with attrition 0.2 the
    # expected requests at each later week are q * 0.8^0 ..., constant hazard: q p (1 - q + 0.8 q)^(k-1) ...
    case = programme(self_report=0.0, step=0.5)
    weekly = case.requests[14::14]
    q = 1.0 - math.exp(-7.0 / 20.0)
    exact = q * (1.0 - 0.2 * q) ** np.arange(len(weekly))
    assert weekly[:60] == pytest.approx(exact[:60], rel=1e-9)
    between = np.delete(case.requests, np.s_[0 : case.cells : 14])
    assert abs(between).max() < 1e-12


def test_one_booster_only_is_the_law_of_the_first_relapse():
    distribution = stats.lognorm(0.63, scale=math.exp(2.70))
    case = programme(
        relapse=from_scipy(distribution, 0.2), attrition=1.0, uptake=0.7, follow_up=365.0, horizon=400.0
    )
    by_day_30 = case.requests[: round(30.0 / case.step)].sum() + 0.5 * case.requests[round(30.0 / case.step)]
    assert by_day_30 == pytest.approx(0.8 * 0.7 * distribution.cdf(30.0), rel=1e-5)
    assert case.requests_per_patient == pytest.approx(0.8 * 0.7 * distribution.cdf(365.0), rel=1e-12)
    # One request at most a patient: the requests of the clinic are a Poisson process.
    assert case.variance(0.0, 28.0) == pytest.approx(case.mean(0.0, 28.0), rel=1e-12)


def test_the_mean_of_what_is_on_the_lattice_is_not_moved():
    distribution = stats.weibull_min(1.4, scale=40.0)
    case = programme(relapse=from_scipy(distribution), step=0.25, horizon=950.0)
    lags = np.arange(case.cells) * case.step
    assert case.first @ lags == pytest.approx(distribution.mean(), rel=1e-6)


def test_halving_the_step_changes_nothing_that_matters():
    relapse, booster = stats.lognorm(0.63, scale=math.exp(2.70)), stats.weibull_min(1.8, scale=30.0)
    settings = {"relapse": from_scipy(relapse, 0.2), "booster": from_scipy(booster), "self_report": 0.5,
                "follow_up": 364.0, "attrition": 0.1, "visit": 0.5, "horizon": 600.0}  # fmt: skip
    coarse, fine = programme(**settings, step=0.5), programme(**settings, step=0.25)
    assert coarse.mean(0.0, 28.0, -200.0) == pytest.approx(fine.mean(0.0, 28.0, -200.0), rel=2e-5)
    assert coarse.variance(0.0, 28.0, -200.0) == pytest.approx(fine.variance(0.0, 28.0, -200.0), rel=5e-5)


def test_in_the_long_run_as_many_are_reported_at_once_as_patients_report():
    case = programme(self_report=0.3, step=0.25)
    assert case.mean(0.0, 28.0, reported=True) == pytest.approx(0.3 * case.mean(0.0, 28.0), rel=5e-4)
    # In the first days of a clinic nothing but reports is known: check-ins begin a week after a series.
    early = case.mean(0.0, 6.75, 0.0, reported=True)
    assert early == pytest.approx(case.mean(0.0, 6.75, 0.0), rel=1e-9)
    assert early > 0.05


def test_lengthening_of_one_is_no_lengthening_and_more_means_fewer():
    plain, scaled = programme(step=0.25), programme(step=0.25, lengthening=1.0 + 1e-12)
    assert scaled.mean(0.0, 28.0, -300.0) == pytest.approx(plain.mean(0.0, 28.0, -300.0), rel=1e-9)
    longer = programme(step=0.25, lengthening=1.1)
    assert longer.mean(0.0, 28.0, -300.0) < 0.95 * plain.mean(0.0, 28.0, -300.0)
