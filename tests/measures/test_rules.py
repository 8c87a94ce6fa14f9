"""The rules one by one: who counts, where, and when a figure does not exist."""

import math
import warnings
from datetime import date, timedelta

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import KPIS, PROFILE, WEEKS, measure
from simclinic.measures.series import closed_days
from simclinic.scenario import from_toml
from tests.measures.paper import CLINIC, at, completed, flow, weekdays, write

END = 2 * r.WEEK


def booster(requested, outcome=r.TO_COME, **more):
    return {"kind": 1, "number": 1, "course": 1, "requested": requested, "outcome": outcome, **more}


def given(day, requested, **more):
    return completed(
        day, 600, 600, 600, flow(day, prep=600), kind=1, **{"course": 1} | more, requested=requested
    )


# -- nothing at all ----------------------------------------------------------------------------------------


ALWAYS = {
    "waiting_for_series_mean",
    "waiting_for_booster_mean",
    "series_started_per_week",
    "series_completed_per_week",
    "infusions_per_week",
    "induction_per_week",
    "boosters_per_week",
    "booster_requests_per_week",
    "programme_patients_mean",
    "overtime_nurse_hours_per_week",
    "responders_per_week",
    "stopped_responders_per_week",
    "ketamine_mg_per_week",
    "revenue_per_week",
    "cost_per_week",
    "margin_per_week",
    "backlog_growth_per_week",
    "booster_backlog_growth_per_week",
}


def test_of_nothing_there_are_counts_but_no_means(scenario):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measured = measure(write(), scenario)
    missing = {name for name, value in measured.kpis.items() if math.isnan(value)}
    assert missing == set(KPIS) - ALWAYS
    assert set(measured.reasons) == missing
    assert all(measured.kpis[name] == 0 for name in ALWAYS - {"cost_per_week", "margin_per_week"})
    assert measured.kpis["cost_per_week"] == 100.0  # rent is due whatever happens
    assert measured.reasons["wait_minutes_mean"] == "no infusion was completed in the measured weeks"
    assert set(measured.weeks) == set(WEEKS)
    assert set(measured.profile) == set(PROFILE)


def test_one_week_has_no_slope(scenario):
    measured = measure(write([{"ready": at(1)}], weeks=1), scenario)
    assert math.isnan(measured.kpis["backlog_growth_per_week"])
    assert measured.reasons["backlog_growth_per_week"] == "a slope needs at least two measured weeks"
    assert measured.kpis["waiting_for_series_mean"] == pytest.approx(6 / 7)


def test_part_of_a_week_is_refused(scenario):
    records = write()
    object.__setattr__(records, "days_measured", 10)
    with pytest.raises(ValueError, match="whole weeks, at least one: 10 days"):
        measure(records, scenario)


def test_definitions_are_complete():
    assert all(kpi.name == name for name, kpi in KPIS.items())
    assert {kpi.unit for kpi in KPIS.values()} == {
        "days", "share", "patients", "patients/week", "1/week", "minutes",
        "hours/week", "mg/week", "currency/week", "currency",
    }  # fmt: skip
    assert all(kpi.label and kpi.definition.endswith(".") and kpi.absent for kpi in KPIS.values())
    assert len({kpi.label for kpi in KPIS.values()}) == len(KPIS)


# -- the window --------------------------------------------------------------------------------------------


def test_the_end_is_outside_and_the_beginning_inside(scenario):
    first, last = {"ready": 0.0}, {"ready": END}
    assert measure(write([first, last]), scenario).weeks["ready"].tolist() == [1, 0]


def test_who_is_inside_at_the_end_has_begun_and_not_been_given(scenario):
    inside = {
        "appointment": END - 60,
        "arrived": END - 60,
        "chair_from": END - 50,
        "steps": [(END - 50, END - 40), (END - 40, math.nan)],
        "outcome": r.TO_COME,
        "number": 1,
    }
    records = write([{"ready": END - r.DAY}], [inside], weekdays())
    measured = measure(records, scenario)
    assert measured.kpis["infusions_per_week"] == 0
    assert measured.kpis["series_started_per_week"] == 0.5
    assert measured.kpis["access_days_mean"] == pytest.approx(1 - 50 / r.DAY)
    # the patients table, which knows of completed infusions alone, stays as it is
    assert math.isnan(records.patients["first_infusion"][0])


def test_infusions_count_when_the_patient_leaves(scenario):
    late = completed(-1, 1430, 1430, 1430, flow(-1, prep=1430))  # most of it after midnight of day 0
    measured = measure(write([{}], [late], weekdays()), scenario)
    assert measured.kpis["infusions_per_week"] == 0.5
    assert measured.weeks["infusions"].tolist() == [1, 0]
    assert measured.kpis["visit_minutes_mean"] == pytest.approx(105 - 10)
    assert measured.ramp.tolist() == [0, 0, 0]
    inside = 1430 + 105 - 1440
    assert measured.profile["chairs_held_mean"][:2].tolist() == pytest.approx([0.5, (inside - 60) / 60 / 2])


def test_a_visit_under_way_holds_its_chair_and_is_no_infusion_yet(scenario):
    now = {
        "appointment": at(13, 1380),
        "arrived": at(13, 1380),
        "chair_from": at(13, 1380),
        "outcome": r.TO_COME,
        "steps": [(at(13, 1380), at(13, 1395)), (at(13, 1395), math.nan)],
    }
    measured = measure(write([{}], [now], weekdays()), scenario)
    assert measured.kpis["infusions_per_week"] == 0
    assert math.isnan(measured.kpis["no_show_share"])  # not due yet either
    assert measured.profile["chairs_held_mean"][-1] == pytest.approx(0.5)
    assert measured.profile["watched_mean"][-1] == pytest.approx(45 / 60 / 2)


# -- getting in --------------------------------------------------------------------------------------------


def test_the_panel_waits_but_has_no_access_days(scenario):
    waiting = {"origin": 1, "ready": 0.0, "first_infusion": at(7), "infusions": 1}
    balked = {"origin": 1, "ready": 0.0, "left": at(7), "reason": r.LEFT_UNSERVED}
    measured = measure(write([waiting, balked]), scenario)
    assert measured.kpis["waiting_for_series_mean"] == pytest.approx(1.0)
    assert measured.kpis["series_started_per_week"] == 0.5
    assert measured.weeks["referrals"].tolist() == [0, 0]
    for name in ("access_days_mean", "access_days_p90", "balked_share"):
        assert math.isnan(measured.kpis[name])


def test_a_growing_queue_grows_by_patients_a_week(scenario):
    # one patient a day becomes ready, nobody begins: week k goes from 7 k + 1 to 7 k + 7, its mean is 7 k + 4
    patients = [{"ready": at(day)} for day in range(28)]
    measured = measure(write(patients, weeks=4), scenario)
    assert measured.weeks["waiting_for_series"].tolist() == pytest.approx([4, 11, 18, 25])
    assert measured.kpis["backlog_growth_per_week"] == pytest.approx(7.0)


def test_third_next_available_is_a_mean_of_open_measured_mondays(scenario):
    days = [
        {"day": -7, "opening": at(-7, 480), "third_next": 30.0},
        {"day": 0, "opening": at(0, 480), "third_next": 4.0},
        {"day": 1, "opening": at(1, 480)},
        {"day": 7},
    ]
    assert measure(write(days=days), scenario).kpis["third_next_available_days"] == 4.0


def test_a_monday_without_a_third_start_leaves_no_mean(scenario):
    days = [
        {"day": 0, "opening": at(0, 480), "third_next": 4.0},
        {"day": 7, "opening": at(7, 480)},
    ]
    assert math.isnan(measure(write(days=days), scenario).kpis["third_next_available_days"])


# -- the series --------------------------------------------------------------------------------------------


def series(*days, closed="", infusions=None):
    """Complete a series with infusions on these days; True if it is on protocol."""
    infusions = infusions or len(days)
    scenario = from_toml(
        CLINIC.replace("infusions = 2", f"infusions = {infusions}").replace(
            "[clinic]", f"[clinic]\nclosed_on = [{closed}]"
        )
    )
    visits = [completed(day, 600, 600, 600, flow(day, prep=600), number=k + 1) for k, day in enumerate(days)]
    patient = {
        "infusions": len(days),
        "first_infusion": at(days[0], 600),
        "series_ended": at(days[-1], 695),
    }
    return measure(write([patient], visits[::-1]), scenario).kpis


@pytest.mark.parametrize(
    ("days", "share"),
    [((0, 3), 1), ((0, 4), 1), ((0, 2), 0), ((0, 5), 0), ((0, 3, 7, 10), 1), ((0, 3, 8, 11), 0), ((3,), 1)],
)
def test_on_protocol_looks_at_every_gap_between_dates(days, share):
    kpis = series(*days)
    assert kpis["on_protocol_share"] == share
    assert kpis["series_days_mean"] == days[-1] - days[0]


@pytest.mark.parametrize(
    ("closed", "share"),
    [
        ('"01-09"', 1),  # day 4, inside the gap from day 0 to day 5
        ("2026-01-09", 1),
        ('"01-10"', 0),  # day 5, not inside
        ('"01-05"', 0),  # day 0, not inside
        ("2027-01-09", 0),
    ],
)
def test_a_closed_date_inside_a_gap_lengthens_it(closed, share):
    assert series(0, 5, closed=closed)["on_protocol_share"] == share


def test_a_holiday_on_a_weekend_lengthens_nothing():
    assert series(4, 9, closed='"01-10"')["on_protocol_share"] == 0
    assert series(4, 9, closed='"01-13"')["on_protocol_share"] == 1


def test_only_the_upper_limit_lengthens():
    assert series(0, 2, closed='"01-06"')["on_protocol_share"] == 0
    assert series(0, 6, closed='"01-08"')["on_protocol_share"] == 0


def test_closed_dates_follow_changes_and_leap_years():
    scenario = from_toml(
        CLINIC.replace("[clinic]", '[clinic]\nclosed_on = ["02-29", "12-25"]')
        + '[changes."2028-06-01"]\n"clinic.closed_on" = ["07-04"]\n'
    )
    start = date(2026, 1, 5)

    def dates(first, last):
        span = ((date.fromisoformat(when) - start).days for when in (first, last))
        days = closed_days(start, scenario, *span).tolist()
        return [str(start + timedelta(days=day)) for day in days]

    # Christmas 2027 is a Saturday and closes nothing
    assert dates("2025-12-01", "2029-12-31") == [
        "2025-12-25", "2026-12-25", "2028-02-29", "2028-07-04", "2029-07-04",
    ]  # fmt: skip
    assert dates("2026-12-25", "2026-12-25") == ["2026-12-25"]
    assert dates("2026-12-26", "2027-12-24") == []


def test_a_series_without_any_infusion_counts_nowhere(scenario):
    nothing = {"series_ended": at(3), "reason": r.DROPPED_OUT, "left": at(3)}
    one = {"infusions": 1, "series_ended": at(3), "reason": r.DROPPED_OUT, "left": at(3)}
    kpis = measure(write([nothing, one]), scenario).kpis
    assert kpis["completion_share"] == 0.0
    assert math.isnan(measure(write([nothing]), scenario).kpis["completion_share"])


def test_the_panel_completes_series_but_is_in_no_share(scenario):
    kpis = measure(write([{"origin": 1, "infusions": 2, "series_ended": at(3)}]), scenario).kpis
    assert kpis["series_completed_per_week"] == 0.5
    assert math.isnan(kpis["completion_share"])
    assert math.isnan(kpis["series_days_mean"])


def test_a_responder_stopped_after_the_last_infusion_is_turned_away_all_the_same(scenario):
    stopped = {"infusions": 2, "responder": True, "series_ended": at(3), "reason": r.STOPPED_EARLY}
    kpis = measure(write([stopped]), scenario).kpis
    assert kpis["completion_share"] == 1.0
    assert kpis["responders_per_week"] == 0.0
    assert kpis["stopped_responders_per_week"] == 0.5


# -- the visit ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("appointment", "arrived", "start", "wait"),
    [(600, 590, 610, 10), (600, 620, 625, 5), (600, 580, 590, 0), (600, 600, 600, 0), (600, 590, 616, 16)],
)
def test_wait(scenario, appointment, arrived, start, wait):
    visit = completed(2, appointment, arrived, start, flow(2, prep=start))
    kpis = measure(write([{}], [visit], weekdays()), scenario).kpis
    assert kpis["wait_minutes_mean"] == wait
    assert kpis["started_on_time_share"] == (wait <= 15)


def test_released_and_moved_appointments_are_not_due(scenario):
    rows = [
        {"appointment": at(2, 600), "outcome": outcome}
        for outcome in (r.NO_SHOW, r.RELEASED, r.MOVED, r.TO_COME, r.BALKED)
    ]
    assert measure(write([{}], rows, weekdays()), scenario).kpis["no_show_share"] == 1.0


def test_a_day_the_clinic_cancelled_offers_no_starts(scenario):
    cancelled = {"appointment": at(2, 600), "outcome": r.CLINIC_CANCELLED}
    seen = completed(3, 600, 600, 600, flow(3, prep=600))
    days = weekdays()
    assert measure(write([{}], [seen], days), scenario).kpis["slot_fill"] == 1 / 40
    assert measure(write([{}], [seen, cancelled], days), scenario).kpis["slot_fill"] == 1 / 36
    # somebody was treated that day all the same
    both = [seen, cancelled, completed(2, 800, 800, 800, flow(2, prep=800))]
    assert measure(write([{}], both, days), scenario).kpis["slot_fill"] == 2 / 40
    # nobody came to work and nobody was booked
    next(day for day in days if day["day"] == 4)["present"] = [0]
    assert measure(write([{}], [seen], days), scenario).kpis["slot_fill"] == 1 / 36


def test_a_clinic_without_nurses_is_not_cancelled(scenario):
    days = [
        {k: v for k, v in day.items() if k not in ("rostered", "present", "shift_from", "shift_to")}
        for day in weekdays()
    ]
    seen = completed(3, 600, 600, 600, flow(3, prep=600))
    kpis = measure(write([{}], [seen], days), scenario).kpis
    assert kpis["slot_fill"] == 1 / 40
    assert kpis["overtime_nurse_hours_per_week"] == 0
    assert math.isnan(kpis["nurse_watch_utilisation"])


# -- boosters ----------------------------------------------------------------------------------------------


def boosters(*visits, patient=None):
    return measure(write([patient or {}, {}], visits), from_toml(CLINIC)).kpis


def days_waiting(kpis):
    return kpis["waiting_for_booster_mean"] * 14


def test_one_request_however_many_appointments():
    kpis = boosters(
        booster(at(1), r.NO_SHOW, appointment=at(3), decided=at(3)),
        booster(at(1), r.CANCELLED, appointment=at(5), decided=at(4)),
        given(7, at(1), attempt=2),
    )
    assert kpis["booster_requests_per_week"] == 0.5
    assert days_waiting(kpis) == pytest.approx(6 + 600 / 1440)
    assert kpis["booster_wait_days_mean"] == pytest.approx(6 + 600 / 1440)


def test_two_people_may_ask_at_the_same_moment():
    assert boosters(booster(at(1)), booster(at(1), patient=1))["booster_requests_per_week"] == 1.0


def test_a_request_that_came_to_nothing_stops_waiting():
    missed = booster(at(1), r.NO_SHOW, appointment=at(3), decided=at(3))
    assert days_waiting(boosters(missed)) == pytest.approx(2.0)
    again = booster(at(6), appointment=at(9))  # asks again, and still waits
    kpis = boosters(missed, again)
    assert kpis["booster_requests_per_week"] == 1.0
    assert days_waiting(kpis) == pytest.approx(2.0 + 8.0)


def test_a_request_ends_with_leaving():
    assert days_waiting(boosters(booster(at(1)), patient={"left": at(4)})) == pytest.approx(3.0)


def test_a_moved_appointment_is_no_request():
    kpis = boosters(booster(at(6), r.MOVED, appointment=at(6, 600), decided=at(2)), given(3, at(2)))
    assert kpis["booster_requests_per_week"] == 0.5
    assert days_waiting(kpis) == pytest.approx(1 + 600 / 1440)


def test_a_booster_given_before_it_is_due_waited_not_at_all():
    kpis = boosters(given(3, at(3, 700)), given(7, at(5), patient=1))
    assert kpis["booster_wait_days_mean"] == pytest.approx((0 + 2 + 600 / 1440) / 2)
    assert days_waiting(kpis) == pytest.approx(2 + 600 / 1440)
    assert math.isnan(kpis["symptomatic_days_mean"])


def test_a_booster_of_several_infusions_waits_for_its_first():
    kpis = boosters(given(3, at(1), relapsed=at(0)), given(6, at(1), relapsed=at(0), number=2))
    assert kpis["boosters_per_week"] == 1.0
    assert kpis["booster_requests_per_week"] == 0.5
    assert kpis["booster_wait_days_mean"] == pytest.approx(2 + 600 / 1440)
    assert kpis["symptomatic_days_mean"] == pytest.approx(3 + 600 / 1440)
    assert days_waiting(kpis) == pytest.approx(2 + 600 / 1440)


def test_a_course_begun_in_the_warm_up_does_not_begin_again():
    kpis = boosters(given(-2, at(-4)), given(2, at(-4), number=2))
    assert kpis["boosters_per_week"] == 0.5
    assert math.isnan(kpis["booster_wait_days_mean"])


# -- the team ----------------------------------------------------------------------------------------------


def test_the_doors_that_never_shut_have_no_overtime(scenario):
    days = [
        {
            "day": day,
            "chairs": 3,
            "opening": at(day),
            "closing": at(day, 1440),
            "last_out": at(day, 1500),
            "rostered": [1],
            "present": [1],
            "shift_from": [at(day)],
            "shift_to": [at(day, 1440)],
        }
        for day in range(-7, 14)
    ]
    visits = [completed(day, 1400, 1400, 1400, flow(day, prep=1400)) for day in range(-7, 14)]
    kpis = measure(write([{}], visits, days), scenario).kpis
    assert kpis["overtime_minutes_per_day"] == 0
    assert kpis["overtime_day_share"] == 0
    assert kpis["overtime_nurse_hours_per_week"] == 0
    assert kpis["chair_utilisation"] == pytest.approx(
        (14 * 105 - (1505 - 1440) + (1505 - 1440)) / (14 * 1440 * 3)
    )


def test_nobody_stays_for_an_empty_clinic(scenario):
    # the first leaves ten minutes before the shift ends; the other comes ten minutes after it
    visits = [
        completed(2, 945, 945, 945, flow(2, prep=945)),
        completed(2, 1000, 1060, 1060, flow(2, prep=1060)),
    ]
    days = weekdays()
    next(day for day in days if day["day"] == 2)["last_out"] = at(2, 1155)
    kpis = measure(write([{}], visits, days), scenario).kpis
    assert kpis["overtime_nurse_hours_per_week"] == 0
    assert kpis["overtime_minutes_per_day"] == pytest.approx((1155 - 1020) / 10)


def test_of_two_shifts_that_end_together_the_one_named_last_stays(scenario):
    days = weekdays()
    friday = next(day for day in days if day["day"] == 4)
    for day in days:
        if "rostered" in day:
            day |= {
                "rostered": [2, 1],
                "present": [2, 1],
                "shift_from": [at(day["day"], 450)] * 2,
                "shift_to": [at(day["day"], 1050)] * 2,
            }
    visits = [completed(4, 1020, 1020, 1020, flow(4, prep=1020)) for _ in range(3)]
    # three infusions until 18:15 take two nurses; only one of the last shift is there
    friday["last_out"] = at(4, 1115)
    assert measure(write([{}], visits, days), scenario).kpis[
        "overtime_nurse_hours_per_week"
    ] == pytest.approx(65 / 60 / 2)
    friday["present"] = [2, 0]
    assert measure(write([{}], visits, days), scenario).kpis[
        "overtime_nurse_hours_per_week"
    ] == pytest.approx((65 + 25) / 60 / 2)


def test_between_two_shifts_only_visits_that_had_begun_are_overtime(scenario):
    days = weekdays()
    for day in days:
        if "rostered" in day:
            day |= {"rostered": [2, 1], "present": [2, 1]}
            day |= {"shift_from": [at(day["day"], 480), at(day["day"], 780)]}
            day |= {"shift_to": [at(day["day"], 720), at(day["day"], 1020)]}
    begun = completed(2, 700, 700, 700, flow(2, prep=719, lengths=(5, 5, 5, 5, 5)))  # out at 12:19
    at_noon = completed(2, 700, 700, 700, flow(2, prep=720, lengths=(5, 5, 5, 5, 5)))
    late = completed(2, 725, 725, 725, flow(2, prep=725))
    for visits, minutes in (((begun,), 19), ((at_noon,), 0), ((late,), 0), ((begun, late), 19)):
        result = measure(write([{}], list(visits), days), scenario)
        assert result.weeks["overtime_nurse_minutes"].tolist() == [minutes, 0]


def test_thirds_of_a_nurse_make_a_whole_one():
    scenario = from_toml(
        CLINIC + '[visit.steps]\nrest = { minutes = 60, nurse = "watch", patients_per_nurse = 3 }\n'
    )
    visits = [
        {
            "appointment": at(4, 1000),
            "arrived": at(4, 1000),
            "outcome": r.COMPLETED,
            "left": at(4, 1060 + 0.1),
            "steps": [(at(4, 1000), at(4, 1060 + 0.1))],
        }
        for _ in range(3)
    ]
    kpis = measure(write([{}], visits, weekdays(), steps=("rest",)), scenario).kpis
    assert kpis["overtime_nurse_hours_per_week"] == pytest.approx(10.1 / 60 / 2)
    assert kpis["nurse_watch_utilisation"] == pytest.approx(50 / 12000)


def test_nobody_is_watched_who_has_gone():
    scenario = from_toml(
        CLINIC
        + """[visit.steps]
rest = { minutes = 60, nurse = "watch", patients_per_nurse = 1 }
cleaning = { minutes = 10, nurse = "hands-on", patient = false }
"""
    )
    visit = {
        "appointment": at(4, 600),
        "arrived": at(4, 600),
        "outcome": r.COMPLETED,
        "left": at(4, 660),
        "steps": [(at(4, 600), at(4, 660)), (at(4, 700), at(4, 710))],  # no nurse to clean before 11:40
    }
    measured = measure(write([{}], [visit], weekdays(), steps=("rest", "cleaning")), scenario)
    assert measured.weeks["watch_nurse_minutes"].tolist() == [60, 0]


def test_a_minute_past_closing_is_not_a_late_day_but_sixteen_are(scenario):
    days = weekdays()
    for day, minutes in ((0, 15), (1, 16), (2, -5)):
        next(row for row in days if row["day"] == day)["last_out"] = at(day, 1020 + minutes)
    kpis = measure(write(days=days), scenario).kpis
    assert kpis["overtime_day_share"] == 1 / 10
    assert kpis["overtime_minutes_per_day"] == pytest.approx(31 / 10)


# -- money and the calendar --------------------------------------------------------------------------------


MONEY = {"revenue_per_week", "cost_per_week", "margin_per_week", "margin_per_chair_hour"}


def test_prices_move_nothing_but_money(scenario):
    records = write([{"consulted": at(2)}], [given(3, at(2))], weekdays())
    dearer = from_toml(CLINIC.replace("00.0\n", "99.0\n").replace("= 1.3", "= 2.3"))
    assert dearer.finance != scenario.finance
    one, other = measure(records, scenario), measure(records, dearer)
    changed = {name for name in KPIS if not np.array_equal(one.kpis[name], other.kpis[name], equal_nan=True)}
    assert changed == MONEY
    assert {name for name in WEEKS if not np.array_equal(one.weeks[name], other.weeks[name])} == {
        "revenue", "cost", "margin",
    }  # fmt: skip
    assert all(np.array_equal(one.profile[name], other.profile[name]) for name in PROFILE)


def test_a_week_that_begins_on_a_thursday_has_its_own_profile(scenario):
    visit = completed(1, 600, 600, 600, flow(1, prep=600))  # Friday
    records = write([{}], [visit], start=date(2026, 1, 8), days=[])
    held = measure(records, scenario).profile["chairs_held_mean"]
    assert np.flatnonzero(held).tolist() == [4 * 24 + 10, 4 * 24 + 11]
