"""Days of the week as people name them, and axes that stay where a figure can be."""

import numpy as np
import pytest

from simclinic.planning.capacity import capacity_on_paper
from simclinic.report.figures.pairs import paired_replications
from simclinic.report.figures.sweep_lines import sweep_lines
from simclinic.report.figures.trade_off import trade_off
from simclinic.report.text.run import _alike
from simclinic.scenario import baseline, from_toml


def weekdays(hours):
    times = "\n".join(f'{day} = "08:00-17:00"' for day in hours)
    days = ", ".join(f'"{day}"' for day in hours)
    shift = f'[shifts.day]\ndays = [{days}]\nhours = "07:30-17:30"\nnurses = 2\n'
    (plan,) = capacity_on_paper(
        from_toml(f"name = 'Week'\n[clinic]\nchairs = 3\n[clinic.hours]\n{times}\n{shift}")
    )
    return [days for days, _, _ in _alike(plan)]


@pytest.mark.parametrize(
    ("open_days", "message"),
    [
        (("mon", "tue", "thu", "fri"), ["Mon, Tue, Thu, Fri"]),
        (("mon", "tue", "wed", "thu", "fri"), ["Mon to Fri"]),
        (("mon", "wed", "fri"), ["Mon, Wed, Fri"]),
        (("tue", "wed", "thu"), ["Tue to Thu"]),
    ],
)
def test_a_closed_wednesday_is_not_between_monday_and_friday(open_days, message):
    assert weekdays(open_days) == message


def test_no_axis_has_negative_days_or_more_than_all_chairs():
    between = {"from": "a", "to": "b", "kpis": {}}
    for name in ("access_days_mean", "chair_utilisation", "margin_per_week"):
        between["kpis"][name] = {"variance_ratio": 2.0}
    one = {
        "access_days_mean": np.array([0.0, 8.0, 4.0]),
        "chair_utilisation": np.array([0.2, 1.0, 0.9]),
        "margin_per_week": np.array([-100.0, 100.0, 0.0]),
    }
    figure = paired_replications(between, one, one, "USD").figure
    axes = [figure.layout.xaxis, figure.layout.xaxis2, figure.layout.xaxis3]
    ranges = {tuple(axis.range) for axis in axes}
    assert any(low == 0.0 and high > 8 for low, high in ranges)
    assert any(high == 100.0 for _, high in ranges)
    assert any(low < -100 for low, _ in ranges)


def test_intervals_of_points_end_where_the_figure_does():
    """Two replications far apart: Student's interval alone would reach below 0 days."""
    points = {"chairs": np.array([2, 3]), "stable": np.array([1, 1]), "replications": np.array([2, 2])}
    runs = {
        "point": np.array([0, 0, 1, 1]),
        "replication": np.array([0, 1, 0, 1]),
        "access_days_mean": np.array([1.0, 9.0, 2.0, 3.0]),
    }
    shown = sweep_lines("access_days_mean", ["chairs"], points, runs, "USD", grid=True)
    (line,) = shown.figure.data
    assert line.error_y.arrayminus[0] == pytest.approx(line.y[0])
    assert line.error_y.array[0] > line.y[0]
    assert shown.figure.layout.yaxis.autorangeoptions.clipmin == 0.0
    points |= {
        "access_days_mean": np.array([5.0, 2.5]),
        "access_days_mean_half_width": np.array([50.0, 6.0]),
        "access_days_mean_low": np.array([0.0, 0.0]),
        "access_days_mean_high": np.array([55.0, 8.5]),
        "margin_per_week": np.array([10.0, 5.0]),
        "margin_per_week_half_width": np.array([1.0, 1.0]),
    }
    figure = trade_off(["chairs"], points, "USD").figure
    assert figure.layout.xaxis.autorangeoptions.clipmin == 0.0
    efficient = figure.data[-1]
    assert efficient.error_x.arrayminus[0] == pytest.approx(efficient.x[0])


def test_the_baseline_says_monday_to_friday():
    (plan,) = capacity_on_paper(baseline())
    assert next(iter(_alike(plan)))[0] == "Mon to Fri"
