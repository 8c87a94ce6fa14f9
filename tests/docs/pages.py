"""The documentation as readers have it: pages, their fenced blocks, their tables."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]

LEFT_OUT = "..."
"""A line that stands for lines left out of an output."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of the page it begins on."""

    language: str
    text: str
    line: int


def blocks(name: str) -> list[Block]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [
        Block(result[1], result[2], text.count("\n", 0, result.start()) + 1)
        for result in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def tables(name: str) -> list[list[list[str]]]:
    """All tables of a page, each a list of rows of cells, without the line under the heading."""
    result: list[list[list[str]]] = [[]]
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("|"):
            result.append([])
        elif not re.fullmatch(r"[|\- ]+", line):
            result[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return [table for table in result if table]


def shows(shown: str, output: str) -> bool:
    """Tell whether a page shows an output, lines left out being marked."""
    lines = [line.rstrip() for line in output.splitlines()]
    parts: list[list[str]] = [[]]
    for line in shown.rstrip("\n").splitlines():
        if line == LEFT_OUT:
            parts.append([])
        else:
            parts[-1].append(line.rstrip())
    at = 0
    for number, part in enumerate(parts):
        places = [
            here for here in range(at, len(lines) - len(part) + 1) if lines[here : here + len(part)] == part
        ]
        if number == 0 and part:
            places = [here for here in places if here == 0]
        if number == len(parts) - 1 and part:
            places = [here for here in places if here + len(part) == len(lines)]
        if not places:
            return False
        at = places[0] + len(part)
    return True
