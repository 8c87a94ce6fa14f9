"""`simclinic run --replications auto`, and mirrored pairs."""

import json

import numpy as np
import pytest

import simclinic as package
from simclinic.experiment.antithetic import pair_means

KPI = "visit_minutes_mean"


def document(result):
    assert result.status == 0, result.err
    return json.loads(result.out)


def test_auto_goes_on_until_means_are_known(simclinic, scenario, tmp_path):
    wanted = ("--replications", "auto", "--precision", "2%", "--on", KPI)
    arguments = ("run", scenario, *wanted, "--out", tmp_path / "out")
    result = document(simclinic(*arguments, "--json"))
    (aim,) = result["precision"]
    assert aim["reached"]
    assert result["replications"] >= 20
    assert result["replications"] % 10 == 0
    low, high = result["kpis"][KPI]["ci"]
    assert (high - low) / 2 <= 0.02 * result["kpis"][KPI]["mean"]
    assert aim["half_width"] == pytest.approx((high - low) / 2)
    assert document(simclinic(*arguments, "--json")) == result
    assert "known to ±" in " ".join(simclinic(*arguments).out.split())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["arguments"]["replications"] == "auto"


def test_auto_in_the_figures_unit_and_what_was_not_reached(simclinic, scenario, tmp_path):
    result = document(
        simclinic(
            *("run", scenario, "--replications", "auto", "--precision", "0.001", "--on", f"{KPI},slot_fill"),
            *("--at-most", "20", "--json", "--out", tmp_path / "out"),
        )
    )
    assert result["replications"] == 20
    assert [aim["kpi"] for aim in result["precision"]] == [KPI, "slot_fill"]
    (message,) = [message for message in result["warnings"] if message.startswith(KPI)]
    assert "known only to ± " in message
    assert "would be enough" in message


def test_what_cannot_be_computed_does_not_keep_it_going(simclinic, scenario, tmp_path):
    walk_in = tmp_path / "walk-in.toml"
    walk_in.write_text('extends = "small.toml"\n[booking]\nmode = "walk-in"\n')
    result = document(
        simclinic(
            *("run", walk_in, "--replications", "auto", "--on", "slot_fill", "--json"),
            *("--out", tmp_path / "out"),
        )
    )
    assert result["replications"] == 20
    assert any("no precision was reached" in message for message in result["warnings"])


def test_pairs_have_mirrored_luck_and_folders_of_their_own(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    arguments = ("run", scenario, "--replications", "6", "--antithetic", "--json", "--out", out)
    actual = document(simclinic(*arguments))
    assert actual["study"] == "run-antithetic"
    assert actual["kpis"][KPI]["n"] == 6
    single = document(
        simclinic("run", scenario, "--replications", "3", "--json", "--out", tmp_path / "single")
    )
    single, runs = (
        package.load(scenario).run(number, out=folder, antithetic=mirrored).runs
        for number, folder, mirrored in ((3, tmp_path / "single", False), (6, out, True))
    )
    # the first of each pair is the ordinary replication
    assert runs[KPI][::2].tolist() == single[KPI].tolist()
    assert runs[KPI][1::2].tolist() != single[KPI].tolist()
    means = runs[KPI].to_numpy().reshape(3, 2).mean(axis=1)
    assert actual["kpis"][KPI]["mean"] == pytest.approx(means.mean())
    low, high = actual["kpis"][KPI]["ci"]
    assert high - low == pytest.approx(2 * 4.302653 * means.std(ddof=1) / np.sqrt(3), rel=1e-5)
    result = simclinic("run", scenario, "--replications", "6", "--out", out)
    assert result.status == 2
    assert "another study" in result.err


def test_pairs_win_something(scenario):
    clinic = package.load(scenario, ["run.weeks=12", 'run.begin="empty"', "run.warm_up_weeks=8"])
    mirrored = clinic.run(40, antithetic=True).runs["infusions_per_week"].to_numpy()
    first, second = mirrored[::2], mirrored[1::2]
    assert np.corrcoef(first, second)[0, 1] < -0.2


def test_a_pair_lacking_one_is_left_out():
    columns = {"replication": np.array([0, 1, 2, 5, 4, 7]), "a": np.array([1.0, 3.0, 9.0, 20.0, 10.0, 9.0])}
    assert pair_means(columns)["a"].tolist() == [2.0, 15.0]
    assert pair_means({}) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--precision", "5%"), "go with --replications auto"),
        (("--replications", "auto", "--precision", "0.5"), "name it with --on"),
        (("--replications", "auto", "--precision", "none"), "above 0"),
        (("--replications", "auto", "--on", "slot"), "is not a key figure"),
        (("--replications", "5", "--antithetic"), "is not an even number"),
        (("--replications", "automatic"), "not a valid integer"),
    ],
)
def test_wrong_usage_is_told(simclinic, scenario, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = simclinic("run", scenario, *arguments)
    assert result.status == 2
    assert message in result.err
    assert not (tmp_path / "results").exists()


def test_in_python():
    clinic = package.baseline().change('run.begin="empty"', "run.warm_up_weeks=2", "run.weeks=4")
    result = clinic.run("auto", precision="3%", on=[KPI])
    assert result.document["precision"][0]["reached"]
    assert len(result.runs) == result.document["replications"]
