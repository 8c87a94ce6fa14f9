"""What is wrong between sections is said beside what is wrong within them, all at once; nothing else is."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import from_toml
from tests.scenario.test_wider import WHOLE

ALL_WRONG = """name = "All at once"
[clinic.hours]
mon = ["08:00-12:30", "12:00-17:00"]
[places.room]
number = 0
[places.bay]
number = 1
[roles.therapist]
hour = 60
[roles.medic]
hour = 60
[shifts.medic]
days = ["sat"]
hours = "08:00-12:00"
role = "medic"
number = -1
[visits.injection.steps.injection]
minutes = 20
chair = false
[visits.other.steps.talk]
minutes = -20
place = "bey"
claims = { medic = "on-site", nurse = { watch = 0 } }
[demand.protocol_mix]
once = 1
[protocols.once]
infusions = 0
visit = "othr"
[visit.steps.a]
minutes = 10
probability = 0.4
one_of = "way"
[visit.steps.b]
minutes = 10
probability = 0.4
one_of = "way"
[booking]
types = "typed"
standby = 2
first = ["boosters"]
starts.mon = [{ at = "08:00", visit = "spravato" }, { at = "8:30", visit = "infusion" }]
"""


def problems(text):
    with pytest.raises(ScenarioError) as error:
        from_toml(text)
    return error.value.problems


def test_every_part_of_a_broken_clinic_is_named_with_its_line():
    found = [(problem.line, problem.address, problem.rule.split(":")[0]) for problem in problems(ALL_WRONG)]
    assert found == [
        (3, "clinic.hours.mon", "the spans 08"),
        (4, "places.room", "no step is in this place"),
        (5, "places.room.number", "must be at least 1"),
        (8, "roles.therapist", "no shift has anybody of this role"),
        (12, "shifts.medic", "this shift never works while the clinic is open"),
        (16, "shifts.medic.number", "must be at least 0"),
        (
            17,
            "visits.injection.steps",
            "must have at least one step with the patient in a chair, or another place",
        ),
        (17, "visits.injection", "no protocol has this type of visit"),
        (21, "visits.other.steps.talk.minutes", "can fall below 0, but a duration cannot"),
        (22, "visits.other.steps.talk.place", 'must be "chair", or a place in [places]'),
        (23, "visits.other.steps.talk.claims.nurse.watch", "must be at least 1"),
        (
            23,
            "visits.other.steps.talk.claims",
            "medic is never on duty while the clinic is open",
        ),
        (27, "protocols.once.infusions", "must be at least 1"),
        (28, "protocols.once.visit", 'must be "infusion" (which is [visit]), or a type of visit in [visits]'),
        (31, "visit.steps.a.probability", "the alternatives 'way' must add up to 1, not 0.8"),
        (39, "booking.standby", "must be at most 1.0"),
        (40, "booking.first[0]", 'must be "booster", "series" or a type of visit'),
        (41, "booking.starts.mon[1].at", 'must be a time such as "09'),
        (41, "booking.starts.mon", "must name a type of visit that a protocol has"),
    ]


def test_what_is_misspelt_is_one_mistake():
    """The room, role and type that are meant are not told to be unused beside it."""
    for right, wrong, address, suggestion in (
        ('role = "prescriber"', 'role = "prescribr"', "shifts.prescriber.role", "prescriber"),
        ('place = "room"', 'place = "rom"', "visits.esketamine.steps.check.place", "room"),
        ('visit = "esketamine"', 'visit = "esketamin"', "protocols.spravato.visit", "esketamine"),
    ):
        assert WHOLE.count(right) == 1
        [problem] = problems(WHOLE.replace(right, wrong))
        assert (problem.address, problem.suggestion) == (address, suggestion)


BEHIND = """name = "Behind another"
[protocols.once]
infusions = 8
visit = "othr"
permitted_gap_days = [7, 2]
[protocols.once.boosters]
every_weeks = { dist = "uniform", low = 6, high = 4 }
[protocols.twice]
infusions = 8
visit = "spray"
[visits.other.steps.talk]
minutes = 20
claims = { nurse = "watch" }
[demand]
protocol_mix = { once = 0.5, twice = 0.5 }
[attendance]
no_show = 30
[booking]
types = "typed"
notice_days = "2 days"
standby_notice_hours = "1 day"
first = ["mast"]
standby = "40%"
booster_reserve = "0.1"
starts.mon = [{ at = "08:00", vist = "other" }, { at = "09:00", visit = "oter" }]
[clinic.hours]
mon = "08:00-17:00"
saturday = "09:00-12:00"
fri = { hours = "09:00-12:00", every = 1, from = 2026-01-09 }
"""


def test_a_mistake_in_a_section_hides_none_of_what_it_says_of_others():
    found = {problem.address: problem for problem in problems(BEHIND)}
    rules = {address: problem.rule for address, problem in found.items()}
    assert rules == {
        "protocols.once.visit": 'must be "infusion" (which is [visit]), or a type of visit in [visits]',
        "protocols.once.permitted_gap_days": "must be [fewest, most], the smaller number first",
        "protocols.once.boosters.every_weeks": "low must not lie above high",
        "protocols.twice": "needs gap_days, because it has more than one infusion",
        "protocols.twice.visit": 'must be "infusion" (which is [visit]), or a type of visit in [visits]',
        "visits.other.steps.talk.claims.nurse": 'must be "hands-on" or "on-site", or { watch = 4 }, the '
        "patients whom one of them watches",
        "attendance.no_show": "must be at most 1.0: 30 % is 0.3",
        "booking.notice_days": "must be a whole number of days, without quotes",
        "booking.standby_notice_hours": "must be a number of hours, without quotes",
        "booking.first[0]": 'must be "booster", "series" or a type of visit',
        "booking.standby": "must be a number: 40 % is 0.4, without quotes",
        "booking.booster_reserve": "must be a number, without quotes",
        "clinic.hours.saturday": 'must be "mon", "tue", "wed", "thu", "fri", "sat" or "sun"',
        "clinic.hours.fri.every": "must be at least 2: without it, it is every week",
        "booking.starts.mon[0].vist": "is not a setting of this table",
        "booking.starts.mon[0].visit": "is needed",
        "booking.starts.mon": "must name a type of visit that a protocol has",
    }
    assert found["booking.starts.mon[0].vist"].suggestion == "visit"
    assert found["clinic.hours.saturday"].suggestion == "sat"


def test_a_mistake_in_a_table_hides_none_between_its_other_settings():
    """And where a setting is wrong itself, nothing is said of what depends on it."""
    text = (
        'name = "Walk-in"\n[booking]\nmode = "walk-in"\nwaiting_room = -1\nstandby = 0.4\ntypes = "typed"\n'
    )
    assert [(problem.line, problem.address) for problem in problems(text)] == [
        (4, "booking.waiting_room"),
        (5, "booking.standby"),
        (6, "booking.types"),
    ]
    misspelt = text.replace('"walk-in"\n', '"walkin"\n').replace("-1", "1")
    assert [problem.address for problem in problems(misspelt)] == ["booking.mode"]


TYPED = (
    WHOLE
    + """
[booking]
types = "typed"
first = ["booster", "esketamine"]
starts.tue = [{ at = "08:00", visit = "esketamine" }, "09:00"]
[clinic.hours]
mon = "08:00-17:00"
tue = ["08:00-12:00", "13:00-17:00"]
wed = { hours = "08:00-17:00", weeks = [1, 3] }
thu = "08:00-17:00"
"""
)
MEANT_BY_OTHERS = ("visit", "place", "role")


@pytest.mark.parametrize("junk", ["-1", '"?"', "{}", "[{}]"])
def test_one_mistake_is_one_mistake(junk):
    from_toml(TYPED)
    lines, table = TYPED.split("\n"), ""
    for number, line in enumerate(lines):
        key = line.partition(" = ")[0]
        table = line.strip("[]") if line.startswith("[") else table
        if not table or key == line or key in MEANT_BY_OTHERS:
            continue
        try:
            from_toml("\n".join([*lines[:number], f"{key} = {junk}", *lines[number + 1 :]]))
        except ScenarioError as error:
            for problem in error.problems:
                assert problem.address.startswith((f"{table}.{key}", table)), (line, problem)
                assert problem.line <= number + 1, (line, problem)


def test_a_step_that_needs_a_role_for_longer_than_it_is_there_is_refused():
    # The check begins at 08:00 at the earliest; ten minutes are not there until 08:09.
    text = WHOLE.replace("minutes = 10\nplace", "minutes = 20\nplace")
    for end, refused in (("08:09", True), ("08:10", False)):
        changed = text.replace('hours = "08:00-13:00"', f'hours = "07:00-{end}"')
        if refused:
            [problem] = problems(changed)
            assert problem.address == "visits.esketamine.steps.check.claims"
            assert problem.rule.startswith(
                "nurse and prescriber are together never on duty for as long as this step"
            )
        else:
            from_toml(changed)


def test_what_comes_before_a_step_takes_its_time():
    # Twenty minutes in the room may take ten, so somebody must be there from 08:10 on; listed starts and
    # queues ask for no more than that they come at all.
    claim = 'minutes = 120\nclaims = { prescriber = "hands-on" }'
    text = WHOLE.replace("minutes = 10\nplace", "minutes = 20\nplace").replace("minutes = 120", claim)
    text = text.replace('nurse = "watch"\npatients_per_nurse = 4\n', "").replace(
        ', prescriber = { need = "on-site", to_infusion = 1 }', ""
    )
    from_toml(text.replace('"08:00-13:00"', '"07:00-09:10"'))
    [problem] = problems(text.replace('"08:00-13:00"', '"07:00-09:09"'))
    assert (
        "prescriber is never on duty for as long as this step takes, after the steps before it"
        in problem.rule
    )
    early = text.replace('"08:00-13:00"', '"07:00-09:09"') + "[booking]\n"
    listed = 'types = "typed"\nstarts.tue = [{ at = "08:00", visit = "esketamine" }]\n'
    for enough in (listed, 'mode = "walk-in"\n'):
        from_toml(early + enough)


def test_roles_on_duty_one_after_the_other_are_not_there_together():
    text = WHOLE.replace("[roles", "[roles.doctor]\nhour = 200\n[roles").replace(
        "[shifts.prescriber]",
        '[shifts.doctor]\ndays = ["tue"]\nhours = "13:00-17:00"\nrole = "doctor"\nnumber = 1\n'
        "[shifts.prescriber]",
    )
    both = text.replace("prescriber = { need", 'doctor = "hands-on", prescriber = { need')
    [problem] = problems(both)
    assert problem.rule.startswith("doctor and nurse and prescriber are together never on duty while")
    from_toml(both.replace('"13:00-17:00"', '"12:00-17:00"'))


def test_the_number_of_a_shift_is_named_as_it_is_written():
    text = WHOLE.replace('role = "prescriber"\nnumber = 1', 'role = "prescriber"\nnumber = -1')
    assert [(each.address, each.value) for each in problems(text)] == [("shifts.prescriber.number", "-1")]
    text = WHOLE.replace('role = "prescriber"\nnumber = 1', 'role = "prescriber"')
    assert [each.address for each in problems(text)] == ["shifts.prescriber.number"]


def test_a_step_whose_settings_do_not_fit_together_still_names_others():
    wrong = 'chair = false\nnurse = "hands-on"\nclaims = { nurse = "hands-on", prescribr = "hands-on" }'
    text = WHOLE.replace("chair = false", wrong)
    found = [(problem.address, problem.suggestion) for problem in problems(text)]
    at = "visits.esketamine.steps.ride"
    assert found == [(at, None), (f"{at}.claims.prescribr", "prescriber")]


def test_alternatives_are_part_of_the_same_infusions():
    # Otherwise a later visit would have none of them half of the time.
    one = '[visit.steps.a]\nminutes = 5\nprobability = 0.5\none_of = "way"\nto_infusion = 1\n'
    text = f'name = "x"\n{one}{one.replace("steps.a", "steps.b")}'
    from_toml(text)
    [problem] = problems(text[: text.rindex("to_infusion")])
    assert (problem.line, problem.address) == (10, "visit.steps.b.one_of")
    assert problem.rule.startswith("the alternatives 'way' must be part of the same infusions")
