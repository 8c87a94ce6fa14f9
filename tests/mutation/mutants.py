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
        Files below `tests/` that ought to notice.
    """

    name: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...]


VISIT = ("model/test_visit_on_paper.py",)
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
        "            if not hands.take():\n                yield hands.wait()\n                seen",
        "        if hands_on:\n            if watched:\n"
        "                eyes.give_back(watched)\n                watched = 0\n"
        "            if not hands.take():\n                yield hands.wait()\n                seen",
        VISIT,
    ),
    Mutant(
        "heavier watching is asked for while the lighter is kept",
        "model/visit.py",
        "        elif shares > watched:\n            if watched:\n                eyes.give_back(watched)\n"
        "            watched = shares\n"
        "            if not eyes.take(shares):\n                yield eyes.wait(shares)\n",
        "        elif shares > watched:\n            more, watched = shares - watched, shares\n"
        "            if not eyes.take(more):\n                yield eyes.wait(more)\n",
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
        VISIT,
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
        "if nurses == 0 and self._clinic.inside:",
        "if nurses == 0 and self._clinic.inside < 0:",
        VISIT,
    ),
    Mutant(
        "nurses on overtime watch but lend no hand",
        "model/team.py",
        "hands = nurses = leaving[-1]",
        "nurses = leaving[-1]",
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
        "        if nurses == 0 and self._overtime:\n            return",
        "        if self._overtime:\n            return",
        VISIT,
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
        "came = done | missed\n",
        "came = done | missed | cancelled\n",
        MEASURES,
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
        "measures/staffing.py",
        "np.maximum(takes, 1)",
        "takes",
        MEASURES,
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
    Mutant(
        "one busy week is a full clinic",
        "studies/forecast.py",
        "_RUNNING = 2",
        "_RUNNING = 1",
        FORECAST,
    ),
    Mutant(
        "errors of estimates go their own ways",
        "sampling/parameters.py",
        "sum(lower[place][k] * normal[k] for k in range(place + 1))",
        "lower[place][place] * normal[place]",
        FORECAST,
    ),
)
