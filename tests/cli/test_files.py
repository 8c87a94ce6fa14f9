"""A folder, or a file of another kind, where a scenario, a study or results are wanted: run, or told at once."""

import json

import pytest

from simclinic.api import load

SMALL = (
    "--set",
    'run.begin="empty"',
    "--set",
    "run.warm_up_weeks=1",
    "--set",
    "run.weeks=2",
    "--set",
    "run.replications=2",
)

STUDY = """
name = "study"
scenario = "small.toml"
replications = 1
design = "grid"
[factors]
"clinic.chairs" = [2, 3]
"""


@pytest.fixture
def begun(simclinic, tmp_path):
    folder = tmp_path / "my clinic"
    assert simclinic("init", folder).status == 0
    return folder


@pytest.fixture
def study(scenario):
    file = scenario.parent / "study.toml"
    file.write_text(STUDY)
    return file


def flat(result):
    return " ".join((result.out + result.err).split())


def problems(result):
    return [line for line in result.err.splitlines() if line.startswith(("-", "Error: "))]


def test_a_folder_made_by_init_can_be_run_as_it_is(simclinic, begun, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = simclinic("run", begun, *SMALL, "--json", "--no-report")
    assert result.status == 0, result.err
    file = simclinic("run", begun / "scenario.toml", *SMALL, "--json", "--no-report")
    assert json.loads(result.out) == json.loads(file.out)
    assert len(list((tmp_path / "results").iterdir())) == 1  # the same study


def test_a_folder_is_a_scenario_for_every_command(simclinic, begun, study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert simclinic("check", begun).status == 0
    assert simclinic("events", begun, *SMALL).status == 0
    assert simclinic("compare", begun, begun, *SMALL, "--no-report").status == 0
    study.write_text(STUDY.replace("small.toml", "my clinic"))
    assert simclinic("sweep", study, *SMALL, "--no-report").status == 0
    assert load(begun).scenario.clinic.chairs == 3


def test_problems_in_a_folder_s_scenario_have_file_and_line(simclinic, begun):
    file = begun / "scenario.toml"
    file.write_text('name = "x"\n[clinic]\nchairs = 0\n')
    result = simclinic("run", begun)
    assert result.status == 2
    assert f"{file}:3: clinic.chairs" in result.err


@pytest.mark.parametrize(
    ("files", "message"),
    [([], "`simclinic init` writes one"), (["a.toml", "b.toml"], "give one of its files: a.toml, b.toml")],
)
def test_a_folder_without_a_scenario(simclinic, tmp_path, files, message):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in files:
        (folder / name).write_text('name = "x"\n')
    for command in (["run"], ["events"], ["compare", folder]):
        result = simclinic(*command, folder)
        assert result.status == 2
        assert message in result.err
        assert len(problems(result)) == 1


def test_a_results_folder_is_no_scenario(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    assert simclinic("run", scenario, "--out", out, "--no-report").status == 0
    result = simclinic("run", out)
    assert result.status == 2
    assert f"simclinic results {out}" in result.err
    assert "scenario.resolved.toml" in result.err


@pytest.mark.parametrize("command", [["run"], ["check"], ["events"], ["compare", "small.toml"], ["forecast"]])
def test_a_study_file_where_a_scenario_is_wanted_is_one_error(simclinic, study, monkeypatch, command):
    monkeypatch.chdir(study.parent)
    (study.parent / "p.csv").write_text("patient,stage\n")
    more = ["--panel", "p.csv"] if command == ["forecast"] else []
    result = simclinic(*command, study, *more)
    assert result.status == 2
    assert "is a study file, not a scenario: `simclinic sweep` takes it; its scenario is small.toml" in flat(
        result
    )
    assert "problems" not in result.out
    assert len(problems(result)) == (0 if command == ["check"] else 1)


def test_a_scenario_where_a_study_is_wanted_is_one_error(simclinic, begun, scenario):
    for file in (begun / "scenario.toml", scenario):
        result = simclinic("sweep", file)
        assert result.status == 2
        assert "is a scenario, not a study file: `simclinic run` takes it" in result.err
        assert len(problems(result)) == 1
    scenario.write_text('extends = "a.toml"\n')
    assert "is a scenario" in simclinic("sweep", scenario).err
    assert "is a folder" in simclinic("sweep", begun).err


def test_a_study_with_a_slip_is_still_a_study(simclinic, study):
    study.write_text(STUDY.replace("factors", "factor"))
    result = simclinic("sweep", study)
    assert "factors: must be a table" in result.err
    assert "is a scenario" not in result.err


def test_a_table_is_no_scenario(simclinic, tmp_path):
    table = tmp_path / "visits.csv"
    table.write_text("patient;date\n1;2026-01-01\n")
    for command in ("run", "check"):
        result = simclinic(command, table)
        assert result.status == 2
        assert "`simclinic calibrate`" in flat(result)


def test_what_holds_no_results_is_told_as_what_it_is(simclinic, begun, scenario, tmp_path):
    for command in ("results", "report"):
        assert "is a file" in simclinic(command, scenario).err
        assert f"simclinic run {begun}" in simclinic(command, begun).err
        assert "there is no such folder" in simclinic(command, tmp_path / "none").err
    assert simclinic("run", scenario, "--out", tmp_path / "all" / "one", "--no-report").status == 0
    assert f"such as {tmp_path / 'all' / 'one'}" in simclinic("report", tmp_path / "all").err
