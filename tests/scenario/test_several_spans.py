"""Hours that close over noon, from a file to what other parts of the program make of them."""

import json
import tomllib

import pytest

from simclinic.errors import ScenarioError
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.what_if import one_of_each
from simclinic.scenario import baseline, from_toml, resolved_toml, with_overrides
from simclinic.studies.advice import advice
from simclinic.studies.closed_doors import closed_hours_warning

TEXT = """name = "Closed over noon"
[clinic.hours]
mon = ["08:00-12:00", "13:00-17:00"]
tue = "08:00-12:00, 13:00-17:00"
[shifts.day]
days = ["mon", "tue"]
hours = "07:30-17:30"
nurses = 2
"""
NOON = "08:00-12:00, 13:00-17:00"


def problems(text):
    with pytest.raises(ScenarioError) as caught:
        from_toml(text)
    return [(each.line, each.address, each.rule) for each in caught.value.problems]


def test_a_list_and_a_text_are_the_same():
    scenario = from_toml(TEXT)
    assert scenario.clinic.hours["mon"] == scenario.clinic.hours["tue"]
    written = tomllib.loads(resolved_toml(scenario))
    assert written["clinic"]["hours"]["mon"] == NOON
    assert from_toml(resolved_toml(scenario)) == scenario
    hash(scenario)


def test_all_problems_at_once_with_their_lines():
    text = TEXT.replace('"12:00", ', "").replace('["08:00-12:00"', '["08:00-13:30"')
    text = text.replace("08:00-12:00, 13", "08:00-13:00, 13") + '[booking.starts]\nmon = ["09:00"]\n'
    assert problems(text) == [
        (3, "clinic.hours.mon", "the spans 08:00-13:30 and 13:00-17:00 overlap"),
        (4, "clinic.hours.tue", "08:00-13:00 and 13:00-17:00 are one span: write 08:00-17:00"),
    ]


def test_starts_and_shifts_must_meet_a_span():
    text = TEXT + '[shifts.noon]\ndays = ["mon"]\nhours = "12:00-13:00"\nnurses = 1\n'
    text += '[booking.starts]\nmon = ["11:59", "12:00"]\ntue = ["13:00"]\n'
    assert [(address, rule) for _, address, rule in problems(text)] == [
        ("shifts.noon", "this shift never works while the clinic is open"),
        ("booking.starts.mon", f"must lie within the opening hours {NOON}"),
    ]


@pytest.mark.parametrize("value", ['["08:00-12:00","13:00-17:00"]', f'"{NOON}"', NOON])
def test_overrides(value):
    scenario = with_overrides(baseline(), [f"clinic.hours.mon={value}", "clinic.hours.fri=false"])
    assert str(scenario.clinic.hours["mon"]) == NOON
    assert str(scenario.clinic.hours["tue"]) == "08:00-17:00"
    assert "fri" not in scenario.clinic.hours


def test_changes_at_a_date():
    change = '[changes."2026-02-02"]\nclinic.hours.mon = ["08:00-12:00", "13:00-17:00"]\n'
    scenario = from_toml(f'name = "x"\n[run]\nwarm_up_weeks = 0\nweeks = 8\n{change}')
    plans = list(capacity_on_paper(scenario))
    assert [plan["weekdays"][0]["hours"] for plan in plans] == ["08:00-17:00", NOON]


def test_capacity_on_paper_leaves_the_pause_out():
    scenario = from_toml(TEXT)
    (plan,) = capacity_on_paper(scenario)
    monday = [hour for hour in plan["hours"] if hour["weekday"] == "mon"]
    assert [hour["hour"] for hour in monday] == [8, 9, 10, 11, 13, 14, 15, 16]
    half = with_overrides(scenario, ['clinic.hours.mon="08:00-12:15, 12:45-17:00"', "booking.mode=walk-in"])
    (plan,) = capacity_on_paper(half)
    noon = next(hour for hour in plan["hours"] if (hour["weekday"], hour["hour"]) == ("mon", 12))
    assert noon["chairs"]["offered"] == 1.5  # three chairs, half of the hour
    assert noon["eyes"]["offered"] == 1
    json.dumps(plan)


@pytest.mark.parametrize("chairs", [3, 30])  # the chairs, or the nurses, are what limits it
def test_a_walk_in_clinic_offers_less_time_with_a_pause(chairs):
    most = []
    for hours in ("08:00-17:00", NOON, "08:00-12:00"):
        scenario = with_overrides(
            from_toml(TEXT),
            [
                "booking.mode=walk-in",
                f'clinic.hours={{mon="{hours}", tue="{hours}"}}',
                f"clinic.chairs={chairs}",
            ],
        )
        (plan,) = capacity_on_paper(scenario)
        most.append(plan["visits_at_most"])
    assert most[1] == pytest.approx(most[0] * 8 / 9)
    assert most[2] == pytest.approx(most[0] * 4 / 9)


def test_half_an_hour_more_at_either_end_keeps_the_pause():
    changes = {change.key: change.settings for change in one_of_each(from_toml(TEXT))}
    assert changes["earlier"]["clinic.hours.mon"] == "07:30-12:00, 13:00-17:00"
    assert changes["later"]["clinic.hours.tue"] == "08:00-12:00, 13:00-17:30"
    assert changes["day"]["clinic.hours.wed"] == NOON


def test_hours_paid_in_a_long_pause():
    assert closed_hours_warning(from_toml(TEXT)) is None  # half an hour at both ends of it
    longer = with_overrides(from_toml(TEXT), ['clinic.hours.mon="08:00-12:00, 14:00-17:00"'])
    warning = closed_hours_warning(longer)
    assert warning.startswith("nurses are paid for 2 hours a week while the doors are closed")
    assert "shift 'day' on mon from 12:30 to 13:30 (2 hours)" in warning


def test_a_pause_without_a_nurse_is_no_time_at_which_nobody_is_on_duty():
    text = TEXT.replace('hours = "07:30-17:30"', 'hours = "07:30-12:00"')
    text += '[shifts.late]\ndays = ["mon", "tue"]\nhours = "13:00-17:30"\nnurses = 2\n'
    text = text.replace("nurses = 2", 'nurses = 2\nbreak = "10:00-10:15"', 1)
    scenario = from_toml(text)
    plans = list(capacity_on_paper(scenario))
    assert not any("on duty" in warning for warning in advice(scenario, plans, None))
    later = with_overrides(scenario, ['shifts.late.hours="13:30-17:30"'])
    said = [
        warning for warning in advice(later, list(capacity_on_paper(later)), None) if "on duty" in warning
    ]
    assert said == [
        "open on mon at 13:00, but nobody is on duty",
        "open on tue at 13:00, but nobody is on duty",
    ]


def test_saturdays_without_a_nurse_are_counted():
    text = TEXT + '[shifts.sat]\ndays = ["sat"]\nhours = "08:30-13:30"\nnurses = 1\nweeks = [1, 3]\n'
    text = text.replace("[shifts.day]", 'sat = "09:00-13:00"\n[shifts.day]')
    scenario = with_overrides(from_toml(text), ["run.start=2026-01-05", "run.weeks=8"])
    closed, open_ = (day for day in next(iter(capacity_on_paper(scenario)))["weekdays"][5:7])
    assert (closed["starts"], closed["limit"]) == (0, "nurses") or (open_["starts"], open_["limit"]) == (
        0,
        "nurses",
    )
    # Saturdays from 10 January to 28 February; 17 January, 7 and 21 February are first or third of their month.
    said = [
        warning for warning in advice(scenario, list(capacity_on_paper(scenario)), None) if "duty" in warning
    ]
    assert said == ["open on sat at 09:00, but nobody is on duty on 5 of 8 such days"]
    text = text.replace("07:30-17:30", "09:00-17:30") + "[roles.doctor]\nhour = 100\n"
    text += '[shifts.doctor]\nrole = "doctor"\ndays = ["mon"]\nhours = "08:00-17:00"\nnumber = 1\n'
    text += '[visit.steps.talk]\nminutes = 50\nclaims = { doctor = "on-site", nurse = "hands-on" }\n'
    other = from_toml(text)
    said = [warning for warning in advice(other, list(capacity_on_paper(other)), None) if "duty" in warning]
    assert "open on mon at 08:00, but no nurse is on duty" in said
