"""What must be true of every visit to a clinic with types of visit, roles and places, from the tables alone.

What each role has over time is worked out anew from the tables of days and the breaks of the scenario, what each
patient needs from the scenario's steps: not a line of the model or of the measures is used.
"""

import datetime
import math
from collections import defaultdict

from simclinic import records as r
from simclinic.records import DAY
from simclinic.scenario.visit import CHAIR, NURSE

INF = math.inf
_CLOSE = 1e-6


def until(moment):
    """The end of something that may not have ended."""
    return INF if math.isnan(moment) else moment


class Part:
    """A step that a visit had: when, of which patient, and what it claims."""

    def __init__(self, row, name, step, begin, end, infusion):
        self.row, self.name, self.step = row, name, step
        self.begin, self.end = begin, until(end)
        self.claims = {role: claim for role, claim in step.needs.items() if claim.holds(infusion)}
        self.watched_until = self.end

    def hands(self):
        return [role for role, claim in self.claims.items() if claim.need == "hands-on"]

    def eyes(self):
        return {role: 1 / claim.watch for role, claim in self.claims.items() if claim.watch}

    def on_site(self):
        return [role for role, claim in self.claims.items() if claim.need == "on-site"]


class WiderHouse:
    """One run of such a clinic, ready to be looked at."""

    def __init__(self, records, scenario):
        self.records, self.scenario = records, scenario
        self.visits, self.days = records.visits, records.days
        self.came = [
            row for row, arrived in enumerate(self.visits["arrived"].tolist()) if not math.isnan(arrived)
        ]
        self.protocols = list(scenario.protocols.values())
        self.parts = {row: self._parts(row) for row in self.came}
        self.places = {row: self._places(row) for row in self.came}
        self.all = [part for parts in self.parts.values() for part in parts]
        for parts in self.parts.values():
            self._watch(parts)
        role_of = {name: shift.role for name, shift in scenario.shifts.items()}
        self.shifts = defaultdict(list)
        for place, name in enumerate(records.shifts):
            self.shifts[role_of[name]].append(place)

    def _infusion(self, row):
        protocol = self.protocols[self.records.patients["protocol"][self.visits["patient"][row]]]
        before = protocol.infusions if self.visits["kind"][row] == r.BOOSTER else 0
        return int(self.visits["number"][row]) + before

    def _parts(self, row):
        found = []
        kind = int(self.visits["visit"][row])
        visit = list(self.scenario.visit_types.values())[kind]
        first = self.records.first_steps[kind]
        for place, (name, step) in enumerate(visit.steps.items()):
            begin = self.visits["step_start"][row, first + place]
            if not math.isnan(begin):
                end = self.visits["step_end"][row, first + place]
                found.append(Part(row, (kind, name), step, begin, end, self._infusion(row)))
        return found

    def _places(self, row):
        """From when to when the patient's visit held each place, and its number."""
        found = {}
        if not math.isnan(self.visits["chair_from"][row]):
            found[CHAIR] = tuple(self.visits[name][row] for name in ("chair_from", "chair_free", "chair"))
        for place, name in enumerate(self.records.places):
            since = self.visits["place_from"][row, place]
            if not math.isnan(since):
                found[name] = (since, self.visits["place_to"][row, place], self.visits["place"][row, place])
        return {name: (since, until(end), number) for name, (since, end, number) in found.items()}

    def _watch(self, parts):
        """Watching goes on until the next step of the patient, unless that is closer, or waits for a place."""
        present = [part for part in parts if part.step.patient]
        for place, part in enumerate(present):
            if place + 1 == len(present):
                left = self.visits["left"][part.row]
                part.watched_until = until(left)
                continue
            then = present[place + 1]
            before = part.eyes()
            closer = any(share > before.get(role, 0.0) for role, share in then.eyes().items())
            where = then.step.where
            waits = where not in (None, part.step.where) and self.places[part.row][where][0] > part.end
            part.watched_until = part.end if closer or waits else then.begin

    def check(self):
        self.steps_follow_one_another()
        self.each_step_is_in_its_place()
        self.no_place_is_held_twice()
        for role in self.scenario.staff:
            self.nobody_works_for_two(role)
        self.who_asks_first_is_served_first()
        self.consults_come_before_series()

    # -- consults -------------------------------------------------------------------------------------------

    def consults_come_before_series(self):
        """Each patient who asks for a consult has one start for it, or is turned away, and then decides."""
        patients, booking = self.records.patients, self.scenario.booking
        day_of = lambda moment: int(moment // DAY)  # noqa: E731
        for patient, asked in enumerate(patients["consult_asked"].tolist()):
            mine = [row for row, of in enumerate(self.visits["patient"].tolist()) if of == patient]
            consults = [row for row in mine if self.visits["kind"][row] == r.CONSULT]
            if math.isnan(asked):
                assert not consults
                continue
            consulted, ready = patients["consulted"][patient], patients["ready"][patient]
            reason = int(patients["reason"][patient])
            assert len(consults) <= 1  # nobody is absent in these clinics, and no appointment moves
            outcome = r.OUTCOMES[self.visits["outcome"][consults[0]]] if consults else "none"
            if consults:
                assert self.visits["requested"][consults[0]] == asked
                assert self.visits["number"][consults[0]] == 1
                first = self.visits["appointment"][consults[0]]
                if booking.mode == "booked":
                    booked = self.visits["booked"][consults[0]]
                    assert day_of(booked) + booking.notice_days <= day_of(first)
                    assert day_of(first) <= day_of(asked) + booking.patience_days
                else:
                    assert first >= asked
            assert (outcome == "completed") == (not math.isnan(consulted))
            assert (reason == r.NO_CONSULT) == (outcome == "no-show")
            if outcome == "completed":
                assert consulted == self.visits["left"][consults[0]]
                assert math.isnan(ready) or ready >= consulted
            else:
                assert math.isnan(ready)
            if math.isnan(ready):
                assert mine == consults
            for row in mine:
                assert row in consults or self.visits["booked"][row] >= ready

    # -- one visit ------------------------------------------------------------------------------------------

    def steps_follow_one_another(self):
        for row, parts in self.parts.items():
            now = self.visits["arrived"][row]
            now = max(now, self.days["opening"][int(now // DAY) - self.records.first_day])
            for part in parts:
                assert part.begin >= now - _CLOSE, part.name
                if part.step.patient:
                    now = part.end
            if self.visits["outcome"][row] == r.COMPLETED:
                assert abs(self.visits["left"][row] - now) < _CLOSE
                self.each_has_one_of_the_alternatives(row)

    def each_has_one_of_the_alternatives(self, row):
        had = defaultdict(int)
        for part in self.parts[row]:
            had[part.step.one_of] += 1
        kind = list(self.scenario.visit_types.values())[int(self.visits["visit"][row])]
        names = {name for _, name in (part.name for part in self.parts[row])}
        for name, step in kind.steps.items():
            if step.one_of is not None:
                assert had[step.one_of] == 1
            elif step.probability == 1.0 and step.patient:
                assert name in names

    def each_step_is_in_its_place(self):
        for part in self.all:
            where = part.step.where
            if where is not None:
                since, gone, _ = self.places[part.row][where]
                assert since <= part.begin + _CLOSE
                assert part.end <= gone + _CLOSE or math.isinf(part.end)

    # -- places ---------------------------------------------------------------------------------------------

    def no_place_is_held_twice(self):
        number_of = {CHAIR: self.scenario.clinic.chairs}
        number_of |= {name: place.number for name, place in self.scenario.places.items()}
        last = {}
        held = [
            (since, gone, name, number)
            for at in self.places.values()
            for name, (since, gone, number) in at.items()
        ]
        for since, gone, name, number in sorted(held):
            assert 1 <= number <= number_of[name]
            assert last.get((name, number), -INF) <= since + _CLOSE, (name, number, since)
            last[name, number] = gone

    # -- staff ----------------------------------------------------------------------------------------------

    def duty(self, role, minute):
        """Hands and people of a role by the roster at a minute."""
        place = int(minute // DAY) - self.records.first_day
        date = self.records.start + datetime.timedelta(days=int(minute // DAY))
        hands = people = 0
        for shift in self.shifts[role]:
            if self.days["shift_from"][place, shift] <= minute < self.days["shift_to"][place, shift]:
                count = int(self.days["present"][place, shift])
                people += count
                hands += count
                pause = self.scenario.at(date).shifts[self.records.shifts[shift]].break_
                together = self.scenario.at(date).shifts[self.records.shifts[shift]].break_together
                if pause is not None:
                    first = count if together else math.ceil(count / 2)
                    wave = (minute % DAY - pause.start) // pause.minutes
                    hands -= {0: first, 1: count - first}.get(wave, 0)
        return hands, people

    def stayed(self, role, minute):
        """Return how many may be there after the last shift: none unless somebody who needs the role was inside."""
        ends = [
            (float(self.days["shift_to"][day, shift]), int(self.days["present"][day, shift]))
            for shift in self.shifts[role]
            for day in range(len(self.days["day"]))
            if self.days["present"][day, shift] and self.days["shift_to"][day, shift] <= minute
        ]
        if not ends:
            return 0
        last = max(end for end, _ in ends)
        now = last
        for arrived, gone in sorted(self.needing(role)):
            if arrived <= now + _CLOSE:
                now = max(now, gone)
        return sum(count for end, count in ends if end == last) if now >= minute - _CLOSE else 0

    def needing(self, role):
        """From when to when each visit needs a role: a nurse throughout, others until their last step."""
        for row in self.came:
            arrived = min(self.visits["arrived"][row], self.visits["appointment"][row])
            left = until(self.visits["left"][row])
            if role == NURSE:
                yield self.visits["arrived"][row], left
                continue
            ends = [part.end for part in self.parts[row] if part.step.patient and role in part.claims]
            if math.isinf(left):
                yield arrived, INF
            elif ends:
                yield arrived, max(ends)

    def nobody_works_for_two(self, role):
        tasks = [part for part in self.all if role in part.hands()]
        watched = [part for part in self.all if role in part.eyes()]
        for part in self.all:
            if role not in part.claims:
                continue
            hands, people = self.duty(role, part.begin)
            if not people:
                hands = people = self.stayed(role, part.begin)
            assert people > 0, ("nobody of the role is there", role, part.name)
            if role in part.hands():
                busy = sum(other.begin <= part.begin < other.end for other in tasks)
                assert busy <= hands or self.follows(part, role), ("hands", role, part.begin)
            if role in part.eyes():
                taken = sum(
                    other.eyes()[role] for other in watched if other.begin <= part.begin < other.watched_until
                )
                assert taken <= people + _CLOSE or self.follows(part, role), ("eyes", role, part.begin)

    def follows(self, part, role):
        """Tell whether a step goes on with the watching of the one before it, for which nothing is asked anew."""
        if role in part.hands():
            return False
        before = [
            other for other in self.parts[part.row] if other.step.patient and other.end <= part.begin + _CLOSE
        ]
        return bool(before) and before[-1].eyes().get(role, 0.0) >= part.eyes()[role]

    # -- the order of asking --------------------------------------------------------------------------------

    def who_asks_first_is_served_first(self):
        """Of requests for the same, the earlier is met first. First steps are left out: they wait for shifts."""
        asked = defaultdict(list)
        for row, parts in self.parts.items():
            present = [part for part in parts if part.step.patient]
            for place, part in enumerate(present):
                if not part.claims or part.on_site() or place == 0:
                    continue
                before = present[place - 1]
                more = any(share > before.eyes().get(role, 0.0) for role, share in part.eyes().items())
                if not part.hands() and not more:
                    continue
                since = before.end
                if part.step.where is not None:
                    since = max(since, self.places[row][part.step.where][0])
                claims = tuple(part.hands()), tuple(sorted(part.eyes().items()) if more else ())
                asked[claims].append((since, part.begin))
        for requests in asked.values():
            latest = -INF
            for since in sorted({since for since, _ in requests}):
                begun = [begin for at, begin in requests if at == since]
                assert min(begun) >= latest - _CLOSE
                latest = max(latest, *begun)

    # -- figures --------------------------------------------------------------------------------------------

    def figures(self):
        """Count the figures of roles and places once more; NaN where nobody, or nothing, is there."""
        end = self.records.end
        found = {}
        for role in self.scenario.staff:
            spans, minutes = [], 0.0
            for shift in self.shifts[role]:
                for day in range(len(self.days["day"])):
                    begin, until_, count = (
                        float(self.days[name][day, shift]) for name in ("shift_from", "shift_to", "present")
                    )
                    if count and until_ > begin >= 0.0:
                        spans.append((begin, until_))
                        minutes += count * (until_ - begin)
            there = merged(spans)
            hands = sum(
                overlap(there, part.begin, min(part.end, end)) for part in self.all if role in part.hands()
            )
            eyes = sum(
                part.eyes()[role] * overlap(there, part.begin, min(part.watched_until, end))
                for part in self.all
                if role in part.eyes()
            )
            suffix = "" if role == NURSE else f":{role}"
            found[f"nurse_hands_on_utilisation{suffix}"] = hands / minutes
            found[f"nurse_watch_utilisation{suffix}"] = eyes / minutes
        opened = [
            (begin, closing)
            for begin, closing in zip(
                self.days["opening"].tolist(), self.days["closing"].tolist(), strict=True
            )
            if begin >= 0.0
        ]
        minutes = sum(closing - begin for begin, closing in opened)
        numbers = {CHAIR: self.scenario.clinic.chairs}
        numbers |= {name: place.number for name, place in self.scenario.places.items()}
        for name, number in numbers.items():
            held = sum(
                overlap(opened, since, min(gone, end))
                for at in self.places.values()
                for of, (since, gone, _) in at.items()
                if of == name
            )
            suffix = "" if name == CHAIR else f":{name}"
            found[f"chair_utilisation{suffix}"] = held / (number * minutes)
        done = self.visits["outcome"] == r.COMPLETED
        for kind, name in enumerate(self.records.visit_types):
            if len(self.records.visit_types) > 1:
                mine = done & (self.visits["visit"] == kind)
                found[f"infusions_per_week:{name}"] = mine.sum() / (self.records.days_measured / 7)
        return found


def merged(spans):
    """The union of spans of time."""
    union = []
    for begin, end in sorted(spans):
        if union and begin <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], end))
        else:
            union.append((begin, end))
    return union


def overlap(spans, begin, end):
    """Minutes of a stretch of time that lie within spans that do not overlap."""
    return sum(max(0.0, min(end, closes) - max(begin, opens)) for opens, closes in spans)
