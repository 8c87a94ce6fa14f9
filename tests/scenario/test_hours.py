import pytest

from simclinic.scenario.hours import Span, by_weekday, clock


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [("08:00-17:00", 480, 1020), ("24h", 0, 1440), ("00:00-24:00", 0, 1440), ("23:59-24:00", 1439, 1440)],
)
def test_spans_are_read_in_minutes(written, start, end):
    span = Span.read(written)
    assert (span.start, span.end, span.minutes) == (start, end, end - start)
    assert Span.read(str(span)) == span


@pytest.mark.parametrize(
    "written",
    ["8:00-17:00", "08:00", "08:00 - 17:00", "08:00-25:00", "08:60-09:00", "24:00-24:00",
     "٠٨:٠٠-٠٩:٠٠", "", 8, None,
     "08:00-17:00\n", True],
)  # fmt: skip
def test_other_spellings_are_refused(written):
    with pytest.raises(ValueError, match="must be hours such as"):
        Span.read(written)


@pytest.mark.parametrize("written", ["17:00-08:00", "08:00-08:00"])
def test_a_span_ends_after_it_starts(written):
    with pytest.raises(ValueError, match="must end after it starts"):
        Span.read(written)


def test_whole_day_is_written_as_24h():
    assert str(Span(0, 1440)) == "24h"
    assert str(Span(0, 1439)) == "00:00-23:59"


def test_clock():
    assert [clock(minutes) for minutes in (0, 570, 1439)] == ["00:00", "09:30", "23:59"]


def test_weekdays_come_in_their_order():
    assert list(by_weekday({"fri": 1, "mon": 2})) == ["mon", "fri"]
