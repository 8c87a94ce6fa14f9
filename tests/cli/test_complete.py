"""The shell completes commands, options, addresses, key figures and protocols."""

import os
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from simclinic.cli.group import COMMANDS, simclinic_group
from simclinic.measures import KPIS
from simclinic.measures.kpis import OF_SOME
from simclinic.scenario import baseline, with_overrides

OWN = """
name = "Own"
[shifts.early]
days = ["mon"]
hours = "08:00-12:00"
nurses = 1
[protocols.weekly]
infusions = 6
gap_days = [7, 7]
[demand]
protocol_mix = { weekly = 1.0 }
"""


@pytest.fixture
def own(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    return file


def completed(*words):
    *before, written = map(str, words)
    result = ShellComplete(simclinic_group, {}, "simclinic", "_SIMCLINIC_COMPLETE").get_completions(
        before, written
    )
    return [item.value for item in result]


def test_commands_and_options():
    assert completed("") == list(COMMANDS)
    assert completed("comp") == ["compare"]
    assert completed("compare", "--kp") == ["--kpis"]


@pytest.mark.parametrize("command", ["check", "run", "compare", "forecast", "events", "sweep"])
def test_addresses(command):
    result = completed(command, "--set", "")
    assert {
        "clinic.chairs=",
        "shifts.day.nurses=",
        "relapse.days.mu=",
        "run.seed=",
        "clinic.hours.mon=",
    } <= set(result)
    assert completed(command, "--set", "clinic.ch") == ["clinic.chairs="]
    assert completed(command, "--set", "clinic.chairs=") == []
    assert completed(command, "--set", "nothing.of") == []


def test_addresses_are_those_of_the_scenario_that_is_given(own, tmp_path):
    for before in (["run", own], ["check", own], ["compare", own, own], ["run", "--seed", "3", own]):
        assert completed(*before, "--set", "shifts.e")[0].startswith("shifts.early.")
        assert completed(*before, "--set", "shifts.day") == []
    (tmp_path / "scenario.toml").write_text(OWN)
    assert completed("run", tmp_path, "--set", "shifts.early.nu") == ["shifts.early.nurses="]
    (tmp_path / "study.toml").write_text('scenario = "own.toml"\n')
    assert completed("sweep", tmp_path / "study.toml", "--set", "shifts.early.nu") == ["shifts.early.nurses="]


def test_a_scenario_that_is_not_in_order_completes_as_the_typical_clinic(own):
    for text in ("[clinic]\nchairs = 0\n", "= =", ""):
        own.write_text(text)
        assert completed("run", own, "--set", "shifts.day.nu") == ["shifts.day.nurses="]
    assert completed("run", own / "none", "--set", "shifts.day.nu") == ["shifts.day.nurses="]
    assert completed("sweep", own, "--set", "shifts.day.nu") == ["shifts.day.nurses="]


def test_what_is_completed_can_be_given():
    scenario = with_overrides(baseline(), [f"{completed('run', '--set', 'clinic.ch')[0]}4"])
    assert scenario.clinic.chairs == 4


@pytest.mark.parametrize(
    "before", [["run", "--on"], ["compare", "--kpis"], ["sweep", "--on"], ["results", "--on"]]
)
def test_key_figures(before):
    assert completed(*before, "") == [*KPIS, *OF_SOME]
    assert completed(*before, "slot_") == ["slot_fill"]
    assert completed(*before, "slot_fill,access_days_m") == ["slot_fill,access_days_mean"]
    assert "slot_fill,slot_fill" not in completed(*before, "slot_fill,")


def test_wanted_precision_and_protocols(own):
    assert completed("compare", "--until", "slot_") == ["slot_fill="]
    assert completed("compare", own, "--protocols", "") == ["weekly"]
    assert completed("compare", "--protocols", "twice-weekly,th") == ["twice-weekly,thrice-weekly"]


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        ("simclinic compare --kpis slot_", ("numpy", "scipy", "pydantic", "pandas", "rich")),
        ("simclinic compare --k", ("numpy", "scipy", "pydantic", "pandas", "rich")),
        ("simclinic run --set clinic.ch", ("scipy", "pandas", "pyarrow", "rich", "simpy")),
    ],
)
def test_a_press_of_a_key_loads_little(words, heavy):
    program = (
        "import sys\n"
        "from simclinic.cli import main\n"
        "try:\n    main([])\n"
        "except SystemExit:\n    pass\n"
        f"print('HEAVY', [name for name in {heavy!r} if name in sys.modules])"
    )
    listed = words.split()
    asked = {
        "_SIMCLINIC_COMPLETE": "bash_complete",
        "COMP_WORDS": "\n".join(listed),
        "COMP_CWORD": str(len(listed) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    *result, last = done.stdout.splitlines()
    assert result
    assert all(line.startswith("plain,") for line in result)
    assert last == "HEAVY []"
