"""A clinic small enough to be run in a blink, and the command line as a function."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from simclinic.cli import main
from simclinic.store import manifest
from simclinic.store.tables import sha256

SMALL = """
name = "Small clinic"

[run]
begin = "empty"
warm_up_weeks = 3
weeks = 4
replications = 3
"""


def edit(folder: Path, name: str, text: str) -> None:
    """Edit a file of a results folder, and its digest: a folder that somebody made up is well formed."""
    (folder / name).write_text(text)
    known = manifest.read(folder)
    assert known is not None
    known["files"][name] = sha256(text.encode())
    manifest.write(folder, known)


class Said(NamedTuple):
    status: int
    out: str
    err: str


def called(*arguments: object) -> Said:
    """Call the command line in this process, for a fixture of a whole module, which has no `capsys`."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("COLUMNS", "80")
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, int)
    return Said(end.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


@pytest.fixture
def simclinic(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Call the command line in this process."""
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        assert isinstance(end.value.code, int)
        return Said(end.value.code, *capsys.readouterr())

    return call
