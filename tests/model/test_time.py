"""The clock runs forwards, whatever a patient's days look like."""

import numpy as np

from simclinic import records as r
from tests.model.small import at, clinic, column, run

ONE_NURSE_TWO_DAYS = """
[clinic]
chairs = 2
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-17:00"
nurses = 1
[booking.starts]
mon = ["16:00"]
tue = ["08:15"]
wed = ["08:00"]
[protocols.two]
infusions = 2
gap_days = [1, 1]
[demand.protocol_mix]
two = 1.0
[visit.steps.treatment]
minutes = 60
nurse = "hands-on"
"""


def test_who_is_still_inside_at_the_next_appointment_misses_it_only_then():
    # Everybody comes 90 minutes late. Monday's patient comes at 17:30, when the nurse has gone home, is treated on
    # Tuesday from 08:00 to 09:00, and has an appointment at 08:15 which half of them would not keep: that is known
    # at 09:00, when they are out, not at 08:15, which has passed.
    scenario = clinic(
        ONE_NURSE_TWO_DAYS,
        "[attendance]\nno_show = 0.5\narrival_offset_minutes = 90",
        referrals=[(0, 420)],
    )
    seen = []
    for seed in range(40):
        records = run(scenario, seed)
        first = column(records, "outcome")[0], column(records, "left")[0]
        if first == (r.COMPLETED, at(1, 9)):
            seen.append((column(records, "outcome")[1], column(records, "decided")[1]))
    assert {outcome for outcome, _ in seen} == {r.COMPLETED, r.NO_SHOW}
    assert {when for outcome, when in seen if outcome == r.NO_SHOW} == {at(1, 9)}
    assert {when for outcome, when in seen if outcome == r.COMPLETED} == {at(1, 10, 45)}  # come at 09:45


def test_a_walk_in_patient_who_is_still_inside_comes_again_on_leaving():
    # One chair round the clock, ten hours each, four patients within three minutes, each to come back after a day:
    # the third is seated on Tuesday at 04:20, leaves at 14:20, and should have come at 08:22.
    week = "\n".join(f'{day} = "24h"' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    scenario = clinic(
        f"[clinic.hours]\n{week}",
        """
        [booking]
        mode = "walk-in"
        [protocols.two]
        infusions = 2
        gap_days = [1, 1]
        [demand.protocol_mix]
        two = 1.0
        [visit.steps.treatment]
        minutes = 600
        """,
        referrals=[(0, 500 + k) for k in range(4)],
    )
    visits = run(scenario).visits
    third = visits["patient"] == 2
    np.testing.assert_array_equal(visits["arrived"][third], [at(0, 8, 22), at(1, 14, 20)])
    np.testing.assert_array_equal(visits["appointment"], visits["arrived"])


def test_chairs_go_to_who_came_first_even_if_the_next_comes_just_at_opening():
    # Two appointments at 08:00 on one chair: whoever comes 20 minutes early sits down before whoever comes at
    # 08:00 sharp, although the latter booked first half of the time.
    scenario = clinic(
        """
        [booking.starts]
        mon = []
        tue = ["08:00", "08:00"]
        [attendance]
        arrival_offset_minutes = { dist = "empirical", values = [-20, 0] }
        """,
        referrals=[(0, 600), (0, 601)],
    )
    orders = set()
    for seed in range(30):
        records = run(scenario, seed)
        arrived, chair = column(records, "arrived"), column(records, "chair_from")
        if arrived[0] != arrived[1]:
            early = arrived.index(min(arrived))
            assert chair[early] == at(1, 8)
            assert chair[1 - early] == at(1, 9)
            orders.add(early)
    assert orders == {0, 1}
