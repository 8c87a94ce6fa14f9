"""Each rule of the interface with a hand-made case: what breaks it, and what is just still allowed."""

import pytest

SHIFT = '[shifts.day]\ndays = ["mon"]\nhours = "08:00-16:00"\nnurses = 2\n'
STEP = "[visit.steps.a]\nminutes = 30\n"

BROKEN = [
    # the clinic and its hours
    ("[clinic]\nchairs = 0", "clinic.chairs: must be at least 1 (is 0)"),
    ("[clinic]\nchairs = 2.5", "clinic.chairs: must be a whole number (is 2.5)"),
    ("[clinic]\nchairs = 3.0", "clinic.chairs: must be a whole number (is 3.0)"),
    ("[clinic]\nchairs = true", "clinic.chairs: must be a whole number (is true)"),
    ('[clinic]\nchairs = "3"', 'clinic.chairs: must be a whole number, without quotes (is "3")'),
    ("[clinic]\nchairs = 1001", "clinic.chairs: must be at most 1000"),
    ('[clinic.hours]\nmon = "17:00-08:00"', "clinic.hours.mon: must end after it starts"),
    ('[clinic.hours]\nmon = "8-17"', 'clinic.hours.mon: must be hours such as "08:00-17:00"'),
    ('[clinic.hours]\nmonday = "08:00-17:00"', 'clinic.hours.monday: must be "mon", "tue"'),
    ("[clinic.hours]\nmon = 08:00:00", "clinic.hours.mon: must be hours such as"),
    ("[clinic.hours]", "clinic.hours: the clinic is never open"),
    ('[clinic]\nclosed_on = ["13-01"]', "clinic.closed_on[0]: must be a date such as 2026-07-03"),
    ('[clinic]\nclosed_on = ["02-30"]', "clinic.closed_on[0]: is not a day of the calendar"),
    ('[clinic]\nclosed_on = ["12-25", "12-25"]', "clinic.closed_on: must not contain an entry twice"),
    ('[clinic]\nclosed_on = ["2026-07-17/2026-07-06"]', "clinic.closed_on[0]: must end after it begins"),
    ('[clinic]\nclosed_on = ["12-24/12-24"]', "clinic.closed_on[0]: must end after it begins"),
    (
        '[clinic]\nclosed_on = ["2026-07-06/07-17"]',
        "clinic.closed_on[0]: must have a year at both ends or at none",
    ),
    (
        '[clinic]\nclosed_on = ["2026-07-06/2036-07-17"]',
        "clinic.closed_on[0]: must not be longer than ten years",
    ),
    ('[clinic]\nclosed_on = ["2026-07-06/2026-06-31"]', "clinic.closed_on[0]: is not a day of the calendar"),
    (
        '[clinic]\nclosed_on = ["2026-07-06 to 2026-07-17"]',
        "clinic.closed_on[0]: must be a date such as 2026-07-03",
    ),
    ("[clinic]\nclosed_on = [2026-01-01T10:00:00]", "clinic.closed_on[0]: must be a date"),
    # the roster
    (SHIFT + 'break = "07:00-07:30"', "shifts.day: the break 07:00-07:30 must lie within the shift's hours"),
    (SHIFT + 'break = "15:00-15:45"', "the second wave of the break 15:00-15:45 must end within"),
    (SHIFT + "absence = 1.5", "shifts.day.absence: must be at most 1"),
    (
        SHIFT + "absense = 0.1",
        "shifts.day.absense: is not a setting of this table (is 0.1). Did you mean 'absence'?",
    ),
    (SHIFT.replace('"mon"', '"mon", "mon"'), "shifts.day.days: must not contain an entry twice"),
    (SHIFT.replace('"mon"', '"Mon"'), "Did you mean 'mon'?"),
    (SHIFT.replace('"mon"', ""), "shifts.day.days: must have at least 1 entry"),
    (SHIFT.replace('"mon"', '"sun"'), "shifts.day: this shift never works while the clinic is open"),
    (
        SHIFT.replace("08:00-16:00", "17:00-23:00"),
        "shifts.day: this shift never works while the clinic is open",
    ),
    (SHIFT.replace("08:00-16:00", "22:00-06:00"), "shifts.day.hours: must end after it starts"),
    (SHIFT.replace("= 2", "= -1"), "shifts.day.nurses: must be at least 0"),
    (SHIFT.replace("= 2", "= 0"), "shifts: no shift has a nurse, but the step 'preparation' needs one"),
    ("[shifts]", "shifts: no shift has a nurse"),
    ('[shifts."day shift"]\ndays = ["mon"]\nhours = "24h"\nnurses = 1', "a name must consist of letters"),
    ("[shifts.day]\nnurses = 2", "shifts.day.days: is needed"),
    ("[shifts]\nday = 2", "shifts.day: must be a table (is 2)"),
    (
        '[[places]]\nname = "room"\nnumber = 2',
        "places: must be tables with names, not a list: write [places.NAME] above each",
    ),
    (
        "[visits.spray]\nsteps = [{ minutes = 3 }]",
        "visits.spray.steps: must be tables with names, not a list: write [visits.spray.steps.NAME] above each",
    ),
    (
        "[protocols.twice-weekly]\nshare = 0.4",
        "is not a setting of this table; perhaps meant: how many patients have each protocol: demand.protocol_mix",
    ),
    # demand
    ("[demand]\nreferrals_per_week = -1", "demand.referrals_per_week: must be at least 0"),
    ("[demand]\nreferrals_per_week = inf", "demand.referrals_per_week: must be a finite number"),
    ("[demand]\ngrowth_per_year = -1", "demand.growth_per_year: must be above -1"),
    ("[demand]\nhour_weights = [1, 2]", "demand.hour_weights: must have at least 24 entries"),
    ("[demand]\nmonth_factors = [0,0,0,0,0,0,0,0,0,0,0,0]", "must have at least one weight above 0"),
    ("[demand.weekday_weights]\nmon = 0", "demand.weekday_weights: must have at least one weight above 0"),
    ("[demand.weekday_weights]\nmon = -1", "demand.weekday_weights.mon: must be at least 0"),
    ("[demand.protocol_mix]\ntwice-weekly = 0.9", "demand.protocol_mix: shares must add up to 1, not 0.9"),
    ("[demand.protocol_mix]", "demand.protocol_mix: shares must add up to 1, not 0"),
    (
        "[demand.protocol_mix]\ntwice-wekly = 1",
        "demand.protocol_mix.twice-wekly: must name a protocol of this scenario. Did you mean 'twice-weekly'?",
    ),
    ("[demand]\nreferrals = [3]", "demand.referrals[0]: must be a date"),
    ("[demand]\nreferrals = [2026-01-01T10:00:00Z]", "demand.referrals[0]: must not have a time zone"),
    # intake and protocols
    ("[intake]\naccepts = 1.01", "intake.accepts: must be at most 1"),
    ("[protocols.a]\ninfusions = 0", "protocols.a.infusions: must be at least 1"),
    ("[protocols.a]\ninfusions = 2", "protocols.a: needs gap_days, because it has more than one infusion"),
    ("[protocols.a]\ninfusions = 2\ngap_days = [4, 3]", "gap_days: must be [fewest, most]"),
    ("[protocols.a]\ninfusions = 2\ngap_days = [0, 3]", "protocols.a.gap_days[0]: must be at least 1"),
    ("[protocols.a]\ninfusions = 2\ngap_days = [3]", "protocols.a.gap_days[1]: is needed"),
    ("[protocols.a]\ninfusions = 2\ngap_days = 3", "protocols.a.gap_days: must be a list in brackets (is 3)"),
    (
        "[protocols.a]\ninfusions = 2\ngap_days = [3, 4]\npermitted_gap_days = [4, 7]",
        "permitted_gap_days must contain gap_days",
    ),
    ("[protocols.a]\ninfusions = 1\npermitted_gap_days = [4, 7]", "permitted_gap_days needs gap_days"),
    ("[protocols]", "demand.protocol_mix.twice-weekly: must name a protocol of this scenario"),
    # the book
    (
        '[booking]\nmode = "walkin"',
        'booking.mode: must be "booked" or "walk-in" (is "walkin"). Did you mean \'walk-in\'?',
    ),
    ("[booking]\nwaiting_room = 3", 'waiting_room is for mode = "walk-in" only'),
    ("[booking]\npatience_minutes = 3", 'patience_minutes is for mode = "walk-in" only'),
    ('[booking.starts]\nmon = ["8:00"]', 'booking.starts.mon[0]: must be a time such as "09:30"'),
    ("[booking.starts]\nmon = [480]", 'booking.starts.mon[0]: must be a time such as "09:30"'),
    (
        '[booking.starts]\nmon = ["07:45"]',
        "booking.starts.mon: must lie within the opening hours 08:00-17:00",
    ),
    (
        '[booking.starts]\nmon = ["17:00"]',
        "booking.starts.mon: must lie within the opening hours 08:00-17:00",
    ),
    ('[booking.starts]\nsun = ["09:00"]', "booking.starts.sun: the clinic is closed on this weekday"),
    ("[booking]\nstart_every_minutes = 0", "booking.start_every_minutes: must be at least 1"),
    ("[booking]\nwindow_weeks = 0", "booking.window_weeks: must be at least 1"),
    ("[booking]\nbooster_reserve = -0.1", "booking.booster_reserve: must be at least 0"),
    # attendance
    ("[attendance]\nno_show = 0.6\nlate_cancel = 0.5", "no_show and late_cancel together must not exceed 1"),
    ("[attendance]\nno_show = nan", "attendance.no_show: must be a finite number"),
    # the visit
    ("[visit.steps]", "visit.steps: must have at least one step with the patient in a chair"),
    (STEP + "chair = false", "visit.steps: must have at least one step with the patient in a chair"),
    (STEP + "patient = false", "visit.steps: must have at least one step with the patient in a chair"),
    (
        STEP + "[visit.steps.b]\nminutes = 1\nchair = false\n[visit.steps.c]\nminutes = 1",
        "visit.steps.b.chair: a step without a chair must come before the first or after the last",
    ),
    (
        "[visit.steps.b]\nminutes = 1\npatient = false\n" + STEP,
        "visit.steps.b.patient: a step without the patient must come after the last step with the patient",
    ),
    (STEP + 'nurse = "watch"', 'visit.steps.a: nurse = "watch" needs patients_per_nurse'),
    (STEP + 'nurse = "hands-on"\npatients_per_nurse = 2', 'patients_per_nurse is for nurse = "watch" only'),
    (STEP + 'nurse = "watch"\npatients_per_nurse = 1.5', "patients_per_nurse: must be a whole number"),
    (STEP + 'nurse = "hands"', "Did you mean 'hands-on'?"),
    (
        STEP + '[visit.steps.b]\nminutes = 1\npatient = false\nnurse = "watch"\npatients_per_nurse = 2',
        'visit.steps.b: nurse = "watch" needs a step with the patient',
    ),
    (STEP + "first_visit_extra_minutes = -1", "first_visit_extra_minutes: must be at least 0"),
    (
        '[visit.complications.x]\nstep = "infuson"\nprobability = 0.1\nextra_minutes = 1',
        "visit.complications.x.step: must name a step of the visit (is \"infuson\"). Did you mean 'infusion'?",
    ),
    (
        '[visit.complications.x]\nstep = "turnover"\nprobability = 0.1\nextra_minutes = 1',
        "visit.complications.x.step: must name a step in which the patient is present",
    ),
    (
        (
            '[visit.complications.x]\nstep = "infusion"\nprobability = 0.1\nextra_minutes = 1\n'
            "from_infusion = 4\nto_infusion = 3"
        ),
        "to_infusion must not lie below from_infusion",
    ),
    # outcomes
    ("[response]\nfelt_by = [0, 0]", "response.felt_by: must have at least one share above 0"),
    (
        "[response]\nfelt_by = [0, 1]\n[protocols.a]\ninfusions = 1\n[demand.protocol_mix]\na = 1",
        "response.felt_by: must have a share above 0 within the 1 infusions of 'a'",
    ),
    ("[response]\ndrop_out = []", "response.drop_out: must have at least 1 entry"),
    (
        "[response.stop_rule]\nafter = 7\nsensitivity = 0.9\nspecificity = 0.7",
        "response.stop_rule.after: must be at most 6",
    ),
    ("[response.stop_rule]\nafter = 1\nsensitivity = 0.9", "response.stop_rule.specificity: is needed"),
    (
        "[protocols.twice-weekly]\ninfusions = 1\nresponse_ratio = 2",
        "protocols.twice-weekly.response_ratio: response.probability × response_ratio must be at most 1, not 1.1",
    ),
    ("[boosters]\nevery_weeks = []", "boosters.every_weeks: must have at least 1 entry"),
    ("[boosters]\nevery_weeks = [4, 0]", "boosters.every_weeks[1]: must be at least 1"),
    ('[boosters]\npolicy = "asneeded"', "Did you mean 'as-needed'?"),
    (
        "[boosters]\ninfusions = 2\n[protocols.a]\ninfusions = 1\n[demand.protocol_mix]\na = 1",
        "protocols.a: boosters of 2 infusions use the protocol's gap_days",
    ),
    ("[boosters]\nlengthening = 0", "boosters.lengthening: must be at least 0.5: it multiplies the days"),
    # dosing, money, the run
    ("[dosing]\nmg_per_kg = []", "dosing.mg_per_kg: must have at least 1 entry"),
    ("[dosing]\nmg_per_kg = 0.5", "dosing.mg_per_kg: must be a list in brackets"),
    ("[finance]\nnurse_hour = -1", "finance.nurse_hour: must be at least 0"),
    ('[finance]\ncurrency = ""', "finance.currency: must not be empty"),
    ("[run]\nreplications = 0", "run.replications: must be at least 1"),
    ("[run]\nseed = -1", "run.seed: must be at least 0"),
    ('[run]\nseed = "1"', "run.seed: must be a whole number"),
    ('[run]\nstart = "2026-01-05"', "run.start: must be a date such as 2026-01-05, without quotes"),
    ("[run]\nstart = 2026-01-05T00:00:00", "run.start: must be a date such as 2026-01-05"),
    ("[run]\nstart = 1026-01-05", "run.start: must be at least 1900-01-01"),
    ("[run]\nweeks = 5201", "run.weeks: must be at most 5200"),
    ("[rum]\nweeks = 3", "rum: is not a setting of this table. Did you mean 'run'?"),
    ("run = 3", "run: must be a table (is 3)"),
    # what would run without end
    (
        "[relapse]\ndays = 0",
        "relapse.days: must typically be at least 0.04 days (an hour) from an infusion to the next relapse",
    ),
    (
        '[boosters]\ndays = { dist = "exponential", mean = 1e-300 }',
        "must typically be at least 0.04 days (an hour)",
    ),
    (
        '[boosters]\ndays = { dist = "lognormal", mu = -30, sigma = 1 }',
        "follow one another at once (the typical value is 9.3",
    ),
    ('[boosters]\ndays = { dist = "weibull", shape = 0.05, scale = 9 }', "must typically be at least 0.04"),
    ("[boosters]\ndays = { dist = 'exponential', mean = 9, at_most = 0.01 }", "(the typical value is 0.01)"),
    ("[boosters]\nlengthening = 10.5", "boosters.lengthening: must be at most 10 (is 10.5)"),
    (STEP.replace("30", "0.9"), "visit.steps: must together take at least 1 minute"),
    (
        "[demand]\nreferrals_per_week = 1000\n[run]\nwarm_up_weeks = 208",
        "demand.referrals_per_week: gives 260,000 referrals in 260 simulated weeks; at most 250,000",
    ),
    (
        "[demand]\ngrowth_per_year = 100.0\n[run]\nweeks = 5200\nwarm_up_weeks = 208",
        "gives more than can be counted referrals in 5,408",
    ),
    (
        '[run]\nwarm_up_weeks = 208\n[changes."2026-06-01"]\n"demand.referrals_per_week" = 1000',
        "gives 260,000 referrals in 260 simulated weeks; at most 250,000",
    ),
    (
        SHIFT.replace("= 2", "= 1000") + "[run]\nweeks = 5200\nwarm_up_weeks = 5200",
        "shifts: nurses work 10,400,000 shifts in 10,400 simulated weeks; at most 10,000,000 can be simulated",
    ),
    (
        "".join(f"[visit.steps.s{number}]\nminutes = 1\n" for number in range(21)),
        "visit.steps: must have at most 20 entries",
    ),
    (
        "".join(f"[protocols.p{number}]\ninfusions = 1\n" for number in range(101)),
        "protocols: must have at most 100 entries",
    ),
    (
        "".join(f'[changes."{2026 + number}-01-01"]\n"clinic.chairs" = 2\n' for number in range(101)),
        "changes: must have at most 100 entries",
    ),
    (f"[booking.starts]\nmon = {['09:00'] * 5001}", "booking.starts.mon: must have at most 5000 entries"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[message[:60] for _, message in BROKEN])
def test_each_rule(problems, text, message):
    assert message in "\n".join(map(str, problems(text)))


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[message[:60] for _, message in BROKEN])
def test_messages_are_the_clinics_words(problems, text, message):
    for problem in problems(text):
        for word in (
            "Input should",
            "pydantic",
            "validation",
            "Value error",
            "None",
            "NoneType",
            "dict",
            "tuple",
        ):
            assert word not in str(problem)
        assert problem.file == "x.toml"
        # What is wrong may stand in no line: the default mix, once the protocols are emptied.
        assert problem.line is not None or problem.address.split(".")[0] not in text


FINE = [
    (
        "[demand]\nhour_weights = false\nmonth_factors = false\nweekday_weights = false\nreferrals = false\n"
        "referrals_file = false\n[booking]\nstarts = false\nwaiting_room = false\npatience_minutes = false\n"
        "max_series_starts_per_week = false\nmax_patients_in_series = false\n[response]\nstop_rule = false"
    ),
    "[demand]\nreferrals_per_week = 0",
    "[demand]\nreferrals = []",
    "[demand.weekday_weights]\nsun = 1",
    "[demand.protocol_mix]\ntwice-weekly = 0.3333333333\nthrice-weekly = 0.6666666667",
    "[attendance]\nno_show = 0.7\nlate_cancel = 0.3",
    "[protocols.twice-weekly]\ninfusions = 1",
    SHIFT + 'break = "15:00-15:30"',
    SHIFT + 'break = "15:00-16:00"\nbreak_together = true',
    SHIFT.replace("= 2", "= 1") + 'break = "15:00-16:00"',
    SHIFT.replace("08:00-16:00", "24h"),
    '[clinic]\nclosed_on = ["02-29", 2026-07-03, "2026-07-04"]',
    '[booking.starts]\nmon = ["08:00", "08:00", "16:59"]',
    '[booking]\nmode = "walk-in"\nwaiting_room = 0\npatience_minutes = 60',
    "[response.stop_rule]\nafter = 6\nsensitivity = 1\nspecificity = 0",
    "[response]\nprobability = 0\nfelt_by = [1]\ndrop_out = [0]",
    "[run]\nwarm_up_weeks = 0\nseed = 340282366920938463463374607431768211455",
    STEP
    + "[visit.steps.b]\nminutes = 1\nchair = false\n[visit.steps.c]\nminutes = 1\npatient = false\nchair = false",
    "[visit.steps.b]\nminutes = 0\nchair = false\n" + STEP,
    "[shifts]\n" + STEP,
    '[relapse]\ndays = { dist = "exponential", mean = 30, never = 1 }',
    "[relapse]\ndays = 0.04\n[boosters]\ndays = 0.04\nlengthening = 0.5",
    '[boosters]\ndays = { dist = "exponential", mean = 1e-9, at_least = 0.04 }',
    "[relapse]\ndays = { dist = 'constant', value = 0, never = 1 }",
    STEP.replace("30", "1"),
    "[demand]\nreferrals_per_week = 961",
    SHIFT.replace("= 2", "= 1000") + "[run]\nweeks = 5200\nwarm_up_weeks = 4800",
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_just_allowed(scenario, text):
    assert scenario(text).name == "x"


def test_all_problems_come_at_once_in_the_order_of_the_file(problems):
    results = problems(
        "[clinic]\nchairs = 0\n[shifts.day]\nnurses = -1\n[demand.protocol_mix]\ntwice-wekly = 1\n"
        "[visit.complications.x]\nstep = 'infuson'\nprobability = 2\n[response]\ndrop_out = []\n"
        "[booking.starts]\nsun = ['09:00']"
    )
    messages = [(problem.line, problem.address) for problem in results]
    assert messages == [
        (3, "clinic.chairs"),
        (4, "shifts.day.days"),
        (4, "shifts.day.hours"),
        (5, "shifts.day.nurses"),
        (7, "demand.protocol_mix.twice-wekly"),  # a rule between sections, though other sections are broken
        (8, "visit.complications.x.extra_minutes"),
        (10, "visit.complications.x.probability"),
        (12, "response.drop_out"),
        (14, "booking.starts.sun"),  # a rule on names, though the opening hours' own section is broken
    ]


def test_a_name_is_all_that_is_needed(scenario, problems):
    assert scenario().clinic.chairs == 3
    from simclinic.errors import ScenarioError
    from simclinic.scenario import from_toml

    with pytest.raises(ScenarioError, match="name: is needed"):
        from_toml("")
    for name in ("''", "' '", "'a\\u0007'", "3", "'''a\nb'''"):
        with pytest.raises(ScenarioError, match="name: "):
            from_toml(f"name = {name}".replace("'a\\", '"a\\').replace("7'", '7"'))
