"""Today's patients, worked out on the calendar of January 2026, where day 0 is Monday the 5th."""

import math

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import measure
from simclinic.measures.boosters import requests
from simclinic.sampling.draws import Sampler
from tests.model.small import EVERY_DAY, at, clinic, column, days_of, outcomes, reasons
from tests.model.today import begin, lucky, panel, someone

# A start on every hour from 08:00 to 16:00; a visit takes an hour.
THREE = """
[protocols.thrice]
infusions = 3
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[demand.protocol_mix]
thrice = 1.0
"""
RESPOND = (
    EVERY_DAY,
    """
    [run]
    weeks = 4
    [response]
    probability = 1.0
    [shifts.day]
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = "07:00-18:00"
    nurses = 1
    """,
)


# -- who waits ------------------------------------------------------------------------------------------------


def test_who_waits_is_booked_when_the_desk_opens():
    records = begin(clinic(), someone("waiting", referred=-20))
    assert column(records, "booked") == [at(0, 8)]
    assert column(records, "appointment") == [at(0, 9)]
    assert column(records, "requested") == [0.0]
    assert records.patients["ready"].tolist() == [0.0]
    assert records.patients["referred"].tolist() == [at(-20, 12, 30)]
    assert records.patients["origin"].tolist() == [1]
    assert reasons(records) == ["no response"]


def test_the_longest_waiting_comes_first_and_before_who_is_ready_today():
    records = begin(
        clinic(referrals=[(0, 30)]),
        someone("waiting", key=1, referred=-5),
        someone("waiting", key=2, referred=-9),
        someone("waiting", key=3, referred=-7),
    )
    # rows: the newcomer, then the panel in the order of its keys
    starts = dict(zip(column(records, "patient"), column(records, "appointment"), strict=True))
    assert starts == {2: at(0, 9), 3: at(0, 10), 1: at(0, 11), 0: at(0, 12)}


def test_patience_counts_from_today():
    # Days 0 to 3 are closed, so the first start is on day 4, a Friday.
    closed = "[clinic]\nclosed_on = [2026-01-05, 2026-01-06, 2026-01-07, 2026-01-08]"
    patient = someone("waiting", referred=-40)
    assert reasons(begin(clinic(closed, "[booking]\npatience_days = 3"), patient)) == ["balked"]
    records = begin(clinic(closed, "[booking]\npatience_days = 4"), patient)
    assert days_of(records, outcome=r.COMPLETED) == [4]


@pytest.mark.parametrize(
    ("ahead", "start"),
    [(3, at(3, 8)), ((3, 11), at(3, 11)), ((3, 11.4), at(3, 11)), ((3, 20), at(3, 16)), ((3, 0), at(3, 8))],
)
def test_an_appointment_that_is_made_stands(ahead, start):
    records = begin(clinic(), someone("waiting", ahead=ahead))
    assert column(records, "appointment") == [start]
    assert column(records, "booked") == [0.0]
    assert outcomes(records) == ["completed"]


def test_who_has_an_appointment_comes_before_who_only_waits():
    patients = [someone("waiting", key=1, referred=-50), someone("waiting", key=2, referred=-1, ahead=0)]
    records = begin(clinic(), *patients)
    starts = dict(zip(column(records, "patient"), column(records, "appointment"), strict=True))
    assert starts == {1: at(0, 8), 0: at(0, 9)}


def test_the_exact_time_goes_to_whoever_was_promised_it_first():
    patients = [someone("waiting", key=key, ahead=(1, hour)) for key, hour in ((1, 10.5), (2, 10), (3, 10.2))]
    records = begin(clinic(), *patients)
    starts = dict(zip(column(records, "patient"), column(records, "appointment"), strict=True))
    # 10:00 is taken by the second; 10:12 is nearest to 10:00, then 11:00; 10:30 then falls between 9 and 12.
    assert starts == {1: at(1, 10), 2: at(1, 11), 0: at(1, 9)}


def test_a_full_day_gives_way_to_the_next():
    patients = [someone("waiting", key=key, ahead=1) for key in range(11)]
    records = begin(clinic(), *patients)
    assert sorted(days_of(records)) == [1] * 9 + [2] * 2
    assert outcomes(records) == ["completed"] * 11


def test_an_appointment_on_a_closed_day_is_on_the_next_open_one():
    patient = someone("waiting", ahead=(5, 9))  # a Saturday
    assert column(begin(clinic(), patient), "appointment") == [at(7, 8)]
    closed = "[clinic]\nclosed_on = [2026-01-12]"
    assert column(begin(clinic(closed), patient), "appointment") == [at(8, 8)]


def test_an_appointment_after_the_end_is_still_to_come():
    records = begin(clinic(), someone("waiting", ahead=(14, 9)))
    assert column(records, "appointment") == [at(14, 9)]
    assert outcomes(records) == ["to come"]
    assert reasons(records) == ["still here"]


@pytest.mark.parametrize("ahead", [2000, (9000, 9)])
def test_an_appointment_years_ahead_is_never_reached(ahead):
    records = begin(clinic(), someone("waiting", ahead=ahead))
    assert outcomes(records) == ["to come"]
    assert math.isnan(column(records, "booked")[0])


def test_an_appointment_stands_however_far_the_book_is_open():
    records = begin(clinic("[booking]\nwindow_weeks = 1"), someone("waiting", ahead=(11, 12)))
    assert column(records, "appointment") == [at(11, 12)]
    assert column(records, "booked") == [0.0]


def test_an_appointment_stands_whatever_is_reserved_for_boosters():
    # Of nine starts five are held for boosters until the day before.
    reserve = "[booking]\nbooster_reserve = 0.5\nrelease_days = 1"
    promised = [someone("waiting", key=key, ahead=4) for key in range(6)]
    records = begin(clinic(reserve), *promised)
    assert days_of(records) == [4] * 6
    # ... and counts: of the four that series may have there is none left for a newcomer on Thursday.
    newcomer = clinic(reserve, "[booking]\nnotice_days = 4", referrals=[(0, 480)])
    assert column(begin(newcomer, *promised), "appointment", patient=0) == [at(7, 8)]


def test_a_series_that_begins_by_appointment_counts_towards_the_weeks_cap():
    cap = "[booking]\nmax_series_starts_per_week = 2"
    promised = [someone("waiting", key=key, ahead=2) for key in range(2)]
    records = begin(clinic(cap), *promised, someone("waiting", key=9))
    assert days_of(records) == [2, 2, 7]


# -- in the series ---------------------------------------------------------------------------------------------


def in_series(given=1, **more):
    return someone("series", protocol="thrice", given=given, **more)


def test_the_rest_of_a_series_keeps_the_protocols_gaps():
    # Last on Friday, three days ago: due today (a gap of 3), then Thursday.
    records = begin(clinic(THREE), in_series(last=-3))
    assert days_of(records) == [0, 3]
    assert column(records, "number") == [2, 3]
    assert column(records, "booked") == [0.0, 0.0]
    assert reasons(records) == ["no response"]
    assert records.patients["infusions"].tolist() == [3]
    assert math.isnan(records.patients["first_infusion"][0])
    assert records.patients["series_ended"].tolist() == [at(3, 9)]


def test_the_rest_follows_an_appointment():
    records = begin(clinic(THREE), in_series(last=-3, ahead=(2, 13)))
    assert column(records, "appointment") == [at(2, 13), at(4, 8)]  # 3 and 4 days: a weekend


def test_an_overdue_infusion_is_booked_as_soon_as_may_be():
    records = begin(clinic(THREE), in_series(given=2, last=-30))
    assert column(records, "appointment") == [at(0, 8)]
    assert reasons(records) == ["no response"]


def test_remaining_infusions_come_before_who_waits_and_after_appointments():
    one = clinic(THREE, '[clinic.hours]\nmon = "08:00-09:00"\nthu = "08:00-09:00"', "[run]\nweeks = 4")
    patients = (
        someone("waiting", key=1, protocol="thrice", referred=-90),
        in_series(key=2, given=2, last=-4, referred=-20),
        in_series(key=3, given=2, last=-4, ahead=0, referred=-10),
    )
    records = begin(one, *patients)
    assert days_of(records, patient=2) == [0]
    assert days_of(records, patient=1) == [3]
    assert days_of(records, patient=0)[0] == 7


def test_a_rolling_series_books_one_at_a_time():
    records = begin(clinic(THREE, '[booking]\nseries = "rolling"'), in_series(last=-3))
    assert days_of(records) == [0, 3]
    assert column(records, "booked") == [0.0, at(0, 9)]
    assert outcomes(records) == ["completed", "completed"]
    promised = begin(clinic(THREE, '[booking]\nseries = "rolling"'), in_series(last=-3, ahead=(1, 10)))
    assert column(promised, "appointment") == [at(1, 10), at(4, 8)]
    assert outcomes(promised) == ["completed", "completed"]


def test_a_rolling_series_takes_no_start_that_nobody_comes_to():
    # One start on each of two days; the second patient's only infusion needs the start that the first will not.
    rolling = clinic(
        THREE,
        '[booking]\nseries = "rolling"\n[clinic.hours]\nmon = "08:00-09:00"\nthu = "08:00-09:00"',
    )
    records = begin(rolling, in_series(key=1, last=-3), in_series(key=2, given=2, last=-3))
    assert all(code != r.TO_COME for code in records.visits["outcome"])


def test_a_patient_in_series_counts_towards_the_cap_and_out_of_it():
    cap = "[booking]\nmax_patients_in_series = 1"
    records = begin(
        clinic(cap, THREE), in_series(given=2, last=-4), someone("waiting", key=9, protocol="thrice")
    )
    # The first is done on Monday at 09:00; the second is let in at the next opening, and booked after it.
    assert days_of(records, patient=0) == [0]
    assert column(records, "booked", patient=1)[0] == at(1, 8)


def test_an_infusion_booked_again_keeps_the_least_gap_to_the_last_one_before_today():
    # Infused yesterday, and promised one for today at 10:00, sooner than the least gap of two days allows. It
    # stands; but when it is missed, the next start that keeps the gap is Tuesday's, not today's at 11:00.
    missed = [(r.NO_SHOW, True)]
    records = lucky(
        clinic(THREE, "[attendance]\nno_show = 0.3"),
        in_series(last=-1, ahead=(0, 10)),
        fits=lambda draws: draws.series.misses(draws.series_row(0, 2)) == missed,
    )
    assert column(records, "appointment")[:1] == [at(0, 10)]
    assert outcomes(records)[0] == "no-show"
    assert column(records, "appointment", number=2, attempt=1) == [at(1, 8)]


def test_who_has_an_appointment_has_not_dropped_out_so_far():
    certain = clinic(THREE, "[response]\ndrop_out = [1.0, 0.0]")
    records = begin(certain, in_series(last=-3, ahead=0))  # would have left after the first
    assert column(records, "number") == [2, 3]
    assert reasons(records) == ["no response"]
    later = clinic(THREE, "[response]\ndrop_out = [0.0, 1.0]")
    records = begin(later, in_series(last=-3))
    assert outcomes(records) == ["completed", "released"]
    assert reasons(records) == ["dropped out"]


def test_who_has_none_may_have_dropped_out_without_telling():
    records = begin(clinic(THREE, "[response]\ndrop_out = [1.0, 0.0]"), in_series(last=-3))
    assert outcomes(records) == []
    assert reasons(records) == ["dropped out"]
    assert records.patients["left"].tolist() == [0.0]
    # Nobody misses an appointment, so who has been silent past the gap does not come any more.
    certain = clinic(THREE, "[response]\ndrop_out = [0.001, 0.0]\n[attendance]\nno_show = 0\nlate_cancel = 0")
    assert reasons(begin(certain, in_series(last=-10))) == ["dropped out"]
    assert reasons(begin(certain, in_series(last=-3))) == ["no response"]


def test_who_passed_the_stop_rule_is_not_stopped_any_more():
    # Nobody shows a signal that is there: after the first infusion everybody would be stopped.
    rule = "[response.stop_rule]\nafter = 1\nsensitivity = 0.0\nspecificity = 1.0"
    records = begin(clinic(THREE, rule), in_series(last=-3))
    assert outcomes(records) == ["completed", "completed"]
    waiting = begin(clinic(THREE, rule), someone("waiting", protocol="thrice"))
    assert reasons(waiting) == ["stopped early"]


@pytest.mark.parametrize(("given", "share"), [(1, 0.75), (2, 0.75), (0, 0.5)])
def test_who_passed_the_stop_rule_is_likelier_to_respond(given, share):
    # Half respond; responders show it with 0.9, others with 0.3: 0.45 of 0.60.
    rule = (
        THREE,
        "[response]\nprobability = 0.5\n[response.stop_rule]\nafter = 1\nsensitivity = 0.9\nspecificity = 0.7",
    )
    stage, last = ("series", -3) if given else ("waiting", None)
    many = [someone(stage, key=key, protocol="thrice", given=given, last=last) for key in range(4000)]
    draws = Sampler(clinic(*rule), panel(*many)).sample(3, 0)
    assert draws.responder.mean() == pytest.approx(share, abs=4.1 * math.sqrt(share * (1 - share) / 4000))


def test_who_finishes_the_series_goes_into_the_programme():
    records = begin(clinic(*RESPOND, THREE), in_series(given=2, last=-4, ahead=(0, 10)))
    # over at 11:00; relapses ten days later
    assert column(records, "requested", kind=r.BOOSTER)[0] == at(10, 11)
    assert records.patients["boosters"].tolist() == [2]


# -- maintained: boosters as needed -----------------------------------------------------------------------------


def maintained(boosters=0, **more):
    return someone("maintained", boosters=boosters, **more)


def asked(records, *names):
    return [column(records, name, kind=r.BOOSTER) for name in (names or ("requested",))]


def test_a_relapse_is_counted_from_the_last_infusion():
    # Three days ago at 10:00, so on day 7 at 10:00.
    records = begin(clinic(*RESPOND, "[run]\nweeks = 3"), maintained(last=(-3, 10)))
    assert asked(records, "relapsed", "requested", "appointment") == [
        [at(7, 10), at(17, 12)],
        [at(7, 10), at(17, 12)],
        [at(7, 11), at(17, 13)],
    ]
    assert column(records, "number") == [1, 2]
    assert records.patients["programme"].tolist() == [at(7, 10)]
    assert records.patients["responder"].tolist() == [True]


def test_a_date_without_a_time_is_the_middle_of_its_hours():
    records = begin(clinic(*RESPOND), maintained(last=-3))
    assert asked(records)[0][0] == at(7, 12, 30)


def test_numbers_go_on_from_the_boosters_had():
    records = begin(clinic(*RESPOND, "[run]\nweeks = 3"), maintained(boosters=4, last=(-3, 10)))
    assert column(records, "number") == [5, 6]
    assert column(records, "course") == [5, 6]
    assert records.patients["boosters"].tolist() == [6]
    assert records.patients["programme"].tolist() == [0.0]


def test_lengthening_counts_the_boosters_had():
    # After the third booster 10 × 1.5² = 22.5 days, after the fourth 33.75.
    records = begin(
        clinic(*RESPOND, "[run]\nweeks = 9\n[boosters]\nlengthening = 1.5"), maintained(3, last=(-3, 10))
    )
    first, second = asked(records)[0]
    assert first == at(19, 22)
    assert second == asked(records, "left")[0][0] + 33.75 * r.DAY


def test_who_does_not_report_is_asked_at_check_ins_of_the_last_infusion():
    # Relapse on day 7 at 10:00, ten days after; check-ins 7 and 14 days after: day 11.
    records = begin(clinic(*RESPOND, "[boosters]\nself_report = 0.0"), maintained(last=(-3, 10)))
    assert asked(records, "relapsed", "requested")[0][0] == at(7, 10)
    assert asked(records)[0][0] == at(11, 10)


def test_a_relapse_that_nobody_noticed_yet_counts():
    # Twelve days ago; the relapse came two days ago; the last check-in was five days ago, the next is in two days.
    records = begin(clinic(*RESPOND, "[boosters]\nself_report = 0.0"), maintained(last=(-12, 10)))
    assert asked(records, "relapsed", "requested")[0][0] == at(-2, 10)
    assert asked(records)[0][0] == at(2, 10)


def test_who_could_not_have_been_silent_so_long_asks_today():
    # Everybody relapses after ten days and says so: here is one after twenty. The clinic closed at 17:00 yesterday.
    records = begin(clinic(*RESPOND, "[run]\nweeks = 2"), maintained(last=(-20, 10)))
    assert asked(records, "requested", "booked", "appointment") == [
        [at(-1, 17), at(10, 10)],
        [at(0, 8), at(10, 10)],
        [at(0, 9), at(10, 11)],
    ]


def test_uptake_is_settled_for_who_has_had_boosters():
    nobody = clinic(*RESPOND, "[boosters]\nuptake = 0.0")
    assert reasons(begin(nobody, maintained(last=(-3, 10)))) == ["declined boosters"]
    assert begin(nobody, maintained(1, last=(-3, 10))).patients["boosters"].tolist() == [4]


@pytest.mark.parametrize(
    ("ago", "boosters", "reason"),
    [(181, 1, "left programme"), (179, 1, "still here"), (181, 0, "still here")],
)
def test_who_has_long_not_been_seen_has_left(ago, boosters, reason):
    records = begin(clinic(*RESPOND), maintained(boosters, last=(-ago, 10)))
    assert reasons(records) == [reason]
    assert bool(records.patients["left"][0] == 0.0) == (reason != "still here")


def test_an_appointment_proves_that_a_patient_has_not_left():
    records = begin(clinic(*RESPOND), maintained(2, last=(-300, 10), ahead=(4, 9)))
    assert asked(records, "appointment")[0][0] == at(4, 9)
    assert reasons(records) == ["still here"]


def test_follow_up_ends_today_for_who_is_past_it():
    never = '[relapse]\ndays = { dist = "constant", value = 3, never = 1.0 }\nfollow_up_days = 20'
    records = begin(clinic(*RESPOND, never), maintained(last=(-30, 10)))
    assert reasons(records) == ["sustained"]
    assert records.patients["left"].tolist() == [0.0]
    records = begin(clinic(*RESPOND, never), maintained(last=(-15, 10)))
    assert records.patients["left"].tolist() == [at(5, 10)]


def test_who_left_unseen_never_asks():
    # They have left after the last booster, or are of the one in a thousand who never relapse again.
    quiet = '[boosters]\nattrition = 0.5\ndays = { dist = "constant", value = 3, never = 0.001 }'
    records = begin(clinic(*RESPOND, quiet), *(maintained(1, key=key, last=(-30, 10)) for key in range(50)))
    assert reasons(records).count("left programme") > 45
    assert asked(records) == [[]]


def test_a_promised_booster_was_asked_for_before():
    records = begin(clinic(*RESPOND), maintained(2, last=(-12, 10), ahead=(3, 14)))
    requested, relapsed, booked, appointment = asked(
        records, "requested", "relapsed", "booked", "appointment"
    )
    assert math.isnan(requested[0])
    assert math.isnan(relapsed[0])
    assert (booked[0], appointment[0]) == (0.0, at(3, 14))
    assert requested[1:] == [at(13, 15), at(23, 17)]
    result = measure(records, clinic(*RESPOND))
    # Later ones are asked for at 15:00 and at closing, and given an hour and 16 hours later. Until 14:00 of day 3
    # one patient waits, of seven days.
    assert result.weeks["waiting_for_booster"][0] == pytest.approx(at(3, 14) / r.WEEK)
    assert result.weeks["booster_requests"].tolist() == [0, 1, 0, 1]
    assert result.weeks["booster_requests_from_panel"].tolist() == [0, 1, 0, 1]
    assert result.kpis["booster_wait_days_mean"] == pytest.approx((1 / 24 + 16 / 24) / 2)


def test_a_promise_missed_and_made_again_is_one_request():
    scenario = clinic(*RESPOND, "[attendance]\nno_show = 0.5")

    def misses_once(draws):
        return draws.boosters.misses(draws.booster_row(0, 3)) == [(r.NO_SHOW, True)]

    records = lucky(scenario, maintained(2, last=(-12, 10), ahead=(3, 14)), fits=misses_once)
    assert outcomes(records, number=3) == ["no-show", "completed"]
    assert column(records, "appointment", number=3) == [at(3, 14), at(3, 15)]
    result = requests(records)
    assert np.isnan(result.asked).sum() == 1
    assert result.settled[np.isnan(result.asked)].tolist() == [at(3, 15)]


def test_a_promise_missed_for_good_is_asked_for_again_at_the_next_check_in():
    scenario = clinic(*RESPOND, "[attendance]\nno_show = 0.5\nrebooks_booster = 0.0")

    def misses_once(draws):
        return draws.boosters.misses(draws.booster_row(0, 3)) == [(r.NO_SHOW, False)]

    records = lucky(scenario, maintained(2, last=(-12, 10), ahead=(3, 14)), fits=misses_once)
    # Check-ins every seven days since day -12 at 10:00: day 9.
    assert column(records, "requested", number=3)[1:] == [at(9, 10)]


def test_a_first_booster_that_is_promised_proves_uptake():
    records = begin(clinic(*RESPOND, "[boosters]\nuptake = 0.0"), maintained(last=(-12, 10), ahead=(3, 14)))
    assert records.patients["boosters"].tolist() == [3]
    assert records.patients["programme"].tolist() == [0.0]


# -- booster courses of several infusions ------------------------------------------------------------------------

COURSE = (*RESPOND, THREE, "[boosters]\ninfusions = 3")


def within_course(boosters, **more):
    return someone("maintained", protocol="thrice", given=3, boosters=boosters, **more)


def test_the_rest_of_a_course_keeps_the_protocols_gaps():
    # Four boosters are one course and one infusion, on Saturday: the next is due on Tuesday, then Friday.
    records = begin(clinic(*COURSE), within_course(4, last=(-2, 10)))
    assert days_of(records, course=2) == [1, 4]
    assert column(records, "number", course=2) == [5, 6]
    assert np.isnan(column(records, "requested", course=2)).all()
    assert column(records, "requested", course=3)[0] == at(14, 9)


def test_the_rest_of_a_course_follows_its_appointment():
    records = begin(clinic(*COURSE), within_course(4, last=(-2, 10), ahead=(2, 12)))
    assert column(records, "appointment", course=2) == [at(2, 12), at(5, 8)]


def test_a_whole_course_that_is_promised():
    records = begin(clinic(*COURSE), within_course(3, last=(-12, 10), ahead=(2, 12)))
    assert column(records, "appointment", course=2) == [at(2, 12), at(5, 8), at(8, 8)]
    assert column(records, "number", course=2) == [4, 5, 6]
    assert np.isnan(requests(records).asked).sum() == 1


def test_the_rest_of_a_course_walks_in_at_the_protocols_gap():
    walk_in = clinic(*COURSE, '[booking]\nmode = "walk-in"')
    records = begin(walk_in, within_course(4, last=(-2, 10)))
    assert column(records, "arrived", course=2) == [at(1, 10), at(4, 10)]
    assert np.isnan(column(records, "requested", course=2)).all()
    overdue = begin(walk_in, within_course(5, last=(-9, 10)))
    assert column(overdue, "arrived", course=2) == [at(0, 8)]


# -- asked for, not yet booked -------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["as-needed", "scheduled", "both"])
@pytest.mark.parametrize("seed", range(3))
def test_a_booster_asked_for_is_booked_when_the_desk_opens(policy, seed):
    # The time since the last contact, 300 days, does not count: this patient has asked, on day -2 at 12:30.
    rules = f'[boosters]\npolicy = "{policy}"\nattrition = 0.9\nuptake = 0.0'
    records = begin(clinic(*RESPOND, rules), maintained(2, last=(-300, 10), wants=(-2, 12.5)), seed=seed)
    requested, booked, appointment = asked(records, "requested", "booked", "appointment")
    assert (requested[0], booked[0], appointment[0]) == (at(-2, 12, 30), at(0, 8), at(0, 9))
    result = measure(records, clinic(*RESPOND, rules)).weeks
    assert result["booster_requests_before"][0] == 1


def test_a_booster_asked_for_in_a_walk_in_clinic_comes_when_it_opens():
    walk_in = clinic(*RESPOND, '[booking]\nmode = "walk-in"')
    records = begin(walk_in, maintained(2, last=(-9, 10), wants=-1))
    assert asked(records, "requested")[0][0] == at(-1, 12, 30)
    assert column(records, "arrived", course=3)[0] == at(0, 8)


# -- by a schedule -----------------------------------------------------------------------------------------------

WEEKLY = '[boosters]\npolicy = "scheduled"\nevery_weeks = 1'


def test_scheduled_boosters_go_on_from_the_last_infusion():
    records = begin(clinic(*RESPOND, WEEKLY), maintained(2, last=(-3, 10)))
    assert asked(records, "requested")[0][:2] == [at(4, 10), at(11, 9)]
    assert asked(records, "appointment")[0][:2] == [at(4, 8), at(11, 8)]


def test_of_intervals_that_are_drawn_those_that_have_passed_are_left_out():
    """One or three weeks: after two weeks without a booster it is three, for everybody."""
    drawn = '[boosters]\npolicy = "scheduled"\nevery_weeks = { dist = "empirical", values = [1, 3] }'
    for number in range(8):
        records = begin(clinic(*RESPOND, drawn), maintained(2, last=(-14, 10)), seed=number)
        assert asked(records, "requested")[0][0] == at(7, 10)


def test_an_overdue_one_is_given_today_and_was_due_before():
    records = begin(clinic(*RESPOND, WEEKLY), maintained(2, last=(-20, 10)))
    requested, booked = asked(records, "requested", "booked")
    assert (requested[0], booked[0]) == (at(-13, 10), at(0, 8))
    assert asked(records, "appointment")[0][0] == at(0, 9)


def test_whoever_is_maintained_by_a_schedule_has_enrolled():
    records = begin(
        clinic(*RESPOND, WEEKLY, "[boosters]\nuptake = 0.0\nattrition = 0.0"), maintained(last=(-3, 10))
    )
    assert records.patients["boosters"].tolist() == [4]
    assert records.patients["programme"].tolist() == [0.0]


def test_some_of_those_on_a_schedule_may_have_left():
    """Of 400 who stay with a probability of 0.3 as many go on, within 4 standard errors; the others never come."""
    asked_how_many = [{"stays": 0.3}] * 400 + [{}] * 20
    rows = [maintained(2, last=(-3, 10), key=key, **more) for key, more in enumerate(asked_how_many)]
    records = begin(clinic(*RESPOND, WEEKLY, "[boosters]\nattrition = 0.0\n[clinic]\nchairs = 200"), *rows)
    there = records.patients["reason"] != r.DECLINED_BOOSTERS
    assert there[400:].all()
    assert abs(there.sum() - 20 - 120) < 4 * math.sqrt(400 * 0.3 * 0.7)
    came = np.unique(records.visits["patient"])
    assert set(came) == set(np.flatnonzero(there))


def test_with_a_schedule_the_time_since_last_contact_does_not_count():
    # The relapse, ten days after, was two days ago; nobody was to hear of it. The booster today ends it.
    records = begin(clinic(*RESPOND, WEEKLY, "[boosters]\nevery_weeks = 2"), maintained(2, last=(-12, 10)))
    assert asked(records, "relapsed")[0][0] == at(-2, 10)
    assert records.patients["relapses"][0] == 2


def test_a_schedule_and_a_promise():
    records = begin(clinic(*RESPOND, WEEKLY), maintained(2, last=(-3, 10), ahead=(2, 15)))
    assert asked(records, "appointment")[0][:2] == [at(2, 15), at(9, 8)]
    assert column(records, "number")[:2] == [3, 4]


def test_both_let_a_relapse_come_before_the_schedule():
    both = '[boosters]\npolicy = "both"\nevery_weeks = 3'
    # By the schedule on day 18; the relapse, ten days after, is on day 7.
    records = begin(clinic(*RESPOND, both), maintained(2, last=(-3, 10)))
    done = [row for row, code in enumerate(records.visits["outcome"]) if code == r.COMPLETED]
    assert records.visits["appointment"][done[0]] == at(7, 11)
    assert records.visits["relapsed"][done[0]] == at(7, 10)


# -- walk-in -----------------------------------------------------------------------------------------------------

WALK_IN = '[booking]\nmode = "walk-in"'


def test_walk_in_patients_go_on():
    walk_in = clinic(*RESPOND, THREE, WALK_IN)
    assert column(begin(walk_in, someone("waiting", protocol="thrice")), "arrived")[:3] == [
        at(0, 8),
        at(3, 8),
        at(6, 8),
    ]
    assert column(begin(walk_in, in_series(last=(-2, 10))), "arrived")[:2] == [at(1, 10), at(4, 10)]
    assert column(begin(walk_in, in_series(given=2, last=(-9, 10))), "arrived")[0] == at(0, 8)
    assert column(begin(walk_in, in_series(given=2, last=(-9, 10), ahead=(2, 11))), "arrived")[0] == at(2, 11)
    assert asked(begin(walk_in, someone("maintained", protocol="thrice", given=3, last=(-3, 10))))[0][
        0
    ] == at(7, 10)


# -- who is new --------------------------------------------------------------------------------------------------


def test_newcomers_whose_intake_is_under_way_come_too():
    # Referred on days -5 to -3, ready five days later: whoever was ready before today is on the panel, or gone.
    slow = "[intake]\ndays_to_consult = 3\ndays_to_decide = 2"
    moments = ["2025-12-30T09:00", "2025-12-31T09:00", "2026-01-02T09:00", "2026-01-05T09:00"]
    records = begin(clinic(slow, referrals=moments))
    assert records.patients["ready"].tolist() == [at(0, 9), at(2, 9), at(5, 9)]
    assert records.patients["origin"].tolist() == [0, 0, 0]


def test_an_empty_panel_is_a_clinic_that_begins_today():
    records = begin(clinic(referrals=[(0, 540)]))
    assert reasons(records) == ["no response"]
    assert records.first_day == 0


def test_panel_patients_stay_out_of_access_and_completion():
    scenario = clinic(THREE, "[clinic]\nchairs = 3", referrals=[(0, 540)])
    alone = measure(begin(scenario), scenario)
    with_others = measure(
        begin(
            scenario, in_series(key=1, last=-3), someone("waiting", key=2, protocol="thrice", ahead=(4, 16))
        ),
        scenario,
    )
    for kpi in (
        "access_days_mean",
        "access_days_p90",
        "completion_share",
        "balked_share",
        "series_days_mean",
    ):
        assert with_others.kpis[kpi] == pytest.approx(alone.kpis[kpi]), kpi
    assert with_others.kpis["infusions_per_week"] > alone.kpis["infusions_per_week"]
