"""The clinic with chairs only in Ciw: one node, whose arrivals and lengths are given.

A Ciw customer has one server at a time. The clinic whose patients keep the chair while they wait for a nurse cannot
be a network of its nodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import ciw
import numpy as np

from benchmarks.textbook import CHAIRS, Rows


def chairs_only(arrivals: Sequence[float], lengths: Sequence[tuple[float, ...]]) -> Rows:
    """Serve all patients; return when each arrived, began and left, in minutes."""
    between = [*np.diff(arrivals, prepend=0.0).tolist(), math.inf]  # nobody comes after the last one
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential(between)],
        service_distributions=[ciw.dists.Sequential([minutes for (minutes,) in lengths])],
        number_of_servers=[CHAIRS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(arrivals), method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda record: record.id_number)
    return [(record.arrival_date, record.service_start_date, record.exit_date) for record in records]
