"""Series booked, missed, rebooked and released, on the calendar of January 2026: day 0 is Monday the 5th."""

import numpy as np
import pytest

from simclinic import records as r
from tests.model.small import EVERY_DAY, at, clinic, column, days_of, lucky, outcomes, reasons, run

MON, TUE, WED, THU, FRI, SAT = range(6)
NO_SHOW, CANCELLED = (r.NO_SHOW, True), (r.CANCELLED, True)

TWICE = """
[run]
weeks = 6
[protocols.twice]
infusions = 6
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[demand.protocol_mix]
twice = 1.0
"""
THRICE = TWICE.replace("twice", "thrice").replace("[3, 4]", "[2, 3]").replace("[2, 7]", "[1, 5]")

ONE_A_DAY = "[booking.starts]\n" + "".join(
    f'{day} = ["10:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri")
)


def protocol(infusions, gap, permitted=None):
    permitted = gap if permitted is None else permitted
    return f"""
    [protocols.it]
    infusions = {infusions}
    gap_days = {gap}
    permitted_gap_days = {permitted}
    [demand.protocol_mix]
    it = 1.0
    """


# -- Which days --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ready", "days"),
    [
        (MON, [0, 3, 7, 10, 14, 17]),
        (TUE, [1, 4, 7, 10, 14, 17]),  # Tuesday, Friday: then Monday, shorter first
        (WED, [3, 7, 10, 14, 17, 21]),  # Wednesday + 3 or 4 is a weekend: Thursday
        (THU, [3, 7, 10, 14, 17, 21]),
        (FRI, [4, 7, 10, 14, 17, 21]),
        (SAT, [7, 10, 14, 17, 21, 24]),
    ],
)
def test_twice_weekly_never_starts_on_a_wednesday(ready, days):
    assert days_of(run(clinic(TWICE, referrals=[(ready, 60)]))) == days


@pytest.mark.parametrize(
    ("ready", "days"),
    [
        (MON, [0, 2, 4, 7, 9, 11]),
        # Tuesday's only way is Friday, three days later; so it does start on a Tuesday.
        (TUE, [1, 4, 7, 9, 11, 14]),
        (WED, [2, 4, 7, 9, 11, 14]),
        (THU, [4, 7, 9, 11, 14, 16]),  # Thursday + 2 or 3 is a weekend
    ],
)
def test_thrice_weekly_never_starts_on_a_thursday(ready, days):
    assert days_of(run(clinic(THRICE, referrals=[(ready, 60)]))) == days


def test_permitted_gaps_if_there_is_no_other_way():
    # No starts on Fridays, and nothing within 2 to 3 days goes past the weekend then. From Tuesday: Thursday (2),
    # Monday (4, since 2, 3 and 1 lead to no start), Wednesday (2), Thursday (1: as near as 4, and shorter), Monday.
    fridays = "[booking.starts]\nfri = []"
    assert days_of(run(clinic(THRICE, fridays, referrals=[(TUE, 60)]))) == [1, 3, 7, 9, 10, 14]


def test_preferred_gaps_are_waited_for_so_many_days_and_no_longer():
    # Asking on Wednesday: the preferred chain begins on Thursday, the permitted one on Wednesday with a gap of 2
    # (as near to 3-4 as 5, and shorter), Friday, Monday, Thursday, Monday, Thursday.
    wednesday = [(WED, 60)]
    permitted = [2, 4, 7, 10, 14, 17]
    assert days_of(run(clinic(TWICE, "[booking]\nprefer_days = 0", referrals=wednesday))) == permitted
    assert days_of(run(clinic(TWICE, "[booking]\nprefer_days = 1", referrals=wednesday))) == [
        3,
        7,
        10,
        14,
        17,
        21,
    ]


def test_a_holiday_lengthens_the_upper_limit():
    # Thursday + 4 is Monday the 12th, a holiday: then Tuesday, five days later, is within the preferred window.
    holiday = "[clinic]\nclosed_on = [2026-01-12]"
    records = run(clinic(TWICE, holiday, referrals=[(THU, 60)]))
    assert days_of(records) == [3, 8, 11, 14, 17, 21]
    # Just as a day without a start it would not be.
    full = "[booking.starts]\nmon = []"
    assert days_of(run(clinic(TWICE, full, referrals=[(THU, 60)])))[:2] != [3, 8]


def test_the_earliest_start_of_each_day():
    records = run(
        clinic(
            protocol(2, [1, 1]),
            "[booking]\nstart_every_minutes = 60",
            referrals=[(MON, 60), (MON, 600), (TUE, 60)],
        )
    )
    times = records.visits["appointment"].reshape(3, 2).tolist()
    # At 08:00 the start at 08:00 has begun; B asks at 10:00, when A has 09:00; C finds Tuesday's 08:00 gone.
    assert times == [[at(0, 9), at(1, 8)], [at(0, 11), at(1, 9)], [at(1, 10), at(2, 8)]]


def test_who_asks_at_night_is_answered_in_the_morning():
    # Friday 18:00, with two days' notice: answered on Monday, so Wednesday at the earliest.
    records = run(clinic("[booking]\nnotice_days = 2", referrals=[(FRI, 1080), (WED, 600)]))
    assert column(records, "booked") == [at(2, 10), at(7, 8)]
    assert column(records, "appointment") == [at(4, 8), at(9, 8)]
    assert column(records, "requested") == [at(2, 10), at(4, 18)]


def test_dated_holidays_are_not_answered():
    records = run(clinic('[clinic]\nclosed_on = ["01-06"]', referrals=[(TUE, 600)]))
    assert column(records, "booked") == [at(2, 8)]


# -- Balking -----------------------------------------------------------------------------------------------


def test_patience_counts_from_being_ready():
    # Ready on Saturday, answered on Monday with one day's notice: Tuesday is three days after Saturday.
    def left_with(patience):
        return reasons(
            run(clinic(f"[booking]\nnotice_days = 1\npatience_days = {patience}", referrals=[(SAT, 600)]))
        )

    assert left_with(3) == ["no response"]
    assert left_with(2) == ["balked"]


def test_balks_at_once_and_once():
    # One start a day; the first two days are taken by A and B, and C would wait one day.
    records = run(
        clinic(ONE_A_DAY, "[booking]\npatience_days = 1", referrals=[(MON, 540), (MON, 550), (MON, 560)])
    )
    assert reasons(records) == ["no response", "no response", "balked"]
    assert records.patients["left"][2] == at(0, 9, 20)
    assert days_of(records) == [0, 1]


def test_the_open_window_may_be_shorter_than_patience():
    # A week's book: days 0 to 7; six starts.
    text = "[booking]\nwindow_weeks = 1\npatience_days = 40"
    records = run(clinic(ONE_A_DAY, text, referrals=[(MON, 540 + k) for k in range(8)]))
    assert days_of(records) == [0, 1, 2, 3, 4, 7]
    assert reasons(records)[6:] == ["balked", "balked"]


def test_a_whole_series_must_fit_into_the_open_window():
    # Three infusions a week apart need a book of two weeks from the first day.
    two_weeks = "[run]\nweeks = 3\n[booking]\nwindow_weeks = 2\npatience_days = 40"
    records = run(clinic(protocol(3, [7, 7]), two_weeks, referrals=[(MON, 540), (MON, 1000)]))
    assert days_of(records) == [0, 7, 14]
    # The second asks on the same Monday, too late for a start today: from Tuesday on two weeks are too few.
    assert reasons(records) == ["no response", "balked"]


# -- Rolling -----------------------------------------------------------------------------------------------


def test_rolling_books_the_next_on_leaving():
    records = run(clinic(TWICE, '[booking]\nseries = "rolling"', referrals=[(WED, 60)]))
    # Nothing speaks against a Wednesday now; Saturday and Sunday are closed, so Friday (2 permitted), Monday ...
    assert days_of(records) == [2, 4, 7, 10, 14, 17]
    assert column(records, "booked")[1:] == column(records, "left")[:-1]
    assert column(records, "number") == [1, 2, 3, 4, 5, 6]


def test_rolling_takes_the_first_start_after_if_no_gap_is_free():
    # One start a week, on Mondays; gaps of 2 to 3 (1 to 5 permitted): a week later is the first start after.
    mondays = '[booking.starts]\nmon = ["10:00"]\ntue = []\nwed = []\nthu = []\nfri = []'
    records = run(
        clinic(
            protocol(3, [2, 3], [1, 5]),
            mondays,
            '[booking]\nseries = "rolling"\n[run]\nweeks = 3',
            referrals=[(MON, 540)],
        )
    )
    assert days_of(records) == [0, 7, 14]


def test_rolling_never_takes_a_start_before_the_least_gap():
    # Starts on Mondays and Tuesdays only; two to four days apart. Tuesday is too soon after Monday, and from
    # Wednesday to Friday there is none: the Monday after.
    few = '[booking.starts]\nmon = ["10:00"]\ntue = ["10:00"]\nwed = []\nthu = []\nfri = []'
    records = run(
        clinic(
            protocol(3, [3, 3], [2, 4]),
            few,
            '[booking]\nseries = "rolling"\n[run]\nweeks = 3',
            referrals=[(MON, 540)],
        )
    )
    assert days_of(records) == [0, 7, 14]


def test_rolling_who_leaves_after_closing_is_answered_in_the_morning():
    # The clinic closes at 17:00, and the visit of Monday at 16:30 is over at 17:30.
    late = '[booking.starts]\nmon = ["16:30"]\nwed = ["10:00"]'
    records = run(clinic(protocol(2, [2, 2]), late, '[booking]\nseries = "rolling"', referrals=[(MON, 540)]))
    assert days_of(records) == [0, 2]
    assert column(records, "left")[0] == at(0, 17, 30)
    assert column(records, "booked")[1] == at(1, 8)


# -- Missing ----------------------------------------------------------------------------------------------


def test_a_missed_infusion_is_rebooked_in_between():
    # A week apart (2 to 9 permitted). The second, on day 7, is missed: the first start after is on day 8, a day
    # after day 0 by more than 2 and six before day 14.
    scenario = clinic(
        protocol(3, [7, 7], [2, 9]),
        ONE_A_DAY,
        "[run]\nweeks = 4\n[attendance]\nno_show = 0.3",
        referrals=[(MON, 540)],
    )
    records = lucky(scenario, series=[[], [NO_SHOW], []])
    assert days_of(records) == [0, 7, 14, 8]
    assert outcomes(records) == ["completed", "no-show", "completed", "completed"]
    assert column(records, "number") == [1, 2, 3, 2]
    assert column(records, "attempt") == [0, 0, 0, 1]
    assert column(records, "decided")[1] == column(records, "booked")[3] == at(7, 10)
    assert column(records, "requested") == [at(0, 9)] * 4


def test_the_permitted_least_gap_is_kept_on_both_sides():
    # A least gap of 4: after day 0 and before day 14, day 8 will do; with a least gap of 7 nothing will, for the
    # missed one was the only day.
    def missed(permitted):
        scenario = clinic(
            protocol(3, [7, 7], permitted), ONE_A_DAY, "[run]\nweeks = 5\n[attendance]\nno_show = 0.3",
            referrals=[(MON, 540)],
        )  # fmt: skip
        return lucky(scenario, series=[[], [NO_SHOW], []])

    assert days_of(missed([6, 9])) == [0, 7, 14, 8]
    # Seven days from day 14 is day 21: appended, and the appointment of day 14 becomes the second infusion.
    appended = missed([7, 9])
    assert days_of(appended) == [0, 7, 14, 21]
    assert column(appended, "number") == [1, 2, 2, 3]
    assert column(appended, "attempt") == [0, 0, 1, 0]


def test_appended_at_the_end_if_there_is_no_room_before_the_next():
    # Daily: the second is missed on day 1, the third follows on day 2: appended on day 3, at a gap of 1.
    scenario = clinic(
        protocol(3, [1, 2], [1, 3]), ONE_A_DAY, "[attendance]\nno_show = 0.3", referrals=[(MON, 540)]
    )
    records = lucky(scenario, series=[[], [NO_SHOW], []])
    assert days_of(records) == [0, 1, 2, 3]
    assert column(records, "number") == [1, 2, 2, 3]
    assert column(records, "attempt") == [0, 0, 1, 0]
    assert outcomes(records) == ["completed", "no-show", "completed", "completed"]
    assert records.patients["infusions"].tolist() == [3]
    assert records.patients["last_infusion"].tolist() == [at(3, 11)]


def test_rebooked_on_the_same_day_if_there_is_a_start_left():
    two = "[booking.starts]\n" + "".join(f'{day} = ["10:00", "12:00"]\n' for day in ("mon", "tue", "wed"))
    scenario = clinic(protocol(2, [1, 2]), two, "[attendance]\nno_show = 0.3", referrals=[(MON, 540)])
    records = lucky(scenario, series=[[], [NO_SHOW]])
    assert column(records, "appointment") == [at(0, 10), at(1, 10), at(1, 12)]


def test_the_last_infusion_missed_is_put_off():
    scenario = clinic(
        protocol(2, [3, 3], [2, 4]), ONE_A_DAY, "[attendance]\nno_show = 0.4", referrals=[(MON, 540)]
    )
    records = lucky(scenario, series=[[], [NO_SHOW, NO_SHOW]])
    assert days_of(records) == [0, 3, 4, 7]
    assert column(records, "attempt") == [0, 0, 1, 2]


def test_a_late_cancellation_comes_so_long_before_and_frees_the_start():
    # A cancels Thursday's appointment on Tuesday at 10:00, two days before, and does not want another. B asks on
    # Tuesday at 09:00 and gets Friday; C asks at 11:00 and gets Thursday. Nobody is pulled forward.
    scenario = clinic(
        ONE_A_DAY,
        "[booking]\nnotice_days = 1\n[attendance]\nlate_cancel = 0.3\nrebooks = 0.0\ncancel_notice_days = 2",
        referrals=[(MON, 540), (MON, 550), (MON, 560), (TUE, 540), (TUE, 660)],
    )
    for seed in range(2000):
        records = run(scenario, seed)
        if outcomes(records) == ["completed", "completed", "cancelled", "completed", "completed"]:
            break
    assert days_of(records) == [1, 2, 3, 4, 3]
    assert column(records, "decided")[2] == at(1, 10)
    assert reasons(records)[2] == "dropped out"
    assert records.patients["left"][2] == at(1, 10)


def test_who_cancels_on_a_sunday_is_given_another_start_on_monday():
    scenario = clinic(
        ONE_A_DAY, "[booking]\nnotice_days = 1\n[attendance]\nlate_cancel = 0.3", referrals=[(FRI, 720)]
    )
    records = lucky(scenario, series=[[CANCELLED]])
    assert column(records, "appointment") == [at(7, 10), at(8, 10)]
    assert column(records, "decided")[0] == at(6, 10)
    assert column(records, "booked") == [at(4, 12), at(7, 8)]


def test_a_request_given_up_while_it_waits_takes_no_start():
    # A misses the first of three, a week apart, and day 21 is beyond the book: the appended one waits. Day 21 is
    # closed, so day 22 would be its date, which the book opens on day 8. But on day 7 A comes, and drops out.
    text = """
    [run]
    weeks = 5
    [clinic]
    closed_on = [2026-01-26]
    [booking]
    window_weeks = 2
    [attendance]
    no_show = 0.3
    [response]
    drop_out = [1.0]
    """
    scenario = clinic(protocol(3, [7, 7]), ONE_A_DAY, text, referrals=[(MON, 540)])
    records = lucky(scenario, series=[[NO_SHOW]])
    assert outcomes(records) == ["no-show", "completed", "released", "released"]
    assert column(records, "appointment")[:3] == [at(0, 10), at(7, 10), at(14, 10)]
    assert np.isnan(column(records, "appointment")[3])
    assert column(records, "decided")[2:] == [at(7, 11)] * 2


CANCELS_EARLY = """
[booking]
notice_days = 1
[attendance]
late_cancel = 0.3
rebooks = 0.0
cancel_notice_days = 10
"""


def test_nobody_cancels_before_booking_or_before_the_infusion_before():
    # Notice of ten days: the first infusion is cancelled at the very booking, the second on leaving the first.
    text = CANCELS_EARLY
    scenario = clinic(protocol(2, [2, 2]), ONE_A_DAY, text, referrals=[(MON, 540)])
    first = lucky(scenario, series=[[(r.CANCELLED, False)]])
    assert outcomes(first) == ["cancelled", "released"]
    assert column(first, "decided") == [at(0, 9)] * 2
    second = lucky(scenario, series=[[], [(r.CANCELLED, False)]])
    assert outcomes(second) == ["completed", "cancelled"]
    assert column(second, "decided") == [at(1, 11)] * 2
    assert second.patients["series_ended"].tolist() == [at(1, 11)]
    assert reasons(second) == ["dropped out"]


def test_the_clinics_cancellations_are_rebooked_and_are_nobodys_miss():
    # Nobody is there on Tuesday: known at midnight. Wednesday is the next start (one a day, in rows of two).
    absent = '[shifts.day]\ndays = ["mon", "tue", "wed", "thu", "fri"]\nhours = "08:00-17:00"\nnurses = 2\n'
    changes = """
    [changes."2026-01-06"]
    "shifts.day.absence" = 1.0
    [changes."2026-01-07"]
    "shifts.day.absence" = 0.0
    """
    none_rebooks = "[booking]\nnotice_days = 1\n[attendance]\nrebooks = 0.0"
    scenario = clinic(
        protocol(2, [2, 2], [1, 4]), ONE_A_DAY, absent, changes, none_rebooks, referrals=[(MON, 540)]
    )
    records = run(scenario)
    assert outcomes(records) == ["clinic-cancelled", "completed", "completed"]
    assert days_of(records) == [1, 3, 2]
    assert column(records, "decided")[0] == at(1, 0)
    assert column(records, "booked")[2] == at(1, 8)
    assert column(records, "number") == [1, 2, 1]
    assert column(records, "attempt") == [0, 0, 0]
    assert records.days["present"][:3].tolist() == [[2], [0], [2]]
    assert records.days["rostered"][:3].tolist() == [[2], [2], [2]]


def test_after_the_clinics_cancellation_the_patients_own_first_attempt_is_still_to_come():
    # The patient would not come to the first attempt at the first infusion. Tuesday's is cancelled by the clinic,
    # so the first attempt is Wednesday's, and Thursday's is the second.
    changes = """
    [booking]
    notice_days = 1
    [attendance]
    no_show = 0.3
    [changes."2026-01-06"]
    "shifts.day.absence" = 1.0
    [changes."2026-01-07"]
    "shifts.day.absence" = 0.0
    """
    records = lucky(clinic(ONE_A_DAY, changes, referrals=[(MON, 540)]), series=[[NO_SHOW]])
    assert outcomes(records) == ["clinic-cancelled", "no-show", "completed"]
    assert days_of(records) == [1, 2, 3]
    assert column(records, "attempt") == [0, 0, 1]


def test_an_appointment_in_the_hours_of_an_absent_shift_is_cancelled_and_no_other():
    shifts = """
    [shifts.early]
    days = ["tue"]
    hours = "08:00-12:00"
    nurses = 1
    absence = 1.0
    [shifts.late]
    days = ["mon", "tue", "wed"]
    hours = "12:00-17:00"
    nurses = 1
    [booking]
    notice_days = 1
    [booking.starts]
    tue = ["11:59", "12:00"]
    """
    records = run(clinic(shifts, referrals=[(MON, 540), (MON, 541)]))
    assert outcomes(records, appointment=at(1, 11, 59)) == ["clinic-cancelled"]
    assert outcomes(records, appointment=at(1, 12)) == ["completed"]


def test_a_morning_shift_does_not_keep_the_appointments_of_an_absent_evening():
    shifts = """
    [shifts.early]
    days = ["mon", "tue"]
    hours = "08:00-12:00"
    nurses = 1
    [shifts.late]
    days = ["tue"]
    hours = "12:00-17:00"
    nurses = 1
    absence = 1.0
    [booking]
    notice_days = 1
    [booking.starts]
    tue = ["11:59", "12:00"]
    """
    records = run(clinic(shifts, referrals=[(MON, 540), (MON, 541)]))
    assert outcomes(records, appointment=at(1, 11, 59)) == ["completed"]
    assert outcomes(records, appointment=at(1, 12)) == ["clinic-cancelled"]


def test_who_is_absent_on_a_date_is_absent_however_long_the_warm_up():
    def present(weeks):
        shift = '[shifts.day]\ndays = ["mon", "tue", "wed"]\nhours = "08:00-17:00"\nnurses = 4\nabsence = 0.5'
        days = run(clinic(f"[run]\nweeks = 8\nwarm_up_weeks = {weeks}", shift)).days
        return days["present"][days["day"] >= 0, 0].tolist()

    assert len(set(present(0))) > 3
    assert present(0) == present(3)


# -- Stopping ----------------------------------------------------------------------------------------------


def test_dropping_out_releases_what_is_left_at_the_visits_end():
    scenario = clinic(
        protocol(3, [1, 1]),
        ONE_A_DAY,
        "[response]\ndrop_out = [0.0, 1.0]",
        referrals=[(MON, 540), (TUE, 659), (TUE, 665)],
    )
    records = run(scenario)
    # A leaves for good on Tuesday at 11:00; who asks a minute before finds Wednesday taken, C gets it.
    assert days_of(records, patient=0) == [0, 1, 2]
    assert outcomes(records, patient=0) == ["completed", "completed", "released"]
    assert column(records, "decided", patient=0)[1:] == [at(1, 11)] * 2
    assert days_of(records, patient=1) == [7, 8, 9]
    assert days_of(records, patient=2) == [2, 3, 4]
    assert reasons(records)[0] == "dropped out"
    assert records.patients["left"][0] == records.patients["series_ended"][0] == at(1, 11)
    assert records.patients["infusions"][0] == 2


def test_stopping_comes_before_dropping_out():
    stop = "[response]\ndrop_out = [1.0]\nstop_rule = { after = 1, sensitivity = 0.0, specificity = 1.0 }"
    records = run(clinic(protocol(3, [1, 1]), stop, referrals=[(MON, 540)]))
    assert reasons(records) == ["stopped early"]
    assert outcomes(records) == ["completed", "released", "released"]


def test_who_drops_out_first_is_not_stopped():
    stop = "[response]\ndrop_out = [1.0]\nstop_rule = { after = 2, sensitivity = 0.0, specificity = 1.0 }"
    assert reasons(run(clinic(protocol(3, [1, 1]), stop, referrals=[(MON, 540)]))) == ["dropped out"]


def test_after_the_last_infusion_nobody_drops_out():
    records = run(clinic(protocol(2, [1, 1]), "[response]\ndrop_out = [0.0, 1.0]", referrals=[(MON, 540)]))
    assert reasons(records) == ["no response"]
    assert records.patients["left"].tolist() == column(records, "left")[-1:]


# -- Caps --------------------------------------------------------------------------------------------------


def test_series_starts_per_week():
    records = run(
        clinic(
            protocol(2, [1, 1]),
            "[run]\nweeks = 4\n[booking]\nmax_series_starts_per_week = 2",
            referrals=[(MON, 540 + k) for k in range(5)],
        )
    )
    firsts = [int(time // r.DAY) for time in column(records, "appointment", number=1)]
    assert firsts == [0, 0, 7, 7, 14]


def test_patients_in_series():
    # One at a time, two days each. B is let in at the first opening after A's last visit; C's three days of
    # patience are over on Friday morning.
    text = "[booking]\nmax_patients_in_series = 1\npatience_days = 3"
    records = run(
        clinic(protocol(2, [1, 1]), ONE_A_DAY, text, referrals=[(MON, 610), (MON, 611), (MON, 612)])
    )
    assert days_of(records, patient=0) == [1, 2]
    assert days_of(records, patient=1) == [3, 4]
    assert column(records, "booked", patient=1) == [at(3, 8)] * 2
    assert reasons(records) == ["no response", "no response", "balked"]
    assert records.patients["left"][2] == at(4, 8)


def test_two_patients_in_series_and_a_third_who_waits_for_the_first_to_end():
    text = """
    [booking]
    max_patients_in_series = 2
    [response]
    stop_rule = { after = 1, sensitivity = 1.0, specificity = 1.0 }
    """
    records = run(clinic(protocol(2, [1, 4]), ONE_A_DAY, text, referrals=[(MON, 540 + k) for k in range(3)]))
    # A has days 0 and 1, B 2 and 3. A is stopped on Monday at 11:00 and gives day 1 back; on Tuesday morning C is
    # let in and gets it, and day 4.
    assert reasons(records) == ["stopped early"] * 3
    assert [days_of(records, patient=row) for row in range(3)] == [[0, 1], [2, 3], [1, 4]]
    assert column(records, "booked", patient=2) == [at(1, 8)] * 2


def test_a_week_whose_cap_is_reached_is_closed_to_its_sunday():
    # Open every day; one series a week: B, who asks on Monday, too, begins on the next.
    one = "[booking]\nmax_series_starts_per_week = 1"
    records = run(clinic(EVERY_DAY, one, referrals=[(MON, 540), (MON, 550)]))
    assert days_of(records) == [0, 7]


def test_the_cap_holds_in_a_week_that_began_before_the_run():
    # The run begins on a Wednesday: day 0 of its calendar. The week ends on Sunday, and Monday is day 5.
    text = "[run]\nstart = 2026-01-07\n[booking]\nmax_series_starts_per_week = 1"
    records = run(clinic(text, referrals=[(WED, 540), (WED, 550)]))
    assert days_of(records) == [0, 5]


def test_who_balked_is_not_in_a_series():
    # One at a time. A asks on Monday at 11:00, after the day's only start, and would wait no day: turned away. On
    # Tuesday the series is B's.
    text = "[booking]\nmax_patients_in_series = 1\npatience_days = 0"
    records = run(clinic(ONE_A_DAY, text, referrals=[(MON, 660), (TUE, 540)]))
    assert reasons(records) == ["balked", "no response"]
    assert days_of(records) == [1]


def test_nobody_passes_those_who_are_held():
    # One at a time, one start a day. A is done on Monday at 11:00. B has been held since 10:30, until Tuesday's
    # opening; C, who asks at 14:00, comes after B.
    text = "[booking]\nmax_patients_in_series = 1"
    records = run(clinic(ONE_A_DAY, text, referrals=[(MON, 540), (MON, 630), (MON, 840)]))
    assert [days_of(records, patient=row) for row in range(3)] == [[0], [1], [2]]
    assert column(records, "booked") == [at(0, 9), at(1, 8), at(2, 8)]


def test_who_is_held_is_given_notice_when_let_in():
    # Notice of a day. A has Tuesday and Wednesday; B is let in on Thursday morning, for Friday.
    text = "[booking]\nmax_patients_in_series = 1\nnotice_days = 1"
    records = run(clinic(protocol(2, [1, 3]), ONE_A_DAY, text, referrals=[(MON, 540), (MON, 550)]))
    assert days_of(records, patient=0) == [1, 2]
    assert column(records, "booked", patient=1) == [at(3, 8)] * 2
    assert days_of(records, patient=1) == [4, 7]


def test_who_is_held_leaves_when_the_notice_takes_them_past_their_patience():
    # Patience from Monday ends on Thursday. With two days' notice Wednesday's opening is too late for it.
    text = "[booking]\nmax_patients_in_series = 1\nnotice_days = 2\npatience_days = 3"
    records = run(clinic(protocol(3, [1, 1]), ONE_A_DAY, text, referrals=[(MON, 540), (MON, 550)]))
    assert days_of(records) == [2, 3, 4]
    assert reasons(records)[1] == "balked"
    assert records.patients["left"][1] == at(2, 8)


# -- Third next available ----------------------------------------------------------------------------------


def test_third_next_available_comes_after_the_notice():
    # One start a day. With two days' notice Monday's first three are Wednesday, Thursday and Friday.
    for notice, days in ((0, 2), (2, 4), (3, 7)):
        records = run(clinic(ONE_A_DAY, f"[booking]\nnotice_days = {notice}"))
        assert records.days["third_next"][0] == days


def test_third_next_available_passes_over_weeks_whose_cap_is_reached():
    # A has booked the second Monday, and no other series may begin in that week: the Wednesday of the third.
    text = "[run]\nweeks = 4\n[booking]\nmax_series_starts_per_week = 1"
    records = run(clinic(ONE_A_DAY, text, referrals=[(FRI, 720)]))
    assert days_of(records) == [7]
    assert records.days["third_next"][7] == 9


# -- The reserve -------------------------------------------------------------------------------------------

TWO_A_DAY = "[booking.starts]\n" + "".join(
    f'{day} = ["10:00", "11:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri")
)


def test_series_leave_the_reserve_alone_until_its_release():
    # Half of two starts is held for boosters until a day before. Asking on Monday at 12:00 (nothing left today):
    # Tuesday is released, so two; then one a day.
    text = "[booking]\nbooster_reserve = 0.5\nrelease_days = 1"
    records = run(clinic(TWO_A_DAY, text, referrals=[(MON, 720 + k) for k in range(5)]))
    assert days_of(records) == [1, 1, 2, 3, 4]
    assert records.days["reserved"][:7].tolist() == [1, 1, 1, 1, 1, 0, 0]
    assert records.days["starts"][:7].tolist() == [2, 2, 2, 2, 2, 0, 0]


def test_the_reserve_is_rounded_up():
    three = TWO_A_DAY.replace('"11:00"]', '"11:00", "12:00"]')
    text = "[booking]\nbooster_reserve = 0.34\nrelease_days = 0"
    records = run(clinic(three, text, referrals=[(MON, 780 + k) for k in range(4)]))
    assert days_of(records) == [1, 2, 3, 4]  # two of three are held


def test_on_the_last_day_before_the_release_only_what_is_released_is_taken():
    # Asking on Tuesday at 12:00: Wednesday, a day away, is released and has one start left; Thursday has none.
    text = "[booking]\nbooster_reserve = 0.5\nrelease_days = 1"
    records = run(
        clinic(
            TWO_A_DAY, text, referrals=[(MON, 720 + k) for k in range(4)] + [(TUE, 720 + k) for k in range(2)]
        )
    )
    assert days_of(records)[:4] == [1, 1, 2, 3]
    assert days_of(records)[4:] == [2, 4]


def test_a_start_that_one_series_gives_back_is_there_for_the_next():
    # One of two starts is held for boosters. A, who asks on Monday at noon, has Tuesday and Wednesday, and drops
    # out on Tuesday at 11:00. B asks at 11:05, when Tuesday's last start has begun.
    text = "[booking]\nbooster_reserve = 0.5\nrelease_days = 0\n[response]\ndrop_out = [1.0]"
    records = run(clinic(protocol(2, [1, 1]), TWO_A_DAY, text, referrals=[(MON, 720), (TUE, 665)]))
    assert days_of(records, patient=0) == [1, 2]
    assert outcomes(records, patient=0) == ["completed", "released"]
    assert column(records, "appointment", patient=1) == [at(2, 10), at(3, 10)]


# -- Through the door --------------------------------------------------------------------------------------


def test_intake_takes_its_days_and_no_chair():
    text = "[intake]\ndays_to_consult = 3\ndays_to_decide = 2.5\n[booking]\nnotice_days = 1"
    records = run(clinic(text, referrals=[(MON, 600)]))
    patients = records.patients
    assert patients["consulted"].tolist() == [at(3, 10)]
    assert patients["ready"].tolist() == [at(5, 22)]  # on Saturday night: booked on Monday for Tuesday
    assert column(records, "booked") == [at(7, 8)]
    assert column(records, "appointment") == [at(8, 8)]
    assert patients["first_infusion"].tolist() == [at(8, 8)]


def test_what_comes_after_the_end_has_not_happened():
    text = """
    [run]
    weeks = 1
    [shifts.day]
    days = ["mon", "sun"]
    hours = "08:00-17:00"
    nurses = 1
    [visit.steps.treatment]
    minutes = 1000
    """
    nothing = "[booking.starts]\n" + "".join(f"{day} = []\n" for day in ("tue", "wed", "thu", "fri", "sat"))
    starts = nothing + 'mon = ["09:00"]\nsun = ["09:00"]'
    records = run(clinic(protocol(3, [6, 8]), EVERY_DAY, text, starts, referrals=[(MON, 510)]))
    # Sunday's visit would end on Monday at 01:40, after the last midnight.
    assert outcomes(records) == ["completed", "to come", "to come"]
    visits = records.visits
    assert visits["arrived"][1] == at(6, 9)
    assert np.isnan(visits["left"][1])
    assert np.isnan(visits["step_end"][1]).all()
    assert visits["step_start"][1, 0] == at(6, 9)
    assert np.isnan(visits["chair_free"][1])
    assert np.isnan(visits["arrived"][2])
    assert reasons(records) == ["still here"]
    assert np.isnan(records.patients["series_ended"][0])
    assert records.patients["infusions"].tolist() == [1]
