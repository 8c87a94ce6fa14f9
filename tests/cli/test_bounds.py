"""What is given may be anything: it is read within bounds, or refused at once with the reason, and status 2."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

AT_ONCE = 20.0
"""Seconds, on a machine that is busy with other things; the program's own start is most of it."""


def run(arguments, tmp_path, shell: str = "", limit: float = AT_ONCE):
    """Run a command in a process of its own; give its status, what it said, and its peak memory in MB."""
    program = (
        "import sys\n"
        "from simclinic.cli import main\n"
        "try: main()\n"
        "finally:\n"
        "  peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        "  print('PEAK', int(peak) // 1024, file=sys.stderr)"
    )
    began = time.monotonic()
    result = subprocess.run(
        ["bash", "-c", f'"$@" {shell}', "bash", sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        timeout=120,
        stdin=subprocess.DEVNULL,
    )
    took = time.monotonic() - began
    message = result.stderr.decode()
    text, _, peak = message.rpartition("PEAK ")
    assert "Traceback" not in message, message
    assert "Internal error" not in message, message
    assert took < limit
    return result.returncode, " ".join((result.stdout.decode() + text).split()), int(peak.split()[0])


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


@pytest.mark.parametrize("kind", ["scenario", "study", "panel", "export"])
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
def test_what_is_no_file_is_refused_at_once(kind, what, message, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    path = what if what.startswith("/") else tmp_path / what
    status, result, _ = run(asking(kind, path, tmp_path), tmp_path)
    assert status == 2
    assert message in result


@pytest.mark.parametrize("kind", ["extends", "referrals"])
def test_what_a_scenario_names_is_refused_as_well(kind, tmp_path):
    status, result, _ = run(asking(kind, tmp_path, tmp_path), tmp_path)
    assert status == 2
    assert "is a named pipe" in result


@pytest.mark.parametrize(
    ("kind", "most"), [("scenario", 10**6), ("study", 10**6), ("panel", 2 * 10**7), ("export", 25 * 10**7)]
)
def test_a_file_that_is_too_large_is_refused_before_it_is_read(kind, most, tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(most + 1)
    status, result, peak = run(asking(kind, large, tmp_path), tmp_path)
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

    (tmp_path / "a.csv").write_text(large(3_000))
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
        assert "At most 50,000 patients" in run([command, "--help"], tmp_path)[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 200_000, "is JSON that is nested too deeply"),
        ('{"a":' * 200_000, "is JSON that is nested too deeply"),
        ("[" + "[]," * 10_000_001 + "[]]", "is JSON of up to 20,000,004 values; at most 10,000,000 are read"),
    ],
)
def test_json_that_would_take_up_more_memory_than_its_text_is_not_parsed(text, message, tmp_path):
    (tmp_path / "a.json").write_text(text)
    status, result, peak = run(["calibrate", "a.json"], tmp_path)
    assert status == 2
    assert message in result
    assert peak < 400


def test_completion_does_not_read_a_pipe(tmp_path):
    from simclinic.cli.complete import _given

    os.mkfifo(tmp_path / "fifo")
    fifo = str(tmp_path / "fifo")
    for params in ({"scenario": fifo}, {"study": fifo}, {"study": "/dev/zero"}):
        assert _given(SimpleNamespace(params=params)) is None
