"""What runs out first, and what one more or fewer of each does, on the same patients.

The plan as it is and every change of it by one (:mod:`simclinic.planning.what_if`) are simulated with the same
seed, so that replication 7 of each has the same patients with the same random inputs, and differences are taken
replication by replication.

A change is in force from the beginning of the simulation. A steady start begins with the same past in all plans,
that of the plan as it is: the clinic is as it is when the change comes, and the error of the pilot runs, which all
plans share, cancels in differences.

What runs out first is answered twice: of a chair, a nurse and half an hour, which one adds most starts on paper,
and which one improves most in the simulation what the targets need.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simclinic.arrays import Floats
from simclinic.errors import SimclinicError
from simclinic.experiment import pairs
from simclinic.experiment.replication import Columns
from simclinic.measures import KPIS, shared_error
from simclinic.measures.groups import VISIT, group_names
from simclinic.measures.intervals import Watched, half_width
from simclinic.measures.profile import ROWS
from simclinic.measures.targets import VERDICT, targets_of
from simclinic.planning import Timetable
from simclinic.planning.capacity import CapacityOnPaper, capacity_on_paper
from simclinic.planning.demand import demand
from simclinic.planning.load import load_by_resource, roles_there, scarce_visits
from simclinic.planning.what_if import LEAVE_WEEKS, Change, on_leave, one_of_each, starts_on_paper
from simclinic.report.text import bottleneck as words
from simclinic.report.text.stability import other_warnings
from simclinic.report.text.targets import in_years
from simclinic.results.bottleneck import (
    Away,
    BottleneckDocument,
    Busiest,
    Effect,
    Leave,
    Met,
    NotPossible,
    OnPaper,
    ResourceUse,
    ScarceStarts,
    Tried,
)
from simclinic.results.document import SCHEMA_VERSION, Figure, TargetResult, as_json
from simclinic.results.kinds import BOTTLENECK, RUN_ON_SAME_PAST
from simclinic.scenario import WEEKDAYS, Scenario
from simclinic.scenario.panel import Panel
from simclinic.scenario.tables import without_dates
from simclinic.scenario.targets import bound
from simclinic.store.multi_folder import multi_scenario_identity
from simclinic.store.reader import table
from simclinic.studies.multi_scenario import FinishedStudy, run_all
from simclinic.studies.run import FinishedRun, Progress, with_run_settings
from simclinic.studies.run_options import RunOptions, Step
from simclinic.studies.simulator import simulate
from simclinic.studies.today import panel_start
from simclinic.ufuncs import special

REPLICATIONS = 10
"""Default number of replications of each plan."""

BOOKED = (
    "series_started_per_week",
    "access_days_mean",
    "balked_share",
    "booster_wait_days_mean",
    "overtime_day_share",
    "cost_per_week",
    "margin_per_week",
)
"""Figures that a change of a clinic with a book is judged by, in the order of the table."""
WALK_IN = (
    "infusions_per_week",
    "wait_minutes_mean",
    "balked_share",
    "overtime_day_share",
    "cost_per_week",
    "margin_per_week",
)
"""The same for a walk-in clinic."""

SEEN = 0.05
"""Corrected p-value below which a difference is called shown."""
_LEAVE_AFTER = 4
"""Measured weeks before the leave."""
_WAITED = {
    "chairs": "waited_for_chair_minutes_mean",
    "hands": "waited_for_hands_minutes_mean",
    "eyes": "waited_for_eyes_minutes_mean",
}
_PER_WEEK = {
    "series_started": "first infusions a week",
    "infusions": "infusions a week",
    "clinic_cancels": "appointments a week cancelled by the clinic",
    "balked": "patients a week turned away",
    "overtime_days": "late days a week",
}
"""Columns of the weekly table that are reported of a leave."""
_RUNS_OUT = {"chair": "chairs", "nurse": "nurses", "earlier": "hours", "later": "hours"}
_RUNS_OUT |= dict.fromkeys(("role", "role-day", "place"), "")
"""What runs out, by the kind of a change that adds some of it; a role, its days, or a place by its own name."""
_MOST_SAID = 2  # changes in the answer
_BACK_FOR = 2  # weeks in a row without a longer queue


class FinishedBottleneck(FinishedStudy[BottleneckDocument]):
    """A finished study; the plan as it is comes first."""


def bottleneck(
    scenario: Scenario,
    options: RunOptions | None = None,
    *,
    show: Callable[[BottleneckDocument], None] | None = None,
) -> FinishedBottleneck:
    """Simulate a plan and each change of it by one on the same patients, and store the results.

    Parameters
    ----------
    scenario
        The plan, with its seed and number of replications.
    options
        How to simulate and store.
    show
        Called with what is known after each plan but the last: the changes that are simulated so far. What is
        called shown then stays so, since the correction counts the differences that are still to come.

    Raises
    ------
    SimclinicError
        If there is no steady clinic to begin with, or the results cannot be stored.
    Interrupted
        If the user pressed Ctrl-C; finished replications are stored.
    """
    options = options or RunOptions()
    panel = options.panel
    every = one_of_each(scenario)
    changes = [change for change in every if change.scenario is not None]
    leave = leave_of(scenario)
    plans = [scenario, *(change.scenario for change in changes if change.scenario is not None)]
    keys = ["as it is", *(change.key for change in changes)]
    names = ["the plan as it is", *(change.name for change in changes)]
    if leave is not None and leave.scenario is not None:
        plans.append(leave.scenario)
        keys.append(leave.key)
        names.append(leave.name)
    identity = multi_scenario_identity(BOTTLENECK.name, plans, panel)
    same_past = panel is None and scenario.run.begin == "steady"
    count = scenario.run.replications
    with options.folder(identity, keys) as folder:
        first: list[FinishedRun] = []

        def runner(plan: Scenario, *, out: Path, progress: Progress) -> FinishedRun:
            like = first[0].competition if same_past and first else None
            if options.watch is not None:
                options.watch(Step(words.being_tried(names[len(first)], len(first), len(plans)), (), 0))
            finished = simulate(
                plan,
                out,
                options,
                progress=progress,
                study=None if like is None else RUN_ON_SAME_PAST.name,
                competition=None if like is None else (like, first[0].pilot_effects),
                reuse=like is None,
            )
            first.append(finished)
            if show is not None and len(first) < len(plans):
                so_far = [table(each, "runs", below=count) for each in folder.subfolders[: len(first)]]
                if len(so_far[0].get("replication", ())):
                    known = _Study(scenario, every, None, first, so_far, folder.subfolders, panel)
                    show(known.document())
            return finished

        runs = run_all(plans, folder, runner, options.progress)
        tables = [table(subfolder, "runs", below=count) for subfolder in folder.subfolders]
        if not len(tables[0].get("replication", ())):
            folder.count(planned=count * len(plans), done=0, failed=sum(len(each.failures) for each in runs))
            error = runs[0].failures[0].error if runs[0].failures else "unknown"
            raise SimclinicError(f"no replication of {scenario.name!r} was finished: {error}")
        document = _Study(scenario, every, leave, runs, tables, folder.subfolders, panel).document()
        folder.count(
            planned=count * len(plans),
            done=sum(len(next(iter(columns.values()), ())) for columns in tables),
            failed=sum(len(each.failures) for each in runs),
        )
        folder.finish(as_json(document), words.changes_csv(document))
        return FinishedBottleneck(scenario, tuple(keys), runs, document, folder.path)


def leave_of(scenario: Scenario) -> Change | None:
    """Put a leave into the measured weeks, after some that are as usual; None if they are too few.

    If the clinic is closed on days of these weeks (`closed_on`), others are taken, with fewest such days.

    Parameters
    ----------
    scenario
        The plan.
    """
    weeks = scenario.run.weeks
    before = min(_LEAVE_AFTER, weeks - LEAVE_WEEKS)
    if before < 0:
        return None
    begins = [scenario.run.start + dt.timedelta(weeks=week) for week in range(weeks - LEAVE_WEEKS + 1)]
    first = begins[before]
    if _closed(scenario, first):
        nearest = sorted(begins, key=lambda day: (abs(day - first), day < first))
        first = min(nearest, key=lambda day: _closed(scenario, day))
    return on_leave(scenario, first)


def _closed(scenario: Scenario, first: dt.date) -> int:
    """Count the holidays among the days of a leave: days on which the clinic would usually open."""
    days = [first + dt.timedelta(days=day) for day in range(7 * LEAVE_WEEKS)]
    clinics = [(day, scenario.at(day).clinic) for day in days]
    return sum(clinic.usual(day) is not None and clinic.closed(day) for day, clinic in clinics)


class _Study:
    """What the document is made from."""

    def __init__(
        self,
        scenario: Scenario,
        every: Sequence[Change],
        leave: Change | None,
        runs: Sequence[FinishedRun],
        tables: Sequence[Columns],
        folders: Sequence[Path],
        panel: Panel | None,
    ) -> None:
        self._scenario = scenario
        self._walk_in = scenario.booking.mode == "walk-in"
        self._every = every
        self._changes = [change for change in every if change.scenario is not None]
        self._leave = leave
        self._runs = runs
        self._tables = tables
        self._folders = folders
        self._panel = panel
        limits = limits_of(scenario)
        self._limits = limits
        self._in_years = {
            target.figure: target for target in targets_of(scenario) if target.years is not None
        }
        self._usual = list(WALK_IN if self._walk_in else BOOKED)
        parts = group_names(scenario).get(VISIT, {}).values()
        by_type = [names[self._usual[1]] for names in parts if self._usual[1] in names]
        asked = [*by_type, *limits, *(target.by for target in self._in_years.values())]
        self._figures = list(dict.fromkeys((*self._usual, *asked)))

    def document(self) -> BottleneckDocument:
        """Put the document together."""
        base = self._runs[0].document
        changes = self._tried()
        paper = _on_paper(self._scenario, self._changes)
        first = self._first_out(changes)
        simulated = None if first is None else _runs_out(first["kind"], first["name"])
        resources = self._resources()
        leave = self._away()
        met = self._met(self._runs[0])
        whole = len(changes) == len(self._changes)
        answer = [
            words.first_sentence(paper, simulated, resources, self._key, base["kpis"])
            if whole
            else words.first_on_paper(paper, resources),
            words.load_sentence(paper, self._walk_in),
            words.targets_sentence(met, base["verdict"]),
            *(
                _of_changes(changes, first, met, self._scenario.finance.currency)
                if whole
                else [f"{each['said']}." for each in changes if _better(each)]
            ),
            *([] if leave is None else [leave["said"]]),
        ]
        document = BottleneckDocument(
            schema_version=SCHEMA_VERSION,
            study=BOTTLENECK.name,
            scenario=self._scenario.name,
            seed=self._scenario.run.seed,
            replications=self._scenario.run.replications,
            horizon=base["horizon"],
            verdict=base["verdict"],
            verdict_reasons=base["verdict_reasons"],
            stable=base["stable"],
            day_verdict=base["day_verdict"],
            day_verdict_reasons=base["day_verdict_reasons"],
            warnings=[text for text in other_warnings(base) if text.split(" ", 1)[0] not in KPIS],
            answer=answer,
            walk_in=self._walk_in,
            usual=self._usual,
            sorted_by=self._key,
            simulated=simulated,
            paper=paper,
            resources=resources,
            targets=met,
            kpis={name: base["kpis"][name] for name in self._figures},
            changes=changes,
            not_possible=[
                NotPossible(name=change.name, reason=change.reason)
                for change in (*self._every, *([] if self._leave is None else [self._leave]))
                if change.scenario is None
            ],
            leave=leave,
        )
        panel = self._panel
        return document if panel is None else {**document, "panel": panel_start(self._scenario, panel)}

    # -- one more, one fewer --------------------------------------------------------------------------------------

    def _tried(self) -> list[Tried]:
        """Compare each change with the plan as it is, and sort by what the targets need."""
        base, starts = self._tables[0], starts_on_paper(self._scenario)
        currency = self._scenario.finance.currency
        compared = []
        for change, finished, own in zip(self._changes, self._runs[1:], self._tables[1:], strict=False):
            assert change.scenario is not None
            one, other = pairs.matched(base, own)
            watched = (Watched.of(self._scenario), Watched.of(change.scenario))
            shared = shared_error.between(self._runs[0].pilot_effects, finished.pilot_effects)
            found = {
                name: pairs.of_figure(
                    name, one, other, watched, shared_half=shared_error.half_width(shared.get(name, ()))
                )
                if one
                else pairs.Difference(None, None, None, 0, None, None, None, None)
                for name in self._figures
            }
            compared.append((change, finished, found))
        # Money is hardly random: prices of chairs and hours would only take from the other figures' correction.
        to_come = len(self._changes) - len(compared)
        adjusted = {
            (change.key, name): p
            for money in (False, True)
            for (change, name), p in self._corrected(compared, to_come, money=money)
        }
        tried = []
        for change, finished, found in compared:
            assert change.scenario is not None
            kpis = finished.document["kpis"]
            effects = {
                name: _effect(name, kpis[name], each, adjusted[change.key, name])
                for name, each in found.items()
            }
            each = Tried(
                key=change.key,
                name=change.name,
                kind=change.kind,
                more=change.more,
                settings=without_dates(change.settings),
                starts=starts_on_paper(change.scenario) - starts,
                verdict=finished.document["verdict"],
                targets=self._met(finished),
                effects=effects,
                said="",
            )
            tried.append(each)
        self._key = self._key_figure(tried)
        met = self._met(self._runs[0])
        for each in tried:
            each["said"] = words.change_sentence(each, currency, met, self._key)
        ranked = []
        for more in (True, False):
            for breaks in (False, True):
                group = [
                    each
                    for each in tried
                    if each["more"] is more and bool(words.newly_missed(each, met)) is breaks
                ]
                ranked += self._ranked(group)
        return ranked

    def _met(self, finished: FinishedRun) -> list[Met]:
        """Compare figures with their limits: means by their intervals, years as `run` does."""
        weeks = self._scenario.run.weeks
        return [
            *_met(finished.document["kpis"], self._limits),
            *(
                Met(kpi=each["by"], target=_in_years(each, weeks), state=each["state"])
                for each in self._judged_in_years(finished)
            ),
        ]

    def _judged_in_years(self, finished: FinishedRun) -> list[TargetResult]:
        """Return what a run shows of the targets that most years should keep."""
        return [each for each in finished.document.get("targets", ()) if each["figure"] in self._in_years]

    def _key_figure(self, tried: Sequence[Tried]) -> str:
        """Choose the figure by which changes are sorted: what the targets need most."""
        kpis = self._runs[0].document["kpis"]
        strains = {
            name: _strain(sign, limit, kpis[name])
            for name, (sign, limit) in self._limits.items()
            if _state(kpis[name], sign, limit) == "missed"
        }
        for each in self._judged_in_years(self._runs[0]):
            if each["state"] == "missed":
                strains[each["by"]] = max(strains.get(each["by"], 0.0), strain_in_years(each))
        if strains:
            return max(strains, key=strains.__getitem__)
        patients, wait = self._usual[:2]
        shown = any(each["more"] and each["effects"][patients]["call"] == "shown" for each in tried)
        return patients if shown else wait

    def _ranked(self, changes: Sequence[Tried]) -> list[Tried]:
        """Sort by the gain in the key figure; of changes too close to the best of them, the cheapest first."""
        left = sorted(changes, key=lambda each: -_gain(each, self._key)[0])
        ranked: list[Tried] = []
        while left:
            best, known = _gain(left[0], self._key)
            close = []
            for each in left:
                gain, half = _gain(each, self._key)
                if each is left[0] or best - gain <= float(np.hypot(known, half)):
                    close.append(each)
            ranked += sorted(close, key=lambda each: each["effects"]["cost_per_week"]["difference"] or 0.0)
            left = [each for each in left if all(each is not other for other in close)]
        return ranked

    def _first_out(self, changes: Sequence[Tried]) -> Tried | None:
        """Return the change that adds what runs out first in the simulation; None if none is shown to help."""
        helping = [
            each
            for each in changes
            if each["more"]
            and each["kind"] in _RUNS_OUT
            and "booking.starts" not in each["settings"]
            and words.matters(each["effects"][self._key])
            and _gain(each, self._key)[0] > 0
        ]
        return max(helping, key=lambda each: _gain(each, self._key)[0], default=None)

    @staticmethod
    def _corrected(
        compared: Sequence[tuple[Change, FinishedRun, Mapping[str, pairs.Difference]]],
        to_come: int,
        *,
        money: bool,
    ) -> Iterator[tuple[tuple[Change, str], float | None]]:
        """Correct the p-values of all changes, of money or of all other figures, for their number.

        Changes that are still to come count as if they showed nothing.
        """
        tests = [
            (change, name, each.p)
            for change, _, found in compared
            for name, each in found.items()
            if (name in words.MONEY) == money
        ]
        of_each = sum((name in words.MONEY) == money for name in (compared[0][2] if compared else ()))
        adjusted = pairs.holm([*(p for _, _, p in tests), *[1.0] * (of_each * to_come)])
        yield from zip(((change, name) for change, name, _ in tests), adjusted, strict=False)

    # -- what runs out --------------------------------------------------------------------------------------------

    def _resources(self) -> list[ResourceUse]:
        """Describe the use of chairs, hands and eyes, and of other roles and places."""
        shares = self._shares()
        plan = next(capacity_on_paper(self._scenario))
        overall = {
            "chairs": "chair_utilisation",
            "hands": "nurse_hands_on_utilisation",
            "eyes": "nurse_watch_utilisation",
        }
        kpis = self._runs[0].document["kpis"]
        uses = []
        for name, waited in _WAITED.items():
            uses.append(
                ResourceUse(
                    name=name,
                    paper=_full(plan, name),
                    used=kpis[overall[name]]["mean"],
                    busiest=_busiest(shares[name]),
                    waited=kpis[waited],
                )
            )
        others = plan["hours"][0].get("others", {}) if plan["hours"] else {}
        there = roles_there(self._scenario)
        busy = {name.partition(":")[2] for name in others}
        on_site = [f"on-site:{role}" for role in there if role not in busy]
        return [*uses, *(self._other(plan, name, there, shares) for name in (*others, *on_site))]

    def _other(
        self, plan: CapacityOnPaper, name: str, there: Mapping[str, float], shares: Mapping[str, Floats]
    ) -> ResourceUse:
        """Describe the use of another role or place, such as "hands:prescriber" or "places:lounge"."""
        what, _, part = name.partition(":")
        if what == "on-site":
            return ResourceUse(name=name, paper=None, used=None, busiest=None, waited=None, there=there[part])
        kind, figure = {
            "places": ("by_place", "chair_utilisation"),
            "hands": ("by_role", "nurse_hands_on_utilisation"),
            "eyes": ("by_role", "nurse_watch_utilisation"),
        }[what]
        parts: Mapping[str, Mapping[str, Figure]] = self._runs[0].document.get(kind) or {}  # type: ignore[assignment]
        used = parts.get(part, {}).get(figure)
        use = ResourceUse(
            name=name,
            paper=_full(plan, name),
            used=None if used is None else used["mean"],
            busiest=_busiest(shares[name]) if name in shares else None,
            waited=parts.get(part, {}).get(_WAITED["chairs"]) if what == "places" else None,
        )
        if part in there and what != "places":
            use["there"] = there[part]
        return use

    def _shares(self) -> dict[str, Floats]:
        """Return the use of each resource by weekday and hour, as a share.

        Returns
        -------
        dict of arrays of shape (replications, 168)
            NaN where the clinic is closed for a part of the hour, or nothing of the resource is there.
        """
        count = self._scenario.run.replications
        profiles = table(self._folders[0], "profiles", below=count)
        week = {
            name: np.asarray(values, dtype=np.float64).reshape(-1, ROWS)
            for name, values in profiles.items()
            if name != "replication"
        }
        weeks = table(self._folders[0], "weeks", columns=["watch_nurse_minutes"], below=count)
        minutes = 60.0 * self._scenario.run.weeks * float(week["watched_mean"].sum())
        nurses_each = float(weeks["watch_nurse_minutes"].sum()) / minutes if minutes else 0.0
        calendar = _open_hours(self._scenario)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = {
                "chairs": week["chairs_held_mean"] / week["chairs_mean"],
                "hands": week["hands_on_mean"] / week["nurses_mean"],
                "eyes": nurses_each * week["watched_mean"] / week["nurses_mean"],
            }
            for place in self._scenario.places:
                shares[f"places:{place}"] = week[f"chairs_held_mean:{place}"] / week[f"chairs_mean:{place}"]
            for role in self._scenario.staff[1:]:
                shares[f"hands:{role}"] = week[f"hands_on_mean:{role}"] / week[f"nurses_mean:{role}"]
        return {
            name: np.where(np.isfinite(values) & calendar, values, np.nan) for name, values in shares.items()
        }

    # -- leave ----------------------------------------------------------------------------------------------------

    def _away(self) -> Leave | None:
        """Compare the weeks of the leave with the same weeks without it."""
        leave = self._leave
        if leave is None or leave.scenario is None or leave.since is None:
            return None
        count, weeks = self._scenario.run.replications, self._scenario.run.weeks
        one, other = (
            _weekly(table(folder, "weeks", below=count), weeks)
            for folder in (self._folders[0], self._folders[-1])
        )
        both = np.intersect1d(one["replication"][:, 0], other["replication"][:, 0], return_indices=True)
        one = {name: values[both[1]] for name, values in one.items()}
        other = {name: values[both[2]] for name, values in other.items()}
        if not len(both[0]):
            return None
        begin = (leave.since - self._scenario.run.start).days // 7
        span = slice(begin, begin + LEAVE_WEEKS)
        types = len(self._scenario.visit_types) > 1
        found = [
            (
                name,
                label.replace("infusions", "treatments") if types else label,
                one[name][:, span].mean(axis=1),
                other[name][:, span].mean(axis=1),
            )
            for name, label in _PER_WEEK.items()
        ]
        differences = [pairs.difference(now, there) for _, _, now, there in found]
        adjusted = pairs.holm([each.p for each in differences])
        during = [
            Away(
                name=name,
                label=label,
                now=float(now.mean()),
                leave=float(there.mean()),
                difference=each.mean or 0.0,
                ci=None if each.ci is None else list(each.ci),
                call=_call(each, p),
            )
            for (name, label, now, there), each, p in zip(found, differences, adjusted, strict=True)
        ]
        queue = (other["waiting_for_series"] + other["waiting_for_booster"]) - (
            one["waiting_for_series"] + one["waiting_for_booster"]
        )
        starts = float((other["starts"] - one["starts"])[:, span].mean())
        result = Leave(
            name=leave.name,
            since=leave.since.isoformat(),
            weeks=LEAVE_WEEKS,
            starts=starts,
            during=during,
            back_after=_back_after(queue[:, begin + LEAVE_WEEKS :]),
            said="",
        )
        return {**result, "said": f"{words.leave_sentence(result)}."}


def _weekly(columns: Columns, weeks: int) -> dict[str, Floats]:
    return {name: np.asarray(values, dtype=np.float64).reshape(-1, weeks) for name, values in columns.items()}


def _back_after(longer: Floats) -> int | None:
    """Return the weeks until a queue is no longer shown to be longer, two weeks in a row.

    Parameters
    ----------
    longer
        Additional patients who wait, shape (replications, weeks after the leave).
    """
    if len(longer) < 2:
        return None
    half = np.array([half_width(float(sd), len(longer)) for sd in longer.std(axis=0, ddof=1)])
    shown = longer.mean(axis=0) > half
    for week in range(len(shown)):
        if not shown[week : week + _BACK_FOR].any():
            return week
    return None


def _of_changes(
    changes: Sequence[Tried], first: Tried | None, before: Sequence[Met], currency: str
) -> list[str]:
    """Say what the best changes do, and which do nothing that can be shown.

    Parameters
    ----------
    changes
        All changes, the best first; one that would miss another target comes last, however much it helps.
    first
        The one that adds what runs out first, which is always said; None if none is shown to help.
    before
        The targets and the plan as it is.
    currency
        What amounts are in.
    """
    said = []
    more = [each for each in changes if each["more"]]
    useful = [each for each in more if _better(each)]
    best = useful[:_MOST_SAID]
    best += [first] if first is not None and first not in best else []
    said += [f"{each['said']}." for each in best]
    days = [each for each in more if each["kind"] == "role-day" and each not in best]
    said += words.day_sentences([(each, _does(each)) for each in days], currency)
    if more and not useful:
        said.append("No single addition changes anything for the better that can be shown.")
    idle = [each for each in more if not _does(each) and each not in days]
    spare = [each for each in changes if not each["more"] and not _does(each)]
    for group in (idle if useful else [], spare):
        breaking = [each for each in group if words.newly_missed(each, before)]
        said.append(
            words.nothing_sentence(
                [words.with_cost(each, currency) for each in group if each not in breaking]
            )
        )
        said += [f"{each['said']}." for each in breaking]
    said = list(filter(None, said))
    # Fewer patients wait less, too: one fewer is for the better only if it makes nothing worse.
    helpful = [each for each in changes if not each["more"] and _better(each) and not _worse(each)]
    del helpful[_MOST_SAID:]
    said += [f"{each['said']}." for each in helpful]
    harmful = [each for each in changes if not each["more"] and _does(each) and each not in helpful]
    if harmful:
        said.append(f"{harmful[-1]['said']}.")
    return said


def _does(change: Tried) -> bool:
    """Tell whether a change is shown to change anything but money."""
    return any(
        effect["call"] == "shown" for name, effect in change["effects"].items() if name not in words.MONEY
    )


def _better(change: Tried) -> bool:
    """Tell whether a change is shown to improve anything but money by enough to be named."""
    return True in _directions(change)


def _worse(change: Tried) -> bool:
    """Tell whether a change is shown to make anything but money worse by enough to be named."""
    return False in _directions(change)


def _directions(change: Tried) -> set[bool]:
    """Return whether it is for the better, of each figure but money that is shown to change by enough."""
    return {
        (effect["difference"] > 0) == (KPIS[name].better == "higher")
        for name, effect in change["effects"].items()
        if name not in words.MONEY
        and words.matters(effect)
        and KPIS[name].better is not None
        and effect["difference"]
    }


def _effect(name: str, figure: Figure, each: pairs.Difference, p_holm: float | None) -> Effect:
    return Effect(
        mean=figure["mean"],
        difference=each.mean,
        sd=each.sd,
        ci=None if each.ci is None else list(each.ci),
        n=each.n,
        p=each.p,
        p_holm=p_holm,
        unit=KPIS[name].unit,
        call=_call(each, p_holm),
    )


def _call(each: pairs.Difference, p_holm: float | None) -> str:
    """Call a difference shown, too close, or the same."""
    if each.mean is None:
        return "unknown"
    if each.sd == 0:
        # Equal differences are no chance: the price of a chair. None at all may still hide a rare event.
        hidden = each.ci is not None and each.ci[0] < each.ci[1]
        return "shown" if each.mean else "too close" if hidden else "same"
    if each.ci is None or each.ci[0] <= 0 <= each.ci[1]:
        return "too close"
    return "shown" if p_holm is not None and p_holm < SEEN else "perhaps"


# -- targets ------------------------------------------------------------------------------------------------------


def limits_of(scenario: Scenario) -> dict[str, tuple[str, float]]:
    """Return the limits on means of key figures: by figure the sign and the limit.

    These are the limits of the verdicts and the targets of the scenario, but for those in years.
    """
    targets = scenario.targets
    limits = {
        "balked_share": ("<=", bound(targets.balked_share)),
        "overtime_day_share": ("<=", bound(targets.overtime_day_share)),
        "started_on_time_share": (">=", bound(targets.started_on_time_share)),
    }
    for target in targets_of(scenario):
        if target.figure != VERDICT and target.years is None:
            at_most, limit = target.bound
            limits[target.by] = ("<=" if at_most else ">=", limit)
    return limits


def _met(kpis: Mapping[str, Figure], limits: Mapping[str, tuple[str, float]]) -> list[Met]:
    """Compare figures with their limits, by their intervals."""
    return [
        Met(kpi=name, target=_written(name, sign, limit), state=_state(kpis[name], sign, limit))
        for name, (sign, limit) in limits.items()
    ]


def _written(name: str, sign: str, limit: float) -> str:
    return f"{sign} {100 * limit:g} %" if KPIS[name].unit == "share" else f"{sign} {limit:g}"


def _in_years(target: TargetResult, weeks: int) -> str:
    """Write the limit that a replication should keep, and in how many years it should."""
    assert target["by_limit"] is not None
    assert target["years"] is not None
    sign = "<=" if target["by_at_most"] else ">="
    return f"{_written(target['by'], sign, target['by_limit'])} in {in_years(target['years'], weeks)}"


def strain_in_years(target: TargetResult) -> float:
    """Return how far a target in years is from being kept: years that break its limit, by those that may.

    >>> round(strain_in_years({"mean": 0.4, "years": 0.8}), 9)  # 60 % do, and 20 % may
    3.0
    """
    assert target["years"] is not None
    return (1.0 - (target["mean"] or 0.0)) / (1.0 - target["years"])


def _state(figure: Figure, sign: str, limit: float) -> str:
    if figure["mean"] is None:
        return "unknown"
    if figure["ci"] is None:
        return "open"
    low, high = figure["ci"]
    if sign == ">=":
        low, high, limit = -high, -low, -limit
    return "met" if high <= limit else "missed" if low > limit else "open"


def _strain(sign: str, limit: float, figure: Figure) -> float:
    """Return how far a figure is from its limit, as a ratio: above 1 it is broken."""
    mean = figure["mean"] or 0.0
    if sign == ">=":
        if figure["unit"] != "share":
            return limit / mean if mean > 0 else np.inf
        mean, limit = 1.0 - mean, 1.0 - limit
    if limit <= 0:
        return np.inf if mean > 0 else 0.0
    return mean / limit


def _gain(change: Tried, name: str) -> tuple[float, float]:
    """Return how much better a figure becomes, and half of its interval."""
    effect = change["effects"][name]
    if effect["difference"] is None:
        return -np.inf, 0.0
    sign = -1.0 if KPIS[name].better == "lower" else 1.0
    low, high = effect["ci"] or (effect["difference"], effect["difference"])
    return sign * effect["difference"], (high - low) / 2


# -- paper and use ------------------------------------------------------------------------------------------------


def _on_paper(scenario: Scenario, changes: Sequence[Change]) -> OnPaper:
    """Describe the plan in force when the measured weeks begin."""
    plan: CapacityOnPaper = next(capacity_on_paper(scenario))
    wanted = demand(scenario)
    asked = None if wanted is None else wanted["starts"]
    walk_in = scenario.booking.mode == "walk-in"
    open_days = [day for day in plan["weekdays"] if day["hours"] is not None and not day["variant"]]
    if walk_in:
        shares = load_by_resource(scenario, plan, 1.0)
        limits = {day["weekday"]: max(shares, key=shares.__getitem__) for day in open_days}
    else:
        limits = {day["weekday"]: day["limit"] for day in open_days}
    days = [*limits.values()]
    most = max(dict.fromkeys(days), key=days.count)
    gains: dict[str, float] = {}
    now = starts_on_paper(scenario)
    for each in changes:
        if each.more and each.kind in _RUNS_OUT and "booking.starts" not in each.settings:
            assert each.scenario is not None
            what = _runs_out(each.kind, each.name)
            gains[what] = max(gains.get(what, 0.0), starts_on_paper(each.scenario) - now)
    first = most
    if most != "listed" and max(gains.values(), default=0.0) > 0:
        # Of equals, what limits most days comes first.
        own = {"hands": "nurses", "eyes": "nurses"}.get(most, most.partition(":")[2] or most)
        first = max(gains, key=lambda what: (gains[what], what == own))
    starts = (plan["visits_at_most"] or 0.0) if walk_in else float(plan["starts_per_week"])
    paper = OnPaper(starts=starts, asked=asked, first=first, limits=limits)
    if "with_holidays" in plan:
        paper["with_holidays"] = plan["with_holidays"]
    # As shares of what fits: of all starts, and of those for one type of visit or some infusions of it.
    short = [each for each in scarce_visits(scenario, plan) if asked is not None and each.fit]
    if short and starts and asked is not None:
        scarcest = max(short, key=lambda each: each.asked / each.fit)
        if scarcest.asked / scarcest.fit > asked / starts:
            paper["scarce"] = ScarceStarts(
                visit=scarcest.visit,
                first=scarcest.first,
                last=scarcest.last,
                asked=scarcest.asked,
                fit=scarcest.fit,
            )
    return paper


def _full(plan: CapacityOnPaper, name: str) -> float | None:
    """Return the share of the opening hours in which a resource is full, if all starts are used."""
    uses: list[Mapping[str, Any]] = [{**hour, **hour.get("others", {})} for hour in plan["hours"]]
    hours = [each[name]["full"] for each in uses]
    if plan["visits_at_most"] is not None or not hours:
        return None
    shares = [hour["of_weeks"] for hour in plan["hours"]]
    return float(np.mean(hours)) if set(shares) == {1} else float(np.average(hours, weights=shares))


def _open_hours(scenario: Scenario) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Mark the hours of the week in which the clinic is open throughout, shape (168,)."""
    calendar = Timetable(scenario).calendar
    begin = -calendar.first_day
    open_ = np.zeros(ROWS, dtype=np.bool_)
    for index in range(begin, begin + 7 * scenario.run.weeks):
        hours = calendar.hours[index]
        for span in () if hours is None else hours.spans:
            first, last = -int(-span.start // 60), span.end // 60
            open_[24 * calendar.weekday[index] + first : 24 * calendar.weekday[index] + last] = True
    return open_


def _busiest(shares: Floats) -> Busiest | None:
    """Find the two hours of the day in which a resource is used most, and the weekdays on which it is.

    Parameters
    ----------
    shares
        Use by weekday and hour, shape (replications, 168); NaN when closed.
    """
    week = shares.reshape(len(shares), 7, 24)
    two = (week[:, :, :-1] + week[:, :, 1:]) / 2
    means = two.mean(axis=0)
    if not np.isfinite(means).any():
        return None
    day, hour = np.unravel_index(int(np.nanargmax(means)), means.shape)
    best = two[:, day, hour]
    if not means[day, hour] > 0:
        return None
    open_ = [(int(at), int(of)) for at, of in np.argwhere(np.isfinite(two).all(axis=0))]

    def near(times: list[tuple[int, int]]) -> list[int]:
        """Return the days on which the resource is not shown to be used less at these times."""
        return [at for at, of in times if not _shown_above(best - two[:, at, of], len(times))]

    same = near([(at, of) for at, of in open_ if of == hour and at != day])
    others = near([(at, of) for at, of in open_ if abs(of - hour) >= 2])
    return Busiest(
        weekdays=[WEEKDAYS[at] for at in sorted([int(day), *same])],
        hour=int(hour),
        share=float(means[day, hour]),
        others=bool(others),
    )


def _shown_above(more: Floats, comparisons: int) -> bool:
    """Tell whether a mean is shown to be above 0 at 95 %, corrected for the number of comparisons."""
    if len(more) < 2:
        return False
    factor = float(special.stdtrit(len(more) - 1, 1 - 0.05 / comparisons))
    return float(more.mean()) > factor * float(np.std(more, ddof=1)) / float(np.sqrt(len(more)))


def with_replications(scenario: Scenario, replications: int | None, seed: int | None) -> Scenario:
    """Return the scenario with replications and seed of the study; by default ten, and the scenario's seed."""
    return with_run_settings(
        scenario, replications=REPLICATIONS if replications is None else replications, seed=seed
    )


def _runs_out(kind: str, name: str) -> str:
    """Name what a change adds some of: "one more prescriber in the shift late" adds to the role prescriber."""
    named = name.removeprefix("one more ").removeprefix("day of the ").partition(",")[0].partition(" in ")[0]
    return f"{named} days" if kind == "role-day" else _RUNS_OUT[kind] or named
