"""Scenarios at the edges of what can be written: each setting at nothing, at next to nothing, at far too much.

`python -m tests.faults.extremes 2000` draws so many, runs each, and counts what became of them.
"""

import datetime
import random
import sys
import time
from collections import Counter

from simclinic.errors import BoundError, QueueError, ScenarioError
from simclinic.experiment import Failure
from simclinic.experiment.replication import Prepared, replicate
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient

NUMBERS = (
    "0",
    "1",
    "1e-300",
    "5e-324",
    "0.0",
    "0.04",
    "1e-9",
    "1.0",
    "1e9",
    "1e300",
    "100000",
    "1000000000",
    "10000",
)
WHOLE = ("0", "1", "2", "7", "100", "365", "1000", "36500", "1000000000")
SHARES = ("0.0", "1e-300", "0.5", "1.0", "0.9999999999999999", "1")
DISTRIBUTIONS = (
    *NUMBERS,
    '{ dist = "exponential", mean = 1e-300 }',
    '{ dist = "exponential", mean = 1e9 }',
    '{ dist = "exponential", mean = 1e-9, at_least = 0.04 }',
    '{ dist = "lognormal", mu = 30, sigma = 10 }',
    '{ dist = "lognormal", mu = -3, sigma = 10 }',
    '{ dist = "lognormal", median = 1e9, sigma = 10, at_most = 1e9 }',
    '{ dist = "loglogistic", median = 1, shape = 0.05, at_most = 1e9 }',
    '{ dist = "loglogistic", median = 1e9, shape = 0.05 }',
    '{ dist = "weibull", shape = 0.05, scale = 1e9 }',
    '{ dist = "weibull", shape = 100, scale = 1 }',
    '{ dist = "gamma", mean = 1, cv = 10 }',
    '{ dist = "gamma", mean = 1e9, cv = 1e-300 }',
    '{ dist = "normal", mean = 0, sd = 1e9, at_least = 0 }',
    '{ dist = "uniform", low = 0, high = 1e9 }',
    '{ dist = "triangular", low = 0, mode = 0, high = 1e-300 }',
    '{ dist = "empirical", values = [0, 0, 0, 0, 1e9] }',
)
BOUNDS = tuple(f"simclinic.errors.{error.__name__}: " for error in (BoundError, QueueError))
SETTINGS = {
    "run.weeks": ("1", "2", "8", "26"),
    "run.warm_up_weeks": ("0", "1", "20"),
    "clinic.chairs": WHOLE,
    "shifts.day.nurses": WHOLE,
    "shifts.day.absence": SHARES,
    "demand.referrals_per_week": NUMBERS,
    "demand.growth_per_year": ("-0.99", "0.0", "1e-300", "0.5", "100.0", "1e300"),
    "demand.month_factors": ("[1e9,0,0,0,0,0,0,0,0,0,0,0]", "[1e-300,0,0,0,0,0,0,0,0,0,0,1]"),
    "demand.weekday_weights": ("{mon=1e-300}", "{sun=1e9, mon=0}"),
    "intake.accepts": SHARES,
    "intake.days_to_consult": DISTRIBUTIONS,
    "intake.days_to_decide": DISTRIBUTIONS,
    "protocols.twice-weekly.infusions": WHOLE,
    "protocols.twice-weekly.gap_days": ("[1,1]", "[1,365]", "[365,365]"),
    "booking.mode": ('"walk-in"', '"booked"'),
    "booking.series": ('"rolling"', '"whole"'),
    "booking.notice_days": WHOLE,
    "booking.booster_notice_days": WHOLE,
    "booking.window_weeks": ("1", "2", "52", "520", "10000"),
    "booking.patience_days": WHOLE,
    "booking.prefer_days": WHOLE,
    "booking.start_every_minutes": ("1", "1440", "0"),
    "booking.booster_reserve": SHARES,
    "booking.release_days": WHOLE,
    "booking.max_series_starts_per_week": ("0", "1", "1000"),
    "booking.max_patients_in_series": ("0", "1", "1000"),
    "attendance.no_show": SHARES,
    "attendance.late_cancel": SHARES,
    "attendance.cancel_notice_days": WHOLE,
    "attendance.rebooks": SHARES,
    "attendance.rebooks_booster": SHARES,
    "attendance.arrival_offset_minutes": ("-1e9", "1e9", *DISTRIBUTIONS),
    "visit.steps.infusion.minutes": DISTRIBUTIONS,
    "visit.steps.recovery.minutes": DISTRIBUTIONS,
    "visit.steps.preparation.first_visit_extra_minutes": ("0.0", "1e-300", "1440"),
    "response.probability": SHARES,
    "response.drop_out": ("[0.0]", "[1.0]", "[1e-300]"),
    "relapse.days": DISTRIBUTIONS,
    "relapse.follow_up_days": WHOLE,
    "boosters.policy": ('"as-needed"', '"scheduled"', '"both"'),
    "boosters.every_weeks": ("1", "[1,520]", "520"),
    "boosters.uptake": SHARES,
    "boosters.attrition": SHARES,
    "boosters.days": DISTRIBUTIONS,
    "boosters.lengthening": ("0.5", "0.9", "1.0", "10.0", "1e-300"),
    "boosters.check_in_days": WHOLE,
    "boosters.self_report": SHARES,
    "boosters.infusions": ("1", "2", "100", "1000"),
    "dosing.weight_kg": DISTRIBUTIONS,
}
"""Addresses and what to write there; most of it lies at or beyond what is allowed."""


def extreme(seed):
    """Draw the overrides of one scenario; the same number gives the same ones."""
    draws = random.Random(seed)
    base = ["run.weeks=4", 'run.begin="empty"', "run.warm_up_weeks=4", "visit.complications={}"]
    chosen = draws.sample(sorted(SETTINGS), draws.choice((1, 1, 2, 3, 5, 8)))
    return [*base, *(f"{address}={draws.choice(SETTINGS[address])}" for address in chosen)]


def odd_panel(scenario):
    """Today's patients of a century ago, of a century to come, and with ten thousand boosters."""
    start, protocol = scenario.run.start, next(iter(scenario.demand.protocol_mix))
    long_ago, far = datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)
    one, yesterday = scenario.protocols[protocol].infusions, start - datetime.timedelta(days=1)
    return Panel(
        (
            PanelPatient(1, "maintained", protocol, one, 10_000, long_ago, long_ago, None),
            PanelPatient(2, "maintained", protocol, one, 10_000, long_ago, yesterday, None),
            PanelPatient(3, "maintained", protocol, one, 0, long_ago, yesterday, far),
            PanelPatient(4, "maintained", protocol, one, 1, long_ago, yesterday, None, yesterday),
            PanelPatient(5, "waiting", protocol, 0, 0, long_ago, None, far),
            PanelPatient(6, "waiting", protocol, 0, 0, yesterday, None, None),
        )
    )


def what_becomes_of(seed):
    """Load and simulate one: "refused", "ended", or the reason why it was broken off by a bound.

    Whatever else a replication fails of is an error of the program, and is raised.
    """
    try:
        changes = extreme(seed)
        scenario = with_overrides(
            baseline(), changes if seed % 3 else [*changes, 'run.begin="empty"', "run.warm_up_weeks=0"]
        )
    except ScenarioError:
        return "refused"
    result = replicate(Prepared(scenario, None if seed % 3 else odd_panel(scenario)), 1, 0)
    if not isinstance(result, Failure):
        return "ended"
    assert result.traceback.splitlines()[-1].startswith(BOUNDS), result.traceback
    return result.error


def main(count):
    """Print what became of so many, and the slowest."""
    result, slowest = Counter(), []
    for seed in range(count):
        begun = time.process_time()
        became = what_becomes_of(seed)
        result[became.split(":")[0][:60]] += 1
        slowest.append((time.process_time() - begun, seed, became[:60]))
    for became, times in result.most_common():
        sys.stdout.write(f"{times:6} {became}\n")
    for seconds, seed, became in sorted(slowest, reverse=True)[:5]:
        sys.stdout.write(f"{seconds:6.1f} s  {seed} {became} {extreme(seed)[3:]}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
