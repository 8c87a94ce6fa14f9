"""Relapse, booster, relapse: worked out on the calendar of January 2026, where day 0 is Monday the 5th."""

import math

import numpy as np
import pytest

from simclinic import records as r
from tests.model.small import EVERY_DAY, at, clinic, column, days_of, lucky, outcomes, reasons, run

# One infusion, response certain, relapse ten days after it and ten days after each booster; open every day, a start
# on every hour. Referred in the night: asked at 08:00 on Monday, treated from 09:00 to 10:00.
RESPONDER = (
    EVERY_DAY,
    """
    [run]
    weeks = 6
    [response]
    probability = 1.0
    [shifts.day]
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = "07:00-18:00"
    nurses = 1
    """,
)


def responder(*texts, **draws):
    scenario = clinic(*RESPONDER, *texts, referrals=[(0, 60)])
    return lucky(scenario, series=[[]], **draws) if draws else run(scenario)


def boosters(records, *names):
    return [column(records, name, kind=r.BOOSTER) for name in names]


# -- As needed ---------------------------------------------------------------------------------------------


def test_relapse_and_booster_go_round():
    records = responder("[run]\nweeks = 4")
    relapsed, requested, booked, appointment, left = boosters(
        records, "relapsed", "requested", "booked", "appointment", "left"
    )
    # Left on day 0 at 10:00, relapsed on day 10 at 10:00, reported at once, booster at 11:00, over at 12:00; ...
    assert relapsed == [at(10, 10), at(20, 12)]
    assert requested == booked == relapsed
    assert appointment == [at(10, 11), at(20, 13)]
    assert left == [at(10, 12), at(20, 14)]
    patients = records.patients
    assert patients["relapses"].tolist() == [2]
    assert patients["boosters"].tolist() == [2]
    assert patients["programme"].tolist() == [at(10, 10)]
    assert patients["series_ended"].tolist() == [at(0, 10)]
    assert reasons(records) == ["still here"]
    assert column(records, "number") == [1, 1, 2]
    assert column(records, "course") == [0, 1, 2]


def test_a_request_takes_the_first_start_after_the_notice():
    records = responder("[run]\nweeks = 2\n[booking]\nbooster_notice_days = 2")
    assert boosters(records, "requested", "appointment") == [[at(10, 10)], [at(12, 8)]]


def test_a_request_on_a_closed_day_is_answered_at_the_next_opening():
    # Day 10 is a Thursday; closed by date, and so is Friday: answered on Saturday at 08:00.
    closed = "[run]\nweeks = 2\n[clinic]\nclosed_on = [2026-01-15, 2026-01-16]"
    records = responder(closed)
    assert boosters(records, "requested", "booked", "appointment") == [[at(10, 10)], [at(12, 8)], [at(12, 9)]]


@pytest.mark.parametrize(
    ("relapse", "check_in", "noticed"),
    # Left on day 0 at 10:00; asked every so many days at 10:00.
    [(10.0, 7, 14), (10.0, 5, 10), (10.0, 3, 12), (9.5, 10, 10), (10.25, 10, 20), (0.5, 1, 1)],
)
def test_whoever_does_not_report_is_asked(relapse, check_in, noticed):
    records = responder(
        f"[relapse]\ndays = {relapse}\n[boosters]\nself_report = 0.0\ncheck_in_days = {check_in}"
    )
    relapsed, requested = boosters(records, "relapsed", "requested")
    assert relapsed[0] == at(0, 10) + relapse * r.DAY
    assert requested[0] == at(noticed, 10)
    assert records.patients["programme"].tolist() == [at(noticed, 10)]


def test_check_ins_run_from_the_last_infusion():
    # After the first booster, over on day 14 at 12:00, they come at 12:00: relapse on day 24, asked on day 28.
    records = responder("[run]\nweeks = 5\n[boosters]\nself_report = 0.0")
    assert boosters(records, "requested", "left") == [[at(14, 10), at(28, 12)], [at(14, 12), at(28, 14)]]


def test_uptake_is_settled_at_the_first_relapse():
    records = responder("[boosters]\nuptake = 0.0\nself_report = 0.0")
    assert reasons(records) == ["declined boosters"]
    assert records.patients["left"].tolist() == [at(14, 10)]  # when it was noticed
    assert records.patients["relapses"].tolist() == [1]
    assert math.isnan(records.patients["programme"][0])
    assert len(column(records, "number")) == 1


def test_later_relapses_always_ask():
    # With an uptake of one half, a patient who had one booster has all that follow.
    # A new draw each time would end some.
    scenario = clinic(
        *RESPONDER, "[boosters]\nuptake = 0.5\ndays = 2\n[relapse]\ndays = 2", referrals=[(0, 60)]
    )
    counts = [int(run(scenario, seed).patients["boosters"][0]) for seed in range(40)]
    assert set(counts) == {0, max(counts)}
    assert max(counts) > 15


def test_who_never_relapses_is_followed_up_and_leaves_sustained():
    records = responder(
        '[relapse]\ndays = { dist = "constant", value = 3, never = 1.0 }\nfollow_up_days = 20'
    )
    assert reasons(records) == ["sustained"]
    assert records.patients["left"].tolist() == [at(20, 10)]
    assert records.patients["relapses"].tolist() == [0]


@pytest.mark.parametrize(("days", "reason"), [(20, "still here"), (20.01, "sustained")])
def test_a_relapse_within_follow_up_counts(days, reason):
    records = responder(f"[run]\nweeks = 4\n[relapse]\ndays = {days}\nfollow_up_days = 20")
    assert reasons(records) == [reason]


def test_follow_up_begins_anew_after_a_booster():
    records = responder("[relapse]\nfollow_up_days = 15\n[boosters]\ndays = 16")
    assert reasons(records) == ["sustained"]
    assert records.patients["boosters"].tolist() == [1]
    assert records.patients["left"].tolist() == [at(25, 12)]


def test_attrition_comes_after_the_booster():
    records = responder("[boosters]\nattrition = 1.0")
    assert reasons(records) == ["left programme"]
    assert records.patients["boosters"].tolist() == [1]
    assert records.patients["left"].tolist() == [at(10, 12)]


def test_each_booster_lengthens_the_next_interval():
    records = responder("[run]\nweeks = 8\n[boosters]\ndays = 4\nlengthening = 1.5")
    relapsed, left = boosters(records, "relapsed", "left")
    # Four days after the first booster, then six, nine, thirteen and a half.
    assert [(relapsed[k + 1] - left[k]) / r.DAY for k in range(4)] == [4, 6, 9, 13.5]


def test_nobody_but_responders_relapses():
    records = responder("[response]\nprobability = 0.0")
    assert reasons(records) == ["no response"]
    assert records.patients["left"].tolist() == [at(0, 10)]


# -- Missed boosters ---------------------------------------------------------------------------------------


def test_a_missed_booster_is_rebooked_at_the_next_start():
    records = responder("[run]\nweeks = 2\n[attendance]\nno_show = 0.3", boosters=[[(r.NO_SHOW, True)]])
    assert outcomes(records, kind=r.BOOSTER) == ["no-show", "completed"]
    assert boosters(records, "appointment", "requested") == [
        [at(10, 11), at(10, 12)],
        [at(10, 10), at(10, 10)],
    ]
    assert boosters(records, "number", "attempt", "course") == [[1, 1], [0, 1], [1, 1]]


def test_a_missed_booster_that_is_not_rebooked_is_asked_for_at_the_next_check_in():
    records = responder(
        "[run]\nweeks = 3\n[attendance]\nno_show = 0.3\nrebooks_booster = 0.0",
        boosters=[[(r.NO_SHOW, False), (r.NO_SHOW, False)]],
    )
    # Check-ins on days 7, 14, 21 at 10:00.
    assert outcomes(records, kind=r.BOOSTER) == ["no-show", "no-show"]
    assert boosters(records, "requested", "appointment") == [
        [at(10, 10), at(14, 10)],
        [at(10, 11), at(14, 11)],
    ]
    assert boosters(records, "relapsed") == [[at(10, 10), at(10, 10)]]
    assert boosters(records, "attempt") == [[0, 1]]
    assert records.patients["relapses"].tolist() == [1]
    assert reasons(records) == ["still here"]


# -- Waiting for a start -----------------------------------------------------------------------------------


def test_requests_wait_in_order_and_are_tried_each_opening_day():
    # Starts on Mondays at 10:00 and 11:00 only, in a book of one week; relapse three days after.
    mondays = '[booking.starts]\nmon = ["10:00", "11:00"]\n' + "".join(
        f"{day} = []\n" for day in ("tue", "wed", "thu", "fri", "sat", "sun")
    )
    text = """
    [run]
    weeks = 4
    [booking]
    window_weeks = 1
    patience_days = 30
    [relapse]
    days = 3
    [boosters]
    days = 30
    """
    scenario = clinic(*RESPONDER, mondays, text, referrals=[(0, 60), (0, 61), (0, 660)])
    records = run(scenario)
    # A and B are treated on day 0; C asks at 11:00, when both starts are gone, and gets day 7 at 10:00. A relapses
    # on day 3 at 11:00 and gets day 7 at 11:00; B relapses at 12:00 and waits: days 4 to 7 open no Monday but the
    # seventh's own, full; on day 7 the book opens day 14.
    assert [days_of(records, patient=row, kind=r.INDUCTION) for row in range(3)] == [[0], [0], [7]]
    rows = records.visits["kind"] == r.BOOSTER
    times = {
        int(patient): (requested, booked, appointment)
        for patient, requested, booked, appointment in zip(
            *(records.visits[name][rows] for name in ("patient", "requested", "booked", "appointment")),
            strict=True,
        )
    }
    assert times[0] == (at(3, 11), at(3, 11), at(7, 11))
    assert times[1] == (at(3, 12), at(7, 8), at(14, 10))
    # C relapses on day 10 at 11:00 and takes the other start of day 14 at once.
    assert times[2] == (at(10, 11), at(10, 11), at(14, 11))


def test_who_has_waited_longest_is_served_first():
    # Two starts a week, on Mondays, in a book of one week. A and B are treated on day 0, C and D have day 7. A
    # relapses on day 3 at 11:00 and B at 12:00; on day 7 the book opens day 14, and A gets the first start.
    mondays = '[booking.starts]\nmon = ["10:00", "11:00"]\n' + "".join(
        f"{day} = []\n" for day in ("tue", "wed", "thu", "fri", "sat", "sun")
    )
    text = "[booking]\nwindow_weeks = 1\npatience_days = 30\n[relapse]\ndays = 3\n[boosters]\ndays = 60"
    records = run(clinic(*RESPONDER, mondays, text, referrals=[(0, 60), (0, 61), (0, 661), (0, 662)]))
    first = [column(records, "appointment", patient=row, kind=r.BOOSTER)[0] for row in range(2)]
    assert first == [at(14, 10), at(14, 11)]
    assert [column(records, "booked", patient=row, kind=r.BOOSTER)[0] for row in range(2)] == [at(7, 8)] * 2


def test_a_request_that_waits_at_the_end_is_to_come_without_a_date():
    # From Tuesday on there are no starts at all.
    nothing = '[booking.starts]\nmon = ["10:00"]\n' + "".join(
        f"{day} = []\n" for day in ("tue", "wed", "thu", "fri", "sat", "sun")
    )
    text = "[run]\nweeks = 1\n[booking]\nwindow_weeks = 1\n[relapse]\ndays = 1\n[booking]"
    scenario = clinic(
        *RESPONDER,
        nothing,
        text.removesuffix("\n[booking]"),
        '[clinic]\nclosed_on = ["01-12"]',
        referrals=[(0, 60)],
    )
    records = run(scenario)
    visits = records.visits
    assert outcomes(records) == ["completed", "to come"]
    assert visits["requested"][1] == at(1, 11)
    assert np.isnan([visits["booked"][1], visits["appointment"][1], visits["decided"][1]]).all()


def test_boosters_may_take_the_reserve_and_series_may_not():
    # All starts are held for boosters until the day itself: a series asking on day 9 gets today's.
    text = "[run]\nweeks = 2\n[booking]\nbooster_reserve = 1.0\nrelease_days = 0\nbooster_notice_days = 3"
    scenario = clinic(*RESPONDER, text, referrals=[(0, 60), (10, 570)])
    records = run(scenario)
    assert column(records, "appointment", patient=1, kind=r.INDUCTION) == [at(10, 10)]
    # The booster asked for at 10:00 on day 10 with three days' notice.
    assert column(records, "appointment", patient=0, kind=r.BOOSTER) == [at(13, 8)]


# Two starts a day, one of them held for boosters until the day itself; A asks for a booster on day 10 at 11:00, and
# has day 12 at 10:00 after two days' notice.
RESERVE = "[booking.starts]\n" + "".join(
    f'{day} = ["10:00", "11:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
)
RESERVE += """
[run]
weeks = 3
[booking]
booster_reserve = 0.5
release_days = 0
booster_notice_days = 2
notice_days = 1
[response]
probability = 1.0
[relapse]
days = 9
[boosters]
days = 60
"""


def test_a_booster_takes_no_start_from_what_series_may_have():
    # B asks on day 11: day 12 has one start left, which series may take.
    scenario = clinic(*RESPONDER, RESERVE, referrals=[(0, 60), (11, 630)])
    records = run(scenario)
    assert column(records, "appointment", patient=0) == [at(1, 10), at(12, 10)]
    assert column(records, "appointment", patient=1)[:1] == [at(12, 11)]


def test_a_booster_that_is_cancelled_leaves_its_start_to_boosters():
    # A cancels day 12 a day before and wants no other. B and C ask after that: one start of day 12 is for series.
    cancels = "[attendance]\nlate_cancel = 0.3\nrebooks_booster = 0.0"
    scenario = clinic(*RESPONDER, RESERVE, cancels, referrals=[(0, 60), (11, 630), (11, 631)])
    for seed in range(1000):
        records = run(scenario, seed)
        both = outcomes(records, kind=r.BOOSTER)[:1], outcomes(records, kind=r.INDUCTION)
        if both == (["cancelled"], ["completed"] * 3):
            break
    assert column(records, "decided", kind=r.BOOSTER)[:1] == [at(11, 10)]
    assert days_of(records, kind=r.INDUCTION) == [1, 12, 13]


# All starts are held for boosters until the day itself.
HELD = "[booking]\nbooster_reserve = 1.0\nrelease_days = 0\nbooster_notice_days = 2"
CANCELS = "[attendance]\nlate_cancel = 0.3"


def test_a_booster_booked_again_may_take_the_reserve():
    # Asked for on day 10, booked for day 12 at 08:00, cancelled on day 11 at 08:00, and booked for day 13 at once.
    records = responder(HELD, CANCELS, boosters=[[(r.CANCELLED, True)]])
    appointment, booked = boosters(records, "appointment", "booked")
    assert appointment[:2] == [at(12, 8), at(13, 8)]
    assert booked[:2] == [at(10, 10), at(11, 8)]


def test_a_course_may_take_the_reserve():
    course = "[protocols.once]\ninfusions = 1\ngap_days = [2, 3]\n[boosters]\ninfusions = 2"
    appointment, booked = boosters(responder(HELD, course), "appointment", "booked")
    assert appointment[:2] == [at(12, 8), at(14, 8)]
    assert booked[:2] == [at(10, 10)] * 2


def test_a_booster_appended_to_its_course_may_take_the_reserve():
    # Days 12 and 14; the first is cancelled on day 11 and finds no room before the second: day 16, at once.
    course = "[protocols.once]\ninfusions = 1\ngap_days = [2, 2]\n[boosters]\ninfusions = 2"
    records = responder(HELD, CANCELS, course, boosters=[[(r.CANCELLED, True)], []])
    appointment, booked = boosters(records, "appointment", "booked")
    assert appointment[:3] == [at(12, 8), at(14, 8), at(16, 8)]
    assert booked[:3] == [at(10, 10), at(10, 10), at(11, 8)]


# -- Scheduled ---------------------------------------------------------------------------------------------

SCHEDULED = '[boosters]\npolicy = "scheduled"\nevery_weeks = [1, 2]'


def test_scheduled_boosters_taper():
    records = responder("[run]\nweeks = 8", SCHEDULED)
    # Enrolled at the series' end, day 0 at 10:00; due a week later: any start of day 7, so 08:00. Then every two
    # weeks from the booster's end, always at 08:00.
    assert boosters(records, "appointment")[0][:4] == [at(7, 8), at(21, 8), at(35, 8), at(49, 8)]
    assert boosters(records, "requested")[0][:4] == [at(7, 10), at(21, 9), at(35, 9), at(49, 9)]
    assert boosters(records, "booked")[0][:4] == [at(0, 10), at(7, 9), at(21, 9), at(35, 9)]
    assert records.patients["programme"].tolist() == [at(0, 10)]
    assert boosters(records, "number", "course") == [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]


def test_intervals_that_are_drawn_follow_their_distribution_anew_each_time():
    drawn = 'policy = "scheduled"\nevery_weeks = [1, { dist = "empirical", values = [2, 3] }]'
    records = responder("[run]\nweeks = 500", f"[boosters]\n{drawn}\nattrition = 0.0")
    requested = np.array(boosters(records, "requested")[0])
    assert requested[0] == at(7, 10)
    days = np.diff(requested // r.DAY)
    # a booster that is given a day late moves the next one by a day
    assert set(days.tolist()) <= {14, 15, 16, 21, 22, 23}
    long = days > 20
    assert len(long) > 180
    assert abs(long.mean() - 0.5) < 4.1 * 0.5 / math.sqrt(len(long))
    # no interval tells the next one
    assert abs((long[1:] == long[:-1]).mean() - 0.5) < 4.1 * 0.5 / math.sqrt(len(long))


def test_a_booster_in_time_puts_the_relapse_off():
    # Relapse would come on day 10 at 10:00; the booster on day 7, over at 09:00, puts it off to day 17 at 09:00. It
    # comes before the booster of day 21, which answers it; the next, on day 31, before the booster of day 35.
    records = responder("[run]\nweeks = 6", SCHEDULED)
    relapsed = boosters(records, "relapsed")[0]
    assert math.isnan(relapsed[0])
    assert relapsed[1:3] == [at(17, 9), at(31, 9)]
    assert records.patients["relapses"].tolist() == [2]


def test_the_later_of_the_pending_relapse_and_the_new_one():
    # Relapse pending on day 20 at 10:00; the booster of day 7 would put it to day 12: it stays on day 20, before
    # the booster of day 21.
    records = responder("[run]\nweeks = 4", SCHEDULED, "[relapse]\ndays = 20\n[boosters]\ndays = 5")
    relapsed = boosters(records, "relapsed")[0]
    assert math.isnan(relapsed[0])
    assert relapsed[1] == at(20, 10)


def test_never_stays_never():
    never = '[relapse]\ndays = { dist = "constant", value = 3, never = 1.0 }\n[boosters]\ndays = 1'
    records = responder("[run]\nweeks = 6", SCHEDULED, never)
    assert records.patients["relapses"].tolist() == [0]
    assert len(boosters(records, "number")[0]) == 4  # the last is to come on day 49
    assert np.isnan(boosters(records, "relapsed")[0]).all()


def test_who_declines_a_schedule_leaves_at_the_series_end():
    records = responder(SCHEDULED, "[boosters]\nuptake = 0.0")
    assert reasons(records) == ["declined boosters"]
    assert records.patients["left"].tolist() == [at(0, 10)]


def test_attrition_ends_a_schedule():
    records = responder(SCHEDULED, "[boosters]\nattrition = 1.0")
    assert reasons(records) == ["left programme"]
    assert records.patients["left"].tolist() == [at(7, 9)]


def test_a_booster_due_on_a_closed_day_comes_on_the_next():
    records = responder("[run]\nweeks = 2\n[clinic]\nclosed_on = [2026-01-12]", SCHEDULED)
    assert boosters(records, "appointment", "requested")[0][:1] == [at(8, 8)]
    assert boosters(records, "requested")[0][:1] == [at(7, 10)]


def test_a_schedule_beyond_the_open_book_is_booked_when_the_book_opens():
    # Every three weeks in a book of two: day 21 is opened on day 7, at the time of day at which it is due.
    records = responder(
        "[run]\nweeks = 4\n[booking]\nwindow_weeks = 2", '[boosters]\npolicy = "scheduled"\nevery_weeks = 3'
    )
    assert boosters(records, "booked", "appointment")[0][:1] == [at(7, 10)]
    assert boosters(records, "appointment")[0][:1] == [at(21, 8)]


# -- Both --------------------------------------------------------------------------------------------------

BOTH = '[run]\nweeks = 5\n[boosters]\npolicy = "both"\nevery_weeks = 4'


def test_a_relapse_comes_before_the_schedule():
    records = responder(BOTH)
    # Booked at the series' end for day 28; relapsed on day 10 at 10:00, so at 11:00 instead. After it, over at
    # 12:00 on day 10: booked for day 38, and relapsed again on day 20 at 12:00.
    assert outcomes(records, kind=r.BOOSTER) == [
        "moved",
        "completed",
        "moved",
        "completed",
        "moved",
        "completed",
        "to come",
    ]
    appointment, requested, decided, relapsed = boosters(
        records, "appointment", "requested", "decided", "relapsed"
    )
    assert appointment[:4] == [at(28, 8), at(10, 11), at(38, 8), at(20, 13)]
    assert requested[:4] == [at(28, 10), at(10, 10), at(38, 12), at(20, 12)]
    assert decided[:2] == [at(10, 10), at(10, 12)]
    assert relapsed[1] == at(10, 10)
    assert math.isnan(relapsed[0])
    assert boosters(records, "number")[0][:4] == [1, 1, 2, 2]
    assert records.patients["relapses"].tolist() == [3]


def test_a_relapse_is_answered_after_the_notice_before_the_schedule():
    # Relapsed on day 10 at 10:00; with two days' notice day 12 at 08:00, instead of day 28.
    records = responder(BOTH, "[booking]\nbooster_notice_days = 2")
    assert boosters(records, "appointment")[0][:2] == [at(28, 8), at(12, 8)]
    assert outcomes(records, kind=r.BOOSTER)[:2] == ["moved", "completed"]


def test_a_relapse_too_late_to_gain_anything_keeps_the_schedule():
    # Relapse on day 27 at 10:00, noticed at once, with a day's notice: day 28 at 08:00 is what it has already.
    records = responder(BOTH, "[relapse]\ndays = 27\n[booking]\nbooster_notice_days = 1")
    assert outcomes(records, kind=r.BOOSTER)[0] == "completed"
    appointment, relapsed = boosters(records, "appointment", "relapsed")
    assert appointment[0] == at(28, 8)
    assert relapsed[0] == at(27, 10)
    assert records.patients["relapses"].tolist()[0] >= 1


def test_a_relapse_that_is_not_noticed_in_time_keeps_the_schedule():
    records = responder(BOTH, "[boosters]\nself_report = 0.0\ncheck_in_days = 30")
    assert boosters(records, "appointment")[0][0] == at(28, 8)
    assert boosters(records, "relapsed")[0][0] == at(10, 10)


def test_no_relapse_leaves_the_schedule_alone():
    records = responder(BOTH, "[relapse]\ndays = 100")
    assert outcomes(records, kind=r.BOOSTER) == ["completed", "to come"]
    assert records.patients["relapses"].tolist() == [0]


# -- Courses of several infusions --------------------------------------------------------------------------

COURSE = """
[protocols.once]
infusions = 1
gap_days = [2, 3]
[boosters]
infusions = 3
"""


def test_a_course_keeps_the_protocols_gaps():
    records = responder("[run]\nweeks = 4", COURSE)
    # Relapse on day 10 at 10:00: 11:00, then two days later at 08:00, and two days later; the next relapse runs
    # from the last one's end, day 14 at 09:00.
    appointment, relapsed, number, course, requested = boosters(
        records, "appointment", "relapsed", "number", "course", "requested"
    )
    assert appointment[:4] == [at(10, 11), at(12, 8), at(14, 8), at(24, 10)]
    assert relapsed == [at(10, 10)] * 3 + [at(24, 9)] * 3
    assert number == [1, 2, 3, 4, 5, 6]
    assert course == [1, 1, 1, 2, 2, 2]
    assert requested == relapsed
    assert appointment[4:] == [at(26, 8), at(28, 8)]
    assert records.patients["boosters"].tolist() == [5]


def test_attrition_is_drawn_after_the_course():
    records = responder(COURSE, "[boosters]\nattrition = 1.0")
    assert records.patients["boosters"].tolist() == [3]
    assert records.patients["left"].tolist() == [at(14, 9)]


# -- Walking in --------------------------------------------------------------------------------------------


def test_walk_in_patients_come_at_the_moment_the_relapse_is_noticed():
    records = responder('[booking]\nmode = "walk-in"\n[run]\nweeks = 4\n[boosters]\nself_report = 0.0')
    # Referred on Monday at 01:00, so there at opening, until 09:00. Relapse on day 10 at 09:00, asked on day 14.
    assert column(records, "arrived") == [at(0, 8), at(14, 9)]
    # The booster is over at 10:00; relapse on day 24 at 10:00, asked on day 28, after the end.
    assert boosters(records, "relapsed", "requested") == [[at(10, 9)], [at(14, 9)]]


def test_a_relapse_noticed_at_night_comes_at_opening():
    records = responder('[booking]\nmode = "walk-in"\n[run]\nweeks = 2\n[relapse]\ndays = 10.5')
    assert column(records, "arrived") == [at(0, 8), at(11, 8)]
    assert boosters(records, "requested") == [[at(10, 21)]]


def test_walk_in_courses_come_back_after_the_shortest_gap():
    records = responder('[booking]\nmode = "walk-in"\n[run]\nweeks = 3', COURSE)
    assert column(records, "arrived") == [at(0, 8), at(10, 9), at(12, 9), at(14, 9)]


def test_walk_in_by_schedule():
    records = responder('[booking]\nmode = "walk-in"\n[run]\nweeks = 5', SCHEDULED)
    assert column(records, "arrived") == [at(0, 8), at(7, 9), at(21, 10)]


def test_who_asks_when_the_clinic_has_closed_for_good_has_asked():
    # Relapses on day 12, a Saturday, at 10:00, two days before the clinic would open again: after the end.
    for mode in ("booked", "walk-in"):
        scenario = clinic(
            "[response]\nprobability = 1.0\n[relapse]\ndays = 12",
            f'[booking]\nmode = "{mode}"',
            referrals=[(0, 540)],
        )
        records = run(scenario)
        assert boosters(records, "requested") == [[records.visits["left"][0] + 12 * r.DAY]]
        assert outcomes(records, kind=r.BOOSTER) == ["to come"]
        assert np.isnan(boosters(records, "booked")).all()
