"""Studies of a clinic whose protocols have laws of their own."""

import re
from pathlib import Path

import pytest

import simclinic
from simclinic.calibration.calibrate import _drop_laws_of_protocols
from simclinic.calibration.estimates import Findings
from simclinic.calibration.scenario_file import scenario_toml
from simclinic.errors import SimclinicError
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.report.figures.relapse import own_laws, relapse
from simclinic.scenario import baseline, load, replace, resolved_toml, with_overrides
from simclinic.scenario.panel import Panel
from simclinic.studies.advice import advice
from simclinic.studies.forecast import EVIDENCE, _keeps_its_law, laws, protocols_by_relapse
from simclinic.studies.input_ends import ends_of
from simclinic.studies.plan_space import read_levels
from tests.model.today import someone

MIX = {"demand": {"protocol_mix": {"twice-weekly": 0.5, "thrice-weekly": 0.5}}}
OWN = {"relapse": {"days": 40}, "boosters": {"attrition": 0.2}}
MIXED = replace(baseline(), **MIX, protocols={"thrice-weekly": OWN})
ALONE = replace(MIXED, demand={"protocol_mix": {"thrice-weekly": 1.0}})


# -- forecasts --------------------------------------------------------------------------------------------------


def panel_of(*protocols):
    return Panel(tuple(someone("waiting", key=key, protocol=name) for key, name in enumerate(protocols)))


def test_the_laws_of_the_evidence_hold_for_protocols_without_one_of_their_own():
    assert protocols_by_relapse(MIXED) == (["thrice-weekly"], ["twice-weekly"])
    shown = laws(MIXED)
    assert [each.name for each in shown] == list(EVIDENCE)
    for each in shown:
        assert each.scenario.laws["thrice-weekly"].relapse == MIXED.laws["thrice-weekly"].relapse
        assert each.scenario.laws["twice-weekly"].relapse.days == EVIDENCE[each.name]
    [note] = _keeps_its_law(MIXED, panel_of(), several=True)
    assert note == (
        "the relapse laws are those of twice-weekly; thrice-weekly has a law of its own, the same under each"
    )
    assert not list(_keeps_its_law(MIXED, panel_of(), several=False))


def test_where_every_protocol_has_its_own_no_law_of_the_evidence_is_shown():
    [only] = laws(ALONE)
    assert only.name == "relapse as in each protocol"
    [note] = _keeps_its_law(ALONE, panel_of("thrice-weekly"), several=False)
    assert note.startswith("every protocol has a relapse law of its own")
    # One of today's patients has the scenario's law.
    assert len(laws(ALONE, panel=panel_of("twice-weekly"))) == len(EVIDENCE)
    # ... and so has a patient of a later mix.
    later = replace(ALONE, changes={"2026-06-01": {"demand.protocol_mix": {"twice-weekly": 1.0}}})
    assert protocols_by_relapse(later) == (["thrice-weekly"], ["twice-weekly"])


def test_the_figure_of_relapse_shows_the_laws_of_protocols_too():
    assert list(own_laws(MIXED)) == ["relapse of thrice-weekly"]
    assert (
        "relapse of thrice-weekly: 100 % still well after 28 days, 0 % after 84"
        in relapse(own_laws(MIXED)).alt
    )
    assert own_laws(baseline()) == {}


# -- plans, advice, calibrations ----------------------------------------------------------------------------------


def test_a_protocol_with_an_attrition_of_its_own_has_ends_of_its_own():
    ends = {(end.address, end.value): end.name for end in ends_of(MIXED)}
    at = "protocols.thrice-weekly.boosters.attrition"
    assert ends[at, 0.03] == "3 % of protocol thrice-weekly leave after each booster"
    assert ends[at, 0.6] == "60 % of protocol thrice-weekly leave after each booster"  # above the evidence
    assert ("boosters.attrition", 0.12) in ends
    # Without patients who take the scenario's attrition its ends change nothing.
    assert {end.address for end in ends_of(ALONE)} == {at, "boosters.uptake", "demand.referrals_per_week"}


def test_a_plan_does_not_decide_how_the_patients_of_a_protocol_relapse():
    with pytest.raises(SimclinicError, match="is not for the clinic to decide"):
        read_levels(["protocols.thrice-weekly.relapse.follow_up_days=100,200"])
    [over] = read_levels(["protocols.thrice-weekly.boosters.every_weeks=2,4"])
    assert over.levels == (2, 4)


def warnings_of(scenario):
    found = advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
    return [text for text in found if "set for no" in text]


def test_a_setting_that_holds_for_no_patient_is_named():
    changed = with_overrides(ALONE, ["boosters.attrition=0.1", "boosters.uptake=0.6"])
    [text] = warnings_of(changed)
    assert text.startswith(
        "boosters.attrition is set for no patient: every protocol that patients get has its own"
    )
    assert warnings_of(ALONE) == []
    assert warnings_of(replace(changed, **MIX)) == []


def test_a_calibration_of_all_patients_together_drops_the_laws_of_protocols(tmp_path):
    findings = Findings()
    findings.set("relapse.days", 30, "export")
    _drop_laws_of_protocols(MIXED.protocols, findings)
    assert [(each.address, each.value) for each in findings.settings[1:]] == [
        (("protocols", "thrice-weekly", "relapse"), False)
    ]
    (tmp_path / "baseline.toml").write_text(resolved_toml(MIXED), encoding="utf-8")
    (tmp_path / "learnt.toml").write_text(
        scenario_toml("Learnt", "", findings.settings, []), encoding="utf-8"
    )
    learnt = load(tmp_path / "learnt.toml")
    assert learnt.laws["thrice-weekly"].relapse.days.value == 30
    assert learnt.protocols["thrice-weekly"].boosters == MIXED.protocols["thrice-weekly"].boosters


# -- nobody reads the scenario's laws where the protocol's hold ---------------------------------------------------

READS = {
    "experiment/same_patients.py": "a key of all settings",
    "planning/load.py": "a key of all settings",
    "studies/forecast.py": "the law that protocols take from the scenario",
    "studies/input_ends.py": "an end of the scenario's own setting",
    "report/figures/relapse.py": "compares the two",
    "calibration/settings/returns.py": "learns one law for all",
    "calibration/settings/series.py": "learns one law for all",
    "scenario/": "makes the laws",
}


def test_only_these_modules_read_the_laws_that_the_scenario_gives_for_all():
    package = Path(simclinic.__file__).parent
    pattern = re.compile(r"\b(?:scenario|_scenario|base|clinic|changed)\.(?:response|relapse|boosters)\b")
    for file in package.rglob("*.py"):
        name = file.relative_to(package).as_posix()
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "import" not in line]
        found = [line for line in lines if pattern.search(line)]
        assert not found or any(name.startswith(each) for each in READS), (name, found)
