"""Planted bugs of `calibration`, see :mod:`tests.mutation.mutants`."""

from tests.mutation.mutant import Mutant

PATIENTS = "web/test_patients.py::"
TRACK = ("studies/test_track.py",)
FIRST_OPEN_DAY = ("calibration/test_first_open_day.py",)
TYPES = "calibration/test_types.py::"
PRICES = "calibration/test_prices.py::"

MUTANTS = (
    Mutant(
        "prices: a price of several rows counts as one of each",
        "calibration/prices.py",
        "    known[rows[several]] = np.nan\n",
        "",
        (f"{PRICES}test_a_price_over_several_rows_is_unknown",),
    ),
    Mutant(
        "prices: a mark before three digits is a decimal mark",
        "calibration/prices.py",
        "len(digits) - last != 4",
        "len(digits) - last != 0",
        (f"{PRICES}test_amounts",),
    ),
    Mutant(
        "prices: boosters count as infusions of series",
        "calibration/settings/prices.py",
        "mine & ~boosters, visits",
        "mine, visits",
        (f"{PRICES}test_prices_by_type",),
    ),
    Mutant(
        "types of visit: a type that is given as a booster only is no booster",
        "calibration/types.py",
        "    if types[name] != name and kind",
        "    if False and kind",
        (f"{TYPES}test_meanings_of_kinds",),
    ),
    Mutant(
        "types of visit: what a kind says besides the type is lost",
        "calibration/types.py",
        "kind = KIND[said or vocabulary.UNSAID]",
        "kind = KIND[vocabulary.UNSAID]",
        (f"{TYPES}test_meanings_of_kinds",),
    ),
    Mutant(
        "types of visit: the fewest visits decide whose patient it is",
        "calibration/types.py",
        "own = count.argmax(axis=1)",
        "own = (count + 1e9 * (count < 1)).argmin(axis=1)",
        (f"{TYPES}test_most_visits_decide",),
    ),
    Mutant(
        "types of visit: lengths mix the types",
        "calibration/settings/visit_length.py",
        "visits.minutes[timed & (visits.type == at)]",
        "visits.minutes[timed]",
        (f"{TYPES}test_series_and_lengths_by_type",),
    ),
    Mutant(
        "types of visit: the laws of one type hold for all",
        "calibration/calibrate.py",
        "return () if group.shared else tuple(group.protocols)",
        "return ()",
        (f"{TYPES}test_laws_by_type",),
    ),
    Mutant(
        "types of visit: all patients of a type count as new ones",
        "calibration/settings/series.py",
        "new = len(group.courses.cohort)",
        "new = len(group.courses.all)",
        (f"{TYPES}test_only_earlier_patients_of_a_type",),
    ),
    Mutant(
        "types of visit: what infusions teach replaces the laws of other types",
        "calibration/calibrate.py",
        "            _keep_laws_of_others(group.protocols, base, findings)\n",
        "",
        (f"{TYPES}test_other_types_keep_their_laws",),
    ),
    Mutant(
        "types of visit: today's patients all get the protocol of infusions",
        "calibration/panel.py",
        "group = of[course.patient]",
        "group = groups[0]",
        (f"{TYPES}test_panel_by_type",),
    ),
    Mutant(
        "reading: tables of a file do not count together",
        "calibration/cells.py",
        "sum(held) for held in zip(*(each.held for each in beside), strict=True)",
        "0 for held in zip(*(each.held for each in beside), strict=True)",
        ("calibration/test_bombs.py::test_all_texts_of_a_file_count",),
    ),
    Mutant(
        "reading: characters are not counted",
        "calibration/cells.py",
        "        self.characters += len(text)\n",
        "",
        ("calibration/test_bombs.py::test_different_texts_are_counted",),
    ),
    Mutant(
        "reading: a merged cell is said in its first row alone",
        "calibration/workbook.py",
        "                row[begin] = text\n",
        "",
        ("calibration/test_bombs.py::test_merged_cells_are_said_in_each_row_and_hide_what_is_under_them",),
    ),
    Mutant(
        "track: a wait that began before the forecast counts",
        "calibration/what_came.py",
        "timed = inside & (asked >= begin)",
        "timed = inside & (asked >= begin - 700)",
        TRACK,
    ),
    Mutant(
        "track: the first referral counts, not the last before the series",
        "calibration/what_came.py",
        'return float(days[-1]) if days else float("nan")',
        'return float(days[0]) if days else float("nan")',
        TRACK,
    ),
    Mutant(
        "patients: a word without a meaning counts as completed",
        "calibration/look.py",
        "            None,\n            likely_meaning(",
        '            "completed",\n            likely_meaning(',
        (f"{PATIENTS}test_what_is_not_recognised_is_asked",),
    ),
    Mutant(
        "as-of day: an appointment at the weekend is passed over",
        "calibration/as_of_day.py",
        "        if not closed or (keep & (day == number)).any():",
        "        if not closed:",
        FIRST_OPEN_DAY,
    ),
    Mutant(
        "as-of day: a weekday that is worked is closed if the scenario says so",
        "calibration/as_of_day.py",
        "(share < REGULAR and situation.idle(date))",
        "situation.idle(date)",
        FIRST_OPEN_DAY,
    ),
    Mutant(
        "as-of day: a short export shows on which weekdays a clinic is closed",
        "calibration/as_of_day.py",
        "never = enough and share == 0.0",
        "never = share == 0.0",
        FIRST_OPEN_DAY,
    ),
    Mutant(
        "as-of day: a weekday with a visit now and then is closed",
        "calibration/as_of_day.py",
        "never = enough and share == 0.0",
        "never = enough and share < REGULAR",
        FIRST_OPEN_DAY,
    ),
    Mutant(
        "as-of day: weeks that are left out count as weeks without visits",
        "calibration/as_of_day.py",
        "    counted = ~left_out.hold(first + np.arange(as_of - first))",
        "    counted = np.ones(as_of - first, dtype=bool)",
        FIRST_OPEN_DAY,
    ),
    Mutant(
        "as-of day: a given day is moved",
        "calibration/interpretation.py",
        "if options.as_of is None and base is not None:",
        "if base is not None:",
        FIRST_OPEN_DAY,
    ),
    Mutant(
        "laws: a calibration keeps the laws of protocols",
        "calibration/calibrate.py",
        "if getattr(protocol, section) and section in learnt:",
        "if False:",
        ("studies/test_protocol_laws.py",),
    ),
    Mutant(
        "calibrate: a day without visits is said to be closed for sure",
        "calibration/observed_clinic.py",
        "if the clinic is closed then, the base scenario ",
        "the base scenario ",
        ("calibration/test_observed_clinic.py::test_days_without_visits_are_closed",),
    ),
    Mutant(
        "calibrate: days, hours and chairs are said to stay although they were learnt",
        "calibration/calibrate.py",
        "    if options.learn_clinic:\n        told = findings.cannot_tell\n",
        "    if False:\n        told = findings.cannot_tell\n",
        ("calibration/test_observed_clinic.py::test_days_without_visits_are_closed",),
    ),
)
