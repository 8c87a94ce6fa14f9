"""A study that is interrupted, killed, or cannot write loses nothing that was finished."""

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simclinic.experiment import outcomes
from simclinic.store.reader import table
from tests.faults.processes import (
    AT_ONCE,
    AT_ONCE_IN_A_CROWD,
    ENDLESS,
    OFTEN,
    data,
    kept,
    press,
    start,
    wait_for,
    wait_until_kept,
)


def endless(scenario, out, workers):
    return ("run", scenario, "--out", out, "--replications", ENDLESS, "--workers", workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_says_so(simclinic, scenario, tmp_path, workers):
    out = tmp_path / "out"
    process = start(*endless(scenario, out, workers), program=OFTEN)
    wait_until_kept(process, out)
    output, err, seconds = press(process)
    assert seconds < AT_ONCE_IN_A_CROWD
    assert process.returncode == 130, err
    assert output == ""
    manifest = json.loads((out / "manifest.json").read_text())
    finished = table(out, "runs")["replication"]
    assert 0 < finished.size == manifest["done"] < ENDLESS == manifest["planned"]
    assert err.strip() == f"Interrupted: {finished.size} of {ENDLESS} replications are kept in {out}."
    # going on gives what an uninterrupted study gives; two workers do not finish in order, so some may be missing
    goal = finished.max() + 3
    simclinic("run", scenario, "--replications", goal, "--out", out)
    simclinic("run", scenario, "--replications", goal, "--out", tmp_path / "fresh")
    assert data(out) == data(tmp_path / "fresh")


@pytest.mark.parametrize(
    ("number", "status", "message"),
    [(signal.SIGTERM, 143, "Interrupted by SIGTERM"), (signal.SIGHUP, 129, "Interrupted by SIGHUP")],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_a_batch_system_or_a_closed_terminal_is_obeyed_as_ctrl_c_is(
    scenario, tmp_path, number, status, message, workers
):
    out = tmp_path / "out"
    process = start(*endless(scenario, out, workers), program=OFTEN)
    wait_until_kept(process, out)
    if workers == 2:
        os.killpg(process.pid, number)  # as batch systems do: everybody of the job gets it
    else:
        process.send_signal(number)
    output, err = process.communicate(timeout=60)
    assert (process.returncode, output) == (status, "")
    manifest = json.loads((out / "manifest.json").read_text())
    finished = table(out, "runs")["replication"]
    assert 0 < finished.size == manifest["done"]
    assert err.strip() == f"{message}: {finished.size} of {ENDLESS} replications are kept in {out}."


def test_a_second_signal_of_another_kind_ends_at_once(scenario, tmp_path):
    out = tmp_path / "out"
    process = start(*endless(scenario, out, 1), program=OFTEN)
    wait_until_kept(process, out)
    os.kill(process.pid, signal.SIGINT)
    os.kill(process.pid, signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (130, 143)  # it may have been done with the first
    assert "Traceback" not in err


def test_who_wants_a_signal_ignored_has_it_ignored(scenario, tmp_path):
    """As `nohup` does."""
    out = tmp_path / "out"
    process = start(*endless(scenario, out, 1), program=OFTEN, ignored=signal.SIGHUP)
    wait_until_kept(process, out)
    os.kill(process.pid, signal.SIGHUP)
    wait_until_kept(process, out, kept(out) + 10)
    press(process)
    assert process.returncode == 130


def pressed_after(count, study=1):
    """Make replications, and press Ctrl-C after so many of a study; those before it are left alone."""
    studies = itertools.count(1)

    def some(tasks, executor, **how):
        this = next(studies)
        for number, result in enumerate(outcomes(tasks, executor, **how)):
            if (this, number) == (study, count):
                raise KeyboardInterrupt
            yield result

    return some


def test_ctrl_c_keeps_what_no_file_had_yet(simclinic, scenario, tmp_path, monkeypatch):
    monkeypatch.setattr("simclinic.studies.run.outcomes", pressed_after(2))
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--workers", 1)
    assert (result.status, result.out) == (130, "")
    assert result.err.strip() == f"Interrupted: 2 of 3 replications are kept in {tmp_path / 'out'}."
    assert table(tmp_path / "out", "runs")["replication"].tolist() == [0, 1]


def test_ctrl_c_before_the_first_replication_is_no_mistake(simclinic, scenario, tmp_path, monkeypatch):
    """As while pilot runs are simulated: nothing has been stored, so no key figure is known."""
    monkeypatch.setattr("simclinic.studies.run.outcomes", pressed_after(0))
    result = simclinic("run", scenario, "--out", tmp_path / "out", "--workers", 1)
    assert (result.status, result.out) == (130, "")
    assert result.err.strip() == f"Interrupted: 0 of 3 replications are kept in {tmp_path / 'out'}."


def test_ctrl_c_in_a_comparison_counts_all_its_scenarios(simclinic, scenario, tmp_path, monkeypatch):
    arguments = ("compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--out", tmp_path / "out")
    monkeypatch.setattr("simclinic.studies.run.outcomes", pressed_after(2, study=2))
    result = simclinic(*arguments, "--workers", 1)
    assert result.status == 130
    assert result.err.strip() == f"Interrupted: 5 of 6 replications are kept in {tmp_path / 'out'}."
    (held,) = json.loads(simclinic("results", tmp_path / "out", "--json").out)["folders"]
    assert (held["planned"], held["done"], held["failed"]) == (6, 5, 0)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("presses", [2, 20])
def test_a_second_ctrl_c_ends_at_once(simclinic, scenario, tmp_path, workers, presses):
    """However soon and often it is pressed: one line, no traceback, the same status, and the folder is sound."""
    out = tmp_path / "out"
    process = start(*endless(scenario, out, workers), program=OFTEN)
    wait_until_kept(process, out)
    output, err, seconds = press(process, presses, pause=0.005)
    assert seconds < AT_ONCE_IN_A_CROWD
    assert process.returncode == 130, err
    assert (output, len(err.strip().splitlines())) == ("", 1)
    assert err.strip().startswith("Interrupted")
    goal = table(out, "runs")["replication"].max() + 3
    simclinic("run", scenario, "--replications", goal, "--out", out)
    simclinic("run", scenario, "--replications", goal, "--out", tmp_path / "fresh")
    assert data(out) == data(tmp_path / "fresh")


WAYS = {
    "run by itself": ("run", "SCENARIO", "--workers", 1),
    "run by two workers": ("run", "SCENARIO", "--workers", 2),
    "compare": ("compare", "SCENARIO", "--protocols", "twice-weekly,thrice-weekly", "--workers", 2),
    "sweep": ("sweep", "STUDY", "--workers", 2),
}


@pytest.mark.long
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_takes_two_seconds_at_the_most(scenario, tmp_path, way, presses, capsys):
    """On a machine of one's own; the tests of the short tier share theirs, and leave room for that."""
    study = tmp_path / "study.toml"
    study.write_text(
        'name = "Prices"\nscenario = "small.toml"\nreplications = 20\ndesign = "grid"\n[factors]\n'
        '"finance.price_per_infusion" = [500, 600]\n'
    )
    names = {"SCENARIO": scenario, "STUDY": study}
    slowest = 0.0
    for turn in range(3):
        out = tmp_path / f"out-{turn}"
        room = out / "01-twice-weekly" if way == "compare" else out
        command = [names.get(word, word) for word in WAYS[way]]
        process = start(*command, "--replications", ENDLESS, "--out", out)
        wait_until_kept(process, room)
        _, err, seconds = press(process, presses)
        assert process.returncode == 130, err
        slowest = max(slowest, seconds)
    with capsys.disabled():
        print(f"\n{way}, pressed {presses} times: gone after {slowest:.2f} s at the most")
    assert slowest < AT_ONCE


IN_A_FINALIZER = """
import os, signal, time
from simclinic.cli import interrupt

class Closing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIG{name})
        for _ in range(1000):
            pass  # Python runs the handler here, and ignores the exception that it raises

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background would ignore it
interrupt.install_handlers()
try:
    closing = Closing()
    del closing
    time.sleep(30)
    print("not heard")
except KeyboardInterrupt:
    print(interrupt.status())
"""


@pytest.mark.parametrize(("name", "status"), [("INT", "130"), ("TERM", "143")])
def test_a_signal_in_a_finalizer_is_obeyed(name, status):
    """Closing a table is one: the signal used to be lost there, and a study went on."""
    command = [sys.executable, "-c", IN_A_FINALIZER.replace("{name}", name)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.stdout.strip(), ended.stderr) == (status, "")


def test_a_killed_study_is_gone_on_with(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    simclinic("run", scenario, "--replications", 2, "--out", out)
    process = start("run", scenario, "--out", out, "--replications", ENDLESS)
    wait_for(lambda: json.loads((out / "manifest.json").read_text())["planned"] == ENDLESS)
    process.kill()
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    goal = table(out, "runs")["replication"].max() + 3
    assert goal > 5
    result = simclinic("run", scenario, "--replications", goal, "--out", out, "--json")
    assert result.status == 0
    fresh = simclinic("run", scenario, "--replications", goal, "--out", tmp_path / "fresh", "--json")
    assert result.out == fresh.out
    assert data(out) == data(tmp_path / "fresh")
    assert not list(out.rglob("*.tmp"))


@pytest.mark.parametrize("command", ["run", "compare"])
def test_two_writers_do_not_share_a_folder(simclinic, scenario, tmp_path, command):
    out = tmp_path / "out"
    arguments = [command, scenario, "--out", out, "--replications", ENDLESS]
    if command == "compare":
        arguments += ["--protocols", "twice-weekly,thrice-weekly"]
    process = start(*arguments)
    try:
        wait_for((out / "manifest.json").exists)
        result = simclinic(*arguments)
        assert result.status == 2
        assert result.err == (
            f"Error: {out}: another simclinic is writing there just now (process {process.pid}).\n"
        )
    finally:
        process.kill()
        process.communicate(timeout=60)
    # the lock went with the process
    if command == "run":
        assert simclinic("run", scenario, "--out", out).status == 0


def test_a_full_disk_is_told_and_what_was_there_stays(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    simclinic("run", scenario, "--replications", 2, "--out", out)
    # Small tables may still find room: rows of replications that are not finished are not read.
    small = ("at_once", "ramp", "waits")
    files = {name: of for name, of in data(out).items() if not name.startswith(small)}
    assert files
    read = [table(out, name, below=2) for name in small]
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, limit[1]))
        result = simclinic("run", scenario, "--replications", 4, "--out", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert result.status == 1
    assert "no room is left to write" in result.err
    assert "What was finished before is kept" in result.err
    assert {name: of for name, of in data(out).items() if not name.startswith(small)} == files
    np.testing.assert_equal([table(out, name, below=2) for name in small], read)
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
    result = simclinic("run", scenario, "--out", out)
    assert result.status == 2
    assert "Traceback" not in result.err
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith(".")) == [
        "file",
        "small.toml",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_is_told(simclinic, scenario, tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    result = simclinic("run", scenario, "--out", out)
    assert result.status == 2
    assert "cannot be used for results" in result.err


def test_a_reader_that_leaves_early_is_no_error(scenario, tmp_path):
    process = start("run", scenario, "--out", tmp_path / "out", "--json")
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
