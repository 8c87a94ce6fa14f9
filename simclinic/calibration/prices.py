"""Prices of visits in an export, however their amounts are written.

>>> [read_amount(text) for text in ("$1,150.00", "1.150,50 €", "600", "1,150")]
[1150.0, 1150.5, 600.0, 1150.0]
"""

from __future__ import annotations

import math
import re

import numpy as np

from simclinic.arrays import Bools, Floats, Integers
from simclinic.calibration.cells import Cells
from simclinic.calibration.quality import Quality

MOSTLY = 0.6
"""Share of filled cells that are amounts, from which a column of that heading holds prices."""
_SEVERAL = 0.05
"""Share of visits with several rows above which a row is not the price of a visit."""
_AMOUNT = re.compile(r"[^\d.,+()-]*(\d[\d.,'’ \u00a0\u202f]*)[^\d]*")


def read_amount(text: str) -> float:
    """Return an amount of money, not negative; NaN if the text is none."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return math.nan
    digits = re.sub(r"[^\d.,]", "", match[1]).rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        mark = digits[last]
        # A mark that occurs again, or that only groups of three digits follow, separates thousands.
        decimal = digits.count(mark) == 1 and (len(digits) - last != 4 or ("." in digits and "," in digits))
        whole = re.sub(r"[.,]", "", digits[:last])
        digits = f"{whole}.{digits[last + 1 :]}" if decimal else whole + digits[last + 1 :]
    return float(digits) if digits else math.nan


def amounts(cells: Cells) -> Floats:
    """Return the amount in each cell; NaN where there is none."""
    known = np.array([read_amount(word) for word in cells.words], dtype=np.float64)
    return known[cells.codes] if len(known) else known


def holds_amounts(cells: Cells) -> bool:
    """Tell whether a column of this kind of heading holds prices."""
    filled = np.array([bool(word.strip()) for word in cells.words], dtype=np.bool_)
    if not filled.any():
        return False
    there = filled[cells.codes]
    return bool((~np.isnan(amounts(cells)))[there].mean() >= MOSTLY)


def prices_of_visits(
    price: Floats, patient: Integers, day: Integers, done: Bools, quality: Quality
) -> Floats:
    """Return the price of each completed visit; NaN where it is unknown, or divided over several rows of a day.

    Parameters
    ----------
    price, patient, day
        Of each row.
    done
        Whether each row is a completed visit.
    quality
        Receives a note, and a warning if so many visits have several rows that no price is known.
    """
    known = np.where(done, price, np.nan)
    rows = np.flatnonzero(done)
    if not rows.size or np.isnan(known).all():
        return known
    _, visit, count = np.unique(
        np.stack([patient[rows], day[rows]], axis=1), axis=0, return_inverse=True, return_counts=True
    )
    several = count[visit.reshape(-1)] > 1
    known[rows[several]] = np.nan
    share = float((count > 1).mean())
    if share > _SEVERAL:
        quality.warn(
            f"{100 * share:.0f} % of the visits have several rows on their day, as an export with a row for each "
            "billing code has: prices are not learnt. Export a row for each visit"
        )
        return np.full(len(price), np.nan)
    quality.count("visits with several rows on their day", int((count > 1).sum()), "their price is not used")
    return known
