"""A sweep that is killed, cannot write, or finds its folder damaged or taken loses nothing that was finished."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simclinic.store.reader import table
from tests.command_line import SMALL, called
from tests.faults import invented
from tests.faults.processes import data, start, wait_for, wait_until_kept

STUDY = """
name = "Many prices"
scenario = "small.toml"
replications = 20
design = "grid"

[factors]
"finance.price_per_infusion" = [{prices}]
"""
POINTS = 120


def written(folder: Path) -> Path:
    file = folder / "study.toml"
    file.write_text(STUDY.format(prices=", ".join(str(500 + at) for at in range(POINTS))))
    return file


@pytest.fixture
def study(scenario):
    return written(scenario.parent)


def begin(study: Path, out: Path, *arguments: object, program: str = "simclinic") -> subprocess.Popen[str]:
    return start("sweep", study, "--out", out, "--workers", 1, *arguments, program=program)


def hashes(folder: Path) -> dict[str, str]:
    return json.loads((folder / "manifest.json").read_text())["parts"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """What a sweep gives that nobody disturbs."""
    place = tmp_path_factory.mktemp("finished")
    (place / "small.toml").write_text(SMALL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("simclinic.studies.sweep.outcomes", invented.outcomes)
        assert called("sweep", written(place), "--out", place / "out", "--workers", 1).status == 0
    return place / "out"


@pytest.fixture
def undisturbed(finished, tmp_path, monkeypatch):
    """A copy of it; a sweep that goes on has invented runs as well."""
    monkeypatch.setattr("simclinic.studies.sweep.outcomes", invented.outcomes)
    return shutil.copytree(finished, tmp_path / "undisturbed")


def killed(study: Path, out: Path, after: float) -> bool:
    """Kill a sweep some seconds after it has begun to simulate; tells whether it was still at it."""
    process = begin(study, out, program="tests.faults.invented")
    wait_for(lambda: (out / "manifest.json").exists() or process.poll() is not None)
    time.sleep(after)
    process.kill()
    process.communicate(timeout=60)
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.long)])
def test_a_sweep_killed_again_and_again_gives_the_same_data(study, tmp_path, simclinic, undisturbed, kills):
    moments = random.Random(kills)
    out, interrupted, halfway = tmp_path / "out", 0, 0
    for _ in range(kills):
        if killed(study, out, moments.uniform(0.0, 0.8)):
            interrupted += 1
            halfway += any((out / "runs").glob("*.parquet"))
        else:  # it was finished before the moment came: begin again
            shutil.rmtree(out)
    result = simclinic("sweep", study, "--out", out, "--workers", 1)
    assert result.status == 0
    assert interrupted >= kills // 2
    assert halfway
    assert hashes(out) == hashes(undisturbed)
    assert data(out) == data(undisturbed)


def test_a_sweep_of_the_real_model_killed_and_gone_on_with(study, tmp_path, simclinic):
    study.write_text(study.read_text().replace(", 503", ", 503]\n#"))
    process = begin(study, tmp_path / "out", program="tests.faults.often")
    wait_until_kept(process, tmp_path / "out")
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert 0 < table(tmp_path / "out", "runs")["replication"].size < 4 * 20
    for name in ("out", "fresh"):
        assert simclinic("sweep", study, "--out", tmp_path / name, "--workers", 1).status == 0
    assert data(tmp_path / "out") == data(tmp_path / "fresh")


@pytest.mark.parametrize("harm", ["a flipped bit", "cut short", "gone", "empty"])
def test_a_damaged_part_is_named_and_made_again(study, simclinic, undisturbed, harm):
    before = data(undisturbed)
    part = undisturbed / "runs" / "part-00001.parquet"
    content = bytearray(part.read_bytes())
    if harm == "gone":
        part.unlink()
    elif harm == "a flipped bit":
        content[len(content) // 3] ^= 4
        part.write_bytes(content)
    else:
        part.write_bytes(content[:-100] if harm == "cut short" else b"")
    output = simclinic("results", undisturbed)
    assert (output.status, "part-00001" in output.out) == (1, True)
    result = simclinic("sweep", study, "--out", undisturbed, "--workers", 1)
    assert result.status == 0
    assert "made again: runs/part-00001.parquet in" in result.err
    assert data(undisturbed) == before


def test_every_flipped_bit_is_found(study, simclinic, undisturbed):
    part = undisturbed / "runs" / "part-00002.parquet"
    content = part.read_bytes()
    moments = random.Random(1)
    for _ in range(20):
        harmed = bytearray(content)
        harmed[moments.randrange(len(content))] ^= 1 << moments.randrange(8)
        part.write_bytes(harmed)
        assert simclinic("results", undisturbed).status == 1


def test_two_sweeps_do_not_share_a_folder(study, simclinic, tmp_path):
    out = tmp_path / "out"
    process = begin(study, out, "--replications", 2000)
    try:
        wait_for((out / "manifest.json").exists)
        result = simclinic("sweep", study, "--out", out)
        assert result.status == 2
        assert f"another simclinic is writing there just now (process {process.pid})" in result.err
    finally:
        process.kill()
        process.communicate(timeout=60)


def test_a_full_disk_is_told_and_what_was_finished_stays(
    study, simclinic, undisturbed, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    shutil.copytree(undisturbed, out)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = data(out)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, limit[1]))
        result = simclinic("sweep", study, "--out", out, "--replications", 25, "--workers", 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert result.status == 1
    assert "no room is left to write" in result.err
    assert "What was finished before is kept" in result.err
    assert data(out) == before
    for folder in (out, tmp_path / "fresh"):
        assert simclinic("sweep", study, "--out", folder, "--replications", 25, "--workers", 1).status == 0
    assert data(out) == data(tmp_path / "fresh")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_told(study, simclinic, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    result = simclinic("sweep", study, "--out", out)
    assert result.status == 2
    assert "cannot be used for results" in result.err


def test_a_read_only_disk_is_told(study, simclinic, tmp_path, monkeypatch):
    def refused(self, *_, **__):
        raise OSError(30, "Read-only file system", str(self))

    monkeypatch.setattr(Path, "mkdir", refused)
    result = simclinic("sweep", study, "--out", tmp_path / "out")
    assert result.status == 2
    assert "cannot be used for results (Read-only file system)" in result.err


def test_ctrl_c_keeps_what_is_finished(study, simclinic, tmp_path, monkeypatch, undisturbed):
    def pressed(tasks, executor, *, time_limit=None):
        for count, actual in enumerate(invented.outcomes(tasks, executor)):
            if count == 1500:
                raise KeyboardInterrupt
            yield actual

    out = tmp_path / "out"
    monkeypatch.setattr("simclinic.studies.sweep.outcomes", pressed)
    result = simclinic("sweep", study, "--out", out, "--workers", 1)
    assert result.status == 130
    assert result.err.strip() == f"Interrupted: 1500 of {20 * POINTS} replications are kept in {out}."
    monkeypatch.setattr("simclinic.studies.sweep.outcomes", invented.outcomes)
    assert simclinic("sweep", study, "--out", out, "--workers", 1).status == 0
    assert data(out) == data(undisturbed)


@pytest.mark.long
def test_bookkeeping_is_a_twentieth_of_the_time_and_little_memory(tmp_path, scenario):
    """10,000 runs that cost nothing: what a sweep adds, against what they take with the real model."""
    study = scenario.parent / "study.toml"
    study.write_text(STUDY.format(prices=", ".join(str(500 + at) for at in range(500))))
    code = (
        "import sys, time, resource; from tests.faults import invented; from simclinic.cli import main\n"
        "import simclinic.studies.sweep as s; s.outcomes = invented.outcomes; begun = time.process_time()\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(time.process_time() - begun, memory, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "sweep", str(study), "--out", str(tmp_path / "out"), "--workers", "1"],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, megabytes = map(float, done.stderr.split()[-2:])
    print(f"{seconds:.1f} s and {megabytes:.0f} MB for 10,000 runs")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["done"] == 10_000
    assert (tmp_path / "out" / "summary.csv").exists()
    assert seconds < 0.05 * 10_000 * 0.5, "half a second each is what the typical clinic takes"
    assert megabytes < 300
