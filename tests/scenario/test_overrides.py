import datetime as dt

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, from_toml, load, with_overrides
from simclinic.scenario.overrides import read_value


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("clinic.chairs=4", lambda s: s.clinic.chairs == 4),
        (" clinic . chairs = 4 ", lambda s: s.clinic.chairs == 4),
        ('"clinic".chairs=4', lambda s: s.clinic.chairs == 4),
        ("clinic.hours.sat=09:00-12:00", lambda s: str(s.clinic.hours["sat"]) == "09:00-12:00"),
        ('clinic.hours.sat="09:00-12:00"', lambda s: "sat" in s.clinic.hours),
        ("clinic.hours={sat='24h'}", lambda s: len(s.clinic.hours) == 6),
        ("clinic.hours.mon=false", lambda s: "mon" not in s.clinic.hours),
        ("name=Four = 4 chairs", lambda s: s.name == "Four = 4 chairs"),
        ("run.start=2027-01-04", lambda s: s.run.start == dt.date(2027, 1, 4)),
        ("relapse.days.mu=2.4", lambda s: (s.relapse.days.mu, s.relapse.days.never) == (2.4, 0.2)),
        ("relapse.days={dist='exponential', mean=30}", lambda s: s.relapse.days.mean == 30),
        ("visit.steps.infusion.minutes=60", lambda s: s.visit.steps["infusion"].minutes.value == 60),
        ("visit.steps.infusion.minutes.value=60", lambda s: s.visit.steps["infusion"].minutes.value == 60),
        (
            "visit.steps.recovery.minutes.median=40",
            lambda s: s.visit.steps["recovery"].minutes.at_least == 30,
        ),
        ("visit.steps.tea={minutes=5, after='infusion'}", lambda s: list(s.visit.steps)[2] == "tea"),
        ("visit.complications={}", lambda s: not s.visit.complications),
        ("visit.complications.prolonged-recovery=false", lambda s: len(s.visit.complications) == 2),
        ("demand.protocol_mix={thrice-weekly=1}", lambda s: list(s.demand.protocol_mix) == ["thrice-weekly"]),
        ("shifts.day.break=false", lambda s: s.shifts["day"].break_ is None),
        ("shifts.new={days=['sun'],hours='24h',nurses=0}", None),
        ("booking.starts.mon=['08:00']", lambda s: s.booking.starts == {"mon": (480,)}),
        (
            "response.stop_rule={after=1,sensitivity=1,specificity=1}",
            lambda s: s.response.stop_rule.after == 1,
        ),
    ],
)
def test_one_setting_is_changed(override, value):
    if value is None:
        with pytest.raises(ScenarioError, match="never works while the clinic is open"):
            with_overrides(baseline(), [override])
    else:
        assert value(with_overrides(baseline(), [override]))


def test_a_file_and_its_overrides_are_the_same_as_a_changed_scenario(tmp_path):
    (tmp_path / "a.toml").write_text('name = "Typical clinic"\n')
    for overrides in (
        ["demand.protocol_mix.twice-weekly=0.5", "demand.protocol_mix.thrice-weekly=0.5"],
        ["visit.steps.infusion.minutes=60", "visit.complications.prolonged-recovery.probability=0.1"],
        ["booking.mode=walk-in", "intake.days_to_decide.value=1"],
        [
            "shifts.day.nurses=1",
            "shifts.two={nurses=1, days=['mon'], hours='24h'}",
            "shifts.two.nurses=3",
            "shifts.three={nurses=1, days=['tue'], hours='24h'}",
        ],
        ["boosters.days.sigma=0.7", "boosters.days.never=0.1"],
    ):
        assert load(tmp_path / "a.toml", overrides) == with_overrides(baseline(), overrides)


def test_the_original_stays_as_it_was():
    original = baseline()
    with_overrides(
        original, ["clinic.chairs=4", "shifts.day=false", "shifts.a={days=['mon'],hours='24h',nurses=1}"]
    )
    assert original == baseline()


def test_a_walk_in_clinic_gets_its_intake_back_with_its_book():
    walk_in = with_overrides(baseline(), ["booking.mode=walk-in"])
    assert with_overrides(walk_in, ["booking.mode=booked"]) == baseline()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("clinic.chairs", "--set clinic.chairs: must be ADDRESS=VALUE"),
        ("", "must be ADDRESS=VALUE"),
        ("=4", "must be an address"),
        ("clinic..chairs=4", "--set clinic..chairs=4: must be an address"),
        ("clinic.chairs =\n4", None),
        ("a\nb=4", "must be an address"),
        ("clinic.chairs=", '(is "")'),
        ("clinic.chairs=four", 'clinic.chairs: must be a whole number (is "four")'),
        ("clinic.chairs=1\nx=2", "must be a whole number"),
        ("clinc.chairs=4", "clinc: is not a setting of this table. Did you mean 'clinic'?"),
        ("clinic.chiars=4", "clinic.chiars: is not a setting of this table (is 4). Did you mean 'chairs'?"),
        ("clinic.chairs.x=4", "clinic.chairs is not a table, so it cannot contain 'x'"),
        (
            "visit.steps.infusion.minutes.mean=4",
            "visit.steps.infusion.minutes.mean: is not a setting of this table",
        ),
        ("relapse.days.median=20", "exactly median and sigma, or mu and sigma"),
        ("shifts.nite=false", "cannot be dropped"),
        (
            "shifts.dya.nurses=3",
            "shifts.dya: there is no shift 'dya', only 'day'. Name an existing one",
        ),
        (
            "visit.steps.infuson.minutes=3",
            "visit.steps.infuson: there is no step 'infuson', only 'infusion', '",
        ),
        ("visit.steps.tea={minutes=3}", "visit.steps.tea: a new step needs a place"),
        ("extends=a.toml", "extends is for files only"),
        ("clinic=3", "clinic: must be a table (is 3)"),
        ("run.seed=" + "9" * 5000, "must be a whole number"),
        ("run.seed=0x" + "f" * 5000, "must be below"),
        ("demand.referrals_file=r.csv", "needs a scenario file whose folder it is relative to"),
        ("description=" + "[" * 5000, None),
        ("." * 5000 + "=1", "must be an address"),
        ("a." * 5000 + "b=1", "must be an address"),
        ("x=" + "1" * 200_000, "is longer than 100,000 characters"),
    ],
)
def test_what_is_wrong_names_the_override(override, message):
    if message is None:
        with_overrides(baseline(), [override])
        return
    with pytest.raises(ScenarioError) as caught:
        with_overrides(baseline(), [override])
    assert message in str(caught.value)
    assert all(problem.file.startswith("--set ") for problem in caught.value.problems)
    assert len(str(caught.value)) < 1000


def test_all_overrides_are_judged_at_once():
    with pytest.raises(ScenarioError) as caught:
        with_overrides(baseline(), ["clinic.chairs=0", "foo", "run.weeks=0"])
    assert len(caught.value.problems) == 3


def test_values():
    assert read_value("4") == 4
    assert read_value("4.0") == 4.0
    assert read_value("true") is True
    assert read_value('"true"') == "true"
    assert read_value("[1, 2]") == [1, 2]
    assert read_value("walk-in") == "walk-in"
    assert read_value("2026-01-05") == dt.date(2026, 1, 5)
    assert read_value("1\nother = 2") == "1\nother = 2"


@pytest.mark.parametrize("word", ["nurses", "number"])
def test_two_words_for_the_number_of_a_shift_replace_each_other(word):
    once = with_overrides(baseline(), ["shifts.day.number=3"])
    assert with_overrides(once, [f"shifts.day.{word}=4"]).shifts["day"].nurses == 4
    written = 'name = "x"\n[shifts.day]\ndays = ["mon"]\nhours = "08:00-17:00"\nnumber = 1\n'
    assert from_toml(written, [f"shifts.day.{word}=2"]).shifts["day"].nurses == 2
    with pytest.raises(ScenarioError, match="says both"):
        from_toml(f"{written}nurses = 1\n")
