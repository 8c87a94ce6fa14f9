"""Patients turned away where a cap holds them back: decided weeks after they became ready."""

import math

import numpy as np
import pytest

from simclinic import records as r
from simclinic.experiment.replication import Prepared, relive, replications
from simclinic.measures import measure
from simclinic.scenario import baseline, with_overrides

CAPPED = ("booking.max_patients_in_series=8", "demand.referrals_per_week=12")


def capped(*overrides):
    return with_overrides(baseline(), [*CAPPED, *overrides])


def test_those_decided_in_the_measured_weeks_count_whenever_they_became_ready():
    """Counted one by one: who began, and who was turned away, on a measured day."""
    scenario = capped("run.warm_up_weeks=26", "run.weeks=6")
    records = relive(Prepared(scenario), 1, 0)
    patients, end = records.patients, records.end
    began = [0 <= at < end for at in patients["first_infusion"].tolist()]
    gone = [
        reason == r.LEFT_UNSERVED and 0 <= at < end
        for reason, at in zip(patients["reason"].tolist(), patients["left"].tolist(), strict=True)
    ]
    assert sum(gone) > 5
    found = measure(records, scenario)
    assert found.kpis["balked_share"] == pytest.approx(sum(gone) / (sum(began) + sum(gone)))
    assert found.weeks["balked"].sum() == sum(gone)
    assert found.weeks["decided"].sum() == sum(began) + sum(gone)


def test_few_weeks_say_what_many_say():
    """After a warm-up in which the list has settled, 6 measured weeks agree with 104 within their intervals."""

    def away(weeks, count):
        scenario = capped("run.warm_up_weeks=52", f"run.weeks={weeks}", "boosters.uptake=0")
        kept = [one.kpis["balked_share"] for one in replications(scenario, 3, range(count))]
        return np.mean(kept), np.std(kept, ddof=1) / math.sqrt(count)

    (brief, brief_error), (long, long_error) = away(6, 24), away(104, 4)
    assert long > 0.3
    assert abs(brief - long) < 4 * math.hypot(brief_error, long_error)


def test_before_patience_has_run_out_nothing_is_known():
    brief = capped("run.warm_up_weeks=0", "run.weeks=6")
    assert math.isnan(measure(relive(Prepared(brief), 1, 0), brief).kpis["balked_share"])
    # patience and notice are 44 days: with seven weeks something is
    longer = capped("run.warm_up_weeks=1", "run.weeks=6")
    assert not math.isnan(measure(relive(Prepared(longer), 1, 0), longer).kpis["balked_share"])
    # nobody is held back, so six weeks are enough
    free = with_overrides(baseline(), ["run.warm_up_weeks=0", "run.weeks=6"])
    assert measure(relive(Prepared(free), 1, 0), free).kpis["balked_share"] == 0.0
