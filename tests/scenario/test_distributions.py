import math

import numpy as np
import pytest
from hypothesis import given

from simclinic.scenario.distributions import FAMILIES, Constant, Lognormal, Normal, read_distribution
from tests.scenario.strategies import distributions

CASES = [
    (40, "constant"),
    (0, "constant"),
    ({"dist": "constant", "value": 3}, "constant"),
    ({"dist": "exponential", "mean": 30}, "exponential"),
    ({"dist": "uniform", "low": 1, "high": 2}, "uniform"),
    ({"dist": "triangular", "low": 1, "mode": 1, "high": 2}, "triangular"),
    ({"dist": "normal", "mean": 3, "sd": 1, "at_least": 0}, "normal"),
    ({"dist": "lognormal", "median": 3, "sigma": 1}, "lognormal"),
    ({"dist": "lognormal", "mu": -3, "sigma": 1}, "lognormal"),
    ({"dist": "lognormal", "mean": 3, "sd": 1, "at_most": 9}, "lognormal"),
    ({"dist": "gamma", "mean": 3, "cv": 0.3}, "gamma"),
    ({"dist": "weibull", "shape": 1.2, "scale": 30}, "weibull"),
    ({"dist": "loglogistic", "median": 30, "shape": 2}, "loglogistic"),
    ({"dist": "empirical", "values": [3, 4, 5.5]}, "empirical"),
]


@pytest.mark.parametrize(("written", "family"), CASES)
def test_each_family_can_be_written(scenario, written, family):
    distribution = read_distribution(written)
    assert distribution.dist == family
    assert isinstance(distribution, FAMILIES[family])
    assert read_distribution(distribution.written()) == distribution
    assert distribution.never == 0.0


def test_every_family_is_a_case():
    assert {family for _, family in CASES} == set(FAMILIES)


def test_a_plain_number_is_written_back_as_one():
    assert read_distribution(40).written() == 40.0
    assert read_distribution({"dist": "constant", "value": 40, "at_least": 50}).written() == {
        "dist": "constant",
        "value": 40.0,
        "at_least": 50.0,
    }


def test_a_lognormal_has_mu_and_sigma_however_it_was_given():
    by_median = Lognormal(median=32.0, sigma=0.32)
    assert by_median.mu == pytest.approx(math.log(32))
    by_mean = Lognormal(mean=40.0, sd=20.0)
    # The mean and variance of a lognormal, worked backwards.
    assert math.exp(by_mean.mu + by_mean.sigma**2 / 2) == pytest.approx(40)
    assert math.sqrt(math.expm1(by_mean.sigma**2)) * 40 == pytest.approx(20)
    assert Lognormal(mu=2.7, sigma=0.63).mu == 2.7


@pytest.mark.parametrize(
    ("distribution", "lowest"),
    [
        (5, 5),
        ({"dist": "normal", "mean": 80, "sd": 1}, -math.inf),
        ({"dist": "normal", "mean": 80, "sd": 1, "at_least": 40}, 40),
        ({"dist": "uniform", "low": -2, "high": 3}, -2),
        ({"dist": "triangular", "low": 1, "mode": 2, "high": 3, "at_least": 0}, 1),
        ({"dist": "empirical", "values": [7, 3]}, 3),
        ({"dist": "gamma", "mean": 3, "cv": 1}, 0),
        ({"dist": "gamma", "mean": 3, "cv": 1, "at_most": -1}, -1),
    ],
)
def test_lowest_value_after_clipping(distribution, lowest):
    assert read_distribution(distribution).lowest == lowest


@pytest.mark.parametrize(
    ("distribution", "message"),
    [
        ('"40"', "must be a number, or a table"),
        ("true", "must be a number, or a table"),
        ("nan", "must be a finite number"),
        ("inf", "must be a finite number"),
        ("1e400", "must be a finite number"),
        ("-1", "can fall below 0"),
        ("{ mean = 3 }", "relapse.days.dist: is needed"),
        ('{ dist = "gama", mean = 3, cv = 1 }', "Did you mean 'gamma'?"),
        ('{ dist = "gamma", mean = 3 }', "relapse.days.cv: is needed"),
        ('{ dist = "gamma", mean = 0, cv = 1 }', "relapse.days.mean: must be above 0"),
        ('{ dist = "gamma", mean = 3, cv = 1, sd = 2 }', "relapse.days.sd: is not a setting of this table"),
        ('{ dist = "exponential", maen = 3 }', "Did you mean 'mean'?"),
        ('{ dist = "normal", mean = 3, sd = 1 }', "can fall below 0"),
        ('{ dist = "normal", mean = 3, sd = 1, at_least = -1 }', "can fall below 0"),
        ('{ dist = "normal", mean = 3, sd = 0, at_least = 0 }', "sd: must be above 0"),
        ('{ dist = "uniform", low = 3, high = 2 }', "low must not lie above high"),
        ('{ dist = "triangular", low = 3, mode = 2, high = 4 }', "low <= mode <= high"),
        ('{ dist = "triangular", low = 3, mode = 3, high = 3 }', "must differ"),
        ('{ dist = "lognormal", median = 3, mu = 1, sigma = 1 }', "exactly median and sigma, or"),
        ('{ dist = "lognormal", mu = 1 }', "exactly median and sigma, or"),
        ('{ dist = "lognormal", mean = 3, sigma = 1 }', "exactly median and sigma, or"),
        ('{ dist = "lognormal", mean = 1e-300, sd = 1e9 }', "sd is too large against the mean"),
        ('{ dist = "lognormal" }', "exactly median and sigma, or"),
        ('{ dist = "empirical", values = [] }', "must have at least 1 entry"),
        ('{ dist = "empirical", values = [1, "2"] }', "relapse.days.values[1]: must be a number"),
        (
            '{ dist = "gamma", mean = 3, cv = 1, at_least = 3, at_most = 2 }',
            "at_least must not lie above at_most",
        ),
        ('{ dist = "gamma", mean = 3, cv = 1, never = 1.1 }', "never: must be at most 1"),
        ("{}", "relapse.days.dist: is needed"),
    ],
)
def test_what_is_no_law(problems, distribution, message):
    results = problems(f"[relapse]\ndays = {distribution}")
    assert any(message in str(problem) for problem in results)
    assert {problem.line for problem in results} == {3}


def test_never_belongs_to_relapse_only(problems, scenario):
    distribution = '{ dist = "exponential", mean = 3, never = 0.5 }'
    text = f"[relapse]\ndays = {distribution}\n[boosters]\ndays = {distribution}"
    assert scenario(text).relapse.days.never == scenario(text).boosters.days.never == 0.5
    for section, field in (
        ("intake", "days_to_decide"),
        ("dosing", "weight_kg"),
        ("visit.steps.a", "minutes"),
    ):
        message = " ".join(map(str, problems(f"[{section}]\n{field} = {distribution}")))
        assert "never is for times to relapse only" in message


def test_only_arrivals_may_be_negative(scenario, problems):
    assert (
        scenario("[attendance]\narrival_offset_minutes = -300").attendance.arrival_offset_minutes.lowest
        == -300
    )
    for section, field in (
        ("intake", "days_to_consult"),
        ("intake", "days_to_decide"),
        ("dosing", "weight_kg"),
        ("boosters", "days"),
        ("visit.complications.severe-hypertension-early", "extra_minutes"),
    ):
        assert "can fall below 0" in str(problems("", [f"{section}.{field}=-1"])[0])


def test_work_needs_a_mean_to_plan_with(scenario, problems):
    endless = 'minutes = { dist = "loglogistic", median = 10, shape = 1 }'
    assert "has no mean, which planning needs" in str(problems(f"[visit.steps.a]\n{endless}")[0])
    assert scenario(f"[visit.steps.a]\n{endless[:-2]}, at_most = 60 }}")


def test_laws_made_in_python_are_equal_to_those_read():
    assert Constant(value=3) == read_distribution(3)
    assert Normal(mean=-10, sd=9.8) == read_distribution({"dist": "normal", "mean": -10, "sd": 9.8})


@given(distributions())
def test_any_law_is_written_and_read_back(table):
    distribution = read_distribution(table)
    assert read_distribution(distribution.written()) == distribution
    if isinstance(distribution, Lognormal):
        assert np.isfinite([distribution.mu, distribution.sigma]).all()
