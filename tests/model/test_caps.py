"""Caps on series starts per week, and on patients in a series."""

from tests.model.small import clinic, days_of, reasons, run


def test_no_series_a_week_is_none():
    records = run(clinic("[booking]\nmax_series_starts_per_week = 0", referrals=[(0, 500)] * 3))
    assert days_of(records) == []
    assert reasons(records) == ["balked"] * 3
