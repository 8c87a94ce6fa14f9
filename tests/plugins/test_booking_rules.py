"""Booking rules of packages and scripts: starts kept for boosters, as the built-in reserve keeps them."""

import json
import math
import re

import numpy as np
import pytest

import simclinic
from simclinic import plugins
from simclinic.errors import ScenarioError
from simclinic.experiment.replication import Prepared, replay, replicate
from simclinic.past.dates import NONE, dates_of
from simclinic.planning.book import reserved
from simclinic.plugins import PluginError
from simclinic.records import BOOSTER, INDUCTION
from simclinic.scenario import baseline, from_toml, replace, resolved_toml
from simclinic.scenario.reserves import rule_of

BUSY = {"demand": {"referrals_per_week": 25}, "run": {"begin": "empty", "warm_up_weeks": 30, "weeks": 6}}


def registered(rule, name="ours"):
    return simclinic.booking_rule(name)(rule)


def ruled(**booking):
    return replace(baseline(), **BUSY, booking={"rule": "ours"} | booking)


@pytest.mark.parametrize(("share", "release"), [(0.2, 3), (0.5, 10), (1.0, 0)])
def test_a_rule_that_does_what_the_reserve_does_is_the_same_in_every_table(share, release):
    registered(lambda weekday, ahead, starts: reserved(starts, share) if ahead > release else 0)
    plain = replace(baseline(), **BUSY, booking={"booster_reserve": share, "release_days": release})
    one, other = (replicate(Prepared(scenario), 1, 0) for scenario in (plain, ruled()))
    assert one.kpis["balked_share"] > 0
    for name, value in one.kpis.items():
        assert value == other.kpis[name] or (math.isnan(value) and math.isnan(other.kpis[name])), name
    for name, values in one.weeks.items():
        assert values.tolist() == other.weeks[name].tolist(), name
    # The reserve matters here: without it other patients begin.
    free = replicate(Prepared(replace(baseline(), **BUSY)), 1, 0)
    assert free.kpis["boosters_per_week"] != one.kpis["boosters_per_week"]


def test_a_rule_that_is_written_anew_holds_in_the_years_before_too():
    def days(rule):
        registered(rule)
        return dates_of(ruled()).chains[0, 0, 0]

    assert days(lambda weekday, ahead, starts: starts) == NONE
    assert days(lambda weekday, ahead, starts: 0) == 0


def test_no_series_takes_what_the_rule_keeps_and_boosters_may():
    def no_mondays(weekday, ahead, starts):
        return starts if weekday == "mon" else 0

    registered(no_mondays)
    records = replay(Prepared(ruled()), 1, 0)
    visits, start = records.visits, records.start.weekday()
    booked = np.isfinite(visits["booked"])
    weekday = ((visits["appointment"][booked] // 1440).astype(int) + start) % 7
    kind = visits["kind"][booked]
    assert not (weekday[kind == INDUCTION] == 0).any()
    assert (weekday[kind == BOOSTER] == 0).sum() > 10
    assert (weekday[kind == INDUCTION] == 1).sum() > 10
    monday = (records.days["day"] + start) % 7 == 0
    assert (records.days["reserved"][monday] == records.days["starts"][monday]).all()
    assert not records.days["reserved"][~monday].any()


def test_it_gets_the_weekday_the_days_ahead_and_the_starts():
    calls = set()

    def rule(weekday, ahead, starts):
        calls.add((weekday, ahead, starts))
        return 0

    registered(rule)
    scenario = ruled(window_weeks=4)
    records = replay(Prepared(scenario), 1, 0)
    assert {weekday for weekday, _, _ in calls} == {"mon", "tue", "wed", "thu", "fri"}
    assert max(ahead for _, ahead, _ in calls) == 28
    assert min(ahead for _, ahead, _ in calls) >= 0
    assert {starts for _, _, starts in calls} == set(records.days["starts"].tolist()) - {0}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, "returned NoneType for tue, 5 days ahead, of 12 starts, not a whole number"),
        (2.0, "returned float"),
        (True, "returned bool"),
        (-1, "returned -1 for tue, 5 days ahead, of 12 starts: it must be 0 to 12"),
        (13, "it must be 0 to 12"),
        (ValueError("no"), "failed for tue, 5 days ahead, of 12 starts: ValueError: no"),
    ],
)
def test_what_is_no_number_of_starts_is_said(found, message):
    def rule(weekday, ahead, starts):
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(PluginError, match=re.escape(message)):
        registered(rule)(1, 5, 12)


@pytest.mark.parametrize("found", [0, 12, np.int64(3)])
def test_any_number_of_the_starts_may_be_kept(found):
    assert registered(lambda weekday, ahead, starts: found)(1, 5, 12) == found


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('rule = "monday-for-boosters"', "Did you mean 'mondays-for-boosters'?"),
        ('rule = "mondays-for-boosters"\nbooster_reserve = 0.1', "replaces booster_reserve"),
        ('rule = "mondays-for-boosters"\nmode = "walk-in"', 'is for mode = "booked"'),
    ],
)
def test_a_scenario_names_rules_that_there_are(extras, written, message):
    with pytest.raises(ScenarioError) as refused:
        from_toml(f'name = "a"\n[booking]\n{written}\n')
    assert message in str(refused.value)


def test_the_examples_rule_in_a_run(extras, simclinic, scenario, tmp_path):
    rule = rule_of(from_toml('name = "a"\n[booking]\nrule = "mondays-for-boosters"\n').booking)
    assert [rule(day, ahead, 12) for day, ahead in ((0, 4), (0, 3), (1, 4), (4, 0))] == [6, 0, 2, 0]
    out = tmp_path / "run"
    options = ("run", scenario, "--set", "booking.rule=mondays-for-boosters", "--workers", 1, "--out", out)
    said = simclinic(*options)
    assert said.status == 0, said.err
    own = json.loads((out / "manifest.json").read_text())["own"]
    assert own == {"simclinic.booking": {"mondays-for-boosters": "clinic-extras 1.0"}}
    extras("1.1")
    said = simclinic(*options, "--replications", 4)
    assert (said.status, "the booking rule 'mondays-for-boosters' of clinic-extras 1.0" in said.err) == (
        2,
        True,
    )


def test_a_rule_can_be_dropped_and_written(extras):
    scenario = replace(baseline(), booking={"rule": "mondays-for-boosters"})
    assert from_toml(resolved_toml(scenario)).booking.rule == "mondays-for-boosters"
    assert from_toml(resolved_toml(scenario), ["booking.rule=false"]).booking.rule is None


def test_something_else_under_a_rules_name_is_refused(install):
    install("odd", "1.0", {"odd": "ours = 3"}, {"simclinic.booking": {"ours": "odd:ours"}})
    assert plugins.known(plugins.BOOKING, "ours")
    with pytest.raises(PluginError, match="decorate a function"):
        rule_of(replace(baseline(), booking={"rule": "ours"}).booking)
    with pytest.raises(PluginError, match="small letters, digits and -"):
        simclinic.booking_rule("Our rule")
