"""The book against a search in plain words: every chain tried, every day looked at."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simclinic.planning import Timetable
from simclinic.planning.book import Closings, Gaps, gaps, reserved
from simclinic.records import DAY
from tests.model.small import MONDAY, clinic

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


# -- The book in plain words -------------------------------------------------------------------------------


class PlainBook:
    """What model.md says of the book, with lists and loops."""

    def __init__(self, timetable, window):
        self.calendar = timetable.calendar
        self.starts = {
            day: [[start, True] for start in grid.starts] for day, grid in enumerate(timetable.grids) if grid
        }
        self.window = window
        booking = timetable.scenario.booking
        self.prefer, self.release = booking.prefer_days, booking.release_days
        self.limit = {
            day: len(starts) - reserved(len(starts), booking.booster_reserve)
            for day, starts in self.starts.items()
        }
        self.series_taken = dict.fromkeys(self.starts, 0)

    def take(self, day, now, *, series):
        for start in self.starts[day]:
            if start[1] and day * DAY + start[0] > now:
                start[1] = False
                self.series_taken[day] += series
                return day * DAY + start[0]
        raise AssertionError("no start")

    def free(self, day, now, *, series):
        today = int(now // DAY)
        if not today <= day <= today + self.window or day not in self.starts:
            return False
        if series and day - today > self.release and self.series_taken[day] >= self.limit[day]:
            return False
        return any(there and day * DAY + start > now for start, there in self.starts[day])

    def closed_inside(self, day, later):
        return sum(self.calendar.closed_on[day + 1 : later])

    def chain(self, now, length, protocol, *, earliest, latest, series=True):
        preferred = self.first_chain(now, length, protocol, earliest, latest, series, preferred=True)
        permitted = self.first_chain(now, length, protocol, earliest, latest, series, preferred=False)
        if preferred is None or (permitted is not None and preferred[0] > permitted[0] + self.prefer):
            return permitted
        return preferred

    def first_chain(self, now, length, protocol, earliest, latest, series, *, preferred):
        for first in range(max(earliest, 0), latest + 1):
            if self.free(first, now, series=series):
                result = self.deeper([first], now, length, protocol, series, preferred=preferred)
                if result is not None:
                    return result
        return None

    def deeper(self, chain, now, length, protocol, series, *, preferred):
        """Depth first, backtracking, gaps nearest the preferred window first, shorter first."""
        if len(chain) == length:
            return chain
        day = chain[-1]
        for gap in self.gaps_from(day, protocol, preferred=preferred):
            if self.free(day + gap, now, series=series):
                result = self.deeper([*chain, day + gap], now, length, protocol, series, preferred=preferred)
                if result is not None:
                    return result
        return None

    def gaps_from(self, day, protocol, *, preferred):
        fewest, most = protocol.gap_days if preferred else protocol.permitted_gap_days
        results = []
        for gap in range(fewest, most + 40):
            extra = self.closed_inside(day, day + gap)  # upper limits lengthen
            if gap <= most + extra:
                low, high = protocol.gap_days
                results.append((max(low - gap, gap - high - extra, 0), gap))
        return [gap for _, gap in sorted(results)]

    def following(self, now, last_day, protocol, *, series):
        """Preferred, else permitted, else the first start after."""
        for gap in self.gaps_from(last_day, protocol, preferred=False):
            if self.free(last_day + gap, now, series=series):
                return last_day + gap
        return self.first_day(now, last_day + protocol.permitted_gap_days[0], None, series=series)

    def first_day(self, now, earliest, latest, *, series):
        last = int(now // DAY) + self.window if latest is None else latest
        return next(
            (day for day in range(max(earliest, 0), last + 1) if self.free(day, now, series=series)), None
        )

    def third_next(self, now, length, protocol, *, earliest):
        result = 0
        today = int(now // DAY)
        for day in range(earliest, today + self.window + 1):
            if self.free(day, now, series=True) and self.deeper(
                [day], now, length, protocol, True, preferred=False
            ):
                left = sum(there and day * DAY + start > now for start, there in self.starts[day])
                if day - today > self.release:
                    left = min(left, self.limit[day] - self.series_taken[day])
                result += left
                if result >= 3:
                    return day - today
        return None


@st.composite
def books(draw):
    """Draw a small clinic with some of its starts taken; gives timetable, book, plain book and protocol."""
    days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True))
    hours = "".join(f'{day} = "08:00-17:00"\n' for day in days)
    times = {
        day: draw(st.lists(st.sampled_from(["08:00", "09:00", "13:30"]), min_size=0, max_size=4))
        for day in days
    }
    starts = "".join(f"{day} = {times[day]}\n".replace("'", '"') for day in days)
    closed = draw(st.lists(st.integers(0, 27), max_size=6, unique=True))
    dates = ", ".join(str(MONDAY + datetime.timedelta(days=day)) for day in sorted(closed))
    low = draw(st.integers(1, 5))
    high = draw(st.integers(low, low + 3))
    least = draw(st.integers(1, low))
    most = draw(st.integers(high, high + 4))
    scenario = clinic(
        f"""
        [clinic]
        closed_on = [{dates}]
        [clinic.hours]
        {hours}
        [booking.starts]
        {starts}
        [shifts.day]
        days = {sorted(days)}
        hours = "08:00-17:00"
        nurses = 1
        [booking]
        window_weeks = {draw(st.integers(1, 4))}
        prefer_days = {draw(st.integers(0, 9))}
        booster_reserve = {draw(st.sampled_from([0.0, 0.3, 0.5, 1.0]))}
        release_days = {draw(st.integers(0, 5))}
        [protocols.many]
        infusions = {draw(st.integers(1, 5))}
        gap_days = [{low}, {high}]
        permitted_gap_days = [{least}, {most}]
        [demand.protocol_mix]
        many = 1.0
        """
    )
    timetable = Timetable(scenario)
    book, plain = timetable.book(), PlainBook(timetable, 7 * scenario.booking.window_weeks)
    for _ in range(draw(st.integers(0, 12))):
        day = draw(st.integers(0, 27))
        series = draw(st.booleans())
        if plain.free(day, -1, series=False) and (not series or plain.series_taken[day] < plain.limit[day]):
            place, minute = book.take(day, -1.0, series=series)
            assert minute == plain.take(day, -1.0, series=series)
            if draw(st.booleans()) and draw(st.booleans()):
                book.give_back(day, place, series=series)
                for start in plain.starts[day]:
                    if start[0] == minute - day * DAY and not start[1]:
                        start[1] = True
                        break
                plain.series_taken[day] -= series
    return timetable, book, plain, scenario.protocols["many"]


moments = st.floats(0, 14 * DAY - 1)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(books(), moments, st.integers(0, 5), st.integers(0, 20), st.booleans())
def test_chain(made, now, notice, patience, series):
    timetable, book, plain, protocol = made
    today = int(now // DAY)
    asked = {"earliest": today + notice, "latest": today + patience, "series": series}
    chain = book.chain(now, protocol.infusions, timetable.gaps[0], **asked)
    assert chain == plain.chain(now, protocol.infusions, protocol, **asked)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(books(), moments, st.integers(0, 10), st.booleans())
def test_following(made, now, ago, series):
    timetable, book, plain, protocol = made
    last_day = max(0, int(now // DAY) - ago)
    assert book.following(now, last_day, timetable.gaps[0], series=series) == plain.following(
        now, last_day, protocol, series=series
    )


@settings(max_examples=100, deadline=None, derandomize=True)
@given(books(), moments, st.integers(-3, 15), st.none() | st.integers(-3, 15), st.booleans())
def test_first_day_and_the_start_taken_on_it(made, now, earliest, latest, series):
    _, book, plain, _ = made
    today = int(now // DAY)
    until = None if latest is None else today + latest
    day = book.first_day(now, earliest=today + earliest, latest=until, series=series)
    assert day == plain.first_day(now, max(today + earliest, today), until, series=series)
    if day is not None:
        assert (
            book.next_start(day, now)
            == book.take(day, now, series=series)[1]
            == plain.take(day, now, series=series)
        )
        assert book.first_day(now, earliest=day, latest=day, series=series) == plain.first_day(
            now, day, day, series=series
        )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(books(), moments, st.integers(0, 5))
def test_third_next(made, now, notice):
    timetable, book, plain, protocol = made
    asked = {"earliest": int(now // DAY) + notice}
    result = book.third_next(now, protocol.infusions, timetable.gaps[0], **asked)
    assert result == plain.third_next(now, protocol.infusions, protocol, **asked)


# -- On paper ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "share", "held"),
    [(10, 0.0, 0), (10, 0.25, 3), (30, 0.1, 3), (7, 1.0, 7), (3, 0.01, 1), (0, 0.5, 0)],
)
def test_the_reserve_is_rounded_up(starts, share, held):
    assert reserved(starts, share) == held


def test_gaps_lengthen_by_each_closed_date_inside():
    # Gaps of 3-4 (2-7); day 5 and day 6 are closed by date.
    closed = [day in (5, 6) for day in range(40)]
    protocol = clinic(
        "[protocols.once]\ninfusions = 2\ngap_days = [3, 4]\npermitted_gap_days = [2, 7]"
    ).protocols["once"]
    made = gaps(protocol, Closings(closed))
    assert isinstance(made, Gaps)
    assert made.least == 2

    def allowed(pairs, day):
        return sorted({gap for gap, since in pairs if since >> day & 1})

    # From day 1 to day 5 is 4 days, to day 6 is 5 with day 5 inside, to day 7 is 6 with both inside.
    assert allowed(made.preferred, 1) == [3, 4, 5, 6]
    assert allowed(made.preferred, 2) == [3, 4, 5, 6]
    assert allowed(made.preferred, 4) == [3, 4, 5, 6]
    assert allowed(made.preferred, 5) == [3, 4, 5]  # the closed day 6 lies inside, day 5 is where it begins
    assert allowed(made.preferred, 6) == [3, 4]
    assert allowed(made.preferred, 0) == [3, 4]  # five days would need a closed one of the days 1 to 4
    assert allowed(made.permitted, 0) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert allowed(made.permitted, 10) == [2, 3, 4, 5, 6, 7]


def test_nearest_the_preferred_window_as_it_is_lengthened():
    # Four days preferred, 1 to 5 permitted. Six days over a closed one are but one day too many: nearer than two
    # days, which are two too few.
    protocol = clinic(
        "[protocols.once]\ninfusions = 2\ngap_days = [4, 4]\npermitted_gap_days = [1, 5]"
    ).protocols["once"]
    order = gaps(protocol, Closings([day == 3 for day in range(40)])).order

    def chosen(day):
        return list(dict.fromkeys(gap for gap, since in order if since >> day & 1))

    assert chosen(20) == [4, 3, 5, 2, 1]
    assert chosen(2) == [4, 5, 3, 6, 2, 1]
