"""Figure of one simulated day: every visit in its chair, step by step, and the nurses' tasks below.

Other places are rows below the chairs, and other roles have lanes and a panel of their own. Several types of visit
have colours of their own.

A single day is random and not typical, and the figure says so. It shows how the rules work: why patients wait, and
what happens in the other chairs in the meantime.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from simclinic.records import OUTCOMES, Records
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, Properties, bar, panels, scatter
from simclinic.report.figures.one_day import (
    HOUR,
    LONGEST_OF_TYPE,
    OneDay,
    Staff,
    StepFunction,
    TaskBar,
    clock,
    folded,
    step_colours,
)
from simclinic.report.figures.style import CAPACITY, GREY, LEGEND, WATCHED, faded, styled
from simclinic.report.text.numbers import NO_VALUE, plain
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR, NURSE

_LANE, _SMALL = 30, 10
"""Height of a chair's or a nurse's row, in pixels; size of the letters beside several roles."""

_MOST_IDLE = 20
"""Number of chairs above which unused chairs are left out."""

_MOST_DESCRIBED = 100
"""Number of visits above which hover text names only the patient; the table has the rest."""

_TICKS = 6
NOWHERE = "no chair "
"""Beginning of the name of a lane of steps that hold no place."""

Bar = tuple[float, float, float, int, float]
"""Begin, end, position on the axis, row of the visits table, thickness."""


def day(records: Records, scenario: Scenario, date: dt.date | None = None) -> Chart:
    """Draw one day.

    Parameters
    ----------
    records
        Records of one replication.
    scenario
        The scenario that was simulated.
    date
        The day; by default the busiest of the measured weeks.

    Raises
    ------
    ValueError
        If the day is not simulated.
    """
    one_day = OneDay.of(records, scenario, date)
    named = one_day.date.strftime("%A, %-d %B %Y")
    chosen = "The busiest day of the measured weeks" if date is None else "A day"
    return Chart(
        key="day",
        title=f"One day: {named}",
        says=f"{chosen} in one simulation: {_sentence(one_day)} {_hatched(one_day)} Another "
        "simulation gives another day: the figure shows why patients wait, not how often.",
        alt=_alt(one_day),
        drawing=_drawn(one_day),
        sheet=DataSheet.of(_headings(one_day), [*_sheet(one_day)]),
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
    "Waited for {}, min",
    "for hands, min",
    "for watching, min",
    "Left",
    "Outcome",
)


def _headings(one_day: OneDay) -> tuple[str, ...]:
    where = "places" if one_day.records.places else "chair"
    return tuple(each.format(where) for each in _HEADINGS)


def _hatched(one_day: OneDay) -> str:
    """Say what the bars mean."""
    text = "Hatched steps need a nurse's hands."
    if len(one_day.staff) > 1:
        text = "Hatched steps need somebody's hands."
    if len(one_day.records.visit_types) > 1:
        text += " Each type of visit has a colour, lighter step by step."
    return text


def _alt(one_day: OneDay) -> str:
    lanes = _count(max((task.lane for task in one_day.hands), default=0), "lane")
    rows = (
        "chair's" if not one_day.records.places else f"chair's and {' and '.join(one_day.records.places)}'s"
    )
    others = "".join(f" and those of the role {each.role}" for each in one_day.staff[1:])
    return (
        f"Bars in time: each {rows} visits step by step, below them nurses' hands-on tasks in {lanes}{others}, and "
        f"the nurses needed for watching beside the nurses on duty. {_sentence(one_day)}"
    )


def _sentence(one_day: OneDay) -> str:
    if one_day.opening is None and not one_day.present:
        return "the clinic was closed."
    today = [row for row in one_day.present if one_day.minute("arrived", row) >= 0]
    waits = [sum(_waited(one_day, row)) for row in today]
    text = f"{_count(len(today), 'patient')} came"
    if one_day.missed:
        text += f", {_count(len(one_day.missed), 'appointment')} did not take place"
    if waits:
        longest = max(waits)
        wider = len(one_day.staff) > 1 or one_day.records.places
        what = "places and staff" if wider else "chair and nurses"
        text += f"; the longest wait for {what} together was {_count(round(longest), 'minute')}"
    return f"{text}."


def _waited(one_day: OneDay, row: int) -> tuple[float, float, float]:
    """Return the minutes that a visit waited for chair and other places, for hands, and for somebody to watch."""
    visits = one_day.records.visits
    chair, hands, eyes = (float(visits[f"wait_{what}"][row]) for what in ("chair", "hands", "eyes"))
    others = visits["wait_place"][row].tolist() if one_day.records.places else []
    return sum(wait for wait in (chair, *others) if not math.isnan(wait)), hands, eyes


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _sheet(one_day: OneDay) -> Iterator[Sequence[str]]:
    visits, begun = one_day.records.visits, one_day.records.begun
    rows = sorted(
        (*one_day.present, *one_day.missed), key=lambda row: (one_day.minute("appointment", row), row)
    )
    for row in rows:
        waits = [plain(wait, 1) for wait in _waited(one_day, row)]
        present = not math.isnan(one_day.minute("arrived", row))
        yield (
            str(visits["patient"][row]),
            one_day.purpose(row),
            _clock(one_day.minute("appointment", row)),
            _clock(one_day.minute("arrived", row)),
            NO_VALUE if math.isnan(visits["chair"][row]) else f"{visits['chair'][row]:.0f}",
            _clock(one_day.minute("chair_from", row)),
            _clock(float(begun[row]) - one_day.midnight),
            *(waits if present else [NO_VALUE] * 3),
            _clock(one_day.minute("left", row)),
            OUTCOMES[visits["outcome"][row]],
        )


def _clock(minute: float) -> str:
    return NO_VALUE if math.isnan(minute) else clock(minute)


# -- as a drawing --------------------------------------------------------------------------------------------


def _drawn(one_day: OneDay) -> Drawing:

    places = _places(one_day)
    tasks = sum(each.lanes for each in one_day.staff)
    pixels = (_LANE * max(2, len(places)), _LANE * max(2, tasks), *[110] * len(one_day.staff))
    figure = panels(
        rows=len(pixels),
        cols=1,
        shared_xaxes=True,
        row_heights=[height / sum(pixels) for height in pixels],
        vertical_spacing=28 / (sum(pixels) + 28 * (len(pixels) - 1)),
    )
    for trace in _in_chairs(one_day, places):
        figure.add_trace(trace, row=1, col=1)
    for trace in _in_hands(one_day):
        figure.add_trace(trace, row=2, col=1)
    for row, staff in enumerate(one_day.staff, 3):
        for trace in _people(one_day, staff):
            figure.add_trace(trace, row=row, col=1)
    _marks(figure, one_day)
    every = _every(one_day.high - one_day.low)
    ticks = [float(at) for at in range(math.ceil(one_day.low / every) * every, int(one_day.high) + 1, every)]
    figure.update_xaxes(
        range=[one_day.low, one_day.high], tickvals=ticks, ticktext=[clock(at) for at in ticks], tickangle=0
    )
    figure.update_xaxes(title_text="time of day", row=len(pixels), col=1)
    names = {place: name for name, place in places.items()}
    step = math.ceil(len(names) / 40)
    shown = sorted(names)[::step]
    figure.update_yaxes(
        row=1,
        range=[len(places) + 0.6, 0.4],
        tickvals=shown,
        ticktext=[_row_name(names[at]) for at in shown],
        title_text="chair" if not one_day.records.places else "chair, place",
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
    if len(one_day.staff) > 1:
        lanes = [f"{folded(each.role)} {lane + 1}" for each in one_day.staff for lane in range(each.lanes)]
        figure.update_yaxes(row=2, ticktext=lanes)
    for row, staff in enumerate(one_day.staff, 3):
        highest = max(staff.on_duty.highest, staff.watching.highest, 1.0)
        title = "nurses" if staff.role == NURSE else folded(staff.role)
        figure.update_yaxes(row=row, range=[0, highest * 1.12], title_text=title, nticks=4)
        if len(one_day.staff) > 1:
            figure.update_yaxes(row=row, title_font_size=_SMALL)
    typed = len(one_day.records.visit_types) > 1
    return styled(
        figure,
        height=sum(pixels) + 190 + 28 * (len(pixels) - 3) + (60 if typed else 0),
        barmode="overlay",
        hovermode="closest",
        margin={"l": 60, "r": 20, "t": 120 if typed else 60, "b": 50},
        legend=LEGEND | {"y": 1 + 24 / sum(pixels)} | ({"entrywidth": 172} if typed else {}),
    )


def _people(one_day: OneDay, staff: Staff) -> Iterator[Properties]:
    """Yield the lines of a role: how many are on duty, and how many of them watching needs."""
    who = "nurses" if staff.role == NURSE else staff.role
    for steps, label, colour, dash in (
        (staff.on_duty, "on duty", CAPACITY, "dash"),
        (staff.watching, "watching", WATCHED, "solid"),
    ):
        x, y = _stairs(steps, one_day)
        watched = staff.watched.at(_array(x)).astype(int).tolist()
        more = {} if staff.role == NURSE else {"showlegend": False}
        yield scatter(
            x=x,
            y=y,
            name=label,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2, "shape": "hv"},
            customdata=[[clock(at), watching] for at, watching in zip(x, watched, strict=True)],
            hovertemplate=f"%{{customdata[0]}}: %{{y:.2f}} {who}"
            + ("" if label == "on duty" else ", %{customdata[1]} patients watched")
            + f"<extra>{label}</extra>",
            **more,
        )


def _row_name(name: str) -> str:
    """Name a row of the axis: a chair by its number alone."""
    if name.startswith(NOWHERE):
        return "none"
    return name.removeprefix("chair ")


def _places(one_day: OneDay) -> dict[str, int]:
    """Assign positions from the top to chairs, other places, and lanes of steps without any."""
    visits = one_day.records.visits
    used = {int(visits["chair"][row]) for row in one_day.present if not math.isnan(visits["chair"][row])}
    if one_day.chairs <= _MOST_IDLE:
        used |= set(range(1, one_day.chairs + 1))
    names = [f"chair {number}" for number in sorted(used)]
    for place, kind in enumerate(one_day.records.places):
        numbers = one_day.held(place)[0]
        taken = {int(number) for number in numbers.tolist() if not math.isnan(number)}
        number = one_day.scenario.places[kind].number
        taken |= set(range(1, number + 1)) if number <= _MOST_IDLE else set()
        names += [f"{kind} {number}" for number in sorted(taken)]
    names += [f"{NOWHERE}{lane}" for lane in sorted({task.lane for task in one_day.elsewhere})]
    return {name: place for place, name in enumerate(names, 1)}


def _in_chairs(one_day: OneDay, places: dict[str, int]) -> Iterator[Properties]:
    """Yield the bars of waits, occupied chairs, and steps; one trace for each kind."""
    visits, end = one_day.records.visits, one_day.records.end - one_day.midnight
    seated = [row for row in one_day.present if not math.isnan(visits["chair"][row])]
    at = {row: places[f"chair {visits['chair'][row]:.0f}"] for row in seated}
    held: list[Bar] = []
    for row in seated:
        free = one_day.minute("chair_free", row)
        held.append(
            (one_day.minute("chair_from", row), end if math.isnan(free) else free, at[row] + 0.1, row, 0.64)
        )
    other = _elsewhere(one_day, places)
    for by_row in other.values():
        held += [(begin, finish, place + 0.1, row, 0.64) for row, (place, begin, finish) in by_row.items()]
    yield _bars(one_day, held, "seated, waits", faded(GREY, 0.35))
    colours = step_colours(one_day.records)
    for number, name in enumerate(one_day.records.steps):
        step = one_day.scenario.steps[name]
        bars: list[Bar] = []
        if step.where is not None:
            rows = {row: at[row] for row in seated}
            if step.where != CHAIR:
                rows = {row: place for row, (place, _, _) in other[step.where].items()}
            for row, position in rows.items():
                begin = float(visits["step_start"][row, number]) - one_day.midnight
                finish = float(visits["step_end"][row, number]) - one_day.midnight
                if not math.isnan(begin):
                    bars.append((begin, end if math.isnan(finish) else finish, position + 0.1, row, 0.64))
        else:
            bars = [
                (task.begin, task.end, places[f"{NOWHERE}{task.lane}"], task.row, 0.64)
                for task in one_day.elsewhere
                if task.step == number
            ]
        hands_on = any(claim.need == "hands-on" for claim in step.needs.values())
        yield _bars(one_day, bars, name, colours[number], hands_on=hands_on)
    waits: list[Bar] = []
    for row in seated:
        arrived, taken = one_day.minute("arrived", row), one_day.minute("chair_from", row)
        if taken > arrived and not any(row in by_row for by_row in other.values()):
            waits.append((arrived, taken, at[row] - 0.36, row, 0.16))
    yield _bars(one_day, waits, "no chair yet", GREY)


def _elsewhere(one_day: OneDay, places: dict[str, int]) -> dict[str, dict[int, tuple[int, float, float]]]:
    """Find the row of the drawing in which visits hold a place besides chairs, and from when until when."""
    found: dict[str, dict[int, tuple[int, float, float]]] = {}
    for place, kind in enumerate(one_day.records.places):
        held = zip(one_day.present, *(column.tolist() for column in one_day.held(place)), strict=True)
        found[kind] = {
            row: (places[f"{kind} {number:.0f}"], begin, end)
            for row, number, begin, end in held
            if not math.isnan(number)
        }
    return found


def _in_hands(one_day: OneDay) -> Iterator[Properties]:
    """Yield the bars of hands-on tasks, and behind them of breaks, which fill lanes from the highest down."""
    breaks: list[tuple[float, float, float]] = []
    above = 0
    for staff in one_day.staff:
        moments = sorted({*staff.on_duty.time.tolist(), *staff.free_hands.time.tolist()})
        for begin, end in pairwise(moments):
            on_duty, free = (
                float(steps.at(_array([begin]))[0]) for steps in (staff.on_duty, staff.free_hands)
            )
            breaks += [(begin, end, above + lane) for lane in range(int(free) + 1, int(on_duty) + 1)]
        above += staff.lanes
    if breaks:
        yield bar(
            orientation="h",
            base=[begin for begin, _, _ in breaks],
            x=[end - begin for begin, end, _ in breaks],
            y=[lane for _, _, lane in breaks],
            width=0.9,
            name="on break",
            marker={"color": faded(CAPACITY, 0.25)},
            customdata=[[clock(begin), clock(end)] for begin, end, _ in breaks],
            hovertemplate="%{customdata[0]}–%{customdata[1]}<extra>on break</extra>",
        )
    colours = step_colours(one_day.records)
    for number, name in enumerate(one_day.records.steps):
        bars: list[Bar] = []
        above = 0
        for staff in one_day.staff:
            bars += [_bar(task, above) for task in staff.hands if task.step == number]
            above += staff.lanes
        if bars:
            yield _bars(
                one_day,
                bars,
                name,
                colours[number],
                hands_on=True,
                legend=False,
            )


def _bar(task: TaskBar, above: int) -> Bar:
    return task.begin, task.end, above + task.lane, task.row, 0.64


def _bars(
    one_day: OneDay, bars: list[Bar], name: str, colour: str, *, hands_on: bool = False, legend: bool = True
) -> Properties:

    return bar(
        orientation="h",
        base=[round(each[0], 2) for each in bars],
        x=[round(each[1] - each[0], 2) for each in bars],
        y=[round(each[2], 2) for each in bars],
        width=bars[0][4] if bars else 0.64,
        name=folded(name, LONGEST_OF_TYPE) if "/" in name else folded(name),
        legendgroup=name,
        showlegend=legend and bool(bars),
        # A pattern as well, for prints without colours.
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
        customdata=[[clock(each[0]), clock(each[1]), *_description(one_day, each[3])] for each in bars],
        hovertemplate="<b>%{customdata[2]}</b><br>%{customdata[0]}–%{customdata[1]}"
        + ("" if _crowded(one_day) else "<br>%{customdata[3]}<br>%{customdata[4]}")
        + f"<extra>{name}</extra>",
    )


def _crowded(one_day: OneDay) -> bool:
    """Return whether there are too many visits to describe each in the drawing; the table describes them."""
    return len(one_day.present) > _MOST_DESCRIBED


def _description(one_day: OneDay, row: int) -> list[str]:
    """Return the hover text of a visit: patient, appointment, arrival, and waits."""
    if _crowded(one_day):
        return [one_day.label(row)]
    due, present = one_day.minute("appointment", row), one_day.minute("arrived", row)
    text = f"arrived {clock(present)}"
    if one_day.scenario.booking.mode != "walk-in":
        text = f"appointment {clock(due)}, {text}"
    place, hands, eyes = (plain(wait, 0) for wait in _waited(one_day, row))
    where = "places" if one_day.records.places else "a chair"
    return [
        one_day.label(row),
        text,
        f"waited {place} min for {where}, {hands} for hands, {eyes} for watching",
    ]


def _marks(figure: Drawing, one_day: OneDay) -> None:
    """Mark opening, closing and pauses, and label an empty day."""
    for begin, end in one_day.pauses:
        figure.add_shape(
            type="rect",
            x0=begin,
            x1=end,
            xref="x",
            y0=0,
            y1=1,
            yref="paper",
            line={"width": 0},
            fillcolor=faded(GREY, 0.25),
            layer="below",
        )
        figure.add_annotation(
            x=(begin + end) / 2,
            xref="x",
            y=1,
            yref="paper",
            text="closed",
            showarrow=False,
            yanchor="bottom",
        )
    for at, word, anchor in ((one_day.opening, "opening", "left"), (one_day.closing, "closing", "right")):
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
    if not one_day.present:
        figure.add_annotation(
            x=0.5,
            y=0.5,
            xref="x domain",
            yref="y domain",
            showarrow=False,
            text="closed" if one_day.opening is None else "nobody came",
        )


def _stairs(steps: StepFunction, one_day: OneDay) -> tuple[list[float], list[float]]:
    """Return the corners of a step function within the range of the drawing."""
    inside = (steps.time > one_day.low) & (steps.time < one_day.high)
    x = [one_day.low, *steps.time[inside].tolist(), one_day.high]
    return [round(at, 2) for at in x], [round(float(level), 4) for level in steps.at(_array(x))]


def _array(values: Sequence[float]) -> Any:  # noqa: ANN401 (an array)
    import numpy as np

    return np.asarray(values, dtype=np.float64)


def _every(minutes: float) -> int:
    """Choose the minutes between ticks, so that labels fit on a narrow screen."""
    return next(
        (hours * HOUR for hours in (1, 2, 3, 4, 6, 8, 12) if minutes / hours / HOUR <= _TICKS), 24 * HOUR
    )
