"""Recognition of columns by their headings and their cells."""

import datetime as dt

import pytest

from simclinic.calibration.headings import roles
from simclinic.calibration.interpretation import interpret
from simclinic.calibration.options import Options
from simclinic.calibration.text import ExportError

MONDAY = dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    ("system", "headings"),
    [
        (
            "Epic",
            {
                "PAT_MRN_ID": "patient",
                "PAT_ID": "patient",
                "CONTACT_DATE": "date",
                "APPT_TIME": "time",
                "APPT_STATUS_C_NAME": "status",
                "PRC_NAME": "kind",
                "CHECKIN_DTTM": "checked_in",
                "CHECKOUT_DTTM": "left",
                "APPT_MADE_DATE": "booked_on",
                "APPT_CANC_DTTM": "cancelled_on",
                "BIRTH_DATE": "birth",
                "DEPARTMENT_NAME": "location",
                "APPT_DTTM": "date",
            },
        ),
        (
            "Cerner",
            {
                "PERSON_ID": "patient",
                "BEG_DT_TM": "date",
                "END_DT_TM": "end",
                "SCH_STATE_MEANING": "status",
                "CHECKIN_DT_TM": "checked_in",
                "DISCH_DT_TM": "left",
                "BIRTH_DT_TM": "birth",
            },
        ),
        ("athena", {"patientid": "patient", "starttime": "time", "appointmentstatus": "status"}),
        (
            "Jane",
            {
                "Patient GUID": "patient",
                "Start At": "date",
                "End At": "end",
                "State": "status",
                "Treatment": "kind",
            },
        ),
        ("SimplePractice", {"Client": "patient", "Date of Service": "date", "Appointment Status": "status"}),
        (
            "OpenEMR",
            {
                "pc_pid": "patient",
                "pc_eventDate": "date",
                "pc_startTime": "time",
                "pc_apptstatus": "status",
                "pc_facility": "location",
                "pc_title": "kind",
            },
        ),
        (
            "VistA",
            {
                "PatientICN": "patient",
                "AppointmentDateTime": "date",
                "CancelNoShowCode": "status",
                "APPOINTMENT DATE/TIME": "date",
                "DFN": "patient",
                "CheckOutDateTime": "left",
                "AppointmentMadeDate": "booked_on",
                "CheckInDateTime": "checked_in",
            },
        ),
        (
            "HL7",
            {
                "PID-3": "patient",
                "PID.3.1": "patient",
                "SCH-11.4": "date",
                "SCH-25": "status",
                "PID-7": "birth",
            },
        ),
        (
            "FHIR",
            {
                "participant[0].actor.reference": "patient",
                "subject.reference": "patient",
                "period.start": "date",
                "period.end": "end",
                "created": "booked_on",
                "birthDate": "birth",
            },
        ),
        (
            "any",
            {
                "Chart #": "patient",
                "Appt. Date": "date",
                "M.R.N.": "patient",
                "appt-date (local)": "date",
                "Appointments.PatientID": "patient",
                "Date/Time": "date",
                "Stat": "status",
            },
        ),
    ],
)
def test_headings_of_the_systems(system, headings):
    assert {heading: roles(heading)[:1] for heading in headings} == {
        heading: (role,) for heading, role in headings.items()
    }


def rows(patients=10, visits=6):
    """Make visits on weekdays at the half hour, booked on any day at any minute."""
    made = []
    for patient in range(patients):
        for visit in range(visits):
            day = MONDAY + dt.timedelta(days=7 * visit + patient % 5)
            when = dt.datetime.combine(day, dt.time(8 + patient % 8, 30))
            booked = when - dt.timedelta(
                days=3 + (5 * patient + 3 * visit) % 17, minutes=(7 * patient + visit) % 200
            )
            made.append((f"p{patient}", when, booked))
    return made


def table(tmp_path, heading, line, made=None):
    path = tmp_path / "visits.csv"
    lines = [",".join(map(str, line(at, *row))) for at, row in enumerate(made or rows())]
    path.write_text("\n".join([heading, *lines]) + "\n")
    return path


def refusal(path, **words):
    with pytest.raises(ExportError) as error:
        interpret(path, Options(**words))
    return str(error.value)


def notes(interpreted):
    return {each.what: each.done for each in interpreted.quality.notes}


def test_a_number_that_never_repeats_is_an_appointments(tmp_path):
    path = table(tmp_path, "id,subject,date,status", lambda at, who, when, _: (at, who, when, "completed"))
    result = interpret(path, Options())
    assert result.patients == 10
    assert result.table.headings["patient"] == "subject"
    path = table(tmp_path, "id,who came,date,status", lambda at, who, when, _: (at, who, when, "completed"))
    message = refusal(path)
    assert "visits.csv:1: 'id' never repeats on another day: it is an appointment's number" in message
    assert '--column "patient=who came"' in message
    assert interpret(path, Options(columns={"patient": "who came"})).patients == 10
    # The message is the same if the user names the column.
    assert "never repeats" in refusal(path, columns={"patient": "id"})


def test_a_number_that_repeats_within_a_visit_only_is_an_appointments(tmp_path):
    """With a row for each billing code the visit's number occurs twice, on one day."""
    twice = [row for row in rows() for _ in range(2)]
    path = table(
        tmp_path, "id,person,date,status", lambda at, who, when, _: (at // 2, who, when, "completed"), twice
    )
    assert interpret(path, Options()).table.headings["patient"] == "person"


def test_a_clinician_is_no_patient(tmp_path):
    path = table(
        tmp_path, "Name,Chart,Date,Status", lambda at, who, when, _: ("AB"[at % 2], who, when, "completed")
    )
    assert interpret(path, Options()).table.headings["patient"] == "Chart"


def test_a_payer_is_no_patient(tmp_path):
    path = table(
        tmp_path,
        "Client,Date,Status",
        lambda at, who, when, _: (f"Payer {at % 3}", when, "completed"),
        rows(40, 40),
    )
    assert "'Client' has more appointments than a patient can have" in refusal(path)


def test_with_few_rows_a_heading_is_believed(tmp_path):
    path = table(tmp_path, "id,date,status", lambda at, who, when, _: (who, when, "completed"), rows(15, 1))
    assert interpret(path, Options()).patients == 15


@pytest.mark.parametrize(
    "names", ["Scheduled Date,Appt DateTime", "Date,Start", "Created,Date", "Date,Visit Start"]
)
def test_the_day_of_booking_is_not_the_day_of_the_visit(tmp_path, names):
    path = table(tmp_path, f"MRN,{names},Status", lambda at, who, when, made: (who, made, when, "completed"))
    result = interpret(path, Options())
    assert result.table.headings["date"] == names.split(",")[1]
    assert result.visits.first == MONDAY.toordinal()
    # The order of the columns does not matter.
    path = table(
        tmp_path,
        f"MRN,{','.join(names.split(',')[::-1])},Status",
        lambda at, who, when, made: (who, when, made, "completed"),
    )
    assert interpret(path, Options()).table.headings["date"] == names.split(",")[1]


def test_two_columns_that_may_both_be_the_visits_are_asked_about(tmp_path):
    path = table(
        tmp_path,
        "MRN,Visit Date,Service Date,Status",
        lambda at, who, when, _: (who, when, when + dt.timedelta(days=7), "completed"),
    )
    message = refusal(path)
    assert '--column "date=Visit Date" or --column "date=Service Date"' in message
    assert interpret(path, Options(columns={"date": "Visit Date"})).visits.first == MONDAY.toordinal()


def test_a_date_of_an_unknown_heading_is_proposed(tmp_path):
    path = table(tmp_path, "MRN,Wann,Status", lambda at, who, when, _: (who, when, "completed"))
    message = refusal(path)
    assert "(perhaps --column \"date=Wann\"); there are 'MRN', 'Wann', 'Status'" in message


def test_date_and_time_in_two_columns_are_one(tmp_path):
    path = table(
        tmp_path,
        "MRN,Date,Time,Check In,Check Out,Status",
        lambda at, who, when, _: (
            who,
            when.date(),
            f"{when:%I:%M %p}",
            f"{when:%H}:10",
            f"{when.hour + 2}:00",
            "done",
        ),
    )
    result = interpret(path, Options())
    assert result.table.headings["date"] == "Date + Time"
    assert set(result.visits.due.tolist()) == {60.0 * hour + 30 for hour in range(8, 16)}
    # A patient who comes twenty minutes early waits: the visit begins at the appointment.
    assert set(result.visits.minutes.tolist()) == {90.0}


@pytest.mark.parametrize("form", ["1900-01-01T{:%H:%M:%S}", "1900-01-01 {:%H:%M}", "1/1/1900 {:%I:%M %p}"])
def test_times_with_a_placeholder_for_the_day_are_times(tmp_path, form):
    """Databases write a time without a day as one of the first day that they have."""

    def line(at, who, when, _):
        return who, f"{when:%Y-%m-%d}T00:00:00", form.format(when), "done"

    result = interpret(table(tmp_path, "MRN,Date,Appt Time,Status", line), Options())
    assert set(result.visits.due.tolist()) == {60.0 * hour + 30 for hour in range(8, 16)}


def test_a_column_of_times_without_times_is_told(tmp_path):
    def line(at, who, when, _):
        return who, f"{when:%Y-%m-%d}", f"slot {when.hour}", "done"

    result = interpret(table(tmp_path, "MRN,Date,Appt Time,Status", line), Options())
    assert notes(result)["'Appt Time' holds no times"] == "the dates have none"


def test_a_planned_end_is_no_departure_and_one_that_was_written_down_is(tmp_path):
    def line(at, who, when, _):
        return who, when, f"{when + dt.timedelta(minutes=90):%H:%M}", f"{when:%H:%M}", "done"

    result = interpret(table(tmp_path, "MRN,Date,End Time,Arrived,Status", line), Options())
    assert "left" not in result.table.columns

    def seen(at, who, when, _):
        return who, when, f"{when + dt.timedelta(minutes=83 + at % 13):%H:%M}", f"{when:%H:%M}", "done"

    result = interpret(table(tmp_path, "MRN,Date,End Time,Arrived,Status", seen), Options())
    assert result.table.headings["left"] == "End Time"
    assert notes(result)["'End Time' is on no grid"] == "read as the time of leaving"


def test_several_columns_can_be_named_as_one_and_a_column_by_its_number(tmp_path):
    def line(at, who, when, _):
        return "Doe", who, when.date(), f"{when:%H:%M}", "done"

    path = table(tmp_path, "Family,Given,Tag,Zeit,Status", line)
    named = {"patient": "Family+Given", "date": "#3", "time": "Zeit"}
    result = interpret(path, Options(columns=named))
    assert result.patients == 10
    assert set(result.visits.due.tolist()) == {60.0 * hour + 30 for hour in range(8, 16)}


def test_without_headings_columns_go_by_number(tmp_path):
    path = table(tmp_path, "p0,2026-01-04 09:00,completed", lambda at, who, when, _: (who, when, "completed"))
    assert "--column patient=#1 --column date=#2 --column status=#3" in refusal(path)
    result = interpret(path, Options(columns={"patient": "#1", "date": "#2", "status": "#3"}))
    assert (result.rows, result.patients) == (61, 10)


def test_a_kind_that_is_the_same_everywhere_tells_nothing_apart(tmp_path):
    path = table(
        tmp_path, "MRN,Date,Treatment,Status", lambda at, who, when, _: (who, when, "Ket 60", "completed")
    )
    result = interpret(path, Options())
    assert not result.has_kind
    assert notes(result)["'Treatment' has the same value in every row"] == "every visit read as an infusion"
    assert interpret(path, Options(kinds={"Ket 60": "booster"})).has_kind
    mixed = table(
        tmp_path,
        "MRN,Date,Treatment,Status",
        lambda at, who, when, _: (who, when, f"Ket {at % 2}", "completed"),
    )
    assert "'Treatment' says 'Ket 0'" in refusal(mixed)


def test_a_column_that_a_spreadsheet_converted_by_half_is_refused(tmp_path):
    def line(at, who, when, _):
        days = (when - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
        return who, f"{when:%m/%d/%Y}" if when.day > 12 else f"{days:.4f}", "completed"

    message = refusal(table(tmp_path, "MRN,Date,Status", line))
    assert "is half converted" in message
    assert "may have exchanged day and month" in message


@pytest.mark.parametrize(
    ("style", "shape"),
    [("%G-W%V-%u", "'9999-A99-9'"), ("%b %d", "'AAA 99' (9 for a digit, A for a letter) and have no")],
)
def test_dates_that_cannot_be_read_are_told_by_their_form(tmp_path, style, shape):
    path = table(
        tmp_path, "MRN,Date,Status", lambda at, who, when, _: (who, when.strftime(style), "completed")
    )
    message = refusal(path)
    assert "visits.csv:2: 'Date' holds no date of the calendar in 60 of 60 rows" in message
    assert shape in message


@pytest.mark.parametrize(
    "first", ["p0,2026-01-05 08:30,Arrived", "10482,45301.5,Scheduled", "Doe,09:30,Arrived"]
)
def test_a_line_that_is_a_patients_is_not_shown(tmp_path, first):
    path = table(tmp_path, first, lambda at, who, when, _: (who, f"{when:%H:%M}", "Arrived"))
    message = refusal(path)
    assert "does the file begin with a line of column names?" in message
    assert first.split(",")[0] not in message
