"""The answer of a comparison: a few sentences, always with who is turned away and the margin."""

import io
import re

import pytest

from simclinic.report.text.compare import compare_answer, compare_table
from simclinic.report.text.run import console


def difference(mean, low, high, p=0.001, unit="share"):
    return {
        "mean": mean,
        "sd": 1.0,
        "ci": [low, high],
        "n": 10,
        "p": p,
        "p_holm": p,
        "variance_ratio": 2.0,
        "verdict": "",
        "unit": unit,
    }


KPIS = {
    "access_days_mean": difference(-4.1, -5.2, -3.05, unit="days"),
    "balked_share": difference(-0.134, -0.149, -0.119),
    "margin_per_week": difference(3841, 3754, 3928, unit="currency/week"),
}


def scenario(name, verdict="stable", **targets):
    kpis = {kpi: {"mean": 1.0, "ci": [0.9, 1.1], "n": 10} for kpi in KPIS}
    return {
        "name": name,
        "scenario": name,
        "verdict": verdict,
        "verdict_reasons": ["half are turned away"],
        "stable": verdict == "stable",
        "day_verdict": "holds",
        "day_verdict_reasons": [],
        "warnings": [],
        "kpis": kpis,
        **targets,
    }


def document(*others, first=None, kpis=KPIS):
    scenarios = [first or scenario("Four chairs, two nurses"), *others]
    return {
        "schema_version": 1,
        "study": "compare",
        "seed": 1,
        "replications": 10,
        "warnings": [],
        "until": [],
        "horizon": {"start": "2026-01-05", "warm_up_weeks": 8, "weeks": 52},
        "verdict": "stable",
        "stable": True,
        "scenarios": scenarios,
        "differences": [{"from": scenarios[0]["name"], "to": each["name"], "kpis": kpis} for each in others],
    }


def test_the_answer_says_who_is_turned_away_and_what_is_earned():
    assert compare_answer(document(scenario("Five chairs")), "USD") == [
        "Both plans carry their demand.",
        (
            "Five chairs against “Four chairs, two nurses”: turned away about 13 percentage points fewer, surely "
            "more than 11; margin about 3,800 USD a week higher, surely more than 3,700."
        ),
    ]


def test_where_nobody_more_is_turned_away_it_says_how_long_people_wait():
    same = KPIS | {"balked_share": difference(0.0, 0.0, 0.0, None)}
    (_, said) = compare_answer(document(scenario("Five chairs"), kpis=same), "USD")
    assert "turned away: the same; first infusion about 4.1 days sooner, surely more than 3; margin" in said


def test_where_neither_changed_it_says_what_did():
    nothing = {name: difference(0.0, 0.0, 0.0, None, each["unit"]) for name, each in KPIS.items()}
    kpis = nothing | {
        "series_days_mean": difference(-5.5, -5.6, -5.4, 1e-9, "days"),
        "on_protocol_share": difference(-0.077, -0.095, -0.059, 1e-6),
        "chair_utilisation": difference(0.01, 0.005, 0.015, 0.01),
        "boosters_per_week": difference(0.1, -0.1, 0.3, 0.4, "1/week"),
    }
    (_, said) = compare_answer(document(scenario("Five chairs"), kpis=kpis), "USD")
    assert re.search(
        r": a series about 5\.5 days shorter.*on protocol.*; turned away: the same; margin", said
    )
    assert "chairs" not in said.split(":", 1)[1]
    assert "booster" not in said


def test_many_plans_make_no_long_answer():
    names = [f"Plan {at}" for at in range(9)]
    said = compare_answer(document(*map(scenario, names)), "USD")
    assert len(said) == 6
    assert said[-1] == "5 more plans in the table."


@pytest.mark.parametrize(
    ("scenarios", "said"),
    [
        ([scenario("A", "not-stable"), scenario("B", "not-stable")], "No plan carries its demand."),
        ([scenario("A", "not-stable"), scenario("B")], "B carries its demand; A does not carry its demand."),
        (
            [scenario("A"), scenario("B"), scenario("C", "open")],
            "A and B carry their demand; it is open whether the demand is carried with C.",
        ),
        ([scenario("A", "open"), scenario("B", None)], "It is open whether the demand is carried."),
        (
            [scenario("A", targets=[{"state": "missed"}]), scenario("B", targets=[{"state": "met"}])],
            "B meets all targets; A misses a target.",
        ),
        # A plan without targets is not said to meet any.
        (
            [scenario("A", targets=[{"state": "met"}]), scenario("B")],
            "A meets all targets; it is open whether all targets are met with B.",
        ),
    ],
)
def test_the_first_sentence_says_which_plans_stand(scenarios, said):
    assert compare_answer(document(*scenarios[1:], first=scenarios[0]), "USD")[0] == said


def test_on_a_terminal_the_answer_comes_first():
    screen = console(80)
    screen.file = io.StringIO()
    screen.print(compare_table(document(scenario("Five chairs")), "USD"))
    lines = screen.file.getvalue().splitlines()
    assert lines[:3] == ["Five chairs against Four chairs, two nurses", "", "Both plans carry their demand."]
    answer = "\n".join(lines[2 : lines.index("", 2)])
    assert "turned away" in answer
    assert "margin" in answer
    assert len(re.findall(r"\d[\d,.]*", answer)) == 4
    assert answer.count("\n") < 6
