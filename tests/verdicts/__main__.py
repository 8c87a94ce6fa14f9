"""The table of verdicts in docs/background/verdicts.md: `python -m tests.verdicts` (a quarter of an hour)."""

from collections import Counter

import numpy as np

from simclinic.measures import STATES
from tests.verdicts.clinics import watch

RATES = {
    8: 120,
    9: 120,
    10: 200,
    10.3: 400,
    11: 200,
    12: 400,
    13: 200,
    14: 200,
    15: 120,
    16: 120,
    18: 120,
    20: 120,
}
"""Replications for each rate of referrals: most where the truth is nearest to a limit."""
SIZES = (2, 10, 40)


def percentages(called):
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
            percentages([clinic.verdict(chosen) for chosen in np.arange(total // n * n).reshape(-1, n)])
            for n in SIZES
        ]
        away = 100 * np.mean(clinic.kpis["balked_share"])
        truth = "stable" if clinic.is_stable else "not stable"
        yield f"| {rate:g} | {100 * clinic.theory.asked:.0f} % | {away:.1f} % | {truth} | {' | '.join(cells)} |"


if __name__ == "__main__":
    clinics = [(f"demand.referrals_per_week={rate}",) for rate in RATES]
    print(*table(zip(RATES, watch(clinics, RATES.values()), strict=True)), sep="\n")
