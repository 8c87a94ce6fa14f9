"""An export of any number of rows, written quickly without a simulation.

A row is like one of the sample export, `760665,2024-01-18 08:00,induction,completed,2024-01-18
07:46,2024-01-18 10:06`.
"""

import datetime as dt

import numpy as np

FIRST = dt.date(2014, 1, 6)
DAYS = 3_640
HEADING = "patient,date,kind,status,checked_in,left\n"


def large(rows: int, seed: int = 1) -> str:
    """Write an export.

    Parameters
    ----------
    rows
        Number of appointments, over ten years, with about one patient for each 15.
    seed
        Seed of the random numbers.
    """
    draws = np.random.default_rng(seed)
    patients = rows // 12 + 50
    begin = draws.integers(0, DAYS, patients)
    visits = np.where(
        draws.random(patients) < 0.2, draws.integers(1, 6, patients), 6 + draws.geometric(0.06, patients)
    )
    number = np.repeat(np.arange(patients), visits)
    ordinal = np.arange(len(number)) - np.repeat(np.cumsum(visits) - visits, visits)
    gaps = np.where(
        ordinal == 0,
        0,
        np.where(ordinal < 6, draws.integers(3, 5, len(number)), draws.integers(21, 50, len(number))),
    )
    running = np.cumsum(gaps)
    day = begin[number] + running - running[np.cumsum(visits) - visits][number]
    day -= np.maximum(day % 7 - 4, 0)  # no weekends
    here = day < DAYS
    number, ordinal, day = number[here][:rows], ordinal[here][:rows], day[here][:rows]
    assert len(day) == rows
    start = 480 + 15 * draws.integers(0, 28, rows)
    came = start - draws.integers(0, 20, rows)
    left = start + draws.integers(100, 150, rows)
    missed = draws.random(rows)
    dates = [(FIRST + dt.timedelta(days=each)).isoformat() for each in range(DAYS)]
    clock = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440)]
    record = draws.permutation(1_000_000)[:patients].tolist()
    lines = [HEADING]
    for who, at, when, begun, arrived, gone, missing in zip(
        number.tolist(),
        ordinal.tolist(),
        day.tolist(),
        start.tolist(),
        came.tolist(),
        left.tolist(),
        missed.tolist(),
        strict=True,
    ):
        date = dates[when]
        kind = "induction" if at < 6 else "booster"
        if missing < 0.07:
            status, times = ("no-show", ",") if missing < 0.04 else ("cancelled", ",")
        else:
            status, times = "completed", f"{date} {clock[arrived]},{date} {clock[gone]}"
        lines.append(f"{record[who]:06d},{date} {clock[begun]},{kind},{status},{times}\n")
    return "".join(lines)
