"""When the clinic is full, in words: from futures made by hand."""

import datetime as dt

import pytest

from simclinic.report.text.when_full import full_from, fullness, limits_text, when_full_sentence

WEEKS = 52
STARTS = [(dt.date(2026, 1, 5) + dt.timedelta(weeks=week)).isoformat() for week in range(WEEKS)]
LAST = dt.date(2027, 1, 3)


def range_of(*first, at_end=None):
    """Gather futures: (week, in how many futures); None is never."""
    each = [week for week, many in first for _ in range(many)]
    full = sum(week is not None for week in each)
    return full_from(each, STARTS, full if at_end is None else at_end)


def sentence(*first, **more):
    return when_full_sentence(range_of(*first, **more), WEEKS, LAST)


def test_a_range_holds_eight_futures_in_ten():
    spread = range_of(*((week, 1) for week in range(10, 50)))  # forty futures, one in each week from 10 to 49
    assert spread["range"] == {
        "earliest": {"week": 13, "start": STARTS[13]},
        "latest": {"week": 45, "start": STARTS[45]},
    }
    assert spread["middle"] == {"week": 29, "start": STARTS[29]}
    inside = sum(13 <= week <= 45 for week in range(10, 50))
    assert inside / 40 >= 0.8


def test_full_comes_with_its_range_and_with_dates():
    assert sentence((35, 30), (43, 100), (48, 70)) == (
        "full from week 43 (2026-11-02), between week 35 (2026-09-07) and week 48 (2026-12-07) in 8 of 10 futures"
    )


def test_what_is_never_full_is_later_than_the_last_week():
    assert sentence((35, 30), (43, 110), (None, 60)) == (
        "full from week 43 (2026-11-02), and in 9 of 10 futures week 35 (2026-09-07) or later; in 30 % of the 200 "
        "futures not within 52 weeks (until 2027-01-03)"
    )


def test_most_futures_is_more_than_half_shown():
    assert fullness(range_of((4, 130), (None, 70))) == "full"
    assert fullness(range_of((4, 101), (None, 99))) == "open"
    assert sentence((4, 101), (None, 99)).startswith(
        "open whether full within 52 weeks (until 2027-01-03): it is in 50 %"
    )


def test_a_third_of_the_futures_is_not_none():
    one_in_three = range_of((22, 68), (None, 132))
    assert fullness(one_in_three) == "open"
    assert sentence((22, 68), (None, 132)) == (
        "probably not full within 52 weeks (until 2027-01-03): it is in 34 % of the 200 futures; in 9 of 10 not "
        "before week 22 (2026-06-08)"
    )


def test_few_futures_that_are_full_are_counted():
    assert fullness(range_of((22, 19), (None, 181))) == "not"
    assert fullness(range_of((22, 20), (None, 180))) == "open"
    assert sentence((22, 1), (None, 199)) == (
        "not full within 52 weeks (until 2027-01-03) in 199 of the 200 futures"
    )


def test_a_single_future_of_few_is_counted():
    assert sentence((0, 40), (None, 1)).endswith(
        "; in 1 of the 41 futures not within 52 weeks (until 2027-01-03)"
    )


def test_none_of_many_leaves_a_chance():
    # Clopper and Pearson's upper end of one side: 1 - 0.05 ** (1 / 200) = 1.487 %
    assert sentence((None, 200)) == (
        "not full within 52 weeks (until 2027-01-03) in any of the 200 futures, which leaves a chance of at most "
        "1.5 %"
    )


def test_full_now_is_full_from_the_first_week():
    assert sentence((0, 200)) == "full from week 0 (2026-01-05), in that week in at least 8 of 10 futures"


def test_full_for_a_while_is_not_full_for_good():
    assert sentence((3, 200), at_end=20) == (
        "full from week 3 (2026-01-26), in that week in at least 8 of 10 futures; in the last week it is full in "
        "10 % of the 200 futures"
    )


@pytest.mark.parametrize("many", [1, 2, 39])
def test_few_futures_have_no_range(many):
    few = range_of((3, many))
    assert few["range"] is None
    assert fullness(few) == "open"
    assert "too few to say how certain that is (at least 40)" in sentence((3, many))
    assert range_of((3, 40))["range"] is not None


def test_with_few_futures_their_number_is_given():
    assert sentence((3, 3), (None, 1)).startswith(
        "full within 52 weeks (until 2027-01-03) in 3 of the 4 futures, in the median one from week 3 (2026-01-26)"
    )
    assert sentence((None, 4)).startswith(
        "full within 52 weeks (until 2027-01-03) in none of the 4 futures; "
    )
    assert sentence((3, 1)).startswith("full from week 3 (2026-01-26) in the one future; 1 future is too few")


def test_no_sentence_gives_a_week_without_a_chance():
    for full in range(0, 201, 5):
        result = sentence((30, full), (None, 200 - full))
        assert ("week 30" in result) == (full >= 20), result
        assert " 0 %" not in result
        assert "100 %" not in result


def test_limits_are_described():
    limits = {"not_served_share": 0.05, "booster_wait_days": 7, "weeks": 13, "patience_days": 42}
    result = limits_text(limits)
    assert (
        "all patients who ask in it and the 12 weeks after it, more than 5 % are not served in time" in result
    )
    assert "their patience of 42 days" in result
    assert "more than 7 days after the first day that their notice allows" in result
    assert "leave the queue unserved" in limits_text(limits | {"patience_days": None})
