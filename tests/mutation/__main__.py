"""`python -m tests.mutation [WORD…]`: plant every bug (or those whose name holds a word), tell which survive."""

import sys

from tests.mutation.mutants import MUTANTS
from tests.mutation.plant import copy, plant


def main(words: list[str]) -> int:
    """Print a table; exit status 1 if any bug survives."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in mutant.name for word in words)]
    survivors = 0
    with copy() as place:
        for mutant in chosen:
            verdict = plant(place, mutant)
            survivors += not verdict.caught
            what = "caught" if verdict.caught else "SURVIVED"
            line = f"{what:8} {verdict.seconds:5.1f} s  {mutant.name}"
            sys.stdout.write(f"{line}  [{verdict.by}]\n" if verdict.by else f"{line}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - survivors} of {len(chosen)} caught\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
