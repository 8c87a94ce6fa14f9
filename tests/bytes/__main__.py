"""`python -m tests.bytes BASE [OTHER]`: run both, and say what is not the same."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bytes.held import differences, digests, tree

arguments = argparse.ArgumentParser(prog="python -m tests.bytes", description=__doc__)
arguments.add_argument("base", help="the commit before")
arguments.add_argument("other", nargs="?", default="", help="the commit after; by default the working tree")
arguments.add_argument(
    "--only", default="", help="only steps whose name has this in it, such as 'run baseline'"
)
given = arguments.parse_args()
with tempfile.TemporaryDirectory() as made:
    trees = [
        tree(commit, Path(made) / name) for commit, name in ((given.base, "base"), (given.other, "other"))
    ]
    # The scenarios are those of the commit before: what is compared is the program.
    before, after = (digests(each, trees[0] / "scenarios", given.only) for each in trees)
wrong, new = differences(before, after)
for title, addresses in (("New", new), ("Not the same", wrong)):
    for address in addresses:
        print(f"{title}: {address}")
print(f"{len(before) - len(wrong):,} of {len(before):,} are the same, {len(new):,} are new.")
sys.exit(bool(wrong))
