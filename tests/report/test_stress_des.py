"""The STRESS-DES checklist: every item filled, every figure in it the scenario's and the manifest's."""

import re

import pytest

from simclinic.measures import KPIS
from simclinic.report.stress_des import Study, stress_des
from simclinic.scenario import baseline, from_toml, replace, with_overrides
from simclinic.store import manifest

AUTHORS = "**For the authors to add:**"
NUMBERS = [
    *("1.1", "1.2", "1.3"),
    *("2.1", "2.2", "2.3", "2.4", "2.5"),
    *("3.1", "3.2", "3.3", "3.4"),
    *("4.1", "4.2", "4.3"),
    *("5.1", "5.2", "5.3", "5.4"),
    "6.1",
]
"""Monks et al. 2019, table for discrete-event simulation."""


def known(scenario, study="run", **more):
    made = manifest.new(manifest.Identity.of(study, scenario), {"scenario": "a.toml", "replications": 7})
    return made | {"planned": 7, "done": 7, "ended": "2026-01-01T10:00:00+00:00"} | more


def items(text):
    """What stands under each item, without what is asked."""
    parts = re.split(r"^### (\d\.\d) .*\n\n\*.*\*\n\n", text, flags=re.MULTILINE)
    return {
        number: re.split(r"^## ", filled, flags=re.MULTILINE)[0].strip()
        for number, filled in zip(parts[1::2], parts[2::2], strict=True)
    }


def filled(*scenarios, summary=None, study="run", **more):
    scenarios = scenarios or (baseline(),)
    return items(stress_des(Study(scenarios, known(scenarios[0], study, **more), summary or {})))


def test_the_checklist_has_twenty_items():
    assert len(NUMBERS) == 20


@pytest.mark.parametrize("study", ["run", "run-antithetic", "compare", "sweep", "forecast"])
def test_every_item_is_filled(study):
    summary = {
        "replications": 7,
        "design": "grid",
        "points": 1,
        "factors": {"clinic.chairs": {"levels": [3]}},
    }
    result = filled(study=study, summary=summary)
    assert list(result) == NUMBERS
    for number, text in result.items():
        own = text.replace(AUTHORS, "").strip()
        assert len(own.split()) >= 8, number
        assert not re.search(r"\b(None|nan|TODO|TBD)\b", re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)), (
            number
        )


def test_a_scenario_without_a_question_says_that_its_authors_owe_it():
    assert f"{AUTHORS} the question" in filled(from_toml('name = "Mute"'))["1.1"]
    asked = from_toml('name = "Asks"\ndescription = "Is it enough?"')
    assert "The question of this study: Is it enough?" in filled(asked)["1.1"]


def test_figures_are_the_scenarios():
    scenario = with_overrides(
        baseline(),
        [
            "clinic.chairs=5",
            "run.weeks=13",
            'run.begin="empty"',
            "run.warm_up_weeks=17",
            "run.start=2027-02-01",
            "demand.referrals_per_week=21.5",
            "booking.patience_days=33",
            "visit.steps.infusion.minutes=47",
            "shifts.day.nurses=4",
            "run.seed=99",
        ],
    )
    result = filled(scenario)
    assert "5 chairs" in result["2.5"]
    assert "21.5 patients a week" in result["2.5"]
    assert "infusion: 47 minutes, a nurse for 2 patients, chair held" in result["2.5"]
    assert "shift day: 4 on" in result["2.5"]
    assert "within 33 days or the 12 weeks" in result["2.2"]
    assert "13 weeks are measured, from 2027-02-01, after 17 weeks" in result["4.2"]
    assert "empty clinic 17 weeks" in result["4.1"]
    assert "seed 99" in result["5.2"]
    assert "| `clinic.chairs` | 5 **(changed)** |" in result["3.3"]
    assert "`clinic.chairs`" in result["3.1"]
    assert "`run.weeks`" not in result["3.1"]  # how long is simulated has no source
    assert "mu 2.7, sigma 0.63, never 0.2" in result["2.4"]


def test_figures_are_the_manifests():
    scenario = baseline()
    made = known(scenario)
    result = filled(done=5, failed=2)
    assert "5 of 7 were simulated; 2 failed and are left out" in result["4.3"]
    assert made["code_version"] in result["5.1"]
    for name, version in made["packages"].items():
        assert f"{name} {version}" in result["5.1"]
    assert made["scenario_hash"] in result["6.1"]
    assert "2026-01-01T10:00:00" in result["5.4"]
    assert "simclinic run a.toml --replications 7" in result["5.3"]
    assert made["key_scheme"] in result["5.2"]


def test_outputs_are_the_studys_key_figures():
    some = filled(summary={"kpis": {"slot_fill": {}, "chair_utilisation": {}}})["1.2"]
    assert some.startswith("2 key figures")
    assert KPIS["slot_fill"].definition.replace("|", "\\|") in some
    assert filled()["1.2"].startswith(f"{len(KPIS)} key figures")


def test_scenarios_of_a_comparison_are_described_by_their_differences():
    four = with_overrides(baseline(), ["clinic.chairs=4", "name=Four chairs"])
    result = filled(
        baseline(), four, study="compare", scenarios={"Typical clinic": "01", "Four chairs": "02"}
    )
    assert "- **Four chairs**: `clinic.chairs` is 4 instead of 3" in result["2.3"]
    assert result["2.3"].count("instead of") == 1
    assert "paired" in result["1.2"]
    assert "**Four chairs**" in result["1.3"]


def test_a_sweep_tells_its_design():
    factors = {
        "clinic.chairs": {"levels": [2, 3]},
        "relapse.days.mu": {"levels": None, "low": 2.4, "high": 3.0},
    }
    result = filled(study="sweep", summary={"design": "lhs", "points": 64, "factors": factors})
    assert "Design: lhs, 64 points" in result["1.3"]
    assert "- `clinic.chairs`: 2, 3" in result["1.3"]
    assert "- `relapse.days.mu`: from 2.4 to 3.0" in result["1.3"]


def test_walk_in_clinics_have_no_book():
    result = filled(with_overrides(baseline(), ['booking.mode="walk-in"', "booking.waiting_room=6"]))
    assert "walk in" in result["2.2"]
    assert "The desk books" not in result["2.2"]
    assert "rebooked" not in result["2.2"]
    assert "with 6 places" in result["2.5"]


def test_words_of_a_scenario_stay_words():
    result = stress_des(Study([from_toml('name = "a | <b> c"')], known(baseline()), {}))
    assert result.startswith("# STRESS-DES: a \\| \\<b> c\n")


def test_protocols_with_laws_of_their_own_are_named():
    own = {"relapse": {"days": 40}, "boosters": {"policy": "scheduled"}}
    items = filled(replace(baseline(), protocols={"thrice-weekly": own}))
    assert "boosters are given as needed, to patients of thrice-weekly scheduled." in items["2.2"]
    assert "never 0.2); of thrice-weekly 40.\n" in items["2.4"]
    assert "thrice-weekly" not in filled()["2.2"] + filled()["2.4"]
