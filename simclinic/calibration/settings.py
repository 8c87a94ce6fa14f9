"""From what was recognised to settings: new patients, series, attendance, the visit, and coming back.

What the export cannot tell apart is kept together. Nobody sees a relapse, only a return; so response, relapse,
taking boosters and leaving the programme are one share and one law, and the settings that would count any of
them a second time are made neutral.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import numpy as np

from simclinic.calibration.codes import BOOKED, CANCELLED, COMPLETED, NO_SHOW
from simclinic.calibration.courses import SERIES_GAP, THRICE_BELOW, Course, Courses, State
from simclinic.calibration.estimates import Estimate, JointUncertainty, Learnt, rounded, source
from simclinic.calibration.kaplan_meier import Curve
from simclinic.calibration.laws import FEWEST, Fit, Laws, naive
from simclinic.calibration.rates import clustering, growth, kept_off_edges, mean_interval, uneven, wilson
from simclinic.calibration.returns import REBOOKED_WITHIN
from simclinic.calibration.visits import Visits
from simclinic.sampling.distributions import mean as mean_of
from simclinic.sampling.distributions import quantile
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.distributions import Distribution

FEWEST_DUE = 20
"""Appointments below which shares of them are not written."""
_FEWEST_VISITS = 10
_TWICE, _THRICE = "twice-weekly", "thrice-weekly"
_NEUTRAL = "neutral: the export's starts already hold it"

# -- new patients --------------------------------------------------------------------------------------------


def new_patients(found: Courses, visits: Visits, base: Scenario, learnt: Learnt) -> None:
    """Learn how many begin a week, whether that changes, and on which weekdays."""
    starts = np.array(
        [course.days[0] for course in found.cohort if course.days[0] >= found.since], dtype=np.int64
    )
    weeks = max(0, (visits.last - found.since + 1) // 7)  # nobody may have begun surely within the export
    begin = visits.last + 1 - 7 * weeks
    inside = starts[starts >= begin]
    counted = ~visits.left_out.touched(begin, weeks)
    inside = inside[counted[(inside - begin) // 7]]
    counts = np.bincount((inside - begin) // 7, minlength=weeks) if weeks else np.zeros(0, dtype=np.int64)
    rate = growth(counts, counted)
    weeks = rate.weeks
    at = "demand.referrals_per_week"
    when = "on the last day" if rate.trend else "mean"
    if weeks < 2:
        learnt.kept.append(f"{at}: fewer than two whole weeks remain to count starts in")
        learnt.estimates.append(Estimate(at, None, None, None, rate.count, "Poisson", "too short: base kept"))
        return
    note = f"new starts, {weeks} whole weeks, {when}; index of dispersion {rate.dispersion:.2f}"
    method = "Poisson regression with trend" if rate.growth is not None else "Poisson"
    learnt.estimates.append(Estimate(at, rate.per_week, rate.low, rate.high, rate.count, method, note))
    learnt.set(
        at, rounded(rate.per_week), source(rate.count, rate.low, rate.high, f"new starts a week, {when}")
    )
    names: tuple[str, ...] = (at,)
    scales: tuple[str, ...] = ("log",)
    if rate.growth is not None:
        note = "written" if rate.trend else "its interval includes 0: not written, the base scenario's holds"
        learnt.estimates.append(
            Estimate(
                "demand.growth_per_year",
                rate.growth,
                rate.growth_low,
                rate.growth_high,
                rate.count,
                "Poisson regression with trend",
                note,
            )
        )
    if rate.trend and rate.growth is not None:
        value = min(max(rounded(rate.growth), -0.99), 100.0)
        told = source(rate.count, rate.growth_low, rate.growth_high, "share per year")
        learnt.set("demand.growth_per_year", value, told)
        names, scales = (at, "demand.growth_per_year"), ("log", "identity")
        learnt.warnings.append(
            f"new patients change by {100 * rate.growth:+.0f} % a year, and the scenario goes on with that: set "
            "demand.growth_per_year = 0 if you do not believe it"
        )
    if base.demand.growth_from is not None:
        told = "the first day still to come: the rate above is of now, and grows from now on"
        learnt.set("demand.growth_from", dt.date.fromordinal(visits.as_of), told)
    if rate.covariance is not None:
        learnt.uncertainty.append(JointUncertainty("referrals", names, scales, rate.covariance))
    if rate.overdispersed and rate.count >= FEWEST_DUE:
        learnt.warnings.append(
            f"new starts vary more from week to week than chance explains (index of dispersion "
            f"{rate.dispersion:.1f}, a Poisson law has 1): the interval allows for it, the simulated weeks do not"
        )
    if base.demand.referrals is not None:
        for name in ("referrals_file", "referrals"):
            learnt.set(f"demand.{name}", False, "the base scenario's replayed referrals are dropped")
    _weekdays(inside, base, learnt)
    for address, value in (
        ("intake.contraindicated", 0.0),
        ("intake.consult_no_show", 0.0),
        ("intake.accepts", 1.0),
        ("intake.days_to_consult", 0),
        ("intake.days_to_decide", 0),
        ("booking.notice_days", 0),
    ):
        learnt.set(address, value, _NEUTRAL)


def _weekdays(starts: np.ndarray[tuple[int], np.dtype[np.int64]], base: Scenario, learnt: Learnt) -> None:
    counts = np.bincount((starts - 1) % 7, minlength=7)
    total = int(counts.sum())
    for number, day in enumerate(WEEKDAYS):
        if counts[number] or day in base.clinic.hours:
            low, high = wilson(int(counts[number]), total)
            share = counts[number] / total if total else None
            learnt.estimates.append(
                Estimate(f"starts on {day}", share, low, high, total, "share of starts, Wilson", "")
            )
    worked = [number for number, day in enumerate(WEEKDAYS) if day in base.clinic.hours]
    if uneven(counts[worked]) < 0.01:
        weights = {WEEKDAYS[number]: int(counts[number]) for number in worked if counts[number]}
        told = f"export, n = {total:,}; starts by weekday, uneven beyond chance (1 %)"
        learnt.set("demand.weekday_weights", weights, told)


# -- series --------------------------------------------------------------------------------------------------


def protocol_of(course: Course) -> str | None:
    """Tell the protocol by the median gap of the series; None of a single visit."""
    gaps = course.gaps
    if not gaps:
        return None
    return _THRICE if float(np.median(gaps)) < THRICE_BELOW else _TWICE


def protocol_names(base: Scenario) -> dict[str, str]:
    """Name the base scenario's protocols that stand for twice and thrice a week: by name, else by nearest gaps."""
    found = {}
    for name, usual in ((_TWICE, 3.5), (_THRICE, 2.33)):
        near = {
            other: abs(sum(protocol.gap_days) / 2 - usual) if protocol.gap_days else math.inf
            for other, protocol in base.protocols.items()
        }
        found[name] = name if name in base.protocols else min(near, key=lambda other: near[other])
    return found


def series(found: Courses, visits: Visits, base: Scenario, learnt: Learnt) -> None:
    """Learn protocols, infusions of a series, gaps, and who drops out."""
    names = protocol_names(base)
    kinds = [protocol for course in found.each if (protocol := protocol_of(course)) is not None]
    mix: dict[str, int] = {}
    for kind in kinds:
        mix[names[kind]] = mix.get(names[kind], 0) + 1
    n = len(kinds)
    for name, count in sorted(mix.items()):
        low, high = wilson(count, n)
        learnt.estimates.append(
            Estimate(
                f"demand.protocol_mix.{name}",
                count / n,
                low,
                high,
                n,
                "share of patients, Wilson",
                "by median gap",
            )
        )
    if mix:
        shares = {name: rounded(count / n) for name, count in sorted(mix.items())}
        last = list(shares)[-1]
        shares[last] = rounded(1.0 - sum(share for name, share in shares.items() if name != last), 12)
        learnt.set(
            "demand.protocol_mix",
            shares,
            f"export, n = {n:,}; by the median gap, below 3 days is thrice weekly",
        )
    _infusions(found, base, sorted(mix), learnt)
    _gaps(found, base, names, learnt)
    _drop_out(found, visits, learnt)
    if base.response.stop_rule is not None:
        learnt.set("response.stop_rule", False, "who was stopped is among those who dropped out")


def _infusions(found: Courses, base: Scenario, used: Sequence[str], learnt: Learnt) -> None:
    n, share = found.infusions_n, found.infusions_share
    low, high = wilson(round(share * n), n) if n else (None, None)
    told = "the commonest number" if n else "the base scenario's: no series has ended"
    note = f"{told}; {100 * share:.0f} % of the series that ended have it" if n else told
    learnt.estimates.append(
        Estimate("infusions of a series", float(found.infusions), None, None, n, "mode", note)
    )
    if n:
        learnt.estimates.append(
            Estimate(
                "series with that many visits in a row",
                share,
                low,
                high,
                n,
                "share, Wilson",
                "boosters soon after make it more",
            )
        )
        for name in used:
            learnt.set(f"protocols.{name}.infusions", found.infusions, f"export, n = {n:,}; {note}")
    if 0 < n < FEWEST:
        learnt.warnings.append(
            f"the number of infusions in a series ({found.infusions}) is that of only {n} series that ended"
        )
    elif n and share < 0.5:
        learnt.warnings.append(
            f"only {100 * share:.0f} % of the series that ended have {found.infusions} infusions: give the "
            "number with --infusions if that is not the clinic's"
        )
    for name, protocol in base.protocols.items():
        if protocol.response_ratio != 1:
            learnt.set(f"protocols.{name}.response_ratio", 1.0, "neutral: returns hold the response")


def _gaps(found: Courses, base: Scenario, names: dict[str, str], learnt: Learnt) -> None:
    kept = permitted = n = 0
    for course in found.each:
        kind = protocol_of(course)
        protocol = base.protocols[names[kind]] if kind else None
        if protocol is None or protocol.gap_days is None or protocol.permitted_gap_days is None:
            continue
        for gap in course.gaps:
            n += 1
            kept += protocol.gap_days[0] <= gap <= protocol.gap_days[1]
            permitted += protocol.permitted_gap_days[0] <= gap <= protocol.permitted_gap_days[1]
    for what, count in (("within gap_days", kept), ("within permitted_gap_days", permitted)):
        low, high = wilson(count, n)
        learnt.estimates.append(
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


def drop_outs(found: Courses, visits: Visits) -> list[tuple[int, int]]:
    """Count, for each infusion but the last, how many did not come for the next, of how many.

    Somebody counts once two weeks have passed since that infusion, whatever happened: who goes on shows at
    once, who does not only then, and counting both as they show would make too few drop out. Patients who cut
    the series short and came back later did not drop out, and count only up to where they cut it.
    """
    counts = []
    for infusion in range(1, found.infusions):
        gone = n = 0
        for course in found.cohort:
            if course.series < infusion or course.days[infusion - 1] > visits.last - SERIES_GAP:
                continue
            if course.series > infusion:
                n += 1
            elif course.state is State.DROPPED_OUT:
                gone, n = gone + 1, n + 1
        counts.append((gone, n))
    return counts


def _drop_out(found: Courses, visits: Visits, learnt: Learnt) -> None:
    counts = drop_outs(found, visits)
    gone, n = (sum(each) for each in zip(*counts, strict=True)) if counts else (0, 0)
    enough = n >= FEWEST
    values, told = [], []
    for infusion, (count, of) in enumerate(counts, 1):
        low, high = wilson(count, of)
        at = f"response.drop_out.{infusion}"
        value, variance = kept_off_edges(count, of) if of else kept_off_edges(gone, n)
        values.append(rounded(value))
        told.append(f"{count} of {of:,}")
        learnt.estimates.append(
            Estimate(
                at,
                count / of if of else None,
                low,
                high,
                of,
                "share of those who had the infusion, Wilson",
                "written as (k + 1/2) / (n + 1)" if enough else "too few: base kept",
            )
        )
        if of and enough:
            learnt.uncertainty.append(
                JointUncertainty(f"drop-out-{infusion}", (at,), ("logit",), np.array([[variance]]))
            )
    if enough:
        learnt.set(
            "response.drop_out", values, f"export; {', '.join(told)} did not come for the next infusion"
        )
    elif found.infusions > 1:
        learnt.kept.append("response.drop_out: too few series to tell")
    back = sum(course.state is State.CAME_BACK for course in found.cohort)
    if back:
        learnt.estimates.append(
            Estimate(
                "cut the series short and came back",
                back / len(found.cohort),
                *wilson(back, len(found.cohort)),
                len(found.cohort),
                "share of new patients, Wilson",
                "count as completed series: they return",
            )
        )


# -- attendance ----------------------------------------------------------------------------------------------


def attendance(found: Courses, visits: Visits, learnt: Learnt) -> None:
    """Learn no-shows, late cancellations, and what follows them."""
    due = visits.status != BOOKED
    status, patient = visits.status[due], visits.patient[due]
    n = len(status)
    total = float(np.isin(status, (NO_SHOW, CANCELLED)).mean()) if n else 0.0
    for at, code, name, what in (
        ("attendance.no_show", NO_SHOW, "no-show", "no-shows"),
        ("attendance.late_cancel", CANCELLED, "late-cancel", "cancellations"),
    ):
        event = status == code
        count = int(event.sum())
        low, high = wilson(count, n)
        factor = clustering(patient, event)
        note = f"{count:,} of {n:,} due" + ("" if n >= FEWEST_DUE else "; too few: base kept")
        if factor > 1.5 and count >= FEWEST_DUE:
            note += f"; the same patients again and again: variance {factor:.1f} times as large"
            learnt.warnings.append(
                f"{what} cluster in some patients: the interval of {at} is about {math.sqrt(factor):.1f} times "
                "as wide as it says"
            )
        learnt.estimates.append(
            Estimate(at, count / n, low, high, n, "share of appointments due, Wilson", note)
        )
        if n < FEWEST_DUE or total > 0.98:
            learnt.kept.append(f"{at}: too few appointments to tell")
            continue
        if not count:
            learnt.warnings.append(f"the export has no {what}: does it leave them out?")
        value, variance = kept_off_edges(count, n)
        learnt.set(at, rounded(value), source(n, low, high, "share of appointments due"))
        learnt.uncertainty.append(JointUncertainty(name, (at,), ("logit",), np.array([[variance]])))
    _rebooking(found, visits, learnt)
    learnt.set("attendance.rebooks", 1.0, "neutral: drop_out holds those who never came again")


def _rebooking(found: Courses, visits: Visits, learnt: Learnt) -> None:
    """Tell how many missed appointments were followed by another within two weeks."""
    ends = {
        course.patient: course.days[course.series - 1] if course.series else 0
        for course in found.each
        if course.state in (State.COMPLETE, State.CAME_BACK) or not course.series
    }
    at = np.flatnonzero(
        np.isin(visits.status, (NO_SHOW, CANCELLED)) & (visits.day <= visits.last - REBOOKED_WITHIN)
    )
    at = at[
        [visits.left_out.next_begin(day, day + REBOOKED_WITHIN) is None for day in visits.day[at].tolist()]
    ]
    following = np.minimum(at + 1, len(visits.day) - 1)
    again = (
        (following > at)
        & (visits.patient[following] == visits.patient[at])
        & (visits.day[following] - visits.day[at] <= REBOOKED_WITHIN)
    )
    later = np.array(
        [
            patient in ends and day > ends[patient]
            for patient, day in zip(visits.patient[at].tolist(), visits.day[at].tolist(), strict=True)
        ],
        dtype=bool,
    )
    for what, which in (("series", ~later), ("booster", later)):
        n, count = int(which.sum()), int(again[which].sum())
        low, high = wilson(count, n)
        note = "not written: the simulated patients who do not rebook ask again at the next check-in"
        learnt.estimates.append(
            Estimate(
                f"missed {what} appointments with another within {REBOOKED_WITHIN} days",
                count / n if n else None,
                low,
                high,
                n,
                "share, Wilson",
                note if what == "booster" else "not written: see attendance.rebooks",
            )
        )


# -- the visit -----------------------------------------------------------------------------------------------


def visit_lengths(found: Courses, visits: Visits, base: Scenario, learnt: Learnt) -> None:
    """Learn how long a visit takes, and give the recovery what the other steps leave."""
    minutes = visits.minutes[(visits.status == COMPLETED) & ~np.isnan(visits.minutes)]
    n = len(minutes)
    at = "visit.steps.recovery.minutes"
    if not n:
        learnt.kept.append("visit.steps: the export has no check-in and check-out")
        return
    average, spread = float(minutes.mean()), float(minutes.std(ddof=1)) if n > 1 else 0.0
    low, high = mean_interval(minutes)
    least, most = (low, high) if math.isfinite(low) else (None, None)
    parts = ", ".join(f"{100 * share:.0f} %: {np.quantile(minutes, share):.0f}" for share in (0.1, 0.5, 0.9))
    learnt.estimates.append(
        Estimate(
            "minutes of a visit",
            average,
            least,
            most,
            n,
            "mean, Student",
            f"sd {spread:.1f}; quantiles {parts}",
        )
    )
    others, variance = _other_steps(found, base)
    left = average - others
    if n < _FEWEST_VISITS or "recovery" not in base.visit.steps or left < 1.0:
        why = "too few visits" if n < _FEWEST_VISITS else "the base scenario has no step of that name"
        if n >= _FEWEST_VISITS and "recovery" in base.visit.steps:
            why = f"the other steps already take {others:.0f} of {average:.0f} minutes: shorten them"
            learnt.warnings.append(f"visits are shorter than the base scenario's steps: {why}")
        learnt.kept.append(f"{at}: {why}")
        return
    deviation = math.sqrt(max(spread**2 - variance, (0.05 * left) ** 2))
    law = {"dist": "gamma", "mean": rounded(left, 4), "cv": rounded(min(deviation / left, 10.0), 3)}
    told = (
        f"so that a visit takes {average:.1f} minutes on average (sd {spread:.1f}) as in the export, from the "
        f"appointment or a later arrival to leaving; the other steps take {others:.1f}; waiting is inside"
    )
    learnt.set(at, law, source(n, low - others, high - others, told))
    learnt.estimates.append(
        Estimate(
            at,
            left,
            low - others,
            high - others,
            n,
            "mean of the visit less the other steps",
            "written as a gamma law",
        )
    )


def usual_minutes(found: Courses, base: Scenario) -> float:
    """Give the mean minutes of a visit in the base scenario."""
    others, _ = _other_steps(found, base)
    recovery = base.visit.steps.get("recovery")
    return others + (mean_of(recovery.minutes) if recovery is not None else 0.0)


def _other_steps(found: Courses, base: Scenario) -> tuple[float, float]:
    """Mean and variance of the minutes a visit takes without the recovery, complications and first visits in."""
    total = variance = 0.0
    visits = sum(len(course.days) for course in found.each)
    first = sum(course.cohort for course in found.each) / visits
    for name, step in base.visit.steps.items():
        if not step.patient:
            continue
        extra = step.first_visit_extra_minutes
        total += first * extra
        variance += first * (1 - first) * extra**2
        if name != "recovery":
            average, square = _moments(step.minutes)
            total += average
            variance += square
    for complication in base.visit.complications.values():
        upto = complication.to_infusion or 10**6
        inside = sum(
            max(min(len(course.days), upto) - complication.from_infusion + 1, 0) for course in found.each
        )
        often = complication.probability * inside / visits
        average, square = _moments(complication.extra_minutes)
        total += often * average
        variance += often * (square + average**2) - (often * average) ** 2
    return total, variance


def _moments(law: Distribution) -> tuple[float, float]:
    values = quantile(law, (np.arange(4000) + 0.5) / 4000)
    return float(mean_of(law)), float(values.var())


# -- coming back ---------------------------------------------------------------------------------------------

NAMED = {
    "series": ("relapse.days", "return-after-series"),
    "booster": ("boosters.days", "return-after-booster"),
}
"""Where the law of coming back after each is written, and what its uncertainty is called."""

RETURNS_CANNOT_TELL = (
    (
        "A relapse is not seen, only a return. Response, relapse and taking boosters at all appear as one product, "
        "the share that returns after a series; the scenario keeps that product (response and uptake are 1)."
    ),
    "The time until a relapse is noticed and booked is inside the time to return: the scenario adds none.",
    "Leaving the programme after a booster shows only as not coming back: attrition is 0, and never holds it.",
)
"""What is one in an export, and stays one in the scenario."""

CANCELLED_LATE = (
    "Every cancellation in the export counts as late. If it lists early ones too, say so with "
    '--status "word=ignore".'
)
CANNOT_TELL = (
    CANCELLED_LATE,
    (
        "Nurses, the steps of a visit and prices are not in an export, and days, hours and chairs only as far as "
        "visits show them: they are the base scenario's. Set them to the clinic's own; --learn-clinic takes days, "
        "hours and chairs from the export."
    ),
)
"""What no export of appointments shows."""


def coming_back(
    after_series: Laws, after_booster: Laws, visits: Visits, base: Scenario, learnt: Learnt
) -> int:
    """Learn the laws of coming back.

    Returns
    -------
    int
        `relapse.follow_up_days` of the scenario: so long a patient without a return still counts as there.
    """
    first = _law("series", "a series", after_series, learnt)
    again = _law("booster", "a booster", after_booster, learnt)
    follow_up = base.relapse.follow_up_days
    if first is not None:
        learnt.set("response.probability", 1.0, "neutral: one share with never, below")
        learnt.set("boosters.uptake", 1.0, "neutral: one share with relapse.days.never")
    if again is not None:
        learnt.set("boosters.attrition", 0.0, "neutral: one share with boosters.days.never")
        learnt.set("boosters.lengthening", 1.0, "neutral: the law is of all boosters together")
    if first is not None or again is not None:
        longest = max(
            laws.durations.longest_return for laws in (after_series, after_booster) if laws.durations.n
        )
        follow_up = max(365, 7 * math.ceil(longest / 7))
        learnt.set("boosters.policy", "as-needed", "the laws hold every return, however it was arranged")
        learnt.set("boosters.infusions", 1, "each visit counts by itself")
        learnt.set("boosters.self_report", 1.0, "neutral: the time until it is noticed is inside the law")
        learnt.set(
            "booking.booster_notice_days", 0, "neutral: the time until the appointment is inside the law"
        )
        learnt.set(
            "relapse.follow_up_days",
            follow_up,
            f"days; at least a year, and the longest return seen ({longest:.0f} days)",
        )
        lapsed = min(36500, max(follow_up, visits.last - visits.first + 1) + 365)
        learnt.set("boosters.lapsed_after_days", lapsed, "days; never already says who does not come back")
    learnt.cannot_tell += (RETURNS_CANNOT_TELL if first or again else ()) + CANNOT_TELL
    return follow_up


def _law(what: str, told: str, laws: Laws, learnt: Learnt) -> Fit | None:
    at, entry = NAMED[what]
    times, chosen = laws.durations, laws.chosen
    if chosen is None:
        some = f"{times.returns} of {times.n} came back" if times.n else "there is none yet"
        learnt.warnings.append(
            f"coming back after {told} cannot be learnt ({some}, at least {FEWEST} are needed): the base "
            "scenario's law is kept"
        )
        learnt.kept.append(f"{at}: fewer than {FEWEST} returns")
        learnt.estimates.append(
            Estimate(at, None, None, None, times.n, "none", f"{times.returns} returns: base kept")
        )
        return None
    how = f"{chosen.family}{' with never' if chosen.cure else ''}, censored maximum likelihood"
    law: dict[str, object] = {"dist": chosen.family}
    for name, value in chosen.settings.items():
        low, high = chosen.interval(name)
        law[name] = rounded(value)
        learnt.estimates.append(
            Estimate(f"{at}.{name}", value, low, high, times.n, how, f"{times.returns} returns")
        )
    low_never, high_never = chosen.interval("never") if chosen.cure else (None, None)
    learnt.estimates.append(
        Estimate(
            f"return_share after {told}",
            1.0 - chosen.never,
            None if high_never is None else 1.0 - high_never,
            None if low_never is None else 1.0 - low_never,
            times.n,
            how,
            "1 less never" if chosen.cure else "the law has no share that never comes",
        )
    )
    learnt.estimates.append(
        Estimate(
            f"median days to return after {told}",
            chosen.quantile(0.5),
            *chosen.quantile_interval(0.5),
            times.returns,
            how,
            "of those who do",
        )
    )
    learnt.estimates.append(
        Estimate(
            f"naive mean days to return after {told}",
            naive(times)["mean"],
            *mean_interval(times.by[times.returned]),
            times.returns,
            "mean of the returns seen",
            "absences that have not ended are missing: not used",
        )
    )
    share = f"{times.returns:,} returns; share that returns {1 - chosen.never:.3f}"
    if low_never is not None and high_never is not None:
        share += f" ({1 - high_never:.3f} to {1 - low_never:.3f})"
    learnt.set(at, law, f"export, n = {times.n:,}, {share}; {how}")
    if chosen.covariance is None:
        learnt.warnings.append(
            f"how sure the law of coming back after {told} is cannot be computed from these data"
        )
    else:
        settings = tuple(f"{at}.{name}" for name in chosen.names)
        learnt.uncertainty.append(JointUncertainty(entry, settings, chosen.scales, chosen.covariance))
    others = [fit for fit in laws.fits[1:] if fit.aic < chosen.aic + 2.0 and fit.covariance is not None]
    if others:
        names = ", ".join(f"{fit.family}{' with never' if fit.cure else ''}" for fit in others)
        learnt.warnings.append(
            f"after {told} other laws fit about as well as the {chosen.family} ({names}): beyond the times "
            "seen they differ, and the intervals do not hold that"
        )
    return chosen


def hold_against(curve: Curve, chosen: Fit | None, told: str, learnt: Learnt) -> None:
    """Warn if the law leaves the interval of Kaplan and Meier's estimate for long."""
    if chosen is None:
        return
    law = chosen.away(curve.day)
    known = ~np.isnan(curve.low) & (curve.returned.cumsum() > 0) & (curve.at_risk >= 10)
    outside = known & ((law < curve.low) | (law > curve.high))
    if known.any() and outside.sum() > 0.2 * known.sum():
        learnt.warnings.append(
            f"after {told} the law leaves the interval of the Kaplan-Meier estimate on {outside.sum()} of "
            f"{known.sum()} days: look at report.html before using it"
        )
