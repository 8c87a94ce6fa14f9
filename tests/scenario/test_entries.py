"""A change of one setting never makes an entry: not of the defaults, and not of nothing."""

import pytest

from simclinic import load as load_clinic
from simclinic.errors import ScenarioError
from simclinic.scenario import baseline, load, with_overrides
from simclinic.scenario.entries import KINDS, PART_TARGETS, TABLE_ENTRIES
from simclinic.scenario.scenario import Scenario
from simclinic.studies.study_file import study_of

OWN = """
name = "Own names"

[shifts.early]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "07:30-13:00"
nurses = 1

[shifts.late]
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "12:00-17:30"
nurses = 1

[demand]
protocol_mix = { weekly = 1.0 }

[protocols.weekly]
infusions = 6
gap_days = [7, 7]

[visit.steps.drip]
minutes = 60
nurse = "watch"
patients_per_nurse = 2

[visit.complications.nausea]
step = "drip"
probability = 0.1
extra_minutes = 20

[uncertainty.shows]
settings = ["attendance.no_show"]
scale = ["logit"]
covariance = [[0.004]]

[changes."2026-06-01"]
"clinic.chairs" = 4
"""

BELOW = [
    ("shifts.day.nurses=3", "shifts.day: there is no shift 'day', only 'early' and", "days, hours and nurses"),
    ("shifts.dya.nurses=3", "shifts.dya: there is no shift 'dya', only", "days, hours and nurses"),
    ("shifts.lat.nurses=3", "only 'late' and 'early'", "Did you mean 'late'?"),
    ("shifts.day.break=false", "there is no shift 'day'", ""),
    ("protocols.twice-weekly.response_ratio=0.9", "no protocol 'twice-weekly', only", "infusions and gap_days"),
    ("protocols.thrice-weekly.gap_days=[2,3]", "no protocol 'thrice-weekly', only", "Did you mean 'weekly'?"),
    ("visit.steps.infusion.minutes=50", "there is no step 'infusion', only 'drip'", "its place"),
    ("visit.steps.recovery.minutes.median=50", "there is no step 'recovery'", ""),
    (
        "visit.complications.prolonged-recovery.probability=0.1",
        "there is no complication 'prolonged-recovery', only 'nausea'",
        "step, probability and extra_minutes",
    ),
    ("uncertainty.no-show.scale=['log']", "no entry 'no-show', only 'shows'", "settings, scale and covariance"),
    (
        'changes."2026-07-01"."clinic.chairs"=5',
        "changes.2026-07-01: there is no change '2026-07-01', only '2026-06-01'",
        "the addresses that change",
    ),
]  # fmt: skip


@pytest.fixture
def own(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    return file


def problems_of(do, *arguments, **named):
    with pytest.raises(ScenarioError) as caught:
        do(*arguments, **named)
    return caught.value.problems


@pytest.mark.parametrize(("override", "says", "helps"), BELOW)
def test_an_address_below_an_entry_that_is_not_there_makes_none(own, override, says, helps):
    """In a file's own words, changed on load, in Python, and as a factor: one rule."""
    address, _, value = override.partition("=")
    factors = {address: [value, f"{value} "]} if value != "3" else {address: [3, 4]}
    [problem] = problems_of(load, own, [override])
    assert problem.file == f"--set {override}"
    clinic = load_clinic(own)
    for problems in (
        (problem,),
        problems_of(with_overrides, clinic.scenario, [override]),
        problems_of(clinic.change, override),
        problems_of(
            study_of,
            {"name": "s", "design": "grid", "factors": factors},
            scenario=clinic.scenario,
        ),
    ):
        [result] = problems
        assert says in str(result)
        assert helps in str(result)


@pytest.mark.parametrize("collection", sorted(TABLE_ENTRIES))
def test_what_a_message_asks_for_is_what_makes_an_entry(own, collection):
    """The settings that it names are enough, and without any of them there is none."""
    whole = {
        "days": '["sat"]',
        "hours": '"08:00-12:00"',
        "nurses": "1",
        "infusions": "2",
        "gap_days": "[2, 4]",
        "minutes": "5",
        "step": '"drip"',
        "probability": "0.1",
        "extra_minutes": "3",
        "settings": '["attendance.late_cancel"]',
        "scale": '["logit"]',
        "covariance": "[[0.01]]",
        "steps": "{ drip = { minutes = 5 } }",
        "hour": "90",
        "number": "2",
    }
    needs = [need for need in KINDS[collection].needs if need in whole]
    name = '"2026-09-01"' if collection == ("changes",) else "new"
    extra = ['"clinic.chairs" = 2'] if collection == ("changes",) else []
    extra += ['after = "drip"'] if collection == ("visit", "steps") else []
    hours = "clinic.hours.sat=08:00-12:00"
    used = {
        ("visits",): ['protocols.new={ infusions = 1, visit = "new" }'],
        ("roles",): ['shifts.new={ days = ["sat"], hours = "08:00-12:00", number = 1, role = "new" }'],
        ("places",): ["visit.steps.drip.place=new"],
    }.get(collection, [])

    def made(fields):
        inner = ", ".join([*(f"{need} = {whole[need]}" for need in fields), *extra])
        return load(own, [hours, f"{'.'.join(collection)}.{name}={{{inner}}}", *used])

    entries = made(needs)
    for part in collection:
        entries = getattr(entries, part)
    before = 0 if collection in (("visits",), ("roles",), ("places",)) else 1 + (collection == ("shifts",))
    assert len(entries) == before + 1
    for need in needs:
        assert need in str(problems_of(made, [other for other in needs if other != need]))


def test_every_mapping_of_tables_is_one_of_them():
    """Whoever adds a collection to the scenario has to say what its entries are."""
    results = set()

    def look(table, path):
        for key, inner in table.get("properties", {}).items():
            inner = resolved(inner)
            entry = inner.get("additionalProperties") or {}
            if inner.get("type") == "object" and "properties" not in inner and entry is not True:
                if resolved(entry).get("type") == "object":
                    results.add((*path, key))
            elif len(path) < 3:
                look(inner, (*path, key))

    schema = Scenario.model_json_schema()

    def resolved(part):
        return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part

    look(schema, ())
    assert results - PART_TARGETS == TABLE_ENTRIES


def test_a_scenario_without_shifts_still_has_day(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('name = "a"\n')
    assert load(file, ["shifts.day.nurses=3"]).shifts["day"].nurses == 3
    assert "early and" not in str(problems_of(load, file, ["shifts.early.nurses=3"]))
    assert load(file, ["protocols.twice-weekly.response_ratio=0.9"]).protocols["twice-weekly"].gap_days == (
        3,
        4,
    )
    assert (
        len(load(file, ["visit.complications.prolonged-recovery.probability=0.1"]).visit.complications) == 3
    )


def test_steps_of_ones_own_have_no_default_complications_to_change(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text('name = "a"\n[visit.steps.drip]\nminutes = 60\n')
    [problem] = problems_of(load, file, ["visit.complications.prolonged-recovery.probability=0.1"])
    assert "there is no complication 'prolonged-recovery', nor any other. Define it completely" in str(
        problem
    )


def test_an_entry_given_as_a_whole_can_be_changed_by_the_next_override():
    night = "shifts.night={days=['mon'], hours='12:00-18:00', nurses=1}"
    assert with_overrides(baseline(), [night, "shifts.night.nurses=2"]).shifts["night"].nurses == 2
    [problem] = problems_of(with_overrides, baseline(), ["shifts.night.nurses=2", night])
    assert problem.file == "--set shifts.night.nurses=2"


def test_all_that_is_wrong_comes_at_once(own):
    problems = problems_of(
        load, own, ["shifts.day.nurses=3", "protocols.fast.infusions=2", "clinic.chairs=0"]
    )
    assert len(problems) == 3


@pytest.mark.parametrize(
    ("table", "lines", "needs"),
    [
        ("[shifts.day]\nnurses = 3", ["shifts.day.days", "shifts.day.hours"], "the other shifts are"),
        ("[protocols.twice-weekly]\nresponse_ratio = 0.9", ["protocols.twice-weekly.infusions"], "is 'weekly'"),
        (
            "[visit.complications.prolonged-recovery]\nprobability = 0.1",
            ["visit.complications.prolonged-recovery.step", "visit.complications.prolonged-recovery.extra_minutes"],
            "the other complication is 'nausea'",
        ),
        ("[visit.steps.infusion]\nminutes = 50", ["visit.steps.infusion"], "a new step needs a place"),
        ("[uncertainty.no]\nscale = ['log']", ["uncertainty.no.settings", "uncertainty.no.covariance"], "'shows'"),
    ],
)  # fmt: skip
def test_a_file_that_extends_gives_a_new_entry_as_a_whole(own, tmp_path, table, lines, needs):
    child = tmp_path / "child.toml"
    child.write_text(f'extends = "own.toml"\n\n{table}\n')
    problems = problems_of(load, child)
    assert [problem.address for problem in problems] == lines
    for problem in problems:
        assert (problem.file, problem.line) == (str(child), 3)
        assert needs in str(problem)


def test_a_file_that_extends_changes_what_the_other_has(own, tmp_path):
    child = tmp_path / "child.toml"
    child.write_text('extends = "own.toml"\n[shifts.late]\nnurses = 2\n')
    assert {name: shift.nurses for name, shift in load(child).shifts.items()} == {"early": 1, "late": 2}
    child.write_text(
        'extends = "own.toml"\n[clinic.hours]\nsat = "09:00-12:00"\n'
        '[shifts.sat]\ndays = ["sat"]\nhours = "09:00-12:00"\nnurses = 1\n'
    )
    assert list(load(child).shifts) == ["early", "late", "sat"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ('"shifts.day.nurses" = 3', "there is no shift 'day', only 'early' and 'late'"),
        ("shifts.day.nurses = 3", "days: is needed in a new shift; the other shifts are"),
        ('"shifts.day" = { nurses = 3 }', "days: is needed in a new shift; the other shifts are"),
    ],
)
def test_a_change_from_a_date_on_makes_no_entry(own, change, says):
    own.write_text(f"{OWN}{change}\n")
    problems = problems_of(load, own)
    assert any(says in str(problem) for problem in problems)
    table = OWN.count("\n") - 1
    assert {problem.line for problem in problems} <= {table, table + 2}


def test_an_entry_dropped_before_is_not_there_any_more(own):
    own.write_text(f'{OWN}"shifts.late" = false\n[changes."2026-08-03"]\n"shifts.late.nurses" = 2\n')
    [problem] = problems_of(load, own)
    assert "there is no shift 'late', only 'early'" in str(problem)
    [problem] = problems_of(load, own.with_name("own.toml"), ["shifts.late=false", "shifts.late.nurses=2"])[
        :1
    ]
    assert "there is no shift 'late'" in str(problem)


def test_one_of_several_scenarios_of_a_sweep_lacks_the_entry(own, tmp_path):
    (tmp_path / "typical.toml").write_text('name = "Typical"\n')
    tables = {
        "name": "s",
        "scenario": ["typical.toml", "own.toml"],
        "design": "grid",
        "factors": {"shifts.day.nurses": [1, 2, 3]},
    }
    [problem] = problems_of(study_of, tables, folder=tmp_path)
    assert "there is no shift 'day', only 'early' and 'late'" in str(problem)
