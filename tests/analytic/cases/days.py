"""Arrivals with a steep profile over the day: waits for few chairs, occupancy of as many as wanted."""

from functools import cached_property

import numpy as np
from scipy import stats

from simclinic.records import DAY
from tests.analytic import recursions
from tests.analytic.cases.case import Case, in_order_of_arrival, lengths_by_step, window
from tests.analytic.theory import profile

PEAK = range(8, 10)


class DayCase(Case):
    """Walk-in patients by the hour."""

    @property
    def chairs(self) -> int:
        return self.scenario.clinic.chairs

    @property
    def distribution(self):
        return self.scenario.visit.steps["visit"].minutes

    @property
    def rates(self) -> np.ndarray:
        """Arrivals per minute in each hour of the day."""
        weights = np.array(self.scenario.demand.hour_weights)
        return self.rate * DAY / 60.0 * weights / weights.sum()

    def arrivals(self, rng: np.random.Generator, days: int, copies: int) -> np.ndarray:
        """Poisson arrivals with the profile, by stretching time; some more than fill the days."""
        expected = np.concatenate(([0.0], np.cumsum(np.tile(self.rates * 60.0, days))))
        most = round(expected[-1] + 8.0 * np.sqrt(expected[-1]))
        unit = np.cumsum(rng.exponential(1.0, (most, copies)), axis=0)
        per_day = expected[24]
        whole, rest = np.divmod(unit, per_day)
        return whole * DAY + np.interp(rest, expected[:25], np.arange(25) * 60.0)


class WaitCase(DayCase):
    """M(t)/M/c; `patients` counts days."""

    @cached_property
    def exact(self):
        queue = profile.DailyQueue(tuple(self.rates), self.distribution.mean, self.chairs)
        assert queue.cut_off < 1e-12
        return {
            "mean wait (min)": queue.mean_wait(),
            "P(wait)": queue.p_wait(),
            "mean wait, 08:00-10:00 (min)": queue.mean_wait(PEAK),
            "P(wait), 08:00-10:00": queue.p_wait(PEAK),
            "mean wait, 12:00-13:00 (min)": queue.mean_wait(range(12, 13)),
        }

    def sums(self, arrivals, waited, counts):
        """Sums over the patients that count."""

        def over(value, hours):
            chosen = counts & (arrivals % DAY >= hours[0] * 60.0) & (arrivals % DAY < (hours[-1] + 1) * 60.0)
            return np.where(chosen, value, 0.0).sum(axis=0), chosen.sum(axis=0)

        return {
            "mean wait (min)": over(waited, range(24)),
            "P(wait)": over(waited > 0, range(24)),
            "mean wait, 08:00-10:00 (min)": over(waited, PEAK),
            "P(wait), 08:00-10:00": over(waited > 0, PEAK),
            "mean wait, 12:00-13:00 (min)": over(waited, range(12, 13)),
        }

    def fast(self, share: float = 1.0):
        rng = self.rng()
        arrivals = self.arrivals(rng, self.patients, round(self.copies * share))
        lengths = rng.exponential(self.distribution.mean, arrivals.shape)
        _, waited = recursions.queue(arrivals, lengths, self.chairs)
        # The night empties the clinic: one day is warm-up enough.
        return self.sums(arrivals, waited, (arrivals >= DAY) & (arrivals < self.patients * DAY))

    def measured(self, records):
        inside, _ = window(records)
        visits = records.visits
        return self.sums(visits["arrived"], visits["wait_chair"], inside)

    def both(self, draws, records):
        coming = in_order_of_arrival(draws)
        arrivals, lengths = draws.ready[coming], lengths_by_step(draws, coming)[:, 0]
        started, _ = recursions.queue(arrivals, lengths, self.chairs)
        yield "patient", records.visits["patient"].astype(float), coming.astype(float)
        yield "started", records.visits["step_start"][:, 0], np.where(started < records.end, started, np.nan)


class OccupancyCase(DayCase):
    """M(t)/G/infinity; `patients` counts days."""

    hours = (7, 9, 11, 14, 19)

    def limited_mean(self, x: np.ndarray) -> np.ndarray:
        """E[min(S, x)] of a lognormal length S."""
        mu, sigma = self.distribution.mu, self.distribution.sigma
        distribution = stats.lognorm(sigma, scale=np.exp(mu))
        return distribution.mean() * stats.lognorm(sigma, scale=np.exp(mu + sigma**2)).cdf(
            x
        ) + x * distribution.sf(x)

    @cached_property
    def exact(self):
        means = {
            f"patients inside at {hour:02}:00": profile.occupancy(self.rates, self.limited_mean, hour * 60.0)
            for hour in self.hours
        }
        return means | {"their variance at 11:00": means["patients inside at 11:00"]}  # Poisson

    def sums(self, inside):
        """Sums of one copy; `inside` has shape (days, hours)."""
        days = len(inside)
        deviations = inside[:, self.hours.index(11)] - self.exact["patients inside at 11:00"]
        values = [*inside.sum(axis=0), (deviations**2).sum()]
        return {name: (value, days) for name, value in zip(self.exact, values, strict=True)}

    def moments(self, first: int, end: int) -> np.ndarray:
        return (np.arange(first, end)[:, None] + np.array(self.hours) / 24.0) * DAY

    def fast(self, share: float = 1.0):
        rng = self.rng()
        rows = []
        for _ in range(round(self.copies * share)):
            arrivals = self.arrivals(rng, self.patients, 1)[:, 0]
            lengths = rng.lognormal(self.distribution.mu, self.distribution.sigma, arrivals.shape)
            rows.append(self.sums(recursions.occupied(arrivals, lengths, self.moments(2, self.patients))))
        return {
            name: tuple(np.array([row[name][part] for row in rows]) for part in (0, 1)) for name in self.exact
        }

    def counted(self, records, first: int) -> np.ndarray:
        """Patients in chairs at the moments looked at, from the tables."""
        moments = self.moments(first, records.days_measured)
        seated, gone = records.visits["chair_from"], np.sort(records.visits["chair_free"])
        return np.searchsorted(np.sort(seated), moments, "right") - np.searchsorted(
            gone[np.isfinite(gone)], moments, "right"
        )

    def measured(self, records):
        return self.sums(self.counted(records, 0))

    def both(self, draws, records):
        coming = in_order_of_arrival(draws)
        arrivals, lengths = draws.ready[coming], lengths_by_step(draws, coming)[:, 0]
        ended = arrivals + lengths
        yield "seated", records.visits["chair_from"], arrivals
        yield "chair free", records.visits["chair_free"], np.where(ended < records.end, ended, np.nan)
        moments = self.moments(records.first_day, records.days_measured)
        inside = recursions.occupied(arrivals, lengths, moments)
        yield "inside", self.counted(records, records.first_day).astype(float), inside.astype(float)


DAYS = [
    WaitCase("steep-day", half_minute=500, copies=2000, patients=41),
    OccupancyCase("chairs-for-all", half_minute=550, copies=150, patients=1000),
]
