"""The model of a clinic with several types of visit, roles or places, against the model of the usual clinic.

Of a usual clinic both must write the same tables, bit for bit: two programs, one result.
"""

import datetime

import numpy as np
import pytest

from simclinic.measures import measure
from simclinic.model import simulate
from simclinic.planning.book import Book
from simclinic.planning.timetable import Timetable
from simclinic.planning.visit_plans import VisitPlans
from simclinic.sampling import draw
from simclinic.scenario import baseline, replace

USUAL = {
    "typical": {},
    "crowded": {"demand": {"referrals_per_week": 22}},
    "one nurse": {"shifts": {"day": {"nurses": 1}}},
    "two shifts with a gap": {
        "shifts": {
            "day": {"hours": "07:30-12:00", "break": False},
            "late": {"days": ["mon", "tue", "wed", "thu", "fri"], "hours": "13:00-17:30", "nurses": 1},
        }
    },
    "shifts that overlap": {
        "shifts": {
            "day": {"hours": "07:30-13:00", "break": False},
            "late": {"days": ["mon", "wed", "fri"], "hours": "12:00-17:30", "nurses": 2, "absence": 0.2},
        }
    },
    "closed over noon": {
        "clinic": {"hours": {"mon": ["08:00-11:45", "13:00-17:00"], "wed": ["08:00-10:00", "10:45-17:00"]}},
        "attendance": {"arrival_offset_minutes": {"dist": "normal", "mean": 20, "sd": 40}},
    },
    "walk-in, closed over noon": {
        "booking": {"mode": "walk-in"},
        "clinic": {"hours": {"mon": ["08:00-11:45", "13:00-17:00"], "wed": ["08:00-10:00", "10:45-17:00"]}},
    },
    "walk-in": {"booking": {"mode": "walk-in"}},
    "walk-in, impatient": {
        "booking": {"mode": "walk-in", "patience_minutes": 20, "waiting_room": 3},
        "demand": {"referrals_per_week": 30},
    },
    "round the clock": {
        "booking": {"mode": "walk-in"},
        "clinic": {"hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "24h")},
        "shifts": {
            "day": {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": "06:00-18:00"},
            "night": {
                "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                "hours": "18:00-24:00",
                "nurses": 1,
            },
        },
    },
    "cleaned when the simulation ends": {
        "booking": {"mode": "walk-in"},
        "clinic": {
            "hours": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "24h"),
            "chairs": 9,
        },
        "visit": {"steps": {"turnover": {"minutes": 4320}}},
    },
    "cleaning that needs a nurse": {"visit": {"steps": {"turnover": {"nurse": "hands-on"}}}},
    "watched in the lobby first": {
        "booking": {"mode": "walk-in"},
        "demand": {"referrals_per_week": 25},
        "visit": {
            "steps": {
                "room": {
                    "minutes": {"dist": "exponential", "mean": 5},
                    "nurse": "watch",
                    "patients_per_nurse": 2,
                    "chair": False,
                    "before": "preparation",
                }
            }
        },
    },
    "closer watching, and a walk without a chair": {
        "visit": {
            "steps": {
                "closer": {
                    "minutes": {"dist": "gamma", "mean": 9, "cv": 0.4},
                    "nurse": "watch",
                    "patients_per_nurse": 1,
                    "after": "recovery",
                },
                "ride": {
                    "minutes": {"dist": "exponential", "mean": 12},
                    "chair": False,
                    "after": "discharge",
                },
                "turnover": False,
            }
        }
    },
}


@pytest.mark.parametrize("settings", USUAL.values(), ids=USUAL.keys())
def test_of_a_usual_clinic_both_models_write_the_same_tables(settings):
    run = {"begin": "empty", "warm_up_weeks": 4, "weeks": 12}
    clinic = replace(baseline(), run=run, **settings)
    assert clinic.simple
    usual, general = Timetable(clinic), Timetable(clinic)
    general.plans, general.scripts = VisitPlans(clinic), None
    general.shares = general.plans.shares
    general.__dict__["grids"] = usual.grids
    general.book = lambda: Book(general.calendar, usual.grids, clinic.booking)
    same(clinic, usual, general)


def same(clinic, *timetables):
    """Both models write the same tables."""
    one, other = (simulate(clinic, draw(clinic, 3, 0), timetable) for timetable in timetables)
    assert len(one.visits["patient"]) > 50
    for table in ("patients", "visits", "days"):
        before, after = getattr(one, table), getattr(other, table)
        assert before.keys() == after.keys()
        for name, column in before.items():
            assert np.array_equal(column, after[name], equal_nan=column.dtype.kind == "f"), (table, name)


SECOND = {
    "preparation": {"minutes": {"dist": "gamma", "mean": 9, "cv": 0.5}, "nurse": "hands-on"},
    "monitoring": {
        "minutes": {"dist": "gamma", "mean": 70, "cv": 0.2},
        "nurse": "watch",
        "patients_per_nurse": 3,
    },
    "talk": {"minutes": {"dist": "exponential", "mean": 9}, "nurse": "hands-on", "chair": False},
}
TWO_TYPES = {
    "visits": {"second": {"steps": SECOND}},
    "protocols": {
        "second": {"infusions": 4, "gap_days": [6, 8], "visit": "second", "booster_visit": "second"}
    },
    "demand": {"protocol_mix": {"twice-weekly": 0.5, "second": 0.5}},
}


@pytest.mark.parametrize(
    "which", ["typical", "two shifts with a gap", "walk-in, impatient", "cleaning that needs a nurse"]
)
def test_of_two_types_that_need_chairs_and_nurses_alone_both_models_write_the_same_tables(which):
    run = {"begin": "empty", "warm_up_weeks": 2, "weeks": 8}
    clinic = replace(replace(baseline(), run=run, **USUAL[which]), **TWO_TYPES)
    usual, general = Timetable(clinic), Timetable(clinic)
    assert usual.scripts
    general.scripts = None
    same(clinic, usual, general)


@pytest.mark.parametrize(
    "steps",
    [
        {"monitoring": {"minutes": 30, "probability": 0.5}},
        {"monitoring": {"minutes": 30, "claims": {"nurse": "hands-on"}}},
        {
            "monitoring": {"minutes": 30},
            "clean": {"minutes": 5, "patient": False},
            "ride": {"minutes": 5, "chair": False},
        },
    ],
)
def test_visits_that_need_more_are_left_to_the_general_model(steps):
    types = {**TWO_TYPES, "visits": {"second": {"steps": {"first": {"minutes": 5}, **steps}}}}
    assert Timetable(replace(baseline(), **types)).scripts is None


def test_a_role_waits_for_a_patient_who_is_late():
    """The prescriber leaves at nine. The patient is due at 08:30 and comes at 09:10: the prescriber has stayed."""
    clinic = replace(
        baseline(),
        run={"begin": "empty", "warm_up_weeks": 1, "weeks": 1, "start": datetime.date(2026, 1, 5)},
        clinic={"hours": {**dict.fromkeys(("tue", "wed", "thu", "fri"), False), "mon": "08:30-12:00"}},
        shifts={
            "day": {"absence": 0.0},
            "doctor": {"days": ["mon"], "hours": "08:00-09:00", "number": 1, "role": "doctor"},
        },
        roles={"doctor": {"hour": 100}},
        demand={"referrals": [datetime.datetime(2025, 12, 29, 10, 0)]},
        intake={
            "contraindicated": 0,
            "consult_no_show": 0,
            "accepts": 1,
            "days_to_consult": 0,
            "days_to_decide": 0,
        },
        protocols={"twice-weekly": {"infusions": 1}},
        booking={"notice_days": 0, "start_every_minutes": 30},
        attendance={"no_show": 0, "late_cancel": 0, "arrival_offset_minutes": 40},
        visit={"steps": {"preparation": {"minutes": 20, "nurse": "none", "claims": {"doctor": "hands-on"}}}},
    )
    records = simulate(clinic, draw(clinic, 1, 0))
    visits = records.visits
    [appointment], [arrived], [start] = visits["appointment"], visits["arrived"], records.begun
    assert (appointment, arrived, start) == (8 * 60 + 30, 9 * 60 + 10, 9 * 60 + 10)
    # From 09:00 to 09:10 for the patient who is due, and 40 minutes of the first visit's consult.
    overtime = measure(records, clinic).kpis["overtime_nurse_hours_per_week:doctor"]
    assert overtime * 60 == pytest.approx(10 + 40)


def test_a_clinic_may_have_one_type_of_visit_and_not_the_usual_one():
    clinic = replace(
        baseline(),
        run={"begin": "empty", "warm_up_weeks": 1, "weeks": 1, "start": datetime.date(2026, 1, 5)},
        demand={"referrals": [datetime.datetime(2025, 12, 29, 10, 0)]},
        intake={
            "contraindicated": 0,
            "consult_no_show": 0,
            "accepts": 1,
            "days_to_consult": 0,
            "days_to_decide": 0,
        },
        protocols={
            name: {"infusions": 1, "visit": "short", "booster_visit": "short"}
            for name in baseline().protocols
        },
        attendance={"no_show": 0, "late_cancel": 0, "arrival_offset_minutes": 0},
        visits={
            "short": {"steps": {"injection": {"minutes": 10, "nurse": "hands-on"}, "rest": {"minutes": 15}}}
        },
    )
    assert list(clinic.visit_types) == ["short"]
    records = simulate(clinic, draw(clinic, 1, 0))
    assert records.steps == ("injection", "rest")
    [appointment], [start], [end] = (
        records.visits[name] for name in ("appointment", "step_start", "step_end")
    )
    assert (start - appointment).tolist() == [0, 10]
    assert (end - appointment).tolist() == [10, 25]
