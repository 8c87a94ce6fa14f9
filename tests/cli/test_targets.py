"""`--target`: added or replaced, judged, shown in words and in JSON, and refused with all mistakes at once."""

import json

import pytest

TARGETS = ("--target", "access_days_p90<=10", "--target", "overtime_minutes_per_day<=10")
GUARDS = ["balked_share", "booster_wait_days_mean", "overtime_day_share", "verdict"]


def document(found):
    assert found.status == 0, found.err
    return json.loads(found.out)


def test_without_targets_nothing_is_said_of_them(simclinic, scenario, tmp_path):
    said = document(simclinic("run", scenario, "--out", tmp_path / "out", "--json"))
    assert "targets" not in said
    assert "guard" not in simclinic("run", scenario, "--out", tmp_path / "out").out


def test_a_run_shows_each_target_and_the_guards(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    given = ("run", scenario, "--replications", 8, "--out", out, *TARGETS)
    said = document(simclinic(*given, "--json"))
    assert [target["figure"] for target in said["targets"]] == [
        "access_days_p90", "overtime_minutes_per_day", *GUARDS,
    ]  # fmt: skip
    access = said["targets"][0]
    assert access["by"] == "started_within_days_share"
    assert access["told"].startswith("At least 90 % of all who asked begin within 10 days (")
    assert (access["by_limit"], access["by_at_most"], access["state"], access["n"]) == (0.9, False, "met", 8)
    assert access["mean"] == said["kpis"]["started_within_days_share"]["mean"]
    # the table begins with them
    text = simclinic(*given).out
    assert 0 < text.index("of all who asked begin within 10 days") < text.index("GETTING IN")
    assert text.count(" guard ") == 4
    assert (
        "--target" in (out / "manifest.json").read_text() or '"target"' in (out / "manifest.json").read_text()
    )


def test_other_targets_are_judged_with_the_same_replications(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    first = document(simclinic("run", scenario, "--replications", 8, "--out", out, "--json"))
    impossible = "infusions_per_week<=1"
    second = document(
        simclinic("run", scenario, "--replications", 8, "--out", out, "--json", "--target", impossible)
    )
    assert second["targets"][0]["state"] == "missed"
    assert second["kpis"] == first["kpis"]
    assert {key: value for key, value in second.items() if key != "targets"} == first


def test_an_option_replaces_what_the_file_says(simclinic, scenario, tmp_path):
    scenario.write_text(scenario.read_text() + '\n[targets]\nchair_utilisation = "<= 0.01"\n')
    given = ("run", scenario, "--replications", 6, "--out", tmp_path / "out", "--json")
    assert document(simclinic(*given))["targets"][0]["state"] == "missed"
    [replaced, *_] = document(simclinic(*given, "--target", "chair_utilisation<=99%"))["targets"]
    assert (replaced["limit"], replaced["state"]) == (0.99, "met")


def test_years_are_said_by_the_weeks_that_are_measured(simclinic, scenario, tmp_path):
    said = document(
        simclinic(
            "run", scenario, "--out", tmp_path / "out", "--json", "--target", "wait_minutes_mean<=60 in 80%"
        )
    )
    assert "in 80 % of periods of 4 weeks" in said["targets"][0]["told"]
    assert said["targets"][0]["state"] == "open"  # three replications show nothing


def test_a_comparison_judges_each_scenario(simclinic, scenario, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(
        scenario.read_text().replace("Small clinic", "Full clinic") + "\n[demand]\nreferrals_per_week = 60\n"
    )
    given = ("compare", scenario, other, "--replications", 6, "--out", tmp_path / "out", *TARGETS)
    said = document(simclinic(*given, "--json"))
    states = [each["targets"][0]["state"] for each in said["scenarios"]]
    assert states == ["met", "missed"]
    text = simclinic(*given).out
    assert "Full clinic: MISSED: " in text


def test_a_sweep_counts_points(simclinic, scenario, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(
        f'name = "Referrals"\nscenario = "{scenario.name}"\ndesign = "grid"\nreplications = 6\n'
        '[factors]\n"demand.referrals_per_week" = [5, 60]\n'
    )
    given = ("sweep", study, "--out", tmp_path / "out", *TARGETS)
    said = document(simclinic(*given, "--json"))
    access = said["targets"][0]
    assert (access["met"], access["missed"], access["open"]) == (1, 1, 0)
    assert access["told"].endswith("met at 1, missed at 1, open at 0 of 2 points")
    assert "target At least 90 % of all who asked" in " ".join(simclinic(*given).out.split())
    import pyarrow.parquet as pq

    points = pq.read_table(tmp_path / "out" / "points.parquet")
    assert points["target_access_days_p90"].to_pylist() == ["met", "missed"]


def test_a_check_lists_what_will_be_judged(simclinic, scenario):
    said = document(simclinic("check", scenario, "--json", "--target", "access_days_p90<=10"))
    assert said["scenarios"][0]["targets"][0] == "target: At least 90 % of all who asked begin within 10 days"
    assert "guard: Turned away: at most 5 %" in simclinic("check", scenario, *TARGETS).out
    assert "targets" not in document(simclinic("check", scenario, "--json"))["scenarios"][0]


@pytest.mark.parametrize("command", ["run", "compare", "check"])
def test_all_mistakes_are_named_at_once(simclinic, scenario, command):
    wrong = ("acces_days_p90<=10", "balked_share=5%", "overtime_day_share<=500%")
    several = (scenario, scenario) if command == "compare" else (scenario,)
    said = simclinic(command, *several, *(part for target in wrong for part in ("--target", target)))
    assert said.status == 2
    text = " ".join((said.err + said.out).split())
    assert "Did you mean 'access_days_p90'?" in text
    assert "must be FIGURE<=VALUE or FIGURE>=VALUE" in text
    assert (
        "--target overtime_day_share<=500%: targets.overtime_day_share: must be a share of at most 1" in text
    )


def test_the_page_of_a_run_answers_with_its_targets(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT", raising=False)
    out = tmp_path / "out"
    assert simclinic("run", scenario, "--replications", 6, "--out", out, *TARGETS).status == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "At least 90 % of all who asked begin within 10 days" in page
