"""*One more of each*: `simclinic bottleneck`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simclinic.scenario import Scenario
from simclinic.web.answers import Finished, Interim, Options, Working


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    return ["bottleneck", file, *(f"--{name}={value}" for name, value in options.items())]


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Simulate the plan as it is and each change of it, and show each change when it is known."""
    from simclinic.studies.bottleneck import bottleneck, with_replications
    from simclinic.studies.run_options import RunOptions
    from simclinic.web.searching import Trying

    given, trying = options.get("replications"), Trying(working, scenario.finance.currency)
    plan = with_replications(scenario, None if given is None else int(given), None)

    working.say(["One more and one fewer of each are put together."])

    def show(document: Mapping[str, Any]) -> None:
        good = False if document["verdict"] == "not-stable" else None
        working.show(Interim(list(document["answer"]), document, good))

    finished = bottleneck(
        plan,
        RunOptions(
            arguments={
                "scenario": working.file,
                "target": [],
                "set": [],
                "replications": plan.run.replications,
                "seed": plan.run.seed,
                "mix_versions": False,
            },
            progress=working.progress,
            executor=working.executor,
            watch=trying.watch,
            look=trying.look,
        ),
        show=show,
    )
    lines = [f"{name}: {failure.error}" for name, failure in finished.failures]
    return Finished(finished.document, finished.folder, lines)
