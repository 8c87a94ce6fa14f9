"""Bring the pages up to date with the program.

`python -m tests.docs` writes what the reference pages have from the program anew, and
`python -m tests.docs docs/how-to/hire.md ...` what these pages show of outputs, with whole simulations.
"""

import sys

from tests.docs.examples import rewrite
from tests.docs.reference import PAGES, PARTS, rewritten

if __name__ == "__main__":
    for name in sys.argv[1:]:
        rewrite(name)
    if not sys.argv[1:]:
        for page in PARTS:
            (PAGES / page).write_text(rewritten(page), encoding="utf-8", newline="\n")
