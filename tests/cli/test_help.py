"""Help is there at once, and there is help for everything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simclinic.cli.group import COMMANDS
from simclinic.version import VERSION

HEAVY = ("pandas", "scipy", "pydantic", "numpy", "pyarrow", "rich", "simpy", "plotly", "tomlkit")


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("--version",), ("run",)])
def test_help_and_mistakes_load_nothing_heavy(arguments):
    program = (
        "import sys\n"
        "from simclinic.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit:\n    pass\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_a_run_loads_nothing_that_its_report_does_without(tmp_path):
    program = (
        "import sys\n"
        "from simclinic.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print('SPARED', [name for name in ('pandas', 'plotly', 'scipy.stats') "
        "if name in sys.modules])"
    )
    run = [
        "run",
        "scenarios/baseline.toml",
        "--replications",
        "1",
        "--set",
        "run.weeks=1",
        "--out",
        str(tmp_path / "a"),
    ]
    environment = {name: value for name, value in os.environ.items() if name != "SIMCLINIC_NO_REPORT"}
    done = subprocess.run(
        [sys.executable, "-c", program, *run],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    assert (tmp_path / "a" / "report.html").exists()
    assert done.stdout.splitlines()[-1] == "SPARED []"


def test_help_takes_a_blink():
    """0.3 s of processor time on an idle machine; a busy one takes longer for the same."""
    took = []
    for _ in range(3):
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "simclinic", "--help"], check=True, capture_output=True, timeout=60
        )
        after = os.times()
        took.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    assert min(took) < 0.6


def test_help_names_every_command(simclinic):
    result = simclinic("--help")
    assert result.status == 0
    for command in COMMANDS:
        assert f"  {command} " in result.out
        each = simclinic(command, "--help")
        assert each.status == 0
        assert each.out.startswith(f"Usage: simclinic {command}")


def test_version(simclinic):
    assert simclinic("--version").out == f"simclinic {VERSION}\n"


def test_without_a_command_it_tells_what_there_is(simclinic):
    result = simclinic()
    assert result.status == 2
    assert "simclinic serve" in result.out.splitlines()[0]
    assert "Commands:" in result.out.splitlines()
    assert result.err == ""


@pytest.mark.skipif(os.name != "posix", reason="shells elsewhere close nothing")
def test_a_closed_stdout_is_no_mistake_of_ours():
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m simclinic --version >&-', sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
