"""Bugs that somebody could make, each as one change of the package's text, and the tests that must notice.

A mutant whose text is gone is an error, not a success: whoever changes the line changes the mutant, too.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    """A planted bug.

    Attributes
    ----------
    name
        What is wrong.
    file
        Where, below `simclinic/`.
    right, wrong
        The text, which stands there once, and what takes its place.
    tests
        Tests of the short tier that ought to notice, as pytest names them, below `tests/`.
    """

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


VISIT = ("model/test_visit_on_paper.py",)
ENDS = ("model/test_shift_ends_on_paper.py",)
SERIES = ("model/test_series_on_paper.py",)
BOOSTERS = ("model/test_boosters_on_paper.py",)
BOOK = ("model/test_book.py", "model/test_caps.py", "model/test_series_on_paper.py")
GRID = ("model/test_grid.py",)
ROSTER = ("model/test_roster.py",)
TIME = ("model/test_time.py",)
LUCK = ("sampling/test_luck.py",)
STREAMS = ("sampling/test_streams.py",)
REFERRALS = ("sampling/test_referrals.py",)
LAWS = ("sampling/test_distributions.py",)
MEASURES = ("measures/test_on_paper.py", "measures/test_rules.py", "measures/test_against_minutes.py")
FORECAST = (
    "sampling/test_silence.py",
    "sampling/test_today.py",
    "sampling/test_parameters.py",
    "model/test_today_on_paper.py",
    "studies/test_forecast.py",
)

FULL = ("measures/test_full.py",)
WHEN_FULL = ("report/test_when_full.py",)
VERDICTS = ("measures/test_stability.py", "measures/test_punctual.py")
LEVEL = ("studies/test_level.py",)

MUTANTS = (
    # -- in the clinic ---------------------------------------------------------------------------------------
    Mutant(
        "chairs: last come, first served",
        "model/pools.py",
        "self.queue.popleft().succeed(heappop",
        "self.queue.pop().succeed(heappop",
        VISIT,
    ),
    Mutant(
        "the highest free chair instead of the lowest",
        "model/pools.py",
        "            return heappop(self._freed) if self._freed else self._unused()\n        return None",
        "            return self._freed.pop() if self._freed else self._unused()\n        return None",
        VISIT,
    ),
    Mutant(
        "the chair is freed before the last step in it",
        "model/plan.py",
        "step.chair, place == last_chair, flows_on",
        "step.chair, place == max(last_chair - 1, 0), flows_on",
        VISIT,
    ),
    Mutant(
        "one nurse too many",
        "model/team.py",
        "clinic.hands.capacity = hands\n",
        "clinic.hands.capacity = hands + 1\n",
        VISIT,
    ),
    Mutant(
        "watching takes half the attention",
        "model/plan.py",
        "eyes = [eyes_per_nurse // step.patients_per_nurse if",
        "eyes = [eyes_per_nurse // step.patients_per_nurse / 2 if",
        VISIT,
    ),
    Mutant(
        "no longer watched while waiting for the next step",
        "model/visit.py",
        "        if hands_on:\n"
        "            if not hands.take(begun=bool(starts)):\n"
        "                yield hands.wait(begun=bool(starts))\n                seen",
        "        if hands_on:\n            if watched:\n"
        "                eyes.give_back(watched)\n                watched = 0\n"
        "            if not hands.take(begun=bool(starts)):\n"
        "                yield hands.wait(begun=bool(starts))\n                seen",
        VISIT,
    ),
    Mutant(
        "heavier watching is asked for while the lighter is kept",
        "model/visit.py",
        "        elif shares > watched:\n            if watched:\n                eyes.give_back(watched)\n"
        "            watched = shares\n"
        "            if not eyes.take(shares, begun=bool(starts)):\n"
        "                yield eyes.wait(shares, begun=bool(starts))\n",
        "        elif shares > watched:\n            more, watched = shares - watched, shares\n"
        "            if not eyes.take(more, begun=bool(starts)):\n"
        "                yield eyes.wait(more, begun=bool(starts))\n",
        VISIT,
    ),
    Mutant(
        "served before opening",
        "model/visit.py",
        "    if now <= opening:\n",
        "    if False:\n",
        VISIT,
    ),
    Mutant(
        "whoever comes just at opening goes before those at the door",
        "model/visit.py",
        "    if now <= opening:\n",
        "    if now < opening:\n",
        TIME,
    ),
    Mutant(
        "the waiting room has one place more",
        "model/visit.py",
        "len(chairs.queue) >= room",
        "len(chairs.queue) > room",
        VISIT,
    ),
    Mutant(
        "patience in the queue counts from the appointment before",
        "model/visit.py",
        "clinic.env.now + patience, chairs.leave",
        "clinic.env.now + 2 * patience, chairs.leave",
        VISIT,
    ),
    # -- the team --------------------------------------------------------------------------------------------
    Mutant(
        "breaks are ignored",
        "model/roster.py",
        "        if duty.break_start is None:\n            continue",
        "        if True:\n            continue",
        ROSTER,
    ),
    Mutant(
        "a break takes eyes, too",
        "model/roster.py",
        "        change(hands, middle, first)\n",
        "        change(hands, middle, first)\n"
        "        change(eyes, duty.break_start, -first)\n        change(eyes, middle, first)\n",
        ("model/test_roster.py::test_one_nurse_breaks_once",),
    ),
    Mutant(
        "the smaller half breaks first",
        "model/roster.py",
        "math.ceil(count / 2)",
        "count // 2",
        ROSTER,
    ),
    Mutant(
        "nurses go home while a patient is inside",
        "model/team.py",
        "        elif self._clinic.inside:",
        "        elif self._clinic.inside < 0:",
        VISIT,
    ),
    Mutant(
        "nurses on overtime watch but lend no hand",
        "model/team.py",
        "self._on_duty(leaving[-1], leaving[-1])",
        "self._on_duty(0, leaving[-1])",
        VISIT,
    ),
    Mutant(
        "nurses on overtime stay when the last patient has left",
        "model/team.py",
        "            self._overtime = False\n            self._on_duty(0, 0)",
        "            pass",
        VISIT,
    ),
    Mutant(
        "the next shift does not relieve those on overtime",
        "model/team.py",
        "        if step.nurses:\n",
        "        if step.nurses and not self._overtime:\n",
        ENDS,
    ),
    Mutant(
        "the next shift of the day is not looked for",
        "model/team.py",
        "later=later",
        "later=False",
        ENDS,
    ),
    Mutant(
        "the last shift waits for one that does not come",
        "model/team.py",
        "        elif later:",
        "        elif later or self._clinic.inside:",
        ENDS,
    ),
    Mutant(
        "shifts that meet at midnight are not taken together",
        "model/team.py",
        "if step.minute == DAY and self._begins_at_midnight(index + 1):",
        "if step.minute < 0.0:",
        ENDS,
    ),
    Mutant(
        "nobody stays while a patient rests",
        "model/team.py",
        "max(1, self._claimed())",
        "self._claimed()",
        ENDS,
    ),
    Mutant(
        "all who were on the shift stay",
        "model/team.py",
        "self._stayed = min(self._stayed, max(1, self._claimed())) if",
        "self._stayed = self._stayed if",
        ENDS,
    ),
    Mutant(
        "those who stay are counted before the moment is over",
        "model/team.py",
        "self._clinic.env.at_last(self._look_again)",
        "self._look_again()",
        ENDS,
    ),
    Mutant(
        "those who stayed beside others have to go with them",
        "model/team.py",
        "self._stay_between(self._still_here(before) + before)",
        "self._stay_between(before)",
        ENDS,
    ),
    Mutant(
        "nurses who stay begin visits",
        "model/team.py",
        "clinic.hands.freed = clinic.eyes.freed = self.see_off",
        "pass",
        ENDS,
    ),
    Mutant(
        "those who stay do not hear of lighter watching",
        "model/team.py",
        "        clinic.eyes.announce()\n",
        "",
        ENDS,
    ),
    Mutant(
        "a visit has begun on sitting down",
        "model/visit.py",
        "hands.take(begun=bool(starts)):\n                yield hands.wait(begun=bool(starts))",
        "hands.take(begun=bool(seated)):\n                yield hands.wait(begun=bool(seated))",
        ENDS,
    ),
    Mutant(
        "a patient to be watched first has begun on arrival",
        "model/visit.py",
        "eyes.take(shares, begun=bool(starts)):\n                yield eyes.wait(shares, begun=bool(starts))",
        "eyes.take(shares, begun=True):\n                yield eyes.wait(shares, begun=True)",
        ENDS,
    ),
    Mutant(
        "a first step without a nurse begins between two shifts",
        "model/visit.py",
        "elif not starts and clinic.team.relief is not None:",
        "elif not starts and clinic.team.relief is False:",
        ENDS,
    ),
    Mutant(
        "nurses who stay tidy chairs",
        "model/visit.py",
        "hands.take(begun=False):\n            yield hands.wait(begun=False)",
        "hands.take(begun=True):\n            yield hands.wait(begun=True)",
        ENDS,
    ),
    Mutant(
        "those who stay pass over nobody",
        "model/pools.py",
        "for place, (begun, _, _) in enumerate(self.queue) if begun or everybody",
        "for place, _ in enumerate(self.queue) if self.queue[0][0] or everybody",
        ENDS,
    ),
    Mutant(
        "who goes unserved keeps the eyes that watched",
        "model/visit.py",
        "                    if watched:\n"
        "                        eyes.give_back(watched)\n"
        "                    _go(",
        "                    _go(",
        ENDS,
    ),
    # -- days and the grid -----------------------------------------------------------------------------------
    Mutant(
        "opening hours of the wrong weekday",
        "model/calendar.py",
        "hours.get(WEEKDAYS[date.weekday()])",
        "hours.get(WEEKDAYS[(date.weekday() + 1) % 7])",
        SERIES,
    ),
    Mutant(
        "walk-in patients who find it closed come at opening, always",
        "model/calendar.py",
        "return same if opening <= same < closing else opening",
        "return opening",
        VISIT,
    ),
    Mutant(
        "the grid ignores closing",
        "model/grid.py",
        "while start + visit.patient_minutes <= closing + _CLOSE:",
        "while start <= closing + _CLOSE:",
        GRID,
    ),
    Mutant(
        "turnover, too, must end by closing",
        "model/grid.py",
        "        if step.patient:\n            patient_minutes = end",
        "        patient_minutes = end",
        GRID,
    ),
    # -- the book --------------------------------------------------------------------------------------------
    Mutant(
        "prefer_days is ignored",
        "model/book.py",
        "best - self._prefer - 1",
        "best - 1",
        BOOK,
    ),
    Mutant(
        "prefer_days is off by one",
        "model/book.py",
        "best - self._prefer - 1",
        "best - self._prefer",
        BOOK,
    ),
    Mutant(
        "gaps end a day early",
        "model/book.py",
        "window = [(gap, _ALL) for gap in range(low, high + 1)]",
        "window = [(gap, _ALL) for gap in range(low, max(high, low + 1))]",
        BOOK,
    ),
    Mutant(
        "a gap lengthens by a closed date it begins on",
        "model/book.py",
        "total[day + gap] - total[day + 1] >= gap - high",
        "total[day + gap] - total[day] >= gap - high",
        BOOK,
    ),
    Mutant(
        "a gap lengthens by one day too few",
        "model/book.py",
        "total[day + gap] - total[day + 1] >= gap - high",
        "total[day + gap] - total[day + 1] > gap - high",
        BOOK,
    ),
    Mutant(
        "the reserve is rounded down",
        "model/book.py",
        "math.ceil(round(share * starts, 9))",
        "math.floor(round(share * starts, 9))",
        BOOK,
    ),
    Mutant(
        "the reserve is released a day late",
        "model/book.py",
        "released = (1 << (self._release + 1)) - 1",
        "released = (1 << self._release) - 1",
        BOOK,
    ),
    Mutant(
        "the open window is a day short",
        "model/book.py",
        "return days & ((2 << self._window) - 1), today",
        "return days & ((1 << self._window) - 1), today",
        BOOK,
    ),
    Mutant(
        "patience counts from the day of booking",
        "model/desk.py",
        "            latest=self._calendar.index(patient.ready) + self._rules.patience_days,",
        "            latest=self._calendar.index(now) + self._rules.patience_days,",
        SERIES,
    ),
    Mutant(
        "a rebooked infusion ignores the one after",
        "model/desk.py",
        "latest = ahead[0].day - allowed.least if ahead else None",
        "latest = ahead[0].day - 1 if ahead else None",
        SERIES,
    ),
    Mutant(
        "released starts stay taken",
        "model/desk.py",
        "            if appointment.is_booked:\n                self.cancel(appointment)\n",
        "",
        SERIES,
    ),
    Mutant(
        "of those who wait for a start, the last comes first",
        "model/desk.py",
        "for row, attempt in self._waiting:",
        "for row, attempt in sorted(self._waiting, key=lambda pair: -pair[0].requested):",
        BOOSTERS,
    ),
    Mutant(
        "a late cancellation does not free the start",
        "model/infusions.py",
        "            clinic.desk.cancel(seen)\n",
        "",
        SERIES,
    ),
    Mutant(
        "a late cancellation comes when the appointment would have been",
        "model/infusions.py",
        "max(env.now, seen.appointment - clinic.cancel_notice)",
        "max(env.now, seen.appointment)",
        SERIES,
    ),
    Mutant(
        "the clinic's cancellations count as the patient's misses",
        "model/infusions.py",
        "        seen.outcome, seen.decided = records.CLINIC_CANCELLED, env.now\n",
        "        _miss(clinic, patient, seen, records.CLINIC_CANCELLED)\n",
        SERIES,
    ),
    Mutant(
        "a no-show is known an hour before",
        "model/infusions.py",
        "yield max(env.now, seen.appointment)",
        "yield max(env.now, seen.appointment - 60.0)",
        SERIES,
    ),
    Mutant(
        "the walk-in gap runs from leaving",
        "model/infusions.py",
        "        when += plan.gaps[patient.protocol].preferred[0][0] * DAY",
        "        when = env.now + plan.gaps[patient.protocol].preferred[0][0] * DAY",
        VISIT,
    ),
    # -- the programme ---------------------------------------------------------------------------------------
    Mutant(
        "the relapse clock runs from the first infusion",
        "model/programme.py",
        "        return patient.seen_until, 0, None",
        "        return patient.first_infusion, 0, None",
        BOOSTERS,
    ),
    Mutant(
        "check-ins are rounded down",
        "model/programme.py",
        "ceil((relapsed - last) / every)",
        "floor((relapsed - last) / every)",
        BOOSTERS,
    ),
    Mutant(
        "uptake is asked again at later relapses",
        "model/programme.py",
        "        if course == 0:\n            if not luck.uptake[patient.row]:",
        "        if course == 0 or not at_once:\n            if course or not luck.uptake[patient.row]:",
        BOOSTERS,
    ),
    Mutant(
        "a booster given in time brings a later relapse forward",
        "model/programme.py",
        "relapse = max(relapse, last + days * DAY)",
        "relapse = last + days * DAY",
        BOOSTERS,
    ),
    Mutant(
        "an appointment exchanged for a sooner one counts as released",
        "model/programme.py",
        "desk.release(ahead, moved=True)",
        "desk.release(ahead)",
        BOOSTERS,
    ),
    Mutant(
        "sustained on the very day of the relapse",
        "model/programme.py",
        "if days * DAY > follow_up:",
        "if days * DAY >= follow_up:",
        BOOSTERS,
    ),
    # -- luck ------------------------------------------------------------------------------------------------
    Mutant(
        "the mean for the median",
        "scenario/distributions.py",
        "return math.log(self.median)",
        "return math.log(self.median) - self.sigma**2 / 2",
        (*LAWS, *LUCK),
    ),
    Mutant(
        "cv for its square",
        "sampling/distributions.py",
        "float(max(law.cv, 1e-6) ** -2.0)",
        "float(max(law.cv, 1e-6) ** -1.0)",
        (*LAWS, *LUCK),
    ),
    Mutant(
        "never is ignored",
        "sampling/distributions.py",
        "    happens = 1.0 - law.never\n",
        "    happens = 1.0\n",
        (*LAWS, *LUCK),
    ),
    Mutant(
        "drop-out after the last infusion",
        "sampling/luck.py",
        "(after < self.infusions[coming, None])",
        "(after <= self.infusions[coming, None])",
        LUCK,
    ),
    Mutant(
        "who would drop out after it is not stopped",
        "sampling/luck.py",
        "(rule.after <= ends_after)",
        "(rule.after < ends_after)",
        LUCK,
    ),
    Mutant(
        "sensitivity for specificity",
        "sampling/luck.py",
        "rule.sensitivity, 1.0 - rule.specificity",
        "rule.sensitivity, rule.specificity",
        LUCK,
    ),
    Mutant(
        "who responds takes boosters",
        "sampling/luck.py",
        "uptake = u_uptake < scenario.boosters.uptake",
        "uptake = u_response < scenario.boosters.uptake",
        LUCK,
    ),
    Mutant(
        "a cancelled visit is rebooked to the very same day",
        "model/desk.py",
        "missed.day if missed.outcome == NO_SHOW else missed.day + 1",
        "missed.day",
        ("model/test_corners.py",),
    ),
    Mutant(
        "one more lengthening than boosters before",
        "sampling/silence.py",
        "scenario.boosters.lengthening ** (course - 1.0)",
        "scenario.boosters.lengthening ** (course + 0.0)",
        LUCK,
    ),
    Mutant(
        "complications count boosters from one",
        "sampling/luck.py",
        "(lifetime >= complication.from_infusion) & (lifetime <= ",
        "(number >= complication.from_infusion) & (number <= ",
        LUCK,
    ),
    Mutant(
        "first boosters take longer, too",
        "sampling/luck.py",
        'kind == "induction" and step.first_visit_extra_minutes',
        "step.first_visit_extra_minutes",
        LUCK,
    ),
    Mutant(
        "seed and replication are added up",
        "sampling/streams.py",
        "parts = (str(seed), str(replication), kind, stream)",
        "parts = (str(seed + replication), kind, stream)",
        STREAMS,
    ),
    Mutant(
        "antithetic is not",
        "sampling/streams.py",
        "return 1.0 - drawn if self.antithetic else drawn",
        "return drawn",
        STREAMS,
    ),
    Mutant(
        "growth begins with the warm-up",
        "sampling/referrals.py",
        "            if since > 0:\n",
        "            if True:\n",
        REFERRALS,
    ),
    Mutant(
        "month factors are not scaled to a mean of one",
        "sampling/referrals.py",
        "demand.month_factors[date.month - 1] * _MONTHS / sum(demand.month_factors)",
        "demand.month_factors[date.month - 1]",
        REFERRALS,
    ),
    # -- figures ---------------------------------------------------------------------------------------------
    Mutant(
        "no-shows over appointments kept",
        "measures/visits.py",
        '"no_show_share": share(no_shows.sum(), due)',
        '"no_show_share": share(no_shows.sum(), weeks["infusions"].sum())',
        MEASURES,
    ),
    Mutant(
        "cancelled appointments fill starts",
        "measures/visits.py",
        "came = filled | missed\n",
        "came = filled | missed | cancelled\n",
        ("measures/test_on_paper.py::test_key_figure",),
    ),
    Mutant(
        "early patients have negative waits",
        "measures/visits.py",
        'np.maximum(table["step_start"][done, 0] - expected, 0.0)',
        'table["step_start"][done, 0] - expected',
        MEASURES,
    ),
    Mutant(
        "chairs held after closing are use",
        "measures/staffing.py",
        "floor.chairs.inside(floor.open, edges)",
        "np.diff(floor.chairs.until(edges))",
        MEASURES,
    ),
    Mutant(
        "nobody stays with whom nobody watches",
        "measures/overtime.py",
        "np.maximum(takes, 1)",
        "takes",
        MEASURES,
    ),
    Mutant(
        "overtime between shifts rises again",
        "measures/overtime.py",
        "np.minimum.accumulate(np.minimum(wanted, stayed))",
        "np.minimum(wanted, stayed)",
        MEASURES,
    ),
    Mutant(
        "more stay than have left",
        "measures/overtime.py",
        "np.minimum.accumulate(np.minimum(wanted, stayed))",
        "np.minimum.accumulate(wanted)",
        (*ENDS, *MEASURES),
    ),
    Mutant(
        "watching is rounded down when a shift ends",
        "measures/overtime.py",
        "np.ceil(eyes.at(moments) / parts)",
        "np.floor(eyes.at(moments) / parts)",
        ENDS,
    ),
    Mutant(
        "hands and watching add up when a shift ends",
        "measures/overtime.py",
        "np.maximum(hands.at(moments), np.ceil(",
        "np.add(hands.at(moments), np.ceil(",
        ENDS,
    ),
    Mutant(
        "nobody is paid while a patient rests between shifts",
        "measures/overtime.py",
        "float(between[place]))  #",
        "0.0)  #",
        ENDS,
    ),
    Mutant(
        "those on duty are paid as overtime",
        "measures/overtime.py",
        "over = claimed - present.at(moments)",
        "over = claimed",
        ENDS,
    ),
    Mutant(
        "overtime between shifts goes on until the next shift",
        "measures/overtime.py",
        "min(until[place], last_out)",
        "until[place]",
        ENDS,
    ),
    Mutant(
        "overtime between shifts for visits that begin later",
        "measures/overtime.py",
        "gone_home[first < end]",
        "gone_home[first < until[place]]",
        MEASURES,
    ),
    Mutant(
        "those who stayed are paid beside the next shift",
        "measures/overtime.py",
        "stayed = 0.0  # those",
        "stayed += 0.0  # those",
        (*ENDS, *MEASURES),
    ),
    Mutant(
        "those who left earlier are forgotten",
        "measures/overtime.py",
        "stayed += float(gone[place])",
        "stayed = float(gone[place])",
        ENDS,
    ),
    Mutant(
        "midnight belongs to the day that begins",
        "measures/overtime.py",
        "np.ceil(ends / DAY) * DAY",
        "(np.floor(ends / DAY) + 1.0) * DAY",
        ENDS,
    ),
    Mutant(
        "a shift to which nobody comes is the next",
        "measures/overtime.py",
        "changes = changes[np.diff(present.at(changes), prepend=0.0) != 0]",
        "changes = changes[changes > -1.0]",
        (*ENDS, *MEASURES),
    ),
    Mutant(
        "access from the referral",
        "measures/access.py",
        'delay: Floats = (first - patients["ready"])[chosen]',
        'delay: Floats = (first - patients["referred"])[chosen]',
        MEASURES,
    ),
    Mutant(
        "an exchanged appointment is a request",
        "measures/boosters.py",
        '(visits["outcome"] != MOVED)',
        '(visits["outcome"] != -1)',
        MEASURES,
    ),
    Mutant(
        "a forecast does not hear who called after closing",
        "sampling/today.py",
        "            return hours.end - back * _DAY",
        "            return 0.0",
        FORECAST,
    ),
    Mutant(
        "nobody leaves the programme unseen",
        "sampling/silence.py",
        "leaving / (leaving + (1.0 - leaving) * silent)",
        "leaving",
        FORECAST,
    ),
    Mutant(
        "a patient silent so long begins anew",
        "sampling/silence.py",
        "u = np.minimum(gone + (1.0 - gone) * u_relapse, distributions.BELOW_ONE)",
        "u = u_relapse",
        FORECAST,
    ),
    Mutant(
        "infusions had are had again",
        "sampling/luck.py",
        "        drops &= after > before[:, None]",
        "        drops &= after >= 0",
        FORECAST,
    ),
    # -- when the clinic is full -----------------------------------------------------------------------------
    Mutant(
        "a week is judged by itself",
        "measures/full.py",
        "summed: Integers = total[np.minimum(week + WEEKS_JUDGED, values.size)] - total[week]",
        "summed: Integers = total[np.minimum(week + 1, values.size)] - total[week]",
        FULL,
    ),
    Mutant(
        "one in ten may be sent away",
        "measures/full.py",
        "return Limits(bound(scenario.targets.balked_share),",
        "return Limits(2 * bound(scenario.targets.balked_share),",
        (*FULL, "studies/test_forecast.py"),
    ),
    Mutant(
        "a booster waits from the day it is asked for",
        "measures/full.py",
        "- (asked + notice) >",
        "- asked >",
        FULL,
    ),
    Mutant(
        "a booster that is missed was never offered",
        "measures/boosters.py",
        '~np.isnan(visits["appointment"][rows]) & (outcome != CLINIC_CANCELLED)',
        '~np.isnan(visits["appointment"][rows]) & (outcome == COMPLETED)',
        FULL,
    ),
    Mutant(
        "a booster that waits for ever is never late",
        "measures/full.py",
        "np.fmin(wishes.settled, end))",
        "wishes.settled)",
        FULL,
    ),
    Mutant(
        "late cancellations have used no start",
        "measures/full.py",
        "| (outcome == CANCELLED)",
        "",
        FULL,
    ),
    Mutant(
        "a start freed and given again counts twice",
        "measures/full.py",
        "step = np.repeat([1, -1], [due.size, freed.size])",
        "step = np.repeat([1, 0], [due.size, freed.size])",
        FULL,
    ),
    Mutant(
        "all starts given away are room",
        "measures/full.py",
        "+ 1e-9) | given_away",
        "+ 1e-9) & ~given_away",
        FULL,
    ),
    Mutant(
        "who had asked before asks anew",
        "measures/full.py",
        "        return (wishes.asked < 0) & ~(wishes.booked < 0) & ~(wishes.settled < 0)",
        "        return (wishes.asked < 0) & ~(wishes.settled < 0)",
        FULL,
    ),
    Mutant(
        "a call before the first day is a call on it",
        "model/programme.py",
        "course, noticed, relapsed)\n",
        "course, env.now, relapsed)\n",
        FORECAST,
    ),
    Mutant(
        "the last weeks are judged by what is left of them",
        "measures/full.py",
        "    return WEEKS_JUDGED - 1 + ceil((days + 1) / 7)",
        "    return 0",
        FULL,
    ),
    Mutant(
        "a future that is never full is full in the last week",
        "report/when_full.py",
        "ranked = sorted(weeks if week is None",
        "ranked = sorted(weeks - 1 if week is None",
        WHEN_FULL,
    ),
    Mutant(
        "ten futures are enough for a range",
        "report/when_full.py",
        "FEWEST = 40",
        "FEWEST = 10",
        WHEN_FULL,
    ),
    Mutant(
        "half of the futures is most of them",
        "report/when_full.py",
        "    if low > _HALF:",
        "    if full / n > _HALF:",
        WHEN_FULL,
    ),
    Mutant(
        "full for a while is full for good",
        "report/when_full.py",
        "    if at_end < full - _TENTH * n:",
        "    if at_end < 0:",
        WHEN_FULL,
    ),
    Mutant(
        "errors of estimates go their own ways",
        "sampling/parameters.py",
        "sum(lower[place][k] * normal[k] for k in range(place + 1))",
        "lower[place][place] * normal[place]",
        FORECAST,
    ),
    # -- who gets which start, and when ------------------------------------------------------------------------
    Mutant(
        "a start that a series gives back stays closed to series",
        "model/book.py",
        "if self._series_taken[day] < self._series_limit[day]:",
        "if self._series_taken[day] < 0:",
        ("model/test_series_on_paper.py::test_a_start_that_one_series_gives_back_is_there_for_the_next",),
    ),
    Mutant(
        "a start that a series gives back still counts as a series'",
        "model/book.py",
        "            self._series_taken[day] -= 1\n",
        "",
        ("model/test_series_on_paper.py::test_a_start_that_one_series_gives_back_is_there_for_the_next",),
    ),
    Mutant(
        "boosters use up what series may have",
        "model/book.py",
        "        if series and self._reserve:\n            self._series_taken[day] += 1",
        "        if self._reserve:\n            self._series_taken[day] += 1",
        ("model/test_boosters_on_paper.py::test_a_booster_takes_no_start_from_what_series_may_have",),
    ),
    Mutant(
        "a cancelled booster opens the reserve to series",
        "model/desk.py",
        "appointment.place, series=appointment.kind == INDUCTION)",
        "appointment.place, series=True)",
        ("model/test_boosters_on_paper.py::test_a_booster_that_is_cancelled_leaves_its_start_to_boosters",),
    ),
    Mutant(
        "a booster booked again may not take the reserve",
        "model/desk.py",
        "allowed, series = self._clinic.plan.gaps[patient.protocol], missed.kind == INDUCTION",
        "allowed, series = self._clinic.plan.gaps[patient.protocol], True",
        ("model/test_boosters_on_paper.py::test_a_booster_booked_again_may_take_the_reserve",),
    ),
    Mutant(
        "a booster course may not take the reserve",
        "model/desk.py",
        "allowed, earliest=earliest, latest=last, series=False)",
        "allowed, earliest=earliest, latest=last, series=True)",
        ("model/test_boosters_on_paper.py::test_a_course_may_take_the_reserve",),
    ),
    Mutant(
        "an appended booster may not take the reserve",
        "model/desk.py",
        "            series = row.kind == INDUCTION\n            return self._try",
        "            series = True\n            return self._try",
        ("model/test_boosters_on_paper.py::test_a_booster_appended_to_its_course_may_take_the_reserve",),
    ),
    Mutant(
        "a rolling infusion on the day after the last one",
        "model/book.py",
        "_from(days, last_day + allowed.least - today)",
        "_from(days, last_day + 1 - today)",
        ("model/test_series_on_paper.py::test_rolling_never_takes_a_start_before_the_least_gap",),
    ),
    Mutant(
        "a rolling infusion is booked after closing",
        "model/desk.py",
        "        yield from self.ask()\n        row = self._row_like(seen, seen.number + 1)",
        "        yield from ()\n        row = self._row_like(seen, seen.number + 1)",
        ("model/test_series_on_paper.py::test_rolling_who_leaves_after_closing_is_answered_in_the_morning",),
    ),
    Mutant(
        "a missed infusion is booked again on a Sunday",
        "model/desk.py",
        "        yield from self.ask()\n        allowed, series",
        "        yield from ()\n        allowed, series",
        ("model/test_series_on_paper.py::test_who_cancels_on_a_sunday_is_given_another_start_on_monday",),
    ),
    Mutant(
        "a rebooked infusion ignores the one before",
        "model/desk.py",
        "            first = max(first, last_day + allowed.least)",
        "            first = max(first, last_day + 1)",
        (
            "model/test_today_on_paper.py::test_an_infusion_booked_again_keeps_the_least_gap_to_the_last_one_before_today",
        ),
    ),
    Mutant(
        "who gave up a request that waits gets a start",
        "model/desk.py",
        "                if row.outcome != TO_COME:\n                    continue  # released while it waited\n",
        "",
        ("model/test_series_on_paper.py::test_a_request_given_up_while_it_waits_takes_no_start",),
    ),
    Mutant(
        "a sooner booster needs no notice",
        "model/desk.py",
        "        earliest = self._calendar.index(now) + self._rules.booster_notice_days\n",
        "        earliest = self._calendar.index(now)\n",
        ("model/test_boosters_on_paper.py::test_a_relapse_is_answered_after_the_notice_before_the_schedule",),
    ),
    Mutant(
        "who balked counts as in a series",
        "model/desk.py",
        "            self._in_series -= 1\n            return None\n",
        "            return None\n",
        ("model/test_series_on_paper.py::test_who_balked_is_not_in_a_series",),
    ),
    Mutant(
        "who asks passes those who are held",
        "model/desk.py",
        "if self._held or self._in_series >= cap:",
        "if self._in_series >= cap:",
        ("model/test_series_on_paper.py::test_nobody_passes_those_who_are_held",),
    ),
    Mutant(
        "who is held is let in without notice",
        "model/desk.py",
        "+ self._rules.notice_days,\n            latest",
        "+ (0 if cap else self._rules.notice_days),\n            latest",
        ("model/test_series_on_paper.py::test_who_is_held_is_given_notice_when_let_in",),
    ),
    Mutant(
        "who is held is kept until patience ends, whatever the notice",
        "model/desk.py",
        "if latest < index + self._rules.notice_days:",
        "if latest < index:",
        (
            "model/test_series_on_paper.py::test_who_is_held_leaves_when_the_notice_takes_them_past_their_patience",
        ),
    ),
    Mutant(
        "the weekly cap is off on weekends",
        "model/book.py",
        "week = ((1 << 7) - 1) << monday if monday >= 0 else ((1 << 7) - 1) >> -monday",
        "week = ((1 << 5) - 1) << monday if monday >= 0 else ((1 << 5) - 1) >> -monday",
        ("model/test_series_on_paper.py::test_a_week_whose_cap_is_reached_is_closed_to_its_sunday",),
    ),
    Mutant(
        "the weekly cap is off in a week that began before the run",
        "model/book.py",
        "else ((1 << 7) - 1) >> -monday",
        "else 0",
        ("model/test_series_on_paper.py::test_the_cap_holds_in_a_week_that_began_before_the_run",),
    ),
    Mutant(
        "third next available without notice",
        "model/desk.py",
        "            earliest=index + self._rules.notice_days,\n",
        "            earliest=index,\n",
        ("model/test_series_on_paper.py::test_third_next_available_comes_after_the_notice",),
    ),
    Mutant(
        "third next available in a week whose cap is reached",
        "model/book.py",
        "            first &= ~(self._full_weeks >> today)\n        can",
        "            pass\n        can",
        ("model/test_series_on_paper.py::test_third_next_available_passes_over_weeks_whose_cap_is_reached",),
    ),
    # -- the team, again ---------------------------------------------------------------------------------------
    Mutant(
        "a morning shift keeps the appointments of an absent evening",
        "model/team.py",
        "count and duty.start <= hours[0] and duty.end >= hours[1]",
        "count and duty.start <= hours[0]",
        (
            "model/test_series_on_paper.py::test_a_morning_shift_does_not_keep_the_appointments_of_an_absent_evening",
        ),
    ),
    Mutant(
        "a shift that has gone home stays for overtime",
        "model/team.py",
        "if count and duty.end == step.minute\n",
        "if count\n",
        ("model/test_visit_on_paper.py::test_a_shift_that_has_gone_home_does_not_stay",),
    ),
    Mutant(
        "of two shifts that end together the first one stays",
        "model/team.py",
        "self._on_duty(leaving[-1], leaving[-1])",
        "self._on_duty(leaving[0], leaving[0])",
        ("model/test_visit_on_paper.py::test_of_two_shifts_that_end_together_the_last_by_name_stays",),
    ),
    Mutant(
        "who is absent depends on the warm-up",
        "model/team.py",
        "indices + plan.calendar.first_day",
        "indices",
        ("model/test_series_on_paper.py::test_who_is_absent_on_a_date_is_absent_however_long_the_warm_up",),
    ),
    Mutant(
        "a shift that begins watches nobody who waits",
        "model/team.py",
        "        clinic.eyes.serve()\n",
        "",
        ("model/test_visit_on_paper.py::test_who_waits_for_watching_is_watched_when_the_shift_begins",),
    ),
    # -- luck, again -------------------------------------------------------------------------------------------
    Mutant(
        "a patient reports every relapse or none",
        "sampling/luck.py",
        '            ["relapse", "self report", "attrition"], rows, course\n        )\n',
        '            ["relapse", "self report", "attrition"], rows, course\n        )\n'
        '        u_report = self._people.uniform(["self report"], rows, np.zeros_like(course))[0]\n',
        ("sampling/test_luck.py::test_each_relapse_is_reported_or_not_whatever_the_one_before",),
    ),
    # -- designs -----------------------------------------------------------------------------------------------
    Mutant(
        "Morris' sigma of absolute effects",
        "experiment/designs/morris.py",
        "known.std(axis=0, ddof=1)",
        "size.std(axis=0, ddof=1)",
        ("experiment/designs/test_designs.py::test_morris_sigma_is_the_spread_of_effects_with_their_signs",),
    ),
    Mutant(
        "Morris' sigma without Bessel's correction",
        "experiment/designs/morris.py",
        "known.std(axis=0, ddof=1)",
        "known.std(axis=0)",
        ("experiment/designs/test_designs.py::test_morris_sigma_is_the_spread_of_effects_with_their_signs",),
    ),
    Mutant(
        "levels have the variance of a range",
        "experiment/designs/lhs.py",
        "* inputs.var(axis=0) / total",
        "/ 12 / total",
        ("experiment/designs/test_designs.py::test_a_factor_that_explains_everything_has_a_share_of_one",),
    ),
    Mutant(
        "a slope's interval has a degree of freedom too many",
        "experiment/designs/lhs.py",
        "free = len(values) - factors - 1\n",
        "free = len(values) - factors\n",
        ("experiment/designs/test_designs.py::test_the_interval_of_a_slope_is_the_textbooks",),
    ),
    Mutant(
        "a slope's interval is one-sided",
        "experiment/designs/lhs.py",
        "special.stdtrit(free, (1 + CONFIDENCE) / 2)",
        "special.stdtrit(free, CONFIDENCE)",
        ("experiment/designs/test_designs.py::test_the_interval_of_a_slope_is_the_textbooks",),
    ),
    Mutant(
        "a bootstrap's interval is one of 90 %",
        "experiment/designs/findings.py",
        "(0.025, 0.975)",
        "(0.05, 0.95)",
        (
            "experiment/designs/test_designs.py::test_a_band_leaves_two_and_a_half_in_a_hundred_on_either_side",
        ),
    ),
    Mutant(
        "a missing figure counts as zero",
        "experiment/designs/findings.py",
        "np.where(count > 0, total / np.maximum(count, 1), np.nan)",
        "np.where(count > 0, total / figures.shape[1], np.nan)",
        ("experiment/designs/test_designs.py::test_the_mean_is_over_the_replications_that_have_the_figure",),
    ),
    # -- how many replications ---------------------------------------------------------------------------------
    Mutant(
        "satisfied by an interval 22 % too wide",
        "experiment/precision.py",
        "half <= wanted",
        "half <= 1.22 * wanted",
        ("experiment/test_precision.py::test_satisfied_by_the_width_that_was_wanted_and_by_no_wider_one",),
    ),
    Mutant(
        "the spread between replications without Bessel's correction",
        "experiment/precision.py",
        "float(np.std(known, ddof=1))\n",
        "float(np.std(known))\n",
        ("experiment/test_precision.py::test_satisfied_by_the_width_that_was_wanted_and_by_no_wider_one",),
    ),
    Mutant(
        "replications without the figure narrow its interval",
        "experiment/precision.py",
        "student, wanted = half_width(sd, known.size)",
        "student, wanted = half_width(sd, values.size)",
        ("experiment/test_precision.py::test_replications_without_the_figure_make_nothing_more_precise",),
    ),
    Mutant(
        "replications without the figure count among the least",
        "experiment/precision.py",
        "reached = known.size >= least",
        "reached = values.size >= least",
        ("experiment/test_precision.py::test_the_least_number_counts_replications_that_have_the_figure",),
    ),
    Mutant(
        "a share of the mean is taken for the figure's unit",
        "experiment/precision.py",
        "enough = needed(sd * half / student, wanted)",
        "enough = needed(sd * half / student, goal.half_width)",
        ("experiment/test_precision.py::test_a_share_of_the_mean_is_reckoned_in_the_figures_unit",),
    ),
    Mutant(
        "the last goal decides how many more",
        "experiment/precision.py",
        "wanted = max(wanted, _GROWTH * count if each.enough is None else each.enough * thin)",
        "wanted = _GROWTH * count if each.enough is None else each.enough * thin",
        ("experiment/test_precision.py::test_the_goal_that_needs_most_decides",),
    ),
    # -- verdicts --------------------------------------------------------------------------------------------
    Mutant(
        "verdicts: a limit counts as kept at half its confidence",
        "measures/shown.py",
        "return self.mean + self._half(self.n)",
        "return self.mean + self._half(self.n) / 2",
        VERDICTS,
    ),
    Mutant(
        "verdicts: broken without correction for their number",
        "measures/shown.py",
        "(1 - CONFIDENCE) / (len(p) - rank)",
        "(1 - CONFIDENCE)",
        VERDICTS,
    ),
    Mutant(
        "verdicts: none turned away shows nothing of its count",
        "measures/stability.py",
        "NONE_SEEN / decided if decided else math.inf",
        "0.0",
        VERDICTS,
    ),
    Mutant(
        "verdicts: growth held against a fixed number",
        "measures/stability.py",
        "growth - bound(targets.queue_growth) * started",
        "growth - bound(targets.queue_growth) * 10.0",
        VERDICTS,
    ),
    Mutant(
        "verdicts: paper that is nearly full counts as fitting",
        "measures/stability.py",
        "elif expected.asked > PAPER_FITS:",
        "elif expected.asked > 1.0:",
        VERDICTS,
    ),
    Mutant(
        "verdicts: a falling load is no drift",
        "measures/stability.py",
        '("fall", -change - DRIFT * level)',
        '("fall", change - DRIFT * level)',
        VERDICTS,
    ),
    Mutant(
        "verdicts: two replications are enough",
        "measures/stability.py",
        "LEAST = 5",
        "LEAST = 2",
        VERDICTS,
    ),
    Mutant(
        "verdicts: the day holds if either limit does",
        "measures/punctual.py",
        "if not broken[at] and not found[at].below(limits[at])",
        "if not broken[at] and not any(found[each].below(limits[each]) for each in there)",
        VERDICTS,
    ),
    Mutant(
        "level: patients are there from the first day on",
        "studies/level.py",
        "opened = _first_series_end(scenario) - 7 * warm_up_weeks",
        "opened = -7.0 * warm_up_weeks",
        LEVEL,
    ),
    Mutant(
        "level: nobody leaves after a booster",
        "studies/level.py",
        "again = seen((1 - rules.attrition) * _noticed(scenario, rules.days, 1.0, days))",
        "again = seen(_noticed(scenario, rules.days, 1.0, days))",
        LEVEL,
    ),
    Mutant(
        "level: a relapse that is not reported is seen a check-in early",
        "studies/level.py",
        "places = checks[1:]",
        "places = checks[:-1]",
        LEVEL,
    ),
    Mutant(
        "turned away: of those who became ready, not of those decided",
        "measures/access.py",
        "counted = new & window.holds(decided)",
        "counted = new & window.holds(ready)",
        ("measures/test_turned_away.py",),
    ),
    Mutant(
        "turned away: known although nobody had the time to lose patience",
        "measures/access.py",
        "return not waits.any()",
        "return True",
        ("measures/test_turned_away.py",),
    ),
)
