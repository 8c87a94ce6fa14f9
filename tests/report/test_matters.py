"""The assumptions of the first pages, the limits of their chart, and settings in words."""

from simclinic.report.assumptions import assumptions
from simclinic.report.matters import limits_of, matters
from simclinic.report.settings import in_words, setting_words
from simclinic.scenario import baseline, with_overrides

FIRST = [
    "demand.referrals_per_week",
    "response.probability",
    "boosters.uptake",
    "boosters.attrition",
    "intake.accepts",
    "response.drop_out",
]


def test_the_assumptions_that_matter_most_come_in_the_order_of_the_sensitivity_study():
    assert [each.address for each in matters(baseline())] == FIRST


def test_what_a_study_varies_is_no_assumption():
    listed = [each.address for each in matters(baseline(), ["boosters.uptake", "response.drop_out"])]
    assert listed == [
        *(name for name in FIRST if name not in ("boosters.uptake", "response.drop_out")),
        "relapse.days",
        "boosters.days",
    ]
    assert "relapse.days" not in [each.address for each in matters(baseline(), [*FIRST, "relapse.days.mu"])]


def test_where_an_assumption_comes_from_is_not_said_of_another_value():
    of_default = matters(baseline())[3]
    of_own = matters(with_overrides(baseline(), ["boosters.attrition=0.03"]))[3]
    assert of_default.source.startswith("38 % still treated")
    assert of_own.source == f"set in the scenario; the default: {of_default.source}"
    assert of_own.changed


def test_estimates_have_three_digits_and_settings_as_written_have_theirs():
    own = with_overrides(
        baseline(),
        ["demand.referrals_per_week=12.9423", "response.drop_out=[0.0034722,0.125]", "boosters.uptake=0.625"],
    )
    assert [each.value for each in matters(own)] == [
        "12.9",
        "0.55",
        "0.625",
        "0.06",
        "0.65",
        "0.00347, 0.125",
    ]


def test_limits_are_those_of_verdicts_and_targets_that_all_plans_share():
    usual = {
        "balked_share": (True, 0.05),
        "overtime_day_share": (True, 0.10),
        "started_on_time_share": (False, 0.85),
    }
    assert limits_of([baseline()]) == usual
    aimed = with_overrides(baseline(), ['targets.access_days_p90="<= 7"'])
    found = limits_of([aimed])
    assert found["started_within_days_share"] == (False, 0.9)
    assert found["booster_wait_days_mean"] == (True, 8.0)
    # A limit that only one plan has is no line for both.
    assert limits_of([aimed, baseline()]) == usual
    stricter = with_overrides(baseline(), ['targets.balked_share="<= 2 %"'])
    assert "balked_share" not in limits_of([baseline(), stricter])
    in_years = with_overrides(baseline(), ["targets.wait_minutes_mean={ at_most = 7, in = 0.8 }"])
    assert "wait_minutes_mean" not in limits_of([in_years])


def test_settings_have_words():
    assert setting_words("shifts.early.nurses") == "nurses of the shift early"
    assert setting_words("visit.steps.infusion.minutes.mean") == "mean minutes of infusion"
    assert setting_words("visits.spray.steps.watch.minutes.median") == "median minutes of watch, spray"
    assert setting_words("shifts.doctor.number") == "staff of the shift doctor"
    assert in_words("2 more at places.room.number 3") == "2 more at number of places, room 3"
    assert setting_words("dosing.weight_kg") == "dosing: weight kg"
    assert setting_words("targets") == "targets"


def test_what_a_protocol_says_itself_is_an_assumption_beside_the_scenarios():
    own = with_overrides(baseline(), ["protocols.twice-weekly.boosters={uptake=0.9, check_in_days=3}"])
    at = "protocols.twice-weekly.boosters.uptake"
    assert [each.address for each in matters(own)] == [*FIRST[:3], at, *FIRST[3:5]]
    [one] = [each for each in assumptions(own) if each.address == at]
    assert (one.value, one.changed) == ("0.9", True)
    assert one.source.startswith("Share of patients who take boosters at all")
    assert at not in [each.address for each in matters(own, [at])]
    assert setting_words(at) == "share who take boosters, twice-weekly"
