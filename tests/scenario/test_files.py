"""The shipped scenarios."""

import re
import tomllib
from pathlib import Path

import pytest

from simclinic.scenario import baseline, from_toml, load, resolved_toml
from simclinic.scenario.tables import as_tables

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(FOLDER.glob("*.toml"))


def test_they_are_all_there():
    assert {file.stem for file in SHIPPED} >= {
        "baseline",
        "busy",
        "community-relapse",
        "growing",
        "single-nurse",
        "strict-monitoring",
        "thrice-weekly",
    }


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_each_loads_and_asks_a_question(file):
    scenario = load(file)
    assert "?" in scenario.description
    assert from_toml(resolved_toml(scenario)) == scenario


def test_names_are_unique():
    names = [load(file).name for file in SHIPPED]
    assert len(set(names)) == len(names)


def test_the_baseline_file_is_the_defaults():
    shipped, typical = as_tables(load(FOLDER / "baseline.toml")), as_tables(baseline())
    shipped.pop("description")
    typical.pop("description")
    assert shipped == typical


def test_the_baseline_file_spells_every_default_out():
    text = (FOLDER / "baseline.toml").read_text(encoding="utf-8")
    # Settings whose default depends on others are there as comments.
    written = tomllib.loads(re.sub(r"^# (?=(begin|warm_up_weeks) = )", "", text, flags=re.MULTILINE))
    typical = as_tables(baseline())
    for section, entries in typical.items():
        # What other packages offer, and what a clinic with one type of visit does not have.
        if section not in ("changes", "uncertainty", "own", "visits", "roles", "places"):
            others = {"own", "visits", "roles", "places"}
            assert isinstance(entries, str) or entries.keys() - others == written[section].keys(), section


def test_each_line_of_the_baseline_file_is_commented():
    lines = (FOLDER / "baseline.toml").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if re.match(r"[a-z_-]+ = ", line) and not line.startswith("description"):
            assert "  # " in line, f"baseline.toml:{number}"


@pytest.mark.parametrize(
    "file", [file for file in SHIPPED if file.stem != "baseline"], ids=lambda file: file.name
)
def test_variations_differ_from_the_baseline_only_where_they_say(file):
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    assert written.pop("extends") == "baseline.toml"
    ours, typical = as_tables(load(file)), as_tables(baseline())
    # How long the warm-up is follows from the protocols.
    others = {section for section in typical if ours[section] != typical[section]} - {"run"}
    assert others == set(written) - {"run"}


def test_community_relapse_is_the_slow_law():
    days = load(FOLDER / "community-relapse.toml").relapse.days
    assert (days.mu, days.sigma, days.never) == (3.89, 0.95, 0.28)


def test_the_growing_clinic_grows():
    scenario = load(FOLDER / "growing.toml")
    last = scenario.at(scenario.change_dates[-1])
    assert (last.clinic.chairs, last.shifts["day"].nurses) == (4, 3)
