"""Whether the day holds: by hand, against Student, and with what a count of nothing shows."""

import math

import numpy as np
import pytest

from simclinic.measures import KPIS, judge_day
from simclinic.measures.intervals import Watched
from simclinic.scenario.targets import Targets

QUIET = dict.fromkeys(KPIS, 0.0) | {"started_on_time_share": 0.95, "overtime_day_share": 0.02}
YEAR = Watched(52.0, 260.0)


def rows(n=10, **columns):
    spread = np.linspace(-0.01, 0.01, n)
    return [QUIET | {name: mean + spread[k] for name, mean in columns.items()} for k in range(n)]


def test_a_day_that_holds():
    day = judge_day([QUIET] * 5, YEAR)
    assert day.state == "holds"
    assert day.reasons == (
        "2 % of days end more than 15 minutes late (the limit is 10 %)",
        "95 % of visits begin within 15 minutes (the limit is 85 %)",
    )


@pytest.mark.parametrize(
    ("columns", "state", "words"),
    [
        ({"overtime_day_share": 0.98}, "does-not-hold", "98 % of days end"),
        ({"started_on_time_share": 0.70}, "does-not-hold", "70 % of visits begin"),
        ({"overtime_day_share": 0.098}, "open", "not shown either way"),
        ({"started_on_time_share": 0.853}, "open", "not shown either way"),
        ({"overtime_day_share": 0.09}, "holds", "9 % of days end"),
    ],
)
def test_limits_are_shown_or_not(columns, state, words):
    day = judge_day(rows(**columns), YEAR)
    assert day.state == state
    assert any(words in reason for reason in day.reasons)


def test_limits_are_settable():
    late = rows(overtime_day_share=0.2)
    assert judge_day(late, YEAR).state == "does-not-hold"
    assert judge_day(late, YEAR, Targets(overtime_day_share="<= 30 %")).state == "holds"
    slow = rows(started_on_time_share=0.7)
    assert judge_day(slow, YEAR, Targets(started_on_time_share=">= 0.6")).state == "holds"


def test_no_late_day_in_few_days_shows_little():
    """Of 30 days none was late: 3 / 30 is the limit, so one day more shows that the day holds."""
    never = [QUIET | {"overtime_day_share": 0.0}] * 5
    assert judge_day(never, YEAR).state == "holds"
    assert judge_day(never, Watched(4.0, 6.0)).state == "open"
    assert judge_day(never, Watched(4.0, 6.2)).state == "holds"
    assert judge_day(never, Watched(4.0, 0.0)).state == "open"


def test_no_late_visit_in_few_visits_shows_little():
    """None of the visits was late: 3 of 20 are the limit of 15 %, so 19 show nothing, and 22 that the day holds."""
    prompt = QUIET | {"started_on_time_share": 1.0}
    assert judge_day([prompt | {"infusions_per_week": 0.95}] * 5, Watched(4.0, 20.0)).state == "open"
    assert judge_day([prompt | {"infusions_per_week": 1.1}] * 5, Watched(4.0, 20.0)).state == "holds"
    assert judge_day([prompt] * 5, Watched(4.0, 20.0)).state == "open"


def test_four_replications_are_too_few():
    assert judge_day([QUIET] * 4, YEAR).state == "open"
    assert judge_day([QUIET], YEAR).state == "open"


def test_what_does_not_exist_is_not_judged():
    no_closing = [QUIET | {"overtime_day_share": math.nan}] * 5
    assert judge_day(no_closing, YEAR).state == "holds"
    assert len(judge_day(no_closing, YEAR).reasons) == 1
    nothing = [QUIET | {"overtime_day_share": math.nan, "started_on_time_share": math.nan}] * 5
    assert judge_day(nothing, YEAR) is None
    assert judge_day([], YEAR) is None
