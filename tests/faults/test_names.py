"""Folders and files whose names are no UTF-8 are read, written and shown."""

import json
import os

import pytest

ODD = os.fsdecode(b"na\xefve \xff")


@pytest.mark.parametrize("way", ["out", "scenario", "both"])
def test_a_name_that_is_no_utf8(simclinic, scenario, tmp_path, way, monkeypatch):
    monkeypatch.delenv("SIMCLINIC_NO_REPORT", raising=False)
    out, file = tmp_path / "out", scenario
    if way in ("out", "both"):
        out = tmp_path / ODD / "out"
    if way in ("scenario", "both"):
        file = tmp_path / f"{ODD}.toml"
        file.write_bytes(scenario.read_bytes())
    for words in (
        ("run", file, "--out", out),
        ("results", out),
        ("results", out, "--json"),
        ("report", out),
        ("report", out, "--stress"),
        ("results", out.parent),
        ("compare", file, file, "--replications", 2, "--out", out.parent / "both"),
    ):
        result = simclinic(*words)
        assert result.status == 0, (words, result.err)
        result.out.encode()  # nothing that UTF-8 cannot write
    for written in [*out.rglob("*"), *(out.parent / "both").rglob("*")]:
        if written.suffix in (".json", ".jsonl", ".toml", ".csv", ".html"):
            text = written.read_text(encoding="utf-8")
            if written.suffix == ".json":
                json.loads(text)
