"""What took long is kept for the same key only, whole, and where Python may write compiled files."""

import sys
from pathlib import Path

import pytest

from simclinic.kept import kept


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    return tmp_path / "module.py"


def files(source):
    return sorted((source.parent / "__pycache__").glob("*"))


def fails():
    pytest.fail("it was kept")


def test_it_is_computed_once_for_each_key(source):
    assert kept(source, ".kept", "one", lambda: b"1\n2\r\n") == b"1\n2\r\n"
    assert kept(source, ".kept", "one", fails) == b"1\n2\r\n"
    assert kept(source, ".kept", "two", lambda: b"3") == b"3"
    assert kept(source, ".kept", "one", lambda: b"4") == b"4"
    assert len(files(source)) == 1


def test_it_is_kept_by_suffix_and_source(source):
    kept(source, ".kept", "one", lambda: b"1")
    kept(source, ".other", "one", lambda: b"2")
    kept(source.with_name("other.py"), ".kept", "one", lambda: b"3")
    assert kept(source, ".kept", "one", fails) == b"1"
    assert len(files(source)) == 3


def test_a_damaged_file_is_computed_again(source):
    kept(source, ".kept", "one", lambda: b"12")
    (file,) = files(source)
    whole = file.read_bytes()
    for damaged in (b"", b"nonsense", whole[:-1], whole + b"3", whole[:-1] + b"3", b"two" + whole[3:]):
        file.write_bytes(damaged)
        assert kept(source, ".kept", "one", lambda: b"56") == b"56"
        assert kept(source, ".kept", "one", fails) == b"56"


def test_nothing_is_kept_where_python_writes_no_compiled_files(source, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert kept(source, ".kept", "one", lambda: b"1") == b"1"
    assert not files(source)


def test_a_folder_that_cannot_be_written_is_no_error(source):
    (source.parent / "__pycache__").write_bytes(b"")
    assert kept(source, ".kept", "one", lambda: b"1") == b"1"


def test_a_file_that_could_not_be_written_is_no_part_of_one(source, monkeypatch):
    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert kept(source, ".kept", "one", lambda: b"1") == b"1"
    assert not files(source)


def test_all_users_may_read_what_one_has_kept(source):
    kept(source, ".kept", "one", lambda: b"1")
    (file,) = files(source)
    assert file.stat().st_mode & 0o444 == 0o444
