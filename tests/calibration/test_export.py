"""Files as clinics' systems write them, and files that cannot be read."""

import csv
import io

import pytest

from simclinic.calibration import ExportError, Options
from simclinic.calibration.codes import COMPLETED
from simclinic.calibration.interpretation import interpret
from tests.calibration.clinic import THREE


def file(tmp_path, content):
    path = tmp_path / "visits.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def interpretation(tmp_path, content, **options):
    return interpret(file(tmp_path, content), Options(**options))


def problems(tmp_path, content, **options):
    with pytest.raises(ExportError) as error:
        interpretation(tmp_path, content, **options)
    return str(error.value)


def oddities(interpreted):
    return {finding.what: (finding.count, finding.lines) for finding in interpreted.quality.notes}


@pytest.mark.parametrize(
    ("encoding", "message"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
def test_encodings(tmp_path, encoding, message):
    interpreted = interpretation(tmp_path, THREE.replace("cleo", "Zoë").encode(encoding))
    assert interpreted.table.encoding == message
    assert (interpreted.rows, interpreted.patients) == (10, 3)


def test_bytes_that_windows_does_not_know_are_latin(tmp_path):
    assert (
        interpretation(tmp_path, THREE.replace("cleo", "Zo\x81").encode("latin-1")).table.encoding
        == "Latin-1"
    )


@pytest.mark.parametrize(
    ("delimiter", "message"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(tmp_path, delimiter, message, end):
    interpreted = interpretation(tmp_path, THREE.replace(",", delimiter).replace("\n", end))
    assert interpreted.table.delimiter == message
    assert list(interpreted.table.line) == list(range(2, 12))


def test_what_a_spreadsheet_says_about_its_delimiter(tmp_path):
    interpreted = interpretation(tmp_path, "sep=;\n" + THREE.replace(",", ";"))
    assert interpreted.table.line[0] == 3


def test_cells_with_line_ends_keep_the_lines_right(tmp_path):
    text = THREE.replace("patient,", "patient,note,").replace("ann,", 'ann,"two\nlines",')
    text = text.replace("ben,", "ben,,").replace("cleo,", "cleo,,").replace("2026-01-07", "2026-02-30")
    assert oddities(interpretation(tmp_path, text)) == {
        "rows without a valid date": (1, (14,)),
    }


def test_columns_are_guessed_or_named(tmp_path):
    text = THREE.replace("patient,date,status", "Client ID,Appt Date,Appointment Status")
    assert interpretation(tmp_path, text).table.headings == {
        "patient": "Client ID",
        "date": "Appt Date",
        "status": "Appointment Status",
    }
    text = THREE.replace("patient,date,status", "Who,patient,Came")
    with pytest.raises(ExportError, match="no column for the date"):
        interpretation(tmp_path, text)
    named = {"patient": "who", "date": "PATIENT", "status": "Came"}
    assert interpretation(tmp_path, text, columns=named).rows == 10


def with_last(text, heading):
    """Add a column of an unknown word to an export."""
    first, *others = text.splitlines()
    return "\n".join([f"{first},{heading}", *(f"{line},yoga" for line in others)]) + "\n"


def test_a_column_can_be_said_not_to_be_there(tmp_path):
    text = with_last(THREE, "type")
    assert "--column kind= if the column is about something else" in problems(tmp_path, text)
    assert interpretation(tmp_path, text, columns={"kind": ""}).has_kind is False
    assert "--column date= names no column" in problems(tmp_path, text, columns={"kind": "", "date": ""})


def test_a_heading_that_is_there_twice_is_refused(tmp_path):
    messages = problems(tmp_path, with_last(THREE, "Status"))
    assert "visits.csv:1: the heading 'status' occurs 2 times" in messages


def test_missing_columns_are_told_all_at_once(tmp_path):
    messages = problems(tmp_path, THREE.replace("date,status", "begun,ended"))
    assert "visits.csv:1: no column for the date was found: name it with --column date=HEADING" in messages
    assert "no column for the status" in messages
    assert "'begun', 'ended'" in messages


def test_a_file_without_a_heading_is_not_repeated(tmp_path):
    messages = problems(tmp_path, THREE.partition("\n")[2])
    assert "does the file begin with a line of column names?" in messages
    assert "ann" not in messages


def test_columns_that_cannot_be(tmp_path):
    messages = problems(tmp_path, THREE, columns={"pateint": "patient"})
    assert "there is no such column of an export" in messages
    assert "Did you mean 'patient'?" in messages
    messages = problems(tmp_path, THREE, columns={"status": "statsu"})
    assert "--column status=statsu names no column. Did you mean 'status'?" in messages
    assert "cannot be both" in problems(tmp_path, THREE, columns={"status": "date", "date": "date"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("patient,date,status\n", "has column names but no rows"),
        ("patient,date,status\n\n,,\n", "has column names but no rows"),
        ("patient,date,status\nann;2026-01-05;completed\n", "more or fewer in 1 of 1 rows"),
        (b"PK\x03\x04rest", "is a damaged workbook or archive"),
        (b"a,b\0\0\0\x01\x02\xff\xfe\x00", "is no text file"),
        ("patient,date,status\nann,2026-01-05,no-show\n", "has no completed visit"),
        ("patient,date,status\nann,soon,completed\nben,later,completed\n", "holds no date of the calendar"),
    ],
)
def test_nothing_can_be_made_of_it(tmp_path, content, message):
    assert message in problems(tmp_path, content)


def test_there_is_no_such_file(tmp_path):
    with pytest.raises(ExportError, match="there is no such file"):
        interpret(tmp_path / "missing.csv", Options())
    with pytest.raises(ExportError, match="is a folder"):
        interpret(tmp_path, Options())


def test_unknown_words_are_told_all_at_once(tmp_path):
    text = THREE.replace("no-show", "Attnd?").replace("cancelled", "vanished")
    messages = problems(tmp_path, text, statuses={"attnd?": "complted"})
    assert (
        "must mean completed, no-show, cancelled, booked or ignore (is 'complted'). Did you mean 'completed'?"
        in messages
    )
    messages = problems(tmp_path, text)
    assert "visits.csv: 'status' says 'Attnd?' in line 7, which is not known" in messages
    assert "'vanished' in line 11" in messages
    assert '--status "vanished=completed"' in messages
    interpreted = interpretation(tmp_path, text, statuses={"ATTND?": "no-show", "vanished": "ignore"})
    assert oddities(interpreted)["appointments with a status to be ignored"] == (1, (11,))


def test_a_thousand_unknown_words_are_not_all_listed(tmp_path):
    lines = [f"p{number},2026-01-05,word{number}" for number in range(1000)]
    messages = problems(tmp_path, "patient,date,status\n" + "\n".join(lines))
    assert "960 more words are not known: is 'status' the right column?" in messages


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *(("Attended", 0), ("SEEN", 0), ("Checked-Out", 0)),
        *(("DNA", 1), ("Did Not Attend", 1), ("NoShow", 1), ("No-Show", 1)),
        *(("Late Cancel", 2), ("Canceled", 2), ("late_cancellation", 2)),
    ],
)
def test_usual_words_are_known(tmp_path, word, status):
    interpreted = interpretation(tmp_path, THREE.replace("cancelled", word))
    assert interpreted.visits.status[interpreted.visits.line == 11].tolist() == [status]


def test_kinds(tmp_path):
    text = THREE.replace("status", "status,Type").replace("completed", "completed,Ketamine infusion")
    text = text.replace("no-show", "no-show,Induction").replace("cancelled", "cancelled,Phone call")
    interpreted = interpretation(tmp_path, text)
    assert oddities(interpreted) == {
        "appointments of a kind that is neither an infusion nor a consult": (1, (11,))
    }
    assert "'Type' says 'yoga' in line 11" in problems(tmp_path, text.replace("Phone call", "yoga"))


def test_formulas_stay_text(tmp_path):
    """A cell that is a formula in a spreadsheet is a patient's identifier here."""
    text = (
        THREE.replace("ann", "=1+1").replace("ben", "+SUM(A1:A9)").replace("cleo", "\"@cmd|' /C calc'!A0\"")
    )
    interpreted = interpretation(tmp_path, text)
    assert interpreted.patients == 3


def test_what_is_odd_is_told_by_line_and_nothing_is_lost(tmp_path):
    text = THREE + (
        "ann,2026-01-05,completed\n"  # 12, duplicate
        "ben,2026-01-16,completed\n"  # 13, duplicate
        ",2026-01-20,completed\n"  # 14, no patient
        "dan,2026-02-30,completed\n"  # 15, no such day
        "dan,2026-01-20,scheduled\n"  # 16, past without an outcome
        "\n"  # 17
        "dan,2026-01-21,completed,x,y\n"  # 18, too long
        "ann,2026-03-30,booked\n"  # 19, future
        "ann,2026-03-31,cancelled\n"  # 20, future and cancelled
    )
    interpreted = interpretation(tmp_path, text)
    assert oddities(interpreted) == {
        "empty lines": (1, (17,)),
        "rows with more or fewer cells than the heading": (1, (18,)),
        "rows without a valid date": (1, (15,)),
        "rows without a patient": (1, (14,)),
        "future appointments that are already cancelled": (1, (20,)),
        "past appointments without an outcome (still booked)": (1, (16,)),
        "rows that occur twice": (2, (12, 13)),
    }
    left = len(interpreted.visits.day)
    assert left + 4 + 1 + 2 - 1 == interpreted.rows  # rows: those with as many cells as the heading
    assert (
        interpreted.visits.as_of == interpreted.visits.day[interpreted.visits.status == COMPLETED].max() + 1
    )


def test_missed_twice_on_a_day(tmp_path):
    """Times show whether two rows are one appointment; without them, doubled completed visits do."""
    again = THREE + "ben,2026-01-09,no-show\n"
    kept = interpretation(tmp_path, again)
    assert oddities(kept) == {"appointments missed twice on one day, without a time": (1, (12,))}
    assert (kept.visits.status == 1).sum() == 2
    doubled = interpretation(tmp_path, again + "ann,2026-01-05,completed\n")
    assert oddities(doubled) == {"rows that occur twice": (2, (12, 13))}
    timed = again.replace("2026-01-09", "2026-01-09 10:00").replace("date", "start")
    assert oddities(interpretation(tmp_path, timed)) == {"rows that occur twice": (1, (12,))}


def test_two_visits_on_a_day_are_one(tmp_path):
    interpreted = interpretation(
        tmp_path, THREE.replace("2026-01-08", "2026-01-05 15:00").replace("date", "start")
    )
    assert oddities(interpreted) == {"completed visits of a patient who had one on the same day": (1, (3,))}


def test_slips_of_a_century_are_left_out(tmp_path):
    body = THREE.partition("\n")[2]
    many = "".join(
        body.replace("ann", f"a{n}").replace("ben", f"b{n}").replace("cleo", f"c{n}") for n in range(20)
    )
    interpreted = interpretation(
        tmp_path, f"patient,date,status\n{many}eve,1926-01-05,completed\neve,2062-01-05,completed\n"
    )
    assert oddities(interpreted)["dates more than a year from all others"] == (2, (202, 203))
    assert interpreted.visits.last - interpreted.visits.first == 35


def test_what_lies_after_a_date_is_to_come(tmp_path):
    import datetime as dt

    interpreted = interpretation(tmp_path, THREE, as_of=dt.date(2026, 1, 13))
    assert oddities(interpreted) == {"future appointments with the status of a visit": (3, (5, 8, 9))}
    assert (interpreted.visits.day[interpreted.visits.status == 3] >= interpreted.visits.as_of).tolist() == [
        True
    ] * 3
    messages = problems(tmp_path, THREE, as_of=dt.date(2026, 1, 5))
    assert "has no completed visit before 2026-01-05" in messages


def test_check_in_and_check_out(tmp_path):
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["patient", "date", "status", "Check-In", "Check-Out"])
    times = [
        ("09:00", "10:50"),
        ("9:00 AM", "11:00 AM"),
        ("10:00", "09:00"),
        ("10:00", ""),
        ("", ""),
        ("8:00", "23:00"),
    ]
    for day, (came, left) in enumerate(times, 5):
        rows.writerow(["ann", f"2026-01-{day:02d}", "completed", came, left])
    interpreted = interpretation(tmp_path, out.getvalue())
    assert interpreted.visits.minutes[:2].tolist() == [110.0, 120.0]
    assert (interpreted.visits.minutes[2:] != interpreted.visits.minutes[2:]).all()
    assert oddities(interpreted) == {
        "check-out before check-in": (1, (4,)),
        "check-in or check-out missing or unreadable": (1, (5,)),
        "visits of no minutes, or of more than twelve hours": (1, (7,)),
    }
