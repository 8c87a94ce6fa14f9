"""Theory of a scenario for its verdict: the load on paper, and the booster load that is reached."""

from __future__ import annotations

from simclinic.measures.stability import FILLED, Expected
from simclinic.past.past import Competition
from simclinic.planning.booster_load import share_reached, sufficient_warm_up
from simclinic.planning.demand import demand
from simclinic.planning.load import load_of_demand
from simclinic.scenario import Scenario


def expected(scenario: Scenario, *, panel: bool = False, competition: Competition | None = None) -> Expected:
    """Compute the theoretical figures that the verdict on a scenario needs besides its replications.

    Parameters
    ----------
    scenario
        The scenario that was run.
    panel
        Whether it begins with today's patients.
    competition
        What pilot runs gave for the past of a steady start; None if that is unknown.
    """
    changing = "it begins with today's patients" if panel else scenario.meant_to_change
    if changing:
        return Expected(changing=changing)
    wanted = demand(scenario)
    level = None if wanted is None else wanted["boosters"]
    # Without boosters, the clinic does not need to fill.
    share = 1.0 if level == 0 else share_reached(scenario)
    return Expected(
        asked=load_of_demand(scenario, wanted),
        filled=share,
        unsettled_days=0.0 if competition is None else competition.unsettled_days,
        unsettled=competition is not None and competition.endless,
        level=level,
        # A calibrated clinic should begin with its own patients (--panel) instead of a longer warm-up.
        would_do=sufficient_warm_up(scenario)
        if share is not None and share < FILLED and scenario.calibrated is None
        else None,
    )
