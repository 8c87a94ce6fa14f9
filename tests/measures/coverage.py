"""What the intervals of key figures cover, in simulated clinics: `python -m tests.measures.coverage`.

It writes the table in docs/background/intervals.md anew, which takes a quarter of an hour in one process: each
clinic is simulated some thousand times for 13 weeks without warm-up, intervals are made of ten replications at a
time, and held against the mean of other replications of the same clinic.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simclinic.experiment.replication import Prepared, replicate
from simclinic.measures import KPIS
from simclinic.measures.intervals import Watched, estimate
from simclinic.report.text.numbers import short
from simclinic.scenario import baseline, with_overrides

PAGE = Path(__file__).parents[2] / "docs" / "background" / "intervals.md"
BEGIN, END = "<!-- from the program: coverage -->\n", "<!-- end -->\n"
SEED = 20261127
AT_A_TIME = 10
LEAST = 0.92
"""What every figure's interval should cover at least."""


@dataclass(frozen=True)
class Case:
    """A clinic, how many studies of ten replications are made of it, and what they are held against."""

    title: str
    settings: tuple[str, ...]
    studies: int
    others: int

    @property
    def scenario(self):
        return with_overrides(
            baseline(), ['run.begin="empty"', "run.warm_up_weeks=0", "run.weeks=13", *self.settings]
        )

    def simulate(self):
        """Key figures by name, of the studies' replications and then of the others."""
        prepared = Prepared(self.scenario)
        count = self.studies * AT_A_TIME + self.others
        rows = [list(replicate(prepared, SEED, number).kpis.values()) for number in range(count)]
        return dict(zip(KPIS, np.array(rows).T, strict=True))


CASES = (
    Case("typical", (), 1000, 4000),
    Case("busier", ("demand.referrals_per_week=15",), 500, 3000),
    Case(
        "one nurse",
        (
            "shifts.day.nurses=1",
            "shifts.day.absence=0.05",
            "clinic.chairs=2",
            "demand.referrals_per_week=7",
        ),
        500,
        3000,
    ),
)


def covered(case, simulated):
    """For each key figure: how often its interval holds the mean of the other replications, and that mean."""
    split = case.studies * AT_A_TIME
    studies = {name: values[:split].reshape(case.studies, AT_A_TIME) for name, values in simulated.items()}
    watched = Watched.of(case.scenario)
    result = {}
    for name, kpi in KPIS.items():
        truth = np.nanmean(simulated[name][split:])
        means = estimate(kpi, studies, watched)
        rounding = 1e-9 * abs(truth)
        result[name] = (
            float(np.mean((means.low - rounding <= truth) & (truth <= means.high + rounding))),
            float(truth),
        )
    return result


def table(result):
    """The table of the page: a row for each key figure, two columns for each clinic."""
    lines = [
        "| figure | interval | " + " | ".join(f"{case.title}: mean | covers" for case in CASES) + " |",
        "| --- | --- | " + " | ".join("--- | ---" for _ in CASES) + " |",
    ]
    for name, kpi in KPIS.items():
        cells = []
        for each in result:
            share, truth = each[name]
            cells += [
                short(truth),
                f"{100 * share:.1f} %" if share >= LEAST else f"**{100 * share:.1f} %**",
            ]
        lines.append(f"| `{name}` | {kpi.method} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def read():
    """The shares in the page, by key figure."""
    text = PAGE.read_text(encoding="utf-8")
    rows = text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip().splitlines()[2:]
    result = {}
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        result[cells[0].strip("`")] = [float(cell.strip("*% ")) / 100 for cell in cells[3::2]]
    return result


def write(result):
    """Put the table into the page."""
    text = PAGE.read_text(encoding="utf-8")
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    PAGE.write_text(text[:begin] + table(result) + text[end:], encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write([covered(case, case.simulate()) for case in CASES])
