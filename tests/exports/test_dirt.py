"""Every kind of defect is in the file as often as its count says, and no other."""

import csv
import datetime
import io
from collections import Counter

import pytest

from simclinic.model import simulate
from simclinic.sampling.draws import draw
from tests.exports.clinics import realistic
from tests.exports.dirt import DATES, FILTHY, FORMULAS, MILD, NAMES, SPELLINGS, Dirt, soil
from tests.exports.export import clean


@pytest.fixture(scope="module")
def export():
    scenario = realistic("run.weeks=30")
    return clean(simulate(scenario, draw(scenario, 2, 0)), scenario, seed=1, kind=True)


def lines(soiled, *, delimiter=",", encoding="utf-8"):
    """Read the rows of a file with the standard library, blank lines as empty lists."""
    return list(csv.reader(io.StringIO(soiled.data.decode(encoding), newline=""), delimiter=delimiter))


def column(soiled, name, **how):
    head, *rows = lines(soiled, **how)
    return [row[head.index(name)] for row in rows if row]


CLEAN = Dirt()


def test_no_dirt_is_the_clean_file(export):
    soiled = soil(export, 1, CLEAN)
    assert soiled.data.decode() == export.csv()
    assert soiled.counts == {}
    assert soiled.readable == export.rows


def test_duplicates_stand_there_twice(export):
    soiled = soil(export, 1, Dirt(duplicates=0.1))
    there = Counter(map(tuple, lines(soiled)[1:]))
    before = Counter(map(tuple, csv.reader(export.csv().splitlines()[1:])))
    extra = there - before
    assert extra.total() == soiled.counts["duplicated rows"] == round(0.1 * len(export.rows))
    assert not before - there
    assert len(soiled.readable) == len(export.rows)


def test_capitals_spaces_and_spellings_are_counted(export):
    words = [row.status for row in export.rows]
    missed = sum(word in SPELLINGS for word in words)

    soiled = soil(export, 1, Dirt(capitals=0.2))
    there = column(soiled, "status")
    assert [word.lower() for word in there] == words
    assert (
        sum(a != b for a, b in zip(there, words, strict=True))
        == soiled.counts["status words in odd capitals"]
    )
    assert soiled.counts["status words in odd capitals"] == round(0.2 * len(words))

    soiled = soil(export, 1, Dirt(spaces=0.2))
    there = column(soiled, "status")
    assert [word.strip() for word in there] == words
    assert sum(a != b for a, b in zip(there, words, strict=True)) == soiled.counts["status words with spaces"]

    soiled = soil(export, 1, Dirt(spellings=0.5))
    there = column(soiled, "status")
    other = [(a, b) for a, b in zip(there, words, strict=True) if a != b]
    assert all(a in SPELLINGS[b] for a, b in other)
    assert len(other) == soiled.counts["status words spelt otherwise"] == round(0.5 * missed)


def test_record_numbers_are_padded(export):
    soiled = soil(export, 1, Dirt(padded=0.2))
    there = column(soiled, "patient")
    assert [number.strip() for number in there] == [row.patient for row in export.rows]
    assert sum(number.endswith(" ") for number in there) == soiled.counts["record numbers with spaces"]


@pytest.mark.parametrize("names", [name for name in NAMES if name != "plain"])
def test_columns_have_other_names(export, names):
    soiled = soil(export, 1, Dirt(names=names))
    assert lines(soiled)[0] == [NAMES[names][name] for name in export.columns]
    assert soiled.counts["columns named otherwise"] == len(export.columns)


@pytest.mark.parametrize("dates", DATES)
def test_dates_are_written_otherwise(export, dates):
    soiled = soil(export, 1, Dirt(dates=dates))
    there = column(soiled, "date")
    assert [datetime.datetime.strptime(date, DATES[dates]) for date in there] == [
        row.date for row in export.rows
    ]
    assert len({len(date) for date in there}) == 1


def test_styles_of_dates_differ(export):
    assert len({soil(export, 1, Dirt(dates=dates)).data for dates in DATES}) == len(DATES)


def test_a_byte_order_mark_comes_first(export):
    soiled = soil(export, 1, Dirt(bom=True))
    assert soiled.data.startswith(b"\xef\xbb\xbfpatient,")
    assert soiled.counts == {"byte order marks": 1}
    with pytest.raises(ValueError, match="utf-8"):
        Dirt(bom=True, encoding="latin-1")


def test_latin_1_is_no_utf_8(export):
    soiled = soil(export, 1, Dirt(encoding="latin-1", provider=True))
    with pytest.raises(UnicodeDecodeError):
        soiled.data.decode("utf-8")
    there = column(soiled, "provider", encoding="latin-1")
    assert "Dr. Jörg Müller" in there
    assert all(set(name) & set("öüßÖñ") for name in there)
    assert soiled.counts["names with umlauts"] == len(there) == len(export.rows)


def test_semicolons_part_the_cells(export):
    soiled = soil(export, 1, Dirt(delimiter=";"))
    assert b"patient;date;" in soiled.data
    assert {len(row) for row in lines(soiled, delimiter=";")} == {len(export.columns)}


def test_formulas_stand_in_the_notes(export):
    soiled = soil(export, 1, Dirt(notes=True, formulas=7))
    there = column(soiled, "notes")
    assert sum(note[:1] in tuple("=+@-") and note != "" for note in there) == 7 == soiled.counts["formulas"]
    assert {note for note in there if note[:1] in tuple("=+@-") and note} <= set(FORMULAS)
    assert any("," in note for note in there)
    assert any('"' in note for note in there)
    assert any("\n" in note for note in there)
    with pytest.raises(ValueError, match="notes"):
        Dirt(formulas=1)


def test_check_outs_are_missing_or_come_before_check_in(export):
    came = sum(row.status == "completed" for row in export.rows)
    soiled = soil(export, 1, Dirt(missing_left=0.2, backwards=0.1))
    pairs = [
        (a, b)
        for status, a, b in zip(
            column(soiled, "status"), column(soiled, "checked_in"), column(soiled, "left"), strict=True
        )
        if status == "completed"
    ]
    assert sum(not b for _, b in pairs) == soiled.counts["missing check-outs"] == round(0.2 * came)
    backwards = sum(b < a for a, b in pairs if b)
    assert backwards == soiled.counts["check-outs before check-in"] == pytest.approx(0.1 * came, abs=1)
    assert all(a for a, _ in pairs)


@pytest.mark.parametrize("dates", DATES)
def test_impossible_dates_are_in_no_calendar(export, dates):
    soiled = soil(export, 1, Dirt(impossible=4, dates=dates))
    impossible = []
    for place, date in enumerate(column(soiled, "date")):
        try:
            datetime.datetime.strptime(date, DATES[dates])
        except ValueError:
            impossible.append(place)
    assert len(impossible) == 4 == soiled.counts["impossible dates"]
    kept = tuple(row for place, row in enumerate(export.rows) if place not in impossible)
    assert soiled.readable == kept


def test_blank_lines_hold_nothing(export):
    soiled = soil(export, 1, Dirt(blank_lines=9))
    there = lines(soiled)
    blank = [row for row in there if not any(row)]
    assert len(blank) == 9 == soiled.counts["blank lines"]
    assert {len(row) for row in blank} == {0, len(export.columns)}
    assert [row for row in there if any(row)] == list(csv.reader(export.csv().splitlines()))


def test_a_total_closes_the_file(export):
    soiled = soil(export, 1, Dirt(total=True))
    last = lines(soiled)[-1]
    assert last == ["Total", "", "", "", "", f"{len(export.rows)} appointments"]
    assert soiled.counts == {"total rows": 1}


def test_everything_at_once_leaves_every_appointment(export):
    """A reader who knows all defects recovers the readable rows."""
    soiled = soil(export, 1, FILTHY)
    assert set(soiled.counts) == {
        "missing check-outs",
        "check-outs before check-in",
        "impossible dates",
        "status words spelt otherwise",
        "status words in odd capitals",
        "status words with spaces",
        "record numbers with spaces",
        "names with umlauts",
        "formulas",
        "duplicated rows",
        "columns named otherwise",
        "blank lines",
        "total rows",
    }
    words = {other: word for word, others in SPELLINGS.items() for other in others}
    results = set()
    for row in lines(soiled, delimiter=";", encoding="latin-1")[1:]:
        if not any(row) or row[0] == "Total":
            continue
        try:
            date = datetime.datetime.strptime(row[1], DATES["american"])
        except ValueError:
            continue
        status = row[3].strip().lower()
        results.add((row[0].strip(), date, words.get(status, status)))
    assert results == {(row.patient, row.date, row.status) for row in soiled.readable}
    assert len(soiled.readable) == len(export.rows) - soiled.counts["impossible dates"]


@pytest.mark.parametrize("dirt", [MILD, FILTHY], ids=["mild", "filthy"])
def test_a_seed_decides_where_it_lies(export, dirt):
    assert soil(export, 1, dirt).data == soil(export, 1, dirt).data
    assert soil(export, 1, dirt).data != soil(export, 2, dirt).data
    assert soil(export, 1, dirt).counts == soil(export, 2, dirt).counts
