"""Clinics that were simulated, exported and calibrated: do the intervals hold the truth as often as they promise?

`python -m tests.calibration.test_generated_clinics` prints the table that stands in the documentation.
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from scipy import stats

from simclinic.calibration import Options, calibrate
from simclinic.model import simulate
from simclinic.sampling.draws import draw
from simclinic.scenario import baseline
from tests.exports.clinics import observable
from tests.exports.export import clean
from tests.exports.truth import true_values

CLINICS = 200
NOMINAL = 0.95

WORLD = ("run.weeks=104", "demand.referrals_per_week=6.5")
"""Two years from the opening on, three new series a week: what a small clinic's export holds."""


def truth(scenario):
    """The true values, by the name that the calibration gives them."""
    told = true_values(scenario)
    series, booster = told.after_series, told.after_booster
    return {
        "demand.referrals_per_week": told.starts_per_week,
        **{f"response.drop_out.{k}": share for k, share in enumerate(told.drop_out, 1)},
        "attendance.no_show": told.no_show,
        "attendance.late_cancel": told.late_cancel,
        "return_share after a series": series.share,
        "return_share after a booster": booster.share,
        "relapse.days.mu": series.law.mu,
        "relapse.days.sigma": series.law.sigma,
        "boosters.days.mu": booster.law.mu,
        "boosters.days.sigma": booster.law.sigma,
    }


def calibrations(count, seed=1):
    """Simulate, export and calibrate clinics, one after another; the laws' family is what they are compared in."""
    scenario = observable(*WORLD)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "visits.csv"
        for number in range(count):
            clean(simulate(scenario, draw(scenario, seed, number)), scenario, seed=number).write(path)
            yield calibrate(path, baseline(), Options(whole_history=True, infusions=6))


def coverage(count, seed=1):
    """Count for each parameter how often the interval held the truth, of how many."""
    true = truth(observable(*WORLD))
    found = defaultdict(list)
    for one in calibrations(count, seed):
        for each in one.findings.estimates:
            if each.parameter in true and each.low is not None:
                found[each.parameter].append((each.low <= true[each.parameter] <= each.high, each.estimate))
    return true, {name: found[name] for name in true}


@pytest.mark.long
def test_intervals_hold_the_truth_as_often_as_they_say():
    _, found = coverage(CLINICS)
    for name, each in found.items():
        inside, n = sum(hit for hit, _ in each), len(each)
        # Another law may fit a single clinic better: then the lognormal's own figures are not given.
        assert n >= (0.5 if name.endswith((".mu", ".sigma")) else 1.0) * CLINICS, name
        # Fourteen are looked at: each may miss by chance once in seven hundred.
        assert stats.binom.cdf(inside, n, NOMINAL) > 0.02 / len(found), (name, inside, n)


def main():
    true, found = coverage(CLINICS)
    sys.stdout.write(
        "| parameter | truth | mean estimate | intervals that hold it | 95 % interval of that share |\n"
    )
    sys.stdout.write("| --- | --- | --- | --- | --- |\n")
    for name, each in found.items():
        inside, n = sum(hit for hit, _ in each), len(each)
        low, high = stats.binomtest(inside, n).proportion_ci(method="wilson")
        mean = sum(value for _, value in each) / n
        sys.stdout.write(
            f"| `{name}` | {true[name]:.3g} | {mean:.3g} | {inside} of {n} ({100 * inside / n:.1f} %) "
            f"| {100 * low:.1f}–{100 * high:.1f} % |\n"
        )


if __name__ == "__main__":
    main()
