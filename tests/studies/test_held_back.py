"""What is said of those who ask now, where a cap holds patients back."""

import json
import shutil

import pytest

from simclinic.measures.stability import judge
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import Panel
from simclinic.store.kpi_table import KpiTable
from simclinic.store.manifest import DIGEST, FILES
from simclinic.store.reader import table
from simclinic.studies.compare import compare, sides
from simclinic.studies.folders.stored import read_results
from simclinic.studies.forecast import forecast, from_today
from simclinic.studies.held_back import asking_now_sentence, is_capped
from simclinic.studies.run import run

EMPTY = with_overrides(
    baseline(),
    [
        "booking.max_patients_in_series=4",
        "booking.patience_days=14",
        "demand.referrals_per_week=16",
        "boosters.uptake=0",
        'run.begin="empty"',
        "run.warm_up_weeks=0",
        "run.weeks=8",
        "run.replications=10",
    ],
)
"""A clinic that opens, with a list that is soon as long as patience allows."""


def of_now(warnings):
    return [warning for warning in warnings if "asking now" in warning]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opened")
    return run(EMPTY, out=folder / "run")


def test_a_list_that_grows(opened):
    result = opened.document
    now, decided = result["balked_share_now"], result["kpis"]["balked_share"]["mean"]
    assert (now["weeks"], now["growing"], now["replications"]) == (4, True, 10)
    assert now["low"] < now["share"] < now["high"] < 1
    assert decided < now["share"]
    assert result["verdict"] == "not-stable"
    [message] = of_now(result["warnings"])
    assert message == (
        f"about {100 * now['share']:.0f} % of the patients asking now will be turned away ({100 * now['low']:.0f} "
        f"to {100 * now['high']:.0f} %), judging by the waits in the last 4 weeks, and more if the list continues "
        f"to grow; 'Turned away', {100 * decided:.0f} %, counts patients decided so far, and patients held back by "
        "booking.max_patients_in_series leave only when their patience ends, after 14 days"
    )


def test_a_list_of_which_it_is_open_whether_it_grows(tmp_path):
    """Then all measured weeks are looked at, and they say what those decided in them say."""
    settled = with_overrides(EMPTY, ['run.begin="empty"', "run.warm_up_weeks=26", "run.weeks=13"])
    result = run(settled, out=tmp_path).document
    now = result["balked_share_now"]
    assert (now["weeks"], now["growing"]) == (13, False)
    assert now["share"] == pytest.approx(result["kpis"]["balked_share"]["mean"], abs=0.03)
    [message] = of_now(result["warnings"])
    assert "judging by the waits in the measured weeks; 'Turned away'" in message


def test_too_few_to_know(tmp_path):
    result = run(with_overrides(EMPTY, ["run.replications=4"]), out=tmp_path / "four").document
    assert result["balked_share_now"]["share"] is None
    assert (
        "is not known: an estimate needs at least 5 replications; 'Turned away'"
        in of_now(result["warnings"])[0]
    )
    # in three weeks nobody has waited for six, and nobody has been turned away: that is no answer
    brief = with_overrides(EMPTY, ["run.weeks=3", "booking.patience_days=42"])
    result = run(brief, out=tmp_path / "weeks").document
    assert result["balked_share_now"]["share"] is None
    assert result["kpis"]["balked_share"]["n"] == 0
    [message] = of_now(result["warnings"])
    assert message == (
        "the share of patients asking now who will be turned away is not known: in the measured weeks too few "
        "patients have waited for their whole patience, 42 days"
    )


def test_nothing_is_said_where_nobody_is_held_back(tmp_path):
    room = with_overrides(EMPTY, ["booking.max_patients_in_series=100"])
    assert is_capped(room)
    assert "balked_share_now" not in run(room, out=tmp_path).document
    assert not is_capped(with_overrides(baseline(), ["booking.patience_days=14"]))
    assert not is_capped(with_overrides(EMPTY, ['booking.mode="walk-in"']))


def test_under_a_weekly_cap(tmp_path):
    """The desk says at once whether there is a start in time, and at first there always is."""
    weekly = with_overrides(
        baseline(),
        [
            "booking.max_series_starts_per_week=3",
            "booking.patience_days=14",
            "demand.referrals_per_week=12",
            "boosters.uptake=0",
            'run.begin="empty"',
            "run.warm_up_weeks=0",
            "run.weeks=10",
            "run.replications=20",
        ],
    )
    result = run(weekly, out=tmp_path / "weekly").document
    now, decided = result["balked_share_now"], result["kpis"]["balked_share"]["mean"]
    assert now["growing"]
    settled = with_overrides(
        weekly, ['run.begin="empty"', "run.warm_up_weeks=26", "run.weeks=52", "run.replications=10"]
    )
    level = run(settled, out=tmp_path / "settled").document["kpis"]["balked_share"]["mean"]
    assert decided < level
    assert now["low"] < level < now["high"]
    [message] = of_now(result["warnings"])
    assert message.endswith(
        f"; 'Turned away', {100 * decided:.0f} %, counts patients decided so far, when the list was shorter"
    )


def test_nothing_is_said_where_the_list_is_level(tmp_path):
    """Enough weeks show it; the sentence is for those lists of which it is not shown."""
    level = with_overrides(
        EMPTY, ['run.begin="empty"', "run.warm_up_weeks=26", "run.weeks=104", "demand.referrals_per_week=12"]
    )
    result = run(level, out=tmp_path)
    verdict = judge(KpiTable(table(tmp_path, "runs")), 104)
    assert verdict.waiting_list == "level"
    assert "balked_share_now" not in result.document
    assert not of_now(result.document["warnings"])


def test_in_a_comparison_it_is_said_of_each(tmp_path, opened):
    other = with_overrides(EMPTY, ["booking.max_patients_in_series=100"]).model_copy(update={"name": "Room"})
    result = compare(sides([other, EMPTY]), out=tmp_path / "out", kpis=["access_days_mean"]).document
    room, capped = result["scenarios"]
    assert "balked_share_now" not in room
    assert capped["balked_share_now"] == opened.document["balked_share_now"]
    [message] = of_now(result["warnings"])
    assert message.startswith(f"{capped['name']}: about ")


def test_in_a_forecast_it_is_said_of_each_law(tmp_path):
    panel = Panel(())
    scenario = from_today(EMPTY, panel, weeks=8, as_of=EMPTY.run.start, replications=10)
    result = forecast(scenario, panel, out=tmp_path).document
    assert len(of_now(result["warnings"])) == len(result["laws"]) > 1
    for law in result["laws"]:
        assert 0.3 < law["balked_share_now"]["share"] < 1


def test_folders_of_before_can_be_read(tmp_path, opened):
    """They have no table of waits, and their manifest knows no digests."""
    folder = tmp_path / "before"
    shutil.copytree(opened.folder, folder)
    assert read_results(folder)[0].document["damaged"] == []
    shutil.rmtree(folder / "waits")
    assert read_results(folder)[0].document["damaged"] == ["waits/part-00000.parquet"]
    known = json.loads((folder / "manifest.json").read_text())
    older = {key: value for key, value in known.items() if key not in ("parts", FILES, DIGEST)}
    (folder / "manifest.json").write_text(json.dumps(older))
    [held] = read_results(folder)
    assert held.document["damaged"] == []
    assert held.document["done"] == 10
    assert len(table(folder, "runs")["replication"]) == 10


def test_mirrored_pairs(tmp_path):
    result = run(EMPTY, out=tmp_path, antithetic=True).document
    assert result["balked_share_now"]["replications"] == 10
    assert result["balked_share_now"]["share"] is not None
    few = with_overrides(EMPTY, ["run.replications=8"])
    assert run(few, out=tmp_path / "few", antithetic=True).document["balked_share_now"]["share"] is None


def test_where_all_are_turned_away_there_is_no_more(tmp_path):
    nobody = with_overrides(EMPTY, ["booking.max_patients_in_series=0"])
    result = run(nobody, out=tmp_path).document
    assert result["balked_share_now"]["share"] == 1.0
    assert (
        "about 100 % of the patients asking now will be turned away (100 to 100 %), judging by the waits in "
        "the last 4 weeks; 'T" in " ".join(of_now(result["warnings"]))
    )


def test_before_anybody_is_decided_the_figure_is_left_out():
    now = {"share": 0.5, "low": 0.4, "high": 0.6, "weeks": 8, "growing": False, "replications": 10}
    assert asking_now_sentence(now, None, EMPTY) == (
        "about 50 % of the patients asking now will be turned away (40 to 60 %), judging by the waits in the "
        "measured weeks"
    )
