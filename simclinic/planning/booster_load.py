"""The share of the steady booster load that the measured weeks reach: by theory, without noise.

Where nobody waits for a start, a responder's boosters are a renewal process, and responders end their series at a
steady rate from soon after the opening on. So the expected boosters of the measured weeks, as a share of those in
the end, follow from the scenario alone: with *m(t)* the expected boosters on day *t* after a series,

    share = ∑ m(t) · (measured days that lie t days or more after the opening) / (measured days · ∑ m).

Laws stand on a lattice of whole days, on which check-ins fall exactly; the renewal equation is solved there by a
Fourier transform, damped so that what wraps around vanishes. Source: Cox, Renewal Theory, 1962.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.planning.demand import programme, responders
from simclinic.sampling.distributions import cdf, mean
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution

NEARLY_ALL = 0.95
"""Share after which a warm-up is said to do."""
_LONGEST = 5200
"""Weeks of warm-up beyond which none is advised: a scenario takes no more."""
_WRAPPED = 1e-9
_MOST_COURSES = 400
_LEFT = 1e-4


def share_reached(scenario: Scenario) -> float | None:
    """Give the share of the steady booster load that the measured weeks are expected to have.

    Returns
    -------
    float or None
        1 without boosters; None if the programme never becomes steady, since nobody leaves it.
    """
    return _share_after(scenario, scenario.run.warm_up_weeks)


def sufficient_warm_up(scenario: Scenario) -> int | None:
    """Find the least weeks of warm-up with which the measured weeks have nearly all; None if none is found."""
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
    """Give the share with so many weeks of warm-up; see :func:`share_reached`."""
    courses = programme(scenario).courses
    if courses is None:
        return None
    if not courses or not responders(scenario):
        return 1.0
    days = 7 * (warm_up_weeks + scenario.run.weeks)
    boosters = _boosters(scenario, days)
    opened = _first_series_end(scenario) - 7 * warm_up_weeks
    lags = np.arange(days)
    end = float(7 * scenario.run.weeks)
    covered = np.maximum(end - opened - lags, 0.0) - np.maximum(-opened - lags, 0.0)
    return min(1.0, float(boosters @ covered) / (end * courses))


def _first_series_end(scenario: Scenario) -> float:
    """Give the days from the opening to the first ends of series, where nobody waits."""
    intake, booking = scenario.intake, scenario.booking
    booked = booking.mode == "booked"
    before = (
        mean(intake.days_to_consult) + mean(intake.days_to_decide) + (booking.notice_days if booked else 0)
    )
    mix = scenario.at(scenario.run.start).demand.protocol_mix
    total = sum(mix.values())
    for name, share in mix.items():
        protocol = scenario.protocols[name]
        least, most = protocol.gap_days or (0, 0)
        before += share / total * (protocol.infusions - 1) * ((least + most) / 2 if booked else least)
    return float(before)


def _boosters(scenario: Scenario, days: int) -> Floats:
    """Give the expected booster courses of a responder on each day after the series, shape (days,)."""
    rules = scenario.boosters
    notice = scenario.booking.booster_notice_days if scenario.booking.mode == "booked" else 0
    size = 1 << (2 * days - 1).bit_length()
    # Damping r^t with r^size tiny: what the transform wraps around is multiplied by r^size.
    damping = _WRAPPED ** (np.arange(size) / size)

    def seen(law: Floats) -> npt.NDArray[np.complex128]:
        late = np.zeros(size)
        late[notice:days] = law[: max(days - notice, 0)]
        return np.fft.rfft(late * damping)

    if rules.policy == "as-needed":
        first = seen(rules.uptake * _noticed(scenario, scenario.relapse.days, 1.0, days))
        if rules.lengthening == 1.0:
            again = seen((1 - rules.attrition) * _noticed(scenario, rules.days, 1.0, days))
            total = first / (1 - again)
        else:
            total = one = first
            left = 1.0
            for course in range(_MOST_COURSES):
                law = _noticed(scenario, rules.days, rules.lengthening**course, days)
                left *= (1 - rules.attrition) * float(law.sum())
                one = one * seen((1 - rules.attrition) * law)
                total = total + one
                if left < _LEFT:
                    break
    else:
        weeks = rules.every_weeks
        dates = np.cumsum([7 * weeks[min(at, len(weeks) - 1)] for at in range(days // 7 + 1)])
        stays = rules.uptake * (1 - rules.attrition) ** np.arange(len(dates))
        result = np.zeros(days)
        inside = dates < days
        result[dates[inside]] = stays[inside]
        return result
    return np.asarray(np.fft.irfft(total, size)[:days] / damping[:days])


def _noticed(scenario: Scenario, law: Distribution, factor: float, days: int) -> Floats:
    """Give the law of the days from an infusion to a relapse that is reported at once or seen at a check-in."""
    rules, follow_up = scenario.boosters, float(scenario.relapse.follow_up_days)
    factor = min(max(factor, 1e-9), 1e9)
    middles = np.minimum(np.arange(days + 1) - 0.5, follow_up) / factor
    at_once = np.diff(np.where(middles < 0, 0.0, cdf(law, np.maximum(middles, 0.0))))
    checks = np.arange(0, days + rules.check_in_days, rules.check_in_days)
    reached = np.diff(cdf(law, np.minimum(checks, follow_up) / factor))
    by_check_in = np.zeros(days)
    places = checks[1:]
    by_check_in[places[places < days]] = reached[places < days]
    return np.asarray(rules.self_report * at_once + (1 - rules.self_report) * by_check_in)
