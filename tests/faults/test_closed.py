"""Standard streams that were closed by the caller: the work is done all the same, and into the right files."""

import json
import shlex
import subprocess
import sys

import pytest

from tests.calibration.clinic import THREE
from tests.cli.test_forecast import PANEL
from tests.command_line import SMALL

COMMANDS = {
    "init": ("init", "begun"),
    "check": ("check", "small.toml"),
    "run": ("run", "small.toml", "--workers", "2", "--out", "out"),
    "compare": ("compare", "small.toml", "--protocols", "twice-weekly,thrice-weekly", "--out", "out"),
    "sweep": ("sweep", "study.toml", "--out", "out"),
    "calibrate": ("calibrate", "visits.csv", "--out", "out"),
    "forecast": (
        "forecast",
        "small.toml",
        "--panel",
        "panel.csv",
        "--weeks",
        "2",
        "--replications",
        "2",
        "--out",
        "out",
    ),
    "results": ("results", "held"),
    "report": ("report", "held"),
    "events": ("events", "small.toml", "--out", "log.csv"),
}
STUDY = 'name = "S"\nscenario = "small.toml"\nreplications = 2\ndesign = "grid"\n[factors]\n"clinic.chairs" = [3]\n'


def closed(folder, words, streams):
    """Give a command without some of its standard streams; what it says to those that are left."""
    line = " ".join(shlex.quote(str(word)) for word in (sys.executable, "-m", "simclinic", *words))
    return subprocess.run(
        ["sh", "-c", f"{line} {streams}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def place(tmp_path, simclinic):
    for name, text in (
        ("small.toml", SMALL),
        ("study.toml", STUDY),
        ("visits.csv", THREE),
        ("panel.csv", PANEL),
    ):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_without_its_streams(place, simclinic, command):
    if "held" in COMMANDS[command]:
        assert simclinic("run", place / "small.toml", "--out", place / "held").status == 0
    done = closed(place, COMMANDS[command], "<&- 2>&-")
    assert (done.returncode, done.stderr) == (0, "")
    result = done.stdout
    written = {file.name for file in place.rglob("*")}
    assert not result or "Error" not in result
    if command == "init":
        (place / "begun").rename(place / "before")
    done = closed(place, COMMANDS[command], "<&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert written <= {file.name for file in place.rglob("*")} | {"begun"}
    if (place / "out" / "summary.json").exists():
        json.loads((place / "out" / "summary.json").read_text())
        assert simclinic("results", place / "out").status == 0


@pytest.mark.parametrize("words", [("run", "none.toml"), ("--none",), ("run",), ("results", "none")])
def test_a_mistake_that_nobody_can_be_told(place, words):
    done = closed(place, words, "2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")
