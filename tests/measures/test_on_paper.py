"""Every key figure of two weeks with sixteen appointments, worked out with a pencil.

The clinic on paper: three chairs, Monday to Friday 8 to 17, two nurses 7:30 to 17:30, a series of two
infusions three or four days apart. Day 0 is a Monday; the week before it is warm-up and must not count. On
Tuesday, day 1, nobody on the roster is there; on Wednesday one of two. On Friday, day 4, three visits run
past closing.
"""

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import KPIS, WEEKS, measure
from tests.measures.paper import at, completed, flow, weekdays, write

(ANN, BOB, CLEO, DAN, EVE, GUS, HAL, PIA) = range(8)

HOURS_OF_NURSES = 20 * 10  # two on ten days, ten hours each: rostered
PRESENT = 17 * 600  # minutes: two on eight days, one on one day, nobody on one


def people():
    common = {"origin": 0, "protocol": 0}
    return [
        # Ann responds, completes, relapses, misses her booster, gets it.
        common
        | {
            "referred": at(-3, 600),
            "consulted": at(0, 540),
            "ready": at(0, 720),
            "first_infusion": at(3, 560),
            "last_infusion": at(7, 635),
            "infusions": 2,
            "series_ended": at(7, 635),
            "responder": True,
            "relapses": 1,
            "boosters": 1,
            "programme": at(9, 600),
        },
        # Bob began in the warm-up and does not respond.
        common
        | {
            "referred": at(-7, 600),
            "consulted": at(-6, 600),
            "ready": at(-5, 600),
            "first_infusion": at(-3, 600),
            "last_infusion": at(0, 635),
            "infusions": 2,
            "series_ended": at(0, 635),
            "left": at(0, 635),
            "reason": r.NO_RESPONSE,
        },
        # Cleo finds no start and is gone ten minutes later.
        common
        | {
            "referred": at(0, 100),
            "consulted": at(0, 600),
            "ready": at(1, 720),
            "left": at(1, 730),
            "reason": r.LEFT_UNSERVED,
        },
        # Dan drops out after one infusion.
        common
        | {
            "referred": at(0, 200),
            "consulted": at(1, 540),
            "ready": at(2, 500),
            "first_infusion": at(4, 980),
            "last_infusion": at(4, 1075),
            "infusions": 1,
            "series_ended": at(4, 1075),
            "left": at(4, 1075),
            "reason": r.DROPPED_OUT,
        },
        # Eve would have responded, and is stopped.
        common
        | {
            "referred": at(-3, 600),
            "consulted": at(-1, 600),
            "ready": at(0, 720),
            "first_infusion": at(4, 990),
            "last_infusion": at(4, 1100),
            "infusions": 1,
            "series_ended": at(4, 1100),
            "responder": True,
            "left": at(4, 1100),
            "reason": r.STOPPED_EARLY,
        },
        # Gus has six days between his infusions.
        common
        | {
            "referred": at(-7),
            "ready": at(-7),
            "first_infusion": at(-6, 600),
            "last_infusion": at(0, 695),
            "infusions": 2,
            "series_ended": at(0, 695),
            "left": at(0, 695),
            "reason": r.NO_RESPONSE,
        },
        # Hal is ready since the warm-up, is cancelled, cancels, and still waits at the end.
        common | {"referred": at(-6), "ready": at(-2, 600)},
        # Pia has been in the programme for long.
        {"origin": 1, "protocol": 0, "responder": True, "boosters": 1, "programme": at(-100)},
    ]


def appointments():
    return [
        completed(-3, 600, 590, 600, flow(-3, prep=600), patient=BOB, number=1, dose=40),
        completed(0, 540, 530, 540, flow(0, prep=540), patient=BOB, number=2, dose=50),
        # ten minutes late herself, then 2 for a chair and 8 for a nurse
        completed(
            3, 540, 550, 552, flow(3, prep=560), patient=ANN, number=1, dose=40, wait_chair=2, wait_hands=8
        ),
        completed(
            4, 960, 950, 960, flow(4, prep=980), patient=DAN, number=1, dose=40, wait_chair=10, wait_hands=20
        ),
        # ten minutes more of infusion; is watched for five more minutes until a nurse can take the line out
        completed(
            4,
            990,
            980,
            990,
            flow(4, prep=990, discharge=1090, lengths=(15, 50, 30, 10, 10)),
            patient=EVE,
            number=1,
            dose=40,
            wait_hands=5,
        ),
        completed(
            4,
            1000,
            1000,
            1000,
            flow(4, prep=1005),
            patient=PIA,
            kind=1,
            number=1,
            course=1,
            requested=at(2, 720),
            relapsed=at(1, 720),
            dose=72,
            wait_hands=5,
        ),
        completed(7, 540, 535, 540, flow(7, prep=540), patient=ANN, number=2, dose=50),
        {
            "patient": ANN,
            "kind": 1,
            "number": 1,
            "course": 1,
            "requested": at(9, 600),
            "relapsed": at(8, 600),
            "appointment": at(10, 540),
            "outcome": r.NO_SHOW,
            "decided": at(10, 540),
        },
        # waits for a nurse's eyes after the preparation
        completed(
            11,
            600,
            590,
            600,
            flow(11, prep=600, infusion=619),
            patient=ANN,
            kind=1,
            number=1,
            attempt=1,
            course=1,
            requested=at(9, 600),
            relapsed=at(8, 600),
            dose=72,
            wait_eyes=4,
        ),
        completed(-6, 600, 600, 600, flow(-6, prep=600), patient=GUS, number=1, dose=40),
        completed(0, 600, 600, 600, flow(0, prep=600), patient=GUS, number=2, dose=50),
        {"patient": DAN, "appointment": at(8, 540), "outcome": r.RELEASED, "decided": at(4, 1075)},
        {"patient": HAL, "appointment": at(1, 540), "outcome": r.CLINIC_CANCELLED, "decided": at(1)},
        {"patient": HAL, "appointment": at(9, 540), "outcome": r.CANCELLED, "decided": at(8, 540)},
        {"patient": HAL, "appointment": at(15, 540), "attempt": 1, "outcome": r.TO_COME},
        # asked for and not booked yet
        {"patient": PIA, "kind": 1, "number": 2, "course": 2, "requested": at(8), "outcome": r.TO_COME},
        {
            "patient": PIA,
            "kind": 1,
            "number": 3,
            "course": 3,
            "requested": at(12),
            "appointment": at(13, 540),
            "outcome": r.MOVED,
        },
    ]


def calendar():
    days = weekdays()
    by_day = {row["day"]: row for row in days}
    by_day[1]["present"] = [0]
    by_day[2]["present"] = [1]
    by_day[-7]["third_next"], by_day[0]["third_next"], by_day[7]["third_next"] = 9.0, 3.0, 5.0
    for day, minute in {-6: 695, -3: 695, 0: 695, 3: 655, 4: 1100, 7: 635, 11: 699}.items():
        by_day[day]["last_out"] = at(day, minute)
    return days


HANDS = 5 * 25 + 3 * 15  # five visits by day; on Friday only the preparations are in shift time
WATCH = (
    5 * (40 / 2 + 30 / 4)  # five visits by day
    + (40 / 2 + 15 / 4)  # Dan: of his recovery, 15 minutes in shift time
    + 45 / 2  # Eve
    + 30 / 2  # Pia
)
STAYED = 5 * 2 + 45 * 1  # 17:30 to 17:35 the three need 1/4 + 1/2 + 1/2 nurses, so two; then one until 18:20
WAITS = [0, 10, 20, 0, 5, 0, 0, 0]
OPEN = 10 * 3 * 540  # chair-minutes
REVENUE = 6 * 600 + 2 * 500 + 3 * 250 + 1 * 20
COST = HOURS_OF_NURSES * 45 * 1.3 + STAYED / 60 * 45 * 1.3 * 1.5 + 3 * 10 * 100 + 8 * (25 + 5) + 2 * 100

ON_PAPER = {
    "access_days_mean": (4160 + 3360 + 6030) / 3 / 1440,  # Ann, Dan, Eve
    "access_days_p90": (4160 + 0.8 * (6030 - 4160)) / 1440,
    "started_within_days_share": 3 / 4,  # Ann, Dan and Eve; of these and Cleo
    "third_next_available_days": 4.0,
    "balked_share": 1 / 4,  # Cleo; of Ann, Cleo, Dan, Eve
    "reneged_share": 1 / 4,  # Cleo, who waited ten minutes while the desk was open
    "waiting_for_series_mean": (4160 + 10 + 3360 + 6030 + 20160) / 20160,
    "waiting_for_booster_mean": (3165 + 2880 + 8640) / 20160,
    "backlog_growth_per_week": (10080 - (4160 + 10 + 3360 + 6030 + 10080)) / 10080,
    "booster_backlog_growth_per_week": (2880 + 8640 - 3165) / 10080,
    "series_started_per_week": 3 / 2,
    "series_completed_per_week": 3 / 2,
    "completion_share": 3 / 5,
    "series_days_mean": ((4 * 1440 - 20) + (3 * 1440 - 60) + 6 * 1440) / 3 / 1440,
    "on_protocol_share": 2 / 3,
    "infusions_per_week": 8 / 2,
    "induction_per_week": 6 / 2,
    "boosters_per_week": 2 / 2,
    "booster_requests_per_week": 3 / 2,
    "booster_share": 2 / 8,
    "booster_wait_days_mean": (3165 + 2880) / 2 / 1440,
    "symptomatic_days_mean": (4605 + 4320) / 2 / 1440,
    "programme_patients_mean": (20160 + 6600) / 20160,
    "wait_minutes_mean": sum(WAITS) / 8,
    "wait_minutes_p90": 13.0,  # 0.3 of the way from the second largest, 10, to the largest, 20
    "waited_share": 3 / 8,
    "delayed_share": 1 / 8,  # 20 minutes, more than 15
    "waited_for_chair_minutes_mean": (2 + 10) / 8,
    "waited_for_chair_minutes_p90": 2 + 0.3 * (10 - 2),
    "queue_length_mean": (2 + 10) / (10 * 540),
    "waited_for_hands_minutes_mean": (8 + 20 + 5 + 5) / 8,
    "waited_for_eyes_minutes_mean": 4 / 8,
    "started_on_time_share": 7 / 8,
    "visit_minutes_mean": (105 + 105 + 125 + 120 + 100 + 100 + 109 + 95) / 8,
    "no_show_share": 1 / 11,
    "late_cancel_share": 1 / 11,
    "clinic_cancelled_share": 1 / 11,
    "slot_fill": 9 / 36,  # Tuesday's four starts do not count
    "chair_utilisation": (105 + 113 + 60 + 30 + 20 + 105 + 109 + 105) / OPEN,
    "nurse_hands_on_utilisation": HANDS / PRESENT,
    "nurse_watch_utilisation": WATCH / PRESENT,
    "overtime_minutes_per_day": 80 / 10,
    "overtime_day_share": 1 / 10,
    "overtime_nurse_hours_per_week": STAYED / 60 / 2,
    "responders_per_week": 1 / 2,
    "stopped_responders_per_week": 1 / 2,
    "ketamine_mg_per_week": (50 + 40 + 40 + 40 + 72 + 50 + 72 + 50) / 2,
    "revenue_per_week": REVENUE / 2,
    "cost_per_week": COST / 2,
    "margin_per_week": (REVENUE - COST) / 2,
    "margin_per_chair_hour": (REVENUE - COST) / (OPEN / 60),
}


@pytest.fixture(scope="module")
def measured(scenario):
    return measure(write(people(), appointments(), calendar()), scenario)


def test_every_figure_is_on_paper_and_on_the_page():
    assert list(ON_PAPER) == list(KPIS)


@pytest.mark.parametrize("name", ON_PAPER)
def test_key_figure(measured, name):
    assert measured.kpis[name] == pytest.approx(ON_PAPER[name], rel=1e-12)


def test_nothing_is_missing_and_nothing_needs_a_reason(measured):
    assert list(measured.kpis) == list(KPIS)
    assert measured.reasons == {}


WEEKS_ON_PAPER = {
    "week": [0, 1],
    "start_day": [0, 7],
    "referrals": [2, 0],
    "consults": [3, 0],
    "ready": [4, 0],
    "balked": [1, 0],
    "decided": [4, 0],  # Ann, Dan and Eve begin, Cleo leaves
    "waiting_for_series": [23640 / 10080, 1.0],
    "series_started": [3, 0],
    "new_started": [3, 0],  # Ann, Dan and Eve
    "referral_days": [6 + 4 + 7, 0],
    "series_ended": [4, 1],
    "series_completed": [2, 1],
    "responders": [0, 1],
    "stopped_responders": [1, 0],
    "infusions": [6, 2],
    "induction": [5, 1],
    "boosters": [1, 1],
    "due": [7, 4],
    "no_shows": [0, 1],
    "late_cancels": [0, 1],
    "clinic_cancels": [1, 0],
    "starts": [20, 20],
    "starts_counted": [16, 20],
    "starts_filled": [6, 3],
    "ketamine_mg": [292, 122],
    "booster_requests": [1, 2],
    "booster_requests_from_panel": [1, 1],
    "booster_requests_before": [0, 0],
    "waiting_for_booster": [3165 / 10080, 11520 / 10080],
    "programme_patients": [1.0, 1.0 + 6600 / 10080],
    "asked": [6, 2],  # Ann, Cleo, Dan, Eve, Pia, and Hal from before; Pia and Ann
    "not_served": [1, 0],  # Cleo; of Pia's second booster it is too early to say
    "starts_used": [
        7,
        4,
    ],  # six visits and Hal's, whom the clinic cancelled; of the second week's, two not kept
    "asked_ahead": [8, 2],
    "not_served_ahead": [1, 0],
    "starts_ahead": [40, 20],
    "starts_used_ahead": [11, 4],
    "open_days": [5, 5],
    "chair_days": [15, 15],
    "chair_minutes": [8100, 8100],
    "chair_minutes_held": [105 + 105 + 113 + 60 + 30 + 20, 105 + 109],
    "nurse_minutes_rostered": [6000, 6000],
    "nurse_minutes_present": [4200, 6000],
    "hands_on_minutes": [3 * 25 + 3 * 15, 50],
    "watch_nurse_minutes": [WATCH - 55, 55],
    "overtime_minutes": [80, 0],
    "overtime_days": [1, 0],
    "overtime_nurse_minutes": [55, 0],
    "revenue": [5 * 600 + 500 + 750, 600 + 500 + 20],
    "cost": [COST / 2 + STAYED / 60 * 45 * 1.3 * 0.75 + 60, COST / 2 - STAYED / 60 * 45 * 1.3 * 0.75 - 60],
}


AT_ONCE_ON_PAPER = {
    # Bob and Gus overlap for 45 minutes on the first Monday, Dan and Eve for 10 on Friday, then Pia for 20
    ("in_use", "chair"): [5400 - 477 - 55 - 20, 477, 45 + 10, 20],
    ("waiting", "chair"): [5400 - 12, 2 + 10],
    # of nine days of ten hours with a nurse: Dan's and Eve's preparations overlap for five minutes
    ("hands_on", "nurse"): [5400 - 160 - 5, HANDS - 2 * 5, 5],
    # Bob and Gus for ten minutes; Dan, then Eve, too, for 15, then Pia, too, until the shift ends
    ("watched", "nurse"): [5400 - 340 - 25 - 30, 120 + 3 * 70 + 10, 10 + 15, 30],
}


def test_how_many_at_once(measured):
    table = measured.at_once
    found = {}
    for what, part, number, share in zip(*table.values(), strict=True):
        assert len(found.setdefault((what, part), [])) == number
        found[what, part].append(share * 5400)
    assert found == {key: pytest.approx(minutes, abs=1e-6) for key, minutes in AT_ONCE_ON_PAPER.items()}


def test_weekly_table(measured):
    assert list(measured.weeks) == list(WEEKS)
    assert set(WEEKS) - set(WEEKS_ON_PAPER) == {"margin"}
    for name, column in WEEKS_ON_PAPER.items():
        assert measured.weeks[name].tolist() == pytest.approx(column, rel=1e-12), name
    assert np.array_equal(measured.weeks["margin"], measured.weeks["revenue"] - measured.weeks["cost"])


def test_weekly_columns_keep_their_types(measured, scenario):
    empty = measure(write(days=calendar()), scenario)
    for name, column in measured.weeks.items():
        assert column.dtype in (np.int64, np.float64), name
        assert column.dtype == empty.weeks[name].dtype, name


def test_profile(measured):
    profile = measured.profile
    assert all(column.shape == (168,) for column in profile.values())
    assert profile["weekday"].tolist() == [day for day in range(7) for _ in range(24)]
    assert profile["hour"].tolist() == list(range(24)) * 7
    # Monday 9 to 10: Bob's chair and Ann's, a week apart, all hour; both watched from 9:15 on
    monday = 9
    assert profile["chairs_held_mean"][monday] == pytest.approx(1.0)
    assert profile["hands_on_mean"][monday] == pytest.approx(15 / 60)
    assert profile["watched_mean"][monday] == pytest.approx(45 / 60)
    # Monday 10 to 11: Bob's and Ann's last 45 minutes; Gus has the whole hour, in the first week only
    assert profile["chairs_held_mean"][10] == pytest.approx((45 + 60 + 45) / 2 / 60)
    assert profile["chairs_held_p90"][10] == pytest.approx((45 + 0.9 * 60) / 60)
    # Friday 17 to 18, past closing: chairs 18:05, 18:30, 18:30; nurses until 17:30
    friday = 4 * 24 + 17
    assert profile["chairs_held_mean"][friday] == pytest.approx(3 * 60 / 60 / 2)
    assert profile["chairs_mean"][friday] == 0.0
    assert profile["nurses_mean"][friday] == pytest.approx(2 * 30 / 60)
    # Wednesday, when one of two was there in the first week
    assert profile["nurses_mean"][2 * 24 + 12] == pytest.approx(1.5)
    assert profile["chairs_mean"][2 * 24 + 12] == pytest.approx(3.0)


def test_ramp_counts_boosters_from_the_first_simulated_day(measured):
    assert measured.ramp.tolist() == [0, 1, 1]
