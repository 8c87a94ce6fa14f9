"""Patients watched in the lobby, and those in the chair who need a nurse's eyes, never wait for each other."""

import numpy as np

from simclinic.model import simulate
from simclinic.records import COMPLETED
from simclinic.sampling import draw
from simclinic.scenario import baseline, replace


def test_a_watched_lobby_does_not_bring_the_clinic_to_a_stop():
    """One chair, one nurse: two watched in the lobby hold her eyes, for which the patient in the chair waits."""
    room = {
        "minutes": 5,
        "nurse": "watch",
        "patients_per_nurse": 2,
        "chair": False,
        "before": "preparation",
    }
    clinic = replace(
        baseline(),
        run={"begin": "empty", "warm_up_weeks": 0, "weeks": 4},
        clinic={"chairs": 1},
        shifts={"day": {"nurses": 1, "absence": 0.0}},
        booking={"mode": "walk-in"},
        demand={"referrals_per_week": 12},
        visit={"steps": {"room": room}},
    )
    visits = simulate(clinic, draw(clinic, 1, 0)).visits
    early = visits["arrived"] < 21 * 1440
    assert early.sum() > 20
    assert (visits["outcome"][early] == COMPLETED).all()
    assert np.nanmax(visits["wait_chair"]) > 0
