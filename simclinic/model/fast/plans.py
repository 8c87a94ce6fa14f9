"""The plan of a visit: mirrors `VisitPlans.number`."""

from __future__ import annotations

from typing import Any

from simclinic.model.fast import arrays as of
from simclinic.records import BOOSTER

World = Any


def plan_of(w: World, protocol: int, kind: int, number: int) -> int:
    """Mirror `VisitPlans.number`; 0 where all visits have one plan."""
    if not of.rules(w)[0].wide:
        return 0
    t, edges = of.types(w)[of.visit_of(w)[protocol, kind]], of.edges(w)
    lifetime = number + (of.protocols(w)[protocol].infusions if kind == BOOSTER else 0)
    place = t.n_edges - 1
    while place > 0 and edges[t.edge + place] > lifetime:
        place -= 1
    return int(t.plan + place)
