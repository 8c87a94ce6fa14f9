"""Boosters asked for by today's patients where nobody ever waits: the renewal equation, given the panel.

Patients are independent, so mean and variance of a week's requests are sums over patients. Of each, the
distribution of the first request is worked out here from what is known (no relapse noticed so far; perhaps gone),
on the lattice of :mod:`tests.analytic.theory.renewal`, and what follows a request is that page's renewal function.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import BOOSTER, WEEK
from simclinic.sampling.draws import Sampler
from tests.analytic.estimates import LIMIT
from tests.analytic.theory.renewal import Programme, TimeDistribution
from tests.model.small import clinic
from tests.model.today import panel, someone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKS = 13
GAP = 3.0
DROP_OUT, RESPONSE = 0.2, 0.6

CLINIC = f"""
[run]
weeks = {WEEKS}
[clinic]
chairs = 500
[clinic.hours]
{"".join(f'{day} = "24h"' + chr(10) for day in DAYS)}
[shifts.day]
days = {list(DAYS)}
hours = "24h"
nurses = 1
[booking]
mode = "walk-in"
[protocols.thrice]
infusions = 3
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[demand.protocol_mix]
thrice = 1.0
[response]
probability = {RESPONSE}
drop_out = [{DROP_OUT}]
[relapse]
days = {{ dist = "lognormal", mu = 2.70, sigma = 0.63, never = 0.20 }}
follow_up_days = 365
[boosters]
uptake = 0.7
attrition = 0.15
self_report = 0.4
check_in_days = 7
days = {{ dist = "lognormal", mu = 3.0, sigma = 0.5, never = 0.05 }}
"""

PEOPLE = [
    *(("waiting", 0, 0, None) for _ in range(10)),
    *(("series", 1 + k % 2, 0, -1 - k % 3) for k in range(20)),
    *(("maintained", 3, 0, -ago) for ago in (1, 3, 6, 8, 12, 13, 20, 33, 50, 90, 160) for _ in range(6)),
    *(("maintained", 3, 2, -ago) for ago in (1, 3, 6, 8, 12, 13, 20, 33, 50, 90, 160) for _ in range(6)),
]
"""Stage, infusions and boosters had, and the day of the last infusion, which ended at ten."""


def distribution(mu, sigma, never):
    known = stats.lognorm(sigma, scale=math.exp(mu))

    def limited_mean(x):
        x = np.asarray(x, dtype=float)
        with np.errstate(divide="ignore"):
            shifted = stats.norm.cdf((np.log(np.maximum(x, 0.0)) - mu - sigma**2) / sigma)
        return known.mean() * shifted + x * known.sf(x)

    return TimeDistribution(known.sf, limited_mean, never)


AFTER_SERIES, AFTER_BOOSTER = distribution(2.70, 0.63, 0.20), distribution(3.0, 0.5, 0.05)
THEORY = Programme(
    rate=1.0,
    relapse=AFTER_SERIES,
    booster=AFTER_BOOSTER,
    check_in=7.0,
    self_report=0.4,
    follow_up=365.0,
    uptake=0.7,
    attrition=0.15,
    visit=1.0 / 24.0,
    horizon=7.0 * WEEKS,
)
CELLS, STEP = THEORY.cells, THEORY.step


def first_request(stage, given, boosters, last):
    """Lattice distribution, from today's midnight on, of a patient's first request (mass: that there is one)."""
    if stage != "maintained":
        done = 1.0 - DROP_OUT
        begins = 0.0 if stage == "waiting" else last + 10.0 / 24.0 + GAP
        ends = max(begins, 0.0) + GAP * (2 - given) + THEORY.visit
        result = np.zeros(CELLS)
        shift = round(ends / STEP)
        # Nobody has an appointment, and the next infusion is not overdue: who is within the series may also have
        # dropped out after the last one, which nobody has noticed yet.
        chances = 2 - given + (stage == "series")
        result[shift:] = done**chances * RESPONSE * THEORY.first[: CELLS - shift]
        return result
    elapsed = -last - 10.0 / 24.0
    checked = 7.0 * math.floor(elapsed / 7.0)
    after = AFTER_BOOSTER if boosters else AFTER_SERIES

    def within(days):
        return (1.0 - after.never) * (1.0 - after.survival(np.asarray(days, dtype=float)))

    # of those who report: at the relapse, which comes after now
    edges = elapsed + np.maximum(np.arange(CELLS + 1) - 0.5, 0.0) * STEP
    result = THEORY.self_report * np.diff(within(edges))
    # of the others: at the check-in after the relapse, which has come since the last one or will come
    check = checked + 7.0
    while (place := round((check - elapsed) / STEP)) < CELLS:
        result[place] += (1.0 - THEORY.self_report) * (within(check) - within(check - 7.0))
        check += 7.0
    silent = THEORY.self_report * (1.0 - within(elapsed))
    silent += (1.0 - THEORY.self_report) * (1.0 - within(checked))
    if boosters:
        stays = 1.0 - THEORY.attrition
        return stays * result / (THEORY.attrition + stays * silent)
    return THEORY.uptake * result / silent


def moments(first):
    """Mean and variance of a patient's requests in each week."""
    later = THEORY.later
    renewed = first + np.convolve(first, later)[:CELLS]
    number = np.concatenate(([0.0], np.cumsum(later)))
    edges = np.rint(np.arange(WEEKS + 1) * 7.0 / STEP).astype(int)
    mean, variance = np.empty(WEEKS), np.empty(WEEKS)
    for week, (begin, end) in enumerate(pairwise(edges.tolist())):
        mean[week] = renewed[begin:end].sum()
        # pairs: one request in the week, another later in it
        pairs = renewed[begin:end] @ number[end - np.arange(begin, end)]
        variance[week] = mean[week] + 2.0 * pairs - mean[week] ** 2
    return mean, variance


@pytest.fixture(scope="module")
def exact():
    known = {each: moments(first_request(*each)) for each in set(PEOPLE)}
    return np.sum([known[each] for each in PEOPLE], axis=0)


def simulated(replications):
    scenario = clinic(CLINIC)
    today = panel(
        *(
            someone(
                stage, key=key, protocol="thrice", given=given, boosters=boosters, last=last and (last, 10)
            )
            for key, (stage, given, boosters, last) in enumerate(PEOPLE)
        )
    )
    timetable, sampler = Timetable(scenario), Sampler(scenario, today)
    counts = []
    for replication in range(replications):
        visits = simulate(scenario, sampler.sample(scenario.run.seed, replication), timetable).visits
        fresh = (visits["kind"] == BOOSTER) & (visits["requested"] >= 0)
        week = (visits["requested"][fresh] // WEEK).astype(int)
        counts.append(np.bincount(week, minlength=WEEKS)[:WEEKS])
    return np.array(counts, dtype=float)


def held_to_theory(exact, replications):
    mean, variance = exact
    counts = simulated(replications)
    t = (counts.mean(axis=0) - mean) / (counts.std(axis=0, ddof=1) / math.sqrt(replications))
    squares = (counts - mean) ** 2
    t_variance = (squares.mean(axis=0) - variance) / (squares.std(axis=0, ddof=1) / math.sqrt(replications))
    total = counts.sum(axis=1)
    t_total = (total.mean() - mean.sum()) / (total.std(ddof=1) / math.sqrt(replications))
    for week in range(WEEKS):
        print(
            f"week {week:2}  mean {mean[week]:7.3f} simulated {counts[:, week].mean():7.3f} t = {t[week]:+.2f}   "
            f"variance {variance[week]:7.3f} simulated {squares[:, week].mean():7.3f} t = {t_variance[week]:+.2f}"
        )
    print(f"all weeks  mean {mean.sum():.3f} simulated {total.mean():.3f} t = {t_total:+.2f}")
    assert np.abs(t).max() < LIMIT
    assert np.abs(t_variance).max() < LIMIT
    assert abs(t_total) < LIMIT


def test_requests_of_todays_patients_follow_the_renewal_equation(exact):
    held_to_theory(exact, 600)


@pytest.mark.long
def test_requests_of_todays_patients_to_a_few_in_a_thousand(exact):
    held_to_theory(exact, 8000)
