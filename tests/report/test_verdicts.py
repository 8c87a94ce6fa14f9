"""Verdicts: one sentence, rounded to what is known."""

import pytest

from simclinic.experiment.pairs import Difference
from simclinic.measures import KPIS
from simclinic.report.pages import bottleneck as one_more_page
from simclinic.report.text.differences import verdict


def difference(mean, low, high, p_holm=0.001, n=30, sd=1.0):
    return Difference(mean, sd, (low, high), n, p_holm / 10, p_holm, 3.0, 2.0)


@pytest.mark.parametrize(
    ("name", "difference", "message"),
    [
        ("access_days_mean", difference(-1.8, -2.4, -1.2), "first infusion 1.8 days sooner, 1.2 to 2.4"),
        ("access_days_mean", difference(1.8, 1.2, 2.4), "first infusion 1.8 days later, 1.2 to 2.4"),
        ("access_days_mean", difference(0.1, -0.1, 0.3, 1), "no difference seen: at most 0.3 days either way"),
        ("access_days_mean", difference(-0.1, -0.34, 0.1, 1), "no difference seen: at most 0.4 days either way"),
        ("series_days_mean", difference(-1.8, -3.5, -0.1, 0.4), "perhaps a series 1.8 days shorter, 0.1 to 3.5"),
        ("no_show_share", difference(0.042, 0.036, 0.048), "no-shows 4.2 percentage points more, 3.6 to 4.8"),
        ("margin_per_week", difference(1234.5, 534, 1935), "margin 1,234 EUR a week higher, 534 to 1,935"),
        ("boosters_per_week", difference(0.23, 0.08, 0.39), "boosters 0.23 a week more, 0.08 to 0.39"),
        ("wait_minutes_mean", difference(-0.5, -0.9, -0.01), "wait on the day 0.50 minutes shorter, 0.01 to 0.90"),
    ],
)  # fmt: skip
def test_in_plain_words(name, difference, message):
    assert verdict(name, difference, "EUR").replace(", 95 % interval ", ", ") == message


def test_as_it_was_asked_for():
    message = "first infusion 1.8 days sooner, 95 % interval 1.2 to 2.4"
    assert verdict("access_days_mean", difference(-1.8, -2.4, -1.2), "USD") == message


def test_what_is_exact_is_called_so():
    same = Difference(0.0, 0.0, (0.0, 0.0), 30, 1.0, 1.0, None, 1.0)
    assert verdict("slot_fill", same, "USD") == "exactly the same in 30 replications"
    dearer = Difference(2100.0, 0.0, (2100.0, 2100.0), 30, 0.0, 0.0, None, 400.0)
    assert verdict("cost_per_week", dearer, "USD") == "cost 2,100 USD a week higher in every replication"


def test_where_little_or_nothing_is_known():
    single = Difference(-0.5, None, None, 1, None, None, None, None)
    assert verdict("slot_fill", single, "USD") == (
        "starts filled 50 percentage points fewer in the one replication that can be compared"
    )
    same = Difference(0.0, None, None, 1, None, None, None, None)
    assert verdict("slot_fill", same, "USD") == "exactly the same in the one replication that can be compared"
    nothing = Difference(None, None, None, 0, None, None, None, None)
    assert verdict("slot_fill", nothing, "USD") == f"cannot be compared: {KPIS['slot_fill'].absent}"


def test_there_are_words_for_every_figure():
    for kpi in KPIS.values():
        more, less = kpi.more_less
        assert kpi.subject
        assert more != less


def test_one_more_says_in_sentences_what_is_not_known_of_the_plan_as_it_is():
    queue = "the waiting list grows by 0.03 a week (-0.09 to 0.15)"
    document = {
        "verdict": "open",
        "verdict_reasons": [queue, "about 20 replications would tell"],
        "day_verdict": "does-not-hold",
        "day_verdict_reasons": ["12 % of days end late"],
    }
    assert list(one_more_page._stand(document)) == [
        f"Whether this clinic carries its demand is open: {queue}; about 20 replications would tell.",
        "The day does not hold: 12 % of days end late.",
    ]
    assert list(one_more_page._stand(document | {"verdict": "stable", "day_verdict": "holds"})) == []
