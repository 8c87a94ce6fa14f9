"""Figures of single patients and visits against records written by hand."""

import datetime as dt
import itertools

import numpy as np
import pytest

from simclinic import records as r
from simclinic.report.figures.flow import flow, followed
from simclinic.report.figures.histogram import Bins
from simclinic.report.figures.starts import starts
from simclinic.report.figures.waits import days_to_first_infusion, waits_on_the_day
from tests.measures.paper import at, completed, weekdays, write
from tests.measures.paper import flow as course

ALL = {"mean": 0.75, "sd": 0.1, "ci": [0.7, 0.8], "p10": 0.6, "p90": 0.9, "n": 9, "unit": "share"}
NONE = {"mean": None, "sd": None, "ci": None, "p10": None, "p90": None, "n": 0, "unit": "share"}


def waited(*minutes):
    """One visit a day at nine, whose first step begins so many minutes late."""
    return write(
        visits=[
            completed(day, 540, 530, 540, course(day, prep=540 + late)) for day, late in enumerate(minutes)
        ]
    )


def test_waits_are_bars_of_shares():
    shown = waits_on_the_day(waited(0, 0, 0, 4, 5, 15, 16, 22), "replication 0", ALL)
    (bars,) = shown.figure.data
    assert bars.type == "bar"
    assert list(bars.x) == ["none", "0–5", "5–10", "10–15", "15–20", "20–25"]
    assert list(bars.y) == [37.5, 25, 0, 12.5, 12.5, 12.5]
    assert [count for count, _ in bars.customdata] == [3, 2, 0, 1, 1, 1]
    assert shown.sheet.rows[3] == ("10–15", "1", "12.5", "75.0")


def test_within_a_quarter_of_an_hour_is_a_sum_of_bars_of_one_colour():
    shown = waits_on_the_day(waited(0, 0, 0, 4, 5, 15, 16, 22), "replication 3", ALL)
    (bars,) = shown.figure.data
    first = bars.marker.color[0]
    assert (
        sum(share for share, colour in zip(bars.y, bars.marker.color, strict=True) if colour == first) == 75
    )
    assert shown.says.startswith("75.0 % start within 15 minutes")
    assert "over all 9 replications 75.0 (70.0–80.0) %" in shown.says
    assert "8 visits of replication 3" in shown.says
    assert "38 % do not wait at all" in shown.says


def test_the_longest_waits_are_in_the_last_bar():
    bins = Bins.of(np.array([*np.full(199, 12.0), 400.0]), (5.0, 15.0))
    assert bins.labels == ("0–5", "5–10", "10–15", "> 15")
    assert bins.counts == (0, 0, 199, 1)
    assert sum(bins.counts) == 200


def test_values_of_nothing_are_in_the_first_bin_without_one_of_their_own():
    assert Bins.of(np.array([0.0, 1.0, 1.5]), (1.0,)).counts == (2, 1)


def test_days_to_a_first_infusion():
    people = [{"ready": at(0), "first_infusion": at(day), "referred": at(0)} for day in (1, 2, 2, 4)]
    shown = days_to_first_infusion(write(people), "replication 0", {**ALL, "mean": 2.0}, NONE)
    (bars,) = shown.figure.data
    assert bars.type == "bar"
    assert list(bars.x) == ["0–1", "1–2", "2–3", "3–4"]
    assert list(bars.y) == [25, 50, 0, 25]
    assert "4 patients" in shown.says
    assert "turned away" not in shown.says
    lost = days_to_first_infusion(write(people), "replication 0", ALL, {**ALL, "mean": 0.5})
    assert "turned away (50.0 (70.0–80.0) %)" in lost.says


def test_series_by_weekday_and_protocol():
    people = [
        {"protocol": 0, "first_infusion": at(0, 600)},
        {"protocol": 0, "first_infusion": at(7, 600)},
        {"protocol": 1, "first_infusion": at(8, 600)},
        {"protocol": 1, "first_infusion": at(-1, 600)},  # warm-up
        {"protocol": 1, "first_infusion": np.nan},
    ]
    shown = starts(write(people, days=weekdays(), protocols=("pair", "triple", "unused")), "replication 0")
    assert [(each.type, each.name) for each in shown.figure.data] == [("bar", "pair"), ("bar", "triple")]
    assert list(shown.figure.data[0].x) == ["Mon", "Tue", "Wed", "Thu", "Fri"]
    assert [list(each.y) for each in shown.figure.data] == [[2, 0, 0, 0, 0], [0, 1, 0, 0, 0]]
    assert shown.says.startswith("3 series (pair 2; triple 1), the most on Mon: 2.")
    assert shown.sheet.rows[1] == ("Tue", "0", "1", "1", "33.3", "2")


def test_weekdays_follow_the_date_a_run_begins_with():
    people = [{"first_infusion": at(0, 600)}]
    shown = starts(write(people, start=dt.date(2026, 1, 8)), "replication 0")
    assert list(shown.figure.data[0].x) == ["Thu"]


def person(day, *, consulted=None, ready=None, first=None, infusions=0, ended=None, **more):
    times = {"consulted": consulted, "ready": ready, "first_infusion": first, "series_ended": ended}
    return {
        "referred": at(day),
        "consulted": np.nan,
        "ready": np.nan,
        "infusions": infusions,
        **{name: at(when) for name, when in times.items() if when is not None},
        **more,
    }


PEOPLE = [
    person(0, reason=r.INELIGIBLE, left=at(1)),
    person(0, consulted=5, reason=r.DECLINED, left=at(6)),
    person(0, consulted=5, ready=6, reason=r.LEFT_UNSERVED, left=at(20)),
    person(0, consulted=5, ready=6, first=8, infusions=1, ended=9, reason=r.DROPPED_OUT, left=at(9)),
    person(0, consulted=5, ready=6, first=8, infusions=2, ended=12, reason=r.NO_RESPONSE, left=at(12)),
    person(0, consulted=5, ready=6, first=8, infusions=2, ended=12, responder=True),
    person(0, consulted=5, ready=6, first=8, infusions=2, ended=12, responder=True, programme=at(20)),
    # this one relapses 30 days after the referral: two days after everybody is looked at
    person(0, consulted=5, ready=6, first=8, infusions=2, ended=12, responder=True, programme=at(30)),
    # and this one leaves the programme after that
    person(
        0,
        consulted=5,
        ready=6,
        first=8,
        infusions=2,
        ended=12,
        responder=True,
        programme=at(20),
        reason=r.LEFT_PROGRAMME,
        left=at(29),
    ),
    person(28, consulted=50, ready=51),  # referred on the last day from which 28 days can be seen
    person(29, consulted=30, ready=31, first=33),  # too late to be followed
    person(-1, consulted=5, ready=6, first=8),  # before the measured weeks
    person(0, consulted=5, origin=r.PANEL),
]


def test_everybody_is_followed_for_the_same_time():
    steps = followed(write(PEOPLE, weeks=8), {"pair": 2}, 4)
    assert [step.reached for step in steps] == [10, 9, 8, 6, 5, 4, 2]
    assert [step.under_way for step in steps] == [0, 0, 1, 0, 0, 2, 2]
    assert [step.left for step in steps] == [
        {"ineligible": 1},
        {"declined": 1},
        {"balked": 1},
        {"dropped out": 1},
        {"no response": 1},
        {},
        {},
    ]


def test_nobody_is_lost_between_stages():
    steps = followed(write(PEOPLE, weeks=8), {"pair": 2}, 4)
    for step, following in itertools.pairwise(steps):
        assert step.reached == following.reached + sum(step.left.values()) + step.under_way


def test_each_bar_ends_where_the_one_before_begins():
    shown = flow(write(PEOPLE, weeks=8), {"pair": 2}, "replication 0")
    reached, left, there = shown.figure.data
    assert {each.type for each in shown.figure.data} == {"bar"}
    assert list(reached.x) == [10, 9, 8, 6, 5, 4, 2]
    assert list(left.x) == [1, 1, 1, 1, 1]
    assert list(left.base) == [9, 8, 7, 5, 4]
    assert list(there.x) == [1, 2, 2]
    assert list(there.base) == [6, 2, 0]
    names = shown.figure.layout.yaxis.ticktext
    assert names[0] == "Referred: 10"
    assert names[1] == "– not eligible: 1"
    assert len(shown.sheet.rows) == len(names) == 15
    assert "Of 10 patients referred in the first 4 measured weeks" in shown.says
    assert "6 (60 %) had a first infusion and 2 (20 %)" in shown.says
    # Wilson's interval of 6 in 10
    assert "is 31–83 %" in shown.says


@pytest.mark.parametrize(("people", "weeks"), [(PEOPLE, 7), ([], 8), (PEOPLE[-2:], 8)])
def test_too_few_weeks_or_nobody_give_no_flow(people, weeks):
    assert flow(write(people, weeks=weeks), {"pair": 2}, "replication 0") is None


def test_an_empty_clinic_has_no_figures_of_visits():
    nothing = write(days=weekdays())
    assert waits_on_the_day(nothing, "replication 0", NONE) is None
    assert days_to_first_infusion(nothing, "replication 0", NONE, NONE) is None
    assert starts(nothing, "replication 0") is None
