"""Types of visit, roles and places in scenario files: what is read, and what is refused."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import from_toml

WHOLE = """
name = "IV and esketamine"
[demand]
protocol_mix = { twice-weekly = 0.6, spravato = 0.4 }
[protocols.twice-weekly]
infusions = 6
gap_days = [3, 4]
[shifts.day]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:30-17:30"
nurses = 2
[protocols.spravato]
infusions = 8
gap_days = [3, 4]
visit = "esketamine"
[visits.esketamine]
price = 900
[visits.esketamine.steps.check]
minutes = 10
place = "room"
claims = { nurse = "hands-on", prescriber = { need = "on-site", to_infusion = 1 } }
[visits.esketamine.steps.monitoring]
minutes = 120
nurse = "watch"
patients_per_nurse = 4
[visits.esketamine.steps.ride]
minutes = { dist = "exponential", mean = 15 }
chair = false
[visits.esketamine.steps.cleaning]
minutes = 10
patient = false
[roles.prescriber]
hour = 150
[places.room]
number = 1
[shifts.prescriber]
days = ["tue", "thu"]
hours = "08:00-13:00"
role = "prescriber"
number = 1
"""


def problems(text):
    with pytest.raises(ScenarioError) as error:
        from_toml(text)
    return str(error.value)


def changed(old, new):
    assert WHOLE.count(old) == 1
    return WHOLE.replace(old, new)


def test_a_clinic_with_two_types_of_visit_is_read():
    clinic = from_toml(WHOLE)
    assert not clinic.simple
    assert list(clinic.visit_types) == ["infusion", "esketamine"]
    # Cleaning follows the last step in the chair, and runs beside the wait for the ride.
    assert list(clinic.steps)[-4:] == [
        "esketamine/check",
        "esketamine/monitoring",
        "esketamine/cleaning",
        "esketamine/ride",
    ]
    assert clinic.staff == ("nurse", "prescriber")
    check = clinic.steps["esketamine/check"]
    assert check.where == "room"
    assert list(check.needs) == ["nurse", "prescriber"]
    assert check.needs["prescriber"].holds(1)
    assert not check.needs["prescriber"].holds(2)
    assert clinic.shifts["prescriber"].nurses == 1


def test_the_short_forms_mean_the_same_as_the_long_ones():
    usual = """name = "a"
[visit.steps.infusion]
minutes = 40
nurse = "watch"
patients_per_nurse = 2
"""
    short, place = from_toml(usual), from_toml(f'{usual}place = "chair"')
    assert short.simple
    assert place.steps == short.steps
    claims = usual[: usual.index("nurse =")] + "claims = { nurse = { watch = 2 } }"
    assert from_toml(claims).steps["infusion"].needs == short.steps["infusion"].needs


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('visit = "esketamine"', 'visit = "esketamin"', "Did you mean 'esketamine'"),
        ('visit = "esketamine"', "", "visits.esketamine: no protocol has this type of visit"),
        (
            'prescriber = { need = "on-site", to_infusion = 1 }',
            'precriber = "on-site"',
            "claims.precriber: must be",
        ),
        ('role = "prescriber"', 'role = "nurse"', "roles.prescriber: no shift has anybody of this role"),
        (
            'role = "prescriber"',
            'role = "doctor"',
            "shifts.prescriber.role: must be 'nurse', or a role in [roles]",
        ),
        ('place = "room"', 'place = "rom"', "steps.check.place: must be"),
        ('place = "room"', "", "places.room: no step is in this place"),
        ("number = 1\n[shifts", "number = 0\n[shifts", "places.room.number: must be at least 1"),
        (
            'nurse = "watch"',
            'nurse = "watch"\nclaims = { nurse = "hands-on" }',
            "says both nurse and claims.nurse",
        ),
        (
            '{ need = "on-site", to_infusion = 1 }',
            "{ to_infusion = 1 }",
            'must be "hands-on", "on-site", or watch',
        ),
        ('days = ["tue", "thu"]', 'days = ["sat"]', "shifts.prescriber: this shift never works while"),
        ('role = "prescriber"', 'role = "prescriber"\nnurses = 1', "says both nurses and number"),
        ("patient = false", 'patient = false\nplace = "room"', None),
        ("chair = false\n", 'chair = false\nplace = "room"\n', "has a place, so it cannot say chair = false"),
        ("minutes = 120", 'minutes = 120\none_of = "kind"\nprobability = 0.5', "must add up to 1, not 0.5"),
    ],
)
def test_mistakes_are_named(old, new, rule):
    text = WHOLE.replace(old, new, 1) if WHOLE.count(old) > 1 else changed(old, new)
    if rule is None:
        assert list(from_toml(text).steps)[-4:-2] == ["esketamine/check", "esketamine/cleaning"]
    else:
        assert rule in problems(text)


def test_roles_that_never_meet_cannot_both_be_claimed():
    text = WHOLE.replace('[shifts.prescriber]\ndays = ["tue", "thu"]', '[shifts.prescriber]\ndays = ["sat"]')
    text += '[clinic.hours]\nmon = "08:00-17:00"\nsat = "08:00-12:00"\n'
    assert "nurse and prescriber are together never on duty" in problems(text)


def test_starts_are_listed_by_type_for_several_types():
    assert 'add types = "typed"' in problems(WHOLE + '[booking]\nstarts = { mon = ["08:00"] }\n')


def test_a_place_is_not_left_and_taken_again():
    text = changed(
        "[visits.esketamine.steps.ride]",
        '[visits.esketamine.steps.talk]\nminutes = 5\nplace = "room"\n[visits.esketamine.steps.ride]',
    )
    assert (
        "a step without the place 'room' must come before the first or after the last step with it"
        in problems(text)
    )


def test_several_mistakes_are_said_at_once():
    text = WHOLE.replace('visit = "esketamine"', 'visit = "spravato"').replace(
        'place = "room"', 'place = "roam"'
    )
    found = problems(text)
    assert "protocols.spravato.visit" in found
    assert "steps.check.place" in found


def test_a_visit_described_within_a_protocol_is_told_where_it_belongs():
    text = changed('visit = "esketamine"', "visit = { steps = { infusion = { minutes = 120 } } }")
    assert "describe that in [visits.NAME]" in problems(text)
