"""How a simulation begins where the scenario does not say."""

import datetime as dt

import pytest

from simclinic.scenario import baseline, from_toml, replace, scenario_hash, with_overrides
from simclinic.scenario.copies import as_tables
from simclinic.scenario.resolved import resolved_toml

REFERRALS = "demand.referrals=[2025-11-30, 2026-01-07]"


def begun(*overrides):
    run = with_overrides(baseline(), list(overrides)).run
    return run.begin, run.warm_up_weeks


def test_drawn_referrals_begin_steady_after_the_weeks_in_which_queues_form():
    """Patience of 42 days, and a series of six infusions at most four days apart: 62 days, so 9 weeks and four."""
    assert begun() == ("steady", 13)
    assert begun("booking.patience_days=100") == ("steady", 22)
    # Twelve weeks are the least; a walk-in clinic knows no patience in days.
    assert begun("booking.patience_days=7") == ("steady", 12)
    assert begun('booking.mode="walk-in"') == ("steady", 12)


def test_an_empty_clinic_has_no_warm_up_unless_one_is_set():
    assert begun('run.begin="empty"') == ("empty", 0)
    assert begun('run.begin="empty"', "booking.patience_days=100") == ("empty", 0)
    assert begun('run.begin="empty"', "run.warm_up_weeks=208") == ("empty", 208)
    assert begun("run.warm_up_weeks=0") == ("steady", 0)


def test_replayed_referrals_begin_empty_with_the_first_of_them():
    """36 days before the start are six weeks, rounded up; a list that begins later needs none."""
    assert begun(REFERRALS) == ("empty", 6)
    assert begun("demand.referrals=[2026-02-01]") == ("empty", 0)
    assert begun("demand.referrals=[1990-01-01]") == ("empty", 520)
    assert begun(REFERRALS, 'run.begin="steady"') == ("steady", 13)
    assert begun(REFERRALS, "run.warm_up_weeks=2") == ("empty", 2)


CALIBRATED = """
name = "Calibrated"
{begin}
warm_up_weeks = {weeks}
[calibrated]
as_of = 2026-01-05
patients = 40
boosters_per_week = 9.0
"""


@pytest.mark.parametrize(
    ("begin", "weeks", "found"),
    [("", 0, ("steady", 13)), ("", 4, ("steady", 4)), ('begin = "empty"', 0, ("empty", 0))],
)
def test_no_warm_up_in_a_calibrated_scenario_counts_as_unset(begin, weeks, found):
    text = CALIBRATED.format(begin=f"[run]\n{begin}", weeks=weeks)
    run = from_toml(text).run
    assert (run.begin, run.warm_up_weeks) == found


def test_a_changed_copy_follows_the_setting_that_decides():
    patient = replace(baseline(), booking={"patience_days": 100})
    assert patient.run.warm_up_weeks == 22
    assert replace(patient, booking={"patience_days": 42}).run.warm_up_weeks == 13
    assert replace(patient, run={"begin": "empty"}).run.warm_up_weeks == 0
    kept = replace(baseline(), run={"warm_up_weeks": 30})
    assert replace(kept, booking={"patience_days": 100}).run.warm_up_weeks == 30
    later = replace(with_overrides(baseline(), [REFERRALS]), run={"start": dt.date(2026, 2, 2)})
    assert later.run.warm_up_weeks == 10


def test_the_resolved_scenario_states_what_holds_and_is_the_same():
    for overrides in ([], ['run.begin="empty"'], [REFERRALS]):
        scenario = with_overrides(baseline(), overrides)
        again = from_toml(resolved_toml(scenario))
        assert as_tables(again)["run"] == as_tables(scenario)["run"]
        assert again == scenario
        assert scenario_hash(again) == scenario_hash(scenario)
        assert {"begin", "warm_up_weeks"} <= again.run.model_fields_set
