"""Files are written whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from simclinic.store.errors import FolderError, told
from simclinic.store.whole import sweep, write_whole


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "table"
    write_whole(file, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_new_file_appears_only_when_it_is_on_the_disk(tmp_path, monkeypatch):
    file = tmp_path / "table"
    steps = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda self, to: (steps.append("replace"), replace(self, to))[1])
    write_whole(file, b"new")
    assert steps[:2] == ["fsync", "replace"]
    assert file.read_bytes() == b"new"


def test_what_a_killed_writer_left_is_swept_up(tmp_path):
    (tmp_path / "runs").mkdir()
    left = tmp_path / "runs" / ".part-00000.parquet.tmp"
    left.write_bytes(b"half")
    kept = tmp_path / "runs" / "part-00000.parquet"
    kept.write_bytes(b"whole")
    sweep(tmp_path)
    assert not left.exists()
    assert kept.exists()


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (errno.ENOSPC, 1, "no room is left to write"),
        (errno.EDQUOT, 1, "no room is left to write"),
        (errno.EROFS, 2, "cannot be used for results"),
        (errno.EACCES, 2, "cannot be used for results"),
    ],
)
def test_errors_of_the_system_are_told_in_words(tmp_path, code, status, words):
    with pytest.raises(FolderError, match=words) as error, told(tmp_path):
        raise OSError(code, os.strerror(code))
    assert error.value.exit_status == status
    assert str(tmp_path) in str(error.value)
