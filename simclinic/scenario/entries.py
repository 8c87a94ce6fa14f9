"""Collections of named entries, and messages about names that are not in them.

A shift, a protocol or a step is defined as a whole. A change to one setting of a missing entry is an error: the
name is probably misspelt, or belongs to another scenario.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simclinic.scenario.problems import Fault, Path, by_nearness, nearest
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.section import Section
from simclinic.scenario.shifts import Shift
from simclinic.scenario.uncertainty import Uncertainty
from simclinic.scenario.visit import Complication, Place, Role, Step, VisitType

HOURS = ("clinic", "hours")
STEPS = ("visit", "steps")
COMPLICATIONS = ("visit", "complications")

_MOST = 8  # names that a message lists


@dataclass(frozen=True, slots=True)
class EntryKind:
    """The kind of a collection's entries.

    Attributes
    ----------
    noun, plural
        Names of one entry and of several.
    model
        Settings of an entry; None if they are addresses.
    also
        Requirements of a new entry besides the settings without a default.
    """

    noun: str
    plural: str
    model: type[Section] | None = None
    also: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """Settings that a new entry must have."""
        fields = {} if self.model is None else self.model.model_fields
        return (*(field.alias or name for name, field in fields.items() if field.is_required()), *self.also)


KINDS: dict[Path, EntryKind] = {
    ("shifts",): EntryKind("shift", "shifts", Shift),
    ("protocols",): EntryKind("protocol", "protocols", Protocol, ("gap_days",)),
    STEPS: EntryKind("step", "steps", Step, ("its place (after or before another step)",)),
    COMPLICATIONS: EntryKind("complication", "complications", Complication),
    ("visits",): EntryKind("type of visit", "types of visit", VisitType),
    ("roles",): EntryKind("role", "roles", Role),
    ("places",): EntryKind("place", "places", Place),
    ("changes",): EntryKind("change", "changes", None, ("the addresses that change and their new values",)),
    ("uncertainty",): EntryKind("entry", "entries", Uncertainty),
}
"""Collections whose entries are tables."""


def usual(path: Path) -> Path:
    """Return the place that corresponds in `[visit]` to one within a further type of visit."""
    return ("visit", *path[2:]) if len(path) > 2 and path[0] == "visits" else path


class Places(frozenset[Path]):
    """Places in a scenario; those within a type of visit are those within `[visit]`."""

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and super().__contains__(usual(path))


TABLE_ENTRIES = Places(KINDS)

PART_TARGETS = frozenset(("targets", part) for part in ("visits", "roles", "places"))
"""Targets by the name of a type of visit, a role or a place: an entry may be new."""

COLLECTIONS = Places({*KINDS, *PART_TARGETS, HOURS, ("booking", "starts"), ("targets", "own")})
"""All collections of named entries."""


def not_there(path: Path, names: Iterable[str]) -> Fault:
    """Return the fault of an address that leads into a missing entry.

    Parameters
    ----------
    path
        The place of the entry.
    names
        Names of the existing entries.
    """
    kind, written, existing = KINDS[usual(path[:-1])], str(path[-1]), list(names)
    others = f"only {listed(written, existing)}" if existing else "nor any other"
    remedy = "Name an existing one, or define a new one completely" if existing else "Define it completely"
    rule = f"there is no {kind.noun} {written[:60]!r}, {others}. {remedy}, with {joined(kind.needs)}"
    return Fault(path, rule, None, nearest(written, existing))


def needed(path: Path, names: Iterable[str]) -> tuple[str, str | None]:
    """Return the rule for a setting that an entry lacks, and the existing entry that was probably meant.

    Parameters
    ----------
    path
        The place of the entry.
    names
        All entries of its collection.
    """
    kind, written = KINDS[usual(path[:-1])], str(path[-1])
    others = [name for name in names if name != written]
    if not others:
        return "is needed", None
    rule = f"is needed in a new {kind.noun}; the other {kind.plural if len(others) > 1 else kind.noun}"
    return f"{rule} {'are' if len(others) > 1 else 'is'} {listed(written, others)}", nearest(written, others)


def listed(written: str, names: Iterable[str]) -> str:
    """List names, the most similar to the one that was written first."""
    near = [f"{name!r}" for name in by_nearness(written, names)]
    if len(near) > _MOST:
        near = [*near[: _MOST - 1], f"{len(near) - _MOST + 1} others"]
    return joined(near)


def joined(words: Iterable[str]) -> str:
    """Join words as in a sentence: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
