"""When a study has the second engine compiled: before it, beside it, or not at all."""

import json
import subprocess

import pytest

from simclinic.errors import SimclinicError
from simclinic.experiment import compiling, effort, outcomes
from simclinic.experiment.executors import SerialExecutor
from simclinic.experiment.task import Task
from simclinic.model import engines
from simclinic.model.fast import compiled
from simclinic.model.fast import simulate as interpreted
from simclinic.scenario import baseline, replace
from tests.command_line import called
from tests.model.small import clinic
from tests.mutation.plant import HOUSE

ENGINE = {
    "auto": replace(baseline(), run={"engine": "auto"}),
    "fast": replace(baseline(), run={"engine": "fast"}),
}


class Process:
    """A process that compiles until it is ended."""

    def __init__(self, begun, command):
        begun.append(command)
        self.ended = False

    def poll(self):
        return 0 if self.ended else None

    def terminate(self):
        self.ended = True

    def wait(self):
        return 0


@pytest.fixture
def machine(monkeypatch):
    """A machine with numba on which nothing is compiled yet; lists what is compiled, and how."""
    done = []
    monkeypatch.setattr(compiled, "available", lambda: True)
    monkeypatch.setattr(compiled, "is_warm", lambda: "here" in done)
    monkeypatch.setattr(compiled, "why_not_kept", lambda: None)
    monkeypatch.setattr(compiled, "compiled_run", lambda: done.append("here") or interpreted.run)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: Process(done, command))
    return done


@pytest.fixture
def compiler():
    compiler, said = compiling.Compiler(), []
    compiler.announce, compiler.said = said.append, said
    return compiler


def test_a_study_that_asks_for_the_engine_has_it_compiled_once_before_workers_start(machine, compiler):
    for _ in range(2):
        compiler.before(ENGINE["fast"], 1.0, workers=2)
    assert machine == ["here"]
    assert compiler.said == ["Compiling the second engine, which takes about a minute, once."]


def test_where_it_cannot_be_kept_two_workers_would_compile_each_for_itself(machine, compiler, monkeypatch):
    monkeypatch.setattr(compiled, "why_not_kept", lambda: "Read-only file system")
    monkeypatch.setattr(compiled, "cache_file", lambda: HOUSE / "engine")
    with pytest.raises(SimclinicError, match=r"Read-only file system.*SIMCLINIC_CACHE.*one worker"):
        compiler.before(ENGINE["fast"], 1.0, workers=2)
    compiler.before(ENGINE["fast"], 1.0, workers=1)
    assert machine == ["here"]


def test_a_clinic_that_the_engine_does_not_cover_is_said_to_be_simulated_with_simpy(
    machine, compiler, monkeypatch
):
    monkeypatch.setattr(engines, "not_covered", lambda _: "rules of another package")
    monkeypatch.setattr(compiling, "not_covered", lambda _: "rules of another package")
    compiler.before(ENGINE["fast"], compiling.LONG, workers=1)
    compiler.before(ENGINE["auto"], compiling.LONG, workers=1)
    assert machine == []
    assert compiler.said == [
        "Simulated with SimPy: the compiled engine does not cover rules of another package."
    ]


def test_only_long_work_has_it_compiled_beside_it(machine, compiler):
    compiler.before(ENGINE["auto"], compiling.LONG / 2, workers=2)
    assert machine == []
    compiler.before(ENGINE["auto"], compiling.LONG / 2, workers=2)  # a search simulates again and again
    compiler.before(ENGINE["auto"], compiling.LONG, workers=2)
    [command] = machine
    assert command[1:] == ["-m", "simclinic", "warm"]
    assert len(compiler.said) == 1


@pytest.mark.parametrize(
    "hinders",
    [
        {"available": lambda: False},
        {"is_warm": lambda: True},
        {"why_not_kept": lambda: "Read-only file system"},
    ],
    ids=["no numba", "compiled already", "read-only cache"],
)
def test_otherwise_nothing_is_begun_and_nothing_said(machine, compiler, monkeypatch, hinders):
    for name, what in hinders.items():
        monkeypatch.setattr(compiled, name, what)
    compiler.before(ENGINE["auto"], compiling.LONG, workers=2)
    compiler.before(replace(baseline(), run={"engine": "simpy"}), compiling.LONG, workers=2)
    assert (machine, compiler.said) == ([], [])


def test_the_process_ends_with_the_study(machine, monkeypatch):
    scenario = clinic("[demand]\nreferrals_per_week = 1.0", "[run]\nweeks = 1")
    monkeypatch.setattr(effort, "seconds", lambda _: compiling.LONG)
    with SerialExecutor() as executor:
        assert len(list(outcomes([Task(0, scenario, 1, 0)], executor))) == 1
        process = executor.compiler._process
        assert not process.ended
    assert process.ended


def test_the_manifest_says_that_the_engine_was_compiled_meanwhile(machine, monkeypatch, tmp_path):
    file = tmp_path / "clinic.toml"
    file.write_text(
        'name = "Small"\n[run]\nbegin = "empty"\nwarm_up_weeks = 0\nweeks = 2\nreplications = 2\n'
    )
    monkeypatch.setattr(compiling.Compiler, "before", lambda *_: machine.append("here"))
    assert called("run", file, "--out", tmp_path / "out", "--no-report").status == 0
    chosen = json.loads((tmp_path / "out" / "manifest.json").read_text())["engine"]
    assert chosen["name"] == "fast"
    assert "the first replications were simulated with SimPy" in chosen["reason"]


@pytest.mark.parametrize(
    "command", ["run", "compare", "sweep", "bottleneck", "intake", "plan", "template", "forecast"]
)
def test_every_command_that_simulates_takes_the_engine(command):
    assert "--engine [auto|simpy|fast]" in called(command, "--help").out


def test_the_option_is_the_setting(tmp_path):
    sides = (HOUSE / "scenarios/baseline.toml",) * 2
    said = called("compare", *sides, "--engine", "steam", "--out", tmp_path / "out")
    assert said.status == 2
    assert "'steam' is not one of 'auto', 'simpy', 'fast'" in said.err
