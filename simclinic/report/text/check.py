"""The result of `check` as text: problems, or the capacity of the plan on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding

from simclinic.planning.capacity import CapacityOnPaper, Hour, Use, Weekday
from simclinic.report.text.numbers import NO_VALUE, count, short, span
from simclinic.report.text.one_more import one_more_sentence, one_more_table
from simclinic.report.text.table import Table, Text
from simclinic.report.text.words import DAYS, bullet, counted, resource_words, several, with_holidays
from simclinic.results.check import Checked


def check_table(checked: Checked) -> RenderableType:
    """Show the result of `check` for one scenario."""
    if not checked["valid"]:
        count = counted(len(checked["problems"]), "problem")
        return Group(
            Text(f"{checked['file']}: not valid, {count}", style="bold red"),
            *(bullet(problem["told"], "-") for problem in checked["problems"]),
        )
    parts: list[RenderableType] = [
        Text(f"{checked['file']}: valid", style="bold green"),
        Text(f"{checked['scenario']}", style="bold"),
    ]
    if checked["warnings"]:
        parts += [Text(), *(bullet(warning) for warning in checked["warnings"])]
    if "targets" in checked:
        parts += [Text(), Text("Judged by simclinic run", style="bold")]
        parts += [bullet(each, "-") for each in checked["targets"]]
    several = len(checked["plans"]) > 1
    sentences = [
        f"From {plan['since']}: {more[0].lower()}{more[1:]}" if several else more
        for plan in checked["plans"]
        if (more := one_more_sentence(plan)) is not None
    ]
    if sentences:
        parts += [Text(), *(Text(each) for each in sentences)]
    parts += [Text(), *_on_paper(checked)]
    for plan in checked["plans"]:
        of_types = list(_by_visit(plan))
        parts += [Text(), *of_types] if of_types else []
        parts += [Text(), *_week(plan, several=several)]
        template = list(_template(plan))
        parts += [Text(), *template] if template else []
        more_of_each = list(one_more_table(plan))
        parts += [Text(), *more_of_each] if more_of_each else []
        parts += [Text(), *_busiest_day(plan)]
    return Group(*parts)


def _on_paper(checked: Checked) -> Iterator[RenderableType]:
    yield Text("On paper", style="bold")
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    between = {
        name: f", on average ({short(least)} to {short(most)}, by infusion)"
        for name, (least, most) in checked.get("visit_minutes_between", {}).items()
    }
    if "visits" in checked:
        for name, minutes in checked["visits"].items():
            first = name == next(iter(checked["visits"]))
            what = f"minutes until the patient leaves: {name}{between.get(name, '')}"
            table.add_row("Planned visits" if first else "", short(minutes), what)
    else:
        what = f"minutes until the patient leaves{next(iter(between.values()), '')}"
        table.add_row("Planned visit", short(checked["visit_minutes"]), what)
        table.add_row(
            "", short(checked["chair_minutes"]), f"minutes in a chair{', on average' if between else ''}"
        )
    demand = checked["demand"]
    if demand is not None:
        table.add_row("New patients", short(demand["referrals"]), "referrals a week")
        table.add_row("", short(demand["series"]), "of them begin a series")
        what = "treatments" if "visits" in checked else "infusions"
        table.add_row("Visits asked for", short(demand["induction"]), f"{what} of series a week")
        table.add_row("", short(demand["boosters"]), "boosters a week, once steady")
        if "consults" in demand:
            missed = ", missed ones included" if checked["mode"] == "booked" else ""
            table.add_row("", short(demand["consults"]), f"consults a week{missed}")
        if checked["mode"] == "booked":
            table.add_row("", short(demand["starts"]), "starts a week for these, no-shows included")
    if checked["mode"] == "booked":
        for plan in checked["plans"]:
            since = f" from {plan['since']}" if len(checked["plans"]) > 1 else ""
            table.add_row("Visits possible", count(plan["starts_per_week"]), f"starts a week{since}")
            if "with_holidays" in plan:
                every = plan["with_holidays"]
                table.add_row("", count(every["starts_per_week"]), f"on average, {with_holidays(every)}")
    else:
        for plan in checked["plans"]:
            since = f" from {plan['since']}" if len(checked["plans"]) > 1 else ""
            most = plan["visits_at_most"] or 0.0
            table.add_row("Visits possible", short(most), f"a week at most{since}, by the time on offer")
            if "with_holidays" in plan:
                every = plan["with_holidays"]
                table.add_row("", short(every["visits_at_most"]), f"on average, {with_holidays(every)}")
    yield Padding(table, (0, 0, 0, 2))


def _by_visit(plan: CapacityOnPaper) -> Iterator[RenderableType]:
    """Compare the starts of each type of visit that are asked for and offered."""
    if "by_visit" not in plan:
        return
    yield Text("Starts a week by type of visit", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("")
    table.add_column("asked for", justify="right")
    table.add_column("offered", justify="right")
    for name, each in plan["by_visit"].items():
        asked = "without end" if each["asked"] is None else short(each["asked"])
        table.add_row(name, asked, count(each["offered"]))
    yield Padding(table, (0, 0, 0, 2))
    yield Text(
        "Each start is for one type of visit."
        if plan.get("types") == "typed"
        else "Any start takes any visit that fits; the starts offered are a week filled in this proportion."
    )


def _template(plan: CapacityOnPaper) -> Iterator[RenderableType]:
    """List the starts of each day by type of visit."""
    days = [day for day in plan["weekdays"] if day.get("template")]
    if not days:
        return
    yield Text("The template: starts by type of visit", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in ("", "for", "starts"):
        table.add_column(heading)
    for day in days:
        by_type: dict[str, list[str]] = {}
        for start in day["template"]:
            by_type.setdefault(start["visit"], []).append(start["at"])
        for place, (visit, times) in enumerate(by_type.items()):
            table.add_row("" if place else _named(day), visit, ", ".join(times))
    yield Padding(table, (0, 0, 0, 2))


def _named(day: Weekday) -> str:
    share = "" if day["of_weeks"] == 1 else f", {100 * day['of_weeks']:.0f} % of weeks"
    return f"{day['weekday'].capitalize()}{share}"


def _week(plan: CapacityOnPaper, *, several: bool) -> Iterator[RenderableType]:
    yield Text(f"The week{' from ' + plan['since'] if several else ''}", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.whole_words = True
    table.add_column("")
    roles = any("staff" in day for day in plan["weekdays"])
    table.add_column("open")
    table.add_column("chairs", justify="right")
    table.add_column("staff" if roles else "nurses", justify="left" if roles else "right")
    table.add_column("starts", justify="right")
    table.add_column("first to last")
    table.add_column("limited by")
    for day in plan["weekdays"]:
        if day["hours"] is None:
            table.add_row(DAYS[day["weekday"]], Text("closed", style="dim"))
            continue
        table.add_row(
            DAYS[day["weekday"]],
            day["hours"] + ("" if day["of_weeks"] == 1 else f", {100 * day['of_weeks']:.0f} % of weeks"),
            str(day["chairs"]),
            _staff(day["staff"]) if "staff" in day else str(day["nurses"]),
            str(day["starts"]),
            span(day["first_start"] or NO_VALUE, day["last_start"] or NO_VALUE),
            resource_words(day["limit"]),
        )
    yield Padding(table, (0, 0, 0, 2))
    if any(day["of_weeks"] != 1 for day in plan["weekdays"]):
        yield Text(
            "Weeks differ: starts a week are their mean, each day with its share of weeks, holidays left out."
        )


def _staff(numbers: Mapping[str, int]) -> str:
    """List who is there, as in "2 nurses, 1 prescriber"."""
    there = (
        f"{number} {role if number == 1 else several(role)}" for role, number in numbers.items() if number
    )
    return ", ".join(there) or NO_VALUE


def _busiest_day(plan: CapacityOnPaper) -> Iterator[RenderableType]:
    if not plan["starts_per_week"]:
        return
    # Of days that are as full, the one on which most other roles and places are in use.
    used: Counter[str] = Counter()
    for hour in plan["hours"]:
        used[hour["weekday"]] += sum(each["used"] > 0 for each in hour.get("others", {}).values())
    busiest = max(plan["weekdays"], key=lambda day: (day["starts"], used[day["weekday"]]))["weekday"]
    yield Text(f"A full {DAYS[busiest]}, hour by hour: planned use of capacity", style="bold")
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    table.add_column("")
    others = list(next((hour["others"] for hour in plan["hours"] if "others" in hour), {}))
    for resource in ("chairs", "hands", "eyes", *others):
        # A name may break at hyphens, too: rich breaks within words where many columns are narrow.
        heading = resource_words(resource).replace("-", "- ")
        table.add_column(heading, justify="right", **(_as_wide(heading) if others else {}))
    named = (resource_words(hour["tightest"] or "") for hour in plan["hours"])
    table.add_column("tightest", min_width=max(map(_longest, named)) if others else None)
    for hour in plan["hours"]:
        if hour["weekday"] == busiest and not hour["variant"]:
            table.add_row(f"{hour['hour']:02d}-{hour['hour'] + 1:02d}", *_uses(hour))
    yield Padding(table, (0, 0, 0, 2))
    if plan["bottleneck"]:
        tightest = resource_words(plan["bottleneck"])
        yield Text(f"The tightest resource is full the longest; over the week: {tightest}.")


def _uses(hour: Hour) -> Iterator[str]:
    others = hour.get("others", {}).values()
    for use in (hour["chairs"], hour["hands"], hour["eyes"], *others):
        yield _share(use, short=bool(others))
    tightest = NO_VALUE if hour["tightest"] is None else resource_words(hour["tightest"])
    yield tightest


def _longest(words: str) -> int:
    return max(map(len, words.split()), default=0)


def _as_wide(words: str) -> dict[str, int]:
    return {"min_width": _longest(words), "max_width": _longest(words)}


def _share(use: Use, *, short: bool) -> str:
    """Write what is used of what there is; of many resources only the share, for which there is room."""
    if use["offered"] <= 0:
        return NO_VALUE if use["used"] <= 0 else f"{use['used']:.1f} of none"
    if short:
        return f"{100 * (use['used'] / use['offered']):.0f} %"
    return f"{use['used']:.1f} of {round(use['offered'], 1):g}, {100 * (use['used'] / use['offered']):3.0f} %"
