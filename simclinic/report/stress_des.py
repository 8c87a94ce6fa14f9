"""What a published simulation study has to say about itself: the twenty items of STRESS-DES, filled in.

STRESS-DES asks authors of discrete-event simulations for what others need to judge and rebuild a model. Nearly all
of it stands in the scenario, the manifest of the results folder, and the model itself; what only the authors know
(why they ask, where their own figures come from) is marked as theirs to add, and never made up.
Source: T. Monks, C. Currie, B. Onggo, S. Robinson, M. Kunc, S. Taylor, "Strengthening the reporting of empirical
simulation studies: Introducing the STRESS guidelines", Journal of Simulation 13 (2019) 55-67; items in own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simclinic.measures import KPIS
from simclinic.report.assumptions import assumptions
from simclinic.report.pages.reproduce import command
from simclinic.report.text.markdown import block, code, words
from simclinic.results.kinds import RUN, Kind, kind_of
from simclinic.scenario import Scenario
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.tables import as_tables
from simclinic.scenario.visit import Step
from simclinic.version import VERSION

AUTHORS = "**For the authors to add:**"
"""Marks what no results folder can know."""

_INTRODUCTION = (
    "The reporting checklist for discrete-event simulation studies (Monks et al. 2019, Journal of Simulation "
    f"13, 55–67), filled in by simclinic {VERSION} from a results folder. What only its authors know is marked "
    "as theirs to add."
)


@dataclass(frozen=True, slots=True)
class Study:
    """What the checklist is filled in from.

    Attributes
    ----------
    scenarios
        Resolved; the first is the base.
    manifest
        Of the results folder.
    summary
        Its `summary.json`.
    """

    scenarios: Sequence[Scenario]
    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def kind(self) -> Kind | None:
        """What kind of study it is; None if this program has no such kind."""
        return kind_of(self.manifest)

    @property
    def base(self) -> Scenario:
        """The first scenario."""
        return self.scenarios[0]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the checklist.

    Attributes
    ----------
    number, title, asks
        Which, and what it asks for.
    fill
        Writes the answer.
    """

    number: str
    title: str
    asks: str
    fill: Callable[[Study], str]


def stress_des(study: Study) -> str:
    """Write the checklist as Markdown."""
    lines = [
        f"# STRESS-DES: {words(study.base.name)}",
        "",
        _INTRODUCTION,
        "",
    ]
    for section, items in SECTIONS.items():
        lines += [f"## {section}", ""]
        for item in items:
            lines += [
                f"### {item.number} {item.title}",
                "",
                f"*{item.asks}*",
                "",
                item.fill(study).strip(),
                "",
            ]
    return "\n".join(lines)


# -- 1. objectives -------------------------------------------------------------------------------------------


def _purpose(study: Study) -> str:
    asked = words(study.base.description or "") or f"{AUTHORS} the question; the scenario has no description."
    return (
        "An intravenous ketamine clinic for treatment-resistant depression gives series of infusions and, to "
        "those who respond and relapse, boosters, in chairs watched by nurses. Yesterday's new patients are "
        "tomorrow's boosters, so demand feeds on itself for years. The model says what a clinic's chairs, "
        "nurses and book can carry, and what breaks first.\n\n"
        f"The question of this study: {asked}"
    )


def _outputs(study: Study) -> str:
    named = list(study.summary.get("kpis") or {})
    scenarios = study.summary.get("scenarios")
    if not named and isinstance(scenarios, list) and scenarios and isinstance(scenarios[0], dict):
        named = list(scenarios[0].get("kpis") or {})
    known = [KPIS[name] for name in named if name in KPIS] or list(KPIS.values())
    rows = "\n".join(
        f"| {kpi.label} | `{kpi.name}` | {kpi.unit} | {_cell(kpi.definition)} |" for kpi in known
    )
    return (
        f"{len(known)} key figures, each computed after a replication from its tables of patients, visits and "
        f"days, over the {study.base.run.weeks} measured weeks. {_errors(study)}\n\n"
        "| figure | name | unit | definition |\n"
        "| --- | --- | --- | --- |\n"
        f"{rows}"
    )


def _errors(study: Study) -> str:
    return RUN.intervals if study.kind is None else study.kind.intervals


def _aims(study: Study) -> str:
    kind = study.kind
    told = [
        f"The study is a {words(kind.command)}: {kind.aim}." if kind else "The study is one of this clinic."
    ]
    varies = kind.varies if kind else ""
    if varies == "scenarios":
        told += ["", *(f"- {_scenario(each, name)}" for name, each in _named(study))]
    elif varies == "settings":
        told += [
            "",
            f"Design: {words(study.summary.get('design'))}, {words(study.summary.get('points'))} points.",
            "",
            "Settings varied:",
            "",
        ]
        for address, factor in (study.summary.get("factors") or {}).items():
            levels = factor.get("levels")
            values = (
                ", ".join(map(str, levels)) if levels else f"from {factor.get('low')} to {factor.get('high')}"
            )
            told.append(f"- {code(address)}: {words(values)}")
    else:
        told += ["", f"- {_scenario(study.base, study.base.name)}"]
    told += ["", f"{AUTHORS} why these scenarios. Nothing was optimised."]
    return "\n".join(told)


def _named(study: Study) -> list[tuple[str, Scenario]]:
    names = list(study.manifest.get("scenarios") or [])
    if len(names) != len(study.scenarios):
        names = [each.name for each in study.scenarios]
    return list(zip(names, study.scenarios, strict=True))


def _scenario(scenario: Scenario, name: str) -> str:
    return f"**{words(name)}**" + (f": {words(scenario.description)}" if scenario.description else "")


# -- 2. logic ------------------------------------------------------------------------------------------------


def _overview(study: Study) -> str:
    steps = " → ".join(study.base.visit.steps)
    return (
        "```text\n"
        "referral → intake → booking a series → visits of the series → responds? → relapse → booster → "
        "relapse → …\n"
        "               ↘ leaves        ↘ turned away      ↘ drops out        ↘ leaves           ↘ leaves\n\n"
        f"a visit: arrives → waits for a chair → {steps}\n"
        "```"
    )


def _logic(study: Study) -> str:
    book = study.base.booking
    booked = "the whole series at once" if book.series == "whole" else "each infusion on leaving the last"
    missed = "" if book.mode == "walk-in" else "Missed visits are rebooked with a probability. "
    way = (
        "Patients walk in, queue for a chair in order of arrival, and come again at the protocol's gaps."
        if book.mode == "walk-in"
        else f"The desk books {booked} into a grid of starts, preferred gaps first, permitted ones if the "
        f"series then begins sooner. Who finds no start within {book.patience_days} days or the "
        f"{book.window_weeks} weeks of the open book is turned away."
    )
    return (
        f"Referred patients pass intake; those who accept want a series. {way} A visit is an ordered list of "
        "steps. Chairs go first come, first served; hands-on steps take one nurse exclusively, watching takes "
        "a share of one; hands serve whoever asked first. After each infusion patients may drop out. Who "
        "completes the series and responds relapses after a random time, or never; boosters are given "
        f"{study.base.boosters.policy.replace('-', ' ')}. Nobody is sent away at closing: the day's last "
        f"shift stays until the clinic is empty. {missed}The pages *The model* and *Records* of the documentation "
        "tell it in full."
    )


def _scenario_logic(study: Study) -> str:
    if study.kind is not None and study.kind.varies == "settings":
        told = (
            "Points differ in the values of the settings listed under 1.3 alone; the logic is the same at all "
            "of them."
        )
    elif len(study.scenarios) > 1:
        lines = []
        base = {each.address: each.value for each in assumptions(study.base)}
        for name, other in _named(study)[1:]:
            theirs = {each.address: each.value for each in assumptions(other)}
            addresses = [at for at in dict.fromkeys((*base, *theirs)) if base.get(at) != theirs.get(at)]
            lines += [
                f"- **{words(name)}**: {code(at)} is {words(theirs.get(at, 'absent'))} instead of "
                f"{words(base.get(at, 'absent'))}"
                for at in addresses
            ] or [f"- **{words(name)}**: no setting differs"]
        told = (
            "Scenarios have the model in common and differ from the first in these settings:\n\n"
            + "\n".join(lines)
        )
    else:
        told = "There is one scenario, so no difference in logic."
    changes = study.base.change_dates
    if changes:
        told += (
            f"\n\nIn the first scenario settings change on {', '.join(date.isoformat() for date in changes)}."
        )
    return told


def _algorithms(study: Study) -> str:
    law = as_tables(study.base)["relapse"]["days"]
    return (
        "- *Referrals*: a non-homogeneous Poisson process by day, with factors for weekday, month and "
        f"growth{', or replayed from a file' if study.base.demand.referrals_file else ''}.\n"
        "- *Booking a series*: depth-first search with backtracking over days with a free start, gaps nearest "
        "the preferred window first.\n"
        "- *The grid of starts*: greedy, earliest first, as many visits as planned chairs, hands and watching "
        "carry.\n"
        f"- *Relapse*: days from the end of the last infusion, by the law {_law(law)}.\n"
        "- *Draws*: by inversion, one uniform number for each quantity."
    )


def _components(study: Study) -> str:
    scenario = study.base
    clinic, booking = scenario.clinic, scenario.booking
    laws = as_tables(scenario)["visit"]["steps"]
    steps = "\n".join(
        f"  - {_step(name, step, laws[name]['minutes'])}" for name, step in scenario.visit.steps.items()
    )
    shifts = "; ".join(
        f"shift {name}: {shift.nurses} on {', '.join(shift.days)}, {shift.hours}"
        for name, shift in scenario.shifts.items()
    )
    hours = ", ".join(f"{day} {span}" for day, span in clinic.hours.items())
    protocols = "\n".join(f"  - {_protocol(name, each)}" for name, each in scenario.protocols.items())
    queue = "without limit" if booking.waiting_room is None else f"with {booking.waiting_room} places"
    growth = scenario.demand.growth_per_year
    return (
        "- **Entities.** Patients, with their protocol, whether they respond, and how often they relapse; and "
        "their appointments. Protocols:\n"
        f"{protocols}\n"
        "- **Activities.** The steps of a visit:\n"
        f"{steps}\n"
        f"- **Resources.** {clinic.chairs} chairs, open {hours}. Nurses, {shifts or 'none'}; each has hands "
        "for one task, and eyes for several patients.\n"
        f"- **Queues.** For a chair (first come, first served, {queue}), for a nurse's hands and for watching "
        "(in order of asking); requests for which the book holds nothing (in order of asking).\n"
        f"- **Entry and exit.** {scenario.demand.referrals_per_week:g} patients a week are "
        f"referred{f', growing by {100 * growth:g} % a year' if growth else ''}. They leave as ineligible, "
        "without consult, declined, balked, dropped out, stopped early, without response, sustained, having "
        "declined boosters, or having left the programme; others are still there at the end."
    )


def _step(name: str, step: Step, law: Any) -> str:  # noqa: ANN401 (as a file has it)
    nurse = {"hands-on": "one nurse", "none": "no nurse"}.get(
        step.nurse,
        f"a nurse for {step.patients_per_nurse} {'patient' if step.patients_per_nurse == 1 else 'patients'}",
    )
    more = "" if step.patient else ", the patient has gone"
    return f"{name}: {_law(law)} minutes, {nurse}, {'chair held' if step.chair else 'no chair'}{more}"


def _protocol(name: str, protocol: Protocol) -> str:
    gaps = (
        "" if protocol.gap_days is None else f", {protocol.gap_days[0]} to {protocol.gap_days[1]} days apart"
    )
    return f"{name}: {protocol.infusions} infusions{gaps}"


# -- 3. data -------------------------------------------------------------------------------------------------


def _sources(study: Study) -> str:
    own = [
        each.address
        for each in assumptions(study.base)
        if each.changed and not each.address.startswith("run.")
    ]
    told = (
        "Defaults come from published trials, cohorts and guidance, or are assumed; the table under 3.3 and "
        "the page *The evidence* of the documentation say which, setting by setting."
    )
    if own:
        told += f"\n\n{AUTHORS} the source of the settings that differ from the defaults: " + ", ".join(
            code(each) for each in own
        )
    else:
        told += " No setting of the clinic differs from its default."
    if study.base.demand.referrals_file:
        told += f"\n\nReferrals are replayed from the file {code(study.base.demand.referrals_file)}."
    return told


def _from_today(study: Study) -> bool:
    """Tell whether it begins with the patients of a panel."""
    return "panel" in study.manifest or (study.kind is not None and study.kind.today)


def _preparation(study: Study) -> str:
    told = (
        "No data are transformed before a simulation: settings are read as they stand, and unknown or "
        "impossible ones refused."
    )
    if study.base.uncertainty:
        told += (
            " Settings with an uncertainty were estimated by `simclinic calibrate`, which writes down what it "
            "did."
        )
    if _from_today(study):
        told += " Today's patients are read from a panel file, checked line by line."
    return told


def _parameters(study: Study) -> str:
    rows = "\n".join(
        f"| {code(each.address)} | {words(each.value)}{' **(changed)**' if each.changed else ''} | "
        f"{_cell(each.source)} |"
        for each in assumptions(study.base)
    )
    return (
        "Every setting of the first scenario, those that differ from the defaults first. Laws have their "
        "parameters; long lists are cut here (…) and whole in `scenario.resolved.toml`.\n\n"
        "| setting | value | meaning, unit, source |\n"
        "| --- | --- | --- |\n"
        f"{rows}"
    )


def _assumed(study: Study) -> str:  # noqa: ARG001 (every item is filled the same way)
    return (
        "- Patients who left do not come back; whoever does not respond leaves.\n"
        "- Whether a patient would respond does not depend on dropping out, on waiting, or on the dates of "
        "infusions.\n"
        "- Nobody is pulled forward into a start that a late cancellation frees.\n"
        "- Patients who are inside at closing are served, and the day's last shift stays as long. When another "
        "shift ends, nurses stay for what nobody on duty can take over; between two shifts no visit begins.\n"
        "- Nurses are alike, and one who starts an infusion still watches others.\n"
        "- The book plans with mean lengths, without complications and absences.\n"
        "- Times are the clinic's own, without daylight saving.\n\n"
        'Where the table under 3.3 says "assumed", nobody has measured the value. The time to relapse is the least '
        "certain: published laws differ several-fold in the boosters they lead to."
    )


# -- 4. experimentation --------------------------------------------------------------------------------------


def _initial(study: Study) -> str:
    run = study.base.run
    if _from_today(study):
        return "The simulation begins with today's patients as the panel has them, and without warm-up."
    return (
        f"The simulation begins with an empty clinic {run.warm_up_weeks} weeks before the first measured day, "
        f"{run.start}. These weeks are simulated and not measured, because boosters need years to become "
        "steady. A warning is given where boosters still rise at the end of the warm-up."
    )


def _length(study: Study) -> str:
    run = study.base.run
    return (
        f"{run.weeks} weeks are measured, from {run.start}, after {run.warm_up_weeks} weeks of warm-up. Time "
        "is in minutes."
    )


def _estimation(study: Study) -> str:
    manifest = study.manifest
    failed = int(manifest.get("failed") or 0)
    of_each = study.summary.get("replications")
    kind = study.kind
    how = (
        "Replications in mirrored pairs (opposite luck)"
        if kind and kind.pairs
        else "Independent replications"
    )
    told = f"{how}: {words(manifest.get('done'))} of {words(manifest.get('planned'))} were simulated"
    told += f", {words(of_each)} of each" if kind and kind.varies else ""
    told += (
        f"; {failed} failed and {'is' if failed == 1 else 'are'} left out." if failed else "; none failed."
    )
    if (manifest.get("arguments") or {}).get("replications") == "auto":
        told += " Their number followed from the precision asked for."
    return f"{told} {_errors(study)}"


# -- 5. implementation, 6. code ------------------------------------------------------------------------------


def _software(study: Study) -> str:
    packages = ", ".join(
        words(f"{name} {version}") for name, version in (study.manifest.get("packages") or {}).items()
    )
    return (
        f"simclinic {words(study.manifest.get('code_version'))}, in Python "
        f"{words(study.manifest.get('python'))}; the model in SimPy. Packages: {packages}."
    )


def _random(study: Study) -> str:
    return (
        f"{words(study.manifest.get('key_scheme'))}; seed {words(study.manifest.get('seed'))}. Every quantity of "
        "every patient has a number of its own that depends on seed, replication, patient and question alone, "
        "so all scenarios have the same patients with the same luck (common random numbers), whatever the "
        "order of events."
    )


def _execution(study: Study) -> str:
    return (
        "Events are processed in order of time, those of one moment in the order in which they were asked "
        "for; the desk's day begins with those who have waited longest. Replications are independent and may "
        "run in several processes: the results are the same.\n\n"
        f"To repeat it:\n\n{block('sh', command(study.manifest))}"
    )


def _system(study: Study) -> str:
    begun, ended = study.manifest.get("started"), study.manifest.get("ended")
    return (
        f"Begun {words(begun)}, ended {words(ended or 'not yet')}. Machines are not written down: the same "
        "scenario, seed and packages give the same figures byte for byte on one kind of processor, and to about "
        "nine digits elsewhere.\n\n"
        f"{AUTHORS} processor, memory and operating system, if the time it took matters."
    )


def _access(study: Study) -> str:
    return (
        "simclinic is free software under the MIT licence, with a `CITATION.cff`. The results folder holds "
        "the resolved scenario and every figure; its hash of scenario, data and seed is "
        f"{code(study.manifest.get('scenario_hash'))}.\n\n"
        f"{AUTHORS} where code, scenario and results folder are deposited."
    )


SECTIONS: dict[str, tuple[Item, ...]] = {
    "1. Objectives": (
        Item("1.1", "Purpose of the model", "Background, and what the model is for.", _purpose),
        Item(
            "1.2",
            "Model outputs",
            "Every reported measure, how it is computed, and how sure it is.",
            _outputs,
        ),
        Item(
            "1.3", "Experimentation aims", "What was investigated: scenarios, designs, optimisation.", _aims
        ),
    ),
    "2. Logic": (
        Item("2.1", "Base model overview diagram", "A picture of the base model.", _overview),
        Item("2.2", "Base model logic", "How the base model works, in words.", _logic),
        Item("2.3", "Scenario logic", "In what scenarios differ from the base model.", _scenario_logic),
        Item("2.4", "Algorithms", "Rules and procedures that stand for complex processes.", _algorithms),
        Item("2.5", "Components", "Entities, activities, resources, queues, entry and exit.", _components),
    ),
    "3. Data": (
        Item("3.1", "Data sources", "Where data come from.", _sources),
        Item("3.2", "Pre-processing", "What was done to data before they were used.", _preparation),
        Item("3.3", "Input parameters", "Every input of the base model and of scenarios.", _parameters),
        Item("3.4", "Assumptions", "What is assumed where nothing is known.", _assumed),
    ),
    "4. Experimentation": (
        Item("4.1", "Initialisation", "In what state the simulation begins, and the warm-up.", _initial),
        Item("4.2", "Run length", "How long is simulated, in which unit.", _length),
        Item("4.3", "Estimation approach", "Replications or one long run, and how many.", _estimation),
    ),
    "5. Implementation": (
        Item("5.1", "Software or programming language", "With versions.", _software),
        Item("5.2", "Random sampling", "How random numbers are made.", _random),
        Item("5.3", "Model execution", "How events are processed, and in parallel or not.", _execution),
        Item("5.4", "System specification", "The machine, and how long it took.", _system),
    ),
    "6. Code access": (
        Item("6.1", "Computer model sharing statement", "How others get the model.", _access),
    ),
}
"""The checklist."""


def _cell(text: str) -> str:
    """Write words of our own into the cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _law(law: Any) -> str:  # noqa: ANN401 (as a file has it: a number, or a table)
    """Write a law with its parameters: "gamma (mean 15, cv 0.3)"."""
    if not isinstance(law, Mapping):
        return f"{law:g}" if isinstance(law, float) else str(law)
    rest = ", ".join(f"{key} {value}" for key, value in law.items() if key != "dist")
    return f"{law['dist']} ({rest})"
