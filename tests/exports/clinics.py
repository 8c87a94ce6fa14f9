"""Clinics behind exports: one whose true values an export shows directly, and the typical one."""

import tomlkit

from simclinic.scenario import WEEKDAYS, Scenario, from_toml
from simclinic.scenario.distributions import Distribution

# No patient is served before the day of the appointment, so that early ones would wait for a start at midnight.
_ROUND_THE_CLOCK = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45)][1:]

_OBSERVABLE = f"""
name = "Nothing between relapse and booster"
[run]
start = 2023-01-02
begin = "empty"
warm_up_weeks = 0
weeks = 156
[clinic]
chairs = 100
[clinic.hours]
{"".join(f'{day} = "24h"' + chr(10) for day in WEEKDAYS)}
[shifts.day]
days = {list(WEEKDAYS)}
hours = "24h"
nurses = 100
[booking]
notice_days = 0
booster_notice_days = 0
[booking.starts]
{"".join(f"{day} = {sorted(8 * _ROUND_THE_CLOCK)}" + chr(10) for day in WEEKDAYS)}
[attendance]
rebooks_booster = 1.0
arrival_offset_minutes = {{ dist = "uniform", low = -10, high = 5 }}
[relapse]
follow_up_days = 3650
[boosters]
self_report = 1.0
"""


def observable(*overrides: str, folded: bool = False) -> Scenario:
    """Make a clinic without delays of its own.

    It is open day and night with ample chairs and nurses; a relapse is reported at once, needs no notice, and
    finds a free start within the hour. A missed booster is made up for within about a day. The time from the
    last infusion to the booster therefore *is* the time to relapse, to about an hour (a day after a missed
    booster), and no patient waits during a visit.

    Parameters
    ----------
    overrides
        `ADDRESS=VALUE`, as on the command line.
    folded
        Whether to merge response, uptake and the share that relapses: a patient who completes the series
        responds with the product of the three, and then certainly relapses and returns. The export's
        distribution is the same.
    """
    scenario = from_toml(_OBSERVABLE, overrides)
    if not folded:
        return scenario
    happens = 1.0 - scenario.relapse.days.never
    share = scenario.response.probability * scenario.boosters.uptake * happens
    distribution = _written(scenario.relapse.days.model_copy(update={"never": 0.0}))
    fold = (f"response.probability={share!r}", "boosters.uptake=1.0", f"relapse.days={distribution}")
    return from_toml(_OBSERVABLE, (*overrides, *fold))


def realistic(*overrides: str) -> Scenario:
    """Make the typical clinic, from its opening on, for three years.

    Relapses are noticed at check-ins, and boosters need notice and a free start on an open day: an export shows the
    time to relapse including these delays.
    """
    opened = ("run.start=2023-01-02", 'run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=156")
    return from_toml('name = "Typical clinic, from its opening on"', (*opened, *overrides))


def _written(distribution: Distribution) -> str:
    """Write a distribution as TOML: an inline table, or a number."""
    table = distribution.written()
    if not isinstance(table, dict):
        return repr(table)
    inline = tomlkit.inline_table()
    inline.update(table)
    return inline.as_string()
