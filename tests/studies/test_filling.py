"""`run` says when it was measured too early, and what would do."""

import pytest

from simclinic.scenario import baseline, with_overrides
from simclinic.studies.run import run


def warnings(tmp_path, *overrides):
    scenario = with_overrides(baseline(), ["run.replications=10", *overrides])
    return [told for told in run(scenario, out=tmp_path / "out").document["warnings"] if "warm-up of" in told]


def test_the_third_year_is_too_early(tmp_path):
    (told,) = warnings(tmp_path, "run.warm_up_weeks=104", "run.weeks=52")
    assert told.startswith("the warm-up of 104 weeks is too short: boosters are measured at about ")
    weeks = int(told.rsplit("run.warm_up_weeks = ", 1)[1].split()[0])
    assert weeks % 26 == 0
    assert 182 <= weeks <= 390  # on paper 95 % of the steady load takes about five years


def test_no_warm_up_at_all(tmp_path):
    (told,) = warnings(tmp_path, "run.warm_up_weeks=0", "run.weeks=52")
    assert "do not show where they end; try run.warm_up_weeks = 208" in told


@pytest.mark.parametrize(
    "overrides",
    [
        ("run.warm_up_weeks=208", "run.weeks=52"),
        ("run.warm_up_weeks=0", "run.weeks=52", "demand.growth_per_year=0.5"),
        ("run.warm_up_weeks=0", "run.weeks=52", "boosters.uptake=0"),
        ("run.warm_up_weeks=3", "run.weeks=4"),
    ],
)
def test_others_are_left_in_peace(tmp_path, overrides):
    assert warnings(tmp_path, *overrides) == []
