"""Boosters in a clinic without queues: the renewal equation, from the day the clinic opened."""

from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import stats

from simclinic.records import BOOSTER, DAY
from simclinic.scenario.distributions import Lognormal
from tests.analytic import recursions
from tests.analytic.cases.case import Case, in_order_of_arrival
from tests.analytic.theory import renewal

WINDOW = 4
"""Weeks over which requests are added up for the variance."""

Span = tuple[int, int]


class BoosterCase(Case):
    """A clinic in which everybody is served at once, with one protocol and visits of one length.

    Parameters
    ----------
    early, late
        Weeks since the opening between which requests are counted: while the clinic fills, and later.
    """

    def __init__(self, name: str, *, early: Span = (4, 26), late: Span = (104, 156), **size: int) -> None:
        super().__init__(name, **size)
        self.early, self.late = early, late
        self.names = {
            early: f"requests a week, weeks {early[0]}-{early[1]}",
            late: f"requests a week, weeks {late[0]}-{late[1]}",
            "variance": f"variance of {WINDOW}-week totals, weeks {late[0]}-{late[1]}",
            "reported": f"reported at once, share, weeks {late[0]}-{late[1]}",
            "series": f"series infusions a week, weeks {late[0]}-{late[1]}",
        }

    @property
    def visit(self) -> float:
        """Minutes of every visit."""
        return self.scenario.visit.steps["visit"].minutes.value

    @property
    def gap(self) -> float:
        """Minutes from one arrival of a series to the next: walk-in patients come after the fewest days."""
        days = self.scenario.protocols["single"].gap_days
        return 0.0 if days is None else days[0] * DAY

    @property
    def coming(self) -> np.ndarray:
        """Share of patients who come to each infusion of the series."""
        shares = self.scenario.response.drop_out
        infusions = self.scenario.protocols["single"].infusions
        stay = [1.0 - shares[min(k, len(shares) - 1)] for k in range(infusions - 1)]
        return np.cumprod([1.0, *stay])

    @property
    def series(self) -> float:
        """Minutes from the first arrival to the end of a completed series."""
        return (len(self.coming) - 1) * self.gap + self.visit

    @cached_property
    def theory(self) -> renewal.Programme:
        rules = self.scenario.boosters
        return renewal.Programme(
            rate=self.rate * DAY * self.coming[-1] * self.scenario.response.probability,
            relapse=_time_distribution(self.scenario.relapse.days),
            booster=_time_distribution(rules.days),
            check_in=rules.check_in_days,
            self_report=rules.self_report,
            follow_up=self.scenario.relapse.follow_up_days,
            uptake=rules.uptake,
            attrition=rules.attrition,
            visit=self.visit / DAY,
            lengthening=rules.lengthening,
            horizon=self.weeks * 7.0,
        )

    @property
    def weeks(self) -> int:
        run = self.scenario.run
        return run.warm_up_weeks + run.weeks

    @property
    def windows(self) -> np.ndarray:
        """Edges of the windows of the variance, in weeks since the opening."""
        return np.arange(self.late[0], self.late[1] + 1, WINDOW)

    @cached_property
    def expected(self) -> np.ndarray:
        """Mean of each window's total."""
        edges = self.windows * 7.0
        return np.array([self.theory.mean(a, b, self.series / DAY) for a, b in pairwise(edges)])

    @cached_property
    def exact(self):
        opened = self.series / DAY  # no series can end before
        exact = {
            self.names[span]: self.theory.mean(span[0] * 7.0, span[1] * 7.0, opened) / (span[1] - span[0])
            for span in (self.early, self.late)
        }
        exact[self.names["series"]] = self.scenario.demand.referrals_per_week * float(self.coming.sum())
        if self.theory.lengthening != 1.0:
            return exact
        begin, end = (week * 7.0 for week in self.late)
        reported = self.theory.mean(begin, end, opened, reported=True) / self.theory.mean(begin, end, opened)
        edges = self.windows * 7.0
        variances = [self.theory.variance(a, b, opened) for a, b in pairwise(edges)]
        return exact | {
            self.names["reported"]: reported,
            self.names["variance"]: float(np.mean(variances)),
        }

    def sums(self, requests: np.ndarray, reported: np.ndarray, infusions: np.ndarray):
        """Sums above and below the line, from weekly requests, those reported at once, and infusions."""

        def over(weekly, span):
            return weekly[..., slice(*span)].sum(axis=-1), np.full(weekly.shape[:-1], span[1] - span[0])

        sums = {self.names[span]: over(requests, span) for span in (self.early, self.late)}
        sums[self.names["series"]] = over(infusions, self.late)
        sums[self.names["reported"]] = over(reported, self.late)[0], over(requests, self.late)[0]
        late = requests[..., slice(*self.late)]
        totals = late.reshape(*late.shape[:-1], len(self.expected), WINDOW).sum(axis=-1)
        deviations = ((totals - self.expected) ** 2).sum(axis=-1)
        sums[self.names["variance"]] = deviations, np.full(late.shape[:-1], len(self.expected))
        return {name: sums[name] for name in self.exact}

    def fast(self, share: float = 1.0):
        rng = self.rng()
        count = max(1, round(self.copies * share) // 1000)
        blocks = [self.sums(*self.block(rng, 1000)) for _ in range(count)]
        return {
            name: tuple(np.concatenate([block[name][part] for block in blocks]) for part in (0, 1))
            for name in self.exact
        }

    def block(self, rng: np.random.Generator, copies: int) -> tuple[np.ndarray, ...]:
        """Requests, those reported at once, and series infusions by copy and week."""
        span = self.weeks * 7.0 * DAY
        counts = rng.poisson(self.rate * span, copies)
        copy = np.repeat(np.arange(copies), counts)
        arrivals = rng.random(len(copy)) * span
        given = np.searchsorted(-self.coming, -rng.random(len(copy)))
        completed = given == len(self.coming)
        infusions = sum(
            self.by_week(copy[given > k], arrivals[given > k] + k * self.gap, copies)
            for k in range(len(self.coming))
        )
        responds = completed & (rng.random(len(copy)) < self.scenario.response.probability)
        copy, ends = copy[responds], arrivals[responds] + self.series
        first, later = self.scenario.relapse.days, self.scenario.boosters.days
        rules = self.scenario.boosters

        def follows(patients, course):
            distribution = first if course == 0 else later
            stretch = rules.lengthening ** max(course - 1, 0)
            days = np.where(
                rng.random(len(patients)) < distribution.never,
                np.inf,
                _drawn(distribution, rng, len(patients)),
            )
            reported = rng.random(len(patients)) < rules.self_report
            return days * DAY * stretch, reported, rng.random(len(patients)) < rules.attrition

        requests, reports = np.zeros((copies, self.weeks)), np.zeros((copies, self.weeks))
        for patients, asked, relapsed in recursions.boosters(
            ends,
            follows,
            lambda patients, course: self.visit,
            check_in=rules.check_in_days * DAY,
            follow_up=self.scenario.relapse.follow_up_days * DAY,
            uptake=rng.random(len(ends)) < rules.uptake,
            until=span,
        ):
            requests += self.by_week(copy[patients], asked, copies)
            at_once = asked == relapsed
            reports += self.by_week(copy[patients][at_once], asked[at_once], copies)
        return requests, reports, infusions

    def by_week(self, copy: np.ndarray, moments: np.ndarray, copies: int) -> np.ndarray:
        """Count moments, in minutes since the opening, by copy and week."""
        week = (moments // (7 * DAY)).astype(int)
        inside = week < self.weeks
        cells = copy[inside] * self.weeks + week[inside]
        return np.bincount(cells, minlength=copies * self.weeks).reshape(copies, self.weeks).astype(float)

    def measured(self, records):
        visits, opened = records.visits, records.first_day * DAY
        boosters = visits["kind"] == BOOSTER
        at_once = boosters & (visits["requested"] == visits["relapsed"])
        asked, infused = visits["requested"] - opened, visits["chair_from"] - opened
        chosen = asked[boosters], asked[at_once], infused[~boosters]
        return self.sums(*(self.by_week(np.zeros(len(one), int), one, 1)[0] for one in chosen))

    def both(self, draws, records):
        coming = in_order_of_arrival(draws)
        arrivals, stops = draws.ready[coming], np.array(draws.ends_after)[coming]
        infusions = np.concatenate(
            [arrivals[(stops == 0) | (stops > k)] + k * self.gap for k in range(len(self.coming))]
        )
        stays = (stops == 0) & draws.responder[coming]
        coming, ends = coming[stays], arrivals[stays] + self.series
        coming, ends = coming[ends < records.end], ends[ends < records.end]

        def follows(patients, course):
            messages = [draws.after_course(one, course) for one in coming[patients].tolist()]
            days, reported, leaves = map(np.array, zip(*messages, strict=True))
            return days * DAY, reported, leaves

        def minutes(patients, course):
            rows = [draws.booster_row(one, course) for one in coming[patients].tolist()]
            return np.array([draws.boosters.minutes(row)[0] for row in rows])

        requests = recursions.boosters(
            ends,
            follows,
            minutes,
            check_in=self.scenario.boosters.check_in_days * DAY,
            follow_up=self.scenario.relapse.follow_up_days * DAY,
            uptake=np.array(draws.uptake)[coming],
            until=records.end,
        )
        expected = np.array(
            sorted(
                (moment, coming[one], course, relapse)
                for course, (patients, *times) in enumerate(requests, start=1)
                for one, moment, relapse in zip(
                    patients.tolist(), *map(np.ndarray.tolist, times), strict=True
                )
            )
        )
        visits = records.visits
        boosters = visits["kind"] == BOOSTER
        result = np.array(
            sorted(
                zip(
                    visits["requested"][boosters].tolist(),
                    visits["patient"][boosters].tolist(),
                    visits["course"][boosters].tolist(),
                    visits["relapsed"][boosters].tolist(),
                    strict=True,
                )
            )
        )
        yield "series", visits["arrived"][~boosters], np.sort(infusions[infusions < records.end])
        yield "requested", result[:, 0], expected[:, 0]
        yield "by patient", result[:, 1], expected[:, 1]
        yield "course", result[:, 2], expected[:, 2]
        yield "relapsed", result[:, 3], expected[:, 3]
        yield "given at once", visits["chair_from"][boosters], visits["requested"][boosters]


def _time_distribution(distribution) -> renewal.TimeDistribution:
    """What theory needs of a distribution of the scenario, by scipy.stats."""
    if isinstance(distribution, Lognormal):
        known = stats.lognorm(distribution.sigma, scale=np.exp(distribution.mu))
        # E[D; D <= x] is E[D] times the distribution function of the distribution weighted by length.
        weighted = stats.lognorm(
            distribution.sigma, scale=np.exp(distribution.mu + distribution.sigma**2)
        ).cdf
    else:
        known = stats.weibull_min(distribution.shape, scale=distribution.scale)
        power = stats.gamma(1.0 + 1.0 / distribution.shape)
        weighted = lambda x: power.cdf((x / distribution.scale) ** distribution.shape)  # noqa: E731
    return renewal.TimeDistribution(
        known.sf, lambda x: known.mean() * weighted(x) + x * known.sf(x), distribution.never
    )


def _drawn(distribution, rng: np.random.Generator, count: int) -> np.ndarray:
    if isinstance(distribution, Lognormal):
        return rng.lognormal(distribution.mu, distribution.sigma, count)
    return distribution.scale * rng.weibull(distribution.shape, count)


BOOSTERS = [
    BoosterCase("boosters-lognormal", half_minute=450, copies=30000),
    BoosterCase("boosters-weibull", half_minute=500, copies=30000),
    BoosterCase("boosters-further-apart", half_minute=600, copies=5000),
]
