"""A section of a scenario: settings that cannot be changed once they have been checked.

Every table of a scenario file becomes a :class:`Section`. It refuses keys it does not know (a misspelt
`nursess` never passes in silence), numbers that are not finite, and values of another type than the one
asked for: `"3"` is no number, `true` is no count, and 2.5 chairs are no chairs. A changed copy is made
through :func:`simclinic.scenario.replace`, which checks it again; not through pydantic's
`model_copy`, which does not.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeAlias, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

Raw: TypeAlias = Any
"""A value as `tomllib` reads it, not yet checked."""

Key = TypeVar("Key")
Value = TypeVar("Value")


class Section(BaseModel):
    """Base of all sections: frozen, strict, closed to unknown keys and to infinities."""

    # Building is deferred to the first check, since workers get their scenario checked already: they start a
    # third faster.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class TomlTable(dict[Key, Value]):
    """A table of named entries that nobody can change, so that a scenario can be shared and hashed.

    It is a `dict` to every reader; every way of changing it raises TypeError.
    """

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("a scenario cannot be changed in place: use simclinic.scenario.replace")

    __setitem__ = __delitem__ = _refuse
    __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would fill a copy entry by entry, which is just what is refused.
        return type(self), (dict(self),)


class Sequence(TomlTable[Key, Value]):
    """A table whose order means something (the steps of a visit): equal only in the same order."""

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


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _absent(value: object) -> object:
    return None if value is False else value


def _freeze(value: Raw) -> Raw:
    if isinstance(value, dict):
        return TomlTable({key: _freeze(inner) for key, inner in value.items()})
    if isinstance(value, list | tuple):
        return tuple(_freeze(inner) for inner in value)
    return value


ByName = AfterValidator(_by_name)
"""Keeps a collection by the alphabet, so that the order of a file changes no result."""

InOrder = AfterValidator(Sequence)
"""Keeps a collection in the order of the file."""

Listed = BeforeValidator(_listed)
"""A TOML array, kept as a tuple."""

Dropped = BeforeValidator(_absent)
"""`false` drops an optional setting that was inherited: TOML has no word for "none"."""

Frozen = AfterValidator(_freeze)
"""Values kept as they were written, but unchangeable."""
