import datetime as dt
import time

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, load, resolved_toml, with_overrides


@pytest.fixture
def replayed(tmp_path):
    def made(rows, overrides=(), more=""):
        (tmp_path / "r.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
        (tmp_path / "a.toml").write_text(f'name = "a"\n[demand]\nreferrals_file = "r.csv"\n{more}')
        return load(tmp_path / "a.toml", overrides)

    return made


def test_dates_and_times_are_read_in_order(replayed):
    rows = (
        "\ufeff2026-01-06 14:10:00\r\n\r\n2026-01-05  # the first\n20260107\n2026-01-06\n2026-01-06T09:30\n"
    )
    demand = replayed(rows).demand
    assert demand.referrals == (
        dt.date(2026, 1, 5),
        dt.date(2026, 1, 6),
        dt.datetime(2026, 1, 6, 9, 30),
        dt.datetime(2026, 1, 6, 14, 10),
        dt.date(2026, 1, 7),
    )
    assert demand.referrals_file == "r.csv"


def test_an_empty_file_is_a_clinic_that_nobody_asks(replayed):
    assert replayed("").demand.referrals == ()


def test_each_bad_line_is_told(replayed, tmp_path):
    with pytest.raises(ScenarioError) as caught:
        replayed(
            "2026-01-05\ndate\n2026-02-30\n2026-01-05T10:00Z\n2026-01-05,3\n", more="[clinic]\nchairs = 0\n"
        )
    messages = [(problem.file, problem.line) for problem in caught.value.problems]
    assert messages == [(str(tmp_path / "r.csv"), line) for line in (2, 3, 4, 5)] + [
        (str(tmp_path / "a.toml"), 5)
    ]


def test_a_long_list_of_bad_lines_is_cut(replayed):
    with pytest.raises(ScenarioError) as caught:
        replayed("x\n" * 1000)
    assert len(caught.value.problems) == 20


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "there is no such file"),
        ("../r.csv", "must not leave the folder"),
        ("/etc/passwd", "must be a relative path"),
        (".", "is a folder"),
    ],
)
def test_where_the_file_may_lie(replayed, name, message):
    with pytest.raises(ScenarioError, match=message):
        replayed("", [f"demand.referrals_file={name}"])


def test_another_encoding_is_refused(replayed):
    with pytest.raises(ScenarioError, match="UTF-16"):
        replayed("2026-01-05".encode("utf-16"))


def test_the_last_word_on_referrals_counts(replayed, tmp_path):
    (tmp_path / "s.csv").write_text("2026-03-01\n")
    assert replayed("2026-01-05\n", ["demand.referrals_file=s.csv"]).demand.referrals == (
        dt.date(2026, 3, 1),
    )
    listed = replayed("2026-01-05\n", ["demand.referrals=[2026-02-01]"]).demand
    assert (listed.referrals, listed.referrals_file) == ((dt.date(2026, 2, 1),), None)
    none = replayed("2026-01-05\n", ["demand.referrals_file=false"]).demand
    assert (none.referrals, none.referrals_file) == (None, None)
    again = with_overrides(replayed("2026-01-05\n"), ["demand.referrals_file=s.csv"], folder=tmp_path)
    assert again.demand.referrals == (dt.date(2026, 3, 1),)
    kept = with_overrides(replayed("2026-01-05\n"), ["clinic.chairs=4"])
    assert kept.demand.referrals == (dt.date(2026, 1, 5),)


def test_an_extended_files_referrals_lie_in_its_folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "r.csv").write_text("2026-01-05\n")
    (tmp_path / "sub" / "b.toml").write_text('name = "b"\n[demand]\nreferrals_file = "r.csv"\n')
    (tmp_path / "a.toml").write_text('extends = "sub/b.toml"\n')
    assert load(tmp_path / "a.toml").demand.referrals == (dt.date(2026, 1, 5),)


def test_many_referrals_are_replayed_and_written_out_quickly(replayed):
    start = dt.datetime(2026, 1, 1, 0, 0, 0, 123456)
    rows = [(start + dt.timedelta(minutes=7 * row)).isoformat() for row in range(30_000)]
    begun = time.process_time()
    scenario = replayed("\n".join(rows))
    assert from_toml(resolved_toml(scenario)) == scenario
    assert time.process_time() - begun < 10
    with pytest.raises(ScenarioError, match="must have at most 30000 entries"):
        replayed("2026-01-01\n" * 30_001)


def test_nothing_is_replayed_by_default():
    assert baseline().demand.referrals is None
