"""The page speaks of its own fields: no sentence on it names an option of the command line."""

import ast
import html
import re
from pathlib import Path

import pytest

import simclinic
from simclinic.report.text.intake import without_spread
from simclinic.scenario import baseline, load, replace
from simclinic.studies.template import no_template

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web.app import application
from simclinic.web.jobs import Jobs
from simclinic.web.wording import LABELS, wording
from tests.web.asking import Asking, without_process
from tests.web.test_forecast import learnt

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SAID = {
    "report/text/intake.py": {"from", "at-most", "target"},
    "report/text/plan.py": {"at-most"},
    "report/text/template.py": {"at-most", "slack"},
    "studies/today.py": {"panel"},
    "studies/folders/run.py": {"simulate", "panel"},
    "store/errors.py": {"out"},
}
"""Options that sentences of these modules name; the last two are the reasons why something cannot be done."""


@pytest.mark.parametrize("module", SAID)
def test_which_options_sentences_name(module):
    tree = ast.parse((Path(simclinic.__file__).parent / module).read_text())
    docstrings = {
        id(each.body[0].value)
        for each in ast.walk(tree)
        if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef)
        and isinstance(each.body[0], ast.Expr)
    }
    texts = [
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and id(each) not in docstrings
    ]
    assert {name for text in texts for name in re.findall(r"--([a-z][a-z-]*)", text)} == SAID[module]


@pytest.mark.parametrize(
    ("question", "line", "said"),
    [
        (
            "how-many",
            "Open; --at-most helps",
            "Open; a larger number in “Most replications at a level” helps",
        ),
        ("cope", "run.warm_up_weeks = 232 would be enough", "232 weeks of warm-up would be enough"),
        ("how-many", "Or --from begins lower.", "Or a smaller number in “First level” begins lower."),
        (
            "how-many",
            "None is shown with 200 replications: --at-most allows more.",
            "None is shown with 200 replications: a larger number in “Most replications at a level” allows more.",
        ),
        (
            "hire",
            "Not excluded: 3 chairs. --at-most allows more.",
            "Not excluded: 3 chairs. A larger number in “Most replications of a plan” allows more.",
        ),
        (
            "template",
            "There is no mix. demand.referrals_per_week and boosters.attrition above 0 would help",
            "There is no mix. More referrals, and a share of patients who leave after a booster, would help",
        ),
        (
            "template",
            "More slack may do, such as --slack 30,40,50.",
            "More slack may do; write 30,40,50 into the field “Slack to try”, for example.",
        ),
        (
            "cope",
            "the clinic gave about 9 boosters a week. --panel begins with those patients",
            "the clinic gave about 9 boosters a week. “Forecast” begins with those patients",
        ),
        ("cope", "Raise clinic.chairs, or use --no-such-thing.", "Raise chairs, or use no such thing."),
        (
            "",
            "x: is full. Choose another folder with --out.",
            "x: is full. Rename or remove this folder, and ask again.",
        ),
        ("cope", "A patient -- or two -- waits 3--4 days.", "A patient -- or two -- waits 3--4 days."),
    ],
)
def test_options_are_fields(question, line, said):
    assert wording(question)(line) == said


@pytest.mark.parametrize(
    ("question", "where"), [("how-many", "behind its limit"), ("cheapest", "in the clinic's file")]
)
def test_most_years_are_asked_where_the_page_can(question, where):
    asked = {"told": "late days", "by": "overtime_day_share", "at_most": True, "limit": 0.1}
    found = {"state": "open", "mean": 0.0, "upper": None, "lower": None}
    [line] = without_spread([asked], [found], 100)
    said = wording(question)(line)
    assert where in said
    assert "--" not in said
    assert "overtime_day_share" not in said


@pytest.mark.parametrize("name", ["weeks", "nobody", "dated"])
def test_why_there_is_no_template_names_no_command_and_no_address(name):
    dated = replace(baseline(), changes={"2026-06-01": {"clinic.chairs": 4, "shifts.day.nurses": 3}})
    mixed = load(SCENARIOS / "iv-and-esketamine.toml")
    clinics = {
        "dated": dated,
        "weeks": replace(mixed, shifts={"prescriber": {"weeks": [1, 3]}}),
        "nobody": replace(mixed, demand={"referrals_per_week": 0}),
    }
    assert not list(no_template(mixed))
    lines = [wording("template")(line) for line in no_template(clinics[name])]
    assert lines
    for line in lines:
        assert not re.search(
            r"simclinic|booking|types =|types:|[a-z_]+\.[a-z_]+|changes:|scenario for", line
        ), line


def test_each_label_is_that_of_a_field(tmp_path):
    learnt(tmp_path)
    with Jobs(tmp_path) as jobs:
        page = Asking(application(without_process(jobs))).open()
        [address] = re.findall(r'href="(/clinic/\w+)"', page.get("/").text)
        for question, labels in LABELS.items():
            shown = html.unescape(page.get(f"{address}/{question}").text)
            for label in labels.values():
                assert re.search(rf"<label[^>]*>{re.escape(label)}</label>", shown), (question, label)
            assert not re.search(r"(?<!\w)--[a-z]", shown), question
