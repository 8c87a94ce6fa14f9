"""Key figures, booster policies and booking rules from other packages, and from the script that is running.

An installed package offers them as entry points, in the groups `simclinic.kpis`, `simclinic.policies` and
`simclinic.booking`. Names are read from the metadata of installed packages; code of a package is imported when
something of it is used, and only what a scenario names is used. A scenario file can therefore run no code but that
of packages somebody has installed.

A script or notebook registers its own with :func:`register`. The two are looked up in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from simclinic.errors import SimclinicError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Group = Literal["simclinic.kpis", "simclinic.policies", "simclinic.booking"]

KPIS: Group = "simclinic.kpis"
POLICIES: Group = "simclinic.policies"
BOOKING: Group = "simclinic.booking"

WHAT: dict[Group, str] = {KPIS: "key figure", POLICIES: "booster policy", BOOKING: "booking rule"}
"""What each group offers, in words."""


class PluginError(SimclinicError):
    """Something of another package, or of a script, that is absent or cannot be used."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Something that a script has registered.

    Attributes
    ----------
    value
        The object.
    module
        Name of the module that registered it.
    version
        Identifies its code.
    """

    value: object
    module: str
    version: str


_registered: dict[tuple[Group, str], Registered] = {}


def register(group: Group, name: str, entry: Registered) -> None:
    """Register something under a name; the same module may register it again, as a notebook does.

    Raises
    ------
    PluginError
        If another module has registered the name, or an installed package offers it.
    """
    for point in offered(group).get(name, ()):
        if point.module != entry.module:
            raise PluginError(
                f"the {WHAT[group]} {name!r} is offered by the installed package {_package(point)}: give the one "
                f"of {entry.module} another name"
            )
    before = _registered.get((group, name))
    if before is not None and before.module != entry.module:
        raise PluginError(
            f"the {WHAT[group]} {name!r} is registered twice, by {before.module} and by {entry.module}: give one "
            "of them another name"
        )
    _registered[group, name] = entry


@cache
def offered(group: Group) -> dict[str, tuple[EntryPoint, ...]]:
    """Return the entry points of installed packages by name; no package is imported."""
    # Most scenarios use nothing of other packages, and the import takes as long as a short simulation.
    from importlib.metadata import entry_points

    found: dict[str, dict[str, EntryPoint]] = {}
    for point in entry_points(group=group):
        # The same package may lie twice on the path; two packages are two offers.
        found.setdefault(point.name, {}).setdefault(_package(point), point)
    return {name: tuple(points.values()) for name, points in sorted(found.items())}


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value.partition(":")[0]


def known(group: Group, name: str) -> bool:
    """Return whether a name is registered or offered; imports nothing."""
    return (group, name) in _registered or name in offered(group)


def names(group: Group) -> list[str]:
    """Return all names that are registered or offered, sorted; imports nothing."""
    return sorted({*offered(group), *(name for of, name in _registered if of == group)})


def absent(group: Group, name: str, built_in: Sequence[str] = ()) -> str:
    """Say that there is no such thing, and what may have been meant."""
    import difflib

    near = difflib.get_close_matches(name, [*built_in, *names(group)], 1)
    return (
        f"there is no {WHAT[group]} {name!r}: simclinic has none of that name, and no installed package or script "
        "offers one" + (f". Did you mean {near[0]!r}?" if near else "")
    )


def load(group: Group, name: str) -> object:
    """Return something by its name, and import it if necessary.

    Raises
    ------
    PluginError
        If it is absent, offered by several packages, or cannot be imported.
    """
    points = offered(group).get(name, ())
    if len(points) > 1:
        packages = " and ".join(sorted(map(_package, points)))
        raise PluginError(
            f"the {WHAT[group]} {name!r} is offered by several packages ({packages}): remove one"
        )
    if points:
        try:
            return points[0].load()
        except Exception as error:
            raise PluginError(
                f"the {WHAT[group]} {name!r} of {supplier(group, name)} cannot be imported: "
                f"{type(error).__name__}: {error}"
            ) from error
    if (group, name) not in _registered:
        raise PluginError(absent(group, name))
    return _registered[group, name].value


def supplier(group: Group, name: str) -> str:
    """Return the package that supplies something, with its version, or the module and an identifier of its code.

    Raises
    ------
    PluginError
        If it is absent.
    """
    points = offered(group).get(name, ())
    if points:
        point = points[0]
        return f"{_package(point)} {point.dist.version if point.dist is not None else 'of unknown version'}"
    entry = _registered.get((group, name))
    if entry is None:
        raise PluginError(absent(group, name))
    return f"module {entry.module} ({entry.version})"


def module_of(group: Group, name: str) -> str | None:
    """Return the module that a worker must import to know something registered; None for an installed package's."""
    if name in offered(group):
        return None
    entry = _registered.get((group, name))
    return None if entry is None else entry.module
