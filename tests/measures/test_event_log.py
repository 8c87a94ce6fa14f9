"""The event log: rows that anyone can write down from tables written by hand, and what must hold on every path."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given

from simclinic import records as r
from simclinic.measures.boosters import requests
from simclinic.measures.event_log import NOBODY, event_log
from tests.measures.paper import at, completed, flow, write
from tests.model.small import simulated as run
from tests.properties.clinics import clinics
from tests.properties.test_invariants import QUICK


def lines(log):
    """Events as (name, day, minute of the day, patient, kind, number, chair)."""
    return [
        (
            log.names[log.event[k]],
            *divmod(float(log.minute[k]), r.DAY),
            int(log.patient[k]),
            None if log.kind[k] == NOBODY else r.KINDS[log.kind[k]],
            int(log.number[k]) or None,
            None if np.isnan(log.chair[k]) else int(log.chair[k]),
        )
        for k in range(len(log))
    ]


def names(log):
    return [log.names[code] for code in log.event]


PATIENT = {"referred": at(-3, 600), "ready": at(-1, 600)}


def test_a_completed_visit_line_by_line(scenario):
    visit = completed(0, 480, 470, 475, flow(0, prep=480), patient=0, number=1, wait_hands=5.0)
    log = event_log(write([PATIENT], [visit]), scenario)
    who = (0, "induction", 1)
    assert lines(log) == [
        ("referred", -3, 600, 0, None, None, None),
        ("booked", -2, 0, *who, None),
        ("arrived", 0, 470, *who, None),
        ("chair", 0, 475, *who, 1),
        ("due", 0, 480, *who, None),
        ("preparation:start", 0, 480, *who, 1),
        ("preparation:end", 0, 495, *who, 1),
        ("infusion:start", 0, 495, *who, 1),
        ("infusion:end", 0, 535, *who, 1),
        ("recovery:start", 0, 535, *who, 1),
        ("recovery:end", 0, 565, *who, 1),
        ("discharge:start", 0, 565, *who, 1),
        ("discharge:end", 0, 575, *who, 1),
        ("left", 0, 575, *who, None),
        ("turnover:start", 0, 575, *who, 1),
        ("turnover:end", 0, 585, *who, 1),
        ("chair_free", 0, 585, *who, 1),
    ]


@pytest.mark.parametrize(
    ("outcome", "decided", "events"),
    [
        (r.NO_SHOW, at(1, 480), ["booked", "due", "no-show"]),
        (r.NO_SHOW, at(1, 490), ["booked", "due", "no-show"]),  # still inside when it was due
        (r.CANCELLED, at(0, 480), ["booked", "cancelled"]),
        (r.CLINIC_CANCELLED, at(1, 0), ["booked", "clinic-cancelled"]),
        (r.RELEASED, at(0, 700), ["booked", "released"]),
        (r.RELEASED, at(1, 700), ["booked", "due", "released"]),
        (r.MOVED, at(0, 700), ["booked", "moved"]),
        (r.TO_COME, math.nan, ["booked", "due"]),
    ],
)
def test_what_becomes_of_an_appointment(scenario, outcome, decided, events):
    visit = {"number": 2, "booked": at(0), "appointment": at(1, 480), "outcome": outcome, "decided": decided}
    log = event_log(write([{}], [visit]), scenario)
    assert names(log) == events
    if not math.isnan(decided):
        assert log.minute[-1] == decided
    assert set(log.number.tolist()) == {2}


def test_nothing_of_the_future_is_told(scenario):
    visit = {"number": 2, "booked": at(13), "appointment": at(14), "outcome": r.TO_COME}
    waits = {"kind": r.BOOSTER, "number": 1, "requested": at(13), "outcome": r.TO_COME}
    log = event_log(write([{}], [visit, waits]), scenario)
    assert sorted(names(log)) == ["booked", "booster-requested"]


def test_a_relapse_and_a_request_are_told_once_however_many_appointments_they_take(scenario):
    asked = {"kind": r.BOOSTER, "number": 3, "relapsed": at(1), "requested": at(2), "booked": at(2)}
    visits = [
        asked | {"appointment": at(4, 480), "outcome": r.NO_SHOW, "decided": at(4, 480)},
        asked | {"appointment": at(6, 480), "outcome": r.CANCELLED, "decided": at(5, 480)},
        asked | {"requested": at(7), "booked": at(7), "appointment": at(8, 480), "outcome": r.TO_COME},
        # given up for a sooner one: the request that counts is the other one
        asked | {"requested": at(9), "relapsed": math.nan, "outcome": r.MOVED, "decided": at(8)},
    ]
    log = event_log(write([{}], visits), scenario)
    events = [(name, when) for name, when in zip(names(log), log.minute.tolist(), strict=True)]
    assert [each for each in events if each[0] in ("relapsed", "booster-requested")] == [
        ("relapsed", at(1)),
        ("booster-requested", at(2)),
        ("booster-requested", at(7)),
    ]


def test_balks_with_a_book_are_the_patients_and_in_a_queue_the_visits(scenario):
    gone = {"referred": at(0), "ready": at(0, 60), "left": at(0, 480), "reason": r.LEFT_UNSERVED}
    log = event_log(write([gone], []), scenario)
    assert lines(log)[1:] == [
        ("balked", 0, 480, 0, None, None, None),
        ("ended", 0, 480, 0, None, None, None),
    ]
    walks_in = scenario.model_copy(
        update={"booking": scenario.booking.model_copy(update={"mode": "walk-in"})}
    )
    came = {"number": 1, "booked": at(0, 450), "appointment": at(0, 450), "arrived": at(0, 450)}
    came |= {"outcome": r.BALKED, "decided": at(0, 480), "left": at(0, 480)}
    log = event_log(write([gone], [came]), walks_in)
    assert lines(log)[1:] == [
        ("arrived", 0, 450, 0, "induction", 1, None),
        ("balked", 0, 480, 0, "induction", 1, None),
        ("left", 0, 480, 0, "induction", 1, None),
        ("ended", 0, 480, 0, None, None, None),
    ]


def test_at_one_moment_who_leaves_makes_room_first(scenario):
    """The second patient sits down in the chair at the moment at which it becomes free."""
    first = completed(0, 480, 480, 480, flow(0, prep=480), patient=1, number=1)
    second = completed(0, 540, 540, 585, flow(0, prep=585), patient=0, number=1)
    for visits in ([first, second], [second, first]):
        log = event_log(write([{}, {}], visits), scenario)
        then = [(names(log)[k], int(log.patient[k])) for k in np.flatnonzero(log.minute == at(0, 585))]
        assert then == [
            ("turnover:end", 1),
            ("chair_free", 1),
            ("chair", 0),
            ("preparation:start", 0),
        ]


def test_a_step_of_no_length_ends_after_it_began(scenario):
    quick = completed(0, 480, 480, 480, flow(0, prep=480, lengths=(0, 0, 0, 0, 0)), patient=0, number=1)
    events = names(event_log(write([{}], [quick]), scenario))
    assert events == [
        "booked",
        "due",
        "arrived",
        "chair",
        *(f"{step}:{what}" for step in ("preparation", "infusion", "recovery") for what in ("start", "end")),
        "discharge:start",
        "discharge:end",
        "left",
        "turnover:start",
        "turnover:end",
        "chair_free",
    ]


def test_days_asked_for_are_cut_out(scenario):
    visit = completed(0, 480, 470, 475, flow(0, prep=480), patient=0, number=1)
    log = event_log(write([PATIENT], [visit]), scenario)
    assert names(log.between(at(-3), at(-2))) == ["referred"]
    assert names(log.between(at(0, 470), at(0, 475))) == ["arrived"]
    assert len(log.between(at(1), at(2))) == 0


def test_no_patient_no_event(scenario):
    assert len(event_log(write(), scenario)) == 0


# -- on every path -------------------------------------------------------------------------------------------


@QUICK
@given(clinics())
def test_the_log_agrees_with_the_tables(scenario):
    records = run(scenario, scenario.run.seed)
    log = event_log(records, scenario)
    assert (np.diff(log.minute) >= 0).all()
    assert (log.minute < records.end).all()
    events = Counter(names(log))
    visits, patients = records.visits, records.patients
    for code, name in enumerate(r.OUTCOMES):
        if name not in ("completed", "to come", "balked"):
            assert events[name] == np.count_nonzero(visits["outcome"] == code), name
    assert events["balked"] == np.count_nonzero(patients["reason"] == r.LEFT_UNSERVED)
    assert events["ended"] == np.count_nonzero(np.isfinite(patients["left"]))
    assert events["referred"] == len(patients["referred"])
    for name, column in (("arrived", "arrived"), ("chair", "chair_from"), ("chair_free", "chair_free")):
        assert events[name] == np.count_nonzero(np.isfinite(visits[column])), name
    assert events["left"] == np.count_nonzero(np.isfinite(visits["left"]))
    asked = requests(records).asked
    assert events["booster-requested"] == np.count_nonzero(asked < records.end)
    for place, step in enumerate(records.steps):
        for event, times in (("start", "step_start"), ("end", "step_end")):
            assert events[f"{step}:{event}"] == np.count_nonzero(np.isfinite(visits[times][:, place]))
    _every_completed_visit_has_its_steps_in_order(log, records)
    _no_chair_is_taken_twice(log)


def _every_completed_visit_has_its_steps_in_order(log, records):
    by_visit = {}
    for name, visit in zip(names(log), log.visit.tolist(), strict=True):
        by_visit.setdefault(visit, []).append(name)
    for visit in np.flatnonzero(records.visits["outcome"] == r.COMPLETED).tolist():
        events = by_visit[visit]
        expected = [f"{step}:{what}" for step in records.steps for what in ("start", "end")]
        begun = [name for name in events if ":" in name]
        assert begun == expected[: len(begun)]  # turnover may still go on when the simulation ends
        assert events.index("arrived") < events.index(begun[0])
        patient_out = events.index("left")
        assert events[patient_out - 1].endswith(":end")


def _no_chair_is_taken_twice(log):
    """Read line by line: a chair is free before the next one sits down in it."""
    held = {}
    for name, chair, visit in zip(names(log), log.chair.tolist(), log.visit.tolist(), strict=True):
        if name == "chair":
            assert chair not in held
            held[chair] = visit
        elif name == "chair_free":
            assert held.pop(chair) == visit
