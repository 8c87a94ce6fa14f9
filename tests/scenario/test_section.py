import copy
import pickle

import pytest
from pydantic import ValidationError

from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.section import Sequence, TomlTable


def test_a_scenario_cannot_be_changed_anywhere():
    scenario = baseline()
    with pytest.raises(ValidationError):
        scenario.clinic.chairs = 4
    for change in (
        lambda: scenario.shifts.__setitem__("night", None),
        lambda: scenario.shifts.pop("day"),
        scenario.shifts.clear,
        lambda: scenario.shifts.update(day=None),
        lambda: scenario.shifts.setdefault("day", None),
        scenario.shifts.popitem,
        lambda: scenario.clinic.hours.__delitem__("mon"),
        lambda: scenario.demand.protocol_mix.__ior__({"x": 1.0}),
        lambda: scenario.visit.steps.pop("infusion"),
        scenario.changes.clear,
    ):
        with pytest.raises(TypeError, match=r"scenario\.replace"):
            change()
    assert scenario == baseline()


def test_values_of_changes_are_frozen_too():
    scenario = with_overrides(baseline(), ['changes."2026-06-01"={"clinic.hours"={sat="08:00-12:00"}}'])
    [values] = scenario.changes.values()
    with pytest.raises(TypeError, match=r"scenario\.replace"):
        values["clinic.hours"]["sun"] = "24h"


def test_scenarios_are_hashable_and_travel():
    scenario = with_overrides(
        baseline(), ['changes."2026-06-01"={"clinic.chairs"=4}', 'clinic.closed_on=["12-25"]']
    )
    assert len({scenario, baseline(), baseline()}) == 2
    for again in (pickle.loads(pickle.dumps(scenario)), copy.deepcopy(scenario), copy.copy(scenario)):
        assert again == scenario
        assert hash(again) == hash(scenario)
        assert again.at(scenario.change_dates[0]).clinic.chairs == 4


def test_only_sequences_care_for_their_order():
    assert TomlTable(a=1, b=2) == TomlTable(b=2, a=1)
    assert Sequence(a=1, b=2) != Sequence(b=2, a=1)
    assert Sequence(a=1, b=2) == Sequence(a=1, b=2)
    assert Sequence() != 3


@pytest.mark.parametrize(
    "values", [{"nursess": 2}, {"chairs": True}, {"chairs": "3"}, {"chairs": 2.0}, {"chairs": float("nan")}]
)
def test_python_is_held_to_the_same_rules(values):
    with pytest.raises(ValidationError):
        type(baseline().clinic)(**values)
