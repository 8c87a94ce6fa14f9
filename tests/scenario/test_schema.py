import copy
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from simclinic.scenario import Scenario, from_toml, json_schema, resolved_toml
from simclinic.scenario.distributions import FAMILIES
from simclinic.scenario.schema import explanations
from simclinic.scenario.section import Section
from tests.scenario.strategies import scenarios
from tests.scenario.test_rules import BROKEN, FINE

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))


@pytest.fixture(scope="module")
def validator():
    schema = json_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


def as_editors_see(text):
    """Dates are text to a JSON schema."""
    return json.loads(json.dumps(tomllib.loads(text), default=lambda date: date.isoformat()))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_editors_accept_the_shipped_scenarios(validator, file):
    validator.validate(as_editors_see(file.read_text(encoding="utf-8")))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenarios())
def test_editors_accept_what_is_valid(validator, tables):
    validator.validate(as_editors_see(resolved_toml(Scenario.model_validate(tables))))


@pytest.mark.parametrize(
    "text", [text for text in FINE if "340282366920938463463374607431768211455" not in text]
)
def test_editors_accept_what_is_just_allowed(validator, text):
    validator.validate(as_editors_see(f'name = "x"\n{text}'))


@pytest.mark.parametrize(
    "text",
    [
        "",
        'name = "x"\n[clinic]\nchairs = 0',
        'name = "x"\n[clinic]\nchair = 3',
        'name = "x"\n[clinc]\nchairs = 3',
        'name = "x"\n[clinic.hours]\nmon = "8-17"',
        'name = "x"\n[clinic.hours]\nmonday = "08:00-17:00"',
        'name = "x"\n[relapse]\ndays = { dist = "gama", mean = 3, cv = 1 }',
        'name = "x"\n[dosing]\nweight_kg = { dist = "gamma", mean = 3, cv = 1, never = 0.1 }',
        'name = "x"\n[booking]\nmode = "walkin"',
        'name = "x"\n[booking.starts]\nmon = ["8:00"]',
        'name = "x"\n[protocols.a]\ninfusions = 2\ngap_days = [0, 2]',
        'name = "x"\n[run]\nstart = "5 January"',
    ],
)
def test_editors_mark_what_is_wrong(validator, text):
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(as_editors_see(text))


def test_editors_mark_much_of_what_the_program_refuses(validator):
    # Rules between settings are beyond a schema; types, bounds and misspelt names are not.
    marked = [
        message for text, message in BROKEN if not validator.is_valid(as_editors_see(f'name = "x"\n{text}'))
    ]
    assert len(marked) > len(BROKEN) / 3


def test_variations_of_inherited_entries_are_no_errors(validator):
    validator.validate(
        as_editors_see(
            'extends = "baseline.toml"\n[shifts.day]\nnurses = 1\nbreak = false\n[shifts]\nnight = false\n'
            '[visit.steps.tea]\nminutes = 5\nafter = "infusion"\n[response]\nstop_rule = false'
            .replace("[shifts]\nnight = false\n", "[protocols]\nthrice-weekly = false\n")
        )
    )  # fmt: skip


def test_every_setting_is_explained():
    def sections(kind):
        for inner in kind.__subclasses__():
            if inner.__module__.startswith("simclinic.scenario"):
                yield inner
                yield from sections(inner)

    seen = list(sections(Section))
    assert len(seen) > 25
    for section in seen:
        texts = explanations(section)
        for name in section.model_fields:
            assert len(texts[name]) > 5, (section, name)


def test_every_default_of_a_section_says_where_it_comes_from():
    schema = json_schema()
    standing = ("seen", "assumed", "recalled", "none", "all", "no", "0", "1", "not at all", "equal", "flat", "as ",
                "us dollars", "the ", "preparation", "severe", "nobody", "off", "booked")  # fmt: skip
    for name in ("Run", "Clinic", "Demand", "Intake", "Booking", "Attendance", "Response", "Relapse", "Boosters",
                 "Dosing", "Finance"):  # fmt: skip
        for setting, entry in schema["definitions"][name]["properties"].items():
            text = entry["description"]
            if setting in ("seed", "referrals"):
                continue
            assert "Default: " in text, (name, setting)
            assert any(word in text.rpartition("Default: ")[2].casefold() for word in standing), (
                name,
                setting,
            )


def test_it_is_plain_json():
    schema = json_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert copy.deepcopy(schema) == json_schema()
    text = json.dumps(schema)
    assert '"null"' not in text
    assert set(FAMILIES) <= {
        distribution["properties"]["dist"]["const"]
        for distribution in schema["definitions"]["Distribution"]["anyOf"][1:]
    }
    assert from_toml('name = "x"')
