"""The cheapest plan that meets all targets.

Plans are tried in the order of their known cost (rostered hours and chairs), all on the same patients. A plan is
simulated until it is shown to meet all targets, or to miss one; the search ends at the first rung of equal cost
with a plan that meets them. Bounds are confidence sequences, which hold at every number of replications at once, so
the search may look, stop and resume as it likes.

The error probability `alpha` has two halves. One is divided by the number of plans: that a plan is certified that
misses a target, which needs one wrong bound of that plan, since all its targets must be met. The other is divided
by plans and targets: that a plan is excluded that meets them all. Where plans of equal cost are compared by a
figure of the simulation, that has a third of its own. The union over plans holds under common random numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

from simclinic.errors import SimclinicError
from simclinic.measures import KPIS
from simclinic.measures.targets import targets_of
from simclinic.report.text import plan as words
from simclinic.results.document import as_json
from simclinic.results.kinds import MOST_PARTS, PLAN
from simclinic.results.plan import PlanDocument
from simclinic.scenario import Scenario
from simclinic.scenario.problems import nearest
from simclinic.store import Identity
from simclinic.studies.certify import problems_of
from simclinic.studies.hire import LEAD_WEEKS, QUARTER, not_dated, parts_of
from simclinic.studies.multi_scenario import FinishedStudy, counted
from simclinic.studies.plan_search import Search
from simclinic.studies.plan_space import Space
from simclinic.studies.run_options import RunOptions

ALPHA = 0.05
"""Default probability that the answer is wrong."""
AT_MOST = 200
"""Default of the most replications of a plan."""


class FinishedPlan(FinishedStudy[PlanDocument]):
    """A finished search for the cheapest plan."""


def plan(
    scenario: Scenario,
    space: Space,
    *,
    alpha: float = ALPHA,
    at_most: int = AT_MOST,
    maximise: str | None = None,
    ends: bool = True,
    by: bool = False,
    lead_weeks: int = LEAD_WEEKS,
    options: RunOptions | None = None,
) -> FinishedPlan:
    """Find the cheapest plan that meets all targets, and store the results.

    Parameters
    ----------
    scenario
        The clinic as it is, with its targets and its seed.
    space
        The plans, by known cost; see :func:`simclinic.studies.plan_space.space_of`.
    alpha
        The probability that the answer is wrong: that the plan named misses a target, or that a cheaper one that is
        excluded meets them all.
    at_most
        Most replications of a plan.
    maximise
        A key figure: the plan with the largest mean among all that meet the targets is named, instead of the
        cheapest.
    ends
        Whether the chosen plan is tried again with the inputs that matter most at both ends of their ranges.
    by
        Whether to look for the latest week from which the plan must be in force, beginning with today's patients;
        targets must then be met in every quarter of the horizon.
    lead_weeks
        Weeks from an advertisement to the first day.
    options
        How to simulate and store.

    Raises
    ------
    SimclinicError
        If an argument is invalid, or the results cannot be stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    options = options or RunOptions()
    check_question(
        [each.address for each in space.over],
        alpha=alpha,
        at_most=at_most,
        maximise=maximise,
        by=by,
        lead_weeks=lead_weeks,
        panel=options.panel is not None,
        weeks=scenario.run.weeks,
    )
    if options.executor is not None and space.plans:
        options.executor.expect_much()
    own = Identity.of(PLAN.name, scenario, options.panel)
    with options.folder(own, (), _question(own, space, scenario)) as folder:
        search = Search(scenario, space, folder, options, alpha, at_most, maximise, by=by)
        with counted(folder, search.runs.values()):
            document = search.document(ends=ends and not by, lead_weeks=lead_weeks if by else None)
        folder.finish(as_json(document), words.plans_csv(document))
        return FinishedPlan(scenario, tuple(search.runs), tuple(search.runs.values()), document, folder.path)


def check_question(
    addresses: Sequence[str],
    *,
    alpha: float,
    at_most: int,
    maximise: str | None,
    by: bool,
    lead_weeks: int,
    panel: bool,
    weeks: int | None,
) -> None:
    """Refuse arguments that make no sense, all of them at once.

    Parameters
    ----------
    addresses
        The settings that vary.
    alpha, at_most, maximise, by, lead_weeks
        As for :func:`plan`.
    panel
        Whether the simulation begins with today's patients.
    weeks
        Measured weeks; None: not known.

    Raises
    ------
    SimclinicError
        With everything that is wrong.
    """
    wrong = list(problems_of(alpha, at_most))
    if maximise is not None:
        wrong += _not_to_maximise(maximise)
    if by:
        wrong += _no_date(addresses, lead_weeks, panel=panel, weeks=weeks)
    if wrong:
        raise SimclinicError(*wrong)


def _not_to_maximise(figure: str) -> Iterator[str]:
    if figure not in KPIS:
        near = nearest(figure, KPIS)
        yield f"{figure!r} is not a key figure.{f' Did you mean {near!r}?' if near else ''}"
    elif KPIS[figure].better == "lower":
        yield (
            f"less is better for {figure} ({KPIS[figure].label.lower()}): give it as a target, and maximise "
            "another figure"
        )


def _no_date(addresses: Sequence[str], lead_weeks: int, *, panel: bool, weeks: int | None) -> Iterator[str]:
    """Say why there is no date to find."""
    if not panel:
        yield "--by needs --panel: a date counts from today's patients"
    if not 0 <= lead_weeks <= 520:
        yield f"the lead must be from 0 to 520 weeks (is {lead_weeks})"
    if weeks is not None and parts_of(weeks) > MOST_PARTS:
        yield f"--by judges at most {MOST_PARTS} quarters: set run.weeks to {MOST_PARTS * QUARTER} or less"
    yield from not_dated(addresses)


def _question(own: Identity, space: Space, scenario: Scenario) -> str:
    """Hash what is asked: the clinic, its targets and the plans."""
    asked = [repr(target) for target in targets_of(scenario, default=True)]
    over = [[each.address, [repr(level) for level in each.levels]] for each in space.over]
    return hashlib.sha256(json.dumps([own.fingerprint, asked, over]).encode()).hexdigest()
