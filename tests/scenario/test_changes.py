import datetime as dt

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, resolved_toml, scenario_hash, with_overrides

MARCH, JUNE = dt.date(2026, 3, 2), dt.date(2026, 6, 1)
TEXT = """
[changes."2026-06-01"]
"clinic.chairs" = 4
"clinic.hours.sat" = "09:00-12:00"
"demand.protocol_mix" = { thrice-weekly = 1.0 }
[changes."2026-03-02"]
"shifts.day.nurses" = 3
"shifts.saturday" = { days = ["sat", "fri"], hours = "08:00-13:00", nurses = 1 }
"""


def test_changes_add_up(scenario):
    made = scenario(TEXT)
    assert made.change_dates == (MARCH, JUNE)
    before, spring, summer = (made.at(day) for day in (MARCH - dt.timedelta(1), MARCH, JUNE))
    assert (before.clinic.chairs, spring.clinic.chairs, summer.clinic.chairs) == (3, 3, 4)
    assert [len(now.shifts) for now in (before, spring, summer)] == [1, 2, 2]
    assert [now.shifts["day"].nurses for now in (before, spring, summer)] == [2, 3, 3]
    assert summer.shifts["day"].absence == 0.03
    assert list(summer.clinic.hours) == ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert summer.demand.protocol_mix == {"thrice-weekly": 1.0}
    assert summer.demand.referrals_per_week == 10.3
    assert (before.since, spring.since, summer.since) == (None, MARCH, JUNE)


def test_what_holds_on_a_date_is_worked_out_once(scenario):
    made = scenario(TEXT)
    assert made.at(JUNE) is made.at(JUNE + dt.timedelta(400))
    assert baseline().at(JUNE).clinic == baseline().clinic


def test_entries_can_be_dropped_from_a_date_on(scenario):
    made = scenario(
        '[changes."2026-03-02"]\n"shifts.day" = false\n"shifts.new" = { days = ["mon"], hours = "24h", nurses = 1 }'
    )
    assert list(made.at(MARCH).shifts) == ["new"]


def test_quotes_around_addresses_may_be_left_out(scenario):
    quoted = scenario(
        '[changes."2026-06-01"]\n"clinic.chairs" = 4\n"shifts.day.nurses" = 3\n'
        '"demand.protocol_mix" = { twice-weekly = 1 }'
    )
    for text in (
        (
            "[changes.2026-06-01]\nclinic.chairs = 4\nshifts.day.nurses = 3\n"
            "demand.protocol_mix = { twice-weekly = 1 }"
        ),
        (
            "[changes.2026-06-01.clinic]\nchairs = 4\n[changes.2026-06-01.shifts.day]\nnurses = 3\n"
            "[changes.2026-06-01.demand.protocol_mix]\ntwice-weekly = 1"
        ),
    ):
        assert scenario_hash(scenario(text)) == scenario_hash(quoted)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"clinic.chairs" = 0', 'changes.2026-06-01."clinic.chairs": must be at least 1 (is 0)'),
        ('"clinic.chair" = 4', "Did you mean 'chairs'?"),
        (
            '"clinc.chairs" = 4',
            "only clinic, shifts and demand can change from a date on. Did you mean 'clinic'?",
        ),
        ('"visit.steps.infusion.minutes" = 4', "only clinic, shifts and demand can change from a date on"),
        ('"clinic" = 4', "must name what changes, such as clinic.chairs"),
        ('"clinic..chairs" = 4', "must be an address such as clinic.chairs"),
        ('"" = 4', "must be an address such as clinic.chairs"),
        ('"demand.referrals_file" = "x"', "replayed referrals have dates of their own"),
        ('"shifts.night.nurses" = 1', "\"shifts.night.nurses\": there is no shift 'night', only 'day'"),
        ('"shifts.nigth" = false', "cannot be dropped, since no entry of that name is inherited"),
        ('"shifts.day.nurses" = 0', "no shift has a nurse"),
        ('"shifts.day.hours" = "09:00-12:00"', '"shifts.day.hours": the break 12:00-12:30 must lie within'),
        ('"demand.protocol_mix" = { nope = 1 }', '"demand.protocol_mix".nope: must name a protocol'),
        ('"clinic.hours" = {}', '"clinic.hours": the clinic is never open'),
        ('"clinic.chairs.x" = 3', "clinic.chairs is not a table, so it cannot contain 'x'"),
    ],
)
def test_what_cannot_change(problems, line, message):
    [problem] = [result for result in problems(f'[changes."2026-06-01"]\n{line}') if message in str(result)]
    assert problem.line == 3


@pytest.mark.parametrize("name", ["2026-6-1", "2026-02-30", "june", "20260601T00"])
def test_changes_are_named_by_dates(problems, name):
    [problem] = problems(f'[changes."{name}"]\n"clinic.chairs" = 4')
    assert "must be named by a date" in str(problem)


def test_a_change_is_a_table(problems):
    assert "must be a table" in str(problems("[changes]\n2026-06-01 = 3")[0])
    assert "must be a table" in str(problems("changes = 3")[0])


def test_each_later_change_is_checked_on_top_of_the_earlier_ones(problems):
    results = problems(
        '[changes."2026-03-02"]\n"shifts.day" = false\n"shifts.b" = { days = ["mon"], hours = "24h", nurses = 1 }\n'
        '[changes."2026-06-01"]\n"shifts.day.nurses" = 3'
    )
    assert {problem.address for problem in results} == {'changes.2026-06-01."shifts.day.nurses"'}


def test_overrides_reach_changes(scenario):
    made = with_overrides(
        scenario(TEXT), ['changes."2026-06-01"."clinic.chairs"=5', 'changes."2026-03-02"=false']
    )
    assert made.change_dates == (JUNE,)
    assert made.at(JUNE).clinic.chairs == 5
    assert list(made.at(JUNE).shifts) == ["day"]


def test_changes_are_merged_by_date_and_address_when_extended(tmp_path):
    (tmp_path / "a.toml").write_text(f'name = "a"\n{TEXT}')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n[changes."2026-06-01"]\n"clinic.chairs" = 6\n')
    from simclinic.scenario import load

    made = load(tmp_path / "b.toml")
    assert made.at(JUNE).clinic.chairs == 6
    assert "sat" in made.at(JUNE).clinic.hours
    assert from_toml(resolved_toml(made)) == made


def test_first_sections_broken_then_changes_wait(problems):
    results = problems('[clinic]\nchairs = 0\n[changes."2026-06-01"]\n"clinic.chairs" = 4')
    assert [problem.address for problem in results] == ["clinic.chairs"]


def test_what_is_wrong_in_one_change_hides_nothing_in_the_others(problems):
    """A wrong date, a wrong address, a wrong section elsewhere: values are checked all the same, and told once."""
    results = problems(
        '[changes."2026-06-01"]\n"clinic.chair" = 4\n"clinic.chairs" = -1\n"clinic.open" = { at = 1 }\n'
        '[changes."2026-13-01"]\n"clinic.chairs" = 4\n'
        '[changes."2026-07-01"]\n"booking.mode" = "walk-in"\n"shifts.day.nurses" = "two"\n'
        '[changes."2026-08-01"]\n"clinic.chairs" = 0\n"shifts.day.days" = []\n'
        "[finance]\nnurse_hour = -3"
    )
    assert [problem.address for problem in results] == [
        'changes.2026-06-01."clinic.chair"',
        'changes.2026-06-01."clinic.chairs"',
        'changes.2026-06-01."clinic.open"',
        "changes.2026-13-01",
        'changes.2026-07-01."booking.mode"',
        'changes.2026-07-01."shifts.day.nurses"',
        'changes.2026-08-01."clinic.chairs"',
        'changes.2026-08-01."shifts.day.days"',
        "finance.nurse_hour",
    ]


def test_rules_between_sections_hold_after_changes_beside_other_mistakes(problems):
    results = problems('[changes."2026-06-01"]\n"shifts.day.nurses" = 0\n[finance]\nnurse_hour = -3')
    assert any("no shift has a nurse" in str(problem) for problem in results)
    assert any("nurse_hour" in str(problem) for problem in results)


def test_listed_starts_hold_after_changes_too():
    with pytest.raises(ScenarioError, match="the clinic is closed on this weekday"):
        from_toml('name="x"\nbooking.starts.mon = ["08:00"]\nchanges.2026-06-01."clinic.hours.mon" = false')
