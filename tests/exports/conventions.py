"""Exports by the conventions of other systems: other words, more rows, other columns, and the same visits.

    text, options = SIGNS(export, seed=1)

Each comes with the options that reading it needs. None of them changes what happened.
"""

import csv
import datetime
import io
import random
from collections.abc import Callable

from simclinic.calibration import Options
from tests.exports.export import BOOKED, Export

Convention = Callable[[Export, int], tuple[str, Options]]
Line = dict[str, str]

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def lines(export: Export) -> list[Line]:
    """Write an export's rows as they are, without kinds."""
    return [
        {
            "MRN": row.patient,
            "Start": f"{row.date:%Y-%m-%d %H:%M}",
            "Status": row.status,
            "In": "" if row.checked_in is None else f"{row.checked_in:%H:%M}",
            "Out": "" if row.left is None else f"{row.left:%H:%M}",
        }
        for row in export.rows
    ]


TIMES = {"checked_in": "In", "left": "Out"}


def written(rows: list[Line], without: tuple[str, ...] = ("In", "Out")) -> str:
    """Write rows as a file, without some columns."""
    out = io.StringIO()
    names = [name for name in rows[0] if name not in without]
    writer = csv.DictWriter(out, names, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def plain(export: Export, seed: int) -> tuple[str, Options]:
    """Write the export with which the others are compared."""
    return written(lines(export)), Options(as_of=export.cut)


def reworded(words: dict[str, str], text: dict[str, str] | None = None) -> Convention:
    """Use other words for the outcomes."""

    def write(export: Export, seed: int) -> tuple[str, Options]:
        rows = [line | {"Status": words.get(line["Status"], line["Status"])} for line in lines(export)]
        return written(rows), Options(as_of=export.cut, statuses=text)

    return write


SIGNS = reworded(
    {"completed": ">", "no-show": "?", "cancelled": "%", BOOKED: "-"},
    {">": "completed", "?": "no-show", "%": "cancelled", "-": "booked"},
)
SHOW = reworded({"completed": "Show", BOOKED: "Show"})
SCHEDULED = reworded({"completed": "Scheduled", BOOKED: "Scheduled"}, {"Scheduled": "completed"})
CASE = reworded(
    {"completed": "c", "cancelled": "C", "no-show": "n", BOOKED: "N"},
    {"c": "completed", "C": "cancelled", "n": "no-show", "N": "booked"},
)


def reasons(export: Export, seed: int) -> tuple[str, Options]:
    """Add a reason to the status of missed appointments."""
    draws = random.Random(seed)
    why = ("ill", "car; texted", "work (called)", "BP, again", "ride - fell through")
    rows = [
        line | {"Status": f"{line['Status']} - {why[int(draws.random() * len(why))]}"}
        if line["Status"] in ("no-show", "cancelled")
        else line
        for line in lines(export)
    ]
    return written(rows), Options(
        as_of=export.cut, statuses={"no-show*": "no-show", "cancelled*": "cancelled"}
    )


def flagged(export: Export, seed: int) -> tuple[str, Options]:
    """Close every appointment as completed, and mark the missed ones in a column."""
    rows = [
        line
        | {
            "Status": line["Status"].replace("no-show", "completed"),
            "No Show": "NY"[line["Status"] == "no-show"],
        }
        for line in lines(export)
    ]
    return written(rows), Options(as_of=export.cut)


def split(export: Export, seed: int) -> tuple[str, Options]:
    """Give the reason why an appointment did not take place in another column."""
    words = {"completed": ("Closed", ""), "no-show": ("Closed", "DNA"), "cancelled": ("Closed", "pt called")}
    rows = []
    for line in lines(export):
        status, outcome = words.get(line["Status"], (line["Status"], ""))
        rows.append(line | {"Status": status, "Remark": outcome})
    result = {"Closed": "completed", "Closed[Remark=DNA]": "no-show", "Closed[Remark=pt*]": "cancelled"}
    return written(rows), Options(as_of=export.cut, statuses=result)


def codes(export: Export, seed: int) -> tuple[str, Options]:
    """Write a row for each billing code."""
    rows = [line | {"CPT": code} for line in lines(export) for code in ("96365", "96366", "J3490")]
    return written(rows), Options(as_of=export.cut)


def contradictory(export: Export, seed: int) -> tuple[str, Options]:
    """Add a no-show to one completed visit in twenty, for the same patient and minute."""
    draws, rows = random.Random(seed), []
    for line in lines(export):
        rows.append(line)
        if line["Status"] == "completed" and draws.random() < 0.05:
            rows.insert(len(rows) - int(draws.random() < 0.5), line | {"Status": "no-show"})
    return written(rows), Options(as_of=export.cut)


def resources(export: Export, seed: int) -> tuple[str, Options]:
    """Write a row for the chair and one for the nurse, seven minutes later."""
    rows = []
    for line in lines(export):
        later = datetime.datetime.fromisoformat(line["Start"]) + 7 * HOUR / 60
        rows += [
            line | {"Resource": "Chair"},
            line | {"Resource": "Nurse", "Start": f"{later:%Y-%m-%d %H:%M}"},
        ]
    return written(rows), Options(as_of=export.cut)


def with_cancellations(export: Export, seed: int) -> tuple[str, Options]:
    """Add the time of cancellations, and appointments cancelled days ahead, one for every tenth visit."""
    draws, rows = random.Random(seed), []
    for line in lines(export):
        due = datetime.datetime.fromisoformat(line["Start"])
        late = due - (1 + 22 * draws.random()) * HOUR
        rows.append(
            line | {"Cancelled On": f"{late:%Y-%m-%d %H:%M}" if line["Status"] == "cancelled" else ""}
        )
        if line["Status"] == "completed" and draws.random() < 0.1:
            ahead, early = due + 3 * HOUR, due - (2 + 10 * draws.random()) * DAY
            rows.append(
                line
                | {
                    "Start": f"{ahead:%Y-%m-%d %H:%M}",
                    "Status": "cancelled",
                    "Cancelled On": f"{early:%Y-%m-%d %H:%M}",
                }
            )
    return written(rows), Options(as_of=export.cut)


def rescheduled(export: Export, seed: int) -> tuple[str, Options]:
    """Keep a row on the old day of an appointment that was moved."""
    draws, rows = random.Random(seed), []
    for line in lines(export):
        rows.append(line)
        if draws.random() < 0.15:
            old = datetime.datetime.fromisoformat(line["Start"]) - 2 * DAY
            rows.append(line | {"Start": f"{old:%Y-%m-%d %H:%M}", "Status": "Rescheduled"})
    return written(rows), Options(as_of=export.cut, statuses={"Rescheduled": "ignore"})


def _with_another(export: Export, column: str, ours: str, other: str) -> str:
    rows = []
    for at, line in enumerate(lines(export)):
        rows.append(line | {column: ours})
        if at % 3 == 0:
            rows.append(line | {column: other, "MRN": f"S{at % 40}"})
    return written(rows)


def other_kind(export: Export, seed: int) -> tuple[str, Options]:
    """Add another treatment of other patients, to be ignored."""
    text = _with_another(export, "Type", "IV Ketamine", "Spravato")
    return text, Options(as_of=export.cut, kinds={"Spravato": "ignore"})


def other_place(export: Export, seed: int) -> tuple[str, Options]:
    """Add another place, and select one of the two."""
    text = _with_another(export, "Location", "North", "South")
    return text, Options(as_of=export.cut, only=[("location", "north")])


CONVENTIONS: dict[str, Convention] = {
    "signs": SIGNS,
    "capitals": CASE,
    "a default status": SHOW,
    "everything scheduled": SCHEDULED,
    "reasons behind the status": reasons,
    "a column of yes and no": flagged,
    "another column splits the status": split,
    "a row for each billing code": codes,
    "done and no-show": contradictory,
    "when it was cancelled": with_cancellations,
    "rescheduled": rescheduled,
    "another kind of visit": other_kind,
    "another place": other_place,
}
"""All conventions, by description."""


def closed_by_the_system(export: Export, seed: int, share: float, end: Callable[[random.Random], str]) -> str:
    """Write times, and close a share of the visits automatically."""
    draws, rows = random.Random(seed), []
    for line in lines(export):
        automatic = line["Out"] and draws.random() < share
        rows.append(line | ({"Out": end(draws)} if automatic else {}))
    return written(rows, without=())
