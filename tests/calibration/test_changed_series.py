"""How often a series is, and clinics that changed it: hand-written patients, with results known beforehand."""

import datetime as dt

import pytest

from simclinic.calibration import Options, calibrate
from simclinic.calibration.schedules import find_schedule
from simclinic.calibration.settings.changed_series import Change, find_change
from simclinic.scenario import baseline
from tests.calibration.clinic import export

MONDAY = dt.date(2024, 1, 1).toordinal()


def series(week, gaps, *, patient=0, weekday=0):
    """Return a patient's visits: the first in a week, the others after so many days each."""
    day, visits = MONDAY + 7 * week + weekday, []
    for gap in (0, *gaps):
        day += gap
        visits.append((f"p{100 * week + patient}", day, ""))
    return visits


def learnt(tmp_path, visits):
    path = tmp_path / "visits.csv"
    path.write_text(export(visits))
    return calibrate(path, baseline(), Options(whole_history=True))


def warnings(result, words):
    return [each for each in result.findings.warnings if words in each]


def shares(result):
    return {
        each.parameter.rpartition(".")[2]: each.estimate
        for each in result.findings.estimates
        if each.parameter.startswith("demand.protocol_mix.")
    }


@pytest.mark.parametrize(
    ("gaps", "weekday", "protocol"),
    [
        ([2, 5, 2, 5, 2], 1, "twice-weekly"),  # Tuesdays and Thursdays, from a Tuesday on
        ([5, 2, 5, 2, 5], 3, "twice-weekly"),  # from a Thursday on
        ([2, 2, 3, 2, 2], 0, "thrice-weekly"),
        ([2, 5, 2, 2, 3], 0, "thrice-weekly"),  # a Friday missed
        ([3, 4, 3, 4, 3], 0, "twice-weekly"),
        ([2, 5, 7, 2, 5], 1, "twice-weekly"),  # a Tuesday missed
    ],
)
def test_how_often_a_series_is(tmp_path, gaps, weekday, protocol):
    visits = [row for week in range(20) for row in series(week, gaps, weekday=weekday)]
    assert shares(learnt(tmp_path, visits)) == {protocol: 1.0}


def test_gaps_that_are_not_the_protocols_are_told(tmp_path):
    """A visit a week, six times: no gap is of 3 to 4 days. The series keeps to the calendar, relapses do not."""
    visits = [
        row
        for week in range(60)
        for row in series(week, [7] * 5 + [20 + week % 23, 30 + week % 11, 17 + week % 29], weekday=week % 5)
    ]
    result = learnt(tmp_path, visits)
    assert find_schedule(result.courses) is None
    [told] = warnings(result, "gaps within series are 3 to 4 days")
    assert "half of them are 7 days" in told
    assert "protocols.twice-weekly.gap_days = [7, 7]" in told


def test_gaps_of_the_protocol_need_no_word(tmp_path):
    visits = [row for week in range(30) for row in series(week, [3, 4, 3, 4, 3])]
    result = learnt(tmp_path, visits)
    assert not warnings(result, "gaps within series")
    assert not warnings(result, "of the series that began before")


def test_a_number_of_infusions_that_changed_is_told(tmp_path):
    """Six infusions until the week of 2024-10-07, four from then on, as the clinic decided."""
    visits = [
        row
        for week in range(60)
        for patient in range(2)
        for row in series(week, [3, 4, 3, 4, 3] if week < 40 else [3, 4, 3], patient=patient)
    ]
    [told] = warnings(learnt(tmp_path, visits), "of the series that began before 2024-10-07")
    assert "100 % had 6 infusions" in told
    assert "100 % had 4 infusions" in told
    assert "--leave-out 2024-01-01/2024-10-06" in told


def test_days_between_infusions_that_changed_are_told(tmp_path):
    """Fewer gaps are of 3 to 4 days than of 7: one warning says it, not two."""
    visits = [row for week in range(60) for row in series(week, [3, 4, 3, 4, 3] if week < 25 else [7] * 5)]
    result = learnt(tmp_path, visits)
    [told] = warnings(result, "of the series that began before 2024-06-24")
    assert "100 % were twice a week" in told
    assert "100 % were once a week" in told
    assert not warnings(result, "gaps within series are")


def test_series_that_began_late_are_no_change(tmp_path):
    """Of those that began in the last weeks only the short ones have ended."""
    visits = [row for week in range(40) for row in series(week, [3, 4, 3, 4, 3])]
    for week in range(34, 40):
        for patient in range(1, 5):
            visits += series(week, [3], patient=patient)
    assert not warnings(learnt(tmp_path, visits), "of the series that began before")


def test_changes_by_chance_are_none():
    """Six and four alternate: neither is commoner in any part by more than chance."""
    assert find_change([(day, 6 if day % 2 else 4) for day in range(200)]) is None
    assert find_change([]) is None
    few = [(day, 6 if day < 8 else 4) for day in range(60)]
    assert find_change(few) is None or find_change(few).before == 6
    assert find_change([(day, 6 if day < 100 else 4) for day in range(200)]) == Change(100, 6, 4, (1.0, 1.0))
