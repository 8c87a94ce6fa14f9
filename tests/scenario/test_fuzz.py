"""A malformed file raises ScenarioError and nothing else, whatever is in it."""

import contextlib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclinic.errors import ScenarioError
from simclinic.scenario import from_toml
from tests.scenario.fuzz import try_file


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_three_hundred_broken_files(first, tmp_path):
    verdicts = Counter(try_file(seed, tmp_path) for seed in range(first, first + 100))
    assert verdicts["refused"] > 50
    assert verdicts["fine"] > 0


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 10_000, 1000))
def test_ten_thousand_broken_files(first, tmp_path):
    verdicts = Counter(try_file(seed, tmp_path) for seed in range(first, first + 1000))
    assert verdicts["refused"] > 500
    assert verdicts["fine"] > 0


json_like = st.recursive(
    st.one_of(
        st.none().map(lambda _: "''"),
        st.booleans().map(lambda value: str(value).lower()),
        st.integers().map(str),
        st.floats().map(repr),
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(
            lambda text: "'" + text.replace("'", "") + "'"
        ),
        st.sampled_from(
            ["2026-01-05", "10:00:00", "2026-01-05T10:00:00", '"24h"', '"mon"', "{ dist = 'gamma' }"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(
            st.sampled_from(["mon", "day", "dist", "mean", "minutes", "x"]), inner, max_size=3
        ).map(lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"),
    ),
    max_leaves=6,
)
addresses = st.sampled_from(
    [
        "name",
        "description",
        "run",
        "run.start",
        "run.seed",
        "clinic",
        "clinic.chairs",
        "clinic.hours",
        "clinic.hours.mon",
        "clinic.closed_on",
        "shifts",
        "shifts.day",
        "shifts.day.days",
        "shifts.day.break",
        "demand.protocol_mix",
        "demand.referrals",
        "demand.hour_weights",
        "demand.weekday_weights",
        "intake.days_to_decide",
        "protocols",
        "protocols.twice-weekly.gap_days",
        "booking",
        "booking.starts",
        "booking.starts.mon",
        "booking.patience_minutes",
        "visit",
        "visit.steps",
        "visit.steps.infusion",
        "visit.steps.infusion.minutes",
        "visit.complications.x",
        "response.felt_by",
        "response.stop_rule",
        "relapse",
        "relapse.days",
        "boosters.every_weeks",
        "dosing.mg_per_kg",
        "finance.currency",
        "changes",
        "changes.2026-06-01",
        "changes.2026-06-01.clinic",
        "extends",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(addresses, json_like, max_size=4), st.lists(st.tuples(addresses, json_like), max_size=2)
)
def test_any_value_anywhere(settings_, overrides):
    text = "\n".join(f"{key} = {value}" for key, value in settings_.items())
    with contextlib.suppress(ScenarioError):
        from_toml(text, [f"{key}={value}" for key, value in overrides])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.lists(st.text(max_size=50), max_size=2))
def test_any_text(text, overrides):
    with contextlib.suppress(ScenarioError):
        from_toml(text, overrides)
