"""Whether the day holds: by hand, against Student, and with what a count of nothing shows."""

import math

import numpy as np
import pytest

from simclinic.measures import KPIS, judge_day
from simclinic.scenario.targets import Targets

QUIET = dict.fromkeys(KPIS, 0.0) | {"started_on_time_share": 0.95, "overtime_day_share": 0.02}


def rows(n=10, **columns):
    spread = np.linspace(-0.01, 0.01, n)
    return [QUIET | {name: mean + spread[k] for name, mean in columns.items()} for k in range(n)]


def test_a_day_that_holds():
    found = judge_day([QUIET] * 5, 52)
    assert found.state == "holds"
    assert found.reasons == (
        "2 % of days end more than 15 minutes late (the limit is 10 %)",
        "95 % of visits begin within 15 minutes (the limit is 85 %)",
    )


@pytest.mark.parametrize(
    ("columns", "state", "told"),
    [
        ({"overtime_day_share": 0.98}, "does-not-hold", "98 % of days end"),
        ({"started_on_time_share": 0.70}, "does-not-hold", "70 % of visits begin"),
        ({"overtime_day_share": 0.098}, "open", "not shown either way"),
        ({"started_on_time_share": 0.853}, "open", "not shown either way"),
        ({"overtime_day_share": 0.09}, "holds", "9 % of days end"),
    ],
)
def test_limits_are_shown_or_not(columns, state, told):
    found = judge_day(rows(**columns), 52)
    assert found.state == state
    assert any(told in reason for reason in found.reasons)


def test_limits_are_settable():
    late = rows(overtime_day_share=0.2)
    assert judge_day(late, 52).state == "does-not-hold"
    assert judge_day(late, 52, Targets(overtime_day_share="<= 30 %")).state == "holds"
    slow = rows(started_on_time_share=0.7)
    assert judge_day(slow, 52, Targets(started_on_time_share=">= 0.6")).state == "holds"


def test_no_late_day_in_few_weeks_shows_little():
    never = [QUIET | {"overtime_day_share": 0.0}] * 5
    assert judge_day(never, 52).state == "holds"
    # three days in twenty weeks may be late for all that is known: 15 % of one day a week
    assert judge_day(never, 4).state == "open"


def test_four_replications_are_too_few():
    assert judge_day([QUIET] * 4, 52).state == "open"
    assert judge_day([QUIET], 52).state == "open"


def test_what_does_not_exist_is_not_judged():
    no_closing = [QUIET | {"overtime_day_share": math.nan}] * 5
    assert judge_day(no_closing, 52).state == "holds"
    assert len(judge_day(no_closing, 52).reasons) == 1
    nothing = [QUIET | {"overtime_day_share": math.nan, "started_on_time_share": math.nan}] * 5
    assert judge_day(nothing, 52) is None
    assert judge_day([], 52) is None
