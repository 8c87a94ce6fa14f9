"""Faults found while a scenario is checked, before their files and lines are known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""A place in a scenario, part by part: ("shifts", "day", "nurses")."""


_ABBREVIATED = 3  # letters of a weekday


def nearest(written: object, names: Iterable[str]) -> str | None:
    """Return the valid name most similar to a misspelt one, or None if none is similar."""
    plain, known = str(written)[:100].casefold(), list(names)
    matches = difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    # An abbreviation is like the whole word: "sat" is like "saturday".
    matches += [name for name in known if len(name) == _ABBREVIATED and plain.startswith(name)]
    return matches[0] if matches else None


def by_nearness(written: object, names: Iterable[str]) -> list[str]:
    """Sort valid names by similarity to a misspelt one, the most similar first."""
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
        """Return the same fault with its place relative to an outer table at `path`."""
        return Fault((*path, *self.at), self.rule, self.value, self.suggestion)


class Broken(ValueError):  # noqa: N818  (a collection, raised only if it is not empty)
    """All faults of one check; pydantic reports them as one error, and the loader lists them one by one."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self.faults: list[Fault] = list(faults)

    def __str__(self) -> str:
        return "; ".join(fault.rule for fault in self.faults)

    def add(self, at: Path, rule: str, value: object = None, names: Iterable[str] = ()) -> None:
        """Add one fault; the most similar of `names` is suggested."""
        suggestion = nearest(value, names) if value is not None else None
        self.faults.append(Fault(at, rule, value, suggestion))

    def raise_if_any(self) -> None:
        """Raise this error, if it has any faults."""
        if self.faults:
            raise self
