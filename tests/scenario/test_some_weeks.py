"""Hours and shifts of some weeks only, from a file to what other parts of the program make of them."""

import datetime as dt
import io
import json
import tomllib

import pytest
from rich.console import Console

from simclinic.errors import ScenarioError
from simclinic.planning import Timetable
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.weekly_template import open_days
from simclinic.planning.what_if import one_of_each
from simclinic.report.text.one_more import one_more_table
from simclinic.scenario import baseline, from_toml, resolved_toml, with_overrides, with_settings
from simclinic.scenario.hours import Hours
from simclinic.scenario.tables import without_dates
from simclinic.scenario.weeks import EVERY_WEEK, Weeks
from simclinic.studies.closed_doors import closed_hours_warning

TEXT = """name = "Some Saturdays"
[run]
start = 2026-01-05
weeks = 8
[clinic.hours]
mon = "08:00-17:00"
sat = { hours = ["09:00-11:00", "11:30-13:30"], weeks = [3, 1] }
[shifts.day]
days = ["mon"]
hours = "07:30-17:30"
nurses = 2
[shifts.sat]
days = ["sat"]
hours = "08:30-14:00"
nurses = 1
every = 2
from = 2026-01-17
"""


def problems(text):
    with pytest.raises(ScenarioError) as caught:
        from_toml(text)
    return [(each.line, each.address, each.rule) for each in caught.value.problems]


def test_a_scenario_is_written_as_it_was_read():
    scenario = from_toml(TEXT)
    sat = scenario.clinic.hours["sat"]
    assert str(sat) == "09:00-11:00, 11:30-13:30 (1st and 3rd of the month)"
    assert str(scenario.shifts["sat"].in_weeks) == "every 2 weeks from 2026-01-17"
    assert scenario.shifts["day"].in_weeks is EVERY_WEEK
    written = tomllib.loads(resolved_toml(scenario))
    assert written["clinic"]["hours"]["sat"] == {"hours": "09:00-11:00, 11:30-13:30", "weeks": [1, 3]}
    assert written["shifts"]["sat"]["every"] == 2
    assert written["shifts"]["sat"]["from"] == dt.date(2026, 1, 17)
    assert from_toml(resolved_toml(scenario)) == scenario
    hash(scenario)


def test_a_table_without_weeks_is_the_usual_hours():
    text = TEXT.replace(", weeks = [3, 1]", "")
    assert from_toml(text).clinic.hours["sat"] == Hours.read("09:00-11:00, 11:30-13:30")


def test_all_problems_at_once_with_their_lines():
    text = TEXT.replace('"11:00", ', "").replace('["09:00-11:00", "11:30', '["09:00-12:00", "11:30')
    text = text.replace("weeks = [3, 1]", "weeks = [0, 2.5], evry = 2").replace("every = 2\n", "every = 1\n")
    assert problems(text) == [
        (7, "clinic.hours.sat.hours", "the spans 09:00-12:00 and 11:30-13:30 overlap"),
        (7, "clinic.hours.sat.weeks[0]", "must be at least 1"),
        (7, "clinic.hours.sat.weeks[1]", "must be a whole number"),
        (7, "clinic.hours.sat.evry", "is not a setting of this table"),
        (16, "shifts.sat.every", "must be at least 2: without it, it is every week"),
    ]


@pytest.mark.parametrize(
    ("table", "faults"),
    [
        ("{ weeks = [1] }", [("hours", "is needed")]),
        ('{ hours = "09:00-13:00", every = 2 }',
         [("every", "needs from, a date in one of the weeks, such as from = 2026-01-10")]),
        ('{ hours = "09:00-13:00", from = 2026-01-10 }',
         [("from", "needs every, the number of weeks from one to the next, such as every = 2")]),
        ('{ hours = "09:00-13:00", weeks = [1], every = 2, from = 2026-01-10 }',
         [("every", "cannot be combined with weeks: one or the other says when"),
          ("from", "cannot be combined with weeks: one or the other says when")]),
        ('{ hours = "09:00-13:00", weeks = [1, 1] }', [("weeks", "must not contain an entry twice")]),
        ('{ hours = "09:00-13:00", weeks = [] }', [("weeks", "must have at least 1 entry")]),
        ('{ hours = "09:00-13:00", every = 53, from = 1800-01-01 }',
         [("every", "must be at most 52"), ("from", None)]),
        ('{ hours = { hours = "09:00-13:00" } }',
         [("hours", 'must be hours such as "08:00-17:00", or a list of them')]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_weeks(table, faults):
    found = problems(f'name = "x"\n[clinic.hours]\nmon = "08:00-17:00"\nsat = {table}\n')
    assert [address for _, address, _ in found] == [f"clinic.hours.sat.{name}" for name, _ in faults]
    assert all(rule is None or rule == told for (_, rule), (_, _, told) in zip(faults, found, strict=True))


def test_a_shift_needs_both_or_neither_beside_what_else_is_wrong_with_it():
    text = TEXT.replace("from = 2026-01-17", 'break = "08:00-09:00"')
    assert problems(text) == [
        (12, "shifts.sat", "the break 08:00-09:00 must lie within the shift's hours 08:30-14:00"),
        (16, "shifts.sat.every", "needs from, a date in one of the weeks, such as from = 2026-01-10"),
    ]


def test_a_shift_that_never_meets_the_weeks_of_its_days():
    never = TEXT.replace("weeks = [3, 1]", "every = 2, from = 2026-01-10")
    rule = "this shift never works while the clinic is open: on sat they have different weeks"
    assert problems(never) == [(12, "shifts.sat", rule)]
    from_toml(never.replace("2026-01-17", "2026-01-05"))
    from_toml(never.replace("every = 2\nfrom = 2026-01-17", "weeks = [5]"))


def test_roles_that_a_step_claims_must_work_in_the_same_weeks():
    doctor = 'role = "prescriber"\ndays = ["sat"]\nhours = "09:00-13:00"\nnumber = 1\nweeks = [3]\n'
    step = 'minutes = 15\nclaims = { prescriber = "hands-on", nurse = "hands-on" }\n'
    text = TEXT.replace("every = 2\nfrom = 2026-01-17\n", "weeks = [1]\n").replace("nurses = 2", "nurses = 0")
    text += f"[roles.prescriber]\nhour = 100\n[shifts.doctor]\n{doctor}[visit.steps.start]\n{step}"
    together = "are together never on duty while the clinic is open: no visit has this step"
    assert [rule for _, _, rule in problems(text)] == [f"nurse and prescriber {together}"]
    from_toml(text.replace("weeks = [3]\n", "weeks = [1, 3]\n"))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (EVERY_WEEK, Weeks((5,)), True),
        (Weeks((1, 2)), Weeks((3, 4)), False),
        (Weeks((1, 2)), Weeks((2, 3)), True),
        (Weeks((), 2, dt.date(2026, 1, 5)), Weeks((), 2, dt.date(2026, 1, 18)), False),
        (Weeks((), 51, dt.date(2026, 1, 5)), Weeks((), 52, dt.date(2026, 1, 12)), True),
        (Weeks((5,)), Weeks((), 52, dt.date(2199, 1, 5)), True),
    ],
)
def test_weeks_that_meet(one, other, expected):
    assert one.meet(other, 0) is expected
    assert other.meet(one, 0) is expected


def test_overrides():
    scenario = with_overrides(baseline(), ["clinic.hours.sat={hours='09:00-13:00', weeks=[1]}"])
    assert str(scenario.clinic.hours["sat"]) == "09:00-13:00 (1st of the month)"
    scenario = with_overrides(scenario, ["clinic.hours.sat.weeks=[2]"])
    assert str(scenario.clinic.hours["sat"]) == "09:00-13:00 (2nd of the month)"


def test_overrides_of_a_shift():
    scenario = with_overrides(from_toml(TEXT), ["shifts.sat.every=3"])
    assert scenario.shifts["sat"].in_weeks == Weeks((), 3, dt.date(2026, 1, 17))
    both = with_overrides(scenario, ["shifts.sat.every=false", "shifts.sat.from=false"])
    assert both.shifts["sat"].in_weeks is EVERY_WEEK


def test_changes_at_a_date():
    change = '[changes."2026-02-02"]\nclinic.hours.sat = { hours = "09:00-13:00", weeks = [4] }\n'
    calendar = Timetable(from_toml(TEXT + change)).calendar
    first = -calendar.first_day
    opens = [week for week in range(8) if calendar.opening[first + 7 * week + 5] is not None]
    assert opens == [1, 7]  # the 17th of January, and the 28th of February


def test_what_changes_by_one_keeps_the_weeks():
    changes = {change.key: change for change in one_of_each(from_toml(TEXT))}
    assert changes["later"].settings["clinic.hours.sat"] == {
        "hours": "09:00-11:00, 11:30-14:00",
        "weeks": [1, 3],
    }
    assert str(changes["later"].scenario.clinic.hours["sat"]).endswith("(1st and 3rd of the month)")
    more = changes["nurse-sat-more"].scenario.shifts["sat"]
    assert (more.nurses, more.in_weeks.every) == (2, 2)


def test_the_template_of_a_weekday_is_that_of_its_best_staffed_week():
    text = TEXT.replace(", weeks = [3, 1]", "")  # open on the 10th, too, without a nurse
    days = open_days(Timetable(from_toml(text)))
    assert [duty.nurses for duty in days["sat"].working] == [1]


def test_a_shift_is_paid_in_weeks_in_which_the_clinic_does_not_open():
    # Open on 17 January, 7 and 21 February; the nurse comes on the 17th and 31st, the 14th and 28th.
    warning = closed_hours_warning(from_toml(TEXT))
    assert "shift 'sat' on sat, when the clinic does not open (2.1 hours)" in warning  # 3 x 5.5 / 8


def test_settings_of_some_weeks_are_json():
    json.dumps(from_toml(TEXT).model_dump(mode="json"))


def test_what_a_change_sets_is_json_and_reads_again():
    text = TEXT.replace("weeks = [3, 1]", "every = 2, from = 2026-01-10").replace("2026-01-17", "2026-01-10")
    scenario = from_toml(text)
    change = next(each for each in one_of_each(scenario) if each.key == "later")
    settings = json.loads(json.dumps(without_dates(change.settings)))
    assert settings["clinic.hours.sat"]["from"] == "2026-01-10"
    assert with_settings(scenario, settings) == change.scenario
    assert [rule for _, _, rule in problems(text.replace("from = 2026-01-10", 'from = "2026-02-30"', 1))] == [
        "must be a date such as 2026-01-05, without quotes or time"
    ]


def test_one_more_of_each_names_the_shifts_of_the_week_on_every_day():
    (plan,) = capacity_on_paper(from_toml(TEXT.replace(", weeks = [3, 1]", "")))
    page = Console(width=100, record=True, file=io.StringIO())
    for part in one_more_table(plan):
        page.print(part)
    lines = [line.split() for line in page.export_text().splitlines()]
    sat = next(day for day in plan["weekdays"] if day["weekday"] == "sat")
    assert sat["one_more"]["nurses"]["sat"] == 2
    assert ["nurse", "in", "the", "shift", "sat", "none", "2", "1"] in lines
