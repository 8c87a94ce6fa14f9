"""Protocols with laws of their own: each patient lives by those of the protocol, as if there were no other."""

import dataclasses

import numpy as np
import pytest

from simclinic import records as r
from simclinic.experiment.pilot import _simulated
from simclinic.experiment.replication import Prepared, replay, replicate
from simclinic.measures.full import booster_too_late
from simclinic.model import simulate
from simclinic.sampling import draw
from simclinic.sampling.draws import Sampler
from simclinic.scenario import baseline, from_toml, replace, with_settings
from tests.model.small import EVERY_DAY, at, clinic, column, days_of, reasons
from tests.model.today import panel, someone

# -- on paper -------------------------------------------------------------------------------------------------

# Both take one infusion and respond. Who is seen as needed relapses ten days after each infusion; who comes by plan
# has two boosters of two infusions, a week after the infusion before and two weeks after the booster before.
TWO = (
    EVERY_DAY,
    """
    [run]
    weeks = 5
    [response]
    probability = 1.0
    [shifts.day]
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = "07:00-18:00"
    nurses = 1
    [protocols.asked]
    infusions = 1
    [protocols.planned]
    infusions = 1
    gap_days = [3, 3]
    [protocols.planned.boosters]
    policy = "scheduled"
    every_weeks = [1, 2]
    infusions = 2
    [demand.protocol_mix]
    asked = 0.5
    planned = 0.5
    """,
)


def one_of_each(*texts):
    """Records of the first seed in which the first patient comes as needed and the second by plan."""
    scenario = clinic(*TWO, *texts, referrals=[(0, 60), (0, 61)])
    for seed in range(100):
        draws = draw(scenario, seed, 0)
        if draws.protocol.tolist() == [0, 1]:
            return scenario, simulate(scenario, draws)
    raise AssertionError("no seed has one of each")


def test_two_protocols_with_certain_laws_are_counted_by_hand():
    _, records = one_of_each()
    # The first is treated on day 0 from 9 to 10, relapses every ten days, and is treated an hour later each time.
    assert column(records, "appointment", patient=0) == [at(0, 9), at(10, 11), at(20, 13), at(30, 15)]
    assert column(records, "relapsed", patient=0, kind=r.BOOSTER) == [at(10, 10), at(20, 12), at(30, 14)]
    # The second is treated from 10 to 11. A booster that is due takes the first start of its day: day 7, and three
    # days later; two weeks after day 10, on day 24, and three days later.
    assert days_of(records, patient=1, outcome=r.COMPLETED) == [0, 7, 10, 24, 27]
    assert column(records, "course", patient=1, outcome=r.COMPLETED) == [0, 1, 1, 2, 2]
    assert records.patients["boosters"].tolist() == [3, 4]


def test_what_a_protocol_does_not_say_it_takes_from_the_scenario():
    _, records = one_of_each("[boosters]\nattrition = 1.0")
    # Both leave after a booster, also the one whose protocol says when boosters are due.
    assert records.patients["boosters"].tolist() == [1, 2]
    assert reasons(records) == ["left programme"] * 2


def test_a_booster_that_is_due_needs_no_notice_and_one_that_is_asked_for_does():
    late = "[booking]\nbooster_notice_days = 2\n[targets]\nbooster_wait_days = '<= 0'"
    scenario, records = one_of_each(late)
    # One is asked for on day 10 and given on day 12, after the notice; the other is due on day 7 and given then.
    late = booster_too_late(records, scenario)
    assert len(late) > 4
    assert not late.any()
    # A day later each would be too late.
    visits = records.visits
    later = visits["appointment"] + r.DAY * (visits["kind"] == r.BOOSTER)
    records = dataclasses.replace(records, visits=visits | {"appointment": later})
    assert booster_too_late(records, scenario).all()


# -- as if there were no other --------------------------------------------------------------------------------

# So many chairs that no patient waits for another: what becomes of a patient depends on the patient's law alone.
ROOMY = """
name = "Roomy"
[run]
weeks = 26
warm_up_weeks = 0
begin = "empty"
[clinic]
chairs = 100
[demand]
referrals_per_week = 6
protocol_mix = { plain = 0.5, special = 0.5 }
[protocols.plain]
infusions = 4
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[protocols.special]
infusions = 4
gap_days = [3, 4]
permitted_gap_days = [2, 7]
[visit.steps.treatment]
minutes = { dist = "uniform", low = 20, high = 40 }
nurse = "none"
chair = true
"""

LAWS = {
    "response": {"response": {"probability": 0.9, "felt_by": [0.0, 1.0], "drop_out": [0.3, 0.0]}},
    "a stop rule": {"response": {"stop_rule": {"after": 2, "sensitivity": 0.8, "specificity": 0.6}}},
    "relapse": {"relapse": {"days": {"dist": "exponential", "mean": 9}, "follow_up_days": 12}},
    "as needed": {"boosters": {"uptake": 0.3, "attrition": 0.1, "days": 11, "lengthening": 1.5}},
    "check-ins": {"boosters": {"check_in_days": 3, "self_report": 0.1}},
    "courses": {"boosters": {"infusions": 3}},
    "by schedule": {"boosters": {"policy": "scheduled", "every_weeks": [1, 1, 1, 2]}},
    "drawn weeks": {
        "boosters": {"policy": "scheduled", "every_weeks": {"dist": "uniform", "low": 1, "high": 4}}
    },
    "both": {"boosters": {"policy": "both", "every_weeks": [3], "infusions": 2}, "relapse": {"days": 15}},
}


def roomy(law, *, everybody=False, **run):
    """Make the clinic with a law for the special protocol, or for all patients."""
    settings = {
        (f"{section}.{key}" if everybody else f"protocols.special.{section}.{key}"): value
        for section, given in law.items()
        for key, value in given.items()
    }
    return with_settings(from_toml(ROOMY), settings | {f"run.{key}": value for key, value in run.items()})


def histories(records):
    """By patient: protocol, and all that happened, in order."""
    patients, visits = records.patients, records.visits
    found = {}
    for row, who in enumerate(
        zip(*(patients[key].tolist() for key in ("origin", "day", "ordinal")), strict=True)
    ):
        columns = "programme", "reason", "left", "responder", "felt_at", "relapses", "infusions", "boosters"
        found[who] = [int(patients["protocol"][row]), [str(patients[key][row]) for key in columns]]
        mine = np.flatnonzero(visits["patient"] == row)
        columns = "kind", "number", "course", "requested", "relapsed", "appointment", "outcome", "left"
        found[who] += sorted(zip(*(map(str, visits[key][mine].tolist()) for key in columns), strict=True))
    return found


def lived(scenario, begin):
    """Histories of a clinic that begins empty, with those of a past, or with a panel."""
    if begin == "panel":
        records = simulate(scenario, Sampler(scenario, everybody()).sample(7, 0))
    else:
        records = replay(Prepared(scenario), 7, 0)
    return histories(records)


def everybody():
    """Make a panel of patients of both protocols, in all stages."""
    kept = {"stage": "maintained", "given": 4}
    stages = [
        *({"stage": "series", "given": given, "last": -given} for given in (1, 2, 3)),
        *({**kept, "boosters": had, "last": -3 * had - 4} for had in (0, 1, 2, 5)),
        {**kept, "boosters": 1, "last": -100},
        {**kept, "boosters": 3, "last": -8, "wants": -1},
        {**kept, "boosters": 4, "last": -8, "ahead": (2, 9)},
        {"stage": "waiting", "referred": -9},
    ]
    return panel(
        *(
            someone(key=100 * place + copy, protocol=("plain", "special")[copy % 2], **stage)
            for place, stage in enumerate(stages, start=1)
            for copy in range(20)
        )
    )


BEGINNINGS = {
    "empty": {},
    "walking in": {},
    "steady": {"begin": "steady", "history_weeks": 60, "history_delay_days": 3},
    "panel": {"weeks": 12},
}


@pytest.mark.parametrize("begin", BEGINNINGS)
@pytest.mark.parametrize("named", LAWS)
def test_each_patient_lives_as_if_the_law_held_for_all(begin, named):
    law, run = LAWS[named], BEGINNINGS[begin]
    mixed, plain, special = roomy(law, **run), roomy({}, **run), roomy(law, everybody=True, **run)
    if begin == "walking in":
        mixed, plain, special = (
            replace(each, booking={"mode": "walk-in"}) for each in (mixed, plain, special)
        )
    both, *alone = (lived(each, begin) for each in (mixed, plain, special))
    differ = 0
    for who, history in both.items():
        protocol = history[0]
        assert history == alone[protocol].get(who, history), who
        differ += alone[0].get(who) != alone[1].get(who)
    assert {history[0] for history in both.values()} == {0, 1}
    assert differ, "the law makes a difference"
    for protocol in (0, 1):
        mine = {who for who, history in both.items() if history[0] == protocol}
        assert mine == {who for who, history in alone[protocol].items() if history[0] == protocol}


def test_pilots_wait_for_the_whole_course_that_the_protocol_has():
    records = replay(Prepared(roomy(LAWS["courses"])), 7, 0)
    visits = records.visits
    done = (visits["kind"] == r.BOOSTER) & (visits["outcome"] == r.COMPLETED)
    whole = np.array([1, 3])[records.patients["protocol"][visits["patient"]]]
    ends = done & (visits["number"] == visits["course"] * whole) & (visits["requested"] < r.WEEK * 22)
    assert 0 < ends.sum() < done.sum()
    waits = (visits["left"] - visits["requested"])[ends] / r.DAY
    assert _simulated(records, roomy(LAWS["courses"]))[1].tolist() == waits.tolist()


@pytest.mark.parametrize("begin", ["empty", "steady"])
@pytest.mark.parametrize("named", ["courses", "both"])
def test_so_does_each_patient_of_a_clinic_with_several_types_of_visit(begin, named):
    law, run = LAWS[named], BEGINNINGS[begin]
    step = {"minutes": 45, "nurse": "none", "chair": True}
    types = {
        "visits": {"long": {"steps": {"treatment": step}}},
        "protocols": {"special": {"booster_visit": "long"}},
    }
    both, *alone = (
        lived(replace(each, **types), begin)
        for each in (roomy(law, **run), roomy({}, **run), roomy(law, everybody=True, **run))
    )
    for who, history in both.items():
        assert history == alone[history[0]][who], who


# -- the same law for all, said twice ---------------------------------------------------------------------------


def same(one, other):
    """Check that two replications have the same figures, bit by bit."""
    assert one.kpis.keys() == other.kpis.keys()
    for name, value in one.kpis.items():
        assert np.array_equal(value, other.kpis[name], equal_nan=True), name
    assert one.controls == other.controls
    for name, values in one.weeks.items():
        assert np.array_equal(values, other.weeks[name], equal_nan=True), name


@pytest.mark.parametrize("named", ["response", "by schedule", "both"])
def test_two_protocols_with_the_same_law_are_a_clinic_with_that_law(named):
    """Also with pilot runs, and controls: nothing reads what the scenario says of all."""
    short = {"run": {"weeks": 8, "warm_up_weeks": 1, "history_weeks": 20}}
    mix = {"demand": {"referrals_per_week": 3.0, "protocol_mix": {"twice-weekly": 0.5, "thrice-weekly": 0.5}}}
    law = LAWS[named]
    for_all = replace(baseline(), **short, **mix, **law)
    twice = replace(
        baseline(), **short, **mix, protocols=dict.fromkeys(("twice-weekly", "thrice-weekly"), law)
    )
    same(*(replicate(Prepared(each, controlled=True), 3, 0) for each in (for_all, twice)))
