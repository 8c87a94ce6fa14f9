"""Figures in the pages that have to be simulated: `python -m tests.docs.figures` writes them anew.

Some minutes on two cores. After a change of the model run it, read the difference, and then the sentences around
the tables, which nobody but a person can hold to the figures. Tests of the long tier hold the pages to what comes
out.

A table here fills some columns of a table in a page; cells it does not name stay as they are.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy import stats

import simclinic
from simclinic.api import Result
from simclinic.cli import main
from simclinic.model import simulate
from simclinic.planning import Timetable
from simclinic.report.text.stability import VERDICTS
from simclinic.sampling import distributions
from simclinic.sampling.draws import Sampler
from tests.docs.pages import LEFT_OUT, ROOT, Block, blocks
from tests.exports import sample
from tests.exports.truth import true_values

OPENED = ('run.begin="empty"', "run.warm_up_weeks=208")
"""A clinic that opened four years before the measured one."""
COMMUNITY = 'relapse.days={dist="lognormal", mu=3.89, sigma=0.95, never=0.28}'

Cells = list[dict[int, str]]
"""For each row of a table, from the first below the heading, some of its cells by column."""


@cache
def run(*changes: str, replications: int = 30, seed: int = 1) -> Result:
    return simclinic.baseline().change(*changes).run(replications, seed=seed)


def mean(result: Result, name: str, places: int, factor: float = 1.0) -> str:
    return f"{round(factor * result.kpis.loc[name, 'mean'], places) + 0.0:,.{places}f}"


def around(result: Result, name: str, places: int, factor: float = 1.0) -> str:
    """Give a mean with its 95 % interval."""
    # The sum turns -0.0 into 0.0.
    low, high = (
        round(factor * result.kpis.loc[name, bound], places) + 0.0 for bound in ("ci_low", "ci_high")
    )
    return f"{mean(result, name, places, factor)} ({low:,.{places}f}–{high:,.{places}f})"


def rising(result: Result) -> str:
    return {"filling": ", still filling", "not-stable": ", not stable"}.get(result.verdict or "", "")


# -- boosters over the years ---------------------------------------------------------------------------------


def years(result: Result) -> list[str]:
    """Boosters a week in each year since opening."""
    ramp = result.ramp
    since = (ramp["week"] - ramp["week"].min()) // 52
    found = ramp.groupby(["replication", since])["boosters"].sum().unstack() / 52
    told = []
    for year in found:
        middle, error = found[year].mean(), stats.sem(found[year])
        low, high = stats.t.interval(0.95, len(found) - 1, loc=middle, scale=error)
        told.append(f"{middle:.1f} ({low:.1f}–{high:.1f})")
    return told


def years_in_readme() -> Cells:
    trials, community = run(*OPENED), run(*OPENED, COMMUNITY)
    cells = [{1: one, 2: other} for one, other in zip(years(trials), years(community), strict=True)]
    steady, slow = (around(run(*changes), "boosters_per_week", 1) for changes in ((), (COMMUNITY,)))
    return [*cells, {1: steady, 2: slow}]


def years_of(*changes: str) -> Cells:
    steady = around(run(*changes), "boosters_per_week", 1)
    return [*({1: told} for told in years(run(*OPENED, *changes))), {1: steady}]


MOVED: Sequence[Sequence[str]] = (
    (),
    ("boosters.attrition=0.03",),
    ("boosters.attrition=0.12",),
    ("boosters.uptake=0.40",),
    ("boosters.uptake=0.95",),
    ("response.probability=0.45",),
    ("response.probability=0.71",),
    ("relapse.days.never=0.06",),
    ("relapse.days.never=0.40",),
    ("response.drop_out=[0.20, 0.11]",),
    ("relapse.days.mu=2.40",),
    ("relapse.days.mu=3.03",),
    (COMMUNITY,),
    ("boosters.days.median=14",),
    ("boosters.days.median=60",),
    ("boosters.lengthening=1.2",),
)
"""What each row of "What moves the booster load" changes."""


def what_moves_the_load() -> Cells:
    results = [run(*changes, replications=10) for changes in MOVED]
    return [{3: mean(result, "boosters_per_week", 1) + rising(result)} for result in results]


# -- plans ---------------------------------------------------------------------------------------------------


def plans() -> Cells:
    cells = []
    for chairs in (2, 3, 4):
        for nurses in (1, 2, 3):
            changes = (f"clinic.chairs={chairs}", f"shifts.day.nurses={nurses}")
            # three chairs and two nurses are what the baseline has
            result = run() if (chairs, nurses) == (3, 2) else run(*changes)
            cells.append(
                {
                    3: VERDICTS[result.verdict] if result.stable else f"**{VERDICTS[result.verdict]}**",
                    4: mean(result, "balked_share", 1, 100),
                    5: mean(result, "access_days_mean", 1),
                    6: mean(result, "booster_wait_days_mean", 1),
                    7: mean(result, "wait_minutes_mean", 1),
                    8: mean(result, "overtime_day_share", 1, 100),
                    9: mean(result, "margin_per_week", 0),
                }
            )
    return cells


def two_chairs() -> Cells:
    """The tutorial's two clinics."""
    short = run("clinic.chairs=2", "shifts.day.nurses=2")
    (text,) = (block.text for block in blocks("docs/tutorial.md") if "longer-days.toml" in block.text[:40])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "scenario.toml").write_text('name = "Two chairs"\n[clinic]\nchairs = 2\n')
        (Path(folder) / "longer.toml").write_text(text)
        long = simclinic.load(Path(folder) / "longer.toml").run()
    asked = (
        ("access_days_mean", 1, 1),
        ("balked_share", 1, 100),
        ("boosters_per_week", 1, 1),
        ("booster_wait_days_mean", 1, 1),
        ("waited_for_hands_minutes_mean", 1, 1),
        ("clinic_cancelled_share", 1, 100),
        ("margin_per_week", 0, 1),
    )
    return [
        {column: around(result, *figure) for column, result in ((1, short), (2, long))} for figure in asked
    ]


def fourth_chair() -> Cells:
    """Three chairs and four: the same random inputs, and different ones."""
    three, four = run(replications=20).runs, run("clinic.chairs=4", replications=20).runs
    other = run("clinic.chairs=4", replications=20, seed=2).runs
    cells = []
    for name, places in (
        ("access_days_mean", 2),
        ("wait_minutes_mean", 2),
        ("boosters_per_week", 2),
        ("infusions_per_week", 2),
        ("margin_per_week", 0),
    ):
        paired, unpaired = four[name] - three[name], other[name] - three[name]
        shown = (paired.mean(), paired.std(), unpaired.std())
        cells.append(
            {column: f"{value:,.{places}f}".replace("-", "−") for column, value in enumerate(shown, start=1)}
        )
    return cells


# -- sanity --------------------------------------------------------------------------------------------------


@cache
def infusions_per_patient() -> dict[str, float]:
    """Infusions of each patient who had any, counted in several ways; ten replications."""
    scenario = simclinic.baseline().change(*OPENED).scenario
    timetable, sampler = Timetable(scenario), Sampler(scenario)
    found: dict[str, list[float]] = {}
    for replication in range(10):
        records = simulate(scenario, sampler.sample(scenario.run.seed, replication), timetable)
        patients, visits = records.patients, records.visits
        total = patients["infusions"] + patients["boosters"]
        began = patients["infusions"] > 0
        early = began & (patients["first_infusion"] < (records.first_day + 2 * 364) * 1440)
        measured = (visits["outcome"] == 0) & (visits["appointment"] >= 0)
        for name, value in (
            ("after five years", total[began].mean()),
            ("began in the first two years", total[early].mean()),
            ("their median", np.median(total[early])),
            ("in the measured year", measured.sum() / len(np.unique(visits["patient"][measured]))),
            ("of those who had a booster", total[began & (patients["boosters"] > 0)].mean()),
        ):
            found.setdefault(name, []).append(float(value))
    return {name: float(np.mean(values)) for name, values in found.items()}


def sanity() -> Cells:
    result = run()
    nurses = 100 * result.kpis.loc["nurse_hands_on_utilisation", "mean"]
    watching = 100 * result.kpis.loc["nurse_watch_utilisation", "mean"]
    infusions = result.kpis.loc["infusions_per_week", "mean"]

    def share(name: str) -> str:
        return around(result, name, 1, 100).replace(" ", " % ", 1)

    return [
        {3: f"{infusions_per_patient()['after five years']:.1f}"},
        {3: share("slot_fill") + " of starts filled"},
        {3: share("chair_utilisation")},
        {3: f"{infusions / 10:.1f}"},
        {3: f"{nurses + watching:.1f} % (hands-on {nurses:.1f}, watching {watching:.1f})"},
        {3: around(result, "overtime_minutes_per_day", 1)},
        {3: around(result, "waited_for_chair_minutes_mean", 1)},
        {3: around(result, "boosters_per_week", 1)},
        {3: around(result, "induction_per_week", 1)},
        {3: around(result, "series_started_per_week", 1)},
        {3: around(result, "booster_wait_days_mean", 1)},
        {},
        {3: f"{infusions / 5:.1f}"},
        {3: share("completion_share")},
    ]


# -- forecasts -----------------------------------------------------------------------------------------------


def two_laws() -> Cells:
    """Boosters asked for in half a year, from the sample panel, under each relapse law."""
    panel = ROOT / "scenarios" / "data" / "panel.csv"
    total = simclinic.load(ROOT / "scenarios" / "baseline.toml").forecast(panel, as_of="2026-01-05").total
    cells = []
    for law in ("relapse as in the trials", "relapse as in the community"):
        for figure in ("booster_requests", "from_panel"):
            band = total.loc[(law, figure)]
            cells.append({1: f"{band['p50']:.0f}", 2: f"{band['p10']:.0f}–{band['p90']:.0f}"})
    return cells


def sample_beside_truth() -> Cells:
    """What a calibration finds in the sample export, beside what is true of the clinic behind it."""
    truth = true_values(sample.scenario())
    found = simclinic.calibrate(sample.FOLDER / "visits.csv", whole_history=True).estimates
    after_series, after_booster = truth.after_series, truth.after_booster
    median = distributions.quantile
    half = np.array([0.5])
    rows = [
        ("demand.referrals_per_week", truth.starts_per_week, 2, 1),
        *((f"response.drop_out.{k}", share, 1, 100) for k, share in enumerate(truth.drop_out, 1)),
        ("attendance.no_show", truth.no_show, 1, 100),
        ("attendance.late_cancel", truth.late_cancel, 1, 100),
        ("return_share after a series", after_series.share, 1, 100),
        ("return_share after a booster", after_booster.share, 1, 100),
        ("median days to return after a series", float(median(after_series.distribution, half)[0]), 0, 1),
        ("median days to return after a booster", float(median(after_booster.distribution, half)[0]), 0, 1),
    ]
    cells = []
    for name, true, places, factor in rows:
        estimate = found.loc[name]
        value, low, high = (f"{factor * estimate[part]:.{places}f}" for part in ("estimate", "low", "high"))
        cells.append(
            {1: f"{factor * true:.{places}f}", 2: f"{value} ({low}–{high})", 3: f"{estimate['n']:,}"}
        )
    return cells


# -- tables in pages -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Table:
    """A table of a page, found by its heading, and what fills it."""

    page: str
    heading: str
    fill: Callable[[], Cells]


RAMP = "docs/background/ramp.md"
SAMPLE = Table("docs/how-to/forecast.md", "| sample export | truth |", sample_beside_truth)
TABLES = (
    SAMPLE,
    Table("README.md", "| boosters, per week (95 % interval) |", years_in_readme),
    Table(RAMP, "| year since opening | simulated, typical clinic |", years_of),
    Table(RAMP, "| year since opening | simulated | exact", lambda: years_of(COMMUNITY)),
    Table(RAMP, "| setting | value | in the end, on paper |", what_moves_the_load),
    Table("docs/how-to/staffing.md", "| chairs | nurses | starts a week |", plans),
    Table("docs/how-to/forecast.md", "| boosters asked for, 26 weeks |", two_laws),
    Table("docs/tutorial.md", "| | two chairs, 8 to 5 |", two_chairs),
    Table("docs/background/common-random-numbers.md", "| difference, four chairs", fourth_chair),
    Table("docs/background/sanity.md", "| what | real clinics |", sanity),
)


def filled(text: str, table: Table) -> str:
    """Give a page's text with a table's figures put in."""
    lines = text.splitlines(keepends=True)
    (heading,) = (number for number, line in enumerate(lines) if line.startswith(table.heading))
    for number, cells in enumerate(table.fill(), start=heading + 2):
        parts = re.split(r"(?<!\\)\|", lines[number])
        for column, told in cells.items():
            parts[1 + column] = f" {told} "
        lines[number] = "|".join(parts)
    return "".join(lines)


# -- outputs in pages ----------------------------------------------------------------------------------------


def label(line: str) -> str:
    """What stays of a line of output when figures change."""
    return re.sub(r"[\d.,–#\-]|\bto\b|\s", "", line)


def retold(shown: str, output: str) -> str:
    """Give an output as a page shows it, the same lines left out."""
    lines = [line.rstrip() for line in output.splitlines()]
    told, at = [], 0
    for line in shown.rstrip("\n").splitlines():
        if line == LEFT_OUT:
            told.append(line)
            continue
        same = [
            here
            for here in range(at, len(lines))
            if label(lines[here]) == label(line) and bool(lines[here]) == bool(line)
        ]
        if not same:
            print(f"nothing like it is printed any more: {line}")
        told.append(lines[same[0]] if same else line)
        at = same[0] + 1 if same else at
    return "\n".join(told) + "\n"


def typed(line: str) -> str:
    """Give what a command prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        main(shlex.split(line)[1:])
    return printed.getvalue()


def rerun(page: str, edit: Callable[[Path, str], None]) -> str:
    """Give a page's text with the outputs of its commands made anew, in the current folder."""
    text, last = (ROOT / page).read_text(encoding="utf-8"), ""
    for block in blocks(page):
        new = block.text
        if block.language == "toml":
            first, _, rest = block.text.partition("\n")
            if first.startswith("# in "):
                edit(Path(first.removeprefix("# in ")), rest)
            elif first.endswith(".toml"):
                Path(first.removeprefix("# ")).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            commands = []
            for command in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
                line, _, shown = command.partition("\n")
                printed = typed(line)
                commands.append(f"$ {line}\n{retold(shown, printed)}")
                last = printed if line.startswith("simclinic run ") else last
            new = "".join(commands)
        elif block.language == "text" and (last or page == "README.md"):
            new = retold(block.text, last or typed("simclinic run scenarios/baseline.toml"))
        text = text.replace(fenced(block, block.text), fenced(block, new), 1)
    return text


def fenced(block: Block, text: str) -> str:
    return f"```{block.language}\n{text}```"


if __name__ == "__main__":
    from tests.docs.test_examples import WITH_OUTPUT, edit

    os.environ["COLUMNS"] = "80"
    for page in ("README.md", *WITH_OUTPUT):
        with tempfile.TemporaryDirectory() as desk, contextlib.chdir(desk):
            shutil.copytree(ROOT / "scenarios", "scenarios")
            (ROOT / page).write_text(rerun(page, edit), encoding="utf-8", newline="\n")
    for table in TABLES:
        page = ROOT / table.page
        page.write_text(filled(page.read_text(encoding="utf-8"), table), encoding="utf-8", newline="\n")
    for counted, value in infusions_per_patient().items():
        print(f"infusions per patient {counted}: {value:.2f} (sanity.md, in words)")
