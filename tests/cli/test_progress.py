"""The progress bar: for people who wait at a terminal, and for nobody else."""

import io
import sys

import pytest

from simclinic.cli import progress
from simclinic.cli.progress import Bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def watched(stream, clock, monkeypatch, seconds):
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with Bar() as bar:
        bar(1, 3)
        clock[0] += seconds
        bar(2, 3)
        bar(3, 3)
    return stream.getvalue()


def test_there_is_a_bar_after_two_seconds_at_a_terminal(clock, monkeypatch):
    shown = watched(Terminal(), clock, monkeypatch, 2.5)
    assert "Simulating" in shown
    assert "3/3" in shown


def test_there_is_none_sooner_or_in_a_file(clock, monkeypatch):
    assert watched(Terminal(), clock, monkeypatch, 1.5) == ""
    assert watched(io.StringIO(), clock, monkeypatch, 60) == ""
