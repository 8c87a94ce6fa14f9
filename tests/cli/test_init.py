"""`simclinic init`: something to begin with."""

import json
import tomllib
from pathlib import Path

import jsonschema

from simclinic.scenario import baseline, load, scenario_hash

ROOT = Path(__file__).parents[2]


def test_what_it_writes_is_the_typical_clinic_with_its_schema(simclinic, tmp_path):
    result = simclinic("init", tmp_path / "mine")
    assert result.status == 0
    file = tmp_path / "mine" / "scenario.toml"
    assert "simclinic run" in result.out
    written = load(file)
    assert written.clinic == baseline().clinic
    first, _, rest = file.read_text().partition("\n")
    assert first == "#:schema ./simclinic.schema.json"
    schema = json.loads((tmp_path / "mine" / "simclinic.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    # dates are no JSON: their text is what editors check
    plain = json.loads(json.dumps(tomllib.loads(rest), default=str))
    jsonschema.Draft7Validator(schema).validate(plain)
    # every setting stands on a line of its own with a comment
    settings = [
        line for line in rest.splitlines() if " = " in line and not line.startswith(("#", "name", "desc"))
    ]
    assert settings
    assert all("#" in line for line in settings)


def test_it_can_be_checked_and_run_as_it_is(simclinic, tmp_path):
    simclinic("init", tmp_path)
    assert simclinic("check", tmp_path / "scenario.toml").status == 0
    short = (
        "--set",
        "run.weeks=2",
        "--set",
        'run.begin="empty"',
        "--set",
        "run.warm_up_weeks=0",
        "--replications",
        1,
    )
    assert simclinic("run", tmp_path / "scenario.toml", *short, "--out", tmp_path / "out").status == 0


def test_it_refuses_to_overwrite(simclinic, tmp_path):
    for name in ("scenario.toml", "simclinic.schema.json"):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text("mine")
        result = simclinic("init", folder)
        assert result.status == 2
        assert "already exist" in result.err
        assert [path.name for path in folder.iterdir()] == [name]
        assert (folder / name).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_told(simclinic, tmp_path):
    (tmp_path / "file").write_text("")
    result = simclinic("init", tmp_path / "file" / "below")
    assert result.status == 2
    assert "cannot be written" in result.err


def test_the_copy_that_is_installed_is_the_documented_scenario():
    documented = ROOT / "scenarios" / "baseline.toml"
    installed = ROOT / "simclinic" / "studies" / "scenario.toml"
    assert installed.read_text() == documented.read_text(), (
        "copy scenarios/baseline.toml to simclinic/studies/scenario.toml"
    )
    assert scenario_hash(load(installed)) == scenario_hash(load(documented))
