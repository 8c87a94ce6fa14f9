"""Changes of a plan by one, on plans whose changes are known by hand."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclinic.planning.what_if import on_leave, one_of_each, starts_on_paper
from simclinic.scenario import baseline, from_toml, replace, with_settings
from tests.planning.plans import ONE_CHAIR

STAGGERED = """
name = "Staggered"
[run]
weeks = 8
warm_up_weeks = 0
[clinic]
chairs = 4
[clinic.hours]
mon = "08:00-18:00"
tue = "08:00-18:00"
wed = false
thu = "08:00-18:00"
fri = "08:00-18:00"
sat = "08:00-12:00"
[shifts.early]
days = ["mon", "tue", "thu", "fri"]
hours = "07:30-15:00"
nurses = 1
[shifts.late]
days = ["mon", "tue", "thu", "fri"]
hours = "09:30-18:30"
nurses = 2
[shifts.saturday]
days = ["sat"]
hours = "07:30-12:30"
nurses = 1
"""


def by_key(scenario):
    return {change.key: change for change in one_of_each(scenario)}


def test_every_change_of_the_typical_clinic():
    scenario = baseline()
    changes = by_key(scenario)
    assert list(changes) == [
        *("nurse-day-more", "chair-more", "earlier", "later", "day"),
        *("nurse-day-fewer", "chair-fewer"),
    ]
    assert all(change.scenario is not None for change in changes.values())
    assert changes["nurse-day-more"].scenario.shifts["day"].nurses == 3
    assert changes["chair-fewer"].scenario.clinic.chairs == 2
    # Saturday is the first closed day, and Monday the first of equally busy ones.
    saturday = changes["day"].scenario
    assert saturday.clinic.hours["sat"] == scenario.clinic.hours["mon"]
    assert "sat" in saturday.shifts["day"].days
    assert saturday.demand.weekday_weights == dict.fromkeys(scenario.clinic.hours, 1.0)
    assert starts_on_paper(saturday) == starts_on_paper(scenario) + 12


def test_hours_move_with_the_shifts_that_begin_or_end_near_them():
    changes = by_key(from_toml(STAGGERED))
    earlier, later = changes["earlier"].scenario, changes["later"].scenario
    assert str(earlier.clinic.hours["mon"]) == "07:30-18:00"
    assert str(earlier.clinic.hours["sat"]) == "07:30-12:00"
    # The late shift begins ninety minutes after opening, so it stays.
    assert {name: str(shift.hours) for name, shift in earlier.shifts.items()} == {
        "early": "07:00-15:00",
        "late": "09:30-18:30",
        "saturday": "07:00-12:30",
    }
    assert str(later.clinic.hours["sat"]) == "08:00-12:30"
    assert {name: str(shift.hours) for name, shift in later.shifts.items()} == {
        "early": "07:30-15:00",
        "late": "09:30-19:00",
        "saturday": "07:30-13:00",
    }
    assert changes["day"].name == "open on Wednesdays as on Mondays"
    assert changes["day"].scenario.shifts["late"].days == ("mon", "tue", "wed", "thu", "fri")
    assert "wed" not in changes["day"].scenario.shifts["saturday"].days


def test_an_hour_is_near_and_a_minute_more_is_not():
    text = STAGGERED.replace("09:30-18:30", "09:00-18:30")
    assert str(by_key(from_toml(text))["earlier"].scenario.shifts["late"].hours) == "08:30-18:30"
    text = STAGGERED.replace("09:30-18:30", "09:01-18:30")
    assert str(by_key(from_toml(text))["earlier"].scenario.shifts["late"].hours) == "09:01-18:30"


def test_what_cannot_be_made_has_a_reason():
    text = ONE_CHAIR.replace('mon = "08:00-12:00"', 'mon = "24h"').replace('"08:00-12:00"', '"24h"')
    changes = by_key(from_toml(text))
    assert changes["earlier"].reason == "the clinic opens at midnight on Monday"
    assert changes["later"].reason == "the clinic closes at midnight on Monday"
    assert changes["chair-fewer"].reason == "it is the only chair"
    assert changes["nurse-day-fewer"].reason == "it is the only nurse"
    every_day = replace(baseline(), clinic={"hours": dict.fromkeys(("sat", "sun"), "09:00-12:00")})
    assert by_key(every_day)["day"].reason == "the clinic is open on all seven days"
    for change in changes.values():
        assert (change.scenario is None) == bool(change.reason)


def test_listed_starts_get_a_second_row_with_the_derived_grid():
    text = ONE_CHAIR + '[booking]\nstarts.mon = ["08:00", "10:00"]\nstarts.wed = ["09:00"]\n'
    scenario = from_toml(text)
    changes = by_key(scenario)
    assert starts_on_paper(scenario) == 3
    assert starts_on_paper(changes["chair-more"].scenario) == 3  # the list stays as it is
    assert starts_on_paper(changes["derived"].scenario) == 7
    assert starts_on_paper(changes["chair-more-derived"].scenario) == 13
    # The new Tuesday has Monday's list, which is the longest.
    assert changes["day"].name == "open on Tuesdays as on Mondays"
    assert changes["day"].settings["booking.starts.tue"] == ["08:00", "10:00"]
    assert starts_on_paper(changes["day"].scenario) == 5
    assert "nurse-day-fewer-derived" not in changes


def test_a_change_holds_after_each_dated_change():
    scenario = from_toml(
        STAGGERED
        + '[changes."2026-01-12"]\n"shifts.late.nurses" = 3\n[changes."2026-01-26"]\n"clinic.chairs" = 6\n'
        + '"clinic.hours.sat" = "09:00-13:00"\n'
    )
    changes = by_key(scenario)
    later = dt.date(2026, 2, 2)
    assert changes["nurse-late-more"].scenario.at(later).shifts["late"].nurses == 4
    assert changes["nurse-early-more"].scenario.at(later).shifts["late"].nurses == 3
    assert changes["chair-more"].scenario.at(later).clinic.chairs == 7
    assert changes["chair-more"].scenario.at(dt.date(2026, 1, 12)).clinic.chairs == 5
    assert str(changes["earlier"].scenario.at(later).clinic.hours["sat"]) == "08:30-13:00"


def test_a_leave_begins_and_ends():
    scenario = from_toml(STAGGERED)
    leave = on_leave(scenario, dt.date(2026, 1, 19))
    # Without the early nurse nobody is there from eight to half past nine, and most starts are lost.
    assert leave.shift == "early"
    nurses = [leave.scenario.at(dt.date(2026, 1, day)).shifts["early"].nurses for day in (18, 19, 31)]
    assert nurses == [1, 0, 0]
    assert leave.scenario.at(dt.date(2026, 2, 2)).shifts["early"].nurses == 1
    assert leave.scenario.at(dt.date(2026, 1, 19)).shifts["late"].nurses == 2


def test_the_nurse_whose_leave_costs_most_starts_is_on_leave_whatever_the_shift_is_called():
    """Forty starts are lost without one of four nurses on four days, ten without the only one on Fridays."""
    shifts = (
        '[shifts.{}]\ndays = ["mon", "tue", "wed", "thu"]\nhours = "07:30-17:30"\nnurses = 4\n'
        '[shifts.{}]\ndays = ["fri"]\nhours = "07:30-17:30"\nnurses = 1\n'
    )
    for many, only in (("a", "b"), ("b", "a")):
        scenario = from_toml('name = "Two shifts"\n[clinic]\nchairs = 12\n' + shifts.format(many, only))
        starts = starts_on_paper(scenario)
        assert starts_on_paper(with_settings(scenario, {f"shifts.{many}.nurses": 3})) == starts - 40
        assert starts_on_paper(with_settings(scenario, {f"shifts.{only}.nurses": 0})) == starts - 10
        assert on_leave(scenario, dt.date(2026, 1, 19)).shift == many


def test_what_changes_during_a_leave_goes_on_during_it():
    scenario = from_toml(
        STAGGERED
        + '[changes."2026-01-26"]\n"shifts.early.nurses" = 3\n[changes."2026-02-02"]\n"clinic.chairs" = 5\n'
    )
    leave = on_leave(scenario, dt.date(2026, 1, 19)).scenario
    assert [leave.at(dt.date(2026, 1, day)).shifts["early"].nurses for day in (18, 19, 26)] == [1, 0, 2]
    back = leave.at(dt.date(2026, 2, 2))
    assert (back.shifts["early"].nurses, back.clinic.chairs) == (3, 5)


def test_without_the_only_nurse_the_clinic_is_closed():
    leave = on_leave(from_toml(ONE_CHAIR), dt.date(2026, 1, 5))
    assert leave.name == "the only nurse on leave for 2 weeks"
    assert [leave.scenario.clinic.closed(dt.date(2026, 1, day)) for day in (5, 14, 19)] == [True, True, False]


def test_a_second_nurse_whose_break_would_end_after_the_shift_takes_it_with_the_first():
    scenario = replace(
        baseline(), shifts={"day": {"nurses": 1, "break": "17:00-17:30", "hours": "07:30-17:30"}}
    )
    added = by_key(scenario)["nurse-day-more"]
    assert added.settings == {"shifts.day.nurses": 2, "shifts.day.break_together": True}


@settings(max_examples=60, deadline=None)
@given(
    chairs=st.integers(1, 6),
    nurses=st.integers(1, 4),
    hours=st.integers(3, 10),
    infusion=st.integers(20, 90),
    ratio=st.integers(1, 3),
    every=st.sampled_from([5, 10, 15, 30]),
)
def test_one_more_never_takes_a_start_away(chairs, nurses, hours, infusion, ratio, every):
    closing = f"{8 + hours:02}:00"
    scenario = replace(
        baseline(),
        clinic={"chairs": chairs, "hours": {"mon": f"08:00-{closing}", "wed": f"08:00-{closing}"}},
        shifts={"day": {"nurses": nurses, "hours": f"07:30-{8 + hours:02}:30", "break": "10:00-10:30"}},
        visit={"steps": {"infusion": {"minutes": infusion, "patients_per_nurse": ratio}}},
        booking={"start_every_minutes": every},
    )
    now = starts_on_paper(scenario)
    for change in one_of_each(scenario):
        if change.more and change.scenario is not None:
            assert starts_on_paper(change.scenario) >= now, change.name


@pytest.mark.parametrize("kind", ["earlier", "later", "nurse-day-more", "chair-more", "day"])
def test_patients_are_referred_on_the_same_days(kind):
    from simclinic.sampling import draw

    scenario = replace(baseline(), run={"warm_up_weeks": 0, "weeks": 6})
    changed = by_key(scenario)[kind].scenario
    one, other = (draw(each, seed=1, replication=0) for each in (scenario, changed))
    same_day = [(each.day.tolist(), each.ordinal.tolist()) for each in (one, other)]
    assert same_day[0] == same_day[1]
