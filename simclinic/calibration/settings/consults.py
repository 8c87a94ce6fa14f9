"""Consults: how many new patients miss them, how many begin afterwards, how soon, and how long they take."""

from __future__ import annotations

import math

import numpy as np

from simclinic.arrays import Floats
from simclinic.calibration.codes import BOOKED, COMPLETED
from simclinic.calibration.consults import FEWEST, SETTLED, Consults
from simclinic.calibration.estimates import Estimate, Findings, JointUncertainty, rounded, source
from simclinic.calibration.losses import HEAVY, OTHER_KIND, LostRows
from simclinic.calibration.observed_clinic import ALL_BUT, peaks
from simclinic.calibration.quality import Quality
from simclinic.calibration.rates import garwood, mean_interval, smoothed_share
from simclinic.calibration.settings.prices import learn_price
from simclinic.calibration.settings.visit_length import learn_consult
from simclinic.calibration.visits import Visits
from simclinic.measures.wilson import wilson
from simclinic.scenario import Scenario

CONSULT, ROOM, STEP = "consult", "consult-room", "talk"
"""Names of the type of visit, its place and its step, where the base scenario has none."""

ALONE = (
    "An export does not show who holds the consults: in this scenario they take a start and a room, and nobody's "
    f"time. Name the role: [visits.{CONSULT}.steps.{STEP}] claims."
)
NONE = (
    "the consult of the base scenario is a visit, and new patients are not counted by consults: the scenario has "
    "one consult of each patient who begins, and none of those who do not, so that consults are too few. Export "
    "consults, too, or set intake.consult_no_show, intake.accepts and as many more demand.referrals_per_week"
)
_FROM_HERE = "neutral: the export shows patients only from their first appointment for a consult on"


def note(consults: Consults, treatment: Visits, patients: int, quality: Quality) -> None:
    """Note consults that are not used: all of them where they do not count patients, else those after the first."""
    visits = consults.visits
    if not consults.count_patients:
        total, done = len(visits.day) + len(treatment.day), int((treatment.status == COMPLETED).sum())
        held = int((visits.status == COMPLETED).sum())
        alone = len(set(visits.patient.tolist()) - set(treatment.patient.tolist()))
        quality.note("appointments for consults", visits.line.tolist(), "left out: see the warnings")
        counts = (len(visits.day), total, held, done + held, alone, patients)
        quality.lose(LostRows("appointments for consults", *counts, OTHER_KIND))
        if len(visits.day):
            quality.warn(
                "new patients are counted by their first infusion and not by their consults: "
                f"{consults.came} of the new patients came to a consult, of whom {consults.began} began a series, "
                f"and {len(consults.without)} began without one. At least {FEWEST} at a consult are needed, and "
                "half of those who begin"
            )
        return
    for which, what in (
        (consults.again, "further consults of a patient before the first infusion"),
        (consults.later, "follow-up consults, of patients who are there already"),
    ):
        quality.note(
            what, visits.line[which].tolist(), "neither new patients nor infusions: not in the scenario"
        )


def learn(consults: Consults, base: Scenario, findings: Findings, *, learning: bool) -> None:
    """Estimate attendance of consults, their conversion, delays, length and price.

    Parameters
    ----------
    consults
        The consults; nothing is learnt of them if new patients are not counted by them.
    base
        The base scenario.
    findings
        Collects settings, estimates and warnings.
    learning
        Whether the scenario takes the days and hours that the export shows.
    """
    if not consults.count_patients:
        findings.warnings += [NONE] if base.intake.visit is not None else []
        return
    visits = consults.visits
    direct = len(consults.without)
    if direct >= HEAVY * (direct + len(consults.new)):
        findings.warnings.append(
            f"{direct} of {direct + len(consults.new)} new patients began without a consult in the export. The "
            "scenario counts them as patients who came to a consult and accepted, so that its infusions are as "
            "many as in the export, and its consults are more"
        )
    for address, (count, n), hits, what, days in (
        ("intake.consult_no_show", consults.missed(), 0, "who never came to a consult", SETTLED),
        ("intake.accepts", consults.accepted(), 1, "at a consult who began a series", consults.within),
    ):
        low, high = wilson(count, n)
        text = f"{count:,} of {n:,} new patients {what}, counted {days} days after the appointment"
        extra = consults.began_without(days)
        estimate = Estimate(
            address, count / n if n else None, low, high, n, "share of patients, Wilson", text
        )
        findings.estimates.append(estimate)
        if not n:
            findings.base_kept.append(f"{address}: the export is too short to know it of any patient")
            continue
        value, variance = smoothed_share(count + hits * extra, n + extra)
        comment = text + (f"; and {extra} without a consult, who began" if extra else "")
        findings.set(address, rounded(value), source(n, low, high, comment))
        name = address.rpartition(".")[2].replace("_", "-")
        findings.uncertainty.append(JointUncertainty(name, (address,), ("logit",), np.array([[variance]])))
    findings.set("intake.contraindicated", 0.0, _FROM_HERE)
    _delays(consults, findings)
    due = visits.status != BOOKED
    due &= np.isin(visits.patient, [one.patient for one in consults.new]) & ~consults.later
    missed = due & (visits.status != COMPLETED)
    findings.estimates.append(
        Estimate(
            "appointments for consults that were missed",
            missed.sum() / due.sum(),
            *wilson(int(missed.sum()), int(due.sum())),
            int(due.sum()),
            "share of appointments of new patients, Wilson",
            "not written: a patient who misses one may come to another",
        )
    )
    _later(consults, base, findings)
    _visit(consults, base, findings, learning=learning)
    if not np.isnan(visits.price).all():
        own = base.intake.visit
        priced = own is not None and base.visits[own].price is not None
        address = f"visits.{own}.price" if priced else "finance.price_consult"
        learn_price(address, visits.price[consults.first], findings)


def _later(consults: Consults, base: Scenario, findings: Findings) -> None:
    """Say how many consults come after a patient's first, and how much time they take: the scenario has none."""
    visits = consults.visits
    weeks, later = (visits.last - visits.first + 1) / 7, int(consults.later.sum())
    if later:
        low, high = garwood(later)
        findings.estimates.append(
            Estimate(
                "follow-up consults a week",
                later / weeks,
                low / weeks,
                high / weeks,
                later,
                "Poisson",
                "of patients who are there already: not in the scenario",
            )
        )
    more = consults.again | consults.later
    number = int(more.sum())
    minutes = visits.minutes[more]
    minutes = minutes[~np.isnan(minutes)]
    each = time = ""
    if minutes.size:
        mean = float(minutes.mean())
        # Of a compound Poisson process, as of one with equal lengths and the same variance.
        count = number * mean**2 / float((minutes**2).mean())
        hours = number * mean / 60.0 / weeks
        low, high = (hours * bound / count for bound in garwood(count))
        note = "of a patient's consults after the first: not in the scenario"
        findings.estimates.append(
            Estimate("hours of follow-up consults a week", hours, low, high, number, "compound Poisson", note)
        )
        each, time = f" of {mean:.0f} minutes on average", f", {hours:.1f} hours"
    if not number or number < HEAVY * (visits.status == COMPLETED).sum():
        return
    own = base.intake.visit
    roles = (
        []
        if own is None
        else [
            role
            for step in base.visit_types[own].steps.values()
            for role, claim in step.needs.items()
            if claim.need == "hands-on"
        ]
    )
    whose = " and ".join(dict.fromkeys(roles)) or "the role that holds consults"
    findings.warnings.append(
        f"{number:,} consults{each} ({number / weeks:.1f} a week{time}) are follow-ups, or further ones of a "
        "patient: the scenario has one consult of each new patient, and not the time that these take. A break of "
        f"as many hours in the shifts of {whose} keeps that time free"
    )


def _delays(consults: Consults, findings: Findings) -> None:
    """Write the delays before and after the consult, as far as the export has them."""
    _delay(
        "intake.days_to_decide",
        "days from consult to first infusion",
        consults.delays,
        consults.wished,
        findings,
    )
    waits = consults.waits()
    if len(waits) < FEWEST:
        comment = "neutral: the export does not show when patients were referred"
        findings.set("intake.days_to_consult", 0, comment)
    else:
        _delay("intake.days_to_consult", "days from referral to consult", waits, waits, findings)
    findings.set("booking.notice_days", 0, "neutral: the delays of the export include it")


def _delay(address: str, what: str, observed: Floats, wished: Floats, findings: Findings) -> None:
    n = len(observed)
    if n < FEWEST:
        findings.base_kept.append(
            f"{address}: {n} patients of whom it is known, at least {FEWEST} are needed"
        )
        return
    low, high = mean_interval(observed)
    note = "waiting for a free start is included"
    findings.estimates.append(Estimate(what, float(observed.mean()), low, high, n, "mean, Student", note))
    mean, spread = float(wished.mean()), float(wished.std(ddof=1))
    if wished is not observed:
        note += "; of the closed days before it half is left out"
    comment = source(n, low, high, f"{what}, {observed.mean():.1f} on average; {note}")
    if mean == 0.0 or spread == 0.0:
        findings.set(address, rounded(mean), comment)
        return
    gamma = {"dist": "gamma", "mean": rounded(mean, 4), "cv": rounded(min(spread / mean, 10.0), 3)}
    findings.set(address, gamma, comment)
    variance = np.array([[(spread / mean) ** 2 / n]])
    name = address.rpartition(".")[2].replace("_", "-")
    findings.uncertainty.append(JointUncertainty(name, (f"{address}.mean",), ("log",), variance))


def _visit(consults: Consults, base: Scenario, findings: Findings, *, learning: bool) -> None:
    """Make the consult a visit of as many minutes as in the export, in as many rooms as were used at once."""
    visits, own = consults.visits, base.intake.visit
    minutes = visits.minutes[consults.first]
    minutes = minutes[~np.isnan(minutes)]
    if own is not None:
        learn_consult(minutes, base.visit_types[own], own, findings)
        return
    why = None
    if len(minutes) < FEWEST:
        why = f"the times of {len(minutes)} consults are known, at least {FEWEST} are needed"
    elif base.booking.starts is not None and not learning:
        why = "the base scenario lists its starts, and none of them for consults"
    if why is not None:
        findings.base_kept.append(
            f"intake.visit: {why}. Consults take none of the clinic's time; to change that, give a scenario "
            "whose consult is a visit with --scenario, such as scenarios/consult-days.toml"
        )
        return
    findings.set("intake.visit", CONSULT, "the consult is a visit: it takes a start and a room")
    learn_consult(minutes, None, CONSULT, findings)
    place = f"visits.{CONSULT}.steps.{STEP}.place"
    findings.set(place, ROOM, "a room of its own: the export does not show where consults are held")
    findings.cannot_tell.append(ALONE)
    if ROOM in base.places:
        return
    timed = (visits.status == COMPLETED) & ~np.isnan(visits.minutes) & ~np.isnan(visits.due)
    rooms = 1
    if timed.any():
        most = peaks(visits.day[timed], visits.due[timed], visits.due[timed] + visits.minutes[timed])
        rooms = math.ceil(float(np.quantile(most, ALL_BUT, method="inverted_cdf")))
    findings.set(
        f"places.{ROOM}.number", rooms, "export: not more consults at once on 19 of 20 days with any"
    )
