"""What the page of a run says, and in which order, whatever the run was like."""

import pytest

from simclinic.measures import KPIS
from simclinic.report.pages.run import StoredTables, run_page, target_sentence
from simclinic.scenario import baseline, with_overrides

NOTHING = StoredTables({}, {}, {}, {})


def figure(name, mean=1.0, ci=(0.5, 1.5), n=30):
    return {
        "mean": mean,
        "sd": None if ci is None else 0.1,
        "ci": None if ci is None else list(ci),
        "p10": mean,
        "p90": mean,
        "n": n,
        "unit": KPIS[name].unit,
    }


def document(*, verdict="stable", reasons=("no queue grows",), day="holds", warnings=(), n=30, **kpis):
    plain = {name: figure(name, ci=None if n < 2 else (0.5, 1.5), n=n) for name in KPIS}
    plain["balked_share"] = figure("balked_share", 0.01, None if n < 2 else (0.005, 0.02), n)
    return {
        "schema_version": 1,
        "study": "run",
        "scenario": "Typical clinic",
        "seed": 1,
        "replications": n,
        "horizon": {"start": "2026-01-05", "warm_up_weeks": 0, "weeks": 52},
        "verdict": verdict,
        "verdict_reasons": list(reasons),
        "stable": None if verdict is None else verdict == "stable",
        "day_verdict": day,
        "day_verdict_reasons": ["3 % of days end late"],
        "warnings": list(warnings),
        "kpis": plain | {name: figure(name, *values) for name, values in kpis.items()},
    }


def page(**made):
    return run_page(document(**made), baseline(), {}, NOTHING)


def test_a_walk_in_clinic_is_not_warned_of_its_missing_book():
    book = [
        f"{name} cannot be computed: {kpi.absent}" for name, kpi in KPIS.items() if "walk-in" in kpi.absent
    ]
    assert len(book) == 2
    walk_in = with_overrides(baseline(), ['booking.mode="walk-in"'])
    made = document(warnings=[*book, "something else"])
    assert run_page(made, walk_in, {}, NOTHING).warnings == ["something else"]
    assert len(run_page(made, baseline(), {}, NOTHING).warnings) == 3


@pytest.mark.parametrize(
    ("days", "said"), [(0.02, "about 29 minutes, surely below 44"), (2.0, "about 2 days")]
)
def test_a_wait_of_minutes_is_said_in_minutes(days, said):
    shown = page(access_days_mean=(days, (days / 2, 1.5 * days)))
    assert any(f"A new patient waits {said}" in line for line in shown.answer)


def test_a_stable_clinic_carries_its_demand():
    shown = page()
    assert shown.details.startswith(
        "This clinic carries its demand: no queue grows. The day holds: 3 % of days end late. A new patient waits"
    )
    assert "1.00 (0.50–1.50) days" in shown.details
    assert "means of 30 replications of 52 weeks" in shown.details
    assert shown.good is True


@pytest.mark.parametrize(
    ("verdict", "day", "beginning", "good"),
    [
        ("open", "holds", "Whether this clinic carries its demand is open: because", None),
        ("filling", "holds", "This clinic is still filling, so the measured weeks do not", None),
        ("not-stable", "holds", "This clinic does not carry its demand: because", False),
        (
            "stable",
            "does-not-hold",
            "This clinic carries its demand: because. The day does not hold: 3 %",
            False,
        ),
        (
            "stable",
            "open",
            "This clinic carries its demand: because. Whether the day holds is open: 3 %",
            None,
        ),
        ("stable", None, "This clinic carries its demand: because. A new patient", True),
    ],
)
def test_the_answer_begins_with_the_verdicts(verdict, day, beginning, good):
    shown = page(verdict=verdict, reasons=["because"], day=day)
    assert shown.details.startswith(beginning)
    assert shown.good is good
    assert ("over a longer run" in shown.details) is (verdict == "not-stable")


def test_the_answer_is_short_and_in_plain_words():
    shown = page(
        verdict="not-stable",
        reasons=["half are turned away", "on paper patients ask for too much"],
        access_days_mean=(40.46, (40.1, 40.7)),
        boosters_per_week=(13.6, (13.1, 14.1)),
        margin_per_week=(13418.0, (13256.0, 13581.0)),
    )
    assert shown.answer[:2] == [
        "This clinic does not carry its demand: half are turned away.",
        "The day holds: 3 % of days end late.",
    ]
    assert shown.answer[2:] == [
        (
            "A new patient waits about 40 days, surely below 41, for a first infusion. Boosters: about 14 a week, "
            "surely above 13. Margin: about 13,400 USD a week, surely above 13,200."
        )
    ]


TURNED_AWAY = {
    "figure": "balked_share",
    "at_most": True,
    "limit": 0.05,
    "years": None,
    "guard": False,
    "by": "balked_share",
    "by_at_most": True,
    "by_limit": 0.05,
    "state": "missed",
    "mean": 0.3312,
    "low": 0.3045,
    "high": 0.3579,
    "n": 30,
    "told": "Turned away: at most 5 % (33.1 %, surely above 30.5)",
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Missed: turned away about 33 %, surely above 30 % (at most 5 % is asked for)."),
        (
            {"state": "open", "mean": 0.048, "low": 0.041, "high": 0.055},
            "Open: turned away about 4.8 %, surely below 5.5 % (at most 5 % is asked for).",
        ),
        (
            {
                "by": "started_on_time_share",
                "by_at_most": False,
                "by_limit": 0.85,
                "mean": 0.7,
                "high": 0.7421,
            },
            "Missed: started on time about 70 %, surely below 75 % (at least 85 % is asked for).",
        ),
        (
            {"years": 0.8, "mean": 0.4, "high": 0.52},
            "Missed: turned away about 40 %, surely below 52 % of replications keep it (at most 5 % is asked for).",
        ),
        ({"state": "met"}, "All targets are met, and so are the guards."),
    ],
)
def test_targets_that_are_not_met_are_named_with_what_was_found(change, said):
    assert target_sentence([TURNED_AWAY | change], "USD") == said


def test_one_replication_promises_nothing():
    shown = page(n=1, verdict="open", reasons=["there are too few replications"])
    assert "is open: there are too few replications" in shown.details
    assert "without intervals" in shown.details
    assert any("--replications 30" in text for text in shown.warnings)
    assert shown.good is None


def test_nobody_ready_leaves_it_open():
    shown = page(verdict="open", balked_share=(None, None, 0), access_days_mean=(None, None, 0))
    assert "Nobody has a first infusion" in shown.details
    assert shown.good is None


@pytest.mark.parametrize(
    ("n", "text"), [(3, "all of 3 replications failed"), (0, "no replication was finished")]
)
def test_without_replications_there_is_no_answer(n, text):
    made = document(verdict=None, day=None, n=n)
    made["kpis"] = {name: figure(name, None, None, 0) for name in KPIS}
    shown = run_page(made, baseline(), {}, NOTHING)
    assert shown.details.startswith("Nothing can be said about this clinic")
    assert text in shown.details
    assert shown.answer == [shown.details]
    assert (shown.plans, shown.chart, shown.figures) == (None, None, [])


def test_a_reason_of_many_missing_figures_is_given_once():
    shown = page(
        warnings=["wait_minutes_mean cannot be computed: why", "visit_minutes_mean cannot be computed: why"]
    )
    assert list(shown.warnings) == ["2 figures cannot be computed: why"]
