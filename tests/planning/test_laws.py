"""Protocols with laws of their own, on paper: a mix is the sum of its parts."""

import datetime as dt

import pytest

from simclinic.past.reach import reach
from simclinic.planning.booster_load import share_reached
from simclinic.planning.demand import demand, laws_in_use, responders
from simclinic.planning.mix import mix
from simclinic.planning.visit_plans import VisitPlans
from simclinic.records import BOOSTER, INDUCTION
from simclinic.scenario import from_toml, replace, with_settings

SPECIAL = {
    "response": {"probability": 0.4, "drop_out": [0.2, 0.02], "stop_rule": False},
    "relapse": {"days": {"dist": "exponential", "mean": 30}},
    "boosters": {"uptake": 0.9, "attrition": 0.2, "infusions": 2, "days": 20, "check_in_days": 14},
}
SCHEDULE = {"boosters": {"policy": "scheduled", "every_weeks": [1, 2, 4], "attrition": 0.15}}
RULE = {"after": 3, "sensitivity": 0.9, "specificity": 0.7}
MIX = {"plain": 0.3, "special": 0.7}


def clinic(mix, law, everybody=False):
    """Make a clinic with a mix of two protocols, and with a law for the special one, or for all patients."""
    entry = "infusions = 6\ngap_days = [3, 4]\npermitted_gap_days = [2, 7]"
    protocols = f"[protocols.plain]\n{entry}\n[protocols.special]\n{entry}\n"
    scenario = from_toml(f'name = "x"\n[demand]\nprotocol_mix = {{ plain = 1 }}\n{protocols}')
    empty = {"begin": "empty", "warm_up_weeks": 30, "weeks": 20}
    scenario = replace(scenario, run=empty, demand={"protocol_mix": mix}, response={"stop_rule": RULE})
    way = "" if everybody else "protocols.special."
    return with_settings(
        scenario,
        {f"{way}{section}.{key}": value for section, given in law.items() for key, value in given.items()},
    )


@pytest.mark.parametrize("law", [SPECIAL, SCHEDULE], ids=["as needed", "by schedule"])
def test_the_demand_of_a_mix_is_the_sum_of_its_parts(law):
    mixed, plain = demand(clinic(MIX, law)), demand(clinic({"plain": 1.0}, law))
    special = demand(clinic({"plain": 1.0}, law, everybody=True))
    assert special["boosters"] != pytest.approx(plain["boosters"], rel=0.05)
    for name in ("series", "induction", "boosters", "starts"):
        assert mixed[name] == pytest.approx(0.3 * plain[name] + 0.7 * special[name], rel=1e-12), name


@pytest.mark.parametrize("law", [SPECIAL, SCHEDULE], ids=["as needed", "by schedule"])
def test_the_share_of_the_load_of_a_mix_is_that_of_its_boosters(law):
    """Of the steady boosters each part reaches its own share, so the mix reaches their mean."""
    mixed, plain = clinic(MIX, law), clinic({"plain": 1.0}, law)
    special = clinic({"plain": 1.0}, law, everybody=True)
    parts = [(0.3, plain), (0.7, special)]
    steady = [weight * demand(each)["boosters"] for weight, each in parts]
    reached = [share_reached(each) for _, each in parts]
    expected = sum(share * boosters for share, boosters in zip(reached, steady, strict=True)) / sum(steady)
    assert abs(reached[0] - reached[1]) > 0.02
    assert share_reached(mixed) == pytest.approx(expected, rel=1e-9)


def test_who_completes_and_responds_follows_the_protocols_law():
    shares = [
        responders(clinic(*each))
        for each in ((MIX, SPECIAL), ({"plain": 1.0}, SPECIAL), ({"plain": 1.0}, SPECIAL, True))
    ]
    assert shares[0] == pytest.approx(0.3 * shares[1] + 0.7 * shares[2], rel=1e-12)
    assert shares[1] != pytest.approx(shares[2], rel=0.05)


def test_the_past_reaches_as_far_as_the_longest_programme_that_anybody_has():
    long = {"boosters": {"attrition": 0.02}}
    mixed, plain = clinic(MIX, long), clinic({"plain": 1.0}, long)
    special = clinic({"plain": 1.0}, long, everybody=True)
    assert reach(plain) < reach(special) == reach(mixed)


def test_a_law_counts_from_the_day_on_which_the_first_patients_get_it():
    endless = {"boosters": {"attrition": 0.0}}
    scenario = clinic({"plain": 1.0}, endless)
    plain, special = scenario.laws.values()
    assert laws_in_use(scenario) == (plain,)
    assert demand(scenario)["boosters"] is not None
    date = dt.date(2026, 6, 1)
    later = replace(scenario, changes={date.isoformat(): {"demand.protocol_mix": MIX}})
    assert laws_in_use(later) == (plain, special)
    assert laws_in_use(later, date) == (plain,)
    assert laws_in_use(later, date + dt.timedelta(days=1)) == (plain, special)
    assert demand(clinic(MIX, endless))["boosters"] is None
    assert share_reached(clinic(MIX, endless)) is None


def test_the_mix_of_visits_follows_each_protocols_law():
    """Four weekly courses of two infusions on average, half of the responders, for the special protocol alone."""
    law = {
        "response": {"probability": 0.5, "drop_out": [0.0]},
        "boosters": {"policy": "scheduled", "uptake": 1.0, "attrition": 0.25, "infusions": 2},
    }
    nobody_misses = {"no_show": 0.0, "late_cancel": 0.0}
    nobody_stops = {"drop_out": [0.1], "probability": 1.0, "stop_rule": False}
    scenario = replace(clinic(MIX, law), response=nobody_stops, attendance=nobody_misses)
    plans = VisitPlans(scenario)
    wanted = mix(scenario, plans)
    [series], [boosters] = (
        {plans.number(1, kind, number) for number in (1, 6)} for kind in (INDUCTION, BOOSTER)
    )
    alone = mix(replace(scenario, demand={"protocol_mix": {"special": 1.0}}), plans)
    assert series == boosters  # one type of visit: six infusions, and of half the patients eight boosters
    assert alone[series] == pytest.approx(6 + 0.5 * 4 * 2)
    assert wanted[series] == pytest.approx(
        0.7 * alone[series]
        + 0.3 * mix(replace(scenario, demand={"protocol_mix": {"plain": 1.0}}), plans)[series]
    )
