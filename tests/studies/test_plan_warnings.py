"""What paper says of visits that cannot be booked comes before the figures of every study."""

import json

import pytest

from simclinic.report.pages.run import answer_lines
from simclinic.scenario import from_toml, load
from simclinic.studies.advice import plan_warnings
from tests.command_line import simclinic
from tests.studies.test_bookable import CLINIC

SHORT = CLINIC.replace('hours = "08:00-12:00"', 'hours = "07:00-08:15"')
"""The check takes 20 minutes from 08:00 on at the earliest, and the prescriber is there for 15."""
__all__ = ["simclinic"]

NEVER = (
    "infusion 1 of protocol 'spravato' can never be booked, since prescriber is not on duty when it needs them: "
    "all its patients are turned away"
)


def of(*changes):
    text = SHORT
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return list(plan_warnings(from_toml(text)))


def test_only_what_the_figures_do_not_say_themselves():
    assert of() == [NEVER]
    assert of(("[run]\nweeks = 8", '[run]\nweeks = 8\nbegin = "empty"')) == [NEVER]  # not: it is filling
    asked = ("referrals_per_week = 3", "referrals_per_week = 300")
    assert of(asked) == [NEVER]  # not: there are too few starts
    assert of(('hours = "07:00-08:15"', 'hours = "08:00-12:00"')) == []


def test_a_type_of_which_more_is_asked_than_its_starts_is_among_them():
    clinic = load(
        "scenarios/iv-and-esketamine.toml", ["demand.protocol_mix={twice-weekly=0.3,esketamine=0.7}"]
    )
    always = 'visits.esketamine.steps.check.claims={nurse="hands-on",prescriber="on-site"}'
    few = load(
        "scenarios/iv-and-esketamine.toml",
        [always, "clinic.chairs=9", 'shifts.prescriber.hours="08:00-08:40"', "demand.referrals_per_week=8"],
    )
    assert not any("asks for" in each for each in plan_warnings(clinic))
    [said] = [each for each in plan_warnings(few) if each.startswith("patients ask for")]
    assert "starts a week for esketamine once boosters are steady, and only" in said


def test_open_hours_without_a_nurse_are_among_them():
    late = ('hours = "08:00-17:00"\nnurses = 2', 'hours = "09:00-17:00"\nnurses = 2')
    there = ('hours = "07:00-08:15"', 'hours = "08:00-12:00"')
    assert "open on mon at 08:00, but no nurse is on duty" in of(late, there)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    file = tmp_path_factory.mktemp("clinic") / "short.toml"
    file.write_text(
        SHORT.replace("weeks = 8", 'weeks = 4\nwarm_up_weeks = 2\nbegin = "empty"\nreplications = 2')
    )
    return file


def test_a_run_begins_with_it(simclinic, clinic, tmp_path):
    document = json.loads(simclinic("run", clinic, "--json", "--no-report", "--out", tmp_path / "a").out)
    assert document["plan_warnings"] == document["warnings"][:1] == [NEVER]
    assert next(answer_lines(document, "USD")) == f"The plan on paper: {NEVER}."
    shown = " ".join(simclinic("run", clinic, "--no-report", "--out", tmp_path / "a").out.split())
    assert shown.count("can never be booked") == 1
    assert shown.index("can never be booked") < shown.index("NOT STABLE") < shown.index("GETTING IN")


def test_other_studies_say_it_too(simclinic, clinic, tmp_path):
    for command in (
        ("compare", clinic, "--protocols", "spravato,twice-weekly", "--kpis", "cost_per_week"),
        ("plan", clinic, "--over", "clinic.chairs=3", "--at-most", 20, "--no-ends"),
    ):
        out = tmp_path / command[0]
        told = simclinic(*command, "--json", "--no-report", "--out", out)
        assert told.err == ""
        warnings = json.loads(told.out)["warnings"]
        assert sum(each.endswith(NEVER) for each in warnings) >= 1, command
