"""Sections of a scenario: settings that cannot be changed after validation.

Every table of a scenario file becomes a :class:`Section`. It refuses unknown keys (such as a misspelt `nursess`),
numbers that are not finite, and values of another type: `"3"` is not a number, `true` is not a count, and a number
of chairs is not 2.5. Changed copies are made by :func:`simclinic.scenario.replace`, which validates them;
pydantic's `model_copy` does not.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

Raw: TypeAlias = Any
"""A value as `tomllib` reads it, not yet validated."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Section(BaseModel):
    """Base class of all sections: frozen and strict, without unknown keys or infinities."""

    # Validators are built at the first validation: workers receive a validated scenario, and start a third faster
    # without them.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class TomlTable(dict[Key, Value]):
    """An immutable table of named entries, so that a scenario can be shared and hashed.

    It reads like a `dict`; every attempt to change it raises TypeError.
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a scenario cannot be changed in place: use simclinic.scenario.replace")

    __setitem__ = __delitem__ = _refuse
    __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would fill the copy entry by entry, which is refused.
        return type(self), (dict(self),)


class Sequence(TomlTable[Key, Value]):
    """A table with a meaningful order (the steps of a visit): equal only in the same order."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, dict):
            return list(self.items()) == list(other.items())
        return NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = TomlTable.__hash__


def _by_name(entries: dict[Any, Any]) -> TomlTable[Any, Any]:
    return TomlTable(sorted(entries.items()))


def _no_duplicates(entries: tuple[object, ...]) -> tuple[object, ...]:
    if len(set(entries)) < len(entries):
        raise ValueError("must not contain an entry twice")
    return entries


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _absent(value: object) -> object:
    return None if value is False else value


def frozen(value: Raw) -> Raw:
    """Return a value without any part that can be changed: tables and lists become immutable ones."""
    if isinstance(value, dict):
        return TomlTable({key: frozen(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(inner) for inner in value)
    return value


ByName = AfterValidator(_by_name)
"""Sorts a collection by name, so that the order of a file changes no result."""

InOrder = AfterValidator(Sequence)
"""Stores a collection in the order of the file."""

Listed = BeforeValidator(_listed)
"""Stores a TOML array as a tuple."""

Unique = AfterValidator(_no_duplicates)
"""Refuses a list with duplicates."""

Dropped = BeforeValidator(_absent)
"""Lets `false` drop an inherited optional setting, since TOML has no null."""

Frozen = AfterValidator(frozen)
"""Stores values as they were written, but immutable."""
