"""Events at exactly the same moment, worked out by hand: both engines must give what the paper says.

Equal tables alone would not tell which of two moments in one is right.
"""

import numpy as np

from simclinic import records as r
from simclinic.sampling import draw
from tests.model.fast.same import both, differences
from tests.model.small import at, clinic, column, outcomes

WALK_IN = '[booking]\nmode = "walk-in"'
MAINTAINED = """
[run]
weeks = 6
[response]
probability = 1.0
felt_by = [1.0]
[relapse]
days = 10
[boosters]
check_in_days = 5
self_report = 0.0
"""
"""Everybody responds, relapses ten days after the last infusion, and is asked how they are every fifth day."""


def on_paper(*texts, **how):
    """Run both engines, and return the tables if they are the same."""
    one, other = both(clinic(*texts, **how))
    assert other is not None
    assert differences(one, other) == []
    return other


def begun(records):
    return records.visits["step_start"][:, 0].tolist()


def test_who_comes_as_the_doors_open_is_served_at_once_and_who_comes_as_they_close_the_next_day():
    records = on_paper(WALK_IN, referrals=[(0, 8 * 60), (0, 17 * 60)])
    assert begun(records) == [at(0, 8), at(1, 8)]
    assert column(records, "arrived") == [at(0, 8), at(1, 8)]


def test_who_wait_before_the_doors_are_served_before_who_comes_as_they_open():
    records = on_paper(WALK_IN, referrals=[(0, 8 * 60), (0, 7 * 60)])
    patients = records.patients["referred"][records.visits["patient"]]
    assert sorted(zip(patients.tolist(), begun(records), strict=True)) == [
        (at(0, 7), at(0, 8)),
        (at(0, 8), at(0, 9)),
    ]


def test_a_chair_that_is_left_as_another_patient_comes_goes_to_the_queue():
    # The first lies from eight to nine, the second comes at half past eight, the third at nine.
    records = on_paper(WALK_IN, referrals=[(0, 480), (0, 510), (0, 540)])
    assert begun(records) == [at(0, 8), at(0, 9), at(0, 10)]


def test_patients_of_one_moment_are_served_in_the_order_of_their_referral():
    records = on_paper(WALK_IN, referrals=[(0, 480)] * 3)
    assert column(records, "patient") == [0, 1, 2]
    assert begun(records) == [at(0, 8), at(0, 9), at(0, 10)]


def test_a_chair_is_clean_for_who_comes_at_that_moment():
    turnover = "[visit.steps.treatment]\nminutes = 60\n[visit.steps.turnover]\nminutes = 30\npatient = false"
    records = on_paper(WALK_IN, turnover, referrals=[(0, 480), (0, 570)])
    assert begun(records) == [at(0, 8), at(0, 9, 30)]


def test_what_ends_as_the_simulation_ends_has_not_ended():
    never_closed = "[clinic.hours]\n" + "\n".join(
        f'{day} = "24h"' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    )
    records = on_paper("[run]\nweeks = 1", WALK_IN, never_closed, referrals=[(6, 1320), (6, 1380)])
    assert begun(records) == [at(6, 22), at(6, 23)]
    ends = records.visits["step_end"][:, 0]
    assert ends[0] == at(6, 23)
    assert np.isnan(ends[1])


def test_a_relapse_at_a_check_in_is_noticed_at_that_check_in():
    records = on_paper(MAINTAINED, referrals=[(0, 480)])
    assert column(records, "step_end", kind=r.INDUCTION) == [[at(0, 10)]]
    assert column(records, "relapsed", kind=r.BOOSTER)[0] == at(10, 10)
    assert column(records, "requested", kind=r.BOOSTER)[0] == at(10, 10)


def test_a_booster_missed_at_a_check_in_is_asked_for_at_the_next_one():
    # The infusion ends on Monday at eleven. The relapse is noticed on the tenth day at eleven; the booster is
    # booked for the fifteenth, a Tuesday with one start, at eleven. The patient does not come then, and asks at the
    # next check-in: on the twentieth day at eleven.
    starts = {"mon": ["10:00"], **{day: ["11:00"] for day in ("tue", "wed", "thu", "fri")}}
    booking = {"booking": {"starts": starts, "booster_notice_days": 5}}
    absent = "[attendance]\nno_show = 0.5\nrebooks_booster = 0.0"
    scenario = clinic(MAINTAINED, absent, booking, referrals=[(0, 480)])
    for seed in range(100):
        draws = draw(scenario, seed, 0)
        comes = draws.series.misses(draws.series_row(0, 1)) is None
        if comes and draws.boosters.misses(draws.booster_row(0, 1)):
            break
    records = on_paper(MAINTAINED, absent, booking, f"[run]\nseed = {seed}", referrals=[(0, 480)])
    assert outcomes(records)[:2] == ["completed", "no-show"]
    assert column(records, "appointment")[:2] == [at(0, 10), at(15, 11)]
    assert column(records, "decided")[1] == at(15, 11)
    assert column(records, "requested", kind=r.BOOSTER)[:2] == [at(10, 11), at(20, 11)]
