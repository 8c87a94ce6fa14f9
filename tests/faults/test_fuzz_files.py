"""Spoilt files of every kind that is read: an answer or a clear refusal, soon, whatever is in them."""

import time
from collections import Counter

import pytest

from tests.faults.fuzz import sound, spoilt

KINDS = ("scenario", "study", "panel", "referrals", "csv", "xlsx", "html", "json", "manifest")
SECONDS, PEAK = 5.0, 500


@pytest.fixture
def attempt(simclinic, scenario, tmp_path):
    """Read a spoilt file; give the exit status."""
    pytest.importorskip("openpyxl")
    assert simclinic("run", scenario, "--out", tmp_path / "run").status == 0
    kept = sound((tmp_path / "run" / "manifest.json").read_bytes())
    (tmp_path / "good.toml").write_text('name = "Good"\n')
    (tmp_path / "outer.toml").write_text('demand.referrals_file = "referrals"\n')

    def once(kind, seed):
        file = tmp_path / "run" / "manifest.json" if kind == "manifest" else tmp_path / kind
        file.write_bytes(spoilt(kind, kept.get(kind, b""), seed))
        command = {
            "scenario": ("check", file),
            "study": ("sweep", file, "--replications", 1, "--out", tmp_path / f"sweep{seed}"),
            "panel": ("forecast", tmp_path / "good.toml", "--panel", file, "--weeks", 1, "--replications", 2),
            "referrals": ("check", tmp_path / "outer.toml"),
            "manifest": ("results", tmp_path / "run"),
        }.get(kind, ("calibrate", file, "--out", tmp_path / f"{kind}{seed}"))
        begun = time.process_time()
        result = simclinic(*command)
        assert time.process_time() - begun < SECONDS, (kind, seed)
        message = result.out + result.err
        assert result.status in (0, 1, 2), (kind, seed)
        assert "Traceback" not in message, (kind, seed, message)
        assert "Internal error" not in message, (kind, seed, message)
        return result.status

    return once


def peak():
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        return int(status.read().split("VmHWM:")[1].split()[0]) // 1024


def spoil_and_read(attempt, count):
    before, result = peak(), Counter()
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        result[kind, attempt(kind, number)] += 1
    assert peak() - before < PEAK
    return result


def test_hundreds_of_spoilt_files(attempt):
    result = spoil_and_read(attempt, 180)
    assert all(result[kind, 2] or result[kind, 1] for kind in KINDS)
    assert any(result[kind, 0] for kind in KINDS)


@pytest.mark.long
def test_ten_thousand_spoilt_files(attempt, capsys):
    result = spoil_and_read(attempt, 10_000)
    with capsys.disabled():
        for (kind, status), count in sorted(result.items()):
            print(f"\n{count:5} {kind}: status {status}", end="")
