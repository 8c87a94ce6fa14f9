"""Patient flow: patients who go on to the next stage, who leave and why, and who are still under way.

Everybody is followed for the same time. Of a patient referred last week nobody knows the end; counted among the
others, they would make every later stage look smaller than it is. So patients count who were referred so early in
the measured weeks that all can be followed, and where each stood so many weeks after the referral, no later, is
what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simclinic.measures.window import Window
from simclinic.records import NEW, REASONS, STILL_HERE, WEEK, Records
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, bar
from simclinic.report.figures.style import BLUE, GREY, ORANGE, styled
from simclinic.report.figures.waits import treatment_of
from simclinic.report.text.numbers import plain

LONGEST, SHORTEST = 26, 4
"""Weeks for which patients are followed, at most and at least; half of the measured weeks in between."""

STAGES = ("referred", "seen", "ready", "started", "completed", "responded", "in the programme")
"""Through which a patient comes, in order."""

_STAGES = (
    "Referred",
    "Consulted",
    "Ready for booking",
    "First infusion",
    "Series completed",
    "Responded",
    "On boosters",
)
_REASONS = {
    "ineligible": "not eligible",
    "no consult": "missed the consult",
    "declined": "said no",
    "balked": "turned away",
    "dropped out": "dropped out",
    "stopped early": "stopped early",
    "no response": "no response",
    "sustained": "well, follow-up over",
    "declined boosters": "declined boosters",
    "left programme": "left the programme",
}
_WAITING = (
    "consult still to come",
    "deciding",
    "waiting for a start",
    "series under way",
    "series just completed",
    "no booster so far",
    "still on boosters",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage.

    Attributes
    ----------
    reached
        Patients who came so far.
    left
        Those who went no further, by reason for leaving.
    under_way
        Those who went no further yet.
    """

    reached: int
    left: dict[str, int]
    under_way: int


def followed(records: Records, infusions: Mapping[str, int], weeks: int) -> list[Step]:
    """Follow patients from stage to stage.

    Parameters
    ----------
    records
        Of one replication.
    infusions
        Of a whole series, by protocol.
    weeks
        For how long each is followed.
    """
    patients, horizon = records.patients, float(weeks * WEEK)
    referred = patients["referred"]
    cohort = (patients["origin"] == NEW) & (referred >= 0.0) & (referred <= records.end - horizon)
    chosen = {name: values[cohort] for name, values in patients.items()}
    seen_until = chosen["referred"] + horizon
    whole = np.array([infusions[name] for name in records.protocols], dtype=np.int64)
    completed = np.where(chosen["infusions"] >= whole[chosen["protocol"]], chosen["series_ended"], np.nan)
    responded = np.where(chosen["responder"], completed, np.nan)
    moments = (
        chosen["referred"],
        chosen["consulted"],
        chosen["ready"],
        chosen["first_infusion"],
        completed,
        responded,
        chosen["programme"],
    )
    stage = np.zeros(seen_until.size, dtype=np.int64)
    for place, moment in enumerate(moments):
        stage[moment <= seen_until] = place  # NaN is not
    reason = np.where(chosen["left"] <= seen_until, chosen["reason"], STILL_HERE)
    steps = []
    for place in range(len(STAGES)):
        reasons = np.bincount(reason[stage == place], minlength=len(REASONS)).tolist()
        left = {REASONS[code]: number for code, number in enumerate(reasons) if number and code != STILL_HERE}
        steps.append(Step(int(np.count_nonzero(stage >= place)), left, reasons[STILL_HERE]))
    return steps


def flow(records: Records, infusions: Mapping[str, int], which: str) -> Chart | None:
    """Draw the flow of patients through the clinic; None without patients, or with too few weeks to follow them.

    Parameters
    ----------
    records
        Records of one replication.
    infusions
        Number of infusions in a whole series, by protocol.
    which
        Name of the replication in the caption.
    """
    measured = Window.of(records).weeks
    weeks = min(LONGEST, measured // 2)
    if weeks < SHORTEST:
        return None
    steps = followed(records, infusions, weeks)
    total = steps[0].reached
    if not total:
        return None
    treatment = treatment_of(records)
    stages = tuple(name.replace("infusion", treatment) for name in _STAGES)
    bars = _bars(steps, stages)
    started, boosters = steps[3].reached, steps[-1].reached
    return Chart(
        key="flow",
        title="Flow of patients",
        says=f"Of {total:,} patients referred in the first {measured - weeks} measured weeks of {which}, "
        f"{_part(started, total)} had a first {treatment} and {_part(boosters, total)} asked for boosters "
        f"or were enrolled within {weeks} weeks of the referral. Every patient is followed for exactly {weeks} "
        f"weeks; one who relapses later counts as without boosters. {_chance(started, total)}",
        alt=f"Bars from the top down: {total:,} referred; then patients who left, by reason, those still on their "
        f"way, and those who continued: "
        f"{', '.join(f'{stages[k].lower()} {step.reached:,}' for k, step in enumerate(steps) if k)}.",
        drawing=_drawn(bars, total, weeks),
        sheet=DataSheet.of(
            ("Stage", "patients", "of the referred, %"),
            [(name, f"{count:,}", plain(100 * count / total, 1)) for name, _, count, _ in bars],
        ),
    )


def _part(count: int, total: int) -> str:
    return f"{count:,} ({plain(100 * count / total, 0)} %)"


def _chance(count: int, total: int) -> str:
    """Return the interval of a share of one replication: Wilson's, which stays inside 0 and 1."""
    z, share = 1.96, count / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * np.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (
        f"The 95 % interval of the share that starts is {plain(100 * (middle - half), 0)}–"
        f"{plain(100 * (middle + half), 0)} %."
    )


_Bar = tuple[str, float, int, str]


def _bars(steps: list[Step], stages: Sequence[str]) -> list[_Bar]:
    """Lay out bars: name, begin, length and colour. Each stage ends where those who leave it begin."""
    bars: list[_Bar] = []
    for place, step in enumerate(steps):
        bars.append((stages[place], 0, step.reached, BLUE))
        at = step.reached
        for reason, count in sorted(step.left.items(), key=lambda each: -each[1]):
            at -= count
            bars.append((f"– {_REASONS[reason]}", at, count, ORANGE))
        if step.under_way:
            bars.append((f"… {_WAITING[place]}", at - step.under_way, step.under_way, GREY))
        if place + 1 < len(steps) and not steps[place + 1].reached:
            break
    return bars


def _drawn(bars: list[_Bar], total: int, weeks: int) -> Drawing:

    figure = Drawing()
    for colour, name in ((BLUE, "came so far"), (ORANGE, "left"), (GREY, f"there after {weeks} weeks")):
        # The place keeps two bars of one name apart: the axis shows names, and counts places.
        own = [(place, *bar) for place, bar in enumerate(bars) if bar[3] == colour]
        if not own:
            continue
        figure.add_trace(
            bar(
                orientation="h",
                y=[place for place, *_ in own],
                base=[begin for _, _, begin, _, _ in own],
                x=[count for _, _, _, count, _ in own],
                customdata=[
                    [outcome, f"{count:,}", plain(100 * count / total, 1)] for _, outcome, _, count, _ in own
                ],
                hovertemplate="%{customdata[0]}: %{customdata[1]} (%{customdata[2]} %)<extra></extra>",
                width=0.8,
                name=name,
                marker={"color": colour},
            )
        )
    figure.update_yaxes(
        tickvals=list(range(len(bars))),
        ticktext=[f"{name}: {count:,}" for name, _, count, _ in bars],
        tickfont={"size": 12},
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(title_text="patients", range=[0, total * 1.02])
    return styled(figure, height=110 + 24 * len(bars), barmode="overlay")
