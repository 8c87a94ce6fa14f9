"""`simclinic events`, as people and scripts use it."""

import csv
import io

import pytest

from simclinic.scenario import load
from simclinic.studies.replay import replay
from tests.report.events.xes_rules import check


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_default_is_the_first_replications_measured_weeks(simclinic, scenario):
    result = simclinic("events", scenario)
    assert (result.status, result.err) == (0, "")
    table = rows(result.out)
    assert {row["replication"] for row in table} == {"0"}
    minutes = [float(row["minute"]) for row in table]
    assert minutes[0] >= 0
    assert minutes[-1] < 4 * 7 * 1440
    visits = replay(load(scenario), 0).visits
    arrived = visits["arrived"]
    assert sum(row["event"] == "arrived" for row in table) == (arrived >= 0).sum() > 0


def test_another_replication_or_seed_is_another_log(simclinic, scenario):
    plain = simclinic("events", scenario).out
    assert simclinic("events", scenario).out == plain
    assert simclinic("events", scenario, "--replication", 1).out != plain
    assert simclinic("events", scenario, "--seed", 2).out != plain
    fewer = simclinic("events", scenario, "--set", "demand.referrals_per_week=0").out
    assert fewer.splitlines() == ["replication,patient,kind,number,event,time,minute,chair"]


def test_days_are_cut_out_both_included(simclinic, scenario):
    table = rows(simclinic("events", scenario, "--from", "2026-01-06", "--to", "2026-01-07").out)
    assert {row["time"][:10] for row in table} == {"2026-01-06", "2026-01-07"}
    whole = rows(simclinic("events", scenario).out)
    assert table == [row for row in whole if row["time"][:10] in ("2026-01-06", "2026-01-07")]


def test_the_warm_up_can_be_asked_for(simclinic, scenario):
    table = rows(simclinic("events", scenario, "--from", "2025-12-15", "--to", "2026-01-04").out)
    assert table
    assert all(float(row["minute"]) < 0 for row in table)


def test_xes_goes_into_a_file(simclinic, scenario, tmp_path):
    out = tmp_path / "log.xes"
    result = simclinic("events", scenario, "--format", "xes", "--out", out)
    assert (result.status, result.out) == (0, "")
    assert str(out) in result.err
    traces = check(out.read_text())
    assert len(traces) == len({row["patient"] for row in rows(simclinic("events", scenario).out)})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "2025-12-01"], "--from 2025-12-01: is not simulated; the scenario covers 2025-12-15"),
        (["--to", "2026-02-02"], "--to 2026-02-02: is not simulated"),
        (["--from", "2026-01-08", "--to", "2026-01-07"], "--to 2026-01-07: must not be before"),
        (["--from", "8 January"], "does not match the format"),
        (["--replication", "-1"], "not in the range"),
        (["--format", "pdf"], "is not one of"),
        (["--seed", "-1"], "run.seed"),
        (["--set", "clinic.charis=3"], "Did you mean 'chairs'?"),
    ],
)
def test_what_cannot_be_is_told(simclinic, scenario, options, message):
    result = simclinic("events", scenario, *options)
    assert result.status == 2
    assert result.out == ""
    assert message in result.err
    assert "Traceback" not in result.err


def test_both_dates_wrong_are_told_at_once(simclinic, scenario):
    result = simclinic("events", scenario, "--from", "2020-01-01", "--to", "2030-01-01")
    assert "--from 2020-01-01" in result.err
    assert "--to 2030-01-01" in result.err


def test_a_file_that_cannot_be_written_is_told(simclinic, scenario, tmp_path):
    result = simclinic("events", scenario, "--out", tmp_path / "none" / "log.csv")
    assert result.status == 1
    assert "cannot be written" in result.err
    assert not list(tmp_path.glob("**/*.tmp"))


@pytest.mark.parametrize("form", ["csv", "vidigi", "xes"])
def test_a_log_takes_the_place_of_a_log(simclinic, scenario, tmp_path, form):
    out = tmp_path / "log"
    out.touch()
    for seed in (1, 2):
        for other in ("csv", "vidigi", "xes", form):
            result = simclinic("events", scenario, "--seed", seed, "--format", other, "--out", out)
            assert result.status == 0, result.err
        assert out.read_text() == simclinic("events", scenario, "--seed", seed, "--format", form).out


@pytest.mark.parametrize("what", ["scenario", "table", "picture", "link", "folder", "device"])
def test_no_other_file_is_overwritten(simclinic, scenario, tmp_path, what):
    """Before anything is simulated: the scenario itself, for one, whose name is on the same line."""
    mine = tmp_path / "mine.csv"
    mine.write_bytes(
        {"table": b"replication,patient,mine\n1,2,3\n", "picture": b"\x89PNG"}.get(what, b"mine\n")
    )
    (tmp_path / "link").symlink_to(mine)
    (tmp_path / "folder").mkdir()
    out = {
        "scenario": scenario,
        "link": tmp_path / "link",
        "folder": tmp_path / "folder",
        "device": "/dev/null",
    }
    before = scenario.read_bytes(), mine.read_bytes()
    result = simclinic("events", scenario, "--set", "run.weeks=500", "--out", out.get(what, mine))
    assert (result.status, result.out) == (2, "")
    assert len(result.err.strip().splitlines()) == 1 or what == "folder"
    assert (scenario.read_bytes(), mine.read_bytes()) == before
    assert (tmp_path / "link").is_symlink()
