"""The simulator held to theory, by two proofs and a direct look.

Theory to half a percent takes millions of patients, more than a simulator should be made to serve in a
test. So:

1. The simulator equals a short recursion, patient by patient, to 1e-9 minutes with the same random inputs.
2. That recursion, on random numbers of its own, meets theory within 4.1 standard errors of 0.4 % at most.
3. The simulator itself meets theory within 4.1 of whatever standard error it gets in the time it is given.

Seeds were fixed once. `pytest -s` shows the figures; `python -m tests.analytic` makes a table of them.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.analytic.cases import CASES, Case
from tests.analytic.cases.case import FOLDER
from tests.analytic.estimates import FINE, LIMIT, Estimate, described

SLOW = {
    "boosters-lognormal": 0.3,
    "boosters-weibull": 0.3,
    "eight-chairs": 0.3,
    "steep-day": 0.4,
    "the-whole-visit": 0.04,
}
"""Cases whose recursion takes seconds, or a minute: the share of it that the short tier runs."""

EACH = pytest.mark.parametrize("case", CASES, ids=repr)


def assert_meets_theory(case: Case, estimates: list[Estimate]) -> None:
    print(f"\n{case.title}\n{described(estimates)}")
    off = [estimate for estimate in estimates if not abs(estimate.t) < LIMIT]
    assert not off, f"{case.title} is off theory:\n{described(off)}"


@EACH
def test_the_simulator_equals_the_recursion_patient_by_patient(case: Case):
    for draws, records in case.replications(3):
        compared = list(case.both(draws, records))
        for name, simulated, recursion in compared:
            assert simulated.size > 50, name
            np.testing.assert_allclose(simulated, recursion, rtol=0.0, atol=1e-9, err_msg=name)


@EACH
def test_the_recursion_meets_theory(case: Case):
    share = SLOW.get(case.name, 1.0)
    estimates = case.by_recursion(share)
    assert_meets_theory(case, estimates)
    assert_fine(estimates, FINE / share**0.5)


@pytest.mark.long
@pytest.mark.parametrize("case", [case for case in CASES if case.name in SLOW], ids=repr)
def test_the_recursion_meets_theory_to_the_full(case: Case):
    estimates = case.by_recursion()
    assert_meets_theory(case, estimates)
    assert_fine(estimates, FINE)


def assert_fine(estimates: list[Estimate], fine: float) -> None:
    """The figures are sharp enough that being off by five such errors could not pass unnoticed."""
    for estimate in estimates:
        assert estimate.error <= fine * estimate.exact, described([estimate])
        for factor in (1.0 - 9 * fine, 1.0 + 9 * fine):
            assert abs(replace(estimate, exact=factor * estimate.exact).t) > LIMIT, described([estimate])


@EACH
def test_the_simulator_meets_theory(case: Case):
    assert_meets_theory(case, case.by_simulator(20))


@pytest.mark.long
@EACH
def test_the_simulator_meets_theory_in_half_a_minute(case: Case):
    assert_meets_theory(case, case.by_simulator(case.half_minute))


def test_every_verification_scenario_has_a_case():
    names = {file.stem for file in FOLDER.glob("*.toml")}
    # tests/published holds these
    published = {
        "health-centre",
        "health-centre-inpatients",
        "impatient-callers",
        "nurse-visit",
        "paediatric-clinic",
        "stroke-beds",
        "treatment-centre",
        "triage",
        "urgent-care-calls",
    }
    assert names == {case.name for case in CASES} | {"walk-in"} | published
    assert len(names) > 15


def test_an_estimate_knows_its_error():
    rng = np.random.default_rng(1)
    lower = rng.poisson(100.0, 4000).astype(float)
    upper = np.array([rng.exponential(2.0, int(n)).sum() for n in lower])
    estimate = Estimate("mean", 2.0, upper, lower)
    assert estimate.error == pytest.approx(2.0 / np.sqrt(400_000), rel=0.05)
    assert abs(estimate.t) < LIMIT
    assert abs(replace(estimate, exact=2.03).t) > LIMIT
