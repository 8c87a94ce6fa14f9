"""The report of a run's folder: one replication is simulated again, and only if it is the one that was kept."""

import json

import pytest

from simclinic.scenario import baseline, with_overrides
from simclinic.store.reader import table
from simclinic.store.tables import encode_columns, read
from simclinic.studies.folders.report import page_of
from simclinic.studies.folders.run import _again
from simclinic.studies.run import run

ALWAYS = ["weekly-visits", "waiting", "occupancy", "profile"]
DAY = ["day", "animation"]
ONE_BY_ONE = ["waits", "access", "starts", "flow"]
CHECKS = ["relapse", "how-sure", "precision", "warm-up"]


def small(*more):
    return with_overrides(
        baseline(), ['run.begin="empty"', "run.warm_up_weeks=40", "run.weeks=16", "run.replications=4", *more]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "kept"
    run(small(), out=path)
    return path


def test_what_a_manager_asks_comes_first_and_checks_come_last(folder):
    assert [shown.key for shown in page_of(folder).figures] == ALWAYS + DAY + ONE_BY_ONE + CHECKS


def test_figures_of_one_replication_hold_what_was_kept_of_it(folder):
    runs = read(folder / "runs" / "part-00000.parquet")
    result = {shown.key: shown for shown in page_of(folder).figures}
    on_time, days = runs["started_on_time_share"][0], runs["access_days_mean"][0]
    assert result["waits"].says.startswith(f"{100 * on_time:.1f} % start within")
    assert f"mean {days:.1f} days" in result["access"].says
    assert "replication 0" in result["flow"].says


def test_mirrored_pairs_are_counted_in_pairs(tmp_path):
    run(small("run.replications=8"), out=tmp_path / "kept", antithetic=True)
    result = {shown.key: shown for shown in page_of(tmp_path / "kept").figures}
    assert set(result) == {*ALWAYS, *DAY, *ONE_BY_ONE, *CHECKS}
    assert "After 4:" in result["precision"].says


def test_a_second_of_a_pair_is_simulated_with_its_own_draws(tmp_path):
    run(small(), out=tmp_path / "kept", antithetic=True)
    rest = {name: values[1:] for name, values in table(tmp_path / "kept", "runs").items()}
    assert _again(small(), rest, None, mirrored=True, panel=None, competition=None).number == 1
    assert _again(small(), rest, None, mirrored=False, panel=None, competition=None) is None


def test_a_replication_that_is_not_the_one_kept_is_not_shown(tmp_path):
    run(small(), out=tmp_path / "kept")
    (part,) = (tmp_path / "kept" / "runs").glob("*.parquet")
    columns = read(part)
    columns["infusions_per_week"] = columns["infusions_per_week"] + 1
    part.write_bytes(encode_columns(columns))
    page = page_of(tmp_path / "kept")
    assert [shown.key for shown in page.figures] == ALWAYS + CHECKS
    assert any("another version of the program" in message for message in page.warnings)


def test_one_week_of_one_replication_has_a_page(tmp_path):
    scenario = small('run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=1", "run.replications=1")
    run(scenario, out=tmp_path / "kept")
    page = page_of(tmp_path / "kept")
    assert [shown.key for shown in page.figures] == [*ALWAYS, *DAY, "relapse"]
    for shown in page.figures:
        json.loads(shown.figure.to_json())


def test_figures_are_small(folder):
    assert sum(len(shown.figure.to_json()) for shown in page_of(folder).figures) < 500_000
