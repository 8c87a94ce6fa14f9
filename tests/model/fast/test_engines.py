"""Which engine simulates, and that nothing but the time depends on it."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from simclinic.errors import SimclinicError
from simclinic.model import engines
from simclinic.model.fast import compiled, engine
from simclinic.model.fast import simulate as interpreted
from simclinic.model.fast.timetable import MOST_ROLES, not_covered
from simclinic.planning import Timetable
from simclinic.sampling import draw
from simclinic.scenario import baseline, load, replace, scenario_hash
from tests.command_line import called
from tests.model.fast.same import differences
from tests.model.small import clinic
from tests.mutation.plant import HOUSE
from tests.properties.clinics import clinics
from tests.properties.wider import wider_clinics


def asks(name, scenario=None):
    return replace(scenario or baseline(), run={"engine": name})


@pytest.fixture
def warm(monkeypatch):
    """The engine counts as compiled, and Python runs it."""
    monkeypatch.setattr(compiled, "available", lambda: True)
    monkeypatch.setattr(compiled, "is_warm", lambda: True)
    monkeypatch.setattr(compiled, "compiled_run", lambda: interpreted.run)


def test_auto_takes_the_engine_that_is_there(warm, monkeypatch):
    assert engines.engine_of(baseline()).name == "fast"
    assert engines.engine_of(asks("simpy")) == ("simpy", "")
    assert engines.engine_of(asks("fast")) == ("fast", "")
    monkeypatch.setattr(compiled, "is_warm", lambda: False)
    assert engines.engine_of(baseline()).name == "simpy"
    assert "simclinic warm" in engines.engine_of(baseline()).reason


DAY = {"days": ["mon"], "hours": "08:00-17:00", "number": 1}
SCENARIOS = [
    path for folder in (".", "verification", "data") for path in (HOUSE / "scenarios" / folder).glob("*.toml")
]


def test_every_scenario_is_covered():
    assert len(SCENARIOS) > 20
    assert [path.stem for path in SCENARIOS if not_covered(load(path)) is not None] == []


@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.one_of(clinics(), wider_clinics(consults=True), wider_clinics(mode="walk-in", consults=True)))
def test_no_generated_clinic_falls_back(scenario):
    assert not_covered(scenario) is None


def test_more_roles_than_bits_of_a_word_are_not_covered(warm):
    roles = {f"role-{place}": {"hour": 50} for place in range(MOST_ROLES)}
    shifts = {name: {**DAY, "role": name} for name in roles}
    steps = {"preparation": {"claims": {name: {"need": "on-site"} for name in roles}}}
    many = replace(baseline(), roles=roles, shifts=shifts, visit={"steps": steps})
    reason = "the compiled engine does not cover more than 31 roles"
    assert engines.engine_of(asks("fast", many)) == ("simpy", reason)


def test_what_is_not_covered_is_simulated_with_simpy(warm, monkeypatch):
    monkeypatch.setattr(engines, "not_covered", lambda _: "the booking rule 'ours' of another package")
    reason = "the compiled engine does not cover the booking rule 'ours' of another package"
    assert engines.engine_of(asks("fast")) == ("simpy", reason)


def test_without_numba_the_engine_cannot_be_asked_for(monkeypatch):
    monkeypatch.setattr(compiled, "available", lambda: False)
    with pytest.raises(SimclinicError, match="needs numba"):
        engines.engine_of(asks("fast"))
    assert engines.engine_of(baseline()).name == "simpy"
    result = called("warm")
    assert result.status == 2
    assert "simclinic[fast]" in result.err


def test_no_figure_and_no_folder_depends_on_the_engine():
    assert len({scenario_hash(asks(name)) for name in ("auto", "simpy", "fast")}) == 1


def test_a_run_that_the_engine_refuses_is_made_with_simpy(warm, monkeypatch):
    scenario = clinic("[demand]\nreferrals_per_week = 10.0", "[run]\nweeks = 2")
    timetable = Timetable(scenario)
    sooner = engines.simulate(scenario, draw(scenario, 1, 0), timetable)
    monkeypatch.setattr(engine, "simulate", lambda *_: None)
    again = engines.simulate(scenario, draw(scenario, 1, 0), timetable)
    assert len(sooner.visits["patient"])
    assert differences(sooner, again) == []
