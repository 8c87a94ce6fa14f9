"""What a calibration leaves open, as a scenario says it."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, resolved_toml, with_overrides

ENTRY = """
[uncertainty.no-show]
settings = ["attendance.no_show"]
scale = ["logit"]
covariance = [[0.004]]
"""


def made(text):
    return from_toml('name = "Uncertain"\n' + text)


def problems_of(text):
    with pytest.raises(ScenarioError) as caught:
        made(text)
    return caught.value.problems


def test_a_scenario_is_certain_unless_it_says_so():
    assert not baseline().uncertainty


def test_it_is_written_out_and_read_again():
    scenario = made(ENTRY)
    entry = scenario.uncertainty["no-show"]
    assert (entry.settings, entry.scale, entry.covariance) == (
        ("attendance.no_show",),
        ("logit",),
        ((0.004,),),
    )
    assert from_toml(resolved_toml(scenario)) == scenario
    assert not with_overrides(scenario, ["uncertainty={}"]).uncertainty
    assert not with_overrides(scenario, ["uncertainty.no-show=false"]).uncertainty


@pytest.mark.parametrize(
    "setting",
    [
        "response.drop_out.1",
        "response.drop_out.5",
        "response.probability",
        "relapse.days.sigma",
        "relapse.days.never",
        "boosters.uptake",
        "boosters.days.median",
        "demand.referrals_per_week",
    ],
)
def test_what_may_be_uncertain(setting):
    assert made(ENTRY.replace("attendance.no_show", setting).replace('"logit"', '"identity"')).uncertainty


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('"attendance.no_show"', '"clinic.chairs"', "must lie in demand, intake, attendance, response, relapse"),
        ('"attendance.no_show"', '"attendance.no_shows"', "must be the address of an existing setting"),
        ('"attendance.no_show"', '"attendance"', "must be"),
        ('"attendance.no_show"', '"response.drop_out.6"', "must be the address of an existing setting"),
        ('"attendance.no_show"', '"response.drop_out.0"', "must be the address of an existing setting"),
        ('"attendance.no_show"', '"response.drop_out"', "must be the address of a decimal number"),
        ('"attendance.no_show"', '"boosters.check_in_days"', "must be the address of a decimal number"),
        ('"attendance.no_show"', '"relapse.days.dist"', "must be the address of a decimal number"),
        ('"attendance.no_show"', '"a b"', "must be an address"),
        ('["attendance.no_show"]', "[]", "at least 1"),
        ('"logit"', '"logits"', "logit"),
        ('["logit"]', '["logit", "log"]', "must have one scale for each of the 1 settings"),
        ("[[0.004]]", "[[0.004, 0.0]]", "must be 1 rows of 1 numbers"),
        ("[[0.004]]", "[[-0.004]]", "must be symmetric and positive semidefinite"),
        ("[[0.004]]", "[[nan]]", "number"),
        ("[[0.004]]", '[["x"]]', "number"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told(old, new, rule):
    assert old in ENTRY
    result = problems_of(ENTRY.replace(old, new))
    assert any(rule in str(problem) for problem in result), result
    assert all(problem.address.startswith("uncertainty") for problem in result)


def test_a_share_of_nothing_has_no_odds():
    (problem,) = problems_of("[attendance]\nno_show = 0.0\n" + ENTRY)
    assert "has the scale 'logit', so attendance.no_show must lie between 0 and 1" in str(problem)
    (problem,) = problems_of(
        "[demand]\nreferrals_per_week = 0.0\n"
        + ENTRY.replace("attendance.no_show", "demand.referrals_per_week").replace("logit", "log")
    )
    assert "has the scale 'log', so demand.referrals_per_week must lie above 0" in str(problem)


def test_a_setting_stands_in_one_entry():
    (problem,) = problems_of(ENTRY + ENTRY.replace("no-show", "zero"))
    assert "is already in uncertainty.no-show" in str(problem)
    assert problems_of(
        ENTRY.replace('["attendance.no_show"]', '["attendance.no_show", "attendance.no_show"]')
    )


@pytest.mark.parametrize(
    ("covariance", "fits"),
    [
        ("[[1.0, 0.5], [0.5, 1.0]]", True),
        ("[[1.0, 1.0], [1.0, 1.0]]", True),
        ("[[0.0, 0.0], [0.0, 0.0]]", True),
        ("[[1.0, 1.1], [1.1, 1.0]]", False),
        ("[[1.0, 0.5], [0.4, 1.0]]", False),
        ("[[0.0, 0.5], [0.5, 1.0]]", False),
    ],
)
def test_a_covariance_is_one(covariance, fits):
    text = f"""
[uncertainty.law]
settings = ["relapse.days.mu", "relapse.days.sigma"]
scale = ["identity", "log"]
covariance = {covariance}
"""
    if fits:
        made(text)
    else:
        assert "must be symmetric" in str(problems_of(text)[0])


def test_the_changed_setting_must_still_fit():
    with pytest.raises(ScenarioError, match="logit"):
        with_overrides(made(ENTRY), ["attendance.no_show=0.0"])
