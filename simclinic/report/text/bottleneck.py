"""The result of `bottleneck`: the answer in sentences, a table of all changes, and rows for spreadsheets."""

from __future__ import annotations

import csv
import io
import math
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich import box
from rich.console import Group, RenderableType

from simclinic.measures import KPIS
from simclinic.measures.groups import VISIT, part_of
from simclinic.report.text.numbers import NO_VALUE, count, for_people, plain, row, short
from simclinic.report.text.parts import label_of
from simclinic.report.text.run import notes
from simclinic.report.text.stability import verdict_lines
from simclinic.report.text.summary import cell
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import (
    LIMITS,
    bullet,
    counted,
    period,
    resource_words,
    several,
    with_holidays,
)
from simclinic.results.bottleneck import (
    Away,
    BottleneckDocument,
    Effect,
    Leave,
    Met,
    NotPossible,
    OnPaper,
    ResourceUse,
    Tried,
)

FULL_NAMES = {
    "mon": "Mondays",
    "tue": "Tuesdays",
    "wed": "Wednesdays",
    "thu": "Thursdays",
    "fri": "Fridays",
    "sat": "Saturdays",
    "sun": "Sundays",
}
"""Weekdays in sentences."""

WITH_OTHERS = "Waits for nurses' hands and eyes include those for other roles."
AWAY = (
    "Away: the share of the opening hours without anybody of the role; visits that need it cannot begin then."
)
RESOURCES = {"chairs": "chairs", "hands": "nurses' hands", "eyes": "nurses' eyes"}
"""Resources by their names in the document."""

MONEY = ("cost_per_week", "margin_per_week")
"""Figures that a change costs or earns; all others are what it does for patients and staff."""

_HEADINGS = {
    "series_started_per_week": "patients a week",
    "infusions_per_week": "treatments a week",
    "access_days_mean": "days to begin",
    "access_days_p90": "days, 9 in 10 within",
    "wait_minutes_mean": "minutes waited",
    "balked_share": "turned away, %",
    "booster_wait_days_mean": "days to booster",
    "overtime_day_share": "late days, %",
    "started_on_time_share": "on time, %",
    "cost_per_week": "cost a week",
    "margin_per_week": "margin a week",
}
_TO_BEGIN = {
    "access_days_mean": "Days to begin, mean",
    "access_days_p90": "Days to begin, 9 in 10 within",
}
"""Targets on the first treatment, whatever it is."""
_VERBS = {
    "series_started_per_week": ("let {} more patients a week begin", "let {} fewer patients a week begin"),
    "infusions_per_week": ("let {} more infusions a week be given", "let {} fewer infusions a week be given"),
    "access_days_mean": ("bring first infusions {} days later", "bring first infusions {} days sooner"),
    "wait_minutes_mean": (
        "make the wait on the day {} minutes longer",
        "make the wait on the day {} minutes shorter",
    ),
    "balked_share": ("turn away {} more of 100 new patients", "turn away {} fewer of 100 new patients"),
    "booster_wait_days_mean": ("bring boosters {} days later", "bring boosters {} days sooner"),
    "overtime_day_share": ("make {} more of 100 days run late", "make {} fewer of 100 days run late"),
    "started_on_time_share": (
        "let {} more of 100 visits begin on time",
        "let {} fewer of 100 visits begin on time",
    ),
}
_MOST_EFFECTS = 2
_MATTERS = 0.02
_MOST_PLACES = 2
_MOST_NAMED = 4
_NAME_WIDTH = 14
COLUMNS = (
    *("change", "name", "more", "starts_on_paper", "kpi", "label", "unit", "mean", "difference", "sd"),
    *("ci_low", "ci_high", "n", "p", "p_holm", "call"),
)


# -- sentences ----------------------------------------------------------------------------------------------------


def being_tried(name: str, place: int, plans: int) -> str:
    """Say which plan is being simulated, by its place from 0.

    >>> being_tried("one more chair", 1, 12)
    'Plan 2 of 12 is being simulated: one more chair.'
    """
    return f"Plan {place + 1} of {plans} is being simulated: {name}."


def first_sentence(
    paper: OnPaper,
    simulated: str | None,
    resources: Sequence[ResourceUse],
    sorted_by: str,
    figures: Iterable[str] = (),
) -> str:
    """Say what runs out first, on paper and in the simulation, and when in the week.

    Parameters
    ----------
    paper, resources
        The plan on paper, and the simulated use of each resource.
    simulated
        What runs out first in the simulation; None if one more of nothing is shown to help.
    sorted_by
        The figure by which that was judged.
    figures
        The names of all figures, by which they show whether there are several types of visit.
    """
    first = paper["first"]
    by_name = {each["name"]: each for each in resources}
    others = _other_limits(paper)
    if simulated is None:
        figure = label_of(sorted_by, figures).removesuffix(", mean")
        return (
            f"{first_on_paper(paper, resources)[:-1]}; in the simulation nothing "
            f"that was added alone is shown to improve the {figure[:1].lower()}{figure[1:]}."
        )
    if simulated == _own(first) and "scarce" not in paper:
        both = "run out first, on paper and in the simulation"
        return f"{_capital(_word(first))} {both}{others}{_when(first, by_name)}."
    on_paper = f"On paper {_word(first)} run out first{others}" if "scarce" not in paper else _scarce(paper)
    return f"{on_paper}, in the simulation {_word(simulated)}{_when(simulated, by_name)}."


def first_on_paper(paper: OnPaper, resources: Sequence[ResourceUse]) -> str:
    """Say what runs out first on paper, before changes are simulated."""
    if "scarce" in paper:
        return f"{_scarce(paper)}."
    first = paper["first"]
    when = _when(first, {each["name"]: each for each in resources})
    return f"On paper {_word(first)} run out first{_other_limits(paper)}{when}."


def _scarce(paper: OnPaper) -> str:
    """Say that starts for some visits run out before all starts do."""
    scarce = paper["scarce"]
    which = scarce["visit"]
    if scarce["first"] is not None:
        last = {scarce["first"]: "", None: " and later"}.get(scarce["last"], f" to {scarce['last']}")
        which += f" number {scarce['first']}{last}"
    return (
        f"On paper starts for {which} run out first ({short(scarce['asked'])} a week are asked for, and at most "
        f"{count(scarce['fit'])} fit)"
    )


_WORDS = {"hours": "opening hours", "listed": "the listed starts", "nurses": "nurses"}


def _word(what: str) -> str:
    """Name what runs out, in the plural; a role or a place by its own name."""
    if ":" in what:
        return resource_words(what)
    return _WORDS.get(what, LIMITS.get(what, several(what)))


def _own(limit: str) -> str:
    return "nurses" if limit in ("hands", "eyes") else limit.partition(":")[2] or limit


def _other_limits(paper: OnPaper) -> str:
    """Name the days on which something else limits the starts."""
    other: dict[str, list[str]] = {}
    days = [*paper["limits"].values()]
    most = max(dict.fromkeys(days), key=days.count)
    for day, limit in paper["limits"].items():
        if limit != most and _own(limit) != paper["first"]:
            other.setdefault(limit, []).append(FULL_NAMES[day])
    parts = [f"on {_list(named)} {resource_words(limit)}" for limit, named in other.items()]
    return f" ({'; '.join(parts)})" if parts else ""


def _when(what: str, uses: dict[str, ResourceUse]) -> str:
    """Say when a resource is used most, or for example, if it is used as much at other hours."""
    usual = {"nurses": ("hands", "eyes"), "hands": ("hands",), "eyes": ("eyes",), "chairs": ("chairs",)}
    names = usual.get(what, (what, f"hands:{what}", f"places:{what}"))
    found = [(name, uses[name]["busiest"]) for name in names if name in uses]
    known = [(use["share"], name, use) for name, use in found if use is not None]
    if not known:
        return ""
    share, name, busiest = max(known, key=lambda each: each[0])
    days = busiest["weekdays"]
    named = "on most days" if len(days) > 2 else f"on {_list([FULL_NAMES[day] for day in days])}"
    of = f" of {RESOURCES[name]}" if what != name and name in RESOURCES else ""
    hours = f"from {busiest['hour']} to {busiest['hour'] + 2}"
    above_all = "for example" if busiest["others"] else "above all"
    return f", {above_all} {named} {hours} ({100 * share:.0f} %{of} in use then)"


def _of_starts(number: float) -> str:
    """Write starts or visits a week: where weeks differ they are a mean."""
    return plain(number, _places_of(number))


def _places_of(starts: float) -> int:
    return 0 if round(starts, 1) == round(starts) else 1


def load_sentence(paper: OnPaper, walk_in: bool) -> str:
    """Say how much of the plan is asked for on paper."""
    what = "visits" if walk_in else "starts"
    asked, starts, closed = paper["asked"], paper["starts"], ""
    if "with_holidays" in paper:
        days = paper["with_holidays"]
        starts = days["visits_at_most" if walk_in else "starts_per_week"] or 0.0
        closed = f", {with_holidays(days)}"
    if not starts:
        return "No visit can start."
    if asked is None:
        return f"Demand never ends: no number of {what} is enough."
    most = "at most " if walk_in else ""
    fits = f"of the {most}{_of_starts(starts)} {what} a week that the plan offers{closed}"
    share = asked / starts
    if share > 1:
        offers = f"the plan offers {most}{_of_starts(starts)}{closed}"
        return f"Patients ask for {asked:.0f} {what} a week, and {offers}: it is full."
    return f"Patients ask for {asked:.0f} {fits} ({100 * share:.0f} %)."


_UNSETTLED = {
    "not-stable": "a queue goes on growing, so it will not go on like that",
    "open": "whether its queues go on growing is open",
    "filling": "the clinic is still filling, so later weeks will be fuller",
}
"""What keeps targets that are met in the measured weeks from being met later, by verdict."""


def targets_sentence(targets: Sequence[Met], verdict: str | None) -> str:
    """Say whether the plan meets its targets, and whether that lasts.

    >>> targets_sentence([], "stable")
    'As it is, the plan meets all targets.'
    """
    missed = [target_words(each) for each in targets if each["state"] == "missed"]
    undecided = [target_words(each) for each in targets if each["state"] == "open"]
    if not missed and not undecided:
        if verdict is not None and verdict in _UNSETTLED:
            return f"As it is, the plan meets all targets in the measured weeks, but {_UNSETTLED[verdict]}."
        return "As it is, the plan meets all targets."
    parts = [f"misses its target for {'; '.join(missed)}"] if missed else []
    parts += [f"leaves open whether it meets its target for {'; '.join(undecided)}"] if undecided else []
    return f"As it is, the plan {' and '.join(parts)}."


def target_words(each: Met) -> str:
    """Name a target: "turned away, at most 5 %"."""
    label = _TO_BEGIN.get(each["kpi"], KPIS[each["kpi"]].label)
    limit = each["target"].replace("<=", "at most").replace(">=", "at least")
    return f"{label[:1].lower()}{label[1:]}, {limit}"


def newly_missed(change: Tried, before: Sequence[Met]) -> list[Met]:
    """List the targets that the plan does not miss as it is, and misses with a change."""
    missed = {(each["kpi"], each["target"]) for each in before if each["state"] == "missed"}
    return [
        each
        for each in change["targets"]
        if each["state"] == "missed" and (each["kpi"], each["target"]) not in missed
    ]


def matters(effect: Effect) -> bool:
    """Tell whether a difference is shown, and large enough to be named first: 2 % of the figure as it is."""
    mean, difference = effect["mean"], effect["difference"]
    if effect["call"] != "shown" or mean is None or not difference:
        return False
    return abs(difference) >= _MATTERS * abs(mean - difference)


def change_sentence(change: Tried, currency: str, before: Sequence[Met], sorted_by: str) -> str:
    """Say what a change does, in the words of a manager; without a full stop.

    Parameters
    ----------
    change
        The change.
    currency
        What amounts are in.
    before
        The targets and the plan as it is.
    sorted_by
        The figure that is named among the first if it is shown to change.
    """
    name = _capital(change["name"])
    for begins, spoken in (("Open ", "Opening "), ("Half ", "Opening half "), ("Starts ", "Having starts ")):
        if name.startswith(begins):
            name = spoken + name.removeprefix(begins)
    if "later" in name and name.startswith("Opening half"):
        name = name.replace("Opening", "Closing")
    name += "," * (", on " in name)  # "one more day of the prescriber, on Mondays, would"
    shown = [
        (kpi, effect)
        for kpi, effect in change["effects"].items()
        if kpi not in MONEY and effect["call"] == "shown" and not _of_one_type(kpi, change["effects"])
    ]
    cost, types = change["effects"].get("cost_per_week"), bool(_of_types(change["effects"]))
    breaks = [target_words(each) for each in newly_missed(change, before)]
    but = f"; but it would miss the target for {'; '.join(breaks)}" if breaks else ""
    if not shown:
        money = _cost(cost, currency)
        perhaps = [
            _phrase(kpi, effect, types)
            for kpi, effect in change["effects"].items()
            if kpi not in MONEY and effect["call"] == "perhaps" and not _of_one_type(kpi, change["effects"])
        ]
        what = _list(perhaps[:_MOST_EFFECTS])
        does = f"perhaps {what}" if perhaps else "change nothing that can be shown"
        more = "; more replications would tell" if perhaps else ""
        return f"{name} would {does}{f', {money}' if money else ''}{more}{but}"
    shown.sort(key=lambda each: (not matters(each[1]), each[0] != sorted_by))
    what = _list([_phrase(kpi, effect, types) for kpi, effect in shown[:_MOST_EFFECTS]])
    money = _cost(cost, currency)
    return f"{name} would {what}{f', {money}' if money else ''}{_margin(change['effects'], currency)}{but}"


def _of_one_type(kpi: str, effects: Mapping[str, Effect]) -> bool:
    """Tell whether a figure of a type repeats that of the clinic: where only patients of that type have it."""
    base, _, part = kpi.partition(":")
    if not part or base not in effects:
        return False
    whole, own = effects[base], effects[kpi]
    return whole["difference"] == own["difference"] and whole["ci"] == own["ci"]


def _of_types(figures: Iterable[str]) -> list[str]:
    """List the figures of one type of visit each; none in a clinic with one type."""
    return [name for name in figures if (part := part_of(name)) is not None and part[0] == VISIT]


def _phrase(kpi: str, effect: Effect, types: bool) -> str:
    """Describe one difference as what the change would do; `types`: where there are several types of visit."""
    assert effect["difference"] is not None
    factor = 100.0 if effect["unit"] == "share" else 1.0
    size, interval = _rounded(effect, factor)
    whole, _, kind = kpi.partition(":")
    if whole in _VERBS:
        verb = _VERBS[whole][effect["difference"] < 0]
        if types:
            verb = verb.replace("infusions", f"visits of {kind}" if kind else "treatments")
        if kind and "visits of" not in verb:
            verb += f" for {kind}"
        return f"{verb.format(size)}{interval}"
    words = KPIS[kpi].more_less[effect["difference"] < 0]
    unit = effect["unit"].replace("share", "percentage points")
    return f"make it that {KPIS[kpi].subject} is {size} {unit} {words}{interval}"


def _rounded(effect: Effect, factor: float) -> tuple[str, str]:
    """Write a difference without its sign, with its interval in brackets."""
    assert effect["difference"] is not None
    if effect["ci"] is None or effect["ci"][0] == effect["ci"][1]:
        return person(abs(factor * effect["difference"])), ""
    low, high = sorted(abs(factor * bound) for bound in effect["ci"])
    places = _places((high - low) / 2)
    size = f"{abs(factor * effect['difference']):,.{places}f}"
    if effect["ci"][0] <= 0 <= effect["ci"][1]:
        low, high = factor * effect["ci"][0], factor * effect["ci"][1]
    return size, f" ({low:,.{places}f} to {high:,.{places}f})"


def _cost(effect: Effect | None, currency: str) -> str:
    """Say what a change costs or saves."""
    if effect is None or effect["difference"] is None or effect["call"] not in ("shown", "same"):
        return ""
    if not round(effect["difference"]):
        return "at the same cost"
    size = f"{currency} {person(abs(effect['difference']))}"
    return f"for {size} more a week" if effect["difference"] > 0 else f"for {size} less a week"


def _margin(effects: dict[str, Effect], currency: str) -> str:
    effect = effects.get("margin_per_week")
    if effect is None or effect["difference"] is None:
        return ""
    if effect["call"] in ("too close", "perhaps"):
        return "; whether the margin gains is too close to call"
    way = "rise" if effect["difference"] > 0 else "fall"
    if effect["ci"] is None:
        return f"; the margin would {way} by {currency} {person(abs(effect['difference']))} a week"
    low, high = sorted(abs(bound) for bound in effect["ci"])
    between = "" if low == high else f" ({person(low)} to {person(high)})"
    return f"; the margin would {way} by {currency} {person(abs(effect['difference']))} a week{between}"


def day_sentences(tried: Sequence[tuple[Tried, bool]], currency: str) -> Iterator[str]:
    """Say what a day more of a role would do, day by day; days on which nothing can be told stand together.

    Parameters
    ----------
    tried
        Each of these changes, and whether it is shown to change anything but money.
    currency
        What amounts are in.
    """
    idle: dict[tuple[str, str], list[str]] = {}
    for change, does in tried:
        perhaps = any(each["call"] == "perhaps" for each in _but_money(change["effects"]))
        if does or perhaps:
            yield f"{change['said']}."
        else:
            what, _, day = change["name"].rpartition(", on ")
            idle.setdefault((what, _in_brackets(change, currency)), []).append(day)
    for (what, cost), days in idle.items():
        yield nothing_sentence([(f"{what}, on {_list(days, 'or')}", cost)])


def _but_money(effects: Mapping[str, Effect]) -> list[Effect]:
    return [effect for name, effect in effects.items() if name not in MONEY]


def with_cost(change: Tried, currency: str) -> tuple[str, str]:
    """Return the name of a change, and what it is shown to cost, in brackets; empty if it costs nothing."""
    return change["name"], _in_brackets(change, currency)


def _in_brackets(change: Tried, currency: str) -> str:
    cost = _cost(change["effects"].get("cost_per_week"), currency)
    return f" ({cost.removeprefix('for ')})" if cost.startswith("for ") else ""


def nothing_sentence(names: Sequence[tuple[str, str]]) -> str:
    """Name the changes that do nothing that can be shown, each with its cost, if it has one.

    >>> nothing_sentence([("one nurse fewer", " (USD 1,800 less a week)"), ("half an hour later", "")])
    'One nurse fewer (USD 1,800 less a week) or half an hour later: nothing else that can be shown would change.'
    """
    if not names:
        return ""
    cost = any(cost for _, cost in names)
    if len(names) > _MOST_NAMED:
        but = " but the cost" if cost else ""
        return f"{_capital(counted(len(names), 'other change'))} would change nothing that can be shown{but}."
    named = _capital(_list([f"{name}{cost}" for name, cost in names], "or"))
    return f"{named}: nothing {'else ' if cost else ''}that can be shown would change."


def leave_sentence(leave: Leave) -> str:
    """Say what a leave does; without a full stop."""
    parts = []
    for each in leave["during"]:
        if each["call"] == "shown":
            low, high = sorted(abs(bound) for bound in each["ci"] or (each["difference"], each["difference"]))
            places = _places(max((high - low) / 2, 0.05))
            way = "more" if each["difference"] > 0 else "fewer"
            between = "" if low == high else f" ({low:,.{places}f} to {high:,.{places}f})"
            what = each["label"].replace(" a week", f" a week{between}")
            parts.append(f"{abs(each['difference']):,.{places}f} {way} {what}")
    if leave["starts"] < 0:
        fewer = _of_starts(-leave["starts"])
        parts.insert(0, f"{fewer} fewer {'start' if fewer == '1' else 'starts'} a week")
    said = f"With {leave['name']}, from {leave['since']}: " + (
        _list(parts[:3])
        if parts
        else "no difference is shown in these weeks in visits, appointments that the clinic cancels, patients "
        "turned away or late days"
    )
    after = leave["back_after"]
    if after:
        return f"{said}; the queue is back to usual {counted(after, 'week')} after it"
    if after is None and parts:
        return f"{said}; the queue is not back to usual when the measured weeks end"
    return said


def person(value: float) -> str:
    """Round a number as a person would say it: two digits that count.

    >>> person(1834.2), person(0.217), person(96.3)
    ('1,800', '0.22', '96')
    """
    if not value or not math.isfinite(value):
        return "0"
    places = 1 - math.floor(math.log10(abs(value)))
    return f"{round(value, places):,.{max(0, places)}f}"


def _places(half: float) -> int:
    """Return the decimals for a number that is known to ± half: two digits of it if the first is small."""
    if half <= 0:
        return 1
    size = math.floor(math.log10(half))
    return min(_MOST_PLACES, max(0, -size + (half < 2.95 * 10.0**size)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _list(items: Sequence[str], last: str = "and") -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


# -- the table ----------------------------------------------------------------------------------------------------


def bottleneck_table(document: BottleneckDocument, currency: str) -> RenderableType:
    """Show the result of `bottleneck`: the answer, the changes, the proof."""
    return Group(
        *_heading(document),
        Text(),
        *_uses(document),
        Text(),
        *_changes(document, currency),
        *_leave(document["leave"]),
        *_proof(document),
    )


def _heading(document: BottleneckDocument) -> Iterator[RenderableType]:
    yield Text(document["scenario"], style="bold")
    yield Text()
    for sentence in document["answer"]:
        yield Text(sentence)
    yield Text()
    yield Text(
        f"{period(document['horizon'], document.get('panel'))}, the same patients in "
        f"{counted(document['replications'], 'replication')} of each plan, seed {document['seed']}",
        style="dim",
    )
    if document["verdict"] != "stable" or document["day_verdict"] != "holds":
        yield from verdict_lines(
            document["verdict"],
            document["verdict_reasons"],
            document["day_verdict"] if document["day_verdict"] != "holds" else None,
            document["day_verdict_reasons"],
        )
    for warning in document["warnings"]:
        yield bullet(warning)
    yield from notes(document.get("panel"), document["horizon"])


def _uses(document: BottleneckDocument) -> Iterator[RenderableType]:
    yield Text("What runs out", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("")
    table.add_column("full on paper", justify="right")
    table.add_column("in use, simulated", justify="right")
    table.add_column("busiest two hours")
    table.add_column("minutes waited for it, a visit", justify="right")
    for each in document["resources"]:
        table.add_row(*use_cells(each))
    yield table
    yield from map(Text, use_notes(document["resources"]))


def others_wait(resources: Sequence[ResourceUse]) -> bool:
    """Tell whether visits wait for other roles than nurses."""
    return any(each["name"].startswith(("hands:", "eyes:", "on-site:")) for each in resources)


def use_notes(resources: Sequence[ResourceUse]) -> Iterator[str]:
    """Say what must be known beside the use of resources."""
    if others_wait(resources):
        yield WITH_OTHERS
    if any(_away(each) for each in resources):
        yield AWAY


def _away(use: ResourceUse) -> float:
    """Return the share of the opening hours without anybody of the role, rounded to per cent."""
    return round(1.0 - use.get("there", 1.0), 2)


def use_cells(use: ResourceUse) -> tuple[str, str, str, str, str]:
    """Write the row of a resource."""
    busiest = use["busiest"]
    when = NO_VALUE
    if busiest is not None:
        days = [FULL_NAMES[day][:3] for day in busiest["weekdays"]]
        named = "most days" if len(days) > 2 else " and ".join(days)
        example = "as on " if busiest["others"] else ""
        when = f"{example}{named} {busiest['hour']}-{busiest['hour'] + 2}: {100 * busiest['share']:.0f} %"
    figure = use["waited"]
    waited = NO_VALUE if figure is None or figure["mean"] is None else plain(figure["mean"], 1)
    if (
        figure is not None and figure["ci"] is not None and figure["mean"]
    ):  # none seen: bounded by a whole day
        waited += f" ({plain(figure['ci'][0], 1)}–{plain(figure['ci'][1], 1)})"
    paper = _percent(use["paper"])
    if away := _away(use):
        told = f"away {100 * away:.0f} %"
        paper = told if use["paper"] is None else f"{paper}, {told}"
    return resource_words(use["name"]), paper, _percent(use["used"]), when, waited


def _percent(share: float | None) -> str:
    return NO_VALUE if share is None else f"{100 * share:.0f} %"


def _changes(document: BottleneckDocument, currency: str) -> Iterator[RenderableType]:
    if not document["changes"]:
        return
    figures = columns_of(document)
    yield Text("One more, one fewer: differences from the plan as it is", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=0, show_edge=False)
    now = [_now(document, name) for name in figures]
    rows = [("as it is", _of_starts(document["paper"]["starts"]), *now)]
    styles = [("bold",) * len(now)]
    for change in document["changes"]:
        names = textwrap.wrap(change["name"], _NAME_WIDTH) or [""]
        cells = [effect_cell(name, change["effects"][name]).split("\n") for name in figures]
        starts = [_signed(change["starts"], _places_of(change["starts"]))]
        for line in range(max(len(names), *(len(lines) for lines in cells))):
            rows.append(tuple("".join(part[line : line + 1]) for part in (names, starts, *cells)))
            styles.append(tuple(_style(name, change["effects"][name]) for name in figures))
    table.add_column("", min_width=_NAME_WIDTH)
    titles = ["visits on paper" if document["walk_in"] else "starts on paper", *map(heading, figures)]
    for place, title in enumerate(titles, 1):
        # No wider than the longest word, so that eight columns fit into eighty characters.
        width = max(map(len, (*title.split(), *(row[place] for row in rows))))
        table.add_column(title, justify="right", width=width)
    for cells_of, style in zip(rows, styles, strict=True):
        name, paper, *values = cells_of
        table.add_row(
            name, paper, *(Text(text, style=each) for text, each in zip(values, style, strict=True))
        )
    yield table
    yield Text(
        "± is half of the 95 % interval. ~: too close to call, the interval holds 0. ?: perhaps; it would count if "
        f"no other difference were tested, and more replications would show. Money is in {currency} a week.",
        style="dim",
    )
    key = heading(document["sorted_by"]).removesuffix(", %")
    needed = any(
        each["kpi"] == document["sorted_by"] and each["state"] == "missed" for each in document["targets"]
    )
    why = "the target that is missed most" if needed else "since the plan is not shown to miss a target"
    yield Text(
        f"Sorted by {key}, {why}; of changes that are too close to call, the cheapest first. Changes that would "
        "miss another target come last.",
        style="dim",
    )
    yield from _types(document)
    yield from _targets(document)
    for each in document["not_possible"]:
        yield bullet(impossible_sentence(each), "-")


def _types(document: BottleneckDocument) -> Iterator[RenderableType]:
    """Show what the changes do for each type of visit."""
    figures = by_type(document)
    if not figures:
        return
    what = heading(figures[0].partition(":")[0])
    yield Text()
    yield Text(f"{_capital(what)}, by type of visit: differences from the plan as it is", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("")
    for name in figures:
        table.add_column(name.partition(":")[2], justify="right")
    table.add_row("as it is", *(Text(_now(document, name), style="bold") for name in figures))
    for change in document["changes"]:
        cells = [(name, change["effects"][name]) for name in figures]
        table.add_row(
            change["name"],
            *(
                Text(effect_cell(name, one).replace("\n", " "), style=_style(name, one))
                for name, one in cells
            ),
        )
    yield table


def columns_of(document: BottleneckDocument) -> list[str]:
    """List the figures in the table: those of every table, and those whose target the plan does not meet."""
    missed = {each["kpi"] for each in document["targets"] if each["state"] != "met"}
    return [name for name in document["kpis"] if name in document["usual"] or name in missed]


def heading(name: str) -> str:
    """Return the heading of a figure's column."""
    whole, _, part = name.partition(":")
    if part and whole in _HEADINGS:
        return f"{_HEADINGS[whole]}: {part}"
    return _HEADINGS.get(name, KPIS[name].label)


def by_type(document: BottleneckDocument) -> list[str]:
    """List the figures by type of visit that the table has not; none in a clinic with one type."""
    shown = columns_of(document)
    return [name for name in _of_types(document["kpis"]) if name not in shown]


def _now(document: BottleneckDocument, name: str) -> str:
    figure = document["kpis"][name]
    factor, _ = for_people(figure["unit"], "")
    return row(None if figure["mean"] is None else factor * figure["mean"])[0]


def effect_cell(name: str, effect: Effect) -> str:
    """Write a difference in two short lines: its size, and what it is known to."""
    if effect["difference"] is None:
        return NO_VALUE
    factor = 100.0 if effect["unit"] == "share" else 1.0
    mean, ci = factor * effect["difference"], effect["ci"]
    if effect["call"] == "same" and mean == 0:
        return "same"
    if ci is None or ci[0] == ci[1]:
        return _signed(mean, _places(abs(mean) / 10))
    half = factor * max(ci[1] - effect["difference"], effect["difference"] - ci[0])
    places = 0 if name in MONEY else _places(half)
    known = f"±{half:,.{places}f}" if round(half, places) else "±<0.01"
    mark = {"too close": "~", "perhaps": "?"}.get(effect["call"], "")
    return f"{mark}{_signed(mean, places)}\n{known}"


def _signed(value: float, places: int) -> str:
    if not round(value, places):
        return "0"
    text = plain(value, places)
    return text if text.startswith("-") else f"+{text}"


def _style(name: str, effect: Effect) -> str:
    better, difference = KPIS[name].better, effect["difference"]
    if effect["call"] != "shown" or not difference:
        return "dim"
    if better is None:
        return ""
    return "green" if (difference > 0) == (better == "higher") else "red"


def _targets(document: BottleneckDocument) -> Iterator[RenderableType]:
    """Say which targets are met, by the plan as it is and by the first of the changes."""
    if not document["targets"]:
        return
    yield Text()
    yield Text(f"Targets, as it is: {targets_text(document['targets'])}.")
    for change in document["changes"]:
        now = {(each["kpi"], each["target"]): each["state"] for each in document["targets"]}
        other = [each for each in change["targets"] if each["state"] != now[each["kpi"], each["target"]]]
        if other:
            yield bullet(f"{change['name']}: {targets_text(other)}", "-")


def targets_text(targets: Sequence[Met]) -> str:
    """List targets with their states."""
    return "; ".join(f"{target_words(each)}: {each['state']}" for each in targets)


def impossible_sentence(each: NotPossible) -> str:
    """Say why a change is not in the table."""
    return f"{each['name']}: cannot be made, because {each['reason']}"


def _leave(leave: Leave | None) -> Iterator[RenderableType]:
    if leave is None:
        return
    yield Text()
    yield Text(f"{_capital(leave['name'])}, from {leave['since']}", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("in these weeks")
    for title in ("as it is", "on leave", "difference"):
        table.add_column(title, justify="right")
    for each in leave["during"]:
        table.add_row(*away_cells(each))
    yield table


def away_cells(each: Away) -> tuple[str, str, str, str]:
    """Write the row of one figure during a leave."""
    now, there = row(each["now"], each["leave"])
    if each["ci"] is None or each["ci"][0] == each["ci"][1]:
        return each["label"], now, there, _signed(each["difference"], 1)
    half = (each["ci"][1] - each["ci"][0]) / 2
    places = _places(half)
    mark = {"too close": "~", "perhaps": "?"}.get(each["call"], "")
    return (
        each["label"],
        now,
        there,
        f"{mark}{_signed(each['difference'], places)} ±{plain(half, places)}",
    )


def _proof(document: BottleneckDocument) -> Iterator[RenderableType]:
    yield Text()
    yield Text(
        f"Differences are means over {counted(document['replications'], 'replication')} with the same patients in "
        "both plans; one without a mark is significant at 95 % after Holm's correction for all of the table. "
        f"{begins_text(document)}",
        style="dim",
    )


def begins_text(document: BottleneckDocument) -> str:
    """Say since when a change is in force."""
    horizon = document["horizon"]
    if document.get("panel") is not None:
        return "Each change is in force from the first day on."
    before = counted(horizon["warm_up_weeks"], "week")
    since = f"{before} before the measured weeks" if horizon["warm_up_weeks"] else "the first measured week"
    begin = f"Each change is in force from {since} on"
    if horizon.get("begin") != "steady":
        return f"{begin}."
    later = (
        "Boosters of the patients whom a change adds come for years, most of them after the measured weeks."
    )
    return f"{begin}; until then the clinic is as it is. {later}"


# -- rows ---------------------------------------------------------------------------------------------------------


def change_rows(document: BottleneckDocument) -> list[dict[str, object]]:
    """Lay the effects of all changes out flat, by `COLUMNS`."""
    rows: list[dict[str, object]] = []
    for change in document["changes"]:
        for name, effect in change["effects"].items():
            low, high = effect["ci"] or (None, None)
            values = (
                *(change["key"], change["name"], change["more"], change["starts"]),
                *(name, KPIS[name].label, effect["unit"], effect["mean"], effect["difference"], effect["sd"]),
                *(low, high, effect["n"], effect["p"], effect["p_holm"], effect["call"]),
            )
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def changes_csv(document: BottleneckDocument) -> str:
    """Write the effects of all changes, one row each, numbers in full."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in change_rows(document):
        rows.writerow([cell("" if value is None else value) for value in line.values()])
    return out.getvalue()
