"""What a protocol says of its own patients, in part; the rest it takes from the scenario."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, replace, resolved_toml, with_overrides
from simclinic.scenario.canonical import scenario_hash

SPRAVATO = """name = "Two kinds"
[demand]
protocol_mix = { ketamine = 0.6, spravato = 0.4 }
[protocols.ketamine]
infusions = 6
gap_days = [3, 4]
[protocols.spravato]
infusions = 8
gap_days = [3, 4]
"""
BOOSTERS = """[protocols.spravato.boosters]
policy = "scheduled"
every_weeks = [1, 1, 1, 1, 2]
"""


def made(*lines):
    return from_toml(SPRAVATO + "\n".join(lines))


def problems_of(*lines):
    with pytest.raises(ScenarioError) as caught:
        made(*lines)
    return [(each.line, each.address, each.rule) for each in caught.value.problems]


def test_a_protocol_says_in_part_what_holds_for_its_patients():
    scenario = made(BOOSTERS, "[boosters]\nattrition = 0.2\nevery_weeks = [3]")
    special, usual = scenario.laws["spravato"].boosters, scenario.laws["ketamine"].boosters
    assert (special.policy, special.every_weeks, special.attrition) == ("scheduled", (1, 1, 1, 1, 2), 0.2)
    assert (usual.policy, usual.every_weeks, usual.attrition) == ("as-needed", (3,), 0.2)
    assert usual is scenario.boosters
    assert scenario.laws["spravato"][:2] == (scenario.response, scenario.relapse)


def test_a_later_change_of_the_scenario_reaches_what_a_protocol_does_not_say():
    scenario = with_overrides(made(BOOSTERS), ["boosters.attrition=0.3", 'boosters.policy="both"'])
    assert scenario.laws["spravato"].boosters.attrition == 0.3
    assert scenario.laws["spravato"].boosters.policy == "scheduled"
    assert replace(scenario, boosters={"uptake": 0.1}).laws["spravato"].boosters.uptake == 0.1


def test_parts_merge_like_the_sections_of_the_scenario():
    scenario = with_overrides(
        made(BOOSTERS),
        [
            "protocols.spravato.boosters.attrition=0.1",
            "protocols.spravato.response={probability=0.4}",
            "protocols.spravato.response.stop_rule={after=2, sensitivity=0.9, specificity=0.7}",
            "protocols.spravato.response.stop_rule.after=3",
        ],
    )
    scenario = replace(scenario, protocols={"spravato": {"boosters": {"uptake": 0.4}}})
    boosters, response = scenario.laws["spravato"].boosters, scenario.laws["spravato"].response
    assert (boosters.policy, boosters.attrition, boosters.uptake) == ("scheduled", 0.1, 0.4)
    assert (response.probability, response.stop_rule.after, response.stop_rule.sensitivity) == (0.4, 3, 0.9)
    none = with_overrides(scenario, ["protocols.spravato.boosters=false"])
    assert none.laws["spravato"].boosters == scenario.boosters
    assert none.protocols["spravato"].boosters is None


def test_a_protocol_can_drop_what_the_scenario_has():
    rule = "stop_rule = { after = 3, sensitivity = 0.9, specificity = 0.7 }"
    scenario = made("[protocols.spravato.response]\nstop_rule = false", f"[response]\n{rule}")
    assert scenario.laws["spravato"].response.stop_rule is None
    assert scenario.laws["ketamine"].response.stop_rule.after == 3
    assert from_toml(resolved_toml(scenario)).laws == scenario.laws


def test_an_address_inside_a_distribution_begins_with_the_scenarios():
    changes = ["relapse.days={dist='lognormal', mu=3.5, sigma=0.9}", "protocols.spravato.relapse.days.mu=4"]
    law = with_overrides(made(), changes).laws["spravato"].relapse.days
    assert (law.mu, law.sigma, law.never) == (4.0, 0.9, 0.0)
    law = with_overrides(made(), changes[1:]).laws["spravato"].relapse.days
    assert (law.mu, law.sigma, law.never) == (4.0, 0.63, 0.2)


def test_it_is_written_out_as_it_was_given_and_read_again():
    scenario = made(BOOSTERS, "[protocols.spravato.relapse]\ndays = 30")
    again = from_toml(resolved_toml(scenario))
    assert again == scenario
    assert again.laws == scenario.laws
    assert dict(again.protocols["spravato"].boosters) == {
        "policy": "scheduled",
        "every_weeks": (1, 1, 1, 1, 2),
    }


def test_repeating_what_the_scenario_says_makes_no_other_scenario():
    plain = made()
    for repeated in ("boosters={uptake=0.7}", "boosters={}", "relapse={follow_up_days=365}"):
        other = with_overrides(plain, [f"protocols.spravato.{repeated}"])
        assert other.laws == plain.laws
        assert scenario_hash(other) == scenario_hash(plain)
    for changed in ("boosters={uptake=0.8}", "relapse={follow_up_days=300}", "response={probability=0.5}"):
        assert scenario_hash(with_overrides(plain, [f"protocols.spravato.{changed}"])) != scenario_hash(plain)


def test_every_problem_of_a_part_is_said_with_its_line():
    found = problems_of(
        "[protocols.spravato.boosters]",
        'policy = "planned"',
        "every_week = [1]",
        "every_weeks = [1, 0]",
        "[protocols.spravato.relapse]",
        'days = { dist = "lognormal", mu = 3, median = 20, sigma = 1 }',
        "[protocols.ketamine.response]",
        "attrition = 0.1",
    )
    assert [(line, address) for line, address, _ in found] == [
        (11, "protocols.spravato.boosters.policy"),
        (12, "protocols.spravato.boosters.every_week"),
        (13, "protocols.spravato.boosters.every_weeks[1]"),
        (15, "protocols.spravato.relapse.days"),
        (17, "protocols.ketamine.response.attrition"),
    ]


@pytest.mark.parametrize(
    ("lines", "line", "rule"),
    [
        (
            ["response = { felt_by = [0, 0, 0, 0, 0, 0, 0, 0, 1] }"],
            10,
            "must have a share above 0 within the 8",
        ),
        (
            ["response = { stop_rule = { after = 9, sensitivity = 0.9, specificity = 0.7 } }"],
            10,
            "must be at most 8, the infusions of the protocol",
        ),
        (
            ["response_ratio = 2", "response = { probability = 0.6 }"],
            10,
            "response.probability × response_ratio must be at most 1, not 1.2",
        ),
        (["boosters = 3"], 10, "must be a table"),
    ],
)
def test_rules_between_sections_hold_for_what_a_protocol_says(lines, line, rule):
    [(found, _, said)] = problems_of(*lines)
    assert rule in said
    assert found == line


def test_a_course_of_several_infusions_needs_gaps():
    with pytest.raises(ScenarioError) as caught:
        from_toml(
            'name = "x"\n[demand]\nprotocol_mix = { once = 1 }\n'
            "[protocols.once]\ninfusions = 1\nboosters = { infusions = 2 }"
        )
    [problem] = caught.value.problems
    assert problem.rule == "boosters of 2 infusions use the protocol's gap_days"


def test_a_stop_rule_beyond_a_protocol_that_has_its_own_is_no_problem():
    rule = "{ after = 7, sensitivity = 0.9, specificity = 0.7 }"
    made(f"[response]\nstop_rule = {rule}")
    [(_, address, rule)] = problems_of(
        "[protocols.spravato.response]\nstop_rule = false", f"[response]\nstop_rule = {rule}"
    )
    assert (address, rule[:17]) == ("response.stop_rule.after", "must be at most 6")


def test_what_a_protocol_says_can_be_uncertain():
    entry = "[uncertainty.a]\nsettings = [{}]\nscale = ['logit']\ncovariance = [[0.1]]"
    setting = "'protocols.spravato.boosters.attrition'"
    made("[protocols.spravato.boosters]\nattrition = 0.1", entry.format(setting))
    [(_, address, rule)] = problems_of(BOOSTERS, entry.format(setting))
    assert (address, rule) == (
        "uncertainty.a.settings[0]",
        "must be the address of an existing setting, down to a number",
    )
    [(_, _, rule)] = problems_of(entry.format("'protocols.spravato.infusions'"))
    assert "must lie in demand, intake, attendance, response, relapse or boosters" in rule


def test_the_typical_clinic_has_one_law():
    [laws] = dict.fromkeys(baseline().laws.values())
    assert laws == (baseline().response, baseline().relapse, baseline().boosters)
