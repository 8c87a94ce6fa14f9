"""A study that is interrupted, killed, or cannot write loses nothing that was finished."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MANY = 400


def start(scenario: Path, out: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "simclinic", "run", str(scenario), "--out", str(out), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a test run in the background ignores Ctrl-C, and its children would too
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )


def data(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in ("manifest.json", ".lock")
    }


def wait_for(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "took too long"
        time.sleep(0.05)


@pytest.mark.parametrize(("workers", "seconds"), [(1, 1.0), (2, 4.0)])
def test_ctrl_c_keeps_what_is_finished_and_says_so(simclinic, scenario, tmp_path, workers, seconds):
    out = tmp_path / "out"
    process = start(scenario, out, "--replications", str(MANY), "--workers", str(workers))
    wait_for((out / "manifest.json").exists)
    time.sleep(seconds)
    process.send_signal(signal.SIGINT)
    said, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert said == ""
    assert "Traceback" not in err
    manifest = json.loads((out / "manifest.json").read_text())
    kept = manifest["done"]
    assert 0 < kept < MANY
    assert f"Interrupted: {kept} of {MANY} replications are kept in {out}" in err
    # going on gives what an uninterrupted study gives
    goal = kept + 2
    simclinic("run", scenario, "--replications", goal, "--out", out)
    simclinic("run", scenario, "--replications", goal, "--out", tmp_path / "fresh")
    assert data(out) == data(tmp_path / "fresh")


def test_a_killed_study_is_gone_on_with(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    simclinic("run", scenario, "--replications", 2, "--out", out)
    process = start(scenario, out, "--replications", str(MANY))
    wait_for(lambda: json.loads((out / "manifest.json").read_text())["planned"] >= 2)
    time.sleep(1.0)
    process.kill()
    process.communicate(timeout=60)
    said = simclinic("run", scenario, "--replications", 4, "--out", out, "--json")
    assert said.status == 0
    fresh = simclinic("run", scenario, "--replications", 4, "--out", tmp_path / "fresh", "--json")
    assert said.out == fresh.out
    assert not list(out.rglob("*.tmp"))


def test_two_writers_do_not_share_a_folder(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    process = start(scenario, out, "--replications", str(MANY))
    try:
        wait_for((out / "manifest.json").exists)
        said = simclinic("run", scenario, "--out", out)
        assert said.status == 2
        assert "another simclinic is writing there just now" in said.err
    finally:
        process.kill()
        process.communicate(timeout=60)


def test_a_full_disk_is_told_and_what_was_there_stays(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    simclinic("run", scenario, "--replications", 2, "--out", out)
    before = data(out)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, limit[1]))
        said = simclinic("run", scenario, "--replications", 4, "--out", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert said.status == 1
    assert "no room is left to write" in said.err
    assert "What was finished before is kept" in said.err
    assert data(out) == before
    # with room again, the same command goes on
    simclinic("run", scenario, "--replications", 4, "--out", out)
    simclinic("run", scenario, "--replications", 4, "--out", tmp_path / "fresh")
    assert data(out) == data(tmp_path / "fresh")


@pytest.mark.parametrize("place", ["a file", "below a file", "full of other things"])
def test_a_folder_that_cannot_be_used_is_told(simclinic, scenario, tmp_path, place):
    (tmp_path / "file").write_text("mine")
    out = {
        "a file": tmp_path / "file",
        "below a file": tmp_path / "file" / "out",
        "full of other things": tmp_path,
    }[place]
    said = simclinic("run", scenario, "--out", out)
    assert said.status == 2
    assert "Traceback" not in said.err
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")) == [
        "file",
        "small.toml",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_told(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    said = simclinic("run", scenario, "--out", out)
    assert said.status == 2
    assert "cannot be used for results" in said.err


def test_a_reader_that_leaves_early_is_no_error(scenario, tmp_path):
    process = start(scenario, tmp_path / "out", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) in (0, 1)
    assert err == ""
    assert (tmp_path / "out" / "summary.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_output_into_a_full_device_is_told(scenario, tmp_path, arguments):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "simclinic", "run", scenario, "--out", tmp_path / "out", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: No space left on device")
    assert "Traceback" not in done.stderr
