"""Patients held back by a cap: the share of those asking now who will be turned away.

*Turned away* is a share of the patients whose waits ended in the measured weeks. If the waiting list is level, it
also applies to patients who ask now. If the list grows, as in a clinic that has just opened, patients who are held
back lose patience only weeks later, so that the figure lags. Then the share is estimated from the waits of the last
weeks; see :mod:`simclinic.measures.incidence`.
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
"""Share from which it is not said that the share may still grow."""


def is_capped(scenario: Scenario) -> bool:
    """Return whether there is a cap on patients in a series, or on series that begin in a week."""
    booking = scenario.booking
    caps = (booking.max_patients_in_series, booking.max_series_starts_per_week)
    return booking.mode == "booked" and caps != (None, None)


def asking_now(
    waits: Mapping[str, npt.NDArray[Any]], scenario: Scenario, *, grows: bool, together: int = 1
) -> AskingNow | None:
    """Estimate the share of patients asking now who will be turned away.

    Parameters
    ----------
    waits
        Waits of all replications; see :func:`simclinic.measures.waits.waits`.
    scenario
        The scenario that was run.
    grows
        Whether the waiting list grows: then only the last weeks are counted.
    together
        Replications in one observation: 2 for mirrored pairs.

    Returns
    -------
    AskingNow or None
        None if no patient is held back at the end of the measured weeks, and none was turned away in them.
    """
    if not waits["held"].any() and not waits["turned_away"].any():
        return None
    since = first_of_last(scenario.run.weeks) if grows else 0
    estimate = turned_away(
        waits, since, first_day_turned_away(scenario), scenario.run.seed, together=together
    )
    share, low, high = estimate or (None, None, None)
    return AskingNow(
        share=share,
        low=low,
        high=high,
        weeks=scenario.run.weeks - since // 7,
        growing=grows,
        replications=len(np.unique(waits["replication"])),
    )


def asking_now_sentence(now: AskingNow, decided: float | None, scenario: Scenario) -> str:
    """Return a sentence about the share of patients asking now who will be turned away.

    Parameters
    ----------
    now
        The estimate.
    decided
        Share turned away of patients decided in the measured weeks, which differs; None if it is not known.
    scenario
        The scenario that was run.
    """
    share, low, high = now["share"], now["low"], now["high"]
    weeks = f"last {now['weeks']} weeks" if now["weeks"] < scenario.run.weeks else "measured weeks"
    patience = counted(scenario.booking.patience_days, "day")
    if share is None or low is None or high is None:
        why = (
            f"an estimate needs at least {LEAST} replications"
            if now["replications"] < LEAST
            else f"in the {weeks} too few patients have waited for their whole patience, {patience}"
        )
        text = f"the share of patients asking now who will be turned away is not known: {why}"
    else:
        more = ", and more if the list continues to grow" if now["growing"] and high < _ALL else ""
        text = (
            f"about {100 * share:.0f} % of the patients asking now will be turned away ({100 * low:.0f} to "
            f"{100 * high:.0f} %), judging by the waits in the {weeks}{more}"
        )
    if decided is None:
        return text
    text = f"{text}; 'Turned away', {100 * decided:.0f} %, counts patients decided so far"
    if scenario.booking.max_patients_in_series is None:
        return f"{text}, when the list was shorter" if now["growing"] else text
    return (
        f"{text}, and patients held back by booking.max_patients_in_series leave only when their patience ends, "
        f"after {patience}"
    )


class _BalkedNow(TypedDict, total=False):
    balked_share_now: AskingNow


def asking_now_of(document: Mapping[str, Any]) -> _BalkedNow:
    """Return the estimate in a run's document, if it has one, for another document."""
    return {"balked_share_now": document["balked_share_now"]} if "balked_share_now" in document else {}
