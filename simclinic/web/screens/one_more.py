"""*One more of each*: what runs out first, and what one more or fewer of each would do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from simclinic.errors import ScenarioError
from simclinic.report.text.bottleneck import impossible_sentence
from simclinic.report.text.changes import leave_rows, rows
from simclinic.results.bottleneck import BottleneckDocument
from simclinic.scenario import Scenario
from simclinic.studies.bottleneck import REPLICATIONS, with_replications
from simclinic.web.answering import Form
from simclinic.web.paper import busiest, papers_of
from simclinic.web.questions import Options
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes

_KINDS = {"nurse": "a nurse", "chair": "a chair", "hour": "half an hour", "day": "a day"}
"""What can be ticked, by the classes of rows."""
_CLASSES = {"earlier": "hour", "later": "hour", "role": "nurse", "role-day": "nurse", "place": "chair"}
"""Classes of rows by kinds of changes; other kinds are their own."""


def _values(scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    document: BottleneckDocument | None = None
    if known.answer is not None:
        document = json.loads(known.answer.json)
    elif known.interim is not None:
        document = cast("BottleneckDocument", known.interim.document)
    paper = papers_of(scenario)
    found = [] if document is None else rows(document, scenario.finance.currency)
    leave = None if document is None else document["leave"]
    return {
        "papers": paper,
        "busiest": [busiest(each) for each in paper],
        "kinds": _KINDS,
        "classes": _CLASSES,
        "replications": options.get("replications", REPLICATIONS),
        "counted": 0 if document is None else document["replications"],
        "groups": [
            (title, listed)
            for title, more in (("One more", True), ("One fewer", False))
            if (listed := [each for each in found if each.more is more])
        ],
        "impossible": []
        if document is None
        else [impossible_sentence(each) for each in document["not_possible"]],
        "leave": leave,
        "leave_rows": [] if leave is None else list(leave_rows(leave["during"])),
    }


def _read(scenario: Scenario, form: Form) -> Filled:
    written = form.get("replications", [str(REPLICATIONS)])[-1].strip()
    options = {"replications": written}
    try:
        with_replications(scenario, int(written), None)
    except ValueError:
        return Filled(options, {"replications": "must be a whole number, such as 10"})
    except ScenarioError as error:
        return Filled(options, {"replications": error.problems[0].rule})
    if int(written) < 2:
        return Filled(options, {"replications": "must be at least 2: one shows no chance"})
    return Filled({} if int(written) == REPLICATIONS else {"replications": str(int(written))})


ROUTES = routes(QuestionScreen("one-more", "One more of each", "one_more.html.j2", _read, _values))
