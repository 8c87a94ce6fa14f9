"""A run, a point of a sweep and a comparison have the same interval of the same replications."""

import numpy as np
import pytest

import simclinic
from simclinic.measures import KPIS
from simclinic.measures.intervals import NONE_SEEN
from simclinic.store.tables import read

SMALL = ('run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=3")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Three replications, in a run and as the first point of a sweep."""
    folder = tmp_path_factory.mktemp("alike")
    clinic = simclinic.baseline().change(*SMALL)
    run = clinic.run(3, out=folder / "run")
    wanted = {"factors": {"clinic.chairs": [3, 4]}}
    sweep = simclinic.sweep(wanted, clinic=clinic, replications=3, out=folder / "sweep")
    return run, sweep


def test_a_point_has_the_interval_of_a_run(results):
    run, sweep = results
    points = read(sweep.folder / "points.parquet")
    assert points["measured_weeks"].tolist() == [3.0, 3.0]
    assert points["open_days"].tolist() == [15.0, 15.0]
    for name in KPIS:
        figure = run.document["kpis"][name]
        if figure["ci"] is not None:
            ends = [points[f"{name}_low"][0], points[f"{name}_high"][0]]
            assert ends == pytest.approx(figure["ci"]), name
            half = max(figure["ci"][1] - figure["mean"], figure["mean"] - figure["ci"][0])
            assert points[f"{name}_half_width"][0] == pytest.approx(half)


def test_tables_for_pandas_have_the_same(results):
    run, _ = results
    row = run.kpis.loc["clinic_cancelled_share"]
    assert row["method"] == run.document["kpis"]["clinic_cancelled_share"]["method"]
    if row["method"] == NONE_SEEN:
        assert row["ci_high"] == pytest.approx(3 / 45)
    assert np.isnan(run.kpis.loc["access_days_mean", "coverage"] or np.nan)
    assert run.kpis.loc["access_days_p90", "coverage"] == KPIS["access_days_p90"].coverage
