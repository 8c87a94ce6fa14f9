"""Small files that would unpack to gigabytes, or take hours to read, are refused at once."""

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.calibration.clinic import THREE
from tests.calibration.test_sheets import LINES, read, refusal, workbook

PEAK, SECONDS = 500, 15.0
"""Limits in megabytes, and in seconds of processor time on a busy machine."""
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def book(sheet=b"", strings="<si><t>x</t></si>", styles="", sheets=1):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        parts = "".join(
            f'<Override PartName="/xl/{name}.xml" ContentType="{KIND}.{kind}+xml"/>'
            for name, kind in (("workbook", "sheet.main"), ("sharedStrings", "sharedStrings"))
        )
        made.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types">{parts}</Types>')
        named = "".join(f'<sheet name="S{n}" sheetId="{n + 1}" r:id="r1"/>' for n in range(sheets))
        made.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{named}</sheets></workbook>'
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        made.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{strings}</sst>")
        if styles:
            made.writestr("xl/styles.xml", f"<styleSheet {MAIN}><cellXfs>{styles}</cellXfs></styleSheet>")
        made.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {MAIN}><sheetData>".encode() + sheet + b"</sheetData></worksheet>",
        )
    return out.getvalue()


def lying(raw):
    """Let the directory state that no part has more than 5,000 bytes."""
    raw, at = bytearray(raw), -1
    while (at := raw.find(b"PK\x01\x02", at + 1)) >= 0:
        result = int.from_bytes(raw[at + 24 : at + 28], "little")
        raw[at + 24 : at + 28] = min(result, 5_000).to_bytes(4, "little")
    return bytes(raw)


def many():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for number in range(20_000):
            made.writestr(f"xl/{number}", "")
    return out.getvalue()


def strangers():
    objects = ("{" + ",".join(f'"{n}_{m}":1' for m in range(100)) + "}" for n in range(600))
    return ("[" + ",".join(objects) + "]").encode()


LARGE = "has a part, a row or a cell that is too large"
BOMBS = {
    "more than it may unpack to": (
        lambda: book(b" " * 510_000_000),
        "unpacks to 510,001,",
    ),
    "a directory that lies": (
        lambda: lying(book(b"<row>" + b" " * 300_000_000, styles=" " * 100_000_000)),
        "cannot be read (BadZipFile)",
    ),
    "one row without end": (lambda: book(b"<row>" + b"<c/>" * 5_000_000 + b"</row>"), LARGE),
    "elements that are no cells": (lambda: book(b"<j/>" * 5_000_000), LARGE),
    "a text without end": (
        lambda: book(b'<row><c t="inlineStr"><is><t>' + b"a" * 100_000_000 + b"</t></is></c></row>"),
        LARGE,
    ),
    "cells in many rows": (
        lambda: book((b"<row>" + b"<c/>" * 16_000 + b"</row>") * 2_000),
        "has more than 30,000,000 cells",
    ),
    "texts by the million": (
        lambda: book(strings="<si><t>a</t></si>" * 6_000_000),
        "has more than 2,750,000 different cells",
    ),
    "one text without end": (lambda: book(strings=f"<si><t>{'a' * 50_000_000}</t></si>"), LARGE),
    "a style without end": (lambda: book(styles="<xf/>" * 1_900_000), LARGE),
    "styles that are too large": (
        lambda: book(styles=" " * 11_000_000),
        "has a part that unpacks to more than 10,000,000 bytes",
    ),
    "a column far away": (
        lambda: book(b'<row><c r="XFD1"><v>1</v></c></row>'),
        "has more than 4,000 columns",
    ),
    "a row far away": (
        lambda: book(b'<row r="999999999"><c><v>1</v></c></row>'),
        "cannot be read (ValueError)",
    ),
    "one sheet a thousand times": (
        lambda: book((b"<row>" + b"<c><v>1</v></c>" * 20 + b"</row>") * 1_000, sheets=1_000),
        "cannot be read (ValueError)",
    ),
    "a directory of thousands": (many, "is an archive of more than 5,000 files"),
    "cells over a thousand rows and columns": (
        lambda: b"<html><table>" + b"<tr><td rowspan=1000 colspan=1000>x" * 100,
        "of more than 4,000 columns",
    ),
    "cells over many rows": (
        lambda: b"<html><table>" + (b"<tr><td rowspan=1000 colspan=1000>x" + b"<tr>" * 999) * 11,
        "of more than 10,000,000 cells",
    ),
    "tables within tables": (
        lambda: b"<html>" + b"<table>" * 100_000,
        "of more than 100 tables within each other",
    ),
    "tables without end": (lambda: b"<html>" + b"<table></table>" * 20_000, "of more than 10,000 tables"),
    "tags that do not end": (lambda: b"<html><table>" + b"<a " * 300_000, "tags that do not end"),
    "comments that do not end": (lambda: b"<html><table>" + b"<!--" * 300_000, "tags that do not end"),
    "one tag without end": (
        lambda: b"<html><table><tr><td " + b'a="" ' * 300_000 + b">",
        "of more than 500,000 characters in a tag",
    ),
    "rows by the million": (lambda: b"a\n" * 5_100_000, "has more than 5,000,000 rows"),
    "a row of commas": (lambda: b"," * 10_000_000, "has rows that are too long"),
    "a row over many lines": (lambda: b"a,b,c\n" + b'"\n",' * 1_000_000, "has rows that are too long"),
    "a line without end": (lambda: b"a,b,c\n" + b"x" * 10_000_000, "has rows that are too long"),
    "cells by the million": (lambda: (b"," * 249 + b"\n") * 121_000, "has more than 30,000,000 cells"),
    "objects without a key in common": (
        strangers,
        "has more than 30,000,000 cells",
    ),
}


PROGRAM = """
import os, signal, sys, time
import openpyxl
from simclinic.cli import main
import simclinic.studies.calibrate

for place in sys.stdin:
    child = os.fork()
    if not child:
        signal.alarm(120)
        os.chdir(place.strip())
        for number, name in ((1, "out.txt"), (2, "err.txt")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)
        begun = time.process_time()
        try:
            main(["calibrate", "visits", "--out", "out"])
        finally:
            peak = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024
            open("used.txt", "w").write(f"{peak} {time.process_time() - begun}")
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def calibrating():
    """Calibrate in a process of its own, for each export: it is forked from one that has loaded the program."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "1000"},
    )
    assert parent.stdin is not None
    assert parent.stdout is not None

    def status(place: Path) -> int:
        parent.stdin.write(f"{place}\n")
        parent.stdin.flush()
        return int(parent.stdout.readline())

    yield status
    parent.communicate()


@pytest.mark.parametrize("name", BOMBS)
def test_a_small_file_does_not_cost_gigabytes(name, tmp_path, calibrating):
    pytest.importorskip("openpyxl")
    made, message = BOMBS[name]
    (tmp_path / "visits").write_bytes(made())
    status = calibrating(tmp_path)
    text = (tmp_path / "err.txt").read_text()
    assert status == 2, text
    peak, seconds = map(float, (tmp_path / "used.txt").read_text().split())
    assert message in text
    assert re.search(r"export (fewer|the app)|save (it|its table) (again|as CSV)|unpack it", text), text
    assert "Traceback" not in text
    assert peak < PEAK
    assert seconds < SECONDS


def test_all_texts_of_a_file_count(tmp_path, monkeypatch):
    from simclinic.calibration import cells

    pytest.importorskip("openpyxl")
    two = workbook(("2025", LINES[:7]), ("2026", [LINES[0], *LINES[7:]]))
    assert read(tmp_path, two, "visits.xlsx", sheet="all").rows == 10
    monkeypatch.setattr(cells, "MOST_CELLS", 3 * len(LINES) + 2)
    assert "has more than 35 cells" in refusal(tmp_path, two, "visits.xlsx", sheet="all")


def test_different_texts_are_counted(tmp_path, monkeypatch):
    from simclinic.calibration import cells

    monkeypatch.setattr(cells, "MOST_TEXTS", 12)
    assert "has more than 12 different cells" in refusal(tmp_path, THREE)
    monkeypatch.setattr(cells, "MOST_TEXTS", 100)
    monkeypatch.setattr(cells, "MOST_CHARACTERS", 30)
    assert "has more than 30 characters in different cells" in refusal(tmp_path, THREE)


def test_merged_cells_are_said_in_each_row_and_hide_what_is_under_them(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    made = openpyxl.Workbook()
    page = made.active
    for row in [LINES[0], *LINES[1:4]]:
        page.append(row)
    for number in range(2, 5):
        page.cell(number, 1).value = "ann" if number == 2 else None
    page.merge_cells("A2:A4")
    out = io.BytesIO()
    made.save(out)
    result = read(tmp_path, out.getvalue(), "visits.xlsx")
    assert (result.rows, result.patients) == (3, 1)
    assert "cells merged over several rows" in {each.what for each in result.quality.notes}
