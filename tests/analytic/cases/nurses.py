"""Chairs and a nurse: two queues that hold each other up, solved as Markov chains."""

import math
from functools import cached_property

import numpy as np

from tests.analytic import recursions
from tests.analytic.cases.case import Case, in_order_of_arrival, lengths_by_step, window
from tests.analytic.theory.chairs_and_nurses import Clinic


class NurseCase(Case):
    """A visit of several exponential steps in one chair.

    Parameters
    ----------
    whole
        Whether the visit has all five steps. Hands are needed again at the end then, and the recursion is a
        small event loop, one clinic at a time.
    """

    def __init__(self, name: str, *, whole: bool, **size: int) -> None:
        super().__init__(name, **size)
        self.whole = whole

    @property
    def chairs(self) -> int:
        return self.scenario.clinic.chairs

    @property
    def nurses(self) -> int:
        return self.scenario.shifts["always"].nurses

    @property
    def watching(self) -> dict[str, int]:
        """Shares of attention there are, and that an infusion and a recovery take."""
        if not self.whole:
            return {}
        per_nurse = [self.scenario.visit.steps[name].patients_per_nurse for name in ("visit", "recovery")]
        shares = math.lcm(*per_nurse)
        heavy, light = (shares // patients for patients in per_nurse)
        return {"eyes": shares * self.nurses, "heavy": heavy, "light": light}

    @property
    def means(self) -> list[float]:
        return [step.minutes.mean for step in self.scenario.visit.steps.values()]

    @cached_property
    def exact(self):
        clinic = Clinic(self.rate, self.chairs, self.nurses, *self.means, **self.watching)
        assert clinic.cut_off < 1e-12
        exact = {
            "chair utilisation": clinic.chair_utilisation,
            "P(wait for chair)": clinic.p_wait_for_chair,
            "mean wait for chair (min)": clinic.mean_wait_for_chair,
            "mean wait for hands (min)": clinic.mean_wait_for_hands,
        }
        return exact | ({"mean wait for eyes (min)": clinic.mean_wait_for_eyes} if self.whole else {})

    def sums(self, for_chair, for_hands, for_eyes, held, elapsed):
        count = len(held) + 0.0 * held.sum(axis=0)
        sums = {
            "chair utilisation": (held.sum(axis=0), self.chairs * elapsed),
            "P(wait for chair)": ((for_chair > 0).sum(axis=0), count),
            "mean wait for chair (min)": (for_chair.sum(axis=0), count),
            "mean wait for hands (min)": (for_hands.sum(axis=0), count),
            "mean wait for eyes (min)": (for_eyes.sum(axis=0), count),
        }
        return {name: sums[name] for name in self.exact}

    def follow(self, arrivals, lengths):
        """Waits for chair, hands and eyes, and the moment the chair is free, by the recursion."""
        if not self.whole:
            preparation, infusion = lengths
            seated, begun = recursions.chair_then_hands(
                arrivals, preparation, infusion, self.chairs, self.nurses
            )
            free = begun + preparation + infusion
            return seated - arrivals, begun - seated, np.zeros_like(begun), free, seated
        together = np.stack(lengths, axis=1)
        times = recursions.whole_visit(arrivals, together, self.chairs, self.nurses, **self.watching)
        seated, *begun = times.T
        ended = [start + minutes for start, minutes in zip(begun, lengths, strict=True)]
        for_hands = (begun[0] - seated) + (begun[3] - ended[2])
        return seated - arrivals, for_hands, begun[1] - ended[0], ended[4], seated

    def fast(self, share: float = 1.0):
        rng = self.rng()
        copies = round(self.copies * share)
        if not self.whole:
            return self.copy(rng, (self.patients, copies))
        rows = [self.copy(rng, (self.patients,)) for _ in range(copies)]
        return {
            name: tuple(np.array([row[name][part] for row in rows]) for part in (0, 1)) for name in self.exact
        }

    def copy(self, rng, shape):
        arrivals = np.cumsum(rng.exponential(1.0 / self.rate, shape), axis=0)
        lengths = [rng.exponential(mean, shape) for mean in self.means]
        for_chair, for_hands, for_eyes, free, seated = self.follow(arrivals, lengths)
        warm = self.patients // 5
        return self.sums(
            for_chair[warm:],
            for_hands[warm:],
            for_eyes[warm:],
            (free - seated)[warm:],
            arrivals[-1] - arrivals[warm - 1],
        )

    def measured(self, records):
        inside, elapsed = window(records)
        visits = {name: column[inside] for name, column in records.visits.items()}
        held = visits["chair_free"] - visits["chair_from"]
        return self.sums(visits["wait_chair"], visits["wait_hands"], visits["wait_eyes"], held, elapsed)

    def both(self, draws, records):
        coming = in_order_of_arrival(draws)
        arrivals, lengths = draws.ready[coming], lengths_by_step(draws, coming).T
        for_chair, for_hands, for_eyes, free, seated = self.follow(arrivals, list(lengths))
        visits = records.visits
        done = free < records.end
        yield "patient", visits["patient"].astype(float), coming.astype(float)
        yield "seated", visits["chair_from"], np.where(seated < records.end, seated, np.nan)
        yield "chair free", visits["chair_free"], np.where(done, free, np.nan)
        yield "for chair", visits["wait_chair"][done], for_chair[done]
        yield "for hands", visits["wait_hands"][done], for_hands[done]
        yield "for eyes", visits["wait_eyes"][done], for_eyes[done]


NURSES = [
    NurseCase("chairs-and-a-nurse", whole=False, half_minute=500, copies=3000, patients=4000),
    NurseCase("the-whole-visit", whole=True, half_minute=600, copies=750, patients=6000),
]
