"""Limits as people write them, and that they decide no simulation."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, scenario_hash, with_overrides
from simclinic.scenario.overrides import target_overrides
from simclinic.scenario.targets import Targets, bound, target_days


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


def with_target(written):
    return with_overrides(baseline(), target_overrides([written]))


def test_days_in_time_are_part_of_the_hash_since_a_key_figure_counts_by_them():
    assert target_days(baseline().targets) == target_days(with_target("access_days_p90<=10").targets) == 10.0
    assert scenario_hash(with_target("access_days_p90<=10")) == scenario_hash(baseline())
    seven = [
        scenario_hash(with_target(each)) for each in ("access_days_p90<=7", "access_days_p90 <= 7.0 in 80 %")
    ]
    assert seven[0] == seven[1] != scenario_hash(baseline())
    assert scenario_hash(with_target("overtime_minutes_per_day<=3")) == scenario_hash(baseline())


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("overtime_minutes_per_day<=10", "<= 10"),
        (" overtime_minutes_per_day >= 2.5 ", ">= 2.5"),
        ("chair_utilisation<=85%", "<= 85%"),
        ("margin_per_week>=-200", ">= -200"),
    ],
)
def test_a_target_is_a_setting_in_short(written, value):
    address = written.replace(">", "<").split("<")[0].strip()
    assert getattr(with_target(written).targets, address) == value
    assert with_target(written) == with_overrides(baseline(), [f'targets.{address}="{value}"'])


def test_a_target_for_most_years():
    for written in ("chair_utilisation<=85% in 80%", "chair_utilisation <= 0.85 in 0.8"):
        limit = with_target(written).targets.chair_utilisation
        assert (limit.at_most, limit.at_least, limit.in_) == (0.85, None, 0.8)
    assert with_target("margin_per_week>=-200 in 90 %").targets.margin_per_week.at_least == -200.0


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ("{ at_most = 10, at_least = 5, in = 0.8 }", "must have either at_most or at_least"),
        ("{ in = 0.8 }", "must have either at_most or at_least"),
        ("{ at_most = 10, in = 0 }", "must be above 0"),
        ("{ at_most = 10, in = 1 }", "must be below 1"),
    ],
)
def test_a_target_for_most_years_has_one_limit_and_a_share_between_none_and_all(limits, rule):
    with pytest.raises(ScenarioError, match=rule):
        with_overrides(baseline(), [f"targets.overtime_minutes_per_day={limits}"])


def test_days_in_time_are_those_of_a_target_on_at_most():
    assert target_days(Targets(access_days_p90=">= 7")) == target_days(Targets()) == 10.0


def test_a_target_can_be_dropped_again():
    assert with_overrides(with_target("access_days_p90<=7"), ["targets.access_days_p90=false"]) == baseline()


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("access_days_p90=7", "must be FIGURE<=VALUE or FIGURE>=VALUE"),
        ("<=7", "must be FIGURE<=VALUE or FIGURE>=VALUE"),
        ("access_days_p90<=", "must be FIGURE<=VALUE or FIGURE>=VALUE"),
        ("access_days_p90<=7 in ", "must have a number"),
        ("access_days_p90<=soon", 'must be written as "<= 10"'),
        ("access_days_p90<=soon in 80%", "must have a number"),
        ("access_days_p90<=7 in 8", "targets.access_days_p90.in: must be below 1.0"),
        ("access_days_p90<=nan in 80%", "must be a finite number"),
        ("access_days_p90<=7%", "is not a share"),
        ("chair_utilisation<=1.5", "must be a share from 0 to 1"),
        ("chair_utilisation<=150% in 80%", "must be a share from 0 to 1"),
        ("acces_days_p90<=7", "Did you mean 'access_days_p90'?"),
        ("balked_share>=5%", 'must be written as "<= 0.05"'),
    ],
)
def test_what_is_no_target_is_refused_by_its_own_name(written, rule):
    with pytest.raises(ScenarioError) as refused:
        with_target(written)
    assert f"--target {written}:" in str(refused.value)
    assert rule in str(refused.value)
