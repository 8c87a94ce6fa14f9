"""Worlds whose uncertain settings are drawn: as far from the estimates, and together, as the covariance says."""

import math

import numpy as np
import pytest
from scipy import stats

from simclinic.errors import ScenarioError
from simclinic.sampling.parameters import ParameterDraws
from simclinic.scenario import baseline, from_toml, with_overrides
from simclinic.scenario.tables import as_tables
from simclinic.scenario.uncertainty import factor

MANY = 1200

RATES = """
[uncertainty.rates]
settings = ["attendance.no_show", "demand.referrals_per_week", "relapse.days.mu"]
scale = ["logit", "log", "identity"]
covariance = [[0.09, 0.012, 0.01], [0.012, 0.04, -0.006], [0.01, -0.006, 0.0225]]
"""
DROP_OUT = """
[uncertainty.drop-out]
settings = ["response.drop_out.2"]
scale = ["logit"]
covariance = [[0.25]]
"""


def scenario(text):
    return from_toml('name = "Uncertain"\n' + text)


def errors(parameter_draws, count, **how):
    """Errors of the rates on their scales, shape (worlds, 3)."""
    results = []
    for number in range(count):
        drawn_scenario = parameter_draws.draw(1, number, **how)
        show = drawn_scenario.attendance.no_show
        results.append(
            (
                math.log(show / (1 - show)) - math.log(0.05 / 0.95),
                math.log(drawn_scenario.demand.referrals_per_week / 10.3),
                drawn_scenario.relapse.days.mu - 2.70,
            )
        )
    return np.array(results)


def test_errors_have_the_stated_mean_and_covariance():
    parameter_draws = ParameterDraws(scenario(RATES))
    stated = np.array(parameter_draws.scenario.uncertainty["rates"].covariance)
    drawn = errors(parameter_draws, MANY)
    # whitened, they are independent standard normals
    white = np.linalg.solve(np.linalg.cholesky(stated), drawn.T)
    for row in white:
        assert stats.kstest(row, "norm").pvalue > 4.1e-5
    assert np.abs(white.mean(axis=1)).max() < 4.1 / math.sqrt(MANY)
    products = white @ white.T / MANY
    assert np.abs(products - np.eye(3)).max() < 4.1 * math.sqrt(2 / MANY)
    sizes = np.sqrt(np.diag(stated))
    assert np.abs(drawn.std(axis=0) / sizes - 1).max() < 4.1 / math.sqrt(2 * MANY)


def test_nothing_else_moves():
    uncertain = scenario(RATES)
    drawn_scenario = as_tables(ParameterDraws(uncertain).draw(1, 4))
    plain = as_tables(uncertain)
    assert plain.pop("uncertainty")
    assert "uncertainty" not in drawn_scenario or not drawn_scenario["uncertainty"]
    for tables in (drawn_scenario, plain):
        tables.pop("uncertainty", None)
        del (
            tables["attendance"]["no_show"],
            tables["demand"]["referrals_per_week"],
            tables["relapse"]["days"]["mu"],
        )
    assert drawn_scenario == plain


def test_one_more_entry_moves_no_other():
    few, more = (ParameterDraws(scenario(text)) for text in (RATES, DROP_OUT + RATES))
    np.testing.assert_array_equal(errors(few, 20), errors(more, 20))
    shares = [more.draw(1, number).response.drop_out for number in range(20)]
    assert len({each[1] for each in shares}) == 20
    assert {(each[0], *each[2:]) for each in shares} == {(0.10, 0.04, 0.04, 0.04)}
    # and the two have nothing to do with each other
    odds = [math.log(each[1] / (1 - each[1])) for each in shares]
    assert abs(np.corrcoef(odds, errors(more, 20)[:, 0])[0, 1]) < 0.8


def test_antithetic_worlds_mirror_the_errors():
    parameter_draws = ParameterDraws(scenario(RATES))
    one, other = errors(parameter_draws, 10), errors(parameter_draws, 10, antithetic=True)
    np.testing.assert_allclose(one, -other, atol=1e-9)


def test_the_same_world_again_and_another_seed():
    parameter_draws = ParameterDraws(scenario(RATES))
    assert parameter_draws.draw(3, 5) == ParameterDraws(scenario(RATES)).draw(3, 5)
    assert (
        len({parameter_draws.draw(seed, number).attendance.no_show for seed in (1, 2) for number in (0, 1)})
        == 4
    )


def test_without_uncertainty_there_is_one_world():
    certain = baseline()
    assert ParameterDraws(certain).draw(1, 0) is certain


def test_settings_without_variance_stay():
    text = (
        RATES.replace("[0.01, -0.006, 0.0225]", "[0, 0, 0]").replace("0.01]", "0]").replace("-0.006]", "0]")
    )
    drawn = errors(ParameterDraws(scenario(text)), 5)
    assert np.abs(drawn[:, 2]).max() == 0
    assert np.abs(drawn[:, 0]).min() > 0


def test_two_settings_that_err_as_one():
    text = """
[uncertainty.both]
settings = ["relapse.days.mu", "relapse.days.sigma"]
scale = ["identity", "log"]
covariance = [[0.04, 0.02], [0.02, 0.01]]
"""
    for number in range(10):
        distribution = ParameterDraws(scenario(text)).draw(1, number).relapse.days
        assert distribution.mu - 2.70 == pytest.approx(2 * math.log(distribution.sigma / 0.63))


def test_a_world_that_cannot_be_is_told():
    text = RATES.replace('"logit"', '"identity"')
    parameter_draws = ParameterDraws(scenario(text))
    with pytest.raises(ScenarioError, match=r"no_show: drawn from its uncertainty: .* 0"):  # noqa: PT012
        for number in range(20):
            parameter_draws.draw(1, number)


def test_the_scales_keep_their_bounds():
    text = RATES.replace("0.09", "9.0").replace("0.04", "4.0").replace("-0.006", "0").replace("0.012", "0")
    short = "[run]\nwarm_up_weeks = 0\nweeks = 4\n[attendance]\nlate_cancel = 0\n"
    parameter_draws = ParameterDraws(scenario(short + text.replace("0.01", "0")))
    for number in range(60):
        drawn_scenario = parameter_draws.draw(1, number)
        assert 0 <= drawn_scenario.attendance.no_show <= 1
        assert drawn_scenario.demand.referrals_per_week > 0


# -- the covariance itself ------------------------------------------------------------------------------------


def test_the_factor_is_choleskys():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(4, 4))
    stated = root @ root.T
    np.testing.assert_allclose(factor(stated.tolist()), np.linalg.cholesky(stated), rtol=1e-9)


@pytest.mark.parametrize("stated", [[[1.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [0.0, 2.0]], [[0.0]]])
def test_directions_without_variance_stay_without(stated):
    lower = np.array(factor(stated))
    np.testing.assert_allclose(lower @ lower.T, stated, atol=1e-12)


@pytest.mark.parametrize("stated", [[[1.0, 2.0], [2.0, 1.0]], [[-1.0]], [[0.0, 1.0], [1.0, 1.0]]])
def test_what_is_no_covariance_is_refused(stated):
    with pytest.raises(ValueError, match="covariance"):
        factor(stated)


def test_a_changed_estimate_moves_its_draws():
    changed = [with_overrides(scenario(RATES), [f"relapse.days.mu={mu}"]) for mu in (2.7, 3.0)]
    one, two = (ParameterDraws(each).draw(1, 0).relapse.days.mu for each in changed)
    assert two - one == pytest.approx(0.3)


def test_what_a_protocol_says_is_drawn_for_its_patients_and_what_it_does_not_say_for_all():
    own = "protocols.twice-weekly.boosters"
    scenario = with_overrides(
        baseline(),
        [
            f"{own}={{attrition=0.1}}",
            f'uncertainty.a={{settings=["{own}.attrition"], scale=["logit"], covariance=[[0.1]]}}',
            'uncertainty.b={settings=["boosters.uptake"], scale=["logit"], covariance=[[0.1]]}',
        ],
    )
    drawn = ParameterDraws(scenario).draw(1, 0)
    special, usual = (drawn.laws[name].boosters for name in ("twice-weekly", "thrice-weekly"))
    assert special.attrition != 0.1
    assert usual.attrition == baseline().boosters.attrition
    assert special.uptake == usual.uptake != baseline().boosters.uptake
