"""In this process, in a pool, on a cluster: the same results, byte for byte."""

import datetime as dt
import importlib.util

import pytest

from simclinic.experiment import ProcessExecutor, SerialExecutor, executor_for
from simclinic.experiment.executors.dask import DaskExecutor
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient
from simclinic.studies.run import run
from simclinic.studies.today import begin_with_panel
from tests.experiment.local_cluster import local_cluster
from tests.faults.processes import data

pytestmark = [
    # what dask says about itself to its developers
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

SMALL = with_overrides(
    baseline(),
    ['run.begin="empty"', "run.warm_up_weeks=4", "run.weeks=6", "run.replications=30", "run.seed=11"],
)


LAST = dt.date(2025, 12, 30)
PANEL = Panel(
    tuple(PanelPatient(key, "maintained", "twice-weekly", 6, 2, None, LAST, None) for key in range(9))
)
[FROM_TODAY] = begin_with_panel([SMALL], PANEL)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    place = tmp_path_factory.mktemp("alone")
    with SerialExecutor() as executor:
        return (
            run(SMALL, out=place / "out", executor=executor),
            run(FROM_TODAY, out=place / "today", executor=executor, panel=PANEL),
        )


@pytest.fixture(params=["default", "pool", "cluster"])
def executor(request, tmp_path):
    if request.param == "cluster":
        if importlib.util.find_spec("distributed") is None:
            pytest.skip("dask.distributed is not installed: pip install 'simclinic[cluster]'")
        with local_cluster(tmp_path / "dask") as cluster, DaskExecutor(cluster.address) as made:
            assert made.workers in (1, 2)
            yield made
    else:
        with executor_for() if request.param == "default" else ProcessExecutor(2) as made:
            yield made


def test_results_are_the_same_byte_for_byte_from_every_executor(alone, executor, tmp_path):
    empty, today = alone
    result = run(SMALL, out=tmp_path / "out", executor=executor)
    assert result.document == empty.document
    assert any(name.endswith(".parquet") for name in data(empty.folder))
    assert data(tmp_path / "out") == data(empty.folder)
    result = run(FROM_TODAY, out=tmp_path / "today", executor=executor, panel=PANEL)
    assert result.document == today.document
    assert data(tmp_path / "today") == data(today.folder)
