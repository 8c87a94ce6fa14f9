"""What the clinic cancels because an infusion became another one, in a sentence for those who decide about it."""

from __future__ import annotations

from collections.abc import Mapping

from simclinic.report.text.numbers import LEAST
from simclinic.report.text.plainly import plainly
from simclinic.results.document import Figure

FIGURE = "clinic_cancelled_not_rostered_per_week"


def not_rostered_warning(kpis: Mapping[str, Figure]) -> str | None:
    """Say how many appointments the clinic cancels since a role is not rostered; None if that is not shown.

    Parameters
    ----------
    kpis
        Key figures of the run.
    """
    figure = kpis.get(FIGURE)
    if figure is None or figure["mean"] is None or figure["ci"] is None or figure["ci"][0] < LEAST:
        return None
    return (
        f"the clinic cancels {plainly(figure, 1.0, 'appointments a week', sure='above')} on the day because an "
        "earlier infusion was missed: they were booked as later ones, and as earlier ones they need a role that is "
        "not rostered then. In the simulation nobody moves them sooner; a front desk that does loses fewer starts"
    )
