"""Simulated clinics, exported and calibrated: do the intervals cover the true values as often as they should?

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
"""A small clinic's export: two years from the opening on, with three new series a week."""


def truth(scenario):
    """Return the true values, by the calibration's names for them."""
    true = true_values(scenario)
    series, booster = true.after_series, true.after_booster
    return {
        "demand.referrals_per_week": true.starts_per_week,
        **{f"response.drop_out.{k}": share for k, share in enumerate(true.drop_out, 1)},
        "attendance.no_show": true.no_show,
        "attendance.late_cancel": true.late_cancel,
        "return_share after a series": series.share,
        "return_share after a booster": booster.share,
        "relapse.days.mu": series.distribution.mu,
        "relapse.days.sigma": series.distribution.sigma,
        "boosters.days.mu": booster.distribution.mu,
        "boosters.days.sigma": booster.distribution.sigma,
    }


def calibrations(count, seed=1):
    """Simulate, export and calibrate clinics, one after another."""
    scenario = observable(*WORLD)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "visits.csv"
        for number in range(count):
            clean(simulate(scenario, draw(scenario, seed, number)), scenario, seed=number).write(path)
            yield calibrate(path, baseline(), Options(whole_history=True, infusions=6))


def coverage(count, seed=1):
    """Count for each parameter the intervals that cover the true value, and all intervals."""
    true = truth(observable(*WORLD))
    result = defaultdict(list)
    for one in calibrations(count, seed):
        for each in one.findings.estimates:
            if each.parameter in true and each.low is not None:
                result[each.parameter].append((each.low <= true[each.parameter] <= each.high, each.estimate))
    return true, {name: result[name] for name in true}


@pytest.mark.long
def test_intervals_cover_the_true_values_as_often_as_stated():
    _, result = coverage(CLINICS)
    for name, each in result.items():
        inside, n = sum(hit for hit, _ in each), len(each)
        # Another family may fit a single clinic better: then the lognormal's settings are missing.
        assert n >= (0.5 if name.endswith((".mu", ".sigma")) else 1.0) * CLINICS, name
        # With fourteen parameters, each may fail by chance once in seven hundred.
        assert stats.binom.cdf(inside, n, NOMINAL) > 0.02 / len(result), (name, inside, n)


def main():
    true, result = coverage(CLINICS)
    sys.stdout.write(
        "| parameter | truth | mean estimate | intervals that hold it | 95 % interval of that share |\n"
    )
    sys.stdout.write("| --- | --- | --- | --- | --- |\n")
    for name, each in result.items():
        inside, n = sum(hit for hit, _ in each), len(each)
        low, high = stats.binomtest(inside, n).proportion_ci(method="wilson")
        mean = sum(value for _, value in each) / n
        sys.stdout.write(
            f"| `{name}` | {true[name]:.3g} | {mean:.3g} | {inside} of {n} ({100 * inside / n:.1f} %) "
            f"| {100 * low:.1f}–{100 * high:.1f} % |\n"
        )


if __name__ == "__main__":
    main()
