"""The parts of the reference pages that the program knows best: settings, key figures, tables, commands.

They are made from docstrings and data dictionaries, and stand in the pages between two comments:

    <!-- from the program: settings -->
    ...
    <!-- end -->

`python -m tests.docs` writes them anew; a test holds the pages to what it would write.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import tomlkit

from simclinic.cli.group import COMMANDS, simclinic_group
from simclinic.measures import GROUPS, KPIS
from simclinic.measures.kpis import OF_SOME
from simclinic.measures.profile import PROFILE
from simclinic.measures.weeks import WEEKS
from simclinic.report.text.numbers import for_people
from simclinic.scenario import baseline, json_schema
from simclinic.scenario.figure_targets import FigureTargets
from simclinic.scenario.tables import as_tables
from tests.published import points

PAGES = Path(__file__).parents[2] / "docs" / "reference"

_ENTRIES = {
    "shifts": "Shift",
    "protocols": "Protocol",
    "visits": "VisitType",
    "roles": "Role",
    "places": "Place",
}
_VISIT = {
    "steps": ("visit.steps.NAME", "Step"),
    "complications": ("visit.complications.NAME", "Complication"),
}
_BOUNDLESS = 1e9


def row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(*rows: tuple[str, ...]) -> Iterator[str]:
    yield row(*rows[0])
    yield row(*("---" for _ in rows[0]))
    yield from (row(*cells) for cells in rows[1:])
    yield ""


# -- settings ------------------------------------------------------------------------------------------------


def settings() -> str:
    schema = json_schema()
    defaults = as_tables(baseline())
    lines: list[str] = []
    for name, described in schema["properties"].items():
        if name in _ENTRIES:
            without = _VISIT if name == "visits" else ()
            lines += _section(f"{name}.NAME", schema["definitions"][_ENTRIES[name]], None, without=without)
            if name == "visits":
                lines += ["Its `steps` and `complications` are those of `[visit]`; steps are required.", ""]
        elif name == "calibrated":
            lines += _section(name, schema["definitions"]["Calibrated"], None)
        elif "allOf" in described:
            section = schema["definitions"][_target(described)]
            without = _VISIT if name == "visit" else FigureTargets.model_fields if name == "targets" else ()
            lines += _section(name, section, defaults[name], without=without)
            if name == "targets":
                lines += _targets(section)
            if name == "visit":
                for address, kind in _VISIT.values():
                    lines += _section(address, schema["definitions"][kind], None)
                lines += _section("visit.steps.NAME.claims.ROLE", schema["definitions"]["ClaimTable"], None)
            if name == "response":
                lines += _section("response.stop_rule", schema["definitions"]["StopRule"], None)
    return "\n".join(lines)


def _section(address: str, section: dict[str, Any], defaults: Any, *, without: Any = ()) -> Iterator[str]:
    yield f"### `[{address}]`"
    yield ""
    yield plain(section["description"])
    yield ""
    rows = [("setting", "takes", "default", "meaning, unit, status of the default")]
    for name, described in section["properties"].items():
        if name in without:
            continue
        default = described.get("default") if defaults is None else defaults.get(name)
        shown = "" if default is None else f"`{written(default)}`"
        rows.append((f"`{name}`", takes(described), shown, plain(described["description"])))
    if len(rows) > 1:
        yield from table(*rows)


def _targets(section: dict[str, Any]) -> Iterator[str]:
    """Every key figure can be a target: those that mean more than their limit in a table, the others by name."""
    yield (
        'Every other key figure can be a target: `"<= 10"` or `">= 10"` for its mean over replications (of a share '
        'also `"<= 5 %"`), or `{ at_most = 10, in = 0.8 }` (`at_least`) for a limit that 8 replications of 10 '
        "should keep. Default: none; `false` drops an inherited one. [How targets are judged](kpis.md#targets)."
    )
    yield ""
    texts = {name: plain(section["properties"][name]["description"]) for name in FigureTargets.model_fields}
    told = ("access_days_p90", "started_within_days_share", "overtime_minutes_per_day")
    yield from table(("setting", "meaning"), *((f"`{name}`", texts[name]) for name in told))
    yield "Also " + ", ".join(f"`{name}`" for name in texts if name not in told) + "."
    yield ""


def laws() -> str:
    schema = json_schema()["definitions"]["TimeToRelapse"]
    rows = [("`dist`", "settings", "what it is")]
    shared: dict[str, str] = {}
    for law in schema["anyOf"][1:]:
        own = []
        for name, described in law["properties"].items():
            if name in ("at_least", "at_most", "never"):
                shared[name] = plain(described["description"])
            elif name == "dist":
                family = described["const"]
            else:
                own.append(f"`{name}`: {plain(described['description'])}")
        rows.append((f"`{family}`", " ".join(own), plain(law["description"])))
    lines = [*table(*rows)]
    lines += table(("any of them", "meaning"), *((f"`{name}`", meaning) for name, meaning in shared.items()))
    return "\n".join(lines)


def plain(docstring: str) -> str:
    return " ".join(docstring.split())


def written(value: Any) -> str:
    if isinstance(value, dict):
        inner = tomlkit.inline_table()
        inner.update(value)
        return inner.as_string()
    return tomlkit.item(value).as_string()


def _target(described: dict[str, Any]) -> str:
    return described["allOf"][0]["$ref"].rsplit("/", 1)[1]


def takes(schema: dict[str, Any]) -> str:
    """Say in words what a part of the JSON Schema lets in."""
    if "allOf" in schema:
        never = ", with `never`" if _target(schema) == "TimeToRelapse" else ""
        return f"number or [distribution](#distributions){never}"
    if "$ref" in schema:
        kind = schema["$ref"].rsplit("/", 1)[1]
        if kind == "Claim":
            return '`"hands-on"`, `"on-site"`, or a table'
        tables = ("StopRule", "InYears", "Response", "Relapse", "Boosters", "InSomeWeeks")
        return "table" if kind in tables else takes({"allOf": [schema]})
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(takes(part) for part in schema["anyOf"] if part != {"const": False}))
    if "oneOf" in schema:
        return " or ".join(takes(part) for part in schema["oneOf"])
    if "enum" in schema:
        return " or ".join(f'`"{value}"`' for value in schema["enum"])
    kind = schema["type"]
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _bounds(schema)
    if kind == "boolean":
        return "`true` or `false`"
    if kind == "array":
        if schema["items"].get("enum"):
            return "list of weekdays"
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        return (f"list of {least}: " if least == most else "list of: ") + takes(schema["items"])
    if kind == "object":
        if "properties" in schema:
            return "by weekday: " + takes(schema["properties"]["mon"])
        return "by name: " + takes(schema["additionalProperties"])
    assert kind == "string"
    if "examples" in schema:
        return f'text such as `"{schema["examples"][0]}"`'
    if "format" in schema:
        return {"date": "date", "date-time": "date and time"}[schema["format"]]
    return '`"month-day"`' if "0[1-9]" in schema.get("pattern", "") else "text"


def _bounds(schema: dict[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum", _BOUNDLESS)
    above = schema.get("exclusiveMinimum")
    ends = []
    if low is not None and abs(low) < _BOUNDLESS:
        ends.append(f"from {low:,}")
    if above is not None:
        ends.append(f"above {above:,}")
    if high < _BOUNDLESS:
        ends.append(f"to {high:,}")
    return (", " if ends else "") + " ".join(ends)


# -- key figures, tables, commands ---------------------------------------------------------------------------


def kpis() -> str:
    lines: list[str] = []
    for group in GROUPS:
        lines += [f"### {group.capitalize()}", ""]
        rows = [("name", "in tables", "unit", "what exactly is counted", "interval", "`null` when")]
        for kpi in (*KPIS.values(), *OF_SOME.values()):
            if kpi.group == group:
                # "share" in files is a percentage in tables
                shown = for_people(kpi.unit, "currency")[1]
                unit = kpi.unit if shown in (kpi.unit, "per week") else f"{kpi.unit} (tables: {shown})"
                absent = "never" if kpi.absent == "it can always be computed" else kpi.absent
                rows.append((f"`{kpi.name}`", kpi.label, unit, kpi.definition, kpi.method, absent))
        lines += table(*rows)
    return "\n".join(lines)


def dictionary(columns: dict[str, str]) -> str:
    return "\n".join(
        table(("column", "meaning"), *((f"`{name}`", meaning) for name, meaning in columns.items()))
    )


def commands() -> str:
    lines = []
    context = click.Context(simclinic_group, info_name="simclinic", **simclinic_group.context_settings)
    for name in COMMANDS:
        command = simclinic_group.get_command(context, name)
        assert command is not None
        inner = click.Context(
            command, parent=context, info_name=name, terminal_width=90, max_content_width=90
        )
        lines += [f"## `simclinic {name}`", "", "```text", command.get_help(inner), "```", ""]
    return "\n".join(lines)


PARTS: dict[str, tuple[tuple[str, Callable[[], str]], ...]] = {
    "scenario.md": (("settings", settings), ("distributions", laws)),
    "kpis.md": (("key figures", kpis),),
    "results.md": (
        ("weekly table", lambda: dictionary(WEEKS)),
        ("profile", lambda: dictionary(PROFILE)),
    ),
    "commands.md": (("commands", commands),),
    "../background/relapse.md": points.PARTS,
}
"""Which page holds which parts."""


def rewritten(page: str) -> str:
    """Give a page's text with its parts written anew."""
    text = (PAGES / page).read_text(encoding="utf-8")
    for name, make in PARTS[page]:
        begin, end = f"<!-- from the program: {name} -->", "<!-- end -->"
        pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        assert len(pattern.findall(text)) == 1, f"{page} has no place for {name!r}"
        text = pattern.sub(lambda _: f"{begin}\n\n{make().strip()}\n\n{end}", text)  # noqa: B023
    return text
