"""What is given may be anything: it is read within bounds, or refused at once with the reason, and status 2."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.command_line import called

AT_ONCE = 10.0
"""Seconds of processor time, however busy the machine is; the program's own start is most of it."""


PROGRAM = """
import io, sys
from contextlib import redirect_stderr, redirect_stdout
from simclinic.cli import main
separator = sys.argv[1]
commands, statuses = [[]], []
for word in sys.argv[2:]:
    commands.append([]) if word == separator else commands[-1].append(word)
for command in commands:
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out), redirect_stderr(out):
        try: main(command)
        except SystemExit as end: status = end.code
    out.flush()
    print(f"{separator}{status}{separator}{out.buffer.getvalue().decode()}", end="")
peak = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
print(f"{separator}{int(peak) // 1024}", end="")
"""


def _used() -> float:
    """Return the processor time of processes that were waited for, in seconds."""
    times = os.times()
    return times.children_user + times.children_system


def run_all(commands, tmp_path, shell: str = "", limit: float = AT_ONCE):
    """Run commands in one process; give the status of each and what it said, and the peak memory in MB."""
    separator = "=#="
    words = [word for command in commands for word in (separator, *map(str, command))]
    began = _used()
    result = subprocess.run(
        ["bash", "-c", f'"$@" {shell}', "bash", sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    took = _used() - began
    message = result.stdout.decode()
    assert (result.returncode, result.stderr) == (0, b""), result.stderr.decode()
    assert "Traceback" not in message, message
    assert "Internal error" not in message, message
    assert took < limit
    _, *parts, peak = message.split(separator)
    said = [
        (int(status), " ".join(text.split())) for status, text in zip(parts[::2], parts[1::2], strict=True)
    ]
    assert len(said) == len(commands)
    return said, int(peak)


def run(arguments, tmp_path, shell: str = "", limit: float = AT_ONCE):
    """Run one command in a process of its own; give its status, what it said, and its peak memory in MB."""
    [(status, text)], peak = run_all([arguments], tmp_path, shell, limit)
    return status, text, peak


def asking(kind: str, path, tmp_path):
    """Give the command that reads a file of a kind."""
    good = tmp_path / "good.toml"
    good.write_text('name = "Good"\n')
    if kind == "scenario":
        return ["check", path]
    if kind == "study":
        return ["sweep", path]
    if kind == "panel":
        return ["forecast", good, "--panel", path]
    if kind == "export":
        return ["calibrate", path, "--out", tmp_path / "out"]
    key = "extends" if kind == "extends" else "demand.referrals_file"
    outer = tmp_path / "outer.toml"
    link = tmp_path / "linked"
    link.unlink(missing_ok=True)
    os.link(path, link) if path.is_file() else os.mkfifo(link)
    outer.write_text(f'{key} = "linked"\n')
    return ["check", outer]


KINDS = ("scenario", "study", "panel", "export")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("fifo", "is a named pipe, which may never end"),
        ("/dev/zero", "is a device, not a file"),
        ("/dev/tty", "is a device, not a file"),
        ("/dev/stdin", "is a device, not a file"),
        ("folder", "is a folder"),
    ],
)
def test_what_is_no_file_is_refused_at_once(what, message, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    path = what if what.startswith("/") else tmp_path / what
    said, _ = run_all([asking(kind, path, tmp_path) for kind in KINDS], tmp_path)
    for kind, (status, result) in zip(KINDS, said, strict=True):
        assert status == 2, kind
        assert message in result, kind


def test_what_a_scenario_names_is_refused_as_well(tmp_path):
    rooms = [tmp_path / kind for kind in ("extends", "referrals")]
    for room in rooms:
        room.mkdir()
    said, _ = run_all([asking(room.name, room, room) for room in rooms], tmp_path)
    for status, result in said:
        assert status == 2
        assert "is a named pipe" in result


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    bounds = dict(zip(KINDS, (10**6, 10**6, 2 * 10**7, 25 * 10**7), strict=True))
    for kind, most in bounds.items():
        with (tmp_path / kind).open("wb") as file:
            file.truncate(most + 1)
    said, peak = run_all([asking(kind, tmp_path / kind, tmp_path) for kind in KINDS], tmp_path)
    for (status, result), most in zip(said, bounds.values(), strict=True):
        assert status == 2
        assert f"is larger than {most:,} bytes, the most that is read (it has {most + 1:,}): " in result
    assert peak < 200


def test_a_pipe_of_the_shell_is_read(tmp_path):
    (tmp_path / "s.toml").write_text('name = "Piped"\n')
    status, result, _ = run(["check"], tmp_path, "<(sed s/Piped/Changed/ s.toml)")
    assert status == 0
    assert "Changed" in result
    status, result, _ = run(["check"], tmp_path, "/dev/stdin < <(cat s.toml)")
    assert status == 0


def test_a_pipe_without_end_is_read_up_to_the_bound(tmp_path):
    status, result, peak = run(["check"], tmp_path, "<(yes)")
    assert status == 2
    assert "is larger than 1,000,000 bytes, the most that is read: " in result
    assert peak < 200


def test_an_export_out_of_a_pipe_is_read_once_and_gives_the_same(tmp_path):
    from tests.exports.large import large

    (tmp_path / "a.csv").write_text(large(1_000))
    folders = []
    for shell in ("a.csv", "<(cat a.csv)"):
        status, result, _ = run(
            ["calibrate", "--out", folder := tmp_path / str(len(folders))], tmp_path, shell, 120
        )
        assert status == 0, result
        folders.append(folder)
    one, other = ((folder / "scenario.toml").read_text() for folder in folders)
    assert one == other
    hashes = {
        (folder / "manifest.json").read_text().split('"scenario_hash": ')[1].split('"')[1]
        for folder in folders
    }
    assert len(hashes) == 1


def test_a_path_that_cannot_be_one_is_the_callers_mistake(tmp_path):
    status, result, _ = run(["check", "a" * 300], tmp_path)
    assert status == 2
    assert "File name too long" in result


def test_a_panel_of_more_patients_than_can_be_forecast_is_refused(tmp_path):
    rows = "".join(f"P{n},maintained,2026-01-01\n" for n in range(50_002))
    (tmp_path / "p.csv").write_text("patient,stage,last_infusion_on\n" + rows)
    (tmp_path / "s.toml").write_text('name = "S"\n')
    status, result, _ = run(["forecast", "s.toml", "--panel", "p.csv"], tmp_path)
    assert status == 2
    assert "p.csv:50002: is one of more than 50,000 patients, the most that a forecast takes" in result
    for command in ("run", "compare", "sweep", "forecast"):
        assert "At most 50,000 patients" in " ".join(called(command, "--help").out.split())


def test_json_that_would_take_up_more_memory_than_its_text_is_not_parsed(tmp_path):
    texts = {
        "[" * 200_000: "is JSON that is nested too deeply",
        '{"a":' * 200_000: "is JSON that is nested too deeply",
        "[" + "[]," * 10_000_001 + "[]]": "is JSON of up to 20,000,004 values; at most 10,000,000 are read",
    }
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.json").write_text(text)
    said, peak = run_all([["calibrate", f"{number}.json"] for number in range(len(texts))], tmp_path)
    for (status, result), message in zip(said, texts.values(), strict=True):
        assert status == 2
        assert message in result
    assert peak < 400


def test_completion_does_not_read_a_pipe(tmp_path):
    from simclinic.cli.complete import _given

    os.mkfifo(tmp_path / "fifo")
    fifo = str(tmp_path / "fifo")
    for params in ({"scenario": fifo}, {"study": fifo}, {"study": "/dev/zero"}):
        assert _given(SimpleNamespace(params=params)) is None
