"""The defaults: neutral for entries, the typical clinic for sections."""

import datetime as dt

import pytest

from simclinic.scenario import baseline
from simclinic.scenario.hours import Hours


def test_entries_default_neutrally(scenario):
    made = scenario(
        '[shifts.a]\ndays = ["mon"]\nhours = "24h"\nnurses = 1\n[visit.steps.s]\nminutes = 5\n'
        "[protocols.twice-weekly]\ninfusions = 2\ngap_days = [3, 4]\n"
        '[visit.complications.c]\nstep = "s"\nprobability = 0.5\nextra_minutes = 1'
    )
    shift, step = made.shifts["a"], made.visit.steps["s"]
    assert (shift.break_, shift.break_together, shift.absence) == (None, False, 0.0)
    assert (step.first_visit_extra_minutes, step.nurse, step.patients_per_nurse) == (0.0, "none", None)
    assert (step.chair, step.patient) == (True, True)
    assert made.protocols["twice-weekly"].permitted_gap_days == (3, 4)
    assert made.protocols["twice-weekly"].response_ratio == 1.0
    complication = made.visit.complications["c"]
    assert (complication.from_infusion, complication.to_infusion) == (1, None)


def test_naming_an_entry_defines_the_whole_collection(scenario):
    made = scenario(
        '[shifts.night]\ndays = ["mon"]\nhours = "08:00-12:00"\nnurses = 1\n[clinic.hours]\nmon = "24h"'
    )
    assert list(made.shifts) == ["night"]
    assert list(made.clinic.hours) == ["mon"]
    assert list(made.protocols) == ["thrice-weekly", "twice-weekly"]
    assert list(made.visit.complications)


def test_naming_a_step_empties_the_default_complications(scenario):
    text = "[visit.steps.infusion]\nminutes = 40\n"
    assert not scenario(text).visit.complications
    own = '[visit.complications.c]\nstep = "infusion"\nprobability = 0.5\nextra_minutes = 1'
    assert list(scenario(text + own).visit.complications) == ["c"]
    assert list(scenario(own).visit.complications) == ["c"]
    assert len(scenario(own).visit.steps) == 5


def test_walk_in_mode_has_no_intake_delays_unless_set(scenario):
    walk_in = '[booking]\nmode = "walk-in"\n'
    delays = scenario(walk_in).intake
    assert (delays.days_to_consult.value, delays.days_to_decide.value) == (0.0, 0.0)
    delays = scenario(walk_in + "[intake]\ndays_to_decide = 2").intake
    assert (delays.days_to_consult.value, delays.days_to_decide.value) == (0.0, 2.0)
    assert scenario("", ['booking.mode="walk-in"']).intake.days_to_consult.value == 0.0
    assert scenario().intake.days_to_consult.value == 3.0


def test_breaks_go_in_two_waves():
    day = baseline().shifts["day"]
    assert (str(day.break_), day.break_end) == ("12:00-12:30", 13 * 60)


@pytest.mark.parametrize(
    ("more", "end"), [("nurses=1", 750), ("break_together=true", 750), ("nurses=3", 780)]
)
def test_where_the_last_wave_ends(scenario, more, end):
    assert scenario("", [f"shifts.day.{more}"]).shifts["day"].break_end == end


def test_a_closed_day_has_no_hours_or_is_a_holiday(scenario):
    clinic = scenario('[clinic]\nclosed_on = [2026-07-03, "12-25", "2026-07-06"]').clinic
    closed = {day: clinic.closed(dt.date.fromisoformat(day)) for day in (
        "2026-07-02", "2026-07-03", "2026-07-04", "2026-07-06", "2027-07-05", "2028-12-25", "2028-12-26"
    )}  # fmt: skip
    assert [day for day, shut in closed.items() if not shut] == ["2026-07-02", "2027-07-05", "2028-12-26"]


def test_lists_are_tuples_and_one_number_is_a_list_of_one(scenario):
    assert scenario("[boosters]\nevery_weeks = 4").boosters.every_weeks == (4,)
    assert scenario("[boosters]\nevery_weeks = [2, 4]").boosters.every_weeks == (2, 4)
    assert scenario("[dosing]\nmg_per_kg = [1]").dosing.mg_per_kg == (1.0,)


def test_listed_starts_are_minutes_in_order(scenario):
    starts = scenario('[booking.starts]\ntue = ["10:00", "08:30", "08:30"]\nmon = ["08:00"]').booking.starts
    assert list(starts.items()) == [("mon", (480,)), ("tue", (510, 510, 600))]
    assert scenario("[booking.starts]").booking.starts is None


def test_the_baseline_is_the_interfaces():
    scenario = baseline()
    assert scenario.run.start == dt.date(2026, 1, 5)
    assert scenario.clinic.hours["fri"] == Hours.of(480, 1020)
    assert list(scenario.visit.steps) == ["preparation", "infusion", "recovery", "discharge", "turnover"]
    assert scenario.relapse.days.written() == {"dist": "lognormal", "mu": 2.7, "sigma": 0.63, "never": 0.2}
    assert scenario.demand.protocol_mix == {"twice-weekly": 1.0}
