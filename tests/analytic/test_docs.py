"""The table in the documentation is the table of these cases."""

from pathlib import Path

import pytest

from tests.analytic.__main__ import main
from tests.analytic.cases import CASES
from tests.analytic.estimates import HEADINGS, LIMIT

PAGE = Path(__file__).parents[2] / "docs" / "background" / "verification.md"


def rows_by_case() -> dict[str, list[list[str]]]:
    """Rows of the tables on the page, under the scenario that their heading names."""
    rows: dict[str, list[list[str]]] = {}
    for block in PAGE.read_text(encoding="utf-8").split("\n**")[1:]:
        heading, *lines = block.strip().splitlines()
        name = heading.split("scenarios/verification/")[1].split(".toml")[0]
        rows[name] = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]
    return rows


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_the_page_tells_the_exact_figures(case):
    heading, _, *rows = rows_by_case()[case.name]
    assert heading == list(HEADINGS)
    assert {row[0]: row[1] for row in rows} == {name: f"{exact:.5g}" for name, exact in case.exact.items()}
    assert all(abs(float(t)) < LIMIT for row in rows for t in (row[4], row[8]))


def test_the_page_tells_of_no_other_case():
    assert list(rows_by_case()) == [case.name for case in CASES]


def test_the_command_prints_such_a_table(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tests.analytic", "one-chair", "--share", "0.02"])
    main()
    printed = capsys.readouterr().out
    assert "**M/M/1**" in printed
    assert "| mean wait (min) | 70 |" in printed


def test_the_command_knows_its_cases(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["tests.analytic", "full-waitingroom"])
    with pytest.raises(SystemExit):
        main()
    assert "no such case: full-waitingroom" in capsys.readouterr().err
