"""Several things wrong at once, inside one check."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""A place in a scenario, part by part: ("shifts", "day", "nurses")."""


def nearest(written: object, names: Iterable[str]) -> str | None:
    """Find the valid name a misspelt one probably means, or None if none is near."""
    found = difflib.get_close_matches(str(written)[:100].casefold(), list(names), n=1, cutoff=0.6)
    return found[0] if found else None


def by_nearness(written: object, names: Iterable[str]) -> list[str]:
    """Sort valid names, those that look most like a misspelt one first."""
    matcher = difflib.SequenceMatcher(b=str(written)[:100].casefold())

    def unlike(name: str) -> float:
        matcher.set_seq1(name.casefold())
        return -matcher.ratio()

    return sorted(names, key=unlike)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a setting, before its file and line are known.

    Attributes
    ----------
    at
        Address, relative to the section that checked it.
    rule, value, suggestion
        As in :class:`simclinic.errors.Problem`; `value` is the value itself.
    """

    at: Path
    rule: str
    value: object = None
    suggestion: str | None = None

    def below(self, path: Path) -> Fault:
        """Give the same fault with its place told from further up."""
        return Fault((*path, *self.at), self.rule, self.value, self.suggestion)


class Broken(ValueError):  # noqa: N818  (a collection, raised only if it is not empty)
    """What a check found, all of it; pydantic carries it out as one error, the loader tells it as many."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults: list[Fault] = list(faults)

    def __str__(self) -> str:
        return "; ".join(fault.rule for fault in self.faults)

    def add(self, at: Path, rule: str, value: object = None, names: Iterable[str] = ()) -> None:
        """Note one fault; `names` are the valid ones, of which the nearest is suggested."""
        suggestion = nearest(value, names) if value is not None else None
        self.faults.append(Fault(at, rule, value, suggestion))

    def raise_if_any(self) -> None:
        """Raise, if anything was noted."""
        if self.faults:
            raise self
