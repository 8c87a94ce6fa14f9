"""Line numbers of the values in a TOML file.

Neither `tomllib` nor pydantic knows line numbers, so they come from tree-sitter's TOML grammar. It is used only
after an error was found: valid scenarios need no time for it. The tree is walked without recursion, because a file
may be nested deeper than Python's stack.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from simclinic.scenario.problems import Path

if TYPE_CHECKING:
    from tree_sitter import Node


_DEEPEST = 64
"""Deepest level with line numbers of its own, deeper than any scenario; below it, the line of the table counts."""


def positions(text: str) -> dict[Path, int]:
    """Map the place of each key, table and list entry in a TOML text to its line, counted from 1."""
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    tree = Parser(Language(tree_sitter_toml.language())).parse(text.encode())
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    to_do: list[tuple[Node, Path]] = [(tree.root_node, ())]
    while to_do:
        node, path = to_do.pop()
        if len(path) > _DEEPEST:
            continue
        if node.type in ("table", "table_array_element"):
            key, *rest = node.named_children
            path = _names(key)
            _note(lines, (), path, key)
            if node.type == "table_array_element":
                counts[path] = counts.get(path, -1) + 1
                path = (*path, counts[path])
            to_do.extend((child, path) for child in reversed(rest))
        elif node.type == "pair":
            key, *values = node.named_children
            below = _names(key)
            _note(lines, path, below, key)
            to_do.extend((value, (*path, *below)) for value in values)
        elif node.type == "array":
            entries = [child for child in node.named_children if child.type != "comment"]
            for number, child in enumerate(entries):
                _note(lines, path, (number,), child)
                to_do.append((child, (*path, number)))
        elif node.type in ("document", "inline_table", "ERROR"):
            to_do.extend((child, path) for child in reversed(node.named_children))
    return lines


def line_of(path: Path, lines: dict[Path, int]) -> int | None:
    """Return the line of a place, or of the nearest table around it; None for the file as a whole."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _note(lines: dict[Path, int], path: Path, below: Path, node: Node) -> None:
    for length in range(1, len(below) + 1):
        lines.setdefault((*path, *below[:length]), node.start_point[0] + 1)


def _names(key: Node) -> Path:
    """Read a key, dotted or not; the grammar nests dotted keys to the left."""
    parts: list[str] = []
    while key.type == "dotted_key":
        named = key.named_children
        parts.extend(_name(part) for part in reversed(named[1:]))
        key = named[0]
    parts.append(_name(key))
    return tuple(reversed(parts))


def _name(key: Node) -> str:
    written = (key.text or b"").decode(errors="replace")
    if key.type != "quoted_key":
        return written
    try:
        [name] = tomllib.loads(f"{written} = 0")
    except ValueError:
        return written
    return str(name)
