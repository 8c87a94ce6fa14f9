"""Folders that are not as they were written, or not of this study."""

import re
import shutil

import pytest

from simclinic.store import manifest
from simclinic.store.tables import TABLES
from tests.faults.processes import data


@pytest.mark.parametrize("table", ["runs", "weeks", "profiles", "ramp", "waits"])
@pytest.mark.parametrize("harm", ["a flipped bit", "cut short", "gone"])
def test_a_damaged_part_is_simulated_again(simclinic, scenario, tmp_path, table, harm):
    out = tmp_path / "out"
    whole = simclinic("run", scenario, "--replications", 2, "--out", out, "--json")
    before = data(out)
    part = out / table / "part-00000.parquet"
    content = bytearray(part.read_bytes())
    if harm == "gone":
        part.unlink()
    else:
        content[len(content) // 3] ^= 4
        part.write_bytes(content if harm == "a flipped bit" else content[:-100])
    part_as_harmed = b"" if harm == "gone" else part.read_bytes()
    result = simclinic("run", scenario, "--replications", 2, "--out", out, "--json")
    assert (result.status, result.out) == (0, whole.out)
    assert data(out) == before
    assert re.search(
        r"^\d+ parts? of .*/out (was|were) damaged or missing, and simulated again\.$",
        result.err,
        re.MULTILINE,
    )
    aside = sorted(str(file.relative_to(out)) for file in out.rglob("*.damaged-1"))
    gone = {table} if harm == "gone" else set()
    assert aside == sorted(f"{each}/part-00000.parquet.damaged-1" for each in set(TABLES) - gone)
    if not gone:
        assert (out / table / "part-00000.parquet.damaged-1").read_bytes() == part_as_harmed
    # what is set aside is no part any more, for nobody
    assert simclinic("results", out).status == 0


def test_a_damaged_part_that_is_not_asked_for_does_not_stand_in_the_way(
    simclinic, scenario, tmp_path, monkeypatch
):
    monkeypatch.setattr("simclinic.store.part_files.MOST_REPLICATIONS", 2)
    whole = simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "two", "--json")
    out = tmp_path / "out"
    simclinic("run", scenario, "--replications", 4, "--out", out)
    (out / "runs" / "part-00001.parquet").write_bytes(b"nothing")
    result = simclinic("run", scenario, "--replications", 2, "--out", out, "--json")
    assert (result.status, result.out) == (0, whole.out)
    simclinic("run", scenario, "--replications", 4, "--out", out)
    simclinic("run", scenario, "--replications", 4, "--out", tmp_path / "four")
    for table in ("runs", "weeks"):
        assert (out / table / "part-00001.parquet").read_bytes() == (
            tmp_path / "four" / table / "part-00001.parquet"
        ).read_bytes()


@pytest.mark.parametrize("command", ["run", "compare", "sweep"])
def test_a_writer_killed_at_the_very_beginning_leaves_a_folder_to_go_on_with(
    simclinic, scenario, tmp_path, monkeypatch, command
):
    study = tmp_path / "study.toml"
    study.write_text(
        'name = "s"\nscenario = "small.toml"\ndesign = "grid"\n[factors]\n"clinic.chairs" = [1, 2]\n'
    )
    rest = {
        "run": (scenario,),
        "compare": (scenario, scenario),
        "sweep": (study,),
    }[command]
    arguments = (command, *rest, "--replications", 1, "--out", tmp_path / "out", "--json")

    def killed(*_arguments):
        raise RuntimeError("the plug was pulled")

    with monkeypatch.context() as patch:
        # nothing is tidied up by a killed process: what is there stays
        patch.setattr(
            f"simclinic.store.{'sweep_folder.SweepFolder' if command == 'sweep' else 'run_folder.RunFolder'}"
            "._find_finished",
            killed,
        )
        assert simclinic(*arguments).status == 1
    result = simclinic(*arguments)
    assert result.status == 0, result.err


def test_another_scenario_seed_or_program_is_refused(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    simclinic("run", scenario, "--replications", 1, "--out", out)
    before = data(out)
    for arguments, message in (
        (("--set", "clinic.chairs=4"), "another scenario"),
        (("--seed", "2"), "another seed (1, not 2)"),
    ):
        result = simclinic("run", scenario, "--replications", 1, "--out", out, *arguments)
        assert result.status == 2
        assert message in result.err
    manifest.write(out, {**manifest.read(out), "code_version": "0.0.1+abc"})
    result = simclinic("run", scenario, "--replications", 1, "--out", out)
    assert result.status == 2
    assert "another version of the program" in result.err
    assert data(out) == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 99}', "\udcff"])
def test_a_manifest_that_cannot_be_read_is_refused(simclinic, scenario, tmp_path, text):
    out = tmp_path / "out"
    out.mkdir()
    (out / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    result = simclinic("run", scenario, "--out", out)
    assert result.status == 2
    assert "manifest.json" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("lost", ["runs", "weeks", "ramp", "profiles"])
def test_a_table_that_is_gone_is_named(simclinic, scenario, tmp_path, lost):
    folder = tmp_path / "out"
    assert simclinic("run", scenario, "--out", folder).status == 0
    assert simclinic("results", folder).status == 0
    shutil.rmtree(folder / lost)
    result = simclinic("results", folder)
    assert result.status == 1
    assert f"{lost}/part-00000.parquet" in result.out


def test_a_scenario_of_a_comparison_that_is_gone_is_named(simclinic, scenario, tmp_path):
    folder = tmp_path / "out"
    assert (
        simclinic("compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--out", folder).status
        == 0
    )
    assert simclinic("results", folder).status == 0
    shutil.rmtree(folder / "01-twice-weekly" / "runs")
    assert "01-twice-weekly/runs/part-00000.parquet" in simclinic("results", folder).out
    shutil.rmtree(folder / "01-twice-weekly")
    result = simclinic("results", folder)
    assert result.status == 1
    assert "01-twice-weekly/" in result.out
