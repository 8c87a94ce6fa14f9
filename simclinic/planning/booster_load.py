"""The share of the steady booster load that the measured weeks reach, computed from renewal theory.

If no patient waits for a start, a responder's boosters are a renewal process, and responders end their series at a
steady rate from soon after the opening on. The expected boosters of the measured weeks, as a share of the steady
load, therefore follow from the scenario alone: with *m(t)* the expected boosters on day *t* after a series,

    share = ∑ m(t) · (measured days that lie t days or more after the opening) / (measured days · ∑ m).

Where protocols have laws of their own, both sums are those of all protocols, weighted by their responders.

Distributions are put on a lattice of whole days, on which check-ins fall exactly; the renewal equation is solved
there by a Fourier transform, damped so that the terms that wrap around vanish. Source: Cox, Renewal Theory, 1962.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.planning.demand import programme, responders_by_laws
from simclinic.sampling.distributions import cdf, mean
from simclinic.sampling.intervals import by_day
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution
from simclinic.scenario.laws import Laws
from simclinic.scenario.schedules import schedule_of

NEARLY_ALL = 0.95
"""Share from which a warm-up counts as sufficient."""
_LONGEST = 5200
"""Longest warm-up that is advised, in weeks: a scenario allows no longer one."""
_WRAPPED = 1e-9
_MOST_COURSES = 400
_LEFT = 1e-4


def share_reached(scenario: Scenario) -> float | None:
    """Return the share of the steady booster load that the measured weeks are expected to reach.

    Returns
    -------
    float or None
        1 without boosters; None if the programme never becomes steady, because no patient leaves it.
    """
    share = _share_after(scenario, scenario.run.warm_up_weeks)
    return 1.0 if share is not None and scenario.run.begin == "steady" else share


def sufficient_warm_up(scenario: Scenario) -> int | None:
    """Find the shortest sufficient warm-up in weeks (share `NEARLY_ALL`); None if there is none."""
    least, most = scenario.run.warm_up_weeks, max(52, 2 * scenario.run.warm_up_weeks)
    while most < _LONGEST and (_share_after(scenario, most) or 0.0) < NEARLY_ALL:
        least, most = most, 2 * most
    if (_share_after(scenario, most) or 0.0) < NEARLY_ALL:
        return None
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (
            (least, middle) if (_share_after(scenario, middle) or 0.0) >= NEARLY_ALL else (middle, most)
        )
    return most


def _share_after(scenario: Scenario, warm_up_weeks: int) -> float | None:
    """Return the share after a given warm-up; see :func:`share_reached`."""
    infusions = {
        laws: share * laws.boosters.infusions for laws, share in responders_by_laws(scenario).items()
    }
    total = sum(infusions.values())
    steady, boosters = 0.0, np.zeros(7 * (warm_up_weeks + scenario.run.weeks))
    days, notice = len(boosters), notice_days(scenario)
    for laws, weight in infusions.items():
        courses = programme(laws).courses
        if courses is None:
            return None
        if courses and weight:
            steady += weight / total * courses
            boosters += weight / total * courses_by_day(laws, days, notice)
    if not steady:
        return 1.0
    opened = _first_series_end(scenario) - 7 * warm_up_weeks
    lags = np.arange(days)
    end = float(7 * scenario.run.weeks)
    covered = np.maximum(end - opened - lags, 0.0) - np.maximum(-opened - lags, 0.0)
    return min(1.0, float(boosters @ covered) / (end * steady))


def _first_series_end(scenario: Scenario) -> float:
    """Return the days from the opening to the first ends of series, if no patient waits."""
    intake, booking = scenario.intake, scenario.booking
    booked = booking.mode == "booked"
    notices = 1 if intake.visit is None else 2
    before = (
        mean(intake.days_to_consult)
        + mean(intake.days_to_decide)
        + (notices * booking.notice_days if booked else 0)
    )
    mix = scenario.at(scenario.run.start).demand.protocol_mix
    total = sum(mix.values())
    for name, share in mix.items():
        protocol = scenario.protocols[name]
        least, most = protocol.gap_days or (0, 0)
        before += share / total * (protocol.infusions - 1) * ((least + most) / 2 if booked else least)
    return float(before)


def notice_days(scenario: Scenario) -> int:
    """Return the days from a noticed relapse to its booster, if no patient waits for a start."""
    return scenario.booking.booster_notice_days if scenario.booking.mode == "booked" else 0


def courses_by_day(laws: Laws, days: int, notice: int) -> Floats:
    """Return the expected booster courses of a responder on each day after the series, shape (days,).

    Parameters
    ----------
    laws, days
        What holds for the patient, and how many days to look ahead.
    notice
        Days from a noticed relapse to its booster.
    """
    rules = laws.boosters
    size = 1 << (2 * days - 1).bit_length()
    # Damping by r^t with r^size tiny: a term that the transform wraps around has the factor r^size.
    damping = _WRAPPED ** (np.arange(size) / size)

    def transform(distribution: Floats, notice: int = notice) -> npt.NDArray[np.complex128]:
        late = np.zeros(size)
        late[notice:days] = distribution[: max(days - notice, 0)]
        return np.fft.rfft(late * damping)

    schedule = schedule_of(rules)
    if schedule is None:
        first = transform(rules.uptake * _noticed(laws, laws.relapse.days, 1.0, days))
        if rules.lengthening == 1.0:
            again = transform((1 - rules.attrition) * _noticed(laws, rules.days, 1.0, days))
            total = first / (1 - again)
        else:
            total = one = first
            left = 1.0
            for course in range(_MOST_COURSES):
                distribution = _noticed(laws, rules.days, rules.lengthening**course, days)
                left *= (1 - rules.attrition) * float(distribution.sum())
                one = one * transform((1 - rules.attrition) * distribution)
                total = total + one
                if left < _LEFT:
                    break
    elif schedule.laws:
        stays, last = 1 - rules.attrition, len(schedule.laws) - 1
        total = one = transform(rules.uptake * by_day(schedule, 0, days), 0)
        for course in range(1, last):
            one = one * transform(stays * by_day(schedule, course, days), 0)
            total = total + one
        again = transform(stays * by_day(schedule, last, days), 0)
        total = total + one * again / (1 - again)
    else:
        # On paper no patient relapses: a policy of another package may depend on it.
        spacings = [round(7 * schedule.weeks(at, 0)) for at in range(days // 7 + 1)]
        dates = np.cumsum(spacings)
        comes = rules.uptake * (1 - rules.attrition) ** np.arange(len(dates))
        result = np.zeros(days)
        inside = dates < days
        result[dates[inside]] = comes[inside]
        return result
    return np.asarray(np.fft.irfft(total, size)[:days] / damping[:days])


def _noticed(laws: Laws, distribution: Distribution, factor: float, days: int) -> Floats:
    """Return the distribution of the days from an infusion until a relapse is noticed, shape (days,)."""
    rules, follow_up = laws.boosters, float(laws.relapse.follow_up_days)
    factor = min(max(factor, 1e-9), 1e9)
    middles = np.minimum(np.arange(days + 1) - 0.5, follow_up) / factor
    at_once = np.diff(np.where(middles < 0, 0.0, cdf(distribution, np.maximum(middles, 0.0))))
    checks = np.arange(0, days + rules.check_in_days, rules.check_in_days)
    reached = np.diff(cdf(distribution, np.minimum(checks, follow_up) / factor))
    by_check_in = np.zeros(days)
    places = checks[1:]
    by_check_in[places[places < days]] = reached[places < days]
    return np.asarray(rules.self_report * at_once + (1 - rules.self_report) * by_check_in)
