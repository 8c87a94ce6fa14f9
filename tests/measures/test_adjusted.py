"""Means adjusted by control variates: regression theory, coverage, and sums that add up."""

import numpy as np
import pytest
from scipy import special

from simclinic.experiment.controls import CONTROLS
from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures import summarise
from simclinic.measures.adjusted import ADJUSTED, LEAST, METHOD, adjust, adjusted, adjusted_difference
from simclinic.measures.intervals import estimate
from simclinic.measures.kpis import KPIS
from simclinic.scenario import baseline


def drawn(rng, n, controls=3):
    """Figures that follow their controls, with a mean of 20 where these lie at their expectations."""
    away = rng.normal(size=(n, controls)) @ np.diag([0.5, 2.0, 1.0][:controls])
    return 20 + away @ np.array([1.0, 0.9, -0.3][:controls]) + 0.2 * rng.normal(size=n), away


def test_the_mean_is_the_intercept_of_the_regression_and_so_is_its_interval():
    """By the normal equations, which the function does not use."""
    values, away = drawn(np.random.default_rng(1), 30)
    design = np.column_stack((np.ones(30), away))
    inverse = np.linalg.inv(design.T @ design)
    slopes = inverse @ design.T @ values
    variance = np.square(values - design @ slopes).sum() / (30 - 4)
    mean, half = adjusted(values, away)
    assert mean == pytest.approx(slopes[0])
    assert half == pytest.approx(special.stdtrit(26, 0.975) * np.sqrt(variance * inverse[0, 0]))


@pytest.mark.parametrize("n", [20, 30])
def test_intervals_cover_the_mean(n):
    """2,000 studies: 95 % of them, within 3.5 standard errors of that count."""
    rng = np.random.default_rng(n)
    found = [adjusted(*drawn(rng, n)) for _ in range(2000)]
    covered = np.mean([abs(mean - 20) <= half for mean, half in found])
    assert abs(covered - 0.95) < 3.5 * np.sqrt(0.95 * 0.05 / 2000)
    means = np.array([mean for mean, _ in found])
    assert abs(means.mean() - 20) < 3.5 * means.std() / np.sqrt(2000)


def test_an_expectation_that_is_wrong_by_one_in_a_hundred_is_not_covered():
    """What a wrong expectation does: the mean moves by the slope times the error."""
    values, away = drawn(np.random.default_rng(3), 400)
    mean, half = adjusted(values, away + np.array([0.0, 0.2, 0.0]))
    assert abs(mean - 20) > 3 * half


def test_a_control_that_others_determine_changes_nothing():
    values, away = drawn(np.random.default_rng(4), 40, 2)
    doubled = np.column_stack((away, away.sum(axis=1), np.zeros(40)))
    assert adjusted(values, doubled) == pytest.approx(adjusted(values, away))


def test_too_few_replications_or_no_spread_are_not_adjusted():
    values, away = drawn(np.random.default_rng(5), LEAST)
    assert adjusted(values, away) is not None
    assert adjusted(values[1:], away[1:]) is None
    assert adjusted(np.full(40, 3.0), np.ones((40, 2))) is None
    assert adjusted(values, np.zeros_like(away)) is None
    values[0] = np.nan  # one fewer than needed
    assert adjusted(values, away) is None


def test_a_difference_is_that_of_the_adjusted_means():
    rng = np.random.default_rng(8)
    (one, away), (other, other_away) = drawn(rng, 40), drawn(rng, 40)
    mean, half = adjusted_difference(one, other, away, other_away)
    assert mean == pytest.approx(adjusted(other, other_away)[0] - adjusted(one, away)[0])
    # With the same controls it is the regression of the difference, and with none in common both errors count.
    same = adjusted_difference(one, one + other, away, away)
    assert same == pytest.approx(adjusted(other, away))
    assert half > adjusted(one, away)[1]


def test_differences_cover_the_difference():
    """By degrees of freedom for the controls of both they cover a little more than 95 %, never less."""
    rng = np.random.default_rng(9)
    covered = 0
    for _ in range(2000):
        (one, away), (other, other_away) = drawn(rng, 25), drawn(rng, 25, 2)
        mean, half = adjusted_difference(one, other, away, other_away)
        covered += abs(mean) <= half
    assert 0.95 - 3.5 * np.sqrt(0.95 * 0.05 / 2000) < covered / 2000 < 0.985


def columns(rng, n=40):
    boosters, away = drawn(rng, n)
    induction = 26 + away[:, 0] + rng.normal(size=n)
    found = {name: rng.normal(5, 1, size=n) for name in KPIS}
    found |= {
        "boosters_per_week": boosters,
        "induction_per_week": induction,
        "infusions_per_week": boosters + induction,
    }
    found["revenue_per_week"] = 500 * found["infusions_per_week"]
    found["margin_per_week"] = found["revenue_per_week"] - found["cost_per_week"]
    return found, away


def test_sums_still_add_up():
    values, away = columns(np.random.default_rng(6))
    figures = summarise([{name: values[name][row] for name in KPIS} for row in range(40)])
    plain = adjust(figures, values, away)
    mean = {name: figure["mean"] for name, figure in figures.items()}
    assert mean["infusions_per_week"] == pytest.approx(mean["boosters_per_week"] + mean["induction_per_week"])
    assert mean["margin_per_week"] == pytest.approx(mean["revenue_per_week"] - mean["cost_per_week"])
    assert set(plain) == set(ADJUSTED)


def test_the_visits_of_all_types_are_all_visits():
    """Boosters stand for the visits of one type, and series for those of the other."""
    values, away = columns(np.random.default_rng(6))
    values["infusions_per_week:long"] = values["boosters_per_week"]
    values["infusions_per_week:short"] = values["induction_per_week"]
    figures = summarise([{name: values[name][row] for name in values} for row in range(40)])
    adjust(figures, values, away)
    mean = {name: figure["mean"] for name, figure in figures.items()}
    parts = mean["infusions_per_week:long"] + mean["infusions_per_week:short"]
    assert mean["infusions_per_week"] == pytest.approx(parts)
    assert parts != pytest.approx(values["infusions_per_week"].mean())


def test_only_the_mean_and_its_interval_change():
    values, away = columns(np.random.default_rng(7))
    rows = [{name: values[name][row] for name in KPIS} for row in range(40)]
    before, figures = summarise(rows), summarise(rows)
    plain = adjust(figures, values, away)
    assert plain == {name: before[name] for name in ADJUSTED}
    for name, figure in figures.items():
        same = set(figure) - ({"mean", "ci", "method", "coverage"} if name in ADJUSTED else set())
        assert all(figure[key] == before[name][key] for key in same)
    assert figures["boosters_per_week"]["method"] == METHOD
    assert np.ptp(figures["boosters_per_week"]["ci"]) < np.ptp(before["boosters_per_week"]["ci"]) / 3


BANK, RESAMPLES = 400, 2000


@pytest.mark.long
def test_coverage_on_the_typical_clinic(capsys):
    """Resampled from 400 replications, whose own means are then the truth, of figures and of controls."""
    prepared = Prepared(baseline(), controlled=True)
    bank = [replicate(prepared, 11, number) for number in range(BANK)]
    values = {name: np.array([each.kpis[name] for each in bank]) for name in ADJUSTED}
    away = np.array([[each.controls[name] for name in CONTROLS] for each in bank])
    away -= away.mean(axis=0)
    rng = np.random.default_rng(12)
    with capsys.disabled():
        print(f"\n{'':28} {'n':>3} {'plain':>6} {'adjusted':>8} {'bias, s.e.':>10} {'variance':>8}")
        for n in (20, 30):
            samples = rng.integers(0, BANK, (RESAMPLES, n))
            for name, figures in values.items():
                truth, drawn = figures.mean(), figures[samples]
                plain = estimate(KPIS[name], {name: drawn})
                found = [adjusted(row, away[chosen]) for row, chosen in zip(drawn, samples, strict=True)]
                means, halves = np.array(found).T
                covers = ((plain.low <= truth) & (truth <= plain.high)).mean()
                covered = (np.abs(means - truth) <= halves).mean()
                bias, ratio = (means.mean() - truth) / means.std(), drawn.mean(axis=1).var() / means.var()
                print(f"{name:28} {n:3} {covers:6.3f} {covered:8.3f} {bias:10.2f} {ratio:8.1f}")
                assert covered >= min(covers - 0.01, 0.95) - 3.5 * np.sqrt(0.05 * 0.95 / RESAMPLES), name
                assert covered >= 0.93, name
                assert abs(bias) < 0.2, name
