"""Everything that is wrong with what was typed is said at once, and nothing is simulated."""

import pytest

import simclinic as package
from simclinic.errors import Problem, ScenarioError, SimclinicError, Together

TARGET = ("--target", "acess_days_p90<=10")
CASES = {
    "plan": (
        ("--over", "clinic.chairs=4:2", "--over", "demand.x=1,2", "--alpha", "nan", "--at-most", "3"),
        ("a range rises", "not for the clinic to decide", "alpha must", "at least 20"),
    ),
    "plan --by": (
        (
            "--by",
            "--lead-weeks",
            "-1",
            "--over",
            "booking.booster_reserve=0,0.1",
            "--maximise",
            "cost_per_week",
        ),
        (
            "needs --panel",
            "from 0 to 520",
            "cannot change from a date on",
            "less is better for cost_per_week",
        ),
    ),
    "plan --maximise": (
        ("--maximise", "margin", "--alpha", "1"),
        ("'margin' is not a key figure", "nothing may vary", "alpha must"),
    ),
    "intake": (
        ("--from", "0", "--step", "300%", "--alpha", "0.7", "--at-most", "1"),
        ("first level", "step must", "alpha must", "at least 20"),
    ),
    "template": (
        ("--grid", "7", "--slack", "x,p10", "--alpha", "0", "--at-most", "5", "--sheet", "sheet.txt"),
        ("must divide an hour", "'p10' is no slack", "alpha must", "at least 20", "ends in .csv"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_everything_wrong_is_said_at_once(simclinic, scenario, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    arguments, wrong = CASES[case]
    command = case.split()[0]
    for target, figure in ((TARGET, ["acess_days_p90"]), ((), [])):
        said = simclinic(command, scenario, *arguments, *target)
        assert said.status == 2
        assert "Traceback" not in said.err
        text = " ".join(said.err.split())
        assert [each for each in (*wrong, *figure) if each not in text] == [], (case, said.err)
        lines = said.err.splitlines()
        assert len(set(lines)) == len(lines)
    assert not (tmp_path / "results").exists()


def test_what_depends_on_the_scenario_is_said_with_the_rest(simclinic, scenario):
    said = simclinic("plan", scenario, "--over", "clinic.chair=1,2", "--alpha", "2")
    assert "Did you mean" in said.err
    assert "alpha must" in said.err
    said = simclinic("template", scenario, "--set", 'booking.mode="walk-in"', "--alpha", "0")
    assert "is a walk-in clinic" in said.err
    assert "alpha must" in said.err


def test_one_error_stays_what_it_is_and_no_other_kind_is_held_back():
    wrong = Together()
    with wrong:
        raise ScenarioError([Problem("must be at least 1", "clinic.chairs")])
    assert wrong
    with pytest.raises(ScenarioError):
        wrong.end()
    with wrong:
        raise SimclinicError("twice", "clinic.chairs: must be at least 1")
    with pytest.raises(SimclinicError) as end:
        wrong.end()
    assert end.value.lines == ("clinic.chairs: must be at least 1", "twice")
    with pytest.raises(KeyError), Together():
        raise KeyError
    Together().end()
    assert not Together()


def test_the_clinic_in_python_says_all_too():
    with pytest.raises(SimclinicError) as end:
        package.baseline().plan(["clinic.chairs=3:2"], alpha=1.0, maximise="nothing")
    assert len(end.value.lines) == 3
