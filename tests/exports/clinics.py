"""The clinics that exports are made of: one whose truth can be read off an export, and the typical one."""

import tomlkit

from simclinic.scenario import WEEKDAYS, Scenario, from_toml
from simclinic.scenario.distributions import Distribution

# Nobody is served before the day of the appointment begins, so none begins at midnight, where the early would wait.
_ROUND_THE_CLOCK = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45)][1:]

_OBSERVABLE = f"""
name = "Nothing between relapse and booster"
[run]
start = 2023-01-02
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
    """Make a clinic that adds nothing to its patients' own times.

    It is open day and night with more chairs and nurses than anybody needs; a relapse is reported at once, asks
    for no notice, and meets a free start within the hour. A missed booster is made up for within a day or so. So
    the time from the last infusion to the booster *is* the time to relapse, to about an hour (a day for the few
    who miss it), and nobody waits during a visit.

    Parameters
    ----------
    overrides
        `ADDRESS=VALUE`, as on the command line.
    folded
        Make response, uptake and the share that never relapses one: whoever completes the series responds with
        the product of the three, and then relapses and returns for certain. The export's law is the same.
    """
    scenario = from_toml(_OBSERVABLE, overrides)
    if not folded:
        return scenario
    happens = 1.0 - scenario.relapse.days.never
    share = scenario.response.probability * scenario.boosters.uptake * happens
    law = _written(scenario.relapse.days.model_copy(update={"never": 0.0}))
    fold = (f"response.probability={share!r}", "boosters.uptake=1.0", f"relapse.days={law}")
    return from_toml(_OBSERVABLE, (*overrides, *fold))


def realistic(*overrides: str) -> Scenario:
    """Make the typical clinic, from its opening on, for three years.

    Relapses are noticed at check-ins, boosters need notice and a free start on an open day: an export shows the
    time to relapse and all of that.
    """
    opened = ("run.start=2023-01-02", "run.warm_up_weeks=0", "run.weeks=156")
    return from_toml('name = "Typical clinic, from its opening on"', (*opened, *overrides))


def _written(law: Distribution) -> str:
    """Give a law as TOML: an inline table, or a number."""
    table = law.written()
    if not isinstance(table, dict):
        return repr(table)
    inline = tomlkit.inline_table()
    inline.update(table)
    return inline.as_string()
