"""Changed copies: what the program changes by type, and what users change by text, is the same."""

import datetime as dt
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given

from simclinic.errors import ScenarioError
from simclinic.scenario import (
    Scenario,
    baseline,
    load,
    replace,
    resolved_toml,
    scenario_hash,
    with_overrides,
    with_settings,
)
from simclinic.scenario.copies import Sections
from simclinic.scenario.distributions import Constant, Exponential, Lognormal
from simclinic.scenario.run import Run, RunSettings
from tests.scenario.strategies import scenarios

FILES = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))

ALIKE = [
    ({"run": {"weeks": 4, "seed": 7}}, ["run.weeks=4", "run.seed=7"]),
    ({"run": {"start": dt.date(2026, 3, 2)}}, ["run.start=2026-03-02"]),
    ({"clinic": {"chairs": 5}}, ["clinic.chairs=5"]),
    ({"clinic": {"hours": {"sat": "09:00-12:00", "mon": False}}}, ["clinic.hours={sat='09:00-12:00', mon=false}"]),
    ({"shifts": {"late": {"hours": "12:00-17:00", "nurses": 1, "days": ["mon"]}}},
     ["shifts.late={hours='12:00-17:00', nurses=1, days=['mon']}"]),
    ({"demand": {"growth_from": dt.date(2026, 1, 5)}}, ["demand.growth_from=2026-01-05"]),
    ({"demand": {"protocol_mix": {"twice-weekly": 1.0}}}, ["demand.protocol_mix={twice-weekly=1.0}"]),
    ({"relapse": {"days": Lognormal(mu=3.89, sigma=0.95, never=0.28)}},
     ["relapse.days={dist='lognormal', mu=3.89, sigma=0.95, never=0.28}"]),
    ({"relapse": {"days": Exponential(mean=30)}}, ["relapse.days={dist='exponential', mean=30.0}"]),
    ({"relapse": {"days": Constant(value=9)}}, ["relapse.days=9.0"]),
    ({"uncertainty": {}}, ["uncertainty={}"]),
    ({"booking": {"mode": "walk-in"}, "name": "Open door"}, ["booking.mode=walk-in", "name=Open door"]),
    ({"changes": {dt.date(2026, 6, 1): {"clinic.chairs": 4}}}, ['changes."2026-06-01"={"clinic.chairs"=4}']),
]  # fmt: skip


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize(("sections", "overrides"), ALIKE, ids=lambda each: "")
def test_typed_and_written_changes_are_the_same(file, sections, overrides):
    scenario = load(file)
    typed, written = replace(scenario, **sections), with_overrides(scenario, overrides)
    assert typed == written
    assert scenario_hash(typed) == scenario_hash(written)
    assert resolved_toml(typed) == resolved_toml(written)


@pytest.mark.parametrize(
    ("sections", "override"),
    [
        ({"run": {"replications": 0}}, "run.replications=0"),
        ({"run": {"replications": 2.0}}, "run.replications=2.0"),
        ({"run": {"replications": True}}, "run.replications=true"),
        ({"run": {"week": 4}}, "run.week=4"),
        ({"demand": {"protocol_mix": {"weekly": 1.0}}}, "demand.protocol_mix={weekly=1.0}"),
        ({"shifts": {"night": {"nurses": 1}}}, "shifts.night={nurses=1}"),
        ({"relapse": {"days": -1}}, "relapse.days=-1"),
        ({"tariffs": {"visit": 1}}, "tariffs.visit=1"),
        ({"protocols": {"weekly": False}}, "protocols.weekly=false"),
    ],
)
def test_a_typed_change_is_checked_as_a_written_one(sections, override):
    with pytest.raises(ScenarioError) as written:
        with_overrides(baseline(), [override])
    with pytest.raises(ScenarioError) as typed:
        replace(baseline(), **sections)
    assert [(each.address, each.rule, each.value, each.suggestion) for each in typed.value.problems] == [
        (each.address, each.rule, each.value, each.suggestion) for each in written.value.problems
    ]
    assert {each.file for each in typed.value.problems} <= {"Typical clinic", None}


def test_rules_between_sections_hold_too():
    with pytest.raises(ScenarioError, match="protocol_mix"):
        replace(baseline(), protocols={"twice-weekly": False})


def test_a_scenario_that_is_not_changed_is_not_copied():
    scenario = replace(baseline(), run={"weeks": 4})
    for same in (
        {},
        {"run": {}},
        {"run": {"weeks": 4}},
        {"run": {"weeks": None, "seed": None}, "uncertainty": None},
        {"uncertainty": {}, "relapse": {"days": scenario.relapse.days}},
    ):
        assert replace(scenario, **same) is scenario
    # equal for Python, and no whole number
    for wrong in (4.0, True):
        with pytest.raises(ScenarioError):
            replace(replace(scenario, run={"weeks": int(wrong)}), run={"weeks": wrong})


@given(scenarios())
def test_what_does_not_tell_studies_apart_is_left_out_of_their_hash(table):
    scenario = Scenario.model_validate(table)
    same = replace(scenario, run={"replications": 1, "seed": 0})
    assert scenario_hash(scenario, {"replications": 1, "seed": 0}) == scenario_hash(same)
    assert scenario_hash(with_overrides(scenario, ["run.replications=1", "run.seed=0"])) == scenario_hash(
        same
    )


def test_settings_by_address_are_those_of_a_file_with_overrides():
    scenario = with_overrides(baseline(), ["visit.steps.tea={minutes=5, after='infusion'}"])
    settings = {
        "visit.steps.tea.minutes.value": 6.5,
        "clinic.chairs": 2,
        "clinic.hours.sat": "09:00-12:00",
        "response.drop_out": [0.1, 0.2],
        "demand.growth_from": dt.date(2026, 2, 2),
        "relapse.days": {"dist": "exponential", "mean": 30.0},
    }
    written = [
        "visit.steps.tea.minutes.value=6.5",
        "clinic.chairs=2",
        "clinic.hours.sat=09:00-12:00",
        "response.drop_out=[0.1, 0.2]",
        "demand.growth_from=2026-02-02",
        "relapse.days={dist='exponential', mean=30.0}",
    ]
    assert with_settings(scenario, settings) == with_overrides(scenario, written)


def test_a_wrong_setting_is_found_at_its_address():
    wrong = {"clinic.chairs": 0, "not an address": 1, "extends": "a.toml", "run.weeks": 4}
    with pytest.raises(ScenarioError) as error:
        with_settings(baseline(), wrong)
    assert {(each.file, each.address, each.rule) for each in error.value.problems} == {
        ("clinic.chairs", "clinic.chairs", "must be at least 1"),
        ("not an address", "", "must be an address such as clinic.chairs"),
        ("extends", "", "extends is for files only"),
    }


def test_types_name_the_settings_and_sections_that_there_are():
    assert get_type_hints(RunSettings) == {
        name: field.annotation | None for name, field in Run.model_fields.items()
    }
    assert list(Sections.__annotations__) == list(Scenario.model_fields)
