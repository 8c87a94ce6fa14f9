"""Corners in which the model once went wrong: waiting requests, same-day rebooking, broken-off courses."""

import numpy as np

from simclinic import records as r
from tests.model.small import at, clinic, column, days_of, lucky, outcomes, run
from tests.model.test_boosters_on_paper import responder
from tests.model.test_series_on_paper import MON, ONE_A_DAY


def test_waiting_for_an_appended_start_does_not_keep_a_patient_from_the_next_appointment():
    # Ten chairs in the first week, one from the second on; three infusions a week apart. Those who miss one in a
    # full clinic wait for an appended start, and come to their own next appointments meanwhile.
    text = """
    [run]
    weeks = 14
    [clinic]
    chairs = 10
    [booking]
    window_weeks = 3
    [visit.steps.treatment]
    minutes = 500
    [protocols.once]
    infusions = 1
    [protocols.thrice]
    infusions = 3
    gap_days = [7, 7]
    permitted_gap_days = [6, 8]
    [demand.protocol_mix]
    thrice = 0.3
    once = 0.7
    [response]
    probability = 1.0
    [relapse]
    days = 3
    [boosters]
    days = 20
    [attendance]
    no_show = 0.3
    [changes.2026-01-12]
    "clinic.chairs" = 1
    """
    scenario = clinic(text, referrals=[(0, 481 + k) for k in range(39)])
    for seed in range(10):
        visits = run(scenario, seed).visits
        assert not (visits["arrived"] > visits["appointment"] + 60).any(), seed
        no_show = visits["outcome"] == r.NO_SHOW
        np.testing.assert_array_equal(visits["decided"][no_show], visits["appointment"][no_show])


def test_who_cancels_is_not_given_the_same_start_or_an_earlier_one():
    # Cancelled on Tuesday for Wednesday: not rebooked to that very Wednesday.
    scenario = clinic(
        ONE_A_DAY, "[booking]\nnotice_days = 2\n[attendance]\nlate_cancel = 0.3", referrals=[(MON, 540)]
    )
    records = lucky(scenario, series=[[(r.CANCELLED, True)]])
    assert outcomes(records) == ["cancelled", "completed"]
    assert column(records, "decided")[0] == at(1, 10)
    assert days_of(records) == [2, 3]


def test_a_day_without_nurses_cancels_an_appointment_once():
    text = """
    [booking]
    notice_days = 1
    [changes."2026-01-06"]
    "shifts.day.absence" = 1.0
    [changes."2026-01-07"]
    "shifts.day.absence" = 0.0
    """
    records = run(clinic(text, referrals=[(MON, 600)]))
    assert outcomes(records) == ["clinic-cancelled", "completed"]
    assert days_of(records) == [1, 2]


def test_check_ins_run_from_the_last_booster_infusion_of_a_broken_off_course():
    # Two infusions a course; the first is given on day 10, the second missed and not rebooked: the next check-in is
    # seven days (of 24 hours) after the first one's end, day 17 at 12:00, not day 14 at 10:00.
    records = responder(
        "[run]\nweeks = 4\n[protocols.once]\ninfusions = 1\ngap_days = [2, 2]\n[boosters]\ninfusions = 2\n"
        "[attendance]\nno_show = 0.3\nrebooks_booster = 0.0",
        boosters=[[], [(r.NO_SHOW, False)]],
    )
    requested = column(records, "requested", kind=r.BOOSTER)
    assert requested[2] == at(17, 12)


def test_a_clinic_whose_patients_always_cancel_still_ends():
    # Everybody cancels a day before, or as soon as they have booked, and books another day: never the same again.
    records = run(clinic("[attendance]\nlate_cancel = 1.0", referrals=[(MON, 540)]))
    assert set(outcomes(records)) <= {"cancelled", "to come"}
    days = days_of(records)
    assert len(days) > 5
    assert days == sorted(set(days))
