"""A key figure, a booster policy and a booking rule of our own.

The names in `pyproject.toml` are those under which a scenario finds them.
"""

import math

import simclinic
from simclinic import records as r

DAY, THREE_O_CLOCK = 1440, 15 * 60


@simclinic.kpi(
    "late_starts_share",
    unit="share",
    label="Starts after 15:00",
    definition="Completed visits of the measured weeks whose first step begins at 15:00 or later.",
    group="the visit",
    better="lower",
    absent="no visit was completed in the measured weeks",
)
def late_starts_share(records, scenario):
    """Return the share of visits that begin late in the day."""
    visits = records.visits
    begins = visits["step_start"][:, 0]  # minutes from the first measured day; below 0 before it
    done = (visits["outcome"] == r.COMPLETED) & (begins >= 0) & (visits["left"] < records.end)
    if not done.any():
        return math.nan
    return float((begins[done] % DAY >= THREE_O_CLOCK).mean())


@simclinic.policy("longer-when-well", on_request=True)
def longer_when_well(courses, relapses):
    """Every four weeks, and a week longer for every second booster of a patient who stays well."""
    return min(4 + max(courses - 2 * relapses, 0) // 2, 12)


@simclinic.booking_rule("mondays-for-boosters")
def mondays_for_boosters(weekday, ahead, starts):
    """Keep half of Monday's starts for boosters until the Friday before, and two on the other days."""
    if ahead <= 3:
        return 0
    return starts // 2 if weekday == "mon" else min(2, starts)
