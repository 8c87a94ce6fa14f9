"""Planted bugs of `calibration`, see :mod:`tests.mutation.mutants`."""

from tests.mutation.mutant import Mutant

PATIENTS = "web/test_patients.py::"
TRACK = ("studies/test_track.py",)
FIRST_OPEN_DAY = ("calibration/test_first_open_day.py",)

MUTANTS = (
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
)
