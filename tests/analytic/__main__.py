"""Print the verification table in Markdown: `python -m tests.analytic [--share 0.1] [CASE ...]`.

With `--share 1` (the default) each case gets half a minute of the simulator and the full recursion; the
numbers are the same every time, on one kind of machine.
"""

import argparse
import sys

from tests.analytic.cases import CASES
from tests.analytic.cases.case import Case
from tests.analytic.estimates import HEADINGS


def table(case: Case, share: float) -> str:
    """One case: the simulator, and the recursion that it equals."""
    rows = [HEADINGS, tuple("---" for _ in HEADINGS)]
    for simulated, recursion in zip(
        case.by_simulator(max(30, round(share * case.half_minute))), case.by_recursion(share), strict=True
    ):
        rows.append(simulated.row(recursion))
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    heading = f"**{case.title}** (`scenarios/verification/{case.name}.toml`). {case.scenario.description}"
    return "\n".join([heading, "", *lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.analytic", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only these (default: all)")
    parser.add_argument("--share", type=float, default=1.0, help="how much of the full effort (default: 1)")
    wanted = parser.parse_args()
    unknown = set(wanted.cases) - {case.name for case in CASES}
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    for case in CASES:
        if not wanted.cases or case.name in wanted.cases:
            sys.stdout.write(table(case, wanted.share) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
