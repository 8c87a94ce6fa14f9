"""The progress bar: for people who wait at a terminal, and for nobody else."""

import io
import sys
import time

import pytest

from simclinic.cli import progress
from simclinic.cli.progress import Bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(stream, monkeypatch, *, patience, planned=3):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(progress, "PATIENCE", patience)
    with Bar() as bar:
        bar(0, planned)
        end = time.monotonic() + 10
        while bar._shown is None and patience < 1 and stream.isatty() and time.monotonic() < end:
            time.sleep(0.01)
        for done in range(1, planned + 1):
            bar(done, planned)
            time.sleep(0.02)
    return stream.getvalue()


def test_there_is_a_bar_for_those_who_wait_at_a_terminal(monkeypatch):
    # it is there before the first replication is finished, which may take long
    shown = watched(Terminal(), monkeypatch, patience=0.05)
    for message in ("Simulating", "0/3", "3/3", "replications,", "left"):
        assert message in shown


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_there_is_none_sooner_or_in_a_file(stream, monkeypatch):
    patience = 60.0 if stream is Terminal else 0.01
    assert watched(stream(), monkeypatch, patience=patience) == ""
