"""What becomes of patients, whatever the clinic: response, the end of a series, and what follows each course."""

from __future__ import annotations

import numpy as np

from simclinic import records
from simclinic.arrays import Bools, Floats, Integers
from simclinic.sampling.last_contact import days_to_relapse
from simclinic.sampling.laws import LawsOfPatients
from simclinic.sampling.people import AnyPeople
from simclinic.scenario import Scenario
from simclinic.scenario.laws import Laws
from simclinic.scenario.response import Response


def response_probability(scenario: Scenario, protocol: Integers) -> Floats:
    """Return the probability that a whole series helps, by patient.

    Parameters
    ----------
    protocol
        Index of each patient's protocol, shape (n,).
    """
    ratio = np.array([each.response_ratio for each in scenario.protocols.values()])
    probability = np.array([laws.response.probability for laws in scenario.laws.values()])
    responds: Floats = (probability * ratio)[protocol]
    return responds


def drops_out(
    laws: LawsOfPatients, people: AnyPeople, rows: Integers, protocol: Integers, infusions: Integers
) -> tuple[Floats, Bools]:
    """Draw after which infusions patients would drop out.

    Parameters
    ----------
    rows, protocol, infusions
        Rows of the patients, the protocol of each, and the number of infusions in it, shape (n,).

    Returns
    -------
    u, drops
        A uniform number for each patient and infusion but the last, shape (n, longest - 1), and whether the patient
        drops out after it.
    """
    longest = int(infusions.max(initial=0))
    after = np.arange(1, longest)
    u = people.uniform(["drop out"], np.repeat(rows, len(after)), np.tile(after, len(rows)))[0]
    u = u.reshape(len(rows), len(after))
    drops = after < infusions[:, None]
    for each, here in laws.groups(protocol):
        drops[here] &= u[here] < drop_out_shares(each.response, longest - 1)
    return u, drops


def series_ends(
    laws: LawsOfPatients,
    people: AnyPeople,
    rows: Integers,
    protocol: Integers,
    infusions: Integers,
    responder: Bools,
    drops: Bools,
    before: Integers,
) -> tuple[Integers, Integers]:
    """Draw where series end early.

    Parameters
    ----------
    rows, protocol, infusions, responder
        Rows of the patients, the protocol of each, the number of infusions in it, and whether the series helps.
    drops
        Whether each patient would drop out after each infusion but the last; see :func:`drops_out`.
    before
        Infusions that each patient has had when the simulation begins; 0: none.

    Returns
    -------
    after, reason
        The infusion after which each series ends early (0: it does not), and the reason, a code.
    """
    ends_after = np.where(drops.any(axis=1), drops.argmax(axis=1) + 1, 0) if drops.shape[1] else rows * 0
    reason = np.where(ends_after > 0, records.DROPPED_OUT, 0)
    for each, here in laws.groups(protocol):
        rule, ends = each.response.stop_rule, ends_after[here]
        if rule is None:
            continue
        u_signal = people.uniform(["signal"], rows[here])[0]
        shows = np.where(responder[here], rule.sensitivity, 1.0 - rule.specificity)
        # The rule is applied before the patient can drop out after the same infusion, and after the last
        # infusion there is nothing left to stop.
        due = (rule.after < infusions[here]) & ((ends == 0) | (rule.after <= ends))
        due &= rule.after > before[here]
        stopped = due & (u_signal >= shows)
        ends_after[here] = np.where(stopped, rule.after, ends)
        reason[here] = np.where(stopped, records.STOPPED_EARLY, reason[here])
    return ends_after, reason


def after_courses(
    laws: Laws, people: AnyPeople, rows: Integers, course: Integers
) -> tuple[Floats, Bools, Bools]:
    """Draw what follows a booster course (0: the series).

    Parameters
    ----------
    laws
        Those of all these patients.
    rows, course
        Row of the patient, and number of the course, shape (n,).

    Returns
    -------
    days, reports, leaves
        Days to the relapse that follows, whether it is reported at once, and whether the patient leaves the
        programme after the course, shape (n,).
    """
    rules = laws.boosters
    u_relapse, u_report, u_leave = people.uniform(["relapse", "self report", "attrition"], rows, course)
    days = days_to_relapse(laws, course, u_relapse)
    return days, u_report < rules.self_report, u_leave < rules.attrition


def drop_out_shares(response: Response, length: int) -> Floats:
    """Return the share of patients who drop out after each infusion; the last given one holds for all later."""
    given = response.drop_out or (0.0,)
    return np.array([given[min(at, len(given) - 1)] for at in range(max(length, 0))])
