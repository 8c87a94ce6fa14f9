"""A draft of a scenario: tables merged in layers, before validation.

The order of precedence is: defaults < extended file < file < `--set`. Each of these is a :class:`Layer`. The draft
records which layer each value came from, so that an error found later can name the file and line.

Layers merge as follows. Sections merge setting by setting. Named collections (hours, shifts, protocols, steps,
complications, listed starts, changes, uncertainty) merge entry by entry; `false` drops an inherited entry, and an
empty table empties the collection. All other values, distributions and the protocol mix included, are replaced as a
whole. An address changes only the setting it names, and cannot lead into an entry that does not exist. The sections
that a protocol gives in part merge like those of the scenario; an address inside one of their distributions begins
with the scenario's.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from simclinic.scenario.entries import (
    COLLECTIONS,
    COMPLICATIONS,
    HOURS,
    PART_TARGETS,
    STEPS,
    TABLE_ENTRIES,
    not_there,
    usual,
)
from simclinic.scenario.laws import in_part
from simclinic.scenario.problems import Fault, Path, nearest
from simclinic.scenario.section import Raw

VARYING = frozenset(
    {
        "arrival_offset_minutes",
        "days",
        "days_to_consult",
        "days_to_decide",
        "extra_minutes",
        "minutes",
        "patience_minutes",
        "weight_kg",
    }
)
"""Settings that hold a distribution, so that a plain number means a constant."""


def _at(tables: Raw, path: Path) -> Raw:
    """Return the value at a place; None if there is none."""
    for part in path:
        tables = tables.get(part) if isinstance(tables, dict) else None
    return tables


def _merges(path: Path) -> bool:
    """Return whether a table at this place is merged into the one below, rather than replacing it."""
    path = in_part(path) or path
    return (
        len(path) <= 1
        or path in COLLECTIONS
        or path[:-1] in TABLE_ENTRIES
        or path[:-1] in PART_TARGETS
        or path == ("response", "stop_rule")
    )


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The source of values: a file, or one override.

    Attributes
    ----------
    name
        The name in error messages: the file's path, or `--set ADDRESS=VALUE`.
    text
        The file's text, for line numbers; None for an override.
    folder
        The folder to which paths in it are relative.
    """

    name: str
    text: str | None = None
    folder: FilePath | None = None


@dataclass(slots=True)
class Origin:
    """The layer of one value, and those of the entries of a table."""

    layer: Layer | None = None
    entries: dict[str, Origin] = field(default_factory=dict)

    def taken(self, table: dict[str, Any], layer: Layer) -> None:
        """Record that a layer changes a table; entries it does not change keep their own layer."""
        for key in table:
            self.entries.setdefault(key, Origin(self.layer))
        self.layer = layer

    def of(self, path: Path) -> Layer | None:
        """Return the layer that gave the value at a place, or the nearest table around it."""
        layer, origin = self.layer, self
        for part in path:
            if not isinstance(part, str) or part not in origin.entries:
                break
            origin = origin.entries[part]
            layer = origin.layer
        return layer


class Draft:
    """Tables under construction.

    Parameters
    ----------
    tables
        The bottom layer; None for the defaults.
    defaults
        Function that returns the tables of the typical clinic, into which entries merge if no lower layer has them.
    """

    def __init__(
        self, tables: dict[str, Any] | None = None, defaults: Callable[[], dict[str, Any]] = dict
    ) -> None:
        self.tables: dict[str, Any] = copy.deepcopy(tables or {})
        self.origin = Origin()
        self.faults: list[tuple[Layer, Fault]] = []
        self._defaults = defaults
        self._inherits = tables is not None

    def lay(self, tables: dict[str, Any], layer: Layer) -> None:
        """Merge the tables of a whole file over the draft; the first file is the bottom layer."""
        if self.origin.layer is None:
            self.origin.layer = layer
        self._merge(self.tables, self.origin, tables, (), layer)
        self._inherits = True

    def put(self, path: Path, value: Raw, layer: Layer) -> None:
        """Set the value at one address; a table there merges like one in an extending file."""
        table, origin = self.tables, self.origin
        for depth, part in enumerate(path[:-1], start=1):
            here = path[:depth]
            if part not in table and here[:-1] in TABLE_ENTRIES:
                # No entry is created or taken from the defaults: the name may be misspelt.
                self.faults.append((layer, not_there(here, table)))
                return
            if part not in table:
                self._inherit(table, here, also_values=True)
            below = table.setdefault(str(part), {})
            if part in VARYING and isinstance(below, int | float) and not isinstance(below, bool):
                below = table[str(part)] = {"dist": "constant", "value": below}
            if not isinstance(below, dict):
                rule = f"{'.'.join(map(str, here))} is not a table, so it cannot contain {path[depth]!r}"
                self.faults.append((layer, Fault(path, rule)))
                return
            table = below
            origin = origin.entries.setdefault(str(part), Origin(origin.layer))
            origin.taken(table, layer)
        self._merge(table, origin, {str(path[-1]): value}, path[:-1], layer)

    def _merge(
        self, table: dict[str, Any], origin: Origin, upper: dict[str, Any], path: Path, layer: Layer
    ) -> None:
        if path == ("demand",) and ("referrals" in upper) != ("referrals_file" in upper):
            # Replayed referrals replace an inherited file of referrals, and the other way round.
            table.pop("referrals_file" if "referrals" in upper else "referrals", None)
        if path[:-1] == ("shifts",) and ("nurses" in upper) != ("number" in upper):
            # Two words for one setting: the later one replaces the other.
            table.pop("number" if "nurses" in upper else "nurses", None)
        known = set(table)
        for key, value in upper.items():
            here = (*path, key)
            if value is False and path in COLLECTIONS:
                self._drop(table, origin, here, layer)
            elif isinstance(value, dict) and _merges(here):
                if key not in table and self._inherits:
                    self._inherit(table, here)
                if here in COLLECTIONS and not value:
                    table[key], origin.entries[key] = {}, Origin(layer)
                    continue
                if not isinstance(table.get(key), dict):
                    table[key], origin.entries[key] = {}, Origin(layer)
                inner = origin.entries.setdefault(key, Origin(origin.layer))
                inner.taken(table[key], layer)
                self._merge(table[key], inner, value, here, layer)
            else:
                table[key] = copy.deepcopy(value)
                origin.entries[key] = Origin(layer)
        if usual(path) == STEPS:
            self._order_steps(table, upper, known, path, layer)

    def _drop(self, table: dict[str, Any], origin: Origin, here: Path, layer: Layer) -> None:
        name = str(here[-1])
        if name in table:
            del table[name]
            origin.entries.pop(name, None)
        elif here[:-1] != HOURS:  # a file may say that a closed weekday is closed
            fault = Fault(
                here,
                "cannot be dropped, since no entry of that name is inherited",
                None,
                nearest(name, table),
            )
            self.faults.append((layer, fault))

    def _inherit(self, table: dict[str, Any], here: Path, *, also_values: bool = False) -> None:
        """Copy in the default of which an entry or a part is about to be changed."""
        if here == COMPLICATIONS and "steps" in table:
            table["complications"] = {}  # steps of a file's own have no default complications
            return
        if here == STEPS and "complications" not in table:
            self._inherit(table, COMPLICATIONS)
        if here not in COLLECTIONS and not (also_values and len(here) > 1):
            return
        default = _at(self._defaults(), here)
        of_scenario = in_part(here)
        if default is None and of_scenario is not None and len(of_scenario) > 1:
            default = _at(self.tables, of_scenario)
            default = _at(self._defaults(), of_scenario) if default is None else default
        if default is not None:
            table[str(here[-1])] = copy.deepcopy(default)

    def _order_steps(
        self, steps: dict[str, Any], upper: dict[str, Any], known: set[str], at: Path, layer: Layer
    ) -> None:
        """Move steps with `after` or `before` to their place.

        Several steps after the same one keep their own order. A new step must have one of the two, except in the
        file that defines all steps: otherwise a misspelt name would silently add a step.
        """
        latest: dict[str, str] = {}
        for name in [name for name in upper if isinstance(steps.get(name), dict)]:
            asked = {word: steps[name].pop(word) for word in ("after", "before") if word in steps[name]}
            others = [other for other in steps if other != name]
            if len(asked) != 1:
                if asked or (self._inherits and known and name not in known):
                    rule = 'a new step needs a place: after = "..." or before = "..."'
                    self.faults.append((layer, Fault((*at, name), rule, None, nearest(name, others))))
                    del steps[name]  # in any place, it would seem to break further rules
                continue
            [(word, other)] = asked.items()
            if other not in others:
                rule = "must name another step of the visit"
                fault = Fault((*at, name, word), rule, other, nearest(other, others))
                self.faults.append((layer, fault))
                continue
            if word == "after":
                others.insert(others.index(latest.get(other, other)) + 1, name)
                latest[other] = name
            else:
                others.insert(others.index(other), name)
            for step in others:
                steps[step] = steps.pop(step)
