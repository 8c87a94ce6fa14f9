"""Print the tables of docs/background/published.md: `python -m tests.published [--share 0.1] [HEADING ...]`."""

import argparse
import sys
from collections.abc import Iterable, Iterator

from tests.published.figure import HEADINGS, System
from tests.published.systems import READINGS, TABLES


def markdown(heading: str, rows: Iterable[tuple[str, ...]]) -> str:
    """Write one table; its first row is the header."""
    header, *others = rows
    lines = [header, tuple("---" for _ in header), *others]
    return "\n".join([f"**{heading}**", "", *("| " + " | ".join(cells) + " |" for cells in lines), ""])


def rows(systems: list[System], share: float) -> Iterator[tuple[str, ...]]:
    """Simulate systems, and give the rows of their table."""
    yield HEADINGS
    for system in systems:
        estimates = system.estimates(max(2, round(share * system.replications)))
        yield from (figure.row(one) for figure, one in zip(system.figures, estimates, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.published", description=__doc__)
    parser.add_argument("headings", nargs="*", metavar="HEADING", help="only these (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the full effort (default: 1)")
    wanted = parser.parse_args()
    unknown = set(wanted.headings) - {*TABLES, *READINGS}
    if unknown:
        there = ", ".join([*TABLES, *READINGS])
        parser.error(f"no such table: {', '.join(sorted(unknown))}; there are {there}")
    made = {
        **{heading: (header, *message) for heading, (header, message) in READINGS.items()},
        **{heading: rows(systems, wanted.share) for heading, systems in TABLES.items()},
    }
    for heading, lines in made.items():
        if not wanted.headings or heading in wanted.headings:
            sys.stdout.write(markdown(heading, lines) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
