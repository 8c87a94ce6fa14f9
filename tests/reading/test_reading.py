"""What is opened is a file of a size to read, or it is refused at once."""

import errno
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simclinic import reading
from simclinic.reading import NotReadError, read_bounded, why

SOON = 5.0
"""Seconds that "at once" may take on a busy machine."""


def refusal(path, most_bytes=1_000, **how) -> str:
    """Give the reason why a path is not read, which must come at once."""
    began = time.monotonic()
    with pytest.raises((NotReadError, OSError, ValueError)) as caught:
        read_bounded(path, most_bytes, **how)
    assert time.monotonic() - began < SOON
    return why(caught.value)


def test_a_file_is_read_up_to_the_last_byte_it_may_hold(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"x" * 1_000)
    assert read_bounded(file, 1_000) == b"x" * 1_000
    assert refusal(file, 999) == "is larger than 999 bytes, the most that is read (it has 1,000)"
    file.write_bytes(b"")
    assert read_bounded(file, 0) == b""


def test_a_file_of_a_terabyte_is_not_even_begun(tmp_path, monkeypatch):
    file = tmp_path / "a"
    with file.open("wb") as opened:
        opened.truncate(10**12)
    monkeypatch.setattr(os, "read", None)
    assert "(it has 1,000,000,000,000)" in refusal(file)


def test_a_file_that_grows_or_does_not_tell_its_size_is_read_no_further(monkeypatch, tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"x" * 5_000)
    asked = os.fstat

    class Small:
        def __init__(self, real):
            self.st_mode, self.st_size = real.st_mode, 0

    looked = file.stat()
    monkeypatch.setattr(Path, "stat", lambda _: Small(looked))
    monkeypatch.setattr(os, "fstat", lambda handle: Small(asked(handle)))
    assert refusal(file) == "is larger than 1,000 bytes, the most that is read"


def test_what_is_no_file_is_named(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert refusal(tmp_path / "socket").startswith("is a socket")
    assert refusal(tmp_path) == "is a folder, not a file"
    for pipes in (False, True):
        assert refusal(tmp_path / "fifo", pipes=pipes).startswith("is a named pipe")
        assert refusal("/dev/zero", pipes=pipes).startswith("is a device")
        assert refusal("/dev/tty", pipes=pipes).startswith("is a device")
    assert refusal(tmp_path / "none") == "there is no such file"
    assert refusal("a\0b").startswith("cannot be read: embedded null byte")


def test_links_are_followed_to_what_they_lead_to(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "a").symlink_to(tmp_path / "file")
    (tmp_path / "b").symlink_to("/dev/zero")
    (tmp_path / "c").symlink_to(tmp_path / "c")
    assert read_bounded(tmp_path / "a", 10) == b"x"
    assert refusal(tmp_path / "b").startswith("is a device")
    assert "symbolic links" in refusal(tmp_path / "c")


def test_a_file_that_another_replaces_between_looking_and_opening_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "fifo")
    looked = (tmp_path / "file").stat()
    monkeypatch.setattr(Path, "stat", lambda _: looked)
    assert refusal(tmp_path / "fifo").startswith("is a named pipe")
    assert refusal("/dev/zero").startswith("is a device")


def test_what_the_system_cannot_read_is_an_error_of_the_system(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"x")

    def full(*_):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OSError, match="Too many open files") as caught:
        read_bounded(tmp_path / "file", 10)
    assert why(caught.value) == "cannot be read: Too many open files"


def test_no_open_file_is_left_behind(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 100)
    os.mkfifo(tmp_path / "fifo")
    before = len(list(Path("/dev/fd").iterdir()))
    for path in (tmp_path / "file", tmp_path / "fifo", "/dev/zero"):
        for _ in range(20):
            with pytest.raises(NotReadError):
                read_bounded(path, 10)
    assert len(list(Path("/dev/fd").iterdir())) == before


def piped(script: str, pipes: bool = True, most_bytes: int = 1_000_000) -> tuple[str, float]:
    """Read what a command of the shell writes, through `<(…)`; give what was said and the seconds it took."""
    program = (
        "import sys; from simclinic import reading; reading.PIPE_SECONDS = 1.0\n"
        "try: print(len(reading.read_bounded(sys.argv[1], int(sys.argv[2]), pipes=sys.argv[3] == 'True')))\n"
        "except (OSError, reading.NotReadError) as error: print(reading.why(error))"
    )
    began = time.monotonic()
    result = subprocess.run(
        ["bash", "-c", f'"$@" <({script}) {most_bytes} {pipes}', "bash", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not result.stderr.replace("yes: standard output: Broken pipe\n", "")
    return result.stdout.strip(), time.monotonic() - began


def test_a_pipe_of_the_shell_is_read_where_it_may_be():
    assert piped("printf %0500000d 7")[0] == "500000"
    assert piped("printf a; sleep 0.3; printf b")[0] == "2"
    assert piped("printf a", pipes=False)[0].startswith("is a pipe, which can be read only once")


def test_a_pipe_that_never_ends_is_read_no_further():
    output, seconds = piped("yes")
    assert output == "is larger than 1,000,000 bytes, the most that is read"
    assert seconds < SOON


def test_a_pipe_that_sends_nothing_is_not_waited_for_for_ever():
    output, seconds = piped("sleep 3")
    assert output == "is a pipe that has sent nothing for 1 seconds"
    assert seconds < SOON


def test_a_pipe_may_be_silent_for_half_a_minute():
    assert reading.PIPE_SECONDS == 30


def test_a_pipe_takes_no_more_memory_than_the_bound(tmp_path):
    program = (
        "from simclinic.reading import *\n"
        "peak = lambda: int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
        "before = peak()\n"
        "try: read_bounded('/dev/stdin', 20_000_000, pipes=True)\n"
        "except NotReadError: print(peak() - before)"
    )
    line = f'yes | "{sys.executable}" -c "$0"'
    result = subprocess.run(
        ["bash", "-c", line, program], capture_output=True, text=True, check=True, timeout=60
    )
    assert 15_000 < int(result.stdout) < 50_000, result.stderr
