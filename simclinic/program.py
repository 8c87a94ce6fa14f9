"""Which program makes the figures: its version, its code, and the packages it counts on.

Results of two programs must not be mixed. What decides them is the syntax of the files that a replication imports;
docstrings and comments are no part of it.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from simclinic.version import VERSION

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "simpy")
"""Packages that decide results, and how they are written down."""

DECIDING = (
    "arrays.py",
    "errors.py",
    "experiment/antithetic.py",
    "experiment/designs",
    "experiment/failure.py",
    "experiment/replication.py",
    "experiment/task.py",
    "measures",
    "model",
    "planning/__init__.py",
    "planning/book.py",
    "planning/calendar.py",
    "planning/grid.py",
    "planning/roster.py",
    "planning/timetable.py",
    "reading.py",
    "records.py",
    "sampling",
    "scenario",
    "visible.py",
)
"""Files and folders of the package that decide results: what a replication imports, and what numbers it."""

_SKIPPED = {"type_params", "kind", "type_comment", "ctx"}
"""Fields of syntax trees that say nothing, or that some versions of Python alone have."""


@cache
def code_version() -> str:
    """Tell which program this is: its version, and a hash of the syntax of the code that decides results."""
    return f"{VERSION}+{code_hash(Path(__file__).parent)[:12]}"


def code_hash(package: Path) -> str:
    """Hash the syntax of the deciding files below a folder: the same in every version of Python."""
    digest = hashlib.sha256()
    for file in deciding(package):
        parts: list[str] = [file.relative_to(package).as_posix()]
        _walk(ast.parse(file.read_bytes()), parts.append)
        digest.update("\0".join(parts).encode())
    return digest.hexdigest()


def deciding(package: Path) -> Iterator[Path]:
    """List the files that decide results, in order."""
    for name in DECIDING:
        place = package / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _walk(node: ast.AST, write: Callable[[str], object]) -> None:
    """Write a syntax tree: types of nodes and fields that hold something, without positions and docstrings."""
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
    """Tell whether a statement is a bare string: a docstring, or what says what a name is."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@cache
def versions() -> dict[str, str]:
    """Give the versions of Python and of the packages that decide results, by name."""
    found = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def differing(theirs: dict[str, str], mine: dict[str, str] | None = None) -> list[str]:
    """Say which versions differ so much that figures may: by major and minor number, of what both have."""
    mine = versions() if mine is None else mine
    return [
        f"{name} {theirs[name]}, not {mine[name]}"
        for name in mine
        if name in theirs and _minor(theirs[name]) != _minor(mine[name])
    ]


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
