"""Exports of hand-written records and of replications: each row is one of their appointments."""

import csv
import datetime

import numpy as np
import pytest

from simclinic import records as r
from simclinic.model import simulate
from simclinic.sampling.draws import draw
from simclinic.scenario import from_toml
from tests.exports.clinics import observable, realistic
from tests.exports.export import clean
from tests.exports.people import IN_PROGRAMME, IN_SERIES, LEFT, NOT_STARTED, WELL
from tests.measures.paper import CLINIC, at, completed, flow, weekdays, write

NAN = float("nan")


def given(patient, day, number=1, kind=r.INDUCTION, **more):
    """Write a visit from 9:00 to 10:35 of a patient who is ten minutes early."""
    return completed(
        day, 540, 530.5, 540, flow(day, prep=540), patient=patient, number=number, kind=kind, **more
    )


def missed(patient, day, outcome, decided, **more):
    return {
        "patient": patient,
        "appointment": at(day, 600),
        "booked": at(day - 2),
        "outcome": outcome,
        "decided": decided,
        **more,
    }


def ahead(patient, day, **more):
    return {
        "patient": patient,
        "appointment": at(day, 600),
        "booked": at(0),
        "outcome": r.TO_COME,
        "decided": NAN,
        **more,
    }


PATIENTS = [
    # done, responded, relapsed, in the programme
    {
        "responder": True,
        "series_ended": at(3, 635),
        "programme": at(8),
        "left": NAN,
        "infusions": 2,
        "boosters": 1,
    },
    # dropped out after the first on day 1
    {"series_ended": at(1, 635), "left": at(1, 635), "reason": r.DROPPED_OUT, "programme": NAN},
    # has the first on day 10
    {"responder": True, "series_ended": NAN, "left": NAN, "programme": NAN},
    # booked for after the end
    {"series_ended": NAN, "left": NAN, "programme": NAN},
    # never had an appointment
    {"left": at(1), "reason": r.INELIGIBLE},
]
VISITS = [
    given(0, 0),
    missed(0, 3, r.NO_SHOW, at(3, 600), number=2),
    given(0, 3, number=2),
    given(0, 9, kind=r.BOOSTER),
    given(1, 1),
    missed(1, 4, r.RELEASED, at(1, 635), number=2),
    missed(2, 8, r.CANCELLED, at(7, 600)),
    missed(2, 9, r.CLINIC_CANCELLED, at(9)),
    given(2, 10),
    ahead(2, 15, number=2),
    ahead(3, 16),
    # a request that still waits has no appointment
    {"patient": 3, "appointment": NAN, "booked": NAN, "outcome": r.TO_COME, "decided": NAN, "number": 2},
]


@pytest.fixture(scope="module")
def paper():
    return from_toml(CLINIC)


@pytest.fixture(scope="module")
def by_hand():
    return write(PATIENTS, VISITS, weekdays())


def rows_in_records(export):
    """List the rows with the patient's row in the records instead of the invented number."""
    rows = {person.record: person.row for person in export.truth.people}
    return [(rows[row.patient], f"{row.date:%m-%d %H:%M}", row.status) for row in export.rows]


def test_rows_are_appointments_in_order_of_time(by_hand, paper):
    export = clean(by_hand, paper, seed=1)
    assert rows_in_records(export) == [
        (0, "01-05 09:00", "completed"),
        (1, "01-06 09:00", "completed"),
        (0, "01-08 09:00", "completed"),
        (0, "01-08 10:00", "no-show"),
        (2, "01-13 10:00", "cancelled"),
        (0, "01-14 09:00", "completed"),
        (2, "01-14 10:00", "cancelled"),
        (2, "01-15 09:00", "completed"),
    ]
    assert (export.truth.cancelled_by_clinic, export.truth.given_up) == (1, 0)
    assert export.truth.statuses == {"completed": 5, "no-show": 1, "cancelled": 2}


def test_times_are_to_the_minute_begun(by_hand, paper):
    row = clean(by_hand, paper, seed=1).rows[0]
    assert row.checked_in == datetime.datetime(2026, 1, 5, 8, 50)
    assert row.left == datetime.datetime(2026, 1, 5, 10, 35)
    assert all(
        row.checked_in is None and row.left is None
        for row in clean(by_hand, paper, seed=1).rows
        if row.status != "completed"
    )


def test_the_future_is_shown_if_asked_for(by_hand, paper):
    rows = rows_in_records(clean(by_hand, paper, seed=1, cut=datetime.date(2026, 1, 15), booked=True))
    assert [row for row in rows if row[1] >= "01-15"] == [
        (2, "01-15 09:00", "booked"),
        (2, "01-20 10:00", "booked"),
        (3, "01-21 10:00", "booked"),
    ]
    # made on the first Monday, so known on the Tuesday; the others are made two days before
    rows = rows_in_records(clean(by_hand, paper, seed=1, cut=datetime.date(2026, 1, 6), booked=True))
    assert [row for row in rows if row[2] == "booked"] == [
        (1, "01-06 09:00", "booked"),
        (2, "01-20 10:00", "booked"),
        (3, "01-21 10:00", "booked"),
    ]


def test_a_cancellation_is_known_once_it_is_made(by_hand, paper):
    """Tuesday's appointment is cancelled on Monday: it is booked on Monday morning and cancelled on Tuesday's."""
    for cut, status in ((datetime.date(2026, 1, 12), "booked"), (datetime.date(2026, 1, 13), "cancelled")):
        export = clean(by_hand, paper, seed=1, cut=cut, booked=True)
        assert (2, "01-13 10:00", status) in rows_in_records(export)


def test_given_up_appointments_leave_a_trace_if_asked_for(by_hand, paper):
    export = clean(by_hand, paper, seed=1, given_up=True)
    assert (1, "01-09 10:00", "cancelled") in rows_in_records(export)
    assert export.truth.given_up == 1


def test_a_window_is_cut_out(by_hand, paper):
    export = clean(by_hand, paper, seed=1, first=datetime.date(2026, 1, 8), cut=datetime.date(2026, 1, 15))
    assert [row[1][:5] for row in rows_in_records(export)] == ["01-08", "01-08", "01-13", "01-14", "01-14"]
    shown = {person.row: person.shown_from_the_start for person in export.truth.people}
    assert shown == {0: False, 2: True}
    with pytest.raises(ValueError, match="must lie within 2025-12-29 to 2026-01-19"):
        clean(by_hand, paper, seed=1, cut=datetime.date(2026, 1, 20))


def test_what_became_of_each(by_hand, paper):
    export = clean(by_hand, paper, seed=1, booked=True)
    result = {
        person.row: (person.stage, person.series, person.infusions, person.boosters, person.reason)
        for person in export.truth.people
    }
    assert result == {
        0: (IN_PROGRAMME, "completed", 2, 1, ""),
        1: (LEFT, "ended early", 1, 0, "dropped out"),
        2: (IN_SERIES, "open", 1, 0, ""),
        3: (NOT_STARTED, "open", 0, 0, ""),
    }
    first = next(person for person in export.truth.people if person.row == 0)
    assert (first.began, first.last) == (
        datetime.datetime(2026, 1, 5, 9),
        datetime.datetime(2026, 1, 14, 9),
    )


def test_the_truth_is_as_of_the_cut(by_hand, paper):
    """Before the relapse is noticed the patient is well; before the second infusion, in the series."""
    for day, stage, series in ((12, WELL, "completed"), (8, IN_SERIES, "open")):
        export = clean(by_hand, paper, seed=1, cut=datetime.date(2026, 1, day))
        (person,) = (person for person in export.truth.people if person.row == 0)
        assert (person.stage, person.series) == (stage, series)


def test_a_walk_in_clinic_has_none(by_hand, paper):
    walks_in = from_toml(CLINIC, ["booking.mode='walk-in'"])
    with pytest.raises(ValueError, match="no appointments"):
        clean(by_hand, walks_in, seed=1)


# -- of replications -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clinic():
    scenario = realistic("run.weeks=60", "shifts.day.absence=0.2", "attendance.rebooks=0.9")
    return scenario, simulate(scenario, draw(scenario, 5, 0))


def test_counts_agree_with_the_records(clinic):
    scenario, records = clinic
    export = clean(records, scenario, seed=1, given_up=True)
    visits = records.visits
    due = visits["appointment"] < records.end

    def count(*outcomes):
        return int((due & np.isin(visits["outcome"], outcomes)).sum())

    assert export.truth.statuses == {
        "completed": count(r.COMPLETED),
        "no-show": count(r.NO_SHOW),
        "cancelled": count(r.CANCELLED, r.CLINIC_CANCELLED, r.RELEASED, r.MOVED),
    }
    assert export.truth.cancelled_by_clinic == count(r.CLINIC_CANCELLED) > 0
    assert export.truth.given_up == count(r.RELEASED, r.MOVED) > 0


def test_people_agree_with_the_records(clinic):
    scenario, records = clinic
    everyone = clean(records, scenario, seed=1, booked=True).truth.people
    patients, visits = records.patients, records.visits
    assert {person.row for person in everyone} == set(visits["patient"][np.isfinite(visits["booked"])])
    for person in everyone:
        row = person.row
        assert person.infusions == patients["infusions"][row]
        assert person.boosters == patients["boosters"][row]
        assert (person.stage == LEFT) == np.isfinite(patients["left"][row])
        assert person.reason == (r.REASONS[patients["reason"][row]] if person.stage == LEFT else "")
        assert (person.series == "completed") == (patients["infusions"][row] == 6)
    assert {person.stage for person in everyone} >= {LEFT, IN_SERIES, WELL, IN_PROGRAMME}


def test_a_cut_knows_nothing_that_came_later(clinic):
    """A shorter simulation of the same patients gives the same export, byte for byte."""
    scenario, records = clinic
    cut = records.start + datetime.timedelta(weeks=40)
    overrides = ("run.weeks=40", "shifts.day.absence=0.2", "attendance.rebooks=0.9")
    shorter = realistic(*overrides)
    there = clean(simulate(shorter, draw(shorter, 5, 0)), shorter, seed=1, booked=True)
    here = clean(records, scenario, seed=1, booked=True, cut=cut)
    rows = {person.row for person in here.truth.people}
    # record numbers are drawn in order of referral, so later patients do not change those of earlier ones
    assert here.csv() == there.csv()
    assert here.truth.people == there.truth.people
    assert rows


def test_record_numbers_are_in_no_order_and_stay(clinic):
    scenario, records = clinic
    whole = clean(records, scenario, seed=1).truth.people
    later = clean(records, scenario, seed=1, first=records.start + datetime.timedelta(weeks=30)).truth.people
    numbers = {person.row: person.record for person in whole}
    assert len(set(numbers.values())) == len(numbers)
    assert all(len(number) == 6 and number.isdigit() for number in numbers.values())
    assert all(numbers[person.row] == person.record for person in later)
    rows = [person.row for person in whole]  # in order of record numbers
    assert abs(np.corrcoef(rows, np.arange(len(rows)))[0, 1]) < 4 / np.sqrt(len(rows))
    assert {person.record for person in clean(records, scenario, seed=2).truth.people} != set(
        numbers.values()
    )


def test_a_clinic_that_has_run_for_years_is_cut_on_the_left():
    scenario = realistic('run.begin="empty"', "run.warm_up_weeks=52", "run.weeks=20")
    records = simulate(scenario, draw(scenario, 5, 0))
    export = clean(records, scenario, seed=1, first=records.start)
    assert min(row.date for row in export.rows).date() >= records.start
    assert not all(person.shown_from_the_start for person in export.truth.people)
    opening = clean(records, scenario, seed=1)
    assert opening.first == records.start - datetime.timedelta(weeks=52)
    assert all(person.shown_from_the_start for person in opening.truth.people)


def test_the_file_holds_the_rows(clinic):
    scenario, records = clinic
    for kind in (False, True):
        export = clean(records, scenario, seed=1, kind=kind)
        head, *lines = csv.reader(export.csv().splitlines())
        assert tuple(head) == export.columns
        assert ("kind" in head) == kind
        assert len(lines) == len(export.rows)
        for line, row in zip(lines, export.rows, strict=True):
            cells = dict(zip(head, line, strict=True))
            assert cells["patient"] == row.patient
            assert datetime.datetime.fromisoformat(cells["date"]) == row.date
            assert cells["status"] == row.status
            assert cells.get("kind", row.kind) == row.kind
            assert bool(cells["left"]) == (row.left is not None)


def test_in_the_observable_clinic_a_relapse_is_a_booster_within_the_hour():
    scenario = observable("run.weeks=60", "attendance.no_show=0", "attendance.late_cancel=0")
    visits = simulate(scenario, draw(scenario, 3, 0)).visits
    booster = visits["kind"] == r.BOOSTER
    assert booster.sum() > 100
    assert (visits["appointment"] - visits["relapsed"])[booster].max() < 60
    assert np.nanmax([visits[name] for name in ("wait_chair", "wait_hands", "wait_eyes")]) == 0
