import re

import pytest

from simclinic.scenario import baseline, from_toml, load, resolved_toml, scenario_hash, with_overrides


def test_it_is_a_sha256():
    assert re.fullmatch(r"[0-9a-f]{64}", scenario_hash(baseline()))
    assert scenario_hash(baseline()) == scenario_hash(baseline())


@pytest.mark.parametrize(
    "override",
    [
        "name=other",
        "description=other",
        "run.seed=2",
        "clinic.chairs=4",
        "clinic.hours.sat=09:00-12:00",
        "shifts.day.break=12:00-12:15",
        "demand.referrals=[2026-01-05]",
        "protocols.twice-weekly.gap_days=[3,5]",
        "visit.steps.infusion.minutes=41",
        "finance.nurse_hour=46",
        "response.stop_rule={after=1, sensitivity=0.94, specificity=0.71}",
        'changes."2026-06-01"={"clinic.chairs"=4}',
    ],
)
def test_every_setting_counts(override):
    assert scenario_hash(with_overrides(baseline(), [override])) != scenario_hash(baseline())


def test_the_order_of_steps_counts():
    a, b = "[visit.steps.a]\nminutes = 1\n", "[visit.steps.b]\nminutes = 1\n"
    assert scenario_hash(from_toml(f'name = "x"\n{a}{b}')) != scenario_hash(from_toml(f'name = "x"\n{b}{a}'))


def test_the_order_of_steps_of_a_further_type_of_visit_counts():
    head = """name = "x"
        [demand.protocol_mix]
        spravato = 1.0
        [protocols.spravato]
        infusions = 1
        visit = "spray"
        """
    a, b = "[visits.spray.steps.a]\nminutes = 1\n", "[visits.spray.steps.b]\nminutes = 1\n"
    assert scenario_hash(from_toml(f"{head}\n{a}{b}")) != scenario_hash(from_toml(f"{head}\n{b}{a}"))


def test_the_days_in_time_of_a_type_of_visit_count():
    head = """name = "x"
        [demand.protocol_mix]
        spravato = 0.5
        usual = 0.5
        [protocols.usual]
        infusions = 1
        [protocols.spravato]
        infusions = 1
        visit = "spray"
        [visits.spray.steps.a]
        minutes = 1
        [targets.visits.spray]
        """
    hashes = {
        scenario_hash(from_toml(f"{head}\n{target}"))
        for target in (
            'access_days_p90 = "<= 7"',
            'access_days_p90 = "<= 10"',
            'wait_minutes_p90 = "<= 7"',
            'wait_minutes_p90 = "<= 15"',
            'visit_minutes_mean = "<= 7"',
        )
    }
    assert len(hashes) == 3  # ten days and fifteen minutes are those of a clinic that says nothing


def test_other_order_does_not():
    one = from_toml("""
        name = "x"
        [clinic]
        chairs = 2
        closed_on = []
        [clinic.hours]
        mon = "08:00-17:00"
        tue = "08:00-17:00"
        [shifts.b]
        days = ["mon"]
        nurses = 1
        hours = "08:00-17:00"
        [shifts.a]
        days = ["tue"]
        hours = "08:00-17:00"
        nurses = 1
        [demand.protocol_mix]
        twice-weekly = 0.5
        thrice-weekly = 0.5
    """)
    other = from_toml("""
        name = "x"
        [demand]
        protocol_mix = { thrice-weekly = 0.5, twice-weekly = 0.5 }
        [shifts]
        a = { nurses = 1, days = ["tue"], hours = "08:00-17:00" }
        b = { nurses = 1, days = ["mon"], hours = "08:00-17:00", absence = 0 }
        [clinic]
        hours = { tue = "08:00-17:00", mon = "08:00-17:00" }
        chairs = 2
    """)
    assert one == other
    assert scenario_hash(one) == scenario_hash(other)
    assert list(one.shifts) == list(other.shifts)
    assert list(one.demand.protocol_mix) == list(other.demand.protocol_mix)


def test_how_a_change_is_spelt_does_not():
    spelt = [
        'changes."2026-06-01"={"demand.referrals_per_week"=12}',
        'changes."2026-06-01"={demand={referrals_per_week=12.0}}',
    ]
    assert len({scenario_hash(with_overrides(baseline(), [one])) for one in spelt}) == 1


def test_contents_of_a_file_of_referrals_count(tmp_path):
    (tmp_path / "a.toml").write_text('name = "a"\n[demand]\nreferrals_file = "r.csv"\n')
    hashes = set()
    for day in (5, 6):
        (tmp_path / "r.csv").write_text(f"2026-01-0{day}\n")
        hashes.add(scenario_hash(load(tmp_path / "a.toml")))
    assert len(hashes) == 2


def test_what_the_clinic_was_like_when_it_was_calibrated_decides_nothing():
    known = "calibrated={as_of=2026-01-03, patients=175, boosters_per_week=8.5}"
    calibrated = with_overrides(baseline(), [known])
    assert calibrated.calibrated.patients == 175
    assert scenario_hash(calibrated) == scenario_hash(baseline())
    assert with_overrides(calibrated, ["calibrated=false"]) == baseline()
    assert from_toml(resolved_toml(calibrated)) == calibrated
