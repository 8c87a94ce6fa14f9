"""The tables of the page on the two protocols, from a real run: `python -m tests.docs.protocols` writes them anew.

About a minute on two cores. A test of the long tier holds the page to what comes out.
"""

import re

import numpy as np

import simclinic
from simclinic.experiment.pairs import difference
from simclinic.experiment.precision import needed
from simclinic.measures import KPIS
from simclinic.report.numbers import for_people
from simclinic.store.reader import table
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "background" / "protocols.md"
PROTOCOLS = ("twice-weekly", "thrice-weekly")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SHOWN = (
    *(
        "access_days_mean",
        "waiting_for_series_mean",
        "series_days_mean",
        "on_protocol_share",
        "completion_share",
    ),
    *("slot_fill", "chair_utilisation", "overtime_minutes_per_day", "overtime_day_share"),
    *("boosters_per_week", "booster_wait_days_mean", "programme_patients_mean"),
)
WIDTHS = {
    "access_days_mean": (0.2, 0.1, 0.05),
    "chair_utilisation": (0.02, 0.01, 0.005),
    "boosters_per_week": (1.0, 0.5, 0.1),
}


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*cells):
    return [row(*cells), row(*("---" for _ in cells))]


def compared(scenario, replications=30):
    return simclinic.compare(
        [ROOT / "scenarios" / scenario], protocols=PROTOCOLS, replications=replications, seed=1
    )


def figures(found, names=SHOWN):
    (between,) = found.document["differences"]
    means = [each["kpis"] for each in found.document["scenarios"]]
    for name in names:
        factor, unit = for_people(KPIS[name].unit, "USD")
        cells = (f"{factor * each[name]['mean']:.{1 if factor > 1 else 2}f}" for each in means)
        yield row(f"{KPIS[name].label}, {unit}", *cells, between["kpis"][name]["verdict"])


def chair_hours(found):
    """Chair-hours held on each weekday, in each replication of each protocol: shape (replications, 5)."""
    for room in ("01-twice-weekly", "02-thrice-weekly"):
        columns = table(found.folder / room, "profiles")
        yield columns["chairs_held_mean"].reshape(-1, 7, 24)[:, :5].sum(axis=2)


def weekdays(found):
    twice, thrice = chair_hours(found)
    lines = [(day, twice[:, at], thrice[:, at]) for at, day in enumerate(DAYS)]
    for told, days in (("Monday, Wednesday, Friday: mean", [0, 2, 4]), ("Tuesday, Thursday: mean", [1, 3])):
        lines.append((told, twice[:, days].mean(axis=1), thrice[:, days].mean(axis=1)))
    for told, one, other in lines:
        found = difference(one, other)
        low, high = found.ci
        yield row(
            *(
                told,
                f"{np.mean(one):.1f}",
                f"{np.mean(other):.1f}",
                f"{found.mean:+.1f} ({low:+.1f} to {high:+.1f})",
            )
        )


def replications(found):
    (between,) = found.document["differences"]
    for name, widths in WIDTHS.items():
        each = between["kpis"][name]
        apart = each["sd"] * each["variance_ratio"] ** 0.5
        factor, unit = for_people(KPIS[name].unit, "USD")
        unit = "points" if unit == "%" else unit
        for width in widths:
            yield row(
                f"`{name}`",
                f"{each['variance_ratio']:.0f}",
                f"± {factor * width:g} {unit}",
                *(needed(sd, width) for sd in (each["sd"], apart)),
            )


def parts():
    trials, community = compared("baseline.toml"), compared("community-relapse.toml")
    names = ("", "twice a week", "three times a week")
    return {
        "figures": [*head(*names, "what is different"), *figures(trials)],
        "weekdays": [*head("chair-hours held", *names[1:], "difference (95 % interval)"), *weekdays(trials)],
        "community": [
            *head(*names, "what is different"),
            *figures(community, ("boosters_per_week", "booster_wait_days_mean", "access_days_mean")),
        ],
        "replications": [
            *head("difference in", "variance ratio", "to be known to", "same patients", "different patients"),
            *replications(trials),
        ],
    }


def rewritten(text):
    for name, lines in parts().items():
        pattern = re.compile(f"(<!-- from a run: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert len(pattern.findall(text)) == 1, name
        made = "\n" + "\n".join(lines) + "\n\n"
        text = pattern.sub(lambda found, made=made: found[1] + made + found[2], text)
    return text


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
