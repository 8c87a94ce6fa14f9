import pytest

from simclinic.scenario.hours import Hours, Span, by_weekday, clock
from simclinic.scenario.problems import Broken


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


@pytest.mark.parametrize("written", [["08:00-12:00", "13:00-17:00"], "08:00-12:00, 13:00-17:00"])
def test_several_spans_are_several_shifts(written):
    with pytest.raises(ValueError, match=r"must be one span.*write a shift for each span"):
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


# -- Several spans a day -----------------------------------------------------------------------------------

NOON = Hours((Span(480, 720), Span(780, 1020)))


@pytest.mark.parametrize(
    "written",
    [["08:00-12:00", "13:00-17:00"], "08:00-12:00, 13:00-17:00", "08:00-12:00,13:00-17:00", NOON,
     (Span(480, 720), Span(780, 1020))],
)  # fmt: skip
def test_several_spans_are_a_list_or_a_text(written):
    hours = Hours.read(written)
    assert hours == NOON
    assert (hours.start, hours.end, hours.minutes) == (480, 1020, 480)
    assert hours.pauses == (Span(720, 780),)
    assert str(hours) == "08:00-12:00, 13:00-17:00"
    assert Hours.read(str(hours)) == hours


@pytest.mark.parametrize("written", ["08:00-17:00", ["08:00-17:00"], Span(480, 1020)])
def test_one_span_is_as_ever(written):
    hours = Hours.read(written)
    assert hours == Hours.of(480, 1020)
    assert hours.pauses == ()
    assert str(hours) == "08:00-17:00"


@pytest.mark.parametrize(
    ("written", "faults"),
    [
        ("08:00-12:00, 11:00-17:00", [((), "the spans 08:00-12:00 and 11:00-17:00 overlap")]),
        (["24h", "08:00-12:00"], [((), "the spans 24h and 08:00-12:00 overlap")]),
        ("08:00-12:00, 12:00-17:00", [((), "08:00-12:00 and 12:00-17:00 are one span: write 08:00-17:00")]),
        (["13:00-17:00", "08:00-12:00"],
         [((), "the spans must be in order: 08:00-12:00 comes before 13:00-17:00")]),
        ([], [((), "must have at least one span; leave a closed weekday out")]),
        (["8-12", "13:00-12:00", "14:00-15:00", "14:30-16:00"],
         [((0,), 'must be hours such as "08:00-17:00" (in quotes, two digits each), or "24h"'),
          ((1,), "must end after it starts; write a span that passes midnight as two"),
          ((), "the spans 14:00-15:00 and 14:30-16:00 overlap")]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_with_spans(written, faults):
    with pytest.raises(Broken) as caught:
        Hours.read(written)
    assert [(fault.at, fault.rule) for fault in caught.value.faults] == faults


def test_open_at_overlap_and_middle():
    open_at = [NOON.open_at(minute) for minute in (479, 480, 719, 720, 779, 780, 1020)]
    assert open_at == [False, True, True, False, False, True, False]
    spans = [Span(400, 480), Span(400, 481), Span(720, 780), Span(719, 780), Span(720, 781), Span(1020, 1100)]
    assert [NOON.overlap(span) for span in spans] == [False, True, False, True, True, False]
    assert NOON.middle == 720
    assert Hours((Span(480, 540), Span(780, 1020))).middle == 870
    assert Hours.of(480, 1020).middle == 750


def test_longer_hours_keep_their_pauses():
    assert str(NOON.longer(30, 60)) == "07:30-12:00, 13:00-18:00"
    assert str(NOON.reaching(600, 700)) == "10:00-11:40"
    assert str(NOON.reaching(600, 780)) == "10:00-13:00"
