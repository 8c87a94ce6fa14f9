"""Where the compiled engine is kept: cold, damaged and read-only caches, and what a process loads.

Compiling takes a minute, so most tests have a made-up compiler; the last ones use the engine of this machine.
"""

import json
import subprocess
import sys
import time

import pytest

from simclinic import kept
from simclinic.errors import SimclinicError
from simclinic.model.fast import build, compiled
from simclinic.studies.warm import warm
from tests.command_line import called
from tests.faults.processes import data
from tests.model.fast.same import engine
from tests.mutation.plant import HOUSE

CODE = b"outermost\nmachine code"


@pytest.fixture
def compiler(monkeypatch, tmp_path):
    """A compiler that only counts; returns how often it was asked."""
    asked = []

    def machine_code(progress=None):
        asked.append(progress)
        if progress is not None:
            progress(1, 2)
        return CODE

    monkeypatch.setenv("SIMCLINIC_CACHE", str(tmp_path / "cache" / "of simclinic"))
    monkeypatch.setattr(compiled, "available", lambda: True)
    monkeypatch.setattr(compiled, "_digest", lambda: "0123456789abcdef" * 4)
    monkeypatch.setattr(compiled, "machine_code", machine_code)
    monkeypatch.setattr(compiled, "_load", lambda code: (code, None))
    monkeypatch.setattr(compiled, "_LOADED", {})
    return asked


def new_process():
    compiled._LOADED.clear()


def test_the_engine_is_compiled_once_and_then_loaded(compiler):
    assert not compiled.is_warm()
    assert compiled.compiled_run() == CODE
    assert compiled.compiled_run() == CODE
    new_process()
    assert compiled.is_warm()
    assert compiled.compiled_run() == CODE
    assert len(compiler) == 1
    assert [each.name for each in compiled.cache_file().parent.iterdir()] == ["engine-0123456789abcdef"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:-1],
        lambda whole: whole[:-1] + b"?",
        lambda whole: b"",
        lambda whole: b"\n" + whole,
    ],
)
def test_a_damaged_engine_counts_as_none_and_is_made_anew(compiler, damage):
    compiled.compiled_run()
    file = compiled.cache_file()
    file.write_bytes(damage(file.read_bytes()))
    new_process()
    assert not compiled.is_warm()
    assert called("warm").status == 0
    assert len(compiler) == 2
    new_process()
    assert compiled.is_warm()


def test_an_engine_that_cannot_be_loaded_is_not_kept(compiler, monkeypatch):
    def refuse(code):
        raise OSError("no such function")

    monkeypatch.setattr(compiled, "_load", refuse)
    with pytest.raises(OSError, match="no such function"):
        compiled.compiled_run()
    assert not compiled.cache_file().exists()


def test_an_interrupted_compilation_leaves_nothing(compiler, monkeypatch):
    def interrupted(progress=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(compiled, "machine_code", interrupted)
    with pytest.raises(KeyboardInterrupt):
        warm()
    assert list(compiled.cache_file().parent.iterdir()) == []
    assert not compiled.is_warm()


def test_an_interrupted_write_leaves_nothing(compiler, monkeypatch):
    def interrupted(self, mode):
        raise KeyboardInterrupt

    monkeypatch.setattr(kept.Path, "chmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        warm()
    assert list(compiled.cache_file().parent.iterdir()) == []


def test_where_nothing_can_be_kept_the_command_says_so_before_it_compiles(compiler, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("SIMCLINIC_CACHE", str(tmp_path / "file"))
    said = called("warm")
    assert said.status == 2
    assert f"cannot be kept in {tmp_path / 'file'}" in " ".join(said.err.split())
    assert "SIMCLINIC_CACHE" in said.err
    assert compiler == []
    assert compiled.compiled_run() == CODE  # a simulation that asks for it compiles it for itself


@pytest.fixture
def numba(monkeypatch, tmp_path):
    """Put a package in the place of numba."""

    def put(source):
        (tmp_path / "numba.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)

    return put


def test_a_numba_that_cannot_be_imported_is_named(compiler, monkeypatch, numba):
    numba("raise ImportError('Numba needs NumPy 2.4 or less')")
    monkeypatch.setattr(compiled, "machine_code", build.machine_code)
    with pytest.raises(SimclinicError, match="cannot be compiled: ImportError: Numba needs NumPy"):
        warm()


def test_a_compiler_that_ends_without_a_word_is_said(numba):
    numba("import os; os._exit(11)")
    with pytest.raises(SimclinicError, match="the engine cannot be compiled: its process was ended"):
        build.machine_code()


def test_what_the_process_of_the_compiler_says_is_read(monkeypatch, numba):
    numba("import sys; sys.stdout.buffer.write(b'\\n\\n\\n' + b'machine code\\n' + b'name\\n\\x7fELF\\n')")
    monkeypatch.setattr(build, "FUNCTIONS", 3)
    counted = []
    assert build.machine_code(lambda *done: counted.append(done)) == b"name\n\x7fELF\n"
    assert counted == [(1, 3), (2, 3), (2, 3)]  # the last is done when the code is there


def test_an_interrupt_ends_the_process_that_compiles(numba, tmp_path):
    numba(
        f"print(flush=True); import time; time.sleep(2); open({str(tmp_path / 'went on')!r}, 'w'); print('x')"
    )

    def interrupted(done, planned):
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        build.machine_code(interrupted)
    assert time.monotonic() - begun < 2.0
    assert not (tmp_path / "went on").exists()


def test_the_command_says_where_the_engine_is_and_whether_it_was_there(compiler):
    first, second = called("warm"), called("warm")
    assert first.out.startswith("Compiled the engine in 0 s: ")
    assert second.out.startswith("The engine is compiled already: ")
    assert all("engine-0123456789abcdef" in said.out for said in (first, second))


def test_two_processes_that_compile_at_once_keep_one_whole_engine(compiler, monkeypatch):
    make = compiled.machine_code

    def while_another_finishes(progress=None):
        kept.keep(compiled.cache_file(), compiled._digest(), CODE)
        return make(progress)

    monkeypatch.setattr(compiled, "machine_code", while_another_finishes)
    assert warm().seconds is not None
    new_process()
    assert compiled.compiled_run() == CODE
    assert len(list(compiled.cache_file().parent.iterdir())) == 1


def test_a_process_loads_the_engine_without_numba():
    run, why = engine(may_compile=False)
    if run is None:
        pytest.skip(why)
    program = (
        "import sys\n"
        "from simclinic.model.fast import compiled\n"
        "compiled.compiled_run()\n"
        "print('numba' in sys.modules, 'llvmlite' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "False True\n"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_of_the_compiled_engine_is_that_of_simpy(tmp_path, workers):
    run, why = engine(may_compile=False)
    if run is None:
        pytest.skip(why)
    small = ("--set", "run.weeks=4", "--set", "run.warm_up_weeks=4", "--set", "run.history_delay_days=1")
    for name in ("simpy", "fast"):
        where = ("--engine", name, "--out", tmp_path / name, "--workers", workers, "--no-report")
        said = called(
            "run", HOUSE / "scenarios/baseline.toml", *small, "--replications", 4, "--seed", 3, *where
        )
        assert said.status == 0, said.err
        chosen = json.loads((tmp_path / name / "manifest.json").read_text())["engine"]
        assert chosen == {"name": name, "reason": ""}
    one, other = (data(tmp_path / name) for name in ("simpy", "fast"))
    for written in (one, other):
        del written["scenario.resolved.toml"]  # it names the engine that was asked for
    assert one == other


FREED = """
import resource, numpy as np
from simclinic.model.fast.compiled import keep_freed_memory
print(int({kept} and keep_freed_memory()))
for turn in range(4):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(500_000) for _ in range(3)] + [np.ones(10_000) for _ in range(100)]
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
    del arrays
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems are not told what to do with freed memory")
def test_memory_that_a_run_has_freed_is_kept_for_the_next():
    """Twenty megabytes are 5,000 pages, which the system would clear again in each turn."""
    found = {}
    for keeps in (True, False):
        said = subprocess.run(
            [sys.executable, "-c", FREED.format(kept=keeps)], capture_output=True, text=True, check=True
        )
        told, *found[keeps] = map(int, said.stdout.split())
        if keeps and not told:
            pytest.skip("this C library cannot be told")
    assert found[True][0] > 3000
    assert found[True][-1] < 500 < found[False][-1]
