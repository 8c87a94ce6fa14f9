"""The table of verdicts in docs/background/verdicts.md: `python -m tests.verdicts` (half an hour on two cores)."""

from collections import Counter

import numpy as np

from simclinic.measures import STATES
from tests.verdicts.clinics import watch

RATES = (8, 9, 10, 10.3, 11, 12, 13, 14, 15, 16, 18, 20)
COUNT = 400
SIZES = (2, 10, 40)


def told(called):
    counts = Counter(called)
    return ", ".join(
        f"{100 * counts[state] / len(called):.0f} % {state}" for state in STATES if counts[state]
    )


def table(clinics):
    """Write the rows: the truth from all replications, and how often each verdict is given by fewer."""
    heads = (
        "referrals a week",
        "asked on paper",
        "turned away",
        "truth",
        *(f"{n} replications" for n in SIZES),
    )
    yield f"| {' | '.join(heads)} |"
    yield "| --- | --- | --- | --- |" + " --- |" * len(SIZES)
    for rate, clinic in clinics:
        total = len(clinic.boosters)
        cells = [
            told([clinic.verdict(chosen) for chosen in np.arange(total // n * n).reshape(-1, n)])
            for n in SIZES
        ]
        away = 100 * np.mean(clinic.kpis["balked_share"])
        truth = "stable" if clinic.is_stable else "not stable"
        yield f"| {rate:g} | {100 * clinic.theory.asked:.0f} % | {away:.1f} % | {truth} | {' | '.join(cells)} |"


if __name__ == "__main__":
    found = watch([(f"demand.referrals_per_week={rate}",) for rate in RATES], COUNT)
    print(*table(zip(RATES, found, strict=True)), sep="\n")
