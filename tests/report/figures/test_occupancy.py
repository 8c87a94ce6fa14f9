"""The week's profile drawn: shares of what is there, closed hours blank, lines with a gap between days."""

import numpy as np
import pytest

from simclinic.report.figures.occupancy import heat, heat_of_parts, profile, profile_of_parts

COLUMNS = ("chairs_held", "hands_on", "watched")


def profiles(replications=2):
    """Monday and Tuesday from 8 to 10, three chairs and two nurses; on Monday somebody stays until 10:30."""
    table = {f"{name}_{what}": np.zeros((replications, 168)) for name in COLUMNS for what in ("mean", "p90")}
    table |= {name: np.zeros((replications, 168)) for name in ("chairs_mean", "nurses_mean")}
    for at in (8, 9, 24 + 8, 24 + 9):
        table["chairs_mean"][:, at] = 3
        table["nurses_mean"][:, at] = 2
        table["chairs_held_p90"][:, at] = 2.5
    table["chairs_held_mean"][:, 8] = [1.0, 2.0][:replications]
    table["chairs_held_mean"][:, 9] = 2.4
    table["chairs_held_mean"][:, 10] = 0.5
    table["hands_on_mean"][:, 8] = 1.0
    table["watched_mean"][:, 24 + 9] = 1.5
    return {name: values.ravel() for name, values in table.items()}


def test_cells_are_shares_of_what_is_there():
    chairs, hands = heat(profiles()).figure.data
    assert list(chairs.x) == ["Mon", "Tue"]
    assert list(chairs.y) == ["8–9", "9–10", "10–11"]
    assert [list(row) for row in chairs.z] == [[50, 0], [80, 0], [None, None]]
    assert [list(row) for row in hands.z] == [[50, 0], [0, 0], [None, None]]
    assert (chairs.zmin, chairs.zmax) == (0, 100)


def test_text_names_the_fullest_hour_and_its_uncertainty():
    shown = heat(profiles())
    assert "fullest on Mon, 9–10 h, at 80 %" in shown.says
    assert "fullest on Mon, 9–10 h, at 80 %" in shown.alt
    # two replications, 1 and 2 chairs of 3: half a chair is one standard error, 12.706 × 0.5 / 3
    assert "± 211.8 points" in shown.says
    assert shown.sheet.rows[1] == ("9–10 h", "80 / 0", "0 / 0")
    assert shown.sheet.rows[2] == ("10–11 h", "— / —", "— / —")


def test_lines_hold_mean_quantile_and_capacity_for_each_panel():
    shown = profile(profiles(), (2, 4))
    assert len(shown.figure.data) == 9
    there, p90, mean = shown.figure.data[:3]
    # three hours, the last one drawn to its end, and a gap, for each of two days
    assert list(mean.y) == [1.5, 2.4, 0.5, 0.5, None, 0, 0, 0, 0, None]
    assert list(there.y) == [3, 3, 0, 0, None, 3, 3, 0, 0, None]
    assert list(p90.y)[:2] == [2.5, 2.5]
    watched = shown.figure.data[6]
    assert list(watched.y)[:2] == [4, 4]  # two nurses, two patients each where watching is closest
    assert {each.line.shape for each in shown.figure.data} == {"hv"}
    assert shown.sheet.rows[0][:3] == ("Mon", "8–9 h", "1.50 ± 6.35")


def parts():
    """A room, which somebody has for a half of Monday's first hour, and a doctor there from 8 to 9 on Mondays."""
    columns = profiles()
    more = {f"chairs_held_{what}:room": np.zeros((2, 168)) for what in ("mean", "p90")}
    more |= {f"{name}_{what}:doctor": np.zeros((2, 168)) for name in COLUMNS[1:] for what in ("mean", "p90")}
    more |= {name: np.zeros((2, 168)) for name in ("chairs_mean:room", "nurses_mean:doctor")}
    more["chairs_mean:room"] = columns["chairs_mean"].reshape(2, 168) / 3
    more["chairs_held_mean:room"][:, 8] = 0.5
    more["nurses_mean:doctor"][:, 8] = 1.0
    more["hands_on_mean:doctor"][:, 8] = 0.75
    return columns | {name: values.ravel() for name, values in more.items()}


def test_other_places_and_roles_have_maps_of_their_own():
    shown = heat_of_parts(parts())
    room, doctor = shown.figure.data
    assert [list(row) for row in room.z] == [[50, 0], [0, 0], [None, None]]
    assert [list(row) for row in doctor.z] == [[75, None], [None, None], [None, None]]
    assert [each.text for each in shown.figure.layout.annotations] == ["room", "doctor: hands"]
    assert "Doctor: hands: most on Mon, 8–9 h, at 75 %." in shown.says
    assert shown.sheet.rows[0] == ("Mon", "8–9 h", "50", "75")
    assert heat_of_parts(profiles()) is None


def test_other_places_and_roles_have_lines_of_their_own():
    shown = profile_of_parts(parts())
    assert len(shown.figure.data) == 6  # the doctor watches nobody
    there, _, mean = shown.figure.data[3:]
    assert (list(there.y)[:2], list(mean.y)[:2]) == ([1.0, 0.0], [0.75, 0.0])
    assert shown.sheet.headings[-2:] == ("room, there", "doctor, there")
    assert shown.sheet.rows[0][-2:] == ("1.00", "1.00")
    assert profile_of_parts(profiles()) is None
    # A day that is open in some weeks only has fewer chairs on average than are held when it is.
    for some, without in (
        (profile_of_parts(parts(), some_weeks=True), shown),
        (profile(parts(), (2,), some_weeks=True), profile(parts(), (2,))),
    ):
        assert "in some weeks only, all lines lie low" in some.says
        assert "in some weeks only" not in without.says


def test_nobody_is_watched_where_no_step_says_so():
    shown = profile(profiles(), ())
    assert len(shown.figure.data) == 6
    assert "watched" not in shown.alt


def test_one_replication_has_no_intervals():
    shown = profile(profiles(1), (2,))
    assert shown.sheet.rows[0][2] == "1.00"
    assert "One replication" in heat(profiles(1)).says


@pytest.mark.parametrize("draw", [heat, lambda table: profile(table, (2,))])
def test_a_clinic_that_is_never_open_is_not_drawn(draw):
    assert draw({name: 0 * values for name, values in profiles().items()}) is None
