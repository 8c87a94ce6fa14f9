"""Occupancy by weekday and hour: as a heat map, and hour by hour against capacity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simclinic.arrays import Floats
from simclinic.report.figures.bands import BandOfLines, Columns
from simclinic.report.figures.chart import Chart, DataSheet
from simclinic.report.figures.drawing import Drawing, heat_map, panels, scatter
from simclinic.report.figures.style import CAPACITY, CHAIRS, HANDS, WATCHED, faded, styled
from simclinic.report.text.numbers import NO_VALUE, plain
from simclinic.report.text.words import DAYS

_ROWS = 168
_LEAST = 0.005  # what is rounded to nothing is not drawn
_SCALE = (
    (0.0, "#f1f6fa"),
    (0.25, "#c3dcec"),
    (0.5, "#7db4d8"),
    (0.75, "#2f84bd"),
    (1.0, "#00436b"),
)
_KINDS = (
    ("chairs_held", "chairs_mean", "chairs held", CHAIRS),
    ("hands_on", "nurses_mean", "nurses' hands", HANDS),
    ("watched", "nurses_mean", "patients watched", WATCHED),
)


@dataclass(frozen=True, slots=True)
class Week:
    """The profile of the week, cut to the days and hours in which anything happens.

    Attributes
    ----------
    days, hours
        Which, in order: 0 for Monday, 0 for midnight to one o'clock.
    n
        Replications.
    bands
        By column of the profile, over replications; places are days one after another, hour by hour.
    """

    days: tuple[int, ...]
    hours: tuple[int, ...]
    n: int
    bands: Mapping[str, BandOfLines]

    @classmethod
    def of(cls, profiles: Columns) -> Week | None:
        """Read the profiles of all replications; None if nothing is ever open or held."""
        tables = {
            name: np.asarray(values, dtype=np.float64).reshape(-1, _ROWS)
            for name, values in profiles.items()
            if name.partition(":")[0].endswith(("_mean", "_p90"))
        }
        used = sum(tables[name].mean(axis=0) for name in ("chairs_mean", "chairs_held_mean", "nurses_mean"))
        there = (np.asarray(used) >= _LEAST).reshape(7, 24)
        if not there.any():
            return None
        days = tuple(np.flatnonzero(there.any(axis=1)).tolist())
        between = np.flatnonzero(there.any(axis=0))
        hours = tuple(range(int(between[0]), int(between[-1]) + 1))
        places = np.array([24 * day + hour for day in days for hour in hours])
        bands = {name: BandOfLines.over(values[:, places]) for name, values in tables.items()}
        return cls(days, hours, len(tables["chairs_mean"]), bands)

    def band(self, what: str, kind: str) -> BandOfLines:
        """Return a column by what is in use, such as "hands_on" or "chairs_held:room", and "mean" or "p90"."""
        whole, colon, part = what.partition(":")
        return self.bands[f"{whole}_{kind}{colon}{part}"]

    def share(self, what: str, of: str) -> Floats:
        """Return resources in use as a share of those available, by place; NaN where none is available."""
        held, there = self.band(what, "mean").mean, self.bands[of].mean
        share: Floats = np.full(held.size, np.nan)
        np.divide(held, there, out=share, where=there >= _LEAST)
        return share

    def unsure(self, what: str, of: str) -> float:
        """Return the widest half of a 95 % interval of such shares; NaN with one replication."""
        half, there = self.band(what, "mean").half, self.bands[of].mean
        share = half[there >= _LEAST] / there[there >= _LEAST]
        return float(share.max()) if share.size else float("nan")

    def named(self, place: int) -> tuple[str, str]:
        """Name a place: weekday and hour."""
        day, hour = divmod(place, len(self.hours))
        return _DAYS[self.days[day]], clock(self.hours[hour])


_DAYS = tuple(DAYS.values())


_HELD, _DOES = "chairs_held:", "hands_on:"


def _parts(week: Week) -> list[tuple[str, str, str, str]]:
    """List other places, and other roles with something to do, as `_KINDS` lists chairs and nurses."""
    found = []
    for name, band in week.bands.items():
        base, _, part = name.partition(":")
        if part and base == "chairs_held_mean":
            found.append((_HELD + part, f"chairs_mean:{part}", part, CHAIRS))
        if part and base == "hands_on_mean" and band.mean.any():
            found.append((_DOES + part, f"nurses_mean:{part}", f"{part}: hands", HANDS))
        if part and base == "watched_mean" and band.mean.any():
            found.append((f"watched:{part}", f"nurses_mean:{part}", f"{part}: patients watched", WATCHED))
    return found


def clock(hour: int) -> str:
    """Name an hour of the day: from when to when."""
    return f"{hour}–{hour + 1} h"


def heat(profiles: Columns) -> Chart | None:
    """Show chairs and hands in use by weekday and hour, as shares of those available; None if none ever is.

    Parameters
    ----------
    profiles
        The profiles of all replications, in their order; see :mod:`simclinic.measures.profile`.
    """
    week = Week.of(profiles)
    if week is None:
        return None
    chairs, hands = (week.share(what, of) for what, of, *_ in _KINDS[:2])
    fullest = _fullest(week, chairs)
    half = week.unsure("chairs_held", "chairs_mean")
    note = (
        f"Means over {week.n} replications; 95 % intervals of chairs are ± {plain(100 * half, 1)} points or less."
        if week.n > 1
        else "One replication, over its weeks."
    )
    rows = [
        (
            clock(hour),
            *(
                f"{_percent(chairs[d * len(week.hours) + k])} / {_percent(hands[d * len(week.hours) + k])}"
                for d in range(len(week.days))
            ),
        )
        for k, hour in enumerate(week.hours)
    ]
    return Chart(
        key="occupancy",
        title="How full the clinic is, by weekday and hour",
        says="Chairs in use (left) and nurses' time on hands-on tasks (right), in % of those present in that hour. "
        f"{fullest} Nurses also watch patients, which is not included: a nurse with idle hands may be busy "
        f"watching. Hours without capacity are blank, even if work runs late. {note}",
        alt=f"Two heat maps of weekday by hour, chairs and nurses' hands in per cent of those present. {fullest}",
        drawing=_heat_maps(week, {"chairs": chairs, "nurses' hands": hands}),
        sheet=DataSheet.of(("Hour: chairs / hands, %", *(_DAYS[day] for day in week.days)), rows),
    )


def heat_of_parts(profiles: Columns) -> Chart | None:
    """Show other places and roles in use by weekday and hour; None if the clinic has none.

    Parameters
    ----------
    profiles
        As for :func:`heat`.
    """
    week = Week.of(profiles)
    shown = [] if week is None else [each for each in _parts(week) if not each[0].startswith("watched")]
    if week is None or not shown:
        return None
    shares = {label: week.share(what, of) for what, of, label, _ in shown}
    fullest = " ".join(_fullest(week, share, name) for name, share in shares.items())
    rows = [
        (*week.named(place), *(_percent(share[place]) for share in shares.values()))
        for place in range(len(week.days) * len(week.hours))
    ]
    return Chart(
        key="occupancy-of-parts",
        title="How full other places and roles are, by weekday and hour",
        says="Places held, and time of other roles on hands-on tasks, in % of those present in that hour. "
        f"{fullest} Hours in which none is there are blank.",
        alt=f"Heat maps of weekday by hour, in per cent of those present: {', '.join(shares)}. {fullest}",
        drawing=_heat_maps(week, shares),
        sheet=DataSheet.of(("Weekday", "Hour", *(f"{name}, %" for name in shares)), rows),
    )


def _percent(share: float) -> str:
    return plain(100 * float(share), 0)


def _fullest(week: Week, shares: Floats, what: str = "") -> str:
    if np.isnan(shares).all():
        return f"There is no {what or 'chair'} in any hour."
    place = int(np.nanargmax(shares))
    day, hour = week.named(place)
    most = f"on {day}, {hour}, at {_percent(shares[place])} %."
    return f"{what[:1].upper()}{what[1:]}: most {most}" if what else f"Chairs are fullest {most}"


def _heat_maps(week: Week, maps: Mapping[str, Floats]) -> Drawing:

    rows = -(-len(maps) // 2)
    figure = panels(
        rows=rows,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=tuple(maps),
        vertical_spacing=0.3 / rows if rows > 1 else 0.0,
    )
    days = [_DAYS[day] for day in week.days]
    hours = [f"{hour}–{hour + 1}" for hour in week.hours]
    for at, shares in enumerate(maps.values()):
        table = 100 * shares.reshape(len(days), len(hours)).T
        figure.add_trace(
            heat_map(
                x=days,
                y=hours,
                z=_without_nan(table.round(1)),
                zmin=0,
                zmax=100,
                colorscale=_SCALE,
                showscale=False,
                texttemplate="%{z:.0f}",
                textfont={"size": 11},
                xgap=1,
                ygap=1,
                hoverongaps=False,
                hovertemplate="%{x}, %{y} h: %{z:.1f} %<extra></extra>",
            ),
            row=1 + at // 2,
            col=1 + at % 2,
        )
    styled(figure, height=rows * max(320, 90 + 27 * len(hours)))
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_yaxes(title_text="hour", col=1)
    figure.update_xaxes(showgrid=False, type="category", title_text="weekday")
    return figure


def _without_nan(table: Floats) -> list[list[float | None]]:
    return [[None if np.isnan(value) else value for value in row] for row in table.tolist()]


_SOME_WEEKS = (
    " Means are over all weeks: where a day is open, or somebody is there, in some weeks only, all lines lie low, "
    "and the dots may lie above the dashes."
)


def profile(
    profiles: Columns, patients_per_nurse: Sequence[int], *, some_weeks: bool = False
) -> Chart | None:
    """Show chairs, hands-on tasks and patients watched hour by hour, against capacity.

    Parameters
    ----------
    profiles
        The profiles of all replications, in their order.
    patients_per_nurse
        How many patients a nurse may watch, for each kind of watching there is; may be empty.
    some_weeks
        Whether hours or shifts hold in some weeks only.

    Returns
    -------
    Shown or None
        None if nothing is ever there.
    """
    week = Week.of(profiles)
    if week is None:
        return None
    kinds = _KINDS[: 3 if patients_per_nurse else 2]
    closest = min(patients_per_nurse, default=1)
    loosest = max(patients_per_nurse, default=1)
    watching = (
        ""
        if not patients_per_nurse
        else f" and {closest} for patients watched"
        if closest == loosest
        else f" and {closest} for patients watched (in the step with the closest watching; {loosest} in the "
        "easiest)"
    )
    spread = f"over {week.n} replications" if week.n > 1 else "in one replication"
    return Chart(
        key="profile",
        title="Chairs, hands and eyes through the week",
        says=f"Line: the mean of each hour {spread}; dotted: not exceeded in nine weeks of ten; dashed: the number "
        f"present, counting each nurse once for hands{watching}. Nurses do both, so that both lines may stay below "
        "their dashes while nurses are busy. Where dots touch the dashes, that hour is full in many weeks."
        + (_SOME_WEEKS if some_weeks else ""),
        alt=f"{len(kinds)} panels, one below the other, over the hours of {len(week.days)} weekdays: "
        f"{', '.join(label for _, _, label, _ in kinds)}, each as mean and 90 % quantile beside the number "
        f"present. {_fullest(week, week.share('chairs_held', 'chairs_mean'))}",
        drawing=_profile(week, kinds, closest),
        sheet=_hour_by_hour(week, kinds),
    )


def profile_of_parts(profiles: Columns, *, some_weeks: bool = False) -> Chart | None:
    """Show other places and roles hour by hour, against those present; None if the clinic has none.

    Parameters
    ----------
    profiles
        As for :func:`heat`.
    some_weeks
        As for :func:`profile`.
    """
    week = Week.of(profiles)
    kinds = [] if week is None else _parts(week)
    if week is None or not kinds:
        return None
    spread = f"over {week.n} replications" if week.n > 1 else "in one replication"
    return Chart(
        key="profile-of-parts",
        title="Other places and roles through the week",
        says=f"Line: the mean of each hour {spread}; dotted: not exceeded in nine weeks of ten; dashed: the number "
        "present. Of patients watched the dashes are those who may watch, not how many each may."
        + (_SOME_WEEKS if some_weeks else ""),
        alt=f"{len(kinds)} panels, one below the other, over the hours of {len(week.days)} weekdays: "
        f"{', '.join(label for _, _, label, _ in kinds)}, each as mean and 90 % quantile beside those present.",
        drawing=_profile(week, kinds, 1),
        sheet=_hour_by_hour(week, kinds),
    )


def _hour_by_hour(week: Week, kinds: Sequence[tuple[str, str, str, str]]) -> DataSheet:
    """List what a profile shows, and those present."""
    headings = [f"{label}{what}" for _, _, label, _ in kinds for what in (", mean ± 95 %", ", p90")]
    rows = [
        (*week.named(place), *_values(week, kinds, place))
        for place in range(len(week.days) * len(week.hours))
    ]
    return DataSheet.of(("Weekday", "Hour", *headings, *_there(kinds)), rows)


def _there(kinds: Sequence[tuple[str, str, str, str]]) -> list[str]:
    """Head the columns of those present, in the order of :func:`_values`."""
    usual = {"chairs_mean": "Chairs", "nurses_mean": "Nurses"}
    return [
        usual.get(of, f"{of.partition(':')[2]}, there") for of in dict.fromkeys(of for _, of, _, _ in kinds)
    ]


def _values(week: Week, kinds: Sequence[tuple[str, str, str, str]], place: int) -> list[str]:
    cells = []
    for what, *_ in kinds:
        mean, p90 = week.band(what, "mean"), week.band(what, "p90")
        half = plain(float(mean.half[place]), 2)
        cells += [
            f"{plain(float(mean.mean[place]), 2)}{'' if half == NO_VALUE else f' ± {half}'}",
            plain(float(p90.mean[place]), 2),
        ]
    there = dict.fromkeys(of for _, of, _, _ in kinds)
    return cells + [plain(float(week.bands[of].mean[place]), 2) for of in there]


def _profile(week: Week, kinds: Sequence[tuple[str, str, str, str]], closest: int) -> Drawing:

    figure = panels(rows=len(kinds), cols=1, shared_xaxes=True, vertical_spacing=0.05)
    x, labels = _axis(week)
    for row, (what, of, label, colour) in enumerate(kinds, 1):
        there = week.bands[of].mean * (closest if what == "watched" else 1)
        lines = (
            (there, "there", {"color": CAPACITY, "width": 2, "dash": "dash"}),
            (week.band(what, "p90").mean, "9 weeks in 10 below", {"color": colour, "dash": "dot"}),
            (week.band(what, "mean").mean, "mean", {"color": colour, "width": 2}),
        )
        for values, name, line in lines:
            area = {"fill": "tozeroy", "fillcolor": faded(colour, 0.25)} if name == "mean" else {}
            figure.add_trace(
                scatter(
                    x=x,
                    y=_by_day(week, values),
                    text=labels,
                    name=name,
                    mode="lines",
                    line={**line, "shape": "hv"},
                    hovertemplate=f"%{{text}}: %{{y:.2f}}<extra>{label}, {name}</extra>",
                    legendgroup=name,
                    showlegend=row == 1,
                    **area,
                ),
                row=row,
                col=1,
            )
        figure.update_yaxes(title_text=label, rangemode="tozero", row=row)
    each = len(week.hours) + 2
    figure.update_xaxes(
        tickvals=[k * each + len(week.hours) / 2 for k in range(len(week.days))],
        ticktext=[_DAYS[day] for day in week.days],
        showgrid=False,
    )
    figure.update_xaxes(
        title_text=f"weekday, each from {week.hours[0]} to {week.hours[-1] + 1} h", row=len(kinds)
    )
    return styled(figure, height=180 * len(kinds) + 100)


def _axis(week: Week) -> tuple[list[float], list[str]]:
    """Put the hours of each day beside each other, the last one given twice for its end, and a gap after each."""
    x: list[float] = []
    labels: list[str] = []
    width = len(week.hours)
    for k, day in enumerate(week.days):
        x += [k * (width + 2) + at for at in range(width + 2)]
        names = [f"{_DAYS[day]} {clock(hour)}" for hour in week.hours]
        labels += [*names, names[-1], ""]
    return x, labels


def _by_day(week: Week, values: npt.NDArray[Any]) -> list[float | None]:
    padded: list[float | None] = []
    for day in values.reshape(len(week.days), len(week.hours)).round(3).tolist():
        padded += [*day, day[-1], None]
    return padded
