"""*One more of each*: what runs out first, and what one more or fewer of each would do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from simclinic.errors import ScenarioError
from simclinic.planning.what_if import one_of_each
from simclinic.report.text.bottleneck import impossible_sentence
from simclinic.report.text.changes import leave_rows, rows
from simclinic.results.bottleneck import BottleneckDocument, NotPossible
from simclinic.scenario import Scenario
from simclinic.scenario.visit import NURSE
from simclinic.studies.bottleneck import REPLICATIONS, leave_of, with_replications
from simclinic.web.answering import Form
from simclinic.web.paper import busiest, papers_of
from simclinic.web.questions import Options
from simclinic.web.screens.asking import Filled, Known, QuestionScreen, routes

_KINDS = {"nurse": "a nurse", "chair": "a chair", "hour": "half an hour", "day": "a day"}
"""What can be ticked, by the classes of rows."""
_CLASSES = {"earlier": "hour", "later": "hour", "role": "nurse", "role-day": "nurse", "place": "chair"}
"""Classes of rows by kinds of changes; other kinds are their own."""


@lru_cache(maxsize=8)
def _tried(scenario: Scenario) -> tuple[Sequence[str], Sequence[str]]:
    """List what is tried, and what cannot be made with the reason, before anything is simulated."""
    leave = leave_of(scenario)
    changes = [*one_of_each(scenario), *([] if leave is None else [leave])]
    return (
        [each.name for each in changes if each.scenario is not None],
        [
            impossible_sentence(NotPossible(name=each.name, reason=each.reason))
            for each in changes
            if each.scenario is None
        ],
    )


def _values(scenario: Scenario, known: Known, options: Options) -> Mapping[str, Any]:
    document: BottleneckDocument | None = None
    if known.answer is not None:
        document = json.loads(known.answer.json)
    elif known.interim is not None:
        document = cast("BottleneckDocument", known.interim.document)
    paper = papers_of(scenario)
    tried, impossible = _tried(scenario)
    given = options.get("replications", str(REPLICATIONS))
    found = [] if document is None else rows(document, scenario.finance.currency)
    leave = None if document is None else document["leave"]
    return {
        "papers": paper,
        "busiest": [busiest(each) for each in paper],
        "kinds": _kinds(scenario),
        "classes": _CLASSES,
        "replications": given,
        "counted": 0 if document is None else document["replications"],
        "groups": [
            (title, listed)
            for title, more in (("One more", True), ("One fewer", False))
            if (listed := [each for each in found if each.more is more])
        ],
        "tried": tried,
        "simulated": set() if document is None else {each["name"] for each in document["changes"]},
        "most": (1 + len(tried)) * int(given) if given.isdecimal() else None,
        "impossible": impossible
        if document is None
        else [impossible_sentence(each) for each in document["not_possible"]],
        "leave": leave,
        "leave_rows": [] if leave is None else list(leave_rows(leave["during"])),
    }


def _kinds(scenario: Scenario) -> Mapping[str, str]:
    """Return what can be ticked: with nurses go the other roles, and with chairs the other places."""
    kinds = dict(_KINDS)
    if others := [role for role in scenario.roles if role != NURSE]:
        kinds["nurse"] = ", ".join(["a nurse", *others])
    if scenario.places:
        kinds["chair"] = ", ".join(["a chair", *scenario.places])
    return kinds


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
