"""Generated clinics cut half a year before their end: is the outcome like one more of the simulated futures?

A clinic is simulated from its opening on and exported. The calibration sees the time before the cut, the forecast
is made from that alone, and what came after is held against it. If the forecast is right, what came is one more
future: its place among them (PIT) is uniform over many clinics.

`python -m tests.forecast.test_backtests` prints the table that stands in the documentation.
"""

import datetime as dt
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from simclinic.calibration import Options
from simclinic.calibration.interpretation import interpret
from simclinic.experiment.replication import Prepared, replicate
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.sampling.draws import Sampler
from simclinic.studies.backtest import cut_in_two, score
from simclinic.studies.forecast import from_today
from tests.exports.clinics import realistic
from tests.exports.export import clean
from tests.forecast.halves import halves

CLINICS = 200
AFTER = 26
SEED = 20260706
CHANCE = 0.001

WORLD = ("run.weeks=130", "demand.referrals_per_week=6.5")
"""The typical clinic from its opening on, with three new series a week where it has chairs for five, cut after two
years; the base scenario has the same chairs and nurses."""

FUTURES = {"drawn": 40, "fixed": 20}
"""Settings that are not certain are drawn anew in each future, or used as given."""


def backtests(numbers):
    """Simulate, export, cut, forecast and score clinics: for each number what the documents say."""
    scenario = realistic(*WORLD)
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    end = scenario.run.start + dt.timedelta(weeks=scenario.run.weeks)
    cut = end - dt.timedelta(weeks=AFTER)
    result = Options(whole_history=True, as_of=end)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "visits.csv"
        for number in numbers:
            records = simulate(scenario, sampler.sample(SEED, number), timetable)
            clean(records, scenario, seed=number).write(path)
            past = cut_in_two(interpret(path, result), cut, result)
            actual = {"number": number}
            for how, futures in FUTURES.items():
                fixed = how == "fixed"
                begins = from_today(
                    past.scenario, past.panel, weeks=AFTER, as_of=cut, seed=number, fixed_parameters=fixed
                )
                prepared = Prepared(begins, past.panel)
                given = [replicate(prepared, number, future).weeks["boosters"] for future in range(futures)]
                actual[how] = score(past, np.array(given, dtype=float), cut, begins)
            yield actual


def totals(result, how):
    return np.array([each[how]["total"]["pit"] for each in result])


def places(result, how):
    """Places of what came, shape (clinics, weeks)."""
    return np.array([[week["pit"] for week in each[how]["weeks"]] for each in result])


def errors(result, how):
    """Absolute errors of forecast and simplest guess, by week and of the total, shape (clinics,) each."""
    weeks = [(each[how]["error"]["forecast"], each[how]["error"]["naive"]) for each in result]
    total = [
        (abs(each["boosters"]["p50"] - each["came"]), abs(each["naive"] - each["came"]))
        for each in (one[how]["total"] for one in result)
    ]
    return {"a week": np.array(weeks).T, "all weeks": np.array(total).T}


def inside(pits):
    """Share of places in the middle 80 %, by clinic: ties broken by chance, so exactly 80 % if right."""
    return ((pits > 0.1) & (pits < 0.9)).reshape(len(pits), -1).mean(axis=1)


def around(values):
    """Mean with its 95 % interval, clinics being independent."""
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return values.mean(), values.mean() - half, values.mean() + half


@pytest.mark.long
def test_what_came_is_one_more_future():
    result = halves(backtests, CLINICS)
    drawn, fixed = totals(result, "drawn"), totals(result, "fixed")
    assert stats.kstest(drawn, "uniform").pvalue > CHANCE
    assert stats.kstest(places(result, "drawn")[:, 13], "uniform").pvalue > CHANCE
    by_clinic = inside(places(result, "drawn"))
    assert stats.ttest_1samp(by_clinic, 0.8).pvalue > CHANCE
    # Who takes estimates for certain is more often far off: places of the total crowd at both ends.
    assert stats.ttest_rel(abs(fixed - 0.5), abs(drawn - 0.5), alternative="greater").pvalue < CHANCE
    for forecast, naive in errors(result, "drawn").values():
        assert stats.ttest_rel(forecast, naive, alternative="greater").pvalue > CHANCE
    forecast, naive = errors(result, "drawn")["all weeks"]
    assert stats.ttest_rel(forecast, naive, alternative="less").pvalue < CHANCE


def table(result):
    """Rows of the documentation's table: what, with estimates drawn, with estimates used as given."""
    rows = defaultdict(list)
    for how in FUTURES:
        total, weeks = totals(result, how), places(result, how)
        for what, pits in (("total", total), ("first week", weeks[:, 0]), ("week 13", weeks[:, 13])):
            far = stats.kstest(pits, "uniform").pvalue
            rows[f"place of the {what}: mean, and p of uniform"].append(f"{pits.mean():.2f}, p = {far:.2g}")
        for what, pits in (("totals", total), ("weeks", weeks)):
            middle, low, high = (100 * value for value in around(inside(pits)))
            rows[f"{what} inside the 80 % band"].append(f"{middle:.0f} % ({low:.0f}–{high:.0f} %)")
        off = np.array(
            [each[how]["total"]["boosters"]["mean"] / each[how]["total"]["came"] - 1 for each in result]
        )
        rows["total: forecast minus outcome"].append(
            "{:+.1f} % ({:+.1f} to {:+.1f} %)".format(*100 * np.array(around(off)))
        )
        for what, (forecast, naive) in errors(result, how).items():
            gain, low, high = around(naive - forecast)
            p = stats.ttest_rel(forecast, naive).pvalue
            rows[f"error, {what}: forecast, simplest guess"].append(
                f"{forecast.mean():.2f}, {naive.mean():.2f}: {gain:.2f} less ({low:.2f}–{high:.2f}), p = {p:.2g}"
            )
    return rows


def main():
    result = halves(backtests, CLINICS)
    print(f"| over {len(result)} clinics | estimates drawn anew in each future | used as given |")
    print("| --- | --- | --- |")
    for what, (drawn, fixed) in table(result).items():
        print(f"| {what} | {drawn} | {fixed} |")


if __name__ == "__main__":
    main()
