"""Runs that must agree: the same again, a week later, longer, dearer, and the same patients in another clinic."""

import datetime
from types import FunctionType

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simclinic import records as r
from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.sampling import draw
from simclinic.scenario import with_overrides
from simclinic.scenario.tables import as_tables
from tests.model.small import clinic
from tests.model.small import simulated as run
from tests.properties.clinics import clinics

QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
MANY = settings(QUICK, max_examples=200, derandomize=False)


def both_tiers(check, *arguments):
    """Make a quick and a long test of one property."""
    again = FunctionType(check.__code__, check.__globals__, f"{check.__name__}_many_times")
    return QUICK(given(*arguments)(check)), pytest.mark.long(MANY(given(*arguments)(again)))


def assert_same(one, other, *, but=()):
    for table in ("patients", "visits", "days"):
        before, after = getattr(one, table), getattr(other, table)
        assert before.keys() == after.keys()
        for name in before.keys() - set(but):
            assert before[name].dtype == after[name].dtype
            assert before[name].tobytes() == after[name].tobytes(), (table, name)


def the_same_again_byte_for_byte(scenario):
    timetable = Timetable(scenario)
    one = simulate(scenario, draw(scenario, 5, 2), timetable)
    simulate(scenario, draw(scenario, 6, 2), timetable)  # a plan keeps nothing of the runs it served
    assert_same(one, simulate(scenario, draw(scenario, 5, 2), timetable))
    assert_same(one, run(scenario, 5, 2))


def shifted(scenario, weeks):
    """The same scenario so many weeks later."""
    tables = as_tables(scenario)
    later = datetime.timedelta(weeks=weeks)
    tables["run"]["start"] += later
    tables["clinic"]["closed_on"] = [date + later for date in tables["clinic"]["closed_on"]]
    for hours in tables["clinic"]["hours"].values():
        if isinstance(hours, dict) and "from" in hours:
            hours["from"] += later
    changes = tables.get("changes") or {}
    tables["changes"] = {
        (datetime.date.fromisoformat(str(date)) + later).isoformat(): dict(values)
        for date, values in changes.items()
    }
    return clinic(tables)


def whole_weeks_later_everything_is_whole_weeks_later(scenario, weeks):
    assume(not any(hours.weeks.of_month for hours in scenario.clinic.hours.values()))  # months differ
    moved = shifted(scenario, weeks)
    one, other = run(scenario, 3), run(moved, 3)
    assert other.start == one.start + datetime.timedelta(weeks=weeks)
    assert_same(one, other)


# first_infusion is known when that visit is over, so it has no moment of its own.
PATIENT_TIMES = ("referred", "consulted", "ready", "series_ended", "programme", "left")
VISIT_TIMES = ("booked", "decided", "arrived", "chair_from", "chair_free", "left", "step_start", "step_end")


def a_longer_run_begins_with_the_shorter_one(scenario):
    longer = with_overrides(scenario, [f"run.weeks={scenario.run.weeks + 2}"])
    short, long = run(scenario, 4), run(longer, 4)
    end = short.end
    for table, plain in (("patients", PATIENT_TIMES), ("visits", VISIT_TIMES)):
        before, after = getattr(short, table), getattr(long, table)
        for name in plain:
            now, then = before[name].copy(), after[name][: len(before[name])].copy()
            then[then >= end] = np.nan
            if name == "arrived":
                # Who comes minutes early to an appointment at the end itself comes to a day that is not simulated:
                # only the longer run knows whether a nurse is there, or the clinic cancels at midnight.
                for side, visits in ((now, before), (then, after)):
                    side[visits["appointment"][: len(side)] >= end] = np.nan
            np.testing.assert_array_equal(now, then, err_msg=name)
    known = np.isfinite(short.visits["booked"])
    for name in ("appointment", "requested"):
        np.testing.assert_array_equal(
            short.visits[name][known], long.visits[name][: len(known)][known], err_msg=name
        )
    decided = np.isfinite(short.visits["decided"])
    rows = len(decided)
    np.testing.assert_array_equal(short.visits["outcome"][decided], long.visits["outcome"][:rows][decided])
    assert (short.visits["outcome"][~decided] == r.TO_COME).all()
    for name in ("wait_chair", "wait_hands", "wait_eyes", "number", "attempt"):
        np.testing.assert_array_equal(short.visits[name][decided], long.visits[name][:rows][decided])
    gone = np.isfinite(short.patients["left"])
    np.testing.assert_array_equal(short.patients["reason"][gone], long.patients["reason"][: len(gone)][gone])


def prices_move_nothing_but_money(scenario):
    dearer = with_overrides(
        scenario,
        [
            "finance.price_per_infusion=1",
            "finance.nurse_hour=999",
            "finance.chair_day=7",
            "finance.no_show_fee=50",
        ],
    )
    one, other = run(scenario, 3), run(dearer, 3)
    assert_same(one, other)
    before, after = measure(one, scenario).kpis, measure(other, dearer).kpis
    moved = {name for name in before if before[name] != after[name] and not np.isnan(before[name])}
    assert moved <= {"revenue_per_week", "cost_per_week", "margin_per_week", "margin_per_chair_hour"}


OTHER_CLINICS = [
    "clinic.chairs=7",
    "demand.referrals_per_week=30",
    "demand.protocol_mix={two=1.0}",
    "booking.window_weeks=9",
]


def lengths(records):
    """Lengths of the steps of completed visits, by who came for which infusion."""
    visits, patients = records.visits, records.patients
    minutes = {}
    for row in np.flatnonzero(visits["outcome"] == r.COMPLETED).tolist():
        patient = visits["patient"][row]
        who = (
            patients["day"][patient],
            patients["ordinal"][patient],
            visits["kind"][row],
            visits["number"][row],
        )
        minutes[tuple(map(int, who))] = visits["step_end"][row] - visits["step_start"][row]
    return minutes


def the_same_patients_have_the_same_luck_elsewhere(scenario, override):
    # The booster's number counts on from the protocol's infusions where complications are concerned.
    plain = with_overrides(scenario, ["visit.complications={}"])
    one, other = run(plain, 8), run(with_overrides(plain, [override]), 8)
    before, after = lengths(one), lengths(other)
    for who in before.keys() & after.keys():
        known = np.isfinite(before[who]) & np.isfinite(after[who])
        np.testing.assert_allclose(before[who][known], after[who][known], rtol=1e-9, atol=1e-6)
    latent = ("responder", "ready", "referred")
    places = {
        who: row for row, who in enumerate(zip(other.patients["day"], other.patients["ordinal"], strict=True))
    }
    for row, who in enumerate(zip(one.patients["day"], one.patients["ordinal"], strict=True)):
        if who in places and override != "demand.protocol_mix={two=1.0}":
            for name in latent:
                assert one.patients[name][row] == other.patients[name][places[who]] or (
                    np.isnan(one.patients[name][row]) and np.isnan(other.patients[name][places[who]])
                )


def littles_identity_for_chairs(scenario):
    """Minutes waited for a chair are the integral of the number waiting for one."""
    records = run(scenario, 2)
    visits = records.visits
    seated = np.isfinite(visits["chair_from"])
    asked = visits["chair_from"][seated] - visits["wait_chair"][seated]
    moments = np.unique(np.concatenate((asked, visits["chair_from"][seated])))
    if len(moments) < 2:
        return
    waiting = np.searchsorted(np.sort(asked), moments[:-1], side="right") - np.searchsorted(
        np.sort(visits["chair_from"][seated]), moments[:-1], side="right"
    )
    assert (waiting >= 0).all()
    np.testing.assert_allclose(
        (waiting * np.diff(moments)).sum(), visits["wait_chair"][seated].sum(), rtol=1e-9, atol=1e-6
    )


test_the_same_again, test_the_same_again_many_times = both_tiers(the_same_again_byte_for_byte, clinics())
test_weeks_later, test_weeks_later_many_times = both_tiers(
    whole_weeks_later_everything_is_whole_weeks_later, clinics(), st.integers(1, 60)
)
test_longer, test_longer_many_times = both_tiers(a_longer_run_begins_with_the_shorter_one, clinics())
test_prices, test_prices_many_times = both_tiers(prices_move_nothing_but_money, clinics())
test_elsewhere, test_elsewhere_many_times = both_tiers(
    the_same_patients_have_the_same_luck_elsewhere, clinics(), st.sampled_from(OTHER_CLINICS)
)
test_little, test_little_many_times = both_tiers(littles_identity_for_chairs, clinics())
