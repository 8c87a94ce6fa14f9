"""`simclinic sweep` and `simclinic results` as people use them."""

import json
import re

import pandas as pd
import pytest

from simclinic.measures import KPIS
from simclinic.studies.sweep import ON
from tests.command_line import edit

STUDY = """
name = "Chairs and nurses"
scenario = "small.toml"
replications = 2
design = "grid"

[factors]
"clinic.chairs" = [2, 3]
"shifts.day.nurses" = [1, 2]
"""


@pytest.fixture
def study(scenario):
    file = scenario.parent / "study.toml"
    file.write_text(STUDY)
    return file


def test_a_sweep_ranks_and_lists_its_points(simclinic, study, tmp_path):
    result = simclinic("sweep", study, "--out", tmp_path / "out", "--workers", 1)
    assert result.status == 0
    assert result.err == ""
    assert "Chairs and nurses" in result.out
    assert "4 points over 2 factors, 2 replications of each" in result.out
    assert "clinic.chairs, 2 → 3" in result.out
    assert "Boosters:" in result.out
    assert max(map(len, result.out.partition("\nResults are in")[0].splitlines())) <= 80
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["engine"]["name"] in ("simpy", "fast")
    one = simclinic("sweep", study, "--out", tmp_path / "out", "--on", "slot_fill")
    assert "Boosters" not in one.out


def test_points_of_two_shifts_can_be_told_apart(simclinic, study, tmp_path):
    study.write_text(STUDY + '"shifts.night.nurses" = [1, 2]\n')
    shift = 'shifts.night={days=["mon"], hours="12:00-17:30", nurses=1}'
    result = simclinic("sweep", study, "--out", tmp_path / "out", "--on", "slot_fill", "--set", shift)
    assert result.status == 0, result.err
    heads = next(line for line in result.out.splitlines() if line.startswith("chairs"))
    assert heads.split()[:3] == ["chairs", "day.nurses", "night.nurses"]


@pytest.mark.parametrize("columns", [60, 80, 110])
def test_no_number_of_a_point_is_cut_or_broken(simclinic, study, tmp_path, monkeypatch, columns):
    """Eight columns of which the last, in millions, is the first to be out of room."""
    more = '"finance.fixed_per_week" = [12345678.5, 98765432.5]\n"run.start" = [2026-01-05, 2026-02-02]\n'
    study.write_text(STUDY.replace("replications = 2", "replications = 1") + more)
    result = simclinic("sweep", study, "--out", tmp_path / "out", "--json")
    monkeypatch.setenv("COLUMNS", str(columns))
    result = simclinic("results", tmp_path / "out")
    listed = result.out.partition("The points\n")[2]
    costs = pd.read_parquet(tmp_path / "out" / "points.parquet")["margin_per_week"]
    lines = [line.split() for line in listed.splitlines()]
    shown = [line[-1] for line in lines if line and re.fullmatch(r"-[0-9,]+", line[-1])]
    assert shown == [f"{cost:,.0f}" for cost in costs]
    assert "too little room" not in listed
    for name in ON:
        assert KPIS[name].label.split()[0] in listed
    assert max(map(len, result.out.splitlines())) <= columns


def test_names_as_long_as_may_be_leave_the_points_listed(simclinic, study, scenario, tmp_path):
    name = "a-name-as-long-as-nobody-would-choose-but-somebody-may-" * 2
    other = scenario.with_name("other.toml")
    other.write_text(f'extends = "{scenario.name}"\nname = "{name}"\n')
    study.write_text(STUDY.replace('scenario = "small.toml"', 'scenario = ["small.toml", "other.toml"]'))
    result = simclinic(
        "sweep", study, "--out", tmp_path / "out", "--on", "slot_fill", "--on", "margin_per_week"
    )
    assert result.status == 0, result.err
    listed = result.out.partition("The points\n")[2]
    assert "too little room" not in listed
    assert "…" not in result.out
    assert name in "".join(line[:24].strip() for line in listed.splitlines())
    assert result.out.endswith(f"\nResults are in {tmp_path / 'out'}\n")  # in one line, to be copied


def test_json_is_the_summary_of_the_folder(simclinic, study, tmp_path):
    result = simclinic("sweep", study, "--out", tmp_path / "out", "--json")
    document = json.loads(result.out)
    assert result.out == (tmp_path / "out" / "summary.json").read_text()
    assert (document["study"], document["points"], document["replications"]) == ("sweep", 4, 2)
    assert set(document["factors"]) == {"clinic.chairs", "shifts.day.nurses"}


def test_a_wrong_study_or_figure_is_told(simclinic, study, tmp_path):
    study.write_text(STUDY.replace("clinic.chairs", "clinic.charis"))
    result = simclinic("sweep", study, "--out", tmp_path / "out")
    assert result.status == 2
    assert "study.toml:8: clinic.charis: is not a setting of this table. Did you mean 'chairs'?" in result.err
    assert not (tmp_path / "out").exists()
    result = simclinic("sweep", study, "--on", "slot_fil")
    assert result.status == 2
    assert "'slot_fil' is not a key figure. Did you mean 'slot_fill'?" in result.err


def test_another_study_in_the_folder_is_refused(simclinic, study, tmp_path):
    simclinic("sweep", study, "--out", tmp_path / "out")
    result = simclinic("sweep", study, "--out", tmp_path / "out", "--seed", 2)
    assert result.status == 2
    assert "another seed" in result.err
    result = simclinic("sweep", study, "--out", tmp_path / "out", "--set", "clinic.chairs=7")
    assert result.status == 2
    assert "another scenario" in result.err


def test_results_of_any_study_can_be_looked_at(simclinic, scenario, study, tmp_path):
    ran = simclinic("run", scenario, "--out", tmp_path / "all" / "run")
    compared = simclinic(
        "compare",
        scenario,
        "--protocols",
        "twice-weekly,thrice-weekly",
        "--out",
        tmp_path / "all" / "compare",
    )
    swept = simclinic("sweep", study, "--out", tmp_path / "all" / "sweep")
    mirrored = simclinic(
        "run", scenario, "--antithetic", "--replications", 2, "--out", tmp_path / "all" / "run-antithetic"
    )
    for name, result in (
        ("run", ran),
        ("compare", compared),
        ("sweep", swept),
        ("run-antithetic", mirrored),
    ):
        again = simclinic("results", tmp_path / "all" / name)
        assert again.status == 0, again.err
        assert result.out.partition("\nResults are in")[0].strip() in again.out
        document = json.loads(simclinic("results", tmp_path / "all" / name, "--json").out)
        assert [held["study"] for held in document["folders"]] == [name]
    listed = simclinic("results", tmp_path / "all")
    assert listed.status == 0
    assert [line.split()[:2] for line in listed.out.splitlines()[2:]] == [
        ["compare", "compare"],
        ["run", "run"],
        ["run-antithetic", "run-antithetic"],
        ["sweep", "sweep"],
    ]


def test_results_name_what_is_damaged(simclinic, study, tmp_path):
    simclinic("sweep", study, "--out", tmp_path / "out")
    part = tmp_path / "out" / "runs" / "part-00000.parquet"
    content = bytearray(part.read_bytes())
    content[-20] ^= 1
    part.write_bytes(content)
    result = simclinic("results", tmp_path / "out")
    assert result.status == 1
    assert "runs/part-00000.parquet" in result.out.replace("\n  ", "")
    part.unlink()
    assert simclinic("results", tmp_path / "out").status == 1


def test_a_folder_without_results_is_told(simclinic, tmp_path):
    (tmp_path / "empty").mkdir()
    for folder, message in (
        ("empty", "contains no results of simclinic"),
        ("none", "there is no such folder"),
    ):
        result = simclinic("results", tmp_path / folder)
        assert result.status == 2
        assert message in result.err


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("summary.json", '{"kpis": [1]}'),
        ("summary.json", '{"kpis": {"slot_fill": 3}, "scenarios": 4}'),
        ("manifest.json", '{"schema_version": 1, "study": "run", "seed": "x"}'),
        ("manifest.json", '{"schema_version": 1, "study": "run", "planned": null}'),
        ("manifest.json", '{"schema_version": 1, "study": "run", "parts": [1]}'),
        ("manifest.json", '{"schema_version": 1, "study": "run", "parts": {"../../secret": "00"}}'),
    ],
)
@pytest.mark.parametrize("command", ["run", "compare", "sweep"])
def test_what_somebody_edited_is_told(simclinic, scenario, study, tmp_path, command, file, text):
    more = ("--protocols", "twice-weekly,thrice-weekly") if command == "compare" else ()
    simclinic(command, study if command == "sweep" else scenario, *more, "--out", tmp_path / "out")
    text = text.replace('"run"', f'"{command}"')
    if file == "manifest.json":
        (tmp_path / "out" / file).write_text(text)
    else:
        edit(tmp_path / "out", file, text)
    result = simclinic("results", tmp_path / "out")
    assert result.status in (1, 2)
    assert result.err.startswith("Error: ")
