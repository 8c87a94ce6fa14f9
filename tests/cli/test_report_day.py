"""`simclinic report`: the day a run's report shows, and the checklist of every folder."""

import json
import re

import pytest

from tests.command_line import edit


@pytest.fixture
def folder(simclinic, scenario, tmp_path):
    assert simclinic("run", scenario, "--out", tmp_path / "out").status == 0
    return tmp_path / "out"


def drawn(folder, key):
    page = (folder / "report.html").read_text()
    return json.loads(re.search(rf'id="{key}-data">(.*?)</script>', page)[1])


def test_the_day_is_chosen(simclinic, folder):
    assert simclinic("report", folder).status == 0
    busiest = (folder / "report.html").read_text()
    assert "The busiest day of the measured weeks" in busiest
    assert simclinic("report", folder, "--day", "2026-01-08").status == 0
    assert "One day: Thursday, 8 January 2026" in (folder / "report.html").read_text()
    first = drawn(folder, "day")
    assert simclinic("report", folder, "--day", "2026-01-08", "--replication", 2).status == 0
    assert drawn(folder, "day") != first
    moving = drawn(folder, "animation")
    assert len(moving["frames"]) == len(moving["layout"]["sliders"][0]["steps"]) > 100
    assert len(json.dumps(moving)) < 300_000


def test_a_day_that_is_not_simulated_is_told(simclinic, folder):
    result = simclinic("report", folder, "--day", "2029-01-08")
    assert result.status == 2
    assert "--day 2029-01-08: is not simulated; the scenario covers 2025-12-15 to 2026-02-01" in result.err


def test_the_checklist_goes_to_stdout(simclinic, folder, scenario, tmp_path):
    before = sorted(path.name for path in folder.iterdir())
    result = simclinic("report", folder, "--stress")
    assert result.status == 0
    assert len(re.findall(r"^### \d\.\d ", result.out, flags=re.MULTILINE)) == 20
    assert "3 of 3 were simulated" in result.out
    assert sorted(path.name for path in folder.iterdir()) == before
    out = tmp_path / "two"
    simclinic("compare", scenario, "--protocols", "twice-weekly,thrice-weekly", "--out", out)
    result = simclinic("report", out, "--stress")
    assert "6 of 6 were simulated, 3 of each" in result.out
    assert "`demand.protocol_mix` is thrice-weekly 1.0 instead of twice-weekly 1.0" in result.out


def test_a_day_is_no_part_of_the_checklist_and_of_no_comparison(simclinic, folder, scenario, tmp_path):
    assert simclinic("report", folder, "--stress", "--day", "2026-01-08").status == 2
    assert simclinic("report", tmp_path / "none", "--stress").status == 2


@pytest.mark.parametrize("more", [(), ("--stress",), ("--images", "svg")])
@pytest.mark.parametrize("written", ["{}", '{"kpis": {}}', "[]", "7"])
def test_a_summary_that_somebody_edited_is_told(simclinic, folder, written, more):
    edit(folder, "summary.json", written)
    result = simclinic("report", folder, *more)
    assert result.status == (0 if more == ("--stress",) and result.out else 1)
    assert "Internal error" not in result.err
    if result.status:
        assert "not as they were written" in result.err or "cannot be read" in result.err
