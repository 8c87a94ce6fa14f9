"""A clinic that goes on: what really happened lies where the forecast said it would.

A clinic is simulated for years and cut at a moment; what it knows then is written as a panel, and its future is
forecast from that. If the forecast is right, the truth is one more of its futures: its rank among them is uniform,
over many clinics. (Ranks are drawn at random within ties: counts are whole numbers.)
"""

from collections import defaultdict

import numpy as np
import pytest
from scipy import stats

from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures.boosters import requests
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.records import COMPLETED, INDUCTION, WEEK
from simclinic.sampling.draws import Sampler
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import read_panel
from tests.forecast.cut import known, written

WEEKS = 13
CHANCE = 4.1e-5
SPANS = {
    "first week": slice(0, 1),
    "first month": slice(0, 4),
    "later": slice(4, WEEKS),
    "all": slice(0, WEEKS),
}

TRIALS = ()
COMMUNITY = ('relapse.days={dist="lognormal", mu=3.89, sigma=0.95, never=0.28}', "boosters.self_report=0.2")
COURSES = ("boosters.infusions=2", "boosters.attrition=0.2", "boosters.lengthening=1.1")


def ranks(changes, clinics, futures, folder):
    """Ranks, between 0 and 1, of the outcome among the futures: by figure and span, one for each clinic."""
    lived = with_overrides(
        baseline(), ['run.begin="empty"', "run.warm_up_weeks=104", f"run.weeks={WEEKS}", *changes]
    )
    begins = with_overrides(lived, ['run.begin="empty"', "run.warm_up_weeks=0"])
    timetable, sampler, rng = Timetable(lived), Sampler(lived), np.random.default_rng(20260105)
    result = defaultdict(list)
    for number in range(clinics):
        records = simulate(lived, sampler.sample(1000 + number, 0), timetable)
        rows, here = known(lived, records)
        file = folder / "panel.csv"
        file.write_text(written(rows))
        prepared = Prepared(begins, read_panel(file, begins))
        # a seed for each clinic: else all forecasts would have the same newcomers, and the ranks would clump
        weeks = [replicate(prepared, 7000 + number, future).weeks for future in range(futures)]
        truth = {"requests": requests_of(records, here), "infusions": infusions(records)}
        simulated = {
            "requests": np.array([week["booster_requests_from_panel"] for week in weeks]),
            "infusions": np.array([week["induction"] for week in weeks]),
        }
        for figure, happened in truth.items():
            for span, part in SPANS.items():
                real, futures_of = happened[part].sum(), simulated[figure][:, part].sum(axis=1)
                below, level = (futures_of < real).sum(), (futures_of == real).sum()
                result[figure, span].append((below + rng.random() * (level + 1)) / (len(futures_of) + 1))
    return result


def requests_of(records, patients):
    asked = requests(records)
    theirs = np.isin(asked.patient, patients) & (asked.asked >= 0)
    return by_week(asked.asked[theirs])


def infusions(records):
    visits = records.visits
    given = (visits["kind"] == INDUCTION) & (visits["outcome"] == COMPLETED) & (visits["appointment"] >= 0)
    return by_week(visits["appointment"][given])


def by_week(moments):
    return np.bincount((moments // WEEK).astype(int), minlength=WEEKS)[:WEEKS]


def assert_uniform(result):
    for (figure, span), each in result.items():
        far = stats.kstest(each, "uniform").pvalue
        print(f"{figure:9} {span:11}  mean rank {np.mean(each):.2f}  n = {len(each)}  p = {far:.3f}")
        assert far > CHANCE, (figure, span)
        assert abs(np.mean(each) - 0.5) < 4.1 / np.sqrt(12 * len(each)), (figure, span)


def test_the_outcome_is_among_the_simulated_futures(tmp_path):
    assert_uniform(ranks(TRIALS, clinics=10, futures=9, folder=tmp_path))


@pytest.mark.long
@pytest.mark.parametrize("changes", [TRIALS, COMMUNITY, COURSES], ids=["trials", "community", "courses"])
def test_the_truth_is_one_more_future(changes, tmp_path):
    assert_uniform(ranks(changes, clinics=120, futures=60, folder=tmp_path))
