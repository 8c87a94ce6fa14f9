"""Formats: supported ones, and unsupported ones named with what to do."""

import io
import json
import sys
import zipfile

import pytest

from simclinic.calibration.interpretation import interpret
from simclinic.calibration.options import Options
from simclinic.calibration.text import ExportError
from tests.calibration.clinic import THREE


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


def read(tmp_path, content, name="visits.csv", **words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return interpret(path, Options(**words))


def refusal(tmp_path, content, name="visits.csv", **words):
    with pytest.raises(ExportError) as error:
        read(tmp_path, content, name, **words)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "Excel workbook of before 2007 (.xls)"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "with a password"),
        (b"\x1f\x8b\x08rest", "compressed with gzip: unpack it first"),
        (b"PAR1rest", "is a Parquet file"),
        (b"SQLite format 3\0", "is an SQLite database"),
        (b"{\\rtf1 text}", "is a text document (RTF)"),
        (archive(visits_dot_csv=THREE), "is a zip archive of one file (the first ends in .csv): unpack it"),
        (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument file (.ods)"),
        (archive(xl__workbook_dot_bin="x"), "binary Excel workbook (.xlsb)"),
        (archive(word__document_dot_xml="x"), "is a Word document"),
        (archive(xl__workbook_dot_xml="<broken"), "Excel workbook that cannot be read"),
        ("MSH|^~\\&|SIU^S12|\rSCH|1|", "holds HL7 v2 messages"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "is a calendar (iCalendar)"),
        ("MIME-Version: 1.0\nContent-Type: multipart/related\n", "is a web archive (MHTML)"),
        ('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>', "Excel 2003 XML spreadsheet"),
        ('<Bundle xmlns="http://hl7.org/fhir"></Bundle>', "is FHIR as XML: export it as JSON"),
        ("<ClinicalDocument></ClinicalDocument>", "a clinical document (C-CDA)"),
        ("<?xml version='1.0'?><a/>", "is XML"),
        (
            "<html><body><p>Sign in</p></body></html>",
            "a web page (HTML), whatever its name ends in, and holds no table",
        ),
        (
            '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}',
            "no Appointment",
        ),
        ("[1, 2]", "is JSON, but no list of appointments"),
        ('{"a": ', "begins like JSON but cannot be read"),
        ('{"a": 1}\n{"b": \n', "line 2 is no JSON object"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_what_is_not_read_is_named(tmp_path, content, words):
    message = refusal(tmp_path, content)
    assert words in message
    assert message.startswith("visits.csv: ")


def test_a_workbook_needs_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    message = refusal(tmp_path, archive(xl__workbook_dot_xml="x"), "visits.xlsx")
    assert "pip install 'simclinic[excel]'" in message


def workbook(*sheets):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


LINES = [line.split(",") for line in THREE.splitlines()]


def test_sheets_of_a_workbook_are_told_asked_about_and_put_together(tmp_path):
    result = read(tmp_path, workbook(("Visits", LINES), ("Notes", [["nothing", "here"]])), "visits.xlsx")
    assert result.rows == 10
    assert result.table.format == "Excel workbook"
    assert {each.what: each.done for each in result.quality.notes} == {
        "other sheets ('Notes')": "not read: 'Visits' is"
    }
    two = workbook(("2025", LINES[:7]), ("2026", [LINES[0], *LINES[7:]]))
    assert "('2025', '2026'): choose --sheet NAME or --sheet all" in refusal(tmp_path, two, "visits.xlsx")
    assert read(tmp_path, two, "visits.xlsx", sheet="2025").rows == 6
    assert read(tmp_path, two, "visits.xlsx", sheet="all").rows == 10
    message = refusal(tmp_path, two, "visits.xlsx", sheet="2027")
    assert "there is no such sheet; there are '2025', '2026'" in message


def test_a_workbooks_dates_are_dates(tmp_path):
    import datetime as dt

    rows = [
        [who, dt.datetime.fromisoformat(day) + dt.timedelta(hours=9.5), status]
        for who, day, status in LINES[1:]
    ]
    result = read(tmp_path, workbook(("Visits", [LINES[0], *rows])), "visits.xlsx")
    assert result.visits.due.tolist() == [570.0] * 10
    assert result.visits.day.min() == dt.date(2026, 1, 5).toordinal()


def test_encounters_alone(tmp_path):
    entries = [
        {
            "resourceType": "Encounter",
            "status": {"completed": "finished", "cancelled": "cancelled", "no-show": "noshow"}[status],
            "subject": {"reference": f"Patient/{who}"},
            "period": {"start": f"{day}T09:30:00-05:00", "end": f"{day}T11:10:00-05:00"},
        }
        for who, day, status in LINES[1:]
    ]
    result = read(tmp_path, "\n".join(map(json.dumps, entries)), "visits.ndjson")
    assert (result.rows, result.patients) == (10, 3)
    done = result.visits.minutes[result.visits.status == 0]
    assert done.tolist() == [100.0] * len(done)
    bundles = [{"resourceType": "Bundle", "entry": [{"resource": each}]} for each in entries]
    assert read(tmp_path, json.dumps(bundles), "visits.json").rows == 10


def test_json_of_another_kind_is_a_table_of_its_keys(tmp_path):
    rows = [{"patient": {"id": who}, "start": day, "status": status} for who, day, status in LINES[1:]]
    result = read(tmp_path, json.dumps({"data": rows, "page": 1}), "visits.json")
    assert result.table.headings == {"patient": "patient.id", "date": "start", "status": "status"}
    assert result.rows == 10


def test_what_stands_above_between_and_below_the_rows_is_set_aside(tmp_path):
    lines = THREE.splitlines()
    text = "\n".join(
        [
            *("Appointment report", '"from 01/01/2026, to 12/31/2026"', "", "-------,----,------"),
            *(
                *lines[:5],
                "",
                lines[0],
                *lines[5:],
                "Total,,10",
                "Printed 2026-03-01 by the front desk",
                "(10 rows)",
            ),
        ]
    )
    result = read(tmp_path, text)
    assert (result.rows, result.patients) == (10, 3)
    assert {each.what: (each.count, each.lines) for each in result.quality.notes} == {
        "lines above the column names": (2, (1, 2)),
        "empty lines": (1, (10,)),
        "lines that repeat the column names": (1, (11,)),
        "rows that are no appointments (totals, remarks, headings of groups)": (3, (18, 19, 20)),
    }


def test_dates_in_lines_of_their_own(tmp_path):
    text = "Time,Patient,Status\n"
    for day in ("2026-01-05", "2026-01-08", "2026-01-12"):
        text += f"{day},,\n09:30,ann,completed\n10:30,ben,completed\n"
    result = read(tmp_path, text)
    assert (result.rows, result.patients) == (6, 2)
    assert result.visits.due.tolist() == [570.0] * 3 + [630.0] * 3


def test_rows_may_end_before_the_last_columns(tmp_path):
    text = "patient,date,status,checked in,checked out\n" + THREE.partition("\n")[2].replace(
        "2026-01-05,completed", "2026-01-05,completed,09:00,10:30"
    )
    result = read(tmp_path, text)
    assert result.rows == 10
    assert result.visits.minutes[0] == 90


def test_a_web_page_may_break_off_in_a_row(tmp_path):
    rows = ["".join(f"<td>{cell}" for cell in row) for row in LINES]
    result = read(tmp_path, "<html><table><tr>" + "<tr>".join(rows), "visits.xls")
    assert result.rows == 10
