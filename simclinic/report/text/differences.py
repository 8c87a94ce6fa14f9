"""A difference in one sentence: which way, how much, how sure.

>>> from simclinic.experiment.pairs import Difference
>>> sooner = Difference(-1.8, 1.0, (-2.4, -1.2), 14, 1e-5, 1e-4, 3.0, 1.7)
>>> verdict("access_days_mean", sooner, "USD")
'first infusion 1.8 days sooner, 95 % interval 1.2 to 2.4'

A difference counts as seen if it survives the correction for the number of figures looked at (`p_holm` below
0.05). One that would only be seen if nobody had looked at the others is called "perhaps".
"""

from __future__ import annotations

import math

from simclinic.experiment.pairs import Difference
from simclinic.measures import KPIS
from simclinic.report.text.words import counted

SEEN = 0.05
"""`p_holm` below which a difference counts as seen."""

PERHAPS = "perhaps"
"""How the verdict on a difference begins that chance may make among so many."""

_MORE, _LONGER = ("more", "fewer"), ("longer", "shorter")
_HIGHER, _LATER, _LESS = ("higher", "lower"), ("later", "sooner"), ("more", "less")

WORDS: dict[str, tuple[str, tuple[str, str]]] = {
    "access_days_mean": ("first infusion", _LATER),
    "access_days_p90": ("first infusion of the slowest tenth", _LATER),
    "third_next_available_days": ("third next available start", _LATER),
    "balked_share": ("turned away", _MORE),
    "waiting_for_series_mean": ("waiting for a first infusion", _MORE),
    "waiting_for_booster_mean": ("waiting for a booster", _MORE),
    "backlog_growth_per_week": ("the waiting list grows by", _MORE),
    "booster_backlog_growth_per_week": ("the booster queue grows by", _MORE),
    "series_started_per_week": ("series started", _MORE),
    "series_completed_per_week": ("series completed", _MORE),
    "completion_share": ("series completed", _MORE),
    "series_days_mean": ("a series", _LONGER),
    "on_protocol_share": ("series on protocol", _MORE),
    "infusions_per_week": ("infusions", _MORE),
    "induction_per_week": ("infusions of series", _MORE),
    "boosters_per_week": ("boosters", _MORE),
    "booster_requests_per_week": ("boosters asked for", _MORE),
    "booster_share": ("boosters among infusions", _MORE),
    "booster_wait_days_mean": ("a booster asked for comes", _LATER),
    "symptomatic_days_mean": ("a booster after relapse comes", _LATER),
    "programme_patients_mean": ("in the booster programme", _MORE),
    "wait_minutes_mean": ("wait on the day", _LONGER),
    "wait_minutes_p90": ("longest tenth of waits", _LONGER),
    "waited_for_chair_minutes_mean": ("wait for a chair", _LONGER),
    "waited_for_hands_minutes_mean": ("wait for a nurse's hands", _LONGER),
    "waited_for_eyes_minutes_mean": ("wait for a nurse's eyes", _LONGER),
    "started_on_time_share": ("visits started on time", _MORE),
    "visit_minutes_mean": ("a visit", _LONGER),
    "no_show_share": ("no-shows", _MORE),
    "late_cancel_share": ("late cancellations", _MORE),
    "clinic_cancelled_share": ("cancelled by the clinic", _MORE),
    "slot_fill": ("starts filled", _MORE),
    "chair_utilisation": ("chairs in use", _LESS),
    "nurse_hands_on_utilisation": ("nurses' time hands-on", _LESS),
    "nurse_watch_utilisation": ("nurses' time watching", _LESS),
    "overtime_minutes_per_day": ("open past closing", _LONGER),
    "overtime_day_share": ("days that run late", _MORE),
    "overtime_nurse_hours_per_week": ("nurses' overtime", _LESS),
    "responders_per_week": ("responders", _MORE),
    "stopped_responders_per_week": ("responders stopped early", _MORE),
    "ketamine_mg_per_week": ("ketamine", _LESS),
    "revenue_per_week": ("revenue", _HIGHER),
    "cost_per_week": ("cost", _HIGHER),
    "margin_per_week": ("margin", _HIGHER),
    "margin_per_chair_hour": ("margin per chair-hour", _HIGHER),
}
"""For each key figure: what it is about, and what it is when there is more or less of it."""

_UNITS = {
    "share": "percentage points",
    "1/week": "a week",
    "patients/week": "patients a week",
    "hours/week": "hours a week",
    "mg/week": "mg a week",
}
_PLACES = 4


def verdict(name: str, found: Difference, currency: str) -> str:
    """Say what a difference comes to.

    Parameters
    ----------
    name
        Of the key figure.
    found
        Its difference.
    currency
        What amounts are in.
    """
    if found.mean is None:
        return f"cannot be compared: {KPIS[name].absent}"
    factor = 100.0 if KPIS[name].unit == "share" else 1.0
    mean = factor * found.mean
    if found.ci is None:
        only = "in the one replication that can be compared"
        if mean == 0:
            return f"exactly the same {only}"
        return f"{_told(name, mean, _places(abs(mean)), currency)} {only}"
    if found.sd == 0:
        if mean == 0 and found.ci[0] < found.ci[1]:
            room = factor * max(-found.ci[0], found.ci[1])
            return (
                f"the same in {counted(found.n, 'replication')}, so at most {_at_most(room)} "
                f"{_unit(name, currency)} either way"
            )
        if mean == 0:
            return f"exactly the same in {counted(found.n, 'replication')}"
        return f"{_told(name, mean, _places(abs(mean) / 10), currency)} in every replication"
    low, high = sorted(factor * abs(bound) for bound in found.ci)
    if found.ci[0] <= 0 <= found.ci[1]:
        return f"no difference seen: at most {_at_most(high)} {_unit(name, currency)} either way"
    places = _places((high - low) / 2)
    if round(low, places) == 0 and places < _PLACES:
        places += 1  # what surely is more than nothing should not read "0"
    told = _told(name, mean, places, currency)
    interval = f"95 % interval {low:,.{places}f} to {high:,.{places}f}"
    if found.p_holm is not None and found.p_holm >= SEEN:
        return f"{PERHAPS} {told}, {interval}"
    return f"{told}, {interval}"


def _told(name: str, mean: float, places: int, currency: str) -> str:
    subject, (more, less) = WORDS[name]
    return f"{subject} {abs(mean):,.{places}f} {_unit(name, currency)} {more if mean > 0 else less}"


def _unit(name: str, currency: str) -> str:
    unit = KPIS[name].unit
    if unit in _UNITS:
        return _UNITS[unit]
    return f"{currency} a week" if unit == "currency/week" else unit.replace("currency", currency)


def _places(uncertainty: float) -> int:
    """Tell with how many decimals to write a number known to ± this: one digit of it, two if it begins small."""
    if uncertainty <= 0:
        return 0
    size = math.floor(math.log10(uncertainty))
    begins_small = uncertainty < 2.95 * 10.0**size
    return min(max(0, -size + begins_small), _PLACES)


def _at_most(bound: float) -> str:
    """Write a bound, rounded up: what is "at most 0.3" must not be 0.34."""
    places = _places(bound)
    up = math.ceil(round(bound * 10**places, 6)) / 10**places
    return f"{up:,.{places}f}"
