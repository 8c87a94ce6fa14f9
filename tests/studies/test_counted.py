"""How many replications of a search are kept, at its end and after Ctrl-C."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from simclinic.studies.multi_scenario import counted
from simclinic.studies.run import Interrupted

PLACE = Path("results/search")


class Folder:
    path = PLACE

    def count(self, **counts):
        self.counts = counts


def finished(replications, failed):
    scenario = SimpleNamespace(run=SimpleNamespace(replications=replications))
    return SimpleNamespace(scenario=scenario, failures=("a failure",) * failed)


def test_a_search_counts_what_failed():
    folder, runs = Folder(), []
    with counted(folder, runs):
        runs += [finished(20, 0), finished(30, 2)]
    assert folder.counts == {"planned": 50, "done": 48, "failed": 2}


def test_after_ctrl_c_what_failed_is_not_said_to_be_kept():
    folder, runs = Folder(), [finished(20, 0), finished(30, 2)]
    with pytest.raises(Interrupted) as stopped, counted(folder, runs):
        raise Interrupted(PLACE / "a-plan", 7, 20)
    assert folder.counts == {"planned": 70, "done": 55, "failed": 2}
    assert (stopped.value.folder, stopped.value.stored, stopped.value.planned) == (PLACE, 55, 70)
