"""Designs on functions whose answers are known."""

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from simclinic.experiment.designs import DESIGNS, Factor, mean_over_replications
from simclinic.experiment.designs.findings import band

THREE = [Factor(name, low=0.0, high=1.0) for name in "abc"]


def figures(*columns):
    """One replication of some figures, shape (points, 1, figures)."""
    return np.stack(columns, axis=-1)[:, None, :]


def ishigami(x):
    return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def test_sobol_meets_theory_and_scipy():
    design = DESIGNS["sobol"]
    placed = design.units(THREE, 1024)
    assert len(placed) == design.count(THREE, 1024) == 5120
    value = ishigami((2 * placed.T - 1) * np.pi)
    results = design.findings(placed, figures(value, np.full(len(value), 3.7)))
    # exact: 1 + b pi^4 / 5 and so on; see Saltelli et al. (2008), Global Sensitivity Analysis
    np.testing.assert_allclose(results["first"][:, 0], [0.3139, 0.4424, 0.0], atol=0.03)
    np.testing.assert_allclose(results["total"][:, 0], [0.5576, 0.4424, 0.2437], atol=0.03)
    for name, exact in (("first", [0.3139, 0.4424, 0.0]), ("total", [0.5576, 0.4424, 0.2437])):
        assert (results[f"{name}_low"][:, 0] <= exact).all()
        assert (results[f"{name}_high"][:, 0] >= exact).all()
    parts = value.reshape(5, 1, 1024)
    theirs = stats.sobol_indices(
        func={"f_A": parts[0], "f_B": parts[1], "f_AB": parts[2:]}, n=1024, dists=None
    )
    np.testing.assert_allclose(results["first"][:, 0], theirs.first_order.ravel(), atol=2e-3)
    np.testing.assert_allclose(results["total"][:, 0], theirs.total_order.ravel(), atol=2e-3)
    assert np.isnan(results["first"][:, 1]).all(), "shares of no variance are not numbers"


def test_sobol_leaves_out_what_failed():
    design = DESIGNS["sobol"]
    placed = design.units(THREE, 64)
    value = ishigami((2 * placed.T - 1) * np.pi)
    value[[3, 200]] = np.nan
    results = design.findings(placed, figures(value))
    assert np.isfinite(results["total"]).all()


def test_morris_of_a_plane_is_its_slopes():
    design = DESIGNS["morris"]
    placed = design.units(THREE, 12)
    assert len(placed) == design.count(THREE, 12) == 48
    assert ((placed >= 0) & (placed <= 1)).all()
    a, b, c = placed.T
    results = design.findings(placed, figures(5 * a - 2 * b, a * c))
    np.testing.assert_allclose(results["mu"][:, 0], [5, -2, 0], atol=1e-12)
    np.testing.assert_allclose(results["mu_star"][:, 0], [5, 2, 0], atol=1e-12)
    np.testing.assert_allclose(results["sigma"][:, 0], 0, atol=1e-12)
    assert (results["sigma"][[0, 2], 1] > 0).all(), "an interaction shows as spread"
    assert (results["mu_star_low"] <= results["mu_star"] + 1e-12).all()
    assert (results["mu_star_high"] >= results["mu_star"] - 1e-12).all()


def test_morris_sigma_is_the_spread_of_effects_with_their_signs():
    # Two steps of two thirds: once 2 up, once 2/3 down. Over the whole range that is +3 and -1.
    placed = np.array([[0.0], [2 / 3], [0.0], [2 / 3]])
    results = DESIGNS["morris"].findings(placed, figures(np.array([0.0, 2.0, 0.0, -2 / 3])))
    assert results["mu"][0, 0] == pytest.approx(1)
    assert results["mu_star"][0, 0] == pytest.approx(2)
    assert results["sigma"][0, 0] == pytest.approx(np.sqrt(8))


def test_morris_of_an_effect_whose_sign_depends_on_another_factor():
    # What a does is 2c - 1. Whenever a moves, c is equally likely at each of its four levels: -1, -1/3, 1/3, 1.
    placed = DESIGNS["morris"].units(THREE, 2000)
    a, _, c = placed.T
    results = DESIGNS["morris"].findings(placed, figures(a * (2 * c - 1)))
    error = np.sqrt(5) / 3 / np.sqrt(2000)
    assert results["mu"][0, 0] == pytest.approx(0, abs=4.1 * error)
    assert results["mu_star"][0, 0] == pytest.approx(2 / 3, abs=4.1 * error)
    assert results["sigma"][0, 0] == pytest.approx(np.sqrt(5) / 3, rel=0.04)


def test_grid_effects_are_paired_by_replication():
    factors = [Factor("a", levels=(2, 3, 4)), Factor("b", levels=("x", "y"))]
    placed = DESIGNS["grid"].units(factors, 0)
    assert [(factors[0].value(a), factors[1].value(b)) for a, b in placed.tolist()] == [
        (2, "x"), (2, "y"), (3, "x"), (3, "y"), (4, "x"), (4, "y"),
    ]  # fmt: skip
    a = np.array([factors[0].value(u) for u in placed[:, 0]])
    draws = np.array([10.0, -20.0, 30.0])
    values = (a[:, None] ** 2 + draws)[:, :, None]
    results = DESIGNS["grid"].findings(placed, values)
    assert results["effect"][:, 0] == pytest.approx([12, 0])
    assert results["effect_low"][:, 0] == pytest.approx([12, 0]), (
        "noise that all points share is no uncertainty"
    )
    assert results["share"][:, 0] == pytest.approx([1, 0])


def test_a_latin_hypercube_uses_every_slice_once_and_finds_the_slopes():
    placed = DESIGNS["lhs"].units(THREE, 20)
    assert (np.sort((placed * 20).astype(int), axis=0) == np.arange(20)[:, None]).all()
    a, b, _ = placed.T
    results = DESIGNS["lhs"].findings(placed, figures(3 * a - b + 7))
    assert results["effect"][:, 0] == pytest.approx([3, -1, 0], abs=1e-9)
    assert results["share"][:, 0].sum() == pytest.approx(1, abs=0.2)
    assert results["share"][0, 0] > results["share"][1, 0] > results["share"][2, 0]


@pytest.mark.parametrize("levels", [(0, 1), (1, 2, 3), (1, 2, 10)])
def test_a_factor_that_explains_everything_has_a_share_of_one(levels):
    factors = [Factor("a", levels=levels), Factor("b", low=0.0, high=1.0)]
    units = DESIGNS["lhs"].units(factors, 30)
    places = np.column_stack([[factors[0].place(unit) for unit in units[:, 0].tolist()], units[:, 1]])
    results = DESIGNS["lhs"].findings(places, figures(7 * places[:, 0] + 2))
    assert results["share"][:, 0] == pytest.approx([1, 0], abs=1e-9)


def test_the_interval_of_a_slope_is_the_textbooks():
    placed = DESIGNS["lhs"].units(THREE[:1], 12)
    values = 3 * placed[:, 0] + np.random.default_rng(5).normal(0, 1, 12)
    line = stats.linregress(placed[:, 0], values)
    half = stats.t.ppf(0.975, 10) * line.stderr
    results = DESIGNS["lhs"].findings(placed, figures(values))
    assert results["effect"][0, 0] == pytest.approx(line.slope)
    assert results["effect_low"][0, 0] == pytest.approx(line.slope - half)
    assert results["effect_high"][0, 0] == pytest.approx(line.slope + half)
    assert results["share"][0, 0] == pytest.approx(line.rvalue**2)


def test_a_band_leaves_two_and_a_half_in_a_hundred_on_either_side():
    low, high = band(np.arange(1001.0)[:, None])
    assert (low.tolist(), high.tolist()) == ([25], [975])


def test_the_mean_is_over_the_replications_that_have_the_figure():
    values = np.array([[1.0, np.nan, 4.0], [np.nan] * 3, [1.0, 2.0, 3.0]])[:, :, None]
    np.testing.assert_array_equal(mean_over_replications(values)[:, 0], [2.5, np.nan, 2])


FEW = [
    Factor("a", levels=(2, 3, 10)),
    Factor("a", levels=(10, 3, 2)),
    Factor("a", levels=(2, 10)),
    Factor("a", low=2, high=10, whole=True),
    Factor("a", low=2, high=3, whole=True),
]


@pytest.mark.parametrize("name", ["lhs", "morris"])
@pytest.mark.parametrize("first", FEW, ids=str)
def test_a_line_over_few_values_goes_from_the_least_to_the_largest(name, first):
    factors = [first, Factor("b", low=0.0, high=1.0)]
    units = DESIGNS[name].units(factors, 20)
    values = [float(first.value(unit)) for unit in units[:, 0].tolist()]
    places = np.column_stack([[first.place(unit) for unit in units[:, 0].tolist()], units[:, 1]])
    results = DESIGNS[name].findings(places, figures(5 * np.array(values) + 3 * units[:, 1]))
    across = 5 * (max(values) - min(values))
    for measure in ("effect",) if name == "lhs" else ("mu", "mu_star", "mu_star_low", "mu_star_high"):
        assert results[measure][:, 0] == pytest.approx([across, 3]), measure
    assert (results["n"] == 20).all()


def test_of_factors_that_go_up_and_down_together_nobody_can_say_which_did_it():
    twice = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    results = DESIGNS["lhs"].findings(np.column_stack([twice, twice]), figures(twice + np.arange(5.0)))
    assert np.isnan(results["effect"]).all()


def test_a_grid_s_effect_is_of_the_replications_that_have_every_point():
    placed = DESIGNS["grid"].units([Factor("a", levels=(1, 2))], 0)
    # the third, a busy one, has no figure at the second level: the others say 1, and so must the effect
    values = np.array([[1.0, 2.0, 300.0], [2.0, 3.1, np.nan]])[:, :, None]
    results = DESIGNS["grid"].findings(placed, values)
    assert results["effect"][0, 0] == pytest.approx(1.05)
    assert results["effect_low"][0, 0] < 1.05 < results["effect_high"][0, 0]
    assert results["n"][0, 0] == 2


@pytest.mark.parametrize("name", DESIGNS)
def test_designs_are_the_same_every_time(name):
    factors = [Factor(at, levels=(1, 2)) for at in "ab"]
    design = DESIGNS[name]
    placed = design.units(factors, 8)
    assert placed.shape == (design.count(factors, 8), 2)
    assert (placed == design.units(factors, 8)).all()


def test_whole_numbers_and_levels_have_equal_shares():
    factor = Factor("n", low=1, high=4, whole=True)
    drawn = [factor.value(u) for u in np.linspace(0, 1, 4001)]
    assert [drawn.count(value) for value in (1, 2, 3, 4)] == pytest.approx([1000] * 4, abs=2)
    assert all(isinstance(value, int) for value in drawn)


def test_workers_do_not_load_scipy_stats():
    code = "import sys, simclinic.experiment.designs; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
