import datetime as dt
import tomllib

from hypothesis import HealthCheck, given, settings

from simclinic.scenario import Scenario, baseline, from_toml, load, resolved_toml, scenario_hash
from tests.scenario.strategies import scenarios


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_what_is_written_loads_to_an_equal_scenario(tables):
    scenario = Scenario.model_validate(tables)
    written = resolved_toml(scenario)
    again = from_toml(written)
    assert again == scenario
    assert resolved_toml(again) == written
    assert scenario_hash(again) == scenario_hash(scenario)


def test_it_is_complete():
    tables = tomllib.loads(resolved_toml(baseline()))
    for section, field in Scenario.model_fields.items():
        if section == "calibrated":  # only of a clinic that was
            continue
        assert section in tables
        if hasattr(field.annotation, "model_fields"):
            named = {inner.alias or name for name, inner in field.annotation.model_fields.items()}
            optional = {
                inner.alias or name
                for name, inner in field.annotation.model_fields.items()
                if inner.default is None
            }
            assert named - optional <= set(tables[section])


def test_replayed_referrals_need_no_file(tmp_path):
    (tmp_path / "referrals.csv").write_text("2026-01-06\n2026-01-05T09:30\n2026-01-05\n")
    (tmp_path / "a.toml").write_text('name = "a"\n[demand]\nreferrals_file = "referrals.csv"\n')
    scenario = load(tmp_path / "a.toml")
    (tmp_path / "referrals.csv").unlink()
    again = from_toml(resolved_toml(scenario))
    assert again == scenario
    assert again.demand.referrals == (
        dt.date(2026, 1, 5),
        dt.datetime(2026, 1, 5, 9, 30),
        dt.date(2026, 1, 6),
    )


def test_empty_collections_stay_empty():
    text = """
        name = "M/M/1"
        [clinic]
        chairs = 1
        [clinic.hours]
        mon = "24h"
        [shifts]
        [visit.steps.service]
        minutes = { dist = "exponential", mean = 10 }
        [visit.complications]
    """
    scenario = from_toml(text)
    assert not scenario.shifts
    assert not scenario.visit.complications
    assert from_toml(resolved_toml(scenario)) == scenario
