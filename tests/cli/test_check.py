"""`simclinic check`: what is wrong, and what the plan can carry on paper."""

import json
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).parents[2] / "scenarios"
MONDAYS_ONLY = [f"clinic.hours.{day}=false" for day in ("tue", "wed", "thu", "fri")]


def test_a_valid_scenario_shows_its_week_and_its_hours(simclinic):
    result = simclinic("check", SCENARIOS / "baseline.toml")
    assert result.status == 0
    lines = result.out.splitlines()
    assert "Typical clinic" in lines
    for message in (
        "60  starts a week",
        "101  minutes until the patient leaves",
        "111  minutes in a chair",
    ):
        assert message in result.out
    assert any(line.split()[:5] == ["Mon", "08:00-17:00", "3", "2", "12"] for line in lines)
    assert any(line.split()[:2] == ["Sun", "closed"] for line in lines)
    assert any(line.split()[0:1] == ["12-13"] and "of 1," in line for line in lines)  # the break takes hands
    assert "The tightest resource is full the longest; over the week: chairs." in lines
    assert max(map(len, lines)) <= 80


def test_every_problem_is_listed_at_once(simclinic, tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text('name = "Wrong"\n[clinic]\nchairs = 0\n[demand]\nreferals_per_week = 3\n')
    result = simclinic("check", file)
    assert result.status == 2
    assert "not valid, 2 problems" in " ".join(result.out.split())
    running = " ".join(result.out.split())
    assert "clinic.chairs" in running
    assert "referrals_per_week" in running  # what was meant
    assert "Traceback" not in result.out + result.err


def test_several_scenarios_are_checked_each_by_itself(simclinic, scenario, tmp_path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("chairs = 3")
    result = simclinic("check", scenario, wrong, "--json")
    assert result.status == 2
    document = json.loads(result.out)
    assert [one["valid"] for one in document["scenarios"]] == [True, False]
    good, bad = document["scenarios"]
    assert bad["problems"]
    assert set(bad["problems"][0]) == {"file", "line", "address", "rule", "value", "suggestion", "told"}
    assert good["problems"] == []
    assert good["plans"][0]["starts_per_week"] == 60
    assert [day["starts"] for day in good["plans"][0]["weekdays"]] == [12, 12, 12, 12, 12, 0, 0]


@pytest.mark.parametrize("name", sorted(path.name for path in SCENARIOS.glob("*.toml")))
def test_the_scenarios_that_come_along_are_valid_and_look_right(simclinic, name):
    result = simclinic("check", SCENARIOS / name, "--json")
    assert result.status == 0
    (checked,) = json.loads(result.out)["scenarios"]
    assert checked["valid"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([*MONDAYS_ONLY, 'clinic.hours.mon="08:00-09:00"'], "no visit can start"),
        (["demand.referrals_per_week = 30"], "the clinic will be full"),
        (["demand.referrals_per_week = 12.5"], "waits will be long"),
        (["boosters.attrition = 0"], "grows without bound"),
        (["run.warm_up_weeks = 26"], "the clinic is still filling"),
        (['booking.starts = {mon = ["08:00"]}', 'shifts.day.hours = "09:00-17:30"'], "nobody is on duty at listed"),
        (['shifts.day.hours = "09:00-17:30"'], "open on mon at 08:00, but nobody is on duty"),
        ([*MONDAYS_ONLY, "protocols.twice-weekly.permitted_gap_days = [2, 6]"], "fits into no week"),
        (MONDAYS_ONLY, "never fits its preferred gaps"),
        (["booking.starts = {wed = []}"], "wed is open but has no starts (none are listed)"),
        (["protocols.daily = {infusions = 3, gap_days = [1, 1]}"], "no patient gets protocol 'daily'"),
        (["attendance.no_show = 1", "attendance.late_cancel = 0"], "no patient ever comes"),
    ],
)  # fmt: skip
def test_what_looks_wrong_on_paper_is_said(simclinic, scenario, settings, message):
    arguments = [part for setting in settings for part in ("--set", setting)]
    result = simclinic(
        "check",
        scenario,
        "--set",
        'run.begin="empty"',
        "--set",
        "run.warm_up_weeks=208",
        *arguments,
        "--json",
    )
    assert result.status == 0, result
    (checked,) = json.loads(result.out)["scenarios"]
    assert any(message in warning for warning in checked["warnings"]), checked["warnings"]
    assert "!" in simclinic("check", scenario, *arguments).out


def test_a_change_from_a_date_on_is_a_plan_of_its_own(simclinic, scenario):
    change = 'changes."2026-01-19" = {"clinic.chairs" = 4}'
    (checked,) = json.loads(simclinic("check", scenario, "--set", change, "--json").out)["scenarios"]
    assert [plan["since"] for plan in checked["plans"]] == ["2026-01-05", "2026-01-19"]
    assert [plan["weekdays"][0]["chairs"] for plan in checked["plans"]] == [3, 4]
    assert "from 2026-01-19" in simclinic("check", scenario, "--set", change).out


def test_a_walk_in_clinic_has_no_starts_and_no_warning_about_them(simclinic, scenario):
    (checked,) = json.loads(simclinic("check", scenario, "--set", "booking.mode='walk-in'", "--json").out)[
        "scenarios"
    ]
    assert checked["mode"] == "walk-in"
    assert not any("start" in warning for warning in checked["warnings"])
    crowded = ("--set", "booking.mode='walk-in'", "--set", "demand.referrals_per_week=40", "--json")
    (checked,) = json.loads(simclinic("check", scenario, *crowded).out)["scenarios"]
    assert any("of the time that chairs can give" in warning for warning in checked["warnings"])


def test_a_long_warm_up_of_a_steady_start_is_said_to_be_needless(simclinic, scenario):
    steady = ("check", scenario, "--set", 'run.begin="steady"', "--set")
    result = " ".join(simclinic(*steady, "run.warm_up_weeks=208").out.split())
    assert "run.warm_up_weeks = 208 need not be set" in result
    assert "its queues form within 13 weeks" in result
    for weeks in (0, 13):
        assert "need not be set" not in simclinic(*steady, f"run.warm_up_weeks={weeks}").out
    empty = ("check", scenario, "--set", 'run.begin="empty"', "--set", "run.warm_up_weeks=208")
    assert "need not be set" not in simclinic(*empty).out


def test_a_programme_without_end_is_said_to_have_no_steady_clinic(simclinic, scenario):
    endless = ("--set", "boosters.attrition=0", "--set", "boosters.days=20")
    result = " ".join(simclinic("check", scenario, "--set", 'run.begin="steady"', *endless).out.split())
    assert 'No steady clinic exists: a run needs run.begin = "empty", or run.history_weeks' in result
    result = simclinic("check", scenario, "--set", 'run.begin="empty"', *endless).out
    assert "No steady clinic" not in result
