"""Limits as people write them, and that they decide no simulation."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, scenario_hash, with_overrides
from simclinic.scenario.targets import bound


@pytest.mark.parametrize(
    ("written", "value"),
    [("<= 0.05", 0.05), ("<=5%", 0.05), ("<= 5 %", 0.05), (">= .85", 0.85), ("<= 7", 7.0)],
)
def test_limits_are_read_as_written(written, value):
    assert bound(written) == pytest.approx(value)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("balked_share", "0.05"),
        ("balked_share", ">= 0.05"),
        ("balked_share", "<= 5"),
        ("balked_share", "<= many"),
        ("started_on_time_share", "<= 0.85"),
        ("booster_wait_days", "<= 7 %"),
        ("overtime_day_share", "<= 101 %"),
    ],
)
def test_what_is_no_limit_is_refused_with_an_example(address, written):
    with pytest.raises(ScenarioError) as refused:
        with_overrides(baseline(), [f'targets.{address}="{written}"'])
    assert f"targets.{address}" in str(refused.value)


def test_targets_change_no_simulation():
    changed = with_overrides(baseline(), ['targets.balked_share="<= 0.10"'])
    assert scenario_hash(changed) == scenario_hash(baseline())


def test_but_the_weekly_table_counts_boosters_that_come_too_late():
    later = with_overrides(baseline(), ['targets.booster_wait_days="<= 14"'])
    assert scenario_hash(later) != scenario_hash(baseline())
    spelt = with_overrides(baseline(), ['targets.booster_wait_days="<=7.0"'])
    assert scenario_hash(spelt) == scenario_hash(baseline())
