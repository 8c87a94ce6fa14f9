"""The lengths that a template plans with: mean lengths, and something on top.

A day planned by mean lengths runs late at every full minute by the toss of a coin. So lengths are planned with
slack: the mean and some percent of it, or a percentile of each step's own distribution. First visits take longer;
what a nurse then does by hand is added at the share that first visits have.

>>> [slack.name for slack in slacks("0, 7.5, p80")]
['no slack', '7.5 % slack', '80th percentile']
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simclinic.errors import SimclinicError
from simclinic.planning.demand import demand
from simclinic.planning.grid import PlannedVisit, planned_visit
from simclinic.sampling.distributions import mean, quantile
from simclinic.scenario import Scenario
from simclinic.scenario.visit import Step

USUAL = "0,5,10,15,20,p65,p80"
"""The slacks that are tried unless others are asked for."""

MOST_PERCENT = 200
_MOST_SLACKS = 20
_WRITTEN = re.compile(r"(?P<percentile>p)?(?P<number>\d{1,3}(?:\.\d{1,3})?)\s*(?P<percent>%?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slack:
    """What is planned on top of mean lengths.

    Attributes
    ----------
    key
        As it is written: "10", "p80".
    percent
        Percent of the mean length; None with a percentile.
    percentile
        Share of visits whose step is no longer than planned; None with a percentage.
    """

    key: str
    percent: float | None
    percentile: float | None

    @property
    def name(self) -> str:
        """The slack in words."""
        if self.percentile is not None:
            return f"{_ordinal(100 * self.percentile)} percentile"
        return f"{self.percent:g} % slack" if self.percent else "no slack"

    def minutes(self, step: Step) -> float:
        """Return the planned length of a step, in minutes."""
        if self.percentile is not None:
            return float(quantile(step.minutes, self.percentile).reshape(-1)[0])
        assert self.percent is not None
        return mean(step.minutes) * (1 + self.percent / 100)


def _ordinal(number: float) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(int(number) % 10, "th") if number == int(number) else "th"
    return f"{number:g}{'th' if 10 <= number % 100 <= 20 else ending}"


def slacks(written: str) -> tuple[Slack, ...]:
    """Read slacks with commas between: percentages of the mean, or percentiles with a p in front.

    Raises
    ------
    SimclinicError
        With every one that is none.
    """
    found: dict[str, Slack] = {}
    wrong: list[str] = []
    for part in written.split(","):
        match = _WRITTEN.fullmatch(part.strip())
        number = float(match["number"]) if match else 0.0
        if match and match["percentile"] and not match["percent"] and 50 <= number < 100:
            slack = Slack(f"p{number:g}", None, round(number / 100, 6))
        elif match and not match["percentile"] and number <= MOST_PERCENT:
            slack = Slack(f"{number:g}", number, None)
        else:
            wrong.append(
                f"{part.strip()!r} is no slack: it must be a percentage from 0 to {MOST_PERCENT}, such as 10, or a "
                "percentile from p50 to below p100, such as p80"
            )
            continue
        found[slack.key] = slack
    if len(found) > _MOST_SLACKS:
        wrong.append(f"there are {len(found)} slacks; at most {_MOST_SLACKS} can be tried")
    if wrong:
        raise SimclinicError(*wrong)
    return tuple(found.values())


def first_visit_share(scenario: Scenario) -> float:
    """Return the share of visits that are a patient's first, on paper: boosters steady, no patient turned away."""
    wanted = demand(scenario)
    if wanted is None:
        return 0.0
    visits = wanted["induction"] + (wanted["boosters"] or 0.0)
    return min(1.0, wanted["series"] / visits) if visits else 0.0


def visit_with(scenario: Scenario, slack: Slack) -> PlannedVisit:
    """Lay out a visit whose steps have slack, with the first visit's extra time by hand at its share."""
    share = first_visit_share(scenario)
    return planned_visit(
        scenario.visit,
        {
            name: slack.minutes(step)
            + (share * step.first_visit_extra_minutes if step.nurse == "hands-on" else 0.0)
            for name, step in scenario.visit.steps.items()
        },
    )
