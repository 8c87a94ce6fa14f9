"""Planted bugs of `past`, see :mod:`tests.mutation.mutants`."""

from tests.mutation.mutant import Mutant

CALENDAR = ("planning/test_calendar.py",)
OWN_POLICIES = ("plugins/test_policies.py",)
PAST_DIR = "past/"
PAST = (f"{PAST_DIR}test_on_paper.py", f"{PAST_DIR}test_as_simulated.py")
STATIONARY = ("analytic/test_steady_start.py",)

MUTANTS = (
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
        "end = moment + self._minutes[plan]",
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
)
