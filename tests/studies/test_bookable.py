"""Warnings of visits that no day takes, and of series that no week holds, each for its own type of visit."""

import datetime as dt

import pytest

from simclinic.planning.book import Closings, gaps
from simclinic.planning.capacity import capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.scenario import from_toml
from simclinic.scenario.protocols import Protocol
from simclinic.studies.advice import _fits, advice, plan_warnings
from tests.model.small import clinic

CLINIC = """
name = "Two types of visit"
[run]
weeks = 8
[clinic.hours]
mon = "08:00-17:00"
tue = "08:00-17:00"
wed = "08:00-17:00"
thu = "08:00-17:00"
fri = "08:00-17:00"
[demand]
referrals_per_week = 3
protocol_mix = { twice-weekly = 0.7, spravato = 0.3 }
[protocols.twice-weekly]
infusions = 6
gap_days = [3, 4]
[protocols.spravato]
infusions = 4
gap_days = [3, 4]
permitted_gap_days = [2, 5]
visit = "esketamine"
[visits.esketamine.steps.check]
minutes = 20
nurse = "hands-on"
claims = { prescriber = { need = "on-site", to_infusion = 1 } }
[visits.esketamine.steps.monitoring]
minutes = 120
nurse = "watch"
patients_per_nurse = 4
[roles.prescriber]
hour = 150
[shifts.nurses]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-17:00"
nurses = 2
[shifts.prescriber]
days = ["tue", "thu"]
hours = "08:00-12:00"
role = "prescriber"
number = 1
"""
CLAIM = '{ need = "on-site", to_infusion = 1 }'
GONE = "all its patients are turned away"
AWAY = "since prescriber is not on duty when it needs them"


def warnings(*changes):
    text = CLINIC
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    scenario = from_toml(text)
    found = advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
    return [each for each in found if "protocol '" in each or "start" in each]


def test_a_clinic_that_can_book_all_is_not_warned():
    assert warnings() == []


def test_an_infusion_that_no_day_takes():
    # The check takes 20 minutes from 08:00 on at the earliest; the prescriber comes for 15.
    short = ('hours = "08:00-12:00"', 'hours = "07:00-08:15"')
    assert warnings(short) == [f"infusion 1 of protocol 'spravato' can never be booked, {AWAY}: {GONE}"]
    second = (CLAIM, CLAIM.replace("to_infusion = 1", "from_infusion = 3"))
    assert warnings(short, second) == [
        f"no booster of protocol 'spravato' can be booked, {AWAY}",
        f"infusion 3 of protocol 'spravato' can never be booked, {AWAY}: {GONE}",
    ]
    whole = (CLAIM, '"on-site"')
    assert warnings(short, whole) == [
        f"no booster of protocol 'spravato' can be booked, {AWAY}",
        f"no infusion of protocol 'spravato' can be booked, {AWAY}: {GONE}",
    ]
    assert warnings(('hours = "08:00-12:00"', 'hours = "07:00-08:20"'), whole) != warnings(short, whole)


def test_a_visit_that_is_longer_than_a_day():
    [boosters, series] = warnings(("minutes = 120", "minutes = 521"))
    assert boosters == "no booster of protocol 'spravato' can be booked, since it does not fit into a day"
    assert series == (
        f"no infusion of protocol 'spravato' can be booked, since it does not fit into a day: {GONE}"
    )
    assert warnings(("minutes = 120", "minutes = 520")) == []


def test_gaps_are_held_against_the_days_of_the_type_and_of_the_infusion():
    # With the prescriber at every visit there are Tuesdays and Thursdays: gaps of 2, 5 and 7 days.
    always = (CLAIM, '"on-site"')
    assert warnings(always) == ["protocol 'spravato' never fits its preferred gaps, only the permitted ones"]
    assert warnings(always, ("[2, 5]", "[3, 4]")) == [f"protocol 'spravato' fits into no week: {GONE}"]
    one_day = ('days = ["tue", "thu"]', 'days = ["tue"]')
    assert warnings(always, one_day) == [f"protocol 'spravato' fits into no week: {GONE}"]
    # At the first visit alone: from Tuesday on, Friday or Saturday, Monday or Tuesday.
    assert warnings(one_day) == []


def test_a_typed_book_takes_what_its_template_has():
    typed = ('name = "Two types of visit"', 'name = "Typed"\nbooking.types = "typed"')
    assert warnings(typed) == []
    all_days = ", ".join('{ at = "09:00", visit = "infusion" }' for _ in range(2))
    days = "\n".join(f"booking.starts.{day} = [{all_days}]" for day in ("mon", "tue", "wed", "thu", "fri"))
    found = warnings(('name = "Two types of visit"', f'name = "Typed"\nbooking.types = "typed"\n{days}'))
    assert any(each.startswith("no infusion of protocol 'spravato' can be booked") for each in found)


def test_what_keeps_everybody_out_of_a_day_is_named():
    everybody = (
        "gap_days = [3, 4]\n[protocols.spravato]",
        'gap_days = [3, 4]\nvisit = "esketamine"\n[protocols.spravato]',
    )
    short = ('hours = "08:00-12:00"', 'hours = "07:00-08:15"')
    found = warnings(everybody, short, (CLAIM, '"on-site"'))
    assert found == ["no visit can start: the grid has no starts on any day (limited by prescriber)"]


def test_what_nobody_needs():
    for text, expected in (
        (
            CLINIC.replace(f"claims = {{ prescriber = {CLAIM} }}", ""),
            "no step claims the role 'prescriber': its shifts are paid, and change nothing else",
        ),
        (
            CLINIC.replace("infusions = 6\n", 'infusions = 6\nvisit = "esketamine"\n')
            + "[visit.steps.a]\nminutes = 50\n",
            "[visit] is not used: no protocol has visits of the type 'infusion'",
        ),
    ):
        scenario = from_toml(text)
        assert expected in advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
        usual = from_toml(CLINIC)
        assert expected not in advice(usual, list(capacity_on_paper(usual)), demand(usual))


OTHER_WEEKS = """
name = "Every other week"
[run]
weeks = 8
[clinic]
closed_on = [{closed}]
[clinic.hours]
mon = {{ hours = "08:00-17:00", every = 2, from = 2026-01-05 }}
thu = {{ hours = "08:00-17:00", every = 2, from = 2026-01-0{thursday} }}
[shifts.day]
days = ["mon", "thu"]
hours = "08:00-17:00"
nurses = 2
[protocols.twice-weekly]
infusions = {infusions}
gap_days = [3, 4]
permitted_gap_days = [2, {most}]
{more}
"""
ROOM = '[places.room]\nnumber = 1\n[visit.steps.talk]\nminutes = 10\nplace = "room"'


@pytest.mark.parametrize("more", ["", ROOM])
@pytest.mark.parametrize(
    ("infusions", "thursday", "most", "closed", "what"),
    [
        (2, 8, 7, "", None),  # a Monday and the Thursday of the same week
        (3, 8, 7, "", "fits into no week: all its patients are turned away"),  # then eleven days
        (3, 8, 11, "", "never fits its preferred gaps, only the permitted ones"),
        # Mondays and Thursdays of different weeks: ten days, and four.
        (2, 1, 7, "", None),
        (3, 1, 9, "", "fits into no week: all its patients are turned away"),
        (3, 1, 10, "", "never fits its preferred gaps, only the permitted ones"),
        (3, 1, 9, "2026-01-15", "fits into no week: all its patients are turned away"),
    ],
)
def test_gaps_are_held_against_weeks_that_differ(infusions, thursday, most, closed, what, more):
    text = OTHER_WEEKS.format(infusions=infusions, thursday=thursday, most=most, closed=closed, more=more)
    scenario = from_toml(text)
    found = advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
    named = [each.removeprefix("protocol 'twice-weekly' ") for each in found if "protocol '" in each]
    assert named == ([] if what is None else [what])


def test_holidays_lengthen_gaps_between_weeks_that_differ():
    # As above, nine days are too few for the ten from Monday to Thursday; but on the Friday between is a holiday.
    fridays = ", ".join(str(dt.date(2026, 1, 9) + dt.timedelta(14 * number)) for number in range(30))
    text = OTHER_WEEKS.format(infusions=3, thursday=1, most=9, closed=fridays, more="")
    opened = 'fri = { hours = "08:00-17:00", every = 2, from = 2026-01-09 }'
    scenario = from_toml(text.replace("[shifts.day]", f"{opened}\n[shifts.day]"))
    found = advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
    assert "protocol 'twice-weekly' never fits its preferred gaps, only the permitted ones" in found


@pytest.mark.parametrize(
    ("closed", "fits"), [((), False), ((0,), False), ((5,), True), ((12,), False), ((3, 5), True)]
)
def test_a_holiday_within_a_gap_lengthens_it_by_a_day(closed, fits):
    # Ten days apart where nine are permitted; the next one after four days.
    days = [frozenset({1}), frozenset({11}), frozenset({15})]
    holidays = [day in closed for day in range(16)]
    protocol = Protocol(infusions=3, gap_days=(3, 4), permitted_gap_days=(2, 9))
    assert _fits(days, gaps(protocol, Closings(holidays)).permitted) == fits


def test_a_role_that_only_visits_of_nobody_need_is_paid_for_nothing():
    changes = {
        "protocol_mix = { twice-weekly = 0.7, spravato = 0.3 }": "protocol_mix = { twice-weekly = 1.0 }"
    }
    text = CLINIC
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    told = (
        "no patient gets a visit that needs the role 'prescriber' (see demand.protocol_mix): its shifts are paid, "
        "and change nothing else"
    )

    def found(text):
        scenario = from_toml(text)
        return [each for each in advice(scenario, list(capacity_on_paper(scenario)), None) if "role" in each]

    assert found(text) == [told]
    assert found(CLINIC) == []
    later = '[changes.2026-02-02]\n"demand.protocol_mix" = { twice-weekly = 0.5, spravato = 0.5 }\n'
    assert found(text + later) == []
    # Boosters may be the only visits of a type.
    boosters = text.replace("infusions = 6", 'infusions = 6\nbooster_visit = "esketamine"')
    assert found(boosters) == []


FIRST_ON_TUESDAYS = """
[clinic.hours]
mon = "08:00-12:00"
tue = "08:00-12:00"
[demand]
referrals_per_week = {referrals}
[visit.steps.treatment]
minutes = 60
claims = {{ prescriber = {{ need = "on-site", to_infusion = 1 }} }}
[protocols.once]
infusions = 2
gap_days = [1, 6]
[roles.prescriber]
hour = 150
[shifts.day]
days = ["mon", "tue"]
hours = "08:00-12:00"
nurses = 1
[shifts.doctor]
days = ["tue"]
hours = "08:00-10:00"
role = "prescriber"
number = 1
"""


@pytest.mark.parametrize(
    ("referrals", "closed", "said"),
    [
        (2, "", None),
        (2.5, "", "2.50 starts a week for infusion number 1, and at most 2 fit"),
        (1.5, "2026-01-06", "1.50 starts a week for infusion number 1, and at most 1.00 fit"),
        (1.5, "2026-01-05", None),  # a Monday
        # More than all starts, which another warning says; of first ones it is even truer.
        (4.5, "", "4.50 starts a week for infusion number 1, and at most 2 fit"),
        (9, "", "9.00 starts a week for infusion number 1, and at most 2 fit"),  # of later ones 8 fit
    ],
)
def test_first_infusions_that_are_asked_for_more_often_than_the_prescriber_is_there(referrals, closed, said):
    # One chair, visits of an hour, two for each patient: four starts a day, on Tuesdays two with the prescriber.
    scenario = clinic(FIRST_ON_TUESDAYS.format(referrals=referrals), f"[clinic]\nclosed_on = [{closed}]\n")
    found = advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
    told = [each for each in found if "nothing else" in each]
    whole = f"patients ask for {said}, though nothing else is booked: those patients will wait"
    assert told == ([] if said is None else [whole])
    assert all(each in plan_warnings(scenario) for each in told)


def test_a_type_that_more_chairs_would_not_help_is_named_where_all_is_too_little():
    """Nine consults a week are asked for where one fits. Of infusions as much is asked as of all."""
    scenario = clinic(
        FIRST_ON_TUESDAYS.format(referrals=9),
        '[intake]\nvisit = "consult"\ncontraindicated = 0\nconsult_no_show = 0\naccepts = 1\n'
        '[visits.consult.steps.talk]\nminutes = 120\nplace = "room"\nclaims = { prescriber = "hands-on" }\n'
        "[places.room]\nnumber = 1\n",
    )
    found = list(advice(scenario, list(capacity_on_paper(scenario)), demand(scenario)))
    assert any("the clinic will be full" in each for each in found)
    told = [each for each in found if "nothing else" in each and "consult" in each]
    ask = "patients ask for 9.00 starts a week for consult, and at most 1 fit"
    assert told == [f"{ask}, though nothing else is booked: those patients will wait"]
    assert told[0] in plan_warnings(scenario)


TYPED = """
[booking]
types = "typed"
starts.mon = [{ at = "08:00", visit = "infusion" }, { at = "09:00", visit = "infusion" }]
starts.tue = [
    { at = "08:00", visit = "infusion" },
    { at = "09:00", visit = "infusion" },
    { at = "10:00", visit = "infusion" },
]
"""


def scarce(*texts):
    """Return what is said of infusions that fit too seldom by themselves, in `check` and in `run`."""
    scenario = clinic(*texts)
    found = advice(scenario, list(capacity_on_paper(scenario)), demand(scenario))
    told = [each for each in found if "nothing else" in each]
    assert [each for each in plan_warnings(scenario) if "nothing else" in each] == told
    return told


@pytest.mark.parametrize(("referrals", "at_most"), [(1.9, None), (2.0, None), (2.1, 2)])
def test_of_starts_by_type_those_count_at_which_the_prescriber_is_there(referrals, at_most):
    """On Tuesdays at 8 and at 9; two further starts are for infusions, too, and take later ones only."""
    told = scarce(FIRST_ON_TUESDAYS.format(referrals=referrals), TYPED)
    assert len(told) == (at_most is not None)
    assert all(f"for infusion number 1, and at most {at_most} fit, though nothing" in each for each in told)


WITH_SPRAYS = (
    TYPED.replace(
        '09:00", visit = "infusion" },\n    { at = "10', '09:00", visit = "spray" },\n    { at = "10'
    )
    + """
[demand.protocol_mix]
once = 0.9
sprays = 0.1
[protocols.once]
infusions = 2
gap_days = [1, 6]
[protocols.sprays]
infusions = 1
visit = "spray"
[visits.spray.steps.dose]
minutes = 20
"""
)


@pytest.mark.parametrize(("convert", "at_most"), [("false", 1), ("2", None)])
def test_starts_of_other_types_count_where_they_are_converted(convert, at_most):
    """Tuesday's start at 9 is for a spray: 1.8 first infusions a week are left with the one at 8, or with both."""
    told = scarce(
        FIRST_ON_TUESDAYS.format(referrals=2), WITH_SPRAYS, f"[booking]\nconvert_days = {convert}\n"
    )
    assert len(told) == (at_most is not None)
    assert all("infusion number 1, and at most 1 fit" in each for each in told)


def test_a_dated_change_has_a_warning_of_its_own():
    """From the third week on the prescriber is there from 8 to 9 alone: one first infusion a week."""
    later = '[changes.2026-01-19]\n"shifts.doctor.hours" = "08:00-09:00"\n[run]\nweeks = 4\n'
    [told] = scarce(FIRST_ON_TUESDAYS.format(referrals=1.5), later)
    assert "infusion number 1, and at most 1 fit from 2026-01-19, though nothing else is booked" in told
    sooner = later.replace("2026-01-19", "2026-01-12").replace("09:00", "10:00")
    assert not scarce(FIRST_ON_TUESDAYS.format(referrals=1.5), sooner)
