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
    """Everybody responds, everybody is served at once.

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
        }

    @property
    def visit(self) -> float:
        """Minutes of every visit."""
        return self.scenario.visit.steps["visit"].minutes.value

    @cached_property
    def theory(self) -> renewal.Programme:
        rules = self.scenario.boosters
        return renewal.Programme(
            rate=self.rate * DAY,
            relapse=_law(self.scenario.relapse.days),
            booster=_law(rules.days),
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
        return np.array([self.theory.mean(a, b, self.visit / DAY) for a, b in pairwise(edges)])

    @cached_property
    def exact(self):
        opened = self.visit / DAY  # the first series can end when the first visit does
        exact = {
            self.names[span]: self.theory.mean(span[0] * 7.0, span[1] * 7.0, opened) / (span[1] - span[0])
            for span in (self.early, self.late)
        }
        if self.theory.lengthening != 1.0:
            return exact
        edges = self.windows * 7.0
        variances = [self.theory.variance(a, b, opened) for a, b in pairwise(edges)]
        return exact | {self.names["variance"]: float(np.mean(variances))}

    def sums(self, weekly: np.ndarray):
        """Sums above and below the line; `weekly` has shape (..., weeks since the opening)."""
        sums = {
            self.names[span]: (
                weekly[..., span[0] : span[1]].sum(axis=-1),
                np.full(weekly.shape[:-1], span[1] - span[0]),
            )
            for span in (self.early, self.late)
        }
        if self.names["variance"] in self.exact:
            late = weekly[..., self.late[0] : self.late[1]]
            totals = late.reshape(*weekly.shape[:-1], len(self.expected), WINDOW).sum(axis=-1)
            deviations = ((totals - self.expected) ** 2).sum(axis=-1)
            sums[self.names["variance"]] = deviations, np.full(weekly.shape[:-1], len(self.expected))
        return sums

    def fast(self, share: float = 1.0):
        rng = self.rng()
        count = max(1, round(self.copies * share) // 1000)
        blocks = [self.sums(self.block(rng, 1000)) for _ in range(count)]
        return {
            name: tuple(np.concatenate([block[name][part] for block in blocks]) for part in (0, 1))
            for name in self.exact
        }

    def block(self, rng: np.random.Generator, copies: int) -> np.ndarray:
        """Requests per week of some copies of the clinic; their patients are in one array, copy by copy."""
        span = self.weeks * 7.0 * DAY
        counts = rng.poisson(self.rate * span, copies)
        copy = np.repeat(np.arange(copies), counts)
        ends = rng.random(len(copy)) * span + self.visit
        first, later = self.scenario.relapse.days, self.scenario.boosters.days
        rules = self.scenario.boosters

        def follows(patients, course):
            law = first if course == 0 else later
            stretch = rules.lengthening ** max(course - 1, 0)
            days = np.where(rng.random(len(patients)) < law.never, np.inf, _drawn(law, rng, len(patients)))
            reported = rng.random(len(patients)) < rules.self_report
            return days * DAY * stretch, reported, rng.random(len(patients)) < rules.attrition

        weekly = np.zeros(copies * self.weeks)
        for patients, asked in recursions.boosters(
            ends,
            follows,
            lambda patients, course: self.visit,
            check_in=rules.check_in_days * DAY,
            follow_up=self.scenario.relapse.follow_up_days * DAY,
            uptake=rng.random(len(ends)) < rules.uptake,
            until=span,
        ):
            cells = copy[patients] * self.weeks + (asked // (7 * DAY)).astype(int)
            weekly += np.bincount(cells, minlength=len(weekly))
        return weekly.reshape(copies, self.weeks)

    def measured(self, records):
        requested = records.visits["requested"][records.visits["kind"] == BOOSTER]
        week = ((requested - records.first_day * DAY) // (7 * DAY)).astype(int)
        return self.sums(np.bincount(week, minlength=self.weeks).astype(float))

    def both(self, luck, records):
        coming = in_order_of_arrival(luck)
        ends = luck.ready[coming] + self.visit
        coming, ends = coming[ends < records.end], ends[ends < records.end]

        def follows(patients, course):
            told = [luck.after_course(one, course) for one in coming[patients].tolist()]
            days, reported, leaves = map(np.array, zip(*told, strict=True))
            return days * DAY, reported, leaves

        def minutes(patients, course):
            rows = [luck.booster_row(one, course) for one in coming[patients].tolist()]
            return np.array([luck.boosters.lengths[row][0] for row in rows])

        requests = recursions.boosters(
            ends,
            follows,
            minutes,
            check_in=self.scenario.boosters.check_in_days * DAY,
            follow_up=self.scenario.relapse.follow_up_days * DAY,
            uptake=np.array(luck.uptake)[coming],
            until=records.end,
        )
        expected = np.array(
            sorted(
                (moment, coming[one], course)
                for course, (patients, asked) in enumerate(requests, start=1)
                for one, moment in zip(patients.tolist(), asked.tolist(), strict=True)
            )
        )
        visits = records.visits
        boosters = visits["kind"] == BOOSTER
        found = np.array(
            sorted(
                zip(
                    visits["requested"][boosters].tolist(),
                    visits["patient"][boosters].tolist(),
                    visits["course"][boosters].tolist(),
                    strict=True,
                )
            )
        )
        yield "requested", found[:, 0], expected[:, 0]
        yield "by patient", found[:, 1], expected[:, 1]
        yield "course", found[:, 2], expected[:, 2]
        yield "given at once", visits["chair_from"][boosters], visits["requested"][boosters]


def _law(law) -> renewal.Law:
    """What theory needs of a law of the scenario, by scipy.stats."""
    if isinstance(law, Lognormal):
        known = stats.lognorm(law.sigma, scale=np.exp(law.mu))
        # E[D; D <= x] is E[D] times the distribution function of the law weighted by length.
        weighted = stats.lognorm(law.sigma, scale=np.exp(law.mu + law.sigma**2)).cdf
    else:
        known = stats.weibull_min(law.shape, scale=law.scale)
        power = stats.gamma(1.0 + 1.0 / law.shape)
        weighted = lambda x: power.cdf((x / law.scale) ** law.shape)  # noqa: E731
    return renewal.Law(known.sf, lambda x: known.mean() * weighted(x) + x * known.sf(x), law.never)


def _drawn(law, rng: np.random.Generator, count: int) -> np.ndarray:
    if isinstance(law, Lognormal):
        return rng.lognormal(law.mu, law.sigma, count)
    return law.scale * rng.weibull(law.shape, count)


BOOSTERS = [
    BoosterCase("boosters-lognormal", half_minute=450, copies=30000),
    BoosterCase("boosters-weibull", half_minute=500, copies=30000),
    BoosterCase("boosters-further-apart", half_minute=600, copies=5000),
]
