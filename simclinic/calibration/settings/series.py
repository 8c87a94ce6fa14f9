"""Series: protocols, number of infusions, gaps between them, and drop-out."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from simclinic.arrays import Integers
from simclinic.calibration.courses import SERIES_GAP, Course, Courses, State
from simclinic.calibration.estimates import Estimate, Findings, JointUncertainty, rounded
from simclinic.calibration.rates import smoothed_share
from simclinic.calibration.return_fits import FEWEST
from simclinic.calibration.settings.changed_series import CHANGED, warn_of_change
from simclinic.calibration.types import Group
from simclinic.calibration.visits import Visits
from simclinic.measures.wilson import wilson
from simclinic.scenario import Scenario
from simclinic.scenario.protocols import Protocol

TWICE_WEEKLY, THRICE_WEEKLY = "twice-weekly", "thrice-weekly"
_USUAL_GAPS = {TWICE_WEEKLY: 3.5, THRICE_WEEKLY: 2.33}
"""Mean days between infusions of each."""
_PUNCTUAL, _WITHIN = 0.3, 6.0
"""Quantile of the days between every other visit of a series, and days below which it is three times a week."""
_FEWEST_GAPS, _OF_GAPS = 30, (0.025, 0.25, 0.75, 0.975)
"""Gaps from which a warning says that they are not the protocol's, and the quantiles that it proposes."""
_BROKEN = 0.25
"""Share of new patients who cut the series short and came back from which no series is seen in their visits: hardly
any do so, but of patients who come at any time more than 0.3 do."""


def protocol_of(course: Course) -> str | None:
    """Return the protocol by the days between every other visit of the series; None for fewer than three visits.

    With three a week they are 4 or 5, with two a week 7: also on Tuesdays and Thursdays, where most gaps are of 2
    days as with three a week. A missed appointment makes two of them longer.
    """
    gaps = np.array(course.gaps)
    if len(gaps) < 2:
        return None
    return THRICE_WEEKLY if float(np.quantile(gaps[1:] + gaps[:-1], _PUNCTUAL)) < _WITHIN else TWICE_WEEKLY


def protocol_names(protocols: Mapping[str, Protocol]) -> dict[str, str]:
    """Map both protocols to some of the base scenario: by name, else by the nearest gaps."""
    names = {}
    for name, usual in _USUAL_GAPS.items():
        distance = {
            other: abs(sum(protocol.gap_days) / 2 - usual) if protocol.gap_days else math.inf
            for other, protocol in protocols.items()
        }
        names[name] = name if name in protocols else min(distance, key=lambda other: distance[other])
    return names


def learn(group: Group, base: Scenario, findings: Findings) -> None:
    """Estimate infusions of a series, its gaps, and drop-out, of patients with one type of visit."""
    courses = group.courses
    _infusions(courses, group.protocols, sorted(_recognised(group)), findings)
    _gaps(group, base, findings, changed=warn_of_change(courses, group.visits, findings))
    _drop_out(courses, group.visits, findings)
    if any(base.laws[name].response.stop_rule is not None for name in group.protocols):
        findings.set("response.stop_rule", False, "patients who were stopped are among those who dropped out")


def _recognised(group: Group) -> Counter[str]:
    """Count the patients of each protocol, by their gaps."""
    names = protocol_names(group.protocols)
    found = (protocol_of(course) for course in group.courses.all)
    return Counter(names[protocol] for protocol in found if protocol is not None)


def learn_mix(groups: Sequence[Group], since: int, findings: Findings) -> None:
    """Estimate the share of new patients in each protocol.

    The types of visit share the patients who started from the day `since` on, which is the first from which the new
    patients of every type are known; the protocols of a type share all its patients, by their gaps.
    """
    how = "three visits within 5 days are thrice weekly"
    if len(groups) > 1:
        how = f"new patients by type of visit, and {how}"
    mix, n = _shares(groups, since, findings)
    _warn_of_change(groups, since, findings)
    for name, count in sorted(mix.items()):
        low, high = wilson(round(count), n)
        findings.estimates.append(
            Estimate(
                f"demand.protocol_mix.{name}",
                count / n,
                low,
                high,
                n,
                "share of patients, Wilson",
                "by the days between every other visit",
            )
        )
    if mix:
        shares = {name: rounded(count / n) for name, count in sorted(mix.items())}
        last = list(shares)[-1]
        shares[last] = rounded(1.0 - sum(share for name, share in shares.items() if name != last), 12)
        findings.set(
            "demand.protocol_mix",
            shares,
            f"export, n = {n:,}; {how}",
        )


def _starts(group: Group, since: int) -> Integers:
    """Return the days from `since` on on which new patients had the first visit."""
    days = [each.days[0] for each in group.courses.cohort]
    return np.array([day for day in days if day >= since], dtype=np.int64)


def _shares(groups: Sequence[Group], since: int, findings: Findings) -> tuple[dict[str, float], int]:
    """Return the patients of each protocol, and all of them."""
    if len(groups) == 1:
        found = _recognised(groups[0])
        return dict(found), found.total()
    mix: dict[str, float] = {}
    for group in groups:
        new = len(_starts(group, since))
        found = _recognised(group) or Counter(set(protocol_names(group.protocols).values()))
        if not new:
            findings.warnings.append(
                f"{group.type}: no patient certainly started within the export, so the scenario has no new "
                "patients of this type: today's patients remain. Set demand.protocol_mix if there are new ones"
            )
        mix |= {name: new * count / found.total() for name, count in found.items() if new}
    return mix, round(sum(mix.values()))


def _warn_of_change(groups: Sequence[Group], since: int, findings: Findings) -> None:
    """Warn of types of visit that earlier and later new patients had in different shares.

    Fisher's exact test compares the first half of the new patients with the second.
    """
    from scipy.stats import fisher_exact  # takes a second to load

    starts = [_starts(group, since) for group in groups]
    all_starts = np.sort(np.concatenate(starts))
    if len(groups) == 1 or len(all_starts) < 2 * FEWEST:
        return
    middle = all_starts[len(all_starts) // 2]
    halves = [int((all_starts < middle).sum()), int((all_starts >= middle).sum())]
    told = slice(1, None) if len(groups) == 2 else slice(None)  # of two types, one sentence says it of both
    for group, days in zip(groups[told], starts[told], strict=True):
        early, late = int((days < middle).sum()), int((days >= middle).sum())
        others = [halves[0] - early, halves[1] - late]
        if fisher_exact(np.array([[early, late], others])).pvalue < CHANGED:
            findings.warnings.append(
                f"{group.type}: {early} of the {halves[0]} new patients before "
                f"{dt.date.fromordinal(int(middle))} had this type of visit, and {late} of the {halves[1]} from "
                "then on: the scenario has the mean of both. Set demand.protocol_mix to what you expect"
            )


def _infusions(
    courses: Courses, protocols: Mapping[str, Protocol], used: Sequence[str], findings: Findings
) -> None:
    n, share = courses.infusions_n, courses.infusions_share
    low, high = wilson(round(share * n), n) if n else (None, None)
    note = "the commonest number" if n else "the base scenario's: no series has ended"
    if n:
        note += f"; {100 * share:.0f} % of the series that ended have it"
    findings.estimates.append(
        Estimate("infusions of a series", float(courses.infusions), None, None, n, "mode", note)
    )
    if n:
        findings.estimates.append(
            Estimate(
                "series with that many visits in a row",
                share,
                low,
                high,
                n,
                "share, Wilson",
                "lower where boosters follow soon after a series",
            )
        )
        for name in used:
            findings.set(f"protocols.{name}.infusions", courses.infusions, f"export, n = {n:,}; {note}")
    if 0 < n < FEWEST:
        findings.warnings.append(
            f"the number of infusions in a series ({courses.infusions}) rests on only {n} series that ended"
        )
    elif n and share < 0.5:
        findings.warnings.append(
            f"only {100 * share:.0f} % of the series that ended have {courses.infusions} infusions: give the "
            "number with --infusions if your clinic's is another"
        )
    for name, protocol in protocols.items():
        if protocol.response_ratio != 1:
            findings.set(f"protocols.{name}.response_ratio", 1.0, "neutral: returns include the response")


def _gaps(group: Group, base: Scenario, findings: Findings, *, changed: bool) -> None:
    """Record how many gaps keep to the base scenario's protocols; warn if most do not, unless they changed."""
    names = protocol_names(group.protocols)
    gaps: dict[str, list[int]] = {}
    for course in group.courses.all:
        if kind := protocol_of(course):
            gaps.setdefault(names[kind], []).extend(course.gaps)
    usual = permitted = n = 0
    for name, found in gaps.items():
        days, most = base.protocols[name].gap_days, base.protocols[name].permitted_gap_days
        if days is None or most is None:
            continue
        kept = sum(days[0] <= gap <= days[1] for gap in found)
        permitted += sum(most[0] <= gap <= most[1] for gap in found)
        usual, n = usual + kept, n + len(found)
        if len(found) >= _FEWEST_GAPS and kept < len(found) / 2 and not changed:
            least, low, high, longest = np.quantile(found, _OF_GAPS, method="inverted_cdf").tolist()
            findings.warnings.append(
                f"{kept:,} of {len(found):,} gaps within series are {_days(*days)}, as the protocol {name!r} of "
                f"the scenario books them, and half of them are {_days(low, high)}: series in the scenario take "
                f"another time than the clinic's. Set protocols.{name}.gap_days = [{low}, {high}] and "
                f"permitted_gap_days = [{least}, {longest}], for example"
            )
    for what, count in (("within gap_days", usual), ("within permitted_gap_days", permitted)):
        low, high = wilson(count, n)
        findings.estimates.append(
            Estimate(
                f"gaps {what}",
                count / n if n else None,
                low,
                high,
                n,
                "share of gaps, Wilson",
                "of the base scenario's protocols",
            )
        )


def _days(low: float, high: float) -> str:
    return f"{low} day{'' if low == 1 else 's'}" if low == high else f"{low} to {high} days"


def drop_outs(courses: Courses, visits: Visits) -> list[tuple[int, int]]:
    """Count, for each infusion but the last, the patients who did not come for the next, and all who had it.

    A patient counts once two weeks have passed since that infusion, whatever happened: a patient who goes on shows
    at once and one who drops out only later, so that counting both as they show would underestimate drop-out.
    Patients who cut the series short and came back later did not drop out, and count only up to the cut.
    """
    counts = []
    for infusion in range(1, courses.infusions):
        dropped = n = 0
        for course in courses.cohort:
            if course.series < infusion or course.days[infusion - 1] > visits.last - SERIES_GAP:
                continue
            if course.series > infusion:
                n += 1
            elif course.state is State.DROPPED_OUT:
                dropped, n = dropped + 1, n + 1
        counts.append((dropped, n))
    return counts


def _drop_out(courses: Courses, visits: Visits, findings: Findings) -> None:
    counts = drop_outs(courses, visits)
    all_dropped, n = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
    enough = n >= FEWEST
    values, parts = [], []
    for infusion, (count, of) in enumerate(counts, 1):
        low, high = wilson(count, of)
        address = f"response.drop_out.{infusion}"
        value, variance = smoothed_share(count, of) if of else smoothed_share(all_dropped, n)
        values.append(rounded(value))
        parts.append(f"{count} of {of:,}")
        findings.estimates.append(
            Estimate(
                address,
                count / of if of else None,
                low,
                high,
                of,
                "share of patients who had the infusion, Wilson",
                "written as (k + 1/2) / (n + 1)" if enough else "too few: base kept",
            )
        )
        if of and enough:
            findings.uncertainty.append(
                JointUncertainty(f"drop-out-{infusion}", (address,), ("logit",), np.array([[variance]]))
            )
    if enough:
        findings.set(
            "response.drop_out", values, f"export; {', '.join(parts)} did not come for the next infusion"
        )
    elif courses.infusions > 1:
        findings.base_kept.append("response.drop_out: too few series to estimate it")
    back = sum(course.state is State.CAME_BACK for course in courses.cohort)
    if len(courses.cohort) >= FEWEST and back >= _BROKEN * len(courses.cohort):
        findings.warnings.append(
            f"no series is seen in these visits: {back} of {len(courses.cohort)} new patients stayed away for more "
            f"than {SERIES_GAP} days before their visit number {courses.infusions}, and came back. What is learnt "
            "of the series, of drop-out and of the times to return means little: write what you know of the "
            "protocol into the scenario"
        )
    if back:
        findings.estimates.append(
            Estimate(
                "cut the series short and came back",
                back / len(courses.cohort),
                *wilson(back, len(courses.cohort)),
                len(courses.cohort),
                "share of new patients, Wilson",
                "count as completed series: they return",
            )
        )
