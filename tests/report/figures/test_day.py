"""A day's bars, stairs and dots against visits written by hand."""

import datetime as dt
import json

import numpy as np
import pytest
from hypothesis import given, settings

from simclinic import records as r
from simclinic.measures.in_use import InUse
from simclinic.measures.window import Window
from simclinic.report.figures.animation import animation
from simclinic.report.figures.day import day
from simclinic.report.figures.one_day import OneDay, busiest
from simclinic.scenario import from_toml, with_overrides
from tests.measures.paper import CLINIC, at, completed, flow, weekdays, write
from tests.model.small import clinic
from tests.model.small import simulated as run
from tests.properties.clinics import clinics
from tests.properties.test_invariants import QUICK

PAUSED = '[shifts.shift-0]\ndays = ["mon", "tue", "wed", "thu", "fri"]\nhours = "07:30-17:30"\nnurses = 2\n'


@pytest.fixture(scope="module")
def scenario():
    return from_toml(CLINIC + PAUSED + 'break = "12:00-12:30"\n')


def tuesday():
    """Two visits: the second waits for the first one's chair, then for hands. One who does not come."""
    first = completed(1, 480, 470, 480, flow(1, prep=480), patient=0, number=2)
    second = completed(
        1,
        560,
        550,
        585,
        flow(1, prep=590),
        patient=1,
        number=1,
        kind=r.BOOSTER,
        wait_chair=35.0,
        wait_hands=5.0,
    )
    missed = {"patient": 2, "number": 4, "booked": at(0), "appointment": at(1, 600)}
    missed |= {"outcome": r.NO_SHOW, "decided": at(1, 600), "kind": r.INDUCTION}
    monday = completed(0, 480, 480, 480, flow(0, prep=480), patient=2, number=3)
    return write([{}, {}, {}], [monday, first, second, missed], weekdays())


def bars(figure, name, axis="y"):
    """What a trace draws: (begin, end, place)."""
    (trace,) = (each for each in figure.data if each.name == name and (each.yaxis or "y") == axis)
    assert trace.type == "bar"
    return sorted(
        (base, base + x, y) for base, x, y in zip(trace.base or (), trace.x or (), trace.y or (), strict=True)
    )


def stairs(figure, name):
    (trace,) = (each for each in figure.data if each.name == name)
    assert trace.line.shape == "hv"
    return dict(zip(trace.x, trace.y, strict=True))


def test_every_step_is_a_bar_in_its_chair(scenario):
    figure = day(tuesday(), scenario).figure
    begins = {"preparation": 480, "infusion": 495, "recovery": 535, "discharge": 565, "turnover": 575}
    long = {"preparation": 15, "infusion": 40, "recovery": 30, "discharge": 10, "turnover": 10}
    for name, begin in begins.items():
        drawn = bars(figure, name)
        assert [each[:2] for each in drawn] == [
            (begin, begin + long[name]),
            (begin + 110, begin + 110 + long[name]),
        ]
        assert {round(each[2]) for each in drawn} == {1}  # the first chair
    assert [each[:2] for each in bars(figure, "seated, waits")] == [(480, 585), (585, 695)]
    assert [each[:2] for each in bars(figure, "no chair yet")] == [(470, 480), (550, 585)]


def test_hands_on_tasks_lie_in_as_many_lanes_as_were_at_work_at_once(scenario):
    figure = day(tuesday(), scenario).figure
    assert bars(figure, "preparation", "y2") == [(480, 495, 1), (590, 605, 1)]
    assert bars(figure, "discharge", "y2") == [(565, 575, 1), (675, 685, 1)]
    assert not any(each.name == "infusion" and each.yaxis == "y2" for each in figure.data)
    together = write(
        [{}, {}],
        [
            completed(0, 480, 480, 480, flow(0, prep=480), patient=0, number=1),
            completed(0, 480, 480, 480, flow(0, prep=485), patient=1, number=1) | {"chair": 2.0},
        ],
        weekdays(),
    )
    assert bars(day(together, scenario).figure, "preparation", "y2") == [(480, 495, 1), (485, 500, 2)]


def test_a_break_goes_in_two_waves(scenario):
    figure = day(tuesday(), scenario).figure
    assert bars(figure, "on break", "y2") == [(720, 750, 2), (750, 780, 2)]
    alone = from_toml(CLINIC + PAUSED)
    assert not any(each.name == "on break" for each in day(tuesday(), alone).figure.data)


def test_watching_is_drawn_against_the_nurses_on_duty(scenario):
    figure = day(tuesday(), scenario).figure
    on_duty, watching = stairs(figure, "on duty"), stairs(figure, "watching")
    assert [(time, level) for time, level in on_duty.items() if 450 <= time <= 1050] == [(450, 2), (1050, 0)]
    # half a nurse while infused, a quarter in recovery
    assert (watching[495], watching[535], watching[565], watching[605]) == (0.5, 0.25, 0, 0.5)


def test_the_last_shift_stays_until_nobody_is_inside(scenario):
    late = completed(1, 1000, 1000, 1000, flow(1, prep=1000), patient=0, number=1)
    figure = day(write([{}], [late], weekdays()), scenario).figure
    on_duty = stairs(figure, "on duty")
    assert on_duty[450] == 2
    assert on_duty[1095] == 0  # the patient leaves after 95 minutes
    assert on_duty.get(1050, 2) == 2


def test_nurses_who_stay_between_shifts_are_on_duty():
    # A visit from 11:45 to 12:15 and one from 15:50 to 16:20; shifts end at 12:00 and at 16:00.
    shifts = {
        name: {"days": ["tue"], "hours": hours, "nurses": 1}
        for name, hours in (("early", "08:00-12:00"), ("late", "13:00-16:00"), ("long", "13:00-17:00"))
    }
    treatment = '[visit.steps.treatment]\nminutes = 30\nnurse = "hands-on"'
    walk_in = '[booking]\nmode = "walk-in"\n[clinic]\nchairs = 2'
    arrivals = [(1, 705), (1, 710), (1, 950), (1, 950)]
    scenario = clinic(walk_in, treatment, {"shifts": shifts}, referrals=arrivals)
    one_day = OneDay.of(run(scenario), scenario, scenario.run.start + dt.timedelta(days=1))
    moments = np.array([700.0, 725.0, 740.0, 790.0, 959.0, 970.0, 985.0, 1030.0])
    assert one_day.nurses.at(moments).tolist() == [1, 1, 0, 2, 2, 2, 1, 0]
    assert one_day.free_hands.at(moments).tolist() == [1, 1, 0, 2, 2, 2, 1, 0]


def test_pauses_are_marked():
    hours = '[clinic.hours]\nmon = ["08:00-12:00", "13:00-17:00"]'
    scenario = clinic(hours, referrals=[(0, 480)])
    figure = day(run(scenario), scenario).figure
    marked = [each for each in figure.layout.shapes if each.type == "rect" and each.yref == "paper"]
    assert [(each.x0, each.x1) for each in marked] == [(720, 780)]
    assert [each.x for each in figure.layout.annotations if each.text == "closed"] == [750]


def test_words_table_and_title_agree_with_the_day(scenario):
    shown = day(tuesday(), scenario)
    assert "Tuesday, 6 January 2026" in shown.title
    assert "busiest day" in shown.says
    for message in (shown.says, shown.alt):
        assert "2 patients came, 1 appointment did not take place" in message
        assert "40 minutes" in message
    assert shown.sheet.rows == (
        *(
            ("0", "infusion 2", "08:00", "07:50", "1", "08:00", "08:00", *["0.0"] * 3, "09:35", "completed"),
            (
                "1",
                "booster 1",
                "09:20",
                "09:10",
                "1",
                "09:45",
                "09:50",
                "35.0",
                "5.0",
                "0.0",
                "11:25",
                "completed",
            ),
            ("2", "infusion 4", "10:00", *["—"] * 8, "no-show"),
        ),
    )
    assert "busiest" not in day(tuesday(), scenario, dt.date(2026, 1, 6)).says


def test_hovering_over_a_bar_names_the_patient(scenario):
    (trace,) = (t for t in day(tuesday(), scenario).figure.data if t.name == "infusion")
    assert list(trace.customdata[1]) == [
        "10:05",
        "10:45",
        "patient 1, booster 1",
        "appointment 09:20, arrived 09:10",
        "waited 35 min for a chair, 5 for hands, 0 for watching",
    ]


def test_opening_closing_and_axes(scenario):
    figure = day(tuesday(), scenario).figure
    assert [(line.x0, line.x1) for line in figure.layout.shapes] == [(480, 480), (1020, 1020)]
    assert [note.text for note in figure.layout.annotations] == ["opening", "closing"]
    titles = [figure.layout[name].title.text for name in ("yaxis", "yaxis2", "yaxis3", "xaxis3")]
    assert titles == ["chair", "hands", "nurses", "time of day"]
    assert len(figure.layout.xaxis3.tickvals) <= 7


@pytest.mark.parametrize(("date", "word"), [("2026-01-10", "closed"), ("2026-01-08", "nobody came")])
def test_an_empty_day_says_so(scenario, date, word):
    shown = day(tuesday(), scenario, dt.date.fromisoformat(date))
    assert word in [note.text for note in shown.figure.layout.annotations]
    assert shown.sheet.rows == ()
    assert not any(each.x for each in shown.figure.data if each.type == "bar" and each.name != "on break")
    moved = animation(tuesday(), scenario, dt.date.fromisoformat(date))
    assert {code for frame in moved.figure.frames for code in frame.data[1].marker.color} == {0}


def test_a_day_that_is_not_simulated_is_none(scenario):
    for date in (dt.date(2025, 12, 28), dt.date(2026, 1, 19)):
        with pytest.raises(ValueError, match="is not simulated"):
            day(tuesday(), scenario, date)


def test_the_busiest_day_is_a_measured_one():
    visit = {"number": 1, "outcome": r.COMPLETED}
    visits = [visit | {"arrived": at(-3, 500 + k)} for k in range(5)]
    visits += [
        visit | {"arrived": at(4, 500)},
        visit | {"arrived": at(9, 500)},
        visit | {"arrived": at(9, 600)},
    ]
    assert busiest(write([{}], visits)) == 9


# -- in motion -----------------------------------------------------------------------------------------------


def codes(shown, time):
    (frame,) = (each for each in shown.figure.frames if each.name == time)
    return [list(trace.marker.color) for trace in frame.data]


def test_frames_hold_what_is_to_be_seen(scenario):
    shown = animation(tuesday(), scenario, every=5)
    names = [frame.name for frame in shown.figure.frames]
    assert names[0] == "07:00"
    assert names[-1] == "18:00"
    assert len(names) == 11 * 12 + 1
    assert [step.label for step in shown.figure.layout.sliders[0].steps] == names
    assert [button.label for button in shown.figure.layout.updatemenus[0].buttons] == ["Play", "Pause"]
    idle, waits, late, steps = [0, 0, 0], 1, 2, 2
    assert codes(shown, "07:00") == [[0], idle, [0, 0]]
    assert codes(shown, "07:50") == [[waits], idle, [2, 2]]
    assert codes(shown, "08:00") == [[0], [steps + 0, 0, 0], [3, 2]]
    assert codes(shown, "08:20") == [[0], [steps + 1, 0, 0], [2, 2]]
    assert codes(shown, "09:15") == [[waits], [steps + 2, 0, 0], [2, 2]]
    assert codes(shown, "09:20") == [[late], [steps + 2, 0, 0], [2, 2]]
    assert codes(shown, "09:40") == [[late], [steps + 4, 0, 0], [2, 2]]
    assert codes(shown, "09:45") == [[0], [waits, 0, 0], [2, 2]]  # in the chair, waiting for hands
    assert codes(shown, "12:15") == [[0], idle, [2, 1]]
    assert codes(shown, "17:30") == [[0], idle, [0, 0]]


def test_the_animation_opens_when_most_patients_are_there(scenario):
    shown = animation(tuesday(), scenario, every=5)
    there = {
        frame.name: sum(map(bool, [*frame.data[0].marker.color, *frame.data[1].marker.color]))
        for frame in shown.figure.frames
    }
    slider = shown.figure.layout.sliders[0]
    opens = slider.steps[slider.active].label
    assert there[opens] == max(there.values()) > there["07:00"] == 0
    assert [list(trace.marker.color) for trace in shown.figure.data[:3]] == codes(shown, opens)
    assert f"It opens at {opens}" in shown.says


def test_no_colour_of_the_animation_stands_for_two_things(scenario):
    entries = [trace for trace in animation(tuesday(), scenario).figure.data if trace.name]
    colours = [trace.marker.color for trace in entries if trace.name not in ("waits, early", "hands free")]
    assert len(set(colours)) == len(colours) >= 8


def test_the_table_says_the_same_every_half_hour(scenario):
    rows = {row[0]: row[1:] for row in animation(tuesday(), scenario).sheet.rows}
    assert rows["09:30"] == ("1", "1", "1", "0", "2")
    assert rows["08:30"] == ("0", "1", "0", "1", "2")
    assert rows["07:00"] == ("0", "0", "0", "0", "0")


def test_each_code_has_a_colour(scenario):
    for trace in animation(tuesday(), scenario).figure.data[:3]:
        palette = {round(edge, 6): colour for edge, colour in trace.marker.colorscale[::2]}
        count = len(palette)
        assert (trace.marker.cmin, trace.marker.cmax) == (-0.5, count - 0.5)
        assert list(palette) == [round(k / count, 6) for k in range(count)]


def test_a_clinic_of_many_chairs_stays_small(scenario):
    rows = []
    for chair in range(1, 41):
        for turn in range(4):
            begin = 480 + 120 * turn
            visit = completed(0, begin, begin, begin, flow(0, prep=begin), patient=0, number=1)
            rows.append(visit | {"chair": float(chair)})
    records = write([{}], rows, weekdays(chairs=40))
    large = with_overrides(scenario, ["clinic.chairs=40"])
    assert len(animation(records, large).figure.to_json()) < 300_000
    assert len(day(records, large).figure.to_json()) < 300_000


@settings(QUICK, max_examples=12)
@given(clinics())
def test_days_of_random_clinics_agree_with_the_floor(scenario):
    records = run(scenario, scenario.run.seed)
    one_day = OneDay.of(records, scenario)
    window = Window.of(records)
    floor = InUse.of(records, scenario, window)
    edges = one_day.midnight + np.arange(0.0, r.DAY + 1, 30.0)
    for stairs_of, held, parts in (
        (one_day.watched, floor.watched, 1.0),
        (one_day.watching, floor.eyes, floor.watches.parts),
    ):
        inside = stairs_of.time[(stairs_of.time > 0) & (stairs_of.time < r.DAY)]
        corners = np.concatenate(([0.0], inside, [float(r.DAY)]))
        area = float((stairs_of.at(corners[:-1]) * np.diff(corners)).sum())
        assert area == pytest.approx(float(np.diff(held.until(edges[[0, -1]]))[0]) / parts, abs=1e-5)
    # as many lanes as tasks at once: counted where each begins, for there the count is highest
    tasks = one_day.hands
    most = max((sum(t.begin <= b.begin < t.end - 1e-9 or t is b for t in tasks) for b in tasks), default=0)
    assert max((task.lane for task in tasks), default=0) == most
    for shown in (day(records, scenario), animation(records, scenario)):
        json.loads(shown.figure.to_json(), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
        assert all(len(row) == len(shown.sheet.headings) for row in shown.sheet.rows)
