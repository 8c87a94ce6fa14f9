"""The log as files: each line as it must read, and every format saying what the tables say."""

import csv
import io
from collections import Counter

import numpy as np
import pytest
from hypothesis import given

from simclinic import records as r
from simclinic.measures.event_log import event_log
from simclinic.report.events import FORMATS, Replayed
from simclinic.scenario import from_toml
from tests.measures.paper import CLINIC, at, completed, flow, write
from tests.model.small import simulated as run
from tests.properties.clinics import clinics
from tests.properties.test_invariants import QUICK
from tests.report.events.xes_rules import check


@pytest.fixture(scope="module")
def scenario():
    return from_toml(CLINIC.replace("On paper", 'Chairs & <nurses> \\"first\\"'))


def replayed(scenario, records, begin=None, end=None, number=0):
    begin, end = records.first_day * r.DAY if begin is None else begin, records.end if end is None else end
    log = event_log(records, scenario).between(begin, end)
    return Replayed(scenario, records, log, number, begin, end)


def written(form, *replay, **more):
    return "".join(FORMATS[form](replayed(*replay, **more)))


def small():
    """One visit that waits for a chair, then for hands; and one that a patient does not come to."""
    patient = {"referred": at(-3, 600), "left": at(1, 480), "reason": r.DROPPED_OUT, "protocol": 0}
    visit = completed(0, 480, 470.25, 475, flow(0, prep=480.5), patient=0, number=1)
    visit["chair"] = 2.0
    missed = {"kind": r.BOOSTER, "number": 4, "booked": at(0), "appointment": at(1, 480)}
    return write([patient], [visit, missed | {"outcome": r.NO_SHOW, "decided": at(1, 480)}])


def test_the_table_line_by_line(scenario):
    text = written("csv", scenario, small(), number=7, begin=at(0))
    assert text.splitlines() == [
        "replication,patient,kind,number,event,time,minute,chair",
        "7,0,booster,4,booked,2026-01-05T00:00:00.000,0.000000,",
        "7,0,induction,1,arrived,2026-01-05T07:50:15.000,470.250000,",
        "7,0,induction,1,chair,2026-01-05T07:55:00.000,475.000000,2",
        "7,0,induction,1,due,2026-01-05T08:00:00.000,480.000000,",
        "7,0,induction,1,preparation:start,2026-01-05T08:00:30.000,480.500000,2",
        "7,0,induction,1,preparation:end,2026-01-05T08:15:30.000,495.500000,2",
        "7,0,induction,1,infusion:start,2026-01-05T08:15:30.000,495.500000,2",
        "7,0,induction,1,infusion:end,2026-01-05T08:55:30.000,535.500000,2",
        "7,0,induction,1,recovery:start,2026-01-05T08:55:30.000,535.500000,2",
        "7,0,induction,1,recovery:end,2026-01-05T09:25:30.000,565.500000,2",
        "7,0,induction,1,discharge:start,2026-01-05T09:25:30.000,565.500000,2",
        "7,0,induction,1,discharge:end,2026-01-05T09:35:30.000,575.500000,2",
        "7,0,induction,1,left,2026-01-05T09:35:30.000,575.500000,",
        "7,0,induction,1,turnover:start,2026-01-05T09:35:30.000,575.500000,2",
        "7,0,induction,1,turnover:end,2026-01-05T09:45:30.000,585.500000,2",
        "7,0,induction,1,chair_free,2026-01-05T09:45:30.000,585.500000,2",
        "7,0,booster,4,due,2026-01-06T08:00:00.000,1920.000000,",
        "7,0,booster,4,no-show,2026-01-06T08:00:00.000,1920.000000,",
        "7,0,,,ended,2026-01-06T08:00:00.000,1920.000000,",
    ]


def test_days_before_the_measured_ones_have_negative_minutes(scenario):
    text = written("csv", scenario, small(), end=0.0)
    assert "0,0,,,referred,2026-01-02T10:00:00.000,-3720.000000," in text.splitlines()


def test_vidigi_line_by_line(scenario):
    text = written("vidigi", scenario, small(), begin=at(0))
    assert text.splitlines() == [
        "entity_id,pathway,event_type,event,time,resource_id,run,patient,number",
        "0,induction,arrival_departure,arrival,470.250000,,0,0,1",
        "0,induction,queue,wait:chair,470.250000,,0,0,1",
        "0,induction,queue,wait:preparation,475.000000,,0,0,1",
        "0,induction,resource_use,preparation,480.500000,2,0,0,1",
        "0,induction,resource_use_end,preparation:end,495.500000,2,0,0,1",
        "0,induction,resource_use,infusion,495.500000,2,0,0,1",
        "0,induction,resource_use_end,infusion:end,535.500000,2,0,0,1",
        "0,induction,resource_use,recovery,535.500000,2,0,0,1",
        "0,induction,resource_use_end,recovery:end,565.500000,2,0,0,1",
        "0,induction,resource_use,discharge,565.500000,2,0,0,1",
        "0,induction,resource_use_end,discharge:end,575.500000,2,0,0,1",
        "0,induction,arrival_departure,depart,575.500000,,0,0,1",
    ]


def test_vidigi_counts_minutes_from_the_first_midnight_of_the_log(scenario):
    later = completed(3, 480, 470, 480, flow(3, prep=480), patient=0, number=1)
    text = written("vidigi", scenario, write([{}], [later]), begin=at(3), end=at(4))
    assert text.splitlines()[1] == "0,induction,arrival_departure,arrival,470.000000,,0,0,1"


def test_xes_obeys_the_standard_and_describes_the_visits(scenario):
    text = written("xes", scenario, small())
    ((own, events),) = check(text)
    assert own["concept:name"] == ("string", "0")
    assert own["reason"] == ("string", "dropped out")
    replay = [(each["concept:name"][1], each["lifecycle:transition"][1]) for each in events]
    steps = ("preparation", "infusion", "recovery", "discharge", "turnover")
    pairs = [(step, move) for step in steps for move in ("start", "complete")]
    assert [each for each in replay if each[0] in steps] == pairs
    assert replay[0] == ("referred", "complete")
    assert replay[-1] == ("ended", "complete")
    infusion = next(each for each in events if each["concept:name"][1] == "infusion")
    assert infusion["time:timestamp"][1].isoformat() == "2026-01-05T08:15:30"
    assert infusion["minute"] == ("float", 495.5)
    assert infusion["chair"] == ("int", 2)
    assert infusion["kind"] == ("string", "induction")
    assert infusion["number"] == ("int", 1)


def test_names_of_scenarios_may_hold_anything(scenario):
    text = written("xes", scenario, small())
    assert "Chairs &amp; &lt;nurses&gt;" in text
    check(text)


@pytest.mark.parametrize("form", FORMATS)
def test_no_event_is_a_file_without_rows(scenario, form):
    text = written(form, scenario, write())
    if form == "xes":
        assert check(text) == []
    else:
        assert len(text.splitlines()) == 1


@QUICK
@given(clinics())
def test_the_formats_agree_with_each_other(scenario):
    replay = replayed(scenario, run(scenario, scenario.run.seed), number=3)
    table = list(csv.DictReader(io.StringIO("".join(FORMATS["csv"](replay)))))
    assert len(table) == len(replay.log)
    minutes = [float(row["minute"]) for row in table]
    assert minutes == sorted(minutes)
    times = [row["time"] for row in table]
    assert times == sorted(times)

    traces = check("".join(FORMATS["xes"](replay)))
    events = Counter(
        (int(own["concept:name"][1]), each["minute"][1], each["concept:name"][1])
        for own, each_trace in traces
        for each in each_trace
    )
    assert events == Counter(
        (int(row["patient"]), float(row["minute"]), row["event"].partition(":")[0]) for row in table
    )
    for _, each_trace in traces:
        stamps = [each["time:timestamp"][1] for each in each_trace]
        assert stamps == sorted(stamps)

    _vidigi_is_whole(replay, list(csv.DictReader(io.StringIO("".join(FORMATS["vidigi"](replay))))))


def _vidigi_is_whole(replay, rows):
    visits = replay.records.visits
    came = set(np.flatnonzero(np.isfinite(visits["arrived"])).tolist())
    by_visit = {}
    for row in rows:
        by_visit.setdefault(int(row["entity_id"]), []).append(row)
    assert set(by_visit) == came
    for visit, own in by_visit.items():
        times = [float(row["time"]) for row in own]
        assert times == sorted(times)
        bounds = [row["event"] for row in own if row["event_type"] == "arrival_departure"]
        left = np.isfinite(visits["left"][visit])
        assert bounds == (["arrival", "depart"] if left else ["arrival"])
        assert own[0]["event"] == "arrival"
        if left:
            assert own[-1]["event"] == "depart"
        in_use = None
        for row in own:
            if row["event_type"] == "resource_use":
                assert in_use is None
                in_use = row["event"], row["resource_id"]
                assert row["resource_id"] == str(int(visits["chair"][visit]))
            elif row["event_type"] == "resource_use_end":
                assert in_use == (row["event"].removesuffix(":end"), row["resource_id"])
                in_use = None
        assert in_use is None or not left
