"""Studies that begin with a steady clinic: what pilot runs find is kept, said, and the same for every worker."""

import json
import math
from dataclasses import replace

import pytest

from simclinic.experiment import pilot
from simclinic.measures import KPIS, Expected, judge
from simclinic.measures.intervals import summarise_one
from simclinic.measures.shared_error import half_width
from simclinic.store import manifest
from simclinic.store.reader import table
from simclinic.studies import run as run_study
from tests.measures.test_stability import STEADY, rows

SETS = (
    "--set", 'run.begin="steady"', "--set", "run.history_weeks=120", "--set", "run.warm_up_weeks=1",
    "--replications", 4,
)  # fmt: skip


@pytest.fixture
def quick(monkeypatch):
    """Pilots of two weeks: what they find does not matter here."""
    monkeypatch.setattr(pilot, "WEEKS", 8)
    monkeypatch.setattr(pilot, "ROUNDS", 1)


def test_pilots_run_once_and_their_result_is_kept(simclinic, scenario, tmp_path, quick, monkeypatch):
    out = tmp_path / "out"
    assert simclinic("run", scenario, *SETS, "--out", out, "--workers", 1).status == 0
    kept = manifest.competition(manifest.read(out))
    assert kept is not None
    assert kept.booster_delay_days != 0.0
    runs = table(out, "runs")
    # A folder that goes on does not ask again, and all of its replications have the same past.
    monkeypatch.setattr(pilot, "compete", lambda *_: pytest.fail("the delay is known"))
    assert simclinic("run", scenario, *SETS[:-1], 6, "--out", out, "--workers", 1).status == 0
    assert manifest.competition(manifest.read(out)) == kept
    assert (table(out, "runs")["boosters_per_week"][:4] == runs["boosters_per_week"]).all()


def test_the_intervals_of_a_run_contain_the_error_of_its_pilots(simclinic, scenario, tmp_path, quick):
    out = tmp_path / "out"
    document = json.loads(simclinic("run", scenario, *SETS, "--out", out, "--workers", 1, "--json").out)
    columns = table(out, "runs")
    plain = summarise_one(KPIS["boosters_per_week"], columns)["ci"]
    shared = half_width(manifest.pilot_effects(manifest.read(out))["boosters_per_week"])
    figure = document["kpis"]["boosters_per_week"]
    assert plain is not None
    assert shared > 0
    assert figure["ci"][1] - figure["mean"] == pytest.approx(math.hypot(plain[1] - figure["mean"], shared))


def test_a_folder_that_reuses_another_has_the_error_of_its_pilots(simclinic, scenario, tmp_path, quick):
    first, second = tmp_path / "results" / "one", tmp_path / "results" / "two"
    assert simclinic("run", scenario, *SETS, "--out", first, "--workers", 1).status == 0
    changed = ("--set", "finance.price_per_infusion=1")
    assert (
        simclinic("run", scenario, *SETS, *changed, "--out", tmp_path / "other", "--workers", 1).status == 0
    )
    both = tmp_path / "other" / "scenario.resolved.toml"
    assert simclinic(
        "compare", scenario, both, *SETS, "--out", second, "--workers", 1, "--kpis", "boosters_per_week"
    ).status == 0  # fmt: skip
    part = next(folder for folder in sorted(second.iterdir()) if folder.is_dir())
    assert manifest.read(part)["past"] == manifest.read(first)["past"]
    [difference] = json.loads((second / "summary.json").read_text())["differences"]
    # The patients are the same in both, and so is the error of the pilots: nothing of it is left.
    assert difference["kpis"]["boosters_per_week"]["ci"] == [0.0, 0.0]


def test_workers_give_the_same_data(simclinic, scenario, tmp_path, quick):
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    assert simclinic("run", scenario, *SETS, "--out", alone, "--workers", 1).status == 0
    assert simclinic("run", scenario, *SETS, "--out", shared, "--workers", 2).status == 0
    assert (alone / "runs/part-00000.parquet").read_bytes() == (
        shared / "runs/part-00000.parquet"
    ).read_bytes()


def test_the_answer_says_how_it_began(simclinic, scenario, tmp_path, quick):
    result = simclinic("run", scenario, *SETS, "--out", tmp_path / "out", "--workers", 1)
    assert "after 1 week of warm-up, beginning with a steady clinic" in " ".join(result.out.split())
    document = json.loads(simclinic("run", scenario, *SETS, "--out", tmp_path / "out", "--json").out)
    assert document["horizon"]["begin"] == "steady"
    assert simclinic("report", tmp_path / "out").status == 0
    page = (tmp_path / "out" / "report.html").read_text()
    assert "beginning with a steady clinic" in page


def test_a_report_simulates_the_same_first_replication_again(simclinic, scenario, tmp_path, quick):
    """With the delay of the manifest, which other pilots would not find."""
    out = tmp_path / "out"
    assert simclinic("run", scenario, *SETS, "--out", out, "--workers", 1).status == 0
    kept = manifest.competition(manifest.read(out))
    assert kept is not None
    assert simclinic("report", out).status == 0
    assert "differs from the stored one" not in (out / "report.html").read_text()


def test_no_steady_clinic_is_an_error_before_anything_is_written(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    result = simclinic(
        "run", scenario, "--set", 'run.begin="steady"', "--set", "boosters.attrition=0",
        "--set", "boosters.days=20", "--out", out,
    )  # fmt: skip
    assert result.status == 2
    assert "no steady clinic exists" in " ".join(result.err.split())
    assert not out.exists()


def test_a_panel_says_how_it_begins(simclinic, scenario, tmp_path):
    panel = tmp_path / "panel.csv"
    panel.write_text("patient,stage,infusions_done\n1,waiting,0\n")
    result = simclinic("run", scenario, "--panel", panel, "--set", 'run.begin="steady"')
    assert result.status == 2
    assert "leave one out" in " ".join(result.err.split())


def test_where_pilots_do_not_settle_nothing_is_called_stable():
    theory = Expected(level=20.0)
    quiet = rows(balked_share=[0.01] * 30)
    assert judge(quiet, 52, expected=theory, boosters=STEADY).state == "stable"
    for days, way in ((3.0, "3 days longer"), (-2.0, "2 days less")):
        verdict = judge(quiet, 52, expected=replace(theory, unsettled_days=days), boosters=STEADY)
        assert verdict.state == "open"
        assert any(way in reason for reason in verdict.reasons)


def test_the_checklist_says_how_it_began(simclinic, scenario, tmp_path, quick):
    """An empty clinic, too, is said to be what it was."""
    out, empty = tmp_path / "out", tmp_path / "empty"
    assert simclinic("run", scenario, *SETS, "--out", out, "--workers", 1).status == 0
    result = simclinic("report", out, "--stress").out
    assert "with the patients whom the years before would have left" in result
    assert "begins with an empty clinic" not in result
    assert simclinic("run", scenario, "--replications", 2, "--out", empty).status == 0
    assert "begins with an empty clinic 3 weeks before" in simclinic("report", empty, "--stress").out


def test_a_verdict_knows_of_the_error_of_its_pilots(simclinic, scenario, tmp_path, quick, monkeypatch):
    """Replications in which hardly anybody is turned away show nothing where the pilots could be far off."""
    found = pilot.with_error

    def unsure(*arguments):
        competition, effects = found(*arguments)
        return competition, effects | {"balked_share": (0.2, -0.2, 0.1, -0.1, 0.0, 0.0)}

    monkeypatch.setattr(run_study, "with_error", unsure)
    arguments = ("run", scenario, *SETS[:-1], 8, "--workers", 1, "--json", "--out", tmp_path / "out")
    document = json.loads(simclinic(*arguments).out)
    assert document["kpis"]["balked_share"]["mean"] < 0.05
    assert any("new patients" in reason for reason in document["verdict_reasons"])
    assert document["verdict"] == "open"
