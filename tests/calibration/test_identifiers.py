"""Identifiers that spreadsheets and systems have changed: repaired if possible, else refused, and never shown."""

import datetime as dt

import pytest

from simclinic.calibration.interpretation import interpret
from simclinic.calibration.options import Options
from simclinic.calibration.text import ExportError

MONDAY = dt.date(2026, 1, 5)


def rows(names, *, visits=6):
    """Make visits of some patients, one after the other, each at weekly gaps."""
    return [
        (name, MONDAY + dt.timedelta(days=7 * visit + at % 5), f"{8 + at % 8:02d}:30")
        for at, name in enumerate(names)
        for visit in range(visits)
    ]


def written(tmp_path, lines, heading="MRN,Date,Status"):
    path = tmp_path / "visits.csv"
    path.write_text("\n".join([heading, *lines]) + "\n")
    return path


def interpretation(tmp_path, cells, **options):
    lines = [f"{name},{day} {time},completed" for name, day, time in cells]
    return interpret(written(tmp_path, lines), Options(**options))


def refusal(path, **options):
    with pytest.raises(ExportError) as error:
        interpret(path, Options(**options))
    return str(error.value)


def notes(interpreted):
    return {each.what: each.count for each in interpreted.quality.notes}


def test_digits_that_are_lost_are_refused_with_the_number_of_patients(tmp_path):
    cells = rows([f"1.00{at:03d}E+12" for at in range(12)])
    path = written(tmp_path, [f"{name},{day},completed" for name, day, _ in cells])
    message = refusal(path)
    assert (
        "visits.csv:2: 'MRN' is in scientific notation (as 1.23E+12) in 72 rows, 12 different ones" in message
    )
    assert "--column patient=HEADING" in message
    assert "1.00" not in message


@pytest.mark.parametrize("name", ["1,0048E+12", "1.0048e12", "2E+15"])
def test_scientific_notation_in_other_hands(tmp_path, name):
    cells = rows([name, *(f"10{at}" for at in range(12))])
    path = written(tmp_path, [f'"{name}",{day},completed' for name, day, _ in cells])
    assert "in scientific notation (as 1.23E+12) in 6 rows, 1 different ones" in refusal(path)


def test_scientific_notation_with_all_digits_is_the_number(tmp_path):
    half = rows([f"1.0048{at}E+05" for at in range(10)], visits=3)
    again = [
        (name, day + dt.timedelta(days=28), time)
        for name, day, time in rows([f"10048{at}" for at in range(10)])
    ]
    interpreted = interpretation(tmp_path, half + again)
    assert interpreted.patients == 10
    assert (
        notes(interpreted)["patients whose number is written in scientific notation, with all digits"] == 10
    )


def test_sixteen_digits_that_end_in_zeros_are_refused(tmp_path):
    path = written(
        tmp_path,
        [f"{name},{day},completed" for name, day, _ in rows([f"29872499824{at:04d}0" for at in range(12)])],
    )
    assert "numbers of more than 15 digits, all of which end in zeros, in 72 rows, 12 different" in refusal(
        path
    )
    whole = rows([f"29872499824{at:04d}{at % 10}" for at in range(12)])
    assert interpretation(tmp_path, whole).patients == 12


def test_decimals_and_leading_zeros_are_repaired_and_counted(tmp_path):
    names = [f"{at:05d}" for at in range(95, 107)]
    cells = rows(names)
    changed = [
        (name if at % 3 == 0 else str(int(name)) + (".0" if at % 3 == 1 else ""), day, time)
        for at, (name, day, time) in enumerate(cells)
    ]
    interpreted = interpretation(tmp_path, changed)
    assert interpreted.patients == 12
    assert notes(interpreted)["patients whose number is written with a decimal (as 123.0)"] == 12
    assert notes(interpreted)["patients whose number is written with and without leading zeros"] == 12


def test_zeros_of_several_lengths_are_refused(tmp_path):
    path = written(
        tmp_path,
        [
            f"{n},{day},completed"
            for n, day, _ in rows(["007", "07", "7", *(f"{at}" for at in range(20, 32))])
        ],
    )
    assert "the numbers of 1 patients differ from others by leading zeros only" in refusal(path)


def grouped(names, blank, *, order=1):
    lines = []
    for name in names:
        own = [cell for cell in rows(names) if cell[0] == name][::order]
        lines += [f"{name if at == 0 else blank},{day},completed" for at, (_, day, _) in enumerate(own)]
    return lines


@pytest.mark.parametrize("order", [1, -1])
def test_cells_below_a_merged_one_are_filled(tmp_path, order):
    names = [f"p{at}" for at in range(9)]
    interpreted = interpret(written(tmp_path, grouped(names, "", order=order)), Options())
    assert interpreted.patients == 9
    assert len(interpreted.visits.day) == 54
    assert (
        notes(interpreted)["rows without a patient below one that has one (merged cells), of 9 patients"]
        == 45
    )


def test_blanks_that_may_be_anybodys_are_refused_and_can_be_settled(tmp_path):
    names = [f"p{at}" for at in range(9)]
    lines = [*grouped(names, ""), f"p0,{MONDAY + dt.timedelta(days=70)},completed"]
    path = written(tmp_path, lines)
    message = refusal(path)
    assert "visits.csv:3: 'MRN' is empty in 45 of 55 rows" in message
    assert "--blank-patients above" in message
    assert len(interpret(path, Options(blank_patients="above")).visits.day) == 55
    assert len(interpret(path, Options(blank_patients="nobody")).visits.day) == 10


def test_a_block_in_the_book_is_no_patient_and_nobody_is_asked_about_it(tmp_path):
    lines = [f"{name},{day} {time},completed" for name, day, time in rows([f"p{at}" for at in range(9)])]
    blocks = [f"{who},2026-01-{day:02d} 12:00,{what}" for day in range(5, 9) for who, what in BLOCKS]
    interpreted = interpret(written(tmp_path, lines + blocks), Options())
    assert notes(interpreted)["rows without a patient"] == len(blocks)
    assert interpreted.patients == 9
    assert interpreted.rows == len(lines) + len(blocks)


BLOCKS = (("", "BLOCK - LUNCH"), ("BLOCKED", ""), ("Lunch", "hold"), ("N/A", "Meeting"), ("Admin Time", "x"))


SITES = "MRN,Date,Status,Site"


def at_sites(names, *, more=""):
    lines = []
    for site in ("North", "South"):
        for name, day, time in rows(names):
            birth = f",19{60 if site == 'North' else 70}-01-0{1 + int(name) % 9}" if more else ""
            lines.append(f"{name},{day} {time},completed,{site}{birth}")
    return lines


def test_one_number_at_two_sites_is_asked_about(tmp_path):
    path = written(tmp_path, at_sites([f"{at}" for at in range(12)]), SITES)
    message = refusal(path)
    assert "12 numbers in 'MRN' occur at more than one 'Site'" in message
    assert "--same-number" in message
    assert interpret(path, Options(same_number="by-site")).patients == 24
    assert interpret(path, Options(same_number="same-patient")).patients == 12


def test_birth_dates_tell_patients_of_one_number_apart(tmp_path):
    path = written(tmp_path, at_sites([f"{at}" for at in range(12)], more="birth"), f"{SITES},DOB")
    interpreted = interpret(path, Options())
    assert interpreted.patients == 24
    assert notes(interpreted)["patients whose number is another's at another 'Site'"] == 12


def test_a_few_who_change_their_site_are_told(tmp_path):
    lines = [
        f"{name},{day} {time},completed,{'North' if at % 2 == 0 or name == 'p1' else 'South'}"
        for at, (name, day, time) in enumerate(rows([f"p{at}" for at in range(40)], visits=2))
        if name in ("p1", "p2") or at % 2 == 0
    ]
    lines += [
        f"{name},{day + dt.timedelta(days=3)},completed,South" for name, day, _ in rows(["p2"], visits=2)
    ]
    interpreted = interpret(written(tmp_path, lines, SITES), Options())
    assert notes(interpreted)["patients whose number occurs at more than one 'Site'"] == 1
