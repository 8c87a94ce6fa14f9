"""One small clinic, as different systems would export it: its days, patients and outcomes stay the same.

Twenty-four patients come on five days each, a week apart, from Monday, 2026-01-05. The last appointment of every
sixth patient is a no-show, and that of every eighth a cancellation on the same day.
"""

import datetime as dt
import zoneinfo

import pytest

from simclinic.calibration import ExportError, Options, day_counts
from simclinic.calibration.codes import CANCELLED, COMPLETED, NO_SHOW
from simclinic.calibration.interpretation import interpret

MONTHS = {
    "Dutch": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "jan fev mar abr mai jun jul ago set out nov dez",
}


def world(gap=7):
    """Make the appointments: patient, time, outcome."""
    return [
        (
            f"{1000 + at}",
            dt.datetime(2026, 1, 5, 8 + at % 9, 30 * (at % 2)) + dt.timedelta(days=gap * visit + at % 5),
            (NO_SHOW if at % 6 == 5 else CANCELLED if at % 8 == 7 else COMPLETED)
            if visit == 4
            else COMPLETED,
        )
        for at in range(24)
        for visit in range(5)
    ]


WORDS = {COMPLETED: "Completed", NO_SHOW: "No Show", CANCELLED: "Cancelled"}


def told(tmp_path, heading, cells, appointments=None, *, more=(), **options):
    """Interpret the world as an export, with the cells that a function makes of an appointment."""
    lines = [heading, *(";".join(cells(*each)) for each in appointments or world()), *more]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    return interpret(path, Options(**options))


def refusal(*arguments, **options):
    with pytest.raises(ExportError) as error:
        told(*arguments, **options)
    return str(error.value)


def seen(interpreted):
    """Patient, day, time and outcome of each appointment, in order."""
    visits = interpreted.visits
    return sorted(zip(visits.patient, visits.day, visits.due, visits.status, strict=True))


def right(appointments=None):
    rows = appointments or world()
    number = {name: at for at, name in enumerate(dict.fromkeys(name for name, _, _ in rows))}
    return sorted(
        (number[name], when.toordinal(), when.hour * 60.0 + when.minute, outcome)
        for name, when, outcome in rows
    )


def dated(form):
    return lambda name, when, outcome: (name, form(when), WORDS[outcome])


@pytest.mark.parametrize(
    "form",
    [
        lambda when: f"{when:%b %d, %Y@%H:%M}",
        lambda when: f"{when:%m/%d/%Y %H%M}",
        lambda when: f"{when:%Y%m%dT%H%M%S}",
        lambda when: f"{when:%d/%m/%Y à %Hh%M}",
        lambda when: f"{when:%d / %m / %Y %H:%M}",
        lambda when: f"{when:%Y年%m月%d日 %H時%M分}",
        lambda when: (
            f"{when:%m/%d/%Y} "
            + ("12:00 noon" if (when.hour, when.minute) == (12, 0) else f"{when:%I:%M %p}")
        ),
        lambda when: f"{when:%d/%m/%Y} de {when:%H:%M} a {when + dt.timedelta(minutes=90):%H:%M}",
        lambda when: f"{when:%Y-%m-%d %H:%M} → {when + dt.timedelta(minutes=90):%H:%M}",
        lambda when: f"{when:%m/%d/%Y %H%M}-{when + dt.timedelta(minutes=90):%H%M}",
        lambda when: f"{when:%m/%d/%Y %I:%M %p} (90 min)",
    ],
)
def test_times_in_other_hands(tmp_path, form):
    assert seen(told(tmp_path, "MRN;Date;Status", dated(form))) == right()


@pytest.mark.parametrize("language", MONTHS)
def test_months_in_other_languages(tmp_path, language):
    names = MONTHS[language].split()
    rows = world(gap=67)  # from January to October
    interpreted = told(
        tmp_path,
        "MRN;Date;Status",
        dated(lambda when: f"{when.day} {names[when.month - 1]} {when:%Y %H:%M}"),
        rows,
    )
    assert seen(interpreted) == right(rows)


def test_months_of_which_one_is_not_known_are_refused(tmp_path):
    def form(when):
        return f"{when.day} {'Foo' if when.month == 2 and when.day == 2 else f'{when:%b}'} {when:%Y %H:%M}"

    assert "in the form '9 AAA 9999 99:99'" in refusal(tmp_path, "MRN;Date;Status", dated(form))


def test_days_that_a_spreadsheet_exchanged_are_refused(tmp_path):
    def form(when):
        return f"{when:%Y-%d-%m %H:%M}" if when.day <= 12 else f"{when:%d/%m/%Y %H:%M}"

    assert "is half converted: 53 of 120 rows" in refusal(
        tmp_path, "MRN;Date;Status", dated(form), dates="dmy"
    )


def test_a_number_that_begins_anew_every_month_is_no_patients(tmp_path):
    start = dt.datetime(2026, 1, 5, 9)
    own = [
        (f"{1000 + at}", start + dt.timedelta(days=9 * visit + at % 5), COMPLETED)
        for at in range(40)
        for visit in range(10)
    ]
    cells = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    assert seen(told(tmp_path, "Account Number;Date;Status", cells, own)) == right(own)
    monthly = [(f"{name}{when:%m}", when, outcome) for name, when, outcome in own]
    message = refusal(tmp_path, "Account Number;Date;Status", cells, monthly)
    assert "'Account Number' never occurs in two calendar months" in message


def test_a_clinic_that_opened_before_the_new_year_has_patients(tmp_path):
    """One patient of December comes in January, too, and 41 begin in its first week: no numbering by years."""
    begins = [dt.datetime(2024, 12, 30, 9)] + [
        dt.datetime(2025, 1, 2, 9) + dt.timedelta(days=(0, 1, 4, 5)[at % 4], minutes=at) for at in range(41)
    ]
    own = [
        (f"{1000 + at}", begin + dt.timedelta(days=14 * visit), COMPLETED)
        for at, begin in enumerate(begins)
        for visit in range(12)
    ]
    cells = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    read = told(tmp_path, "Account Number;Date;Status", cells, own, as_of=dt.date(2025, 6, 14))
    assert seen(read) == right(own)


def test_a_number_of_each_treatment_is_asked_about_beside_a_name(tmp_path):
    rows = world() + [(name, when + dt.timedelta(days=200), outcome) for name, when, outcome in world()]

    def cells(name, when, outcome):
        return f"{name}{when.month > 5:d}", f"P{name}", f"{when:%Y-%m-%d %H:%M}", WORDS[outcome]

    heading = "Account Number;Patient Name;Date;Status"
    assert '--column "patient=Patient Name"' in refusal(tmp_path, heading, cells, rows)
    assert seen(told(tmp_path, heading, cells, rows, columns={"patient": "Patient Name"})) == right(rows)


def test_merged_statuses_are_filled(tmp_path):
    last = ""

    def cells(name, when, outcome):
        nonlocal last
        word, last = WORDS[outcome] if WORDS[outcome] != last else "", WORDS[outcome]
        return name, f"{when:%Y-%m-%d %H:%M}", word

    rows = [(f"{name}{gap}", when, outcome) for gap in range(7, 11) for name, when, outcome in world(gap)]
    assert seen(told(tmp_path, "MRN;Date;Status", cells, rows)) == seen(
        told(tmp_path, "MRN;Date;Status", dated(lambda when: f"{when:%Y-%m-%d %H:%M}"), rows)
    )


def test_statuses_that_are_empty_in_single_rows_are_asked_about(tmp_path):
    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome] if when.hour % 2 == 0 else ""

    assert "an empty cell" in refusal(tmp_path, "MRN;Date;Status", cells)


@pytest.mark.parametrize("late", ["Late Cancel", "Cancelled < 24h"])
def test_cancellations_beside_late_ones_are_asked_about(tmp_path, late):
    rows = [*world(), *((name, when + dt.timedelta(days=1), "early") for name, when, _ in world()[4::20])]
    words = {**WORDS, CANCELLED: late, "early": "Cancelled"}

    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", words[outcome]

    answer = {"Cancelled < 24h": "cancelled"}
    message = refusal(tmp_path, "MRN;Date;Status", cells, rows, statuses=answer)
    assert '--status "Cancelled=ignore"' in message
    assert "another word for late ones" in message
    interpreted = told(tmp_path, "MRN;Date;Status", cells, rows, statuses={**answer, "Cancelled": "ignore"})
    assert seen(interpreted) == right()


def test_a_column_that_marks_late_cancellations_tells_them_from_others(tmp_path):
    rows = [*world(), *((name, when + dt.timedelta(days=1), "early") for name, when, _ in world()[4::20])]

    def cells(name, when, outcome):
        mark = "Y" if outcome == CANCELLED else "N"
        return name, f"{when:%Y-%m-%d %H:%M}", WORDS.get(outcome, "Cancelled"), mark

    assert seen(told(tmp_path, "MRN;Date;Status;Late Cancel", cells, rows)) == right()


@pytest.mark.parametrize(("hour", "kept"), [("07:30", False), ("22:00", True)])
def test_days_and_times_of_cancellation_in_two_columns(tmp_path, hour, kept):
    """A cancellation at 7:30 of the day before an appointment at 9:00 is in time, and one at 22:00 is not."""

    def cells(name, when, outcome):
        before = f"{when - dt.timedelta(days=1):%Y-%m-%d}" if outcome == CANCELLED else ""
        return name, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome], before, hour if before else ""

    result = told(tmp_path, "MRN;Date;Status;Cancelled Date;Cancelled Time", cells)
    assert (seen(result) == right()) is kept
    assert (CANCELLED in result.visits.status) is kept


def test_the_day_of_cancellation_is_recognised_by_its_cells(tmp_path):
    rows = [(name, when, CANCELLED if when.hour < 12 else outcome) for name, when, outcome in world()]

    def cells(name, when, outcome):
        day = f"{when - dt.timedelta(days=3):%Y-%m-%d}" if outcome == CANCELLED else ""
        return name, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome], day

    interpreted = told(tmp_path, "MRN;Date;Status;Storno am", cells, rows)
    assert CANCELLED not in interpreted.visits.status
    assert interpreted.table.headings["cancelled_on"] == "Storno am"


@pytest.mark.parametrize("block", ["Mittagspause", "Huddle", "ZZTEST PATIENT", "Do Not Schedule", "000000"])
def test_blocks_and_placeholders_are_no_patients(tmp_path, block):
    blocks = [f"{block};2026-01-{day:02d} 12:00;Completed" for day in range(5, 25)]
    interpreted = told(tmp_path, "MRN;Date;Status", dated(lambda when: f"{when:%Y-%m-%d %H:%M}"), more=blocks)
    assert seen(interpreted) == right()
    assert not interpreted.quality.warnings


def test_words_among_numbers_are_told(tmp_path):
    blocks = [f"Xyz;2026-01-{day:02d} 12:00;Completed" for day in range(5, 25)]
    interpreted = told(tmp_path, "MRN;Date;Status", dated(lambda when: f"{when:%Y-%m-%d %H:%M}"), more=blocks)
    (warning,) = interpreted.quality.warnings
    assert "words in 20 rows (lines 122, 123, 124 and more)" in warning
    assert "Xyz" not in warning


def test_times_that_name_no_zone(tmp_path):
    """In Sydney a morning's appointment is on the evening before in universal time."""
    zone = zoneinfo.ZoneInfo("Australia/Sydney")
    cells = dated(lambda when: f"{when.replace(tzinfo=zone).astimezone(dt.UTC):%Y-%m-%d %H:%M}")
    local = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    (warning,) = told(tmp_path, "MRN;Date;Status", cells).quality.warnings
    assert "are at night" in warning
    assert seen(told(tmp_path, "MRN;Date;Status", cells, timezone="Australia/Sydney")) == right()
    assert seen(told(tmp_path, "MRN;Date;Status", local, timezone="Australia/Sydney")) == right()
    assert not told(tmp_path, "MRN;Date;Status", cells, timezone="as-written").quality.warnings


def test_files_joined_in_another_order_of_columns(tmp_path):
    """The second file has another order, one column less and one more; the third is as the first."""
    rows = world()
    third = len(rows) // 3
    write = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    cells = [(*write(*row), "here") for row in rows]
    lines = ["MRN;Date;Status;Room", *(";".join(each) for each in cells[:third]), "Status;Note;MRN;Date"]
    lines += [f"{status};x;{who};{when}" for who, when, status, _ in cells[third : 2 * third]]
    lines += ["mrn;date;status;room", *(";".join(each) for each in cells[2 * third :])]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join(lines) + "\n")
    result = interpret(path, Options())
    assert seen(result) == right()
    what = (
        "lines that repeat the column names in another order, without 'Room', with 'Note', which is not read"
    )
    assert [(each.count, each.lines) for each in result.quality.notes if each.what == what] == [
        (1, (third + 2,))
    ]


def test_rows_that_fit_the_second_file_alone_are_no_loss(tmp_path):
    """Rows of the second file may be wider than the first's; one that is wider than its own is left out."""
    rows = world()
    half = len(rows) // 2
    write = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    cells = [write(*row) for row in rows]
    lines = ["MRN;Date;Status", *(";".join(each) for each in cells[:half]), "Date;Note;Status;MRN"]
    lines += [f"{when};x;{status};{who}" for who, when, status in cells[half:]]
    path = tmp_path / "visits.csv"
    path.write_text("\n".join([*lines, lines[-1] + ";y"]) + "\n")
    result = interpret(path, Options())
    assert seen(result) == right()
    [ragged] = [each for each in result.quality.notes if each.what.startswith("rows with more or fewer")]
    assert ragged.lines == (len(lines) + 1,)


def test_numbers_with_separators_are_the_same_patients(tmp_path):
    """Half of the rows have 100-482 for 100482; 1-0048 and 10-048 are two patients, beside 10048 or not."""

    def write(name, when, outcome):
        number = f"{100_000 + 7 * int(name[1:])}"
        return (
            f"{number[:3]}-{number[3:]}" if when.day % 2 else number,
            f"{when:%Y-%m-%d %H:%M}",
            WORDS[outcome],
        )

    result = told(tmp_path, "MRN;Date;Status", write)
    assert seen(result) == right()
    assert any("with and without separators" in each.what for each in result.quality.notes)

    def several(name, when, outcome):
        number = f"{100_000 + 7 * int(name[1:])}"
        form = (number, f"{number[:3]}-{number[3:]}", f"{number[:2]}-{number[2:]}")[when.day % 3]
        return form, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome]

    result = told(tmp_path, "MRN;Date;Status", several)
    assert len(set(result.visits.patient)) == len({several(*row)[0] for row in world()})


def test_numbers_with_letters_before_them_are_told(tmp_path):
    def write(name, when, outcome):
        number = f"{100_000 + 7 * int(name[1:])}"
        return f"MRN{number}" if when.day % 2 else number, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome]

    result = told(tmp_path, "MRN;Date;Status", write)
    assert any("with letters before them" in each for each in result.quality.heading)


def counted(since):
    zero = dt.datetime(1904, 1, 1) if since == 1904 else dt.datetime(1899, 12, 30)
    return dated(lambda when: f"{(when - zero) / dt.timedelta(days=1):.6f}")


@pytest.fixture
def now(monkeypatch):
    """It is the Monday after the last visits."""
    last = max(when for _, when, _ in world())
    monkeypatch.setattr(day_counts, "_now", (last + dt.timedelta(days=3)).toordinal)


def test_days_that_are_counted_from_1904_are_asked_about(tmp_path, now):
    """From 1900 they are four years older, and Fridays are Saturdays."""
    message = refusal(tmp_path, "MRN;Date;Status", counted(1904))
    assert "from 1900 they are 2022-01-04 to 2022-02-05, 17 % on Saturdays and Sundays" in message
    assert "from 1904 they are 2026-01-05 to 2026-02-06, 0 % on Saturdays and Sundays" in message
    assert seen(told(tmp_path, "MRN;Date;Status", counted(1904), dates="1904")) == right()


def test_days_that_are_four_years_old_are_asked_about(tmp_path, now):
    """On Tuesdays and Wednesdays alone weekdays show nothing."""
    some = [row for row in world() if row[1].weekday() in (1, 2)]
    assert "--dates 1900 or --dates 1904" in refusal(tmp_path, "MRN;Date;Status", counted(1904), some)
    assert seen(told(tmp_path, "MRN;Date;Status", counted(1900), some)) == right(some)


def test_days_on_weekends_are_asked_about(tmp_path, monkeypatch):
    """An old export, of which the calendar shows nothing."""
    monkeypatch.setattr(day_counts, "_now", dt.date(2035, 1, 1).toordinal)
    assert "--dates 1900 or --dates 1904" in refusal(tmp_path, "MRN;Date;Status", counted(1904))


def test_days_that_are_counted_from_1900_need_no_answer(tmp_path, now):
    assert seen(told(tmp_path, "MRN;Date;Status", counted(1900))) == right()
    assert seen(told(tmp_path, "MRN;Date;Status", counted(1900), dates="1900")) == right()


def test_other_dates_are_read_whatever_days_are_counted_from(tmp_path, now):
    form = dated(lambda when: f"{when:%m/%d/%Y %H:%M}")
    assert seen(told(tmp_path, "MRN;Date;Status", form, dates="1904")) == right()


def test_filters_above_the_table_are_no_headings(tmp_path):
    heading = "Date;Patient;Status\n01/05/2026;All;All\n\nMRN;Appointment Date;Status;Nurse"
    cells = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    assert seen(told(tmp_path, heading, lambda *each: (*cells(*each), "A"))) == right()


def test_a_file_that_ends_within_a_row(tmp_path):
    cells = dated(lambda when: f"{when:%Y-%m-%d %H:%M}")
    assert seen(told(tmp_path, "MRN;Date;Status", cells, more=["1003;2026-0"])) == right()


@pytest.mark.parametrize(
    ("heading", "word", "meaning"),
    [
        ("No-show", "Yes", "no-show"),
        ("No-show", "No", "completed"),
        ("Attended", "N", "no-show"),
        ("Status", "Annulé", "cancelled"),
        ("Status", "nicht erschienen", "no-show"),
        ("Status", "Genomförd", "completed"),
        ("Status", "À venir", "booked"),
        ("Status", "Cancelled > 24h", "ignore"),
        ("Status", "Verschoben", "ignore"),
        ("Status", "?", "no-show"),
    ],
)
def test_the_likely_answer_is_offered_first(tmp_path, heading, word, meaning):
    message = refusal(tmp_path, f"MRN;Date;{heading}", lambda name, when, _: (name, f"{when:%Y-%m-%d}", word))
    assert f'--status "{word}={meaning}"' in message


def test_words_of_another_meaning_are_no_part_of_a_pattern(tmp_path):
    words = {COMPLETED: "Completed", NO_SHOW: "Cancelled - no show", CANCELLED: "Cancelled - {}"}

    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", words[outcome].format("ill" if when.hour < 12 else "car")

    rows = [(name, when, CANCELLED if when.hour in (9, 14) else outcome) for name, when, outcome in world()]
    message = refusal(tmp_path, "MRN;Date;Status", cells, rows)
    assert '--status "Cancelled*=cancelled"' in message
    assert '--status "Cancelled - no show=no-show"' in message
    answers = {"Cancelled*": "cancelled", "Cancelled - no show": "no-show"}
    assert seen(told(tmp_path, "MRN;Date;Status", cells, rows, statuses=answers)) == right(rows)


@pytest.mark.parametrize(
    ("heading", "yes", "no"),
    [("Absent", "Oui", "Non"), ("Kept", "N", "Y"), ("Attended", "Nein", "Ja"), ("Did not arrive", "Yes", "")],
)
def test_columns_that_mark_no_shows(tmp_path, heading, yes, no):
    words = {**WORDS, NO_SHOW: "Completed"}

    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", words[outcome], yes if outcome == NO_SHOW else no

    assert seen(told(tmp_path, f"MRN;Date;Status;{heading}", cells)) == right()


def test_a_mark_is_proposed_where_there_is_no_status(tmp_path):
    message = refusal(
        tmp_path, "MRN;Date;Did not arrive", lambda name, when, _: (name, f"{when:%Y-%m-%d}", "")
    )
    assert '(perhaps --column "status=Did not arrive")' in message


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("96365", "infusion"), ("G2083", "ignore"), ("New Consult", "consult"), ("Ket maint", "booster")],
)
def test_codes_of_visits_are_kinds_of_visits(tmp_path, word, meaning):
    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome], "Foo" if int(name) % 2 else word

    message = refusal(tmp_path, "MRN;Date;Status;CPT", cells)
    assert f'--kind "{word}={meaning}"' in message


def test_codes_of_parts_of_a_visit_are_no_kinds(tmp_path):
    rows = [each for each in world() for _ in range(2)]
    codes = iter(["96365", "J3490"] * len(world()))

    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", WORDS[outcome], next(codes)

    assert seen(told(tmp_path, "MRN;Date;Status;CPT", cells, rows)) == right()


def test_the_likeliest_date_of_unknown_headings_is_proposed(tmp_path):
    def cells(name, when, outcome):
        made = when - dt.timedelta(days=1 + int(name) * when.day % 19)
        return name, f"{made:%Y-%m-%d}", f"{when:%Y-%m-%d}", WORDS[outcome]

    assert '--column "date=Two"' in refusal(tmp_path, "MRN;One;Two;Status", cells)


@pytest.mark.parametrize("form", ["%H.%M Uhr", "%H.%M"])
def test_times_of_day_with_a_dot(tmp_path, form):
    def cells(name, when, outcome):
        return name, f"{when:%d.%m.%Y}", f"{when:{form}}", WORDS[outcome]

    assert seen(told(tmp_path, "Patient;Datum;Uhrzeit;Status", cells)) == right()


def test_cancellations_that_another_column_calls_no_shows_are_asked_about(tmp_path):
    rows = [(name, when, NO_SHOW if when.hour == 10 else outcome) for name, when, outcome in world()]
    words = {**WORDS, NO_SHOW: "Cancelled"}
    reasons = {COMPLETED: "", NO_SHOW: "No Show", CANCELLED: "ill"}

    def cells(name, when, outcome):
        return name, f"{when:%Y-%m-%d %H:%M}", words[outcome], reasons[outcome]

    message = refusal(tmp_path, "MRN;Date;Status;Reason", cells, rows)
    answer = "Cancelled[Reason=No Show]"
    assert f'--status "{answer}=no-show"' in message
    told_so = told(tmp_path, "MRN;Date;Status;Reason", cells, rows, statuses={answer: "no-show"})
    assert seen(told_so) == right(rows)
    kept = told(tmp_path, "MRN;Date;Status;Reason", cells, rows, statuses={answer: "cancelled"})
    assert NO_SHOW not in kept.visits.status
