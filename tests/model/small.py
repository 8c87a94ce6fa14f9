"""A clinic small enough for paper: everything certain, until a test says what is not.

:func:`clinic` lays a few lines of TOML over a clinic in which nothing varies: everybody who is referred is ready at
once, comes on the minute, needs one infusion of an hour without a nurse, and does not respond. Referrals are
replayed. A test then adds the one thing it is about.
"""

import datetime
import tomllib

import numpy as np

from simclinic import records as r
from simclinic.model import simulate
from simclinic.sampling import draw
from simclinic.scenario import Scenario
from tests.model.fast.same import run_both

MONDAY = datetime.date(2026, 1, 5)

BASE = """
name = "Small"
[run]
start = 2026-01-05
begin = "empty"
warm_up_weeks = 0
weeks = 2
replications = 1
[clinic]
chairs = 1
[clinic.hours]
mon = "08:00-17:00"
tue = "08:00-17:00"
wed = "08:00-17:00"
thu = "08:00-17:00"
fri = "08:00-17:00"
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:00-18:00"
nurses = 1
[demand]
referrals = []
[demand.protocol_mix]
once = 1.0
[intake]
contraindicated = 0.0
consult_no_show = 0.0
accepts = 1.0
days_to_consult = 0
days_to_decide = 0
[protocols.once]
infusions = 1
[booking]
notice_days = 0
booster_notice_days = 0
start_every_minutes = 60
[attendance]
no_show = 0.0
late_cancel = 0.0
rebooks_booster = 1.0
arrival_offset_minutes = 0
[visit.steps.treatment]
minutes = 60
[response]
probability = 0.0
drop_out = [0.0]
[relapse]
days = 10
[boosters]
uptake = 1.0
attrition = 0.0
self_report = 1.0
days = 10
[dosing]
mg_per_kg = [0.5]
weight_kg = 80
"""

_WHOLE = {"hours", "shifts", "protocols", "protocol_mix", "steps", "complications", "starts", "changes"}


def _lay(below, above):
    """Lay one set of tables over another; collections and distributions replace what was there."""
    laid = dict(below)
    for key, value in above.items():
        old = laid.get(key)
        deep = isinstance(value, dict) and isinstance(old, dict) and key not in _WHOLE and "dist" not in value
        laid[key] = _lay(old, value) if deep else value
    return laid


def clinic(*texts, referrals=None):
    """Make a scenario of the small clinic and what the texts change, later ones last.

    Texts are TOML, or tables already read. `referrals` are moments as (day, minute), or ISO texts.
    """
    tables = tomllib.loads(BASE)
    for text in texts:
        tables = _lay(tables, tomllib.loads(text) if isinstance(text, str) else text)
    if referrals is not None:
        tables["demand"]["referrals"] = [_moment(moment) for moment in referrals]
    elif "referrals_per_week" in tables["demand"]:
        del tables["demand"]["referrals"]
    return Scenario.model_validate(tables)


def _moment(moment):
    if isinstance(moment, str):
        return datetime.datetime.fromisoformat(moment)
    day, minute = moment
    return datetime.datetime.combine(MONDAY, datetime.time()) + datetime.timedelta(days=day, minutes=minute)


def run(scenario, seed=1, replication=0):
    """The records, which both engines must write alike."""
    return run_both(scenario, seed=seed, replication=replication)


def simulated(scenario, seed=1, replication=0):
    """The records of the SimPy engine, for clinics of many patients."""
    return simulate(scenario, draw(scenario, seed, replication))


def at(day, hour, minute=0.0):
    """Minutes since the first Monday's midnight."""
    return float(day * r.DAY + hour * 60 + minute)


def column(records, name, **only):
    """A column of the visits, of the rows that fit, in the order in which appointments were made."""
    keep = np.ones(len(records.visits["patient"]), dtype=bool)
    for key, value in only.items():
        keep &= records.visits[key] == value
    return records.visits[name][keep].tolist()


def steps(records, row):
    """Begin and end of each step of a visit, flat, in minutes after that day's midnight."""
    begin, end = records.visits["step_start"][row], records.visits["step_end"][row]
    flat = [time for pair in zip(begin, end, strict=True) for time in pair]
    midnight = flat[0] // r.DAY * r.DAY
    return [time - midnight for time in flat]


def days_of(records, **only):
    """Day numbers of the appointments that fit."""
    return [int(time // r.DAY) for time in column(records, "appointment", **only)]


def outcomes(records, **only):
    return [r.OUTCOMES[code] for code in column(records, "outcome", **only)]


def reasons(records):
    return [r.REASONS[code] for code in records.patients["reason"]]


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = "\n".join(
    [
        "[clinic.hours]",
        *(f'{day} = "08:00-17:00"' for day in _DAYS),
        f'[shifts.day]\ndays = {[*_DAYS]}\nhours = "07:00-18:00"\nnurses = 1',
    ]
)
"""Open on weekends, too, with a nurse."""


def lucky(scenario, *, series=(), boosters=(), patient=0, seeds=4000):
    """Records of the first seed whose draws have just these misses for a patient, visit by visit.

    Each visit's are a list of (outcome, rebooks); an empty list is a patient who comes.
    """
    for seed in range(seeds):
        draws = draw(scenario, seed, 0)
        messages = [
            draws.series.misses(draws.series_row(patient, place + 1)) or [] for place in range(len(series))
        ]
        again = [
            draws.boosters.misses(draws.booster_row(patient, place + 1)) or []
            for place in range(len(boosters))
        ]
        if messages == list(series) and again == list(boosters):
            return simulate(scenario, draws)
    raise AssertionError("no seed has such draws")
