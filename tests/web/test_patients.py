"""*My patients*: an export is dropped, confirmed and learnt from; what identifies patients is never written."""

import datetime as dt
import gc
import html
import io
import os
import re
import signal
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simclinic.calibration.held import HeldExport
from simclinic.calibration.look import Look, Word
from simclinic.errors import SimclinicError
from simclinic.scenario import load
from simclinic.scenario.panel import read_panel
from simclinic.studies.clinic_files import clinic_files
from simclinic.studies.learnt import learnt_of
from tests.calibration.test_types import WIDE
from tests.command_line import called

pytest.importorskip("fastapi", reason="the extra web is not installed")
from simclinic.web.app import application
from simclinic.web.exports import Exports
from simclinic.web.jobs import Jobs
from simclinic.web.screens import export
from tests.web.asking import OWN, Asking, without_process

CLINIC = 'name = "Ours"\n[clinic]\nchairs = 5\n'
HURT = '<img src=x onerror="window.hurt=1">'


def names():
    """Identifiers that no other text contains."""
    return [f"Zebulon Quax-{7919 * (each + 11)}" for each in range(60)]


def appointments(heads="Patient,Appointment Date,Status,Type", word="Completed"):
    """Two appointments a week of sixty patients over half a year, each with six infusions and some boosters."""
    rng = np.random.default_rng(5)
    monday, lines = dt.date(2025, 1, 6), [heads]
    for number, name in enumerate(names()):
        day = monday + dt.timedelta(weeks=number // 3, days=number % 3)
        for visit in range(6 + int(rng.integers(4))):
            kind = "Induction" if visit < 6 else "Booster"
            status = "No Show" if rng.random() < 0.1 else word
            lines.append(f"{name},{day:%m/%d/%Y} {9 + number % 3}:00,{status},{kind}")
            day += dt.timedelta(days=7 if visit < 5 else 7 * int(rng.integers(2, 6)))
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder of clinics, and its exports, which are read in one process; temporary files go beside it."""
    folder = tmp_path_factory.mktemp("clinics")
    temporary = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        with Exports(folder) as exports:
            yield folder, temporary, exports


@pytest.fixture
def page(place):
    place[2]._held.clear()
    return Asking(application(without_process(Jobs(place[0])), place[2])).open()


@pytest.fixture
def clinic(place, page):
    (place[0] / "ours.toml").write_text(CLINIC)
    [address] = re.findall(r'href="(/clinic/\w+)">Ours<', page.get("/").text)
    return address


def drop(page, address, content, name="visits.csv"):
    kind = [("origin", OWN), ("content-type", "application/octet-stream")]
    return page.ask("POST", f"{address}?name={name}", [content], kind)


def chosen(text):
    """The value of every field of a screen, as a browser would send it."""
    found = {}
    for field, inside in re.findall(r'<select id="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        first = re.search(r'<option value="([^"]*)"', inside)[1]
        picked = re.search(r'<option value="([^"]*)" selected', inside)
        found[field] = html.unescape(picked[1] if picked else first)
    return found


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def in_memory():
    gc.collect()
    return [each for each in gc.get_objects() if isinstance(each, HeldExport)]


def held(exports):
    return next(iter(exports._held.values()))


def test_from_an_export_to_todays_patients(place, page, clinic):
    folder, temporary, exports = place
    content = appointments()
    export = drop(page, f"{clinic}/patients", content).headers["location"]
    first = page.get(export)
    asked = chosen(first.text)
    assert [asked[f"column-{role}"] for role in ("patient", "date", "status", "kind")] == list("0123")
    sent = page.post(f"{export}/columns", asked)
    assert (sent.status, sent.headers["location"]) == (303, export)
    second = page.get(export)
    assert set(chosen(second.text).values()) == {"completed", "no-show", "induction", "booster"}
    assert page.post(f"{export}/words", chosen(second.text) | {"whole_history": "yes"}).status == 303
    third = html.unescape(page.get(export).text)
    command = ["calibrate", "visits.csv", "--scenario", "ours.toml", "--whole-history"]
    assert f"simclinic {' '.join(command)}" in third
    assert "New patients who begin a series each week" in third
    assert "Today's patients" in third
    assert in_memory()
    answer, results = held(exports).answer, folder / held(exports).folder

    assert page.post(f"{export}/keep", {"where": "here"}).headers["location"] == f"{clinic}/patients"
    assert page.get(export).status == 404
    [file] = [each for each in clinic_files(folder) if each.path.name == "ours.toml"]
    learnt = learnt_of(file, file.text())
    assert learnt.folder == results
    made = load(file.path)
    assert made.clinic.chairs == 5
    assert made.name == f"Ours, calibrated as of {made.calibrated.as_of}"
    assert len(read_panel(folder / learnt.panel, made).patients) == made.calibrated.patients > 0
    shown = page.get(f"{clinic}/patients").text
    assert "What was learnt from your appointments" in shown
    assert page.get(clinic).status == 200
    assert page.get(f"{clinic}/patients/report.html").status == 200

    # what identifies patients is in no file, and no more in memory
    for below in (folder, temporary):
        for path in below.rglob("*"):
            if path.is_file():
                assert b"zebulon" not in path.read_bytes().lower(), path
    assert files_in(temporary) == []
    assert not in_memory()

    # one step back, the clinic is as it was, and has no patients of its own
    assert page.post(f"{clinic}/undo").status == 303
    assert file.text() == CLINIC
    assert learnt_of(file, file.text()) is None
    assert "has no patients of its own" in page.get(f"{clinic}/patients").text

    # the command line says the same, and finds the same folder
    here = Path.cwd()
    (folder / "visits.csv").write_bytes(content)
    try:
        os.chdir(folder)
        said = called(*command, "--json")
    finally:
        os.chdir(here)
        (folder / "visits.csv").unlink()
    assert said.out == answer
    assert [each.name for each in (folder / "results").iterdir()] == [results.name]


def test_what_is_not_recognised_is_asked(place, page, clinic):
    content = appointments("Who,Appointment Date,Outcome,Type", "Zzz")
    export = drop(page, f"{clinic}/patients", content).headers["location"]
    first = page.get(export)
    asked = chosen(first.text)
    assert asked["column-patient"] == ""
    assert "No column for the patient was found: choose it in the list" in first.text
    assert "--column" not in html.unescape(first.text)
    refused = page.post(f"{export}/columns", asked)
    assert refused.status == 422
    assert page.post(f"{export}/columns", asked | {"column-patient": "0", "column-kind": ""}).status == 303
    second = page.get(export)
    words = chosen(second.text)
    assert words == {"status-0": "", "status-1": "no-show"}
    said = page.post(
        f"{export}/words", words | {"as_of": "soon", "infusions": "0", "leave_out": "x", "only": "y"}
    )
    assert said.status == 422
    for line in ("Say what “Zzz” means", "soon", "from 1 to 100", "Periods to leave out", "COLUMN=VALUE"):
        assert line in html.unescape(said.text)
    assert page.post(f"{export}/words", words | {"status-0": "completed"}).status == 303
    assert (
        "simclinic calibrate visits.csv --scenario ours.toml --column patient=Who --column kind= "
        "--status Zzz=completed"
    ) in html.unescape(page.get(export).text)
    (place[0] / "ours.toml").write_text(CLINIC.replace("5", "6"))
    assert page.post(f"{export}/keep", {"where": "here"}).status == 409
    assert load(place[0] / "ours.toml").clinic.chairs == 6
    # back at the words, what was said is still there
    assert chosen(page.get(export).text)["status-0"] == "completed"
    assert page.post(f"{export}/forget").headers["location"] == f"{clinic}/patients"
    assert page.get(export).status == 404


def test_the_names_of_files_and_columns_are_inert(page, clinic):
    content = appointments(f"Patient,Appointment Date,Status,Type{HURT.replace(',', '')}", HURT)
    sent = drop(page, f"{clinic}/patients", content, f"../../{HURT}.csv".replace(" ", "%20"))
    text = page.get(sent.headers["location"]).text
    page.post(f"{sent.headers['location']}/columns", chosen(text))
    text += page.get(sent.headers["location"]).text
    assert html.escape(HURT, quote=False).split(" ")[0] in text
    assert "<img" not in text
    assert "../" not in text


def bomb():
    """A workbook of some kilobytes whose sheet unpacks to hundreds of millions."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
        with file.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(600):
                part.write(b"<c/>" * 250_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.4", "is a PDF"),
        (b"PK\x03\x04 broken", "damaged workbook or archive"),
        (bytes(range(256)) * 40, "is no text file, or is damaged"),
        (b"one\ncell\n", "has one cell in a row"),
        (b'{"resourceType": "Bundle"' + b"[" * 9000, "JSON"),
        pytest.param(bomb, "unpacks to", id="bomb", marks=pytest.mark.long),
    ],
)
def test_what_is_no_export_is_refused_in_words(page, clinic, content, line):
    said = drop(page, f"{clinic}/patients", content() if callable(content) else content, "visits.xlsx")
    assert said.status == 422
    assert line in html.unescape(said.text)


def test_a_workbook_of_several_sheets_is_asked_about(place, page, clinic):
    openpyxl = pytest.importorskip("openpyxl")
    book, made = openpyxl.Workbook(), io.BytesIO()
    rows = [line.split(",") for line in appointments().decode().splitlines()]
    for sheet in (book.active, book.create_sheet("More")):
        for row in rows:
            sheet.append(row)
    book.save(made)
    export = drop(page, f"{clinic}/patients", made.getvalue(), "visits.xlsx").headers["location"]
    asked = chosen(page.get(export).text)
    assert asked == {"sheet": "", "dates": "", "blank_patients": "", "same_number": ""}
    assert page.post(f"{export}/columns", asked | {"sheet": "More"}).status == 303
    # its columns are to be confirmed before anything else
    text = page.get(export).text
    assert chosen(text)["column-patient"] == "0"
    assert page.post(f"{export}/columns", chosen(text)).status == 303
    assert files_in(place[1]) == []  # unpacked in memory


def test_few_wait_for_each_other(place, page):
    exports = place[2]
    with ThreadPoolExecutor(6) as threads, exports._reading:
        sent = [threads.submit(drop, page, "/drop", appointments()) for _ in range(6)]
        while sum(each.done() for each in sent) < 2:
            time.sleep(0.01)
        assert all("Other exports are being read" in each.result().text for each in sent if each.done())
    assert sorted(each.result().status for each in sent) == [303] * 4 + [422] * 2


def test_a_scenario_dropped_at_the_start_becomes_a_clinic(place, page, clinic):
    sent = drop(page, "/drop", b'name = "From elsewhere"\n[clinic]\nchairs = 7\n', "x/../elsewhere.toml")
    assert sent.status == 303
    assert load(place[0] / "from-elsewhere.toml").clinic.chairs == 7
    before = set(place[0].iterdir())
    for content, line in (
        (b'name = "A"\nextends = "/etc/passwd"\n', "extends"),
        (b'name = "A"\nextends = "ours.toml"\n', "extends"),
        (b'name = "A"\n[demand]\nreferrals_file = "../x.csv"\n', "referrals file"),
        (b'name = "A"\n[clinic]\nchairs = 0\n', "hairs: must be at least 1"),
        (b"name = ", "not valid TOML"),
        (b"\xff\xfe", "UTF"),
    ):
        said = drop(page, "/drop", content, "elsewhere.toml")
        assert said.status == 422
        assert line in html.unescape(said.text)
    assert set(place[0].iterdir()) == before


def test_an_export_dropped_at_the_start_becomes_a_new_clinic(place, page):
    export = drop(page, "/drop", appointments()).headers["location"]
    for end in ("columns", "words"):
        assert page.post(f"{export}/{end}", chosen(page.get(export).text)).status == 303
    assert "Put it into" not in page.get(export).text
    sent = page.post(f"{export}/keep", {"where": "here", "name": "North"})
    assert sent.headers["location"].endswith("/patients")
    made = load(place[0] / "north.toml")
    assert made.name == "North"
    assert made.calibrated.patients > 0


def test_few_exports_are_held_and_not_for_long(place, page):
    exports = place[2]
    addresses = [drop(page, "/drop", appointments()).headers["location"] for _ in range(3)]
    assert [page.get(each).status for each in addresses] == [404, 200, 200]
    for each in exports._held.values():
        each.used -= 3600
    assert [page.get(each).status for each in addresses[1:]] == [404, 404]
    assert exports._held == {}


@pytest.mark.long
def test_an_export_that_takes_too_long_or_ends_the_process_is_said(place, page):
    exports = place[2]
    drop(page, "/drop", appointments())
    exports._read_seconds, before = 0.0, exports._read_seconds
    try:
        assert "takes longer than" in drop(page, "/drop", appointments()).text
    finally:
        exports._read_seconds = before
    drop(page, "/drop", appointments())
    os.kill(exports._reader._process.pid, signal.SIGKILL)
    exports._reader._process.join()
    assert drop(page, "/drop", appointments()).status == 303


def test_an_export_that_is_read_does_not_hold_up_the_end(tmp_path):
    exports = Exports(tmp_path, read_seconds=15)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(exports.take, HeldExport("visits.csv", b"one"), None) for _ in range(2)]
        end = time.monotonic() + 60
        while exports._reader is None:
            assert time.monotonic() < end
        os.kill(exports._reader._process.pid, signal.SIGSTOP)
        begun = time.monotonic()
        exports.close()
        assert time.monotonic() - begun < 10
        for each in waiting:
            with pytest.raises(SimclinicError, match="ended"):
                each.result(10)


@pytest.mark.parametrize("path", ["../../etc/passwd", "..%2f..", "x", "%00"])
def test_an_unknown_export_is_not_found(page, path):
    assert page.get(f"/export/{path}").status == 404
    for end in ("columns", "words", "keep"):
        assert page.post(f"/export/{path}/{end}").status == 404
    assert page.post(f"/export/{path}/forget").headers.get("location", "/") == "/"


def test_the_types_of_visit_of_the_clinic_are_meanings_of_kinds(tmp_path):
    (tmp_path / "two.toml").write_text(WIDE)
    (tmp_path / "broken.toml").write_text("name = 3")
    types = {clinic.path.name: export._types(clinic) for clinic in clinic_files(tmp_path)}
    assert types == {"two.toml": ("infusion", "spray", "top-up"), "broken.toml": ()}
    assert export._types(None) == ()
    assert export._meant("spray") == "spray: series or booster, by the gaps"
    assert export._meant("spray booster") == "spray: booster"
    assert export._meant("ignore") == "leave these rows out"
    held = SimpleNamespace(
        look=Look(words={"kind": (Word("Spravato", 3, 1, None),)}, found={}),
        options=SimpleNamespace(statuses=None, kinds={"Spravato": "spray"}),
    )
    [(_, [asked])] = export._words_asked(held, types["two.toml"])
    assert asked.value == "spray"
    assert [choice.value for choice in asked.choices][-6:] == [
        *("spray", "spray induction", "spray booster", "top-up", "top-up induction", "top-up booster")
    ]
