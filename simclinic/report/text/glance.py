"""A first glance at a plan that is being simulated: a few figures with their intervals, which decide nothing."""

from __future__ import annotations

from simclinic.measures import KPIS
from simclinic.report.text.numbers import for_people, with_interval
from simclinic.report.text.parts import label_of
from simclinic.report.text.words import counted
from simclinic.results.run import RunDocument

_FIGURES = ("access_days_mean", "wait_minutes_mean", "balked_share", "chair_utilisation")


def glance(document: RunDocument, currency: str) -> str:
    """Write the figures of the replications so far.

    Parameters
    ----------
    document
        Of these replications.
    currency
        Of amounts.
    """
    said = []
    for name in _FIGURES:
        figure = document["kpis"].get(name)
        if figure is not None and figure["n"]:
            scale, unit = for_people(KPIS[name].unit, currency)
            said.append(f"{label_of(name, document['kpis']).lower()} {with_interval(figure, scale)} {unit}")
    seen = counted(document["replications"], "replication")
    if not said:
        return f"Its first {seen}: no patient has started."
    return f"Its first {seen}: {'; '.join(said)}. Ranges are 95 % intervals; they decide nothing yet."
