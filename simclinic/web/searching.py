"""A search as a job: candidates are tried one after another, until one keeps all limits."""

from __future__ import annotations

from dataclasses import dataclass

from simclinic.report.text.glance import glance
from simclinic.results.run import RunDocument
from simclinic.studies.run_options import Step
from simclinic.web.answers import Interim, Working


@dataclass(slots=True)
class Trying:
    """What a study of several plans is doing now: which plan it simulates, and the first figures of that one.

    Attributes
    ----------
    working
        Where it is said.
    currency
        Of amounts.
    """

    working: Working
    currency: str
    _says: str = ""

    def watch(self, step: Step) -> None:
        """Say what is tried now."""
        self._says = step.says
        self.working.say([step.says])

    def look(self, document: RunDocument) -> None:
        """Show the first figures of what is tried now."""
        self.working.say([self._says, glance(document, self.currency)])


@dataclass(slots=True)
class Searching:
    """What a search has done, added up over its candidates.

    Each candidate counts its own replications from those that were stored before. Only what is simulated now is
    counted here, so that the time that is left follows from it; planned is what may be needed at most.

    Attributes
    ----------
    working
        Where it is said.
    currency
        Of amounts.
    made, most
        Replications that were simulated, and those that may still follow.
    """

    working: Working
    currency: str
    made: int = 0
    most: int = 0
    _last: int | None = None

    def progress(self, done: int, _planned: int) -> None:
        """Take over the progress of one candidate."""
        if self._last is not None and done == self._last + 1:
            self.made += 1
            self.most = max(self.most - 1, 0)
        self._last = done
        # Beyond what was planned, nobody knows how much is left: no time is said.
        self.working.progress(self.made, self.made + self.most if self.most else 0)

    def look(self, document: RunDocument) -> None:
        """Show the first figures of what is tried now."""
        self.working.say([glance(document, self.currency)])

    def plan(self, step: Step) -> None:
        """Begin a candidate, and take over how many replications may follow at most."""
        self.most, self._last = step.most, None
        if step.most or self.made:
            self.working.progress(self.made, self.made + self.most if self.most else 0)

    def watch(self, step: Step) -> None:
        """Show how far the search is."""
        self.working.say([])
        document = {
            "settled": [
                {"name": each.name, "state": each.state, "misses": list(each.misses)} for each in step.settled
            ]
        }
        self.working.show(Interim([step.says], document))
        self.plan(step)

    def end(self, replications: int) -> None:
        """Say how many replications the answer rests on."""
        self.working.progress(replications, replications)
