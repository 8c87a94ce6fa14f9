"""Patients turned away where a cap holds them back: decided weeks after they became ready."""

import math

import numpy as np
import pytest

from simclinic import records as r
from simclinic.experiment.replication import Prepared, replay, replications
from simclinic.measures import measure
from simclinic.scenario import baseline, with_overrides

CAPPED = ("booking.max_patients_in_series=8", "demand.referrals_per_week=12")


def capped(*overrides):
    return with_overrides(baseline(), [*CAPPED, *overrides])


def test_those_decided_in_the_measured_weeks_count_whenever_they_became_ready():
    """Counted one by one: who began, and who was turned away, on a measured day."""
    scenario = capped('run.begin="empty"', "run.warm_up_weeks=26", "run.weeks=6")
    records = replay(Prepared(scenario), 1, 0)
    patients, end = records.patients, records.end
    began = [0 <= at < end for at in patients["first_infusion"].tolist()]
    gone = [
        reason == r.LEFT_UNSERVED and 0 <= at < end
        for reason, at in zip(patients["reason"].tolist(), patients["left"].tolist(), strict=True)
    ]
    assert sum(gone) > 5
    result = measure(records, scenario)
    assert result.kpis["balked_share"] == pytest.approx(sum(gone) / (sum(began) + sum(gone)))
    assert result.weeks["balked"].sum() == sum(gone)
    assert result.weeks["decided"].sum() == sum(began) + sum(gone)


def test_few_weeks_say_what_many_say():
    """After a warm-up in which the list has settled, 6 measured weeks agree with 104 within their intervals."""

    def away(weeks, count):
        scenario = capped(
            'run.begin="empty"', "run.warm_up_weeks=52", f"run.weeks={weeks}", "boosters.uptake=0"
        )
        kept = [one.kpis["balked_share"] for one in replications(scenario, 3, range(count))]
        return np.mean(kept), np.std(kept, ddof=1) / math.sqrt(count)

    (brief, brief_error), (long, long_error) = away(6, 24), away(104, 4)
    assert long > 0.3
    assert abs(brief - long) < 4 * math.hypot(brief_error, long_error)


def test_before_patience_has_run_out_nothing_is_known():
    brief = capped('run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=6")
    assert math.isnan(measure(replay(Prepared(brief), 1, 0), brief).kpis["balked_share"])
    # patience and notice are 44 days: with seven weeks something is
    longer = capped('run.begin="empty"', "run.warm_up_weeks=1", "run.weeks=6")
    assert not math.isnan(measure(replay(Prepared(longer), 1, 0), longer).kpis["balked_share"])
    # nobody is held back, so six weeks are enough
    free = with_overrides(baseline(), ['run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=6"])
    assert measure(replay(Prepared(free), 1, 0), free).kpis["balked_share"] == 0.0


def figures_of(*overrides):
    scenario = with_overrides(
        baseline(),
        [
            'run.begin="empty"',
            "run.warm_up_weeks=26",
            "run.weeks=13",
            "demand.referrals_per_week=12",
            *overrides,
        ],
    )
    records = replay(Prepared(scenario), 1, 0)
    return records, measure(records, scenario)


def test_a_patient_who_leaves_the_queue_later_on_was_not_turned_away():
    """Walk-in patients with little patience leave at later infusions and boosters; their first one was given."""
    records, result = figures_of("booking.mode=walk-in", "booking.patience_minutes=20")
    patients, end = records.patients, records.end
    unserved = patients["reason"] == r.LEFT_UNSERVED
    never = unserved & np.isnan(patients["first_infusion"])
    assert np.count_nonzero(unserved & ~never) > np.count_nonzero(never) > 3
    left = patients["left"]
    gone = np.count_nonzero(never & (left >= 0) & (left < end))
    began = np.count_nonzero((patients["first_infusion"] >= 0) & (patients["first_infusion"] < end))
    assert result.kpis["balked_share"] == pytest.approx(gone / (gone + began))
    assert result.weeks["balked"].sum() == gone
    assert result.kpis["reneged_share"] == result.kpis["balked_share"]  # the waiting room is never full


@pytest.mark.parametrize(
    ("overrides", "all_waited"),
    [
        (("booking.mode=walk-in", "booking.patience_minutes=20", "booking.waiting_room=0"), False),
        (("demand.referrals_per_week=25",), False),
        (("booking.max_patients_in_series=8",), True),
    ],
)
def test_patients_who_waited_gave_up_and_the_others_were_turned_away_at_once(overrides, all_waited):
    """A full room and a full book answer at once; a cap holds patients back until their patience ends."""
    _, result = figures_of(*overrides)
    assert result.kpis["balked_share"] > 0.05
    assert result.kpis["reneged_share"] == (result.kpis["balked_share"] if all_waited else 0.0)


def test_who_calls_at_night_and_hears_no_in_the_morning_has_not_waited():
    """At the next opening, after a weekend even, comes the desk's first answer: by hand from the days' hours."""
    records, _ = figures_of("demand.referrals_per_week=25")
    patients, days = records.patients, records.days
    open_days = ~np.isnan(days["opening"])
    later = 0
    for ready, left, reason in zip(patients["ready"], patients["left"], patients["reason"], strict=True):
        if reason == r.LEFT_UNSERVED:
            openings = [
                max(begin, ready)
                for begin, end in zip(days["opening"][open_days], days["closing"][open_days], strict=True)
                if ready < end
            ]
            assert left == openings[0]
            later += left > ready
    assert later > 3
