"""Animation of a day, minute by minute: chairs, waiting room and nurses' hands as dots that change colour.

A frame contains only colour codes of the dots, so that a day of a few hundred frames stays small.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.records import Records
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, scatter
from simclinic.report.figures.one_day import LONGEST_OF_TYPE, OneDay, Staff, clock, folded, step_colours
from simclinic.report.figures.style import GREY, LEGEND, faded, styled
from simclinic.scenario import Scenario
from simclinic.scenario.visit import CHAIR

SIZES = (1, 2, 3, 5, 10, 15, 30)
"""Minutes between frames."""

MOST = 300
"""Most frames, so that the page stays small."""

_DOTS = 90_000
"""Most dots of all frames together: a clinic with a hundred chairs gets fewer frames."""

LATE, BUSY = "#8A4B08", "#5E3C99"
"""Patients who wait after their appointed time, and busy hands: colours that no step of a visit has."""

_A_ROW = 12
_SHEET_EVERY = 30
_SPEED = 120
"""Duration of a frame, in milliseconds."""

Codes = npt.NDArray[np.int64]


def animation(
    records: Records, scenario: Scenario, date: dt.date | None = None, *, every: int | None = None
) -> Chart:
    """Animate a day.

    Parameters
    ----------
    records
        Records of one replication.
    scenario
        The scenario that was simulated.
    date
        The day; by default the busiest of the measured weeks.
    every
        Minutes between frames; by default the fewest that keep the figure small.

    Raises
    ------
    ValueError
        If the day is not simulated.
    """
    one_day = OneDay.of(records, scenario, date)
    scene = _Scene(one_day, every)
    named = one_day.date.strftime("%A, %-d %B %Y")
    return Chart(
        key="animation",
        title=f"The same day in motion: {named}",
        says=f"Press Play, or move the slider: a frame for every {_minutes(scene.every)}. It opens at "
        f"{clock(float(scene.times[_fullest(scene)]))}, when most patients are there. Dots are patients "
        f"without a chair, {_symbols(one_day)}. A waiting patient counts as late from the "
        "appointed time on.",
        alt=f"An animation of {named} with {len(scene.times)} frames from {clock(scene.times[0])} to "
        f"{clock(scene.times[-1])}: at most {scene.waiting.max(initial=0)} patients wait for a chair, and "
        f"{scene.held.max(initial=0)} of {scene.places} chairs are held. The table gives the same every half hour.",
        drawing=_drawn(scene),
        sheet=DataSheet.of(
            (
                "Time",
                "In the waiting room",
                "Chairs held",
                "Hands-on tasks",
                "Patients watched",
                "Nurses there",
                *(f"{kind} held" for kind in scene.elsewhere),
                *(f"{role} there" for role in scene.others),
            ),
            [*_sheet(scene)],
        ),
    )


def _symbols(one_day: OneDay) -> str:
    squares = "squares chairs and other places" if one_day.records.places else "squares chairs"
    hands = "hands, by role" if len(one_day.staff) > 1 else "nurses' hands"
    return f"{squares}, circles {hands}"


def _minutes(number: int) -> str:
    return "minute" if number == 1 else f"{number} minutes"


class _Scene:
    """The content of the animation at each moment of a day.

    Attributes
    ----------
    laid
        The day.
    every
        Minutes between moments.
    times
        The moments, in minutes since midnight.
    numbers
        Numbers of the chairs that are shown.
    chairs
        Colour codes, shape (moments, chairs): 0 free, 1 occupied by a waiting patient, 2 + k in step k.
    waiting, late
        Patients still without a chair, and those of them after their appointed time, shape (moments,).
    standing
        For each moment, the indices of steps without a chair that are in progress.
    held, tasks
        Occupied chairs, and hands-on tasks, shape (moments,).
    elsewhere
        For each other kind of place, colour codes as those of chairs, shape (moments, places).
    others
        For each role besides nurses its tasks, free hands, and people on duty, shape (moments,) each.
    """

    def __init__(self, one_day: OneDay, every: int | None) -> None:
        self.one_day = one_day
        visits = one_day.records.visits
        rows = np.array(one_day.present, dtype=np.int64)
        seat = visits["chair"][rows]
        used = np.unique(seat[np.isfinite(seat)]).astype(np.int64).tolist()
        self.numbers = sorted(
            {*used, *(range(1, one_day.chairs + 1) if one_day.chairs <= 4 * _A_ROW else ())}
        )
        self.every = every or _suits(one_day.high - one_day.low, len(self.numbers))
        self.times = np.arange(one_day.low, one_day.high + 1e-9, self.every)
        end = one_day.records.end - one_day.midnight

        def until(moments: Any) -> Any:  # noqa: ANN401 (arrays)
            return np.where(np.isnan(moments), end, moments)

        def times(column: str) -> Any:  # noqa: ANN401 (an array)
            return visits[column][rows] - one_day.midnight

        arrived, seated = times("arrived"), times("chair_from")
        free = until(times("chair_free"))
        start = visits["step_start"][rows] - one_day.midnight
        finish = until(visits["step_end"][rows] - one_day.midnight)
        now = self.times[:, None]
        place = {number: at for at, number in enumerate(self.numbers)}
        at = np.array([place[int(each)] if math.isfinite(each) else -1 for each in seat], dtype=np.int64)
        self.chairs = np.zeros((self.times.size, len(self.numbers)), dtype=np.int64)
        standing: list[list[int]] = [[] for _ in self.times]
        busy = np.zeros((self.times.size, rows.size), dtype=np.bool_)
        self._paint(now >= seated, now < free, at, 1)
        self.elsewhere: dict[str, Codes] = {}
        rooms: dict[str, Codes] = {}
        inside = np.zeros((self.times.size, rows.size), dtype=np.bool_)
        for number, kind in enumerate(one_day.records.places):
            held, since, before = one_day.held(number)
            here = np.isfinite(held)
            rooms[kind] = np.where(here, np.nan_to_num(held) - 1, -1).astype(np.int64)
            count = int(max(one_day.scenario.places[kind].number, rooms[kind].max(initial=0) + 1))
            self.elsewhere[kind] = np.zeros((self.times.size, count), dtype=np.int64)
            _paint(self.elsewhere[kind], (now >= since) & (now < before), rooms[kind], 1)
            inside |= (now >= since) & (now < before)
        for step, name in enumerate(one_day.records.steps):
            within = (now >= start[:, step]) & (now < finish[:, step])
            where = one_day.scenario.steps[name].where
            if where == CHAIR:
                self._paint(within, within, at, 2 + step)
            elif where is not None:
                _paint(self.elsewhere[where], within, rooms[where], 2 + step)
            else:
                busy |= within
                for moment in np.flatnonzero(within.any(axis=1)).tolist():
                    standing[moment] += [step] * int(within[moment].sum())
        self.standing = standing
        gone = until(times("left"))
        waits = (now >= arrived) & (now < np.fmin(np.where(np.isnan(seated), end, seated), gone)) & ~busy
        if rooms:  # between two places, or after the last one, too
            inside |= (now >= seated) & (now < free)
            waits = (now >= arrived) & (now < gone) & ~busy & ~inside
        late = waits & (now >= np.maximum(times("appointment"), arrived))
        self.waiting, self.late = waits.sum(axis=1), late.sum(axis=1)
        self.held = (self.chairs > 0).sum(axis=1)
        (self.tasks, self.free_hands, self.nurses), *others = (self._at_work(each) for each in one_day.staff)
        self.others = {each.role: people for each, people in zip(one_day.staff[1:], others, strict=True)}
        self.watched = one_day.watched.at(self.times).astype(np.int64)
        self.places = len(self.numbers)

    def _at_work(self, staff: Staff) -> tuple[Codes, Codes, Codes]:
        """Count tasks, free hands and people on duty of a role at each moment."""
        moments = self.times.tolist()
        tasks = [sum(task.begin <= moment < task.end for task in staff.hands) for moment in moments]
        return (
            np.array(tasks, dtype=np.int64),
            staff.free_hands.at(self.times).astype(np.int64),
            staff.on_duty.at(self.times).astype(np.int64),
        )

    def _paint(self, since: Any, before: Any, at: Codes, code: int) -> None:  # noqa: ANN401 (arrays)
        """Set the code of chairs where a visit occupies them."""
        _paint(self.chairs, since & before, at, code)


def _paint(codes: Codes, within: Any, at: Codes, code: int) -> None:  # noqa: ANN401 (an array)
    """Set the code of places, shape (moments, places), where a visit occupies them."""
    moment, visit = np.nonzero(within & (at >= 0))
    codes[moment, at[visit]] = code


def _fullest(scene: _Scene) -> int:
    """Return the moment at which the animation opens: the first with the most patients there."""
    crowd = np.array([len(each) for each in scene.standing], dtype=np.int64) + scene.waiting
    rooms = sum(((codes > 0).sum(axis=1) for codes in scene.elsewhere.values()), np.zeros(1, dtype=np.int64))
    return int(np.argmax(scene.held + crowd + rooms))


def _suits(minutes: float, chairs: int) -> int:
    """Choose the minutes between frames."""
    return next(
        (size for size in SIZES if minutes / size <= MOST and minutes / size * (chairs + 10) * 3 <= _DOTS),
        SIZES[-1],
    )


def _sheet(scene: _Scene) -> Iterator[Sequence[str]]:
    chosen = scene.times % _SHEET_EVERY == 0
    columns = (
        *(scene.waiting, scene.held, scene.tasks, scene.watched, scene.nurses),
        *((codes > 0).sum(axis=1) for codes in scene.elsewhere.values()),
        *(on_duty for _, _, on_duty in scene.others.values()),
    )
    for place in np.flatnonzero(chosen).tolist():
        yield (clock(scene.times[place]), *(str(column[place]) for column in columns))


# -- as a drawing --------------------------------------------------------------------------------------------


class _Row:
    """Positions of dots in rows of twelve."""

    def __init__(self, count: int, top: float) -> None:
        self.count = count
        self.x = [1 + place % _A_ROW for place in range(count)]
        self.y = [round(top - place // _A_ROW, 2) for place in range(count)]
        self.bottom = top - max(1, math.ceil(count / _A_ROW))


def _drawn(scene: _Scene) -> Drawing:

    steps = scene.one_day.records.steps
    colours = [faded(GREY, 0.4), GREY, *step_colours(scene.one_day.records)]
    crowd = np.array([len(each) for each in scene.standing], dtype=np.int64) + scene.waiting
    waiting = _Row(max(1, min(int(crowd.max(initial=0)), 3 * _A_ROW)), 0.0)
    chairs = _Row(scene.places, waiting.bottom - 0.6)
    rooms: dict[str, _Row] = {}
    bottom = chairs.bottom
    for kind, held in scene.elsewhere.items():
        rooms[kind] = _Row(held.shape[1], bottom - 0.6)
        bottom = rooms[kind].bottom
    nurses = _Row(max(1, int(max(scene.nurses.max(initial=0), scene.tasks.max(initial=0)))), bottom - 0.6)
    bottom = nurses.bottom
    others: dict[str, _Row] = {}
    for role, (tasks, _, on_duty) in scene.others.items():
        others[role] = _Row(max(1, int(max(on_duty.max(initial=0), tasks.max(initial=0)))), bottom - 0.6)
        bottom = others[role].bottom
    shades = ["rgba(0,0,0,0)", faded(GREY, 0.7), LATE, *colours[2:]]
    hands = ["rgba(0,0,0,0)", faded(GREY, 0.25), faded(GREY, 0.6), BUSY]

    def frame(place: int) -> list[list[int]]:
        return [
            _filled(waiting, _crowd(scene, place)),
            scene.chairs[place].tolist(),
            _filled(nurses, _hands(place, scene.tasks, scene.free_hands, scene.nurses)),
            *(codes[place].tolist() for codes in scene.elsewhere.values()),
            *(_filled(others[role], _hands(place, *people)) for role, people in scene.others.items()),
        ]

    figure = Drawing()
    opens = _fullest(scene)
    first = frame(opens)
    for row, codes, palette, symbol, size in (
        (waiting, first[0], shades, "circle", 13),
        (chairs, first[1], colours, "square", 20),
        (nurses, first[2], hands, "circle", 17),
        *((row, shown, colours, "square", 20) for row, shown in zip(rooms.values(), first[3:], strict=False)),
        *(
            (row, shown, hands, "circle", 17)
            for row, shown in zip(others.values(), first[3 + len(rooms) :], strict=True)
        ),
    ):
        figure.add_trace(
            scatter(
                x=row.x,
                y=row.y,
                mode="markers",
                showlegend=False,
                hoverinfo="skip",
                marker={
                    "symbol": symbol,
                    "size": size,
                    "color": codes,
                    "cmin": -0.5,
                    "cmax": len(palette) - 0.5,
                    "colorscale": _scale(palette),
                    "showscale": False,
                    "line": {"width": 0},
                },
            )
        )
    free = "free" if scene.elsewhere else "chair free"
    for label, colour, symbol in _legend(steps, colours, hands, free):
        figure.add_trace(
            scatter(
                x=[None],
                y=[None],
                mode="markers",
                name=label,
                hoverinfo="skip",
                marker={"color": colour, "symbol": symbol, "size": 11},
            )
        )
    typed = len(scene.one_day.records.visit_types) > 1
    names = [clock(at) for at in scene.times.tolist()]
    figure.frames = [
        {
            "name": name,
            "traces": list(range(len(first))),
            "data": [{"type": "scatter", "marker": {"color": codes}} for codes in frame(place)],
        }
        for place, name in enumerate(names)
    ]
    instant = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}, "transition": {"duration": 0}}
    figure.update_xaxes(range=[0.2, _A_ROW + 0.8], visible=False, fixedrange=True)
    figure.update_yaxes(
        range=[bottom + 0.4, 0.7],
        tickvals=[
            *(waiting.y[0], chairs.y[0] if chairs.y else chairs.bottom, nurses.y[0]),
            *(row.y[0] for row in (*rooms.values(), *others.values())),
        ],
        ticktext=["waiting<br>room", "chairs", "nurses'<br>hands", *map(folded, (*rooms, *others))],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
    )
    return styled(
        figure,
        height=int(330 + 34 * -bottom) + (60 if typed else 0),
        margin={"l": 60, "r": 20, "t": 120 if typed else 60, "b": 110},
        hovermode=False,
        legend=LEGEND | {"y": 1.02} | ({"entrywidth": 172} if typed else {}),
        sliders=[
            {
                "active": opens,
                "x": 0.0,
                "len": 1.0,
                "y": 0,
                "pad": {"t": 46, "b": 0},
                "bgcolor": faded(GREY, 0.3),
                "activebgcolor": faded(GREY, 0.8),
                "bordercolor": GREY,
                "ticklen": 0,
                "minorticklen": 0,
                "font": {"size": 11},
                "currentvalue": {"prefix": "Time ", "font": {"size": 14}, "xanchor": "right"},
                "steps": [{"method": "animate", "label": name, "args": [[name], instant]} for name in names],
            }
        ],
        updatemenus=[_buttons()],
    )


def _crowd(scene: _Scene, place: int) -> list[int]:
    """Return the codes of patients without a chair: 1 early, 2 late, 3 + k in step k."""
    late, waiting = int(scene.late[place]), int(scene.waiting[place])
    return [2] * late + [1] * (waiting - late) + [3 + step for step in scene.standing[place]]


def _hands(place: int, *people: Codes) -> list[int]:
    """Return the codes of the hands of a role at a moment: 1 on a break, 2 free, 3 busy.

    `people` are its tasks, free hands, and people on duty.
    """
    tasks, free, on_duty = (int(each[place]) for each in people)
    idle = max(0, free - tasks)
    return [3] * tasks + [2] * idle + [1] * max(0, on_duty - tasks - idle)


def _filled(row: _Row, codes: list[int]) -> list[int]:
    """Pad codes to all dots of a row; 0 is invisible."""
    return (codes + [0] * row.count)[: row.count]


def _scale(palette: Sequence[str]) -> list[list[Any]]:
    """Return a colour scale with one colour for each integer."""
    count = len(palette)
    return [[round(edge / count, 6), colour] for k, colour in enumerate(palette) for edge in (k, k + 1)]


def _legend(
    steps: Sequence[str], colours: Sequence[str], hands: Sequence[str], free: str
) -> Iterator[tuple[str, str, str]]:
    yield "waits, early", faded(GREY, 0.7), "circle"
    yield "waits, late", LATE, "circle"
    yield free, colours[0], "square"
    yield "seated, waits", colours[1], "square"
    for name, colour in zip(steps, colours[2:], strict=True):
        yield folded(name, LONGEST_OF_TYPE) if "/" in name else folded(name), colour, "square"
    yield "hands busy", hands[3], "circle"
    yield "hands free", hands[2], "circle"
    yield "on break", hands[1], "circle"


def _buttons() -> dict[str, Any]:
    play = {"mode": "immediate", "fromcurrent": True, "transition": {"duration": 0}}
    play["frame"] = {"duration": _SPEED, "redraw": True}
    stop = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yanchor": "top",
        "pad": {"t": 10},
        "bgcolor": faded(GREY, 0.2),
        "bordercolor": GREY,
        "buttons": [
            {"label": "Play", "method": "animate", "args": [None, play]},
            {"label": "Pause", "method": "animate", "args": [[None], stop]},
        ],
    }
