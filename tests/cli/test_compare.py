"""`simclinic compare`, as people and scripts use it."""

import csv
import json

import pytest

from simclinic.measures import KPIS

MONEY = {name for name, kpi in KPIS.items() if kpi.group == "money"} - {"ketamine_mg_per_week"}


@pytest.fixture
def other(tmp_path, scenario):
    file = tmp_path / "more.toml"
    file.write_text(scenario.read_text().replace("Small clinic", "One nurse") + "[shifts.day]\nnurses = 1\n")
    file.write_text('extends = "small.toml"\nname = "Slower clinic"\n[visit.steps.infusion]\nminutes = 60\n')
    return file


def document(result):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    assert result.status == 0, result.err
    return json.loads(result.out, parse_constant=refuse)


def test_the_documented_document(simclinic, scenario, other, tmp_path):
    result = simclinic("compare", scenario, other, "--json", "--out", tmp_path / "out")
    actual = document(result)
    assert result.out == (tmp_path / "out" / "summary.json").read_text()
    assert actual["study"] == "compare"
    assert [each["name"] for each in actual["scenarios"]] == ["Small clinic", "Slower clinic"]
    assert list(actual["scenarios"][0]["kpis"]) == list(KPIS)
    (between,) = actual["differences"]
    assert (between["from"], between["to"]) == ("Small clinic", "Slower clinic")
    assert list(between["kpis"]) == list(KPIS)
    visit = between["kpis"]["visit_minutes_mean"]
    assert list(visit) == ["mean", "sd", "ci", "n", "p", "p_holm", "variance_ratio", "verdict", "unit"]
    assert visit["mean"] > 15
    assert visit["n"] == actual["replications"] == 3
    assert visit["verdict"].startswith(("a visit ", "perhaps a visit "))
    one, two = (each["kpis"]["visit_minutes_mean"]["mean"] for each in actual["scenarios"])
    assert visit["mean"] == pytest.approx(two - one)


def test_a_scenario_compared_with_itself_differs_by_exactly_nothing(simclinic, scenario):
    result = document(simclinic("compare", scenario, scenario, "--json", "--out", scenario.parent / "out"))
    assert [each["name"] for each in result["scenarios"]] == ["Small clinic", "Small clinic (2)"]
    for each in result["differences"][0]["kpis"].values():
        if each["n"]:
            assert (each["mean"], each["sd"], each["p"]) == (0.0, 0.0, 1.0)
            assert each["variance_ratio"] is None
            if each["ci"] == [0.0, 0.0]:
                assert each["verdict"] == "exactly the same in 3 replications"
            else:  # neither has seen any: that both have none is not known
                assert each["ci"][0] == -each["ci"][1] < 0
                assert each["verdict"].startswith("the same in 3 replications, so at most ")


def test_prices_move_nothing_but_money(simclinic, scenario, tmp_path):
    dear = tmp_path / "dear.toml"
    dear.write_text(
        'extends = "small.toml"\nname = "Dear"\n[finance]\nchair_day = 500\nprice_per_infusion = 700\n'
    )
    result = document(simclinic("compare", scenario, dear, "--json", "--out", tmp_path / "out"))
    kpis = result["differences"][0]["kpis"]
    for name, each in kpis.items():
        if name not in MONEY:
            assert each["mean"] in (0.0, None), name
    # 400 more for each of three chairs on each of five days, four weeks long, in every replication
    assert kpis["cost_per_week"]["mean"] == pytest.approx(6000)
    assert kpis["cost_per_week"]["sd"] == 0
    assert kpis["margin_per_week"]["mean"] != 0


def test_protocols_of_one_scenario(simclinic, scenario, tmp_path):
    arguments = ("compare", scenario, "--protocols", "twice-weekly, thrice-weekly", "--out", tmp_path / "out")
    result = document(simclinic(*arguments, "--json"))
    assert [each["name"] for each in result["scenarios"]] == ["twice-weekly", "thrice-weekly"]
    assert result["differences"][0]["kpis"]["series_days_mean"]["mean"] < -3
    folders = sorted(path.name for path in (tmp_path / "out").iterdir() if path.is_dir())
    assert folders == ["01-twice-weekly", "02-thrice-weekly"]
    shown = simclinic(*arguments)
    assert "a series " in " ".join(shown.out.split())
    assert "thrice-weekly against twice-weekly" in shown.out
    assert max(len(line) for line in shown.out.splitlines()[:-1]) <= 80


def test_any_number_of_workers_gives_the_same_bytes(simclinic, scenario, other, tmp_path):
    result = [
        simclinic(
            "compare", scenario, other, "--json", "--workers", number, "--out", tmp_path / f"by-{number}"
        )
        for number in (1, 2)
    ]
    assert result[0].status == 0
    assert result[0].out == result[1].out
    by_one, by_two = (
        {
            file.relative_to(folder): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.name not in ("manifest.json", ".lock")
        }
        for folder in (tmp_path / "by-1", tmp_path / "by-2")
    )
    assert by_one == by_two
    assert len(by_one) > 10


def test_only_some_figures(simclinic, scenario, other, tmp_path):
    result = simclinic(
        *("compare", scenario, other, "--kpis", "visit_minutes_mean,access_days_mean"),
        *("--json", "--out", tmp_path / "out"),
    )
    kpis = document(result)["differences"][0]["kpis"]
    assert list(kpis) == ["access_days_mean", "visit_minutes_mean"]
    smaller, larger = sorted(each["p"] for each in kpis.values())
    assert sorted(each["p_holm"] for each in kpis.values()) == pytest.approx(
        sorted([min(1, 2 * smaller), max(min(1, 2 * smaller), larger)])
    )


def test_more_than_two_are_each_held_against_the_first(simclinic, scenario, other, tmp_path):
    result = simclinic("compare", scenario, other, scenario, "--json", "--out", tmp_path / "out")
    actual = document(result)
    assert [(each["from"], each["to"]) for each in actual["differences"]] == [
        ("Small clinic", "Slower clinic"),
        ("Small clinic", "Small clinic (2)"),
    ]
    rows = list(csv.DictReader((tmp_path / "out" / "summary.csv").read_text().splitlines()))
    assert len(rows) == 2 * len(KPIS)
    assert {row["to"] for row in rows} == {"Slower clinic", "Small clinic (2)"}


def test_until_goes_on_until_the_difference_is_known(simclinic, scenario, other, tmp_path):
    arguments = ("compare", scenario, other, "--json", "--out", tmp_path / "out")
    result = document(simclinic(*arguments, "--until", "visit_minutes_mean=4"))
    (aim,) = result["until"]
    assert aim["reached"]
    assert aim["half_width"] <= 4
    assert result["replications"] >= 20
    low, high = result["differences"][0]["kpis"]["visit_minutes_mean"]["ci"]
    assert (high - low) / 2 == pytest.approx(aim["half_width"])
    # the same again makes nothing new, and says the same
    assert document(simclinic(*arguments, "--until", "visit_minutes_mean=4")) == result
    given_up = document(simclinic(*arguments, "--until", "visit_minutes_mean=0.0001", "--at-most", "20"))
    assert given_up["replications"] == 20
    assert not given_up["until"][0]["reached"]
    assert "known only to" in " ".join(given_up["warnings"])


def test_what_is_wanted_is_told_in_the_clinic_s_money(simclinic, scenario, other, tmp_path):
    result = document(
        simclinic(
            *("compare", scenario, other, "--until", "cost_per_week=100000", "--set", "finance.currency=EUR"),
            *("--json", "--out", tmp_path / "out"),
        )
    )
    (aim,) = result["until"]
    assert aim["target"] == "100000 EUR/week"
    assert "EUR/week after 20 pairs (wanted: 100000 EUR/week)" in aim["told"]


def test_of_an_unfinished_comparison_the_results_so_far_are_counted(
    simclinic, scenario, other, tmp_path, monkeypatch
):
    def killed(*_arguments, **_options):
        raise RuntimeError("the plug was pulled")

    monkeypatch.setattr("simclinic.studies.compare._document", killed)
    out = tmp_path / "out"
    assert simclinic("compare", scenario, other, "--replications", 3, "--out", out).status == 1
    result = simclinic("results", out)
    assert "6 of 6 replications" in result.out
    assert "not finished" in result.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("compare",), "Missing argument"),
        (("compare", "SMALL"), "needs two scenarios"),
        (("compare", "SMALL", "--protocols", "twice-weekly"), "needs two scenarios"),
        (("compare", "SMALL", "--protocols", "twice-weekly,thrice-weakly"), "Did you mean 'thrice-weekly'"),
        (("compare", "SMALL", "SMALL", "--kpis", "slot_fil"), "Did you mean 'slot_fill'"),
        (("compare", "SMALL", "SMALL", "--until", "slot_fill"), "KPI=VALUE"),
        (("compare", "SMALL", "SMALL", "--until", "slot_fill=5%"), "in the figure's unit"),
        (("compare", "SMALL", "SMALL", "--until", "slot_fill=-1"), "above 0"),
        (("compare", "SMALL", "SMALL", "--until", "slot=1"), "is not a key figure"),
        (
            ("compare", "SMALL", "SMALL", "--until", "slot_fill=1", "--replications", "3"),
            "leave --replications",
        ),
        (("compare", "SMALL", "nowhere.toml"), "no such file"),
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
    assert not (tmp_path / "results").exists()


def test_another_comparison_does_not_go_into_its_folder(simclinic, scenario, other, tmp_path):
    out = ("--out", tmp_path / "out", "--replications", "1")
    assert simclinic("compare", scenario, other, *out).status == 0
    result = simclinic("compare", other, scenario, *out)
    assert result.status == 2
    assert "holds results of another" in result.err
    result = simclinic("run", scenario, *out)
    assert result.status == 2


def test_what_cannot_be_held_against_each_other_is_said(simclinic, scenario, tmp_path):
    other = tmp_path / "later.toml"
    other.write_text(
        'extends = "small.toml"\nname = "Later"\n[run]\nstart = 2026-03-02\n[finance]\ncurrency = "EUR"\n'
    )
    warnings = document(
        simclinic("compare", scenario, other, "--json", "--replications", "2", "--out", tmp_path / "out")
    )["warnings"]
    assert warnings[0].startswith("Later is measured over other weeks than Small clinic")
    assert warnings[1].startswith("amounts of Later are in EUR, those of Small clinic in USD")


def test_a_mix_that_changes_cannot_be_put_on_one_protocol(simclinic, scenario, tmp_path):
    scenario.write_text(
        scenario.read_text() + '[changes."2026-01-12"]\n"demand.protocol_mix" = { thrice-weekly = 1.0 }\n'
    )
    result = simclinic(
        "compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--out", tmp_path / "o"
    )
    assert result.status == 2
    assert "changes demand.protocol_mix on 2026-01-12" in result.err
