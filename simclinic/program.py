"""The identity of the program that computes results: its version, a hash of its code, and versions of packages.

Results of two programs must not be mixed. They depend on the files that a replication imports, so the hash is of
the syntax of these files, without docstrings and comments.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from simclinic.kept import kept
from simclinic.version import VERSION

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "simpy")
"""Packages that affect results, or their files."""

DECIDING = (
    "arrays.py",
    "errors.py",
    "experiment/antithetic.py",
    "experiment/controls.py",
    "experiment/designs",
    "experiment/failure.py",
    "experiment/pilot.py",
    "experiment/replication.py",
    "experiment/same_patients.py",
    "experiment/task.py",
    "kept.py",
    "measures",
    "model",
    "past",
    "planning/__init__.py",
    "planning/book.py",
    "planning/bookable.py",
    "planning/booster_load.py",
    "planning/calendar.py",
    "planning/capacity.py",
    "planning/demand.py",
    "planning/grid.py",
    "planning/known_days.py",
    "planning/load.py",
    "planning/mix.py",
    "planning/one_more.py",
    "planning/open_book.py",
    "planning/open_day.py",
    "planning/roster.py",
    "planning/templates.py",
    "planning/timetable.py",
    "planning/typed_book.py",
    "planning/typed_week.py",
    "planning/unused_starts.py",
    "planning/visit_plans.py",
    "planning/wide_week.py",
    "plugins.py",
    "reading.py",
    "records.py",
    "sampling",
    "scenario",
    "ufuncs.py",
    "visible.py",
)
"""Files and folders of the package that affect results: the imports of a replication, and its numbering."""

_SKIPPED = {"type_params", "kind", "type_comment", "ctx"}
"""Fields of syntax trees without meaning here, or that only some versions of Python have."""


@cache
def code_version() -> str:
    """Return the version, and a hash of the syntax of the code that affects results."""
    return f"{VERSION}+{code_hash(Path(__file__).parent)[:12]}"


def code_hash(package: Path) -> str:
    """Hash the syntax of the deciding files below a folder; the hash is the same in every version of Python.

    Parsing them takes a quarter of a second, so the hash is kept.
    """
    sources = [(file.relative_to(package).as_posix(), file.read_bytes()) for file in deciding(package)]
    contents = hashlib.sha256(Path(__file__).read_bytes())
    for name, source in sources:
        contents.update(f"{name}\0{len(source)}\0".encode() + source)

    def computed() -> bytes:
        digest = hashlib.sha256()
        for name, source in sources:
            digest.update("\0".join((name, *_syntax(source))).encode())
        return digest.hexdigest().encode()

    return kept(package / "program.py", ".hash", contents.hexdigest(), computed).decode()


def deciding(package: Path) -> Iterator[Path]:
    """Yield the files that affect results, in order."""
    for name in DECIDING:
        place = package / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _syntax(source: bytes) -> tuple[str, ...]:
    """Return the syntax tree of a module as text."""
    parts: list[str] = []
    _walk(ast.parse(source), parts.append)
    return tuple(parts)


def _walk(node: ast.AST, write: Callable[[str], object]) -> None:
    """Write a syntax tree: types of nodes and their nonempty fields, without positions and docstrings."""
    write(type(node).__name__)
    for field in node._fields:
        value = getattr(node, field, None)
        if value is None or value == [] or field in _SKIPPED:
            continue
        write(field)
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, ast.AST):
                write(repr(each))
            elif not _is_text(each):
                _walk(each, write)
        write("]")
    write(")")


def _is_text(node: ast.AST) -> bool:
    """Return whether a statement is a bare string: a docstring of a module, function, class or name."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that affect results, by name."""
    installed = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            installed[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def differing(theirs: dict[str, str], mine: dict[str, str] | None = None) -> list[str]:
    """Return which versions differ in major or minor number, so that figures may differ, of common packages."""
    mine = versions() if mine is None else mine
    return [
        f"{name} {theirs[name]}, not {mine[name]}"
        for name in mine
        if name in theirs and _minor(theirs[name]) != _minor(mine[name])
    ]


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
