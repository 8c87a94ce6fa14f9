"""Today's patients on paper: a panel made by hand, and a simulation that begins with it."""

import datetime as dt

from simclinic.model import simulate
from simclinic.sampling.draws import Sampler
from simclinic.scenario.panel import Panel, PanelPatient
from tests.model.small import MONDAY


def someone(
    stage,
    *,
    key=1,
    protocol="once",
    given=None,
    boosters=0,
    last=None,
    ahead=None,
    referred=None,
    wants=None,
    stays=1.0,
):
    """Make one of today's patients.

    `last`, `ahead`, `referred` and `wants` (a booster was asked for) are days from the first Monday (an integer:
    the date alone), or (day, hour) with the hour as a number.
    """
    if given is None:
        given = 1 if stage == "maintained" else 0
    times = (when(each) for each in (referred, last, ahead, wants))
    return PanelPatient(key, stage, protocol, given, boosters, *times, stays)


def when(moment):
    if moment is None or isinstance(moment, dt.date):
        return moment
    if isinstance(moment, int):
        return MONDAY + dt.timedelta(days=moment)
    day, hour = moment
    return dt.datetime.combine(MONDAY, dt.time()) + dt.timedelta(days=day, hours=hour)


def panel(*patients):
    return Panel(tuple(sorted(patients, key=lambda patient: patient.key)))


def begin(scenario, *patients, seed=1, replication=0):
    """Records of a simulation that begins with these patients; they stand in the order of their keys."""
    return simulate(scenario, Sampler(scenario, panel(*patients)).sample(seed, replication))


def lucky(scenario, *patients, fits, seeds=4000):
    """Records of the first seed whose draws fit."""
    sampler = Sampler(scenario, panel(*patients))
    for seed in range(seeds):
        draws = sampler.sample(seed, 0)
        if fits(draws):
            return simulate(scenario, draws)
    raise AssertionError("no seed has such draws")
