"""What the checklist says of a clinic with types of visit, roles and places."""

from pathlib import Path

from simclinic.report.stress_des import Study, needs, stress_des
from simclinic.scenario import baseline, from_toml, load, replace, with_overrides
from simclinic.scenario.visit import Claim, Step
from tests.measures.test_groups import WIDER

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_steps_of_every_type_of_visit_with_their_claims_and_places():
    text = stress_des(Study([from_toml(WIDER)], {}, {}))
    assert "a visit infusion: arrives → waits for a chair → infusion" in text
    assert "a visit spray: arrives → waits for a room → talk → rest" in text
    assert "  - infusion/infusion: 40 minutes, one nurse, chair held\n" in text
    assert "  - spray/talk: 20 minutes, one prescriber (infusions 1 to 1), room held\n" in text
    assert "  - spray/rest: 120 minutes, a prescriber for 2 patients, chair held\n" in text
    assert "2 places of the kind room. Staff, " in text
    assert "shift prescriber: 1 of the role prescriber on mon" in text
    assert (
        "Chairs and other places go first come, first served; hands-on steps take one person of each role"
        in text
    )
    assert "After each visit of a series patients may drop out." in text
    usual = stress_des(Study([baseline()], {}, {}))
    assert "Chairs go first come, first served; hands-on steps take one nurse exclusively, watching" in usual
    assert "After each infusion patients may drop out." in usual


def test_what_the_visits_need_is_said_of_every_clinic():
    """One has chairs watched by nurses, one esketamine and a prescriber, one is without appointments."""
    usual = stress_des(Study([baseline()], {}, {}))
    assert "boosters, in chairs watched by nurses. Yesterday's" in usual
    assert "what a clinic's chairs, nurses and book can carry" in usual
    text = stress_des(Study([load(SCENARIOS / "iv-and-esketamine.toml")], {}, {}))
    assert "watched by nurses" not in text
    assert "Its visits (infusion, esketamine) need chairs, nurses and prescribers. Yesterday's" in text
    assert "what a clinic's places, staff and book can carry" in text
    hospital = stress_des(Study([load(SCENARIOS / "day-hospital.toml")], {}, {}))
    assert "need chairs, private-rooms, lounges, nurses and therapists." in hospital
    walk_in = stress_des(
        Study([replace(baseline(), booking={"mode": "walk-in"}, clinic={"chairs": 1})], {}, {})
    )
    assert "chairs, nurses and waiting room can carry" in walk_in
    assert "**Resources.** 1 chair, open" in walk_in


def test_figures_have_the_words_of_the_clinic():
    """With several types of visit series and boosters give treatments; other roles are staff, too."""
    names = [
        "access_days_mean",
        "waited_for_hands_minutes_mean",
        "infusions_per_week:spray",
        "cost_per_week:doctor",
    ]
    text = stress_des(Study([from_toml(WIDER)], {}, {"kpis": dict.fromkeys(names)}))
    days = "| Days to first {0}, mean | `access_days_mean` | days | Ready for booking to start of the first {0}, "
    assert days.format("treatment") in text
    assert (
        "| Waited for hands-on staff | `waited_for_hands_minutes_mean` | minutes | Minutes a visit " in text
    )
    assert "waits for hands-on staff, over all its steps." in text
    assert "| Visits: spray | `infusions_per_week:spray` |" in text
    usual = stress_des(Study([baseline()], {}, {"kpis": {"access_days_mean": None}}))
    assert days.format("infusion") in usual


def test_who_comes_first():
    booked = stress_des(Study([replace(baseline(), booking={"first": ["booster"]})], {}, {}))
    assert "holds nothing (booster before all others, otherwise in order of asking)." in booked
    assert "Chairs go first come, first served" in booked
    walk_in = replace(from_toml(WIDER), booking={"mode": "walk-in", "first": ["booster", "spray"]})
    said = stress_des(Study([walk_in], {}, {}))
    rule = "booster, then spray before all others, otherwise "
    assert f"queue for a chair ({rule}in order of arrival), and come" in said
    assert f"Chairs and other places go {rule}first come, first served;" in said
    assert f"For a chair ({rule}first come, first served, without limit)" in said


def test_a_consult_that_is_a_visit():
    text = stress_des(Study([load(SCENARIOS / "consult-days.toml")], {}, {}))
    assert (
        "those who accept want a series. The consult is a visit (consult). The patient gets the first start from 2 "
        "days after the desk's answer on, and is turned away if there is none within 42 days. A missed consult "
        "wastes its start. Days from the referral to asking for it: 1. Days from its end to the decision: 2. The"
    ) in text
    assert "a visit consult: arrives → waits for a consult-room → talk" in text
    walk_in = with_overrides(load(SCENARIOS / "consult-days.toml"), ["booking.mode=walk-in"])
    said = stress_des(Study([walk_in], {}, {}))
    assert "The patient walks in for it. Days from the referral to asking for it: 1." in said
    assert "The consult is a visit" not in stress_des(Study([from_toml(WIDER)], {}, {}))


def test_claims_in_words():
    claims = {"prescriber": Claim(need="on-site", from_infusion=2), "nurse": Claim(watch=1)}
    step = Step(minutes=5.0, claims=claims, chair=False)
    assert needs(step) == "a nurse for 1 patient and a prescriber on site (infusions 2 and later), no chair"


def test_steps_of_some_infusions_in_words():
    first, later = Step(minutes=5.0, to_infusion=1), Step(minutes=5.0, from_infusion=2)
    assert needs(first) == "no nurse, chair held, part of some visits only (infusions 1 to 1)"
    assert needs(later) == "no nurse, chair held, part of some visits only (infusions 2 and later)"
