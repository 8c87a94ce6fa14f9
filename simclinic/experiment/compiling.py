"""Compiling the second engine before a study, or beside it.

A study that asks for the compiled engine has it compiled before it starts workers, once for all of them. A study
that leaves the choice has it compiled by a process of its own if what is ahead takes several times as long; until
then its replications are simulated with SimPy. All replications have the same results either way.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

from simclinic.errors import SimclinicError
from simclinic.model.engines import engine_of
from simclinic.model.fast import compiled
from simclinic.model.fast.timetable import not_covered
from simclinic.scenario import Scenario

LONG = 250.0
"""Seconds of simulation, on one processor, from which compiling pays: it takes about 60 itself."""


class Compiler:
    """Compiles the engine for the studies of one executor.

    Attributes
    ----------
    announce
        Called with a sentence when compiling begins, or if a study that asks for the engine does not get it.
    """

    def __init__(self) -> None:
        self.announce: Callable[[str], None] = lambda _: None
        self._said: set[str] = set()
        self._ahead = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def before(self, scenario: Scenario, seconds: float, workers: int) -> None:
        """Compile the engine, or begin to, if a scenario will need it.

        Parameters
        ----------
        scenario
            What is simulated.
        seconds
            About how long SimPy would take for it, on one processor.
        workers
            How many processes simulate.

        Raises
        ------
        SimclinicError
            If the scenario asks for the engine, and it cannot be compiled, or not kept for the workers.
        """
        if scenario.run.engine == "fast":
            chosen = engine_of(scenario)
            if chosen.name == "simpy":
                self._say(f"Simulated with SimPy: {chosen.reason}.")
            elif not compiled.is_warm():
                self._now(workers)
        elif scenario.run.engine == "auto":
            self._ahead += seconds
            if self._ahead >= LONG and self._process is None:
                self._beside(scenario)

    def _beside(self, scenario: Scenario) -> None:
        """Begin to compile in a process of its own, if that can help."""
        if (
            compiled.available()
            and not compiled.is_warm()
            and not_covered(scenario) is None
            and compiled.why_not_kept() is None
        ):
            self._say("Compiling the second engine meanwhile: it simulates as soon as it is ready.")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "simclinic", "warm"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )

    def _now(self, workers: int) -> None:
        """Compile before workers start, so that workers load what is kept."""
        why = compiled.why_not_kept()
        if workers > 1 and why is not None:
            raise SimclinicError(
                f"each worker would compile the engine, since it cannot be kept in {compiled.cache_file().parent} "
                f"({why}): set SIMCLINIC_CACHE to a folder that may be written, or use one worker"
            )
        self._say("Compiling the second engine, which takes about a minute, once.")
        compiled.compiled_run()

    def _say(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.announce(sentence)

    def stop(self) -> None:
        """End the process that compiles, if there is one."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
        self._process = None
