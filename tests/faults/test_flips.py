"""One flipped bit, anywhere in a folder of any kind, is named or refused, and never taken for a result."""

from collections import Counter

import pytest

from simclinic.store import FolderError
from simclinic.studies.folders.stored import read_results
from tests.faults.flips import flips

STUDY = 'name = "s"\nscenario = "small.toml"\ndesign = "grid"\n[factors]\n"clinic.chairs" = [1, 2]\n'


@pytest.fixture
def folders(simclinic, scenario, tmp_path, monkeypatch):
    """A folder of each study, reports included."""
    monkeypatch.delenv("SIMCLINIC_NO_REPORT")
    (tmp_path / "study.toml").write_text(STUDY)
    commands = {
        "run": ("run", scenario, "--replications", 3),
        "compare": ("compare", scenario, "--protocols", "twice-weekly,thrice-weekly"),
        "sweep": ("sweep", tmp_path / "study.toml", "--replications", 2),
    }
    for name, command in commands.items():
        result = simclinic(*command, "--out", tmp_path / name)
        assert result.status == 0, result.err
    return [tmp_path / name for name in commands]


def flip_and_look(folders, count):
    """Flip bits and look; gives how many were named and how many refused, by kind of file."""
    result = Counter()
    for folder in folders:
        for name, flipped in flips(folder, count // len(folders), seed=2):
            kind = "manifest" if name.endswith("manifest.json") else name.rpartition(".")[2]
            with flipped:
                damaged, answer = _looked(folder)
            if answer:
                assert "manifest.json" in answer or name.rpartition("/")[2] in answer
                result[kind, "refused"] += 1
                continue
            # the seal of a report may break without a harm to the page
            if damaged or not name.endswith("report.html"):
                assert damaged == [name]
            result[kind, "named" if damaged else "harmless"] += 1
        assert read_results(folder)[0].document["damaged"] == []
    return result


def _looked(folder):
    try:
        return read_results(folder)[0].document["damaged"], ""
    except FolderError as error:
        return [], str(error)


def test_flips_in_folders_of_every_kind(folders):
    result = flip_and_look(folders, 240)
    assert sum(result.values()) == 240
    assert {kind for kind, _ in result} >= {"manifest", "parquet", "json", "csv", "toml", "html"}
    assert sum(count for (_, answer), count in result.items() if answer == "harmless") <= 2


@pytest.mark.long
def test_five_thousand_flips(folders, capsys):
    result = flip_and_look(folders, 5001)
    assert sum(result.values()) == 5001
    with capsys.disabled():
        for (kind, answer), count in sorted(result.items()):
            print(f"\n{count:5} bits of {kind}: {answer}", end="")
