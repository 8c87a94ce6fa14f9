"""Exports in the formats of other systems: the same appointments, written as each of them does.

    file = formatted(export, "epic")
    file.data, file.name, file.options

A format changes how an appointment is written and never what happened, so that a calibration gives the same as
for the clean export, or is refused with the reason that the format names.
"""

import csv
import datetime
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tests.exports.export import Export, Row

ZONE = ZoneInfo("America/New_York")
Cells = list[list[str]]


@dataclass(frozen=True)
class FormattedExport:
    """A file, and the options that reading it needs.

    Attributes
    ----------
    name, data
        Name and bytes of the file.
    options
        Options for reading it.
    refused
        A part of the error, if it cannot be read; else empty.
    """

    name: str
    data: bytes
    options: dict[str, object] = field(default_factory=dict)
    refused: str = ""


def american(when: datetime.datetime) -> str:
    return when.strftime("%m/%d/%Y %I:%M %p")


def delimited(rows: Cells, *, delimiter: str = ",", encoding: str = "utf-8", above: str = "") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return (above + text.getvalue()).encode(encoding)


def universal(when: datetime.datetime) -> datetime.datetime:
    return when.replace(tzinfo=ZONE).astimezone(datetime.UTC)


def plain(export: Export, date: Callable[[datetime.datetime], str] = american, **how) -> bytes:
    rows = [["MRN", "Appointment Date", "Status"]]
    rows += [[row.patient, date(row.date), row.status] for row in export.rows]
    return delimited(rows, **how)


def _serial(when: datetime.datetime) -> str:
    return f"{(when - datetime.datetime(1899, 12, 30)) / datetime.timedelta(days=1):.6f}"


def _made(row: Row) -> datetime.datetime:
    """Invent the time of booking: some days before, weekends included, at any minute."""
    number = int(row.patient)
    lead = datetime.timedelta(
        days=1 + (number * 7 + row.date.day * 5) % 17, minutes=(number * 13 + row.date.day) % 241
    )
    return row.date - lead


def _table(heading: list[str], line: Callable[[int, Row], list[str]], **how) -> Callable[[Export], bytes]:
    def made(export: Export) -> bytes:
        return delimited([heading, *(line(at, row) for at, row in enumerate(export.rows))], **how)

    return made


def _html(export: Export) -> bytes:
    lines = "".join(
        f"<tr><td>{row.patient}</td><td>{american(row.date)}</td><td>{row.status}&nbsp;</td></tr>\n"
        for row in export.rows
    )
    head = "<tr><th>MRN</th><th>Appointment&nbsp;Date</th><th>Status</th></tr>"
    return f"<html><body><p>Report</p><table border=1>{head}\n{lines}</table></body></html>".encode()


def _html_grouped(export: Export) -> bytes:
    """Write one cell over all rows of a patient."""
    lines = []
    for patient, rows in _by_patient(export):
        for at, row in enumerate(rows):
            first = f"<td rowspan={len(rows)}>{patient}</td>" if at == 0 else ""
            lines.append(f"<tr>{first}<td>{american(row.date)}</td><td>{row.status}</td></tr>")
    head = "<tr><th>MRN</th><th>Appointment Date</th><th>Status</th></tr>"
    return f"<table>{head}{''.join(lines)}</table>".encode()


def _by_patient(export: Export) -> list[tuple[str, list[Row]]]:
    result: dict[str, list[Row]] = {}
    for row in export.rows:
        result.setdefault(row.patient, []).append(row)
    return list(result.items())


def _merged(export: Export) -> bytes:
    rows = [["MRN", "Appointment Date", "Status"]]
    for patient, own in _by_patient(export):
        rows += [[patient if at == 0 else "", american(row.date), row.status] for at, row in enumerate(own)]
    return delimited(rows)


def _headed(export: Export) -> bytes:
    """Write each patient in a line above the appointments, and a subtotal below."""
    rows = [["MRN", "Appointment Date", "Status"]]
    for patient, own in _by_patient(export):
        rows.append([patient, "", ""])
        rows += [["", american(row.date), row.status] for row in own]
        rows.append(["Subtotal", "", str(len(own))])
    return delimited([*rows, ["Grand total", "", str(len(export.rows))]])


def _suppressed(export: Export) -> bytes:
    """Leave some patients blank in an export by date: ambiguous, since patients come again."""
    rows, last = [["MRN", "Appointment Date", "Status"]], ""
    for number, row in enumerate(export.rows):
        same = row.patient == last or number % 5 == 0
        rows.append(["" if same and number else row.patient, american(row.date), row.status])
        last = row.patient
    return delimited(rows)


def _report(export: Export) -> bytes:
    """Write a printed report: lines above, column names again on each page, page numbers, a total."""
    heading = ["MRN", "Appointment Date", "Status", "Provider"]
    rows = []
    for at, row in enumerate(export.rows):
        if at % 40 == 0:
            rows += [heading] if at == 0 else [[f"Page {at // 40}", "", "", ""], ["", "", "", ""], heading]
        rows.append([row.patient, american(row.date), row.status, "RN A"])
    rows += [
        ["", "", "", ""],
        ["Total appointments", "", "", str(len(export.rows))],
        ["Printed 01/05/2026 08:12 AM"],
    ]
    return delimited(rows, above='Appointment Report\n"Clinic: Main, Floor 2"\n\nFilter: all;;\n')


def _blocks(export: Export) -> bytes:
    rows = [["MRN", "Appointment Date", "Status", "Provider"]]
    for at, row in enumerate(export.rows):
        rows.append([row.patient, american(row.date), row.status, "RN A"])
        if at % 50 == 0:
            noon = row.date.replace(hour=12, minute=0)
            rows.append(["" if at % 100 else "BLOCK", american(noon), "LUNCH" if at % 100 else "", "RN A"])
    return delimited(rows)


def _workbook(export: Export, *, merged: bool = False, sheets: bool = False) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    page = book.active
    page.title = "Appointments"
    page.append(["Appointment report"])
    page.append([])
    page.append(["MRN", "Appointment Date", "Appt Time", "Status"])
    for patient, own in _by_patient(export) if merged else [(row.patient, [row]) for row in export.rows]:
        begin = page.max_row + 1
        for row in own:
            page.append([int(patient), row.date.date(), row.date.time(), row.status])
        if len(own) > 1:
            page.merge_cells(start_row=begin, end_row=page.max_row, start_column=1, end_column=1)
    if sheets:
        book.copy_worksheet(page).title = "Appointments 2"
    else:
        book.create_sheet("Legend").append(["Status", "means"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_FHIR = {"completed": "fulfilled", "no-show": "noshow", "cancelled": "cancelled", "booked": "booked"}


def _appointment(at: int, row: Row) -> dict[str, object]:
    return {
        "resourceType": "Appointment",
        "id": f"a{at}",
        "status": _FHIR[row.status],
        "start": universal(row.date).isoformat().replace("+00:00", "Z"),
        "created": "2020-01-01",
        "participant": [
            {"actor": {"reference": "Practitioner/7"}, "status": "accepted"},
            {"actor": {"reference": f"Patient/{row.patient}"}, "status": "accepted"},
        ],
    }


def _encounter(at: int, row: Row) -> dict[str, object]:
    came, left = row.checked_in, row.left
    period = {"start": came.replace(tzinfo=ZONE).isoformat()} if came else {}
    if left:
        period["end"] = left.replace(tzinfo=ZONE).isoformat()
    return {
        "resourceType": "Encounter",
        "id": f"e{at}",
        "status": "finished",
        "subject": {"reference": f"https://server.invalid/fhir/Patient/{row.patient}"},
        "appointment": [{"reference": f"Appointment/a{at}"}],
        "period": period,
    }


def _bundle(export: Export, *, more: bool = False) -> bytes:
    entries = [{"resource": _appointment(at, row)} for at, row in enumerate(export.rows)]
    entries += [{"resource": _encounter(at, row)} for at, row in enumerate(export.rows) if row.checked_in]
    bundle: dict[str, object] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    if more:
        bundle |= {
            "total": len(entries) + 50,
            "link": [{"relation": "next", "url": "https://server.invalid/2"}],
        }
    return json.dumps(bundle).encode()


def _lines(export: Export) -> bytes:
    return "\n".join(json.dumps(_appointment(at, row)) for at, row in enumerate(export.rows)).encode()


_UTC = {"timezone": "America/New_York"}


def _zoned(suffix: str) -> Callable[[datetime.datetime], str]:
    return lambda when: universal(when).strftime("%Y-%m-%dT%H:%M:%S") + suffix


_EPIC = {"completed": "Completed", "no-show": "No Show", "cancelled": "Canceled", "booked": "Scheduled"}

FORMATS: dict[str, Callable[[Export], FormattedExport]] = {
    # Columns by name and by what is in them
    "fhir-flat": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["id", "status", "start", "participant[0].actor.reference", "participant[1].actor.reference"],
            lambda at, row: [
                *(f"appt-{at}", _FHIR[row.status], row.date.replace(tzinfo=ZONE).isoformat()),
                *("Practitioner/7" if at % 3 else "Practitioner/8", f"Patient/{row.patient}"),
            ],
        )(e),
    ),
    "id-only": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["ID", "Who", "Date", "Status"], lambda at, r: [f"9{at}", r.patient, american(r.date), r.status]
        )(e),
        refused='--column "patient=Who"',
    ),
    "named-id": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["Visit", "Who", "Date", "Status"],
            lambda at, r: [f"9{at}", r.patient, american(r.date), r.status],
        )(e),
        {"columns": {"patient": "Visit"}},
        refused="never repeats on another day",
    ),
    "clinician-named-name": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["Name", "Chart No.", "Date", "Status"],
            lambda at, r: [f"RN {'ABC'[at % 3]}", r.patient, american(r.date), r.status],
        )(e),
    ),
    "first-and-last": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["First Name", "Last Name", "DOB", "Start Time", "Status"],
            lambda at, r: [
                f"F{r.patient[:2]}",
                f"L{r.patient[2:]}",
                "1980-02-03",
                american(r.date),
                r.status,
            ],
        )(e),
    ),
    "made-on": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Scheduled Date", "Appt DateTime", "Status"],
            lambda at, r: [r.patient, american(_made(r)), american(r.date), r.status],
        )(e),
    ),
    "made-on-date-ambiguous": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Date", "Service Date", "Status"],
            lambda at, r: [r.patient, american(_made(r)), american(r.date), r.status],
        )(e),
    ),
    "made-on-unknown-heading": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Date", "Slot used", "Status"],
            lambda at, r: [r.patient, american(_made(r)), american(r.date), r.status],
        )(e),
        refused='"date=Slot used"',
    ),
    "date-and-time": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appt Date", "Appt Time", "Status"],
            lambda at, r: [r.patient, r.date.strftime("%m/%d/%Y"), r.date.strftime("%I:%M %p"), r.status],
        )(e),
    ),
    "date-and-time-of-a-dummy-day": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appt Date", "Start Time", "Status"],
            lambda at, r: [
                r.patient,
                f"{r.date:%Y-%m-%d} 00:00:00",
                f"12/30/1899 {r.date:%H:%M:%S}",
                r.status,
            ],
        )(e),
    ),
    "date-and-military-time": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "DOS", "Time", "Status"],
            lambda at, r: [r.patient, f"{r.date:%Y%m%d}", f"{r.date:%H%M}".lstrip("0"), r.status],
        )(e),
    ),
    "epic": lambda e: FormattedExport(
        "v.csv",
        _table(
            [
                "PAT_ENC_CSN_ID",
                "PAT_MRN_ID",
                "CONTACT_DATE",
                "APPT_TIME",
                "APPT_MADE_DATE",
                "APPT_STATUS_C_NAME",
            ],
            lambda at, r: [
                *(
                    str(40_000 + at),
                    r.patient,
                    f"{r.date:%m/%d/%Y} 12:00:00 AM",
                    f"{r.date:%m/%d/%Y %I:%M:%S %p}",
                ),
                *(f"{_made(r):%m/%d/%Y} 12:00:00 AM", _EPIC[r.status]),
            ],
        )(e),
    ),
    "cerner": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["SCH_APPT_ID", "PERSON_ID", "BEG_DT_TM", "END_DT_TM", "SCH_STATE_MEANING"],
            lambda at, r: [
                *(f"{at}.00", f"{r.patient}.00", f"{r.date:%d-%b-%Y %H:%M:%S}"),
                *(f"{r.date + datetime.timedelta(minutes=90):%d-%b-%Y %H:%M:%S}", _EPIC[r.status]),
            ],
            delimiter="|",
        )(e),
    ),
    "athena": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["appointmentid", "patientid", "date", "starttime", "appointmentstatus", "departmentid"],
            lambda at, r: [str(at), r.patient, f"{r.date:%m/%d/%Y}", f"{r.date:%H:%M}", r.status, "1"],
        )(e),
    ),
    "openemr": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["pc_eid", "pc_pid", "pc_eventDate", "pc_startTime", "pc_endTime", "pc_apptstatus"],
            lambda at, r: [
                str(at),
                r.patient,
                f"{r.date:%Y-%m-%d}",
                f"{r.date:%H:%M:%S}",
                "10:00:00",
                r.status,
            ],
            delimiter="\t",
        )(e),
    ),
    "va-warehouse": lambda e: FormattedExport(
        "v.csv",
        _table(
            [
                "AppointmentSID",
                "PatientSID",
                "AppointmentDateTime",
                "AppointmentMadeDate",
                "AppointmentStatus",
            ],
            lambda at, r: [
                str(at),
                r.patient,
                f"{r.date:%Y-%m-%d %H:%M:%S}",
                f"{_made(r):%Y-%m-%d}",
                r.status,
            ],
        )(e),
    ),
    "vista": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["DFN", "APPOINTMENT DATE/TIME", "STATUS"],
            lambda at, r: [
                r.patient,
                f"{r.date.year - 1700}{r.date:%m%d}.{r.date:%H%M}".rstrip("0").rstrip("."),
                r.status,
            ],
            delimiter="^",
        )(e),
        refused="",
    ),
    "hl7-headings": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["SCH-1", "PID-3", "SCH-11.4", "SCH-25"],
            lambda at, r: [str(at), r.patient, f"{r.date:%Y%m%d%H%M%S}", r.status],
            delimiter="\t",
        )(e),
    ),
    "jane": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["Patient GUID", "Start At", "End At", "Treatment", "State", "Location"],
            lambda at, r: [
                *(f"guid-{r.patient}", f"{r.date:%Y-%m-%d %H:%M:%S} -0800"),
                *(f"{r.date + datetime.timedelta(minutes=90):%Y-%m-%d %H:%M:%S} -0800", "Ketamine IV 60"),
                *(r.status, "Main"),
            ],
        )(e),
    ),
    "simplepractice": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["Client", "Date of Service", "Start time", "Appointment Status", "Clinician"],
            lambda at, r: [f"P, {r.patient}", f"{r.date:%m/%d/%Y}", f"{r.date:%I:%M %p}", r.status, "RN A"],
        )(e),
    ),
    # Identifiers
    "scientific": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [f"{1_000_000_000_000 + int(r.patient):.5E}", american(r.date), r.status],
        )(e),
        refused="in scientific notation",
    ),
    "scientific-comma": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [
                f"{1_000_000_000_000 + int(r.patient):.4E}".replace(".", ","),
                american(r.date),
                r.status,
            ],
            delimiter=";",
        )(e),
        refused="in scientific notation",
    ),
    "fifteen-digits": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [f"29872499{int(r.patient) // 10:07d}00", american(r.date), r.status],
        )(e),
        refused="more than 15 digits",
    ),
    "floats": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [
                f"{int(r.patient)}.0" if at % 2 else str(int(r.patient)),
                american(r.date),
                r.status,
            ],
        )(e),
    ),
    "some-leading-zeros-lost": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [r.patient if at % 2 else str(int(r.patient)), american(r.date), r.status],
        )(e),
    ),
    "all-leading-zeros-lost": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [str(int(r.patient)), american(r.date), r.status],
        )(e),
    ),
    "wrapped-in-formulas": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "Appointment Date", "Status"],
            lambda at, r: [
                f'="{r.patient}"' if at % 2 else f"'{r.patient}\u00a0",
                american(r.date),
                r.status,
            ],
        )(e),
    ),
    "merged-cells": lambda e: FormattedExport("v.csv", _merged(e)),
    "patient-in-a-line-above": lambda e: FormattedExport("v.csv", _headed(e)),
    "same-as-above-left-blank": lambda e: FormattedExport(
        "v.csv", _suppressed(e), refused="--blank-patients"
    ),
    # Zones and dates
    "z": lambda e: FormattedExport("v.csv", plain(e, _zoned("Z")), _UTC),
    "z-without-zone": lambda e: FormattedExport("v.csv", plain(e, _zoned("Z")), refused="--timezone"),
    "plus-zero": lambda e: FormattedExport("v.csv", plain(e, _zoned("+00:00")), _UTC),
    "plus-zero-without-zone": lambda e: FormattedExport(
        "v.csv", plain(e, _zoned("+00:00")), refused="--timezone"
    ),
    "utc-heading": lambda e: FormattedExport(
        "v.csv",
        _table(
            ["MRN", "start_utc", "Status"],
            lambda at, r: [r.patient, f"{universal(r.date):%Y-%m-%d %H:%M}", r.status],
        )(e),
        _UTC,
    ),
    "epoch": lambda e: FormattedExport(
        "v.csv", plain(e, lambda w: f"{universal(w).timestamp() * 1000:.0f}"), _UTC
    ),
    "own-offsets": lambda e: FormattedExport("v.csv", plain(e, lambda w: w.replace(tzinfo=ZONE).isoformat())),
    "own-offsets-and-zone": lambda e: FormattedExport(
        "v.csv", plain(e, lambda w: w.replace(tzinfo=ZONE).isoformat()), _UTC
    ),
    "midnights": lambda e: FormattedExport("v.csv", plain(e, lambda w: f"{w:%Y-%m-%d}T00:00:00Z")),
    "midnights-in-universal-time": lambda e: FormattedExport(
        "v.csv",
        plain(e, lambda w: f"{universal(w.replace(hour=0, minute=0)):%Y-%m-%dT%H:%M:%S}.000Z"),
        _UTC,
    ),
    "serial": lambda e: FormattedExport("v.csv", plain(e, _serial)),
    "serial-comma": lambda e: FormattedExport(
        "v.csv", plain(e, lambda w: _serial(w).replace(".", ","), delimiter=";")
    ),
    "range": lambda e: FormattedExport(
        "v.csv", plain(e, lambda w: f"{american(w)} - {w + datetime.timedelta(minutes=90):%I:%M %p}")
    ),
    "range-tight": lambda e: FormattedExport(
        "v.csv", plain(e, lambda w: f"{w:%Y-%m-%d %H:%M}-{w + datetime.timedelta(minutes=90):%H:%M}")
    ),
    "twelve-hours": lambda e: FormattedExport(
        "v.csv", plain(e, lambda w: f"{w:%d %b %Y, %I.%M}{w:%p}".replace("AM", "a.m."))
    ),
    "named-days": lambda e: FormattedExport("v.csv", plain(e, lambda w: f"{w:%A, %B %d, %Y %I:%M %p}")),
    # Formats
    "report": lambda e: FormattedExport("v.csv", _report(e)),
    "blocks": lambda e: FormattedExport("v.csv", _blocks(e)),
    "utf-16-tab": lambda e: FormattedExport("v.csv", plain(e, delimiter="\t", encoding="utf-16")),
    "semicolons": lambda e: FormattedExport("v.csv", plain(e, delimiter=";", encoding="utf-8-sig")),
    "xlsx": lambda e: FormattedExport("v.xlsx", _workbook(e)),
    "xlsx-merged": lambda e: FormattedExport("v.xlsx", _workbook(e, merged=True)),
    "xlsx-two-sheets": lambda e: FormattedExport("v.xlsx", _workbook(e, sheets=True), refused="--sheet"),
    "html": lambda e: FormattedExport("v.xls", _html(e)),
    "html-merged": lambda e: FormattedExport("v.xls", _html_grouped(e)),
    "bundle": lambda e: FormattedExport("v.json", _bundle(e), _UTC),
    "bundle-first-page": lambda e: FormattedExport(
        "v.json", _bundle(e, more=True), refused="one page of a FHIR search"
    ),
    "ndjson": lambda e: FormattedExport("v.ndjson", _lines(e), _UTC),
}
"""All formats, by name."""


def formatted(export: Export, name: str) -> FormattedExport:
    """Write an export in a format."""
    return FORMATS[name](export)
