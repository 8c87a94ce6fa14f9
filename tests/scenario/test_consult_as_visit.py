"""A consult that is a visit, in scenario files: what is read, and what is refused."""

import pytest

from simclinic.errors import ScenarioError
from simclinic.scenario import from_toml, load

CONSULTS = """name = "Consults"
[protocols.twice-weekly]
infusions = 6
gap_days = [3, 4]
[protocols.spravato]
infusions = 8
gap_days = [3, 4]
visit = "esketamine"
[demand.protocol_mix]
twice-weekly = 0.6
spravato = 0.4
[visits.esketamine.steps.monitoring]
minutes = 120
[intake]
visit = "consult"
[visits.consult]
price = 300
[visits.consult.steps.talk]
minutes = 45
"""


FAINTING = """
[visits.consult.complications.faint]
step = "talk"
probability = 0.1
extra_minutes = 5
from_infusion = 2
"""


def problems(text):
    with pytest.raises(ScenarioError) as error:
        from_toml(text)
    return str(error.value)


def test_the_consult_is_a_type_of_visit_that_needs_no_protocol():
    clinic = from_toml(CONSULTS)
    assert list(clinic.visit_types) == ["infusion", "consult", "esketamine"]
    assert not clinic.simple


def test_false_drops_an_inherited_consult():
    usual = from_toml('name = "Usual"\n[intake]\nvisit = false')
    assert usual.simple
    assert usual.intake.visit is None


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('visit = "consult"', 'visit = "consul"', "intake.visit: must be a type of visit in [visits]"),
        ('visit = "consult"', 'visit = "consul"', "Did you mean 'consult'"),
        (
            'visit = "consult"',
            'visit = "infusion"',
            "intake.visit: [visit] is an infusion, and a consult is none",
        ),
        (
            'visit = "consult"',
            'visit = "esketamine"',
            "is the type of visit of protocols.spravato: a consult needs",
        ),
        (
            'visit = "consult"',
            "visit = { minutes = 45 }",
            "must be the name of a type of visit: describe that in",
        ),
        ('visit = "consult"', "accepts = 0.6", 'or in [intake] visit = "consult" if it is the consult'),
        ("minutes = 45", "minutes = 45\nto_infusion = 1", "talk.to_infusion: a consult is no infusion"),
        ("minutes = 45", "minutes = 45\nfrom_infusion = 2", "talk.from_infusion: a consult is no infusion"),
        (
            "minutes = 45",
            'minutes = 45\nclaims = { nurse = { need = "hands-on", to_infusion = 1 } }',
            "talk.claims.nurse.to_infusion: a consult is no infusion",
        ),
        (
            "minutes = 45",
            f"minutes = 45\n{FAINTING}",
            "complications.faint.from_infusion: a consult is no infusion",
        ),
        (
            "minutes = 45",
            "minutes = 45\nfirst_visit_extra_minutes = 10",
            "talk.first_visit_extra_minutes: every consult is a patient's first",
        ),
    ],
)
def test_mistakes_are_named(old, new, rule):
    assert CONSULTS.count(old) == 1
    assert rule in problems(CONSULTS.replace(old, new))


def test_mistakes_are_all_named_at_once_with_their_lines(tmp_path):
    text = CONSULTS.replace("minutes = 45", "minutes = 45\nto_infusion = 1\nfirst_visit_extra_minutes = 10")
    file = tmp_path / "clinic.toml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as error:
        load(file)
    said = str(error.value)
    assert said.count("\n") == 1
    assert "clinic.toml:20: visits.consult.steps.talk.to_infusion" in said
    assert "clinic.toml:21: visits.consult.steps.talk.first_visit_extra_minutes" in said


def test_a_typed_book_may_list_starts_for_the_consult():
    typed = CONSULTS + '[booking]\ntypes = "typed"\nstarts.tue = [{ at = "08:00", visit = "consult" }]'
    assert from_toml(typed).booking.starts is not None
    wrong = typed.replace('visit = "consult" }', 'visit = "consultation" }')
    assert "must name a type of visit that a protocol, or the consult, has" in problems(wrong)


def test_targets_may_be_set_on_the_consult():
    clinic = from_toml(CONSULTS + '[targets.visits.consult]\naccess_days_p90 = "<= 7"')
    assert clinic.targets.visits["consult"].access_days_p90 is not None


def test_a_mistake_at_the_intake_hides_no_other():
    said = problems(CONSULTS.replace('visit = "consult"', 'visit = "consul"\naccepts = 2'))
    assert "intake.accepts: must be at most 1" in said
    assert "intake.visit: must be a type of visit in [visits]" in said
    assert "no protocol has this type of visit" not in said  # the misspelling is the one mistake
