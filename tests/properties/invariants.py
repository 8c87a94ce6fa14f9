"""What must be true of every path, checked from the three tables and the scenario alone.

The capacity over time is worked out here anew, from the tables of days and the scenario's breaks: not a line of
the model is used.
"""

import datetime
import math
from bisect import bisect_right
from itertools import pairwise

import numpy as np

from simclinic import records as r
from simclinic.records import DAY

INF = math.inf
FREED = (r.CANCELLED, r.RELEASED, r.MOVED)


def check(records, scenario, panel=()):
    """Check every invariant; `panel` are today's patients, in their order, if the simulation began with them."""
    House(records, scenario, panel).check()


class House:
    """One run, ready to be looked at."""

    def __init__(self, records, scenario, panel=()):
        self.records, self.scenario = records, scenario
        old = np.flatnonzero(records.patients["origin"] == 1).tolist()
        self.today = dict(zip(old, panel, strict=True))
        self.visits, self.patients, self.days = records.visits, records.patients, records.days
        self.end, self.first_day = records.end, records.first_day
        self.walk_in = scenario.booking.mode == "walk-in"
        self.rows = [self._row(place) for place in range(len(self.visits["patient"]))]
        self.steps = list(scenario.visit.steps.values())
        self.with_patient = sum(step.patient for step in self.steps)
        self.came = [row for row in self.rows if not math.isnan(row["arrived"])]

    def _row(self, place):
        row = {name: column[place].tolist() for name, column in self.visits.items()}
        return row | {"place": place}

    def check(self):
        self.patients_are_accounted_for()
        self.every_appointment_has_one_outcome()
        self.nothing_is_known_of_the_future()
        self.steps_follow_one_another()
        self.nobody_is_served_before_their_time()
        self.nobody_is_in_two_places()
        self.chairs_hold_one_each_and_are_first_come_first_served()
        self.nurses_suffice_when_something_starts()
        self.numbers_and_attempts_count()
        self.patients_agree_with_their_visits()
        self.days_agree_with_visits()
        if not self.walk_in:
            self.nobody_comes_on_another_day()
            self.the_book_is_kept()
            self.gaps_are_kept()

    # -- accounts -------------------------------------------------------------------------------------------

    def patients_are_accounted_for(self):
        reason, left = self.patients["reason"], self.patients["left"]
        assert (np.isnan(left) == (reason == r.STILL_HERE)).all()
        assert not (left < self.patients["referred"]).any()
        assert not np.isnan(self.patients["referred"][self.patients["origin"] == 0]).any()
        assert len(reason) == (reason == r.STILL_HERE).sum() + np.isfinite(left).sum()
        names = (self.patients[name].tolist() for name in ("origin", "day", "ordinal"))
        identities = set(zip(*names, strict=True))
        assert len(identities) == len(reason)

    def every_appointment_has_one_outcome(self):
        for row in self.rows:
            outcome = row["outcome"]
            assert (outcome == r.TO_COME) == math.isnan(row["decided"]), row
            arrived = not math.isnan(row["arrived"])
            if outcome in (r.COMPLETED, r.BALKED):
                assert arrived
                assert row["decided"] == row["left"]
            elif outcome != r.TO_COME:
                assert not arrived, row
            if not math.isnan(row["booked"]):
                # when today's patients asked for what was promised is not known
                assert not math.isnan(row["requested"]) or row["patient"] in self.today
                assert (
                    row["appointment"] >= row["booked"]
                    if self.walk_in
                    else row["appointment"] > row["booked"]
                )
            else:
                assert outcome in (r.TO_COME, r.RELEASED)
            assert math.isnan(row["dose"]) == (outcome != r.COMPLETED)

    def nothing_is_known_of_the_future(self):
        for name in ("booked", "decided", "arrived", "chair_from", "chair_free", "left"):
            known = self.visits[name][np.isfinite(self.visits[name])]
            assert (known < self.end).all(), name
        for name in ("step_start", "step_end"):
            assert not (self.visits[name] >= self.end).any()
        for name in (
            "consulted",
            "ready",
            "first_infusion",
            "last_infusion",
            "series_ended",
            "programme",
            "left",
        ):
            assert not (self.patients[name] >= self.end).any(), name

    # -- visits ---------------------------------------------------------------------------------------------

    def opening(self, minute):
        """Opening of the day of a moment; the day may be the first after the end, whose patients come early."""
        day = int(minute // DAY)
        date = self.records.start + datetime.timedelta(days=day)
        clinic = self.scenario.at(date).clinic
        assert not clinic.closed(date)
        return day * DAY + clinic.usual(date).start

    def asked_for_chair(self, row):
        """When the patient wants a chair; NaN if it did not come to that."""
        first = next(place for place, step in enumerate(self.steps) if step.chair)
        return self.begins(row) if first == 0 else row["step_end"][first - 1]

    def begins(self, row):
        """From when on the patient may be served."""
        if self.walk_in:
            return row["arrived"]
        return self.after_pause(max(row["arrived"], self.opening(row["appointment"])))

    def after_pause(self, minute):
        """The end of the pause in which a moment lies; the moment itself if it lies in none."""
        date = self.records.start + datetime.timedelta(days=minute // DAY)
        hours = self.scenario.at(date).clinic.usual(date)
        for pause in () if hours is None or self.scenario.at(date).clinic.closed(date) else hours.pauses:
            if pause.start <= minute % DAY < pause.end:
                return minute // DAY * DAY + pause.end
        return minute

    def steps_follow_one_another(self):
        for row in self.came:
            waits = row["wait_chair"], row["wait_hands"], row["wait_eyes"]
            assert min(waits) >= 0, row
            begin, end = row["step_start"], row["step_end"]
            if row["outcome"] == r.BALKED:
                asked = self.asked_for_chair(row)
                assert row["left"] - asked == waits[0]
                assert math.isnan(row["chair"])
                continue
            now, waited = self.begins(row), 0.0
            for place in range(len(self.steps)):
                if math.isnan(begin[place]):
                    assert all(map(math.isnan, begin[place:] + end[place:]))
                    break
                assert begin[place] >= now, row
                if place < self.with_patient:
                    waited += begin[place] - now
                if math.isnan(end[place]):
                    assert all(map(math.isnan, begin[place + 1 :] + end[place + 1 :]))
                    break
                assert end[place] >= begin[place]
                now = end[place]
            if row["outcome"] == r.COMPLETED:
                assert sum(waits) == waited or math.isclose(sum(waits), waited, rel_tol=1e-9, abs_tol=1e-6)
                assert row["left"] == end[self.with_patient - 1]
            chairs = [place for place, step in enumerate(self.steps) if step.chair]
            assert row["chair_free"] == end[chairs[-1]] or math.isnan(row["chair_free"]) == math.isnan(
                end[chairs[-1]]
            )
            if not math.isnan(begin[chairs[0]]):
                assert row["chair_from"] <= begin[chairs[0]]
                assert row["chair_from"] == self.asked_for_chair(row) + waits[0] or math.isclose(
                    row["chair_from"], self.asked_for_chair(row) + waits[0], rel_tol=1e-12
                )
            nurses = {step.nurse for step in self.steps if step.patient}
            if waits[1] and "hands-on" not in nurses:
                # A first step that needs no nurse waits for the next shift as if for hands.
                assert self.steps[0].nurse == "none"
                assert self.between_shifts(begin[0] - 1e-6) is not None
            assert waits[2] == 0 or "watch" in nurses

    def nobody_is_served_before_their_time(self):
        for row in self.came:
            assert not math.isnan(row["appointment"])
            assert not math.isnan(row["booked"])
            if not math.isnan(row["step_start"][0]):
                assert row["step_start"][0] >= row["arrived"]
                day = row["arrived"] if self.walk_in else row["appointment"]
                assert row["step_start"][0] >= max(self.opening(day), self.after_pause(row["arrived"]))
            if self.walk_in:
                assert self.after_pause(row["arrived"]) == row["arrived"]
                opening = self.opening(row["arrived"])
                closing = self.days["closing"][int(row["arrived"] // DAY) - self.first_day]
                assert opening <= row["arrived"] < closing
                assert row["appointment"] == row["arrived"]

    def nobody_is_in_two_places(self):
        last = {}
        for row in sorted(self.came, key=lambda row: row["arrived"]):
            assert row["arrived"] >= last.get(row["patient"], -INF), row
            last[row["patient"]] = INF if math.isnan(row["left"]) else row["left"]

    def nobody_comes_on_another_day(self):
        """Patients come at most an hour late, as punctuality goes here, or straight from their last visit."""
        last = {}
        for row in sorted(self.came, key=lambda row: row["arrived"]):
            before = last.get(row["patient"], -INF)
            assert row["arrived"] <= max(row["appointment"] + 60, before), row
            last[row["patient"]] = INF if math.isnan(row["left"]) else row["left"]

    # -- chairs ---------------------------------------------------------------------------------------------

    def chairs_hold_one_each_and_are_first_come_first_served(self):
        held = [
            (row["chair_from"], INF if math.isnan(row["chair_free"]) else row["chair_free"], row["chair"])
            for row in self.came
            if not math.isnan(row["chair_from"])
        ]
        by_number = {}
        for begin, end, number in sorted(held):
            assert by_number.get(number, -INF) <= begin
            by_number[number] = end
        froms, frees = sorted(begin for begin, _, _ in held), sorted(end for _, end, _ in held)
        for begin, _, number in held:
            there = self.days["chairs"][int(begin // DAY) - self.first_day]
            assert bisect_right(froms, begin) - bisect_right(frees, begin) <= there
            assert 1 <= number <= there
            taken = {other for start, end, other in held if start <= begin <= end}
            assert taken.issuperset(range(1, int(number)))  # the lowest free number
        queue = {}
        for row in self.came:
            asked = self.asked_for_chair(row)
            if row["outcome"] != r.BALKED and not math.isnan(asked):
                seated = INF if math.isnan(row["chair_from"]) else row["chair_from"]
                # Of those who wait at the door for opening, who came first is first.
                came = row["arrived"] if self.steps[0].chair else 0.0
                queue.setdefault((asked, came), []).append(seated)
        latest = -INF
        for place in sorted(queue):
            assert min(queue[place]) >= latest
            latest = max(latest, *queue[place])

    # -- nurses ---------------------------------------------------------------------------------------------

    def duty(self, minute):
        """Hands and pairs of eyes by the roster at a minute."""
        place = int(minute // DAY) - self.first_day
        date = self.records.start + datetime.timedelta(days=int(minute // DAY))
        hands = eyes = 0
        for shift, name in enumerate(self.records.shifts):
            begin, end = self.days["shift_from"][place, shift], self.days["shift_to"][place, shift]
            if not begin <= minute < end:
                continue
            count = int(self.days["present"][place, shift])
            eyes += count
            hands += count
            pause = self.scenario.at(date).shifts[name].break_
            if pause is not None:
                since = (minute - minute // DAY * DAY) - pause.start
                first = count if self.scenario.at(date).shifts[name].break_together else math.ceil(count / 2)
                wave = since // pause.minutes
                hands -= {0: first, 1: count - first}.get(wave, 0)
        return hands, eyes

    def between_shifts(self, minute):
        """When a shift ended, at a moment at which nobody is on duty but somebody is later that day; or None."""
        present = self.days["present"] > 0
        ends = self.days["shift_to"][present]
        begins = self.days["shift_from"][present]
        if self.duty(minute)[1] or not (ends <= minute).any():
            return None
        end = ends[ends <= minute].max()
        midnight = math.ceil(end / DAY) * DAY
        return end if ((begins > minute) & (begins < midnight)).any() else None

    def stayed_between(self, minute, end):
        """Nurses who stay between two shifts: as many as visits that have begun have claimed ever since."""
        if not any(
            row["step_start"][0] < end and not row["left"] <= minute
            for row in self.came
            if not math.isnan(row["step_start"][0])
        ):
            return 0

        def claimed(moment, *, just_before=False):
            def there(begin, until):
                return begin < moment <= until if just_before else begin <= moment < until

            hands = sum(there(begin, until) for begin, until in self.tasks)
            eyes = sum(share for begin, until, share in self.watched if there(begin, until))
            return max(1, hands, math.ceil(eyes / self.shares))

        ended = {until for _, until in self.tasks} | {until for _, until, _ in self.watched}
        moments = [moment for moment in ended if end <= moment < minute]
        return min([claimed(end, just_before=True), *map(claimed, moments)])

    def overtime(self, minute):
        """Nurses who stayed although their shift is over: some patient was inside ever since."""
        ends = []
        for shift in range(len(self.records.shifts)):
            present = self.days["present"][:, shift]
            for end, count in zip(self.days["shift_to"][:, shift], present, strict=True):
                if count and end <= minute:
                    ends.append((float(end), int(count)))
        if not ends:
            return 0
        last = max(end for end, _ in ends)
        now = last  # the clinic must not have been empty from the shift's end on
        inside = sorted(
            (row["arrived"], INF if math.isnan(row["left"]) else row["left"])
            for row in self.came
            if math.isnan(row["left"]) or row["left"] >= last
        )
        for arrived, left in inside:
            if arrived <= now:
                now = max(now, left)
        if now < minute or (now == minute and not any(a <= last for a, _ in inside)):
            return 0
        return max(count for end, count in ends if end == last)

    def capacity(self, minute):
        hands, eyes = self.duty(minute)
        if eyes:
            return hands, eyes
        end = self.between_shifts(minute)
        stayed = self.overtime(minute) if end is None else self.stayed_between(minute, end)
        return stayed, stayed

    def nurses_suffice_when_something_starts(self):
        tasks, watched, asked_eyes = [], [], []
        shares = math.lcm(*(step.patients_per_nurse for step in self.steps if step.patients_per_nurse))
        self.tasks, self.watched, self.shares = tasks, watched, shares
        for row in self.came:
            before = 0
            for place, step in enumerate(self.steps):
                begin, end = row["step_start"][place], row["step_end"][place]
                if math.isnan(begin):
                    break
                end = INF if math.isnan(end) else end
                share = shares // step.patients_per_nurse if step.patients_per_nurse else 0
                if step.nurse == "hands-on":
                    tasks.append((begin, end))
                if place == 0 or (place >= self.with_patient and step.nurse != "none"):
                    assert self.between_shifts(begin) is None, ("begins while nobody is on duty", row)
                if share:
                    until = end
                    if place + 1 < self.with_patient and end < INF:
                        then = self.steps[place + 1]
                        heavier = then.patients_per_nurse and shares // then.patients_per_nurse > share
                        # nobody is watched while waiting for the chair
                        waits = then.chair and not step.chair and not row["chair_from"] <= end
                        if not heavier and not waits:
                            known = row["step_start"][place + 1], row["left"]
                            until = min((time for time in known if not math.isnan(time)), default=INF)
                    watched.append((begin, until, share))
                    if share > before:
                        asked_eyes.append(begin)
                before = share
        begins, ends = sorted(begin for begin, _ in tasks), sorted(end for _, end in tasks)
        for begin, _ in tasks:
            busy = bisect_right(begins, begin) - bisect_right(ends, begin)
            assert busy <= self.capacity(begin)[0], ("hands", begin)
        for moment in asked_eyes:
            held = sum(share for begin, until, share in watched if begin <= moment < until)
            assert held <= shares * self.capacity(moment)[1], ("eyes", moment)

    def overtime_minutes(self):
        """Add up nurse-minutes of overtime in the measured weeks, going from moment to moment."""
        self.nurses_suffice_when_something_starts()
        present = self.days["present"] > 0
        shifts = [*self.days["shift_from"][present].tolist(), *self.days["shift_to"][present].tolist()]
        lefts = [row["left"] for row in self.came] + [row["arrived"] for row in self.came]
        times = {time for begin, until in self.tasks for time in (begin, until)}
        times |= {time for begin, until, _ in self.watched for time in (begin, until)}
        moments = sorted(time for time in {*times, *shifts, *lefts, 0.0} if 0 <= time < self.end)
        total, before, stay, treated, named = 0.0, 0, 0, [], 0
        for moment, following in pairwise([*moments, self.end]):
            now = self.duty(moment)[1]
            hands = sum(begin <= moment < until for begin, until in self.tasks)
            shares = sum(share for begin, until, share in self.watched if begin <= moment < until)
            eyes = math.ceil(shares / self.shares)
            if now < before:
                stay += before - now
                between = self.between_shifts(moment) is not None
                treated = [row for row in self.came if between and row["step_start"][0] < moment]
                day = math.ceil(moment / DAY) - 1 - self.first_day
                ending = self.days["shift_to"][day] == moment
                named = (
                    0 if between else self.days["present"][day][ending & (self.days["present"][day] > 0)][-1]
                )
            if now:
                stay = min(stay, max(max(hands, eyes) - now, 0)) if before else 0
                paid = stay
            elif treated:
                inside = any(not row["left"] <= moment for row in treated)
                paid = stay = min(stay, max(hands, eyes, 1)) if inside else 0
                assert not inside or hands <= stay, "somebody works unpaid"
            else:  # after the day's last shift, until nobody is inside
                inside = any(row["arrived"] <= moment and not row["left"] <= moment for row in self.came)
                stay, named = 0, named if inside else 0
                paid = min(named, max(eyes, 1))
            total += paid * (following - moment)
            before = now
        return total

    # -- numbers --------------------------------------------------------------------------------------------

    def promised(self, row):
        """Tell whether an appointment was made before the simulation began."""
        standing = self.today.get(row["patient"])
        return standing is not None and standing.next_appointment is not None and row["booked"] == 0.0

    def numbers_and_attempts_count(self):
        missed = {}
        had = {(row, r.INDUCTION): one.infusions_done for row, one in self.today.items()}
        had |= {(row, r.BOOSTER): one.boosters_done for row, one in self.today.items()}
        lived = [
            row
            for row in self.rows
            if row["outcome"] in (r.COMPLETED, r.NO_SHOW, r.CANCELLED, r.CLINIC_CANCELLED)
        ]
        for row in sorted(
            lived, key=lambda row: (row["decided"], row["number"], row["attempt"], row["place"])
        ):
            who = row["patient"], row["kind"]
            assert row["number"] == had.get(who, 0) + 1, row
            assert row["attempt"] == missed.get(who, 0), row
            if row["outcome"] == r.COMPLETED:
                had[who] = row["number"]
                missed[who] = 0
            elif row["outcome"] != r.CLINIC_CANCELLED:
                missed[who] = missed.get(who, 0) + 1

    def patients_agree_with_their_visits(self):
        done = [row for row in self.rows if row["outcome"] == r.COMPLETED]
        for code, count in ((r.INDUCTION, "infusions"), (r.BOOSTER, "boosters")):
            per = np.bincount(
                [row["patient"] for row in done if row["kind"] == code], minlength=len(self.patients["day"])
            )
            for row, one in self.today.items():
                per[row] += one.infusions_done if code == r.INDUCTION else one.boosters_done
            np.testing.assert_array_equal(per, self.patients[count])
        first = {row["patient"]: row for row in done if row["kind"] == r.INDUCTION and row["number"] == 1}
        last = {}
        for row in done:
            if row["kind"] == r.INDUCTION:
                last[row["patient"]] = max(last.get(row["patient"], -INF), row["left"])
        for patient, row in first.items():
            assert self.patients["first_infusion"][patient] == row["step_start"][0]
            assert self.patients["last_infusion"][patient] == last[patient]
        reason, ended = self.patients["reason"], self.patients["series_ended"]
        wanted = np.array([p.infusions for p in self.scenario.protocols.values()])[self.patients["protocol"]]
        given = self.patients["infusions"]
        assert (given <= wanted).all()
        completed = (given == wanted) & (wanted > 0)
        for row, one in self.today.items():
            completed[row] &= one.stage != "maintained"
        assert np.isfinite(ended[completed]).all()
        short = np.isin(reason, (r.DROPPED_OUT, r.STOPPED_EARLY))
        assert (given[short] < wanted[short]).all()
        through = np.isin(reason, (r.NO_RESPONSE, r.SUSTAINED, r.DECLINED_BOOSTERS, r.LEFT_PROGRAMME))
        assert (given[through] == wanted[through]).all()
        assert not self.patients["responder"][reason == r.NO_RESPONSE].any()
        assert self.patients["responder"][self.patients["boosters"] > 0].all()
        assert (self.patients["programme"][self.patients["boosters"] > 0] < INF).all()
        # Nothing is left to come for who has gone.
        gone = reason != r.STILL_HERE
        assert not any(row["outcome"] == r.TO_COME and gone[row["patient"]] for row in self.rows)

    def days_agree_with_visits(self):
        days = self.days
        assert (days["present"] <= days["rostered"]).all()
        assert days["day"].tolist() == list(range(self.first_day, self.records.days_measured))
        for place, day in enumerate(days["day"].tolist()):
            date = self.records.start + datetime.timedelta(days=day)
            clinic = self.scenario.at(date).clinic
            usual = clinic.usual(date)
            assert days["chairs"][place] == clinic.chairs
            assert math.isnan(days["opening"][place]) == clinic.closed(date)
            if not clinic.closed(date):
                assert days["opening"][place] == day * DAY + usual.start
                assert days["closing"][place] == day * DAY + usual.end
            outs = [
                row["left"]
                for row in self.came
                if row["arrived"] // DAY == day and not math.isnan(row["left"])
            ]
            assert days["last_out"][place] == max(outs) if outs else math.isnan(days["last_out"][place])

    # -- the book -------------------------------------------------------------------------------------------

    def the_book_is_kept(self):
        booked = [row for row in self.rows if not math.isnan(row["booked"])]
        by_day = {}
        for row in booked:
            by_day.setdefault(int(row["appointment"] // DAY), []).append(row)
            window = row["booked"] // DAY + 7 * self.scenario.booking.window_weeks
            assert window >= row["appointment"] // DAY or self.promised(row)
        rules = self.scenario.booking
        for day, rows in by_day.items():
            if day >= self.records.days_measured:
                continue
            place = day - self.first_day
            starts = int(self.days["starts"][place])
            held = int(self.days["reserved"][place])
            assert held == math.ceil(round(rules.booster_reserve * starts, 9))
            for row in rows:
                opening = self.days["opening"][place]
                assert opening <= row["appointment"] < self.days["closing"][place]
                assert self.after_pause(row["appointment"]) == row["appointment"]
                now = [
                    other
                    for other in rows
                    if other["booked"] <= row["booked"]
                    and (other["place"] <= row["place"] or other["booked"] < row["booked"])
                    and not (
                        other["outcome"] in FREED and other["decided"] <= row["booked"] and other is not row
                    )
                ]
                assert len(now) <= starts
                early = day - row["booked"] // DAY > rules.release_days
                if row["kind"] == r.INDUCTION and early and not self.promised(row):
                    assert sum(other["kind"] == r.INDUCTION for other in now) <= starts - held
        self.caps_are_kept()

    def caps_are_kept(self):
        rules = self.scenario.booking
        first = {}
        for row in self.rows:
            one = self.today.get(row["patient"])
            new = one is None or (one.stage == "waiting" and one.next_appointment is None)
            if row["kind"] == r.INDUCTION and new:
                first.setdefault(row["patient"], row)
        for patient, row in first.items():
            ready = self.patients["ready"][patient]
            assert row["requested"] == ready
            assert row["booked"] >= ready
            assert row["appointment"] // DAY >= row["booked"] // DAY + rules.notice_days
            assert row["appointment"] // DAY <= ready // DAY + rules.patience_days
        if rules.max_series_starts_per_week is not None:
            weeks = [(row["appointment"] // DAY) // 7 for row in first.values()]
            assert (
                max((weeks.count(week) for week in set(weeks)), default=0) <= rules.max_series_starts_per_week
            )
        if rules.max_patients_in_series is not None:
            spans = []
            for patient, row in first.items():
                ends = [self.patients["series_ended"][patient], self.patients["left"][patient]]
                known = [end for end in ends if not math.isnan(end)]
                spans.append((row["booked"], min(known, default=INF)))
            for begin, _ in spans:
                assert sum(b <= begin < e for b, e in spans) <= rules.max_patients_in_series

    def closed_inside(self, day, later):
        count = 0
        for between in range(day + 1, later):
            date = self.records.start + datetime.timedelta(days=between)
            clinic = self.scenario.at(date).clinic
            count += clinic.usual(date) is not None and clinic.closed(date)
        return count

    def gaps_are_kept(self):
        series, troubled = {}, set()
        for row in self.rows:
            if row["kind"] == r.INDUCTION:
                series.setdefault(row["patient"], []).append(row)
                if row["outcome"] in (r.NO_SHOW, r.CANCELLED, r.CLINIC_CANCELLED):
                    troubled.add(row["patient"])
        protocols = list(self.scenario.protocols.values())
        for patient, rows in series.items():
            protocol = protocols[self.patients["protocol"][patient]]
            days = [int(row["appointment"] // DAY) for row in rows if not math.isnan(row["appointment"])]
            low, high = protocol.permitted_gap_days
            rolling = self.scenario.booking.series == "rolling"
            if patient in troubled:
                had = sorted(int(row["appointment"] // DAY) for row in rows if row["outcome"] == r.COMPLETED)
                assert all(later - day >= low for day, later in pairwise(had)), rows
                continue
            standing = self.today.get(patient)
            if standing is not None and (
                standing.stage != "waiting" or standing.next_appointment is not None
            ):
                # What was promised stands; and what finds no whole chain is booked one by one.
                assert all(later - day >= low for day, later in pairwise(days)), rows
                continue
            for day, later in pairwise(days):
                assert later - day >= low
                assert rolling or later - day <= high + self.closed_inside(day, later)
            if not rolling:
                assert len(days) == protocol.infusions
