"""Files are written whole or not at all."""

import errno
import os
import threading

import pytest

from simclinic.store.atomic import remove_unfinished, set_aside, write_atomically, write_together
from simclinic.store.errors import FolderError, as_folder_errors
from simclinic.store.lock import Lock
from simclinic.store.part_files import Part


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "table"
    write_atomically(tmp_path, "table", b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(tmp_path, "table", b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_the_new_file_appears_only_when_it_is_on_the_disk(tmp_path, monkeypatch):
    file = tmp_path / "table"
    steps = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(os, "replace", lambda *a, **k: (steps.append("replace"), replace(*a, **k))[1])
    write_atomically(tmp_path, "table", b"new")
    assert steps[:2] == ["fsync", "replace"]
    assert file.read_bytes() == b"new"


def test_files_are_synced_at_the_same_time(tmp_path, monkeypatch):
    fsync, together = os.fsync, threading.Barrier(3, timeout=5)
    seen = []

    def first_waits(handle):
        if threading.get_ident() not in seen:  # each thread syncs its file, and then the folder
            seen.append(threading.get_ident())
            together.wait()
        fsync(handle)

    monkeypatch.setattr(os, "fsync", first_waits)
    contents = {name: name.encode() for name in ("one", "two", "three")}
    write_together(tmp_path, contents)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == contents


def test_what_cannot_be_written_beside_others_is_told(tmp_path):
    (tmp_path / "two").mkdir()
    with pytest.raises(FileExistsError):
        write_together(tmp_path, {"one": b"1", "two": b"2", "three": b"3"})
    assert (tmp_path / "one").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "three", "two"]


def test_the_table_without_which_a_part_does_not_exist_is_written_last(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(
        "simclinic.store.part_files.write_together", lambda _folder, contents: written.append([*contents])
    )
    monkeypatch.setattr(
        "simclinic.store.part_files.write_atomically", lambda _folder, name, _content: written.append(name)
    )
    monkeypatch.setattr(Part, "_content", lambda _part, table: table.encode())
    part = Part(tmp_path, 0)
    part.changed = True
    part.write()
    assert [len(written), len(written[0]), written[1]] == [2, 5, "runs/part-00000.parquet"]


def test_what_a_killed_writer_left_is_swept_up(tmp_path):
    (tmp_path / "runs").mkdir()
    left = [
        tmp_path / "runs" / ".part-00000.parquet.0123456789abcdef.tmp",
        tmp_path / ".summary.json.fedcba9876543210.tmp",
    ]
    kept = [
        tmp_path / "runs" / "part-00000.parquet",
        tmp_path / ".cache" / ".index.tmp",  # of another program
        tmp_path / ".cache" / ".index.json.0123456789abcdef.tmp",
        tmp_path / ".index.tmp",
    ]
    (tmp_path / ".cache").mkdir()
    for file in left + kept:
        file.write_bytes(b"half")
    remove_unfinished(tmp_path, ["runs"])
    assert not any(file.exists() for file in left)
    assert all(file.exists() for file in kept)


def test_temporary_names_cannot_be_guessed(tmp_path, monkeypatch):
    seen = set()
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda old, new, **k: (seen.add(old), replace(old, new, **k))[1])
    for _ in range(20):
        write_atomically(tmp_path, "table", b"new")
    assert len(seen) == 20
    assert all(len(name) > len(".table..tmp") + 12 for name in seen)


def test_writing_never_follows_a_link(tmp_path):
    """A stranger's folder: links where files, tables and the note of the writer should be."""
    mine = tmp_path / "mine"
    mine.mkdir()
    secret = mine / "diary"
    secret.write_bytes(b"dear diary")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "summary.json").symlink_to(secret)
    (folder / "runs").symlink_to(mine)
    for name in (".summary.json.tmp", ".report.html.tmp", ".writer"):
        (folder / name).symlink_to(secret)
    write_atomically(folder, "summary.json", b"{}")
    assert (folder / "summary.json").read_bytes() == b"{}"
    assert not (folder / "summary.json").is_symlink()
    with pytest.raises(OSError, match="runs") as error:
        write_atomically(folder, "runs/part-00000.parquet", b"x")
    assert error.value.errno == errno.ELOOP
    with pytest.raises(OSError, match="runs"):
        set_aside(folder, "runs/diary")
    lock = Lock(folder)
    lock.acquire()
    lock.release()
    (folder / ".lock").unlink()
    (folder / ".lock").symlink_to(secret)
    with pytest.raises(OSError, match=r"\.lock") as error:
        Lock(folder).acquire()
    assert error.value.errno == errno.ELOOP
    assert secret.read_bytes() == b"dear diary"
    assert [entry.name for entry in mine.iterdir()] == ["diary"]


def test_a_temporary_file_that_is_there_is_not_taken(tmp_path, monkeypatch):
    """Even if somebody guessed its name."""
    monkeypatch.setattr("secrets.token_hex", lambda count: "0" * 2 * count)
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    (tmp_path / ".table.0000000000000000.tmp").symlink_to(target)
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path, "table", b"new")
    assert target.read_bytes() == b"mine"


def test_a_pipe_or_a_device_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "table")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path, "table", b"new")
    assert (tmp_path / "table").is_fifo()


def test_what_is_set_aside_is_kept_beside_what_was_set_aside_before(tmp_path):
    assert set_aside(tmp_path, "table") is None
    for number in (1, 2, 3):
        (tmp_path / "table").write_text(str(number))
        assert set_aside(tmp_path, "table") == f"table.damaged-{number}"
    assert [(tmp_path / f"table.damaged-{number}").read_text() for number in (1, 2, 3)] == ["1", "2", "3"]
    assert not (tmp_path / "table").exists()


@pytest.mark.parametrize(
    ("code", "status", "words"),
    [
        (errno.ENOSPC, 1, "no room is left to write"),
        (errno.EDQUOT, 1, "no room is left to write"),
        (errno.EROFS, 2, "cannot be used for results"),
        (errno.EACCES, 2, "cannot be used for results"),
        (errno.EMFILE, 1, "could not read or write there"),
        (errno.EIO, 1, "Nothing was removed"),
        (errno.ENOMEM, 1, "could not read or write there"),
        (errno.ELOOP, 2, "links are not followed"),
    ],
)
def test_errors_of_the_system_are_told_in_words(tmp_path, code, status, words):
    with pytest.raises(FolderError, match=words) as error, as_folder_errors(tmp_path):
        raise OSError(code, os.strerror(code))
    assert error.value.exit_status == status
    assert str(tmp_path) in str(error.value)
