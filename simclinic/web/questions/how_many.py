"""*How many can we take?*: `simclinic intake`.

Options are the arguments of the command by their names, and targets by the key figure: `target.balked_share` is
`<=2%`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simclinic.scenario import Scenario
from simclinic.web.answers import Finished, Interim, Options, Working

TARGET = "target."
"""How the name of an option begins that is a target."""


def targets_of(options: Options) -> list[str]:
    """List the targets among options, as `--target` takes them."""
    return [
        f"{name.removeprefix(TARGET)}{value}" for name, value in options.items() if name.startswith(TARGET)
    ]


def command(file: str, options: Options) -> list[str]:
    """Write the command."""
    words = ["intake", file]
    for target in targets_of(options):
        words += ["--target", target]
    return words + [f"--{name}={value}" for name, value in options.items() if not name.startswith(TARGET)]


def answer(scenario: Scenario, options: Options, working: Working) -> Finished:
    """Simulate rising levels of referrals, and show each when it is settled."""
    from simclinic.scenario.copies import with_overrides
    from simclinic.scenario.overrides import target_overrides
    from simclinic.studies import intake as study
    from simclinic.studies.run_options import RunOptions, Step
    from simclinic.web.searching import Searching, Trying

    targets = targets_of(options)
    asked = with_overrides(scenario, target_overrides(targets)) if targets else scenario
    first, step = share(options.get("from"), study.FIRST), share(options.get("step"), study.STEP)
    alpha, at_most = (
        float(options.get("alpha", study.ALPHA)),
        int(options.get("at-most", study.AT_MOST)),
    )
    currency = scenario.finance.currency
    trying, searching = Trying(working, currency), Searching(working, currency)

    def watch(step: Step) -> None:
        trying.watch(step)
        searching.plan(step)

    def show(document: Mapping[str, Any]) -> None:
        working.show(Interim(list(document["answer"]), document))

    finished = study.intake(
        asked,
        first=first,
        step=step,
        alpha=alpha,
        at_most=at_most,
        options=RunOptions(
            arguments={
                "scenario": working.file,
                "target": targets,
                "set": [],
                "from": first,
                "step": step,
                "alpha": alpha,
                "at_most": at_most,
                "seed": scenario.run.seed,
                "mix_versions": False,
            },
            progress=searching.progress,
            executor=working.executor,
            watch=watch,
            look=trying.look,
        ),
        show=show,
    )
    searching.end(sum(level["replications"] for level in finished.document["levels"]))
    lines = [f"{name}: {failure.error}" for name, failure in finished.failures]
    return Finished(finished.document, finished.folder, lines)


def share(written: str | None, default: float) -> float:
    """Read `5%`, as the command line does."""
    return default if written is None else float(written.removesuffix("%")) / 100
