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
        said = simclinic(*command, "--out", tmp_path / name)
        assert said.status == 0, said.err
    return [tmp_path / name for name in commands]


def flip_and_look(folders, count):
    """Flip bits and look; gives how many were named and how many refused, by kind of file."""
    found = Counter()
    for folder in folders:
        for name, flipped in flips(folder, count // len(folders), seed=2):
            kind = "manifest" if name.endswith("manifest.json") else name.rpartition(".")[2]
            with flipped:
                damaged, told = _looked(folder)
            if told:
                assert "manifest.json" in told or name.rpartition("/")[2] in told
                found[kind, "refused"] += 1
                continue
            # the seal of a report may break without a harm to the page
            if damaged or not name.endswith("report.html"):
                assert damaged == [name]
            found[kind, "named" if damaged else "harmless"] += 1
        assert read_results(folder)[0].document["damaged"] == []
    return found


def _looked(folder):
    try:
        return read_results(folder)[0].document["damaged"], ""
    except FolderError as error:
        return [], str(error)


def test_flips_in_folders_of_every_kind(folders):
    found = flip_and_look(folders, 240)
    assert sum(found.values()) == 240
    assert {kind for kind, _ in found} >= {"manifest", "parquet", "json", "csv", "toml", "html"}
    assert sum(count for (_, told), count in found.items() if told == "harmless") <= 2


@pytest.mark.long
def test_five_thousand_flips(folders, capsys):
    found = flip_and_look(folders, 5001)
    assert sum(found.values()) == 5001
    with capsys.disabled():
        for (kind, told), count in sorted(found.items()):
            print(f"\n{count:5} bits of {kind}: {told}", end="")
