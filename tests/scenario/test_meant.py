"""An address that leads nowhere is answered with the setting that it was meant to be."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, with_overrides
from simclinic.scenario.addresses import address
from simclinic.scenario.meant import places
from simclinic.scenario.tables import as_tables
from simclinic.studies.study_file import study_of

SHIFTS = """
name = "x"
[shifts.early]
days = ["mon"]
hours = "08:00-12:00"
nurses = 1
[shifts.late]
days = ["mon"]
hours = "12:00-17:00"
nurses = 1
"""


def one(do, *arguments, **named):
    with pytest.raises(ScenarioError) as caught:
        do(*arguments, **named)
    [problem] = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("override", "meant"),
    [
        ("chairs=4", "clinic.chairs"),
        ("nurses=3", "shifts.day.nurses"),
        ("day.nurses=3", "shifts.day.nurses"),
        ("shifts.nurses=3", "shifts.day.nurses"),
        ("clinic.nurses=3", "shifts.day.nurses"),
        ("no_show=0.1", "attendance.no_show"),
        ("demand.no_show=0.1", "attendance.no_show"),
        ("infusion.minutes=50", "visit.steps.infusion.minutes"),
        ("visit.infusion.minutes=50", "visit.steps.infusion.minutes"),
        ("relapse.never=0.3", "relapse.days.never"),
        ("seed=3", "run.seed"),
        ("weeks=3", "run.weeks"),
        ("twice-weekly=1", "demand.protocol_mix.twice-weekly"),
        ("clinic.chiars=4", "chairs"),  # spelt wrongly where it stands
        ("clinc.chairs=4", "clinic"),
    ],
)
def test_the_setting_that_was_meant(override, meant):
    assert one(with_overrides, baseline(), [override]).suggestion == meant


def test_several_that_it_may_be_are_all_told():
    problem = one(from_toml, SHIFTS, ["nurses=2"])
    assert problem.suggestion in ("shifts.early.nurses", "shifts.late.nurses")
    assert "shifts.early.nurses" in str(problem)
    assert "shifts.late.nurses" in str(problem)


def test_what_is_like_nothing_gets_no_guess():
    assert one(with_overrides, baseline(), ["xyzzy=1"]).suggestion is None


def test_in_a_file_it_has_its_line():
    problem = one(from_toml, 'name = "x"\n\nchairs = 4\n')
    assert (problem.line, problem.suggestion) == (3, "clinic.chairs")


@pytest.mark.parametrize("line", ["chairs = 4", '"clinic.nurses" = 4'])
def test_in_a_change_only_what_can_change(line):
    problem = one(from_toml, f'name = "x"\n[changes."2026-06-01"]\n{line}\n')
    assert problem.suggestion in ("clinic.chairs", "shifts.day.nurses")
    assert one(from_toml, 'name = "x"\n[changes."2026-06-01"]\nno_show = 0.1\n').suggestion is None


def test_in_a_factor_it_is_one_problem():
    tables = {"name": "s", "design": "grid", "factors": {"chairs": [2, 3, 4]}}
    assert one(study_of, tables, scenario=baseline()).suggestion == "clinic.chairs"


def test_every_place_is_a_setting():
    """Each place of the typical clinic can be given the value it has, so none leads nowhere."""
    tables = as_tables(baseline())
    known = places(tables)
    assert len(known) == len(set(known)) > 80
    for place in known:
        value = tables
        for part in place:
            value = value.get(part) if isinstance(value, dict) else None
        if value is None or isinstance(value, dict) or place in ((), ("run", "start")):
            continue
        from simclinic.studies.sweep_points import as_toml

        assert with_overrides(baseline(), [f"{address(place)}={as_toml(value)}"]) == baseline()


@pytest.mark.parametrize(
    ("override", "how"),
    [
        ('booking.first_infusion_days=["tue"]', 'claims.NAME = { need = "on-site", to_infusion = 1 }'),
        ("booking.waitlist=true", "booking.standby"),
        ("booking.overbooking=1.1", "a time twice in booking.starts"),
        ("booking.priorities=3", "booking.first"),
        ('clinic.lunch="12:00-13:00"', '"08:00-12:00, 13:00-17:00"'),
        ('clinic.holidays=["12-24"]', "clinic.closed_on"),
        ("clinic.alternate_saturdays=true", "weeks = [1, 3]"),
        ("clinic.doctors=1", "[roles.NAME]"),
        ("clinic.rooms=2", "[places.NAME]"),
        ("visit.esketamine=1", "[visits.NAME]"),
    ],
)
def test_what_people_look_for_under_another_name(override, how):
    assert how in one(with_overrides, baseline(), [override]).rule


def test_nothing_is_said_of_what_is_not_known():
    assert one(with_overrides, baseline(), ["clinic.xyzzy=1"]).rule == "is not a setting of this table"
