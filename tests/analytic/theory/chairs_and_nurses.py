"""Chairs, hands and eyes together, small enough to be an exact Markov chain.

A visit with exponential steps: preparation (hands-on), infusion (watched, or left alone), perhaps recovery
(watched more lightly), discharge (hands-on again), turnover (only the chair is held). The rules are the clinic's:
chairs first come, first served; hands in order of asking, whatever the step; a watch is asked for when the hands
are released and kept until the next step begins; lighter watching never waits. Every state that can be reached
is listed, and the balance equations are solved.

A state is (queue, hands, eyes, infusing, recovering, cleaning): patients without a chair; the tasks that ask for
hands in order of asking, "p" or "d", the first `nurses` of them under way; patients who wait for eyes; patients in
their infusion, in recovery; chairs in turnover.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

State = tuple[int, str, int, int, int, int]


@dataclass(frozen=True)
class Clinic:
    """A small walk-in clinic.

    Attributes
    ----------
    rate
        Arrivals per minute.
    chairs, nurses
        Whole numbers.
    preparation, infusion, recovery, discharge, turnover
        Mean minutes, exponential; 0 is no such step.
    eyes
        Shares of attention all nurses together have; None: nobody need watch.
    heavy, light
        Shares that watching an infusion and a recovery takes.
    places
        Where the queue is cut off: far enough out that it hardly ever gets there.
    """

    rate: float
    chairs: int
    nurses: int
    preparation: float
    infusion: float
    recovery: float = 0.0
    discharge: float = 0.0
    turnover: float = 0.0
    eyes: int | None = None
    heavy: int = 1
    light: int = 1
    places: int = 250

    def settle(
        self, queue: int, hands: str, eyes: int, infusing: int, recovering: int, cleaning: int
    ) -> State:
        """Do at once what nothing forbids: take a free chair, begin to watch."""
        while queue and len(hands) + eyes + infusing + recovering + cleaning < self.chairs:
            queue, hands = queue - 1, hands + "p"
        while eyes and self.may_watch(hands, infusing, recovering):
            eyes, infusing = eyes - 1, infusing + 1
        return queue, hands, eyes, infusing, recovering, cleaning

    def may_watch(self, hands: str, infusing: int, recovering: int) -> bool:
        """Tell whether there is attention for one more infusion."""
        if self.eyes is None:
            return True
        waiting = hands[self.nurses :].count("d")  # in the chair for the discharge, and still watched
        lightly = recovering + waiting if self.recovery else 0
        heavily = infusing if self.recovery else infusing + waiting
        return self.heavy * (heavily + 1) + self.light * lightly <= self.eyes

    def moves(self, state: State) -> Iterator[tuple[float, State]]:
        """Everything that can happen next, with its rate per minute."""
        queue, hands, eyes, infusing, recovering, cleaning = state
        asking = hands + "d" if self.discharge else hands
        cleaned = bool(self.turnover)
        if queue < self.places:
            yield self.rate, self.settle(queue + 1, hands, eyes, infusing, recovering, cleaning)
        for k, task in enumerate(hands[: self.nurses]):
            others = hands[:k] + hands[k + 1 :]
            if task == "p":
                yield (
                    1.0 / self.preparation,
                    self.settle(queue, others, eyes + 1, infusing, recovering, cleaning),
                )
            else:
                after = self.settle(queue, others, eyes, infusing, recovering, cleaning + cleaned)
                yield 1.0 / self.discharge, after
        if infusing and self.recovery:
            yield (
                infusing / self.infusion,
                self.settle(queue, hands, eyes, infusing - 1, recovering + 1, cleaning),
            )
        elif infusing:
            yield (
                infusing / self.infusion,
                self.settle(queue, asking, eyes, infusing - 1, recovering, cleaning),
            )
        if recovering:
            yield (
                recovering / self.recovery,
                self.settle(queue, asking, eyes, infusing, recovering - 1, cleaning),
            )
        if cleaning:
            yield (
                cleaning / self.turnover,
                self.settle(queue, hands, eyes, infusing, recovering, cleaning - 1),
            )

    @cached_property
    def stationary(self) -> dict[State, float]:
        """Probability of every state."""
        index: dict[State, int] = {(0, "", 0, 0, 0, 0): 0}
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

    def mean(self, value: Callable[[State], float]) -> float:
        """Long-run mean of a function of the state."""
        return float(sum(p * value(state) for state, p in self.stationary.items()))

    @property
    def cut_off(self) -> float:
        """Probability of the last place of the queue: what the cut can have cost."""
        return self.mean(lambda state: state[0] == self.places)

    @property
    def mean_wait_for_chair(self) -> float:
        """In minutes, of all patients (Little's law)."""
        return self.mean(lambda state: state[0]) / self.rate

    @property
    def mean_wait_for_hands(self) -> float:
        """In minutes a visit, over both hands-on steps."""
        return self.mean(lambda state: len(state[1][self.nurses :])) / self.rate

    @property
    def mean_wait_for_eyes(self) -> float:
        """In minutes a visit."""
        return self.mean(lambda state: state[2]) / self.rate

    @property
    def p_wait_for_chair(self) -> float:
        """Share of arrivals who find no free chair (arrivals see time averages)."""
        return self.mean(lambda state: self.held(state) == self.chairs)

    @property
    def chair_utilisation(self) -> float:
        return self.mean(self.held) / self.chairs

    @staticmethod
    def held(state: State) -> int:
        """Chairs in use."""
        _, hands, *others = state
        return len(hands) + sum(others)
