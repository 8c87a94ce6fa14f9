"""Booster policies of packages and scripts: the same as a built-in one that does the same, everywhere."""

import json
import math
import re

import numpy as np
import pytest

import simclinic
from simclinic import plugins
from simclinic.errors import ScenarioError
from simclinic.experiment.controls import controls_of
from simclinic.experiment.replication import Prepared, replay, replicate
from simclinic.planning.booster_load import courses_by_day
from simclinic.planning.demand import programme
from simclinic.plugins import PluginError
from simclinic.records import BOOSTER, COMPLETED
from simclinic.scenario import baseline, from_toml, replace, resolved_toml
from simclinic.scenario.schedules import own_policy, schedule_of
from simclinic.scenario.used import used
from tests.docs.pages import ROOT
from tests.laws import only

PANEL = ROOT / "scenarios" / "data" / "panel.csv"
STEADY = {"begin": "steady", "weeks": 2, "history_weeks": 60, "history_delay_days": 1}
EMPTY = {"begin": "empty", "warm_up_weeks": 30, "weeks": 4}


def registered(rule, name="ours", *, on_request=False):
    return simclinic.policy(name, on_request=on_request)(rule)


def tables(scenario, panel=None):
    """Everything one replication yields."""
    found = replicate(Prepared(scenario, panel), 1, 0)
    return dict(found.kpis) | {f"week {name}": values.tolist() for name, values in found.weeks.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        if isinstance(value, float) and math.isnan(value):
            assert math.isnan(other[name]), name
        else:
            assert value == other[name], name


@pytest.mark.parametrize("run", [EMPTY, STEADY], ids=["empty", "steady"])
@pytest.mark.parametrize(("builtin", "on_request"), [("scheduled", False), ("both", True)])
def test_a_policy_that_does_what_a_built_in_one_does_is_the_same_in_every_table(run, builtin, on_request):
    registered(lambda courses, relapses: (2, 3, 5)[min(courses, 2)], on_request=on_request)
    plain = replace(baseline(), run=run, boosters={"policy": builtin, "every_weeks": [2, 3, 5]})
    own = replace(plain, boosters={"policy": "ours"})
    assert tables(plain)["boosters_per_week"] > 0
    same(tables(own), tables(plain))


@pytest.mark.parametrize(("builtin", "on_request"), [("scheduled", False), ("both", True)])
def test_it_is_the_same_for_todays_patients_too(builtin, on_request):
    registered(lambda courses, relapses: 4, on_request=on_request)
    plain, own = (
        simclinic.baseline()
        .change("run.weeks=3", f'boosters.policy="{policy}"')
        .run(2, workers=1, panel=PANEL, as_of="2026-01-05")
        for policy in (builtin, "ours")
    )
    assert plain.runs.drop(columns="replication").equals(own.runs.drop(columns="replication"))
    assert plain.kpis.loc["boosters_per_week", "mean"] > 0


def test_it_is_the_same_on_paper():
    registered(lambda courses, relapses: (2, 3, 5)[min(courses, 2)])
    plain = replace(baseline(), boosters={"policy": "scheduled", "every_weeks": [2, 3, 5]})
    own = replace(plain, boosters={"policy": "ours"})
    assert programme(only(own)) == programme(only(plain))
    assert courses_by_day(only(own), 300, 1).tolist() == courses_by_day(only(plain), 300, 1).tolist()


def test_it_gets_the_courses_and_the_relapses_so_far(monkeypatch):
    calls = []

    def rule(courses, relapses):
        calls.append((courses, relapses))
        return 2 if relapses else 6

    registered(rule)
    # Every patient relapses thirty days after the series or a booster, and comes to every appointment.
    scenario = replace(
        baseline(),
        run=EMPTY,
        relapse={"days": 30},
        boosters={"policy": "ours", "days": 30, "uptake": 1.0, "attrition": 0.0},
        attendance={"no_show": 0.0, "late_cancel": 0.0},
    )
    records = replay(Prepared(scenario), 1, 0)
    visits = records.visits
    rows = (visits["kind"] == BOOSTER) & (visits["outcome"] == COMPLETED)
    gaps, first = [], []
    for patient in np.unique(visits["patient"][rows]):
        days = visits["left"][rows & (visits["patient"] == patient)] // 1440
        gaps += np.diff(np.sort(days)).tolist()
        first.append(days.min() - records.patients["series_ended"][patient] // 1440)
    # The first booster comes after six weeks, and the relapse before it: from then on one comes every two weeks,
    # which postpones the next relapse each time.
    assert set(calls) == {(courses, min(courses, 1)) for courses in range(max(calls)[0] + 1)}
    assert max(calls)[0] >= 3
    assert min(first) >= 42
    assert min(gaps) >= 14
    assert np.median(gaps) < 21


def test_the_past_counts_relapses_as_the_simulation_does():
    calls = set()

    def rule(courses, relapses):
        calls.add((courses, relapses))
        return 6

    registered(rule)
    # A relapse thirty days after each booster, twelve days before the next one: as many relapses as boosters.
    scenario = replace(
        baseline(),
        run=STEADY,
        relapse={"days": 30},
        boosters={"policy": "ours", "days": 30},
        attendance={"no_show": 0.0, "late_cancel": 0.0},
    )
    tables(scenario)
    assert max(calls)[0] >= 4
    assert all(relapses == courses for courses, relapses in calls)


def test_means_are_not_adjusted_by_what_the_policy_may_change():
    registered(lambda courses, relapses: 4)
    scenario = replace(baseline(), run=EMPTY, boosters={"policy": "scheduled"})
    assert controls_of(scenario) is not None
    assert controls_of(replace(scenario, boosters={"policy": "ours"})) is None


# -- what a rule may return, and names -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "returned NoneType after 3 courses and 1 relapses, not a number of weeks"),
        (True, "returned bool"),
        (0.5, "returned 0.5 after 3 courses and 1 relapses: it must be 1 to 520 weeks"),
        (521, "it must be 1 to 520 weeks"),
        (math.nan, "returned nan"),
        (KeyError("x"), "failed after 3 courses and 1 relapses: KeyError: 'x'"),
    ],
)
def test_what_is_no_number_of_weeks_is_said(found, message):
    def rule(courses, relapses):
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(PluginError, match=re.escape(message)):
        registered(rule)(3, 1)


def test_bounds_are_weeks():
    assert [registered(lambda courses, relapses, weeks=weeks: weeks)(0, 0) for weeks in (1, 520)] == [1, 520]


@pytest.mark.parametrize(
    ("name", "message"),
    [("scheduled", "simclinic has a policy of that name"), ("Our policy", "small letters, digits and -")],
)
def test_names_are_checked(name, message):
    with pytest.raises(PluginError, match=message):
        registered(lambda courses, relapses: 4, name)


def test_a_scenario_names_policies_that_there_are(extras):
    scenario = from_toml('name = "a"\n[boosters]\npolicy = "longer-when-well"\n')
    assert from_toml(resolved_toml(scenario)).boosters.policy == "longer-when-well"
    with pytest.raises(ScenarioError) as refused:
        from_toml('name = "a"\n[boosters]\npolicy = "longer-if-well"\n')
    assert "Did you mean 'longer-when-well'?" in str(refused.value)
    with pytest.raises(ScenarioError, match="Did you mean 'scheduled'"):
        from_toml('name = "a"\n[boosters]\npolicy = "schedule"\n')


def test_the_examples_policy(extras):
    rule = schedule_of(replace(baseline(), boosters={"policy": "longer-when-well"}).boosters)
    assert [rule.weeks(courses, 0) for courses in range(5)] == [4, 4, 5, 5, 6]
    assert [rule.weeks(4, relapses) for relapses in range(4)] == [6, 5, 4, 4]
    assert rule.weeks(1000, 0) == 12
    assert rule.on_request
    courses, relapses = np.array([4, 0, 4, 2]), np.array([1, 0, 0, 0])
    assert rule.weeks_of(courses, relapses).tolist() == [5, 4, 6, 5]


def test_an_installed_policy_in_a_run(extras, simclinic, scenario, tmp_path):
    out = tmp_path / "run"
    options = ("run", scenario, "--set", "boosters.policy=longer-when-well", "--workers", 1, "--out", out)
    said = simclinic(*options)
    assert said.status == 0, said.err
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["own"] == {"simclinic.policies": {"longer-when-well": "clinic-extras 1.0"}}
    extras("1.1")
    said = simclinic(*options, "--replications", 4)
    assert (said.status, "the booster policy 'longer-when-well' of clinic-extras 1.0" in said.err) == (
        2,
        True,
    )


def test_something_else_under_a_policys_name_is_refused(install):
    install("odd", "1.0", {"odd": "ours = 3"}, {"simclinic.policies": {"ours": "odd:ours"}})
    assert plugins.known(plugins.POLICIES, "ours")
    with pytest.raises(PluginError, match="decorate a function"):
        own_policy("ours")


def test_a_policy_that_one_protocol_has_is_imported_and_named():
    registered(lambda courses, relapses: 2)
    scenario = replace(baseline(), run=EMPTY, protocols={"twice-weekly": {"boosters": {"policy": "ours"}}})
    assert used(scenario) == ((plugins.POLICIES, "ours"),)
    assert controls_of(scenario) is None
    assert tables(scenario)["boosters_per_week"] > 0
    with pytest.raises(ScenarioError, match=r"protocols\.twice-weekly\.boosters\.policy"):
        replace(scenario, protocols={"twice-weekly": {"boosters": {"policy": "unknown"}}})
