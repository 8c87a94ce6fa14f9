"""Figures by type of visit, role and place, of tables written by hand: two types, a prescriber, and a room."""

from dataclasses import replace

import numpy as np
import pytest

from simclinic import records as r
from simclinic.measures import KPIS, PROFILE, measure
from simclinic.measures.groups import BY_PLACE, BY_ROLE, BY_SERIES, BY_VISIT, PAY, group_names
from simclinic.measures.intervals import Watched, summarise_one
from simclinic.measures.kpis import why_absent
from simclinic.measures.profile import columns_of_parts
from simclinic.scenario import baseline, from_toml
from simclinic.scenario.part_targets import PlaceTargets, RoleTargets, VisitTargets
from tests.measures.paper import CLINIC, at, weekdays, write

WIDER = f"""{CLINIC.replace("pair = 1.0", "pair = 0.5" + chr(10) + "spravato = 0.5")}
[visit.steps.infusion]
minutes = 40
nurse = "hands-on"
[protocols.spravato]
infusions = 2
gap_days = [3, 4]
visit = "spray"
[visits.spray]
price = 900
[visits.spray.steps.talk]
minutes = 20
place = "room"
claims = {{ prescriber = {{ need = "hands-on", to_infusion = 1 }} }}
[visits.spray.steps.rest]
minutes = 120
claims = {{ prescriber = {{ watch = 2 }} }}
[roles.prescriber]
hour = 150
on_costs = 1.0
[places.room]
number = 2
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:30-17:30"
nurses = 2
[shifts.prescriber]
days = ["mon"]
hours = "08:00-12:00"
role = "prescriber"
number = 1
"""


@pytest.fixture(scope="module")
def clinic():
    return from_toml(WIDER)


def tables():
    """Two weeks: on the first Monday one infusion and two sprays, and a patient for a spray who is turned away.

    The first spray is a patient's first and needs the prescriber's hands; the other is a second one.
    """
    began = [9 * 60.0, 10 * 60.0 + 25, 13 * 60.0]
    patients = [
        {"protocol": kind, "referred": at(-7), "ready": ready, "first_infusion": first, "left": np.nan}
        for kind, ready, first in (
            (0, at(-2), at(0, began[0])),
            (1, at(-4), at(0, began[1])),
            (1, at(-6), at(-4, 600)),
            (1, at(1), np.nan),
        )
    ]
    patients[3] |= {"left": at(2), "reason": r.LEFT_UNSERVED, "referred": at(0)}
    visits = [
        visit(0, 0, began[0], number=1),
        visit(1, 1, began[1], number=1),
        visit(2, 1, began[2], number=2),
    ]
    shift = {
        "rostered": [2, 0],
        "present": [2, 0],
        "shift_from": [0.0, np.nan],
        "shift_to": [0.0, np.nan],
    }
    days = weekdays()
    for row in days:
        if "rostered" in row:
            row |= shift | {
                "shift_from": [at(row["day"], 450), np.nan],
                "shift_to": [at(row["day"], 1050), np.nan],
            }
    monday = next(row for row in days if row["day"] == 0)
    monday |= {
        "rostered": [2, 1],
        "present": [2, 1],
        "shift_from": [at(0, 450), at(0, 480)],
        "shift_to": [at(0, 1050), at(0, 720)],
    }
    written = write(patients, visits, days, steps=("infusion/infusion", "spray/talk", "spray/rest"))
    written.visits["place"] = np.array([[np.nan], [1.0], [2.0]])
    written.visits["place_from"] = np.array([[np.nan], [at(0, began[1])], [at(0, began[2])]])
    written.visits["place_to"] = written.visits["place_from"] + 20.0
    written.visits["wait_place"] = np.array([[0.0], [5.0], [10.0]])
    return replace(
        written,
        protocols=("pair", "spravato"),
        visit_types=("infusion", "spray"),
        first_steps=(0, 1),
        places=("room",),
        shifts=("day", "prescriber"),
    )


def visit(patient, kind, begins, number):
    """A visit on Monday, due 10 minutes before it begins: an infusion of 40 minutes, or 20 and 120 of a spray."""
    nothing = (np.nan, np.nan)
    start, lengths = at(0, begins), (40.0, 20.0, 120.0)
    infusion = [(start, start + lengths[0]), nothing, nothing]
    spray = [nothing, (start, start + 20.0), (start + 20.0, start + 140.0)]
    left = start + (140.0 if kind else 40.0)
    return {
        "patient": patient,
        "visit": kind,
        "number": number,
        "outcome": r.COMPLETED,
        "appointment": start - 10.0,
        "arrived": start - 15.0,
        "booked": at(-3),
        "chair": 1.0,
        "chair_from": start + (20.0 if kind else 0.0),
        "chair_free": left,
        "left": left,
        "decided": left,
        "steps": spray if kind else infusion,
        **dict.fromkeys(("wait_chair", "wait_hands", "wait_eyes"), 0.0),
    }


def test_each_type_of_visit_has_its_own_figures(clinic):
    kpis = measure(tables(), clinic).kpis
    assert kpis["infusions_per_week"] == 1.5
    assert kpis["infusions_per_week:infusion"] == 0.5
    assert kpis["infusions_per_week:spray"] == 1.0
    assert kpis["visit_minutes_mean:infusion"] == 55.0
    assert kpis["visit_minutes_mean:spray"] == 155.0
    assert kpis["access_days_mean:infusion"] == 2 + 540 / 1440
    assert kpis["access_days_mean:spray"] == pytest.approx(4 + 625 / 1440)
    # of the patients whose wait ended in these weeks: one infusion begun; one spray begun, one turned away
    assert kpis["balked_share:infusion"] == 0.0
    assert kpis["balked_share:spray"] == 0.5
    assert kpis["balked_share"] == pytest.approx(1 / 3)


def test_a_role_is_used_where_its_claim_holds_while_it_is_there(clinic):
    kpis = measure(tables(), clinic).kpis
    # four hours of the prescriber: hands-on for the first spray alone, 10:25 to 10:45
    assert kpis["nurse_hands_on_utilisation:prescriber"] == pytest.approx(20 / 240)
    # watching half of the prescriber's eyes from 10:45 until noon; what comes later is overtime
    assert kpis["nurse_watch_utilisation:prescriber"] == pytest.approx(75 / 2 / 240)
    # nurses: one infusion of 40 minutes, of two nurses for ten hours on ten days
    assert kpis["nurse_hands_on_utilisation"] == pytest.approx(40 / (2 * 600 * 10))


def test_a_role_is_paid_by_its_own_wage_and_the_parts_are_in_the_cost(clinic):
    kpis = measure(tables(), clinic).kpis
    overtime = kpis["overtime_nurse_hours_per_week:prescriber"]
    assert kpis["cost_per_week:prescriber"] == pytest.approx(150 * (4 / 2 + 1.5 * overtime))
    assert kpis["cost_per_week:nurse"] == pytest.approx(45 * 1.3 * 2 * 10 * 5)
    others = 5 * 3 * 100.0 + 1.5 * (25 + 5) + 100.0
    pay = kpis["cost_per_week:nurse"] + kpis["cost_per_week:prescriber"]
    assert kpis["cost_per_week"] == pytest.approx(pay + others)


def test_a_place_is_in_use_while_it_is_held(clinic):
    kpis = measure(tables(), clinic).kpis
    assert kpis["chair_utilisation:room"] == pytest.approx(2 * 20 / (2 * 540 * 10))
    # the infusion needs no room: it is not among those that waited
    assert kpis["waited_for_chair_minutes_mean:room"] == 7.5
    assert kpis["waited_for_chair_minutes_p90:room"] == 9.5
    assert kpis["queue_length_mean:room"] == pytest.approx((5 + 10) / (10 * 540))
    assert kpis["queue_length_mean"] == kpis["waited_for_chair_minutes_mean"] == 0.0
    assert kpis["chair_utilisation"] == pytest.approx((40 + 2 * 120) / (3 * 540 * 10))


def test_the_profile_has_other_places_and_roles_hour_by_hour(clinic):
    """Means of two weeks, of which the first alone has visits: on Monday from 10:25 and from 13:00.

    The first needs the prescriber's hands for 20 minutes and eyes until 12:45, the second eyes alone from 13:20 on.
    """
    found = measure(tables(), clinic).profile
    assert list(found)[len(PROFILE) :] == list(columns_of_parts(clinic))
    hour = {name: values[8:17] for name, values in found.items() if ":" in name}
    assert hour["chairs_held_mean:room"] == pytest.approx([0, 0, 1 / 6, 0, 0, 1 / 6, 0, 0, 0])
    assert hour["chairs_held_p90:room"][2] == pytest.approx(0.9 / 3)
    assert hour["chairs_mean:room"] == pytest.approx([2.0] * 9)
    assert hour["hands_on_mean:prescriber"] == pytest.approx([0, 0, 1 / 6, 0, 0, 0, 0, 0, 0])
    assert hour["watched_mean:prescriber"] == pytest.approx(
        [0, 0, 1 / 8, 1 / 2, 3 / 8, 1 / 3, 1 / 2, 1 / 6, 0]
    )
    assert hour["nurses_mean:prescriber"] == pytest.approx([0.5] * 4 + [0.0] * 5)


def test_of_what_a_clinic_has_it_is_said_how_many_at_once(clinic):
    table = measure(tables(), clinic).at_once
    found = dict.fromkeys(zip(table["what"].tolist(), table["part"].tolist(), strict=True))
    assert [*found] == [
        *(
            ("in_use", "chair"),
            ("in_use", "room"),
            ("waiting", "chair"),
            ("waiting", "room"),
            ("in_lobby", ""),
        ),
        *(("hands_on", "nurse"), ("hands_on", "prescriber"), ("watched", "prescriber")),
    ]
    rows = (table["what"] == "watched") & (table["part"] == "prescriber")
    # of four hours, 10:45 to noon
    assert table["share"][rows].tolist() == pytest.approx([1 - 75 / 240, 75 / 240])


def test_a_type_of_visit_a_role_and_a_place_may_have_one_name():
    same = from_toml(WIDER.replace("prescriber", "spray").replace("room", "spray"))
    kpis = measure(replace(tables(), places=("spray",), shifts=("day", "spray")), same).kpis
    other = measure(tables(), from_toml(WIDER)).kpis
    assert kpis["visit_minutes_mean:spray"] == 155.0
    assert kpis["nurse_hands_on_utilisation:spray"] == other["nurse_hands_on_utilisation:prescriber"]
    assert kpis["chair_utilisation:spray"] == other["chair_utilisation:room"]


def test_begun_in_time_of_a_type_counts_the_days_of_its_own_target(clinic):
    later = tables()
    later.patients["first_infusion"][3] = at(6)  # ready on day 1: five days
    later.patients["left"][3], later.patients["reason"][3] = np.nan, 0
    name = "started_within_days_share"
    assert measure(later, clinic).kpis[f"{name}:spray"] == 1.0
    strict = from_toml(WIDER + '[targets.visits.spray]\naccess_days_p90 = "<= 3"\n')
    assert measure(later, strict).kpis[f"{name}:spray"] == 0.0
    assert measure(later, strict).kpis[name] == 1.0


def test_a_type_of_visit_has_its_own_limit_of_a_wait(clinic):
    limits = {
        'wait_minutes_p90 = "<= 10"\n': [0.0, 0.0],  # not more than ten
        "": [0.0, 0.0],
        'wait_minutes_p90 = "<= 9"\n': [1.0, 1.0],
        '[targets.visits.spray]\nwait_minutes_p90 = "<= 9"\n': [0.0, 1.0],
    }
    for limit, shares in limits.items():
        written = f"{WIDER}[targets]\n{limit}" if limit and "[" not in limit else WIDER + limit
        kpis = measure(tables(), from_toml(written)).kpis  # all three waited for ten minutes
        assert [kpis["waited_share"], kpis["waited_share:spray"]] == [1.0, 1.0]
        assert [kpis["delayed_share"], kpis["delayed_share:spray"]] == shares, limit


def test_parts_and_their_names(clinic):
    names = group_names(clinic)
    assert [*names] == ["by_visit", "by_role", "by_place"]
    assert names["by_role"]["nurse"]["nurse_watch_utilisation"] == "nurse_watch_utilisation"
    assert names["by_role"]["nurse"][PAY] == "cost_per_week:nurse"
    assert names["by_place"]["chair"]["chair_utilisation"] == "chair_utilisation"
    for parts in names.values():
        for figures in parts.values():
            assert all(name in KPIS for name in figures.values())
    assert group_names(baseline()) == {}


def test_no_other_figure_has_parts():
    assert "margin_per_week:spray" not in KPIS
    with pytest.raises(KeyError):
        KPIS["margin_per_week:spray"]


def test_targets_of_parts_are_on_the_figures_that_parts_have():
    assert {*VisitTargets.model_fields} == {*BY_SERIES, *BY_VISIT}
    assert {*RoleTargets.model_fields} == {*BY_ROLE, PAY}
    assert {*PlaceTargets.model_fields} == {*BY_PLACE}


def test_why_a_clinic_does_not_have_a_figure(clinic):
    assert why_absent("chair_utilisation:room", clinic) == ""
    assert "it has one kind of place" in why_absent("chair_utilisation:room", baseline())
    assert "there it is 'chair_utilisation'" in why_absent("chair_utilisation:chair", clinic)
    assert "'infusion', 'spray'" in why_absent("wait_minutes_mean:spravato", clinic)


def test_what_no_replication_has_seen_of_a_type_is_bounded_by_its_own_patients():
    """Of N patients without the event fewer than 3 in N have it: N counts those of the type."""
    columns = {
        "series_started_per_week": np.full(10, 6.0),
        "series_started_per_week:spray": np.full(10, 0.5),
        "infusions_per_week:spray": np.full(10, 4.0),
        "balked_share": np.zeros(10),
        "balked_share:spray": np.zeros(10),
        "no_show_share:spray": np.zeros(10),
    }
    weeks = Watched(weeks=52.0)
    assert summarise_one(KPIS["balked_share"], columns, weeks)["ci"][1] == pytest.approx(3 / (6 * 520))
    assert summarise_one(KPIS["balked_share:spray"], columns, weeks)["ci"][1] == pytest.approx(
        3 / (0.5 * 520)
    )
    assert summarise_one(KPIS["no_show_share:spray"], columns, weeks)["ci"][1] == pytest.approx(3 / (4 * 520))


def test_a_part_is_not_spoken_of_as_nurses_or_chairs():
    subjects = {
        "nurse_hands_on_utilisation:prescriber": "prescriber: time hands-on",
        "chair_utilisation:room": "room: in use",
        "wait_minutes_mean:esketamine": "esketamine: wait on the day",
    }
    assert {name: KPIS[name].subject for name in subjects} == subjects
