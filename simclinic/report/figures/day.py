"""One simulated day: every visit in its chair, step by step, and the nurses' tasks below.

The chance of a single day is not the clinic's rule, and the figure says so; what it shows is how the rules work:
who waits for what, and what the others are doing meanwhile.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from simclinic.records import OUTCOMES, Records
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.one_day import HOUR, OneDay, Stairs, TaskBar, clock, folded
from simclinic.report.figures.style import CAPACITY, GREY, IN_ORDER, LEGEND, WATCHED, faded, styled
from simclinic.report.text.numbers import NO_VALUE, plain
from simclinic.scenario import Scenario

if TYPE_CHECKING:
    import plotly.graph_objects as go

_LANE = 30
"""Pixels for a chair, or a pair of hands."""

_MOST_IDLE = 20
"""With more chairs than this, unused chairs are left out."""

_MOST_TOLD = 100
"""With more visits than this, the hover text gives the patient alone, and the table the rest."""

_TICKS = 6

Bar = tuple[float, float, float, int, float]
"""Begin, end, height on the axis, row of the visits, thickness."""


def day(records: Records, scenario: Scenario, date: dt.date | None = None) -> Chart:
    """Show one day.

    Parameters
    ----------
    records
        Of one replication.
    scenario
        What was simulated.
    date
        Which day; by default the busiest of the measured weeks.

    Raises
    ------
    ValueError
        If the day is not simulated.
    """
    laid = OneDay.of(records, scenario, date)
    named = laid.date.strftime("%A, %-d %B %Y")
    chosen = "The busiest day of the measured weeks" if date is None else "A day"
    return Chart(
        key="day",
        title=f"One day: {named}",
        says=f"{chosen} as one simulation had it: {_sentence(laid)} Hatched steps take a nurse's hands. Another "
        "simulation has another day: look here for who waits for what, not for how often.",
        alt=f"Bars in time: each chair's visits step by step, below them nurses' hands-on tasks in "
        f"{_count(max((task.lane for task in laid.hands), default=0), 'lane')}, and what watching takes "
        f"against the nurses there. {_sentence(laid)}",
        figure=_drawn(laid),
        sheet=DataSheet.of(_HEADINGS, [*_sheet(laid)]),
    )


# -- in words ------------------------------------------------------------------------------------------------

_HEADINGS = (
    "Patient",
    "For",
    "Appointment",
    "Arrived",
    "Chair",
    "In it from",
    "Service began",
    "Waited for chair, min",
    "for hands, min",
    "for watching, min",
    "Left",
    "What became of it",
)


def _sentence(laid: OneDay) -> str:
    if laid.opening is None and not laid.came:
        return "the clinic was closed."
    visits = laid.records.visits
    today = [row for row in laid.came if laid.minute("arrived", row) >= 0]
    waits = [sum(float(visits[f"wait_{what}"][row]) for what in ("chair", "hands", "eyes")) for row in today]
    text = f"{_count(len(today), 'patient')} came"
    if laid.missed:
        text += f", {_count(len(laid.missed), 'appointment')} came to nothing"
    if waits:
        longest = max(waits)
        text += f"; the longest wait for chair and nurses together was {_count(round(longest), 'minute')}"
    return f"{text}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _sheet(laid: OneDay) -> Iterator[Sequence[str]]:
    visits = laid.records.visits
    rows = sorted((*laid.came, *laid.missed), key=lambda row: (laid.minute("appointment", row), row))
    for row in rows:
        waits = [plain(float(visits[f"wait_{what}"][row]), 1) for what in ("chair", "hands", "eyes")]
        came = not math.isnan(laid.minute("arrived", row))
        yield (
            str(visits["patient"][row]),
            laid.what(row),
            _clock(laid.minute("appointment", row)),
            _clock(laid.minute("arrived", row)),
            NO_VALUE if math.isnan(visits["chair"][row]) else f"{visits['chair'][row]:.0f}",
            _clock(laid.minute("chair_from", row)),
            _clock(float(visits["step_start"][row, 0]) - laid.midnight),
            *(waits if came else [NO_VALUE] * 3),
            _clock(laid.minute("left", row)),
            OUTCOMES[visits["outcome"][row]],
        )


def _clock(minute: float) -> str:
    return NO_VALUE if math.isnan(minute) else clock(minute)


# -- as a drawing --------------------------------------------------------------------------------------------


def _drawn(laid: OneDay) -> go.Figure:
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    places = _places(laid)
    tasks = max(1, int(laid.free_hands.highest), *(task.lane for task in laid.hands), 1)
    pixels = (_LANE * max(2, len(places)), _LANE * max(2, tasks), 110)
    figure = make_subplots(
        rows=3,
        cols=1,
        shared_xaxes=True,
        row_heights=[height / sum(pixels) for height in pixels],
        vertical_spacing=28 / (sum(pixels) + 56),
    )
    for trace in _in_chairs(laid, places):
        figure.add_trace(trace, row=1, col=1)
    for trace in _in_hands(laid):
        figure.add_trace(trace, row=2, col=1)
    for stairs, label, colour, dash in (
        (laid.nurses, "on duty", CAPACITY, "dash"),
        (laid.watching, "watching", WATCHED, "solid"),
    ):
        x, y = _stairs(stairs, laid)
        watched = laid.watched.at(_array(x)).astype(int).tolist()
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                name=label,
                mode="lines",
                line={"color": colour, "dash": dash, "width": 2, "shape": "hv"},
                customdata=[[clock(at), watching] for at, watching in zip(x, watched, strict=True)],
                hovertemplate="%{customdata[0]}: %{y:.2f} nurses"
                + ("" if label == "on duty" else ", %{customdata[1]} patients watched")
                + f"<extra>{label}</extra>",
            ),
            row=3,
            col=1,
        )
    _marks(figure, laid)
    every = _every(laid.high - laid.low)
    ticks = [float(at) for at in range(math.ceil(laid.low / every) * every, int(laid.high) + 1, every)]
    figure.update_xaxes(
        range=[laid.low, laid.high], tickvals=ticks, ticktext=[clock(at) for at in ticks], tickangle=0
    )
    figure.update_xaxes(title_text="time of day", row=3, col=1)
    names = {place: name for name, place in places.items()}
    step = math.ceil(len(names) / 40)
    shown = sorted(names)[::step]
    figure.update_yaxes(
        row=1,
        range=[len(places) + 0.6, 0.4],
        tickvals=shown,
        ticktext=["none" if names[at].startswith("no") else names[at].removeprefix("chair ") for at in shown],
        title_text="chair",
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        row=2,
        range=[tasks + 0.6, 0.4],
        tickvals=list(range(1, tasks + 1)),
        title_text="hands",
        showgrid=False,
        zeroline=False,
    )
    highest = max(laid.nurses.highest, laid.watching.highest, 1.0)
    figure.update_yaxes(row=3, range=[0, highest * 1.12], title_text="nurses", nticks=4)
    return styled(
        figure,
        height=sum(pixels) + 190,
        barmode="overlay",
        hovermode="closest",
        margin={"l": 60, "r": 20, "t": 60, "b": 50},
        legend=LEGEND | {"y": 1 + 24 / sum(pixels)},
    )


def _places(laid: OneDay) -> dict[str, int]:
    """Give each chair a place from the top, and each lane of steps without one below them."""
    visits = laid.records.visits
    used = {int(visits["chair"][row]) for row in laid.came if not math.isnan(visits["chair"][row])}
    if laid.chairs <= _MOST_IDLE:
        used |= set(range(1, laid.chairs + 1))
    names = [f"chair {number}" for number in sorted(used)]
    names += [f"no chair {lane}" for lane in sorted({task.lane for task in laid.elsewhere})]
    return {name: place for place, name in enumerate(names, 1)}


def _in_chairs(laid: OneDay, places: dict[str, int]) -> Iterator[go.Bar]:
    """Draw waits, chairs held, and on them the steps; one trace for each kind of bar."""
    visits, end = laid.records.visits, laid.records.end - laid.midnight
    seated = [row for row in laid.came if not math.isnan(visits["chair"][row])]
    at = {row: places[f"chair {visits['chair'][row]:.0f}"] for row in seated}
    held: list[Bar] = []
    for row in seated:
        free = laid.minute("chair_free", row)
        held.append(
            (laid.minute("chair_from", row), end if math.isnan(free) else free, at[row] + 0.1, row, 0.64)
        )
    yield _bars(laid, held, "seated, waits", faded(GREY, 0.35))
    for number, name in enumerate(laid.records.steps):
        step = laid.scenario.visit.steps[name]
        bars: list[Bar] = []
        if step.chair:
            for row in seated:
                begin = float(visits["step_start"][row, number]) - laid.midnight
                finish = float(visits["step_end"][row, number]) - laid.midnight
                if not math.isnan(begin):
                    bars.append((begin, end if math.isnan(finish) else finish, at[row] + 0.1, row, 0.64))
        else:
            bars = [
                (task.begin, task.end, places[f"no chair {task.lane}"], task.row, 0.64)
                for task in laid.elsewhere
                if task.step == number
            ]
        yield _bars(laid, bars, name, _colour(number), hands_on=step.nurse == "hands-on")
    waits: list[Bar] = []
    for row in seated:
        arrived, taken = laid.minute("arrived", row), laid.minute("chair_from", row)
        if taken > arrived:
            waits.append((arrived, taken, at[row] - 0.36, row, 0.16))
    yield _bars(laid, waits, "no chair yet", GREY)


def _in_hands(laid: OneDay) -> Iterator[go.Bar]:
    """Draw hands-on tasks in lanes, and behind them which lanes a break takes, from the highest down."""
    import plotly.graph_objects as go

    breaks: list[tuple[float, float, float]] = []
    moments = sorted({*laid.nurses.time.tolist(), *laid.free_hands.time.tolist()})
    for begin, end in pairwise(moments):
        there, free = (float(stairs.at(_array([begin]))[0]) for stairs in (laid.nurses, laid.free_hands))
        breaks += [(begin, end, lane) for lane in range(int(free) + 1, int(there) + 1)]
    if breaks:
        yield go.Bar(
            orientation="h",
            base=[each[0] for each in breaks],
            x=[each[1] - each[0] for each in breaks],
            y=[each[2] for each in breaks],
            width=0.9,
            name="on break",
            marker={"color": faded(CAPACITY, 0.25)},
            customdata=[[clock(each[0]), clock(each[1])] for each in breaks],
            hovertemplate="%{customdata[0]}–%{customdata[1]}<extra>on break</extra>",
        )
    for number, name in enumerate(laid.records.steps):
        tasks = [task for task in laid.hands if task.step == number]
        if tasks:
            yield _bars(
                laid,
                [_bar(task) for task in tasks],
                name,
                _colour(number),
                hands_on=True,
                legend=False,
            )


def _bar(task: TaskBar) -> Bar:
    return task.begin, task.end, task.lane, task.row, 0.64


def _bars(
    laid: OneDay, bars: list[Bar], name: str, colour: str, *, hands_on: bool = False, legend: bool = True
) -> go.Bar:
    import plotly.graph_objects as go

    return go.Bar(
        orientation="h",
        base=[round(each[0], 2) for each in bars],
        x=[round(each[1] - each[0], 2) for each in bars],
        y=[round(each[2], 2) for each in bars],
        width=bars[0][4] if bars else 0.64,
        name=folded(name),
        legendgroup=name,
        showlegend=legend and bool(bars),
        # a pattern as well: on paper colours may be gone
        marker={
            "color": colour,
            "line": {"width": 0},
            "pattern": {
                "shape": "/" if hands_on else "",
                "fillmode": "overlay",
                "fgcolor": "rgba(255,255,255,0.75)",
                "size": 6,
                "solidity": 0.3,
            },
        },
        customdata=[[clock(each[0]), clock(each[1]), *_who(laid, each[3])] for each in bars],
        hovertemplate="<b>%{customdata[2]}</b><br>%{customdata[0]}–%{customdata[1]}"
        + ("" if _crowded(laid) else "<br>%{customdata[3]}<br>%{customdata[4]}")
        + f"<extra>{name}</extra>",
    )


def _crowded(laid: OneDay) -> bool:
    """Return whether there are too many visits to describe each in the drawing; the table describes them."""
    return len(laid.came) > _MOST_TOLD


def _who(laid: OneDay, row: int) -> list[str]:
    """Describe a visit for the hover text: patient, appointment, arrival, and waits."""
    if _crowded(laid):
        return [laid.who(row)]
    visits = laid.records.visits
    due, came = laid.minute("appointment", row), laid.minute("arrived", row)
    text = f"arrived {clock(came)}"
    if laid.scenario.booking.mode != "walk-in":
        text = f"appointment {clock(due)}, {text}"
    waits = (float(visits[f"wait_{what}"][row]) for what in ("chair", "hands", "eyes"))
    chair, hands, eyes = (plain(wait, 0) for wait in waits)
    return [laid.who(row), text, f"waited {chair} min for a chair, {hands} for hands, {eyes} for watching"]


def _marks(figure: go.Figure, laid: OneDay) -> None:
    """Mark opening and closing, and say so where there is nothing to see."""
    for at, word, anchor in ((laid.opening, "opening", "left"), (laid.closing, "closing", "right")):
        if at is not None:
            figure.add_shape(
                type="line",
                x0=at,
                x1=at,
                xref="x",
                y0=0,
                y1=1,
                yref="paper",
                line={"color": GREY, "width": 1.5, "dash": "dot"},
            )
            figure.add_annotation(
                x=at,
                xref="x",
                y=1,
                yref="paper",
                text=word,
                showarrow=False,
                xanchor=anchor,
                yanchor="bottom",
            )
    if not laid.came:
        figure.add_annotation(
            x=0.5,
            y=0.5,
            xref="x domain",
            yref="y domain",
            showarrow=False,
            text="closed" if laid.opening is None else "nobody came",
        )


def _stairs(stairs: Stairs, laid: OneDay) -> tuple[list[float], list[float]]:
    """Return the corners of stairs from where the drawing begins to where it ends."""
    inside = (stairs.time > laid.low) & (stairs.time < laid.high)
    x = [laid.low, *stairs.time[inside].tolist(), laid.high]
    return [round(at, 2) for at in x], [round(float(level), 4) for level in stairs.at(_array(x))]


def _array(values: Sequence[float]) -> Any:  # noqa: ANN401 (an array)
    import numpy as np

    return np.asarray(values, dtype=np.float64)


def _every(minutes: float) -> int:
    """Choose how far apart times are written, so that they fit a narrow screen."""
    return next(
        (hours * HOUR for hours in (1, 2, 3, 4, 6, 8, 12) if minutes / hours / HOUR <= _TICKS), 24 * HOUR
    )


def _colour(step: int) -> str:
    return IN_ORDER[step % (len(IN_ORDER) - 1)]  # the last is grey, which waits have
