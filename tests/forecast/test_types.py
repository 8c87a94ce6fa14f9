"""Generated clinics of two types of visit, cut half a year before their end: is what came one more of the futures?

As in `test_backtests`, with a type that comes by the calendar: a forecast begins with patients of whom an export
does not say whether they go on. Boosters are counted, and by type the treatments and the patients who begin.
"""

import datetime as dt
import tempfile
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simclinic.calibration import Options
from simclinic.calibration.interpretation import interpret
from simclinic.experiment.replication import Prepared, replicate
from simclinic.model.engines import simulate
from simclinic.planning import Timetable
from simclinic.records import COMPLETED, DAY, KINDS
from simclinic.sampling.draws import Sampler
from simclinic.scenario import load, with_overrides
from simclinic.studies.backtest import cut_in_two, randomised_pit
from simclinic.studies.forecast import from_today
from tests.exports.export import clean
from tests.forecast.halves import halves

CLINICS, FUTURES, AFTER = 100, 24, 26
SEED = 20260707
CHANCE = 0.001
BASE = Path(__file__).parents[2] / "scenarios" / "iv-and-esketamine.toml"
TYPES = ("infusion", "esketamine")
FIRST = 8
"""Weeks after the cut in which an error about today's patients shows most.

Of boosters alone: an export without appointments ahead does not show the new patients who wait for a first visit.
"""

WORLD = (
    *("run.weeks=130", "run.warm_up_weeks=0", 'run.begin="empty"'),
    *("intake.days_to_consult=0", "intake.days_to_decide=0", "booking.notice_days=0"),
)
"""From its opening on. Without delays before the first visit, an export shows new patients as soon as they come."""


def backtests(numbers):
    """Simulate, export, cut and forecast clinics: for each number and figure what came and the futures, by week."""
    scenario = with_overrides(load(BASE), list(WORLD))
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    end = scenario.run.start + dt.timedelta(weeks=scenario.run.weeks)
    cut = end - dt.timedelta(weeks=AFTER)
    options = Options(whole_history=True, as_of=end, kinds={name: name for name in TYPES})
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "visits.csv"
        for number in numbers:
            records = simulate(scenario, sampler.sample(SEED, number), timetable)
            clean(records, scenario, seed=number, types=True).write(path)
            past = cut_in_two(interpret(path, options, types=load(BASE)), cut, options, BASE)
            begins = from_today(past.scenario, past.panel, weeks=AFTER, as_of=cut, seed=number)
            prepared = Prepared(begins, past.panel)
            weeks = [replicate(prepared, number, future).weeks for future in range(FUTURES)]
            came = after(records, (cut - scenario.run.start).days)
            yield {name: (came[name], np.array([each[name] for each in weeks], dtype=float)) for name in came}


def after(records, day):
    """Count what came in the weeks from a day on, by the columns of the weekly table."""
    visits = records.visits
    week = (visits["left"] / DAY - day) // 7
    done = (visits["outcome"] == COMPLETED) & (week >= 0) & (week < AFTER)

    def count(which):
        return np.bincount(week[done & which].astype(int), minlength=AFTER)

    series = visits["kind"] == KINDS.index("induction")
    found = {"boosters": count(visits["kind"] == KINDS.index("booster"))}
    for code, name in enumerate(records.visit_types):
        own = visits["visit"] == code
        found[f"infusions:{name}"] = count(own)
        found[f"series_started:{name}"] = count(own & series & (visits["number"] == 1))
    return found


def places(result, name, weeks=AFTER):
    """Place of what came in the first weeks among the futures, ties broken by chance; shape (clinics,)."""
    return np.array(
        [
            randomised_pit(futures[:, :weeks].sum(axis=1)[:, None], came[:weeks].sum(keepdims=True), number)[
                0
            ]
            for number, (came, futures) in enumerate(each[name] for each in result)
        ]
    )


def table(result):
    """By figure and number of weeks: the places, the share inside the 80 % band, and the mean error."""
    for name in result[0]:
        for weeks in (FIRST, AFTER) if name == "boosters" else (AFTER,):
            pits = places(result, name, weeks)
            inside = int(((pits > 0.1) & (pits < 0.9)).sum())
            came = np.array([each[name][0][:weeks].sum() for each in result])
            error = np.array([each[name][1][:, :weeks].sum(axis=1).mean() for each in result]) - came
            yield name, weeks, pits, inside, error, came


@pytest.mark.long
def test_of_two_types_what_came_is_one_more_future():
    result = halves(backtests, CLINICS)
    found = list(table(result))
    told = [
        f"{name} {weeks}: p {stats.kstest(pits, 'uniform').pvalue:.4f}, {inside} of {len(pits)} inside, error "
        f"{error.mean():+.1f} ± {stats.sem(error):.1f} of {came.mean():.1f}"
        for name, weeks, pits, inside, error, came in found
    ]
    for name, weeks, pits, inside, *_ in found:
        assert stats.kstest(pits, "uniform").pvalue > CHANCE, (name, weeks, told)
        assert stats.binomtest(inside, len(pits), 0.8).pvalue > CHANCE, (name, weeks, told)
