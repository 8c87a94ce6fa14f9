"""Patients whom a cap holds back: how many of those who ask now will be turned away.

*Turned away* is a share of those whose waits ended in the measured weeks. Where the waiting list is level it holds
for those who ask now as well. Where it is not, as in a clinic that has just opened, patients who are held back lose
patience only weeks later, and the figure lags. Then the share is estimated from the waits of the last weeks; see
:mod:`simclinic.measures.incidence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from simclinic.measures.incidence import turned_away
from simclinic.measures.stability import LEAST
from simclinic.measures.waits import first_day_turned_away, first_of_last
from simclinic.report.text.words import counted
from simclinic.results.document import AskingNow
from simclinic.scenario import Scenario

_ALL = 0.995
"""Share from which on all are said to be turned away, and there is no more to come."""


def is_capped(scenario: Scenario) -> bool:
    """Tell whether a cap keeps patients waiting, on those in a series or on series that begin in a week."""
    booking = scenario.booking
    caps = (booking.max_patients_in_series, booking.max_series_starts_per_week)
    return booking.mode == "booked" and caps != (None, None)


def asking_now(
    waits: Mapping[str, npt.NDArray[Any]], scenario: Scenario, *, grows: bool, together: int = 1
) -> AskingNow | None:
    """Estimate the share of those who ask now that will be turned away.

    Parameters
    ----------
    waits
        Of all replications; see :func:`simclinic.measures.waits.waits`.
    scenario
        What was run.
    grows
        Whether the waiting list is shown to grow: then the last weeks alone are counted.
    together
        So many replications are one: mirrored pairs.

    Returns
    -------
    AskingNow or None
        None if nobody is held back when the measured weeks end, and nobody was turned away in them.
    """
    if not waits["held"].any() and not waits["turned_away"].any():
        return None
    since = first_of_last(scenario.run.weeks) if grows else 0
    found = turned_away(waits, since, first_day_turned_away(scenario), scenario.run.seed, together=together)
    share, low, high = found or (None, None, None)
    return AskingNow(
        share=share,
        low=low,
        high=high,
        weeks=scenario.run.weeks - since // 7,
        growing=grows,
        replications=len(np.unique(waits["replication"])),
    )


def asking_now_told(now: AskingNow, decided: float | None, scenario: Scenario) -> str:
    """Say how many of those who ask now will be turned away, and why the figure is another.

    Parameters
    ----------
    now
        What is estimated.
    decided
        Share turned away of those decided in the measured weeks; None if it is not known.
    scenario
        What was run.
    """
    share, low, high = now["share"], now["low"], now["high"]
    weeks = f"last {now['weeks']} weeks" if now["weeks"] < scenario.run.weeks else "measured weeks"
    patience = counted(scenario.booking.patience_days, "day")
    if share is None or low is None or high is None:
        why = (
            f"that takes at least {LEAST} replications"
            if now["replications"] < LEAST
            else f"in the {weeks} too few have waited as long as they can, {patience}"
        )
        told = f"how many of those who ask now will be turned away is not known: {why}"
    else:
        more = ", and more if the list goes on growing" if now["growing"] and high < _ALL else ""
        told = (
            f"of those who ask now about {100 * share:.0f} % will be turned away ({100 * low:.0f} to "
            f"{100 * high:.0f} %), as waits stood in the {weeks}{more}"
        )
    if decided is None:
        return told
    told = f"{told}; 'Turned away', {100 * decided:.0f} %, counts those decided so far"
    if scenario.booking.max_patients_in_series is None:
        return f"{told}, when the list was shorter" if now["growing"] else told
    return (
        f"{told}, and patients held back by booking.max_patients_in_series leave only when their patience ends, "
        f"after {patience}"
    )


class _Also(TypedDict, total=False):
    balked_share_now: AskingNow


def asking_now_of(document: Mapping[str, Any]) -> _Also:
    """Hand on what a run's document says of those who ask now, if it does."""
    return {"balked_share_now": document["balked_share_now"]} if "balked_share_now" in document else {}
