"""Changes of a plan by one in words: by hand-made differences and targets."""

import pytest

from simclinic.report.text.bottleneck import leave_sentence
from simclinic.report.text.changes import _on_paper, by_targets, figure_heading, leave_rows
from simclinic.report.text.plainly import change_plainly

MORE = ("more", "fewer")


def effect(difference, ci, call):
    return {"difference": difference, "ci": ci, "call": call}


def change(states, **effects):
    targets = [{"kpi": kpi, "target": target, "state": state} for (kpi, target), state in states.items()]
    return {"targets": targets, "effects": effects, "verdict": "stable"}


LATE, AWAY, TIME = (
    ("overtime_day_share", "<= 10 %"),
    ("balked_share", "<= 5 %"),
    ("started_on_time_share", ">= 85 %"),
)
FEWER, HIGHER = effect(-0.1, [-0.2, -0.05], "shown"), effect(0.1, [0.05, 0.2], "shown")
NEITHER, SAME = effect(0.1, [-0.2, 0.3], "too close"), effect(0.0, [0.0, 0.0], "same")
PERHAPS = effect(-0.1, [-0.2, -0.05], "perhaps")


def before(**states):
    named = {"late": LATE, "away": AWAY, "time": TIME}
    return [{"kpi": named[n][0], "target": named[n][1], "state": s} for n, s in states.items()]


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        (-1.0, "on paper 1 start fewer a week"),
        (6.0, "on paper 6 starts more a week"),
        (0.2, "on paper no more starts"),
    ],
)
def test_one_start_is_one(starts, said):
    assert _on_paper(starts, "starts") == said
    if starts < 0:
        leave = {"during": [], "starts": starts, "name": "a nurse", "since": "2026-02-02", "back_after": None}
        assert "1 fewer start a week" in leave_sentence(leave)


@pytest.mark.parametrize(
    ("now", "then", "good", "begins"),
    [
        # a target that is kept now is broken: worse, whatever else becomes better
        (
            before(late="met", away="missed"),
            change({LATE: "missed", AWAY: "met"}, overtime_day_share=HIGHER, balked_share=FEWER),
            False,
            "Worse by the targets: it would miss “days that run late, at most 10 %”.",
        ),
        (
            before(away="missed"),
            change({AWAY: "met"}, balked_share=FEWER),
            True,
            "Better by the targets: it would meet “turned away, at most 5 %”.",
        ),
        (
            before(away="missed"),
            change({AWAY: "missed"}, balked_share=FEWER),
            True,
            "Better by the targets: closer to “turned away",
        ),
        (
            before(time="missed"),
            change({TIME: "missed"}, started_on_time_share=FEWER),
            False,
            "Worse by the targets: further from “started on time, at least 85 %”.",
        ),
        (
            before(time="open"),
            change({TIME: "open"}, started_on_time_share=HIGHER),
            True,
            "Better by the targets: closer to “started on time",
        ),
        (
            before(late="missed", away="missed"),
            change({LATE: "missed", AWAY: "missed"}, overtime_day_share=HIGHER, balked_share=FEWER),
            None,
            "By the targets both: better for “turned away, at most 5 %”; worse for “days that run late",
        ),
        # what chance may do is neither better nor worse, even if the target is now met
        (
            before(away="open"),
            change({AWAY: "met"}, balked_share=NEITHER),
            None,
            "By the targets too close to call.",
        ),
        (
            before(away="missed"),
            change({AWAY: "open"}, balked_share=PERHAPS),
            None,
            "By the targets too close to call.",
        ),
        (
            before(away="missed"),
            change({AWAY: "missed"}, balked_share=SAME),
            None,
            "By the targets nothing changes.",
        ),
        (before(away="met"), change({AWAY: "met"}, balked_share=FEWER), None, "All targets stay met."),
        (
            before(away="met"),
            change({AWAY: "met"}, balked_share=FEWER) | {"verdict": "not-stable"},
            None,
            "All targets stay met in the measured weeks, but a queue goes on growing.",
        ),
        (
            before(away="missed"),
            change({AWAY: "met"}, balked_share=FEWER) | {"verdict": "not-stable"},
            True,
            "Better by the targets: it would meet “turned away, at most 5 %”; but a queue goes on growing.",
        ),
        (
            before(away="met"),
            change({AWAY: "open"}, balked_share=HIGHER),
            None,
            "Whether it would still meet “turned away, at most 5 %” is too close to call.",
        ),
    ],
)
def test_a_change_is_better_or_worse_by_the_targets(now, then, good, begins):
    found, says = by_targets(then, now)
    assert found is good
    assert says.startswith(begins)


@pytest.mark.parametrize(
    ("difference", "ci", "call", "says"),
    [
        (2.13, [1.44, 2.78], "shown", "about 2.1 more, surely 1.4 to 2.8"),
        (-2.13, [-2.78, -1.44], "shown", "about 2.1 fewer, surely 1.4 to 2.8"),
        # the ends are rounded away from the mean, and written so that they can be told from it
        (1474.0, [1465.0, 1483.0], "shown", "about 1,470 more, surely 1,460 to 1,490"),
        (516.0, [516.0, 516.0], "shown", "520 more"),
        (0.4, [0.11, 0.71], "perhaps", "perhaps about 0.4 more, 0.11 to 0.71"),
        (0.1, [-0.221, 0.43], "too close", "too close to call: 0.23 fewer to 0.43 more"),
        (0.0, [-0.11, 0.11], "too close", "too close to call: 0.11 fewer to 0.11 more"),
        (0.2, [0.0, 0.43], "too close", "too close to call: 0 to 0.43 more"),
        (0.0, [0.0, 0.0], "same", "the same"),
        (0.0, None, "same", "the same"),
        (3.0, None, "too close", "about 3 more in the one replication"),
        (None, None, "unknown", "cannot be compared"),
    ],
)
def test_a_difference_is_said_with_its_interval(difference, ci, call, says):
    assert change_plainly(difference, ci, call, "", MORE) == says


def test_headings_say_the_units_that_cells_do_not():
    assert figure_heading("cost_per_week", "USD") == "cost a week, USD"
    assert figure_heading("balked_share", "USD") == "turned away"


def test_a_leave_is_said_row_by_row():
    away = {"label": "infusions a week", "now": 48.62, "leave": 43.2, "difference": -5.42}
    [row] = leave_rows([{**away, "ci": [-8.2, -2.6], "call": "shown", "name": "infusions"}])
    assert row == ("infusions a week", "48.6", "43.2", "about 5.4 fewer, surely 2.6 to 8.2")
