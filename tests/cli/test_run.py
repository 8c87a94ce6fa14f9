"""`simclinic run`, as people and scripts use it."""

import csv
import getpass
import json
import platform
from importlib import import_module
from pathlib import Path

import pytest

from simclinic.measures import KPIS
from simclinic.scenario import Scenario
from simclinic.scenario.parse import parse


def strict(text):
    """Read JSON that holds no NaN and no infinity."""

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def data(folder: Path) -> dict[str, bytes]:
    """Everything in a folder but the manifest, which has the time in it, and the lock."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in ("manifest.json", ".lock")
    }


def test_the_table_is_for_a_manager(simclinic, scenario, tmp_path):
    result = simclinic("run", scenario, "--out", tmp_path / "out")
    assert result.status == 0
    lines = result.out.splitlines()
    for group in ("GETTING IN", "THE VISIT", "THE TEAM", "BOOSTERS", "MONEY"):
        assert group in lines
    assert "4 weeks from 2026-01-05 after 3 weeks of warm-up, 3 replications, seed 1" in lines
    for message in (
        "95 % interval",
        "p10–p90",
        "unit",
        "Revenue",
        "USD/week",
        "Boosters a week, by simulated year",
    ):
        assert message in result.out
    assert "What the plan can start: 60 visits a week" in lines
    assert "  Mon to Fri  12 starts a day  limited by chairs" in lines
    # A long path has a line of its own, and may be wider than the table: it is there to be copied.
    assert result.out.split()[-4:] == f"Results are in {tmp_path / 'out'}".split()
    assert max(len(line) for line in lines if str(tmp_path) not in line) <= 80
    assert not any(line != line.rstrip() for line in lines)
    assert "\x1b" not in result.out
    assert result.err == ""  # no progress bar where there is no terminal


def test_every_figure_is_in_the_table(simclinic, scenario, tmp_path):
    result = simclinic("run", scenario, "--out", tmp_path / "out")
    running = " ".join(result.out.split())
    for kpi in KPIS.values():
        # a label may be wrapped, its numbers standing on the first line
        assert kpi.label.split()[0] in running


def test_explain_gives_every_definition(simclinic, scenario, tmp_path):
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--explain")
    running = " ".join(result.out.split())
    for kpi in KPIS.values():
        assert f"({kpi.name})" in running
        assert kpi.definition in running


def test_json_is_the_documented_document(simclinic, scenario, tmp_path):
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--json")
    assert result.status == 0
    assert result.out == (tmp_path / "out" / "summary.json").read_text()
    document = strict(result.out)
    assert list(document) == [
        *(
            "schema_version",
            "study",
            "scenario",
            "seed",
            "replications",
            "horizon",
            "verdict",
            "verdict_reasons",
            "stable",
            "day_verdict",
            "day_verdict_reasons",
            "warnings",
            "kpis",
            "at_once",
        ),
    ]
    assert document["schema_version"] == 1
    assert (document["study"], document["scenario"]) == ("run", "Small clinic")
    assert (document["seed"], document["replications"]) == (1, 3)
    assert document["horizon"] == {"start": "2026-01-05", "warm_up_weeks": 3, "weeks": 4}
    assert list(document["kpis"]) == list(KPIS)
    for name, figure in document["kpis"].items():
        if figure is None:
            assert any(warning.startswith(f"{name} cannot be computed: ") for warning in document["warnings"])
            continue
        assert list(figure) == ["mean", "sd", "ci", "p10", "p90", "n", "unit", "method", "coverage"]
        assert figure["unit"] == KPIS[name].unit
    given = document["kpis"]["infusions_per_week"]
    assert given["n"] == 3
    assert given["ci"][0] < given["mean"] < given["ci"][1]
    assert given["p10"] <= given["mean"] <= given["p90"]


def test_what_cannot_be_computed_is_null_and_says_why(simclinic, scenario, tmp_path):
    result = simclinic(
        "run", scenario, "--set", "demand.referrals_per_week=0", "--out", tmp_path / "out", "--json"
    )
    document = strict(result.out)
    assert document["kpis"]["access_days_mean"] is None
    assert any(
        warning.startswith("access_days_mean cannot be computed: ") for warning in document["warnings"]
    )
    assert document["kpis"]["infusions_per_week"]["mean"] == 0


def test_one_replication_has_no_spread(simclinic, scenario, tmp_path):
    result = simclinic("run", scenario, "--replications", 1, "--out", tmp_path / "out", "--json")
    figure = strict(result.out)["kpis"]["infusions_per_week"]
    assert figure["sd"] is None
    assert figure["ci"] is None
    assert figure["p10"] == figure["mean"] == figure["p90"]
    table = simclinic("run", scenario, "--replications", 1, "--out", tmp_path / "out").out
    assert "1 replication, seed 1" in table
    assert "None" not in table
    assert "nan" not in table


def test_two_runs_are_equal_byte_for_byte_and_another_seed_differs(simclinic, scenario, tmp_path):
    one = simclinic("run", scenario, "--out", tmp_path / "one", "--json")
    two = simclinic("run", scenario, "--out", tmp_path / "two", "--json")
    assert one.out == two.out
    assert data(tmp_path / "one") == data(tmp_path / "two")
    other = simclinic("run", scenario, "--seed", 2, "--out", tmp_path / "other", "--json")
    for name, content in data(tmp_path / "one").items():
        if name != "failures.jsonl":
            assert data(tmp_path / "other")[name] != content
    assert other.out != one.out


def test_more_replications_extend_a_folder(simclinic, scenario, tmp_path):
    simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "grown")
    grown = simclinic("run", scenario, "--replications", 5, "--out", tmp_path / "grown", "--json")
    fresh = simclinic("run", scenario, "--replications", 5, "--out", tmp_path / "fresh", "--json")
    assert grown.out == fresh.out
    assert data(tmp_path / "grown") == data(tmp_path / "fresh")


def test_fewer_replications_are_the_first_of_those_held(simclinic, scenario, tmp_path):
    simclinic("run", scenario, "--replications", 5, "--out", tmp_path / "held", "--json")
    before = data(tmp_path / "held")
    fewer = simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "held", "--json")
    assert (
        fewer.out == simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "two", "--json").out
    )
    assert "contains 5 replications of earlier commands; the first 2 are shown" in fewer.err
    assert data(tmp_path / "held") == before


def test_settings_given_on_the_command_line_hold(simclinic, scenario, tmp_path):
    one = simclinic("run", scenario, "--out", tmp_path / "one", "--json")
    arguments = ("--set", "clinic.chairs=1", "--set", "shifts.day.nurses=1")
    two = simclinic("run", scenario, *arguments, "--out", tmp_path / "two", "--json")
    assert strict(one.out)["kpis"] != strict(two.out)["kpis"]
    manifest = json.loads((tmp_path / "two" / "manifest.json").read_text())
    assert manifest["overrides"] == ["clinic.chairs=1", "shifts.day.nurses=1"]
    assert "chairs = 1" in (tmp_path / "two" / "scenario.resolved.toml").read_text()


def test_the_default_folder_is_named_for_scenario_and_settings(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for seed in (1, 1, 2):
        assert simclinic("run", "small.toml", "--seed", seed).status == 0
    assert simclinic("run", "small.toml", "--replications", 2).status == 0
    folders = sorted(path.name for path in Path("results").iterdir())
    assert len(folders) == 2  # more or fewer replications stay in the folder, another seed does not
    for name in folders:
        assert name.startswith("small-clinic-run-")
        assert len(name) == len("small-clinic-run-") + 8


def test_the_resolved_scenario_gives_the_same_results(simclinic, scenario, tmp_path):
    one = simclinic("run", scenario, "--seed", 5, "--replications", 2, "--out", tmp_path / "one", "--json")
    again = simclinic("run", tmp_path / "one" / "scenario.resolved.toml", "--out", tmp_path / "two", "--json")
    assert one.out == again.out


def test_an_overloaded_clinic_is_told_so(simclinic, scenario, tmp_path):
    arguments = (
        "--set",
        "demand.referrals_per_week=80",
        "--set",
        'run.begin="empty"',
        "--set",
        "run.warm_up_weeks=30",
    )
    result = simclinic("run", scenario, *arguments, "--replications", 2, "--out", tmp_path / "out")
    assert result.status == 0
    assert "NOT STABLE" in result.out
    assert "on paper patients ask for " in result.out


def test_the_manifest_names_neither_machine_nor_person_nor_path(simclinic, scenario, tmp_path):
    simclinic("run", scenario, "--out", tmp_path / "out")
    text = (tmp_path / "out" / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert platform.node() not in text
    assert f'"{getpass.getuser()}"' not in text
    manifest = json.loads(text)
    assert manifest["arguments"]["scenario"] == "small.toml"
    assert (manifest["planned"], manifest["done"], manifest["failed"]) == (3, 3, 0)
    assert manifest["started"] <= manifest["ended"]
    assert set(manifest) >= {
        "schema_version",
        "scenario_hash",
        "seed",
        "key_scheme",
        "python",
        "packages",
        "code_version",
    }


def test_the_spreadsheet_holds_no_formulas(simclinic, scenario, tmp_path):
    scenario.write_text(scenario.read_text().replace("Small clinic", "=1+1"))
    simclinic("run", scenario, "--out", tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "summary.csv").read_text().splitlines()))
    assert [row["kpi"] for row in rows] == list(KPIS)
    assert {row["scenario"] for row in rows} == {"'=1+1"}
    growth = next(row for row in rows if row["kpi"] == "backlog_growth_per_week")
    assert all(not growth[column].startswith("'") for column in ("mean", "ci_low", "p10"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "Missing argument 'SCENARIO'"),
        (("run", "nowhere.toml"), "there is no such file"),
        (("run", "SMALL", "--replications", "0"), "run.replications"),
        (("run", "SMALL", "--replications", "many"), "not a valid integer"),
        (("run", "SMALL", "--seed", "-1"), "run.seed"),
        (("run", "SMALL", "--set", "clinic.chair=3"), "Did you mean 'chairs'"),
        (("run", "SMALL", "--set", "clinic.chairs"), "--set"),
        (("run", "SMALL", "--workers", "two"), "not a valid integer"),
        (("walk", "SMALL"), "No such command"),
        (("--frobnicate",), "No such option"),
    ],
)
def test_wrong_usage_is_told_and_writes_nothing(
    simclinic, scenario, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    result = simclinic(*(str(scenario) if argument == "SMALL" else argument for argument in arguments))
    assert result.status == 2
    assert message in result.err
    assert result.out == ""
    assert "Traceback" not in result.err
    assert not Path("results").exists()


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_the_table_fits_the_terminal(simclinic, scenario, tmp_path, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    result = simclinic("run", scenario, "--out", tmp_path / "out")
    assert max(map(len, result.out.splitlines()[:-1])) <= min(max(int(columns), 60), 110)


@pytest.mark.parametrize(("options", "checks"), [((), 2), (("--replications", 2, "--seed", 5), 3)])
def test_a_run_parses_its_file_once_and_checks_its_scenario_as_seldom(
    simclinic, scenario, tmp_path, monkeypatch, options, checks
):
    """Once as it is given, once more with options of its own, and once by the report, which reads the folder."""
    monkeypatch.delenv("SIMCLINIC_NO_REPORT")
    parsed, checked = [], []
    check = Scenario.model_validate
    loading = import_module("simclinic.scenario.load")  # its function has the module's name
    monkeypatch.setattr(loading, "parse", lambda text, name: parsed.append(name) or parse(text, name))
    monkeypatch.setattr(Scenario, "model_validate", lambda tables: checked.append(tables) or check(tables))
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--workers", 1, *options)
    assert result.status == 0
    assert parsed == [str(scenario), str(tmp_path / "out" / "scenario.resolved.toml")]
    assert len(checked) == checks


def test_adjusted_means_have_their_plain_ones_beside_them(simclinic, scenario, tmp_path):
    """From 20 replications on; --plain leaves the adjustment out."""
    arguments = ("run", scenario, "--replications", 20, "--workers", 1)
    adjusted = json.loads(simclinic(*arguments, "--out", tmp_path / "a", "--json").out)["kpis"]
    plain = json.loads(simclinic(*arguments, "--out", tmp_path / "b", "--plain", "--json").out)["kpis"]
    changed = [name for name in adjusted if adjusted[name] != plain[name]]
    assert "infusions_per_week" in changed
    for name in changed:
        assert adjusted[name]["method"] == "adjusted"
        assert adjusted[name]["plain"] == {key: plain[name][key] for key in ("mean", "ci")}
        assert {key: adjusted[name][key] for key in ("sd", "p10", "p90", "n")} == {
            key: plain[name][key] for key in ("sd", "p10", "p90", "n")
        }
    said = simclinic(*arguments, "--out", tmp_path / "a").out
    assert "--plain" in said
    fewer = simclinic(
        "run", scenario, "--replications", 19, "--out", tmp_path / "c", "--workers", 1, "--json"
    )
    assert not any("plain" in figure for figure in json.loads(fewer.out)["kpis"].values())


def test_differences_are_those_of_the_adjusted_means_beside_them(simclinic, scenario, tmp_path):
    other = Path(scenario).with_name("other.toml")
    other.write_text(f'extends = "{Path(scenario).name}"\nname = "Later"\n[relapse]\ndays = 9\n')
    document = json.loads(
        simclinic(
            "compare",
            scenario,
            other,
            "--replications",
            30,
            "--out",
            tmp_path / "d",
            "--workers",
            1,
            "--json",
        ).out
    )
    [between] = document["differences"]
    first, second = (each["kpis"] for each in document["scenarios"])
    for name in ("infusions_per_week", "margin_per_week", "chair_utilisation"):
        assert between["kpis"][name]["mean"] == pytest.approx(second[name]["mean"] - first[name]["mean"])
