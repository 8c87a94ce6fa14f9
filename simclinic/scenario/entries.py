"""Collections of named entries: which there are, and what to say of a name that is not in one.

A shift, a protocol or a step is given as a whole. An author who changes one setting of an entry that is missing has
mistaken its name, or another scenario for this one: nothing is made up for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simclinic.scenario.problems import Fault, Path, by_nearness, nearest
from simclinic.scenario.protocols import Protocol
from simclinic.scenario.section import Section
from simclinic.scenario.shifts import Shift
from simclinic.scenario.uncertainty import Uncertainty
from simclinic.scenario.visit import Complication, Step

HOURS = ("clinic", "hours")
STEPS = ("visit", "steps")
COMPLICATIONS = ("visit", "complications")

_MOST = 8  # names that a message lists


@dataclass(frozen=True, slots=True)
class EntryKind:
    """What the entries of a collection are.

    Attributes
    ----------
    noun, plural
        What one is called, and several.
    model
        Its settings; None if they are addresses.
    also
        What a new one needs besides the settings that have no default.
    """

    noun: str
    plural: str
    model: type[Section] | None = None
    also: tuple[str, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """What a new entry must say."""
        fields = {} if self.model is None else self.model.model_fields
        return (*(field.alias or name for name, field in fields.items() if field.is_required()), *self.also)


KINDS: dict[Path, EntryKind] = {
    ("shifts",): EntryKind("shift", "shifts", Shift),
    ("protocols",): EntryKind("protocol", "protocols", Protocol, ("gap_days",)),
    STEPS: EntryKind("step", "steps", Step, ("its place (after or before another step)",)),
    COMPLICATIONS: EntryKind("complication", "complications", Complication),
    ("changes",): EntryKind("change", "changes", None, ("the addresses that change and their new values",)),
    ("uncertainty",): EntryKind("entry", "entries", Uncertainty),
}
"""Collections whose entries are tables themselves."""

TABLE_ENTRIES = frozenset(KINDS)

COLLECTIONS = TABLE_ENTRIES | {HOURS, ("booking", "starts")}
"""All collections of named entries."""


def not_there(path: Path, names: Iterable[str]) -> Fault:
    """Say that an address leads into an entry that is not there.

    Parameters
    ----------
    path
        The place of the entry.
    names
        The entries there are.
    """
    kind, written, known = KINDS[path[:-1]], str(path[-1]), list(names)
    others = f"only {listed(written, known)}" if known else "nor any other"
    first = "Name one that is there, or give a new one as a whole" if known else "Give it as a whole"
    rule = f"there is no {kind.noun} {written[:60]!r}, {others}. {first}, with {joined(kind.needs)}"
    return Fault(path, rule, None, nearest(written, known))


def needed(path: Path, names: Iterable[str]) -> tuple[str, str | None]:
    """Say that an entry lacks a setting, and which entry it may have been meant to be.

    Parameters
    ----------
    path
        The place of the entry.
    names
        All entries of its collection.
    """
    kind, written = KINDS[path[:-1]], str(path[-1])
    others = [name for name in names if name != written]
    if not others:
        return "is needed", None
    told = f"is needed in a new {kind.noun}; the other {kind.plural if len(others) > 1 else kind.noun}"
    return f"{told} {'are' if len(others) > 1 else 'is'} {listed(written, others)}", nearest(written, others)


def listed(written: str, names: Iterable[str]) -> str:
    """List names, those nearest to what was written first."""
    near = [f"{name!r}" for name in by_nearness(written, names)]
    if len(near) > _MOST:
        near = [*near[: _MOST - 1], f"{len(near) - _MOST + 1} others"]
    return joined(near)


def joined(words: Iterable[str]) -> str:
    """Join words as a sentence does: "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
