"""Today's patients on the clock: until when they could be heard of, and when their last infusion ended."""

import pytest

from simclinic.sampling.today import Today
from simclinic.scenario import baseline, with_overrides
from simclinic.scenario.panel import Panel, PanelPatient

HOUR, DAY = 60.0, 1440.0


def today(*overrides, last=None):
    scenario = with_overrides(baseline(), overrides)
    patient = PanelPatient(1, "maintained", "twice-weekly", 6, 0, None, last, None)
    return Today(scenario, Panel((patient,)))


@pytest.mark.parametrize(
    ("overrides", "heard"),
    [
        (("run.start=2026-03-02",), 17 * HOUR - 3 * DAY),  # a Monday: last heard on Friday at five
        (("run.start=2026-03-04",), 17 * HOUR - 1 * DAY),  # a Wednesday: yesterday at five
        (("run.start=2026-03-02", "clinic.closed_on=[2026-02-27]"), 17 * HOUR - 4 * DAY),
        (("run.start=2026-03-02", "clinic.hours.sun=24h"), 0.0),
        (
            ("run.start=2026-03-02", 'changes={"2026-02-26" = {"clinic.hours.fri" = "08:00-13:00"}}'),
            13 * HOUR - 3 * DAY,
        ),
    ],
)
def test_patients_are_heard_until_the_last_closing(overrides, heard):
    assert today(*overrides).heard == heard


def test_an_infusion_of_which_only_the_date_is_known_ends_in_the_middle_of_the_day():
    import datetime as dt

    there = today("run.start=2026-03-02", last=dt.date(2026, 2, 27))
    assert there.last.tolist() == [12.5 * HOUR - 3 * DAY]
    exact = today("run.start=2026-03-02", last=dt.datetime(2026, 2, 27, 15, 20))
    assert exact.last.tolist() == [15 * HOUR + 20 - 3 * DAY]
