"""What an answer costs: the table's own arithmetic, on a clinic of a few weeks."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks import answers

SHORT = ('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=6")


@pytest.fixture(scope="module")
def prices():
    return list(answers.answers(SHORT, replications=4))


def test_an_answer_takes_the_replications_that_its_spread_asks_for(prices):
    assert [each.what.partition(" to ±")[0] for each in prices] == [
        *answers.PRECISIONS,
        *(f"difference in {kpi}" for kpi in answers.PRECISIONS),
    ]
    for each, goal in zip(prices, 2 * [*answers.PRECISIONS.values()], strict=True):
        half = stats.t.ppf(0.975, each.n - 1) * each.sd / math.sqrt(each.n)
        assert half <= goal
        if each.n > 2:
            fewer = stats.t.ppf(0.975, each.n - 2) * each.sd / math.sqrt(each.n - 1)
            assert fewer > goal
        assert each.seconds == pytest.approx(each.before + each.n * each.each)
        assert each.each > 0


def test_a_difference_costs_both_sides_and_is_paired(prices):
    single, differences = prices[: len(answers.PRECISIONS)], prices[len(answers.PRECISIONS) :]
    assert len({each.each for each in single}) == len({each.each for each in differences}) == 1
    assert differences[0].each > single[0].each
    place = list(answers.PRECISIONS).index("boosters_per_week")
    assert differences[place].sd < single[place].sd / 2


def test_adjusted_answers_need_fewer_replications_and_never_less_than_the_error_of_the_pilots():
    rng = np.random.default_rng(1)
    away = rng.normal(size=(60, 2))
    values = 5 + away.sum(axis=1) + 0.01 * rng.normal(size=60)
    plain, none = answers._needed(values, 0.1, 0.0, None), answers._needed(values, 0.1, 0.08, None)
    assert plain[1] < none[1]
    assert answers._needed(values, 0.1, 0.0, away)[1] == answers.LEAST < plain[1]
    assert answers._needed(values, 0.1, 0.1, away)[1] == math.inf
    assert answers._needed(values, 5.0, 0.0, away)[1] < answers.LEAST  # as plain means do it
    adjusted = list(answers.answers(SHORT, replications=24, adjusted=True))
    plain = list(answers.answers(SHORT, replications=24))
    assert [each.mean for each in adjusted] == [each.mean for each in plain]
    assert all(one.n <= other.n for one, other in zip(adjusted, plain, strict=True))
    place = list(answers.PRECISIONS).index("margin_per_week")
    assert adjusted[place].sd < plain[place].sd


def test_the_table_starts_with_what_the_others_are_compared_with(monkeypatch, capsys):
    fixed = answers.Answer("access_days_mean to ± 0.1 days", 0.0, 1.0, 3.0, 0.5, 10)
    half = answers.Answer("access_days_mean to ± 0.1 days", 1.0, 0.2, 3.0, 0.5, 20)
    given = iter([[fixed], [half], [half]])
    monkeypatch.setattr(answers, "answers", lambda beginning, replications, adjusted: next(given))
    answers.printed(4)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].split()[-2:] == ["10.0", "1.0"]
    assert lines[5].split()[-2:] == ["5.0", "2.0"]
    assert np.isclose(fixed.seconds / half.seconds, 2.0)
