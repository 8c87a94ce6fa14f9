"""Ends of new patients' waits for a first infusion, by days waited.

A patient held back by a cap is turned away weeks after asking; one who is admitted begins as soon as there is a
place. While a waiting list grows, the waits that have ended therefore say little about patients who ask now. The
counts here are sufficient for a *period estimate* (:mod:`simclinic.measures.incidence`): for each number of days
waited, the patients who had waited that long in the measured weeks, and the number of waits that ended on that day,
by outcome. The last weeks are also counted separately, since a growing list was shorter before.

Days are dates: a patient who is ready on Monday and begins on Wednesday has waited two days, at any time of day.
The weeks begin and end at midnight, so that each date lies inside or outside. A patient who is waiting when the
weeks begin counts from the days waited by then (delayed entry); one who is waiting when they end counts until then
(censoring). Patients of the panel are excluded, since the beginning of their wait is not known.
"""

from __future__ import annotations

import numpy as np

from simclinic.arrays import Integers
from simclinic.measures.access import begun, decisions, held_back
from simclinic.measures.section import Weekly, without_nan
from simclinic.records import DAY, LEFT_UNSERVED, NEW, Records
from simclinic.scenario import Scenario

LAST_WEEKS = 4
"""Number of the last measured weeks that are also counted separately."""


def first_day_turned_away(scenario: Scenario) -> int:
    """Return the days after which a patient who is still held back is turned away, if the clinic is open then."""
    return max(0, scenario.booking.patience_days - scenario.booking.notice_days + 1)


def waits(records: Records, scenario: Scenario) -> Weekly:
    """Count waits of new patients, a row for each number of days waited.

    Returns
    -------
    dict
        `since`, the first day that counts: 0, and that of the last weeks; `waited`, from 0 to the most days after
        which a held patient can be turned away; `at_risk`, those who had waited so long; `begun`, `turned_away` and
        `gave_up`, those whose wait ended on that day; `held`, those who are held back when the weeks end.
    """
    parts = [_since(day, records, scenario) for day in sorted({0, first_of_last(records.days_measured // 7)})]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def first_of_last(weeks: int) -> int:
    """Return the first day of the last weeks that are counted separately, of `weeks` measured ones."""
    return 7 * max(0, weeks - LAST_WEEKS)


def _since(since: int, records: Records, scenario: Scenario) -> Weekly:
    """Count from a day on; see :func:`waits`."""
    patients, simulated, until = (
        records.patients,
        records.days_measured - records.first_day,
        records.days_measured,
    )
    ended = without_nan(decisions(records), np.inf)
    chosen = (patients["origin"] == NEW) & (patients["ready"] < records.end) & (ended >= since * DAY)
    ready = np.floor(patients["ready"][chosen] / DAY).astype(np.int64)
    ended, first = ended[chosen], begun(records)[chosen]
    decided = ended < records.end
    last = np.where(decided, np.floor(np.fmin(ended, records.end) / DAY), until - 1).astype(np.int64) - ready
    away = decided & (patients["reason"][chosen] == LEFT_UNSERVED)
    began = decided & (first == ended)

    # A held patient leaves at the first opening from that day on; the doors may be closed for some dates.
    openings = records.days["day"][~np.isnan(records.days["opening"])]
    shut = int(np.diff(openings)[(openings[1:] >= since) & (openings[1:] < until)].max(initial=1)) - 1
    rows = min(first_day_turned_away(scenario) + shut, simulated) + 1

    def by_days(days: Integers) -> Integers:
        return np.bincount(np.minimum(days, rows), minlength=rows + 1)[:rows]

    return {
        "since": np.full(rows, since),
        "waited": np.arange(rows),
        "at_risk": np.cumsum(by_days(np.maximum(since - ready, 0)) - by_days(last + 1)),
        "begun": by_days(last[began]),
        "turned_away": by_days(last[away]),
        "gave_up": by_days(last[decided & ~began & ~away]),
        "held": by_days(last[held_back(records)[chosen]]),
    }
