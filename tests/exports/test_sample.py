"""The sample in `scenarios/data` is what `python -m tests.exports` writes, and fit for a tutorial."""

import csv
import re

from simclinic.scenario import load
from tests.exports.sample import FOLDER, files, made, scenario


def test_the_files_are_the_ones_written():
    made_now = files()
    assert {path.name for path in FOLDER.iterdir()} == set(made_now)
    for name, data in made_now.items():
        assert (FOLDER / name).read_bytes() == data, f"run `python -m tests.exports`: {name}"


def test_the_truth_is_a_scenario():
    assert load(FOLDER / "truth.toml") == scenario()


def test_the_export_is_small_and_mildly_soiled():
    data = (FOLDER / "visits.csv").read_bytes()
    head, *rows = csv.reader(data.decode("utf-8").splitlines())
    assert head == ["patient", "date", "kind", "status", "checked_in", "left"]
    assert 1500 < len(rows) < 3000
    assert len(data) < 300_000
    soiled = made()
    assert len(rows) == len(soiled.readable) + soiled.counts["duplicated rows"]
    assert "impossible dates" not in soiled.counts
    assert {row[3].strip().lower() for row in rows} == {"completed", "no-show", "cancelled"}


def test_the_truth_tells_the_share_that_returns():
    """Response 0.60, uptake 0.75, never 0.22, and 365 days to relapse in: by hand 0.350."""
    text = (FOLDER / "truth.toml").read_text(encoding="utf-8")
    assert re.search(r"# return after a series +0\.350;", text)
    assert re.search(r"# new series per week +3\.160,", text)
