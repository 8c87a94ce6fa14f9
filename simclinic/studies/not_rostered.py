"""What the clinic cancels because an infusion became another one, in a sentence for those who decide about it."""

from __future__ import annotations

from collections.abc import Mapping

from simclinic.measures.not_rostered import FIGURE, roles_by_number
from simclinic.report.text.plainly import plainly
from simclinic.results.document import Figure
from simclinic.scenario import Scenario
from simclinic.scenario.entries import joined

WORTH_SAYING = 0.01
"""Share of the infusions from which on it is said."""


def not_rostered_warning(kpis: Mapping[str, Figure], scenario: Scenario) -> str | None:
    """Say how many appointments the clinic cancels since a role is not rostered; None if few, or not shown.

    Parameters
    ----------
    kpis
        Key figures of the run.
    scenario
        The clinic.
    """
    figure, given = kpis.get(FIGURE), kpis["infusions_per_week"]["mean"]
    if figure is None or not given or figure["ci"] is None or figure["ci"][0] < WORTH_SAYING * given:
        return None
    roles = joined(roles_by_number(scenario))
    return (
        f"{plainly(figure, 1.0, 'appointments a week', sure='above')}, are cancelled by the clinic on the day "
        f"because a visit before them was missed: they become the one that needs {roles}, at a time at which none "
        "is rostered. In the simulation nobody moves them sooner; a front desk that does loses fewer starts"
    )
