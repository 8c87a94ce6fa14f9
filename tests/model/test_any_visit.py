"""The model of a clinic with several types of visit, roles or places, against the model of the usual clinic.

Of a usual clinic both must write the same tables, bit for bit: two programs, one result.
"""

import numpy as np
import pytest

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
    general.plans = VisitPlans(clinic)
    general.shares = general.plans.shares
    general.__dict__["grids"] = usual.grids
    general.book = lambda: Book(general.calendar, usual.grids, clinic.booking)
    one, other = (simulate(clinic, draw(clinic, 3, 0), timetable) for timetable in (usual, general))
    assert len(one.visits["patient"]) > 50
    for table in ("patients", "visits", "days"):
        before, after = getattr(one, table), getattr(other, table)
        assert before.keys() == after.keys()
        for name, column in before.items():
            assert np.array_equal(column, after[name], equal_nan=column.dtype.kind == "f"), (table, name)
