"""In this process, in a pool, on a cluster: the same results, byte for byte."""

import importlib.util

import pytest

from simclinic.experiment import Crew
from simclinic.scenario import baseline, with_overrides
from simclinic.studies.run import run
from tests.experiment.local_cluster import local_cluster
from tests.faults.processes import data

pytestmark = [
    # what dask says about itself to its developers
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

SMALL = with_overrides(
    baseline(), ["run.warm_up_weeks=4", "run.weeks=6", "run.replications=30", "run.seed=11"]
)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    out = tmp_path_factory.mktemp("alone") / "out"
    with Crew.here() as crew:
        return run(SMALL, out=out, crew=crew)


@pytest.fixture(params=["default", "pool", "cluster"])
def crew(request, tmp_path):
    if request.param == "cluster":
        if importlib.util.find_spec("distributed") is None:
            pytest.skip("dask.distributed is not installed: pip install 'simclinic[cluster]'")
        with local_cluster(tmp_path / "dask") as cluster, Crew.cluster(cluster.address) as made:
            assert made.size in (1, 2)
            yield made
    else:
        with Crew.of() if request.param == "default" else Crew.pool(2) as made:
            yield made


def test_results_are_the_same_byte_for_byte_whoever_makes_them(alone, crew, tmp_path):
    found = run(SMALL, out=tmp_path / "out", crew=crew)
    assert found.document == alone.document
    assert any(name.endswith(".parquet") for name in data(alone.folder))
    assert data(tmp_path / "out") == data(alone.folder)
