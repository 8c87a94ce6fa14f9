"""The result of `plan`: the answer in sentences, a table of the plans, and rows for spreadsheets."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Group, RenderableType

from simclinic.measures import KPIS
from simclinic.measures.stability import PAPER_BREAKS
from simclinic.measures.targets import VERDICT
from simclinic.report.text.by_type import figure_cell, type_tables
from simclinic.report.text.intake import STATES as LEVEL_STATES
from simclinic.report.text.intake import STYLES as LEVEL_STYLES
from simclinic.report.text.intake import letter, level_cell, named, unit_of, without_spread
from simclinic.report.text.numbers import for_people
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import notes
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import bullet, counted, period, resource_words, setting_text
from simclinic.results.plan import By, End, Gain, Objective, PlanDocument, PlanResult

COLUMNS = (
    *("plan", "known_cost", "nurse_hours", "chair_days", "load_on_paper", "replications", "state"),
    *("figure", "target", "target_state", "mean", "lower", "upper"),
)
STATES = {
    "meets": "meets",
    "misses": "MISSES",
    "borderline": "borderline",
    "open": "open",
    "not tried": "not tried",
}
"""States of a plan in tables."""
STYLES = {"meets": "green", "misses": "red", "borderline": "yellow", "open": "yellow", "not tried": "dim"}

_FIGURES = ("cost_per_week", "margin_per_week", "access_days_p90", "wait_minutes_mean", "balked_share")

_SHORT_OF = {"chairs": "chairs", "hands": "nurses' hands", "eyes": "nurses who watch"}
_MOST_NAMED = 3


# -- sentences ----------------------------------------------------------------------------------------------------


def answer(document: PlanDocument, currency: str) -> list[str]:
    """Give the answer in sentences."""
    if document["chosen"] is None:
        return [*_none(document), *never_shown(document), *_left_out(document)]
    first, *proof = _chosen(document, currency)
    return [first, *_when(document, currency), *proof, *_left_out(document)]


def _chosen(document: PlanDocument, currency: str) -> Iterator[str]:
    plans, chosen = document["plans"], document["chosen"]
    assert chosen is not None
    one = plans[chosen]
    objective = document.get("objective")
    total = one["figures"].get("cost_per_week")
    in_all = (
        ""
        if total is None or total["mean"] is None
        else f" ({money(total['mean'])} with overtime and supplies)"
    )
    price = f"{money(one['known_cost'])} {currency} a week for rostered hours and chairs{in_all}"
    if document["maximise"] is not None:
        label = label_of(document["maximise"], names_of(document)).lower()
        yield f"Of the plans that meet all targets, {one['name']} has the largest {label}; it costs {price}."
    else:
        yield f"The cheapest plan that meets all targets: {one['name']}, {price}.{_against_now(document, currency)}"
    yield _certainty(document)
    yield from _cheaper(document, currency)
    if objective is not None:
        yield _order(document, objective)


def _against_now(document: PlanDocument, currency: str) -> str:
    chosen = document["chosen"]
    assert chosen is not None
    if document["now"] == chosen:
        return " That is the plan as it is."
    more = document["plans"][chosen]["known_cost"] - document["known_cost_now"]
    if abs(more) < 0.5:
        return " The plan as it is costs the same."
    return f" That is {money(abs(more))} {currency} a week {'more' if more > 0 else 'less'} than the plan as it is."


def _certainty(document: PlanDocument) -> str:
    """Say what is sure, what it covers and on what it rests, in the same sentence."""
    chosen = document["chosen"]
    assert chosen is not None
    sure = f"With {100 * (1 - document['alpha']):g} % confidence"
    rests = f"this covers the {counted(document['listed'], 'plan')} listed, if the inputs are right"
    cheaper = _cheaper_plans(document)
    undecided = [each for each in cheaper if each["state"] in ("borderline", "open")]
    by_verdict = [each for each in cheaper if each["misses"] == ["verdict"] and not on_paper(each)]
    if document["maximise"] is not None:
        return f"{sure} it meets all targets; {rests}."
    if not cheaper:
        return f"{sure} it meets them, and no cheaper plan is listed; {rests}."
    if not undecided:
        many = f"none of the {len(cheaper)} cheaper plans does"
        which = "the cheaper plan does not" if len(cheaper) == 1 else many
        but = (
            f" ({named([each['name'] for each in by_verdict])} by the verdict alone, which has an error of its own)"
            if by_verdict
            else ""
        )
        return f"{sure} it meets them{_in_quarters(document)} and {which}{but}; {rests}."
    kinds = [
        f"{state}: {named([each['name'] for each in undecided if each['state'] == state])}"
        for state in ("borderline", "open")
        if any(each["state"] == state for each in undecided)
    ]
    more = (
        "; --at-most allows more replications" if any(each["state"] == "open" for each in undecided) else ""
    )
    return (
        f"{sure} it meets them. No cheaper plan is shown to do, but not all are excluded "
        f"({'; '.join(kinds)}{more}); {rests}."
    )


def _in_quarters(document: PlanDocument) -> str:
    return " in every quarter if it is in force from the first day on" if "by" in document else ""


def _when(document: PlanDocument, currency: str) -> Iterator[str]:
    """Say by when the plan must be in force, and what that brings."""
    if "by" not in document:
        return
    by = document["by"]
    if by is None:
        yield "Nothing need change: today's plan meets all targets in every quarter of the horizon."
        return
    tried, last, late = by["tried"], by["confirmed"], by["missed"]
    if last is None:
        yield "Not even from the first day on is it shown to meet all targets in every quarter: it comes too late."
    else:
        whole = len(tried) - 1 == last and late is None
        yield _in_force(document, by, last, whole=whole)
        if late is not None:
            between = " The weeks between are open." if late > last + 1 else ""
            yield (
                f"From {tried[late]['date']} (week {tried[late]['week']}) it is shown to be too late: the clinic "
                f"then {missed(document, tried[late]['misses'])}.{between}"
            )
        elif not whole:
            yield "From when on it is too late is open: no later week that was tried is shown to miss a target."
        yield from _gains(by, currency)
    if by["nothing"] == "meets":
        yield "Without it today's plan meets all targets too, in every quarter."
    elif by["nothing_misses"]:
        yield f"If nothing changes, today's plan {missed(document, by['nothing_misses'])}, in one quarter or more."


def _in_force(document: PlanDocument, by: By, last: int, *, whole: bool) -> str:
    """Say until when it is early enough, and when to advertise."""
    week = by["tried"][last]
    sure = f"with {100 * (1 - document['alpha']):g} % confidence, if the inputs are right"
    tried = ", the last that was tried" if whole else ""
    lead = f"With {by['lead_weeks']} weeks for notice and training"
    if by["advertise_by"] is None or by["advertise_by"] >= document["horizon"]["start"]:
        advertise = f"{lead}, advertise by {by['advertise_by']}."
    else:
        advertise = (
            f"{lead}, it should have been advertised by {by['advertise_by']}, before the first day of the "
            f"simulation, {document['horizon']['start']}: advertise at once{_too_late(by)}."
        )
    return (
        f"It is enough that it is in force by {week['date']} (week {week['week']}{tried}): all targets are then "
        f"met in every quarter, {sure}. {advertise}"
    )


def _too_late(by: By) -> str:
    """Say whether a plan that is advertised today is shown to come too late."""
    missed = [each["week"] for each in by["tried"] if each["state"] == "missed"]
    # What is too late in one week is too late in all later ones.
    if missed and missed[0] <= by["lead_weeks"]:
        return ", and expect the targets to be missed meanwhile"
    return "; whether that is still in time is open"


def _gains(by: By, currency: str) -> Iterator[str]:
    cost, margin = (by["against_nothing"].get(name) for name in ("cost_per_week", "margin_per_week"))
    if cost is None or margin is None or cost["mean"] is None or margin["mean"] is None:
        return
    yield (
        f"Against doing nothing the cost is {_signed(cost, currency)}, and the margin "
        f"{_signed(margin, currency)}, on average over the horizon."
    )


def _signed(gain: Gain, currency: str) -> str:
    """Write a difference and its interval: "1,170 USD a week more (1,150 to 1,190)"."""
    mean, ci = gain["mean"] or 0.0, gain["ci"]
    if ci is not None and ci[0] <= 0 <= ci[1]:
        return f"about the same ({money(ci[0])} to {money(ci[1])} {currency} a week more)"
    ends = [] if ci is None else sorted(abs(end) for end in ci)
    between = f" ({money(ends[0])} to {money(ends[1])})" if ends else ""
    return f"{money(abs(mean))} {currency} a week {'more' if mean > 0 else 'less'}{between}"


def _cheaper_plans(document: PlanDocument) -> list[PlanResult]:
    chosen = document["chosen"]
    assert chosen is not None
    cost = document["plans"][chosen]["known_cost"]
    return [each for each in document["plans"][:chosen] if each["known_cost"] < cost - 1e-6]


def _cheaper(document: PlanDocument, currency: str) -> Iterator[str]:
    """Say why the next cheaper plan will not do."""
    cheaper = _cheaper_plans(document)
    chosen = document["chosen"]
    if not cheaper or chosen is None or document["maximise"] is not None:
        return
    last = cheaper[-1]
    saved = document["plans"][chosen]["known_cost"] - last["known_cost"]
    if last["state"] == "misses":
        yield (
            f"The next cheaper, {last['name']}, saves {money(saved)} {currency} a week and "
            f"{missed(document, last['misses'])}{' on paper' if on_paper(last) else ''}."
        )


def missed(document: PlanDocument, figures: Sequence[str]) -> str:
    """Say which targets a plan misses, and whether it is not stable."""
    told = {each["figure"]: each["told"] for each in document["targets"]}
    names = [f"“{told[figure]}”" for figure in figures if figure != VERDICT]
    names[_MOST_NAMED:] = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    said = [f"misses {named(names)}"] if names else []
    return ", and ".join([*said, *(["is not stable"] if VERDICT in figures else [])])


def _order(document: PlanDocument, objective: Objective) -> str:
    """Say how sure the order of certified plans is."""
    plans, label = document["plans"], label_of(objective["figure"], names_of(document)).lower()
    if len(objective["among"]) == 1:
        return "No other plan is shown to meet all targets."
    many = f"{len(objective['among'])} plans"
    if not document["maximise"] is not None:
        many += " of this cost"
    if objective["certified"]:
        return f"{many} meet all targets; this one is shown to have the largest {label}."
    close = named([plans[place]["name"] for place in objective["close"]])
    return f"{many} meet all targets; by {label} it is too close to call between this one and {close}."


def if_inputs_differ(document: PlanDocument) -> Iterator[str]:
    """Say whether the chosen plan holds at both ends of the inputs that matter most."""
    ends = document["ends"]
    holds = [end for end in ends if end["state"] == "met"]
    undecided = [end for end in ends if end["state"] == "open"]
    for end in ends:
        if end["state"] == "missed":
            misses = missed(document, end["misses"])
            yield f"If {end['name']} ({_usual(end)} assumed), it {misses}; {_enough(document, end)}."
    sure = f"It also holds if {_either([end['name'] for end in holds])}" if holds else ""
    whether = "whether it holds" if sure else "Whether it holds"
    unsure = f"{whether} if {_either([end['name'] for end in undecided])} is open" if undecided else ""
    if sure or unsure:
        yield f"{'; '.join(part for part in (sure, unsure) if part)}."


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', if '.join(names[:-1])}, or if {names[-1]}"


def _enough(document: PlanDocument, end: End) -> str:
    if document["chosen"] == len(document["plans"]) - 1:
        return "no dearer plan is listed"
    if end["enough"] is None:
        return "no dearer plan that was tried is shown to hold then"
    return f"{document['plans'][end['enough']]['name']} would hold"


def _usual(end: End) -> str:
    return f"{100 * end['usual']:.3g} %" if ".boosters." in f".{end['address']}" else f"{end['usual']:g}"


def _none(document: PlanDocument) -> Iterator[str]:
    plans, nearest = document["plans"], document["nearest"]
    assert nearest is not None  # some plan was tried
    undecided = [each["name"] for each in plans if each["state"] in ("open", "borderline")]
    one = plans[nearest]
    if not undecided:
        one_only = "The plan listed does not meet all targets."
        yield (
            one_only
            if document["listed"] == 1
            else f"None of the {document['listed']:,} plans listed meets all targets."
        )
    else:
        yield (
            f"No plan is shown to meet all targets with at most {document['at_most']} replications; not excluded: "
            f"{named(undecided)}. --at-most allows more."
        )
    misses = (
        f"it {missed(document, one['misses'])}" if one["misses"] else "it is not shown to miss any target"
    )
    limited = document["limited_by"]
    short_of = f"its {_SHORT_OF[limited]} run" if limited in _SHORT_OF else ""
    if ":" in (limited or ""):
        short_of = f"{resource_words(limited)} runs"
    limit = f"; on paper {short_of} out first" if short_of else ""
    yield f"The one that comes nearest is {one['name']}: {misses}{limit}."


def overloaded(load: float) -> str:
    """Say of a plan that more is asked of it on paper than it offers; no proof that it misses a target.

    Boosters may not be steady yet in the measured weeks, and patients who are turned away ask for nothing.

    >>> overloaded(1.204), overloaded(1.0)
    (' (on paper it is asked for 120 % of what it offers)', '')
    """
    if load <= 1:
        return ""
    if math.isinf(load):
        return " (on paper it offers nothing, or boosters never end)"
    return f" (on paper it is asked for {100 * load:.{1 if load < 1.01 else 0}f} % of what it offers)"


def never_shown(document: PlanDocument) -> Iterator[str]:
    """Say which targets keep the nearest plan open whatever the number of replications."""
    nearest = document["nearest"]
    assert nearest is not None  # some plan was tried
    one = document["plans"][nearest]
    if one["state"] == "open":
        yield from without_spread(document["targets"], one["targets"], one["replications"])


def on_paper(one: PlanResult) -> bool:
    """Tell whether a plan was ruled out on paper, without a replication."""
    return one["state"] == "misses" and not one["replications"]


def _left_out(document: PlanDocument) -> Iterator[str]:
    if ruled_out := document["ruled_out"]:
        one, more = ruled_out == 1, f"more than {100 * PAPER_BREAKS:.0f} % of what {{}} on paper"
        yield (
            f"{counted(ruled_out, 'plan')} {'was' if one else 'were'} ruled out on paper and not simulated: "
            f"{more.format('it offers') if one else more.format('each offers')} is asked for once boosters are "
            f"steady, so {'it is' if one else 'they are'} not stable."
        )
    if document["overloaded"]:
        yield (
            f"Of {document['listed']:,} plans, {document['overloaded']:,} were left out on paper, because more is "
            "asked of them than they can carry"
            + (f", and the {document['dearer']:,} dearest were not looked at." if document["dearer"] else ".")
        )
    elif document["dearer"]:
        yield f"Of {document['listed']:,} plans, the {document['dearer']:,} dearest were not looked at."


def money(value: float) -> str:
    """Write an amount as a person would say it: three digits.

    >>> money(7350.0), money(12345.6), money(88.4)
    ('7,350', '12,300', '88')
    """
    digits = max(0, len(f"{abs(value):.0f}") - 3)
    return f"{round(value, -digits):,.0f}"


# -- the table ----------------------------------------------------------------------------------------------------


def plan_table(document: PlanDocument, currency: str) -> RenderableType:
    """Show the result of `plan`: the answer, the plans, the proof."""
    return Group(
        *_heading(document),
        Text(),
        *_plans(document, currency),
        *_weeks(document, currency),
        *_money(document, currency),
        *_types(document, currency),
        *_proof(document),
    )


def _heading(document: PlanDocument) -> Iterator[RenderableType]:
    yield Text(document["scenario"], style="bold")
    yield Text()
    for sentence in document["answer"]:
        yield Text(sentence)
    if document["if_inputs_differ"]:
        yield Text()
        yield Text("If inputs differ", style="bold")
        for sentence in document["if_inputs_differ"]:
            yield Text(sentence)
    yield Text()
    yield Text(
        f"{period(document['horizon'], document.get('panel'))}, seed {document['seed']}; all plans have the same "
        "patients",
        style="dim",
    )
    for warning in document["warnings"]:
        yield bullet(warning)
    yield from notes(document.get("panel"), document["horizon"])


def tried(document: PlanDocument) -> list[tuple[int, PlanResult]]:
    """List the plans that were tried, with their places."""
    return [(place, each) for place, each in enumerate(document["plans"]) if each["state"] != "not tried"]


def _plans(document: PlanDocument, currency: str) -> Iterator[RenderableType]:
    yield Text("Targets and guards", style="bold")
    for number, each in enumerate(document["targets"], 1):
        kind = "guard" if each["guard"] else "target"
        yield Text(f"  {letter(number)}  {each['told']} ({kind})")
    yield Text()
    table = _table_of_plans(document)
    table.add_column(f"{currency} a week", justify="right", width=6)
    table.add_column("")
    for number, asked in enumerate(document["targets"], 1):
        unit = unit_of(asked, currency)
        table.add_column(f"{letter(number)}, {unit}" if unit else letter(number), justify="right")
    table.add_column("n", justify="right")
    for place, one in tried(document):
        table.add_row(
            *_settings(document, place),
            f"{one['known_cost']:,.0f}",
            Text(STATES[one["state"]], style=STYLES[one["state"]]),
            *(
                level_cell(asked, found, currency)
                for asked, found in zip(document["targets"], one["targets"], strict=True)
            ),
            str(one["replications"]),
        )
    yield table
    left = len(document["plans"]) - len(tried(document))
    if left:
        yield Text(f"{counted(left, 'dearer plan')} {'was' if left == 1 else 'were'} not tried.", style="dim")
    yield Text(
        "Means, with the bound that decides: < is surely below, > surely above. ! missed, ~ borderline, ? open. n: "
        "replications.",
        style="dim",
    )


def _table_of_plans(document: PlanDocument) -> Table:
    """Begin a table with a column for each setting that varies."""
    table = Table(box=box.SIMPLE, pad_edge=False, padding=0, show_edge=False)
    shifts = sum(each["address"].startswith("shifts.") for each in document["over"])
    for each in document["over"]:
        parts = each["address"].split(".")
        # Not all who work are nurses: of several shifts, the name of each stands for them; so do those of places.
        named = parts[-1] == "number" or (parts[-1] == "nurses" and shifts > 1)
        head = parts[-2] if named else parts[-1].replace("_", " ")
        table.add_column(f"{parts[-2]} {head}" if parts[0] == "shifts" and not named and shifts > 1 else head)
    return table


def _settings(document: PlanDocument, place: int) -> Iterator[Text]:
    """Yield the settings of a plan, as cells; those of the chosen one are bold."""
    settings = document["plans"][place]["settings"]
    for each in document["over"]:
        yield Text(
            setting_text(settings[each["address"]]), style="bold" if place == document["chosen"] else ""
        )


def _money(document: PlanDocument, currency: str) -> Iterator[RenderableType]:
    yield Text()
    table = _table_of_plans(document)
    figures = figures_of(document)
    for name in figures:
        table.add_column(heading(name, currency, names_of(document)), justify="right")
    for place, one in tried(document):
        table.add_row(
            *_settings(document, place),
            *(figure_cell(one["figures"], name, currency) for name in figures),
        )
    yield table
    yield Text("Means, with 95 % intervals.", style="dim")


def figures_of(document: PlanDocument) -> list[str]:
    """List the figures that tables show of plans that were tried."""
    known = names_of(document)
    return [name for name in _FIGURES if name in known]


def names_of(document: PlanDocument) -> set[str]:
    """Return the names of all figures of plans that were tried."""
    return {name for _, one in tried(document) for name in one["figures"]}


def _types(document: PlanDocument, currency: str) -> Iterator[RenderableType]:
    for head, types, rows in type_tables([one["figures"] for _, one in tried(document)], currency):
        yield Text()
        yield Text(f"By type of visit: {head}", style="bold")
        table = _table_of_plans(document)
        for each in types:
            table.add_column(each, justify="right")
        for (place, _), cells in zip(tried(document), rows, strict=True):
            table.add_row(*_settings(document, place), *cells)
        yield table


def heading(name: str, currency: str, figures: Iterable[str] = ()) -> str:
    """Return the heading of a figure's column; `figures` of the clinic, for :func:`label_of`."""
    return f"{label_of(name, figures)}, {for_people(KPIS[name].unit, currency)[1]}"


def _weeks(document: PlanDocument, currency: str) -> Iterator[RenderableType]:
    """Show the weeks tried."""
    by = document.get("by")
    if not by:
        return
    yield Text()
    yield Text("In force from", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=0, show_edge=False)
    table.add_column("week", justify="right")
    table.add_column("date", no_wrap=True)
    table.add_column("")
    for number, asked in enumerate(document["targets"], 1):
        unit = unit_of(asked, currency)
        table.add_column(f"{letter(number)}, {unit}" if unit else letter(number), justify="right")
    table.add_column("n", justify="right")
    for each in by["tried"]:
        cells = (
            f"{level_cell(asked, found, currency)} Q{found.get('part', 1)}"
            for asked, found in zip(document["targets"], each["targets"], strict=True)
        )
        state = Text(LEVEL_STATES[each["state"]], style=LEVEL_STYLES[each["state"]])
        table.add_row(f"{each['week']}", each["date"], state, *cells, str(each["replications"]))
    yield table
    yield Text("Each target in its worst quarter, Q1 the first.", style="dim")


def _proof(document: PlanDocument) -> Iterator[RenderableType]:
    yield Text()
    yield Text(
        "Plans in the order of what they surely cost. Bounds hold at every number of replications; the error of "
        f"{100 * document['alpha']:g} % is divided by plans and targets. The guarantee covers the plans listed and "
        "is conditional on the inputs; ends of inputs are tested one by one.",
        style="dim",
    )


# -- rows ---------------------------------------------------------------------------------------------------------


def plan_rows(document: PlanDocument) -> list[dict[str, object]]:
    """Lay the targets of all plans out flat, by `COLUMNS`; a plan that was not tried has one row."""
    told = {each["figure"]: each["told"] for each in document["targets"]}
    rows: list[dict[str, object]] = []
    nothing: tuple[object, ...] = (None,) * 6
    for one in document["plans"]:
        first = (
            *(one["name"], one["known_cost"], one["nurse_hours"], one["chair_days"], one["load_on_paper"]),
            *(one["replications"], one["state"]),
        )
        found: list[tuple[object, ...]] = [
            (each["figure"], told[each["figure"]], each["state"], each["mean"], each["lower"], each["upper"])
            for each in one["targets"]
        ] or [nothing]
        rows += [dict(zip(COLUMNS, (*first, *each), strict=True)) for each in found]
    return rows


def plans_csv(document: PlanDocument) -> str:
    """Write the targets of all plans, one row each, numbers in full."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in plan_rows(document):
        rows.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()
