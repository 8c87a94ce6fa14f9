"""Chairs, hands and eyes together, small enough to be an exact Markov chain.

A visit with exponential steps: preparation (hands-on), infusion (watched, or left alone), perhaps discharge
(hands-on again), the chair held throughout. The rules are the clinic's: chairs first come, first served;
hands in order of asking, whatever the step; a watch is asked for when the hands are released and kept until
the next step begins. Every state that can be reached is listed, and the balance equations are solved.

A state is (queue, hands, eyes, watched): patients without a chair; the tasks that ask for hands in order of
asking, "p" or "d", the first `nurses` of them under way; patients who wait for eyes; patients in their
infusion.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

State = tuple[int, str, int, int]


@dataclass(frozen=True)
class Clinic:
    """A small walk-in clinic.

    Attributes
    ----------
    rate
        Arrivals per minute.
    chairs, nurses
        Whole numbers.
    preparation, infusion, discharge
        Mean minutes, exponential; a discharge of 0 is no step.
    eyes
        Patients who can be watched at the same time: nurses times patients per nurse; None: nobody need
        watch.
    places
        Where the queue is cut off: far enough out that it hardly ever gets there.
    """

    rate: float
    chairs: int
    nurses: int
    preparation: float
    infusion: float
    discharge: float = 0.0
    eyes: int | None = None
    places: int = 250

    def settle(self, queue: int, hands: str, eyes: int, watched: int) -> State:
        """Do at once what nothing forbids: take a free chair, begin to watch."""
        while queue and len(hands) + eyes + watched < self.chairs:
            queue, hands = queue - 1, hands + "p"
        while eyes and self.may_watch(hands, watched):
            eyes, watched = eyes - 1, watched + 1
        return queue, hands, eyes, watched

    def may_watch(self, hands: str, watched: int) -> bool:
        # Whoever waits in the chair for the discharge is still watched.
        return self.eyes is None or watched + hands[self.nurses :].count("d") < self.eyes

    def moves(self, state: State) -> Iterator[tuple[float, State]]:
        """Everything that can happen next, with its rate per minute."""
        queue, hands, eyes, watched = state
        if queue < self.places:
            yield self.rate, self.settle(queue + 1, hands, eyes, watched)
        for k, task in enumerate(hands[: self.nurses]):
            others = hands[:k] + hands[k + 1 :]
            if task == "p":
                yield 1.0 / self.preparation, self.settle(queue, others, eyes + 1, watched)
            else:
                yield 1.0 / self.discharge, self.settle(queue, others, eyes, watched)
        if watched:
            asking = hands + "d" if self.discharge else hands
            yield watched / self.infusion, self.settle(queue, asking, eyes, watched - 1)

    @cached_property
    def stationary(self) -> dict[State, float]:
        """Probability of every state."""
        index: dict[State, int] = {(0, "", 0, 0): 0}
        states = list(index)
        entries: list[tuple[int, int, float]] = []
        for state in states:  # grows while it is walked
            for rate, after in self.moves(state):
                if after not in index:
                    index[after] = len(states)
                    states.append(after)
                entries.append((index[after], index[state], rate))
                entries.append((index[state], index[state], -rate))
        rows, columns, rates = map(np.array, zip(*entries, strict=True))
        balance = sparse.coo_array((rates, (rows, columns)), shape=(len(states), len(states))).tolil()
        balance[0, :] = 1.0  # one balance equation follows from the others: the total takes its place
        total = np.zeros(len(states))
        total[0] = 1.0
        return dict(zip(states, spsolve(balance.tocsc(), total), strict=True))

    def mean(self, value: Callable[[int, str, int, int], float]) -> float:
        """Long-run mean of a function of the state."""
        return float(sum(p * value(*state) for state, p in self.stationary.items()))

    @property
    def cut_off(self) -> float:
        """Probability of the last place of the queue: what the cut can have cost."""
        return self.mean(lambda queue, *_: queue == self.places)

    @property
    def mean_wait_for_chair(self) -> float:
        """In minutes, of all patients (Little's law)."""
        return self.mean(lambda queue, *_: queue) / self.rate

    @property
    def mean_wait_for_hands(self) -> float:
        """In minutes a visit, over both hands-on steps."""
        return self.mean(lambda _, hands, *__: len(hands[self.nurses :])) / self.rate

    @property
    def mean_wait_for_eyes(self) -> float:
        """In minutes a visit."""
        return self.mean(lambda _, __, eyes, ___: eyes) / self.rate

    @property
    def p_wait_for_chair(self) -> float:
        """Share of arrivals who find no free chair (arrivals see time averages)."""
        return self.mean(lambda _, hands, eyes, watched: len(hands) + eyes + watched == self.chairs)

    @property
    def chair_utilisation(self) -> float:
        return self.mean(lambda _, hands, eyes, watched: len(hands) + eyes + watched) / self.chairs
