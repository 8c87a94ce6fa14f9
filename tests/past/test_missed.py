"""Missed appointments in the past, and what the model makes of patients who come from it."""

import numpy as np

from simclinic import records as r
from simclinic.experiment.replication import Prepared, replay
from simclinic.records import DAY
from simclinic.scenario import baseline, with_overrides
from tests.model.small import clinic
from tests.past.test_on_paper import STEADY, started

MISSES = """
[attendance]
no_show = 0.3
late_cancel = 0.2
rebooks = 1.0
rebooks_booster = 0.5
"""


def test_a_booster_that_was_missed_is_asked_for_again_at_a_check_in():
    again = []
    for number in range(30):
        for one in started(MISSES, number=number).initial:
            if one.requested is not None and one.missed:
                again.append(one)
                # Check-ins are every seven days after the last infusion.
                assert (one.requested - one.last) % (7 * DAY) == 0
    assert len(again) > 5
    assert any(one.requested > 0 for one in again)  # some of them ask only after the simulation has begun


def test_nobody_stays_who_has_left():
    """The patients of the programme are those that a long warm-up has, but for a few whose boosters waited."""
    sets = ("demand.referrals_per_week=8", 'boosters.policy="scheduled"', "run.weeks=4")
    steady = Prepared(
        with_overrides(
            baseline(),
            [
                *sets,
                'run.begin="steady"',
                "run.warm_up_weeks=0",
                "run.history_weeks=300",
                "run.history_delay_days=0",
            ],
        )
    )
    empty = Prepared(with_overrides(baseline(), [*sets, 'run.begin="empty"', "run.warm_up_weeks=300"]))
    extra = there = 0
    for number in range(3):
        drawn = steady.sample(7, number, antithetic=False)
        ours = {(drawn.day[one.row], drawn.ordinal[one.row]) for one in drawn.initial if one.programme < 0}
        table = replay(empty, 7, number).patients
        stays = (table["programme"] < 0) & ~(table["left"] < 0)
        theirs = set(zip(table["day"][stays].tolist(), table["ordinal"][stays].tolist(), strict=True))
        extra += len(ours ^ theirs)
        there += len(theirs)
    assert there > 150
    assert extra <= 0.03 * there


def test_patients_who_were_not_seen_for_long_are_still_there():
    """The rule for panels, whose past was recorded, does not hold: a relapse may come after half a year."""
    text = """
    [boosters]
    days = 20
    lengthening = 10
    [relapse]
    follow_up_days = 600
    [run]
    history_weeks = 60
    """
    prepared = Prepared(clinic(STEADY, text))
    seen = 0
    for number in range(4):
        table = replay(prepared, 5, number).patients
        old = (table["boosters"] > 0) & (table["day"] < -220)
        seen += int(old.sum())
        assert (table["reason"][old] != r.LEFT_PROGRAMME).all()
    assert seen > 10


def test_tables_hold_the_past_of_those_who_are_there():
    table = replay(Prepared(clinic(STEADY)), 5, 1).patients
    old = table["day"] < 0
    assert old.any()
    assert (table["first_infusion"][old & (table["programme"] < 0)] < 0).all()
    ended = np.isfinite(table["series_ended"])
    assert (table["infusions"][ended] == 3).all()
