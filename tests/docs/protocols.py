"""The tables of the page on the two protocols, from a real run: `python -m tests.docs.protocols` writes them anew.

About a minute on two cores. A test of the long tier holds the page to what comes out.
"""

import re

import numpy as np

import simclinic
from benchmarks.pairing import worths
from simclinic.experiment.pairs import difference
from simclinic.measures import KPIS
from simclinic.report.text.numbers import for_people
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


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*cells):
    return [row(*cells), row(*("---" for _ in cells))]


def compared(scenario, replications=30):
    return simclinic.compare(
        [ROOT / "scenarios" / scenario], protocols=PROTOCOLS, replications=replications, seed=1
    )


def figures(result, names=SHOWN):
    (between,) = result.document["differences"]
    means = [each["kpis"] for each in result.document["scenarios"]]
    for name in names:
        factor, unit = for_people(KPIS[name].unit, "USD")
        cells = (f"{factor * each[name]['mean']:.{1 if factor > 1 else 2}f}" for each in means)
        yield row(f"{KPIS[name].label}, {unit}", *cells, between["kpis"][name]["verdict"])


def subfolders(result):
    return result.folder / "01-twice-weekly", result.folder / "02-thrice-weekly"


def chair_hours(result):
    """Chair-hours held on each weekday, in each replication of each protocol: shape (replications, 5)."""
    for room in subfolders(result):
        columns = table(room, "profiles")
        yield columns["chairs_held_mean"].reshape(-1, 7, 24)[:, :5].sum(axis=2)


def weekdays(result):
    twice, thrice = chair_hours(result)
    lines = [(day, twice[:, at], thrice[:, at]) for at, day in enumerate(DAYS)]
    for message, days in (
        ("Monday, Wednesday, Friday: mean", [0, 2, 4]),
        ("Tuesday, Thursday: mean", [1, 3]),
    ):
        lines.append((message, twice[:, days].mean(axis=1), thrice[:, days].mean(axis=1)))
    for message, one, other in lines:
        result = difference(one, other)
        low, high = result.ci
        yield row(
            *(
                message,
                f"{np.mean(one):.1f}",
                f"{np.mean(other):.1f}",
                f"{result.mean:+.1f} ({low:+.1f} to {high:+.1f})",
            )
        )


def replications(result):
    for each in worths(subfolders(result)):
        low, high = each.interval
        for width, same, apart in each.needed():
            yield row(f"`{each.kpi}`", f"{each.ratio:.0f}", f"{low:,.0f} to {high:,.0f}", width, same, apart)


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
            *head(
                *("difference in", "variance ratio", "95 % interval"),
                *("to be known to", "same patients", "different patients"),
            ),
            *replications(trials),
        ],
    }


def rewritten(text):
    for name, lines in parts().items():
        pattern = re.compile(f"(<!-- from a run: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert len(pattern.findall(text)) == 1, name
        made = "\n" + "\n".join(lines) + "\n\n"
        text = pattern.sub(lambda result, made=made: result[1] + made + result[2], text)
    return text


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
