"""The folder: parts of a fixed size, memory that does not grow, and what is finished stays finished."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from simclinic.experiment import Failure, Replication, replications
from simclinic.experiment.controls import CONTROLS
from simclinic.measures import KPIS
from simclinic.scenario import baseline, with_overrides
from simclinic.store import FolderError, RunFolder, default_folder, part_files
from simclinic.store.names import slug


@pytest.fixture(scope="module")
def small():
    return with_overrides(
        baseline(), ['run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=2", "run.replications=1000"]
    )


@pytest.fixture(scope="module")
def one(small) -> Replication:
    (outcome,) = replications(small, 1, [0])
    assert isinstance(outcome, Replication)
    return outcome


def numbered(one: Replication, number: int) -> Replication:
    kpis = one.kpis | {"infusions_per_week": float(number)}
    return Replication(number, one.seed, kpis, one.weeks, one.profile, one.ramp, one.waits, one.at_once)


def fill(path, small, one, numbers, planned):
    with RunFolder.open(path, "run", small, {}) as folder:
        folder.missing(planned)
        for number in numbers:
            folder.add(numbered(one, number))
        folder.finish("{}", "")
    return {file.relative_to(path): file.read_bytes() for file in path.rglob("*.parquet")}


@pytest.fixture
def parts_of_four(monkeypatch):
    monkeypatch.setattr(part_files, "MOST_REPLICATIONS", 4)


@pytest.mark.usefixtures("parts_of_four")
def test_replications_share_parts_by_their_numbers_whatever_order_they_come_in(tmp_path, small, one):
    in_order = fill(tmp_path / "a", small, one, range(10), 10)
    assert {str(path) for path in in_order if path.parts[0] == "runs"} == {
        f"runs/part-{part:05d}.parquet" for part in range(3)
    }
    mixed = fill(tmp_path / "b", small, one, [9, 2, 4, 0, 8, 1, 3, 7, 6, 5], 10)
    assert mixed == in_order
    fill(tmp_path / "c", small, one, [1, 5], 10)
    gone_on = fill(tmp_path / "c", small, one, [0, 2, 3, 4, 6, 7, 8, 9], 10)
    assert gone_on == in_order
    runs = pd.read_parquet(tmp_path / "a" / "runs")
    assert runs["replication"].tolist() == list(range(10))
    assert runs["infusions_per_week"].tolist() == list(range(10))
    assert list(runs)[1:] == [*KPIS, *CONTROLS]


@pytest.mark.usefixtures("parts_of_four")
def test_what_is_missing_is_known(tmp_path, small, one):
    fill(tmp_path, small, one, [0, 1, 6], 10)
    with RunFolder.open(tmp_path, "run", small, {}) as folder:
        assert folder.done == {0, 1, 6}
        assert folder.missing(8) == [2, 3, 4, 5, 7]
        folder.add(Failure(2, 1, "ValueError", "Traceback"))
        folder.add(numbered(one, 3))
    with RunFolder.open(tmp_path, "run", small, {}) as folder:
        assert folder.done == {0, 1, 3, 6}
        assert list(folder.failed) == [2]
        assert folder.missing(4) == [2]
        assert len(folder.rows()) == 4
        assert [row["infusions_per_week"] for row in folder.rows(4)] == [0, 1, 3]


def test_what_other_tables_hold_ahead_of_runs_is_not_read(tmp_path, small, one):
    """A writer killed between two tables leaves `weeks` ahead of `runs`."""
    fill(tmp_path, small, one, [0], 1)
    runs = (tmp_path / "runs" / "part-00000.parquet").read_bytes()
    fill(tmp_path, small, one, [1], 2)
    (tmp_path / "runs" / "part-00000.parquet").write_bytes(runs)
    with RunFolder.open(tmp_path, "run", small, {}) as folder:
        assert folder.done == {0}
        assert folder.boosters().shape == (1, 2)
        assert folder.ramp().shape == (2,)


def test_memory_does_not_grow_with_replications(tmp_path, small, one, monkeypatch):
    monkeypatch.setattr(part_files, "MOST_REPLICATIONS", 50)

    def peak(count: int) -> int:
        path = tmp_path / str(count)
        tracemalloc.start()
        with RunFolder.open(path, "run", small, {}) as folder:
            folder.missing(count)
            for number in range(count):
                folder.add(numbered(one, number))
            folder.finish("{}", "")
            assert len(folder.rows()) == count
            assert len(folder.boosters()) == count
            folder.ramp()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    few, many = peak(100), peak(600)
    size = sum(array.nbytes for table in (one.weeks, one.profile) for array in table.values())
    assert many - few < 500 * size / 8  # the key figures alone grow
    assert many < 2 * few


def test_the_profile_is_the_mean_over_replications(tmp_path, small):
    outcomes = list(replications(small, 1, range(3)))
    with RunFolder.open(tmp_path, "run", small, {}) as folder:
        folder.missing(3)
        for outcome in outcomes:
            folder.add(outcome)
        folder.finish("{}", "")
    profile = pd.read_parquet(tmp_path / "profile.parquet")
    for name in outcomes[0].profile:
        np.testing.assert_allclose(profile[name], np.mean([one.profile[name] for one in outcomes], axis=0))
    assert profile["weekday"].tolist() == [row // 24 for row in range(168)]


def test_an_error_inside_the_block_keeps_what_is_finished(tmp_path, small, one):
    def fails():
        with RunFolder.open(tmp_path, "run", small, {}) as folder:
            folder.missing(3)
            folder.add(numbered(one, 0))
            raise RuntimeError("outside")

    with pytest.raises(RuntimeError, match="outside"):
        fails()
    with RunFolder.open(tmp_path, "run", small, {}) as folder:
        assert folder.done == {0}


def test_a_folder_is_locked_while_it_is_open(tmp_path, small):
    with (
        RunFolder.open(tmp_path, "run", small, {}),
        pytest.raises(FolderError, match="another simclinic is writing"),
    ):
        RunFolder.open(tmp_path, "run", small, {})
    with RunFolder.open(tmp_path, "run", small, {}):
        pass


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Three chairs, two nurses", "three-chairs-two-nurses"),
        ("Über-Klinik №7", "uber-klinik-no7"),
        ("../../etc/passwd", "etc-passwd"),
        ("診療所", "scenario"),
        ("x" * 300, "x" * 60),
    ],
)
def test_folders_have_names_that_every_system_takes(name, expected):
    assert slug(name) == expected
    assert default_folder(name, "run", "0123456789").as_posix() == f"results/{expected}-run-01234567"
