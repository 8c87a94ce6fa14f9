"""True values of a scenario, which an endless export would show.

They are computed and not simulated, so that a calibration can be compared with them.
"""

from dataclasses import dataclass

import numpy as np

from simclinic.sampling import distributions
from simclinic.scenario import Scenario
from simclinic.scenario.distributions import Distribution


@dataclass(frozen=True)
class Returns:
    """Returns after the last infusion of a series, or after a booster.

    Attributes
    ----------
    share
        Share of patients who ever return.
    distribution
        Days from the end of the infusion to the relapse, of patients who return, as in the scenario without
        `never`.
    within
        Days after which no patient returns: the distribution is truncated there.
    """

    share: float
    distribution: Distribution
    within: float

    def by(self, days: float) -> float:
        """Return the share of all patients who have relapsed within some days, and will return."""
        reached, most = distributions.cdf(self.distribution, np.array([min(days, self.within), self.within]))
        return float(self.share * reached / most)


@dataclass(frozen=True)
class TrueValues:
    """The values behind an export.

    Attributes
    ----------
    starts_per_week
        New series per week (first infusions), if no patient is turned away, averaged over whole years.
    drop_out
        Share of patients with infusion k who do not come for the next, k = 1 to the last but one.
    completes
        Share of series that are completed.
    no_show, late_cancel
        Shares of appointments due.
    after_series
        Returns after a completed series, of responders and others.
    after_booster
        Returns after a booster.
    visit_minutes
        Mean minutes from the first step to departure without waits, by infusion of the series.
    booster_minutes
        The same for the first booster.
    delays
        Delays between relapse and booster in an export.
    """

    starts_per_week: float
    drop_out: tuple[float, ...]
    completes: float
    no_show: float
    late_cancel: float
    after_series: Returns
    after_booster: Returns
    visit_minutes: tuple[float, ...]
    booster_minutes: float
    delays: tuple[str, ...]


def true_values(scenario: Scenario) -> TrueValues:
    """Compute the true values of a scenario.

    Raises
    ------
    ValueError
        If a quantity has no single true value (growth, two protocols, a stop rule, scheduled boosters …).
    """
    troubles = [what for what, there in _troubles(scenario).items() if there]
    if troubles:
        raise ValueError(f"no single true value with {', '.join(troubles)}")
    (name,) = (name for name, share in scenario.demand.protocol_mix.items() if share > 0)
    protocol = scenario.protocols[name]
    intake, response, boosters = scenario.intake, scenario.response, scenario.boosters
    attendance, relapse = scenario.attendance, scenario.relapse
    lost = _lost(scenario)
    comes = (1 - intake.contraindicated) * (1 - intake.consult_no_show) * intake.accepts
    drop_out = tuple(
        1 - (1 - response.drop_out[min(k, len(response.drop_out) - 1)]) * (1 - lost)
        for k in range(protocol.infusions - 1)
    )
    responds = min(response.probability * protocol.response_ratio, 1.0)
    series, booster = (
        float(distributions.cdf(distribution, np.array([float(relapse.follow_up_days)]))[0])
        for distribution in (relapse.days, boosters.days)
    )
    return TrueValues(
        starts_per_week=scenario.demand.referrals_per_week * comes * (1 - lost),
        drop_out=drop_out,
        completes=float(np.prod([1 - share for share in drop_out])),
        no_show=attendance.no_show,
        late_cancel=attendance.late_cancel,
        after_series=Returns(
            responds * boosters.uptake * series, _certain(relapse.days), float(relapse.follow_up_days)
        ),
        after_booster=Returns(
            (1 - boosters.attrition) * booster, _certain(boosters.days), float(relapse.follow_up_days)
        ),
        visit_minutes=tuple(_minutes(scenario, k, first=k == 1) for k in range(1, protocol.infusions + 1)),
        booster_minutes=_minutes(scenario, protocol.infusions + 1, first=False),
        delays=_delays(scenario),
    )


def _troubles(scenario: Scenario) -> dict[str, bool]:
    demand, boosters = scenario.demand, scenario.boosters
    return {
        "growth": demand.growth_per_year != 0,
        "changes": bool(scenario.changes),
        "replayed referrals": demand.referrals is not None,
        "several protocols": sum(share > 0 for share in demand.protocol_mix.values()) != 1,
        "a stop rule": scenario.response.stop_rule is not None,
        "walk-in": scenario.booking.mode == "walk-in",
        "scheduled boosters": boosters.policy != "as-needed",
        "boosters of several infusions": boosters.infusions != 1,
        "lengthening": boosters.lengthening != 1,
    }


def _lost(scenario: Scenario) -> float:
    """Return the share of patients who miss the next infusion of a series and do not rebook it.

    An attempt is missed with probability m and then rebooked with r: m (1 - r) (1 + m r + (m r)^2 + …).
    """
    attendance = scenario.attendance
    missed = attendance.no_show + attendance.late_cancel
    return missed * (1 - attendance.rebooks) / (1 - missed * attendance.rebooks)


def _certain(distribution: Distribution) -> Distribution:
    return distribution.model_copy(update={"never": 0.0})


def _minutes(scenario: Scenario, infusion: int, *, first: bool) -> float:
    """Return the mean minutes of all steps with the patient present, including complications."""
    visit = scenario.visit
    present = {name: step for name, step in visit.steps.items() if step.patient}
    minutes = sum(distributions.mean(step.minutes) for step in present.values())
    if first:
        minutes += sum(step.first_visit_extra_minutes for step in present.values())
    for complication in visit.complications.values():
        last = complication.to_infusion
        due = complication.from_infusion <= infusion and (last is None or infusion <= last)
        if due and complication.step in present:
            minutes += complication.probability * distributions.mean(complication.extra_minutes)
    return minutes


def _delays(scenario: Scenario) -> tuple[str, ...]:
    boosters, booking = scenario.boosters, scenario.booking
    round_the_clock = len(scenario.clinic.hours) == 7 and all(
        span.minutes == 1440 for span in scenario.clinic.hours.values()
    )
    there = {
        "check-ins": boosters.self_report < 1,
        "notice": booking.booster_notice_days > 0,
        "closed days and nights": not round_the_clock,
        "missed boosters": scenario.attendance.rebooks_booster < 1,
    }
    return tuple(name for name, yes in there.items() if yes)
