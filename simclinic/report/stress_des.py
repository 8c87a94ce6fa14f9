"""The reporting checklist for publications: the twenty items of STRESS-DES, filled in from a results folder.

STRESS-DES asks authors of discrete-event simulations for what others need to judge and rebuild a model. Nearly all
of it is in the scenario, in the manifest of the results folder, and in the model itself. The items and their prose
are in `stress_des.md.j2`; this module computes the values that go into them.
Source: T. Monks, C. Currie, B. Onggo, S. Robinson, M. Kunc, S. Taylor, "Strengthening the reporting of empirical
simulation studies: Introducing the STRESS guidelines", Journal of Simulation 13 (2019) 55-67; items in own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from simclinic.measures import KPIS
from simclinic.measures.kpi import Kpi
from simclinic.report.assumptions import assumptions
from simclinic.report.page import Assumption
from simclinic.report.pages.reproduce import command
from simclinic.report.templates import template
from simclinic.report.text.markdown import block, code, words
from simclinic.report.text.parts import label_of, words_of
from simclinic.report.text.words import listed, several
from simclinic.results.kinds import RUN, Kind, kind_of
from simclinic.scenario import Scenario
from simclinic.scenario.protocols import INFUSION
from simclinic.scenario.tables import as_tables
from simclinic.scenario.visit import Claim, Step
from simclinic.version import VERSION


@dataclass(frozen=True, slots=True)
class Study:
    """A study, as the checklist describes it.

    Attributes
    ----------
    scenarios
        Resolved; the first is the base.
    manifest
        The manifest of its results folder.
    summary
        The document in its `summary.json`.
    """

    scenarios: Sequence[Scenario]
    manifest: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def kind(self) -> Kind | None:
        """The kind of study; None if this program has no such kind."""
        return kind_of(self.manifest)

    @property
    def base(self) -> Scenario:
        """The first scenario."""
        return self.scenarios[0]

    @property
    def kpis(self) -> list[Kpi]:
        """The key figures that the study reports, in the words of its clinics; all of them if it names none."""
        names = self.summary.get("kpis")
        scenarios = self.summary.get("scenarios")
        if not names and isinstance(scenarios, list) and scenarios and isinstance(scenarios[0], dict):
            names = scenarios[0].get("kpis")
        found = [KPIS[name] for name in names or () if name in KPIS]
        return [
            replace(
                kpi,
                label=label_of(kpi.name, names or ()),
                definition=words_of(kpi.name, kpi.definition, names or ()),
            )
            for kpi in found
        ] or list(KPIS.values())

    @property
    def intervals(self) -> str:
        """How intervals are computed, in a sentence."""
        return (self.kind or RUN).intervals

    @property
    def named(self) -> list[tuple[str, Scenario]]:
        """Scenarios with the names that the study gave them."""
        names = list(self.manifest.get("scenarios") or [])
        if len(names) != len(self.scenarios):
            names = [each.name for each in self.scenarios]
        return list(zip(names, self.scenarios, strict=True))

    @property
    def differences(self) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
        """For each scenario but the first: address, value and base's value of each setting that differs."""
        base = {each.address: each.value for each in self.settings}
        for name, scenario in self.named[1:]:
            other = {each.address: each.value for each in assumptions(scenario)}
            pairs = {
                at: (other.get(at, "absent"), base.get(at, "absent")) for at in dict.fromkeys((*base, *other))
            }
            yield name, [(at, value, usual) for at, (value, usual) in pairs.items() if value != usual]

    @property
    def factors(self) -> Iterator[tuple[str, str]]:
        """Address and values of each setting that a sweep varies."""
        for address, factor in (self.summary.get("factors") or {}).items():
            levels = factor.get("levels")
            yield (
                address,
                ", ".join(map(str, levels))
                if levels
                else f"from {factor.get('low')} to {factor.get('high')}",
            )

    @property
    def settings(self) -> list[Assumption]:
        """All settings of the first scenario, those that differ from the defaults first."""
        return assumptions(self.base)

    @property
    def minutes(self) -> dict[str, Any]:
        """Length of each step, as a file has it, by the names of `Scenario.steps`."""
        tables, several = as_tables(self.base), len(self.base.visit_types) > 1
        return {
            f"{kind}/{name}" if several else name: step["minutes"]
            for kind in self.base.visit_types
            for name, step in (tables["visit"] if kind == INFUSION else tables["visits"][kind])[
                "steps"
            ].items()
        }

    @property
    def resources(self) -> str:
        """What the visits of a clinic with types, roles or places need, in a sentence."""
        steps = self.base.steps.values()
        held = dict.fromkeys(step.where for step in steps if step.where)
        claimed = {role for step in steps for role in step.needs}
        needed = [several(name) for name in (*held, *(role for role in self.base.staff if role in claimed))]
        kinds = list(self.base.visit_types)
        visits = f"Its visits ({', '.join(kinds)})" if len(kinds) > 1 else "Its visits"
        return f"{visits} need {listed(needed)}."

    @property
    def chosen(self) -> list[str]:
        """Addresses of the clinic's settings that differ from the defaults."""
        return [
            each.address for each in self.settings if each.changed and not each.address.startswith("run.")
        ]

    @property
    def from_today(self) -> bool:
        """Whether the study begins with the patients of a panel."""
        return "panel" in self.manifest or (self.kind is not None and self.kind.today)

    @property
    def failed(self) -> int:
        """Number of failed replications."""
        return int(self.manifest.get("failed") or 0)

    @property
    def packages(self) -> list[str]:
        """Names and versions of the packages that the study was made with."""
        return [f"{name} {version}" for name, version in (self.manifest.get("packages") or {}).items()]

    @property
    def command(self) -> str:
        """The command that repeats the study, as a block of code."""
        return block("sh", command(self.manifest))


def stress_des(study: Study) -> str:
    """Fill the checklist in, as Markdown."""
    text: str = template(
        "simclinic.report", "stress_des.md.j2", words, code, cell, distribution, needs
    ).render(
        study=study,
        scenario=study.base,
        settings=as_tables(study.base),
        kind=study.kind,
        varies=study.kind.varies if study.kind else "",
        manifest=study.manifest,
        summary=study.summary,
        version=VERSION,
    )
    return text


def needs(step: Step) -> str:
    """Say what a step holds and claims: "a nurse for 4 patients, chair held"."""
    claims = []
    for role, claim in step.needs.items():
        text = f"one {role}"
        if claim.watch:
            text = f"a {role} for {claim.watch} {'patient' if claim.watch == 1 else 'patients'}"
        elif claim.need == "on-site":
            text = f"a {role} on site"
        claims.append(text + _infusions(claim))
    where = "no chair" if step.where is None else f"{step.where} held"
    only = f", part of some visits only{_infusions(step)}" if _infusions(step) else ""
    return f"{' and '.join(claims) or 'no nurse'}, {where}{only}"


def _infusions(part: Step | Claim) -> str:
    """Say for which infusions a step or a claim holds; empty if for all."""
    if part.from_infusion == 1 and part.to_infusion is None:
        return ""
    last = " and later" if part.to_infusion is None else f" to {part.to_infusion}"
    return f" (infusions {part.from_infusion}{last})"


def cell(text: str) -> str:
    """Write a text of this program into a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def distribution(setting: Any) -> str:  # noqa: ANN401 (as a file has it: a number, or a table)
    """Write a distribution with its parameters: "gamma (mean 15, cv 0.3)"."""
    if not isinstance(setting, Mapping):
        return f"{setting:g}" if isinstance(setting, float) else str(setting)
    parameters = ", ".join(f"{key} {value}" for key, value in setting.items() if key != "dist")
    return f"{setting['dist']} ({parameters})"
