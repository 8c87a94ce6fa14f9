"""What an answer costs: the table's own arithmetic, on a clinic of a few weeks."""

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks import answers

SHORT = ('run.begin="empty"', 'run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=6")


@pytest.fixture(scope="module")
def prices():
    return list(answers.answers(SHORT, replications=4))


def test_an_answer_takes_the_replications_that_its_spread_asks_for(prices):
    assert [each.what.partition(" to ±")[0] for each in prices] == [
        *answers.PRECISIONS,
        *(f"difference in {kpi}" for kpi in answers.PRECISIONS),
    ]
    for each in prices:
        half = stats.t.ppf(0.975, each.n - 1) * each.sd / math.sqrt(each.n)
        assert half <= 0.1
        if each.n > 2:
            fewer = stats.t.ppf(0.975, each.n - 2) * each.sd / math.sqrt(each.n - 1)
            assert fewer > 0.1
        assert each.seconds == pytest.approx(each.before + each.n * each.each)
        assert each.each > 0


def test_a_difference_costs_both_sides_and_is_paired(prices):
    access, boosters, access_difference, booster_difference = prices
    assert access_difference.each > access.each == boosters.each
    assert access_difference.each == booster_difference.each
    assert booster_difference.sd < boosters.sd / 2


def test_the_table_starts_with_what_the_others_are_compared_with(monkeypatch, capsys):
    fixed = answers.Answer("access_days_mean to ± 0.1 days", 0.0, 1.0, 3.0, 0.5, 10)
    half = answers.Answer("access_days_mean to ± 0.1 days", 1.0, 0.2, 3.0, 0.5, 20)
    given = iter([[fixed], [half]])
    monkeypatch.setattr(answers, "answers", lambda beginning, replications: next(given))
    answers.printed(4)
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].split()[-2:] == ["10.0", "1.0"]
    assert lines[5].split()[-2:] == ["5.0", "2.0"]
    assert np.isclose(fixed.seconds / half.seconds, 2.0)
