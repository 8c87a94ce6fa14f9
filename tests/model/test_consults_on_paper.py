"""Consults that are visits, minute by minute on paper.

The room is free for a consult every hour from 08:00 to 16:00, and the only chair for an infusion of an hour. Each
test adds the one thing it is about.
"""

import math

import numpy as np
import pytest

from simclinic import records as r
from simclinic.experiment import pilot
from simclinic.experiment.replication import Prepared
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.records import CONSULT, INDUCTION
from simclinic.sampling import draw
from tests.model.small import at, clinic, column, outcomes, reasons, run

CONSULT_ROOM = {
    "intake": {"visit": "consult", "days_to_decide": 1},
    "booking": {"notice_days": 1},
    "places": {"room": {"number": 1}},
    "visits": {"consult": {"steps": {"talk": {"minutes": 60, "place": "room"}}}},
}
MONDAY_MORNING = [(0, 600), (0, 610), (0, 620)]
"""Ann, Bea and Cy are referred on Monday, from 10:00 on."""
HERE, DECLINED, MISSED = r.STILL_HERE, r.DECLINED, r.NO_CONSULT


def with_intake(wanted, *texts, referrals=MONDAY_MORNING, chosen=lambda _: True):
    """Draw the first replication in which the patients accept, decline or miss the consult as wanted."""
    scenario = clinic(
        CONSULT_ROOM, {"intake": {"consult_no_show": 0.3, "accepts": 0.6}}, *texts, referrals=referrals
    )
    for seed in range(4000):
        draws = draw(scenario, seed, 0)
        if draws.reason.tolist() == wanted and chosen(draws):
            return simulate(scenario, draws), scenario
    raise AssertionError("no seed has such draws")


def appointments(records, kind):
    return [None if math.isnan(time) else time for time in column(records, "appointment", kind=kind)]


def patients(records, name):
    return [None if math.isnan(value) else value for value in records.patients[name].tolist()]


def test_the_week_of_the_page():
    records, scenario = with_intake([HERE, MISSED, HERE])
    assert appointments(records, CONSULT) == [at(1, 8), at(1, 9), at(1, 10)]
    assert outcomes(records, kind=CONSULT) == ["completed", "no-show", "completed"]
    assert column(records, "decided", kind=CONSULT) == [at(1, 9), at(1, 9), at(1, 11)]
    assert column(records, "requested", kind=CONSULT) == patients(records, "consult_asked")
    assert patients(records, "consult_asked") == [at(0, 10), at(0, 10, 10), at(0, 10, 20)]
    assert patients(records, "consulted") == [at(1, 9), None, at(1, 11)]
    assert patients(records, "ready") == [at(2, 9), None, at(2, 11)]
    assert appointments(records, INDUCTION) == [at(3, 8), at(3, 9)]
    assert column(records, "requested", kind=INDUCTION) == [at(2, 9), at(2, 11)]
    assert reasons(records) == ["no response", "no consult", "no response"]
    assert patients(records, "left") == [at(3, 9), at(1, 9), at(3, 10)]
    assert column(records, "visit") == [1, 1, 1, 0, 0]
    assert column(records, "number", kind=CONSULT) == [1, 1, 1]
    assert column(records, "dose", kind=INDUCTION) == [40.0, 40.0]
    assert all(map(math.isnan, column(records, "dose", kind=CONSULT)))

    kpis = measure(records, scenario).kpis
    assert kpis["infusions_per_week"] == 1.0  # two in two weeks: consults are none
    assert kpis["infusions_per_week:consult"] == 1.0
    assert kpis["no_show_share"] == 0.2  # one of five appointments
    assert kpis["no_show_share:consult"] == 1 / 3
    assert kpis["access_days_mean"] == pytest.approx((23 / 24 + 22 / 24) / 2)
    assert kpis["access_days_mean:consult"] == pytest.approx((22 + 23 + 40 / 60) / 2 / 24)
    assert kpis["balked_share"] == kpis["balked_share:consult"] == 0.0


def test_a_patient_who_declines_does_so_after_the_days_to_decide():
    records, _ = with_intake([HERE, DECLINED, DECLINED])
    assert patients(records, "consulted") == [at(1, 9), at(1, 10), at(1, 11)]
    assert patients(records, "left")[1:] == [at(2, 10), at(2, 11)]
    assert reasons(records)[1:] == ["declined", "declined"]
    assert patients(records, "ready")[1:] == [None, None]


def test_days_to_consult_pass_before_it_is_asked_for():
    records, _ = with_intake([HERE, HERE, HERE], "[intake]\ndays_to_consult = 1.5")
    assert patients(records, "consult_asked") == [at(1, 22), at(1, 22, 10), at(1, 22, 20)]
    # The desk answers on Wednesday at eight.
    assert column(records, "booked", kind=CONSULT) == [at(2, 8)] * 3
    assert appointments(records, CONSULT) == [at(3, 8), at(3, 9), at(3, 10)]


def test_days_to_decide_count_from_the_end_of_a_consult_that_begins_late():
    # Both have the room at nine: Bea's consult ends at eleven.
    late = {
        "visits": {"consult": {"steps": {"talk": {"minutes": 90, "place": "room"}}}},
        "booking": {"types": "typed"},
    }
    starts = [{"at": "09:00", "visit": "consult"}, {"at": "10:00", "visit": "consult"}, {"at": "13:00"}]
    late["booking"]["starts"] = {"tue": starts, "thu": [{"at": "13:00", "visit": "infusion"}]}
    starts[2]["visit"] = "infusion"
    records, _ = with_intake([HERE, HERE], late, referrals=MONDAY_MORNING[:2])
    assert column(records, "step_start", kind=CONSULT)[1][1] == at(1, 10, 30)
    assert patients(records, "consulted") == [at(1, 10, 30), at(1, 12)]
    assert patients(records, "ready") == [at(2, 10, 30), at(2, 12)]


NURSE = """
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:00-18:00"
nurses = 1
"""
PRESCRIBER = f"""
{NURSE}
[roles.prescriber]
hour = 100
[shifts.prescriber]
days = ["tue"]
hours = "08:00-10:00"
role = "prescriber"
number = 1
[visits.consult.steps.talk]
minutes = 60
place = "room"
claims = {{ prescriber = "hands-on" }}
"""


def test_a_patient_who_is_offered_no_consult_within_patience_is_turned_away():
    # Two hours of a prescriber on Tuesday: Cy would have to wait until the next one.
    records, scenario = with_intake([HERE, HERE, HERE], PRESCRIBER, "[booking]\npatience_days = 7")
    assert appointments(records, CONSULT) == [at(1, 8), at(1, 9)]
    assert reasons(records) == ["no response", "no response", "balked"]
    assert patients(records, "left")[2] == at(0, 10, 20)
    assert patients(records, "consult_asked")[2] == at(0, 10, 20)
    kpis = measure(records, scenario).kpis
    assert kpis["balked_share"] == kpis["balked_share:consult"] == 1 / 3
    assert kpis["balked_share:infusion"] == 0.0
    measured = measure(records, scenario)
    assert measured.weeks["balked"].tolist() == [1, 0]
    assert measured.weeks["asked"].tolist() == [3, 0]
    assert measured.weeks["not_served"].tolist() == [1, 0]
    # One day more of patience, and Cy waits for the next Tuesday.
    patient, _ = with_intake([HERE, HERE, HERE], PRESCRIBER, "[booking]\npatience_days = 8")
    assert appointments(patient, CONSULT) == [at(1, 8), at(1, 9), at(8, 8)]


def test_a_consult_is_no_longer_offered_than_the_book_is_open():
    records, _ = with_intake([HERE] * 3, PRESCRIBER, "[booking]\nwindow_weeks = 1\npatience_days = 40")
    assert reasons(records)[2] == "balked"


def test_a_start_of_a_missed_consult_is_lost():
    # Bea has Tuesday's second hour, misses it, and Cy does not get it.
    records, _ = with_intake([HERE, MISSED, HERE], PRESCRIBER)
    assert appointments(records, CONSULT) == [at(1, 8), at(1, 9), at(8, 8)]
    assert column(records, "decided", kind=CONSULT)[1] == at(1, 9)


def test_the_clinic_rebooks_a_consult_that_it_cancels_whatever_the_patience():
    ill = PRESCRIBER.replace("number = 1\n[visits", "number = 1\nabsence = 0.5\n[visits")
    scenario = clinic(CONSULT_ROOM, ill, "[booking]\npatience_days = 3", referrals=MONDAY_MORNING[:1])
    for seed in range(100):
        records = run(scenario, seed)
        if outcomes(records)[:2] == ["clinic-cancelled", "completed"]:
            break
    assert appointments(records, CONSULT) == [at(1, 8), at(8, 8)]
    assert column(records, "decided", kind=CONSULT) == [at(1, 0), at(8, 9)]
    assert column(records, "requested", kind=CONSULT) == [at(0, 10)] * 2


def test_starts_reserved_for_boosters_are_closed_to_consults():
    # Nine starts a day, a third of them reserved until the day: the seventh patient comes on Wednesday.
    seven = [(0, 600 + place) for place in range(7)]
    reserve = "[booking]\nbooster_reserve = 0.3333333333\nrelease_days = 0\nnotice_days = 1"
    shared = {"visits": {"consult": {"steps": {"talk": {"minutes": 60}}}}}
    room = {name: value for name, value in CONSULT_ROOM.items() if name != "places"}
    records = run(clinic(room, shared, reserve, referrals=seven))
    assert appointments(records, CONSULT) == [at(1, hour) for hour in range(8, 14)] + [at(2, 8)]


def test_consults_do_not_count_as_series_of_the_week():
    capped = "[booking]\nmax_series_starts_per_week = 1\npatience_days = 30"
    records = run(clinic(CONSULT_ROOM, capped, referrals=MONDAY_MORNING))
    assert appointments(records, CONSULT) == [at(1, 8), at(1, 9), at(1, 10)]
    assert appointments(records, INDUCTION) == [at(3, 8), at(7, 8), at(14, 8)]


def test_a_typed_book_keeps_starts_for_consults():
    typed = {
        "booking": {
            "types": "typed",
            "starts": {
                "tue": [{"at": "08:00", "visit": "consult"}, {"at": "10:00", "visit": "infusion"}],
                "thu": [{"at": "09:00", "visit": "infusion"}, {"at": "11:00", "visit": "consult"}],
                **{day: [] for day in ("mon", "wed", "fri")},
            },
        }
    }
    records, _ = with_intake([HERE, HERE, HERE], typed)
    assert appointments(records, CONSULT) == [at(1, 8), at(3, 11), at(8, 8)]
    assert appointments(records, INDUCTION) == [at(3, 9), at(8, 10), at(10, 9)]


@pytest.mark.parametrize(("standby", "expected"), [(1.0, [at(4, 8), at(3, 8)]), (0.0, [at(4, 8)])])
def test_a_consult_on_standby_moves_to_a_start_that_comes_free(standby, expected):
    # One chair for all, and one start a day, at eight. Ann has Tuesday's for her consult. On Wednesday she books
    # Thursday's for her infusion and cancels it at once; Bea, who asked later, had got Friday's.
    one_a_day = "[clinic.hours]\n" + "\n".join(
        f'{day} = "08:00-09:00"' for day in ("mon", "tue", "wed", "thu", "fri")
    )
    tables = {
        "intake": {"visit": "consult", "days_to_decide": 0},
        "booking": {"notice_days": 1, "standby": standby, "standby_notice_hours": 1},
        "attendance": {"late_cancel": 0.4, "cancel_notice_days": 1, "rebooks": 0.0},
        "visits": {"consult": {"steps": {"talk": {"minutes": 60}}}},
    }
    scenario = clinic(tables, one_a_day, NURSE, referrals=[(0, 485), (1, 600)])
    for seed in range(100):
        draws = draw(scenario, seed, 0)
        if draws.series.misses(draws.series_row(0, 1)) == [(r.CANCELLED, False)]:
            break
    records = simulate(scenario, draws)
    assert outcomes(records, patient=0) == ["completed", "cancelled"]
    assert column(records, "appointment", patient=0) == [at(1, 8), at(3, 8)]
    assert column(records, "appointment", patient=1, kind=CONSULT) == expected
    assert outcomes(records, patient=1, kind=CONSULT) == ["moved", "completed"][-len(expected) :]


def walk_in(*texts, referrals, wanted):
    tables = {"booking": {"mode": "walk-in"}, "intake": {"days_to_decide": 0}}
    return with_intake(wanted, tables, *texts, referrals=referrals)


def test_walk_in_consults_queue_for_the_room_and_those_who_miss_it_never_come():
    records, scenario = walk_in(
        referrals=[(1, 600), (1, 610), (1, 620), (1, 630)], wanted=[HERE, MISSED, HERE, DECLINED]
    )
    starts = [row[1] for row in column(records, "step_start", kind=CONSULT)]
    assert starts == [at(1, 10), at(1, 11), at(1, 12)]
    assert patients(records, "consulted") == [at(1, 11), None, at(1, 12), at(1, 13)]
    assert patients(records, "left") == [at(1, 12), at(1, 10, 10), at(1, 13), at(1, 13)]
    assert reasons(records)[1] == "no consult"
    # Ann and Cy sit in the chair as soon as they have decided, at the end of their consults.
    assert column(records, "chair_from", kind=INDUCTION) == [at(1, 11), at(1, 12)]
    assert measure(records, scenario).kpis["wait_minutes_mean:consult"] == pytest.approx((40 + 90) / 3)


def test_a_walk_in_patient_who_loses_patience_at_the_consult_is_turned_away():
    records, scenario = walk_in(
        "[booking]\npatience_minutes = 30", referrals=[(1, 600), (1, 610)], wanted=[HERE, HERE]
    )
    assert outcomes(records, kind=CONSULT) == ["completed", "balked"]
    assert reasons(records) == ["no response", "balked"]
    assert patients(records, "left")[1] == at(1, 10, 40)
    kpis = measure(records, scenario).kpis
    assert kpis["balked_share"] == kpis["balked_share:consult"] == 0.5
    assert measure(records, scenario).kpis["reneged_share"] == 0.5


def test_those_who_come_first_may_be_consults():
    # One chair for all. Ann has it from 10:00, then Bea's consult, before Ann's infusion.
    shared = {"visits": {"consult": {"steps": {"talk": {"minutes": 60}}}}, "booking": {"first": ["consult"]}}
    room = {name: value for name, value in CONSULT_ROOM.items() if name != "places"}
    later = {"booking": {"mode": "walk-in"}, "intake": {"days_to_decide": 0}}
    scenario = clinic(room, later, shared, referrals=[(1, 600), (1, 601), (1, 700)])
    records = run(scenario)
    begun = {
        (p, k): t
        for p, k, t in zip(column(records, "patient"), column(records, "kind"), records.begun, strict=True)
    }
    assert begun[0, CONSULT] == at(1, 10)
    assert begun[1, CONSULT] == at(1, 11)
    assert begun[2, CONSULT] == at(1, 12)
    assert begun[0, INDUCTION] == at(1, 13)


def test_in_a_walk_in_clinic_consults_of_the_past_took_place_at_the_moment_of_asking():
    busy = """
[demand]
referrals_per_week = 20
[intake]
days_to_consult = 5
days_to_decide = 4
consult_no_show = 0.2
[booking]
mode = "walk-in"
[boosters]
attrition = 0.5
"""
    steady = '[run]\nbegin = "steady"\nhistory_delay_days = 0\nweeks = 2'
    scenario = clinic(CONSULT_ROOM, busy, steady)
    records = simulate(scenario, Prepared(scenario).sample(1, 0, antithetic=False))
    asked, consulted = records.patients["consult_asked"], records.patients["consulted"]
    assert np.nanmin(asked) >= 0.0
    before = np.isfinite(consulted) & np.isnan(asked)
    assert before.sum() > 10
    assert consulted[before].max() < 0.0
    assert (records.visits["kind"] == CONSULT).sum() > 20


def test_chance_is_the_same_as_without_the_visit():
    mix = "[demand]\nreferrals_per_week = 40\n[intake]\nconsult_no_show = 0.3\naccepts = 0.6\ncontraindicated = 0.2"
    visits = run(clinic(CONSULT_ROOM, mix))
    usual = run(clinic({"intake": {"days_to_decide": 1}, "booking": {"notice_days": 1}}, mix))
    early = usual.patients["referred"] < at(6, 0)
    for reason in ("ineligible", "no consult", "declined"):
        code = r.REASONS.index(reason)
        with_visit = visits.patients["reason"] == code
        # Those whom the book turns away do not come so far.
        assert (with_visit <= (usual.patients["reason"] == code))[early].all(), reason


@pytest.mark.parametrize(
    ("prices", "earned", "spent"),
    [({}, 2 * 250, 0), ({"price": 300, "supplies": 7, "drug": 4}, 2 * 300, 2 * 11)],
)
def test_what_consults_earn_and_cost(prices, earned, spent):
    # Ann and Cy come to the consult, and decline; Bea misses it. An infusion would have supplies and a drug.
    priced = {"visits": {"consult": prices}}
    records, scenario = with_intake([DECLINED, MISSED, DECLINED], priced)
    weeks = measure(records, scenario).weeks
    assert weeks["revenue"].tolist() == [earned, 0.0]
    idle = measure(run(clinic(CONSULT_ROOM, referrals=[])), clinic(CONSULT_ROOM, referrals=[])).weeks
    assert (weeks["cost"] - idle["cost"]).tolist() == [spent, 0.0]


def test_pilot_runs_count_patients_turned_away_at_the_consult():
    # One of three is turned away at the consult, and nobody at the series, so a past loses a third.
    records, scenario = with_intake([HERE, HERE, HERE], PRESCRIBER, "[booking]\npatience_days = 7")
    assert pilot._turned_away(records, scenario) == pytest.approx(1 / 3)
