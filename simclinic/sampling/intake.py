"""The intake of referred patients: from the referral to readiness for a series, or to a refusal.

Intake uses no chair and no nurse, so it needs no clock.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simclinic import records
from simclinic.arrays import Bools, Floats
from simclinic.sampling import distributions
from simclinic.sampling.people import People
from simclinic.sampling.referrals import Days, Referrals
from simclinic.sampling.streams import Streams
from simclinic.scenario import Scenario

_DAY = 1440.0
_PRACTICALLY_ALL = 0.9999
_YEAR = 366


class Intake(NamedTuple):
    """The referred patients and the results of their intake: arrays over patients, as in the patients table.

    Of a patient whose consult is a visit, `asked` is the moment of asking for it, and the others hold if it takes
    place then, and takes no time; NaN: there is no such consult, or it is over.
    """

    day: Days
    ordinal: Days
    referred: Floats
    consulted: Floats
    ready: Floats
    reason: Days
    left: Floats
    asked: Floats

    def rows(self, rows: Days | Bools) -> Intake:
        """Choose some of the patients."""
        return Intake._make(column[rows] for column in self)


def longest_intake(scenario: Scenario) -> int:
    """Return the days within which practically every intake ends: all but one in ten thousand."""
    delays = (scenario.intake.days_to_consult, scenario.intake.days_to_decide)
    longest = sum(distributions.quantile(delay, [_PRACTICALLY_ALL]).item() for delay in delays)
    return min(math.ceil(longest) + 1, _YEAR)


def consults_of(
    scenario: Scenario, people: People, rows: Days, moment: Floats
) -> tuple[Floats, Floats, Days, Floats]:
    """Draw what becomes of patients who are booked for a consult, as if it took place then and took no time.

    Parameters
    ----------
    scenario, people, rows
        The clinic, and the patients.
    moment
        The appointment of each, in minutes.

    Returns
    -------
    consulted, ready, reason, left
        As in :class:`Intake`.
    """
    uniforms = people.uniform(["consult attended", "accepts", "days to decide"], rows)
    return _after_consult(scenario, moment, *uniforms)


def _after_consult(
    scenario: Scenario, moment: Floats, u_shown: Floats, u_accepts: Floats, u_decide: Floats
) -> tuple[Floats, Floats, Days, Floats]:
    """Return what becomes of patients, by the moment of the consult and three uniform numbers of each."""
    intake = scenario.intake
    decided = moment + distributions.quantile(intake.days_to_decide, u_decide) * _DAY
    missed = u_shown < intake.consult_no_show
    declined = u_accepts >= intake.accepts
    reason = np.select([missed, declined], [records.NO_CONSULT, records.DECLINED], 0)
    left = np.select([missed, declined], [moment, decided], np.nan)
    return np.where(missed, np.nan, moment), np.where(missed | declined, np.nan, decided), reason, left


def draw_intake(
    scenario: Scenario, referrals: Referrals, streams: Streams, settled_before: float | None = None
) -> Intake:
    """Draw the referred patients and their intake.

    Parameters
    ----------
    scenario, referrals
        The scenario, and its referral process.
    streams
        The random numbers of newly referred patients.
    settled_before
        Leave out patients whose intake ended before this moment: they are on the panel, or have left.
    """
    day, ordinal, referred = referrals.draw(streams)
    intake = scenario.intake
    u_excluded, u_shown, u_accepts, u_consult, u_decide = streams.uniform(
        ["contraindicated", "consult attended", "accepts", "days to consult", "days to decide"],
        day,
        ordinal,
    )
    consult = referred + distributions.quantile(intake.days_to_consult, u_consult) * _DAY
    excluded = u_excluded < intake.contraindicated
    consulted, ready, reason, left = _after_consult(scenario, consult, u_shown, u_accepts, u_decide)
    consulted, ready = (np.where(excluded, np.nan, each) for each in (consulted, ready))
    reason = np.where(excluded, records.INELIGIBLE, reason)
    left = np.where(excluded, referred, left)
    asked = np.full(len(day), np.nan) if intake.visit is None else np.where(excluded, np.nan, consult)
    drawn = Intake(day, ordinal, referred, consulted, ready, reason, left, asked)
    return drawn if settled_before is None else drawn.rows(np.fmax(left, ready) >= settled_before)
