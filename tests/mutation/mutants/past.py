"""Planted bugs of `past`, see :mod:`tests.mutation.mutants`."""

from tests.mutation.mutant import Mutant

CALENDAR = ("planning/test_calendar.py",)
OWN_POLICIES = ("plugins/test_policies.py",)
PAST_DIR = "past/"
PAST = (f"{PAST_DIR}test_on_paper.py", f"{PAST_DIR}test_as_simulated.py")
STATIONARY = ("analytic/test_steady_start.py",)

SHARED_DATES = (f"{PAST_DIR}test_shared_dates.py",)


def _dates_without(what: str, written: str, found: str = "") -> Mutant:
    """Leave a setting out of those on which dates depend."""
    return Mutant(f"dates are shared whatever {what}", "past/dates.py", written, found, SHARED_DATES)


MUTANTS = (
    _dates_without("the first day", "(run.start, run.warm_up_weeks, *opens", "(run.warm_up_weeks, *opens"),
    _dates_without("the warm-up", "(run.start, run.warm_up_weeks, *opens", "(run.start, *opens"),
    _dates_without("the hours", "opens = scenario.clinic, scenario.shifts", "opens = scenario.shifts"),
    _dates_without("the shifts", "scenario.shifts, scenario.changes", "scenario.changes"),
    _dates_without("changes at a date", "scenario.shifts, scenario.changes", "scenario.shifts"),
    _dates_without("the book", "visits = scenario.booking, ", "visits = "),
    _dates_without("the protocols", "scenario.protocols, scenario.visit,", "scenario.visit,"),
    _dates_without("the visit", "scenario.protocols, scenario.visit,", "scenario.protocols,"),
    _dates_without("the courses", "scenario.visit, courses\n", "scenario.visit\n"),
    _dates_without("the mix of visits", "        if not scenario.simple:\n", "        if False:\n"),
    _dates_without("the reach of the past", "        shorter.weeks = weeks\n"),
    Mutant(
        "consults of the past: nobody waits for an answer",
        "past/consults.py",
        "    answered = since < dates.begins\n",
        "    answered = since < np.inf\n",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: no notice",
        "past/consults.py",
        "dates.index(since) + scenario.booking.notice_days",
        "dates.index(since)",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: competition delays none",
        "past/consults.py",
        '    earliest += delayed(people, "consult", rows, delay_days)\n',
        "",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: nobody is turned away",
        "past/consults.py",
        "    if turned_away:\n",
        "    if False:\n",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: none is ahead",
        "past/consults.py",
        "    ahead = moment >= dates.begins\n",
        "    ahead = moment >= np.inf\n",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: they take no time",
        "past/consults.py",
        " + dates.minutes[dates.consult_plan]",
        "",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: patients arrive on the minute",
        "past/consults.py",
        "moment + mean(scenario.attendance.arrival_offset_minutes)",
        "moment",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: a missed one is left at its end",
        "past/consults.py",
        "    left[rows[~came]] = moment[~came]\n",
        "",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: missed ones count among the waits",
        "past/consults.py",
        "waits = np.stack((asked[rows][came], later[came]))",
        "waits = np.stack((asked[rows], later))",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: what follows is not later",
        "past/consults.py",
        "    for times in (consulted, ready, left):\n",
        "    for times in (consulted,):\n",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: in a walk-in clinic all are to come",
        "past/consults.py",
        "np.where(intake.asked < begins, np.nan, intake.asked)",
        "intake.asked",
        ("model/test_consults_on_paper.py",),
    ),
    Mutant(
        "consults of the past: who is booked comes a second time",
        "past/past.py",
        "np.isfinite(intake.asked)) & ~past.is_ahead",
        "np.isfinite(intake.asked))",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "consults of the past: who has not been answered is forgotten",
        "past/past.py",
        "to_come = (to_come | np.isfinite(intake.asked)) & ~past.is_ahead",
        "to_come = to_come & ~past.is_ahead",
        ("past/test_consults_of_the_past.py",),
    ),
    Mutant(
        "pause: answers of the past know none",
        "past/dates.py",
        "np.maximum(minutes, self._opening[day]), later)\n        return self._after_pause(found)\n",
        "np.maximum(minutes, self._opening[day]), later)\n        return found\n",
        CALENDAR,
    ),
    Mutant(
        "pause: walk-in patients of the past know none",
        "past/dates.py",
        "np.maximum(minutes, self._opening[day]), then)\n        return self._after_pause(found)\n",
        "np.maximum(minutes, self._opening[day]), then)\n        return found\n",
        CALENDAR,
    ),
    Mutant(
        "past: a first visit needs no notice",
        "past/past.py",
        "earliest = dates.index(since) + scenario.booking.notice_days",
        "earliest = dates.index(since) + 0",
        PAST,
    ),
    Mutant(
        "past: a booster needs no notice",
        "past/programme.py",
        "dates.index(asked) + self._booking.booster_notice_days + self._extra(asks.rows)",
        "dates.index(asked) + self._extra(asks.rows)",
        PAST,
    ),
    Mutant(
        "past: competition delays no booster",
        "past/visits.py",
        "if not delay_days:",
        "if True:",
        PAST,
    ),
    Mutant(
        "past: patients never leave the programme",
        "past/programme.py",
        "stays = ~leaves | (course == 0)",
        "stays = ~leaves | (course >= 0)",
        STATIONARY,
    ),
    Mutant(
        "past: everybody takes up boosters",
        "past/programme.py",
        "declines[rows] = ~uptake",
        "declines[rows] = False",
        STATIONARY,
    ),
    Mutant(
        "past: every relapse is noticed at once",
        "past/programme.py",
        "np.where(at_once | np.isinf(relapsed), relapsed, np.maximum(relapsed, check))",
        "relapsed",
        STATIONARY,
    ),
    Mutant(
        "past: courses drawn for some patients only",
        "past/programme.py",
        "active = np.concatenate((rows, asks.rows))",
        "active = rows",
        (f"{PAST_DIR}test_missed.py", f"{PAST_DIR}test_as_simulated.py"),
    ),
    Mutant(
        "past: a missed booster is given all the same",
        "past/visits.py",
        "came[missed] = False",
        "came[missed] = True",
        (f"{PAST_DIR}test_missed.py", f"{PAST_DIR}test_as_simulated.py"),
    ),
    Mutant(
        "past: a visit ends when it begins",
        "past/visits.py",
        "end = moment + self.minutes[plan]",
        "end = moment",
        PAST,
    ),
    Mutant(
        "past: all types of visit are as long as the first",
        "past/dates.py",
        "np.array([plan.patient_minutes for plan in plans.plans])",
        "np.array([plans.plans[0].patient_minutes for plan in plans.plans])",
        (f"{PAST_DIR}test_as_simulated.py",),
    ),
    Mutant(
        "past: all types of visit can begin when the first can",
        "past/dates.py",
        "[places(day.fits(plan)) for plan in range(plans)]",
        "[places(day.fits(0)) for _ in range(plans)]",
        (f"{PAST_DIR}test_as_simulated.py",),
    ),
    Mutant(
        "past: a visit is booked on a day on which it cannot begin",
        "past/visits.py",
        "moved = np.isnan(moment)",
        "moved = np.zeros(len(moment), dtype=np.bool_)",
        (f"{PAST_DIR}test_types.py",),
    ),
    Mutant(
        "past: it reaches back half as far",
        "past/reach.py",
        "(1 - LEFT_OUT) * courses",
        "0.5 * courses",
        STATIONARY,
    ),
    Mutant(
        "same patients: rosters with which visits begin at other times share a past",
        "past/dates.py",
        "self._times = np.stack((self._mean_start, self._last_start))",
        "self._times = np.zeros(0)",
        ("past/test_same_patients.py::test_what_changes_the_past_of_several_types",),
    ),
    Mutant(
        "own policies: the past forgets relapses",
        "past/programme.py",
        "rows, states.course[rows], states.relapses[rows])",
        "rows, states.course[rows], 0 * states.relapses[rows])",
        OWN_POLICIES,
    ),
    Mutant(
        "intervals: a past draws those of the patient before",
        "past/programme.py",
        "weeks_to_next(schedule, self._people, rows, states.course[rows], states.relapses[rows])",
        "weeks_to_next(schedule, self._people, rows, states.course[rows] + 1, states.relapses[rows])",
        ("past/test_as_simulated.py",),
    ),
    Mutant(
        "laws: in the past all take boosters as in the scenario",
        "past/past.py",
        "self._laws.each(lambda each: each.boosters.uptake, protocol)",
        "scenario.boosters.uptake",
        ("model/test_laws_of_protocols.py",),
    ),
    Mutant(
        "laws: the past reaches as far as the shortest programme",
        "past/reach.py",
        "return max(_days(",
        "return min(_days(",
        ("planning/test_laws.py",),
    ),
    Mutant(
        "a steady start lets every visit begin at every start",
        "past/dates.py",
        "                    if template is None\n",
        "                    if True\n",
        ("model/test_typed_starts_on_paper.py",),
    ),
    Mutant(
        "past: a pause is sought for what never comes",
        "past/dates.py",
        "np.searchsorted(self._pause_ends[:-1], minutes",
        "np.searchsorted(self._pause_ends, minutes",
        ("past/test_as_simulated.py::test_patients_are_in_the_state_they_are_simulated_in",),
    ),
)
