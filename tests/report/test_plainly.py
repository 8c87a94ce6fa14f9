"""Figures as a person says them: what is said to be sure is never more than what was found."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simclinic.report.text.plainly import change_plainly, difference_plainly, plainly, round_number

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def said(text):
    return [float(each.replace(",", "")) for each in NUMBER.findall(text)]


@pytest.mark.parametrize(
    ("mean", "interval", "sure", "text"),
    [
        (33.1, (30.4, 35.8), "above", "about 33 %, surely above 30 %"),
        (33.1, (30.4, 35.8), "below", "about 33 %, surely below 36 %"),
        # A mean that would read as its bound, or beyond it, gets another digit.
        (40.46, (40.1, 40.7), "above", "about 40.5 %, surely above 40.1 %"),
        (0.0, (0.0, 0.121), "below", "0 %, surely below 0.13 %"),
        # Of a share near all, what counts is what is missing.
        (99.6, (98.9, 99.9), "above", "about 99.6 %, surely above 98.9 %"),
        (97.3, None, "above", "about 97 %"),
        # Equal in all replications: there is no bound that could be told from the mean.
        (5.0, (5.0, 5.0), "above", "about 5 %"),
        (None, None, "above", "—"),
    ],
)
def test_a_mean_and_its_bound_in_words(mean, interval, sure, text):
    assert plainly({"mean": mean, "ci": interval}, 1.0, "%", sure=sure) == text


@pytest.mark.parametrize(
    ("difference", "interval", "call", "unit", "text"),
    [
        (
            -0.0011,
            (-0.0022, 0.0003),
            "too close",
            "days",
            "too close to call: 3.2 minutes sooner to 0.44 later",
        ),
        (0.0011, (0.0009, 0.0013), "shown", "days", "about 1.6 minutes later, surely 1.2 to 1.9"),
        (0.05, (-0.02, 0.12), "too close", "days", "too close to call: 0.02 days sooner to 0.12 later"),
        (0.002, (0.001, 0.003), "shown", "%", "less than 0.01 % later"),
        (0.002, (0.001, 0.003), "perhaps", "", "perhaps less than 0.01 later"),
        (0.002, (-0.001, 0.003), "too close", "%", "too close to call: 0.01 % sooner to 0.01 later"),
    ],
)
def test_a_change_is_not_said_more_finely_than_anybody_would(difference, interval, call, unit, text):
    assert change_plainly(difference, interval, call, unit, ("later", "sooner")) == text


@given(st.floats(1e-9, 1.0), st.floats(0.0, 1.0), st.sampled_from(["days", "%", ""]))
def test_a_range_that_is_rounded_still_contains_what_was_found(high, part, unit):
    """The ends of a range around nothing are rounded outward, in minutes as in days."""
    low = -part * high
    text = change_plainly(high / 3, (low, high), "too close", unit, ("more", "fewer"))
    minutes = 1440.0 if "minutes" in text else 1.0
    *_, most = said(text)
    assert most >= minutes * high * (1 - 1e-6)
    assert most < max(1.12 * minutes * high, 0.0101)


@given(
    st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-3),
    st.floats(1e-4, 0.9),
    st.floats(1e-4, 0.9),
    st.sampled_from(["above", "below"]),
)
def test_what_is_sure_lies_beyond_the_interval_and_beside_the_mean(mean, below, above, sure):
    low, high = mean - below * abs(mean), mean + above * abs(mean)
    about, *bound = said(plainly({"mean": mean, "ci": (low, high)}, 1.0, "days", sure=sure))
    room = 1e-6 * abs(mean)
    assert abs(about - mean) <= 0.051 * abs(mean)
    for each in bound:
        if sure == "above":
            assert each <= low + room
            assert each < about
        else:
            assert each >= high - room
            assert each > about


def difference(mean, low, high, p=0.001):
    return {"mean": mean, "ci": (low, high), "p_holm": p}


@pytest.mark.parametrize(
    ("name", "found", "text"),
    [
        (
            "balked_share",
            difference(-0.134, -0.149, -0.119),
            "turned away about 13 percentage points fewer, surely more than 11",
        ),
        (
            "margin_per_week",
            difference(3841, 3754, 3928),
            "margin about 3,800 USD a week higher, surely more than 3,700",
        ),
        (
            "access_days_mean",
            difference(-0.39, -0.73, -0.04, 0.5),
            "perhaps first infusion about 0.39 days sooner",
        ),
        (
            "access_days_mean",
            difference(-0.39, -0.731, 0.04, 0.5),
            "first infusion: no change seen, at most 0.74 days either way",
        ),
        ("balked_share", difference(0.0, 0.0, 0.0, None), "turned away: the same"),
        ("balked_share", difference(None, None, None), "turned away cannot be compared"),
        (
            "margin_per_week",
            {"mean": -20.0, "ci": None, "p_holm": None},
            "margin about 20 USD a week lower in the one replication",
        ),
    ],
)
def test_a_difference_in_words(name, found, text):
    assert difference_plainly(name, found, "USD") == text


def test_numbers_have_the_digits_that_a_person_says():
    assert [round_number(value) for value in (0, 0.04, 1.26, 14.4, 999, 13418)] == [
        *("0", "0.04", "1.3", "14", "1,000", "13,000"),
    ]


@pytest.mark.parametrize("name", ["backlog_growth_per_week", "booster_backlog_growth_per_week"])
def test_a_queue_grows_less(name):
    found = {"mean": -0.55, "ci": [-0.79, -0.32], "p_holm": 0.001}
    assert difference_plainly(name, found, "USD").endswith(
        "grows by about 0.55 patients a week less, surely more than 0.32"
    )
