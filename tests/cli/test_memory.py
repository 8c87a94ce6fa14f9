"""Too little memory is told as what it is: no mistake of the program, and no damage to a file."""

import errno
import resource
import subprocess
import sys

import pytest

from simclinic.cli.memory_errors import shortage
from simclinic.store import FolderError


def caused(error, cause):
    try:
        raise error from cause
    except type(error) as result:
        return result


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (MemoryError(), "no room for more data"),
        (MemoryError("Unable to allocate 8.00 GiB"), "Unable to allocate 8.00 GiB"),
        (ImportError("libx.so: failed to map segment from shared object"), "libx.so: failed to map segment"),
        (RuntimeError("can't start new thread"), "can't start new thread"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "Cannot allocate memory"),
        (
            BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
            "Resource temporarily unavailable",
        ),
        (caused(ValueError("x"), caused(KeyError("y"), MemoryError())), "no room for more data"),
        (caused(FolderError("part is damaged"), MemoryError("m")), "m"),
        (ValueError("x"), None),
        (OSError(errno.EACCES, "Permission denied"), None),
        (ImportError("No module named x"), None),
    ],
)
def test_known_by_what_libraries_say(error, what):
    result = shortage(error)
    assert result is None if what is None else what in result


@pytest.mark.parametrize(
    "error", [MemoryError(), caused(FolderError("x"), RuntimeError("can't start new thread"))]
)
def test_what_is_told(simclinic, scenario, tmp_path, monkeypatch, error):
    def fails(*arguments, **more):
        raise error

    monkeypatch.setattr("simclinic.studies.run.run", fails)
    result = simclinic("run", scenario, "--out", tmp_path / "out")
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("Error: memory ran short: ")
    for helps in ("the same command goes on", "ulimit -v", "--workers 1"):
        assert helps in result.err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit that the system keeps")
@pytest.mark.parametrize("megabytes", [140, 400])
def test_a_limit_on_memory(scenario, tmp_path, megabytes):
    """Whatever it is that cannot be had: one line that names memory, or the figures."""
    done = subprocess.run(
        [sys.executable, "-m", "simclinic", "run", scenario, "--out", tmp_path / "out", "--workers", "1"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "mistake" not in done.stderr
    if done.returncode:
        assert done.returncode in (1, 2), done.stderr
        assert "memory ran short" in done.stderr
