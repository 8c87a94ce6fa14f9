"""Study files: everything that is wrong with one is said at once, and where."""

from pathlib import Path

import pytest

from simclinic.errors import ScenarioError
from simclinic.studies.study_file import load_study

ROOT = Path(__file__).parents[2]
SHORT = ('run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=2")


@pytest.fixture
def study(tmp_path):
    """Write a study file beside the project's scenarios, and load it."""
    (tmp_path / "base.toml").write_text('name = "Base"\n')
    (tmp_path / "other.toml").write_text('name = "Other"\n[clinic]\nchairs = 5\n')

    def load(text, **more):
        (tmp_path / "study.toml").write_text(text)
        return load_study(tmp_path / "study.toml", SHORT, **more)

    return load


def problems(study, text, **more):
    with pytest.raises(ScenarioError) as error:
        study(text, **more)
    return [
        (problem.line, problem.address, problem.rule, problem.suggestion) for problem in error.value.problems
    ]


GRID = 'name = "g"\nscenario = "base.toml"\nreplications = 2\ndesign = "grid"\n[factors]\n'


def test_a_grid_over_scenarios_and_settings(study):
    points = study(
        'name = "g"\nscenario = ["base.toml", "other.toml"]\nreplications = 2\ndesign = "grid"\n'
        '[factors]\nclinic.chairs = [2, 3]\n"demand.protocol_mix" = [{ twice-weekly = 1.0 }, '
        "{ twice-weekly = 0.5, thrice-weekly = 0.5 }]\n",
        seed=7,
    )
    assert len(points) == 8
    assert (points.replications, points.seed) == (2, 7)
    last = points.scenario(7)
    assert (last.name, last.clinic.chairs) == ("Other", 3)
    assert last.demand.protocol_mix == {"twice-weekly": 0.5, "thrice-weekly": 0.5}
    assert points.columns["scenario"].tolist() == ["Base"] * 4 + ["Other"] * 4
    assert points.columns["clinic.chairs"].tolist() == [2, 2, 3, 3] * 2
    assert points.columns["demand.protocol_mix"][0] == "twice-weekly"


def test_ranges_keep_to_their_kind(study):
    points = study(
        'name = "s"\nscenario = "base.toml"\nreplications = 1\ndesign = "sobol"\nsamples = 4\n[factors]\n'
        '"booking.window_weeks" = { low = 4, high = 26 }\n"demand.referrals_per_week" = { low = 5, high = 15 }\n'
        '"relapse.days.mu" = { low = 2.4, high = 3.03 }\n'
    )
    assert len(points) == 20
    assert points.columns["booking.window_weeks"].dtype.kind == "i"
    assert points.columns["demand.referrals_per_week"].dtype.kind == "f"
    assert 2.4 <= points.scenario(3).relapse.days.mu <= 3.03
    assert points.fingerprint == points.fingerprint


def test_everything_wrong_is_said_at_once(study):
    results = problems(
        study,
        'name = ""\nscenario = "base.toml"\nreplicatons = 2\nreplications = 0\ndesign = "gird"\n[factors]\n'
        '"clinic.chairs" = []\n"clinic.hours" = 3\n"run.seed" = [1, 2]\n"" = [1]\n',
    )
    assert [(line, address) for line, address, _, _ in results] == [
        (1, "name"),
        (3, "replicatons"),
        (4, "replications"),
        (5, "design"),
        (7, 'factors."clinic.chairs"'),
        (8, 'factors."clinic.hours"'),
        (9, 'factors."run.seed"'),
        (10, 'factors.""'),
    ]
    assert results[1][3] == "replications"
    assert results[3][3] == "grid"


def test_addresses_and_values_are_those_of_scenarios(study):
    results = problems(
        study, f'{GRID}"clinic.charis" = [2, 3]\n"shifts.day.nurses" = [2, -1]\n"clinic.chairs" = [0, 3]\n'
    )
    assert [(line, address, suggestion) for line, address, _, suggestion in results] == [
        (6, "clinic.charis", "chairs"),
        (7, "shifts.day.nurses", None),
        (8, "clinic.chairs", None),
    ]


def test_a_combination_that_cannot_be_is_told_with_its_point(study):
    results = problems(
        study,
        f'{GRID}"response.probability" = [0.5, 0.9]\n"protocols.twice-weekly.response_ratio" = [1.0, 1.2]\n',
    )
    assert [(line, address) for line, address, *_ in results] == [
        (7, "protocols.twice-weekly.response_ratio")
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f'{GRID}"clinic.chairs" = {{ low = 2, high = 4 }}\n', "a grid needs a list of levels"),
        (f'{GRID}"clinic.chairs" = [2, 2]\n', "contains a level twice"),
        (f'{GRID}"clinic.chairs" = [2]\nclinic.chairs = [3]\n', "is given twice"),
        (GRID, "at least one setting"),
        (GRID.replace("grid", "lhs") + '"clinic.chairs" = [2, 3]\n', "whole number from 2"),
        (
            GRID.replace('"grid"', '"sobol"\nsamples = 48') + '"clinic.chairs" = [2, 3]\n',
            "must be a power of two",
        ),
        (
            GRID.replace('"grid"', '"morris"\nsamples = 4') + '"booking.mode" = ["booked", "walk-in", "x"]\n',
            "have no order",
        ),
        (
            GRID.replace('"grid"', '"lhs"\nsamples = 4') + '"clinic.chairs" = { low = 4, high = 2 }\n',
            "low below high",
        ),
        (GRID.replace("base.toml", "missing.toml") + '"clinic.chairs" = [2, 3]\n', "there is no such file"),
        (GRID.replace('"base.toml"', '["base.toml", "base.toml"]'), "two scenarios have the name"),
        (
            f'{GRID}"run.weeks" = {list(range(1, 400))}\n"run.warm_up_weeks" = {list(range(300))}\n',
            "points; at most",
        ),
        (
            GRID.replace("replications = 2", "replications = 500001") + '"clinic.chairs" = [2, 3]\n',
            "gives 1,000,002 runs of 2 points; at most 1,000,000 are possible",
        ),
    ],
)
def test_rules(study, text, rule):
    assert any(rule in message for _, _, message, _ in problems(study, text))


@pytest.mark.parametrize(
    "file", sorted((ROOT / "scenarios" / "studies").glob("*.toml")), ids=lambda file: file.stem
)
def test_the_projects_studies_are_valid(file):
    import tomllib

    if "design" in tomllib.loads(file.read_text()):
        assert len(load_study(file)) > 1


@pytest.mark.parametrize("design", ["lhs", "morris"])
def test_no_line_is_laid_through_scenarios_or_a_single_level(study, tmp_path, design):
    (tmp_path / "third.toml").write_text('name = "Third"\n')
    head = f'name = "s"\ndesign = "{design}"\nsamples = 8\n'
    three = head + 'scenario = ["base.toml", "other.toml", "third.toml"]\n[factors]\nclinic.chairs = [2, 3]\n'
    [(line, at, rule, _)] = problems(study, three)
    assert (line, at) == (4, "scenario")
    assert "no order" in rule
    one = head + 'scenario = "base.toml"\n[factors]\nclinic.chairs = [2]\nshifts.day.nurses = [2, 2.0]\n'
    messages = [rule for _, _, rule, _ in problems(study, one)]
    assert messages == [f"{design} needs at least two levels to measure an effect", "contains a level twice"]


def test_scenarios_are_listed_at_the_top_alone(study):
    [(line, at, rule, _)] = problems(
        study,
        'name = "g"\nscenario = ["base.toml", "other.toml"]\ndesign = "grid"\n[factors]\nscenario = ["X", "Y"]\n',
    )
    assert (line, at) == (5, "factors.scenario")
    assert "at the top" in rule
