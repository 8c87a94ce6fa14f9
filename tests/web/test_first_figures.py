"""The first figures of *Does it cope?*: with their number and intervals, and never a verdict."""

from types import SimpleNamespace

import pytest

from simclinic.report.pages.run import answer_lines
from simclinic.report.text.stability import CARRIES
from simclinic.scenario import baseline, replace
from simclinic.studies.run import run

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web.answers import Working
from simclinic.web.questions.cope import answer

SMALL = replace(
    baseline(),
    run={"begin": "empty", "warm_up_weeks": 2, "weeks": 4, "replications": 2},
    targets={"balked_share": "<= 50%"},
)


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    return run(SMALL, out=tmp_path_factory.mktemp("results") / "run").document


def shown(monkeypatch, documents):
    """Return what the question shows of these documents, one after another."""
    kept = []

    def simulated(_scenario, *, look, **_options):
        for each in documents:
            look(each)
        return SimpleNamespace(document=documents[-1], failures=(), folder="results")

    monkeypatch.setattr("simclinic.studies.run.run", simulated)
    monkeypatch.setattr("simclinic.studies.precise.run_until", lambda scenario, _goals, made: made(scenario))
    nothing = SimpleNamespace()
    answer(SMALL, {}, Working(nothing, kept.append, nothing, nothing, "clinic.toml"))
    return kept[: len(documents)]


@pytest.mark.parametrize("verdict", ["stable", "not-stable", "open"])
def test_too_few_replications_give_figures_and_no_verdict(monkeypatch, document, verdict):
    """Whatever they would say of demand, of the day and of targets."""
    day = {"stable": "holds", "not-stable": "does-not-hold", "open": "open"}[verdict]
    target = {"stable": "met", "not-stable": "missed", "open": "open"}[verdict]
    found = document | {
        "verdict": verdict,
        "day_verdict": day,
        "day_verdict_reasons": ["the day"],
        "targets": [each | {"state": target} for each in document["targets"]],
    }
    few, nearly, enough = shown(monkeypatch, [found | {"replications": count} for count in (2, 19, 20)])
    for each, count in ((few, 2), (nearly, 19)):
        first, *figures = each.lines
        assert first == (
            f"First figures, of {count} of at least 20 replications: too few to say whether this clinic carries "
            "its demand."
        )
        assert figures == [line for line in enough.lines if line.startswith("A new patient waits")]
        assert "surely" in figures[0]
        assert each.good is None
    assert list(enough.lines) == list(answer_lines(found, SMALL.finance.currency))
    assert enough.good is {"stable": True, "not-stable": False, "open": None}[verdict]
    assert any(line.startswith(CARRIES[verdict]) for line in enough.lines)
