"""Replications that raise, and a program that does."""

import json
from pathlib import Path

import pytest

from simclinic.experiment import replication
from simclinic.model import clock


@pytest.fixture
def poison(monkeypatch):
    """Make some replications raise."""

    def make(*numbers: int) -> None:
        sample = replication.Sampler.sample

        def sometimes(self, seed, number, **options):
            if number in numbers:
                raise ZeroDivisionError("the model\nbroke")
            return sample(self, seed, number, **options)

        monkeypatch.setattr(replication.Sampler, "sample", sometimes)

    return make


def test_failed_replications_are_data_and_the_rest_is_kept(
    simclinic, scenario, tmp_path, poison, monkeypatch
):
    out = tmp_path / "out"
    with monkeypatch.context():
        poison(1, 3)
        result = simclinic("run", scenario, "--replications", 5, "--out", out, "--json")
    assert result.status == 1
    assert (
        "2 of 5 replications failed; the first was number 1: ZeroDivisionError: the model broke" in result.err
    )
    assert "Traceback" not in result.err
    document = json.loads(result.out)
    assert document["replications"] == 5
    assert document["warnings"][0] == "2 of 5 replications failed and are left out"
    assert document["kpis"]["infusions_per_week"]["n"] == 3
    rows = [json.loads(line) for line in (out / "failures.jsonl").read_text().splitlines()]
    assert [list(row) for row in rows] == [["point", "replication", "seed", "error", "traceback"]] * 2
    assert [(row["point"], row["replication"], row["seed"]) for row in rows] == [(0, 1, 1), (0, 3, 1)]
    assert "simclinic/experiment/replication.py" in rows[0]["traceback"]
    assert str(Path(replication.__file__).parents[2]) not in rows[0]["traceback"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["planned"], manifest["done"], manifest["failed"]) == (5, 3, 2)


def test_failed_replications_are_tried_again(simclinic, scenario, tmp_path, poison, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(replication, "measure", lambda *_: 1 / 0)
        assert simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "out").status == 1
    again = simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "out", "--json")
    assert again.status == 0
    assert (
        again.out == simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "new", "--json").out
    )
    assert (tmp_path / "out" / "failures.jsonl").read_text() == ""


def test_when_all_fail_there_are_no_figures(simclinic, scenario, tmp_path, poison):
    poison(0, 1)
    result = simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "out", "--json")
    assert result.status == 1
    document = json.loads(result.out)
    assert document["stable"] is None
    assert set(document["kpis"].values()) == {None}
    table = simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "out")
    assert table.status == 1
    assert "No figures: no replication was finished." in table.out


def test_what_failed_in_one_scenario_is_not_compared(simclinic, scenario, tmp_path, poison):
    poison(0, 1)
    result = simclinic(
        "compare", scenario, scenario, "--replications", 2, "--out", tmp_path / "out", "--json"
    )
    assert result.status == 1
    (between,) = json.loads(result.out)["differences"]
    assert {(each["n"], each["verdict"]) for each in between["kpis"].values()} == {
        (0, "cannot be compared: no replication finished in both scenarios")
    }


def test_a_plan_that_cannot_be_laid_out_fails_every_replication(simclinic, scenario, tmp_path, monkeypatch):
    def broken(scenario):
        raise MemoryError

    monkeypatch.setattr(replication, "timetable_of", broken)
    result = simclinic("run", scenario, "--replications", 2, "--out", tmp_path / "out", "--json")
    assert result.status == 1
    assert "MemoryError" in result.err


def test_an_error_of_the_program_itself_is_one_line_and_a_file(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("simclinic.studies.run.summary_csv", lambda document: 1 / 0)
    result = simclinic("run", scenario, "--replications", 1, "--out", tmp_path / "out")
    assert result.status == 1
    assert len(result.err.splitlines()) == 1
    assert result.err.startswith(
        "Internal error, a mistake in simclinic itself: ZeroDivisionError: division by zero"
    )
    (file,) = tmp_path.glob("simclinic-*.txt")
    assert str(file) in result.err
    assert "Traceback" in file.read_text()
    debugged = simclinic("--debug", "run", scenario, "--replications", 1, "--out", tmp_path / "out")
    assert debugged.status == 1
    assert "Traceback" in debugged.err


def test_ctrl_c_inside_the_model_is_no_failed_replication(simclinic, scenario, tmp_path, monkeypatch):
    run_to, count = clock.Clock.run_to, iter(range(9))

    def pressed(*arguments):
        if next(count) == 2:
            raise KeyboardInterrupt
        return run_to(*arguments)

    monkeypatch.setattr(clock.Clock, "run_to", pressed)
    result = simclinic("run", scenario, "--replications", 5, "--out", tmp_path / "out")
    assert result.status == 130
    assert result.err.strip() == f"Interrupted: 2 of 5 replications are kept in {tmp_path / 'out'}."
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["replications"] == 2
    assert (tmp_path / "out" / "failures.jsonl").read_text() == ""
