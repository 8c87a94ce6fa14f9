"""Searches in queues whose patients give up: Erlang-A says which plan is the cheapest, and which level fits."""

import pytest

from simclinic.measures.stability import PAPER_BREAKS
from simclinic.scenario import from_toml, replace
from simclinic.studies.intake import intake
from simclinic.studies.plan import plan
from simclinic.studies.plan_space import space_of
from simclinic.studies.run_options import RunOptions
from tests.analytic.theory.birth_death import Queue
from tests.studies.test_bottleneck import MMC

LENGTH, PATIENCE, PER_WEEK = 40.0, 30.0, 7 * 1440
IMPATIENT = MMC.replace(
    'mode = "walk-in"',
    f'mode = "walk-in"\npatience_minutes = {{ dist = "exponential", mean = {PATIENCE:g} }}',
)
WEEKS = {"warm_up_weeks": 1, "weeks": 3}
LATE = {"overtime_day_share": "<= 0.9"}


def gave_up(referrals: float, chairs: int) -> float:
    """Share of patients who leave without treatment."""
    return Queue(referrals / PER_WEEK, LENGTH, chairs, patience=PATIENCE).gave_up


@pytest.mark.long
@pytest.mark.parametrize("limit", [0.26, 0.12])
def test_the_cheapest_number_of_chairs_is_that_of_the_formula(tmp_path, limit):
    clinic = replace(from_toml(IMPATIENT), run=WEEKS, targets=LATE | {"balked_share": f"<= {limit}"})
    truth = {chairs: gave_up(604.8, chairs) for chairs in range(1, 7)}
    enough = min(chairs for chairs, share in truth.items() if share <= limit)
    found = plan(
        clinic, space_of(clinic, ["clinic.chairs=1:6"]), ends=False, options=RunOptions(out=tmp_path / "out")
    ).document
    assert found["plans"][found["chosen"]]["settings"] == {"clinic.chairs": enough}
    for one in found["plans"][: found["chosen"] + 1]:
        chairs = one["settings"]["clinic.chairs"]
        assert one["state"] == ("meets" if chairs == enough else "misses")
        [away] = [each for each in one["targets"] if each["figure"] == "balked_share"]
        asked = 604.8 * LENGTH / PER_WEEK / chairs
        if one["replications"]:
            assert away["lower"] < truth[chairs] < away["upper"]
        else:  # ruled out on paper
            assert asked > PAPER_BREAKS
            assert away["lower"] is away["upper"] is None


@pytest.mark.long
def test_the_most_patients_are_those_of_the_formula(tmp_path):
    limit = 0.165
    clinic = replace(from_toml(IMPATIENT), run=WEEKS, targets=LATE | {"balked_share": f"<= {limit}"})
    found = intake(clinic, step=0.2, options=RunOptions(out=tmp_path / "out")).document
    levels = found["levels"]
    assert found["on_paper"] == pytest.approx(3 / LENGTH * PER_WEEK)
    fit = [gave_up(level["referrals"], 3) <= limit for level in levels]
    most = fit.index(False) - 1
    assert found["confirmed"] == most
    assert found["missed"] == most + 1
